//! Recognises a client that came to the wrong port. A sentence names the port that was meant, and the connection is
//! closed, since nothing served here could answer it.

use super::tls::sniff::{self, Decision};
use crate::event::{Finding, Service, Severity};
use crate::msnp::line::tokens;
use crate::msnp::{Direction, dictionary};
use std::ops::Range;

/// What the first bytes of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// A TLS hello, of any version and format.
    Tls,
    /// The first line of a request.
    Http,
    /// A command of the notification protocol.
    Msnp,
}

impl Speech {
    /// What these first bytes are, where that can be told from them.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        use Decision::{Legacy, Modern, Sslv2Only, Sslv3Only};
        let hello = sniff::decide(bytes);
        if let (Some(Legacy | Modern | Sslv2Only | Sslv3Only), _) | (_, [0x16, 3, 0..=4, ..]) =
            (hello, bytes)
        {
            return Some(Speech::Tls);
        }
        let end = memchr::memchr(b'\n', bytes);
        let line = bytes[..end.unwrap_or(bytes.len())].trim_ascii_end();
        let mut words = tokens(line);
        let verb = words.next()?;
        let is_request = words.last().is_some_and(|last| last.starts_with(b"HTTP/"));
        if end.is_some() && is_request {
            return Some(Speech::Http);
        }
        // A verb is known before its line has an end, but one that is a method too.
        let whole = end.is_some() || bytes.get(verb.len()) == Some(&b' ') && verb != b"PUT";
        (whole && dictionary::lookup(verb, Direction::In).is_some()).then_some(Speech::Msnp)
    }

    /// Why a connection ends that begins with these bytes at this door, where they can be told to be for another.
    pub fn refused(bytes: &[u8], door: Service) -> Option<&'static str> {
        Self::of(bytes)?.wrong_at(door)
    }

    /// Why the connection ends, where this is not what is spoken at this door. HTTP in the clear is served at both
    /// doors of the web.
    fn wrong_at(self, door: Service) -> Option<&'static str> {
        Some(match (self, door) {
            (Speech::Tls, Service::Notification) => {
                "TLS came to the notification port: Passport and SOAP over TLS are at the HTTPS port, 443 at the real service"
            }
            (Speech::Tls, Service::Http) => {
                "TLS came to the HTTP port: TLS is spoken at the HTTPS port, 443 at the real service"
            }
            (Speech::Http, Service::Notification) => {
                "HTTP came to the notification port: the HTTP port is another, 80 at the real service"
            }
            (Speech::Msnp, Service::Https) => {
                "MSNP came to the HTTPS port: the notification port is another, 1863 at the real service"
            }
            (Speech::Msnp, Service::Http) => {
                "MSNP came to the HTTP port: the notification port is another, 1863 at the real service"
            }
            _ => return None,
        })
    }
}

/// Where the query of a request stands, if this is the first line of one: a ticket or a password may be in it. Only
/// to be asked of a stranger's line: in one of MSNP the dictionary knows what is secret.
pub fn query(line: &[u8]) -> Option<Range<usize>> {
    let target = line
        .strip_suffix(b"HTTP/1.1")
        .or(line.strip_suffix(b"HTTP/1.0"))?;
    let start = memchr::memchr(b'?', target)? + 1;
    Some(start..target.trim_ascii_end().len().max(start))
}

/// The finding that says so.
pub fn finding(why: &str) -> Finding {
    Finding {
        id: "wrong-port",
        severity: Severity::Warning,
        field: "port".into(),
        text: format!("{why}; nudge says its own when it starts. The connection is closed"),
        evidence: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_are_known_for_what_they_are() {
        for (bytes, speech) in [
            (&b"GET /rdr/pprdr.asp HTTP/1.1\r\n"[..], Some(Speech::Http)),
            (b"POST /login2.srf HTTP/1.0\n", Some(Speech::Http)),
            (b"VER 1 MSNP16 MSNP15 CVR0\r\n", Some(Speech::Msnp)),
            (b"PNG\r\n", Some(Speech::Msnp)),
            (b"VER 1 MSN", Some(Speech::Msnp)),
            (b"PUT /a HTTP/1.1\r\n", Some(Speech::Http)),
            (b"\x16\x03\x01\x00\x05", Some(Speech::Tls)),
            (
                b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x01",
                Some(Speech::Tls),
            ),
            // SSLv2-format, as of Messenger for Mac.
            (b"\x80\x2e\x01\x03\x01\x00\x15", Some(Speech::Tls)),
            // What cannot be told yet, or at all.
            (b"", None),
            (b"VE", None),
            (b"VER", None),
            (b"PUT /a", None),
            (b"GET / HTTP/1.1", None),
            (b"\x16\x03", None),
            (b"hello there\r\n", None),
            (b"VERB 1\r\n", None),
            (b"\r\n", None),
        ] {
            assert_eq!(Speech::of(bytes), speech, "{:?}", bytes.escape_ascii());
        }
    }

    #[test]
    fn the_query_of_a_request_is_secret() {
        let shown = |line: &str| query(line.as_bytes()).map(|range| line[range].to_owned());
        let line = "GET /x?t=SECRET&p=SECRET HTTP/1.1";
        assert_eq!(shown(line).as_deref(), Some("t=SECRET&p=SECRET"));
        assert_eq!(shown("GET /x? HTTP/1.0").as_deref(), Some(""));
        assert_eq!(shown("GET /x HTTP/1.1"), None);
        assert_eq!(shown("URL 1 ?x"), None);
    }

    #[test]
    fn what_belongs_to_a_door_is_not_wrong_there() {
        for (speech, door) in [
            (Speech::Msnp, Service::Notification),
            (Speech::Http, Service::Http),
            (Speech::Http, Service::Https),
            (Speech::Tls, Service::Https),
        ] {
            assert_eq!(speech.wrong_at(door), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_first_bytes_are_looked_at_without_panic(bytes: Vec<u8>) {
            Speech::of(&bytes);
        }
    }
}
