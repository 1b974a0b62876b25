//! Writes events as JSON: one object a line, with the fields that every event has and those of its kind.

use super::table::{Field, Fields};
use super::{ClientId, ConnectionId, Event, EventId, EventKind, Timestamp};
use crate::msnp::escape;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use std::io;

/// The event as one line of JSON, without a line end; `number` is its number in the stream, if it has one.
/// Secrets are masked unless `show_secrets`.
pub fn to_json(number: Option<EventId>, event: &Event, show_secrets: bool) -> String {
    let mut out = Vec::new();
    let line = Line {
        number,
        event,
        show_secrets,
    };
    // Writing texts and numbers into memory cannot fail.
    match write_safe(&line, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// JSON in which no character is unsafe on a screen: C1 and bidirectional controls are `\u…`, as C0 are in any JSON.
/// Who reads it as JSON reads the same text.
struct Safe;

impl serde_json::ser::Formatter for Safe {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = escape::first_unsafe(rest) {
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

/// Writes a value as JSON that is safe on a screen.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write_safe(value: &impl Serialize, out: impl io::Write) -> io::Result<()> {
    Ok(value.serialize(&mut serde_json::Serializer::with_formatter(out, Safe))?)
}

/// Appends the event as one line of JSON, with its line end.
///
/// # Errors
/// None: `out` is memory.
pub fn write_json(
    number: Option<EventId>,
    event: &Event,
    show_secrets: bool,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let line = Line {
        number,
        event,
        show_secrets,
    };
    write_safe(&line, &mut *out)?;
    out.push(b'\n');
    Ok(())
}

struct Line<'a> {
    number: Option<EventId>,
    event: &'a Event,
    show_secrets: bool,
}

fields! {
    for Line<'_>, |line| {
        /// Its number, by which a finding names it. A running service numbers events from 1. In an export it is the number of
        /// the line in the console, from 0; an event that is no line there has no number.
        maybe n: EventId = line.number.as_ref(),
        /// What happened: the name of the event.
        shown event: &'static str = line.event.kind.name(),
        /// When, in microseconds since the Unix epoch. Within a connection it never goes back; what two connections did may stand some
        /// milliseconds out of its order.
        shown time: Timestamp = line.event.time,
        /// The accepted socket it happened on, counted from 1.
        maybe connection: ConnectionId = line.event.connection.as_ref(),
        /// The client it is about, where that is known: what commands call CLIENT.
        maybe client: ClientId = line.client(),
    }
}

/// The fields that any event may have.
pub(super) const COMMON: &[Field] = Line::FIELDS;

impl Line<'_> {
    /// If the event is about a client, the client is the first of its own fields.
    fn client(&self) -> Option<&ClientId> {
        match self.event.kind {
            EventKind::Client(_) => None,
            _ => self.event.client.as_ref(),
        }
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        self.show(self.show_secrets, &mut map)?;
        self.event.kind.show(self.show_secrets, &mut map)?;
        map.end()
    }
}
