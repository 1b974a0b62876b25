//! Whether bytes end where their lines say: what a client reads behind them depends on it.

use super::super::Direction;
use super::super::dictionary;

/// The most lines that are looked at.
const MOST: usize = 256;

/// What follows from bytes that do not end where their last line says, in words behind "and"; `None` where they do.
///
/// ```
/// assert!(nudge::msnp::inject::breaks(b"UBX busy@local 1 500\r\n<Data>").is_some());
/// assert!(nudge::msnp::inject::breaks(b"UBX busy@local 1 6\r\n<Data>").is_none());
/// ```
pub fn breaks(wire: &[u8]) -> Option<String> {
    let mut rest = wire;
    for _ in 0..MOST {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = memchr::memchr(b'\n', rest) else {
            return Some(
                "it has no line end (CR LF): what was sent next is taken for the rest of its line"
                    .into(),
            );
        };
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        rest = &rest[end + 1..];
        let length = dictionary::payload_length(Direction::Out, line).ok()?;
        let Some(length) = length else { continue };
        match rest.get(length..) {
            Some(behind) => rest = behind,
            None => {
                return Some(format!(
                    "it announces a payload of {length} bytes, and {} follow: what was sent next is taken for the rest of it",
                    rest.len()
                ));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::breaks;

    #[test]
    fn what_does_not_end_where_it_says_is_found_and_what_does_is_not() {
        for whole in [
            &b"QNG 50\r\n"[..],
            b"",
            b"UBX busy@local 1 3\r\nabcQNG 50\r\n",
            b"UBX busy@local 1 0\r\n",
            b"XYZ 1\r\n",
        ] {
            assert_eq!(breaks(whole), None);
        }
        for (broken, says) in [
            (&b"QNG 50"[..], "no line end"),
            (b"UBX busy@local 1 500\r\n<Data>", "500 bytes, and 6 follow"),
            (b"UBX busy@local 1 3\r\nabcdef", "no line end"),
        ] {
            let said = breaks(broken).expect("it is said");
            assert!(said.contains(says), "{said}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_panic(bytes: Vec<u8>) {
            let _ = breaks(&bytes);
        }
    }
}
