//! What an old machine's browser reached of nudge, by the pictures that it fetched: the other side of the check page.

use crate::msnp::escape::{shortened, to_text};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;

/// The path of the picture that says yes, in lower case.
pub const PICTURE: &str = "/check/yes.gif";
/// The picture: a tick, 16 by 16.
pub const YES: &[u8] = b"GIF89a\x10\x00\x10\x00\x91\x00\x00\xff\xff\xff.\x9e.\x1ck\x1c\x00\x00\x00!\xf9\x04\x01\x00\x00\
    \x00\x00,\x00\x00\x00\x00\x10\x00\x10\x00\x00\x02\x91\x04\x08\x10 @\x80\x00\x01\x02\x04\x08\x10 \
    @\x80\x00\x01\x06\x04\x08\x10 @\x80\x00\x11\x06\x04\x08\x10 @\x80\x00\x13\x0a\x04\x08\x10 @\x80\
    \x08#\x02\x04\x08\x10 @\x80\x09\x05\x02\x04\x08\x10 @\x84\x11\x01\x02D\x08\x10 \xc0\x84\x02\x01\
    \x02D\x18\x10 \xc2\x88\x00\x01\x02\x84\x98\x10`B\x81\x00\x01\x02\x04\xa80aD\x80\x00\x01\x02\x04\
    \x081\xa1@\x80\x00\x01\x02\x04\x08P\"@\x80\x00\x01\x02\x04\x08\x10 @\x80\x00\x01\x02\x04\x08\x10 \
    @\x80\x00\x01\x02\x04\x08\x10 @\x80\x00\x01\x02\x05\x00;";
/// The type of the picture.
pub const PICTURE_TYPE: &str = "image/gif";
/// The most checks in hand.
const MOST: usize = 64;
/// The most characters of a browser's name that are told.
const QUOTED: usize = 120;

/// What a picture is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// A host's name leads here.
    Name(String),
    /// The root is trusted.
    Trust,
    /// A port is reached.
    Port(u16),
}

impl Point {
    /// As a query writes it.
    pub fn word(&self) -> String {
        match self {
            Point::Name(name) => name.clone(),
            Point::Trust => "tls".to_owned(),
            Point::Port(port) => port.to_string(),
        }
    }
}

#[derive(Debug)]
struct Check {
    peer: IpAddr,
    browser: String,
    points: Vec<Point>,
    reached: BTreeSet<String>,
}

/// The checks in hand.
#[derive(Debug, Default)]
pub struct Checks(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    last: u64,
    checks: BTreeMap<u64, Check>,
}

impl Checks {
    /// A check of these points from there; its number, unless too many are in hand.
    pub fn begin(&self, peer: IpAddr, browser: &str, points: Vec<Point>) -> Option<u64> {
        let mut held = self.0.lock();
        if held.checks.len() >= MOST {
            return None;
        }
        held.last += 1;
        let number = held.last;
        let check = Check {
            peer,
            browser: shortened(&to_text(browser.as_bytes()), QUOTED),
            points,
            reached: BTreeSet::new(),
        };
        held.checks.insert(number, check);
        Some(number)
    }

    /// A picture was fetched with this query: `c=NUMBER&p=POINT`. What belongs to no check is passed over.
    pub fn reached(&self, query: &str) {
        let value = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let (Some(Ok(number)), Some(point)) = (value("c").map(str::parse), value("p")) else {
            return;
        };
        if let Some(check) = self.0.lock().checks.get_mut(&number)
            && check.points.iter().any(|known| known.word() == point)
        {
            check.reached.insert(point.to_owned());
        }
    }

    /// Ends a check: what came of it, in a sentence, and whether all is well.
    pub fn end(&self, number: u64) -> Option<(String, bool)> {
        let check = self.0.lock().checks.remove(&number)?;
        let (yes, no): (Vec<_>, Vec<_>) = check
            .points
            .iter()
            .partition(|point| check.reached.contains(&point.word()));
        let mut text = format!("check page, seen by {} ({}):", check.peer, check.browser);
        for (points, mark) in [(&yes, '\u{2713}'), (&no, '\u{2717}')] {
            for point in points {
                let _ = match point {
                    Point::Name(name) => write!(text, " {mark} {name}"),
                    Point::Trust => write!(text, " {mark} root trusted over TLS"),
                    Point::Port(port) => write!(text, " {mark} port {port}"),
                };
            }
        }
        Some((text, no.is_empty()))
    }
}

/// The query of the first line of a request for the picture; for a port that does not speak HTTP otherwise. `None` for
/// anything else.
pub fn asked(bytes: &[u8]) -> Option<&str> {
    let line = &bytes[..memchr::memchr(b'\n', bytes)?];
    let line = std::str::from_utf8(line).ok()?;
    let target = line.strip_prefix("GET ")?.split_ascii_whitespace().next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    path.eq_ignore_ascii_case(PICTURE).then_some(query)
}

/// The picture as a whole answer.
pub fn answer() -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: nudge\r\nConnection: close\r\nCache-Control: private, no-cache\r\nContent-Type: {PICTURE_TYPE}\r\nContent-Length: {}\r\n\r\n",
        YES.len()
    );
    [head.as_bytes(), YES].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn what_was_fetched_is_told_with_what_was_not() {
        let checks = Checks::default();
        let points = vec![Point::Name("a.b".into()), Point::Trust, Point::Port(1863)];
        let number = checks.begin(PEER, "IE 6", points).expect("room");
        checks.reached(&format!("c={number}&p=a.b"));
        checks.reached(&format!("p=1863&c={number}"));
        for strange in [
            "c=99&p=tls".to_owned(),
            format!("c={number}&p=evil"),
            String::new(),
            "c=&p".to_owned(),
        ] {
            checks.reached(&strange);
        }
        let (text, well) = checks.end(number).expect("a check");
        assert_eq!(
            text,
            "check page, seen by 127.0.0.1 (IE 6): \u{2713} a.b \u{2713} port 1863 \u{2717} root trusted over TLS"
        );
        assert!(!well);
        assert_eq!(checks.end(number), None);
    }

    #[test]
    fn there_are_never_more_than_some_in_hand() {
        let checks = Checks::default();
        let begun = (0..2 * MOST).filter(|_| checks.begin(PEER, "", Vec::new()).is_some());
        assert_eq!(begun.count(), MOST);
    }

    #[test]
    fn the_picture_is_asked_for_by_its_path_alone() {
        for (line, query) in [
            (
                "GET /check/yes.gif?c=1&p=1863 HTTP/1.0\r\n",
                Some("c=1&p=1863"),
            ),
            ("GET /CHECK/yes.gif HTTP/1.1\r\nHost: x\r\n", Some("")),
            ("GET /check/yes.gif?c=1", None),
            ("GET / HTTP/1.1\r\n", None),
            ("POST /check/yes.gif HTTP/1.1\r\n", None),
            ("VER 1 MSNP8\r\n", None),
        ] {
            assert_eq!(asked(line.as_bytes()), query, "{line:?}");
        }
    }
}
