//! The journal: the bounded store of what happened, and its search.
//!
//! One owner appends; everything else borrows. A line has an [`EventId`] that never changes. Lines are held in
//! segments of a few MiB: a column for each fixed-size field, and one arena for the bytes of frames. When the budget
//! is spent, the oldest segment is evicted. There is no index: a filter scans the columns, and reads the bytes only
//! where it must.
//!
//! | file | what it is |
//! |---|---|
//! | `segment` | one segment: columns, arena, and the whole event for what is no frame |
//! | `line` | a borrowed view of one line |
//! | `summary` | one line of text for any line, safe for a screen |
//! | `mask` | a set of lines of one block |
//! | `scan` | a filter asked of a block of lines at once |
//! | [`matched`] | the lines that a view shows, found a slice at a time |
//! | [`search`] | finds a text forward and back, a slice at a time |
//! | [`mod@jump`] | the next line of the same transaction, of the same client, the next error |
//!
//! Marks, positions and folding are not here but in the console; files are in `recording`.

mod cut;
pub mod jump;
mod line;
mod mask;
pub mod matched;
mod scan;
pub mod search;
mod segment;
mod summary;

pub use jump::{Jump, jump, outermost};
pub use line::Line;
pub use matched::Matched;
pub use search::{Search, Step};
pub use summary::{summary, summary_within};

use crate::event::{ClientId, Event, EventId, Kind, event_text};
use crate::filter::node::narrow;
use segment::{ROW_BYTES, Segment};
use std::collections::VecDeque;

/// Bytes of the budget where `--journal-bytes` is not given: 256 MiB.
pub const DEFAULT_BYTES: usize = 256 * 1024 * 1024;
/// Bytes of the smallest budget, whatever is asked for: 1 MiB.
pub const MIN_BYTES: usize = 1024 * 1024;
/// Bytes of a segment, if the budget has room for eight of them.
const SEGMENT_BYTES: usize = 4 * 1024 * 1024;
/// Bytes that one event may take, so that offsets in an arena fit into 32 bits.
const LARGEST: usize = 64 * 1024 * 1024;

/// The direction to look in from a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// To newer lines.
    Forward,
    /// To older lines.
    Back,
}

/// The bounded store of lines.
#[derive(Debug)]
pub struct Journal {
    /// The segments, oldest first. The last one is open. The others are full, and shrunk to what they hold.
    segments: VecDeque<Segment>,
    next: u64,
    /// The first line that was not forgotten by [`Journal::clear`].
    cleared: u64,
    max_bytes: usize,
    /// Bytes that all segments but the open one take.
    sealed_bytes: usize,
    segment_bytes: usize,
    /// The text of the event being added. It is kept so that its memory is reused for the next.
    text: String,
}

/// An empty one with the least budget.
impl Default for Journal {
    fn default() -> Self {
        Self::new(MIN_BYTES)
    }
}

impl Journal {
    /// An empty journal with a budget of `max_bytes` ([`MIN_BYTES`] at least).
    pub fn new(max_bytes: usize) -> Self {
        let max_bytes = max_bytes.max(MIN_BYTES);
        Self {
            segments: VecDeque::new(),
            next: 0,
            cleared: 0,
            max_bytes,
            sealed_bytes: 0,
            segment_bytes: (max_bytes / 8).min(SEGMENT_BYTES),
            text: String::new(),
        }
    }

    /// Takes an event. If it is a line ([`Kind`]), it gets the next identity. If it is state (`client`, `roster`,
    /// `listening`), it gets none, and this returns `None`.
    ///
    /// The oldest segment goes when there is no room. An event larger than an eighth of the budget is cut, and its
    /// line says so ([`Line::cut`]).
    pub fn append(&mut self, mut event: Event) -> Option<EventId> {
        let kind = Kind::of(&event.kind)?;
        let largest = (self.max_bytes / 8).min(LARGEST);
        let lost = cut::cut(&mut event, largest);
        event_text(&event, &mut self.text);
        let need = match &event.kind {
            crate::event::EventKind::Frame(frame) => frame.frame.wire().len().min(largest),
            _ => self.text.len(),
        };
        if !self.segments.back().is_some_and(|open| open.fits(need)) {
            self.open(need);
        }
        let id = EventId(self.next);
        if let Some(open) = self.segments.back_mut() {
            open.push(kind, event, &self.text, need, lost);
            self.next += 1;
        }
        self.trim(0);
        Some(id)
    }

