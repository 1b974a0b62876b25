//! What the server tells: one type for everything that happens, and the way to the one owner of the journal.
//!
//! Events hold raw bytes, and which of them are secret. Every exit (screen, log, JSON, export) escapes control bytes, and
//! masks secrets unless the operator asks for them.

#[macro_use]
pub(crate) mod table;

mod client;
mod clock;
mod contact;
mod conversation;
mod detail;
mod ending;
mod finding;
mod frame;
mod http;
mod ids;
pub mod json;
mod known;
mod newer;
mod owners;
pub mod reference;
mod reply;
#[cfg(test)]
pub(crate) mod samples;
mod secrets;
mod sentence;
mod severity;
mod sink;
mod text;
mod tls;

pub use client::{ClientInfo, Software, Step, Turn};
pub use clock::{Clock, Timestamp, zone};
pub use contact::{Became, ContactChange};
pub use conversation::{Chapter, ConversationChange, Spoken};
pub use detail::Detail;
pub use ending::Ending;
pub(crate) use finding::ServiceFinding;
pub use finding::{About, FINDINGS, Finding, FindingId, Teller};
pub use frame::FrameEvent;
pub use http::{HttpAction, HttpExchange};
pub use ids::{ClientId, CommandId, ConnectionId, ConversationId, EventId};
pub use known::Known;
pub use newer::Newer;
pub use owners::Owners;
pub use reply::{Reply, ReplyData};
pub use secrets::{MASK, Masked, Secrets};
pub use sentence::Sentence;
pub(crate) use sentence::{ours, say};
pub use severity::Severity;
pub use sink::{
    ARRIVALS, CONNECTION_EVENTS, ConnectionSink, Envelope, EventSink, EventStream, Room,
    WeakEventSink,
};

pub(crate) use text::event_text;
pub use text::line_of;
pub use tls::{Hello, TlsCause, TlsFailure, TlsHandshake};

use crate::msnp::{Direction, Shape};
use crate::roster::{Contact, Group, Roster};
use std::fmt::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use table::*;

rows! {
    /// The services. Each listens at one address or more.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Service {
        /// Its name in JSON and on the screen.
        pub fn name;
    }
    /// MSNP, TCP 1863.
    Notification "notification";
    /// Passport and SOAP over TLS.
    Https "https";
    /// The same in the clear, and the root certificate.
    Http "http";
    /// MSNP, conversations: TCP 1864.
    Switchboard "switchboard";
}

numbered!(Service name = Service::ALL);

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// The accepted socket on which it happened, if it happened on one.
    pub connection: Option<ConnectionId>,
    /// The client that it is about, where that is known.
    pub client: Option<ClientId>,
    /// What.
    pub kind: EventKind,
}

events! {
    /// The roster as it is at the start.
    state Roster = 1 "roster" (Arc<Roster>);

    /// A port is open. All ports are bound before the first is told of.
    state Listening = 2 "listening" {
        /// Which service.
        service: Service,
        /// Address and port.
        address: SocketAddr,
    } |out| write!(out, "{} listens on {address}", service.name());

    /// A socket was accepted.
    line Connected = 3 "connected" {
        /// By which service.
        service: Service,
        /// Where it comes from.
        peer: SocketAddr,
        /// The address that it reached.
        local: SocketAddr,
    } |out| write!(out, "{peer} connected to {} at {local}", service.name());

    /// A TLS handshake ended, well or badly.
    line Tls = 4 "tls" (Box<TlsHandshake>);

    /// A frame of the notification service or the switchboard was read, or has been written.
    line Frame = 5 "frame" (FrameEvent);

    /// A request was answered over HTTP or HTTPS.
    line Http = 6 "http" (Box<HttpExchange>);

    /// What is known of a client changed.
    state Client = 7 "client" (Box<ClientInfo>);

    /// A client has signed in.
    line SignedIn = 8 "signed-in" {
        /// Its account.
        account: String,
        /// Dialect and family, such as `MSNP16/mac`.
        shape: Shape,
    } |out| write!(out, "{account} signed in, {shape}");

    /// A client that was signed in has left.
    line SignedOut = 9 "signed-out" {
        /// Its account.
        account: String,
        /// Why.
        reason: Ending,
    } |out| write!(out, "{account} signed out: {reason}");

    /// A contact was added, changed or removed.
    line Contact = 10 "contact" (Box<ContactChange>);

    /// A conversation began, changed or ended.
    line Conversation = 15 "conversation" (Box<ConversationChange>);

    /// Something was said in a conversation, by a client or a contact.
    line Message = 16 "message" (Box<Spoken>);

    /// Something is not as it should be.
    line Finding = 11 "finding" (Box<Finding>);

    /// A socket is closed.
    line Disconnected = 12 "disconnected" {
        /// Of which service.
        service: Service,
        /// Why, and who closed it.
        reason: Ending,
        /// Bytes read from it.
        bytes_in: u64,
        /// Bytes written to it.
        bytes_out: u64,
    } |out| write!(
        out,
        "{} connection closed: {reason}; {bytes_in} bytes in, {bytes_out} out",
        service.name()
    );

    /// The outcome of a command.
    line Reply = 13 "reply" (Box<Reply>);

    /// The service says something about itself.
    line Notice = 14 "notice" {
        /// How much it matters.
        severity: Severity,
        /// What.
        text: Sentence,
    } |out| out.write_str(text);
}

/// The objects that stand in fields.
pub(crate) const OBJECTS: &[EventDoc] = &[ClientInfo::DOC, Software::DOC, Contact::DOC, Group::DOC];

impl EventKind {
    /// Whether it is a line of the console, with a number: in the journal, in exports and in `nudge explain`. State is
    /// none, nor is that a command was done: what was done has lines of its own.
    pub fn is_line(&self) -> bool {
        match self {
            EventKind::Reply(reply) => !reply.ok,
            kind => Kind::of(kind).is_some(),
        }
    }

    /// The severity of a finding or a notice; error for a request, handshake or command that failed.
    pub fn severity(&self) -> Option<Severity> {
        let failed = match self {
            EventKind::Finding(finding) => return Some(finding.severity),
            EventKind::Notice { severity, .. } => return Some(*severity),
            EventKind::Http(http) => http.status >= 400,
            EventKind::Tls(tls) => tls.failure.is_some(),
            EventKind::Reply(reply) => !reply.ok,
            _ => false,
        };
        failed.then_some(Severity::Error)
    }

    /// Whether something went wrong: an error reply to a client, a status of 400 or more, a failed handshake, a
    /// refused command, a finding or notice of severity error.
    pub fn is_error(&self) -> bool {
        match self {
            EventKind::Frame(told) => {
                let verb = told.frame.verb();
                told.direction == Direction::Out
                    && verb.len() == 3
                    && verb.iter().all(u8::is_ascii_digit)
            }
            other => other.severity() == Some(Severity::Error),
        }
    }
}

impl EventKind {
    /// Bytes from the wire that it holds, where those can be many.
    pub fn length(&self) -> usize {
        match self {
            EventKind::Frame(event) => event.frame.wire().len(),
            EventKind::Http(exchange) => {
                exchange.request.bytes.len() + exchange.response.bytes.len()
            }
            _ => 0,
        }
    }
}
