//! The switchboard: the conversations.
//!
//! Who is in which conversation, and what follows from what they do, is the [`Board`]: a value without IO. [`Switchboard`]
//! keeps it behind one plain mutex, shows it the hub's world, and puts what comes out where it belongs: into the
//! mailboxes of connections, into the stream of events. [`Seat`] is one client's connection to one conversation.
//!
//! Peer-to-peer is between one client and one contact that nudge plays: each seat has its own ([`server::peer`](crate::server::peer)),
//! and needs the board only to know who is there.
//!
//! What the connection that acts is sent and what is told of it go by its own wire; what others get goes through their
//! mailboxes, so that nobody waits for anybody.

mod apart;
mod board;
mod conversation;
mod cookies;
mod deed;
mod gift;
mod handing;
mod long;
mod manners;
mod memory;
mod offers;
mod operator;
mod output;
mod peers;
mod people;
mod refusal;
mod seat;
mod shell;
mod shown;
mod speech;
#[cfg(test)]
mod tests;
mod trouble;
mod ubm;
mod waiter;
mod world;

pub use board::Board;
pub use conversation::{MAX_CONVERSATIONS, MAX_MEMBERS, Summary};
pub use cookies::GOOD_FOR;
pub use deed::Deed;
pub use gift::{Gift, MOST_GIFTS};
pub use memory::By;
pub use offers::Offered;
pub use operator::Ordered;
pub use output::{Output, Where};
pub use peers::{Asked, MAX_PEERS};
pub use people::{People, Person};
pub use refusal::Refusal;
pub use seat::Seat;
pub use shell::{Mail, Mailbox, Switchboard};
pub use shown::{MOST_OF_ALL, MOST_OF_CLIENT};
pub use speech::{Carried, MAX_A_SECOND};
pub use trouble::Trouble;
pub use waiter::Waiter;
