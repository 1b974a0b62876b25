//! What tells conversations apart: their number, or who writes to whom where there is none.

use crate::event::{ConversationId, Spoken};

/// Which conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Which {
    /// The one with this number.
    Numbered(ConversationId),
    /// What these two write to each other outside a conversation, by UUM and UBM or SDG.
    Apart(String, String),
}

impl Which {
    /// The one that something was said in.
    pub fn of(said: &Spoken) -> Self {
        if said.conversation.0 != 0 {
            return Which::Numbered(said.conversation);
        }
        let key = |account: &str| account.to_ascii_lowercase();
        let (from, to) = (
            key(&said.from),
            said.to.first().map_or_else(String::new, |to| key(to)),
        );
        match from <= to {
            true => Which::Apart(from, to),
            false => Which::Apart(to, from),
        }
    }

    /// Whether it is no conversation, but messages over the notification connection.
    pub fn is_apart(&self) -> bool {
        matches!(self, Which::Apart(..))
    }
}
