//! What contacts do in conversations.

use super::waiter::Waiter;
use crate::event::ClientId;
use crate::msnp::message;
use crate::msnp::object::MsnObject;

/// What a contact does in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It says this.
    Text(String),
    /// It types.
    Typing,
    /// It nudges.
    Nudge,
    /// It asks this client for its picture; whoever waits hears what comes of it.
    Ask(ClientId, Box<MsnObject>, Waiter),
}

impl Deed {
    /// The message that does it; `None` where no message does.
    pub fn payload(&self, account: &str) -> Option<String> {
        match self {
            Deed::Text(words) => Some(message::text(words)),
            Deed::Typing => Some(message::typing(account)),
            Deed::Nudge => Some(message::nudge()),
            Deed::Ask(..) => None,
        }
    }
}
