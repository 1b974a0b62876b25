//! What a client sees as it begins to look: the contacts of the roster, those of them that are signed-in clients, and the
//! clients on its own forward list that the roster does not have.

use crate::roster::{Contact, Roster};
use std::collections::HashMap;
use std::sync::Arc;

/// Everybody whom a client may see, at one moment.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The contacts that nudge plays.
    pub roster: Arc<Roster>,
    /// Those of the roster that are signed in for real, by account in small letters: as they show themselves to this
    /// client, `None` where they do not.
    pub real: HashMap<String, Option<Arc<Contact>>>,
    /// The others.
    pub more: Vec<Arc<Contact>>,
}

impl Seen {
    /// Whoever stands at this place; `Some(None)` is somebody who is not shown.
    pub fn at(&self, place: usize) -> Option<Option<&Arc<Contact>>> {
        let Some(contact) = self.roster.at(place) else {
            return self.more.get(place - self.roster.len()).map(Some);
        };
        if self.real.is_empty() {
            return Some(Some(contact));
        }
        let real = self.real.get(&contact.account.to_ascii_lowercase());
        Some(real.map_or(Some(contact), Option::as_ref))
    }
}
