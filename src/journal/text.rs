//! Finds a literal text or a regular expression in lines: in the wire bytes, and in the percent-decoded bytes, but
//! never inside a secret (a filter must not be a way to guess one).
//!
//! A block of lines is searched as one run of bytes, since calling the matcher for each line costs more than the
//! search. Lines with secrets, lines with a `%`, and requests (whose bodies are not in the arena) are searched one
//! by one.

use super::encoded::{decode_into, is_decoded_in};
use super::mask::Mask;
use super::segment::{Segment, flag};
use super::{Kind, Line};
use crate::event::{Event, EventKind, Secrets};
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// The longest regular expression that is accepted, in bytes.
pub const MAX_PATTERN: usize = 1024;
/// The most memory that a compiled expression may take, in bytes: `\w{9999}` is refused, not built.
const MAX_COMPILED: usize = 1024 * 1024;
/// The most ranges that [`Text::find_all`] returns.
const MAX_HITS: usize = 256;
/// After this many matches that cross the end of a line, the block is searched line by line: an expression that
/// reaches over many lines would be slow otherwise.
const MAX_CROSSINGS: usize = 32;

#[derive(Debug, Clone)]
enum Needle {
    Literal(Finder<'static>),
    /// An ASCII text in lower case, found in any case.
    Folded(Finder<'static>),
    Regex(Regex),
}

impl Needle {
    /// Where it is in these bytes. If it ignores case, they must be in lower case.
    fn find(&self, bytes: &[u8]) -> Option<Range<usize>> {
        match self {
            Needle::Literal(finder) | Needle::Folded(finder) => {
                finder.find(bytes).map(|at| at..at + finder.needle().len())
            }
            Needle::Regex(regex) => regex.find(bytes).map(|found| found.range()),
        }
    }

    /// Whether it is in these bytes. If it ignores case, they must be in lower case.
    fn is_in(&self, bytes: &[u8]) -> bool {
        match self {
            Needle::Literal(finder) | Needle::Folded(finder) => finder.find(bytes).is_some(),
            Needle::Regex(regex) => regex.is_match(bytes),
        }
    }

    fn is_folded(&self) -> bool {
        matches!(self, Needle::Folded(_))
    }
}

/// How to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Ignore upper and lower case.
    pub caseless: bool,
    /// Search the wire bytes only, not the percent-decoded ones.
    pub wire_only: bool,
}

/// A text to search for.
#[derive(Debug, Clone)]
pub struct Text {
    needle: Needle,
    wire_only: bool,
    /// Whether its matches depend on where a line begins and ends, or may be empty.
    line_by_line: bool,
}

impl Text {
    /// Searches for exactly these characters.
    ///
    /// # Errors
    /// A sentence, where the text is far too long.
    pub fn literal(text: &str, look: Look) -> Result<Self, String> {
        let needle = if look.caseless && text.is_ascii() {
            // Lower case is made of a whole block at a time, which beats an expression by far.
            Needle::Folded(Finder::new(&text.to_ascii_lowercase()).into_owned())
        } else if look.caseless {
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

    /// Searches with a regular expression of the `regex` crate. `^` and `$` are the ends of a line with its payload;
    /// `(?m)` and `(?s)` work.
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

    /// Reads the search prompt: `/…/`, with the flags `i` and `w`, is a regular expression; anything else is
    /// searched for as it stands.
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

    /// Its matches in these bytes, for highlighting: in order, none empty, at most 256.
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
            Needle::Literal(finder) | Needle::Folded(finder) if finder.needle().is_empty() => {}
            Needle::Literal(finder) => found.extend(all(finder, bytes)),
            Needle::Folded(finder) => found.extend(all(finder, &bytes.to_ascii_lowercase())),
        }
        found
    }

    /// Whether it is in a line.
    pub fn matches(&self, line: &Line<'_>) -> bool {
        let (segment, row) = line.place();
        self.in_row(segment, row, &mut Vec::new())
    }

