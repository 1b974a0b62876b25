//! What a file transfer offers: the `Context` of its invitation, base64 of a little-endian header with the size and
//! the name of the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Bytes before the name.
const NAME: usize = 20;
/// UTF-16 characters of the longest name.
const MOST_NAME: usize = 260;

/// Bytes of the longest name under which a file is saved.
const MOST_SAFE: usize = 120;

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

    /// A name under which the file can be saved: the part behind the last slash of any kind, without leading dots, without
    /// invisible characters, and without those that mean something to a shell.
    pub fn safe_name(&self) -> String {
        let last = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let safe: String = last.chars().filter(|c| is_plain(*c)).collect();
        let safe = safe
            .trim_start_matches(['.', '-', ' '])
            .trim_end_matches(['.', ' ']);
        if safe.is_empty() {
            return "file".to_owned();
        }
        if safe.len() <= MOST_SAFE {
            return safe.to_owned();
        }
        // The ending says what the file is.
        let end = safe.rfind('.').filter(|at| safe.len() - at <= 16);
        let (stem, end) = safe.split_at(end.unwrap_or(safe.len()));
        format!(
            "{}{end}",
            &stem[..stem.floor_char_boundary(MOST_SAFE - end.len())]
        )
    }
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || " ._-+,=@()[]{}#~!&'".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packets::offer as context;
    use proptest::prelude::*;

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

    #[test]
    fn a_name_to_save_under_has_no_path_and_nothing_that_is_not_seen() {
        let long = "x".repeat(300);
        for (name, safe) in [
            ("cat.png", "cat.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\a b.txt", "a b.txt"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("a\u{202e}gnp.exe\r\n", "agnp.exe"),
            ("caf\u{e9}.txt", "caf\u{e9}.txt"),
            ("..", "file"),
            ("x/", "file"),
            ("$(reboot)`*?", "(reboot)"),
        ] {
            let offer = Offer {
                size: 0,
                name: name.into(),
            };
            assert_eq!(offer.safe_name(), safe, "{name:?}");
        }
        let name = format!("{long}.jpeg");
        let safe = Offer { size: 0, name }.safe_name();
        assert_eq!(safe.len(), MOST_SAFE);
        assert!(safe.ends_with("x.jpeg"), "{safe}");
    }

    proptest! {
        #[test]
        fn any_name_makes_one_that_is_safe(name in "\\PC{0,300}", raw: String) {
            for name in [name, raw] {
                let safe = Offer { size: 0, name }.safe_name();
                prop_assert!((1..=MOST_SAFE).contains(&safe.len()), "{}", safe);
                prop_assert!(!safe.starts_with(['.', '-', ' ']) && !safe.contains(['/', '\\', '\0', '\n']), "{}", safe);
            }
        }

        #[test]
        fn any_context_is_read_or_not(bytes: Vec<u8>, text: String) {
            let _ = Offer::read(&text);
            let read = Offer::read(&BASE64.encode(bytes));
            prop_assert!(read.is_none_or(|offer| offer.name.chars().count() <= MOST_NAME));
        }
    }
}
