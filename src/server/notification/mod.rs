//! The notification service: one session a connection.
//!
//! A [`Session`] is a state machine without IO: frames and answers of the hub go in, frames, events and
//! requests to the hub come out. [`Notification`] is that machine in its [`link`](super::link), between it and a socket.

mod bounds;
mod challenge;
mod commands;
mod driver;
mod edits;
mod entry;
mod lists;
mod login;
pub mod mail;
mod own;
mod passed;
mod referral;
mod services;
mod session;
mod synchronise;
#[cfg(test)]
mod tests;
mod welcome;

pub use super::link::{Ending, MAX_QUEUED};
pub use driver::{Driver, Notification};
pub use mail::{Mail, Mailbox};
pub use session::{Ask, Done, Input, Output, Request, Session, Surroundings, Welcome};
