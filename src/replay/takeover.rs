//! What a replayed client must say differently from the recorded one: tickets, nonces and the answer to a
//! challenge are the server's own, so the live server's are put where the recorded ones stood.

use crate::msnp::challenge;
use crate::msnp::line::tokens;
use crate::msnp::{Dialect, Frame};
use crate::recording::message::Message;
use memchr::memmem;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Shorter values than this are never replaced: they would be found where they are something else.
const LEAST: usize = 4;
/// The most values that are replaced: a sign-in has a handful.
const MOST: usize = 64;

/// Recorded values, and the live ones that stand for them.
#[derive(Debug, Default)]
pub(super) struct Takeover {
    values: BTreeMap<Vec<u8>, Live>,
    /// Live tickets in the place of which the recording has none.
    others: Vec<Vec<u8>>,
    challenge: Option<String>,
    dialect: Option<Dialect>,
}

#[derive(Debug)]
struct Live {
    value: Vec<u8>,
    /// A ticket, and no nonce.
    secret: bool,
}

impl Takeover {
    /// From now on the `live` ticket stands for the `recorded` one.
    pub fn ticket(&mut self, recorded: &[u8], live: &[u8]) {
        self.put(recorded, live, true);
    }

    fn put(&mut self, recorded: &[u8], live: &[u8], secret: bool) {
        let known = self.values.contains_key(recorded);
        if recorded.len() >= LEAST && !live.is_empty() && (known || self.values.len() < MOST) {
            let value = live.to_vec();
            self.values
                .insert(recorded.to_vec(), Live { value, secret });
        }
    }

    /// Whether the server has asked a challenge that is not answered yet.
    pub fn is_challenged(&self) -> bool {
        self.challenge.is_some()
    }

    /// The challenge has been answered.
    pub fn challenge_answered(&mut self) {
        self.challenge = None;
    }

    /// The connection has ended: the next one agrees on a dialect of its own, and asks its own challenges.
    pub fn hung_up(&mut self) {
        (self.dialect, self.challenge) = (None, None);
    }

    /// The live tickets, also as XML writes them: they are masked as the recorded ones are.
    pub fn secrets(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let secrets = self.values.values().filter(|live| live.secret);
        let all = secrets.map(|live| &live.value).chain(&self.others);
        all.flat_map(|value| [false, true].map(|escape| written(value, escape)))
    }

    /// Learns what there is to learn from a live answer and the recorded one in its place.
    pub fn answer(&mut self, live: &Frame, recorded: Option<&Frame>) {
        if live.verb() == b"VER" {
            self.dialect = live.tokens().nth(2).and_then(Dialect::from_token);
        }
        if live.verb() == b"CHL" {
            let text = live.tokens().nth(2).map(String::from_utf8_lossy);
            self.challenge = text.map(Cow::into_owned);
        }
        if let Some(recorded) = recorded
            && let (Some(recorded), Some(live)) = (parameters(recorded), parameters(live))
        {
            self.put(&recorded, &live, false);
        }
    }

    /// Learns the ticket from a live answer over HTTP and the recorded one in its place.
    pub fn exchange(&mut self, live: &[u8], recorded: &[u8]) {
        match (ticket(recorded), ticket(live)) {
            (Some(recorded), Some(live)) => self.ticket(recorded, live),
            (None, Some(live)) if self.others.len() < MOST => self.others.push(live.to_vec()),
            _ => {}
        }
    }

    /// A recorded line as it is to be sent now, its payload's length made true again.
    pub fn line(&self, frame: &Frame) -> Vec<u8> {
        let payload_at = frame.payload_at();
        let Some(at) = payload_at else {
            return self.replaced(frame.wire());
        };
        let line = self.replaced(&frame.wire()[..at]);
        let payload = match self.challenge_answer(frame) {
            Some(answer) => answer.into_bytes(),
            None => self.replaced(&frame.wire()[at..]),
        };
        if payload.len() == frame.wire().len() - at {
            return [line, payload].concat();
        }
        let trimmed = line.trim_ascii_end();
        let end = &line[trimmed.len()..];
        let before = memchr::memrchr(b' ', trimmed).map_or(0, |space| space + 1);
        let length = payload.len().to_string();
        [&line[..before], length.as_bytes(), end, &payload].concat()
    }

    /// A recorded request as it is to be sent now; in a body of XML the values are escaped.
    pub fn request(&self, bytes: &[u8]) -> Vec<u8> {
        let (head, body) = bytes.split_at(Message::new(bytes).head);
        let xml = body.trim_ascii_start().starts_with(b"<");
        [self.with_values(head, false), self.with_values(body, xml)].concat()
    }

    /// Recorded bytes with every known value replaced.
    fn replaced(&self, bytes: &[u8]) -> Vec<u8> {
        self.with_values(bytes, false)
    }

