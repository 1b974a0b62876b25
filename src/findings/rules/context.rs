//! What the rules know of the past: a little of each client, bounded whatever it sends.

use crate::event::{
    Became, ClientId, ConnectionId, Event, EventId, EventKind, FrameEvent, HttpAction, Service,
    Step, Timestamp,
};
use crate::findings::ladder::{Brief, shown};
use crate::findings::presence::{self, Fault, hash};
use crate::findings::{Seen, follow};
use crate::msnp::adl::MembershipList;
use crate::msnp::dictionary::{self, Problem, Stage, Transaction};
use crate::msnp::{Direction, Shape, TransactionId};
use crate::roster::Roster;
use foldhash::fast::RandomState;
use memchr::memmem;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a client may take to answer a challenge: the real service closed after about 50 s.
const CHALLENGE: Duration = Duration::from_secs(50);
/// The most challenges of a client that are remembered.
const MAX_CHALLENGES: usize = 8;
/// How soon a client answers a challenge, unless it does not.
const AT_ONCE: Duration = Duration::from_secs(5);
/// The most transaction ids of a client that are remembered.
const MAX_SEEN: usize = 128;
/// The most commands of a client whose answers are waited for.
const MAX_OPEN: usize = 32;
/// The most contacts of ADL that are remembered; a longer list is not compared.
pub const MAX_LISTED: usize = 2048;
/// The most contacts of which a client has not read.
const MAX_UNREAD: usize = 16;
/// The most clients and web connections that are remembered.
const MAX_CLIENTS: usize = 8192;

/// A command that waits for its answer.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its number.
    pub transaction: TransactionId,
    verb: &'static str,
    time: Timestamp,
    event: EventId,
}

/// A challenge that waits for its answer.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// Its digits.
    pub text: String,
    time: Timestamp,
    event: EventId,
    connection: Option<ConnectionId>,
}

/// Something that did not come in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Of which client.
    pub client: ClientId,
    /// On which connection.
    pub connection: Option<ConnectionId>,
    /// What should have been answered: a verb of the client's, or `CHL`.
    pub verb: &'static str,
    /// Its transaction id, where it is a command.
    pub transaction: Option<TransactionId>,
    /// Its event.
    pub event: EventId,
}

/// What was sent to a client last.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When.
    pub time: Timestamp,
    /// What.
    pub what: Brief,
    /// Its event.
    pub event: EventId,
    /// Whether the operator put it in.
    pub injected: bool,
}

/// What is known of one client.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Its dialect and family, once agreed.
    pub shape: Option<Shape>,
    /// Whether it has signed in.
    pub signed_in: bool,
    /// The transaction ids that it used last.
    pub seen: VecDeque<u32>,
    /// What was sent to it last.
    pub sent: Option<Sent>,
    /// The challenges that it has not answered, the oldest first.
    pub challenges: VecDeque<Challenge>,
    /// Hashes of the accounts in its ADLs, until its first CHG; `None` after that, or where there were too many.
    pub listed: Option<HashSet<u64, RandomState>>,
    /// How many ADLs came.
    pub lists: u32,
    /// Contacts that the operator added since it has signed in, as long as it is told of none of them.
    pub unread: Vec<String>,
    account: Option<String>,
    connection: Option<ConnectionId>,
    /// The commands that wait for their answers.
    pub open: VecDeque<Open>,
}

/// What a rule may know of an event and of what was before it.
#[derive(Debug)]
pub struct Context<'a> {
    /// The client, where the event is one of its.
    pub client: Option<&'a Facts>,
    /// The roster, where it is known.
    pub roster: Option<&'a Roster>,
    seen: &'a Seen<'a>,
    problems: OnceCell<Vec<Problem>>,
}

impl Context<'_> {
    /// The client's shape, once agreed.
    pub fn shape(&self) -> Option<Shape> {
        self.client?.shape
    }

    /// What the dictionary finds wrong with the frame at hand; worked out once, whoever asks.
    pub fn problems(&self) -> &[Problem] {
        self.problems.get_or_init(|| match self.frame() {
            Some(frame) => {
                let line = frame.secrets.veil(frame.frame.line());
                dictionary::check_shape(frame.direction, self.shape(), &line)
            }
            None => Vec::new(),
        })
    }

    /// What would make a client drop the presence at hand.
    pub fn presence_faults(&self) -> Vec<Fault> {
        let shape = self.shape();
        shape.map_or_else(Vec::new, |shape| self.seen.faults(shape))
    }

    /// The frame at hand, where it has this verb.
    pub fn of_verb(&self, verb: &[u8]) -> Option<&FrameEvent> {
        self.frame().filter(|frame| frame.frame.verb() == verb)
    }

    /// The event at hand.
    pub fn event(&self) -> &Event {
        self.seen.event
    }

    /// The event at hand, where it is a frame.
    pub fn frame(&self) -> Option<&FrameEvent> {
        match &self.seen.event.kind {
            EventKind::Frame(frame) => Some(frame),
            _ => None,
        }
    }

    /// The payload of the ADL at hand, where it can be read.
    pub fn lists(&self) -> Option<&MembershipList> {
        self.seen.lists()
    }

    /// Where its connection is.
    pub fn stage(&self) -> Stage {
        match self.client {
            Some(facts) if facts.signed_in => Stage::SignedIn,
            _ => Stage::SignIn,
        }
    }
}

