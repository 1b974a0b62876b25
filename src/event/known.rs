//! Hides secrets wherever they stand: every ticket that this service issued, every password that it was shown.
//!
//! A secret in a field that is known to hold one is hidden by its place (`server/http/secrets.rs`, `msnp/dictionary/secret.rs`).
//! A client may write the same secret anywhere else: in its friendly name, in another header, in base64. Every event
//! passes here on its way, so that no exit has to think of it.
//!
//! All tickets of one run begin with the same letters, so no table of them is needed. The latest [`PASSWORDS`] passwords
//! are kept, with a share for each address. A password of fewer than [`SHORTEST`] bytes is hidden where it is a whole word
//! alone, and one of fewer than [`SHORTEST_WORD`] only by its place: hiding a short word at every place would tell what it
//! is, and would leave a transcript that nobody can read.
//!
//! Of a sentence of our own only what it quotes is hidden (`event/sentence.rs`).
//!
//! A text is searched as it is, and as a reader would decode it: percent, entities, escapes, quoted-printable, folded
//! lines, and one of them within another.

use super::table::Texts;
use super::{EventKind, MASK, Secrets, Sentence};
use crate::msnp::Direction;
use aho_corasick::{AhoCorasick, Input, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

/// Passwords that are kept: the latest ones of each address. One more makes the oldest go of the address that has most.
const PASSWORDS: usize = 128;
/// Bytes of the shortest password that is hidden wherever it stands.
pub(crate) const SHORTEST: usize = 6;
/// Bytes of the shortest password that is hidden where it is a whole word.
const SHORTEST_WORD: usize = 4;
/// Bytes of the longest password that is kept: no client of the 2000s takes a longer one.
const LONGEST: usize = 256;

/// Bytes of the longest frame that is held for the others that are sent it.
const MOST_HELD: usize = 64 * 1024;

/// The secrets of one run.
#[derive(Debug, Default)]
pub struct Known {
    words: Mutex<Words>,
    finder: RwLock<Option<Arc<Finder>>>,
    /// The frame that was searched last of those that go out on several connections.
    last: Mutex<Option<Searched>>,
}

/// A frame that was searched.
#[derive(Debug)]
struct Searched {
    /// Held, so that what stands at its address is what was searched.
    wire: Bytes,
    by: Arc<Finder>,
    found: Vec<Range<usize>>,
}

#[derive(Debug, Default)]
struct Words {
    /// What every ticket of this run begins with, behind its `t=`.
    ticket: Option<String>,
    /// The latest ones, and from where each was shown.
    passwords: VecDeque<(IpAddr, String)>,
}

#[derive(Debug)]
struct Finder {
    /// Finds the first place, fast where there is none.
    first: AhoCorasick,
    /// Finds all from there on, those that overlap too: else a password that somebody chose for it could stand over the
    /// beginning of another secret, whose rest would be shown.
    all: AhoCorasick,
    /// How many of the patterns, the first ones, are beginnings of a ticket: the rest of it follows.
    begins: usize,
    /// From which pattern on they are secrets only where they are a whole word.
    words: usize,
}

impl Words {
    /// The oldest one goes of the address that has most of them.
    fn forget(&mut self) {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for (from, _) in &self.passwords {
            *counts.entry(*from).or_default() += 1;
        }
        let most = counts.values().max().copied();
        let of_most = |(from, _): &(IpAddr, String)| counts.get(from).copied() == most;
        let oldest = self.passwords.iter().position(of_most);
        self.passwords.remove(oldest.unwrap_or_default());
    }
}

impl Known {
    /// Takes the letters with which the tickets of this run begin.
    pub fn tickets_begin_with(&self, marker: &str) {
        let mut words = self.words.lock();
        words.ticket = Some(marker.to_owned());
        self.build(&words);
    }

    /// Takes a password that was shown from this address.
    pub fn password(&self, from: IpAddr, password: &str) {
        if !(SHORTEST_WORD..=LONGEST).contains(&password.len()) {
            return;
        }
        let mut words = self.words.lock();
        let held = |(address, held): &(IpAddr, String)| *address == from && held == password;
        if let Some(at) = words.passwords.iter().position(held) {
            // The latest ones are kept, and this one has just been used again.
            let held = words.passwords.remove(at);
            words.passwords.extend(held);
            return;
        }
        if words.passwords.len() == PASSWORDS {
            words.forget();
        }
        words.passwords.push_back((from, password.to_owned()));
        self.build(&words);
    }

    fn build(&self, words: &Words) {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        if let Some(ticket) = &words.ticket {
            patterns.push(ticket.as_bytes().to_vec());
            in_base64(ticket, &mut patterns);
        }
        let begins = patterns.len();
        let passwords = || words.passwords.iter().map(|(_, password)| password);
        for password in passwords().filter(|password| password.len() >= SHORTEST) {
            patterns.push(password.as_bytes().to_vec());
            in_base64(password, &mut patterns);
        }
        let words = patterns.len();
        let short = passwords().filter(|password| password.len() < SHORTEST);
        patterns.extend(short.map(|password| password.as_bytes().to_vec()));
        let build = |kind| AhoCorasick::builder().match_kind(kind).build(&patterns);
        // Building can only fail for size, and the bounds above keep it far from that.
        let finder = build(MatchKind::LeftmostLongest).and_then(|first| {
            Ok(Finder {
                first,
                all: build(MatchKind::Standard)?,
                begins,
                words,
            })
        });
        *self.finder.write() = finder.ok().map(Arc::new);
    }

    /// Where the secrets stand in these bytes, as they are and as a reader would decode them.
    fn ranges(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let Some(finder) = self.finder.read().clone() else {
            return Vec::new();
        };
        finder.within(bytes, DEPTH)
    }

    /// Hides the secrets in what an event says of a client, and in every sentence.
    pub(super) fn hide(&self, kind: &mut EventKind) {
        let Some(finder) = self.finder.read().clone() else {
            return;
        };
        match kind {
            EventKind::Frame(frame)
                if frame.direction == Direction::Out && !frame.frame.wire().is_unique() =>
            {
                frame.secrets.add(self.shared(&finder, frame.frame.wire()));
            }
            _ => {
                kind.texts(&mut Hiding { known: self });
            }
        }
    }

    /// Where they stand in a frame that others are sent too: a message to a hundred is searched once.
    fn shared(&self, finder: &Arc<Finder>, wire: &Bytes) -> Vec<Range<usize>> {
        let is_it = |last: &&Searched| {
            std::ptr::eq(&raw const *last.wire, &raw const **wire) && Arc::ptr_eq(&last.by, finder)
        };
        if let Some(last) = self.last.lock().as_ref().filter(is_it) {
            return last.found.clone();
        }
        let found = finder.within(wire, DEPTH);
        if wire.len() <= MOST_HELD {
            *self.last.lock() = Some(Searched {
                wire: wire.clone(),
                by: finder.clone(),
                found: found.clone(),
            });
        }
        found
    }
}

/// Masks these ranges of a text.
fn hide_in(text: &mut String, found: Vec<Range<usize>>) {
    if !found.is_empty() {
        let mut secrets = Secrets::default();
        secrets.add(found);
        let hidden = secrets.mask(text.as_bytes(), 0, text.len(), false);
        *text = String::from_utf8_lossy(&hidden).into_owned();
    }
}

/// Hides what is known in the texts that it is given.
struct Hiding<'a> {
    known: &'a Known,
}

