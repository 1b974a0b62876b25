//! One client's conversation, brought together from its notification connection and its web requests.
//!
//! A request is the client's where the service attributed it (by nonce or ticket). One that nobody could
//! attribute (the nexus is asked without a name) is taken for the client's where it came from the same
//! address and names no other account.

use super::append_record;
use crate::event::{ClientId, ClientInfo, ConnectionId, Event, EventKind, Service};
use crate::msnp::Direction;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The most events that are kept of one client.
pub const MOST_EVENTS: usize = 20_000;
/// The most that these may take in a recording, in bytes.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// The most web connections that are open at a time as far as this is concerned.
const MOST_CONNECTIONS: usize = 4_096;
/// The most events that are kept of a web connection until it is known whose it is.
const MOST_PENDING: usize = 64;

/// What one client said and was told, in the order of time.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Which client.
    pub client: ClientId,
    /// What was last known of it.
    pub info: Option<ClientInfo>,
    /// The events.
    pub events: Vec<Event>,
    /// How many more there were, beyond what is kept.
    pub left_out: u64,
}

/// A recording without that client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoClient {
    /// It has others, or none.
    #[error("the recording has no client {0}")]
    Number(ClientId),
    /// It has none at all.
    #[error("there is no client in the recording, or none that the filter leaves")]
    AtAll,
}

impl Conversation {
    /// The conversation of this client, or of the first one that the recording has.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn read(
        events: impl Iterator<Item = Event>,
        client: Option<ClientId>,
    ) -> Result<Self, NoClient> {
        let mut gather = Gather {
            client,
            ..Gather::default()
        };
        events.for_each(|event| gather.take(event));
        gather.finish()
    }

    /// The events of its sign-in: up to the first ping that is answered once it is online (its CHG was answered),
    /// since from there on it rests; all of them where it never came so far.
    pub fn sign_in(&self) -> &[Event] {
        let mut online = false;
        for (at, event) in self.events.iter().enumerate() {
            let EventKind::Frame(told) = &event.kind else {
                continue;
            };
            if told.service != Service::Notification || told.direction == Direction::In {
                continue;
            }
            online |= told.frame.verb() == b"CHG";
            if online && told.frame.verb() == b"QNG" {
                return &self.events[..=at];
            }
        }
        &self.events
    }
}

#[derive(Default)]
struct Gather {
    client: Option<ClientId>,
    address: Option<IpAddr>,
    account: Option<String>,
    info: Option<ClientInfo>,
    events: Vec<Event>,
    bytes: usize,
    left_out: u64,
    pending: BTreeMap<ConnectionId, Pending>,
}

/// A web connection of which it is not yet known whose it is.
#[derive(Default)]
struct Pending {
    /// With what each takes.
    events: Vec<(Event, usize)>,
    peer: Option<IpAddr>,
    ours: Option<bool>,
}

/// What an event takes in a recording, in bytes; about what it takes in memory.
fn weight(event: &Event) -> usize {
    match &event.kind {
        EventKind::Frame(frame) => frame.frame.wire().len(),
        EventKind::Http(http) => http.request.bytes.len() + http.response.bytes.len(),
        _ => {
            let mut bytes = Vec::new();
            match append_record(event, &mut bytes) {
                Ok(()) => bytes.len(),
                Err(length) => length,
            }
        }
    }
}

impl Gather {
    fn take(&mut self, event: Event) {
        let wanted = *match (&mut self.client, event.client) {
            (Some(client), _) => client,
            // What is known of a client chooses none: a filter lets it pass whosever it is.
            (None, Some(_)) if matches!(event.kind, EventKind::Client(_)) => return,
            (none, Some(client)) => none.insert(client),
            (None, None) => return self.web(event),
        };
        if event.client == Some(wanted) {
            match &event.kind {
                EventKind::Connected {
                    service: Service::Notification,
                    peer,
                    ..
                } => {
                    self.address = Some(peer.ip());
                }
                EventKind::Client(info) => {
                    self.address = Some(info.peer.ip());
                    self.account.clone_from(&info.account);
                    self.info = Some((**info).clone());
                }
                EventKind::Http(_) => return self.web(event),
                _ => {}
            }
            self.keep(event);
        } else {
            self.web(event);
        }
    }

    /// An event of a web connection, or of none.
    fn web(&mut self, event: Event) {
        let Some(connection) = event.connection else {
            return;
        };
        if event.client.is_some() && !matches!(event.kind, EventKind::Http(_)) {
            return;
        }
        let pending = self.pending.entry(connection).or_default();
        let mut over = false;
        match &event.kind {
            EventKind::Connected {
                service: Service::Https | Service::Http,
                peer,
                ..
            } => {
                pending.peer = Some(peer.ip());
            }
            EventKind::Tls(_) | EventKind::Finding(_) => {}
            EventKind::Http(http) => {
                if event.client.is_some() {
                    pending.ours = Some(event.client == self.client);
                } else if http.account.is_some() && self.account.is_some() {
                    pending.ours = Some(http.account == self.account);
                }
            }
            EventKind::Disconnected { .. } => over = true,
            _ => return,
        }
        let bytes = weight(&event);
        let others = event.client.is_some() && event.client != self.client;
        if others {
            // It is known whose it is.
        } else if pending.events.len() < MOST_PENDING && self.bytes + bytes <= MOST_BYTES {
            self.bytes += bytes;
            pending.events.push((event, bytes));
        } else {
            self.left_out += 1;
        }
        if over {
            self.settle(connection);
        } else if self.pending.len() > MOST_CONNECTIONS
            && let Some(oldest) = self.pending.keys().next().copied()
        {
            self.settle(oldest);
        }
    }

