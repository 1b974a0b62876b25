//! Finds the secrets of a run in bytes: as they are, and as a reader would decode them.

use super::forms::{self, cookies, digits, end_of_ticket, in_base64, is_word};
use super::readings::{CHAIN, DEPTH, LONGEST_READ, PACKED, READINGS, View};
use aho_corasick::{AhoCorasick, Input, MatchKind};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of the shortest password that is hidden wherever it stands.
pub(in crate::event) const SHORTEST: usize = 6;
/// Bytes of the shortest password that is hidden where it is a whole word.
pub(super) const SHORTEST_WORD: usize = 4;
/// Bytes before the end of a text that is cut, in which the beginning of a password is looked for.
const CUT_READ: usize = 2 * 1024;

#[derive(Debug)]
pub(super) struct Finder(pub(super) Vec<Arc<Tier>>);

/// Finds some of the secrets.
#[derive(Debug)]
pub(super) struct Tier {
    /// Finds the first place, fast where there is none.
    first: AhoCorasick,
    /// Finds all from there on, those that overlap too: else a password that somebody chose for it could stand over the
    /// beginning of another secret, whose rest would be shown.
    all: AhoCorasick,
    /// How many of the patterns, the first ones, are beginnings of a ticket: the rest of it follows.
    begins: usize,
    /// From which pattern on they are secrets only where they are a whole word.
    words: usize,
    /// Every form of a password that is hidden wherever it stands, in order.
    sorted: Vec<Vec<u8>>,
    /// Bytes of the longest of them.
    longest: Option<usize>,
}

impl Finder {
    /// Where the secrets stand, as the bytes are and as a reader would decode them.
    pub(super) fn read(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = self.within(bytes, DEPTH);
        if bytes.len() <= LONGEST_READ {
            found.extend(self.packed(bytes, PACKED));
            found.extend(self.seen(bytes));
            if let Some(view) = View::of_all(bytes) {
                let mut decoded = self.ranges(&view.bytes);
                decoded.extend(self.chain(&view.bytes, CHAIN - 1));
                decoded.extend(self.packed(&view.bytes, 1));
                decoded.extend(self.seen(&view.bytes));
                found.extend(decoded.into_iter().map(|range| view.range(range)));
            }
            if let Some(view) = View::of_text(bytes) {
                let mut in_text = self.ranges(&view.bytes);
                in_text.extend(self.chain(&view.bytes, 1));
                let in_text = in_text.into_iter();
                found.extend(in_text.map(|range| view.range(range)));
            }
        }
        found
    }

    /// Where they stand when all encodings are decoded at once, and again in what comes out, this many times.
    fn chain(&self, bytes: &[u8], times: usize) -> Vec<Range<usize>> {
        let Some(view) = View::of_all(bytes).filter(|_| times > 0) else {
            return Vec::new();
        };
        let mut found = self.ranges(&view.bytes);
        found.extend(self.chain(&view.bytes, times - 1));
        let found = found.into_iter();
        found.map(|range| view.range(range)).collect()
    }

    /// Where they stand in what is unpacked from base64 or hexadecimal digits, this many times one within another.
    fn packed(&self, bytes: &[u8], times: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let views = [View::of_base64, View::of_digits];
        for view in views.iter().take(2 * times).filter_map(|of| of(bytes)) {
            let mut inside = self.within(&view.bytes, 1);
            inside.extend(self.packed(&view.bytes, times - 1));
            found.extend(inside.into_iter().map(|range| view.range(range)));
        }
        found
    }

    /// Where they stand once the characters that nobody sees are taken away.
    fn seen(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let Some(view) = View::of_seen(bytes) else {
            return Vec::new();
        };
        let found = self.within(&view.bytes, 1).into_iter();
        found.map(|range| view.range(range)).collect()
    }

    /// The same, with encodings nested to this depth.
    fn within(&self, bytes: &[u8], depth: usize) -> Vec<Range<usize>> {
        let mut found = self.ranges(bytes);
        if depth > 0 && bytes.len() <= LONGEST_READ {
            for reading in &READINGS {
                if let Some(view) = View::of(bytes, reading) {
                    let ranges = self.within(&view.bytes, depth - 1).into_iter();
                    found.extend(ranges.map(|range| view.range(range)));
                }
            }
        }
        found
    }

