//! Shows payloads to people: XML indented, anything else line by line. Every line is safe on a screen. Number, length and
//! depth of lines are bounded.

use super::escape::to_screen;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Lines that are shown at most.
pub const MOST_LINES: usize = 400;
/// Bytes of one line that are shown at most, before escaping.
pub const MOST_BYTES: usize = 1_024;
/// Levels of nesting that are indented. Deeper XML is shown as it came.
const MOST_DEPTH: usize = 24;

/// The lines of a payload: indented if it is well-formed XML, else as it came.
pub fn payload(payload: &[u8]) -> Vec<String> {
    let mut lines = match std::str::from_utf8(payload) {
        Ok(text) if text.trim_start().starts_with('<') => {
            xml(text).unwrap_or_else(|| plain(payload))
        }
        _ => plain(payload),
    };
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES;
        lines.truncate(MOST_LINES);
        lines.push(format!("… and more ({more} or more lines)"));
    }
    lines
}

/// Bytes on one line: safe on a screen, and cut where they are too many.
pub fn bounded(bytes: &[u8]) -> String {
    match bytes.get(..MOST_BYTES) {
        Some(start) if bytes.len() > MOST_BYTES => {
            format!("{}… ({} bytes)", to_screen(start), bytes.len())
        }
        _ => to_screen(bytes),
    }
}

fn plain(payload: &[u8]) -> Vec<String> {
    payload
        .strip_suffix(b"\n")
        .unwrap_or(payload)
        .split(|b| *b == b'\n')
        .take(MOST_LINES + 1)
        .map(|line| bounded(line.strip_suffix(b"\r").unwrap_or(line)))
        .filter(|line| payload.contains(&b'\n') || !line.is_empty())
        .collect()
}

/// The lines of an XML text; `None` where it is not well-formed, too deep, or has a document type.
fn xml(text: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(text);
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut depth = 0usize;
    // Whether the last line is an open element that has only text so far.
    let mut open = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let raw: &str = &start;
                lines.push((depth, format!("<{raw}>")));
                depth += 1;
                open = true;
            }
            Event::Empty(start) => {
                let raw: &str = &start;
                lines.push((depth, format!("<{raw}/>")));
                open = false;
            }
            Event::End(end) => {
                depth = depth.checked_sub(1)?;
                let closing = format!("</{}>", end.name().as_ref());
                match lines.last_mut() {
                    Some(last) if open => last.1.push_str(&closing),
                    _ => lines.push((depth, closing)),
                }
                open = false;
            }
            Event::Text(piece) => {
                let raw: &str = &piece;
                text_piece(&mut lines, depth, open, raw);
            }
            Event::GeneralRef(name) => {
                let raw: &str = &name;
                text_piece(&mut lines, depth, open, &format!("&{raw};"));
            }
            Event::CData(data) => {
                let raw: &str = &data;
                text_piece(&mut lines, depth, open, &format!("<![CDATA[{raw}]]>"));
            }
            Event::Comment(comment) => {
                let raw: &str = &comment;
                lines.push((depth, format!("<!--{raw}-->")));
                open = false;
            }
            Event::Decl(_) | Event::PI(_) => open = false,
            Event::DocType(_) => return None,
            Event::Eof if depth == 0 => break,
            Event::Eof => return None,
        }
        if depth > MOST_DEPTH {
            return None;
        }
    }
    let lines = lines.into_iter().map(|(depth, line)| {
        let mut shown = "  ".repeat(depth);
        shown.push_str(&bounded(line.as_bytes()));
        shown
    });
    Some(lines.collect())
}

fn text_piece(lines: &mut Vec<(usize, String)>, depth: usize, open: bool, piece: &str) {
    match lines.last_mut() {
        Some(last) if open => last.1.push_str(piece),
        _ if piece.trim().is_empty() => {}
        _ => lines.push((depth, piece.trim().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::escape::is_unsafe_on_screen;
    use proptest::prelude::*;

    #[test]
    fn xml_is_indented_and_short_elements_stay_on_one_line() {
        assert_eq!(
            payload(b"<Data><PSM>a &lt; b</PSM><CurrentMedia></CurrentMedia></Data>"),
            [
                "<Data>",
                "  <PSM>a &lt; b</PSM>",
                "  <CurrentMedia></CurrentMedia>",
                "</Data>"
            ]
        );
        assert_eq!(
            payload(b"<ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /></d></ml>"),
            [
                "<ml l=\"1\">",
                "  <d n=\"local\">",
                "    <c n=\"away\" l=\"3\" t=\"1\" />",
                "  </d>",
                "</ml>"
            ]
        );
    }

    #[test]
    fn what_is_no_xml_is_shown_as_it_came() {
        assert_eq!(payload(b"ignore me"), ["ignore me"]);
        assert_eq!(payload(b"A: b\r\n\r\nhi"), ["A: b", "", "hi"]);
        assert_eq!(payload(b"<a><b></a>"), ["<a><b></a>"]);
        assert_eq!(payload(b"<a>\x1b[2J</b>"), ["<a>\\x1B[2J</b>"]);
        assert!(payload(b"").is_empty());
        let deep = "<a>".repeat(1_000) + &"</a>".repeat(1_000);
        assert_eq!(payload(deep.as_bytes()).len(), 1);
        let long = "<a>".to_owned() + &"<b/>".repeat(10_000) + "</a>";
        assert_eq!(payload(long.as_bytes()).len(), MOST_LINES + 1);
    }

    proptest! {
        #[test]
        fn any_payload_is_safe_on_a_screen(bytes: Vec<u8>, tags in "[<>/a-c&; \\r\\n\"=\\x1b\u{202e}]{0,60}") {
            for input in [&bytes[..], tags.as_bytes()] {
                for line in payload(input) {
                    prop_assert!(!line.chars().any(is_unsafe_on_screen), "{:?}", line);
                }
            }
        }
    }
}
