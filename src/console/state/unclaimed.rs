//! Lines of web connections of which it is not known yet whose they are: a handshake comes before the request that tells.

use crate::event::{ClientId, ConnectionId, Event, EventId, EventKind, Kind};
use std::collections::{HashMap, VecDeque};

/// How many connections are remembered, and how many lines of each.
const CONNECTIONS: usize = 2_048;
const LINES: usize = 64;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Unclaimed {
    held: HashMap<ConnectionId, Vec<EventId>>,
    /// Connections that say of themselves nothing, and whose they are all the same.
    found: HashMap<ConnectionId, ClientId>,
    /// The connections, the oldest first.
    order: VecDeque<ConnectionId>,
}

impl Unclaimed {
    /// It was found whose this connection is, until it ends.
    pub fn found(&mut self, connection: ConnectionId, client: ClientId) {
        if self.found.len() < CONNECTIONS {
            self.found.insert(connection, client);
        }
    }

    /// Whose the connection of this event was found to be.
    pub fn owner(&mut self, event: &Event) -> Option<ClientId> {
        let connection = event.connection?;
        match event.kind {
            EventKind::Disconnected { .. } => self.found.remove(&connection),
            _ => self.found.get(&connection).copied(),
        }
    }

    /// Takes an event that becomes this line. Gives back the lines before it that are of its client after all.
    pub fn event(&mut self, event: &Event, id: EventId) -> Vec<EventId> {
        let Some(connection) = event.connection.filter(|_| Kind::of(&event.kind).is_some()) else {
            return Vec::new();
        };
        match (&event.kind, event.client) {
            (EventKind::Frame(_), _) => Vec::new(),
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
