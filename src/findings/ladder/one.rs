//! One client's ladder: its rows, and what each frame does to them.

use super::cause::{CauseId, Named, is_no_cause};
use super::digest::{Digest, shown_text};
use super::row::{Answer, Asked, Evidence, Listed, Noted, Row, Said, Shown, State, begins, fresh};
use super::stall::{Kind, Stall};
use super::steps::{self, ANSWER_PATIENCE, Method, StepDef, StepId};
use super::trace::{Message, Trace};
use crate::event::{
    ClientId, ClientInfo, Ending, EventId, Finding, FindingId, Severity, Step, Timestamp, Turn,
};
use crate::msnp::{Dialect, Family, Shape};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// The most commands that wait for an answer and are remembered.
const MAX_ASKED: usize = 32;
/// The most pieces of evidence of a kind.
pub(super) const MAX_EVIDENCE: usize = 8;
/// How often a wait begins anew because something was heard that is no step.
const MAX_STIRS: u8 = 8;

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
    pub gone: Option<String>,
    pub(super) method: Method,
    pub(super) dialect: u8,
    rows: Vec<Row>,
    /// By which dialect and method they were laid out.
    planned: Option<(u8, Method)>,
    /// Where the row of each step is: they are asked for several times a frame.
    places: [Option<u8>; StepId::COUNT],
    /// What the rows were last pointed by, as long as none of them has changed since.
    pointed: Option<Pointed>,
    pub(super) asked: VecDeque<Asked>,
    pub(super) shown: Shown,
    pub(super) evidence: VecDeque<Evidence>,
    /// The last progress.
    pub(super) since: Timestamp,
    last_done: Timestamp,
    pub(super) last_event: EventId,
    stirs: u8,
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
    /// The dialects that it offered.
    pub(super) offered: Vec<Dialect>,
    /// The family that its CVR says.
    pub(super) family: Option<Family>,
    /// Whether it was sent its profile.
    pub(super) profile: bool,
    pub(super) lists: Listed,
    /// When it was heard last, once it has pinged.
    pub(super) pinged: Option<Timestamp>,
    /// So many seconds it was told to wait until its next ping.
    pub(super) interval: u64,
    /// Whether its silence after that was told.
    pub(super) quiet: bool,
    /// It came, said nothing, and went: somebody looked whether the port is open.
    pub(super) probe: bool,
    /// What it says is no MSNP.
    stranger: bool,
    pub(super) trace: Trace,
}

/// By what it is said which step is at hand, the rows aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pointed {
    waiting: Option<StepId>,
    presence: bool,
    gone: bool,
}

