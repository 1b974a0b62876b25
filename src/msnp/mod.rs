//! The MSNP language. It is pure: it has no socket, no clock and no roster, and imports no other room.

pub mod address;
pub mod adl;
pub mod behind;
pub mod capability;
pub mod challenge;
pub mod client_codes;
pub mod dialect;
pub mod dictionary;
pub mod directed;
pub mod errors;
pub mod escape;
pub mod explain;
pub mod extras;
pub mod frame;
pub mod hosts;
pub mod inject;
pub mod line;
pub mod message;
pub mod message_form;
pub mod mime;
mod nearest;
pub mod networks;
pub mod object;
pub mod p2p;
pub mod percent;
pub mod personal;
pub mod presence;
pub mod pretty;
pub mod proof;
pub mod pushed;
pub mod shape;
pub mod status;
pub mod written;

pub use address::Address;
pub use dialect::{Dialect, Dialects};
pub use frame::{Decoder, Frame, FrameError};
pub use line::Direction;
pub use nearest::nearest;
pub use shape::{Family, Shape};
pub use status::Status;

/// A transaction id: the number by which a client tells the answers to its commands apart.
/// Real clients count from 0 or 1 and wrap at 2³²; the service echoes it as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId(pub u32);

impl TransactionId {
    /// Reads a token that is nothing but decimal digits and fits 32 bits.
    pub fn parse(token: &[u8]) -> Option<Self> {
        if token.is_empty() {
            return None;
        }
        // By hand, because it is called several times for every line.
        let mut number = 0_u32;
        for byte in token {
            let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
            number = number.checked_mul(10)?.checked_add(u32::from(digit))?;
        }
        Some(Self(number))
    }
}

impl std::fmt::Display for TransactionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