    fn settle(&mut self, connection: ConnectionId) {
        let Some(pending) = self.pending.remove(&connection) else {
            return;
        };
        let same_address = pending.peer.is_some() && pending.peer == self.address;
        let ours = pending.ours.unwrap_or(same_address);
        for (event, bytes) in pending.events {
            self.bytes -= bytes;
            // Two clients may share a connection, behind a proxy.
            if ours && (event.client.is_none() || event.client == self.client) {
                self.keep(event);
            }
        }
    }

    fn keep(&mut self, event: Event) {
        let bytes = weight(&event);
        if self.events.len() >= MOST_EVENTS || self.bytes + bytes > MOST_BYTES {
            self.left_out += 1;
            return;
        }
        self.bytes += bytes;
        self.events.push(event);
    }

    fn finish(mut self) -> Result<Conversation, NoClient> {
        let client = self.client.ok_or(NoClient::AtAll)?;
        while let Some(connection) = self.pending.keys().next().copied() {
            self.settle(connection);
        }
        let seen = |event: &Event| event.client == Some(client);
        if !self.events.iter().any(seen) {
            return Err(NoClient::Number(client));
        }
        self.events.sort_by_key(|event| event.time);
        Ok(Conversation {
            client,
            info: self.info,
            events: self.events,
            left_out: self.left_out,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::golden::messenger_mac_8_0_1;

    fn actions(conversation: &Conversation) -> Vec<&str> {
        let events = conversation.events.iter();
        let http = events.filter_map(|event| match &event.kind {
            EventKind::Http(http) => Some(http.action.name()),
            _ => None,
        });
        http.collect()
    }

    const ALL: [&str; 6] = [
        "nexus",
        "login",
        "login",
        "FindMembership",
        "login",
        "ABFindAll",
    ];

    #[test]
    fn requests_are_brought_together_with_their_client() {
        let golden = messenger_mac_8_0_1();
        let read = Conversation::read(golden.into_iter(), None).expect("a client");
        assert_eq!(read.client, ClientId(1));
        assert_eq!(actions(&read), ALL);
        assert!(read.events.is_sorted_by_key(|event| event.time));
        let tls = read
            .events
            .iter()
            .filter(|e| e.kind.name() == "tls")
            .count();
        assert_eq!(tls, 6);
    }

    #[test]
    fn what_nobody_attributed_is_taken_by_address_and_what_is_anothers_is_not() {
        let mut events = messenger_mac_8_0_1();
        for event in &mut events {
            if let EventKind::Http(http) = &mut event.kind {
                match http.action.name() {
                    "nexus" => event.client = None,
                    "ABFindAll" => event.client = Some(ClientId(2)),
                    "FindMembership" => {
                        event.client = None;
                        http.account = Some("other@local".into());
                    }
                    _ => {}
                }
            }
        }
        let read = Conversation::read(events.into_iter(), Some(ClientId(1))).expect("a client");
        assert_eq!(actions(&read), ["nexus", "login", "login", "login"]);
    }

    #[test]
    fn however_much_there_is_a_bound_of_it_is_kept() {
        let golden = messenger_mac_8_0_1();
        let mut http = golden
            .iter()
            .find(|e| e.kind.name() == "http")
            .expect("one")
            .clone();
        http.client = None;
        if let EventKind::Http(exchange) = &mut http.kind {
            exchange.response.bytes = vec![b'x'; MOST_BYTES / 4].into();
        }
        // Nobody knows whose they are, and no connection ends.
        let many = (0..1_000).map(|n| Event {
            connection: Some(ConnectionId(100 + n)),
            ..http.clone()
        });
        let (first, rest) = golden.split_at(10);
        let all = first
            .iter()
            .cloned()
            .chain(many)
            .chain(rest.iter().cloned());
        let read = Conversation::read(all, None).expect("a client");
        assert!(read.left_out >= 990, "{}", read.left_out);
        let kept: usize = read.events.iter().map(weight).sum();
        assert!(kept <= MOST_BYTES);
    }

    #[test]
    fn a_client_that_is_not_there_is_said_not_to_be() {
        let read =
            |events: Vec<Event>, client| Conversation::read(events.into_iter(), client).map(drop);
        let nine = Some(ClientId(9));
        assert_eq!(
            read(messenger_mac_8_0_1(), nine),
            Err(NoClient::Number(ClientId(9)))
        );
        assert_eq!(read(Vec::new(), None), Err(NoClient::AtAll));
    }
}
