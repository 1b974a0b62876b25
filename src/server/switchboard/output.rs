//! What comes out of the board.

use super::deed::Deed;
use super::memory::By;
use super::peers::Asked;
use crate::event::{ClientId, ConnectionId, ConversationId, EventKind};
use crate::msnp::Frame;
use crate::server::notification::mail::Ring;
use std::time::Duration;

/// Where a contact does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In this conversation.
    Conversation(ConversationId),
    /// In none: by UBM or SDG to this client.
    Apart(ClientId),
}

/// What comes out of the board, in order.
#[derive(Debug)]
pub enum Output {
    /// Goes to this switchboard connection.
    Send(ConnectionId, Frame),
    /// Goes to this client's notification connection.
    Ring(ClientId, Ring),
    /// A contact wants something of the client at this connection.
    Ask(ConnectionId, Box<Asked>),
    /// A contact does this so long from now.
    Later(Where, String, Deed, Duration),
    /// A contact does this towards a client, in no conversation.
    Apart(ClientId, String, Deed, By),
    /// Happened; told with this connection where there is one.
    Tell(Option<ConnectionId>, EventKind),
}
