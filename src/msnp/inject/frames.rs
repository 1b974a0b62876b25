//! Splits a pasted text into frames: the verb and the length of each say where it ends.

use super::super::Direction;
use super::super::dictionary;
use super::super::errors;
use super::super::escape::unescape;

/// The frames of a text, in order. Each is a text that [`checked`](super::checked) takes. A text of one frame, or of
/// none, is given back as it is.
///
/// After a line whose verb has no payload, the next frame follows. A payload is as long as its line says: line breaks in it
/// count as LF, or as CR LF if the length fits only so. With `*` as its length, a payload goes on up to a line that begins
/// with a verb of the service.
///
/// ```
/// let pasted = "NLN BSY busy@local 1 Busy 0\nUBX busy@local 1 3\n<a>\nQNG 50\n";
/// let frames = nudge::msnp::inject::frames(pasted);
/// assert_eq!(frames, ["NLN BSY busy@local 1 Busy 0", "UBX busy@local 1 3\n<a>", "QNG 50"]);
/// ```
pub fn frames(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.to_owned();
    loop {
        let (frame, after) = first(&rest);
        match after {
            Some(after) => {
                found.push(frame);
                rest = after;
            }
            // A line break after the last line belongs to no payload.
            None if found.is_empty() && !is_one_line(&rest) => return vec![text.to_owned()],
            None => {
                found.push(frame.trim_end_matches('\n').to_owned());
                return found;
            }
        }
    }
}

/// Whether nothing but line breaks follows a line whose verb has no payload.
fn is_one_line(text: &str) -> bool {
    text.split_once('\n').is_some_and(|(line, below)| {
        below.bytes().all(|b| b == b'\n') && matches!(need(line), Need::Nothing)
    })
}

/// The payload that a line is followed by.
enum Need {
    Nothing,
    Bytes(usize),
    /// As many bytes as there are.
    Any,
}

fn need(line: &str) -> Need {
    let bytes = unescape(line);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    // A line with its payload in it, as `\r\n` and what follows.
    if bytes.contains(&b'\n') {
        return Need::Nothing;
    }
    if bytes.trim_ascii_end().ends_with(b" *") {
        return Need::Any;
    }
    match dictionary::payload_length(Direction::Out, bytes) {
        Ok(None | Some(0)) => Need::Nothing,
        Ok(Some(length)) => Need::Bytes(length),
        Err(_) => Need::Any,
    }
}

/// The first frame, and what follows it if that begins another.
fn first(text: &str) -> (String, Option<String>) {
    let whole = || (text.to_owned(), None);
    let Some((line, below)) = text.split_once('\n') else {
        return whole();
    };
    match need(line) {
        Need::Nothing => match next(below) {
            Some(after) => (line.to_owned(), Some(after)),
            None => whole(),
        },
        Need::Any => {
            let breaks = below.match_indices('\n').map(|(at, _)| at);
            let found = breaks
                .clone()
                .find_map(|at| Some((at, next(&below[at + 1..])?)));
            match found {
                Some((at, after)) => (format!("{line}\n{}", &below[..at]), Some(after)),
                None => whole(),
            }
        }
        Need::Bytes(length) => {
            for line_break in [1, 2] {
                let Some(at) = after_bytes(below, length, line_break) else {
                    continue;
                };
                let (payload, after) = below.split_at(at);
                let payload = match line_break {
                    1 => payload.to_owned(),
                    _ => payload.replace('\n', "\\r\n"),
                };
                let frame = format!("{line}\n{payload}");
                if after.bytes().all(|b| b == b'\n') {
                    return (frame, None);
                }
                if let Some(after) = next(after) {
                    return (frame, Some(after));
                }
            }
            whole()
        }
    }
}

/// The text from here on, if it begins another frame.
fn next(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\n');
    let end = text.find([' ', '\n', '\\']).unwrap_or(text.len());
    let verb = &text.as_bytes()[..end];
    let is_verb = dictionary::lookup(verb, Direction::Out).is_some();
    (is_verb || errors::find(verb).is_some()).then(|| text.to_owned())
}

/// The place in a text behind this many of the bytes that the text stands for.
fn after_bytes(text: &str, length: usize, line_break: usize) -> Option<usize> {
    let (mut at, mut counted) = (0, 0);
    while counted < length {
        let rest = &text[at..];
        let c = rest.chars().next()?;
        let (taken, bytes) = match (c, rest.as_bytes().get(1)) {
            ('\\', Some(b'r' | b'n' | b'\\')) => (2, 1),
            ('\\', Some(b'x')) if hex(rest) => (4, 1),
            ('\n', _) => (1, line_break),
            (c, _) => (c.len_utf8(), c.len_utf8()),
        };
        at += taken;
        counted += bytes;
    }
    (counted == length).then_some(at)
}

fn hex(rest: &str) -> bool {
    let digits = rest.as_bytes().get(2..4);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_frame_stays_as_it_is() {
        for text in [
            "",
            "NLN BSY busy@local",
            "UBX busy@local 1 *\n<a>\n<b>\n",
            "UBX busy@local 1 5\n<a>\nx",
            "NLN BSY busy@local 1 Busy 0\nnot a verb",
            "what\nis this",
            "UBX busy@local 1 3\\r\n<a>",
            "UBX busy@local 1 99\n<a>\nQNG 50",
        ] {
            assert_eq!(frames(text), [text]);
        }
    }

    #[test]
    fn frames_that_follow_each_other_are_told_apart() {
        let two = |text: &str| {
            let found = frames(text);
            assert_eq!(found.len(), 2, "{text:?}: {found:?}");
            found
        };
        assert_eq!(two("QNG 50\n\nQNG 60\n"), ["QNG 50", "QNG 60"]);
        // On the wire no line break stands between a payload and the next line.
        assert_eq!(
            two("UBX a@b 1 3\n<a>QNG 50"),
            ["UBX a@b 1 3\n<a>", "QNG 50"]
        );
        // Lengths count what was CR LF before it was pasted.
        assert_eq!(
            two("UBX a@b 1 13\n<a>\n<b>\n<c>\nQNG 50"),
            ["UBX a@b 1 13\n<a>\\r\n<b>\\r\n<c>", "QNG 50"]
        );
        assert_eq!(
            two("UBX a@b 1 *\n<a>\n<b>\nQNG 50"),
            ["UBX a@b 1 *\n<a>\n<b>", "QNG 50"]
        );
        assert_eq!(
            two("UBX a@b 1 3\\r\\n<a>\nQNG 50\\r\\n"),
            ["UBX a@b 1 3\\r\\n<a>", "QNG 50\\r\\n"]
        );
        assert_eq!(two("911 4\nQNG 50"), ["911 4", "QNG 50"]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_a_panic(text in "(QNG 50|UBX a@b 1 [0-9]{1,2}|\\\\[xrn]|é|<a>|\n){0,12}") {
            prop_assert!(!frames(&text).is_empty());
        }
    }
}
