//! The proof of SSO: a client proves that it holds the secret of its ticket. It encrypts the question of the notification
//! service with keys made of that secret, and shows the result in `USR … SSO S`.
//!
//! The block, all numbers little-endian and of 32 bits: its own size, the mode (1: CBC), 3DES, SHA-1, the sizes of
//! initialisation vector (8), hash (20) and cipher; then those three. The keys are derived from the secret with two
//! labels (facts: the NINA wiki; a watched conversation of an open client verifies them).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::symm::{Cipher, decrypt, encrypt};
use ring::hmac;

/// The first six numbers.
const HEAD: [u32; 6] = [28, 1, 0x6603, 0x8004, 8, 20];
/// Bytes of the head: the six numbers, and the size of the cipher.
const HEAD_SIZE: usize = 28;
/// Bytes of the initialisation vector.
pub const VECTOR: usize = 8;
const HASH: usize = 20;
/// Bytes of a 3DES key.
const KEY: usize = 24;
const LABEL_HASH: &[u8] = b"WS-SecureConversationSESSION KEY HASH";
const LABEL_ENCRYPTION: &[u8] = b"WS-SecureConversationSESSION KEY ENCRYPTION";

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The proof or the secret is not base64.
    #[error("the proof behind the ticket is not base64")]
    Base64,
    /// It is no block as clients make it.
    #[error(
        "the proof behind the ticket does not have the form of one: seven numbers, a vector, a hash and a cipher"
    )]
    Form,
    /// It is a block written in hexadecimal digits.
    #[error(
        "the proof behind the ticket is written in hexadecimal digits, and belongs there in base64"
    )]
    Hex,
    /// Only its beginning came.
    #[error(
        "the proof behind the ticket ends after {0} letters, and its head announces more{breaks}", breaks = broken(*.0)
    )]
    Cut(usize),
    /// It was made with another question or another secret.
    #[error(
        "the ticket is good, and the hash in the proof is not that of the question (the nonce of USR SSO S) with the BinarySecret that RST gave with it: it is of another question or another BinarySecret, or computed otherwise"
    )]
    Hash,
    /// The encrypted text is another question.
    #[error("the hash of the proof is right, and its cipher, decrypted, is not the question")]
    Cipher,
}

/// Where programs break lines of base64, in letters.
const BREAKS: [usize; 2] = [64, 76];

fn broken(letters: usize) -> &'static str {
    match BREAKS.contains(&letters) {
        true => {
            ": its base64 has a line break there, as many programs make one after 64 or 76 letters. The proof is one word, without line breaks"
        }
        false => {
            ": it is cut off, or a line break or a space stands in it. The proof is one word of base64"
        }
    }
}

/// The beginning of a proof: its letters, where they announce more than there is.
fn cut(proof: &str) -> Option<ProofError> {
    let whole = proof.get(..proof.len() / 4 * 4)?;
    let block = STANDARD.decode(whole).ok()?;
    let (head, rest) = block.split_at_checked(HEAD_SIZE)?;
    let mut numbers = head
        .chunks_exact(4)
        .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let known = HEAD.iter().all(|wanted| numbers.next() == Some(*wanted));
    let cipher = usize::try_from(numbers.next()?).ok()?;
    let more = rest.len() < cipher.saturating_add(VECTOR + HASH);
    (known && more).then_some(ProofError::Cut(proof.len()))
}

