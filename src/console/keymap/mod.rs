//! Keys: what the registry binds, and a file over it.

mod file;
mod files;
mod key;
mod playback;
mod table;

pub use crate::command::{Pane as Context, Press};
pub use file::{KeymapError, load};
pub use key::Key;
pub use playback::PLAYBACK;
pub use table::{Act, CONSOLE, ELSEWHERE, REGISTRY, act};

use crate::command::Spec;
use std::collections::HashMap;
use std::fmt::Write as _;

/// The contexts, in the order in which the help overlay shows them.
pub const CONTEXTS: [Context; 8] = [
    Context::Contacts,
    Context::Transcript,
    Context::Clients,
    Context::Detail,
    Context::Injector,
    Context::Log,
    Context::Login,
    Context::Everywhere,
];

/// What keys of one pane run one line.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Where.
    pub context: Context,
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
    found: HashMap<(Context, Key), usize>,
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
                let held = bound
                    .iter_mut()
                    .find(|b| b.context == default.pane && b.line == default.line);
                if let Some(held) = held {
                    held.keys.push(key);
                    continue;
                }
                let word = if matches!(spec.scope, crate::command::Scope::Console) {
                    spec.name
                } else {
                    default.label
                };
                bound.push(Binding {
                    context: default.pane,
                    keys: vec![key],
                    name: word.replace(' ', "-"),
                    label: default.label,
                    line: default.line,
                    press: default.press,
                    spec,
                });
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

    /// What the key does in this pane.
    pub fn get(&self, context: Context, key: Key) -> Option<&Binding> {
        self.found
            .get(&(context, key))
            .or_else(|| self.found.get(&(Context::Everywhere, key)))
            .map(|at| &self.bound[*at])
    }

    /// What works in this context alone, in the order of the tables.
    pub fn of_context(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.bound.iter().filter(move |b| b.context == context)
    }

    /// The keymap as a key file.
    pub fn to_file(&self) -> String {
        let mut out = String::new();
        for context in CONTEXTS {
            let _ = writeln!(out, "[{}]", context.name());
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
    pub fn key(&self, context: Context, line: &str) -> Option<Key> {
        [context, Context::Everywhere]
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
                    .replace("{client}", "1");
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
                binding.context.name(),
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
