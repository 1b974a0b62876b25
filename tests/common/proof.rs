//! The proof of a client that signs in by SSO, made by OpenSSL, which the service's own derivation does not use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let key = openssl::pkey::PKey::hmac(key).expect("a key");
    let digest = openssl::hash::MessageDigest::sha1();
    let mut signer = openssl::sign::Signer::new(digest, &key).expect("a signer");
    for part in parts {
        signer.update(part).expect("updates");
    }
    signer.sign_to_vec().expect("signs")
}

/// The proof of a client that holds this secret.
pub fn proof(secret: &str, question: &str) -> String {
    let secret = STANDARD.decode(secret).expect("base64");
    let derive = |name: &str| {
        let label = format!("WS-SecureConversation{name}");
        let label = label.as_bytes();
        let first = hmac(&secret, &[label]);
        let second = hmac(&secret, &[&first, label]);
        let third = hmac(&secret, &[&first]);
        let fourth = hmac(&secret, &[&third, label]);
        [second.as_slice(), &fourth[..4]].concat()
    };
    let (hash, encryption) = (derive("SESSION KEY HASH"), derive("SESSION KEY ENCRYPTION"));
    let vector = [7u8; 8];
    let cipher = openssl::symm::encrypt(
        openssl::symm::Cipher::des_ede3_cbc(),
        &encryption,
        Some(&vector),
        question.as_bytes(),
    )
    .expect("encrypts");
    let mut block = Vec::new();
    for number in [28u32, 1, 0x6603, 0x8004, 8, 20, 72] {
        block.extend_from_slice(&number.to_le_bytes());
    }
    block.extend_from_slice(&vector);
    block.extend_from_slice(&hmac(&hash, &[question.as_bytes()]));
    block.extend_from_slice(&cipher);
    STANDARD.encode(block)
}