impl Texts for Hiding<'_> {
    fn text(&mut self, text: &mut String) {
        hide_in(text, self.known.ranges(text.as_bytes()));
    }

    /// What is found is hidden as far as it is quoted.
    fn sentence(&mut self, sentence: &mut Sentence) {
        let (text, ours) = sentence.take();
        let mut quoted = Vec::new();
        for found in self.known.ranges(text.as_bytes()) {
            let mut at = found.start;
            for ours in ours.iter().map(|r| r.start as usize..r.end as usize) {
                if ours.end > at && ours.start < found.end {
                    quoted.push(at..ours.start.max(at));
                    at = ours.end;
                }
            }
            quoted.push(at..found.end.max(at));
        }
        hide_in(text, quoted);
    }

    fn bytes(&mut self, bytes: &[u8], secrets: &mut Secrets) {
        secrets.add(self.known.ranges(bytes));
    }
}

/// Whether no letter stands beside it, and nothing that makes it a part of an account, a path or a type.
fn is_word(bytes: &[u8], range: &Range<usize>) -> bool {
    let ends = |byte: Option<&u8>| {
        byte.is_none_or(|byte| {
            byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"@./-_:#".contains(byte)
        })
    };
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    ends(before) && ends(bytes.get(range.end))
}

/// Where a ticket ends whose beginning was found: behind its last letter, even where its lines are folded.
fn end_of_ticket(bytes: &[u8], from: usize) -> usize {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"-_+/".contains(b);
    let mut end = from;
    loop {
        end += bytes[end..].iter().take_while(|b| is_letter(b)).count();
        let rest = &bytes[end..];
        let Some(folded) = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.strip_prefix(b"\n"))
        else {
            return end;
        };
        let blanks = folded
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        if blanks == 0 || !folded.get(blanks).is_some_and(is_letter) {
            return end;
        }
        end = bytes.len() - folded.len() + blanks;
    }
}

