//! What the server tells: one type for everything that happens, and the way it reaches the one owner
//! of the journal.
//!
//! Events hold raw bytes together with the ranges that are secret. Every exit (screen, log, JSON,
//! export) escapes control bytes and masks secrets unless the operator asks otherwise.

mod client;
mod clock;
mod contact;
mod conversation;
mod ending;
mod finding;
mod ids;
pub mod json;
mod kind;
mod known;
mod newer;
pub mod reference;
#[cfg(test)]
pub(crate) mod samples;
mod secrets;
mod severity;
mod sink;
mod text;
mod tls;

pub use client::{ClientInfo, Software, Step, Turn};
pub use clock::{Clock, Timestamp};
pub use contact::{Became, ContactChange};
pub use conversation::{Chapter, ConversationChange, Spoken};
pub use ending::Ending;
pub use finding::{About, FINDINGS, Finding, FindingId, Teller};
pub use ids::{ClientId, CommandId, ConnectionId, ConversationId, EventId};
pub use kind::Kind;
pub use known::Known;
pub use newer::Newer;
pub use secrets::{MASK, Masked, Secrets};
pub use severity::Severity;
pub use sink::{
    ARRIVALS, CONNECTION_EVENTS, ConnectionSink, Envelope, EventSink, EventStream, Room,
    WeakEventSink,
};

pub(crate) use text::event_text;
pub use text::line_of;
pub use tls::{Hello, TlsCause, TlsFailure, TlsHandshake};

use crate::msnp::{Direction, Frame, Shape};
use crate::roster::{Contact, Roster};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The services, one listening address or more each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// MSNP, TCP 1863.
    Notification,
    /// Passport and SOAP over TLS.
    Https,
    /// The same in the clear, and the root certificate.
    Http,
    /// MSNP, conversations: TCP 1864.
    Switchboard,
}

impl Service {
    /// Its name in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Service::Notification => "notification",
            Service::Https => "https",
            Service::Http => "http",
            Service::Switchboard => "switchboard",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// On which accepted socket, if on one.
    pub connection: Option<ConnectionId>,
    /// To which client, where that is known.
    pub client: Option<ClientId>,
    /// What.
    pub kind: EventKind,
}

/// What happened. The name that JSON gives to each is [`EventKind::name`].
#[derive(Debug, Clone)]
pub enum EventKind {
    /// The roster as it is when the stream opens.
    Roster(Arc<Roster>),
    /// A door is open.
    Listening {
        /// Which service.
        service: Service,
        /// Where.
        address: SocketAddr,
    },
    /// A socket was accepted.
    Connected {
        /// By which service.
        service: Service,
        /// From where.
        peer: SocketAddr,
        /// The address that the peer reached.
        local: SocketAddr,
    },
    /// A TLS handshake ended, well or badly.
    Tls(Box<TlsHandshake>),
    /// A frame was read, or has been written.
    Frame(FrameEvent),
    /// A request was answered over HTTP.
    Http(Box<HttpExchange>),
    /// What is known of a client changed: its step, dialect, shape, status, name and so on.
    Client(Box<ClientInfo>),
    /// A client has signed in.
    SignedIn {
        /// Its account.
        account: String,
        /// Its shape.
        shape: Shape,
    },
    /// A client that was signed in is no more.
    SignedOut {
        /// Its account.
        account: String,
        /// Why.
        reason: String,
    },
    /// A contact was added, changed or removed.
    Contact(Box<ContactChange>),
    /// A conversation began, changed or ended.
    Conversation(Box<ConversationChange>),
    /// Something was said in a conversation.
    Message(Box<Spoken>),
    /// Something is not as it should be.
    Finding(Box<Finding>),
    /// A socket is closed.
    Disconnected {
        /// Of which service.
        service: Service,
        /// Why, and who closed it.
        reason: String,
        /// Bytes read from it.
        bytes_in: u64,
        /// Bytes written to it.
        bytes_out: u64,
    },
    /// The outcome of a command.
    Reply(Box<Reply>),
    /// The service says something about itself.
    Notice {
        /// How much it matters.
        severity: Severity,
        /// What.
        text: String,
    },
}