    /// Forgets every line that is held. The next one has the number that it would have had.
    pub fn clear(&mut self) {
        self.segments.clear();
        self.sealed_bytes = 0;
        self.cleared = self.next;
    }

    /// Closes the open segment and opens another that has room for a line of `need` bytes.
    fn open(&mut self, need: usize) {
        if let Some(open) = self.segments.back_mut() {
            open.seal();
            self.sealed_bytes += open.bytes();
        }
        // A row and the bytes of an ordinary line take about as much as each other.
        let rows = self.segment_bytes / 2 / ROW_BYTES;
        let arena = (self.segment_bytes - rows * ROW_BYTES).max(need);
        self.segments
            .push_back(Segment::new(self.next, rows, arena, self.segment_bytes));
        self.trim(0);
    }

    /// Evicts the oldest segments until `more` bytes have room. The open segment stays.
    fn trim(&mut self, more: usize) {
        while self.segments.len() > 1 && self.bytes() + more > self.max_bytes {
            if let Some(gone) = self.segments.pop_front() {
                self.sealed_bytes -= gone.bytes();
            }
        }
    }

    /// Bytes that all lines take: at most the budget.
    pub fn bytes(&self) -> usize {
        self.sealed_bytes + self.segments.back().map_or(0, Segment::bytes)
    }

    /// Bytes of the budget.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// The identity of the oldest line that is held; of the next line if none is held.
    pub fn first(&self) -> EventId {
        EventId(self.segments.front().map_or(self.next, |s| s.first()))
    }

    /// The identity that the next line will have.
    pub fn next(&self) -> EventId {
        EventId(self.next)
    }

    /// The identity of the newest line.
    pub fn last(&self) -> Option<EventId> {
        (!self.is_empty()).then(|| EventId(self.next - 1))
    }

    /// How many lines have been evicted since all were forgotten: the console shows it as "12,310 older lines".
    pub fn older(&self) -> u64 {
        self.first().0 - self.cleared
    }

    /// How many lines are held.
    pub fn len(&self) -> usize {
        (self.next - self.first().0) as usize
    }

    /// Whether no line is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Notes that this line is about this client: that is known only now. A line that has a client keeps it.
    pub fn attribute(&mut self, id: EventId, client: ClientId) {
        let Some(index) = self.index_of(id) else {
            return;
        };
        let segment = &mut self.segments[index];
        let row = (id.0 - segment.first()) as usize;
        if let Some(held @ 0) = segment.clients.get_mut(row) {
            *held = narrow(Some(client.0));
        }
    }

    /// The line with this identity, if it is held.
    pub fn get(&self, id: EventId) -> Option<Line<'_>> {
        let (segment, row) = self.locate(id)?;
        Some(Line::new(segment, row))
    }

    /// `count` lines from this identity on, oldest first. If that line is gone, they start at the oldest that is
    /// held.
    pub fn window(&self, from: EventId, count: usize) -> impl Iterator<Item = Line<'_>> {
        let from = from.max(self.first());
        self.runs(from, self.next().min(from.plus(count as u64)))
            .flat_map(|(segment, rows)| rows.map(move |row| Line::new(segment, row)))
    }

    /// Every line that is held, oldest first.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.window(self.first(), self.len())
    }

    fn index_of(&self, id: EventId) -> Option<usize> {
        let after = self.segments.partition_point(|s| s.first() <= id.0);
        after.checked_sub(1)
    }

    fn locate(&self, id: EventId) -> Option<(&Segment, usize)> {
        let segment = self.segments.get(self.index_of(id)?)?;
        let row = (id.0 - segment.first()) as usize;
        (row < segment.len()).then_some((segment, row))
    }

    /// The rows of each segment that hold the lines `from..to`, oldest first.
    pub(crate) fn runs(
        &self,
        from: EventId,
        to: EventId,
    ) -> impl DoubleEndedIterator<Item = (&Segment, std::ops::Range<usize>)> {
        let start = self
            .segments
            .partition_point(|s| s.first() + s.len() as u64 <= from.0);
        let end = self.segments.partition_point(|s| s.first() < to.0);
        self.segments
            .range(start..end.max(start))
            .map(move |segment| {
                let first = segment.first();
                let low = from.0.saturating_sub(first) as usize;
                let high = (to.0.saturating_sub(first) as usize).min(segment.len());
                (segment, low.min(high)..high)
            })
    }
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)] // secrets are given as ranges, often one
mod tests;
