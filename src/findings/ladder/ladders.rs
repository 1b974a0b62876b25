//! The ladders of all clients: who is there, and which event goes to whose.

use super::cast::Cast;
use super::cause::CauseId;
use super::digest::shown_text;
use super::errand::Errands;
use super::gate::Gates;
use super::notes::Whose;
use super::one::Ladder;
use super::row::is_harm;
use super::stall::{Kind, Stall};
use super::steps::StepId;
use super::web::{Early, Edit, Lost, Web};
use crate::command::FACTORS;
use crate::event::{
    ClientId, ConnectionId, Detail, Ending, Event, EventId, EventKind, Finding, FindingId, Service,
    Severity, Timestamp, Turn,
};
use crate::findings::{Seen, follow};
use crate::msnp::Direction;
use crate::roster::Roster;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// The most clients that are remembered; the oldest that have gone make room first.
pub(super) const MAX_CLIENTS: usize = 4096;
/// How many that have gone are remembered.
pub(super) const MAX_GONE: usize = 64;
/// The most web connections that are remembered.
const MAX_CONNECTIONS: usize = 4096;
/// The most steps of one web connection that wait to be told whose they are.
pub(super) const MAX_OPEN: usize = 8;
/// The most stalls that are said of one client.
pub(super) const MAX_SAID: usize = 24;
/// The most of them that wait to be told.
pub(super) const MAX_STALLS: usize = 1024;

/// The most tries that were given up, and are remembered.
const MAX_TRIES: usize = 64;
/// The most changes of the operator that are remembered.
const MAX_EDITS: usize = 16;
/// How far apart the events of a change and of what was sent of it may lie.
const BESIDE: Duration = Duration::from_secs(1);
/// How soon a client that did not take what was pushed to it is gone.
const PUSHED: Duration = Duration::from_secs(2);

/// The ladders of all clients.
#[derive(Debug)]
pub struct Ladders {
    // Boxed: a ladder is large, and the oldest makes room for the newest all the time.
    pub(super) ladders: BTreeMap<ClientId, Box<Ladder>>,
    /// Who of them is there. In a recording nearly all have gone, and every tick and handshake asks for those who
    /// have not.
    pub(super) here: BTreeSet<ClientId>,
    pub(super) gone: VecDeque<ClientId>,
    pub(super) web: BTreeMap<ConnectionId, Web>,
    /// Handshakes that nobody seemed to wait for.
    pub(super) lost: VecDeque<Lost>,
    /// Whose request was refused, and not yet spoken of.
    pub(super) unspoken: Vec<ClientId>,
    /// Tries that were given up before they were signed in, their addresses, and whether they had said who they are.
    pub(super) tries: VecDeque<(IpAddr, ClientId, bool)>,
    /// Who was given tokens or a ticket before any client came.
    pub(super) early: VecDeque<Early>,
    /// What the operator changed, the last of it.
    edits: VecDeque<Edit>,
    /// Visits that clients owe.
    pub(super) errands: Errands,
    /// The contacts in conversations.
    pub(super) cast: Cast,
    /// The sessions of the HTTP gateway.
    pub(super) gates: Gates,
    /// Whose account was signed out by a later sign-in, and when.
    pub(super) turns: VecDeque<(String, Timestamp)>,
    pub(super) roster: Option<Arc<Roster>>,
    pub(super) https: Vec<u16>,
    /// The addresses that ever came to the HTTPS port.
    pub(super) came: BTreeSet<IpAddr>,
    /// Those of them of which a request came over TLS: they trust the root.
    pub(super) trusting: BTreeSet<IpAddr>,
    pub(super) factor: f64,
    keep_gone: usize,
    pub(super) stalls: Vec<Stall>,
}

impl Default for Ladders {
    fn default() -> Self {
        Self {
            ladders: BTreeMap::new(),
            here: BTreeSet::new(),
            gone: VecDeque::new(),
            web: BTreeMap::new(),
            lost: VecDeque::new(),
            unspoken: Vec::new(),
            tries: VecDeque::new(),
            early: VecDeque::new(),
            edits: VecDeque::new(),
            errands: Errands::default(),
            cast: Cast::default(),
            gates: Gates::default(),
            turns: VecDeque::new(),
            roster: None,
            https: Vec::new(),
            came: BTreeSet::new(),
            trusting: BTreeSet::new(),
            factor: 1.0,
            keep_gone: MAX_GONE,
            stalls: Vec::new(),
        }
    }
}

