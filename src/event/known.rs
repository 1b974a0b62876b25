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
//! lines, base64, hexadecimal digits, what nobody sees, and one of them within another. A password is looked for in other
//! capitals too: a name of a host is in small letters, and whoever types with Caps Lock types the same word.
//!
//! What stands at a password's place is known from then on, whatever becomes of the request (`server/http/secrets.rs`).

mod finder;
mod forms;
mod readings;

use super::table::Texts;
use super::{EventKind, MASK, ReplyData, Secrets, Sentence};
use crate::msnp::Direction;
use crate::roster::Contact;
use bytes::Bytes;
use finder::{Finder, SHORTEST, SHORTEST_WORD, Tier};
use parking_lot::{Mutex, RwLock};
use readings::View;
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

/// Passwords that are kept: the latest ones of each address. One more makes the oldest go of the address that has most.
const PASSWORDS: usize = 128;
/// The most bytes that all passwords which are kept have together. The finder of them takes about a hundred times as many,
/// and a new password makes it be built anew.
const BYTES: usize = 4 * 1024;
/// What each password counts for beside its own bytes, in bytes, when the address is chosen that loses one.
const LEAST: usize = 16;
/// The latest passwords, at most this many, have a small finder of their own: it alone is built anew for a new one.
const FRESH: usize = 16;
/// Bytes of the longest password that is kept: no client of the 2000s takes a longer one.
const LONGEST: usize = 256;

/// Bytes of the longest frame that is held for the others that are sent it.
const MOST_HELD: usize = 64 * 1024;
/// The secrets of one run.
#[derive(Debug, Default)]
pub struct Known {
    words: Mutex<Words>,
    /// Is held while a finder is built, which takes long: nothing else waits for that.
    building: Mutex<()>,
    finder: RwLock<Option<Arc<Finder>>>,
    /// Whether it is of a recording, in whose sentences nobody knows any more which words are ours.
    recorded: bool,
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

#[derive(Debug, Clone, Default)]
struct Words {
    /// What every ticket of this run begins with, behind its `t=`.
    ticket: Option<String>,
    /// The latest ones, and from where each was shown.
    passwords: VecDeque<(IpAddr, Vec<u8>)>,
    /// Those of the accounts that alone may sign in.
    listed: Vec<Vec<u8>>,
    /// How many of the latest ones are in a finder of their own: to build one of all of them takes long, and anybody may show
    /// one password after another.
    fresh: usize,
    old: Option<Arc<Tier>>,
}

impl Words {
    fn place(&self, from: IpAddr, password: &[u8]) -> Option<usize> {
        let is = |(address, held): &(IpAddr, Vec<u8>)| *address == from && held == password;
        self.passwords.iter().position(is)
    }

    /// Whether it is there. The latest ones are kept, and this one has just been used again.
    fn touch(&mut self, from: IpAddr, password: &[u8]) -> bool {
        let Some(at) = self.place(from, password) else {
            return false;
        };
        let held = self.passwords.remove(at);
        self.passwords.extend(held);
        self.fresh += usize::from(at < self.passwords.len() - self.fresh);
        true
    }

    /// Keeps a password.
    fn take(&mut self, from: IpAddr, password: &[u8]) {
        if self.touch(from, password) {
            return;
        }
        self.passwords.push_back((from, password.to_owned()));
        self.fresh += 1;
        let bytes = |it: &Self| {
            it.passwords
                .iter()
                .map(|(_, held)| held.len())
                .sum::<usize>()
        };
        while self.passwords.len() > PASSWORDS || bytes(self) > BYTES {
            self.forget();
        }
    }

    /// The oldest one goes of the address whose passwords are the longest together; each counts for a little.
    fn forget(&mut self) {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for (from, held) in &self.passwords {
            *counts.entry(*from).or_default() += held.len() + LEAST;
        }
        let most = counts.values().max().copied();
        let of_most = |(from, _): &(IpAddr, Vec<u8>)| counts.get(from).copied() == most;
        let oldest = self.passwords.iter().position(of_most);
        let oldest = oldest.unwrap_or_default();
        self.fresh -= usize::from(oldest >= self.passwords.len() - self.fresh);
        self.passwords.remove(oldest);
    }
}

impl Known {
    /// The passwords that requests in a recording show, as they are written there, the first `PASSWORDS` of them: what came
    /// before one was shown, and what an older nudge did not hide, is hidden too.
    pub fn recorded(written: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut listed: Vec<Vec<u8>> = Vec::new();
        for written in written {
            let read = as_read(&written);
            if listed.len() < PASSWORDS && is_kept(&read) && !listed.iter().any(|it| **it == *read)
            {
                listed.push(read.into_owned());
            }
        }
        let known = Self {
            recorded: true,
            ..Self::default()
        };
        if !listed.is_empty() {
            known.change(|words| words.listed = listed);
        }
        known
    }

    /// Takes the letters with which the tickets of this run begin.
    pub fn tickets_begin_with(&self, marker: &str) {
        self.change(|words| words.ticket = Some(marker.to_owned()));
    }

