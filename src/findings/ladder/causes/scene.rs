//! What causes are weighed on, and what speaks for one.

use crate::event::{Ending, EventId, FindingId, Timestamp, Turn};
use crate::findings::ladder::cause::CauseId;
use crate::findings::ladder::endings::SOON;
use crate::findings::ladder::errand::Errand;
use crate::findings::ladder::one::Ladder;
use crate::findings::ladder::row::Evidence;
use crate::findings::ladder::stall::Kind;
use crate::findings::ladder::steps::StepId;
use crate::findings::presence::Fault;
use std::time::Duration;

/// More than that it closed the connection at once.
const UPON: u8 = 63;

/// What the causes are weighed on.
pub struct Scene<'a> {
    /// The client's ladder.
    pub ladder: &'a Ladder,
    /// Where it stands.
    pub step: StepId,
    /// Who owes the next move.
    pub owes: Turn,
    /// How it came to this.
    pub kind: &'a Kind,
    /// The ports at which HTTPS is served.
    pub https: &'a [u16],
    /// What its address does at the doors of the web.
    pub web: At,
    /// What the client is to do beside its sign-in, where it is about that.
    pub errand: Option<&'a Errand>,
    /// When.
    pub now: Timestamp,
}

/// What an address does at the doors of the web, whoever of it does.
#[derive(Debug, Clone, Copy, Default)]
pub struct At {
    /// It came to the HTTPS port, ever.
    pub came: bool,
    /// A request of it came over TLS: it trusts the root.
    pub trusts: bool,
    /// It is connected there, and has sent no hello.
    pub waiting: Option<EventId>,
    /// A handshake of it is done, and no request came over it.
    pub unused: Option<EventId>,
}

/// What speaks for a cause: how much, in what words, and which event.
#[derive(Default)]
pub struct Weighed {
    pub weight: u8,
    pub text: String,
    pub event: Option<EventId>,
    /// The finding that it is.
    pub finding: Option<FindingId>,
    /// What to check, where that is another than for the cause in general.
    pub check: Option<&'static str>,
}

impl Weighed {
    /// With an event that speaks for it.
    pub fn shown(weight: u8, text: impl Into<String>, event: EventId) -> Option<Self> {
        Self::by(weight, text, Some(event))
    }

    /// With an event, where there is one.
    pub fn by(weight: u8, text: impl Into<String>, event: Option<EventId>) -> Option<Self> {
        Some(Self {
            weight,
            text: text.into(),
            event,
            finding: None,
            check: None,
        })
    }

    /// With nothing that speaks for it but that it is often so.
    pub fn guess(weight: u8, text: impl Into<String>) -> Option<Self> {
        Self::by(weight, text, None)
    }
}

/// Where the client has to reach the HTTPS door next.
pub const WEB: &[StepId] = &[
    StepId::Tls,
    StepId::Nexus,
    StepId::Login,
    StepId::Tokens,
    StepId::Ticket,
    StepId::Membership,
    StepId::AddressBook,
    StepId::Lists,
];

impl<'a> Scene<'a> {
    /// Whether it stands at one of these steps.
    pub fn is_at(&self, steps: &[StepId]) -> bool {
        steps.contains(&self.step)
    }

    /// The last piece of evidence of a cause.
    pub fn last(&self, id: CauseId) -> Option<&'a Evidence> {
        self.ladder.evidence.iter().rev().find(|e| e.id == id)
    }

    /// What was seen of a cause.
    pub fn seen(&self, id: CauseId, weight: u8) -> Option<Weighed> {
        let found = self.last(id)?;
        Weighed::shown(weight, &found.text, found.event)
    }

    /// The client has read the address book and should send its lists.
    pub fn is_after_book(&self) -> bool {
        let ladder = self.ladder;
        let read = ladder.is_done(StepId::AddressBook) || ladder.is_done(StepId::Membership);
        let next = self.is_at(&[StepId::Lists, StepId::Name, StepId::Privacy, StepId::Status]);
        // Where ADL was answered, it took the address book.
        let taken = ladder.is_done(StepId::Lists);
        read && next && !taken && self.owes != Turn::Server
    }

    /// How soon after the last answer the client closed the connection, where that was at once.
    pub fn left_soon(&self) -> Option<Duration> {
        let Kind::Closed(ending) = self.kind else {
            return None;
        };
        (ending.is_by_client() || *ending == Ending::SignedOut).then_some(())?;
        let after = self.now.since(self.ladder.answer.as_ref()?.time);
        (after < SOON).then_some(after)
    }

    /// That an answer was not taken: what it was says more than that the client closed the connection upon it.
    pub fn not_taken(&self, weight: u8, text: &str, event: Option<EventId>) -> Option<Weighed> {
        match self.left_soon() {
            Some(after) => Weighed::by(
                weight.max(UPON),
                format!(
                    "{text}: it closed the connection {:.1} s after it",
                    after.as_secs_f64()
                ),
                event,
            ),
            None => Weighed::by(weight, text, event),
        }
    }

    /// This step failed: in these words, and those of its row.
    pub fn failed_at(&self, step: StepId, text: &str) -> Option<Weighed> {
        let row = self.ladder.row(step)?;
        (self.step == step && *self.kind == Kind::Failed).then_some(())?;
        Weighed::by(100, format!("{text}: {}", row.detail), row.event)
    }

    /// Presence has a fault, for which the client drops it.
    pub fn dropped(&self, fault: Fault, text: &str) -> Option<Weighed> {
        let shown = &self.ladder.shown;
        let (found, event) = shown.fault?;
        (self.step == StepId::Presence && found == fault).then_some(())?;
        let text = format!("{text} ({} of {} lines)", shown.wrong, shown.sent);
        Weighed::shown(100, text, event)
    }

    /// A command of this step has had no answer.
    pub fn unanswered(&self, step: StepId, text: &str) -> Option<Weighed> {
        let asked = self.ladder.asked.iter().find(|asked| asked.step == step)?;
        (self.step == step && *self.kind != Kind::Failed).then_some(())?;
        Weighed::shown(100, text, asked.event)
    }
}
