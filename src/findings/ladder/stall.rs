//! What is said when a sign-in stands still, or was ended.

use super::super::service::STALLED;
use super::steps::StepId;
use crate::event::{ClientId, Ending, EventId, Finding, Severity, Timestamp, Turn};
use std::fmt;
use std::time::Duration;

/// A likely cause, and what to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// A short id.
    pub id: &'static str,
    /// What is the matter, in a sentence.
    pub text: String,
    /// What to check, or to change.
    pub check: &'static str,
    /// How much speaks for it, 1 to 100; the causes of a stall are in this order.
    pub weight: u8,
    /// The event that speaks for it.
    pub event: Option<EventId>,
    /// Whether a finding told of it already.
    pub told: bool,
}

/// What happened to a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing came for longer than is normal. The client may be stopped in a debugger: it waits, and has not failed.
    Silent,
    /// The events that are known end here.
    Ended,
    /// A step went wrong.
    Failed,
    /// The connection was closed.
    Closed(String),
    /// Every step went well, and the user sees nobody.
    Nobody,
    /// It signed in and pinged, and is not heard any more.
    Quiet,
    /// A step that had stood came after all: what was said of it is withdrawn.
    Resumed,
}

/// A sign-in that does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stall {
    /// Whose.
    pub client: ClientId,
    /// At which step.
    pub step: StepId,
    /// Its name.
    pub name: &'static str,
    /// What happened.
    pub kind: Kind,
    /// When this was found.
    pub time: Timestamp,
    /// Whether it was online before.
    pub online: bool,
    /// Since the last progress.
    pub waited: Duration,
    /// Who owes the next move.
    pub owes: Turn,
    /// What is expected.
    pub expects: &'static str,
    /// The event after which nothing came, or that says what went wrong.
    pub event: Option<EventId>,
    /// The likely causes, the likeliest first. Never empty.
    pub causes: Vec<Cause>,
}

impl Stall {
    /// The likeliest cause's id.
    pub fn first(&self) -> Option<&'static str> {
        self.causes.first().map(|cause| cause.id)
    }

    /// One sentence: what is waited for, by whom, and the first cause.
    pub fn sentence(&self) -> String {
        let mut text = match &self.kind {
            Kind::Silent => format!(
                "nothing came for {} s at {}: {}{} owes {}",
                self.waited.as_secs(),
                self.name,
                if self.owes == Turn::Client {
                    "nudge waits, "
                } else {
                    ""
                },
                who(self.owes),
                self.expects
            ),
            Kind::Ended => format!(
                "it ends at {}: {} owes {}",
                self.name,
                who(self.owes),
                self.expects
            ),
            Kind::Failed if self.online => format!("{} was refused", self.name),
            Kind::Failed => format!("the sign-in went wrong at {}", self.name),
            Kind::Closed(reason) if self.online => {
                format!("a client that was online is gone: {reason}")
            }
            Kind::Closed(reason) => format!("the sign-in ended at {}: {reason}", self.name),
            Kind::Nobody => {
                "the sign-in went well, and its user sees nobody, or not all".to_owned()
            }
            Kind::Quiet => format!(
                "nothing was heard of it for {} s, not even PNG",
                self.waited.as_secs()
            ),
            Kind::Resumed => format!(
                "{} came after all: what was said of it is withdrawn",
                self.name
            ),
        };
        if let Some(cause) = self.causes.first() {
            text.push_str(". Likely: ");
            text.push_str(&cause.text);
            text.push_str(". Check: ");
            text.push_str(cause.check);
        }
        text
    }

    /// The stall as a finding. A client that is waited for has not failed: it may be stopped in a debugger.
    pub fn finding(&self) -> Finding {
        let waits = match &self.kind {
            Kind::Silent | Kind::Ended => self.owes == Turn::Client,
            Kind::Quiet | Kind::Resumed => true,
            // Its user may have thought better of it.
            Kind::Closed(reason) => {
                Ending::read(reason) == Ending::SignedOut && self.step > StepId::ClientVersion
            }
            _ => false,
        };
        // A finding told of it already; or it is as the operator wanted it.
        let known = self.causes.first().is_some_and(|cause| {
            cause.told
                || matches!(
                    cause.id,
                    "operator-closed" | "elsewhere" | "book-empty" | "all-offline"
                )
        });
        let waits = waits || known;
        Finding {
            id: STALLED,
            severity: if waits {
                Severity::Info
            } else {
                Severity::Warning
            },
            field: self.name.to_owned(),
            text: self.sentence(),
            evidence: self.event,
        }
    }
}

/// The sentence, and every cause with what to check, a line each.
impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.sentence();
        let first = whole.split(". Likely: ").next().unwrap_or(&whole);
        writeln!(f, "{first}")?;
        for (at, cause) in self.causes.iter().enumerate() {
            writeln!(f, "  {}. {} [{}]", at + 1, cause.text, cause.id)?;
            writeln!(f, "     check: {}", cause.check)?;
        }
        Ok(())
    }
}

/// Who, for a sentence.
pub fn who(turn: Turn) -> &'static str {
    match turn {
        Turn::Client => "the client",
        Turn::Server => "the service",
        Turn::Nobody => "nobody",
    }
}

/// What is said where nothing else is known.
pub(super) fn stall_text(step: StepId) -> String {
    format!("nothing is known that would explain it at {step:?}")
}
