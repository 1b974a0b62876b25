//! What a contact sends beside words, and what it has to give to those who ask for it.

use crate::server::peer::Thing;
use std::collections::VecDeque;
use std::sync::Arc;

/// The most objects that contacts have to give beside their pictures, in all; the one that was sent first goes.
pub const MOST_GIFTS: usize = 64;

/// The messages of an emoticon, a wink or ink, and what they name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// The payloads, in their order.
    pub payloads: Vec<String>,
    /// The object that they name, and its bytes; ink has none.
    pub thing: Option<Arc<Thing>>,
}

/// What contacts have to give.
#[derive(Debug, Default)]
pub(super) struct Gifts(VecDeque<(String, Arc<Gift>)>);

impl Gifts {
    /// A contact sends this: it has it to give from then on.
    pub(super) fn keep(&mut self, contact: &str, gift: &Arc<Gift>) {
        if gift.thing.is_none() || self.0.iter().any(|(_, held)| Arc::ptr_eq(held, gift)) {
            return;
        }
        if self.0.len() >= MOST_GIFTS {
            self.0.pop_front();
        }
        self.0.push_back((contact.to_owned(), gift.clone()));
    }

    /// Those of one contact.
    pub(super) fn of(&self, contact: &str) -> Vec<Arc<Thing>> {
        let own = self
            .0
            .iter()
            .filter(|(held, _)| held.eq_ignore_ascii_case(contact));
        own.filter_map(|(_, gift)| gift.thing.clone()).collect()
    }
}
