//! What went wrong, and why it stopped: the login ladder of each client, and the findings.
//!
//! Everything here is a fold over [`Event`](crate::event::Event)s: pure, with no clock of its own and no IO. Time
//! comes with the events, and with a tick.

pub mod ladder;
pub mod presence;
#[cfg(test)]
mod story;
