//! One client's ladder: what is known of it, and how it stands.

use super::cause::Named;
use super::row::{Answer, Asked, Evidence, Harmed, Listed, Noted, Row, Shown, State};
use super::stall::{Kind, Stall};
use super::steps::{self, Method, StepDef, StepId};
use super::trace::{Message, Trace};
use crate::event::{ClientId, Ending, EventId, Timestamp, Turn};
use crate::msnp::{Dialect, Family, Shape};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// One client's sign-in.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// The client.
    pub client: ClientId,
    /// From where it came.
    pub peer: SocketAddr,
    /// Its account, once it named one.
    pub account: Option<String>,
    /// Its dialect and family, once agreed.
    pub shape: Option<Shape>,
    /// Why its connection ended, once it has.
    pub gone: Option<Ending>,
    /// Whether the events begin when it was further already: what it said before is in none of them.
    pub late: bool,
    pub(super) method: Method,
    pub(super) dialect: u8,
    pub(super) rows: Vec<Row>,
    /// By which dialect and method they were laid out.
    pub(super) planned: Option<(u8, Method)>,
    /// Where the row of each step is: they are asked for several times a frame.
    pub(super) places: [Option<u8>; StepId::COUNT],
    /// What decided last which row is at hand, as long as no row has changed since.
    pub(super) pointed: Option<Pointed>,
    pub(super) asked: VecDeque<Asked>,
    pub(super) shown: Shown,
    pub(super) evidence: VecDeque<Evidence>,
    /// The last progress.
    pub(super) since: Timestamp,
    pub(super) last_done: Timestamp,
    pub(super) last_event: EventId,
    pub(super) stirs: u8,
    pub(super) said: Vec<(StepId, Option<Named>)>,
    pub(super) stall: Option<Stall>,
    /// A step that went wrong and was not yet spoken of.
    pub(super) pending: Option<(StepId, Kind)>,
    /// A step that had stood came after all, and was not yet spoken of.
    pub(super) resumed: Option<StepId>,
    /// The findings about it, the last of them.
    pub(super) noted: VecDeque<Noted>,
    /// What went wrong last, in words, and the command.
    pub(super) refused: Option<(StepId, EventId, String)>,
    /// The last line of its own that was whole.
    pub(super) heard: EventId,
    /// What it was told last, over HTTP too.
    pub(super) answer: Option<Answer>,
    /// What the operator put in last.
    pub(super) injected: Option<Answer>,
    /// What the operator put in that does not end where it says, and how.
    pub(super) broken: Option<(Answer, String)>,
    /// The login host that the nexus named to it.
    pub(super) login_host: Option<String>,
    /// The dialects that it offered.
    pub(super) offered: Vec<Dialect>,
    /// The family that its CVR says.
    pub(super) family: Option<Family>,
    /// Its system, where its CVR says one that verifies SHA-1 alone.
    pub(super) old: Option<String>,
    /// The dialect that VER agreed on.
    pub(super) agreed: Option<u8>,
    /// The address at which it reached nudge.
    pub(super) local: Option<IpAddr>,
    /// Presence or lists that were pushed to it last.
    pub(super) pushed: Option<(Timestamp, EventId)>,
    /// What the operator changed right before it left.
    pub(super) changed: Option<(EventId, String)>,
    /// Whether it was sent its profile.
    pub(super) profile: bool,
    pub(super) lists: Listed,
    /// When it was heard last, once it has pinged.
    pub(super) pinged: Option<Timestamp>,
    /// The seconds that it was told to wait until its next ping.
    pub(super) interval: u64,
    /// Whether its silence after that was told.
    pub(super) quiet: bool,
    /// What was sent to it by the HTTP gateway and not fetched, the first of it.
    pub(super) unfetched: Option<EventId>,
    /// How often its account was signed out by a later sign-in of late, this time among them.
    pub(super) displaced: usize,
    /// What it did at the HTTP gateway, where it came by that.
    pub(super) gateway: Option<Gateway>,
    /// It came, said nothing, and went: somebody looked whether the port is open.
    pub(super) probe: bool,
    /// What it says is no MSNP.
    pub(super) stranger: bool,
    /// How often its address gave up at the same step right before.
    pub(super) tried: u32,
    /// What last was not done that it wanted, once it was online.
    pub(super) harmed: Option<Harmed>,
    pub(super) trace: Trace,
}

/// What a client did at the HTTP gateway.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gateway {
    /// Its last request there.
    pub asked: Timestamp,
    pub event: EventId,
    /// How many sessions its address has opened since.
    pub opened: u32,
}

/// What decides which step is at hand, besides the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pointed {
    pub waiting: Option<StepId>,
    pub presence: bool,
    pub gone: bool,
}

