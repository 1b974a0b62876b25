//! How a client's sign-in ends, and what is late while it goes on.

use super::digest::shown_text;
use super::one::Ladder;
use super::row::{Listed, Said, State};
use super::stall::Kind;
use super::steps::{ANSWER_PATIENCE, StepId};
use crate::event::{Ending, Timestamp, Turn};
use std::time::Duration;

/// A client that could not take a line leaves within this time.
pub(super) const SOON: Duration = Duration::from_millis(1_500);

impl Ladder {
    pub(super) fn ended(&mut self, ending: &Ending, bytes_in: u64, time: Timestamp) {
        self.listed(time, self.last_event);
        let at = self.waiting_for();
        let online = self.is_done(StepId::Status);
        let shown = ending.quoting(shown_text);
        self.gone = Some(shown.clone());
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
        if *ending == Ending::Checked {
            self.probe = true;
            return;
        }
        if self.pending.is_some() {
            return;
        }
        if online {
            if self.is_news(ending, time) {
                let step = at.unwrap_or(StepId::Presence);
                self.pending = Some((step, Kind::Closed(shown)));
            }
            return;
        }
        let Some(at) = at else {
            return;
        };
        // It was told of already. That the connection ends then is no news, unless its end says more.
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
            _ => self.pending = Some((at, Kind::Closed(shown))),
        }
    }

    /// Whether the end of a client that was online says more than that it is gone: something was done to it, by the
    /// operator or by another client of its account.
    fn is_news(&self, ending: &Ending, time: Timestamp) -> bool {
        if matches!(
            ending,
            Ending::Kicked | Ending::Elsewhere | Ending::SignedOutByOther
        ) {
            return true;
        }
        let answered = self.answer.as_ref().map(|answer| answer.time);
        let misread =
            self.is_in_other_shape() && answered.is_some_and(|sent| time.since(sent) < SOON);
        let injected = self
            .injected
            .as_ref()
            .is_some_and(|injected| self.pinged.is_none_or(|heard| injected.time >= heard));
        let challenged =
            self.is_challenged() && answered.is_some_and(|sent| time.since(sent) < SOON);
        // Whoever quits says OUT, or closes.
        let lost = matches!(ending, Ending::Broke(_));
        ending.is_by_client()
            && (lost
                || self.broken.is_some()
                || self.changed.is_some()
                || misread
                || injected
                || challenged)
    }

    /// Whether what it was told last is a challenge.
    pub(super) fn is_challenged(&self) -> bool {
        let last = self.answer.as_ref();
        last.is_some_and(|last| matches!(&last.what, Said::Frame(brief) if brief.verb() == "CHL"))
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

    /// What is late: the step, and who owes it.
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
        // A step that may be left out is not waited for, but the next one that may not.
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
}
