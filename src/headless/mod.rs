//! The engine without a screen: events out as JSON lines, commands in as lines of text.
//!
//! Standard output and standard input block, so each has a thread of its own: [`write_events`] and
//! [`read_commands`]. Neither waits for the other.

mod commands;
mod events;
mod json;
mod patience;
mod reference;
mod run;
#[cfg(test)]
pub(crate) mod samples;

pub use commands::{MAX_COMMAND, read_commands};
pub(crate) use events::until;
pub use events::{Ended, output_closed, write_events};
pub(crate) use json::write_safe;
pub use json::{to_json, write_json};
pub use patience::Patience;
pub use reference::{EVENTS, EventDoc, Field, OBJECTS, event_reference_markdown};
pub use run::{HeadlessError, run};
