//! The switchboard: the conversations.
//!
//! Who is in which conversation, and what follows from what they do, is the [`Board`]: a value without IO. [`Switchboard`]
//! keeps it behind one plain mutex, shows it the hub's world, and puts what comes out where it belongs: into the
//! mailboxes of connections, into the stream of events. [`Seat`] is one client's connection to one conversation.
//!
//! What the connection that acts is sent and what is told of it go by its own wire; what others get goes through their
//! mailboxes, so that nobody waits for anybody.

mod board;
mod conversation;
mod deed;
mod manners;
mod memory;
mod operator;
mod output;
mod people;
mod refusal;
mod seat;
mod shell;
#[cfg(test)]
mod tests;
mod world;

pub use board::{Board, Carried, GOOD_FOR, MAX_A_SECOND, MAX_COOKIES};
pub use conversation::{MAX_CONVERSATIONS, MAX_MEMBERS, Summary};
pub use deed::Deed;
pub use operator::Ordered;
pub use output::Output;
pub use people::{People, Person};
pub use refusal::Refusal;
pub use seat::Seat;
pub use shell::{Mail, Mailbox, Switchboard, Trouble};
