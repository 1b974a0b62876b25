//! The rows of a ladder, and what is kept beside them.

use super::cause::CauseId;
use super::digest::Brief;
use super::steps::{StepDef, StepId};
use crate::event::{ClientId, EventId, Finding, FindingId, Severity, Timestamp, Turn};
use crate::findings::presence::Fault;
use crate::findings::presence::hash;
use crate::msnp::TransactionId;
use crate::roster::Roster;
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It went well.
    Done,
    /// It is the one at hand.
    Now,
    /// It is still to come.
    Due,
    /// Something of a later phase came without it.
    Skipped,
    /// It went wrong.
    Failed,
}

/// A step of one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which step.
    pub step: StepId,
    /// Its name.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// When it was last heard of.
    pub time: Option<Timestamp>,
    /// From the end of the step before to the end of this one.
    pub took: Option<Duration>,
    /// Who owes the next move of this step.
    pub owes: Turn,
    /// What is expected.
    pub expects: &'static str,
    /// The event that it came from.
    pub event: Option<EventId>,
    /// A few words: `MSNP16`, `TLS 1.0 v2hello 9ms`, `ticket t=…`.
    pub detail: String,
    /// How often it came.
    pub count: u32,
    /// How often it came once more when it was done.
    pub(super) repeated: u32,
    /// Whose it may be, where that cannot be told.
    pub open: Vec<ClientId>,
}

impl Row {
    /// How often it came in all.
    pub(super) fn times(&self) -> u32 {
        self.count.saturating_add(self.repeated)
    }

    /// Whose it may be: `1 or 2`.
    pub fn whose(&self) -> String {
        let open: Vec<String> = self.open.iter().map(ToString::to_string).collect();
        open.join(" or ")
    }
}

/// A command that was sent and not yet answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub transaction: Option<TransactionId>,
    pub step: StepId,
    pub time: Timestamp,
    pub event: EventId,
}

/// Something that speaks for a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    /// The step that it is about: where that goes well, it speaks no longer.
    pub step: StepId,
    pub id: CauseId,
    pub text: String,
    pub event: EventId,
}

/// A finding about a client, which may be why its sign-in stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    pub id: FindingId,
    pub severity: Severity,
    pub text: String,
    /// What to check.
    pub check: &'static str,
    /// What shows it.
    pub event: EventId,
    pub time: Timestamp,
    /// Whether it is sure whose it is.
    pub sure: bool,
    /// Whether it is nobody else's of those who are there, where it is not sure.
    pub alone: bool,
}

/// Something that a client wanted once it was online, and that was not done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Harmed {
    pub time: Timestamp,
    pub event: EventId,
    pub severity: Severity,
}

/// What was said or shown to a client last, on whatever door.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub time: Timestamp,
    pub event: EventId,
    pub what: Said,
}

/// What it was.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// A frame.
    Frame(Brief),
    /// The answer to a request, in a few words.
    Http(String),
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Frame(brief) => brief.fmt(f),
            Said::Http(what) => f.write_str(what),
        }
    }
}

/// What its ADLs said before its CHG.
#[derive(Debug, Clone, Default)]
pub(super) struct Listed {
    pub entries: usize,
    /// Of them on the forward list.
    pub forward: usize,
    /// The first of them.
    pub first: String,
    /// The network that each was listed with, 0 where it said none, by the hash of its account; those of later ADLs too.
    pub networks: HashMap<u64, u8, RandomState>,
}

/// The most contacts of its ADLs whose network is remembered.
const MAX_NETWORKS: usize = 2048;

impl Listed {
    /// Whether there may be more than are remembered.
    pub fn is_full(&self) -> bool {
        self.networks.len() >= MAX_NETWORKS
    }
}

/// What is known of the presence that was sent after CHG.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub transaction: Option<TransactionId>,
    /// How many contacts should be shown, where the roster is known.
    pub expected: Option<usize>,
    /// How many were, and the last of them.
    pub sent: usize,
    pub last: Option<(Timestamp, EventId)>,
    /// The roster as it was at CHG, and hashes of the accounts that were shown, until the list is over.
    pub roster: Option<Arc<Roster>>,
    pub accounts: HashSet<u64, RandomState>,
    /// How many of them the client drops, the fault of the first, and its event.
    pub wrong: usize,
    pub fault: Option<(Fault, EventId)>,
    /// Whether CHG was answered for the first time.
    pub begun: bool,
}

/// The most contacts that were not shown and are named.
const NAMED: usize = 3;

impl Shown {
    /// `6 of 7 contacts, not busy@local`.
    pub fn text(&self) -> String {
        let Some(expected) = self.expected else {
            return format!("{} contacts", self.sent);
        };
        let mut text = format!("{} of {expected} contacts", self.sent);
        if self.sent == 0 || self.sent >= expected {
            return text;
        }
        let roster = self.roster.iter().flat_map(|roster| roster.contacts());
        let mut missing = roster
            .filter(|c| c.is_seen() && !self.accounts.contains(&hash(&c.account)))
            .map(|c| c.account.as_str());
        let named: Vec<&str> = missing.by_ref().take(NAMED).collect();
        if !named.is_empty() {
            text.push_str(&format!(", not {}", named.join(", ")));
        }
        match missing.count() {
            0 => text,
            more => format!("{text} and {more} more"),
        }
    }
}

/// Who begins a step.
pub(super) fn begins(step: StepId) -> Turn {
    match step {
        StepId::Presence => Turn::Server,
        _ => Turn::Client,
    }
}

/// A step that is still to come.
pub(super) fn fresh(def: &'static StepDef) -> Row {
    Row {
        step: def.id,
        name: def.name,
        state: State::Due,
        time: None,
        took: None,
        owes: begins(def.id),
        expects: def.expects,
        event: None,
        detail: String::new(),
        count: 0,
        repeated: 0,
        open: Vec::new(),
    }
}

/// What was refused, or reached nobody, though it is no error.
const LOST: &[FindingId] = &[
    FindingId::WrongStage,
    FindingId::OtherDialect,
    FindingId::NobodyThere,
    FindingId::TooManyMessages,
    FindingId::MessageForm,
    FindingId::OfflineRefused,
    FindingId::Unfinished,
    FindingId::PeerToPeer,
    FindingId::PeerDeclined,
    FindingId::GatewaySession,
    FindingId::SoapMethod,
    FindingId::SoapXml,
    FindingId::SoapUnknownAction,
    FindingId::SoapTicket,
    FindingId::SoapRefused,
];

/// Whether something that a client wanted was not done: it was refused, or reached nobody. Of the rest the finding
/// is telling enough.
pub(super) fn is_harm(finding: &Finding) -> bool {
    let told = finding.severity != Severity::Info || finding.id == FindingId::PeerDeclined;
    let lost = finding.severity == Severity::Error || told && LOST.contains(&finding.id);
    lost && !finding.id.is_tolerated()
}
