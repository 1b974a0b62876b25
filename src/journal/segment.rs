//! One segment: a column for each field of a line, one arena for the lines' bytes, and the whole event for each line
//! that is no frame.
//!
//! A filter asks one field of a million lines. With columns it reads four bytes a line, not a whole cache line.
//! Columns and arena never outgrow the room they were made with; only the list of whole events may grow.

use crate::event::{Event, EventKind, FrameEvent, Kind, Service, Severity};
use crate::filter::node::{narrow, verb_code};
use crate::msnp::{Direction, dictionary};
use std::ops::Range;

/// Bytes that all columns together take for a row.
pub(crate) const ROW_BYTES: usize = 8 + 7 * 4 + 2 + 1;
/// The value in the column of payloads for a line without payload.
pub(crate) const NO_PAYLOAD: u32 = u32::MAX;

/// Bits of the column of flags.
pub(crate) mod flag {
    /// Server to client.
    pub const OUT: u16 = 1;
    /// Sent by the operator.
    pub const INJECTED: u16 = 1 << 1;
    /// The column of transactions holds an id.
    pub const TRANSACTION: u16 = 1 << 2;
    /// It has secret ranges.
    pub const SECRETS: u16 = 1 << 3;
    /// Something went wrong: an error reply, a failed handshake, a refused command and the like.
    pub const ERROR: u16 = 1 << 4;
    /// The line ended in LF alone.
    pub const BARE_LF: u16 = 1 << 5;
    /// Some of its bytes were left out.
    pub const CUT: u16 = 1 << 6;
    /// Its bytes have a `%`, so its decoded text may differ from them.
    pub const PERCENT: u16 = 1 << 7;
    /// A search must look at this line alone: it has secrets, or text that is not in the arena.
    pub const ALONE: u16 = 1 << 8;
    /// Where the severity's two bits start: 0 none, 1 info, 2 warning, 3 error.
    pub const SEVERITY_SHIFT: u32 = 9;
    /// The two bits of the severity.
    pub const SEVERITY: u16 = 3 << SEVERITY_SHIFT;
    /// A frame of the switchboard.
    pub const SWITCHBOARD: u16 = 1 << 11;
}

/// See [`flag::SEVERITY_SHIFT`].
pub(crate) fn severity_bits(severity: Severity) -> u16 {
    match severity {
        Severity::Info => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    }
}

/// Copies the items into an allocation that just fits. (Shrinking by less than half may leave an allocation as large as
/// it was.)
fn fit<T>(column: &mut Vec<T>) {
    if column.capacity() > column.len() {
        let mut fitting = Vec::with_capacity(column.len());
        fitting.append(column);
        *column = fitting;
    }
}

/// One segment; see the module.
#[derive(Debug)]
pub(crate) struct Segment {
    first: u64,
    rows: usize,
    side_limit: usize,
    side_bytes: usize,
    pub arena: Vec<u8>,
    pub times: Vec<u64>,
    pub connections: Vec<u32>,
    pub clients: Vec<u32>,
    pub verbs: Vec<u32>,
    pub transactions: Vec<u32>,
    pub starts: Vec<u32>,
    pub line_lengths: Vec<u32>,
    pub payloads: Vec<u32>,
    pub flags: Vec<u16>,
    pub kinds: Vec<u8>,
    secret_rows: Vec<u32>,
    secrets: Vec<Range<u32>>,
    event_rows: Vec<u32>,
    events: Vec<Event>,
    cuts: Vec<(u32, u64)>,
}

impl Segment {
    /// An empty segment for `rows` lines and `arena` bytes of them. Its first line will have the identity `first`.
    /// Whole events may take about `side_limit` bytes.
    pub fn new(first: u64, rows: usize, arena: usize, side_limit: usize) -> Self {
        Self {
            first,
            rows,
            side_limit,
            side_bytes: 0,
            arena: Vec::with_capacity(arena),
            times: Vec::with_capacity(rows),
            connections: Vec::with_capacity(rows),
            clients: Vec::with_capacity(rows),
            verbs: Vec::with_capacity(rows),
            transactions: Vec::with_capacity(rows),
            starts: Vec::with_capacity(rows),
            line_lengths: Vec::with_capacity(rows),
            payloads: Vec::with_capacity(rows),
            flags: Vec::with_capacity(rows),
            kinds: Vec::with_capacity(rows),
            secret_rows: Vec::new(),
            secrets: Vec::new(),
            event_rows: Vec::new(),
            events: Vec::new(),
            cuts: Vec::new(),
        }
    }

    /// The identity of its first line.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many lines it holds.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether a line of that many bytes has room.
    pub fn fits(&self, bytes: usize) -> bool {
        self.len() < self.rows
            && self.arena.capacity() - self.arena.len() >= bytes
            && self.side_bytes < self.side_limit
    }

    /// Bytes that the segment takes.
    pub fn bytes(&self) -> usize {
        self.rows * ROW_BYTES + self.arena.capacity() + self.side_bytes + self.side_capacity()
    }

    fn side_capacity(&self) -> usize {
        self.secret_rows.capacity() * size_of::<u32>()
            + self.secrets.capacity() * size_of::<Range<u32>>()
            + self.event_rows.capacity() * size_of::<u32>()
            + self.events.capacity() * size_of::<Event>()
            + self.cuts.capacity() * size_of::<(u32, u64)>()
    }

    /// Closes the segment: it takes no more lines, and gives back the room that was not used.
    pub fn seal(&mut self) {
        self.rows = self.len();
        fit(&mut self.arena);
        fit(&mut self.times);
        for column in [
            &mut self.connections,
            &mut self.clients,
            &mut self.verbs,
            &mut self.transactions,
            &mut self.starts,
            &mut self.line_lengths,
            &mut self.payloads,
            &mut self.secret_rows,
            &mut self.event_rows,
        ] {
            fit(column);
        }
        fit(&mut self.flags);
        fit(&mut self.kinds);
        fit(&mut self.secrets);
        fit(&mut self.events);
        fit(&mut self.cuts);
    }

