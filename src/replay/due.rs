//! What the recording has the server say, and what of it has come: by verb, transaction id and contact, never by
//! count, so that what a live server says of its own accord throws nothing out of step.

use crate::event::FrameEvent;
use crate::msnp::{Direction, Frame, TransactionId, dictionary};
use std::collections::VecDeque;

/// How many recorded lines are remembered that were given up: one that comes late is still known for what it is.
const MOST_LATE: usize = 256;

/// The recorded lines of the server that a live one has not said yet, in order.
#[derive(Debug, Default)]
pub(super) struct Due {
    open: VecDeque<Line>,
    /// How many at the front are no longer waited for.
    late: usize,
}

#[derive(Debug)]
struct Line {
    frame: Frame,
    transaction: Option<TransactionId>,
    push: bool,
}

impl Due {
    /// The recording has this next.
    pub fn add(&mut self, told: &FrameEvent) {
        let transaction = transaction(&told.frame);
        self.open.push_back(Line {
            push: told.injected || (transaction.is_none() && told.frame.verb() != b"QNG"),
            transaction,
            frame: told.frame.clone(),
        });
    }

    /// Whether nothing is waited for.
    pub fn is_empty(&self) -> bool {
        self.open.len() <= self.late
    }

    /// Whether an answer to something that the client said is waited for, and not only what the recorded server
    /// said of its own accord.
    pub fn has_answer(&self) -> bool {
        self.open.iter().skip(self.late).any(|line| !line.push)
    }

    /// What is open is no longer waited for.
    pub fn give_up(&mut self) {
        let over = self.open.len().saturating_sub(MOST_LATE);
        self.open.drain(..over);
        self.late = self.open.len();
    }

    /// The server said this: the recorded line in the place of which it stands, if there is one.
    pub fn came(&mut self, live: &Frame) -> Option<Frame> {
        let id = transaction(live);
        let whose = contact(live);
        let same = |line: &Line| {
            line.transaction == id
                && line.frame.verb() == live.verb()
                && contact(&line.frame) == whose
        };
        // Another answer to the same command stands for the recorded one: `UUX 9 0` for `ACK 9 UUX`.
        let instead = |line: &Line| {
            id.is_some()
                && line.transaction == id
                && whose.is_none()
                && contact(&line.frame).is_none()
        };
        let at = self
            .open
            .iter()
            .position(same)
            .or_else(|| self.open.iter().position(instead));
        let found = at.and_then(|at| self.remove(at));
        // After an error, or the word to go elsewhere, no more answers come to that command.
        let last = live.verb() == b"XFR" || live.verb().iter().all(u8::is_ascii_digit);
        if last && id.is_some() {
            while let Some(at) = self.open.iter().position(|line| line.transaction == id) {
                self.remove(at);
            }
        }
        found.map(|line| line.frame)
    }

    fn remove(&mut self, at: usize) -> Option<Line> {
        if at < self.late {
            self.late -= 1;
        }
        self.open.remove(at)
    }
}

/// The command of the client that a line of the server answers.
fn transaction(frame: &Frame) -> Option<TransactionId> {
    let id = frame.transaction()?;
    let answers =
        id != TransactionId(0) && dictionary::has_transaction(Direction::Out, frame.verb());
    answers.then_some(id)
}

/// Whom a line of the server is about.
fn contact(frame: &Frame) -> Option<&[u8]> {
    frame.tokens().find(|token| token.contains(&b'@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Secrets;

    fn frame(wire: &'static str) -> Frame {
        Frame::from_wire(bytes::Bytes::from_static(wire.as_bytes()))
    }

    fn due(lines: &[&'static str]) -> Due {
        let mut due = Due::default();
        for line in lines {
            due.add(&FrameEvent {
                service: crate::event::Service::Notification,
                direction: Direction::Out,
                frame: frame(line),
                secrets: Secrets::default(),
                injected: false,
            });
        }
        due
    }

    #[test]
    fn what_comes_unasked_answers_nothing() {
        let mut due = due(&["ACK 9 UUX", "QNG 60", "UBX a@local 1 0"]);
        for unasked in [
            "NLN NLN b@local 1 B 0",
            "UBX b@local 1 0",
            "CHL 0 123",
            "ACK 8 UUX",
            "FLN a@local",
        ] {
            assert_eq!(due.came(&frame(unasked)), None, "{unasked}");
        }
        assert_eq!(
            due.came(&frame("UBX a@local 1 0")),
            Some(frame("UBX a@local 1 0"))
        );
        assert!(due.has_answer());
        assert!(due.came(&frame("QNG 50")).is_some());
        assert!(due.came(&frame("ACK 9 UUX")).is_some());
        assert!(due.is_empty());
    }

    #[test]
    fn another_answer_to_the_same_command_is_its_answer() {
        let mut due = due(&[
            "ACK 9 UUX",
            "CHG 8 NLN 0",
            "ILN 8 NLN a@local 1 A 0",
            "USR 4 OK me@local 1 0",
        ]);
        assert!(due.came(&frame("UUX 9 0")).is_some());
        // An error is the last that is said to a command, whatever else is recorded.
        assert!(due.came(&frame("201 8")).is_some());
        assert!(due.came(&frame("911 4")).is_none());
        assert!(due.is_empty());
    }

    #[test]
    fn what_is_given_up_is_not_waited_for_and_known_when_it_comes() {
        let mut late = due(&["USR 3 TWN S fake=1"]);
        late.give_up();
        assert!(late.is_empty() && !late.has_answer());
        late.add(&FrameEvent {
            service: crate::event::Service::Notification,
            direction: Direction::Out,
            frame: frame("USR 4 OK me@local 1 0"),
            secrets: Secrets::default(),
            injected: false,
        });
        assert!(late.has_answer());
        let came = late.came(&frame("USR 3 TWN S live=1"));
        assert_eq!(came, Some(frame("USR 3 TWN S fake=1")));
        assert!(late.has_answer());
        assert!(late.came(&frame("USR 4 OK me@local 1 0")).is_some());
        assert!(late.is_empty());
        let mut many = due(&["NLN NLN a@local 1 A 0"; 1_000]);
        assert!(!many.is_empty() && !many.has_answer());
        many.give_up();
        assert_eq!((many.open.len(), many.is_empty()), (MOST_LATE, true));
    }
}
