//! One line of text that is being typed: the prompt, the filter, a field of a form.

use crate::console::keymap::Key;
use crossterm::event::{KeyCode, KeyModifiers};
use unicode_width::UnicodeWidthStr;

/// The longest text that can be typed, in bytes.
const MOST: usize = 16 * 1024;

/// A text and the cursor in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    at: usize,
}

impl LineEdit {
    /// An editor without a text.
    pub const fn empty() -> Self {
        Self {
            text: String::new(),
            at: 0,
        }
    }

    /// An editor with this text, and the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            at: text.len(),
            text,
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cursor's offset, in bytes.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The cursor's offset, in columns of the screen.
    pub fn column(&self) -> usize {
        self.text[..self.at].width()
    }

    /// Replaces the whole text, and puts the cursor at its end.
    pub fn set(&mut self, text: impl Into<String>) {
        *self = Self::new(text);
    }

    /// Replaces what stands between byte `from` and the cursor: this is how a completion is taken.
    pub fn replace_from(&mut self, from: usize, with: &str) {
        self.text.replace_range(from..self.at, with);
        self.at = from + with.len();
    }

    /// Inserts a text at the cursor. Line breaks become spaces; control characters are left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.replace("\r\n", "\n").chars() {
            let c = if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            };
            if !c.is_control() && self.text.len() + c.len_utf8() <= MOST {
                self.text.insert(self.at, c);
                self.at += c.len_utf8();
            }
        }
    }

    /// Cuts what stands between byte `from` and the cursor. Says whether there was anything.
    pub fn cut_from(&mut self, from: usize) -> bool {
        let is_there = from < self.at && self.text.is_char_boundary(from);
        if is_there {
            self.cut(from, self.at);
        }
        is_there
    }

    fn before(&self) -> usize {
        self.text[..self.at]
            .char_indices()
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.at..]
            .chars()
            .next()
            .map_or(self.at, |c| self.at + c.len_utf8())
    }

    fn word_before(&self) -> usize {
        let head = self.text[..self.at].trim_end_matches(' ');
        head.rfind(' ').map_or(0, |at| at + 1)
    }

    fn word_after(&self) -> usize {
        let tail = &self.text[self.at..];
        let skipped = tail.len() - tail.trim_start_matches(' ').len();
        tail[skipped..]
            .find(' ')
            .map_or(self.text.len(), |at| self.at + skipped + at)
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.at = from;
    }

    /// Handles an editing key, as shells do. Says whether it was one.
    pub fn key(&mut self, key: Key) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('a') if control => self.at = 0,
            KeyCode::Char('e') if control => self.at = self.text.len(),
            KeyCode::Char('b') if control => self.at = self.before(),
            KeyCode::Char('f') if control => self.at = self.after(),
            KeyCode::Char('b') if alt => self.at = self.word_before(),
            KeyCode::Char('f') if alt => self.at = self.word_after(),
            KeyCode::Char('w') if control => self.cut(self.word_before(), self.at),
            KeyCode::Backspace if control || alt => self.cut(self.word_before(), self.at),
            KeyCode::Char('u') if control => self.cut(0, self.at),
            KeyCode::Char('k') if control => self.cut(self.at, self.text.len()),
            KeyCode::Char('h') if control => self.cut(self.before(), self.at),
            KeyCode::Char('d') if control => self.cut(self.at, self.after()),
            KeyCode::Char(c) if !control && !alt => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => self.cut(self.before(), self.at),
            KeyCode::Delete => self.cut(self.at, self.after()),
            KeyCode::Left if control || alt => self.at = self.word_before(),
            KeyCode::Right if control || alt => self.at = self.word_after(),
            KeyCode::Left => self.at = self.before(),
            KeyCode::Right => self.at = self.after(),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(keys: &[&str]) -> LineEdit {
        let mut edit = LineEdit::new("busy away");
        for key in keys {
            edit.key(key.parse().expect("a key"));
        }
        edit
    }

    #[test]
    fn the_keys_of_a_shell() {
        assert_eq!(typed(&["ctrl-w"]).text(), "busy ");
        assert_eq!(typed(&["ctrl-u"]).text(), "");
        assert_eq!(typed(&["ctrl-a", "ctrl-k"]).text(), "");
        assert_eq!(typed(&["alt-b", "x"]).text(), "busy xaway");
        assert_eq!(typed(&["home", "ctrl-right", "x"]).text(), "busyx away");
        assert_eq!(
            typed(&["home", "delete", "é", "backspace", "B"]).text(),
            "Busy away"
        );
    }

    #[test]
    fn a_paste_is_one_line() {
        let mut edit = LineEdit::default();
        edit.insert("a\r\nb\rc\nd\x1b[31m");
        assert_eq!(edit.text(), "a b c d[31m");
    }

    proptest! {
        #[test]
        fn no_keys_break_it(text: String, keys in proptest::collection::vec(0usize..14, 0..40)) {
            let names = ["left", "right", "home", "end", "backspace", "delete", "ctrl-w", "ctrl-u",
                "ctrl-k", "alt-b", "alt-f", "日", "é", "space"];
            let mut edit = LineEdit::default();
            edit.insert(&text);
            for key in keys {
                edit.key(names[key].parse().expect("a key"));
                prop_assert!(edit.text.is_char_boundary(edit.at));
            }
        }
    }
}
