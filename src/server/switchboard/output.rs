//! What comes out of the board.

use super::deed::Deed;
use super::peers::Asked;
use crate::event::ConversationId;
use crate::event::{ClientId, ConnectionId, EventKind};
use crate::msnp::Frame;
use crate::server::notification::mail::Ring;
use std::time::Duration;

/// What comes out of the board, in order.
#[derive(Debug)]
pub enum Output {
    /// Goes to this switchboard connection.
    Send(ConnectionId, Frame),
    /// Goes to this client's notification connection.
    Ring(ClientId, Ring),
    /// A contact wants something of the client at this connection.
    Ask(ConnectionId, Box<Asked>),
    /// A contact does this in a conversation, so long from now.
    Later(ConversationId, String, Deed, Duration),
    /// Happened; told with this connection where there is one.
    Tell(Option<ConnectionId>, EventKind),
}
