//! What went wrong, and why it stopped: the login ladder of each client, and the findings.
//!
//! Everything here is a fold over [`Event`]s: pure, with no clock of its own and no IO. Time comes with the
//! events, and with a tick. What is remembered is bounded, whatever a client sends.
//!
//! ```text
//! event, its number ─┬─► ladder: where each sign-in is, who owes the next move ─► stalls, with their causes
//!                    └─► rules: one file each ─────────────────────────────────► findings, with their evidence
//! ```

pub mod catalogue;
mod evidence;
mod explain;
pub mod ladder;
mod page;
mod prepared;
pub mod presence;
mod report;
pub mod rules;
#[cfg(test)]
pub(crate) mod story;
mod watch;
mod whose;

pub use catalogue::{catalogue, catalogue_json, explain_finding};
pub use explain::{Unexplained, explain_text};
pub use ladder::{Ladder, Ladders, Row, Stall, State};
pub use page::{Page, Tone};
pub use prepared::Prepared;
pub use report::{NoSuchClient, report};
pub use rules::{Count, Rules};
pub use watch::{Numbered, Numbers, Watch, watched};
pub use whose::owners;

use crate::event::{Became, ClientId, ConnectionId, Event, EventId, EventKind, Finding, Timestamp};
use crate::msnp::Shape;
use crate::msnp::adl::MembershipList;
use crate::roster::{Edit, Roster};
use evidence::Evidence;
use ladder::Digest;
use presence::Fault;
use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

/// Seconds without an event in which each second is looked at by itself. It is longer than any wait there is, at the
/// usual patience.
const LONG: u64 = 60;

/// A finding, and of whom. The number of the event that shows it is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub finding: Finding,
    /// Of which client.
    pub client: Option<ClientId>,
    /// On which connection.
    pub connection: Option<ConnectionId>,
    /// The stall that it is, with all its causes, where it is one.
    pub stall: Option<Box<Stall>>,
}

impl Told {
    /// The finding as an event, for the journal and every exit of it. It may come back to [`Findings::take`], as
    /// it does out of a recording: what the rules found is not counted twice.
    pub fn event(&self, time: Timestamp) -> Event {
        Event {
            time,
            connection: self.connection,
            client: self.client,
            kind: EventKind::Finding(Box::new(self.finding.clone())),
        }
    }

    fn of_stall(stall: Stall) -> Self {
        Self {
            finding: stall.finding(),
            client: Some(stall.client),
            connection: None,
            stall: Some(Box::new(stall)),
        }
    }
}

/// An event that is looked at, and what more than one of those who look work out of it.
#[derive(Debug)]
struct Seen<'a> {
    event: &'a Event,
    /// Its number.
    id: EventId,
    prepared: Prepared,
    /// What is wrong with the presence in it, and for which shape.
    faults: OnceCell<(Shape, Vec<Fault>)>,
}

impl<'a> Seen<'a> {
    fn new(event: &'a Event, id: EventId) -> Self {
        Self {
            event,
            id,
            prepared: Prepared::default(),
            faults: OnceCell::new(),
        }
    }

    /// What would make a client of this shape drop the presence in a frame, the worst first. Ladder and rules ask for
    /// the same shape, unless the recording is damaged: then it is worked out anew.
    fn faults(&self, shape: Shape) -> Vec<Fault> {
        let find = || match &self.event.kind {
            EventKind::Frame(frame) => {
                presence::faults(shape, &frame.secrets.veil(frame.frame.line()))
            }
            _ => Vec::new(),
        };
        match self.faults.get_or_init(|| (shape, find())) {
            (of, faults) if *of == shape => faults.clone(),
            _ => find(),
        }
    }

    /// What a frame has as its payload, where that is the payload of ADL and can be read.
    fn lists(&self) -> Option<&MembershipList> {
        self.prepared.lists(self.event)
    }

    /// What a request was, where it is one of those that a sign-in is made of.
    fn digest(&self) -> Option<&Digest> {
        self.prepared.digest(self.event)
    }
}

/// Ladder and rules together.
#[derive(Debug, Default)]
pub struct Findings {
    /// The login ladders.
    pub ladders: Ladders,
    /// The rules.
    pub rules: Rules,
    evidence: Evidence,
    /// Up to when time has passed.
    passed: Option<Timestamp>,
}

impl Findings {
    /// With nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything but how it was set: the events are about to come once more.
    pub fn start_over(&mut self) {
        self.ladders.start_over();
        self.rules = Rules::new();
        self.evidence = Default::default();
        self.passed = None;
    }

    /// The program itself stood still for so long (Ctrl-Z): nothing is made of that.
    pub fn paused(&mut self, gap: Duration) {
        self.ladders.paused(gap);
        self.rules.paused(gap);
    }

    /// Before an event is taken: where it is a finding of the service's own, the number of what shows it is put in.
    pub fn point(&self, event: &mut Event) {
        self.evidence.point(event);
    }

