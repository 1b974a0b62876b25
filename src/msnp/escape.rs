//! Bytes as text and back: how anything from a client is shown, and how an operator types bytes.

use super::percent::hex;
use std::fmt::Write as _;

/// Text for JSON and files: a backslash becomes `\\`, a byte that is no part of UTF-8 `\xHH`; all else,
/// control characters included, stays (JSON has its own escapes for those). [`unescape`] undoes it.
pub fn to_text(bytes: &[u8]) -> String {
    escape(bytes, |_| false)
}

/// One line for a screen: as [`to_text`], and control characters become `\r`, `\n`, `\t` or `\xHH`, and
/// characters that reorder or hide text (bidirectional controls, zero-width ones) become `\u{…}`.
pub fn to_screen(bytes: &[u8]) -> String {
    escape(bytes, is_unsafe_on_screen)
}

/// As [`to_screen`], behind what is there.
pub fn put_on_screen(bytes: &[u8], out: &mut String) {
    escape_to(bytes, is_unsafe_on_screen, out);
}

/// Text of ours, in which bytes of others may be quoted, for a screen: what is unsafe there is escaped as
/// [`to_screen`] does. A backslash stays one, so that what was escaped once is not escaped again.
pub fn safe(text: &str) -> String {
    if !text.chars().any(is_unsafe_on_screen) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe_on_screen(c) {
            out.push_str(&to_screen(c.encode_utf8(&mut [0; 4]).as_bytes()));
        } else {
            out.push(c);
        }
    }
    out
}

/// As [`safe`], for a text of several lines: line ends stay.
pub fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

/// Whether a character may not reach a terminal as it is: C0 and C1 controls, bidirectional
/// controls, zero-width characters, line and paragraph separators, tags and the byte order mark.
pub fn is_unsafe_on_screen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

fn escape(bytes: &[u8], special: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    escape_to(bytes, special, &mut out);
    out
}

fn escape_to(bytes: &[u8], special: impl Fn(char) -> bool, out: &mut String) {
    // So is nearly everything.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
    if let (true, Ok(text)) = (bytes.iter().all(plain), std::str::from_utf8(bytes)) {
        return out.push_str(text);
    }
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                c if !special(c) => out.push(c),
                '\r' => out.push_str("\\r"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                c if c.is_ascii() => {
                    let _ = write!(out, "\\x{:02X}", c as u32);
                }
                c => {
                    let _ = write!(out, "\\u{{{:x}}}", c as u32);
                }
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
}

/// What an operator typed, as bytes: `\r`, `\n`, `\xHH` and `\\` stand for bytes; any other backslash for
/// itself, since the media of a personal message has `\0` in it.
pub fn unescape(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (byte, step) = match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b'\\')) => (b'\\', 2),
            (b'\\', Some(b'x')) => {
                let digit = |i: usize| bytes.get(at + i).and_then(|b| hex(*b));
                match (digit(2), digit(3)) {
                    (Some(high), Some(low)) => (high << 4 | low, 4),
                    _ => (b'\\', 1),
                }
            }
            (byte, _) => (byte, 1),
        };
        out.push(byte);
        at += step;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_backslashes_stand_for_themselves() {
        assert_eq!(unescape(r"a\0b\r\n\x41\\\q\x4"), b"a\\0b\r\nA\\\\q\\x4");
    }

    #[test]
    fn a_screen_gets_no_control_byte() {
        let shown = to_screen(b"\x1b[31m\x07a\r\n\xff\\\xe2\x80\xae");
        assert_eq!(shown, r"\x1B[31m\x07a\r\n\xFF\\\u{202e}");
    }

    proptest::proptest! {
        #[test]
        fn text_comes_back_as_the_same_bytes(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(unescape(&to_text(&bytes)), bytes);
        }

        #[test]
        fn nothing_unsafe_reaches_a_screen(bytes: Vec<u8>) {
            proptest::prop_assert!(!to_screen(&bytes).chars().any(is_unsafe_on_screen));
        }
    }
}
