//! The terminal was asked what it is, and has not answered in time. When it does after all, each answer looks like keys:
//! `ESC ]`, `ESC _` or `ESC P`, until BEL or `ESC \\`. None of them may flip a contact.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::{Duration, Instant};

/// How long the rest of an answer takes at most.
const REST: Duration = Duration::from_millis(200);

/// See the module.
#[derive(Debug, Default)]
pub struct Late {
    /// How many may still come.
    awaited: usize,
    /// Since when one comes.
    since: Option<Instant>,
}

impl Late {
    /// How many answers may still come.
    pub fn awaited(awaited: usize) -> Self {
        Self {
            awaited,
            since: None,
        }
    }

    /// Whether this is a part of the answer, and no key.
    pub fn takes(&mut self, key: &KeyEvent) -> bool {
        if self.awaited == 0 {
            return false;
        }
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match self.since {
            None if alt && matches!(key.code, KeyCode::Char(']' | '_' | 'P')) => {
                self.since = Some(Instant::now());
                true
            }
            None => false,
            Some(since) if since.elapsed() > REST => {
                self.awaited = 0;
                false
            }
            Some(_) => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                let bell = control && key.code == KeyCode::Char('g');
                if bell || (alt && key.code == KeyCode::Char('\\')) {
                    self.awaited -= 1;
                    self.since = None;
                }
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
        let mut late = Late::awaited(2);
        let key = |code, modifiers| KeyEvent::new(KeyCode::Char(code), modifiers);
        assert!(!late.takes(&key('b', KeyModifiers::NONE)));
        assert!(late.takes(&key(']', KeyModifiers::ALT)));
        for c in "11;rgb:ffff/ffff/ffff".chars() {
            assert!(late.takes(&key(c, KeyModifiers::NONE)), "{c}");
        }
        assert!(late.takes(&key('g', KeyModifiers::CONTROL)));
        assert!(!late.takes(&key('b', KeyModifiers::NONE)));
        assert!(late.takes(&key('_', KeyModifiers::ALT)));
        for c in "Gi=31;OK".chars() {
            assert!(late.takes(&key(c, KeyModifiers::NONE)), "{c}");
        }
        assert!(late.takes(&key('\\', KeyModifiers::ALT)));
        assert!(!late.takes(&key(']', KeyModifiers::ALT)), "all have come");
        assert!(!Late::awaited(0).takes(&key(']', KeyModifiers::ALT)));
    }
}
