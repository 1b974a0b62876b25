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
//! A sentence may quote the beginning of something long. A password that is cut with it is hidden where it ends: before
//! `…`, from [`SHORTEST_WORD`] letters on, and at the end of whatever is quoted from [`SHORTEST`] on.
//!
//! A text is searched as it is, and as a reader would decode it: percent, entities, escapes, quoted-printable, folded
//! lines, and one of them within another.

mod readings;

use super::table::Texts;
use super::{EventKind, MASK, ReplyData, Secrets, Sentence};
use crate::msnp::Direction;
use crate::roster::Contact;
use aho_corasick::{AhoCorasick, Input, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use readings::{CHAIN, DEPTH, LONGEST_READ, READINGS, View};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

/// Passwords that are kept: the latest ones of each address. One more makes the oldest go of the address that has most.
const PASSWORDS: usize = 128;
/// Passwords that were shown last, for which a finder is built each time.
const FRESH: usize = 16;
/// Bytes of the shortest password that is hidden wherever it stands.
pub(crate) const SHORTEST: usize = 6;
/// Bytes of the shortest password that is hidden where it is a whole word.
const SHORTEST_WORD: usize = 4;
/// Bytes of the longest password that is kept: no client of the 2000s takes a longer one.
const LONGEST: usize = 256;

/// Bytes of the longest frame that is held for the others that are sent it.
const MOST_HELD: usize = 64 * 1024;
/// Bytes before the end of a text that is cut, in which the beginning of a password is looked for.
const CUT_READ: usize = 2 * 1024;

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
    /// Those of the accounts that alone may sign in.
    listed: Vec<String>,
    /// How many of the latest ones are in a finder of their own: to build one of all of them takes long, and anybody may show
    /// one password after another.
    fresh: usize,
    old: Option<Arc<Tier>>,
}

#[derive(Debug)]
struct Finder(Vec<Arc<Tier>>);

/// Finds some of the secrets.
#[derive(Debug)]
struct Tier {
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
        let oldest = oldest.unwrap_or_default();
        self.fresh -= usize::from(oldest >= self.passwords.len() - self.fresh);
        self.passwords.remove(oldest);
    }
}

impl Known {
    /// Takes the letters with which the tickets of this run begin.
    pub fn tickets_begin_with(&self, marker: &str) {
        let mut words = self.words.lock();
        words.ticket = Some(marker.to_owned());
        self.build_all(&mut words);
    }

