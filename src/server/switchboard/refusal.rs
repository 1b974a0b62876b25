//! Why the board refuses, with the code that the protocol has for it.

use super::conversation::{MAX_CONVERSATIONS, MAX_MEMBERS, MAX_WAITING};
use crate::event::FindingId;
use std::fmt;

/// Why the board refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The cookie was not given to this account, was shown before, or is too old.
    Cookie,
    /// The cookie is good, and was given for another conversation, or to begin one.
    Session,
    /// There is no such conversation any more.
    Over,
    /// Nobody has this account.
    Nobody,
    /// Whoever is called is offline, hidden, or blocks the caller.
    Offline,
    /// Whoever is called is in the conversation.
    Present,
    /// The conversation has as many members as it may.
    Full,
    /// The client is in as many conversations as it may.
    TooMany,
    /// As much as may waits for a client that is called to answer.
    Waits,
}

impl Refusal {
    /// The error code of the protocol.
    pub fn code(self) -> u16 {
        match self {
            Refusal::Cookie | Refusal::Session | Refusal::Over => 911,
            Refusal::Nobody => 208,
            Refusal::Offline => 217,
            Refusal::Present => 215,
            Refusal::Full | Refusal::TooMany | Refusal::Waits => 713,
        }
    }

    /// Its id as a finding.
    pub fn id(self) -> FindingId {
        match self {
            Refusal::Cookie | Refusal::Session | Refusal::Over => FindingId::BadCookie,
            Refusal::Nobody => FindingId::NoSuchAccount,
            Refusal::Offline => FindingId::Offline,
            Refusal::Present => FindingId::InConversation,
            Refusal::Full | Refusal::Waits => FindingId::ConversationFull,
            Refusal::TooMany => FindingId::TooManyConversations,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Cookie => f.write_str(
                "the cookie was not given to this account, was shown before, or is more than a minute old",
            ),
            Refusal::Session => f.write_str(
                "the cookie is good, and the session beside it is not the one that it was given for: RNG names both",
            ),
            Refusal::Over => f.write_str("the conversation is over"),
            Refusal::Nobody => f.write_str("nobody has this account"),
            Refusal::Offline => f.write_str("it is offline or hidden, or blocks the caller"),
            Refusal::Present => f.write_str("it is in the conversation already"),
            Refusal::Waits => write!(
                f,
                "{MAX_WAITING} messages wait already for the client to answer the call"
            ),
            Refusal::Full => write!(f, "the conversation has {MAX_MEMBERS} members"),
            Refusal::TooMany => {
                write!(f, "the client is in {MAX_CONVERSATIONS} conversations")
            }
        }
    }
}