impl Finder {
    /// Where the secrets stand, as the bytes are and as a reader would decode them, with encodings nested to this depth.
    fn within(&self, bytes: &[u8], depth: usize) -> Vec<Range<usize>> {
        let mut found = self.ranges(bytes);
        if depth > 0 && bytes.len() <= LONGEST_READ {
            for reading in &READINGS {
                if let Some(view) = View::of(bytes, reading) {
                    let ranges = self.within(&view.bytes, depth - 1).into_iter();
                    found.extend(ranges.map(|range| view.at(range.start)..view.at(range.end)));
                }
            }
        }
        found
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

/// An encoding in which a client may write the letters of a secret: the sign that it begins with, and a function that
/// decodes what follows and says how many bytes that takes.
struct Reading {
    sign: u8,
    read: fn(&[u8]) -> Option<(Read, usize)>,
}

/// What is read.
enum Read {
    Nothing,
    Byte(u8),
    Character(char),
}

const READINGS: [Reading; 7] = [
    Reading {
        sign: b'%',
        read: |bytes| Some((Read::Byte(byte(bytes.get(1..3)?)?), 3)),
    },
    Reading {
        sign: b'&',
        read: entity,
    },
    Reading {
        sign: b'\\',
        read: escape,
    },
    Reading {
        sign: b'=',
        read: quoted_printable,
    },
    Reading {
        sign: b'+',
        read: |_| Some((Read::Byte(b' '), 1)),
    },
    Reading {
        sign: b'\n',
        read: fold,
    },
    // UTF-16, in which the letters of most secrets are a byte and a zero.
    Reading {
        sign: 0,
        read: |_| Some((Read::Nothing, 1)),
    },
];

/// Encodings that are decoded within one another.
const DEPTH: usize = 2;
/// Bytes of the longest text that is decoded. Longer ones are texts that the service itself made of the roster.
const LONGEST_READ: usize = 512 * 1024;

/// Decoded bytes, and where each of them, and their end, stands in what was written.
struct View {
    bytes: Vec<u8>,
    /// Where in `bytes` a piece begins, and where that stands in what was written, byte by byte from there on.
    pieces: Vec<(u32, u32)>,
    written: usize,
}

impl View {
    /// `None` where nothing is encoded in this way. Bytes that are not encoded are taken over in whole runs: a long text has
    /// few signs, or many that mean nothing.
    fn of(written: &[u8], reading: &Reading) -> Option<Self> {
        let mut view: Option<Self> = None;
        // Up to where it is in the view.
        let mut at = 0;
        let mut from = 0;
        while let Some(sign) = memchr::memchr(reading.sign, &written[from..]) {
            let sign = from + sign;
            let Some((read, length)) = (reading.read)(&written[sign..]) else {
                from = sign + 1;
                continue;
            };
            let view = view.get_or_insert_with(|| Self {
                bytes: Vec::with_capacity(written.len()),
                pieces: Vec::new(),
                written: written.len(),
            });
            view.put(&written[at..sign], at);
            match read {
                Read::Nothing => {
                    // A folded line includes the carriage return before it.
                    if reading.sign == b'\n' && view.bytes.last() == Some(&b'\r') {
                        view.bytes.pop();
                    }
                }
                Read::Byte(byte) => view.put(&[byte], sign),
                Read::Character(c) => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        view.put(&[byte], sign);
                    }
                }
            }
            at = sign + length;
            from = at;
        }
        let mut view = view?;
        view.put(&written[at..], at);
        Some(view)
    }

