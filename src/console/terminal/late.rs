//! The terminal was asked for its background, and has not answered in time. When it does after all, its answer looks like
//! keys: `ESC ]` until BEL or `ESC \\`. None of them may flip a contact.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::{Duration, Instant};

/// How long the rest of an answer takes at most.
const REST: Duration = Duration::from_millis(200);

/// See the module.
#[derive(Debug, Default)]
pub struct Late {
    /// Whether it may still come.
    awaited: bool,
    /// Since when it comes.
    since: Option<Instant>,
}

impl Late {
    /// An answer that may still come, or that has.
    pub fn awaited(awaited: bool) -> Self {
        Self {
            awaited,
            since: None,
        }
    }

    /// Whether this is a part of the answer, and no key.
    pub fn takes(&mut self, key: &KeyEvent) -> bool {
        if !self.awaited {
            return false;
        }
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match self.since {
            None if alt && key.code == KeyCode::Char(']') => {
                self.since = Some(Instant::now());
                true
            }
            None => false,
            Some(since) if since.elapsed() > REST => {
                self.awaited = false;
                false
            }
            Some(_) => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                let bell = control && key.code == KeyCode::Char('g');
                self.awaited = !(bell || (alt && key.code == KeyCode::Char('\\')));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_late_is_no_key() {
        let mut late = Late::awaited(true);
        let key = |code, modifiers| KeyEvent::new(KeyCode::Char(code), modifiers);
        assert!(!late.takes(&key('b', KeyModifiers::NONE)));
        assert!(late.takes(&key(']', KeyModifiers::ALT)));
        for c in "11;rgb:ffff/ffff/ffff".chars() {
            assert!(late.takes(&key(c, KeyModifiers::NONE)), "{c}");
        }
        assert!(late.takes(&key('g', KeyModifiers::CONTROL)));
        assert!(!late.takes(&key('b', KeyModifiers::NONE)));
        assert!(!Late::awaited(false).takes(&key(']', KeyModifiers::ALT)));
    }
}
