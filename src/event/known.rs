//! Secrets that are hidden wherever they stand: every ticket that this service issued, every password that it was shown.
//!
//! A field that is known to hold a secret is hidden by its place (`server/http/secrets.rs`, `msnp/dictionary/secret.rs`).
//! A client may write the same secret anywhere else: in its friendly name, in another header, in base64. Every event
//! passes here on its way, so that no exit has to think of it.
//!
//! Tickets of one run begin with the same letters, so that no table of them is needed. Of passwords the latest
//! [`PASSWORDS`] are kept. One of fewer than [`SHORTEST`] bytes is not: hiding each place of a short word would tell what
//! it is, and leave a transcript that nobody can read.

use super::{EventKind, MASK, Masked, Secrets};
use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use parking_lot::{Mutex, RwLock};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Passwords that are kept, the latest.
const PASSWORDS: usize = 64;
/// Bytes of the shortest password that is hidden wherever it stands.
pub(crate) const SHORTEST: usize = 8;
/// Bytes of the longest one: no client of the 2000s has a longer.
const LONGEST: usize = 256;

/// The secrets of one run.
#[derive(Debug, Default)]
pub struct Known {
    words: Mutex<Words>,
    finder: RwLock<Option<Arc<Finder>>>,
}

#[derive(Debug, Default)]
struct Words {
    /// What every ticket of this run begins with, behind its `t=`.
    ticket: Option<String>,
    passwords: VecDeque<String>,
}

#[derive(Debug)]
struct Finder {
    automaton: AhoCorasick,
    /// How many of its patterns, the first ones, are beginnings of a ticket: the rest of it follows.
    begins: usize,
}

impl Known {
    /// Tickets of this run begin with these letters.
    pub fn tickets_begin_with(&self, marker: &str) {
        let mut words = self.words.lock();
        words.ticket = Some(marker.to_owned());
        self.build(&words);
    }

    /// This password was shown.
    pub fn password(&self, password: &str) {
        if !(SHORTEST..=LONGEST).contains(&password.len()) {
            return;
        }
        let mut words = self.words.lock();
        if let Some(at) = words.passwords.iter().position(|held| held == password) {
            // The latest stay; that one is late again.
            let held = words.passwords.remove(at);
            words.passwords.extend(held);
            return;
        }
        if words.passwords.len() == PASSWORDS {
            words.passwords.pop_front();
        }
        words.passwords.push_back(password.to_owned());
        self.build(&words);
    }

    fn build(&self, words: &Words) {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        if let Some(ticket) = &words.ticket {
            patterns.push(ticket.as_bytes().to_vec());
            in_base64(ticket, &mut patterns);
        }
        let begins = patterns.len();
        for password in &words.passwords {
            patterns.push(password.as_bytes().to_vec());
            in_base64(password, &mut patterns);
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns);
        // It can only be too large, and the bounds above keep it far from that.
        let finder = automaton.ok().map(|automaton| Finder { automaton, begins });
        *self.finder.write() = finder.map(Arc::new);
    }

    /// Where they stand in these bytes, as they are and as they would be read.
    fn ranges(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let Some(finder) = self.finder.read().clone() else {
            return Vec::new();
        };
        let mut found = finder.ranges(bytes);
        for (sign, read) in READINGS {
            if memchr::memchr(sign, bytes).is_some() {
                let view = View::of(bytes, sign, read);
                let ranges = finder.ranges(&view.bytes).into_iter();
                found.extend(ranges.map(|range| view.at[range.start]..view.at[range.end]));
            }
        }
        found
    }

    fn text(&self, text: &mut String) {
        let found = self.ranges(text.as_bytes());
        if !found.is_empty() {
            let mut secrets = Secrets::default();
            secrets.add(found);
            let hidden = secrets.mask(text.as_bytes(), 0, text.len(), false);
            *text = String::from_utf8_lossy(&hidden).into_owned();
        }
    }

