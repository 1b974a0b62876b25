//! One line, borrowed from the journal.

use super::EventId;
use super::segment::{NO_PAYLOAD, Segment, flag};
use crate::event::{ClientId, ConnectionId, Event, EventKind, Secrets, Severity, Timestamp};
use crate::msnp::line::tokens;
use crate::msnp::{Direction, TransactionId};
use std::borrow::Cow;
use std::ops::Range;

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
    /// Something is not as it should be.
    Finding,
    /// The outcome of a command.
    Reply,
    /// The service says something about itself.
    Notice,
}

impl Kind {
    /// All of them, in the order of the enum.
    pub const ALL: [Kind; 11] = [
        Kind::Frame,
        Kind::Http,
        Kind::Tls,
        Kind::Connected,
        Kind::Disconnected,
        Kind::SignedIn,
        Kind::SignedOut,
        Kind::Contact,
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

/// One line of the journal. Cheap to copy; it borrows the journal.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    segment: &'a Segment,
    row: usize,
}

impl std::fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("id", &self.id())
            .field("summary", &super::summary(self, false))
            .finish()
    }
}

impl<'a> Line<'a> {
    pub(super) fn new(segment: &'a Segment, row: usize) -> Self {
        Self { segment, row }
    }

    pub(super) fn place(&self) -> (&'a Segment, usize) {
        (self.segment, self.row)
    }

    fn has(&self, flag: u16) -> bool {
        self.segment.flags[self.row] & flag != 0
    }

    /// Its identity.
    pub fn id(&self) -> EventId {
        EventId(self.segment.first() + self.row as u64)
    }

    /// When it happened.
    pub fn time(&self) -> Timestamp {
        Timestamp(self.segment.times[self.row])
    }

    /// The socket it happened on, if it was one.
    pub fn connection(&self) -> Option<ConnectionId> {
        match self.segment.connections[self.row] {
            0 => None,
            n => Some(ConnectionId(n.into())),
        }
    }

    /// The client it is about, if that was known.
    pub fn client(&self) -> Option<ClientId> {
        match self.segment.clients[self.row] {
            0 => None,
            n => Some(ClientId(n.into())),
        }
    }

    /// What kind of event it is.
    pub fn kind(&self) -> Kind {
        Kind::ALL[usize::from(self.segment.kinds[self.row])]
    }

    /// Whether it is a frame.
    pub fn is_frame(&self) -> bool {
        self.segment.kinds[self.row] == Kind::Frame as u8
    }

    /// Which way a frame went; `None` for anything else.
    pub fn direction(&self) -> Option<Direction> {
        self.is_frame().then(|| {
            if self.has(flag::OUT) {
                Direction::Out
            } else {
                Direction::In
            }
        })
    }

    /// The verb of a frame, which is its first word. Empty for an empty line and for anything that is no frame.
    pub fn verb(&self) -> &'a [u8] {
        if self.is_frame() {
            tokens(self.line()).next().unwrap_or_default()
        } else {
            b""
        }
    }

    /// The transaction id of a frame: its second word, if that is a number. (Some verbs have another number there;
    /// the dictionary knows which.)
    pub fn transaction(&self) -> Option<TransactionId> {
        self.has(flag::TRANSACTION)
            .then(|| TransactionId(self.segment.transactions[self.row]))
    }

    /// The bytes of a frame, with its line end and payload. For anything else its text, in UTF-8 and with secrets
    /// masked.
    pub fn wire(&self) -> &'a [u8] {
        self.segment.bytes_of(self.row)
    }

    /// The line of a frame without its line end; for anything else its text. Secrets are not masked:
    /// see [`Line::shown_line`].
    pub fn line(&self) -> &'a [u8] {
        &self.wire()[..self.segment.line_lengths[self.row] as usize]
    }

    /// Where the payload of a frame starts in [`Line::wire`].
    pub fn payload_at(&self) -> Option<usize> {
        match self.segment.payloads[self.row] {
            NO_PAYLOAD => None,
            at => Some(at as usize),
        }
    }

    /// The payload of a frame; `None` if it has none. Secrets are not masked: see [`Line::shown_payload`].
    pub fn payload(&self) -> Option<&'a [u8]> {
        self.payload_at().map(|at| &self.wire()[at..])
    }

    /// The secret ranges of [`Line::wire`], in order and not overlapping.
    pub fn secrets(&self) -> &'a [Range<u32>] {
        self.segment.secrets_of(self.row)
    }

    /// A part of [`Line::wire`], secrets masked unless `show` is set. Not escaped.
    pub fn shown(&self, part: Range<usize>, show: bool) -> Cow<'a, [u8]> {
        let wire = self.wire();
        let secrets = self.secrets();
        if show || secrets.is_empty() {
            return wire[part].into();
        }
        Secrets(secrets.to_vec())
            .mask(wire, part.start, part.end, false)
            .into_owned()
            .into()
    }

    /// [`Line::line`], secrets masked unless `show` is set. Not escaped.
    pub fn shown_line(&self, show: bool) -> Cow<'a, [u8]> {
        self.shown(0..self.line().len(), show)
    }

    /// [`Line::payload`], secrets masked unless `show` is set. Not escaped.
    pub fn shown_payload(&self, show: bool) -> Option<Cow<'a, [u8]>> {
        self.payload_at()
            .map(|at| self.shown(at..self.wire().len(), show))
    }

    /// Whether the operator sent it.
    pub fn injected(&self) -> bool {
        self.has(flag::INJECTED)
    }

    /// Whether the line of a frame ended in LF alone.
    pub fn is_bare_lf(&self) -> bool {
        self.has(flag::BARE_LF)
    }

    /// Whether something went wrong: an error reply to a client, a status of 400 or more, a failed handshake, a
    /// refused command, a finding or notice of severity error.
    pub fn is_error(&self) -> bool {
        self.has(flag::ERROR)
    }

    /// The severity of a finding or a notice; error for a request, handshake or command that failed.
    pub fn severity(&self) -> Option<Severity> {
        let bits = (self.segment.flags[self.row] & flag::SEVERITY) >> flag::SEVERITY_SHIFT;
        [Severity::Info, Severity::Warning, Severity::Error]
            .into_iter()
            .find(|s| super::segment::severity_bits(*s) == bits)
    }

    /// How many bytes were left out because the event was too large; 0 if it is whole.
    pub fn cut(&self) -> u64 {
        self.segment.cut_of(self.row)
    }

    /// For a finding, the line that shows what it is about, if there is one. That line may have been evicted.
    pub fn evidence(&self) -> Option<EventId> {
        match &self.event()?.kind {
            EventKind::Finding(finding) => finding.evidence,
            _ => None,
        }
    }

    /// The event itself, if it is not a frame.
    pub fn event(&self) -> Option<&'a Event> {
        self.segment.event_of(self.row)
    }
}
