//! Reports a command of which only a part has come. The client waits for its answer and the service for the rest,
//! and from outside both look the same.

use crate::event::{Finding, Sentence, ServiceFinding, Severity, ours, say};
use crate::msnp::behind::Behind;
use crate::msnp::dictionary::shown;
use crate::msnp::line::tokens;
use crate::msnp::written::miswritten;
use crate::msnp::{Direction, TransactionId};
use std::time::Duration;

/// How long a command may stay incomplete without another byte before it is reported.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// The most bytes of a word that are shown.
const SHOWN: usize = 40;

/// Which part of a command has come, and which is missing.
pub(super) fn finding(buffer: &[u8], behind: Behind) -> Finding {
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
        None => {
            let why = behind.text().or(miswritten(buffer).map(str::to_owned));
            let behind = why.map(|text| say!("; {}", ours(text)));
            match memchr::memchr(b'\r', buffer) {
                Some(_) => say!(
                    "{count} bytes of a command have come, \"{begin}…\", with CR and no LF behind it: a line ends in CR LF"
                ),
                None => say!(
                    "{count} bytes of a command have come, \"{begin}…\", and no line end: nudge waits for CR LF{:#}",
                    behind.unwrap_or_default()
                ),
            }
        }
        Some(at) => {
            let come = count - at - 1;
            let announced = words().last().unwrap_or_default();
            say!(
                "{come} of the {} bytes of the payload of \"{begin}\" have come, and nudge waits for the rest{:#}",
                shown(Direction::In, line, announced),
                command_behind_xml(&buffer[at + 1..])
            )
        }
    };
    Finding {
        id: ServiceFinding::Unfinished.into(),
        severity: Severity::Warning,
        field: begin.into(),
        text,
        evidence: None,
    }
}

/// What is said of the command that stands behind the XML of a payload: it was sent as a command.
fn command_behind_xml(payload: &[u8]) -> Sentence {
    let behind = memchr::memrchr(b'>', payload).map(|at| payload[at + 1..].trim_ascii_start());
    let verb = behind.and_then(|behind| behind.get(..4));
    match verb {
        Some([verb @ .., b' ' | b'\r']) if verb.iter().all(u8::is_ascii_uppercase) => say!(
            ": that length is more than what was sent, and {}, which came since, is taken for a part of it",
            String::from_utf8_lossy(verb)
        ),
        _ => Sentence::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::finding;
    use crate::msnp::behind::Behind;

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
                b"UUX 9 500\r\n<Data></Data>PNG\r\n",
                "18 of the 500 bytes of the payload of \"UUX 9\" have come, and nudge waits for the rest: that length is more than what was sent, and PNG, which came since, is taken for a part of it",
            ),
            (
                b"VER 1 MSNP15 CVR0\rCVR 2",
                "23 bytes of a command have come, \"VER 1…\", with CR and no LF behind it: a line ends in CR LF",
            ),
            (
                b"\x16\x03\x01",
                "3 bytes of a command have come, \"\\x16\\x03\\x01…\", and no line end: nudge waits for CR LF",
            ),
        ] {
            assert_eq!(finding(buffer, Behind::default()).text, text);
        }
        let long = finding(&vec![b'x'; 8_000], Behind::default());
        assert!(long.text.len() < 200, "{}", long.text);
    }
}
