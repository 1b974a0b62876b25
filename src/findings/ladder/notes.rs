//! What is noted of a client beside its steps: findings, evidence, what it was told, what the service says of it.

use super::cause::{CauseId, is_no_cause};
use super::digest::shown_text;
use super::one::Ladder;
use super::row::{Answer, Evidence, Noted, Said};
use super::stall::Kind;
use super::steps::StepId;
use crate::event::{ClientInfo, EventId, Finding, FindingId, Severity, Step, Timestamp};

/// The most pieces of evidence of a kind.
const MAX_EVIDENCE: usize = 8;

impl Ladder {
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
            self.late = true;
            self.pass(next);
            self.point();
        }
    }
}
