//! Looking for text in lines: a literal or a regular expression, in the wire bytes and in what they say
//! with percent-encoding undone, and never inside a secret (a filter must not be a way to guess one).
//!
//! A block of lines is searched as one run of bytes, since a call a line costs more than the line; lines
//! with secrets, lines with a `%` and requests (whose bodies are not in the arena) are looked at alone.

use super::segment::{Segment, flag};
use super::{Kind, Line};
use crate::event::{Event, EventKind, Secrets};
use crate::msnp::percent::hex;
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// The longest regular expression that is taken, in bytes.
pub const MAX_PATTERN: usize = 1024;
/// What a compiled one may take, in bytes: `\w{9999}` is refused, not built.
const MAX_COMPILED: usize = 1024 * 1024;
/// How many ranges [`Text::find_all`] gives at the most.
const MAX_HITS: usize = 256;
/// After so many finds that cross the end of a line, a block is searched line by line: an expression
/// that reaches over many lines would be slow otherwise.
const MAX_CROSSINGS: usize = 32;

/// How many lines are matched at once.
pub(crate) const BLOCK: usize = 4096;
const WORDS: usize = BLOCK / 64;

/// A set of lines of a block, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(pub [u64; WORDS]);

impl Mask {
    pub const NONE: Mask = Mask([0; WORDS]);

    /// The first `n`.
    pub fn first(n: usize) -> Self {
        let mut mask = Self::NONE;
        for (at, word) in mask.0.iter_mut().enumerate() {
            let bits = n.saturating_sub(at * 64).min(64);
            *word = if bits == 64 {
                u64::MAX
            } else {
                (1 << bits) - 1
            };
        }
        mask
    }

    /// Those of a column for which `test` holds.
    pub fn of<T: Copy>(column: &[T], test: impl Fn(T) -> bool) -> Self {
        let mut mask = Self::NONE;
        for (word, chunk) in mask.0.iter_mut().zip(column.chunks(64)) {
            for (bit, value) in chunk.iter().enumerate() {
                *word |= u64::from(test(*value)) << bit;
            }
        }
        mask
    }

