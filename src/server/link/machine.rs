//! What is at the end of a connection: a session or a seat. The [module](super) says in which order its methods are called.

use super::mailbox::{Ending, Letter};
use super::wire::Wire;
use crate::event::{self, Service};
use crate::msnp::{Frame, FrameError};
use crate::server::shares::Place;
use std::time::Duration;

/// What the frames of one connection mean. The module says in which order it is called.
pub trait Machine: Send {
    /// What comes through its mailbox.
    type Letter: Letter + Send;

    /// Which service it is of.
    const SERVICE: Service;

    /// What the connection has of its address's share.
    fn place(&self) -> &Place;

    /// Whether it has more to say before it wants to hear anything. Nothing is read meanwhile, and mail waits.
    fn is_busy(&self) -> bool {
        false
    }

    /// A machine that is busy says a little more, as the socket drains.
    fn proceed(&mut self, _wire: &mut Wire) {}

    /// How many bytes of its peer's it holds.
    fn held(&self) -> usize {
        0
    }

    /// How long nothing more is read, because others have not taken yet what this one said. Its mail goes on. Asked once
    /// after each frame.
    fn rests(&mut self) -> Option<Duration> {
        None
    }

    /// The client sent this. It is told of already.
    fn frame(&mut self, frame: Frame, wire: &mut Wire);

    /// What the client sent cannot be cut into frames; where the next begins is unknown, so the machine closes.
    fn undecodable(&mut self, error: FrameError, wire: &mut Wire);

    /// Something was put into the mailbox.
    fn mail(&mut self, letter: Self::Letter, wire: &mut Wire);

    /// What has come is no whole frame yet, and the connection has said none. Whether the machine took it for something that
    /// is not MSNP, and answered that.
    fn stranger(&mut self, _begins: &[u8], _wire: &mut Wire) -> bool {
        false
    }

    /// The connection is being ended: a farewell may be said, and [`Wire::close`] says why.
    fn end(&mut self, ending: Ending, wire: &mut Wire);

    /// The connection has ended. What is told here is the last but for `disconnected`; what is sent is
    /// not written any more.
    fn left(&mut self, ending: &event::Ending, wire: &mut Wire);
}
