//! The engine without a screen: events out as JSON lines, commands in as lines of text.
//!
//! Standard output and standard input block, so each has a thread of its own: [`write_events`] and
//! [`read_commands`]. Neither waits for the other.

mod commands;
mod events;
mod patience;
mod run;

pub use commands::{MAX_COMMAND, read_commands};
pub use events::{Ended, output_closed, write_events};
pub use patience::Patience;
pub use run::{HeadlessError, run};