    fn with_values(&self, bytes: &[u8], xml: bool) -> Vec<u8> {
        let mut pairs: Vec<_> = self
            .values
            .iter()
            .map(|(recorded, live)| (written(recorded, xml), written(&live.value, xml)))
            .collect();
        pairs.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.len()));
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        // One pass, so that what has been put in is not looked through again.
        'bytes: while at < bytes.len() {
            for (recorded, live) in &pairs {
                if bytes[at..].starts_with(recorded) {
                    out.extend_from_slice(live);
                    at += recorded.len();
                    continue 'bytes;
                }
            }
            out.push(bytes[at]);
            at += 1;
        }
        out
    }

    fn challenge_answer(&self, frame: &Frame) -> Option<String> {
        if frame.verb() != b"QRY" {
            return None;
        }
        let challenge = self.challenge.as_deref()?;
        let product = std::str::from_utf8(frame.tokens().nth(2)?).ok()?;
        let key = challenge::key(product)?;
        let dialect = self.dialect.unwrap_or(Dialect::MSNP16);
        Some(challenge::answer(dialect, challenge, product, key))
    }
}

fn written(value: &[u8], escaped: bool) -> Cow<'_, [u8]> {
    if !escaped || memchr::memchr(b'&', value).is_none() {
        return value.into();
    }
    let mut out = Vec::with_capacity(value.len() + 8);
    for byte in value {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            byte => out.push(*byte),
        }
    }
    out.into()
}

/// The parameters that the service gives for Passport: the rest of `USR n TWN S …`.
fn parameters(frame: &Frame) -> Option<Vec<u8>> {
    let mut words = tokens(frame.line());
    let is = words.next()? == b"USR";
    let (_, method, stage) = (words.next()?, words.next()?, words.next()?);
    let rest: Vec<&[u8]> = words.collect();
    (is && method == b"TWN" && stage == b"S" && !rest.is_empty()).then(|| rest.join(&b' '))
}

/// The ticket of a login's answer.
fn ticket(response: &[u8]) -> Option<&[u8]> {
    let from = memmem::find(response, b"from-PP='")? + b"from-PP='".len();
    let length = memchr::memchr2(b'\'', b'\r', &response[from..])?;
    Some(&response[from..from + length])
}

/// The ticket that a recorded client shows: the fifth word of `USR n TWN S ticket …`.
pub(super) fn shown_ticket(frame: &Frame) -> Option<&[u8]> {
    let mut words = tokens(frame.line());
    let is = words.next()? == b"USR" && words.next().is_some();
    let (method, stage) = (words.next()?, words.next()?);
    (is && matches!(method, b"TWN" | b"SSO") && stage == b"S").then(|| words.next())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn frame(wire: &'static [u8]) -> Frame {
        Frame::from_wire(Bytes::from_static(wire))
    }

    #[test]
    fn the_servers_own_values_stand_where_the_recorded_ones_stood() {
        let mut takeover = Takeover::default();
        takeover.answer(
            &frame(b"USR 3 TWN S lc=1033,tpf=live\r\n"),
            Some(&frame(b"USR 3 TWN S fake=1\r\n")),
        );
        takeover.exchange(
            b"HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 from-PP='t=live&p='\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 from-PP='t=old&p='\r\n\r\n",
        );
        let header = takeover.replaced(b"Authorization: Passport1.4 fake=1,OrgVerb=GET");
        assert_eq!(
            header,
            b"Authorization: Passport1.4 lc=1033,tpf=live,OrgVerb=GET"
        );
        let usr = takeover.line(&frame(b"USR 4 TWN S t=old&p= 2354\r\n"));
        assert_eq!(usr, b"USR 4 TWN S t=live&p= 2354\r\n");
        let xml = takeover.request(b"POST / HTTP/1.1\r\nA: t=old&p=\r\n\r\n<a>t=old&amp;p=</a>");
        assert_eq!(
            xml,
            b"POST / HTTP/1.1\r\nA: t=live&p=\r\n\r\n<a>t=live&amp;p=</a>"
        );
        // A ticket in which nothing is to be escaped, and one in its place in which something is.
        takeover.ticket(b"a=HENLO", b"t=live&p=");
        let xml = takeover.request(b"POST / HTTP/1.1\r\n\r\n<a>a=HENLO</a>");
        assert_eq!(xml, b"POST / HTTP/1.1\r\n\r\n<a>t=live&amp;p=</a>");
        let payload = takeover.line(&frame(b"UUX 9 8\r\nt=old&p="));
        assert_eq!(payload, b"UUX 9 9\r\nt=live&p=");
        assert_eq!(
            shown_ticket(&frame(b"USR 4 TWN S t=old&p= 2354\r\n")),
            Some(&b"t=old&p="[..])
        );
        assert_eq!(shown_ticket(&frame(b"USR 4 TWN I me@local\r\n")), None);
    }

    #[test]
    fn a_challenge_is_answered_for_the_live_one() {
        let mut takeover = Takeover::default();
        let query = frame(b"QRY 9 PROD0090YUAUV{2B 32\r\n00000000000000000000000000000000");
        assert_eq!(takeover.line(&query), query.wire()[..]);
        takeover.answer(&frame(b"VER 1 MSNP15 CVR0\r\n"), None);
        takeover.answer(&frame(b"CHL 0 22210219642164014968\r\n"), None);
        let key = challenge::key("PROD0090YUAUV{2B").expect("a key");
        let answer = challenge::newer("22210219642164014968", "PROD0090YUAUV{2B", key);
        let sent = takeover.line(&query);
        assert_eq!(
            sent,
            [b"QRY 9 PROD0090YUAUV{2B 32\r\n", answer.as_bytes()].concat()
        );
    }
}
