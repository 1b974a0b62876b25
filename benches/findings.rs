//! Measures how many frames a second the login ladder and all rules together keep up with, on one core.
//!
//! `cargo bench --bench findings`; `-- --short` is a quick run that shows it still works.

mod support;
#[path = "support/talk.rs"]
mod talk;

use nudge::event::EventId;
use nudge::findings::Findings;
use std::hint::black_box;
use std::time::Instant;
use support::{Table, short};
use talk::{CLIENTS, Talk};

/// Frames a second on one core.
const TARGET: f64 = 50_000.0;

fn main() {
    let mut table = Table::new();
    let rounds = if short() { 20 } else { 400 };
    for (what, clean) in [("good frames", true), ("frames with mistakes", false)] {
        let mut talk = Talk::new(clean);
        let opening = talk.opening();
        let events: Vec<_> = (0..rounds).flat_map(|round| talk.round(round)).collect();
        let mut findings = Findings::new();
        let mut id = 0;
        for event in &opening {
            id += 1;
            black_box(findings.take(event, EventId(id)));
        }
        let start = Instant::now();
        let mut told = 0;
        for event in &events {
            id += 1;
            told += findings.take(event, EventId(id)).len();
            if id % 1_000 == 0 {
                told += findings.tick(event.time).len();
            }
        }
        let rate = events.len() as f64 / start.elapsed().as_secs_f64();
        let how = format!(
            "{} frames of {CLIENTS} clients, ladder and every rule, one core; {told} told",
            events.len()
        );
        table.at_least(&format!("findings: {what} a second"), rate, TARGET, how);
    }
    table.print();
}
