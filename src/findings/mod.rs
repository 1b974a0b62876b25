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
mod explain;
pub mod ladder;
pub mod presence;
mod report;
pub mod rules;
#[cfg(test)]
mod story;

pub use catalogue::{catalogue, explain_finding};
pub use explain::explain_text;
pub use ladder::{Ladder, Ladders, Row, Stall, State};
pub use report::report;
pub use rules::{About, Count, Rule, Rules};

use crate::event::{ClientId, ConnectionId, Event, EventKind, Finding, Timestamp};

/// A finding, of whom, and the event that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub finding: Finding,
    /// Of which client.
    pub client: Option<ClientId>,
    /// On which connection.
    pub connection: Option<ConnectionId>,
    /// The number of the event that shows it.
    pub evidence: u64,
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

    fn of_stall(stall: &Stall) -> Self {
        Self {
            finding: stall.finding(),
            client: Some(stall.client),
            connection: None,
            evidence: stall.event.unwrap_or_default(),
        }
    }
}

/// Ladder and rules together.
#[derive(Debug, Default)]
pub struct Findings {
    /// The login ladders.
    pub ladders: Ladders,
    /// The rules.
    pub rules: Rules,
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
    }

    /// Takes an event, whose number in the journal is `id`, and gives back what it shows.
    pub fn take(&mut self, event: &Event, id: u64) -> Vec<Told> {
        self.ladders.take(event, id);
        let mut told: Vec<Told> = self.ladders.said().iter().map(Told::of_stall).collect();
        told.extend(self.rules.take(event, id));
        told
    }

    /// What has not come in time: stalls (their text names the likeliest cause) and findings, each once. Once a
    /// second is often enough.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Told> {
        let mut told: Vec<Told> = self.ladders.tick(now).iter().map(Told::of_stall).collect();
        told.extend(self.rules.tick(now));
        told
    }

    /// The events end here, as a recording does: where a sign-in stands, it ends. What of an hour's silence would
    /// be found is told.
    pub fn end(&mut self, last: Timestamp) -> Vec<Told> {
        let after = Timestamp(last.0.saturating_add(3_600_000_000));
        let mut stalls = self.ladders.tick(after);
        for stall in &mut stalls {
            if stall.kind == ladder::Kind::Silent {
                stall.kind = ladder::Kind::Ended;
            }
        }
        stalls.iter().map(Told::of_stall).collect()
    }
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
            told.extend(findings.take(event, id));
        }
        let ids: Vec<_> = told.iter().map(|told| told.finding.id).collect();
        assert_eq!(ids, ["no-msnobj", "stalled"]);
        assert_eq!(told[1].client, Some(story.client));
        let counts: Vec<_> = findings.rules.counts().collect();
        for told in &told {
            assert_eq!(findings.take(&told.event(story.now()), 999), []);
        }
        assert_eq!(findings.rules.counts().collect::<Vec<_>>(), counts);
        assert_eq!(counts[0].1.times, 7);
    }
}