    /// Where the beginning of a password stands at the end of these bytes, as they are and as a reader would decode them.
    pub(super) fn begun(&self, bytes: &[u8], least: usize) -> Option<Range<usize>> {
        /// Bytes of the longest encoding that may be cut itself.
        const CUT: usize = 8;
        let from = bytes.len().saturating_sub(CUT_READ);
        let bytes = &bytes[from..];
        let at = |bytes: &[u8]| {
            let whole = bytes.iter().rev().take(CUT);
            let sign = whole.enumerate().find(|(_, b)| b"%&\\=".contains(b));
            let ends = [Some(0), sign.map(|(at, _)| at + 1)];
            let mut ends = ends
                .into_iter()
                .flatten()
                .map(|end| &bytes[..bytes.len() - end]);
            ends.find_map(|bytes| self.0.iter().find_map(|tier| tier.begun(bytes, least)))
        };
        let views = READINGS
            .iter()
            .filter_map(|reading| View::of(bytes, reading));
        let mut views = views.chain(View::of_all(bytes));
        let start = at(bytes)
            .or_else(|| views.find_map(|view| at(&view.bytes).map(|start| view.at(start))))?;
        Some(from + start..from + bytes.len())
    }

    /// What of a text is the beginning of a password, and is cut there.
    pub(super) fn cut(&self, text: &str, least: usize) -> Vec<Range<usize>> {
        let dots = text.match_indices('…').map(|(at, _)| (at, SHORTEST_WORD));
        let ends = dots.chain([(text.len(), least)]);
        ends.filter_map(|(end, least)| self.begun(&text.as_bytes()[..end], least))
            .collect()
    }

    fn ranges(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let tiers = self.0.iter().flat_map(|tier| tier.ranges(bytes));
        tiers.chain(cookies(bytes)).collect()
    }
}

impl Tier {
    /// `None` where the patterns are too many, from which the bounds above keep it far.
    pub(super) fn new<'a>(
        ticket: Option<&str>,
        passwords: impl Iterator<Item = &'a Vec<u8>> + Clone,
    ) -> Option<Self> {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        if let Some(ticket) = ticket {
            // Cut off at its beginning, a few letters are soon guessed.
            let cut = (0..=ticket.len().saturating_sub(SHORTEST)).filter_map(|at| ticket.get(at..));
            patterns.extend(cut.map(|ticket| ticket.as_bytes().to_vec()));
            in_base64(ticket.as_bytes(), &mut patterns);
        }
        let begins = patterns.len();
        let (long, short): (Vec<_>, Vec<_>) =
            passwords.partition(|password| password.len() >= SHORTEST);
        for password in &long {
            forms::forms(password, &mut patterns);
        }
        let words = patterns.len();
        patterns.extend(short.into_iter().cloned());
        patterns.extend(long.iter().flat_map(|password| forms::words(password)));
        let mut sorted = patterns[begins..words].to_vec();
        sorted.extend(long.iter().flat_map(|password| digits(password)));
        sorted.sort_unstable();
        let build = |kind| AhoCorasick::builder().match_kind(kind).build(&patterns);
        Some(Self {
            first: build(MatchKind::LeftmostLongest).ok()?,
            all: build(MatchKind::Standard).ok()?,
            begins,
            words,
            longest: sorted.iter().map(Vec::len).max(),
            sorted,
        })
    }

    /// Where the beginning of a password, of at least this many bytes, stands at the end of these bytes.
    fn begun(&self, bytes: &[u8], least: usize) -> Option<usize> {
        let from = bytes.len().saturating_sub(self.longest?);
        (from..=bytes.len().checked_sub(least)?).find(|from| {
            let end = &bytes[*from..];
            let at = self.sorted.partition_point(|form| form.as_slice() < end);
            self.sorted
                .get(at)
                .is_some_and(|form| form.starts_with(end))
        })
    }

    fn ranges(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let Some(first) = self.first.find(bytes) else {
            return ranges;
        };
        // Where the last ticket ends: of many beginnings in one long run of letters each has the same end.
        let mut ticket = 0;
        let rest = Input::new(bytes).range(first.start()..);
        for found in self.all.find_overlapping_iter(rest) {
            let pattern = found.pattern().as_usize();
            let mut range = found.range();
            if pattern < self.begins {
                if range.end > ticket {
                    ticket = end_of_ticket(bytes, range.end);
                }
                range.end = ticket;
            } else if pattern >= self.words && !is_word(bytes, &range) {
                continue;
            }
            while let Some(last) = ranges.last().filter(|last| last.end >= range.start) {
                range = range.start.min(last.start)..range.end.max(last.end);
                ranges.pop();
            }
            ranges.push(range);
        }
        ranges
    }
}
