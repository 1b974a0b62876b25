//! Reports a command of which only a part has come. The client waits for its answer and the service for the rest,
//! and from outside both look the same.

use crate::event::{Finding, Severity};
use crate::msnp::escape::to_screen;
use std::time::Duration;

/// How long a command may stay incomplete without another byte before it is reported.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// The most bytes of a word that are shown.
const SHOWN: usize = 40;

/// Which part of a command has come, and which is missing.
pub(super) fn finding(buffer: &[u8]) -> Finding {
    let end = memchr::memchr(b'\n', buffer);
    let line = &buffer[..end.map_or(buffer.len(), |at| at + 1)];
    // No more than verb and transaction id: a ticket may stand behind them.
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let last = words.clone().next_back();
    let shown: Vec<String> = words
        .by_ref()
        .take(2)
        .map(|word| to_screen(&word[..word.len().min(SHOWN)]))
        .collect();
    let shown = shown.join(" ");
    let count = buffer.len();
    let text = match end {
        None => format!(
            "{count} bytes of a command have come, \"{shown}…\", and no line end: nudge waits for CR LF"
        ),
        Some(at) => {
            let come = count - at - 1;
            let announced = last.map(String::from_utf8_lossy).unwrap_or_default();
            format!(
                "{come} of the {} bytes of the payload of \"{shown}\" have come, and nudge waits for the rest",
                to_screen(announced.as_bytes())
            )
        }
    };
    Finding {
        id: "unfinished",
        severity: Severity::Warning,
        field: shown,
        text,
        evidence: None,
    }
}

#[cfg(test)]
mod tests {
    use super::finding;

    #[test]
    fn what_has_come_and_what_is_missing_is_said_and_no_ticket_is() {
        for (buffer, text) in [
            (
                &b"UUX 9"[..],
                "5 bytes of a command have come, \"UUX 9…\", and no line end: nudge waits for CR LF",
            ),
            (
                b"USR 4 TWN S t=secret&p=",
                "23 bytes of a command have come, \"USR 4…\", and no line end: nudge waits for CR LF",
            ),
            (
                b"UUX 9 500\r\n<Data>",
                "6 of the 500 bytes of the payload of \"UUX 9\" have come, and nudge waits for the rest",
            ),
            (
                b"\x16\x03\x01",
                "3 bytes of a command have come, \"\\x16\\x03\\x01…\", and no line end: nudge waits for CR LF",
            ),
        ] {
            assert_eq!(finding(buffer).text, text);
        }
        let long = finding(&vec![b'x'; 8_000]);
        assert!(long.text.len() < 200, "{}", long.text);
    }
}
