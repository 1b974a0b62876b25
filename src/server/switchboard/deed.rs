//! What contacts do in conversations.

use crate::msnp::message;

/// What a contact does in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It says this.
    Text(String),
    /// It types.
    Typing,
    /// It nudges.
    Nudge,
}

impl Deed {
    pub(super) fn payload(&self, account: &str) -> String {
        match self {
            Deed::Text(words) => message::text(words),
            Deed::Typing => message::typing(account),
            Deed::Nudge => message::nudge(),
        }
    }
}
