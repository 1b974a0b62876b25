//! The notification service: one session a connection.
//!
//! A [`Session`] is a state machine without IO: frames and answers of the hub go in, frames, events and
//! requests to the hub come out. The [driver](drive) is the task that stands between it and a socket.

mod bounds;
mod challenge;
mod commands;
mod driver;
mod edits;
mod entry;
mod lists;
mod login;
mod mailbox;
mod own;
mod services;
mod session;
mod synchronise;
#[cfg(test)]
mod tests;
mod unfinished;
mod welcome;

pub use driver::{Driver, drive};
pub use mailbox::{Ending, MAX_QUEUED, Mail, Mailbox};
pub use session::{Ask, Done, Input, Output, Request, Session, Surroundings, Welcome};
