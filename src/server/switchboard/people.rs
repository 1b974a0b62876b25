//! Who there is besides those in conversations: what the board is told of the world, so that it needs no hub.

use crate::event::{ClientId, Timestamp};
use crate::msnp::Shape;
use crate::roster::Contact;
use std::sync::Arc;

/// A signed-in client, as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its number.
    pub client: ClientId,
    /// Its account.
    pub account: String,
    /// Its friendly name.
    pub name: String,
    /// How it is answered.
    pub shape: Shape,
    /// Its capabilities, as CHG said them last.
    pub capabilities: String,
    /// Whether it can be seen: it has said its status, and it is not hidden.
    pub visible: bool,
}

/// The world around the board.
pub trait People {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Digits that nobody can guess.
    fn random(&self) -> u64;

    /// The contact with this account, where nudge plays it: where no client is it.
    fn contact(&self, account: &str) -> Option<Arc<Contact>>;

    /// Why the contact with this account can be in no conversation, where it cannot: it is offline, or none any more.
    fn is_out(&self, account: &str) -> Option<&'static str>;

    /// A contact that nudge plays, that can be seen, and that this account does not block.
    fn company(&self, account: &str) -> Option<Arc<Contact>>;

    /// The client with this number, where it is signed in.
    fn client(&self, client: ClientId) -> Option<Person>;

    /// Every client with this account that sees its contacts.
    fn clients_of(&self, account: &str) -> Vec<Person>;

    /// Whether the account is somebody, signed in or not.
    fn is_known(&self, account: &str) -> bool;

    /// Whether the operator took the contact with this account out of the roster.
    fn is_removed(&self, account: &str) -> bool;

    /// Whether the one takes nothing from the other.
    fn blocks(&self, who: &str, other: &str) -> bool;

    /// Whether it does so by its privacy default alone, and not by its block list.
    fn is_closed(&self, who: &str, other: &str) -> bool;

    /// The account of the contact with this friendly name.
    fn named(&self, name: &str) -> Option<String>;
}