    /// The rows of `want` that contain it, in the block that starts at row `base`.
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
        let rows = base..base + n;
        let flags = &segment.flags[rows.clone()];
        let (starts, end) = (&segment.starts[rows], segment.span(base + n - 1).end);
        let run = &segment.arena[segment.starts[base] as usize..end];
        let lower = self.needle.is_folded().then(|| run.to_ascii_lowercase());
        let run = lower.as_deref().unwrap_or(run);
        self.scan_run(run, starts, &mut |at, is| {
            if is && flags[at] & flag::ALONE == 0 {
                found.set(at);
            }
        });
        let mut found = found.and(want);
        let (mut decoded, mut starts, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for at in want.without(&found).iter() {
            if flags[at] & flag::ALONE != 0 {
                if self.in_row(segment, base + at, &mut scratch) {
                    found.set(at);
                }
            } else if self.wire_only || flags[at] & flag::PERCENT == 0 {
            } else if let Needle::Literal(finder) | Needle::Folded(finder) = &self.needle {
                let bytes = segment.bytes_of(base + at);
                if is_decoded_in(finder.needle(), bytes, self.needle.is_folded()) {
                    found.set(at);
                }
            } else {
                starts.push(decoded.len() as u32);
                rows.push(at);
                decode_into(segment.bytes_of(base + at), &mut decoded);
            }
        }
        self.scan_run(&decoded, &starts, &mut |at, is| {
            if is {
                found.set(rows[at]);
            }
        });
        found
    }

    /// Searches consecutive lines as one run of bytes that begins with the first line, and reports the lines that
    /// have a match. It may report a line that has none.
    fn scan_run(&self, bytes: &[u8], starts: &[u32], tell: &mut dyn FnMut(usize, bool)) {
        let origin = starts.first().map_or(0, |s| *s as usize);
        let start_of = |row: usize| {
            starts
                .get(row)
                .map_or(bytes.len(), |s| *s as usize - origin)
        };
        let mut at = 0;
        let (mut row, mut crossings) = (0, 0);
        while let Some(hit) = self.needle.find(&bytes[at..]) {
            let start = at + hit.start;
            row += starts[row..]
                .partition_point(|s| *s as usize - origin <= start)
                .saturating_sub(1);
            let span = start_of(row)..start_of(row + 1);
            if at + hit.end <= span.end {
                tell(row, true);
            } else {
                // Nothing before `start` begins a match, so one within this line may still begin here.
                tell(row, self.needle.is_in(&bytes[span.clone()]));
                crossings += 1;
                if crossings > MAX_CROSSINGS {
                    break;
                }
            }
            at = span.end;
        }
        if crossings > MAX_CROSSINGS {
            for row in row + 1..starts.len() {
                tell(
                    row,
                    self.needle.is_in(&bytes[start_of(row)..start_of(row + 1)]),
                );
            }
        }
    }

    fn in_row(&self, segment: &Segment, row: usize, scratch: &mut Vec<u8>) -> bool {
        let flags = segment.flags[row];
        let bytes = segment.bytes_of(row);
        if flags & flag::ALONE == 0 {
            return self.is_raw_in(bytes, scratch)
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
        self.is_raw_in(bytes, scratch) || self.is_decoded_in(bytes, scratch)
    }

    fn is_raw_in(&self, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
        if !self.needle.is_folded() {
            return self.needle.is_in(bytes);
        }
        scratch.clear();
        scratch.extend_from_slice(bytes);
        scratch.make_ascii_lowercase();
        self.needle.is_in(scratch)
    }

    fn is_decoded_in(&self, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
        if self.wire_only {
            return false;
        }
        match &self.needle {
            Needle::Literal(finder) => is_decoded_in(finder.needle(), bytes, false),
            Needle::Folded(finder) => is_decoded_in(finder.needle(), bytes, true),
            Needle::Regex(regex) => {
                scratch.clear();
                decode_into(bytes, scratch) && regex.is_match(scratch)
            }
        }
    }
}

fn all(finder: &Finder<'static>, bytes: &[u8]) -> Vec<Range<usize>> {
    finder
        .find_iter(bytes)
        .map(|at| at..at + finder.needle().len())
        .take(MAX_HITS)
        .collect()
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

#[cfg(test)]
// Secrets are given as ranges, and one range is what most lines have.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use crate::journal::sample::*;
    use crate::journal::{DEFAULT_BYTES, EventId, Journal};
    use crate::msnp::Direction;
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
