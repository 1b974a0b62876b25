//! What there is to tell of peer-to-peer sessions. A sentence about one begins behind the client's name.

use super::pieces::Fault;
use crate::msnp::escape::to_text;
use crate::msnp::message::MessageKind;
use crate::msnp::object::MsnObject;
use crate::msnp::p2p::offer::Offer;
use std::fmt;

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The client asked for an object of the contact's, and gets it.
    Serving {
        /// The session.
        session: u32,
        /// What it is, in words.
        what: &'static str,
        /// Of the picture, in bytes.
        size: u64,
    },
    /// It has the object.
    Served {
        /// The session.
        session: u32,
        /// What it is, in words.
        what: &'static str,
    },
    /// It was told no.
    Declined {
        /// The session; 0 where it named none.
        session: u32,
        /// Why.
        reason: Reason,
    },
    /// It offers a file: [`Peer::accept`](super::Peer::accept) or [`Peer::refuse`](super::Peer::refuse) answers.
    Offered {
        /// The session.
        session: u32,
        /// The file.
        offer: Offer,
    },
    /// An object of the client's own is here.
    Fetched {
        /// The session.
        session: u32,
        /// What was asked for.
        object: MsnObject,
        /// What came.
        bytes: Vec<u8>,
        /// Whether that is what the object says: its size and its SHA-1.
        genuine: bool,
    },
    /// The client does not give what it was asked for.
    Refused {
        /// The session.
        session: u32,
        /// What that is, in words.
        what: &'static str,
        /// The status that it answered with.
        status: u16,
    },
    /// A file is here.
    File {
        /// The session.
        session: u32,
        /// As it was offered.
        offer: Offer,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// The client ended a session before it was done.
    Ended {
        /// The session.
        session: u32,
        /// What it was for: [`MessageKind::Picture`] or [`MessageKind::File`].
        what: MessageKind,
    },
    /// It did what cannot be taken.
    Fault(Fault),
}

impl Told {
    /// As what it is told: a picture, a file, or peer-to-peer where it is neither.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Serving { .. }
            | Self::Served { .. }
            | Self::Fetched { .. }
            | Self::Refused { .. } => MessageKind::Picture,
            Self::Offered { .. } | Self::File { .. } => MessageKind::File,
            Self::Ended { what, .. } => *what,
            Self::Declined { reason, .. } => match reason {
                Reason::NoObject => MessageKind::Picture,
                Reason::TooLarge => MessageKind::File,
                _ => MessageKind::P2p,
            },
            Self::Fault(_) => MessageKind::P2p,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serving { what, size, .. } => {
                write!(f, "asks for the {what}, and gets {size} bytes")
            }
            Self::Served { what, .. } => write!(f, "has the {what}"),
            Self::Declined { reason, .. } => write!(f, "is told no: {reason}"),
            Self::Offered { offer, .. } => write!(f, "offers {}", Named(offer)),
            Self::Fetched {
                object,
                bytes,
                genuine,
                ..
            } => {
                let (what, size) = (object.called(), bytes.len());
                write!(f, "gives its {what}, {size} bytes")?;
                if !genuine {
                    f.write_str(", which are not those that its object tells of")?;
                }
                Ok(())
            }
            Self::Refused { what, status, .. } => {
                write!(f, "does not give its {what}: it answers {status}")
            }
            Self::File { offer, .. } => write!(f, "has sent {}", Named(offer)),
            Self::Ended { what, .. } => write!(f, "ends a {what} before it is done"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

/// A file as it is named to people: its name comes from a client.
struct Named<'a>(&'a Offer);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Offer { size, name } = self.0;
        write!(f, "the file {}, {size} bytes", to_text(name.as_bytes()))
    }
}

/// Why an invitation was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It asks for an object that the contact does not have.
    NoObject,
    /// It is for something that nudge does not do.
    Purpose,
    /// It lacks something.
    Incomplete,
    /// There are too many sessions.
    Busy,
    /// The file is larger than is taken.
    TooLarge,
    /// It is for somebody else.
    Elsewhere,
}

impl Reason {
    /// The answer of MSNSLP: its status, and the words that stand behind it.
    pub(super) fn status(self) -> (u16, &'static str) {
        match self {
            Self::Purpose => (500, "Internal Error"),
            Self::Elsewhere => (404, "Not Found"),
            Self::NoObject | Self::Incomplete | Self::Busy | Self::TooLarge => (603, "Decline"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoObject => {
                "the contact has no such object: the msnobj is not that of its picture now, nor of anything else that it gave"
            }
            Self::Purpose => "nudge does not do that",
            Self::Incomplete => "the invitation lacks something",
            Self::Busy => "there are too many sessions at once",
            Self::TooLarge => "the file is larger than is taken",
            Self::Elsewhere => "the invitation is for somebody else",
        })
    }
}
