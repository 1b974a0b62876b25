//! What contacts do in conversations.

use super::gift::Gift;
use super::waiter::Waiter;
use crate::event::ClientId;
use crate::msnp::message;
use crate::msnp::object::Written;
use std::sync::Arc;

/// What a contact does in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It says this.
    Text(String),
    /// It types.
    Typing,
    /// It nudges.
    Nudge,
    /// It sends an emoticon, a wink, or ink.
    Gift(Arc<Gift>),
    /// It says again what it heard, byte for byte.
    Again(Vec<u8>),
    /// It asks this client for an object of its own; whoever waits hears what comes of it.
    Ask(ClientId, Box<Written>, Waiter),
}

impl Deed {
    /// The messages that do it.
    pub fn payloads(&self, account: &str) -> Vec<Vec<u8>> {
        let one = |payload: String| vec![payload.into_bytes()];
        match self {
            Deed::Text(words) => one(message::text(words)),
            Deed::Typing => one(message::typing(account)),
            Deed::Nudge => one(message::nudge()),
            Deed::Gift(gift) => {
                let payloads = gift.payloads.iter();
                payloads
                    .map(|payload| payload.clone().into_bytes())
                    .collect()
            }
            Deed::Again(payload) => vec![payload.clone()],
            Deed::Ask(..) => Vec::new(),
        }
    }

    /// The words that it says; none where it says nothing.
    pub fn words(&self) -> &str {
        match self {
            Deed::Text(words) => words,
            _ => "",
        }
    }

    /// The type by which UBM carries it; `None` where only a conversation does.
    pub fn apart(&self) -> Option<u8> {
        match self {
            Deed::Text(_) => Some(1),
            Deed::Typing => Some(2),
            Deed::Nudge => Some(3),
            Deed::Gift(_) | Deed::Again(_) | Deed::Ask(..) => None,
        }
    }
}