    pub fn and(mut self, other: &Mask) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= b;
        }
        self
    }

    pub fn or(mut self, other: &Mask) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
        self
    }

    pub fn without(mut self, other: &Mask) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= !b;
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|w| *w == 0)
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    pub fn set(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Its members, highest first.
    pub fn iter_back(&self) -> impl Iterator<Item = usize> {
        self.0
            .into_iter()
            .enumerate()
            .rev()
            .flat_map(|(at, mut word)| {
                std::iter::from_fn(move || {
                    let bit = (word != 0).then(|| 63 - word.leading_zeros() as usize)?;
                    word &= !(1 << bit);
                    Some(at * 64 + bit)
                })
            })
    }

    /// Its members, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[derive(Debug, Clone)]
enum Needle {
    Literal(Finder<'static>),
    Regex(Regex),
}

impl Needle {
    fn find(&self, bytes: &[u8]) -> Option<Range<usize>> {
        match self {
            Needle::Literal(finder) => finder.find(bytes).map(|at| at..at + finder.needle().len()),
            Needle::Regex(regex) => regex.find(bytes).map(|found| found.range()),
        }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        match self {
            Needle::Literal(finder) => finder.find(bytes).is_some(),
            Needle::Regex(regex) => regex.is_match(bytes),
        }
    }
}

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Upper and lower case are the same.
    pub caseless: bool,
    /// Only at the bytes of the wire, not at what they say with percent-encoding undone.
    pub wire_only: bool,
}

/// A text to look for.
#[derive(Debug, Clone)]
pub struct Text {
    needle: Needle,
    wire_only: bool,
    /// Whether what it finds depends on where a line begins and ends, or may be empty.
    line_by_line: bool,
}

impl Text {
    /// These characters.
    ///
    /// # Errors
    /// A sentence, where the text is far too long.
    pub fn literal(text: &str, look: Look) -> Result<Self, String> {
        let needle = if look.caseless {
            Needle::Regex(build(&regex::escape(text), true)?)
        } else {
            Needle::Literal(Finder::new(text.as_bytes()).into_owned())
        };
        Ok(Self {
            needle,
            wire_only: look.wire_only,
            line_by_line: text.is_empty(),
        })
    }

    /// A regular expression, in the syntax of the `regex` crate. `^` and `$` are the ends of a line with
    /// its payload; `(?m)` and `(?s)` work.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn regex(pattern: &str, look: Look) -> Result<Self, String> {
        if pattern.len() > MAX_PATTERN {
            return Err(format!("longer than {MAX_PATTERN} bytes"));
        }
        let regex = build(pattern, look.caseless)?;
        // Rather too often than too seldom: `^` in a class only makes it slower.
        let looks_around = pattern.contains(['^', '$'])
            || ["\\b", "\\B", "\\A", "\\z", "\\<", "\\>"]
                .iter()
                .any(|look| pattern.contains(look));
        Ok(Self {
            line_by_line: looks_around || regex.is_match(b""),
            needle: Needle::Regex(regex),
            wire_only: look.wire_only,
        })
    }

    /// What the operator typed at the search prompt: `/…/` with the flags `i` and `w` is a regular
    /// expression, anything else is looked for as it stands.
    ///
    /// # Errors
    /// As [`Text::regex`].
    pub fn typed(text: &str, look: Look) -> Result<Self, String> {
        if let Some((pattern, flags)) = text.strip_prefix('/').and_then(|t| t.rsplit_once('/'))
            && !pattern.is_empty()
            && flags.chars().all(|c| matches!(c, 'i' | 'w'))
        {
            let look = Look {
                caseless: look.caseless || flags.contains('i'),
                wire_only: look.wire_only || flags.contains('w'),
            };
            return Self::regex(pattern, look);
        }
        Self::literal(text, look)
    }

    /// Where it is in these bytes, for highlighting: in order, none empty, 256 at most.
    pub fn find_all(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        match &self.needle {
            Needle::Regex(regex) => found.extend(
                regex
                    .find_iter(bytes)
                    .map(|m| m.range())
                    .filter(|r| !r.is_empty())
                    .take(MAX_HITS),
            ),
            Needle::Literal(finder) if !finder.needle().is_empty() => found.extend(
                finder
                    .find_iter(bytes)
                    .map(|at| at..at + finder.needle().len())
                    .take(MAX_HITS),
            ),
            Needle::Literal(_) => {}
        }
        found
    }

    /// Whether it is in a line.
    pub fn matches(&self, line: &Line<'_>) -> bool {
        let (segment, row) = line.place();
        self.in_row(segment, row, &mut Vec::new())
    }

    /// Those of `want`, rows of the block that starts at row `base`, that have it.
    pub(crate) fn scan(&self, segment: &Segment, base: usize, n: usize, want: &Mask) -> Mask {
        let mut scratch = Vec::new();
        let mut found = Mask::NONE;
        // A call a line is the better way where few lines are asked for.
        if self.line_by_line || want.count() * 4 < n {
            for at in want.iter() {
                if self.in_row(segment, base + at, &mut scratch) {
                    found.set(at);
                }
            }
            return found;
        }
        let unscanned = self.scan_arena(segment, base, n, &mut found);
        let again = if self.wire_only {
            flag::ALONE
        } else {
            flag::ALONE | flag::PERCENT
        };
        let found_of_wanted = found.and(want);
        let mut found = found_of_wanted;
        for at in want.without(&found_of_wanted).iter() {
            if (at >= unscanned || segment.flags[base + at] & again != 0)
                && self.in_row(segment, base + at, &mut scratch)
            {
                found.set(at);
            }
        }
        found
    }

    /// Searches the rows of a block as one run of bytes; returns the first row that it has not searched.
    fn scan_arena(&self, segment: &Segment, base: usize, n: usize, found: &mut Mask) -> usize {
        let end = segment.span(base + n - 1).end;
        let mut at = segment.span(base).start;
        let (mut row, mut crossings) = (0, 0);
        while let Some(hit) = self.needle.find(&segment.arena[at..end]) {
            let start = at + hit.start;
            row += segment.starts[base + row..base + n]
                .partition_point(|s| *s as usize <= start)
                .saturating_sub(1);
            let span = segment.span(base + row);
            if segment.flags[base + row] & flag::ALONE == 0 {
                if at + hit.end <= span.end {
                    found.set(row);
                } else {
                    // Nothing before `start` begins a match, so one within this line may still begin here.
                    if self.needle.is_in(&segment.arena[span.clone()]) {
                        found.set(row);
                    }
                    crossings += 1;
                    if crossings > MAX_CROSSINGS {
                        return row + 1;
                    }
                }
            }
            at = span.end;
        }
        n
    }

    fn in_row(&self, segment: &Segment, row: usize, scratch: &mut Vec<u8>) -> bool {
        let flags = segment.flags[row];
        let bytes = segment.bytes_of(row);
        if flags & flag::ALONE == 0 {
            return self.needle.is_in(bytes)
                || (flags & flag::PERCENT != 0 && self.is_decoded_in(bytes, scratch));
        }
        if segment.kinds[row] == Kind::Http as u8 {
            let bodies = match segment.event_of(row) {
                Some(Event {
                    kind: EventKind::Http(http),
                    ..
                }) => [Some(&http.request), Some(&http.response)],
                _ => [None, None],
            };
            let mut found = self.is_in_either(bytes, scratch);
            for body in bodies.into_iter().flatten() {
                found = found || self.is_in_either(&body.shown(false), scratch);
            }
            return found;
        }
        let secrets = Secrets(segment.secrets_of(row).to_vec());
        self.is_in_either(&secrets.mask(bytes, 0, bytes.len(), false), scratch)
    }

    fn is_in_either(&self, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
        self.needle.is_in(bytes) || self.is_decoded_in(bytes, scratch)
    }

    fn is_decoded_in(&self, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
        !self.wire_only && decode_into(bytes, scratch) && self.needle.is_in(scratch)
    }
}

