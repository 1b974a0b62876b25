//! One session: what it is for, and how far it is.

use crate::msnp::message::MessageKind;
use crate::msnp::object::MsnObject;
use crate::msnp::p2p::offer::Offer;
use crate::msnp::p2p::slp::Slp;
use bytes::Bytes;

/// The largest picture, emoticon or wink that is fetched of a client, in bytes.
pub const MOST_PICTURE: u64 = 512 * 1024;
/// The largest file that is taken of a client, in bytes.
pub const MOST_FILE: u64 = 16 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Session {
    pub id: u32,
    /// The `Call-ID` of what is said about it.
    pub call: String,
    /// What stands behind its data.
    pub application: u32,
    pub role: Role,
    /// The number of the last message of it, once all of that is sent and until it is acknowledged.
    pub waits: Option<u32>,
}

#[derive(Debug)]
pub(super) enum Role {
    /// An object of the contact's goes out: what it is in words, and its bytes.
    Serve(&'static str, Bytes, Step),
    /// An object of the client's comes in: its picture, an emoticon, a wink.
    Fetch(MsnObject),
    /// A file was offered: the invitation, until it is answered.
    File(Offer, Option<Box<Slp>>),
}

/// What the client has to acknowledge before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Taken,
    Prepared,
    Sent,
    Done,
}

impl Session {
    /// The most bytes that it takes in one message.
    pub(super) fn most(&self) -> u64 {
        match &self.role {
            // At least the four bytes of preparation.
            Role::Fetch(object) => object.size.clamp(4, MOST_PICTURE),
            Role::File(offer, None) => offer.size.min(MOST_FILE),
            // Data that nobody wants is not kept.
            Role::File(_, Some(_)) | Role::Serve(..) => 4,
        }
    }

    /// Whether nothing more is to come of it but its end.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.role, Role::Serve(.., Step::Done))
    }

    /// What it is for.
    pub(super) fn what(&self) -> MessageKind {
        match self.role {
            Role::Serve(..) | Role::Fetch(_) => MessageKind::Picture,
            Role::File(..) => MessageKind::File,
        }
    }
}
