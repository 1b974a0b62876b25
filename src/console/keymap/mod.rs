//! Keys: the table, and a file over it.

mod file;
mod key;
mod table;

pub use file::{KeymapError, load};
pub use key::Key;
pub use table::{Act, Context, ELSEWHERE, Row, TABLE};

use std::collections::HashMap;

/// Which key does what, where.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// The keys of each row of [`TABLE`] in each of its contexts.
    bound: Vec<(usize, Context, Vec<Key>)>,
    found: HashMap<(Context, Key), Act>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = TABLE
            .iter()
            .enumerate()
            .flat_map(|(at, row)| {
                row.contexts.iter().map(move |context| {
                    // A test reads every default, so nothing is passed over here.
                    let keys = row.keys.iter().filter_map(|k| k.parse().ok()).collect();
                    (at, *context, keys)
                })
            })
            .collect();
        Self::of(bound)
    }
}

impl Keymap {
    fn of(bound: Vec<(usize, Context, Vec<Key>)>) -> Self {
        let found = bound
            .iter()
            .flat_map(|(at, context, keys)| {
                keys.iter().map(move |key| ((*context, *key), TABLE[*at].act))
            })
            .collect();
        Self { bound, found }
    }

    /// What the key does in this pane.
    pub fn act(&self, context: Context, key: Key) -> Option<Act> {
        self.found
            .get(&(context, key))
            .or_else(|| self.found.get(&(Context::Everywhere, key)))
            .copied()
    }

    /// The rows that work in this context, with their keys.
    pub fn rows(&self, context: Context) -> impl Iterator<Item = (&'static Row, &[Key])> {
        self.bound
            .iter()
            .filter(move |(_, held, _)| *held == context)
            .map(|(at, _, keys)| (&TABLE[*at], keys.as_slice()))
    }

    /// The first key that does this, in this context or everywhere.
    pub fn key(&self, context: Context, act: Act) -> Option<Key> {
        [context, Context::Everywhere].into_iter().find_map(|context| {
            self.rows(context)
                .find(|(row, keys)| row.act == act && !keys.is_empty())
                .and_then(|(_, keys)| keys.first().copied())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_default_key_is_a_key_and_clashes_with_nothing_in_its_pane() {
        let mut seen = BTreeMap::new();
        for row in TABLE {
            assert!(!row.help.is_empty() && !row.keys.is_empty(), "{}", row.name);
            for key in row.keys {
                assert!(key.parse::<Key>().is_ok(), "{}: {key}", row.name);
                for context in row.contexts {
                    if let Some(other) = seen.insert((context.name(), *key), row.name) {
                        panic!("{key} in {} is {other} and {}", context.name(), row.name);
                    }
                }
            }
        }
    }

    #[test]
    fn a_key_that_means_something_else_elsewhere_is_declared_and_no_other_is() {
        let mut meanings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in TABLE {
            for key in row.keys {
                meanings.entry(key).or_default().insert(row.name);
            }
        }
        let many: BTreeSet<_> =
            meanings.iter().filter(|(_, names)| names.len() > 1).map(|(key, _)| *key).collect();
        let declared: BTreeSet<_> = ELSEWHERE.iter().map(|(key, _)| *key).collect();
        assert_eq!(many, declared);
    }

    #[test]
    fn a_pane_comes_before_everywhere() {
        let map = Keymap::default();
        let tab = "tab".parse().expect("a key");
        assert_eq!(map.act(Context::Injector, tab), Some(Act::Complete));
        assert_eq!(map.act(Context::Contacts, tab), Some(Act::NextPane));
    }
}