impl Ladder {
    pub(super) fn new(client: ClientId, peer: SocketAddr, time: Timestamp, event: EventId) -> Self {
        let mut ladder = Self {
            client,
            peer,
            account: None,
            shape: None,
            gone: None,
            late: false,
            method: Method::Twn,
            dialect: 16,
            rows: Vec::new(),
            planned: None,
            places: [None; StepId::COUNT],
            pointed: None,
            asked: VecDeque::new(),
            shown: Shown::default(),
            evidence: VecDeque::new(),
            since: time,
            last_done: time,
            last_event: event,
            stirs: 0,
            said: Vec::new(),
            stall: None,
            pending: None,
            resumed: None,
            noted: VecDeque::new(),
            refused: None,
            heard: event,
            answer: None,
            injected: None,
            broken: None,
            login_host: None,
            offered: Vec::new(),
            family: None,
            old: None,
            agreed: None,
            local: None,
            pushed: None,
            changed: None,
            profile: false,
            lists: Listed::default(),
            pinged: None,
            interval: 60,
            quiet: false,
            unfetched: None,
            displaced: 0,
            probe: false,
            stranger: false,
            gateway: None,
            tried: 0,
            harmed: None,
            trace: Trace::default(),
        };
        ladder.plan();
        ladder.done(StepId::Reached, time, event, peer.to_string());
        ladder
    }

    /// Its steps, in order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a step, where its sign-in has that step.
    pub fn row(&self, step: StepId) -> Option<&Row> {
        self.rows.get(self.place(step)?)
    }

    pub(super) fn place(&self, step: StepId) -> Option<usize> {
        self.places[step as usize].map(usize::from)
    }

    /// The step at hand: who owes a move, and what is expected. `None` where nobody owes anything.
    pub fn current(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.state == State::Now)
    }

    /// The step at which it went wrong, where no later one went well.
    pub fn failed_at(&self) -> Option<&Row> {
        let row = self
            .rows
            .iter()
            .rev()
            .find(|row| matches!(row.state, State::Done | State::Failed));
        row.filter(|row| row.state == State::Failed)
    }

    /// Who owes the next move. After a step that went wrong it is the client, which may try again.
    pub fn owes(&self) -> Turn {
        match (self.current(), self.failed_at()) {
            _ if self.gone.is_some() => Turn::Nobody,
            (Some(row), _) => row.owes,
            (None, Some(row)) if row.step < StepId::Presence => Turn::Client,
            (None, _) => Turn::Nobody,
        }
    }

    /// Whether it only looked whether the port is open: it came, said nothing, and went.
    pub fn is_probe(&self) -> bool {
        self.probe
    }

    /// Since when it has been so.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// The last stall that was said, while nothing has come since.
    pub fn stall(&self) -> Option<&Stall> {
        self.stall.as_ref()
    }

    /// What went to and fro, the first of it.
    pub fn messages(&self) -> &[Message] {
        self.trace.messages()
    }

    /// Its sequence diagram, a line of names, then one a message, each line at most `width` columns; see [`super::trace`].
    pub fn sequence(&self, width: usize) -> Vec<String> {
        self.trace.draw(width)
    }

    pub(super) fn is_done(&self, step: StepId) -> bool {
        self.row(step).is_some_and(|row| row.state == State::Done)
    }

    /// Its IP address.
    pub(in crate::findings) fn address(&self) -> IpAddr {
        self.peer.ip().to_canonical()
    }

    /// Whether it came with a ticket, whatever became of that.
    pub(super) fn has_shown_ticket(&self) -> bool {
        let row = self.row(StepId::Ticket);
        row.is_some_and(|row| matches!(row.state, State::Done | State::Failed))
            || self.asked.iter().any(|asked| asked.step == StepId::Ticket)
    }

    /// Whether it is between `USR … I` and `USR … S`, or has a right to: it is about Passport.
    pub(super) fn is_at_passport(&self) -> bool {
        self.gone.is_none() && self.is_done(StepId::Identify) && !self.is_done(StepId::Ticket)
    }

    /// Whether it is between `USR OK` and CHG: it is about the address book.
    pub(super) fn is_at_address_book(&self) -> bool {
        self.gone.is_none() && self.is_done(StepId::Ticket) && !self.is_done(StepId::Status)
    }

    pub(super) fn def(&self, step: StepId) -> Option<&'static StepDef> {
        steps::plan(self.dialect, self.method).find(|def| def.id == step)
    }

    /// Whether it is answered in another shape than that of its own VER and CVR: the operator switched it.
    pub(super) fn is_in_other_shape(&self) -> bool {
        self.shape.is_some_and(|shape| {
            let other = self.agreed.is_some_and(|own| own != shape.dialect.number());
            other || self.family.is_some_and(|own| own != shape.family)
        })
    }

    /// The progress before which findings are old.
    pub(super) fn progressed(&self) -> Timestamp {
        self.last_done
    }

    /// What is expected at this step of whoever owes it, in a few words.
    pub fn expects(&self, step: StepId, owes: Turn) -> &'static str {
        match owes {
            Turn::Server if step != StepId::Presence => "its answer",
            _ => self.def(step).map_or("nothing", |def| def.expects),
        }
    }

    pub(super) fn last_event(&self) -> EventId {
        self.last_event
    }
}