    /// Takes an event, whose number in the stream is `id`, and gives back what it shows.
    pub fn take(&mut self, event: &Event, id: EventId) -> Vec<Told> {
        self.take_prepared(event, id, Prepared::default())
    }

    /// As [`Findings::take`], where something was worked out of the event already.
    pub fn take_prepared(&mut self, event: &Event, id: EventId, prepared: Prepared) -> Vec<Told> {
        // Sentences are made of what is no secret.
        let veiled = prepared::veiled(event);
        let event = veiled.as_ref().unwrap_or(event);
        let seen = Seen {
            event,
            prepared,
            ..Seen::new(event, id)
        };
        self.evidence.take(event, id);
        // What the rules find speaks for a cause where a sign-in stands.
        let mut told = self.rules.look(&seen);
        for one in &told {
            self.ladders
                .note(&one.finding, one.client, one.connection, event.time);
        }
        if let EventKind::Finding(finding) = &event.kind
            && finding.id.is_services()
        {
            self.ladders
                .note(finding, event.client, event.connection, event.time);
        }
        self.ladders.look(&seen);
        told.extend(of_stalls(self.ladders.said()));
        told
    }

    /// What has not come in time: stalls (their text names the likeliest cause) and findings, each once. Once a
    /// second is often enough.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Told> {
        let mut told = of_stalls(self.ladders.tick(now));
        told.extend(self.ladders.nobody_came(now));
        told.extend(self.rules.tick(now, self.ladders.factor()));
        told
    }

    /// Time passes with the events: what a tick each second would have told since this was asked last, and when.
    /// After a minute without an event there is one more tick, at its end.
    pub fn pass(&mut self, now: Timestamp) -> Vec<(Timestamp, Told)> {
        let from = *self.passed.get_or_insert(now);
        let seconds = now.since(from).as_secs();
        let mut told = Vec::new();
        self.passed = Some(Timestamp(from.0 + seconds * 1_000_000));
        if self.ladders.is_idle() && self.rules.is_idle() {
            // Nobody is there of whom a second could tell anything.
            return told;
        }
        for second in 1..=seconds.min(LONG) {
            let at = Timestamp(from.0 + second * 1_000_000);
            told.extend(self.tick(at).into_iter().map(|told| (at, told)));
        }
        if seconds > LONG {
            told.extend(self.tick(now).into_iter().map(|told| (now, told)));
        }
        told
    }

    /// The events end here, as a recording does: where a sign-in stands, it ends. What silence without
    /// end would show is told.
    pub fn end(&mut self, last: Timestamp) -> Vec<Told> {
        // However patient it is: ten years.
        let after = Timestamp(last.0.saturating_add(315_360_000_000_000));
        let early = self.ladders.nobody_came(after);
        self.ladders.end();
        let mut stalls = self.ladders.over(after);
        for stall in &mut stalls {
            // Nothing came, since there is nothing more.
            if stall.kind == ladder::Kind::Silent {
                stall.kind = ladder::Kind::Ended;
            }
        }
        let mut told = of_stalls(stalls);
        told.extend(early);
        told.extend(self.rules.end(last));
        told
    }
}

/// The roster as it is after this event.
fn follow(roster: &mut Option<Arc<Roster>>, kind: &EventKind) {
    match (kind, roster) {
        (EventKind::Roster(told), roster) => *roster = Some(told.clone()),
        (EventKind::Contact(change), Some(roster)) => {
            let contact = change.contact.clone();
            let edit = match &change.change {
                Became::Removed => Edit::Remove(contact.account.clone()),
                _ => Edit::Put { contact, at: None },
            };
            // What cannot be applied was of a roster that is not this one.
            let _ = Arc::make_mut(roster).apply(edit);
        }
        _ => {}
    }
}

fn of_stalls(stalls: Vec<Stall>) -> Vec<Told> {
    if stalls.is_empty() {
        // So it is with nearly every event.
        return Vec::new();
    }
    stalls.into_iter().map(Told::of_stall).collect()
}

#[cfg(test)]
mod tests {
    use super::story::Story;
    use super::*;

    #[test]
    fn what_is_told_may_come_back_as_an_event_and_is_not_told_or_counted_again() {
        let mut story = Story::new();
        story.online("");
        let mut findings = Findings::new();
        let mut told = Vec::new();
        for (id, event) in (1..).zip(&story.events) {
            told.extend(findings.take(event, EventId(id)));
        }
        let ids: Vec<_> = told.iter().map(|told| told.finding.id.name()).collect();
        assert_eq!(ids, ["no-msnobj", "stalled"]);
        assert_eq!(told[1].client, Some(story.client));
        assert!(told[1].stall.is_some() && told[0].stall.is_none());
        let counted = |findings: &Findings| -> Vec<_> {
            let counts = findings.rules.counts();
            counts.map(|(id, count)| (id.clone(), count)).collect()
        };
        let counts = counted(&findings);
        for told in &told {
            assert_eq!(findings.take(&told.event(story.now()), EventId(999)), []);
        }
        assert_eq!(counted(&findings), counts);
        assert_eq!(counts[0].1.times, 7);
    }
}