/// What is remembered of everybody.
#[derive(Debug, Default)]
pub struct Memory {
    clients: BTreeMap<ClientId, Facts>,
    peers: BTreeMap<ConnectionId, IpAddr>,
    roster: Option<Arc<Roster>>,
}

impl Memory {
    /// What is known before this event.
    pub(super) fn context<'a>(&'a self, seen: &'a Seen<'a>) -> Context<'a> {
        let event = seen.event;
        Context {
            seen,
            client: event.client.and_then(|c| self.clients.get(&c)),
            roster: self.roster.as_deref(),
            problems: OnceCell::new(),
        }
    }

    /// From where a web connection came.
    pub fn peer(&self, connection: ConnectionId) -> Option<IpAddr> {
        self.peers.get(&connection).copied()
    }

    /// Remembers what the rules need of an event.
    pub(super) fn take(&mut self, seen: &Seen<'_>) {
        let Seen { event, id, .. } = *seen;
        match &event.kind {
            EventKind::Roster(_) => follow(&mut self.roster, &event.kind),
            EventKind::Contact(change) => {
                follow(&mut self.roster, &event.kind);
                if change.by.is_none() && change.change == Became::Added {
                    for facts in self.clients.values_mut() {
                        facts.added(&change.contact.account);
                    }
                }
            }
            EventKind::Http(exchange) if exchange.action == HttpAction::AbFindAll => {
                if let Some(facts) = event.client.and_then(|c| self.clients.get_mut(&c)) {
                    facts.unread.clear();
                }
            }
            EventKind::Connected { service, peer, .. } => {
                match (service, event.client, event.connection) {
                    (Service::Notification, Some(client), connection) => {
                        if self.clients.len() >= MAX_CLIENTS {
                            self.clients.pop_first();
                        }
                        let facts = Facts {
                            connection,
                            listed: Some(HashSet::default()),
                            ..Facts::default()
                        };
                        self.clients.insert(client, facts);
                    }
                    (_, _, Some(connection)) => {
                        if self.peers.len() >= MAX_CLIENTS {
                            self.peers.pop_first();
                        }
                        self.peers.insert(connection, peer.ip().to_canonical());
                    }
                    _ => {}
                }
            }
            EventKind::Client(info) => {
                if let Some(facts) = self.clients.get_mut(&info.id) {
                    facts.shape = info.shape;
                    facts.account.clone_from(&info.account);
                    facts.signed_in = matches!(info.step, Step::SignedIn | Step::Online);
                }
            }
            EventKind::Frame(frame) if frame.service == Service::Notification => {
                if let Some(facts) = event.client.and_then(|c| self.clients.get_mut(&c)) {
                    match frame.direction {
                        Direction::In if !frame.frame.is_whole() => {}
                        Direction::In => facts.heard(frame, seen),
                        Direction::Out => facts.was_sent(frame, event.time, id),
                    }
                }
            }
            EventKind::Disconnected { service, .. } => {
                match (service, event.client, event.connection) {
                    (Service::Notification, Some(client), _) => {
                        self.clients.remove(&client);
                    }
                    (_, _, Some(connection)) => {
                        self.peers.remove(&connection);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Whether nothing is remembered of any client.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The program itself stood still for so long.
    pub fn paused(&mut self, gap: Duration) {
        let gap = gap.as_micros() as u64;
        for facts in self.clients.values_mut() {
            let open = facts.open.iter_mut().map(|open| &mut open.time);
            let challenge = facts.challenges.iter_mut().map(|one| &mut one.time);
            for time in open.chain(challenge) {
                time.0 = time.0.saturating_add(gap);
            }
        }
    }

    /// What did not come in time, once each; `patience` is as many times the usual.
    pub fn late(&mut self, now: Timestamp, patience: f64) -> Vec<Late> {
        let (answer, challenge) = (ANSWER.mul_f64(patience), CHALLENGE.mul_f64(patience));
        let mut late = Vec::new();
        for (client, facts) in &mut self.clients {
            while let Some(open) = facts.open.front().filter(|o| now.since(o.time) > answer) {
                late.push(Late {
                    client: *client,
                    connection: facts.connection,
                    verb: open.verb,
                    transaction: Some(open.transaction),
                    event: open.event,
                });
                facts.open.pop_front();
            }
            late.extend(facts.challenged(*client, now, challenge));
        }
        late
    }

    /// The challenge that a client has not answered until it goes, or the events end: one answers at once.
    pub fn unanswered(&mut self, client: ClientId, last: Timestamp) -> Option<Late> {
        let facts = self.clients.get_mut(&client)?;
        facts.challenged(client, last, AT_ONCE)
    }

    /// Every client.
    pub fn clients(&self) -> Vec<ClientId> {
        self.clients.keys().copied().collect()
    }
}

impl Facts {
    /// The challenge that waits longer than this for its answer.
    fn challenged(&mut self, client: ClientId, now: Timestamp, wait: Duration) -> Option<Late> {
        let is_late = |challenge: &&Challenge| now.since(challenge.time) > wait;
        self.challenges.front().filter(is_late)?;
        let challenge = self.challenges.pop_front()?;
        Some(Late {
            client,
            connection: challenge.connection,
            verb: "CHL",
            transaction: None,
            event: challenge.event,
        })
    }

    /// The operator added a contact, of which a client that has signed in has not read.
    fn added(&mut self, account: &str) {
        let own = self.account.as_deref();
        let itself = own.is_some_and(|own| own.eq_ignore_ascii_case(account));
        if self.signed_in && !itself && self.unread.len() < MAX_UNREAD {
            self.unread.push(account.to_owned());
        }
    }

    /// Its user lists these, or it has been told of one: they are new no more.
    fn read(&mut self, is: impl Fn(&str) -> bool) {
        self.unread.retain(|account| !is(account));
    }

    fn heard(&mut self, frame: &FrameEvent, seen: &Seen<'_>) {
        let frame = &frame.frame;
        if !self.unread.is_empty() {
            match frame.verb() {
                b"ADL" => {
                    let entries = || seen.lists().into_iter().flat_map(|list| &list.entries);
                    self.read(|one| entries().any(|e| e.account.eq_ignore_ascii_case(one)));
                }
                b"ADC" | b"ADD" => {
                    let line = frame.line();
                    self.read(|one| memmem::find(line, one.as_bytes()).is_some());
                }
                _ => {}
            }
        }
        let Some(transaction) = frame.transaction() else {
            return;
        };
        let Some(verb) = dictionary::lookup(frame.verb(), Direction::In) else {
            return;
        };
        if has_transaction(verb) {
            if self.seen.len() == MAX_SEEN {
                self.seen.pop_front();
            }
            self.seen.push_back(transaction.0);
        }
        if is_answered(verb) {
            if self.open.len() == MAX_OPEN {
                self.open.pop_front();
            }
            self.open.push_back(Open {
                transaction,
                verb: verb.name,
                time: seen.event.time,
                event: seen.id,
            });
        }
        match verb.name {
            "QRY" => drop(self.challenges.pop_front()),
            "CHG" => self.listed = None,
            "ADL" => self.adl(seen.lists()),
            _ => {}
        }
    }

    fn adl(&mut self, list: Option<&MembershipList>) {
        let (Some(listed), Some(list)) = (&mut self.listed, list) else {
            return;
        };
        self.lists += 1;
        listed.extend(list.entries.iter().map(|entry| hash(&entry.account)));
        if listed.len() > MAX_LISTED {
            self.listed = None;
        }
    }

    fn was_sent(&mut self, frame: &FrameEvent, time: Timestamp, event: EventId) {
        let injected = frame.injected;
        let frame = &frame.frame;
        if !self.unread.is_empty()
            && frame.verb() == b"NLN"
            && let Some(shown) = presence::account(frame.line())
        {
            self.read(|one| hash(one) == hash(shown));
        }
        let transaction = frame.transaction();
        let verb = frame.verb();
        self.sent = Some(Sent {
            time,
            what: Brief::of(frame),
            event,
            injected,
        });
        if verb == b"CHL" {
            let text = frame.tokens().nth(2).unwrap_or_default();
            if self.challenges.len() == MAX_CHALLENGES {
                self.challenges.pop_front();
            }
            self.challenges.push_back(Challenge {
                text: shown(text),
                time,
                event,
                connection: self.connection,
            });
            return;
        }
        let Some(transaction) = transaction else {
            return;
        };
        let is_error = verb.len() == 3 && verb.iter().all(u8::is_ascii_digit);
        let answers = |open: &Open| {
            open.transaction == transaction
                && (open.verb.as_bytes() == verb
                    || is_error
                    || matches!(verb, b"ACK" | b"XFR" | b"NAK"))
        };
        if let Some(at) = self.open.iter().position(answers) {
            self.open.remove(at);
        }
    }
}

/// Whether a client sends this verb with a transaction id of its own.
pub fn has_transaction(verb: &dictionary::Verb) -> bool {
    verb.forms
        .iter()
        .any(|form| form.from == Direction::In && form.transaction == Transaction::Always)
}

/// Whether the service answers it, on the notification connection.
fn is_answered(verb: &dictionary::Verb) -> bool {
    let on_notification = |form: &&dictionary::Form| {
        form.stages.contains(Stage::SignIn) || form.stages.contains(Stage::SignedIn)
    };
    let asks = verb
        .forms
        .iter()
        .filter(on_notification)
        .any(|form| form.from == Direction::In && form.transaction == Transaction::Always);
    asks && verb
        .forms
        .iter()
        .filter(on_notification)
        .any(|form| form.from == Direction::Out && form.transaction == Transaction::Always)
}
