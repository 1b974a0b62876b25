//! What comes out of the board.

use crate::event::{ClientId, ConnectionId, EventKind};
use crate::msnp::Frame;
use crate::server::notification::mail::Ring;

/// What comes out of the board, in order.
#[derive(Debug)]
pub enum Output {
    /// Goes to this switchboard connection.
    Send(ConnectionId, Frame),
    /// Goes to this client's notification connection.
    Ring(ClientId, Ring),
    /// Happened; told with this connection where there is one.
    Tell(Option<ConnectionId>, EventKind),
}
