//! What is noted of a client beside its steps: findings, evidence, what it was told, what the service says of it.

use super::cause::CauseId;
use super::causes::check;
use super::digest::shown_text;
use super::one::Ladder;
use super::row::{Answer, Evidence, Noted, Said, is_harm};
use super::stall::Kind;
use super::steps::StepId;
use crate::event::{ClientInfo, EventId, Finding, FindingId, Severity, Step, Timestamp};
use std::time::Duration;

/// The most pieces of evidence of a kind.
const MAX_EVIDENCE: usize = 8;

/// How long after a length that is too short what follows is taken for the rest of that payload.
const CONSEQUENCE: Duration = Duration::from_secs(5);

/// Whether it is sure whose a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// It is this client's.
    Sure,
    /// It came of its address, and it is the only one there for which it is the time.
    Alone,
    /// It may be another's.
    Open,
}

/// Whether a word is the name of a verb.
fn is_verb(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase())
}

impl Ladder {
    /// A finding about it.
    /// Whether it was kept: it may be why something stands.
    pub(super) fn note(&mut self, finding: &Finding, whose: Whose, time: Timestamp) -> bool {
        if matches!(
            finding.id,
            FindingId::WrongPort | FindingId::NotMsnp | FindingId::NoCommonDialect
        ) {
            self.is_no_sign_in();
        }
        // Of a client that is online, no step waits for the rest of a command: the finding is the cause.
        let unfinished = finding.id == FindingId::Unfinished && self.is_done(StepId::Status);
        // A wrong lock key may be one of before, behind which the right one comes.
        // A form of another dialect is answered, and a client that goes on has no stall.
        let slight = [FindingId::OfflineRefused, FindingId::VerbDialect];
        let tells = is_harm(finding) || slight.contains(&finding.id);
        let light = finding.severity == Severity::Info && !tells;
        if light || !(unfinished || finding.id.may_be_cause()) {
            return false;
        }
        // The rest of a payload that was longer than its length.
        let rest = matches!(finding.id, FindingId::PayloadShort | FindingId::UnknownVerb);
        let follows = |noted: &Noted| {
            noted.id == FindingId::PayloadLength && time.since(noted.time) < CONSEQUENCE
        };
        if rest && self.noted.iter().any(follows) {
            return false;
        }
        // A line end that is taken is why nothing goes on only where nothing else is wrong with its line.
        let event = finding.evidence.unwrap_or(self.last_event);
        if finding.id == FindingId::BareLf && self.noted.iter().any(|noted| noted.event == event) {
            return false;
        }
        self.noted
            .retain(|noted| noted.id != FindingId::BareLf || noted.event != event);
        if self.noted.len() == MAX_EVIDENCE {
            self.noted.pop_front();
        }
        // A sentence goes on behind it.
        let text = finding.text.trim_end_matches('.');
        self.noted.push_back(Noted {
            id: finding.id.clone(),
            severity: finding.severity,
            text: match finding.field.split(' ').next() {
                Some(verb) if is_verb(verb) && !finding.text.contains(verb) => {
                    shown_text(&format!("{}: {text}", finding.field))
                }
                _ => shown_text(text),
            },
            check: check(finding),
            event,
            time,
            sure: whose == Whose::Sure,
            alone: whose == Whose::Alone,
        });
        // What is known now may be why it stands.
        self.reweigh();
        true
    }

    /// What was said of its standing still is weighed anew at the next tick.
    pub(super) fn reweigh(&mut self) {
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
