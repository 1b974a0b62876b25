//! Lines of switchboard and web connections of which it is not known yet whose they are: the connection and its
//! handshake come before the request that tells. Whose they are, [`Owners`] says.

use crate::event::{ClientId, ConnectionId, Event, EventId, EventKind, Kind, Owners, Service};
use std::collections::{HashMap, VecDeque};

/// Connections that are remembered.
const CONNECTIONS: usize = 2_048;
/// Lines that are remembered of each.
const LINES: usize = 64;

/// See the module.
#[derive(Debug, Clone)]
pub struct Unclaimed {
    owners: Owners,
    held: HashMap<ConnectionId, Vec<EventId>>,
    /// The connections, the oldest first.
    order: VecDeque<ConnectionId>,
}

impl Default for Unclaimed {
    fn default() -> Self {
        Self {
            owners: Owners::of_at_most(CONNECTIONS),
            held: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl Unclaimed {
    /// Takes an event, and says whose it is as far as that is known. `time_of` are those for whom it was the time, if it
    /// is a request.
    pub fn owner(&mut self, event: &Event, time_of: &[ClientId]) -> Option<ClientId> {
        self.owners.take(event, time_of);
        let owner = self.owners.of(event);
        if let (EventKind::Disconnected { .. }, Some(connection)) = (&event.kind, event.connection)
        {
            self.owners.forget(connection);
        }
        owner
    }

    /// Takes an event that becomes this line. Gives back the lines before it that are of its client after all.
    pub fn event(&mut self, event: &Event, id: EventId) -> Vec<EventId> {
        let Some(connection) = event.connection.filter(|_| Kind::of(&event.kind).is_some()) else {
            return Vec::new();
        };
        match (&event.kind, event.client) {
            // So it is with nearly every event: the connection is its client's from the first on.
            (EventKind::Frame(frame), _) if frame.service == Service::Notification => Vec::new(),
            (_, Some(_)) => self.held.remove(&connection).unwrap_or_default(),
            (EventKind::Disconnected { .. }, None) => {
                self.held.remove(&connection);
                Vec::new()
            }
            (_, None) => {
                if !self.held.contains_key(&connection) {
                    self.order.push_back(connection);
                }
                while self.order.len() > CONNECTIONS {
                    if let Some(first) = self.order.pop_front() {
                        self.held.remove(&first);
                    }
                }
                let lines = self.held.entry(connection).or_default();
                if lines.len() < LINES {
                    lines.push(id);
                }
                Vec::new()
            }
        }
    }
}
