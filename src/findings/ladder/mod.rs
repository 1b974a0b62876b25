//! The login ladder: how far each client's sign-in has come, who owes the next move, and why it stands still.
//!
//! A fold over events, with no clock of its own. The notification connection and the HTTPS requests of
//! one client are brought together by what the service knows of a request (the nonce in the TWN
//! parameters and the MAC in the ticket, which `Event.client` tells), else by account, else by
//! who is at that stage and comes from the same address; what stays open is said.

mod cause;
mod causes;
mod digest;
mod frames;
mod nobody;
mod one;
mod row;
mod stall;
pub mod steps;
#[cfg(test)]
pub(crate) mod tests;
pub mod trace;

pub use cause::{Cause, CauseId};
pub(crate) use digest::{Brief, Digest, digest, shown};
pub use one::Ladder;
pub use row::{Row, State};
pub use stall::{Kind, Stall, who};
pub use steps::StepId;

use crate::command::FACTORS;
use crate::event::EventId;
use crate::event::{
    ClientId, ConnectionId, Ending, Event, EventKind, Finding, FindingId, Hello, HttpExchange,
    Service, Timestamp, TlsCause, TlsHandshake, Turn,
};
use crate::findings::{Seen, follow};
use crate::msnp::{Direction, hosts};
use crate::roster::Roster;
use causes::{At, Scene};
use row::Said;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use trace::Lane;

/// The most clients that are remembered; the oldest that have gone make room first.
const MAX_CLIENTS: usize = 4096;
/// How many that have gone are remembered.
const MAX_GONE: usize = 64;
/// The most web connections that are remembered.
const MAX_CONNECTIONS: usize = 4096;
/// The most steps of one web connection that wait to be told whose they are.
const MAX_OPEN: usize = 8;
/// The most stalls that are said of one client.
const MAX_SAID: usize = 24;
/// The most of them that wait to be told.
const MAX_STALLS: usize = 1024;

/// A connection at the HTTP or HTTPS door.
#[derive(Debug)]
struct Web {
    peer: IpAddr,
    client: Option<ClientId>,
    /// The event by which it connected, until a hello or a request came.
    waiting: Option<EventId>,
    /// When a handshake was done, until a request came.
    unused: Option<EventId>,
    /// What is wrong with the host that its hello asked for.
    name: Option<String>,
    /// Steps that were seen on it before it was known whose it is.
    open: Vec<(StepId, Digest, Timestamp, EventId, Vec<ClientId>)>,
}

/// The ladders of all clients.
#[derive(Debug)]
pub struct Ladders {
    // Boxed: a ladder is large, and the oldest makes room for the newest all the time.
    ladders: BTreeMap<ClientId, Box<Ladder>>,
    /// Who of them is there. In a recording nearly all have gone, and every tick and handshake asks for those who
    /// have not.
    here: BTreeSet<ClientId>,
    gone: VecDeque<ClientId>,
    web: BTreeMap<ConnectionId, Web>,
    roster: Option<Arc<Roster>>,
    https: Vec<u16>,
    /// The addresses that ever came to the HTTPS port.
    came: BTreeSet<IpAddr>,
    factor: f64,
    keep_gone: usize,
    stalls: Vec<Stall>,
}

