//! Bytes as text and back: how anything from a client is shown, and how an operator types bytes.

use super::percent::hex;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// Text for JSON and files. A backslash becomes `\\`, a byte that is not UTF-8 becomes `\xHH`. All else stays, control
/// characters too: JSON has its own escapes for those. [`unescape`] undoes it.
pub fn to_text(bytes: &[u8]) -> String {
    escape(bytes, For::Text)
}

/// The beginning of a text that a sentence quotes: at most this many characters, and `…` where it is cut. By that sign it is
/// known that a secret may have been cut with it.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One line for a screen: as [`to_text`], and control characters become `\r`, `\n`, `\t` or `\xHH`, and
/// characters that reorder or hide text (bidirectional controls, zero-width ones) become `\u{…}`.
pub fn to_screen(bytes: &[u8]) -> String {
    escape(bytes, For::Screen)
}

/// As [`to_screen`], appended to a text.
pub fn put_on_screen(bytes: &[u8], out: &mut String) {
    escape_to(bytes, For::Screen, out);
}

/// A text of our own for a screen, in which bytes of others may be quoted. Unsafe characters are escaped as [`to_screen`]
/// does. A backslash stays as it is, so that nothing is escaped twice.
pub fn safe(text: &str) -> String {
    if plain(text.as_bytes()) == text.len() {
        // So is nearly everything.
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = Marks::default();
    for c in text.chars() {
        if is_unsafe_on_screen(c) {
            out.push_str(&to_screen(c.encode_utf8(&mut [0; 4]).as_bytes()));
        } else if marks.fits(c) {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    }
    out
}

/// As [`safe`], but line ends stay.
pub fn safe_lines(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

/// Whether a character may not reach a terminal as it is: C0 and C1 controls, bidirectional
/// controls, zero-width characters, line and paragraph separators, tags, selectors of variants and the byte order mark: what
/// Unicode calls a format control or default ignorable. The two selectors that an emoji has are let through.
pub fn is_unsafe_on_screen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The first character that may not reach a terminal as it is, and where it stands.
pub fn first_unsafe(text: &str) -> Option<(usize, char)> {
    let mut at = 0;
    loop {
        at += plain(&text.as_bytes()[at..]);
        let c = text[at..].chars().next()?;
        if is_unsafe_on_screen(c) {
            return Some((at, c));
        }
        at += c.len_utf8();
    }
}

/// Bytes at the beginning that are printable ASCII. An address book of megabytes has no others, so many bytes are looked
/// at together.
fn plain(bytes: &[u8]) -> usize {
    let is_plain = |byte: &u8| (b' '..=b'~').contains(byte);
    let all = |piece: &&[u8]| piece.iter().fold(true, |all, byte| all & is_plain(byte));
    let whole = 64 * bytes.chunks_exact(64).take_while(all).count();
    let rest = bytes[whole..].iter().take_while(|byte| is_plain(byte));
    whole + rest.count()
}

/// Characters without a width that may stand on one character. Further ones are escaped: else a name could tower over the
/// lines above it. Writing systems need three.
pub const MAX_MARKS: usize = 4;

/// Counts the characters without a width.
#[derive(Debug, Default)]
struct Marks(usize);

impl Marks {
    /// Whether this character may stand as it is, after the characters before it.
    fn fits(&mut self, c: char) -> bool {
        let is_mark = !c.is_ascii() && c.width() == Some(0);
        self.0 = if is_mark { self.0 + 1 } else { 0 };
        self.0 <= MAX_MARKS
    }
}

/// Which characters are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Text,
    Screen,
}

fn escape(bytes: &[u8], what: For) -> String {
    let mut out = String::with_capacity(bytes.len());
    escape_to(bytes, what, &mut out);
    out
}

fn escape_to(bytes: &[u8], what: For, out: &mut String) {
    // This is nearly every character.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
    if let (true, Ok(text)) = (bytes.iter().all(plain), std::str::from_utf8(bytes)) {
        return out.push_str(text);
    }
    let mut marks = Marks::default();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                c if what == For::Text => out.push(c),
                c if !is_unsafe_on_screen(c) && marks.fits(c) => out.push(c),
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

/// The bytes that an operator typed. `\r`, `\n`, `\xHH` and `\\` stand for bytes. Any other backslash stands for itself,
/// because the media of a personal message has `\0` in it.
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

    #[test]
    fn marks_beyond_four_on_one_character_are_escaped() {
        let tower = format!("a{}b\u{301}", "\u{301}".repeat(6));
        let wanted = format!("a{}\\u{{301}}\\u{{301}}b\u{301}", "\u{301}".repeat(4));
        assert_eq!(to_screen(tower.as_bytes()), wanted);
        assert_eq!(safe(&tower), wanted);
        assert_eq!(to_text(tower.as_bytes()), tower);
    }

    proptest::proptest! {
        #[test]
        fn text_comes_back_as_the_same_bytes(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(unescape(&to_text(&bytes)), bytes);
        }

        #[test]
        fn the_first_unsafe_character_is_found_wherever_it_stands(
            before in "[ -~]{0,200}", mixed in "\\PC{0,9}[\\u{7f}-\\u{9f}\\u{200b}-\\u{202e}é☃]{0,3}", after in ".{0,99}"
        ) {
            let text = before + &mixed + &after;
            let plainly = text.char_indices().find(|(_, c)| is_unsafe_on_screen(*c));
            proptest::prop_assert_eq!(first_unsafe(&text), plainly);
        }

        #[test]
        fn nothing_unsafe_reaches_a_screen(bytes: Vec<u8>) {
            proptest::prop_assert!(!to_screen(&bytes).chars().any(is_unsafe_on_screen));
        }
    }
}
