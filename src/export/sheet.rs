//! The journal's filter and its one line of text, for events that come and go.

use crate::event::EventId;
use crate::event::{Event, EventKind};
use crate::journal::{Filter, Journal, summary};
use crate::msnp::escape::to_screen;

/// What the journal behind it may take, in bytes. An event beyond an eighth is filtered by its beginning.
const BYTES: usize = 32 * 1024 * 1024;

/// Asks the filter, and makes the text, of one event after another.
pub(super) struct Sheet {
    journal: Journal,
    filter: Filter,
    last: Option<EventId>,
}

impl Sheet {
    pub fn new(filter: Filter) -> Self {
        Self {
            journal: Journal::new(BYTES),
            filter,
            last: None,
        }
    }

    /// Whether the filter lets this event through.
    pub fn takes(&mut self, event: &Event) -> bool {
        self.last = None;
        if self.filter.is_empty() {
            return true;
        }
        self.last = self.journal.append(event.clone());
        let line = self.last.and_then(|id| self.journal.get(id));
        line.is_some_and(|line| self.filter.matches(&line))
    }

    /// The event that was last asked about as one line, safe for a screen.
    pub fn summary(&mut self, event: &Event, show: bool) -> String {
        if self.last.is_none() {
            self.last = self.journal.append(event.clone());
        }
        match (&event.kind, self.last.and_then(|id| self.journal.get(id))) {
            (_, Some(line)) => summary(&line, show),
            (EventKind::Listening { service, address }, _) => {
                format!("{} listens on {address}", service.name())
            }
            (EventKind::Roster(roster), _) => format!("a roster of {} contacts", roster.len()),
            (EventKind::Client(info), _) => {
                let account = info
                    .account
                    .as_deref()
                    .unwrap_or("a client without account");
                to_screen(format!("{account} is at {}", info.step.name()).as_bytes())
            }
            _ => String::new(),
        }
    }
}
