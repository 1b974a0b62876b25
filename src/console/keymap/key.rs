//! One key, by the name that files and the help overlay give it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use std::str::FromStr;

/// A key with its modifiers, in one form only: a shifted letter is the capital letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Control and alt; shift with named keys only.
    pub modifiers: KeyModifiers,
}

const NAMES: [(&str, KeyCode); 16] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("shift-tab", KeyCode::BackTab),
];

impl Key {
    /// What a terminal reported.
    pub fn of(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let mut code = event.code;
        match code {
            KeyCode::Char(_) | KeyCode::BackTab => modifiers -= KeyModifiers::SHIFT,
            // Some terminals report shift-tab as it is pressed.
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => {
                modifiers -= KeyModifiers::SHIFT;
                code = KeyCode::BackTab;
            }
            _ => {}
        }
        if modifiers.contains(KeyModifiers::CONTROL)
            && let KeyCode::Char(c) = code
        {
            code = KeyCode::Char(c.to_ascii_lowercase());
        }
        Self { code, modifiers }
    }

    /// As a key file has it: what [`Key::from_str`] reads.
    pub fn in_file(self) -> String {
        let mut text = String::new();
        for (modifier, word) in [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                text.push_str(word);
            }
        }
        let named = NAMES.iter().find(|(_, code)| *code == self.code);
        match (named, self.code) {
            (Some((name, _)), _) => text.push_str(name),
            (None, KeyCode::Char(c)) => text.push(c),
            (None, KeyCode::F(n)) => text.push_str(&format!("f{n}")),
            // No other key can be bound.
            (None, _) => {}
        }
        text
    }

    /// Whether an editor takes it as a character.
    pub fn is_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_))
            && !self
                .modifiers
                .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    }
}

/// Not the name of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no key: a character, or ctrl-, alt- or shift- before one, or a name such as enter, esc, pgup, f1"
)]
pub struct UnknownKey(pub String);

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let bad = || UnknownKey(text.to_owned());
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == rest) {
                return Ok(Self {
                    code: *code,
                    modifiers,
                });
            }
            let (modifier, after) = match rest.split_once('-') {
                Some(("ctrl", after)) if !after.is_empty() => (KeyModifiers::CONTROL, after),
                Some(("alt", after)) if !after.is_empty() => (KeyModifiers::ALT, after),
                Some(("shift", after)) if !after.is_empty() => (KeyModifiers::SHIFT, after),
                _ => break,
            };
            modifiers |= modifier;
            rest = after;
        }
        if let Some(number) = rest.strip_prefix('f')
            && let Ok(number) = number.parse::<u8>()
        {
            if !(1..=12).contains(&number) {
                return Err(bad());
            }
            return Ok(Self {
                code: KeyCode::F(number),
                modifiers,
            });
        }
        let mut chars = rest.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => {
                if modifiers.contains(KeyModifiers::SHIFT)
                    || (modifiers.contains(KeyModifiers::CONTROL) && c.is_ascii_uppercase())
                {
                    return Err(bad());
                }
                Ok(Self {
                    code: KeyCode::Char(c),
                    modifiers,
                })
            }
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Key {
    /// For people: `^T`, `M-x`, `space`, `PgUp` and so on stay short in a hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("alt-")?;
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            f.write_str("shift-")?;
        }
        let control = self.modifiers.contains(KeyModifiers::CONTROL);
        match self.code {
            KeyCode::Char(c) if control && c != ' ' => write!(f, "^{}", c.to_ascii_uppercase()),
            code => {
                if control {
                    f.write_str("ctrl-")?;
                }
                let sign = match code {
                    KeyCode::Up => "↑",
                    KeyCode::Down => "↓",
                    KeyCode::Left => "←",
                    KeyCode::Right => "→",
                    KeyCode::Char(c) if c != ' ' => return write!(f, "{c}"),
                    KeyCode::F(n) => return write!(f, "F{n}"),
                    code => NAMES
                        .iter()
                        .find(|(_, held)| *held == code)
                        .map_or("?", |(name, _)| name),
                };
                f.write_str(sign)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_what_is_none_is_refused() {
        for good in [
            "b",
            "B",
            "?",
            "-",
            "ctrl-t",
            "alt-enter",
            "shift-tab",
            "space",
            "f12",
            "ctrl-pgup",
            "é",
            "alt--",
        ] {
            assert!(good.parse::<Key>().is_ok(), "{good}");
        }
        for bad in [
            "", "bb", "ctrl-", "ctrl-T", "shift-b", "f13", "f0", "hyper-x", "\t",
        ] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_is_the_same_however_a_terminal_reports_it() {
        let key = |code, modifiers| Key::of(KeyEvent::new(code, modifiers));
        assert_eq!(
            key(KeyCode::Char('G'), KeyModifiers::SHIFT),
            "G".parse().expect("G")
        );
        assert_eq!(
            key(KeyCode::Tab, KeyModifiers::SHIFT),
            "shift-tab".parse().expect("key")
        );
        assert_eq!(
            key(KeyCode::Char('T'), KeyModifiers::CONTROL),
            "ctrl-t".parse().expect("key")
        );
    }
}
