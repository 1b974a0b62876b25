//! What is remembered of the doors of the web, and of what the operator changed.

use super::digest::{Digest, shown};
use super::steps::StepId;
use crate::event::{
    Became, ClientId, ConnectionId, ContactChange, EventId, Timestamp, TlsHandshake,
};
use std::net::IpAddr;

/// A connection at the HTTP or HTTPS door.
#[derive(Debug)]
pub(super) struct Web {
    pub peer: IpAddr,
    /// The port there.
    pub port: u16,
    pub client: Option<ClientId>,
    /// The event by which it connected, until a hello or a request came.
    pub waiting: Option<EventId>,
    /// When a handshake was done, until a request came.
    pub unused: Option<EventId>,
    /// What is wrong with the host that its hello asked for.
    pub name: Option<String>,
    /// Steps that were seen on it before it was known whose it is.
    pub open: Vec<(StepId, Digest, Timestamp, EventId, Vec<ClientId>)>,
}

/// A handshake that failed while nobody of its address waited for one. Its event may come before that of the answer upon
/// which the client opened it.
#[derive(Debug)]
pub(super) struct Lost {
    pub peer: IpAddr,
    pub handshake: TlsHandshake,
    pub time: Timestamp,
    pub event: EventId,
}

/// What became of an address before any client of it was at work.
#[derive(Debug)]
pub(super) enum What {
    /// It was given what it asked for at this step.
    Given(StepId),
    /// This was found, and this is to be checked.
    Found(String, &'static str),
    /// So often it came to the notification port and said nothing.
    Silent(u32),
}

/// An address of which there was no client yet.
#[derive(Debug)]
pub(super) struct Early {
    pub peer: IpAddr,
    pub connection: ConnectionId,
    pub account: Option<String>,
    pub what: What,
    pub time: Timestamp,
    pub event: Option<EventId>,
    /// It was told, and is told no more.
    pub said: bool,
}

/// A change of the roster by the operator.
#[derive(Debug)]
pub(super) struct Edit {
    pub time: Timestamp,
    /// What was changed, in words.
    pub what: String,
}

impl Edit {
    /// What was changed, in words.
    pub fn words(change: &ContactChange) -> String {
        let account = shown(change.contact.account.as_bytes());
        match &change.change {
            Became::Status => format!(
                "the operator set {account} to {}",
                change.contact.status.name()
            ),
            Became::Personal => format!("the operator changed the personal message of {account}"),
            Became::Added => format!("the operator added {account}"),
            Became::Removed => format!("the operator removed {account}"),
            other => format!("the operator changed {account} ({})", other.name()),
        }
    }
}
