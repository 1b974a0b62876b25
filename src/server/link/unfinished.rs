//! Reports a command of which only a part has come. The client waits for its answer and the service for the rest,
//! and from outside both look the same.

use crate::event::{Finding, FindingId, Severity};
use crate::msnp::dictionary::shown;
use crate::msnp::line::tokens;
use crate::msnp::{Direction, TransactionId};
use std::time::Duration;

/// How long a command may stay incomplete without another byte before it is reported.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// The most bytes of a word that are shown.
const SHOWN: usize = 40;

/// Which part of a command has come, and which is missing.
pub(super) fn finding(buffer: &[u8]) -> Finding {
    let end = memchr::memchr(b'\n', buffer);
    let line = &buffer[..end.map_or(buffer.len(), |at| at + 1)];
    // No more than verb and transaction id: a ticket may stand behind them, or in their place.
    let words = || tokens(line.trim_ascii_end());
    let number = words()
        .nth(1)
        .filter(|word| TransactionId::parse(word).is_some());
    let begin: Vec<String> = words()
        .take(1)
        .chain(number)
        .map(|word| shown(Direction::In, line, &word[..word.len().min(SHOWN)]))
        .collect();
    let begin = begin.join(" ");
    let count = buffer.len();
    let text = match end {
        None => format!(
            "{count} bytes of a command have come, \"{begin}…\", and no line end: nudge waits for CR LF"
        ),
        Some(at) => {
            let come = count - at - 1;
            let announced = words().last().unwrap_or_default();
            format!(
                "{come} of the {} bytes of the payload of \"{begin}\" have come, and nudge waits for the rest",
                shown(Direction::In, line, announced)
            )
        }
    };
    Finding {
        id: FindingId::Unfinished,
        severity: Severity::Warning,
        field: begin,
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
