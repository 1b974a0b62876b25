//! What a filter judges.

use super::text::Text;
use crate::event::{
    ClientId, ConnectionId, Event, EventKind, Kind, Severity, Timestamp, event_text,
};
use crate::msnp::{Direction, TransactionId, dictionary};
use std::cell::OnceCell;

/// Something that a [`Filter`](super::Filter) lets through or not: a line of the journal, an event, a live frame.
pub trait Subject {
    /// What kind of line it is.
    fn kind(&self) -> Kind;
    /// When it happened.
    fn time(&self) -> Timestamp;
    /// The client it is about, if that was known.
    fn client(&self) -> Option<ClientId>;
    /// The connection it happened on, if it happened on one.
    fn connection(&self) -> Option<ConnectionId>;
    /// The line of a frame without its line end. For any other subject the result means nothing.
    fn line(&self) -> &[u8];
    /// The first word of a frame. Empty for an empty line and for any other subject.
    fn verb(&self) -> &[u8];
    /// Which way a frame went; `None` for any other subject.
    fn direction(&self) -> Option<Direction>;
    /// The transaction id of a frame.
    fn transaction(&self) -> Option<TransactionId>;
    /// Whether the operator sent it.
    fn injected(&self) -> bool;
    /// Whether something went wrong.
    fn is_error(&self) -> bool;
    /// The severity of a finding or notice; error for a request, handshake or command that failed.
    fn severity(&self) -> Option<Severity>;
    /// The event itself, if it is no frame.
    fn event(&self) -> Option<&Event>;
    /// Whether a text is in it. Secrets are masked first.
    fn has(&self, text: &Text) -> bool;
}

/// An event as a subject.
#[derive(Debug)]
pub struct Seen<'a> {
    event: &'a Event,
    kind: Kind,
    /// The text of an event that is no frame. It is made when a text is first looked for.
    text: OnceCell<String>,
}

impl<'a> Seen<'a> {
    /// This event as a subject; `None` where it is state, and no line.
    pub fn new(event: &'a Event) -> Option<Self> {
        Some(Self {
            event,
            kind: Kind::of(&event.kind)?,
            text: OnceCell::new(),
        })
    }

    fn frame(&self) -> Option<&'a crate::event::FrameEvent> {
        match &self.event.kind {
            EventKind::Frame(frame) => Some(frame),
            _ => None,
        }
    }
}

impl Subject for Seen<'_> {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn time(&self) -> Timestamp {
        self.event.time
    }

    fn client(&self) -> Option<ClientId> {
        self.event.client
    }

    fn connection(&self) -> Option<ConnectionId> {
        self.event.connection
    }

    fn line(&self) -> &[u8] {
        self.frame().map_or(b"", |told| told.frame.line())
    }

    fn verb(&self) -> &[u8] {
        self.frame().map_or(b"", |told| told.frame.verb())
    }

    fn direction(&self) -> Option<Direction> {
        self.frame().map(|told| told.direction)
    }

    fn transaction(&self) -> Option<TransactionId> {
        let told = self.frame()?;
        let id = told.frame.transaction();
        id.filter(|_| dictionary::has_transaction(told.direction, told.frame.verb()))
    }

    fn injected(&self) -> bool {
        self.frame().is_some_and(|told| told.injected)
    }

    fn is_error(&self) -> bool {
        self.event.kind.is_error()
    }

    fn severity(&self) -> Option<Severity> {
        self.event.kind.severity()
    }

    fn event(&self) -> Option<&Event> {
        self.frame().is_none().then_some(self.event)
    }

    fn has(&self, text: &Text) -> bool {
        match &self.event.kind {
            EventKind::Frame(told) => {
                let wire = told.frame.wire();
                text.is_in(&told.secrets.mask(wire, 0, wire.len(), false))
            }
            EventKind::Http(http) => {
                text.is_in(self.text().as_bytes())
                    || text.is_in(&http.request.shown(false))
                    || text.is_in(&http.response.shown(false))
            }
            _ => text.is_in(self.text().as_bytes()),
        }
    }
}

impl Seen<'_> {
    fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let mut text = String::new();
            event_text(self.event, &mut text);
            text
        })
    }
}
