//! The kinds of event that are lines of the transcript.

use super::EventKind;

/// The kinds of event that are lines of the transcript. The others (roster, client, listening) are state and have no
/// line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A frame of the notification service.
    Frame,
    /// A request and its answer.
    Http,
    /// A handshake that ended.
    Tls,
    /// A socket was accepted.
    Connected,
    /// A socket is closed.
    Disconnected,
    /// A client has signed in.
    SignedIn,
    /// A client is signed in no more.
    SignedOut,
    /// A contact changed.
    Contact,
    /// A conversation changed.
    Conversation,
    /// Something was said in a conversation.
    Message,
    /// Something is not as it should be.
    Finding,
    /// The outcome of a command.
    Reply,
    /// The service says something about itself.
    Notice,
}

impl Kind {
    /// All of them, in the order of the enum.
    pub const ALL: [Kind; 13] = [
        Kind::Frame,
        Kind::Http,
        Kind::Tls,
        Kind::Connected,
        Kind::Disconnected,
        Kind::SignedIn,
        Kind::SignedOut,
        Kind::Contact,
        Kind::Conversation,
        Kind::Message,
        Kind::Finding,
        Kind::Reply,
        Kind::Notice,
    ];

    /// The kind of an event; `None` if the event is state and has no line.
    pub fn of(kind: &EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::Frame(_) => Kind::Frame,
            EventKind::Http(_) => Kind::Http,
            EventKind::Tls(_) => Kind::Tls,
            EventKind::Connected { .. } => Kind::Connected,
            EventKind::Disconnected { .. } => Kind::Disconnected,
            EventKind::SignedIn { .. } => Kind::SignedIn,
            EventKind::SignedOut { .. } => Kind::SignedOut,
            EventKind::Contact(_) => Kind::Contact,
            EventKind::Conversation(_) => Kind::Conversation,
            EventKind::Message(_) => Kind::Message,
            EventKind::Finding(_) => Kind::Finding,
            EventKind::Reply(_) => Kind::Reply,
            EventKind::Notice { .. } => Kind::Notice,
            EventKind::Roster(_) | EventKind::Client(_) | EventKind::Listening { .. } => {
                return None;
            }
        })
    }

    /// Its name in filters: that of [`EventKind::name`] (a test compares the two).
    pub fn name(self) -> &'static str {
        match self {
            Kind::Frame => "frame",
            Kind::Http => "http",
            Kind::Tls => "tls",
            Kind::Connected => "connected",
            Kind::Disconnected => "disconnected",
            Kind::SignedIn => "signed-in",
            Kind::SignedOut => "signed-out",
            Kind::Contact => "contact",
            Kind::Conversation => "conversation",
            Kind::Message => "message",
            Kind::Finding => "finding",
            Kind::Reply => "reply",
            Kind::Notice => "notice",
        }
    }

    /// The kind with this name; upper and lower case are the same.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|k| k.name().eq_ignore_ascii_case(name))
    }
}
