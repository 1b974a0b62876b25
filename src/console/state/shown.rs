//! Which lines of the journal the transcript shows (provisional: all).

use crate::journal::{EventId, Journal};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Shown;

#[allow(missing_docs)]
impl Shown {
    pub fn older(&self, journal: &Journal, id: EventId) -> Option<EventId> {
        (id > journal.first()).then(|| id.minus(1))
    }
    pub fn newer(&self, journal: &Journal, id: EventId) -> Option<EventId> {
        let next = id.plus(1);
        (next < journal.next()).then_some(next)
    }
    pub fn first(&self, journal: &Journal) -> Option<EventId> {
        (!journal.is_empty()).then(|| journal.first())
    }
    pub fn last(&self, journal: &Journal) -> Option<EventId> {
        journal.last()
    }
    pub fn has(&self, journal: &Journal, id: EventId) -> bool {
        journal.get(id).is_some()
    }
    pub fn appended(&mut self, _journal: &Journal, _id: EventId) -> bool {
        true
    }
}