impl Ladders {
    /// No client yet, and the usual patience.
    pub fn new() -> Self {
        Self::default()
    }

    /// Multiplies every patience: 2 waits twice as long before a stall is said. Kept within [`FACTORS`].
    pub fn set_patience(&mut self, factor: f64) {
        self.factor = if factor.is_finite() {
            factor.clamp(*FACTORS.start(), *FACTORS.end())
        } else {
            1.0
        };
    }

    /// How many times as long as usual it waits.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// How patient it is, in a sentence.
    pub fn patience(&self) -> String {
        patience(self.factor)
    }

    /// Remembers every client that has gone, as far as there is room at all: for a recording, where none is there any longer.
    pub fn keep_all(&mut self) {
        self.keep(MAX_CLIENTS);
    }

    /// Remembers this many clients that have gone, as far as there is room.
    pub fn keep(&mut self, gone: usize) {
        self.keep_gone = gone.min(MAX_CLIENTS);
    }

    /// Forgets everything but how it was set.
    pub fn start_over(&mut self) {
        *self = Self {
            factor: self.factor,
            keep_gone: self.keep_gone,
            ..Self::default()
        };
    }

    /// The ladder of a client, as long as it is remembered.
    pub fn ladder(&self, client: ClientId) -> Option<&Ladder> {
        self.ladders.get(&client).map(Box::as_ref)
    }

