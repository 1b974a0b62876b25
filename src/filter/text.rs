//! Finds a literal text or a regular expression in bytes, as they stand and percent-decoded. The caller masks secrets
//! first: a filter must not be a way to guess one.

use super::encoded::{decode_into, is_decoded_in};
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// Bytes of the longest regular expression.
pub const MAX_PATTERN: usize = 1024;
/// Bytes of memory that a compiled expression may take: `\w{9999}` is refused, not built.
const MAX_COMPILED: usize = 1024 * 1024;
/// Ranges that [`Text::find_all`] returns at most.
const MAX_HITS: usize = 256;

#[derive(Debug, Clone)]
pub(crate) enum Needle {
    Literal(Finder<'static>),
    /// An ASCII text in lower case, found in any case.
    Folded(Finder<'static>),
    Regex(Regex),
}

impl Needle {
    /// Where it is in these bytes. If it ignores case, they must be in lower case.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<Range<usize>> {
        match self {
            Needle::Literal(finder) | Needle::Folded(finder) => {
                finder.find(bytes).map(|at| at..at + finder.needle().len())
            }
            Needle::Regex(regex) => regex.find(bytes).map(|found| found.range()),
        }
    }

    /// Whether it is in these bytes. If it ignores case, they must be in lower case.
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        match self {
            Needle::Literal(finder) | Needle::Folded(finder) => finder.find(bytes).is_some(),
            Needle::Regex(regex) => regex.is_match(bytes),
        }
    }

    pub(crate) fn is_folded(&self) -> bool {
        matches!(self, Needle::Folded(_))
    }
}

/// Why a text cannot be searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The expression has more than [`MAX_PATTERN`] bytes.
    #[error("longer than {MAX_PATTERN} bytes")]
    TooLong,
    /// The expression takes too much memory when it is compiled.
    #[error("it would take too much memory")]
    TooBig,
    /// It is not a regular expression. This is what is wrong in it.
    #[error("{0}")]
    Syntax(String),
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
    pub(crate) needle: Needle,
    pub(crate) wire_only: bool,
    /// Whether its matches depend on where a line begins and ends, or may be empty.
    pub(crate) line_by_line: bool,
}

impl Text {
    /// Searches for exactly these characters.
    ///
    /// # Errors
    /// [`TextError::TooBig`] where case is ignored and the text is far too long.
    pub fn literal(text: &str, look: Look) -> Result<Self, TextError> {
        let needle = if look.caseless && text.is_ascii() {
            // A whole block is made lower case at once, which is far faster than an expression.
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
    /// [`TextError`] with what is wrong in it.
    pub fn regex(pattern: &str, look: Look) -> Result<Self, TextError> {
        if pattern.len() > MAX_PATTERN {
            return Err(TextError::TooLong);
        }
        let regex = build(pattern, look.caseless)?;
        // Too often is better than too seldom: a `^` in a class only makes it slower.
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
    pub fn typed(text: &str, look: Look) -> Result<Self, TextError> {
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

    /// Whether it is in these bytes, as they stand or percent-decoded.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.is_in_either(bytes, &mut Vec::new())
    }

    pub(crate) fn is_in_either(&self, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
        self.is_raw_in(bytes, scratch) || self.is_decoded_in(bytes, scratch)
    }

    pub(crate) fn is_raw_in(&self, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
        if !self.needle.is_folded() {
            return self.needle.is_in(bytes);
        }
        scratch.clear();
        scratch.extend_from_slice(bytes);
        scratch.make_ascii_lowercase();
        self.needle.is_in(scratch)
    }

    pub(crate) fn is_decoded_in(&self, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
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

fn build(pattern: &str, caseless: bool) -> Result<Regex, TextError> {
    RegexBuilder::new(pattern)
        .case_insensitive(caseless)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(2 * MAX_COMPILED)
        .nest_limit(64)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => TextError::TooBig,
            // The last line of the crate's message is the reason; the lines before it draw the place.
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                TextError::Syntax(last.strip_prefix("error: ").unwrap_or(last).to_owned())
            }
        })
}

#[cfg(test)]
// Secrets are given as ranges, and one range is what most lines have.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use crate::event::{Event, Secrets};
    use crate::filter::{Seen, Subject as _};
    use crate::journal::sample::frame_of;
    use crate::msnp::Direction;

    fn held(wire: &str, secrets: Vec<Range<u32>>) -> Event {
        frame_of(0, 1, Direction::In, wire, Secrets(secrets))
    }

    fn finds(text: &Text, event: &Event) -> bool {
        Seen::new(event).expect("a line").has(text)
    }

    #[test]
    fn a_literal_is_found_as_sent_and_as_meant() {
        let event = held("ILN 8 BSY busy@local 1 Busy%20User\r\n", vec![]);
        let literal = |text, caseless, wire_only| {
            let look = Look {
                caseless,
                wire_only,
            };
            finds(&Text::literal(text, look).expect("builds"), &event)
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
        let event = held("USR 4 TWN S t=pass%77ord&p= x\r\n", vec![12..27]);
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
                assert_eq!(finds(&text, &event), expected, "{pattern}");
                let text = Text::regex(pattern, look).expect("builds");
                assert_eq!(finds(&text, &event), expected, "{pattern}");
            }
        }
    }

    #[test]
    fn a_regex_is_bounded_and_its_mistake_is_told_in_a_sentence() {
        let wrong = |pattern: &str| Text::regex(pattern, Look::default()).expect_err("refused");
        assert_eq!(wrong("a(").to_string(), "unclosed group");
        assert_eq!(wrong(r"\w{5000}"), TextError::TooBig);
        assert_eq!(wrong(&"a".repeat(MAX_PATTERN + 1)), TextError::TooLong);
    }

    #[test]
    fn what_is_typed_between_slashes_is_a_regex() {
        let event = held("ILN 8 BSY busy@local\r\n", vec![]);
        let typed = |text| finds(&Text::typed(text, Look::default()).expect("builds"), &event);
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
}
