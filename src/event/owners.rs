//! Whose a connection is: the one place that says so, for whoever reads events one after the other.
//!
//! A client begins with its notification connection. A switchboard connection is a client's from the cookie that it
//! shows, and a web connection from a request with a nonce or a ticket. What such a connection did before that is the
//! same client's. Where no request shows either (the nexus is asked without a name), a web connection is the client's
//! for whom alone it was the time; the login ladders know who that is.
//!
//! Who has read a whole recording once knows it of every event. Who reads as events come knows it from the event on that
//! shows it.

use super::{ClientId, ConnectionId, Event, EventKind, Service};
use std::collections::HashMap;

/// See the module.
#[derive(Debug, Clone)]
pub struct Owners {
    held: HashMap<ConnectionId, Owner>,
    most: usize,
}

impl Default for Owners {
    fn default() -> Self {
        Self::of_at_most(Self::MOST)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Owner {
    /// Nothing shows whose it is.
    Nobody,
    /// It was the time of each of these.
    Among(Box<[ClientId]>),
    /// It was the time of this one alone.
    Likely(ClientId),
    /// An event on it says so.
    Shown(ClientId),
}

impl Owners {
    /// The most connections of a recording that are known of. Of one beyond that it is not known whose it is.
    pub const MOST: usize = 1 << 20;

    /// Nothing is known yet; so many connections are known of at a time.
    pub fn of_at_most(most: usize) -> Self {
        let held = HashMap::new();
        Self { held, most }
    }

    /// Takes the next event. `time_of` are those for whom a request on its connection was the time, if it is one that
    /// shows nothing itself.
    pub fn take(&mut self, event: &Event, time_of: &[ClientId]) {
        let Some(connection) = event.connection else {
            return;
        };
        let Some(client) = event.client else {
            return self.unclaimed(connection, event, time_of);
        };
        // A notification connection is its client's from the first event on.
        let attached = match &event.kind {
            EventKind::Frame(frame) => frame.service != Service::Notification,
            EventKind::Http(_) => true,
            _ => self.held.contains_key(&connection),
        };
        if attached && !matches!(self.held.get(&connection), Some(Owner::Shown(_))) {
            self.keep(connection, Owner::Shown(client));
        }
    }

    fn unclaimed(&mut self, connection: ConnectionId, event: &Event, time_of: &[ClientId]) {
        match (&event.kind, self.held.get(&connection), time_of) {
            (EventKind::Disconnected { .. }, Some(Owner::Nobody), _) => {
                self.held.remove(&connection);
            }
            (EventKind::Http(_), None | Some(Owner::Nobody | Owner::Among(_)), [one]) => {
                self.keep(connection, Owner::Likely(*one));
            }
            (EventKind::Http(_), None | Some(Owner::Nobody), [_, ..]) => {
                self.keep(connection, Owner::Among(time_of.into()));
            }
            (EventKind::Connected { .. } | EventKind::Tls(_), None, _) => {
                self.keep(connection, Owner::Nobody);
            }
            _ => {}
        }
    }

    fn keep(&mut self, connection: ConnectionId, owner: Owner) {
        if self.held.len() < self.most || self.held.contains_key(&connection) {
            self.held.insert(connection, owner);
        }
    }

    /// Whose an event is, as far as is known: it says so itself, or its connection is that client's.
    pub fn of(&self, event: &Event) -> Option<ClientId> {
        event
            .client
            .or_else(|| match self.held.get(&event.connection?)? {
                Owner::Likely(client) | Owner::Shown(client) => Some(*client),
                Owner::Nobody | Owner::Among(_) => None,
            })
    }

    /// Whose an event is, or may be: of several, where it was the time of each.
    pub fn among(&self, event: &Event) -> Vec<ClientId> {
        if let Some(owner) = self.of(event) {
            return vec![owner];
        }
        let held = event.connection.and_then(|held| self.held.get(&held));
        match held {
            Some(Owner::Among(clients)) => clients.to_vec(),
            _ => Vec::new(),
        }
    }

    /// Whether an event is this client's, or may be: it was the time of others as well.
    pub fn may_be(&self, event: &Event, client: ClientId) -> bool {
        self.among(event).contains(&client)
    }

    /// Connections that are known of.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is known of.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// A connection is over, and nobody asks for it any more.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.held.remove(&connection);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FrameEvent, Secrets, Timestamp, samples};
    use super::*;
    use crate::msnp::{Direction, Frame};

    const WEB: ConnectionId = ConnectionId(7);
    const ONE: ClientId = ClientId(1);
    const TWO: ClientId = ClientId(2);

    fn event(client: Option<ClientId>, kind: EventKind) -> Event {
        Event {
            time: Timestamp(1),
            connection: Some(WEB),
            client,
            kind,
        }
    }

    fn named(name: &str) -> EventKind {
        let mut all = samples::samples().into_iter();
        let found = all.find(|kind| kind.name() == name);
        found.expect("a sample")
    }

    fn frame(service: Service) -> EventKind {
        EventKind::Frame(FrameEvent {
            service,
            direction: Direction::In,
            frame: Frame::from_wire("USR 1 me@local x\r\n".into()),
            secrets: Secrets::default(),
            injected: false,
        })
    }

    #[test]
    fn what_came_before_a_request_that_shows_whose_it_is_is_that_clients() {
        let mut owners = Owners::default();
        let hello = event(None, named("tls"));
        owners.take(&hello, &[]);
        assert_eq!(owners.of(&hello), None);
        owners.take(&event(None, named("http")), &[ONE, TWO]);
        assert_eq!(owners.of(&hello), None);
        assert!(owners.may_be(&hello, ONE) && owners.may_be(&hello, TWO));
        owners.take(&event(None, named("http")), &[TWO]);
        assert_eq!(owners.of(&hello), Some(TWO));
        // What is shown counts more than whose time it was.
        owners.take(&event(Some(ONE), named("http")), &[]);
        assert_eq!(owners.of(&hello), Some(ONE));
        assert!(!owners.may_be(&hello, TWO));
        // Behind a proxy two share a connection; each event that says whose it is keeps that.
        let others = event(Some(TWO), named("http"));
        owners.take(&others, &[]);
        assert_eq!(owners.of(&others), Some(TWO));
        assert_eq!(owners.of(&hello), Some(ONE));
    }

    #[test]
    fn a_switchboard_connection_is_its_clients_before_its_cookie_too() {
        let mut owners = Owners::default();
        let came = event(None, named("connected"));
        owners.take(&came, &[]);
        owners.take(&event(Some(TWO), frame(Service::Switchboard)), &[]);
        assert_eq!(owners.of(&came), Some(TWO));
    }

    #[test]
    fn nothing_is_kept_of_what_nobody_asks_for() {
        let mut owners = Owners::default();
        owners.take(&event(Some(ONE), frame(Service::Notification)), &[]);
        assert!(owners.is_empty());
        owners.take(&event(None, named("tls")), &[]);
        assert_eq!(owners.len(), 1);
        owners.take(&event(None, named("disconnected")), &[]);
        assert!(owners.is_empty());
    }
}
