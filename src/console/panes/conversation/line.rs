//! Who is called, and who speaks to whom.

use crate::event::ClientId;

/// Whom a contact has called with `c`, until the service tells of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The contact.
    pub contact: String,
    /// The account of the client.
    pub account: String,
    /// The client.
    pub client: ClientId,
    /// The service refused it. It is shown until the pane is left, and nothing can be typed: the keys that were
    /// meant for it go to no other conversation.
    pub is_refused: bool,
}

/// Who speaks to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The contact that speaks.
    pub contact: String,
    /// The client that it speaks to: the service finds the conversation by the two.
    pub client: ClientId,
}
