//! What comes to a notification session from elsewhere in the service, and what it asks of the switchboard.

use crate::event::{ClientId, ConversationId, Spoken};
use crate::msnp::{Frame, Shape, TransactionId};
use crate::server::link::{self, Letter};
use bytes::Bytes;
use std::sync::Arc;

/// One thing for a session.
#[derive(Debug, Clone, PartialEq)]
pub enum Mail {
    /// A change of the roster, encoded once for all of this shape.
    Broadcast(Frame),
    /// What somebody says to it in no conversation, by this frame.
    Say(Frame, Box<Spoken>),
    /// What the operator wrote, as it is to go out.
    Inject(Bytes),
    /// Be answered in this shape from now on.
    Reshape(Shape),
    /// Somebody calls.
    Ring(Box<Ring>),
    /// The client is to answer this challenge.
    Challenge(String),
    /// Another place of the account signs this one out, by this note.
    SignOut(Frame),
}

impl Mail {
    /// A new challenge: twenty digits, as the real service's.
    pub fn challenge() -> Self {
        let number = uuid::Uuid::new_v4().as_u128() % 10u128.pow(20);
        Mail::Challenge(format!("{number:020}"))
    }
}

/// The mailbox of a session.
pub type Mailbox = link::Mailbox<Mail>;

impl From<Frame> for Mail {
    fn from(frame: Frame) -> Self {
        Mail::Broadcast(frame)
    }
}

impl Letter for Mail {
    fn own(&self) -> usize {
        match self {
            Mail::Inject(bytes) => bytes.len(),
            _ => 0,
        }
    }

    fn size(&self) -> usize {
        match self {
            Mail::Broadcast(frame) | Mail::SignOut(frame) => frame.wire().len(),
            Mail::Say(frame, said) => frame.wire().len() + size_of::<Spoken>() + said.text.len(),
            Mail::Challenge(text) => text.len(),
            Mail::Inject(bytes) => bytes.len(),
            Mail::Reshape(_) => 0,
            Mail::Ring(ring) => size_of::<Ring>() + ring.name.len(),
        }
    }
}

/// The most cookies of one client that are good at once; one more ends the oldest.
pub const MAX_COOKIES: usize = 64;

/// What a client shows at the switchboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The cookie.
    pub text: String,
    /// Whether the client held as many as it may, and the oldest is good no more.
    pub crowded: bool,
}

/// What a client is rung with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// The conversation.
    pub conversation: ConversationId,
    /// What it has to show at the switchboard.
    pub cookie: Cookie,
    /// Who calls.
    pub account: String,
    /// The caller's friendly name.
    pub name: String,
}

/// A message of a client to somebody, by no conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Of the command.
    pub transaction: TransactionId,
    /// UUM or SDG.
    pub verb: &'static str,
    /// To whom.
    pub to: String,
    /// The type of a UUM: 1 text, 2 typing, 3 datacast.
    pub kind: String,
    /// As it came.
    pub payload: Vec<u8>,
}

impl Passed {
    /// The verb by which it comes to whoever it is for.
    pub fn arrives_as(&self) -> &'static str {
        match self.verb {
            "UUM" => "UBM",
            other => other,
        }
    }

    /// As it comes to whoever it is for.
    pub fn frame(&self, from: &str, network: u8) -> Frame {
        let Passed { kind, payload, .. } = self;
        let length = payload.len();
        let mut wire = match self.verb {
            "UUM" => format!("UBM {from} {network} {kind} {length}\r\n").into_bytes(),
            verb => format!("{verb} 0 {length}\r\n").into_bytes(),
        };
        wire.extend_from_slice(payload);
        Frame::from_wire(wire.into())
    }
}

/// Who gives the cookies with which a client comes to the switchboard.
pub trait Exchange: Send + Sync + std::fmt::Debug {
    /// A cookie for a client that begins a conversation. `None` where it has too many of them.
    fn cookie(&self, client: ClientId, account: &str) -> Option<Cookie>;

    /// A client has written to somebody in no conversation: a contact may answer.
    fn written(self: Arc<Self>, client: ClientId, passed: &Passed);

    /// A client has gone.
    fn left(&self, client: ClientId);

    /// A contact of the roster has signed in for real: it is played no more.
    fn came(self: Arc<Self>, account: &str);
}
