//! What is said when a sign-in stands still, or was ended.

use super::cause::{Cause, CauseId};
use super::steps::StepId;
use crate::event::{ClientId, Ending, EventId, Finding, FindingId, Severity, Timestamp, Turn};
use std::fmt;
use std::time::Duration;

/// Whoever gave up this often does not do so by chance.
pub(super) const OFTEN: u32 = 2;

/// What happened to a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing came for longer than is normal. The client may be stopped in a debugger: it waits, and has not failed.
    Silent,
    /// The events that are known end here.
    Ended,
    /// A step went wrong.
    Failed,
    /// It is online, and something that it wanted was not done.
    Harmed,
    /// The connection was closed.
    Closed(Ending),
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
    /// How often the same address gave up at this step right before.
    pub tried: u32,
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
    /// The likeliest cause's name.
    pub fn first(&self) -> Option<&str> {
        self.causes.first().map(Cause::name)
    }

    /// What is waited for, and by whom.
    fn what(&self) -> String {
        match &self.kind {
            Kind::Silent if self.owes == Turn::Nobody => format!(
                "nothing came for {} upon {}: the client's user waits for {}",
                span(self.waited),
                self.name,
                self.expects
            ),
            Kind::Silent => format!(
                "nothing came for {} at {}: {}{} owes {}",
                span(self.waited),
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
            Kind::Harmed => format!("{} did not go well", self.name),
            Kind::Failed if self.online => format!("{} was refused", self.name),
            Kind::Failed => format!("the sign-in went wrong at {}", self.name),
            Kind::Closed(reason) if self.online => {
                format!("a client that was online is gone: {reason}")
            }
            // What was found says why nudge closed it.
            Kind::Closed(reason)
                if matches!(reason, Ending::Other(_))
                    && self.causes.first().is_some_and(|c| c.finding.is_some()) =>
            {
                format!("nudge ended the sign-in at {}", self.name)
            }
            Kind::Closed(reason) => format!("the sign-in ended at {}: {reason}", self.name),
            Kind::Nobody => {
                "the sign-in went well, and its user sees nobody, or not all".to_owned()
            }
            Kind::Quiet => format!(
                "nothing was heard of it for {}, not even PNG",
                span(self.waited)
            ),
            Kind::Resumed => format!(
                "{} came after all: what was said of it is withdrawn",
                self.name
            ),
        }
    }

    /// Whether it was left as the tries before it were.
    pub fn is_often(&self) -> bool {
        self.tried >= OFTEN && matches!(self.kind, Kind::Closed(_))
    }

    /// One sentence: what is waited for, by whom, and the first cause.
    pub fn sentence(&self) -> String {
        let mut text = self.what();
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
            Kind::Silent | Kind::Ended => self.owes != Turn::Server,
            Kind::Quiet | Kind::Resumed => true,
            // So does a first try that is left before its ticket: the next may get further.
            Kind::Closed(reason)
                if self.step == StepId::Tls && self.tried < OFTEN && !self.online =>
            {
                matches!(reason, Ending::Closed | Ending::SignedOut)
            }
            // Its user may have thought better of it.
            Kind::Closed(reason) => {
                *reason == Ending::SignedOut
                    && (self.step > StepId::ClientVersion || self.tried < OFTEN)
            }
            _ => false,
        };
        // A finding told of it already; or it is as the operator wanted it.
        let known = self.causes.first().is_some_and(|cause| {
            cause.finding.is_some()
                || matches!(
                    cause.id,
                    CauseId::OperatorClosed
                        | CauseId::GivenUp
                        | CauseId::RosterChange
                        | CauseId::Reset
                        | CauseId::Elsewhere
                        | CauseId::BookEmpty
                        | CauseId::AllOffline
                )
        });
        let waits = waits || known;
        let severity = match waits {
            true => Severity::Info,
            false => Severity::Warning,
        };
        Finding {
            evidence: self.event,
            ..Finding::new(FindingId::Stalled, self.name, self.sentence())
        }
        .weighing(severity)
    }
}

/// The sentence, and every cause with what to check, a line each.
impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.what())?;
        for (at, cause) in self.causes.iter().enumerate() {
            writeln!(f, "  {}. {} [{}]", at + 1, cause.text, cause.name())?;
            writeln!(f, "     check: {}", cause.check)?;
        }
        Ok(())
    }
}

/// So long, for a sentence.
fn span(time: Duration) -> String {
    match time.as_secs() {
        0 if time.as_millis() < 100 => format!("{} ms", time.as_millis()),
        0 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{seconds} s"),
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
