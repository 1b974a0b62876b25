//! One client's conversation, brought together from its notification connection and from the switchboard and web
//! connections that are attached to it. Whose those are, [`Owners`] says. A request that may be of more than one client
//! is in the conversation of each.

use super::append_record;
use crate::event::{ClientId, ClientInfo, Event, EventKind, Owners, Service};
use crate::msnp::Direction;
use indexmap::IndexMap;

/// Events that are kept of one client.
pub const MOST_EVENTS: usize = 20_000;
/// Clients that are kept beside each other.
pub const MOST_CLIENTS: usize = 64;
/// Clients that are looked at for that.
const MOST_KNOWN: usize = 4_096;
/// Bytes that these events may take in a recording.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Events that are kept until it is known which client is the first.
const MOST_EARLY: usize = 64;

/// What one client said and was told, in the order of time.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Which client.
    pub client: ClientId,
    /// What was last known of it.
    pub info: Option<ClientInfo>,
    /// The events.
    pub events: Vec<Event>,
    /// Events that were left out beyond that.
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
    /// The conversation of this client, or of the first one that the recording has. `owners` says whose its connections
    /// are.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn read(
        events: impl Iterator<Item = Event>,
        client: Option<ClientId>,
        owners: &Owners,
    ) -> Result<Self, NoClient> {
        let mut gather = Gather {
            client,
            owners,
            early: Vec::new(),
            info: None,
            events: Vec::new(),
            bytes: 0,
            left_out: 0,
        };
        events.for_each(|event| gather.take(event));
        gather.finish()
    }

    /// The conversations of all clients of which there is a line, in the order in which they came; and how many clients
    /// there are beyond [`MOST_CLIENTS`]. All together keep as much as one does alone.
    ///
    /// # Errors
    /// [`NoClient`]: there is none.
    pub fn all(
        events: impl Iterator<Item = Event>,
        owners: &Owners,
    ) -> Result<(Vec<Self>, usize), NoClient> {
        let mut all: IndexMap<ClientId, Self> = IndexMap::new();
        let (mut count, mut bytes) = (0, 0);
        for event in events {
            let weight = weight(&event);
            for client in owners.among(&event) {
                if all.len() >= MOST_KNOWN && !all.contains_key(&client) {
                    continue;
                }
                let own = all.entry(client).or_insert_with(|| Self {
                    client,
                    info: None,
                    events: Vec::new(),
                    left_out: 0,
                });
                if let EventKind::Client(info) = &event.kind {
                    own.info = Some((**info).clone());
                }
                if count >= MOST_EVENTS || bytes + weight > MOST_BYTES {
                    own.left_out += 1;
                    continue;
                }
                (count, bytes) = (count + 1, bytes + weight);
                own.events.push(event.clone());
            }
        }
        // Who is only known of, or only looked whether the door is open, said nothing.
        let says = |event: &Event| {
            matches!(
                event.kind,
                EventKind::Frame(_) | EventKind::Http(_) | EventKind::Tls(_)
            )
        };
        let speaks = |own: &Self| own.left_out > 0 || own.events.iter().any(says);
        let has_line = |own: &Self| {
            let is_state = |event: &Event| matches!(event.kind, EventKind::Client(_));
            own.left_out > 0 || !own.events.iter().all(is_state)
        };
        let anybody = all.values().any(speaks);
        all.retain(|_, own| if anybody { speaks(own) } else { has_line(own) });
        let more = all.len().saturating_sub(MOST_CLIENTS);
        let mut all: Vec<Self> = all.into_values().take(MOST_CLIENTS).collect();
        for own in &mut all {
            own.events.sort_by_key(|event| event.time);
        }
        match all.is_empty() {
            true => Err(NoClient::AtAll),
            false => Ok((all, more)),
        }
    }

    /// The events of its sign-in: up to the first answered ping after its CHG was answered, because from there on the client
    /// rests. All events, where it never came so far.
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

struct Gather<'a> {
    client: Option<ClientId>,
    owners: &'a Owners,
    /// What came before it was known which client is the first.
    early: Vec<Event>,
    info: Option<ClientInfo>,
    events: Vec<Event>,
    bytes: usize,
    left_out: u64,
}

/// Bytes that an event takes in a recording; in memory it takes about as many.
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

impl Gather<'_> {
    fn take(&mut self, event: Event) {
        let Some(client) = self.client else {
            return self.begin(event);
        };
        if !self.owners.may_be(&event, client) {
            return;
        }
        if let EventKind::Client(info) = &event.kind {
            self.info = Some((**info).clone());
        }
        self.keep(event);
    }

    /// The first event that says whose it is says which client is the first.
    fn begin(&mut self, event: Event) {
        match (event.client, &event.kind) {
            // An event about what is known of a client chooses no client: a filter lets it pass, whosever it is.
            (Some(_), EventKind::Client(_)) => {}
            (Some(client), _) => {
                self.client = Some(client);
                for early in std::mem::take(&mut self.early) {
                    self.take(early);
                }
                self.take(event);
            }
            (None, _) if event.connection.is_none() => {}
            (None, _) if self.early.len() < MOST_EARLY => self.early.push(event),
            (None, _) => self.left_out += 1,
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
    use crate::event::ConnectionId;
    use crate::findings::owners;
    use crate::recording::golden::messenger_mac_8_0_1;

    fn read(events: Vec<Event>, client: Option<ClientId>) -> Result<Conversation, NoClient> {
        let owners = owners(events.iter().cloned());
        Conversation::read(events.into_iter(), client, &owners)
    }

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
        let read = read(golden, None).expect("a client");
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
    fn what_nobody_attributed_is_the_clients_whose_time_it_was_and_what_is_anothers_is_not() {
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
        let read = read(events, Some(ClientId(1))).expect("a client");
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
        if let EventKind::Http(exchange) = &mut http.kind {
            exchange.response.bytes = vec![b'x'; MOST_BYTES / 4].into();
        }
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
        let read = Conversation::read(all, None, &Owners::default()).expect("a client");
        assert!(read.left_out >= 990, "{}", read.left_out);
        let kept: usize = read.events.iter().map(weight).sum();
        assert!(kept <= MOST_BYTES);
    }

    #[test]
    fn a_client_that_is_not_there_is_said_not_to_be() {
        let read = |events, client| read(events, client).map(drop);
        let nine = Some(ClientId(9));
        assert_eq!(
            read(messenger_mac_8_0_1(), nine),
            Err(NoClient::Number(ClientId(9)))
        );
        assert_eq!(read(Vec::new(), None), Err(NoClient::AtAll));
    }
}
