//! What was said to the operator. Nothing only flashes: it stays here.

use crate::event::{Severity, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// How many are kept.
const MOST: usize = 2_000;
/// How long an answer to the operator, or what matters, stays on the status line before what is only worth knowing.
const STAYS: Duration = Duration::from_secs(4);
/// How much is kept of one, in bytes. The line of the transcript has all of it.
const LONGEST: usize = 4 * 1024;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub time: Timestamp,
    /// How much it matters.
    pub severity: Severity,
    /// A sentence. From anywhere: not yet safe for a screen.
    pub text: String,
    /// Whether an event told it; else the console said it.
    told: bool,
    /// Whether it is an answer to what the operator did.
    own: bool,
}

impl Message {
    /// Whether it is an answer to what the operator did.
    pub fn is_own(&self) -> bool {
        self.own
    }
}

/// All of them, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    held: VecDeque<Message>,
    /// Which one has the cursor, counted from the newest.
    pub back: usize,
}

impl Messages {
    /// Adds what an event tells.
    pub fn push(&mut self, time: Timestamp, severity: Severity, text: String) {
        self.add(Message {
            time,
            severity,
            text,
            told: true,
            own: false,
        });
    }

    /// Adds what the service answered to what the operator asked of it.
    pub fn reply(&mut self, time: Timestamp, severity: Severity, text: String) {
        self.add(Message {
            time,
            severity,
            text,
            told: true,
            own: true,
        });
    }

    /// Adds an answer of the console to the operator.
    pub fn answer(&mut self, time: Timestamp, severity: Severity, text: String) {
        self.add(Message {
            time,
            severity,
            text,
            told: false,
            own: true,
        });
    }

    /// Forgets what events told: they are about to be told once more.
    pub fn forget_told(&mut self) {
        self.held.retain(|message| !message.told);
        self.back = 0;
    }

    /// A cursor that is not on the newest stays on its message.
    fn add(&mut self, mut message: Message) {
        if message.text.len() > LONGEST {
            message
                .text
                .truncate(message.text.floor_char_boundary(LONGEST));
            message.text.push('…');
            message.text.shrink_to_fit();
        }
        self.held.push_back(message);
        if self.held.len() > MOST {
            self.held.pop_front();
        }
        if self.back > 0 {
            self.back = (self.back + 1).min(self.held.len() - 1);
        }
    }

    /// The newest.
    pub fn last(&self) -> Option<&Message> {
        self.held.back()
    }

    /// The one for the status line: the newest, unless one that says more came a moment before it.
    pub fn shown(&self, now: Timestamp) -> Option<&Message> {
        let newest = self.held.iter().rev();
        let mut lately = newest.take_while(|message| now.since(message.time) < STAYS);
        let counts = |message: &&Message| message.own || message.severity != Severity::Info;
        lately.find(counts).or(self.held.back())
    }

    /// Whether the status line is about to show another one though nothing happens.
    pub fn waits(&self, now: Timestamp) -> bool {
        let pair = self.shown(now).zip(self.held.back());
        pair.is_some_and(|(shown, newest)| !std::ptr::eq(shown, newest))
    }

    /// The one with the cursor.
    pub fn selected(&self) -> Option<&Message> {
        self.held.iter().rev().nth(self.back)
    }

    /// All of them, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.held.iter().rev()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_stays_for_a_moment_before_what_comes_by_itself() {
        let mut messages = Messages::default();
        let at = |seconds: u64| Timestamp(seconds * 1_000_000);
        let shown = |messages: &Messages, now| messages.shown(at(now)).map(|m| m.text.clone());
        messages.reply(at(10), Severity::Info, "lunch@local removed".into());
        messages.push(at(10), Severity::Info, "a window shows it".into());
        assert_eq!(shown(&messages, 11).as_deref(), Some("lunch@local removed"));
        assert!(messages.waits(at(11)));
        messages.push(at(11), Severity::Error, "it broke".into());
        messages.push(at(11), Severity::Info, "another".into());
        assert_eq!(shown(&messages, 12).as_deref(), Some("it broke"));
        assert_eq!(shown(&messages, 20).as_deref(), Some("another"));
        assert!(!messages.waits(at(20)));
    }

    #[test]
    fn of_a_long_message_the_beginning_stays() {
        let mut messages = Messages::default();
        messages.push(Timestamp(1), Severity::Info, "é".repeat(1_000_000));
        let kept = &messages.last().expect("there is one").text;
        assert_eq!(*kept, format!("{}…", "é".repeat(LONGEST / 2)));
        assert!(kept.capacity() <= LONGEST + 8);
    }
}