    /// Adds a line. `text` is the text of an event that is no frame. Of a frame at most `most` bytes are kept;
    /// `lost` is the number of bytes that were left out before.
    pub fn push(&mut self, kind: Kind, event: Event, text: &str, most: usize, lost: u64) {
        let row = self.len() as u32;
        self.starts.push(self.arena.len() as u32);
        self.times.push(event.time.0);
        self.connections.push(narrow(event.connection.map(|c| c.0)));
        self.clients.push(narrow(event.client.map(|c| c.0)));
        self.kinds.push(kind as u8);
        let mut lost = lost;
        let error = if event.kind.is_error() {
            flag::ERROR
        } else {
            0
        };
        let flags = match &event.kind {
            EventKind::Frame(frame) => {
                lost += (frame.frame.wire().len() - most) as u64;
                self.push_frame(row, frame, most)
            }
            _ => self.push_event(row, event, text),
        };
        let cut = if lost > 0 {
            self.cuts.push((row, lost));
            flag::CUT
        } else {
            0
        };
        self.flags.push(flags | error | cut);
    }

    fn push_frame(&mut self, row: u32, told: &FrameEvent, most: usize) -> u16 {
        let wire = &told.frame.wire()[..most];
        let line = &wire[..told.frame.line().len().min(most)];
        self.arena.extend_from_slice(wire);
        self.line_lengths.push(line.len() as u32);
        self.payloads.push(
            told.frame
                .payload_at()
                .map_or(NO_PAYLOAD, |at| at.min(most) as u32),
        );
        let transaction = told
            .frame
            .transaction()
            .filter(|_| dictionary::has_transaction(told.direction, told.frame.verb()));
        self.verbs.push(verb_code(told.frame.verb()));
        self.transactions.push(transaction.map_or(0, |t| t.0));

        let mut flags = 0;
        if told.direction == Direction::Out {
            flags |= flag::OUT;
        }
        if told.injected {
            flags |= flag::INJECTED;
        }
        if told.service == Service::Switchboard {
            flags |= flag::SWITCHBOARD;
        }
        if transaction.is_some() {
            flags |= flag::TRANSACTION;
        }
        if told.frame.is_bare_lf() {
            flags |= flag::BARE_LF;
        }
        if memchr::memchr(b'%', wire).is_some() {
            flags |= flag::PERCENT;
        }
        if self.push_secrets(row, &told.secrets.0, most) {
            flags |= flag::SECRETS | flag::ALONE;
        }
        flags
    }

    /// Makes secret ranges orderly, whatever they were: in order, without overlap, within the line. Masking must not be
    /// able to fail.
    fn push_secrets(&mut self, row: u32, told: &[Range<u32>], most: usize) -> bool {
        if told.is_empty() {
            return false;
        }
        let mut ranges: Vec<Range<u32>> = told
            .iter()
            .map(|r| r.start..r.end.min(most as u32))
            .filter(|r| r.start < r.end)
            .collect();
        ranges.sort_by_key(|r| r.start);
        let mut joined: Vec<Range<u32>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        self.secret_rows
            .extend(std::iter::repeat_n(row, joined.len()));
        let any = !joined.is_empty();
        self.secrets.extend(joined);
        any
    }

    fn push_event(&mut self, row: u32, event: Event, text: &str) -> u16 {
        self.arena.extend_from_slice(text.as_bytes());
        self.line_lengths.push(text.len() as u32);
        self.payloads.push(NO_PAYLOAD);
        self.verbs.push(0);
        self.transactions.push(0);
        let mut flags = 0;
        if text.contains('%') {
            flags |= flag::PERCENT;
        }
        if let Some(severity) = event.kind.severity() {
            flags |= severity_bits(severity) << flag::SEVERITY_SHIFT;
        }
        if matches!(event.kind, EventKind::Http(_)) {
            // The bodies stay in the event and are looked through there, masked.
            flags |= flag::ALONE;
        }
        self.side_bytes += super::cut::weight(&event);
        self.event_rows.push(row);
        self.events.push(event);
        flags
    }

    /// Where the bytes of a row are in the arena.
    pub fn span(&self, row: usize) -> Range<usize> {
        let end = self
            .starts
            .get(row + 1)
            .map_or(self.arena.len(), |at| *at as usize);
        self.starts[row] as usize..end
    }

    /// The bytes of a row: those of a frame, or the text of anything else.
    pub fn bytes_of(&self, row: usize) -> &[u8] {
        &self.arena[self.span(row)]
    }

    /// The secret ranges of a row.
    pub fn secrets_of(&self, row: usize) -> &[Range<u32>] {
        if self.flags[row] & flag::SECRETS == 0 {
            return &[];
        }
        let from = self.secret_rows.partition_point(|r| (*r as usize) < row);
        let to = self.secret_rows.partition_point(|r| *r as usize <= row);
        &self.secrets[from..to]
    }

    /// The event of a row, if it is no frame.
    pub fn event_of(&self, row: usize) -> Option<&Event> {
        if self.kinds[row] == Kind::Frame as u8 {
            return None;
        }
        let at = self.event_rows.binary_search(&(row as u32)).ok()?;
        self.events.get(at)
    }

    /// Bytes of a row that were left out.
    pub fn cut_of(&self, row: usize) -> u64 {
        if self.flags[row] & flag::CUT == 0 {
            return 0;
        }
        self.cuts
            .binary_search_by_key(&(row as u32), |(r, _)| *r)
            .map_or(0, |at| self.cuts[at].1)
    }
}
