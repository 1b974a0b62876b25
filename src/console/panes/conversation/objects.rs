//! What clients have given of the emoticons, winks and voice clips that they showed. It is folded from replies to `fetch`
//! alone, so a recording shows the same.

use super::entry::Entry;
use crate::console::widget::portrait::Portrait;
use indexmap::IndexMap;

/// The most that are kept; the one that came first goes.
const MOST: usize = 64;
/// Of which account, in lower case, and by what name it was shown.
type Key = (String, String);

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Objects(IndexMap<Key, Portrait>);

fn key(account: &str, name: &str) -> Key {
    (account.to_ascii_lowercase(), name.to_owned())
}

impl Objects {
    /// An account has given what it showed by this name.
    pub fn put(&mut self, account: &str, name: &str, portrait: Portrait) {
        let key = key(account, name);
        self.0.shift_remove(&key);
        if self.0.len() >= MOST {
            self.0.shift_remove_index(0);
        }
        self.0.insert(key, portrait);
    }

    /// What there is of an entry, by the names that it shows.
    pub fn of(&self, entry: &Entry) -> Vec<(String, &Portrait)> {
        let found = entry.shows().into_iter().filter_map(|name| {
            let portrait = self.0.get(&key(&entry.account, &name))?;
            Some((name, portrait))
        });
        found.collect()
    }
}
