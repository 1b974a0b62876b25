//! What a file transfer offers: the `Context` of its invitation, base64 of a little-endian header with the size and
//! the name of the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Where the name begins, in bytes.
const NAME: usize = 20;
/// The most characters of UTF-16 in the name.
const MOST_NAME: usize = 260;

/// An offer of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its size in bytes.
    pub size: u64,
    /// Its name, as the sender wrote it: a path is not to be trusted.
    pub name: String,
}

impl Offer {
    /// Reads a context; `None` where it is none.
    pub fn read(context: &str) -> Option<Self> {
        let bytes = BASE64.decode(context.trim().as_bytes()).ok()?;
        let size = u64::from_le_bytes(bytes.get(8..16)?.try_into().ok()?);
        let units = bytes.get(NAME..)?.chunks_exact(2);
        let units: Vec<u16> = units
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
            .take_while(|unit| *unit != 0)
            .take(MOST_NAME)
            .collect();
        let name = String::from_utf16_lossy(&units);
        (!name.is_empty()).then_some(Self { size, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The header by hand after the wiki's table: length, version, size, type, name.
    fn context(size: u64, name: &str) -> String {
        let mut bytes = vec![0x3e, 2, 0, 0, 2, 0, 0, 0];
        bytes.extend(size.to_le_bytes());
        bytes.extend([1, 0, 0, 0]);
        bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        bytes.resize(574, 0);
        BASE64.encode(bytes)
    }

    #[test]
    fn size_and_name_are_read() {
        let offer = Offer {
            size: 5_000_000_000,
            name: "cat \u{1f63a}.png".into(),
        };
        assert_eq!(Offer::read(&context(offer.size, &offer.name)), Some(offer));
        assert_eq!(Offer::read(&context(1, "")), None);
        assert_eq!(Offer::read("AAAA"), None);
        assert_eq!(Offer::read("not base64"), None);
    }

    proptest! {
        #[test]
        fn any_context_is_read_or_not(bytes: Vec<u8>, text: String) {
            let _ = Offer::read(&text);
            let read = Offer::read(&BASE64.encode(bytes));
            prop_assert!(read.is_none_or(|offer| offer.name.chars().count() <= MOST_NAME));
        }
    }
}