impl Default for Ladders {
    fn default() -> Self {
        Self {
            ladders: BTreeMap::new(),
            here: BTreeSet::new(),
            gone: VecDeque::new(),
            web: BTreeMap::new(),
            roster: None,
            https: Vec::new(),
            came: BTreeSet::new(),
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

    /// How patient it is, in a sentence.
    pub fn patience(&self) -> String {
        patience(self.factor)
    }

    /// Remembers every client that has gone, as far as there is room at all: for a recording, where none is there any longer.
    pub fn keep_all(&mut self) {
        self.keep(MAX_CLIENTS);
    }

    /// Remembers so many clients that have gone, and as many as there is room for at most.
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
    fn living(&self) -> impl Iterator<Item = &Ladder> {
        self.here.iter().filter_map(|c| self.ladder(*c))
    }

    /// Whether no client is there, so that time alone brings nothing.
    pub(super) fn is_idle(&self) -> bool {
        self.here.is_empty() && self.stalls.is_empty()
    }

    /// The program itself stood still for this long (Ctrl-Z): no stall is made of that.
    pub fn paused(&mut self, gap: Duration) {
        let gap = gap.as_micros() as u64;
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
    pub(super) fn note(
        &mut self,
        finding: &Finding,
        client: Option<ClientId>,
        connection: Option<ConnectionId>,
        time: Timestamp,
    ) {
        let web = connection.and_then(|c| self.web.get(&c));
        if let Some(client) = client.or(web.and_then(|web| web.client)) {
            if let Some(ladder) = self.ladders.get_mut(&client) {
                ladder.note(finding, true, time);
            }
            return;
        }
        let Some(peer) = web.map(|web| web.peer) else {
            return;
        };
        for client in self.near(peer) {
            if let Some(ladder) = self.ladders.get_mut(&client) {
                ladder.note(finding, false, time);
            }
        }
    }

    /// Who of an address is at a step for which it goes to the web.
    fn near(&self, peer: IpAddr) -> Vec<ClientId> {
        self.living()
            .filter(|l| l.is_at_passport() || l.is_at_address_book())
            .filter(|l| l.peer.ip().to_canonical() == peer)
            .map(|l| l.client)
            .take(MAX_OPEN)
            .collect()
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) {
        let Seen { event, id, .. } = *seen;
        let time = event.time;
        match &event.kind {
            EventKind::Roster(_) | EventKind::Contact(_) => follow(&mut self.roster, &event.kind),
            EventKind::Listening {
                service: Service::Https,
                address,
            } if self.https.len() < 16 => self.https.push(address.port()),
            EventKind::Connected { service, peer, .. } => {
                self.connected(event, *service, *peer, id)
            }
            EventKind::Tls(handshake) => self.tls(event.connection, handshake, time, id),
            EventKind::Http(exchange) => self.http(seen, exchange),
            // A sign-in is said on the notification connection alone.
            EventKind::Frame(frame) if frame.service == Service::Notification => {
                let Some(ladder) = event.client.and_then(|c| self.ladders.get_mut(&c)) else {
                    return;
                };
                let answered = frame.direction == Direction::Out
                    && frame.frame.verb() == b"CHG"
                    && !ladder.is_done(StepId::Status);
                let roster = self.roster.as_ref().filter(|_| answered);
                ladder.frame(frame, seen, roster);
                if ladder.pending.is_some() || ladder.resumed.is_some() {
                    self.speak(event.client, time);
                }
            }
            EventKind::Client(info) => {
                if let Some(ladder) = self.ladders.get_mut(&info.id) {
                    ladder.info(info);
                }
            }
            EventKind::Finding(finding) => {
                if let Some(ladder) = event.client.and_then(|c| self.ladders.get_mut(&c))
                    && let Some(cause) = match finding.id {
                        FindingId::Ticket => Some(CauseId::TicketRefused),
                        FindingId::Unfinished => Some(CauseId::Unfinished),
                        _ => None,
                    }
                {
                    let text = digest::shown_text(&finding.text);
                    // It speaks until the next line: no request over HTTP makes it good.
                    ladder.remember(StepId::Ticket, cause, text, id);
                }
            }
            EventKind::Disconnected {
                service,
                reason,
                bytes_in,
                ..
            } => {
                if *service == Service::Notification {
                    if let Some(client) = event.client {
                        if let Some(ladder) = self.ladders.get_mut(&client) {
                            ladder.ended(&Ending::read(reason), *bytes_in, time);
                        }
                        self.speak(event.client, time);
                        self.forget(client);
                    }
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
    pub(super) fn over(&mut self, now: Timestamp) -> Vec<Stall> {
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

    /// What went wrong since this, or a tick, was asked last; what is late is not looked for.
    pub fn said(&mut self) -> Vec<Stall> {
        std::mem::take(&mut self.stalls)
    }

    fn connected(&mut self, event: &Event, service: Service, peer: SocketAddr, id: EventId) {
        match (service, event.client, event.connection) {
            (Service::Notification, Some(client), _) => {
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
                let ladder = Ladder::new(client, peer, event.time, id);
                self.ladders.insert(client, Box::new(ladder));
                self.here.insert(client);
            }
            (Service::Https | Service::Http, _, Some(connection)) => {
                if self.web.len() >= MAX_CONNECTIONS {
                    self.web.pop_first();
                }
                let peer = peer.ip().to_canonical();
                if service == Service::Https && self.came.len() < MAX_CLIENTS {
                    self.came.insert(peer);
                }
                let web = Web {
                    peer,
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

    /// Who may be behind a connection that nothing yet says whose it is: those for whom it is the time, from the
    /// same address if any of them is.
    fn candidates(
        &self,
        peer: Option<IpAddr>,
        step: StepId,
        account: Option<&str>,
    ) -> Vec<ClientId> {
        let fits = |ladder: &&Ladder| match step {
            StepId::Membership | StepId::AddressBook => ladder.is_at_address_book(),
            StepId::Login | StepId::Tls => ladder.is_at_passport() || ladder.is_at_address_book(),
            _ => ladder.is_at_passport(),
        };
        let of = |named: bool, near: bool| -> Vec<ClientId> {
            self.living()
                .filter(fits)
                .filter(|l| {
                    !named
                        || account.is_some_and(|account| {
                            l.account
                                .as_deref()
                                .is_some_and(|own| own.eq_ignore_ascii_case(account))
                        })
                })
                .filter(|l| !near || peer == Some(l.peer.ip().to_canonical()))
                .map(|l| l.client)
                .take(MAX_OPEN)
                .collect()
        };
        if account.is_some() {
            return of(true, false);
        }
        let near = of(false, true);
        if near.is_empty() {
            of(false, false)
        } else {
            near
        }
    }

    fn tls(
        &mut self,
        connection: Option<ConnectionId>,
        handshake: &TlsHandshake,
        time: Timestamp,
        id: EventId,
    ) {
        let Some(connection) = connection else { return };
        if let Some(web) = self.web.get_mut(&connection) {
            web.waiting = None;
        }
        let peer = self.web.get(&connection).map(|web| web.peer);
        // What fails is the fault of nobody at another address.
        let who = match (&handshake.failure, peer) {
            (Some(_), Some(peer)) => self.near(peer),
            (Some(_), None) => Vec::new(),
            (None, peer) => self.candidates(peer, StepId::Tls, None),
        };
        let said = match &handshake.failure {
            Some(failure) => format!("TLS failed: {}", failure.cause),
            None => describe(handshake),
        };
        for client in &who {
            if let Some(ladder) = self.ladders.get_mut(client) {
                let lane = if ladder.is_at_passport() {
                    Lane::Passport
                } else {
                    Lane::Soap
                };
                ladder.trace.said(lane, &said, time, id);
            }
        }
        if let Some(failure) = &handshake.failure {
            let Some(known) = of_failure(&failure.cause) else {
                return;
            };
            let mut text = digest::shown_text(&failure.text);
            if who.len() > 1 {
                let either: Vec<String> = who.iter().map(ToString::to_string).collect();
                text = format!(
                    "of client {}, which come from one address: {text}",
                    either.join(" or ")
                );
            }
            let name = wrong_name(handshake).filter(|_| {
                matches!(
                    known,
                    CauseId::HandshakeClosed | CauseId::CertificateRefused
                ) || failure.cause == TlsCause::Alert(UNRECOGNIZED_NAME)
            });
            let open = who.clone();
            for client in who {
                if let Some(ladder) = self.ladders.get_mut(&client) {
                    ladder.remember(StepId::Tls, known, text.clone(), id);
                    if let Some(name) = &name {
                        ladder.remember(StepId::Tls, CauseId::SniNotInLeaf, name.clone(), id);
                    }
                    if open.len() > 1 && !ladder.is_done(StepId::Tls) {
                        ladder.leave_open(StepId::Tls, &open);
                    }
                    let step = match ladder.is_done(StepId::Tls) {
                        true => ladder.current().map_or(StepId::Tls, |row| row.step),
                        false => StepId::Tls,
                    };
                    if step == StepId::Tls {
                        ladder.failed(step, time, id, format!("failed: {}", failure.cause));
                    } else {
                        ladder.pending = Some((step, Kind::Failed));
                    }
                    self.speak(Some(client), time);
                }
            }
            return;
        }
        if let Some(web) = self.web.get_mut(&connection) {
            web.unused = Some(id);
            web.name = wrong_name(handshake);
        }
        let digest = Digest {
            detail: said,
            ..Digest::default()
        };
        self.apply(connection, None, StepId::Tls, &digest, time, id, who);
    }

    fn http(&mut self, seen: &Seen<'_>, exchange: &HttpExchange) {
        let Seen { event, id, .. } = *seen;
        let Some(connection) = event.connection else {
            return;
        };
        let time = event.time;
        let (peer, held, handshake) = match self.web.get_mut(&connection) {
            Some(web) => {
                web.waiting = None;
                (Some(web.peer), web.client, web.unused.take())
            }
            None => (None, None, None),
        };
        if let Some(client) = event.client
            && held != Some(client)
        {
            self.attribute(connection, client);
        }
        let Some((step, digest)) = steps::of_action(&exchange.action).zip(seen.digest()) else {
            return;
        };
        let sure = event
            .client
            .or(held)
            .filter(|c| self.ladders.contains_key(c));
        let who = match sure {
            Some(client) => vec![client],
            None => self.candidates(peer, step, exchange.account.as_deref()),
        };
        let lane = match step {
            StepId::Membership | StepId::AddressBook => Lane::Soap,
            _ => Lane::Passport,
        };
        for client in &who {
            if let Some(ladder) = self.ladders.get_mut(client) {
                if step == StepId::Tokens {
                    ladder.asked_for_tokens();
                }
                ladder.answered(
                    time,
                    id,
                    Said::Http(format!(
                        "the answer of {} ({})",
                        digest::shown(exchange.action.as_bytes()),
                        exchange.status
                    )),
                );
                if let Some(handshake) = handshake {
                    ladder.trace.turns_out(handshake, lane);
                }
                ladder
                    .trace
                    .exchange(lane, exchange, &digest.detail, time, id);
            }
        }
        self.apply(connection, sure, step, digest, time, id, who);
    }

    /// The one client whose the last request of this web connection can be, where nothing says whose it is: for nobody
    /// else is it the time.
    pub fn only_one_behind(&self, connection: ConnectionId) -> Option<ClientId> {
        match self.web.get(&connection)?.open.last()? {
            (.., who) if who.len() == 1 => who.first().copied(),
            _ => None,
        }
    }

    /// A step that was seen on a web connection goes to the ladders of those whose it is, or may be.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call, three callers, nothing to name them by"
    )]
    fn apply(
        &mut self,
        connection: ConnectionId,
        sure: Option<ClientId>,
        step: StepId,
        digest: &Digest,
        time: Timestamp,
        id: EventId,
        who: Vec<ClientId>,
    ) {
        for client in &who {
            if let Some(ladder) = self.ladders.get_mut(client) {
                let before = ladder.is_done(step) || digest.again;
                ladder.exchange(step, digest, time, id);
                if who.len() > 1 && !before {
                    ladder.leave_open(step, &who);
                }
            }
            self.speak(Some(*client), time);
        }
        if sure.is_none()
            && let Some(web) = self.web.get_mut(&connection)
            && web.open.len() < MAX_OPEN
        {
            web.open.push((step, digest.clone(), time, id, who));
        }
    }

    /// It is known now whose this connection is, and so whose everything on it was.
    fn attribute(&mut self, connection: ConnectionId, client: ClientId) {
        let Some(web) = self.web.get_mut(&connection) else {
            return;
        };
        web.client = Some(client);
        for (step, digest, time, id, who) in std::mem::take(&mut web.open) {
            for other in who.iter().filter(|other| **other != client) {
                if let Some(ladder) = self.ladders.get_mut(other) {
                    ladder.take_back(step);
                }
            }
            if let Some(ladder) = self.ladders.get_mut(&client) {
                if !ladder.is_done(step) {
                    ladder.exchange(step, &digest, time, id);
                }
                ladder.leave_open(step, &[]);
            }
        }
    }

    /// A connection that ended after its handshake without a request.
    fn unused(&mut self, web: &Web) {
        let Some(id) = web.unused else { return };
        for client in self.near(web.peer) {
            if let Some(ladder) = self.ladders.get_mut(&client) {
                let text = "the client finished a TLS handshake and closed without asking for anything: it quietly refused the certificate";
                ladder.remember(
                    StepId::Tls,
                    CauseId::CertificateRefusedQuietly,
                    text.into(),
                    id,
                );
                if let Some(name) = &web.name {
                    ladder.remember(StepId::Tls, CauseId::SniNotInLeaf, name.clone(), id);
                }
            }
        }
    }

    /// Says what a ladder has to say.
    fn speak(&mut self, client: Option<ClientId>, time: Timestamp) {
        let Some(ladder) = client.and_then(|c| self.ladders.get_mut(&c)) else {
            return;
        };
        if let Some(step) = ladder.resumed.take() {
            let client = ladder.client;
            ladder.said.retain(|(said, _)| *said != step);
            self.say(client, step, Turn::Nobody, Kind::Resumed, time);
            if let Some(ladder) = self.ladders.get_mut(&client) {
                // It stands nowhere now.
                ladder.stall = None;
            }
        }
        let Some(ladder) = client.and_then(|c| self.ladders.get_mut(&c)) else {
            return;
        };
        if let Some((step, kind)) = ladder.pending.take() {
            let client = ladder.client;
            self.say(client, step, Turn::Client, kind, time);
        }
    }

    /// A stall, unless it was said already.
    fn say(&mut self, client: ClientId, step: StepId, owes: Turn, kind: Kind, now: Timestamp) {
        let Some(ladder) = self.ladders.get_mut(&client) else {
            return;
        };
        let peer = ladder.peer.ip().to_canonical();
        let mut at = At {
            came: self.came.contains(&peer),
            ..At::default()
        };
        for web in self.web.values().filter(|web| web.peer == peer) {
            at.waiting = web.waiting.or(at.waiting);
            at.unused = web.unused.or(at.unused);
        }
        let causes = causes::rank(&Scene {
            ladder,
            step,
            owes,
            kind: &kind,
            https: &self.https,
            web: at,
            now,
        });
        let first = causes.first();
        let said = (step, first.map(Cause::named));
        let stall = Stall {
            client,
            step,
            name: ladder.row(step).map_or("?", |row| row.name),
            online: ladder.is_done(StepId::Status) && kind != Kind::Nobody,
            waited: match (&kind, ladder.pinged) {
                (Kind::Quiet, Some(heard)) => now.since(heard),
                _ => now.since(ladder.since),
            },
            kind,
            time: now,
            owes,
            expects: ladder.expects(step, owes),
            event: first.and_then(|c| c.event).or(Some(ladder.last_event())),
            causes,
        };
        ladder.stall = Some(stall.clone());
        if ladder.said.contains(&said)
            || ladder.said.len() >= MAX_SAID
            || self.stalls.len() >= MAX_STALLS
        {
            return;
        }
        ladder.said.push(said);
        self.stalls.push(stall);
    }
}

/// The alert of a client that knows the host by another name (RFC 6066).
const UNRECOGNIZED_NAME: u8 = 112;

/// The cause that a failed handshake speaks for; `None` where it was no client.
fn of_failure(cause: &TlsCause) -> Option<CauseId> {
    Some(match cause {
        TlsCause::UnknownCa => CauseId::RootNotTrusted,
        TlsCause::ClientClock | TlsCause::CertificateExpired | TlsCause::Alert(45) => {
            CauseId::ClientClock
        }
        TlsCause::Alert(42..=44 | 46) => CauseId::CertificateRefused,
        // Whoever looks whether the port is open is no client.
        TlsCause::Probe => return None,
        TlsCause::Silent => CauseId::NoHello,
        TlsCause::CutHello => CauseId::HelloCut,
        TlsCause::Closed => CauseId::HandshakeClosed,
        TlsCause::NoSharedCipher
        | TlsCause::ProtocolVersion
        | TlsCause::Sslv2Only
        | TlsCause::Sslv3Only => CauseId::NoTlsInCommon,
        TlsCause::Alert(_)
        | TlsCause::NotTls
        | TlsCause::Timeout
        | TlsCause::Busy
        | TlsCause::Handshake
        | TlsCause::Newer(_) => CauseId::HandshakeFailed,
    })
}

/// What is wrong with the host that a hello asked for: a client compares it with the names of the certificate.
fn wrong_name(handshake: &TlsHandshake) -> Option<String> {
    let name = handshake.sni.as_deref()?;
    let host = hosts::HOSTS
        .iter()
        .find(|host| host.name.eq_ignore_ascii_case(name));
    let why = match host {
        None => "the certificate has no such name",
        Some(host) if host.on_request => "the certificate has that name only with `--login-live`",
        Some(_) => return None,
    };
    Some(format!(
        "the client asked for {}, and {why}",
        digest::shown(name.as_bytes())
    ))
}

/// What a patience means, in a sentence.
pub fn patience(factor: f64) -> String {
    match factor {
        1.0 => "a stall is said after the usual wait".into(),
        _ => format!("a stall is said after {factor} times the usual wait"),
    }
}

/// `TLS 1.0 v2hello 9ms`.
fn describe(handshake: &TlsHandshake) -> String {
    let version = digest::shown_text(handshake.version.as_deref().unwrap_or("TLS"));
    let version = match version.strip_prefix("TLSv") {
        Some("1") => "TLS 1.0".to_owned(),
        Some(number) => format!("TLS {number}"),
        None => version,
    };
    let hello = if handshake.hello == Some(Hello::Sslv2) {
        " v2hello"
    } else {
        ""
    };
    format!("{version}{hello} {}ms", handshake.duration.as_millis())
}