    /// Every ladder that is remembered, in the order of the clients' numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Ladder> {
        self.ladders.values().map(Box::as_ref)
    }

    /// Those of clients that are there.
    pub(super) fn living(&self) -> impl Iterator<Item = &Ladder> {
        self.here.iter().filter_map(|c| self.ladder(*c))
    }

    /// Whether no client is there, so that time alone brings nothing.
    pub(in crate::findings) fn is_idle(&self) -> bool {
        self.here.is_empty()
            && self.stalls.is_empty()
            && self.errands.is_empty()
            && self.unspoken.is_empty()
            && self.early.iter().all(|early| early.said)
    }

    /// The program itself stood still for this long (Ctrl-Z): no stall is made of that.
    pub fn paused(&mut self, gap: Duration) {
        let gap = gap.as_micros() as u64;
        self.errands.paused(gap);
        for ladder in self.ladders.values_mut() {
            ladder.since = Timestamp(ladder.since.0.saturating_add(gap));
            for asked in &mut ladder.asked {
                asked.time = Timestamp(asked.time.0.saturating_add(gap));
            }
            if let Some(heard) = &mut ladder.pinged {
                heard.0 = heard.0.saturating_add(gap);
            }
        }
    }

    /// Takes an event; `id` is its number in the journal, kept as evidence and not looked at.
    pub fn take(&mut self, event: &Event, id: EventId) {
        self.look(&Seen::new(event, id));
    }

    /// A finding that somebody else made, of a client or on a connection.
    pub(in crate::findings) fn note(
        &mut self,
        finding: &Finding,
        client: Option<ClientId>,
        connection: Option<ConnectionId>,
        time: Timestamp,
    ) {
        let web = connection.and_then(|c| self.web.get(&c));
        let seat = || connection.and_then(|c| self.errands.seat(c));
        if let Some(client) = client.or(web.and_then(|web| web.client)).or_else(seat) {
            if finding.id == FindingId::FileOffered {
                let (what, at) = (
                    &*finding.text,
                    (time, finding.evidence.unwrap_or(EventId(0))),
                );
                self.owe((client, connection), StepId::Offer, Some(what), at);
            }
            if let Some(ladder) = self.ladders.get_mut(&client)
                && ladder.note(finding, Whose::Sure, time)
            {
                self.weighs(client, connection, finding, time);
            }
            // It is as much of the client that was sent elsewhere.
            if finding.id == FindingId::WrongStage
                && let Some(sent) = self.errands.stray(client)
                && let Some(ladder) = self.ladders.get_mut(&sent)
                && ladder.note(finding, Whose::Sure, time)
            {
                self.harm(sent, finding, time);
            }
            return;
        }
        let Some(peer) = web.map(|web| web.peer) else {
            return;
        };
        // Whoever comes through the gateway is at any step of its sign-in; what was refused may be of one that is online.
        let gateway = finding.id == FindingId::GatewaySession;
        let near = self.near(peer);
        let who = match gateway || near.is_empty() && is_harm(finding) {
            true => self.of_address(peer),
            false => near,
        };
        let whose = match (who.as_slice(), gateway) {
            ([_], true) => Whose::Sure,
            ([_], false) => Whose::Alone,
            _ => Whose::Open,
        };
        if let Some(connection) = connection.filter(|_| who.is_empty()) {
            self.found_early((peer, connection), finding, time);
        }
        for client in who {
            if let Some(ladder) = self.ladders.get_mut(&client)
                && ladder.note(finding, whose, time)
                && whose != Whose::Open
            {
                self.harm(client, finding, time);
            }
        }
    }

    pub(in crate::findings) fn look(&mut self, seen: &Seen<'_>) {
        let Seen { event, id, .. } = *seen;
        let time = event.time;
        // What the service finds in a request it tells right behind it: that may say why it was refused.
        if !self.unspoken.is_empty() && !matches!(event.kind, EventKind::Finding(_)) {
            self.speak_up(time);
        }
        match &event.kind {
            EventKind::Roster(_) => follow(&mut self.roster, &event.kind),
            EventKind::Contact(change) => {
                follow(&mut self.roster, &event.kind);
                self.edited(change, time, id);
                if change.by.is_none() && change.told > 0 {
                    if self.edits.len() == MAX_EDITS {
                        self.edits.pop_front();
                    }
                    let what = Edit::words(change);
                    self.edits.push_back(Edit { time, what });
                }
            }
            EventKind::Listening {
                service: Service::Https,
                address,
            } if self.https.len() < 16 => self.https.push(address.port()),
            EventKind::Connected {
                service,
                peer,
                local,
            } => self.connected(event, *service, (*peer, *local), id),
            EventKind::Tls(handshake) => self.tls(event.connection, handshake, time, id),
            EventKind::Http(exchange) => {
                self.requested(seen, exchange);
                self.http(seen, exchange);
            }
            // A sign-in is said on the notification connection alone.
            EventKind::Frame(frame) if frame.service == Service::Notification => {
                let Some(ladder) = event.client.and_then(|c| self.ladders.get_mut(&c)) else {
                    return;
                };
                let answered = frame.direction == Direction::Out
                    && frame.frame.verb() == b"CHG"
                    && !ladder.is_done(StepId::Status);
                let roster = self.roster.as_ref().filter(|_| answered);
                let (waited, since) = (ladder.is_at_passport(), ladder.progressed());
                let was_in = ladder.has_shown_ticket();
                ladder.frame(frame, seen, roster);
                let waits = !waited && ladder.is_at_passport();
                let enters = !was_in && ladder.has_shown_ticket();
                if ladder.pending.is_some() || ladder.resumed.is_some() {
                    self.speak(event.client, time);
                }
                if let Some(client) = event.client {
                    if (waits || enters) && !self.tries.is_empty() {
                        self.got_further(client, time);
                    }
                    if frame.direction == Direction::In {
                        self.strays(client, &frame.frame);
                        self.went_on(client, &frame.frame, seen);
                    }
                    if waits && !self.lost.is_empty() {
                        self.found_again(client, since, time);
                    }
                    if frame.direction == Direction::Out {
                        if frame.frame.verb() == b"CHL" {
                            self.owe((client, None), StepId::Challenge, None, (time, id));
                        }
                        if !frame.injected {
                            self.send_on(client, &frame.frame, time, id);
                        }
                        self.put_behind_gate(event.client, event.connection, time, id);
                    }
                }
            }
            EventKind::Conversation(told) => self.chapter(told, event.connection),
            EventKind::Message(spoken) => {
                self.spoken(spoken, (event.client, event.connection), (time, id));
            }
            EventKind::Frame(frame) if frame.service == Service::Switchboard => {
                if let Some(connection) = event.connection {
                    match (frame.direction, frame.frame.verb()) {
                        (Direction::Out, _) => {
                            self.put_behind_gate(event.client, Some(connection), time, id);
                        }
                        (Direction::In, b"USR" | b"ANS") => self.showed(connection, time),
                        (Direction::In, b"MSG") => self.stirred(connection, time),
                        _ => {}
                    }
                }
                if let (Some(client), Some(connection)) = (event.client, event.connection) {
                    self.conversed(client, connection, frame, time, id);
                }
            }
            EventKind::Client(info) => {
                if let Some(ladder) = self.ladders.get_mut(&info.id) {
                    ladder.info(info);
                }
            }
            EventKind::Finding(finding) => {
                let (step, cause) = match finding.id {
                    // Of one that was taken.
                    FindingId::Ticket if finding.severity == Severity::Info => return,
                    FindingId::Ticket => (
                        StepId::Ticket,
                        match finding.detail() {
                            Some(Detail::TicketForm) => CauseId::TicketChanged,
                            Some(Detail::TicketLife) => CauseId::TicketEnded,
                            Some(Detail::Proof) => CauseId::ProofWrong,
                            Some(Detail::ProofForm) => CauseId::ProofForm,
                            _ => CauseId::TicketRefused,
                        },
                    ),
                    FindingId::Unfinished if finding.detail() == Some(Detail::BodyLength) => {
                        (StepId::Ticket, CauseId::BodyWhole)
                    }
                    FindingId::Unfinished => (StepId::Ticket, CauseId::Unfinished),
                    FindingId::ClientClock => (StepId::Tokens, CauseId::ClientClock),
                    _ => return,
                };
                if let Some(web) = event.connection.and_then(|c| self.web.get_mut(&c)) {
                    // It asks for something, though not all of that has come.
                    web.unused = None;
                }
                let web = event.connection.and_then(|c| self.web.get(&c));
                let who = match (event.client, web) {
                    (Some(client), _) => vec![client],
                    (None, Some(web)) => {
                        web.client.map_or_else(|| self.near(web.peer), |c| vec![c])
                    }
                    (None, None) => return,
                };
                for client in who {
                    if let Some(ladder) = self.ladders.get_mut(&client) {
                        // It counts until the next line, or the next request.
                        let text = shown_text(&finding.text);
                        ladder.remember(step, cause, text, id);
                    }
                }
            }
            EventKind::Disconnected {
                service,
                reason,
                bytes_in,
                ..
            } => {
                if let Some(connection) = event.connection {
                    self.gates.closed(connection);
                }
                if *service == Service::Notification {
                    if let Some(client) = event.client {
                        let turns = self.takes_turns(client, reason, time);
                        if let Some(ladder) = self.ladders.get_mut(&client) {
                            ladder.displaced = turns;
                            ladder.changed = changed(ladder, &self.edits, time);
                            ladder.tried = ladder.tried_before(&self.tries);
                            ladder.ended(reason, *bytes_in, time);
                            let at = ladder.address();
                            if let Some(connection) = event.connection.filter(|_| ladder.probe)
                                && *reason != Ending::Checked
                            {
                                self.came_silently((at, connection, time, Some(id)));
                            } else if ladder.gave_up(reason) {
                                if self.tries.len() == MAX_TRIES {
                                    self.tries.pop_front();
                                }
                                let far = ladder.is_done(StepId::Identify);
                                self.tries.push_back((at, client, far));
                            }
                        }
                        self.speak(event.client, time);
                        self.errands.gone(client);
                        self.forget(client);
                    }
                } else if let (Service::Switchboard, Some(connection)) =
                    (*service, event.connection)
                {
                    self.errands.closed(connection);
                } else if let Some(web) = event.connection.and_then(|c| self.web.remove(&c)) {
                    self.unused(&web);
                }
            }
            _ => {}
        }
    }

    /// Says what has not come for longer than it normally takes, and what went wrong since the last tick: each once.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Stall> {
        self.fall_quiet(now);
        self.over(now)
    }

    /// As [`Ladders::tick`], where nothing more can come: who is online may be so for ever.
    pub(in crate::findings) fn over(&mut self, now: Timestamp) -> Vec<Stall> {
        self.speak_up(now);
        let late: Vec<_> = self
            .living()
            .filter(|ladder| ladder.stall.is_none())
            .filter_map(|ladder| {
                let (step, owes) = ladder.overdue(now, self.factor)?;
                Some((ladder.client, step, owes))
            })
            .collect();
        for (client, step, owes) in late {
            self.say(client, step, owes, Kind::Silent, now);
        }
        self.miss(now);
        self.said()
    }

    /// Says of whom nothing was heard for twice the time between two pings.
    fn fall_quiet(&mut self, now: Timestamp) {
        let factor = self.factor;
        let quiet: Vec<_> = self
            .here
            .iter()
            .filter(|client| {
                let ladder = self.ladders.get_mut(client);
                ladder.is_some_and(|ladder| ladder.falls_quiet(now, factor))
            })
            .copied()
            .collect();
        for client in quiet {
            self.say(client, StepId::Ping, Turn::Client, Kind::Quiet, now);
        }
    }

    /// The events end here: of what is waited for beside a sign-in no silence tells anything any more.
    pub(in crate::findings) fn end(&mut self) {
        self.errands.end();
    }

    /// What went wrong since this, or a tick, was asked last; what is late is not looked for.
    pub fn said(&mut self) -> Vec<Stall> {
        std::mem::take(&mut self.stalls)
    }

    fn connected(
        &mut self,
        event: &Event,
        service: Service,
        (peer, local): (SocketAddr, SocketAddr),
        id: EventId,
    ) {
        let from = peer.ip().to_canonical();
        self.visited(service, from, event.connection, event.time);
        if matches!(service, Service::Notification | Service::Switchboard) {
            self.gates
                .arrived(service, from, event.connection, event.time);
        }
        match (service, event.client, event.connection) {
            (Service::Notification, Some(client), _) => {
                self.early
                    .retain(|early| early.peer != from || early.is_silent());
                if self.ladders.len() >= MAX_CLIENTS {
                    let oldest = self
                        .gone
                        .pop_front()
                        .or_else(|| self.ladders.keys().next().copied());
                    if let Some(oldest) = oldest {
                        self.ladders.remove(&oldest);
                        self.here.remove(&oldest);
                    }
                }
                let mut ladder = Ladder::new(client, peer, event.time, id);
                ladder.local = Some(local.ip().to_canonical());
                self.ladders.insert(client, Box::new(ladder));
                self.here.insert(client);
            }
            (Service::Https | Service::Http, _, Some(connection)) => {
                if self.web.len() >= MAX_CONNECTIONS {
                    self.web.pop_first();
                }
                let (port, peer) = (peer.port(), peer.ip().to_canonical());
                if service == Service::Https && self.came.len() < MAX_CLIENTS {
                    self.came.insert(peer);
                }
                let web = Web {
                    peer,
                    port,
                    client: None,
                    waiting: Some(id).filter(|_| service == Service::Https),
                    unused: None,
                    name: None,
                    open: Vec::new(),
                };
                self.web.insert(connection, web);
            }
            _ => {}
        }
    }

    fn forget(&mut self, client: ClientId) {
        if !self.here.remove(&client) {
            return;
        }
        self.gone.push_back(client);
        if self.gone.len() > self.keep_gone
            && let Some(oldest) = self.gone.pop_front()
        {
            self.ladders.remove(&oldest);
        }
    }
}

/// What the operator changed right before a client left, where it was just told of that.
fn changed(ladder: &Ladder, edits: &VecDeque<Edit>, now: Timestamp) -> Option<(EventId, String)> {
    let (sent, event) = ladder
        .pushed
        .filter(|(sent, _)| now.since(*sent) < PUSHED)?;
    let beside = |edit: &&Edit| sent.since(edit.time) + edit.time.since(sent) < BESIDE;
    let edit = edits.iter().rev().find(beside)?;
    let text = format!(
        "{}, and the client was gone {:.1} s after it was told",
        edit.what,
        now.since(sent).as_secs_f64()
    );
    Some((event, text))
}

/// What a patience means, in a sentence.
pub fn patience(factor: f64) -> String {
    match factor {
        1.0 => "a stall is said after the usual wait".into(),
        _ => format!("a stall is said after {factor} times the usual wait"),
    }
}
