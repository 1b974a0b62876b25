//! The `contactType` that a client gave a contact, where that is another than the usual one: it is given back as it
//! came. The roster does not keep it, so it lasts as long as the service runs.

use crate::roster::Roster;
use parking_lot::Mutex;
use std::collections::HashMap;

/// The `contactType` of a contact for which no client gave another.
const USUAL: &str = "Regular";
/// The other ones that the service's schema knows for contacts.
const OTHERS: &[&str] = &[
    "Messenger",
    "Live",
    "LivePending",
    "LiveRejected",
    "LiveDropped",
];
/// The most contacts whose `contactType` is kept.
const MOST: usize = 10_000;

/// What contacts are called, by GUID.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Mutex<HashMap<String, &'static str>>);

impl Kinds {
    /// What this contact is called.
    pub(super) fn of(&self, id: &str) -> &'static str {
        self.0.lock().get(id).copied().unwrap_or(USUAL)
    }

    /// Keeps what a client calls a contact. Whether that is another than before.
    pub(super) fn set(&self, roster: &Roster, id: &str, kind: &str) -> bool {
        let mut held = self.0.lock();
        let Some(kind) = OTHERS.iter().find(|known| **known == kind) else {
            return kind == USUAL && held.remove(id).is_some();
        };
        if held.len() >= MOST {
            held.retain(|id, _| roster.by_id(id).is_some());
        }
        held.len() < MOST && held.insert(id.to_owned(), kind) != Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::testing::article;

    #[test]
    fn a_kind_is_given_back_and_an_unknown_one_is_not_kept() {
        let (kinds, roster) = (Kinds::default(), article());
        assert_eq!(kinds.of("a"), "Regular");
        assert!(kinds.set(&roster, "a", "LivePending"));
        assert!(!kinds.set(&roster, "a", "LivePending"));
        assert!(!kinds.set(&roster, "a", "<b>"));
        assert_eq!(kinds.of("a"), "LivePending");
        assert!(kinds.set(&roster, "a", "Regular"));
        assert_eq!(kinds.of("a"), "Regular");
    }

    #[test]
    fn those_of_strangers_go_where_there_are_too_many() {
        let (kinds, roster) = (Kinds::default(), article());
        let busy = "22222222-2222-2222-2222-222222222222";
        kinds.set(&roster, busy, "Live");
        for number in 0..2 * MOST {
            kinds.set(&roster, &number.to_string(), "Live");
        }
        assert!(kinds.0.lock().len() <= MOST);
        assert_eq!(kinds.of(busy), "Live");
    }
}
