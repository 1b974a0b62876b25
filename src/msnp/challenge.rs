//! The challenge: `CHL 0 digits` from the service, answered by `QRY` with 32 hexadecimal digits made of
//! the challenge and a product key that both sides know. Source: the NINA wiki, and the published vector.

use super::Dialect;
use super::dialect::Proof;
use md5::{Digest, Md5};
use std::fmt::Write as _;

/// A product that Microsoft shipped: its id in `QRY`, its key, and the dialects it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// The id, as `QRY` gives it.
    pub id: &'static str,
    /// The key, which is never sent.
    pub key: &'static str,
    /// Which clients have it, in words.
    pub clients: &'static str,
}

const fn product(id: &'static str, key: &'static str, clients: &'static str) -> Product {
    Product { id, key, clients }
}

/// The products whose key is known.
pub const PRODUCTS: &[Product] = &[
    product("msmsgs@msnmsgr.com", "Q1P7W2E4J9R8U3S5", "MSNP6 to 9"),
    product("PROD0101{0RM?UBW", "CFHUR$52U_{VIX5T", "MSNP11 and 12"),
    product("PROD01065C%ZFN6F", "O4BG@C7BWLYQX?5G", "MSNP13 and 14"),
    product("PROD0090YUAUV{2B", "YMM8C_H7KCQ2S_KL", "MSNP13 to 15"),
    product("PROD0114ES4Z%Q5W", "PK}_A_0N_K%O?A9S", "MSNP15 and above"),
    product("PROD0119GSJUC$18", "ILTXC!4IXB5FB*PX", "MSNP15 and above"),
];

/// The key of a product.
pub fn key(product_id: &str) -> Option<&'static str> {
    PRODUCTS
        .iter()
        .find(|product| product.id == product_id)
        .map(|product| product.key)
}

/// The right answer at this dialect: 32 lower-case hexadecimal digits. Up to MSNP10 it is the older one.
pub fn answer(dialect: Dialect, challenge: &str, product_id: &str, key: &str) -> String {
    match dialect.rules().proof {
        Proof::Digest => older(challenge, key),
        Proof::Mixed => newer(challenge, product_id, key),
    }
}

/// Before MSNP11: the MD5 of the challenge and the key.
pub fn older(challenge: &str, key: &str) -> String {
    hex(&md5(&[challenge, key]))
}

/// From MSNP11 on: that MD5, mixed with a 64-bit number made of the challenge and the product id.
pub fn newer(challenge: &str, product_id: &str, key: &str) -> String {
    const MODULUS: u64 = 0x7fff_ffff;
    const FACTOR: u64 = 0x0e79_a9c1;
    let digest = md5(&[challenge, key]);
    let words: Vec<u32> = words(&digest).collect();
    let masked: Vec<u64> = words
        .iter()
        .map(|word| u64::from(*word) & MODULUS)
        .collect();

    let mut text: Vec<u8> = [challenge.as_bytes(), product_id.as_bytes()].concat();
    // Where the length is aligned already, eight more bytes are added.
    text.resize(text.len() + (8 - text.len() % 8), b'0');
    let numbers: Vec<u64> = self::words(&text).map(u64::from).collect();

    let (mut high, mut low) = (0u64, 0u64);
    for pair in numbers.chunks_exact(2) {
        let first = (pair[0] * FACTOR) % MODULUS + high;
        let mixed = (first * masked[0] + masked[1]) % MODULUS;
        high = (((pair[1] + mixed) % MODULUS) * masked[2] + masked[3]) % MODULUS;
        low += high + mixed;
    }
    high = (high + masked[1]) % MODULUS;
    low = (low + masked[3]) % MODULUS;

    let mut out = [0u8; 16];
    for (at, (word, bytes)) in words.iter().zip(out.chunks_exact_mut(4)).enumerate() {
        let by = if at % 2 == 0 { high } else { low };
        bytes.copy_from_slice(&(word ^ by as u32).to_le_bytes());
    }
    hex(&out)
}

fn md5(parts: &[&str]) -> [u8; 16] {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector() {
        let id = "PROD0090YUAUV{2B";
        let key = key(id).expect("its key is known");
        let answer = answer(Dialect::MSNP16, "22210219642164014968", id, key);
        assert_eq!(answer, "85ecb0db8f32113df79ce0892b9a102c");
    }

    #[test]
    fn the_older_one_is_a_plain_md5() {
        // printf 'abcQ1P7W2E4J9R8U3S5' | md5sum
        let answer = answer(
            Dialect::OLDEST,
            "abc",
            "msmsgs@msnmsgr.com",
            "Q1P7W2E4J9R8U3S5",
        );
        assert_eq!(answer, "8538db52ba2da7114263d201526c213f");
    }

    proptest::proptest! {
        #[test]
        fn any_challenge_has_an_answer_of_32_digits(challenge: String, id: String, key: String) {
            let answer = newer(&challenge, &id, &key);
            proptest::prop_assert_eq!(answer.len(), 32);
            proptest::prop_assert!(answer.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }
}
