//! Whose each connection of a recording is: the recording is read once for that alone.

use super::Findings;
use crate::event::{ClientId, Event, EventId, EventKind, Owners};

impl Findings {
    /// For whom alone, or for which of them, it was the time of the request that this event is.
    pub fn time_of(&self, event: &Event) -> &[ClientId] {
        match (&event.kind, event.connection) {
            (EventKind::Http(_), Some(connection)) => self.ladders.behind(connection),
            _ => &[],
        }
    }
}

/// Whose the connections of these events are.
pub fn owners(events: impl Iterator<Item = Event>) -> Owners {
    let (mut findings, mut owners) = (Findings::new(), Owners::default());
    for (id, event) in (0..).zip(events) {
        findings.take(&event, EventId(id));
        owners.take(&event, findings.time_of(&event));
    }
    owners
}
