//! A key file: a table for each context, in it the name of what a key does and its key or keys.
//!
//! ```toml
//! [contacts]
//! busy = "B"
//! [everywhere]
//! close = ["q", "ctrl-q"]
//! ```

use super::super::theme::line_of;
use super::key::UnknownKey;
use super::{Binding, Key, Keymap, context_name, contexts};
use std::ops::Range;
use toml_edit::{Document, Item};

/// Why a key file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {wrong}")]
pub struct KeymapError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub wrong: KeymapMistake,
}

/// What is wrong in a key file, and what may stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapMistake {
    /// It is not TOML. This is what its reader says.
    #[error("{0}")]
    Toml(String),
    /// No context has this name.
    #[error("there is no [{0}]: {known}", known = contexts().map(context_name).collect::<Vec<_>>().join(", "))]
    NoContext(String),
    /// A context is given as something else than a table.
    #[error("[{0}] is a table")]
    NoTable(String),
    /// Nothing that a key does in this context has this name.
    #[error("nothing is called {action:?} in [{context}]")]
    NoAction {
        /// The name.
        action: String,
        /// The context.
        context: String,
    },
    /// A key is given as something else than a text or a list of texts.
    #[error("{0}: a key is a text, or a list of texts")]
    KeyType(String),
    /// It is not a key.
    #[error("{action}: {wrong}")]
    NoKey {
        /// What it should do.
        action: String,
        /// What is wrong with it.
        wrong: UnknownKey,
    },
    /// A key would do two things in one pane.
    #[error("{key} would be both {} in [{}] and {} in [{}]", both[0].0, both[0].1, both[1].0, both[1].1)]
    Clash {
        /// The key.
        key: Key,
        /// What the file says that it does and what else it does, each with its context.
        both: Box<[(String, &'static str); 2]>,
    },
}

/// Reads a key file over the defaults. What it names has the keys it says and no others; an empty list takes
/// them away.
///
/// # Errors
/// [`KeymapError`] for TOML that is none, an unknown name or key, and a key that would do two things in one pane.
pub fn load(file: &str, text: &str) -> Result<Keymap, KeymapError> {
    let fail = |span: Option<Range<usize>>, wrong: KeymapMistake| KeymapError {
        file: file.to_owned(),
        line: line_of(text, span.map_or(0, |s| s.start)),
        wrong,
    };
    let document = Document::parse(text)
        .map_err(|e| fail(e.span(), KeymapMistake::Toml(e.message().trim().to_owned())))?;
    let mut bound = Keymap::default().bound;
    let mut changed: Vec<(usize, Option<Range<usize>>)> = Vec::new();
    for (name, item) in document.as_table().iter() {
        let span = document.as_table().key(name).and_then(|k| k.span());
        let Some(context) = contexts().find(|held| context_name(*held) == name) else {
            return Err(fail(span, KeymapMistake::NoContext(name.to_owned())));
        };
        let Item::Table(actions) = item else {
            return Err(fail(span, KeymapMistake::NoTable(name.to_owned())));
        };
        for (action, item) in actions.iter() {
            let span = actions.key(action).and_then(|k| k.span());
            let place = bound
                .iter()
                .position(|held| held.context == context && held.name == action);
            let Some(place) = place else {
                let (action, context) = (action.to_owned(), name.to_owned());
                return Err(fail(span, KeymapMistake::NoAction { action, context }));
            };
            bound[place].keys = keys(action, item).map_err(|wrong| fail(span.clone(), wrong))?;
            changed.push((place, span));
        }
    }
    for (place, span) in changed {
        if let Some(clash) = clash(&bound, place) {
            return Err(fail(span, clash));
        }
    }
    Ok(Keymap::of(bound))
}

fn keys(action: &str, item: &Item) -> Result<Vec<Key>, KeymapMistake> {
    let action = || action.to_owned();
    let read = |text: &str| {
        let key = text.parse::<Key>();
        key.map_err(|wrong| KeymapMistake::NoKey {
            action: action(),
            wrong,
        })
    };
    if let Some(text) = item.as_str() {
        return Ok(vec![read(text)?]);
    }
    let wrong = || KeymapMistake::KeyType(action());
    let list = item.as_array().ok_or_else(wrong)?;
    list.iter()
        .map(|value| value.as_str().ok_or_else(wrong).and_then(read))
        .collect()
}

/// What else these keys do where they work.
fn clash(bound: &[Binding], place: usize) -> Option<KeymapMistake> {
    let this = &bound[place];
    bound.iter().enumerate().find_map(|(at, other)| {
        let together =
            other.context == this.context || other.context.is_none() || this.context.is_none();
        if at == place || !together || other.line == this.line {
            return None;
        }
        let key = this.keys.iter().find(|key| other.keys.contains(key))?;
        let what = |bound: &Binding| (bound.name.clone(), context_name(bound.context));
        Some(KeymapMistake::Clash {
            key: *key,
            both: Box::new([what(this), what(other)]),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Pane;

    fn line(map: &Keymap, context: Pane, key: &str) -> Option<&'static str> {
        map.get(context, key.parse().expect("a key"))
            .map(|b| b.line)
    }

    #[test]
    fn the_keys_in_force_are_a_key_file_that_says_the_same() {
        let file = "[contacts]\nbusy = [\"B\", \"alt-b\"]\naway = []\n";
        let map = load("k.toml", file).expect("a keymap");
        let again = load("keys.toml", &map.to_file()).expect("a keymap");
        assert_eq!(again.to_file(), map.to_file());
        assert!(map.to_file().contains("busy = [\"B\", \"alt-b\"]  # "));
        assert!(map.to_file().contains("away = []  # "));
    }

    #[test]
    fn a_file_moves_keys_and_leaves_the_rest() {
        let map = load(
            "k.toml",
            "[contacts]\nbusy = \"B\"\n[everywhere]\nclose = [\"q\", \"ctrl-q\"]\n",
        )
        .expect("a keymap");
        let contacts = |key| line(&map, Pane::Contacts, key);
        assert_eq!(contacts("B"), Some("status {contacts} busy"));
        assert_eq!(contacts("b"), None);
        assert_eq!(contacts("o"), Some("status {contacts} online"));
        assert_eq!(line(&map, Pane::Log, "ctrl-q"), Some("close"));
    }

    #[test]
    fn two_keys_can_be_exchanged() {
        let map = load("k.toml", "[contacts]\nbusy = \"a\"\naway = \"b\"\n").expect("a keymap");
        assert_eq!(
            line(&map, Pane::Contacts, "a"),
            Some("status {contacts} busy")
        );
    }

    #[test]
    fn clashes_and_unknown_names_are_refused_with_their_line() {
        for (text, line, word) in [
            ("[contacts]\nbusy = \"a\"\n", 2, "away"),
            ("\n[contacts]\nbusy = \"q\"\n", 3, "close"),
            ("[everywhere]\nclose = \"b\"\n", 2, "busy"),
            ("[contacts]\nbusier = \"b\"\n", 2, "busier"),
            ("[contacts]\nbusy = \"bb\"\n", 2, "bb"),
            ("[contacts]\nbusy = 1\n", 2, "text"),
            ("[kitchen]\n", 1, "kitchen"),
            ("[contacts]\n\nbusy = \n", 3, ""),
        ] {
            let error = load("k.toml", text).expect_err(text);
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
