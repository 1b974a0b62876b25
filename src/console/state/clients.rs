//! Who is connected: clients by their number, and the connections of which nobody knows yet whose they are.

use crate::event::{
    ClientId, ClientInfo, ConnectionId, Event, EventKind, FrameEvent, Service, Step, Timestamp,
    Turn,
};
use crate::msnp::{Direction, TransactionId};
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use std::net::SocketAddr;

/// How many clients that are gone, and connections that ended badly, are still listed.
const GONE: usize = 6;
/// The same over a recording, where all have gone at its end. With its ladder each takes about 10 KB.
pub const GONE_OF_RECORDING: usize = 1_024;
/// How many are listed over a recording in all: one from a hostile hand says of none that it has gone.
const ALL_OF_RECORDING: usize = 8_192;
/// So many more may be listed for a while, since to look for the oldest is to look at all of them: an eighth.
const SLACK: usize = 8;

/// One client, or one connection without a client.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its number; `None` for a connection that is not attributed.
    pub id: Option<ClientId>,
    /// Its own connection, at the notification service.
    pub connection: Option<ConnectionId>,
    /// What the service knows of it.
    pub info: Option<ClientInfo>,
    /// From where it came.
    pub peer: Option<SocketAddr>,
    /// The service it reached, where it is a connection only.
    pub service: Option<Service>,
    /// TLS of its last handshake: version, or the cause of a failure.
    pub tls: Option<Result<String, String>>,
    /// Bytes of frames and requests from it.
    pub bytes_in: u64,
    /// Bytes of frames and answers to it.
    pub bytes_out: u64,
    /// When it was first seen.
    pub began: Timestamp,
    /// When something last came from it.
    pub heard: Timestamp,
    /// Whether it is closed, and why.
    pub gone: Option<String>,
    /// How many findings there are about it.
    pub findings: usize,
    /// The transaction id of its last CHG: that of the ILN which answer it.
    pub last_change: Option<TransactionId>,
}

impl Client {
    fn new(time: Timestamp) -> Self {
        Self {
            id: None,
            connection: None,
            info: None,
            peer: None,
            service: None,
            tls: None,
            bytes_in: 0,
            bytes_out: 0,
            began: time,
            heard: time,
            gone: None,
            findings: 0,
            last_change: None,
        }
    }

    fn frame(&mut self, told: &FrameEvent, time: Timestamp) {
        let length = told.frame.wire().len() as u64;
        match told.direction {
            Direction::In => {
                self.bytes_in += length;
                self.heard = time;
                if told.frame.verb() == b"CHG" {
                    self.last_change = told.frame.transaction();
                }
            }
            Direction::Out => self.bytes_out += length,
        }
    }

    /// How far it is.
    pub fn step(&self) -> Step {
        if self.gone.is_some() {
            return Step::Gone;
        }
        self.info.as_ref().map_or(Step::Connected, |i| i.step)
    }

    /// Since when it has been that far.
    pub fn since(&self) -> Timestamp {
        self.info.as_ref().map_or(self.began, |i| i.since)
    }

    /// The account, or the address where there is none yet.
    pub fn name(&self) -> String {
        match self.info.as_ref().and_then(|i| i.account.clone()) {
            Some(account) => account,
            None => self
                .peer
                .map_or_else(|| "unknown".into(), |p| p.ip().to_string()),
        }
    }
}

/// What is selected and addressed, whatever its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// A client.
    Client(ClientId),
    /// A connection without one.
    Connection(ConnectionId),
}

/// All of them, in order of arrival.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    // The numbers are our own: no client can choose them to collide.
    held: IndexMap<Who, Client, RandomState>,
    cursor: Option<Who>,
    /// Whether the operator put it there.
    chosen: bool,
    marks: Vec<Who>,
    /// How many of them have gone.
    gone: usize,
    keep_gone: Option<usize>,
}