    fn put(&mut self, bytes: &[u8], at: usize) {
        if !bytes.is_empty() {
            let start = self.bytes.len() as u32;
            // One that was taken back begins no piece.
            while self.pieces.last().is_some_and(|piece| piece.0 >= start) {
                self.pieces.pop();
            }
            self.pieces.push((start, at as u32));
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Where this byte of the view stands in what was written.
    fn at(&self, place: usize) -> usize {
        if place >= self.bytes.len() {
            return self.written;
        }
        let next = self
            .pieces
            .partition_point(|piece| piece.0 as usize <= place);
        let (start, at) = self.pieces[next - 1];
        at as usize + place - start as usize
    }
}

/// A line end within a text, with the blanks behind it.
fn fold(bytes: &[u8]) -> Option<(Read, usize)> {
    let blanks = bytes[1..].iter().take_while(|b| matches!(b, b' ' | b'\t'));
    let length = 1 + blanks.count();
    (length < bytes.len()).then_some((Read::Nothing, length))
}

fn quoted_printable(bytes: &[u8]) -> Option<(Read, usize)> {
    match bytes.get(1..3)? {
        b"\r\n" => Some((Read::Nothing, 3)),
        [b'\n', _] => Some((Read::Nothing, 2)),
        digits => Some((Read::Byte(byte(digits)?), 3)),
    }
}

/// Two digits of base 16.
fn byte(digits: &[u8]) -> Option<u8> {
    u8::try_from(number(digits, 16)?).ok()
}

/// A number of this base.
fn number(digits: &[u8], base: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, base).ok()
}

fn entity(bytes: &[u8]) -> Option<(Read, usize)> {
    /// Bytes of the longest entity that is decoded, `&#x0000XXXX;`.
    const LONGEST: usize = 12;
    let end = memchr::memchr(b';', &bytes[..bytes.len().min(LONGEST)])?;
    let c = match &bytes[1..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => return None,
    };
    Some((Read::Character(c), end + 1))
}

fn escape(bytes: &[u8]) -> Option<(Read, usize)> {
    match bytes.get(1)? {
        b'u' => {
            let c = char::from_u32(number(bytes.get(2..6)?, 16)?)?;
            Some((Read::Character(c), 6))
        }
        b'x' => Some((Read::Byte(byte(bytes.get(2..4)?)?), 4)),
        byte => Some((Read::Byte(*byte), 2)),
    }
}

/// The letters of a secret in base64 that do not depend on what stands before and behind it, for each of the three
/// offsets at which it can begin.
fn in_base64(text: &str, patterns: &mut Vec<Vec<u8>>) {
    for before in 0..3 {
        let bytes = [&vec![0; before], text.as_bytes()].concat();
        let letters = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            let form = encoded.as_bytes()[letters.clone()].to_vec();
            if !patterns.contains(&form) {
                patterns.push(form);
            }
        }
    }
}

/// [`MASK`] itself is no secret.
const _: () = assert!(MASK.len() < SHORTEST);

#[cfg(test)]
mod tests;