    /// Takes the passwords of the accounts that alone may sign in, the first `PASSWORDS` of them.
    pub fn listed<'a>(&self, passwords: impl Iterator<Item = &'a str>) {
        let long = passwords.map(str::as_bytes).filter(|it| is_kept(it));
        let listed = long.take(PASSWORDS).map(<[u8]>::to_vec).collect();
        self.change(|words| words.listed = listed);
    }

    /// Takes a password that was shown from this address.
    pub fn password(&self, from: IpAddr, password: &str) {
        self.passwords(from, std::iter::once(password.as_bytes()));
    }

    /// Takes the bytes that stood at the places of passwords in a request from this address.
    pub fn written(&self, from: IpAddr, written: &[Vec<u8>]) {
        if !written.is_empty() {
            let read: Vec<_> = written.iter().map(|written| as_read(written)).collect();
            self.passwords(from, read.iter().map(|read| &**read));
        }
    }

    /// Whether one of them is not known yet.
    pub fn lacks(&self, from: IpAddr, written: &[Vec<u8>]) -> bool {
        let words = self.words.lock();
        let mut read = written.iter().map(|written| as_read(written));
        read.any(|read| is_kept(&read) && words.place(from, &read).is_none())
    }

    fn passwords<'a>(&self, from: IpAddr, passwords: impl Iterator<Item = &'a [u8]> + Clone) {
        let kept = passwords.filter(|password| is_kept(password));
        if !kept.clone().fold(false, |is_new, it| {
            is_new | !self.words.lock().touch(from, it)
        }) {
            return;
        }
        let _building = self.building.lock();
        let mut words = self.words.lock().clone();
        for password in kept {
            words.take(from, password);
        }
        self.put(words, false);
    }

    /// Changes what is known for the whole run.
    fn change(&self, change: impl FnOnce(&mut Words)) {
        let _building = self.building.lock();
        let mut words = self.words.lock().clone();
        change(&mut words);
        self.put(words, true);
    }

    /// Builds what finds these, all of it or that of the latest alone. Only then are they known.
    fn put(&self, mut words: Words, all: bool) {
        if all || words.fresh > FRESH {
            words.fresh = 0;
            let passwords = words.passwords.iter().map(|(_, password)| password);
            let passwords = words.listed.iter().chain(passwords);
            words.old = Tier::new(words.ticket.as_deref(), passwords).map(Arc::new);
        }
        let old = words.passwords.len() - words.fresh;
        let fresh = words.passwords.iter().skip(old);
        let fresh = fresh.map(|(_, password)| password);
        let fresh = (words.fresh > 0).then(|| Tier::new(None, fresh)).flatten();
        let tiers = words.old.iter().cloned().chain(fresh.map(Arc::new));
        *self.finder.write() = Some(Arc::new(Finder(tiers.collect())));
        *self.words.lock() = words;
    }

    fn hiding<'a>(&self, finder: &'a Finder) -> Hiding<'a> {
        let recorded = self.recorded;
        Hiding { finder, recorded }
    }

    /// A text in which the secrets are hidden.
    pub fn hidden_in(&self, mut text: String) -> String {
        let finder = self.finder.read().clone();
        if let Some(finder) = finder {
            self.hiding(&finder).text(&mut text);
        }
        text
    }

    /// Hides the secrets in what an event says of a client, and in every sentence.
    pub(crate) fn hide(&self, kind: &mut EventKind) {
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
                kind.texts(&mut self.hiding(&finder));
            }
            _ => {
                kind.texts(&mut self.hiding(&finder));
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
            self.hiding(finder).text(text);
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

/// What a reader of a request takes for the password where this stands.
fn as_read(written: &[u8]) -> Cow<'_, [u8]> {
    View::of_all(written).map_or(written.into(), |view| view.bytes.into())
}

/// Whether a password is looked for at all.
fn is_kept(password: &[u8]) -> bool {
    (SHORTEST_WORD..=LONGEST).contains(&password.len())
}

/// Masks these ranges of a text.
fn hide_in(text: &mut String, found: Vec<Range<usize>>) {
    if !found.is_empty() {
        let hidden = Secrets::of(found).mask(text.as_bytes(), 0, text.len(), false);
        *text = String::from_utf8_lossy(&hidden).into_owned();
    }
}

/// Hides what is known in the texts that it is given.
struct Hiding<'a> {
    finder: &'a Finder,
    recorded: bool,
}

impl Texts for Hiding<'_> {
    fn text(&mut self, text: &mut String) {
        let mut found = self.finder.read(text.as_bytes());
        found.extend(self.finder.cut(text, SHORTEST));
        hide_in(text, found);
    }

    /// What is found is hidden as far as it is quoted.
    fn sentence(&mut self, sentence: &mut Sentence) {
        let (text, ours) = sentence.take();
        let mut quoted = Vec::new();
        let finder = self.finder;
        let mut found = finder.read(text.as_bytes());
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
        if self.recorded {
            // A password that could be a word of ours is left there.
            let is_word =
                |at: &Range<usize>| text[at.clone()].bytes().all(|b| b.is_ascii_lowercase());
            found.retain(|found| !is_word(found));
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
        secrets.add(self.finder.read(bytes));
    }
}

/// [`MASK`] itself is no secret.
const _: () = assert!(MASK.len() < SHORTEST);

#[cfg(test)]
mod tests;