impl Ladder {
    pub(super) fn new(client: ClientId, peer: SocketAddr, time: Timestamp, event: EventId) -> Self {
        let mut ladder = Self {
            client,
            peer,
            account: None,
            shape: None,
            gone: None,
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
            offered: Vec::new(),
            family: None,
            profile: false,
            lists: Listed::default(),
            pinged: None,
            interval: 60,
            quiet: false,
            probe: false,
            stranger: false,
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

    fn place(&self, step: StepId) -> Option<usize> {
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

    /// Whether it is between `USR … I` and `USR … S`, or has a right to: it is about Passport.
    pub(super) fn is_at_passport(&self) -> bool {
        self.gone.is_none() && self.is_done(StepId::Identify) && !self.is_done(StepId::Ticket)
    }

    /// Whether it is between `USR OK` and CHG: it is about the address book.
    pub(super) fn is_at_address_book(&self) -> bool {
        self.gone.is_none() && self.is_done(StepId::Ticket) && !self.is_done(StepId::Status)
    }

    /// Lays its rows out anew: what is known of a step stays.
    pub(super) fn plan(&mut self) {
        let plan = (self.dialect, self.method);
        if self.planned.replace(plan) == Some(plan) {
            return;
        }
        let stranger = self.stranger;
        let mut old = std::mem::take(&mut self.rows);
        self.rows
            .reserve_exact(steps::plan(self.dialect, self.method).count());
        self.rows.extend(
            steps::plan(self.dialect, self.method)
                .filter(|def| !stranger || def.id <= StepId::Version)
                .map(|def| {
                    let at = old.iter().position(|row| row.step == def.id);
                    at.map_or_else(|| fresh(def), |at| old.swap_remove(at))
                }),
        );
        self.places = [None; StepId::COUNT];
        for (at, row) in (0..).zip(&self.rows) {
            self.places[row.step as usize] = Some(at);
        }
        self.pointed = None;
        self.point();
    }

    /// It asked RST for its tokens: one that signs in by TWN does without nexus and login then.
    pub(super) fn asked_for_tokens(&mut self) {
        if self.method == Method::Twn && self.is_at_passport() {
            self.method = Method::TwnByRst;
            self.plan();
        }
    }

    fn def(&self, step: StepId) -> Option<&'static StepDef> {
        steps::plan(self.dialect, self.method).find(|def| def.id == step)
    }

    /// The row of a step, to be changed.
    fn row_mut(&mut self, step: StepId) -> Option<&mut Row> {
        let at = self.place(step)?;
        self.pointed = None;
        self.rows.get_mut(at)
    }

    /// A step has begun: the service owes its answer.
    pub(super) fn asked(&mut self, asked: Asked, detail: impl FnOnce() -> String) {
        self.pass(asked.step);
        if !self.is_done(asked.step)
            && let Some(row) = self.row_mut(asked.step)
        {
            row.state = State::Due;
            row.time = Some(asked.time);
            row.event = Some(asked.event);
            row.detail = detail();
        }
        if self.asked.len() == MAX_ASKED {
            self.asked.pop_front();
        }
        self.asked.push_back(asked);
        self.moved(asked.time, asked.event);
    }

    /// What is not waited for any longer once this step has come, for the first time.
    fn pass(&mut self, step: StepId) {
        // A client pings before it is online, too: it owes its CHG still.
        let early = step == StepId::Ping && !self.is_done(StepId::Status);
        if self.is_done(step) || early {
            return;
        }
        let Some(phase) = self.def(step).map(|def| def.phase) else {
            return;
        };
        let (dialect, method) = (self.dialect, self.method);
        for def in steps::plan(dialect, method).filter(|def| def.phase < phase) {
            let open = self.asked.iter().any(|asked| asked.step == def.id);
            if let Some(row) = self.row_mut(def.id)
                && matches!(row.state, State::Due | State::Now)
                && !open
            {
                row.state = State::Skipped;
                row.owes = Turn::Nobody;
            }
        }
    }

    /// A step is done.
    pub(super) fn done(&mut self, step: StepId, time: Timestamp, event: EventId, detail: String) {
        let Some(at) = self.place(step) else {
            return;
        };
        self.rows[at].count += 1;
        if !self.is_done(step) {
            if self.said.iter().any(|(said, _)| *said == step) {
                self.resumed = Some(step);
            }
            self.pass(step);
            let took = time.since(self.last_done);
            if let Some(row) = self.row_mut(step) {
                row.state = State::Done;
                row.time = Some(time);
                row.took = Some(took);
                row.event = Some(event);
                row.owes = Turn::Nobody;
                if !detail.is_empty() {
                    row.detail = detail;
                }
            }
            self.last_done = time;
        }
        self.moved(time, event);
    }

    /// A step went wrong.
    pub(super) fn failed(&mut self, step: StepId, time: Timestamp, event: EventId, detail: String) {
        let text = detail.clone();
        if let Some(row) = self.row_mut(step)
            && row.state != State::Done
        {
            row.state = State::Failed;
            row.time = Some(time);
            row.event = Some(event);
            row.owes = Turn::Nobody;
            row.detail = detail;
        }
        self.moved(time, event);
        self.refused = Some((step, event, text));
        self.pending = Some((step, Kind::Failed));
    }

    /// Nothing of a sign-in is to come: its rows end with VER.
    pub(super) fn is_no_sign_in(&mut self) {
        self.stranger = true;
        self.planned = None;
        self.plan();
    }

    /// A finding about it.
    pub(super) fn note(&mut self, finding: &Finding, sure: bool, time: Timestamp) {
        if matches!(
            finding.id,
            FindingId::WrongPort | FindingId::NotMsnp | FindingId::NoCommonDialect
        ) {
            self.is_no_sign_in();
        }
        if finding.severity == Severity::Info || is_no_cause(&finding.id) {
            return;
        }
        if self.noted.len() == MAX_EVIDENCE {
            self.noted.pop_front();
        }
        self.noted.push_back(Noted {
            id: finding.id.clone(),
            severity: finding.severity,
            text: match finding.field.split(' ').next() {
                Some(verb) if !finding.text.contains(verb) => {
                    shown_text(&format!("{}: {}", finding.field, finding.text))
                }
                _ => shown_text(&finding.text),
            },
            event: finding.evidence.unwrap_or(self.last_event),
            time,
            sure,
        });
        // What is known now may be why it stands.
        self.reweigh();
    }

    /// What was said of its standing still is weighed anew at the next tick.
    fn reweigh(&mut self) {
        if self
            .stall
            .as_ref()
            .is_some_and(|stall| stall.kind == Kind::Silent)
        {
            self.stall = None;
        }
    }

    /// What it was told, by whatever door.
    pub(super) fn answered(&mut self, time: Timestamp, event: EventId, what: Said) {
        self.answer = Some(Answer { time, event, what });
    }

    /// The progress before which findings are old.
    pub(super) fn progressed(&self) -> Timestamp {
        self.last_done
    }

    /// Whose a step may be, where that is open.
    pub(super) fn leave_open(&mut self, step: StepId, open: &[ClientId]) {
        if let Some(row) = self.row_mut(step) {
            row.open = open.to_vec();
        }
    }

    /// A step was another client's after all.
    pub(super) fn take_back(&mut self, step: StepId) {
        let def = self.def(step);
        if let Some(row) = self.row_mut(step)
            && !row.open.is_empty()
        {
            if let Some(def) = def {
                *row = fresh(def);
            }
            self.point();
        }
    }

    fn moved(&mut self, time: Timestamp, event: EventId) {
        self.since = time;
        self.last_event = event;
        self.stirs = 0;
        self.stall = None;
        self.point();
    }

    /// Something was heard that is no step of its own: a login before a SOAP service, say.
    pub(super) fn stirred(&mut self, time: Timestamp, event: EventId) {
        if self.stirs < MAX_STIRS {
            self.stirs += 1;
            self.since = time;
            self.last_event = event;
        }
    }

    /// Marks the step at hand, and who owes its move.
    pub(super) fn point(&mut self) {
        let waiting = self.asked.front().map(|asked| asked.step).filter(|step| {
            self.row(*step)
                .is_some_and(|row| matches!(row.state, State::Now | State::Due))
        });
        let presence = self.shown.begun;
        let gone = self.gone.is_some();
        let by = Pointed {
            waiting,
            presence,
            gone,
        };
        if self.pointed.replace(by) == Some(by) {
            return;
        }
        for row in &mut self.rows {
            if row.state == State::Now {
                row.state = State::Due;
            }
            if row.state == State::Due {
                row.owes = begins(row.step);
            }
        }
        if gone {
            return;
        }
        let at = waiting.and_then(|step| self.place(step));
        let rows = &mut self.rows;
        if let Some(at) = at {
            rows[at].state = State::Now;
            rows[at].owes = Turn::Server;
            return;
        }
        let failed = rows.iter().rposition(|r| r.state == State::Failed);
        let last = rows.iter().rposition(|r| r.state == State::Done);
        if failed > last {
            return;
        }
        let Some(at) = rows.iter().position(|r| r.state == State::Due) else {
            return;
        };
        if rows[at].step > StepId::Presence {
            // It rests: what is still to come, it need not say.
            return;
        }
        rows[at].state = State::Now;
        rows[at].owes = if rows[at].step == StepId::Presence && presence {
            Turn::Server
        } else {
            Turn::Client
        };
    }

    /// A request over HTTP that is its own, or may be.
    pub(super) fn exchange(
        &mut self,
        step: StepId,
        digest: &Digest,
        time: Timestamp,
        event: EventId,
    ) {
        self.evidence.retain(|evidence| evidence.step != step);
        for (id, text) in digest.failure.iter().chain(&digest.doubt) {
            self.remember(step, *id, text.clone(), event);
        }
        if digest.again {
            return self.stirred(time, event);
        }
        if self.is_done(step) {
            // A login before each SOAP service; one that is refused stops it all the same.
            if digest.failure.is_some() {
                self.pending = Some((step, Kind::Failed));
            }
            self.stirred(time, event);
            return;
        }
        match &digest.failure {
            Some((_, text)) => self.failed(step, time, event, text.clone()),
            None => self.done(step, time, event, digest.detail.clone()),
        }
    }

    pub(super) fn remember(&mut self, step: StepId, id: CauseId, text: String, event: EventId) {
        if self.evidence.len() == MAX_EVIDENCE {
            self.evidence.pop_front();
        }
        self.evidence.push_back(Evidence {
            step,
            id,
            text,
            event,
        });
        self.reweigh();
    }

    pub(super) fn info(&mut self, info: &ClientInfo) {
        self.account = info.account.as_deref().map(ClientInfo::kept);
        self.shape = info.shape;
        if let Some(shape) = info
            .shape
            .filter(|shape| shape.dialect.number() != self.dialect)
        {
            self.dialect = shape.dialect.number();
            self.plan();
        }
        self.joined(info.step);
    }

    /// Where it is said to be further than was seen, the events began in the middle of its sign-in: what must have
    /// been before is not waited for.
    fn joined(&mut self, step: Step) {
        let (came, next) = match step {
            Step::Connected | Step::Gone => return,
            Step::Version => (StepId::Version, StepId::ClientVersion),
            Step::ClientVersion => (StepId::ClientVersion, StepId::Identify),
            Step::Authenticating => (StepId::Identify, StepId::Tls),
            Step::SignedIn => (StepId::Ticket, StepId::Membership),
            Step::Online => (StepId::Status, StepId::Personal),
        };
        if !self.is_done(came) && !self.asked.iter().any(|asked| asked.step == came) {
            self.pass(next);
            self.point();
        }
    }

    pub(super) fn ended(&mut self, ending: &Ending, bytes_in: u64, time: Timestamp) {
        self.listed(time, self.last_event);
        let at = self.waiting_for();
        let online = self.is_done(StepId::Status);
        let reason = shown_text(&ending.to_string());
        self.gone = Some(reason.clone());
        self.point();
        // A recording keeps thousands that have gone.
        self.trace.shrink();
        self.asked.shrink_to_fit();
        self.evidence.shrink_to_fit();
        self.noted.shrink_to_fit();
        self.lists = Listed::default();
        if bytes_in == 0 && self.heard_nothing() && ending.is_by_client() && self.said.is_empty() {
            self.probe = true;
            return;
        }
        let injected = self.injected.as_ref().is_some_and(|injected| {
            ending.is_by_client() && self.pinged.is_none_or(|heard| injected.time >= heard)
        });
        if self.pending.is_some() {
            return;
        }
        if online {
            if injected {
                let step = at.unwrap_or(StepId::Presence);
                self.pending = Some((step, Kind::Closed(reason)));
            }
            return;
        }
        let Some(at) = at else {
            return;
        };
        // What was said of it stands: that the connection ends upon it is no news, unless its end says more.
        let says_more = matches!(
            ending,
            Ending::ClosedMidway(_) | Ending::Kicked | Ending::Elsewhere
        );
        if self.stall.is_some() && !says_more {
            return;
        }
        match ending {
            Ending::SignedOut if self.is_done(StepId::Ticket) => {}
            Ending::SentOn | Ending::SignedOutByOther => {}
            Ending::Stopping => self.pending = Some((at, Kind::Ended)),
            _ => self.pending = Some((at, Kind::Closed(reason))),
        }
    }

    /// Whether nothing whole came of it.
    fn heard_nothing(&self) -> bool {
        self.asked.is_empty() && self.answer.is_none() && self.noted.is_empty()
    }

    /// The step at which it stands, whether somebody owes a move or it went wrong.
    fn waiting_for(&self) -> Option<StepId> {
        let failed = self
            .rows
            .iter()
            .rev()
            .find(|row| row.state == State::Failed);
        self.current().or(failed).map(|row| row.step)
    }

    /// What is not there though it is time: the step, who owes it, and since when.
    pub(super) fn overdue(&self, now: Timestamp, factor: f64) -> Option<(StepId, Turn)> {
        if self.gone.is_some() {
            return None;
        }
        let late =
            |since: Timestamp, patience: Duration| now.since(since) >= patience.mul_f64(factor);
        if let Some(asked) = self.asked.front() {
            return late(asked.time, ANSWER_PATIENCE).then_some((asked.step, Turn::Server));
        }
        let row = self.current()?;
        if row.owes == Turn::Server {
            return late(self.since, ANSWER_PATIENCE).then_some((row.step, Turn::Server));
        }
        // A step that may be left out is not waited for, the next that may not is.
        let from = self.rows.iter().position(|r| r.step == row.step)?;
        let needed = self.rows[from..]
            .iter()
            .filter(|r| matches!(r.state, State::Now | State::Due))
            .find_map(|r| self.def(r.step).filter(|def| def.patience > 0))?;
        late(self.since, Duration::from_secs(needed.patience.into()))
            .then_some((needed.id, Turn::Client))
    }

    /// Whether it pinged and has been silent for too long since; said once.
    pub(super) fn falls_quiet(&mut self, now: Timestamp, factor: f64) -> bool {
        let Some(heard) = self
            .pinged
            .filter(|_| !self.quiet && self.is_done(StepId::Status))
        else {
            return false;
        };
        let late = now.since(heard) >= Duration::from_secs(2 * self.interval).mul_f64(factor);
        self.quiet |= late;
        late
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
