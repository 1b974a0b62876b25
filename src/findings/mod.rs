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

use crate::event::{ClientId, ConnectionId, Event, Finding, Timestamp};

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

    /// Takes an event, whose number in the journal is `id`, and gives back what it shows.
    ///
    /// What is given back is not to be taken as an event again: it is counted already.
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
}