impl Clients {
    /// All, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Who, &Client)> {
        self.held.iter().map(|(who, client)| (*who, client))
    }

    /// The one with this number.
    pub fn get(&self, id: ClientId) -> Option<&Client> {
        self.held.get(&Who::Client(id))
    }

    /// Clients that are connected.
    pub fn connected(&self) -> impl Iterator<Item = (ClientId, &Client)> {
        self.held.iter().filter_map(|(who, client)| match who {
            Who::Client(id) if client.gone.is_none() => Some((*id, client)),
            _ => None,
        })
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<(Who, &Client)> {
        let who = self.cursor?;
        self.held.get(&who).map(|c| (who, c))
    }

    /// The client under the cursor, if it is one and connected.
    pub fn selected_id(&self) -> Option<ClientId> {
        match self.selected()? {
            (Who::Client(id), client) if client.gone.is_none() => Some(id),
            _ => None,
        }
    }

    /// The first connected client that owes a move.
    pub fn owing(&self) -> Option<ClientId> {
        self.connected()
            .find(|(_, c)| c.step().turn() != Turn::Nobody)
            .map(|(id, _)| id)
    }

    /// The row of the cursor.
    pub fn row(&self) -> usize {
        self.cursor
            .and_then(|c| self.held.get_index_of(&c))
            .unwrap_or(0)
    }

    /// As many as can be that have gone are listed: for a recording.
    pub fn keep_all(&mut self) {
        self.keep_gone = Some(GONE_OF_RECORDING);
    }

    /// Moves the cursor by so many rows.
    pub fn step(&mut self, by: isize) {
        self.go(self.row().saturating_add_signed(by));
    }

    /// Moves the cursor to this row, or to the last.
    pub fn go(&mut self, row: usize) {
        self.chosen = true;
        self.put(row);
    }

    fn put(&mut self, row: usize) {
        let row = row.min(self.held.len().saturating_sub(1));
        self.cursor = self.held.get_index(row).map(|(who, _)| *who);
    }

    /// Moves the cursor to this one, if it is there.
    pub fn select(&mut self, who: Who) {
        if self.held.contains_key(&who) {
            self.chosen = true;
            self.cursor = Some(who);
        }
    }

    /// Forgets all of them; the marks stay for when they come again.
    pub fn forget(&mut self) {
        self.held.clear();
        self.gone = 0;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether it is marked.
    pub fn is_marked(&self, who: Who) -> bool {
        self.marks.contains(&who)
    }

    /// The marked clients that are connected.
    pub fn marked(&self) -> Vec<ClientId> {
        self.connected()
            .map(|(id, _)| id)
            .filter(|id| self.is_marked(Who::Client(*id)))
            .collect()
    }

    /// Marks the one under the cursor, or takes its mark.
    pub fn toggle_mark(&mut self) {
        if let Some(who) = self.cursor {
            if self.marks.contains(&who) {
                self.marks.retain(|m| *m != who);
            } else {
                self.marks.push(who);
            }
        }
    }

    /// Marks every client, or where all are marked none.
    pub fn mark_all(&mut self) {
        let all: Vec<_> = self.connected().map(|(id, _)| Who::Client(id)).collect();
        if all.iter().all(|who| self.marks.contains(who)) {
            self.marks.clear();
        } else {
            self.marks = all;
        }
    }

    /// Takes every mark. Says whether there was one.
    pub fn clear_marks(&mut self) -> bool {
        !std::mem::take(&mut self.marks).is_empty()
    }

    /// Takes an event into account.
    pub fn event(&mut self, event: &Event) {
        let Some(who) = event
            .client
            .map(Who::Client)
            .or(event.connection.map(Who::Connection))
        else {
            return;
        };
        // A frame's connection was the client's from the first.
        if !matches!(event.kind, EventKind::Frame(_))
            && let (Some(id), Some(connection)) = (event.client, event.connection)
        {
            self.attribute(id, connection);
        }
        match &event.kind {
            EventKind::Connected { service, peer, .. } => {
                let client = self.entry(who, event.time);
                client.peer.get_or_insert(*peer);
                match who {
                    Who::Client(_) if *service == Service::Notification => {
                        client.connection = event.connection;
                        self.turn_to(who);
                    }
                    Who::Client(_) => {}
                    Who::Connection(_) => client.service = Some(*service),
                }
            }
            EventKind::Client(info) => {
                let client = self.entry(Who::Client(info.id), event.time);
                client.peer = Some(info.peer);
                client.info = Some(info.brief());
                if info.step == Step::Gone && client.gone.is_none() {
                    client.gone = Some("closed".into());
                    self.gone += 1;
                }
            }
            EventKind::Frame(frame) => match self.held.get_mut(&who) {
                // So are nearly all events: nobody comes or goes by it.
                Some(client) => return client.frame(frame, event.time),
                None => self.entry(who, event.time).frame(frame, event.time),
            },
            EventKind::Http(http) => {
                let client = self.entry(who, event.time);
                client.bytes_in += http.request.bytes.len() as u64;
                client.bytes_out += http.response.bytes.len() as u64;
                client.heard = event.time;
            }
            EventKind::Tls(tls) => {
                let client = self.entry(who, event.time);
                client.tls = Some(match &tls.failure {
                    Some(failure) => Err(failure.cause.to_owned()),
                    None => Ok(tls
                        .version
                        .as_deref()
                        .map(ClientInfo::kept)
                        .unwrap_or_default()),
                });
                client.heard = event.time;
            }
            EventKind::Finding(_) => self.entry(who, event.time).findings += 1,
            EventKind::Disconnected {
                service, reason, ..
            } => self.closed(who, *service, reason),
            _ => {}
        }
        self.forget_the_first();
        if self.cursor.is_none_or(|c| !self.held.contains_key(&c)) {
            self.chosen = false;
            self.put(0);
        }
    }

    /// A client has come. It is looked at, unless the operator looks at another, or another is still there.
    fn turn_to(&mut self, who: Who) {
        let is_there = |(at, client): (Who, &Client)| {
            matches!(at, Who::Client(_)) && at != who && client.gone.is_none()
        };
        if !self.chosen && !self.selected().is_some_and(is_there) {
            self.cursor = Some(who);
        }
    }

    fn entry(&mut self, who: Who, time: Timestamp) -> &mut Client {
        let client = self.held.entry(who).or_insert_with(|| Client::new(time));
        if let Who::Client(id) = who {
            client.id = Some(id);
        }
        client
    }

    /// What a connection did before it was known whose it is becomes the client's.
    fn attribute(&mut self, id: ClientId, connection: ConnectionId) {
        let from = Who::Connection(connection);
        let Some(was) = self.held.shift_remove(&from) else {
            return;
        };
        self.gone -= usize::from(was.gone.is_some());
        if self.cursor == Some(from) {
            self.cursor = Some(Who::Client(id));
        }
        let client = self.entry(Who::Client(id), was.began);
        client.bytes_in += was.bytes_in;
        client.bytes_out += was.bytes_out;
        client.findings += was.findings;
        client.tls = was.tls.or(client.tls.take());
        client.peer = client.peer.or(was.peer);
    }

    fn closed(&mut self, who: Who, service: Service, reason: &str) {
        match who {
            // A client's HTTPS connections come and go; its own is the notification connection.
            Who::Client(_) if service != Service::Notification => {}
            Who::Client(_) => self.has_gone(who, reason),
            Who::Connection(_) => {
                let bad = |c: &Client| c.findings > 0 || matches!(c.tls, Some(Err(_)));
                if self.held.get(&who).is_some_and(bad) {
                    self.has_gone(who, reason);
                } else if let Some(was) = self.held.shift_remove(&who) {
                    self.gone -= usize::from(was.gone.is_some());
                }
            }
        }
        self.forget_the_oldest();
    }

    fn has_gone(&mut self, who: Who, reason: &str) {
        if let Some(client) = self.held.get_mut(&who) {
            self.gone += usize::from(client.gone.is_none());
            client.gone = Some(ClientInfo::kept(reason));
        }
    }

    /// Takes those off the list of a recording that came first, where there are too many, gone or not.
    fn forget_the_first(&mut self) {
        if self.keep_gone.is_none()
            || self.held.len() <= ALL_OF_RECORDING + ALL_OF_RECORDING / SLACK
        {
            return;
        }
        let over = self.held.len() - ALL_OF_RECORDING;
        let mut gone = 0;
        for (who, client) in self.held.drain(..over) {
            gone += usize::from(client.gone.is_some());
            self.marks.retain(|mark| *mark != who);
        }
        self.gone -= gone;
    }

    /// Takes those off the list that have gone the longest ago, where there are too many.
    fn forget_the_oldest(&mut self) {
        let keep = self.keep_gone.unwrap_or(GONE);
        let is_gone = |who: &Who, client: &Client, cursor: Option<Who>| {
            client.gone.is_some() && cursor != Some(*who)
        };
        if self.gone <= keep + keep / SLACK {
            return;
        }
        let (cursor, marks) = (self.cursor, &mut self.marks);
        let gone = self.held.iter().filter(|(who, c)| is_gone(who, c, cursor));
        let mut over = gone.count().saturating_sub(keep);
        self.gone -= over;
        self.held.retain(|who, client| {
            let goes = over > 0 && is_gone(who, client, cursor);
            if goes {
                over -= 1;
                marks.retain(|mark| mark != who);
            }
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(clients: &mut Clients, id: u64, kind: EventKind) {
        clients.event(&Event {
            time: Timestamp(id),
            connection: Some(ConnectionId(id)),
            client: Some(ClientId(id)),
            kind,
        });
    }

    fn came_and_went(clients: &mut Clients, id: u64) {
        let (service, peer) = (Service::Notification, SocketAddr::from(([127, 0, 0, 1], 9)));
        let connected = EventKind::Connected {
            service,
            peer,
            local: peer,
        };
        told(clients, id, connected);
        let reason = "the client closed it".to_owned();
        let gone = EventKind::Disconnected {
            service,
            reason,
            bytes_in: 0,
            bytes_out: 0,
        };
        told(clients, id, gone);
    }

    fn listed(clients: &Clients) -> Vec<u64> {
        let ids = clients.iter().filter_map(|(_, client)| client.id);
        ids.map(|id| id.0).collect()
    }

    #[test]
    fn those_that_went_last_stay_listed_and_the_one_that_is_looked_at() {
        let mut clients = Clients::default();
        came_and_went(&mut clients, 1);
        clients.go(0);
        clients.toggle_mark();
        for id in 2..=20 {
            came_and_went(&mut clients, id);
        }
        assert_eq!(listed(&clients), [1, 15, 16, 17, 18, 19, 20]);
        assert!(clients.is_marked(Who::Client(ClientId(1))));
        clients.go(6);
        clients.toggle_mark();
        came_and_went(&mut clients, 21);
        assert_eq!(listed(&clients), [15, 16, 17, 18, 19, 20, 21]);
        assert!(clients.is_marked(Who::Client(ClientId(20))));
        assert!(!clients.is_marked(Who::Client(ClientId(1))));
    }

    #[test]
    fn over_a_recording_that_says_of_nobody_that_he_has_gone_the_first_make_room() {
        let mut clients = Clients::default();
        clients.keep_all();
        let (service, peer) = (Service::Notification, SocketAddr::from(([127, 0, 0, 1], 9)));
        let connected = EventKind::Connected {
            service,
            peer,
            local: peer,
        };
        let all = ALL_OF_RECORDING as u64;
        for id in 1..=all * 3 {
            told(&mut clients, id, connected.clone());
        }
        assert!((all..=all + all / 8).contains(&(clients.len() as u64)));
        assert!(clients.get(ClientId(all * 3)).is_some());
        assert!(
            clients.selected().is_some(),
            "the cursor is on one that is there"
        );
        came_and_went(&mut clients, all * 3);
    }

    #[test]
    fn of_long_texts_the_beginning_is_kept() {
        let mut clients = Clients::default();
        let long = "é".repeat(60_000);
        let peer = SocketAddr::from(([127, 0, 0, 1], 9));
        let mut info = ClientInfo::new(ClientId(1), peer, Timestamp(1));
        (info.account, info.personal_message) = (Some(long.clone()), Some(long.clone()));
        told(&mut clients, 1, EventKind::Client(Box::new(info)));
        let gone = EventKind::Disconnected {
            service: Service::Notification,
            reason: long.clone(),
            bytes_in: 0,
            bytes_out: 0,
        };
        told(&mut clients, 1, gone);
        let client = clients.get(ClientId(1)).expect("is listed");
        let kept = Some(&long[..ClientInfo::KEPT]);
        let info = client.info.as_ref().expect("is known");
        assert_eq!(info.account.as_deref(), kept);
        assert_eq!(info.personal_message.as_deref(), kept);
        assert_eq!(client.gone.as_deref(), kept);
    }

    #[test]
    fn over_a_recording_a_thousand_stay_listed_and_no_more_than_an_eighth_beyond() {
        let mut clients = Clients::default();
        clients.keep_all();
        let keep = GONE_OF_RECORDING as u64;
        for id in 1..=keep * 3 {
            came_and_went(&mut clients, id);
            let count = clients.len() as u64;
            assert!(count >= id.min(keep) && count <= keep + keep / 8 + 1);
        }
        let listed = listed(&clients);
        assert_eq!(listed.last(), Some(&(keep * 3)));
        // Without a gap, but for the one under the cursor.
        assert!(listed[1..].windows(2).all(|two| two[1] == two[0] + 1));
        // Begun once more, it counts from nothing.
        clients.forget();
        for id in 1..=keep {
            came_and_went(&mut clients, id);
        }
        assert_eq!(clients.len() as u64, keep);
    }
}