    /// Takes the passwords of the accounts that alone may sign in, the first `PASSWORDS` of them.
    pub fn listed<'a>(&self, passwords: impl Iterator<Item = &'a str>) {
        let mut words = self.words.lock();
        let long = |password: &&str| (SHORTEST_WORD..=LONGEST).contains(&password.len());
        let listed = passwords.filter(long).take(PASSWORDS);
        words.listed = listed.map(str::to_owned).collect();
        self.build_all(&mut words);
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
            words.fresh += usize::from(at < words.passwords.len() - words.fresh);
            return;
        }
        if words.passwords.len() == PASSWORDS {
            words.forget();
        }
        words.passwords.push_back((from, password.to_owned()));
        words.fresh += 1;
        if words.fresh > FRESH {
            return self.build_all(&mut words);
        }
        self.build(&words);
    }

    /// Builds the finder anew.
    fn build_all(&self, words: &mut Words) {
        words.fresh = 0;
        let passwords = words.passwords.iter().map(|(_, password)| password);
        let passwords = words.listed.iter().chain(passwords);
        words.old = Tier::new(words.ticket.as_deref(), passwords).map(Arc::new);
        self.build(words);
    }

    /// Builds the finder of the latest passwords; that of the others stays.
    fn build(&self, words: &Words) {
        let old = words.passwords.len() - words.fresh;
        let fresh = words
            .passwords
            .iter()
            .skip(old)
            .map(|(_, password)| password);
        let fresh = (words.fresh > 0).then(|| Tier::new(None, fresh)).flatten();
        let tiers = words.old.iter().cloned().chain(fresh.map(Arc::new));
        *self.finder.write() = Some(Arc::new(Finder(tiers.collect())));
    }

    /// Where the secrets stand in these bytes, as they are and as a reader would decode them.
    fn ranges(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let Some(finder) = self.finder.read().clone() else {
            return Vec::new();
        };
        finder.read(bytes)
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
            EventKind::Contact(change) => self.in_contact(&finder, &mut change.contact),
            EventKind::Reply(reply) => {
                if let ReplyData::Contacts(contacts) = &mut reply.data {
                    for contact in contacts {
                        self.in_contact(&finder, contact);
                    }
                }
                kind.texts(&mut Hiding { known: self });
            }
            _ => {
                kind.texts(&mut Hiding { known: self });
            }
        }
    }

    /// What clients write of a contact: it is shared with the roster, which is left as it is. An account stays, since
    /// commands name it.
    fn in_contact(&self, finder: &Finder, contact: &mut Arc<Contact>) {
        let texts = |contact: &Contact| {
            let personal = &contact.personal;
            [
                &contact.name,
                &personal.message,
                &personal.media,
                &contact.msnobj,
            ]
            .map(Clone::clone)
        };
        if texts(contact)
            .iter()
            .all(|text| finder.read(text.as_bytes()).is_empty())
        {
            return;
        }
        let contact = Arc::make_mut(contact);
        let personal = &mut contact.personal;
        for text in [
            &mut contact.name,
            &mut personal.message,
            &mut personal.media,
            &mut contact.msnobj,
        ] {
            Hiding { known: self }.text(text);
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
        let found = finder.read(wire);
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
        let mut found = self.known.ranges(text.as_bytes());
        if let Some(finder) = self.known.finder.read().as_ref() {
            found.extend(finder.cut(text, SHORTEST));
        }
        hide_in(text, found);
    }

    /// What is found is hidden as far as it is quoted.
    fn sentence(&mut self, sentence: &mut Sentence) {
        let (text, ours) = sentence.take();
        let mut quoted = Vec::new();
        let mut found = self.known.ranges(text.as_bytes());
        if let Some(finder) = self.known.finder.read().as_ref() {
            let starts = std::iter::once(0).chain(ours.iter().map(|r| r.end as usize));
            let ends = ours.iter().map(|r| r.start as usize).chain([text.len()]);
            for (from, to) in starts.zip(ends).filter(|(from, to)| from < to) {
                let cut = finder.cut(&text[from..to], SHORTEST).into_iter();
                // Where it ends with a `…` of ours, it is cut too.
                let before = text[to..]
                    .starts_with('…')
                    .then(|| finder.begun(&text.as_bytes()[from..to], SHORTEST_WORD));
                let cut = cut.chain(before.flatten());
                found.extend(cut.map(|cut| from + cut.start..from + cut.end));
            }
        }
        for found in found {
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

/// Where cookies of conversations stand: three numbers with points between them, the seconds since 1970 first.
fn cookies(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    const SECONDS: usize = 10;
    const RANDOM: usize = 6;
    memchr::memchr_iter(b'.', bytes).filter_map(|point| {
        let digits = |from: usize| {
            let digits = bytes.get(from..)?.iter().take_while(|b| b.is_ascii_digit());
            Some(digits.count())
        };
        let before = bytes[..point].iter().rev().take(SECONDS + 1);
        let seconds = before.take_while(|b| b.is_ascii_digit()).count();
        let number = (seconds == SECONDS).then(|| digits(point + 1)).flatten()?;
        let second = point + 1 + number;
        let is_point = number > 0 && bytes.get(second) == Some(&b'.');
        let random = is_point.then(|| digits(second + 1)).flatten()?;
        (random >= RANDOM).then_some(point - seconds..second + 1 + random)
    })
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
    /// Where the secrets stand, as the bytes are and as a reader would decode them.
    fn read(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = self.within(bytes, DEPTH);
        if bytes.len() <= LONGEST_READ {
            found.extend(self.chain(bytes, CHAIN));
            if let Some(view) = View::of_text(bytes) {
                let mut in_text = self.ranges(&view.bytes);
                in_text.extend(self.chain(&view.bytes, 1));
                let in_text = in_text.into_iter();
                found.extend(in_text.map(|range| view.range(range)));
            }
        }
        found
    }

    /// Where they stand when everything is decoded at once, so many times.
    fn chain(&self, bytes: &[u8], times: usize) -> Vec<Range<usize>> {
        let Some(view) = View::of_all(bytes).filter(|_| times > 0) else {
            return Vec::new();
        };
        let mut found = self.ranges(&view.bytes);
        found.extend(self.chain(&view.bytes, times - 1));
        let found = found.into_iter();
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
    fn begun(&self, bytes: &[u8], least: usize) -> Option<Range<usize>> {
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
    fn cut(&self, text: &str, least: usize) -> Vec<Range<usize>> {
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
    fn new<'a>(
        ticket: Option<&str>,
        passwords: impl Iterator<Item = &'a String> + Clone,
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
        for password in long {
            forms(password, &mut patterns);
        }
        let words = patterns.len();
        patterns.extend(
            short
                .into_iter()
                .map(|password| password.as_bytes().to_vec()),
        );
        let mut sorted = patterns[begins..words].to_vec();
        sorted.sort_unstable();
        let build = |kind| AhoCorasick::builder().match_kind(kind).build(&patterns);
        Some(Self {
            first: build(MatchKind::LeftmostLongest).ok()?,
            all: build(MatchKind::Standard).ok()?,
            begins,
            words,
            sorted,
        })
    }

    /// Where the beginning of a password, of at least this many bytes, stands at the end of these bytes.
    fn begun(&self, bytes: &[u8], least: usize) -> Option<usize> {
        let longest = self.sorted.iter().map(Vec::len).max()?;
        let from = bytes.len().saturating_sub(longest);
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

/// Every form of a password that is no decoding of what is written: the bytes of it in the character sets of the time, in
/// base64, in hexadecimal digits.
fn forms(password: &str, patterns: &mut Vec<Vec<u8>>) {
    let utf16 = password.encode_utf16();
    let little: Vec<u8> = utf16.clone().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = utf16.flat_map(u16::to_be_bytes).collect();
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
    let digits = hex(password.as_bytes());
    patterns.push(digits.to_ascii_uppercase().into_bytes());
    patterns.push(digits.into_bytes());
    for bytes in [password.as_bytes(), &little, &big] {
        in_base64(bytes, patterns);
    }
    patterns.push(password.as_bytes().to_vec());
    if !password.is_ascii() {
        patterns.extend([little, big]);
        // ISO 8859-1, as far as it reaches.
        let latin = password.chars().map(|c| u8::try_from(u32::from(c)));
        patterns.extend(latin.collect::<Result<Vec<u8>, _>>());
    }
}

/// The letters of a secret in base64 that do not depend on what stands before and behind it, for each of the three
/// offsets at which it can begin.
fn in_base64(text: &[u8], patterns: &mut Vec<Vec<u8>>) {
    for before in 0..3 {
        let bytes = [&vec![0; before], text].concat();
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
