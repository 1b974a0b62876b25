//! Messages out of pieces, and pieces of messages, whichever header they have.

use super::first::First;
use super::later::Later;
use super::pieces::{Fault, Incoming, Sort};

/// How pieces travel.
#[derive(Debug)]
pub enum Transport {
    /// With the header of MSNC1.
    First(First),
    /// With the header of MSNP16 and above.
    Later(Later),
}

impl Transport {
    /// Takes the bytes of one message of the switchboard; what has to be sent in answer goes to `out`. `most` says how
    /// many bytes a session may have, and that it is there.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        most: impl Fn(u32) -> Option<u64>,
        out: &mut Vec<Vec<u8>>,
    ) -> Result<Vec<Incoming>, Fault> {
        match self {
            Self::First(first) => first.take(bytes, most, out),
            Self::Later(later) => later.take(bytes, most, out),
        }
    }

    /// Sends a message. The number that is returned comes back as [`Incoming::Acknowledged`].
    pub(super) fn send(
        &mut self,
        session: u32,
        footer: u32,
        sort: Sort,
        bytes: &[u8],
        out: &mut Vec<Vec<u8>>,
    ) -> u32 {
        match self {
            Self::First(first) => first.send(session, footer, sort, bytes, out),
            Self::Later(later) => later.send(session, footer, sort, bytes, out),
        }
    }

    /// Whether an acknowledgement with the number `got` is one of the message sent as `sent`.
    pub(super) fn covers(&self, got: u32, sent: u32) -> bool {
        match self {
            Self::First(_) => got == sent,
            // Of a stream: all up to there, with numbers that wrap.
            Self::Later(_) => got.wrapping_sub(sent) < u32::MAX / 2,
        }
    }

    /// Forgets what is unfinished of a session.
    pub(super) fn forget(&mut self, session: u32) {
        match self {
            Self::First(first) => first.unfinished.forget(session),
            Self::Later(later) => later.unfinished.forget(session),
        }
    }
}
