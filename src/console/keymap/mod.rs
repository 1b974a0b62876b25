//! Keys: what the registry binds, and a file over it.

mod file;
mod files;
mod key;
mod playback;
mod table;
mod talk;
mod words;

pub use crate::command::{Pane, Press};
pub use file::{KeymapError, KeymapMistake, load};
pub use key::Key;
pub use playback::PLAYBACK;
pub use table::{Act, CONSOLE, ELSEWHERE, REGISTRY, act, needs_service};
pub use words::{OUTSIDE, WORDS, words};

use crate::command::Spec;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Where keys work, as help, key files and pages list it: each pane, then `None` for everywhere.
pub fn contexts() -> impl Iterator<Item = Option<Pane>> {
    Pane::all().map(Some).chain([None])
}

/// The name of such a place in key files.
pub fn context_name(context: Option<Pane>) -> &'static str {
    context.map_or("everywhere", |pane| pane.row().name)
}

/// What keys of one pane run one line.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Where: a pane, or `None` for everywhere.
    pub context: Option<Pane>,
    /// The keys.
    pub keys: Vec<Key>,
    /// Its name in key files: the footer's word with hyphens, or the command's name.
    pub name: String,
    /// The word in the footer; empty where it is not shown there.
    pub label: &'static str,
    /// The line it stands for.
    pub line: &'static str,
    /// What is done with the line.
    pub press: Press,
    /// The command.
    pub spec: &'static Spec,
}

/// Which key does what, where.
#[derive(Debug, Clone)]
pub struct Keymap {
    bound: Vec<Binding>,
    found: HashMap<(Option<Pane>, Key), usize>,
}

fn bind(
    bound: &mut Vec<Binding>,
    context: Option<Pane>,
    key: Key,
    default: &crate::command::Key,
    spec: &'static Spec,
) {
    let held = bound
        .iter_mut()
        .find(|b| b.context == context && b.line == default.line);
    if let Some(held) = held {
        held.keys.push(key);
        return;
    }
    let word = if spec.scope.is_console() {
        spec.name
    } else {
        default.label
    };
    bound.push(Binding {
        context,
        keys: vec![key],
        name: word.replace(' ', "-"),
        label: default.label,
        line: default.line,
        press: default.press,
        spec,
    });
}

impl Default for Keymap {
    fn default() -> Self {
        let mut bound: Vec<Binding> = Vec::new();
        for spec in REGISTRY.specs() {
            for default in spec.keys {
                // A test reads every default, so nothing is passed over here.
                let Ok(key) = default.key.parse::<Key>() else {
                    continue;
                };
                for context in default.place.panes() {
                    bind(&mut bound, context, key, default, spec);
                }
            }
        }
        Self::of(bound)
    }
}

impl Keymap {
    fn of(bound: Vec<Binding>) -> Self {
        let found = bound
            .iter()
            .enumerate()
            .flat_map(|(at, b)| b.keys.iter().map(move |key| ((b.context, *key), at)))
            .collect();
        Self { bound, found }
    }

    /// What the key does in this pane, or with `None` wherever nothing else is meant by it.
    pub fn get(&self, context: impl Into<Option<Pane>>, key: Key) -> Option<&Binding> {
        self.found
            .get(&(context.into(), key))
            .or_else(|| self.found.get(&(None, key)))
            .map(|at| &self.bound[*at])
    }

    /// What works in this context alone, in the order of the tables.
    pub fn of_context(&self, context: impl Into<Option<Pane>>) -> impl Iterator<Item = &Binding> {
        let context = context.into();
        self.bound.iter().filter(move |b| b.context == context)
    }

    /// The keymap as a key file.
    pub fn to_file(&self) -> String {
        let mut out = String::new();
        for context in contexts() {
            let _ = writeln!(out, "[{}]", context_name(context));
            for bound in self.of_context(context) {
                let keys: Vec<String> = bound
                    .keys
                    .iter()
                    .map(|key| format!("{:?}", key.in_file()))
                    .collect();
                let keys = match &keys[..] {
                    [key] => key.clone(),
                    keys => format!("[{}]", keys.join(", ")),
                };
                let _ = writeln!(out, "{} = {keys}  # {}", bound.name, bound.spec.help);
            }
            out.push('\n');
        }
        out
    }

    /// The first key that runs this line, in this context or everywhere.
    pub fn key(&self, context: impl Into<Option<Pane>>, line: &str) -> Option<Key> {
        [context.into(), None]
            .into_iter()
            .flat_map(|context| self.of_context(context))
            .find(|b| b.line == line)
            .and_then(|b| b.keys.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn no_two_commands_share_a_name_or_a_key_in_one_pane() {
        assert_eq!(REGISTRY.clashes(), Vec::<String>::new());
    }

    #[test]
    fn every_default_key_is_one_and_runs_a_line_that_is_a_command() {
        for spec in REGISTRY.specs() {
            assert!(
                !spec.help.is_empty() && !spec.name.is_empty(),
                "{}",
                spec.name
            );
            for key in spec.keys {
                assert!(key.key.parse::<Key>().is_ok(), "{}: {}", spec.name, key.key);
                let line = key
                    .line
                    .replace("{contacts}", "a@b")
                    .replace("{contact}", "a@b")
                    .replace("{client}", "1")
                    .replace("{as}", "a@b")
                    .replace("{to}", "1");
                assert!(line.starts_with(spec.name), "{line}");
                if key.press != Press::Prompt {
                    assert!(REGISTRY.parse(&line).is_ok(), "{line}");
                }
            }
        }
        for spec in CONSOLE {
            assert!(act(spec.name).is_some(), "{} does nothing", spec.name);
        }
    }

    #[test]
    fn names_in_key_files_are_of_one_thing() {
        let map = Keymap::default();
        let mut seen = BTreeSet::new();
        for binding in &map.bound {
            assert!(
                seen.insert((binding.context, binding.name.clone())),
                "[{}] {}",
                context_name(binding.context),
                binding.name
            );
        }
    }

    #[test]
    fn a_key_that_means_something_else_elsewhere_is_declared_and_no_other_is() {
        let mut meanings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for spec in REGISTRY.specs() {
            for key in spec.keys {
                meanings.entry(key.key).or_default().insert(key.line);
            }
        }
        let many: BTreeSet<_> = meanings
            .iter()
            .filter(|(_, lines)| lines.len() > 1)
            .map(|(key, _)| *key)
            .collect();
        let declared: BTreeSet<_> = ELSEWHERE.iter().map(|(key, _)| *key).collect();
        assert_eq!(many, declared);
    }
}
