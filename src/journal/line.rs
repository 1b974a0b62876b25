//! One line, borrowed from the journal.

use super::EventId;
use super::scan::in_row;
use super::segment::{NO_PAYLOAD, Segment, flag};
use crate::event::{
    ClientId, ConnectionId, Event, EventKind, Kind, Secrets, Service, Severity, Timestamp,
};
use crate::filter::{Subject, Text};
use crate::msnp::line::tokens;
use crate::msnp::{Direction, TransactionId};
use std::borrow::Cow;
use std::ops::Range;

/// One line of the journal. It borrows the journal, and is cheap to copy.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    segment: &'a Segment,
    row: usize,
}

impl std::fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("id", &self.id())
            .field("line", &self.shown_line(false))
            .finish()
    }
}

impl<'a> Line<'a> {
    pub(super) fn new(segment: &'a Segment, row: usize) -> Self {
        Self { segment, row }
    }

    fn has(&self, flag: u16) -> bool {
        self.segment.flags[self.row] & flag != 0
    }

    /// The identity of the line.
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

    /// The transaction id of a frame: its second word, if that is a number and the verb has an id there.
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

    /// On which kind of connection a frame came.
    pub fn service(&self) -> Service {
        match self.has(flag::SWITCHBOARD) {
            true => Service::Switchboard,
            false => Service::Notification,
        }
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

    /// Bytes that were left out because the event was too large; 0 if it is whole.
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

impl Subject for Line<'_> {
    fn kind(&self) -> Kind {
        Line::kind(self)
    }

    fn time(&self) -> Timestamp {
        Line::time(self)
    }

    fn client(&self) -> Option<ClientId> {
        Line::client(self)
    }

    fn connection(&self) -> Option<ConnectionId> {
        Line::connection(self)
    }

    fn line(&self) -> &[u8] {
        Line::line(self)
    }

    fn verb(&self) -> &[u8] {
        Line::verb(self)
    }

    fn direction(&self) -> Option<Direction> {
        Line::direction(self)
    }

    fn transaction(&self) -> Option<TransactionId> {
        Line::transaction(self)
    }

    fn injected(&self) -> bool {
        Line::injected(self)
    }

    fn is_error(&self) -> bool {
        Line::is_error(self)
    }

    fn severity(&self) -> Option<Severity> {
        Line::severity(self)
    }

    fn event(&self) -> Option<&Event> {
        Line::event(self)
    }

    fn has(&self, text: &Text) -> bool {
        in_row(text, self.segment, self.row, &mut Vec::new())
    }
}