impl EventKind {
    /// Its name in JSON (`event`) and in filters.
    pub fn name(&self) -> &'static str {
        match self {
            EventKind::Roster(_) => "roster",
            EventKind::Listening { .. } => "listening",
            EventKind::Connected { .. } => "connected",
            EventKind::Tls(_) => "tls",
            EventKind::Frame(_) => "frame",
            EventKind::Http(_) => "http",
            EventKind::Client(_) => "client",
            EventKind::SignedIn { .. } => "signed-in",
            EventKind::SignedOut { .. } => "signed-out",
            EventKind::Contact(_) => "contact",
            EventKind::Conversation(_) => "conversation",
            EventKind::Message(_) => "message",
            EventKind::Finding(_) => "finding",
            EventKind::Disconnected { .. } => "disconnected",
            EventKind::Reply(_) => "reply",
            EventKind::Notice { .. } => "notice",
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

/// A frame of the notification service or of the switchboard. An outgoing one has been written when this is told.
#[derive(Debug, Clone)]
pub struct FrameEvent {
    /// On which kind of connection.
    pub service: Service,
    /// Which way.
    pub direction: Direction,
    /// Its bytes.
    pub frame: Frame,
    /// Which of them are secret.
    pub secrets: Secrets,
    /// Whether the operator put it in.
    pub injected: bool,
}

impl FrameEvent {
    /// The frame with every word and every byte of its payload that is secret masked, as many as they were: for whoever
    /// judges it and makes sentences of it. `None` where nothing is secret.
    pub(crate) fn veiled(&self) -> Option<Self> {
        if self.secrets.0.is_empty() {
            return None;
        }
        let (line, wire) = (self.frame.line(), self.frame.wire());
        let mut veiled = self.secrets.veil(line).into_owned();
        let behind = veiled.len();
        veiled.extend_from_slice(&wire[line.len()..]);
        for range in &self.secrets.0 {
            let place = |at: u32| (at as usize).max(line.len()) - line.len() + behind;
            veiled[place(range.start)..place(range.end)].fill(b'*');
        }
        let frame = Frame::from_wire(veiled.into());
        let frame = match self.frame.payload() {
            Some([]) => frame.with_empty_payload()?,
            _ => frame,
        };
        Some(Self {
            service: self.service,
            direction: self.direction,
            frame,
            secrets: Secrets::default(),
            injected: self.injected,
        })
    }
}

/// A request and its answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpExchange {
    /// Which door.
    pub service: Service,
    /// The method.
    pub method: String,
    /// The target, as written.
    pub target: String,
    /// The Host header, if there was one.
    pub host: Option<String>,
    /// What it is to nudge: `nexus`, `login`, `FindMembership`, `page`, `unknown` and so on.
    pub action: String,
    /// The account it is for, where that is known.
    pub account: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The request's line, headers and body.
    pub request: Masked,
    /// The answer's line, headers and body.
    pub response: Masked,
    /// From the request's last byte to the answer's first.
    pub duration: Duration,
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Whose.
    pub command: CommandId,
    /// Whether it was done.
    pub ok: bool,
    /// A sentence.
    pub text: String,
    /// What was asked for, where something was.
    pub data: ReplyData,
}

impl EventKind {
    /// How many bytes from the wire it holds, where those can be many.
    fn length(&self) -> usize {
        match self {
            EventKind::Frame(event) => event.frame.wire().len(),
            EventKind::Http(exchange) => {
                exchange.request.bytes.len() + exchange.response.bytes.len()
            }
            _ => 0,
        }
    }
}

/// What a command gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyData {
    /// Nothing but its sentence.
    None,
    /// The clients.
    Clients(Vec<ClientInfo>),
    /// The contacts.
    Contacts(Vec<Arc<Contact>>),
    /// Lines of text, such as help.
    Lines(Vec<String>),
}
