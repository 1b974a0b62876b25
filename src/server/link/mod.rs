//! One connection of frames: its socket, its mailbox, and the order in which it is read, answered and told of. What the
//! frames mean is the affair of the [`Machine`] in it: a notification session, or a seat at the switchboard.
//!
//! # The order
//!
//! A [`Machine`] is never called from two places at once, and does no IO. What it wants done it puts into its
//! [`Wire`]. [`drive`] goes round, and does the first of these that there is to do:
//!
//! 1. Someone has ended the connection: [`Machine::end`], once. What waited gives way to the farewell; the
//!    connection is over after at most a second.
//! 2. [`Machine::proceed`] while [`Machine::is_busy`], then [`Machine::mail`] for each thing in the mailbox, for as long
//!    as few bytes wait to be written.
//! 3. What waits is written, as far as the socket takes it.
//! 4. What has happened is told: first what was heard, then what was answered, each with the time at which it happened. A
//!    frame that goes out has happened when its last byte is written. A client never waits for whoever takes the events:
//!    its answer is written first. Then what it said to others is passed on ([`Wire::passes_to`]): written here and now for
//!    each of them that waits for its own client.
//! 5. While anything still waits to be written, nothing is read: a client that does not read its answers is not read.
//! 6. The machine asked for the end ([`Wire::close`]): the connection is over.
//! 7. The next whole frame, where the machine is not busy: [`Machine::frame`]. What cannot be cut into frames:
//!    [`Machine::undecodable`], once, and it has to close.
//! 8. More is read, or a new thing in the mailbox is waited for; while the mailbox has more, what is there to read is read first. Until the first whole frame, [`Machine::stranger`] is shown
//!    what has come, and what belongs at another port ends the connection.
//!
//! At the very end comes [`Machine::left`], whose events are the last but for `disconnected`.

mod drive;
mod machine;
mod mailbox;
mod passing;
mod resting;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod unfinished;
mod wire;

pub use drive::drive;
pub use machine::Machine;
pub use mailbox::{Ending, Letter, MAX_QUEUED, Mailbox};
pub use passing::Passes;
pub use wire::Wire;
