//! How the rows of a ladder move: a step is asked for, done, refused, passed over.

use super::cause::CauseId;
use super::digest::Digest;
use super::one::{Ladder, Pointed};
use super::row::{Asked, Row, State, begins, fresh};
use super::stall::Kind;
use super::steps::{self, Method, StepId};
use crate::event::{ClientId, EventId, Timestamp, Turn};

/// The most commands that wait for an answer and are remembered.
const MAX_ASKED: usize = 32;
/// How often a wait begins anew because something was heard that is no step.
const MAX_STIRS: u8 = 8;

impl Ladder {
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

    /// The row of a step, to be changed.
    pub(super) fn row_mut(&mut self, step: StepId) -> Option<&mut Row> {
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
    pub(super) fn pass(&mut self, step: StepId) {
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

    pub(super) fn moved(&mut self, time: Timestamp, event: EventId) {
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
        self.evidence
            .retain(|evidence| evidence.step != step && evidence.id != CauseId::Unfinished);
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
            } else if let Some(row) = self.row_mut(step) {
                row.repeated += 1;
            }
            self.stirred(time, event);
            return;
        }
        match &digest.failure {
            Some((_, text)) => self.failed(step, time, event, text.clone()),
            None => {
                if digest.login_host.is_some() {
                    self.login_host.clone_from(&digest.login_host);
                }
                self.done(step, time, event, digest.detail.clone());
            }
        }
    }
}
