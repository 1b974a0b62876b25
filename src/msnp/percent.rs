//! Percent-encoding of arguments, as the notification service uses it.

/// Encodes a text for use as one argument: unreserved characters of RFC 3986 stay, every other
/// byte becomes `%HH` in upper case (`<msnobj/>` is `%3Cmsnobj%2F%3E`, as in the article).
pub fn encode(text: &str) -> String {
    encode_but(text, "-_.~")
}

/// Encodes a text and leaves letters, digits and these characters, all of them ASCII, as they are.
pub fn encode_but(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Undoes percent-encoding. Returns the bytes, and whether two hex digits followed every `%`. Any other `%` stays as it is.
pub fn decode(argument: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(argument.len());
    let mut clean = true;
    let mut at = 0;
    while at < argument.len() {
        let byte = argument[at];
        if byte == b'%' {
            match (
                argument.get(at + 1).and_then(|b| hex(*b)),
                argument.get(at + 2).and_then(|b| hex(*b)),
            ) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    at += 3;
                    continue;
                }
                _ => clean = false,
            }
        }
        out.push(byte);
        at += 1;
    }
    (out, clean)
}

/// Undoes percent-encoding. Bytes that are not UTF-8 become U+FFFD.
pub fn decode_text(argument: &[u8]) -> String {
    String::from_utf8_lossy(&decode(argument).0).into_owned()
}

/// The value of one hexadecimal digit, in either case.
pub(crate) fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_arguments() {
        assert_eq!(encode("<msnobj/>"), "%3Cmsnobj%2F%3E");
        assert_eq!(encode("Busy User"), "Busy%20User");
        assert_eq!(decode_text(b"Busy%20User"), "Busy User");
    }

    #[test]
    fn a_lone_percent_stays_and_is_reported() {
        assert_eq!(decode(b"100%"), (b"100%".to_vec(), false));
        assert_eq!(decode(b"%zz%41"), (b"%zzA".to_vec(), false));
    }

    proptest::proptest! {
        #[test]
        fn decoding_undoes_encoding(text: String) {
            proptest::prop_assert_eq!(decode(encode(&text).as_bytes()), (text.into_bytes(), true));
        }
    }
}
