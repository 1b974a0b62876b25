//! Payloads as people read them: XML indented, header blocks by line, anything else escaped.

use crate::msnp::escape;

/// The most lines that one payload unfolds to.
pub const MOST_LINES: usize = 400;
/// The most bytes that are looked at.
const MOST_BYTES: usize = 64 * 1024;

/// The lines of a payload, safe for the screen.
pub fn lines(bytes: &[u8]) -> Vec<String> {
    let cut = bytes.len() > MOST_BYTES;
    let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
    let mut lines = match std::str::from_utf8(bytes) {
        Ok(text) if text.trim_start().starts_with('<') => xml(text),
        _ => plain(bytes),
    };
    if cut || lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("… more than is shown here".into());
    }
    lines
}

fn plain(bytes: &[u8]) -> Vec<String> {
    let mut lines: Vec<_> = bytes
        .split(|b| *b == b'\n')
        .take(MOST_LINES + 1)
        .map(|line| escape::to_screen(line.strip_suffix(b"\r").unwrap_or(line)))
        .collect();
    // A terminator ends the last line and begins no other.
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// One tag or one run of text a piece; an element with text alone stays on one line. Nothing is dropped but
/// white space between tags, so what is wrong in it is seen.
fn xml(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut depth = 0usize;
    let mut rest = text.trim();
    // Whether the last line is an opening tag, perhaps with its text, that its closing tag may join.
    let mut open = false;
    while !rest.is_empty() && lines.len() <= MOST_LINES {
        let end = if rest.starts_with('<') {
            rest.find('>').map_or(rest.len(), |at| at + 1)
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        let shown = escape::to_screen(piece.trim().as_bytes());
        if shown.is_empty() {
            continue;
        }
        let closes = piece.starts_with("</");
        let alone = piece.ends_with("/>") || piece.starts_with("<?") || piece.starts_with("<!");
        if closes {
            depth = depth.saturating_sub(1);
            if open && let Some(last) = lines.last_mut() {
                last.push_str(&shown);
                open = false;
                continue;
            }
        } else if !piece.starts_with('<') && open {
            if let Some(last) = lines.last_mut() {
                last.push_str(&shown);
            }
            continue;
        }
        // Hostile depth does not push the text out of sight.
        lines.push(format!("{}{shown}", "  ".repeat(depth.min(12))));
        open = piece.starts_with('<') && !closes && !alone;
        if open {
            depth += 1;
        }
    }
    lines
}

/// A dump: offset, sixteen bytes, and what of them is ASCII.
pub fn hex(bytes: &[u8], columns: usize) -> Vec<String> {
    // offset + two spaces + three columns a byte + one column a character
    let per = match columns {
        76.. => 16,
        44.. => 8,
        _ => 4,
    };
    bytes[..bytes.len().min(MOST_BYTES)]
        .chunks(per)
        .enumerate()
        .map(|(row, chunk)| {
            let mut text = format!("{:04x}  ", row * per);
            for at in 0..per {
                match chunk.get(at) {
                    Some(byte) => text.push_str(&format!("{byte:02x} ")),
                    None => text.push_str("   "),
                }
            }
            text.push(' ');
            text.extend(chunk.iter().map(|b| match b {
                b' '..=b'~' => char::from(*b),
                _ => '·',
            }));
            text
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn xml_is_indented_and_leaves_stay_on_their_line() {
        assert_eq!(
            lines(b"<Data><PSM>hi &amp; bye</PSM><CurrentMedia></CurrentMedia></Data>"),
            [
                "<Data>",
                "  <PSM>hi &amp; bye</PSM>",
                "  <CurrentMedia></CurrentMedia>",
                "</Data>"
            ]
        );
        assert_eq!(
            lines(b"<ml l=\"1\"><d n=\"local\"><c n=\"a\"/><c n=\"b\"/></d></ml>"),
            ["<ml l=\"1\">", "  <d n=\"local\">", "    <c n=\"a\"/>", "    <c n=\"b\"/>", "  </d>", "</ml>"]
        );
    }

    #[test]
    fn what_is_no_xml_is_shown_by_line() {
        assert_eq!(lines(b"MIME-Version: 1.0\r\nX: \x1b[31m\r\n"), ["MIME-Version: 1.0", "X: \\x1B[31m"]);
        assert_eq!(lines(b"ignore me"), ["ignore me"]);
    }

    #[test]
    fn a_dump_has_offset_bytes_and_text() {
        assert_eq!(
            hex(b"NLN BSY \r\n", 80)[0],
            "0000  4e 4c 4e 20 42 53 59 20 0d 0a                    NLN BSY ··"
        );
    }

    proptest! {
        #[test]
        fn no_payload_is_unsafe_or_endless(bytes: Vec<u8>, xmlish in "[<>/a\"= ]{0,200}") {
            for bytes in [bytes.as_slice(), xmlish.as_bytes()] {
                let lines = lines(bytes);
                prop_assert!(lines.len() <= MOST_LINES + 1);
                prop_assert!(!lines.concat().chars().any(escape::is_unsafe_on_screen));
            }
        }
    }
}