    fn maybe(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn masked(&self, masked: &mut Masked) {
        masked.secrets.add(self.ranges(&masked.bytes));
    }

    /// Hides them in what an event says of a client, and in every sentence.
    pub(super) fn hide(&self, kind: &mut EventKind) {
        if self.finder.read().is_none() {
            return;
        }
        match kind {
            EventKind::Frame(told) => told.secrets.add(self.ranges(told.frame.wire())),
            EventKind::Http(told) => {
                self.masked(&mut told.request);
                self.masked(&mut told.response);
                self.text(&mut told.target);
                self.text(&mut told.method);
                self.maybe(&mut told.host);
                self.maybe(&mut told.account);
            }
            EventKind::Tls(told) => {
                self.maybe(&mut told.sni);
                if let Some(failure) = &mut told.failure {
                    self.text(&mut failure.text);
                }
            }
            EventKind::Client(info) => {
                for text in [
                    &mut info.account,
                    &mut info.name,
                    &mut info.personal_message,
                    &mut info.media,
                    &mut info.capabilities,
                    &mut info.endpoint,
                    &mut info.machine,
                ] {
                    self.maybe(text);
                }
                if let Some(software) = &mut info.software {
                    self.text(&mut software.name);
                    self.text(&mut software.version);
                    self.text(&mut software.system);
                }
            }
            EventKind::SignedIn { account, .. } => self.text(account),
            EventKind::SignedOut { account, reason } => {
                self.text(account);
                self.text(reason);
            }
            EventKind::Finding(finding) => {
                self.text(&mut finding.field);
                self.text(&mut finding.text);
            }
            EventKind::Disconnected { reason, .. } => self.text(reason),
            EventKind::Reply(reply) => self.text(&mut reply.text),
            EventKind::Notice { text, .. } => self.text(text),
            // What the operator has and does, and addresses.
            EventKind::Roster(_)
            | EventKind::Listening { .. }
            | EventKind::Connected { .. }
            | EventKind::Contact(_) => {}
        }
    }
}

/// Where a ticket ends that has begun: with the last letter of its alphabet, over a fold of lines too.
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
    fn ranges(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let found = self.automaton.find_iter(bytes);
        found
            .map(|found| {
                let is_begin = found.pattern().as_usize() < self.begins;
                let end = if is_begin {
                    end_of_ticket(bytes, found.end())
                } else {
                    found.end()
                };
                found.start()..end
            })
            .collect()
    }
}

/// Reads what begins with a sign: the byte that it stands for, and how many bytes it takes.
type Reading = fn(&[u8]) -> Option<(u8, usize)>;

/// The ways in which a client may write any letter of a secret, and their signs.
const READINGS: [(u8, Reading); 3] = [(b'%', percent), (b'&', entity), (b'\\', escape)];

/// Bytes as they would be read, and where each of them, and their end, stands in what was written.
struct View {
    bytes: Vec<u8>,
    at: Vec<usize>,
}

impl View {
    fn of(written: &[u8], sign: u8, read: Reading) -> Self {
        let (mut bytes, mut places) = (Vec::with_capacity(written.len()), Vec::new());
        let mut at = 0;
        while at < written.len() {
            let found = (written[at] == sign)
                .then(|| read(&written[at..]))
                .flatten();
            let (byte, length) = found.unwrap_or((written[at], 1));
            bytes.push(byte);
            places.push(at);
            at += length;
        }
        places.push(written.len());
        Self { bytes, at: places }
    }
}

/// A number of this base, as a byte.
fn number(digits: &[u8], base: u32) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits, base).ok()
}

fn percent(bytes: &[u8]) -> Option<(u8, usize)> {
    Some((number(bytes.get(1..3)?, 16)?, 3))
}

