//! The login ladder: how far each client's sign-in has come, who owes the next move, and why it stands still.
//!
//! A fold over events, with no clock of its own. The notification connection and the HTTPS requests of
//! one client are brought together by what the service knows of a request (the nonce in the TWN
//! parameters and the MAC in the ticket, which `Event.client` tells), else by account, else by
//! who is at that stage and comes from the same address; what stays open is said.

mod cast;
mod cause;
mod causes;
mod digest;
mod early;
mod endings;
mod errand;
mod errands;
mod frames;
mod gate;
mod gates;
mod handshakes;
mod harm;
mod ladders;
mod moves;
mod nobody;
mod notes;
mod one;
mod requests;
mod row;
mod stall;
pub mod steps;
mod talks;
#[cfg(test)]
pub(crate) mod tests;
pub mod trace;
mod verdict;
mod web;

pub use cause::{Cause, CauseId};
pub(crate) use digest::{Brief, Digest, digest, shown};
pub use ladders::{Ladders, patience};
pub use one::Ladder;
pub use row::{Row, State};
pub use stall::{Kind, Stall, who};
pub use steps::StepId;
