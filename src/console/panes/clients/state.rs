//! Who is connected: clients by their number, and the connections of which nobody knows yet whose they are.

mod cursor;
#[cfg(test)]
mod tests;

use crate::console::state::pictures::Pictures;
use crate::console::widget::portrait::Portrait;
use crate::event::{
    ClientId, ClientInfo, ConnectionId, Ending, Event, EventKind, FrameEvent, Service, Severity,
    Step, Timestamp, Turn,
};
use crate::msnp::{Direction, TransactionId};
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use std::net::SocketAddr;

/// How many clients that are gone, and connections that ended badly, are still listed.
const GONE: usize = 32;
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
    pub gone: Option<Ending>,
    /// Its picture, once it has given it.
    pub portrait: Option<Portrait>,
    /// How many findings there are about it that say that something is wrong.
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
            portrait: None,
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

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// One of them.
    One(Who),
    /// Those that have gone, folded into one row or unfolded below it.
    Gone,
}

/// All of them, in order of arrival.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    // The numbers are our own: no client can choose them to collide.
    held: IndexMap<Who, Client, RandomState>,
    cursor: Option<Row>,
    /// Whether the operator put it there: else it follows whoever acts.
    chosen: bool,
    /// Whether those that have gone are listed one by one.
    unfolded: bool,
    marks: Vec<Who>,
    /// How many of them have gone.
    gone: usize,
    /// Which went last.
    last_gone: Option<Who>,
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

    /// It has given its picture.
    pub fn gives(&mut self, id: ClientId, picture: &[u8], pictures: &mut Pictures) {
        if let Some(client) = self.held.get_mut(&Who::Client(id)) {
            client.portrait = Some(Portrait::read(picture, pictures));
        }
    }

    /// This one.
    pub fn of(&self, who: Who) -> Option<&Client> {
        self.held.get(&who)
    }

    /// Clients that are connected.
    pub fn connected(&self) -> impl Iterator<Item = (ClientId, &Client)> {
        self.held.iter().filter_map(|(who, client)| match who {
            Who::Client(id) if client.gone.is_none() => Some((*id, client)),
            _ => None,
        })
    }

    /// The first connected client that owes a move.
    pub fn owing(&self) -> Option<ClientId> {
        self.connected()
            .find(|(_, c)| c.step().turn() != Turn::Nobody)
            .map(|(id, _)| id)
    }

    /// As many as can be that have gone are listed: for a recording.
    pub fn keep_all(&mut self) {
        self.keep_gone = Some(GONE_OF_RECORDING);
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
                    client.gone = Some(Ending::other("closed"));
                    self.gone += 1;
                    self.last_gone = Some(Who::Client(info.id));
                }
            }
            EventKind::Frame(frame) if frame.service == Service::Switchboard => {
                let length = frame.frame.wire().len() as u64;
                if let Some(client) = self.held.get_mut(&who) {
                    match frame.direction {
                        Direction::In => client.bytes_in += length,
                        Direction::Out => client.bytes_out += length,
                    }
                    client.heard = event.time;
                }
            }
            EventKind::Frame(frame) => match self.held.get_mut(&who) {
                // So are nearly all events: nobody comes or goes by it.
                Some(client) => {
                    client.frame(frame, event.time);
                    return self.spoke(who, frame);
                }
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
                    Some(failure) => Err(failure.cause.to_string()),
                    None => Ok(tls
                        .version
                        .as_deref()
                        .map(ClientInfo::kept)
                        .unwrap_or_default()),
                });
                client.heard = event.time;
            }
            EventKind::Finding(finding) if finding.severity != Severity::Info => {
                self.entry(who, event.time).findings += 1;
            }
            EventKind::Disconnected {
                service, reason, ..
            } => self.closed(who, *service, reason),
            _ => {}
        }
        self.forget_the_first();
        self.acted(who, event);
        self.settle();
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
        if self.cursor == Some(Row::One(from)) {
            self.cursor = Some(Row::One(Who::Client(id)));
        }
        let client = self.entry(Who::Client(id), was.began);
        client.bytes_in += was.bytes_in;
        client.bytes_out += was.bytes_out;
        client.findings += was.findings;
        client.tls = was.tls.or(client.tls.take());
        client.peer = client.peer.or(was.peer);
    }

    fn closed(&mut self, who: Who, service: Service, ending: &Ending) {
        match who {
            // A client's HTTPS connections come and go; its own is the notification connection.
            Who::Client(_) if service != Service::Notification => {}
            // A browser that has checked whether the port is reached is nobody whose sign-in failed.
            Who::Client(_) if *ending == Ending::Checked => self.remove(&who),
            Who::Client(_) => self.has_gone(who, ending),
            Who::Connection(_) => {
                let bad = |c: &Client| c.findings > 0 || matches!(c.tls, Some(Err(_)));
                if self.held.get(&who).is_some_and(bad) {
                    self.has_gone(who, ending);
                } else {
                    self.remove(&who);
                }
            }
        }
        self.forget_the_oldest();
    }

    fn remove(&mut self, who: &Who) {
        if let Some(was) = self.held.shift_remove(who) {
            self.gone -= usize::from(was.gone.is_some());
        }
    }

    fn has_gone(&mut self, who: Who, ending: &Ending) {
        if let Some(client) = self.held.get_mut(&who) {
            self.gone += usize::from(client.gone.is_none());
            client.gone = Some(ending.quoting(ClientInfo::kept));
            self.last_gone = Some(who);
        }
        // It was chosen while it was there; whoever comes next is looked at.
        self.chosen &= self.cursor != Some(Row::One(who));
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
        let is_gone = |who: &Who, client: &Client, cursor: Option<Row>| {
            client.gone.is_some() && cursor != Some(Row::One(*who))
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