fn entity(bytes: &[u8]) -> Option<(u8, usize)> {
    /// Bytes of the longest that is read, `&#x0000XX;`.
    const LONGEST: usize = 10;
    let end = memchr::memchr(b';', &bytes[..bytes.len().min(LONGEST)])?;
    let byte = match &bytes[1..end] {
        b"amp" => b'&',
        b"lt" => b'<',
        b"gt" => b'>',
        b"quot" => b'"',
        b"apos" => b'\'',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    Some((byte, end + 1))
}

fn escape(bytes: &[u8]) -> Option<(u8, usize)> {
    match bytes.get(1)? {
        b'u' => match bytes.get(2..6)? {
            [b'0', b'0', digits @ ..] => Some((number(digits, 16)?, 6)),
            _ => None,
        },
        b'x' => Some((number(bytes.get(2..4)?, 16)?, 4)),
        byte => Some((*byte, 2)),
    }
}

/// The letters of base64 that are the same whatever stands before and behind, for each of the three ways to begin.
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

/// The bytes that stand for a secret are not one themselves.
const _: () = assert!(MASK.len() < SHORTEST);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MARKER: &str = "Q7fK2mZpX9wL";

    fn known(password: &str) -> Known {
        let known = Known::default();
        known.tickets_begin_with(MARKER);
        known.password(password);
        known
    }

    fn shown(known: &Known, text: &str) -> String {
        let mut text = text.to_owned();
        known.text(&mut text);
        text
    }

    #[test]
    fn a_ticket_is_hidden_to_its_end_cut_folded_or_in_base64() {
        let known = Known::default();
        known.tickets_begin_with(MARKER);
        let ticket = format!("t={MARKER}abc-DEF_123&p=");
        assert_eq!(
            shown(&known, &format!("PRP 6 MFN {ticket} x")),
            "PRP 6 MFN t=***&p= x"
        );
        assert_eq!(shown(&known, &format!("a {}", &ticket[..16])), "a t=***");
        assert_eq!(
            shown(&known, &format!("t={MARKER}ab\r\n\tcd&p=\r\nx: y")),
            "t=***&p=\r\nx: y"
        );
        for before in ["", "x", "xy", "t="] {
            let hidden = shown(
                &known,
                &STANDARD_NO_PAD.encode(format!("{before}{MARKER}secret")),
            );
            assert!(hidden.ends_with("***") && hidden.len() < 8, "{hidden}");
        }
    }

    #[test]
    fn a_short_password_is_not_looked_for_and_the_oldest_of_many_goes() {
        assert_eq!(shown(&known("asdf"), "asdf"), "asdf");
        let known = known("the first one");
        for n in 0..PASSWORDS {
            known.password(&format!("password number {n}"));
        }
        assert_eq!(
            shown(&known, "the first one, password number 7."),
            "the first one, ***."
        );
        assert_eq!(known.words.lock().passwords.len(), PASSWORDS);
    }

    proptest! {
        #[test]
        fn a_password_is_hidden_in_every_form_and_nothing_else_is(
            password in "[!-~]{8,20}", before in "[a-z ]{0,9}", after in "[ .]{1,3}"
        ) {
            prop_assume!(!"*** ".contains(&password));
            let known = known(&password);
            let each = |write: fn(char) -> String| password.chars().map(write).collect::<String>();
            for form in [
                password.clone(),
                each(|c| format!("%{:02X}", u32::from(c))),
                each(|c| if c.is_alphanumeric() { c.to_string() } else { format!("%{:02x}", u32::from(c)) }),
                each(|c| if c == '%' { "%25".into() } else { c.to_string() }),
                each(|c| if c == '<' { "&lt;".into() } else { format!("&#{};", u32::from(c)) }),
                each(|c| if c == '&' { "&amp;".into() } else { c.to_string() }),
                each(|c| format!("\\u{:04x}", u32::from(c))),
                each(|c| if "\\\"".contains(c) { format!("\\{c}") } else { c.to_string() }),
            ] {
                let text = shown(&known, &format!("{before}{form}{after}"));
                prop_assert!(text.contains("***"), "{form}: {text}");
                prop_assert!(!text.contains(&form), "{form}: {text}");
            }
            let whole = STANDARD_NO_PAD.encode(format!("{before}{password}{after}"));
            prop_assert!(shown(&known, &whole).contains("***"));
            prop_assert_eq!(shown(&known, &before), before);
        }

        #[test]
        fn every_event_that_quotes_a_secret_is_hidden(password in "[a-zA-Z0-9]{8,16}", at in 0usize..6) {
            let known = known(&password);
            let secret = if at % 2 == 0 { password.clone() } else { format!("{MARKER}xyz") };
            let quoted = format!("he said {secret} and left");
            let mut kind = match at {
                0 => EventKind::Notice { severity: super::super::Severity::Info, text: quoted },
                1 => EventKind::SignedOut { account: "a@b".into(), reason: quoted },
                2 => EventKind::Disconnected {
                    service: super::super::Service::Notification, reason: quoted, bytes_in: 0, bytes_out: 0,
                },
                _ => EventKind::Finding(Box::new(super::super::Finding {
                    id: "bare-lf", severity: super::super::Severity::Info, field: quoted.clone(), text: quoted, evidence: None,
                })),
            };
            known.hide(&mut kind);
            let all = format!("{:?}", kind);
            prop_assert!(!all.contains(&secret));
        }
    }
}