fn build(pattern: &str, caseless: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .case_insensitive(caseless)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(2 * MAX_COMPILED)
        .nest_limit(64)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it would take too much memory".into(),
            // The last line of the crate's message is the reason; those before draw the place.
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.strip_prefix("error: ").unwrap_or(last).to_owned()
            }
        })
}

/// As `msnp::percent::decode`, into a buffer that is used again, and by runs: this is the inner loop of
/// every text filter. Returns whether anything was encoded.
fn decode_into(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut any = false;
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        let digit = |i: usize| rest.get(at + i).and_then(|b| hex(*b));
        let skip = match (digit(1), digit(2)) {
            (Some(high), Some(low)) => {
                out.push(high << 4 | low);
                any = true;
                3
            }
            _ => {
                out.push(b'%');
                1
            }
        };
        rest = &rest[at + skip..];
    }
    out.extend_from_slice(rest);
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::sample::*;
    use crate::journal::{DEFAULT_BYTES, EventId, Journal};
    use crate::msnp::{Direction, percent};
    use proptest::prelude::*;

    fn held(wire: &str, secrets: Vec<Range<u32>>) -> Journal {
        let mut journal = Journal::new(DEFAULT_BYTES);
        journal.append(frame_of(0, 1, Direction::In, wire, Secrets(secrets)));
        journal
    }

    fn finds(text: &Text, journal: &Journal) -> bool {
        text.matches(&journal.get(EventId(0)).expect("held"))
    }

    #[test]
    fn a_literal_is_found_as_sent_and_as_meant() {
        let journal = held("ILN 8 BSY busy@local 1 Busy%20User\r\n", vec![]);
        let literal = |text, caseless, wire_only| {
            let look = Look {
                caseless,
                wire_only,
            };
            finds(&Text::literal(text, look).expect("builds"), &journal)
        };
        assert!(literal("Busy User", false, false));
        assert!(literal("Busy%20User", false, false));
        assert!(!literal("Busy User", false, true));
        assert!(literal("Busy%20User", false, true));
        assert!(!literal("busy user", false, false));
        assert!(literal("busy user", true, false));
        assert!(!literal("Busy.User", true, false));
    }

    #[test]
    fn nothing_is_found_in_a_secret() {
        let journal = held("USR 4 TWN S t=pass%77ord&p= x\r\n", vec![12..27]);
        for (pattern, expected) in [
            ("t=", false),
            ("pass", false),
            ("password", false),
            ("S t", false),
            ("USR 4", true),
            (" x", true),
        ] {
            for look in [false, true] {
                let look = Look {
                    caseless: look,
                    wire_only: false,
                };
                let text = Text::literal(pattern, look).expect("builds");
                assert_eq!(finds(&text, &journal), expected, "{pattern}");
                let text = Text::regex(pattern, look).expect("builds");
                assert_eq!(finds(&text, &journal), expected, "{pattern}");
            }
        }
    }

    #[test]
    fn a_regex_is_bounded_and_its_mistake_is_told_in_a_sentence() {
        let error = Text::regex("a(", Look::default()).expect_err("unclosed");
        assert_eq!(error, "unclosed group");
        assert!(Text::regex(r"\w{5000}", Look::default()).is_err());
        assert!(Text::regex(&"a".repeat(MAX_PATTERN + 1), Look::default()).is_err());
    }

    #[test]
    fn what_is_typed_between_slashes_is_a_regex() {
        let journal = held("ILN 8 BSY busy@local\r\n", vec![]);
        let typed = |text| {
            finds(
                &Text::typed(text, Look::default()).expect("builds"),
                &journal,
            )
        };
        assert!(typed("/b.sy@/") && typed("/iln/i") && !typed("/iln/") && !typed("b.sy"));
        assert!(!typed("/") && !typed("//") && !typed("/a/b"));
    }

    #[test]
    fn highlights_are_never_empty_and_never_too_many() {
        let text = Text::regex("a*", Look::default()).expect("builds");
        assert_eq!(text.find_all(b"baab"), [1..3]);
        let text = Text::literal("a", Look::default()).expect("builds");
        assert_eq!(text.find_all(&[b'a'; 1000]).len(), MAX_HITS);
    }

    proptest! {
        #[test]
        fn decoding_is_that_of_the_language(bytes in proptest::collection::vec(
            prop_oneof![Just(b'%'), Just(b'2'), Just(b'f'), any::<u8>()], 0..40)
        ) {
            let mut out = vec![1, 2, 3];
            decode_into(&bytes, &mut out);
            prop_assert_eq!(out, percent::decode(&bytes).0);
        }

        /// Lines are searched as one run of bytes; it must be as if each were searched alone.
        #[test]
        fn a_block_finds_what_each_line_alone_would(
            lines in proptest::collection::vec("[ab%4\u{e9}]{0,6}(\r\n|[ab]{0,2})", 1..60),
            pattern in "(a|b|%|4|\u{e9}|[ab]|[^a]|a\\*|\\.\\*b|\\(\\?s\\)\\.\\*a|\\^a|b\\$|a\\{2\\}|aé){1,3}",
            secret in 0u32..8,
            wire_only: bool,
            caseless: bool,
        ) {
            let mut journal = Journal::new(DEFAULT_BYTES);
            for (n, line) in lines.iter().enumerate() {
                let secrets = if n % 7 == 3 { vec![secret..secret + 2] } else { vec![] };
                if n % 5 == 4 {
                    journal.append(notice(0, crate::event::Severity::Info, line));
                } else {
                    journal.append(frame_of(0, 1, Direction::In, line, Secrets(secrets)));
                }
            }
            let look = Look { caseless, wire_only };
            let mut texts = vec![Text::literal(&pattern, look).expect("builds")];
            let unescaped = pattern.replace('\\', "");
            texts.extend(Text::regex(&unescaped, look));
            for text in texts {
                for (segment, rows) in journal.runs(journal.first(), journal.next()) {
                    let found = text.scan(segment, rows.start, rows.len(), &Mask::first(rows.len()));
                    for row in rows {
                        let alone = text.in_row(segment, row, &mut Vec::new());
                        prop_assert_eq!(found.has(row), alone, "{} in {:?}", pattern, segment.bytes_of(row));
                    }
                }
            }
        }
    }
}