/// Whether this proof was made of the question with this secret, which is in base64.
///
/// # Errors
/// [`ProofError`] says what is wrong with it.
pub fn verify(secret: &str, question: &str, proof: &str) -> Result<(), ProofError> {
    if let Some(cut) = cut(proof) {
        return Err(cut);
    }
    // No block is so long that its base64 would have these alone.
    if proof.len() > 2 * HEAD_SIZE && proof.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ProofError::Hex);
    }
    let block = STANDARD.decode(proof).map_err(|_| ProofError::Base64)?;
    let secret = STANDARD.decode(secret).map_err(|_| ProofError::Base64)?;
    let number = |at: usize| {
        let bytes = block.get(4 * at..4 * at + 4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    let known = HEAD
        .iter()
        .enumerate()
        .all(|(at, wanted)| number(at) == Some(*wanted));
    let cipher_at = HEAD_SIZE + VECTOR + HASH;
    let cipher = block
        .get(cipher_at..)
        .filter(|cipher| number(6) == u32::try_from(cipher.len()).ok());
    let (true, Some(cipher)) = (known, cipher) else {
        return Err(ProofError::Form);
    };
    let vector = &block[HEAD_SIZE..HEAD_SIZE + VECTOR];
    let hash = &block[HEAD_SIZE + VECTOR..cipher_at];
    let key = key(derived(&secret, LABEL_HASH).as_slice());
    hmac::verify(&key, question.as_bytes(), hash).map_err(|_| ProofError::Hash)?;
    let key = derived(&secret, LABEL_ENCRYPTION);
    // The padding is taken off. Some clients pad with eights and others with zeros; both are right.
    let wrong = |_| ProofError::Cipher;
    let plain = decrypt(Cipher::des_ede3_cbc(), &key, Some(vector), cipher).map_err(wrong)?;
    if plain == question.as_bytes() {
        Ok(())
    } else {
        Err(ProofError::Cipher)
    }
}

/// The proof of this question with this secret, which is in base64. The vector must be random.
///
/// # Errors
/// [`ProofError::Base64`] where the secret is not base64, [`ProofError::Cipher`] where the question cannot be encrypted.
pub fn prove(secret: &str, question: &str, vector: [u8; VECTOR]) -> Result<String, ProofError> {
    let secret = STANDARD.decode(secret).map_err(|_| ProofError::Base64)?;
    let hash = hmac::sign(
        &key(derived(&secret, LABEL_HASH).as_slice()),
        question.as_bytes(),
    );
    let key = derived(&secret, LABEL_ENCRYPTION);
    let wrong = |_| ProofError::Cipher;
    let cipher = encrypt(
        Cipher::des_ede3_cbc(),
        &key,
        Some(&vector),
        question.as_bytes(),
    )
    .map_err(wrong)?;
    let size = u32::try_from(cipher.len()).map_err(|_| ProofError::Cipher)?;
    let head: Vec<u8> = HEAD
        .into_iter()
        .chain([size])
        .flat_map(u32::to_le_bytes)
        .collect();
    Ok(STANDARD.encode([&head, &vector[..], hash.as_ref(), &cipher].concat()))
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, bytes)
}

/// A key of the secret: h2 and the first four bytes of h4, where h1 is the HMAC of the label, h2 of h1 and the label, h3
/// of h1, and h4 of h3 and the label.
fn derived(secret: &[u8], label: &[u8]) -> [u8; KEY] {
    let secret = key(secret);
    let sign = |parts: &[&[u8]]| hmac::sign(&secret, &parts.concat());
    let first = sign(&[label]);
    let second = sign(&[first.as_ref(), label]);
    let third = sign(&[first.as_ref()]);
    let fourth = sign(&[third.as_ref(), label]);
    let mut key = [0; KEY];
    key[..HASH].copy_from_slice(second.as_ref());
    key[HASH..].copy_from_slice(&fourth.as_ref()[..KEY - HASH]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Watched: what BitlBee 3.0.5 showed for this question, with the secret 0, 1, … 23.
    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    const QUESTION: &str = "FDQ9E65zoJfihdqAzWS2POMljsp8Jl/UD5bPiHa2YgNnea678Rwz1O5vh+16oaPg";
    const PROOF: &str = "HAAAAAEAAAADZgAABIAAAAgAAAAUAAAASAAAAI+ovybxj84MSCWGenxgGT+4gQx66She6D2D7yW4utcEo34iE5/OtirfE8U88IA4zxaM6TMRCcJHKzZVGCWyEUBsI/nXozCO04Ok7aaj7OZcvBcdn6JpFEAgJ0jh+JLt3OnUQzs=";

    #[test]
    fn a_watched_proof_is_taken_and_no_changed_one_is() {
        assert_eq!(verify(SECRET, QUESTION, PROOF), Ok(()));
        // BitlBee's own vector makes BitlBee's own proof.
        let vector = STANDARD.decode(PROOF).expect("base64")[HEAD_SIZE..HEAD_SIZE + VECTOR]
            .try_into()
            .expect("eight bytes");
        assert_eq!(prove(SECRET, QUESTION, vector).as_deref(), Ok(PROOF));
        let block = STANDARD.decode(PROOF).expect("base64");
        for at in 0..block.len() {
            let mut changed = block.clone();
            changed[at] ^= 1;
            let changed = STANDARD.encode(changed);
            assert!(verify(SECRET, QUESTION, &changed).is_err(), "byte {at}");
        }
        for end in 0..block.len() {
            assert!(verify(SECRET, QUESTION, &STANDARD.encode(&block[..end])).is_err());
        }
        assert_eq!(verify(SECRET, "another", PROOF), Err(ProofError::Hash));
        assert_eq!(verify("AAAA", QUESTION, PROOF), Err(ProofError::Hash));
        assert_eq!(verify(SECRET, QUESTION, "*"), Err(ProofError::Base64));
    }

    proptest::proptest! {
        #[test]
        fn any_proof_is_read_without_panic(block: Vec<u8>, secret: Vec<u8>, question: String) {
            let (secret, proof) = (STANDARD.encode(secret), STANDARD.encode(block));
            proptest::prop_assert!(verify(&secret, &question, &proof).is_err());
        }
    }
}
