//! Recognises by its first bytes a client that is no Messenger, or a Messenger at the wrong port. An event says what the bytes
//! are and what that means. The connection is closed, since nothing at this port could answer it.

use super::tls::sniff::{self, Decision};
use crate::event::{Finding, Service, ServiceFinding, Severity, ours, say};
use crate::msnp::line::tokens;
use crate::msnp::written::miswritten;
use crate::msnp::{Direction, dictionary};
use std::fmt;
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
    /// A request for a proxy to connect somewhere.
    Connect,
    /// A request with an absolute URI, as a proxy gets it.
    Proxied,
    /// A command whose verb is in lower case.
    LowerCase,
    /// Text of two bytes a letter.
    Utf16,
    /// A byte-order mark before the first command.
    ByteOrderMark,
    /// A line that ends in CR CR LF.
    TwoReturns,
    /// A request for a WebSocket.
    WebSocket,
    /// Bytes that are no text, of no protocol that is known here.
    Binary,
    /// Another protocol, known by its beginning.
    Other(&'static Foreign),
}

/// A protocol that is none of nudge's.
#[derive(Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its name.
    name: &'static str,
    /// What it means that it came.
    meaning: &'static str,
}

const PROXY: &str = "takes nudge for that proxy: clear it in the client's connection settings and in those of its system";

macro_rules! foreigners {
    ($($protocol:ident $name:literal $meaning:literal;)*) => {
        $(static $protocol: Foreign = Foreign { name: $name, meaning: $meaning };)*
    };
}

// The name of each, and what it means that it came.
foreigners! {
    SOCKS "SOCKS"
        "the client has a SOCKS proxy set, and takes nudge for that proxy: clear it in the client's connection settings and in those of its system";
    SIP "SIP"
        "this is a client of another kind (Windows Messenger for Live Communications Server, a telephone): choose the .NET Messenger Service in its account settings";
    SSH "SSH" "a program looks for an SSH server at this port";
    RDP "RDP (Remote Desktop)" "a program looks for a remote desktop at this port";
    SMB "SMB (file sharing)" "a program looks for shared files at this port";
    TELNET "telnet" "somebody came with a telnet program, which negotiates first: use one that sends what is typed unchanged (nc)";
    XMPP "XMPP (Jabber)" "this is a client of another service: an account of another kind is set in it";
    IRC "IRC" "this is a client of another service: an account of another kind is set in it";
    MAIL "SMTP, POP3 or FTP (mail, files)" "a mail or file program was given this port";
    PROXY_LINE "the PROXY protocol"
        "a load balancer or tunnel before nudge announces its client first: switch that off (`send-proxy`, `proxy_protocol`)";
    YMSG "YMSG (Yahoo! Messenger)" "this is a client of another service: an account of another kind is set in it";
    OSCAR "OSCAR (AIM, ICQ)" "this is a client of another service: an account of another kind is set in it";
    TORRENT "BitTorrent" "a peer of a file exchange came to this port";
    HTTP2 "HTTP/2" "a program of today speaks to it without asking: no client of the 2000s does";
    RTSP "RTSP" "a media player or a scanner came to this port";
    MQTT "MQTT" "a program of another service came to this port";
    REDIS "Redis" "a program of another service came to this port";
    LDAP "LDAP" "a program looks for a directory at this port";
    POSTGRES "PostgreSQL" "a program looks for a database at this port";
    DNS "DNS" "a program looks for a name server at this port";
    X11 "X11" "a program looks for a display at this port";
    JSON "JSON" "a program of another service came to this port";
}

/// Protocols that are known by first bytes with which no line of text begins.
fn binary(bytes: &[u8]) -> Option<Speech> {
    let other = |of: &'static Foreign| Some(Speech::Other(of));
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some(Speech::ByteOrderMark),
        [0xff, 0xfe, letter, 0, ..] | [0xfe, 0xff, 0, letter, ..] if letter.is_ascii_graphic() => {
            Some(Speech::Utf16)
        }
        [a, 0, b, 0, ..] | [0, a, 0, b, ..]
            if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() =>
        {
            Some(Speech::Utf16)
        }
        // Version, how many ways to sign in, and these.
        [5, count, ways @ ..] if *count > 0 && ways.len() >= usize::from(*count) => other(&SOCKS),
        // Version, command, port, address, user.
        [4, 1 | 2, _, _, _, _, _, _, ..] => other(&SOCKS),
        [0xff, 0xf0..=0xfe, _, ..] => other(&TELNET),
        [3, 0, _, _, _, 0xe0, ..] => other(&RDP),
        [0, _, _, _, 0xff | 0xfe, b'S', b'M', b'B', ..] | [0x81, 0, 0, 0x44, ..] => other(&SMB),
        [0x2a, 1, _, _, 0, 4, 0, 0, 0, 1, ..] => other(&OSCAR),
        [0x10, _, 0, 4 | 6, b'M', b'Q', ..] => other(&MQTT),
        [0x30, _, 2, 1, _, 0x60, ..] => other(&LDAP),
        [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f, ..] | [0, 0, _, _, 0, 3, 0, 0, ..] => other(&POSTGRES),
        [0, _, _, _, 1 | 0, 0, 0, 1, ..] => other(&DNS),
        [b'l', 0, 11, 0, ..] | [b'B', 0, 0, 11, ..] => other(&X11),
        _ => None,
    }
}

/// Known by how they begin.
const BEGINNINGS: &[(&[u8], &Foreign)] = &[
    (b"SSH-", &SSH),
    (b"<?xml", &XMPP),
    (b"<stream", &XMPP),
    (b"PROXY TCP", &PROXY_LINE),
    (b"PROXY UNKNOWN", &PROXY_LINE),
    (b"\r\n\r\n\0\r\nQUIT\n", &PROXY_LINE),
    (b"YMSG", &YMSG),
    (b"\x13BitTorrent", &TORRENT),
    (b"PRI * HTTP/2.0", &HTTP2),
    (b"*1\r\n$", &REDIS),
    (b"*2\r\n$", &REDIS),
    (b"{\"", &JSON),
];

/// Known by the first word of a whole line, and how many words there are at least.
const WORDS: &[(&[u8], usize, &Foreign)] = &[
    (b"NICK", 2, &IRC),
    (b"CAP", 2, &IRC),
    (b"USER", 4, &IRC),
    (b"PASS", 2, &IRC),
    (b"EHLO", 1, &MAIL),
    (b"HELO", 1, &MAIL),
    (b"USER", 2, &MAIL),
    (b"CAPA", 1, &MAIL),
    (b"STARTTLS", 1, &MAIL),
    (b"AUTH", 1, &MAIL),
];

/// How many bytes are looked at for whether they are text, and how many of them have to be none.
const LOOKED_AT: usize = 8;
const NO_TEXT: usize = 2;

/// Whether these bytes are no text, and no command with something before it either.
fn is_binary(bytes: &[u8]) -> bool {
    let no_text = |b: &u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\r' | b'\n' | 0x1b);
    bytes
        .get(..LOOKED_AT)
        .is_some_and(|begin| begin.iter().filter(|b| no_text(b)).count() >= NO_TEXT)
        && miswritten(bytes).is_none()
}

/// Whether the head of a request asks for a WebSocket.
fn asks_for_web_socket(head: &[u8]) -> bool {
    head.split(|b| *b == b'\n').skip(1).any(|line| {
        let line = line.trim_ascii().to_ascii_lowercase();
        line.starts_with(b"upgrade:") && line.ends_with(b"websocket")
    })
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
        if let Some(known) = binary(bytes) {
            return Some(known);
        }
        let begins = |(begin, _): &&(&[u8], &Foreign)| bytes.starts_with(begin);
        if let Some((_, known)) = BEGINNINGS.iter().find(begins) {
            return Some(Speech::Other(known));
        }
        if is_binary(bytes) {
            return Some(Speech::Binary);
        }
        let end = memchr::memchr(b'\n', bytes);
        let line = &bytes[..end.unwrap_or(bytes.len())];
        let returns = line.iter().rev().take_while(|b| **b == b'\r').count();
        let line = line.trim_ascii_end();
        let mut words = tokens(line);
        let verb = words.next()?;
        let second = words.next();
        let (count, last) = words.fold((2, second), |(count, _), word| (count + 1, Some(word)));
        if end.is_some() {
            let is_request = |with: &[u8]| last.is_some_and(|last| last.starts_with(with));
            if is_request(b"HTTP/") {
                let absolute =
                    second.is_some_and(|uri| memchr::memmem::find(uri, b"://").is_some());
                return Some(match verb {
                    _ if asks_for_web_socket(bytes) => Speech::WebSocket,
                    b"CONNECT" => Speech::Connect,
                    _ if absolute => Speech::Proxied,
                    _ => Speech::Http,
                });
            }
            if is_request(b"SIP/") {
                return Some(Speech::Other(&SIP));
            }
            if is_request(b"RTSP/") {
                return Some(Speech::Other(&RTSP));
            }
            // As one client asks the nexus.
            if matches!(verb, b"GET" | b"POST" | b"HEAD")
                && second.is_some_and(|s| s.starts_with(b"/"))
            {
                return Some(Speech::Http);
            }
            let word = WORDS
                .iter()
                .find(|(word, least, _)| *word == verb && count >= *least);
            if let Some((_, _, known)) = word {
                return Some(Speech::Other(known));
            }
        }
        // A verb is recognised before its line has an end, unless it is a method of HTTP too.
        let whole = end.is_some() || bytes.get(verb.len()) == Some(&b' ') && verb != b"PUT";
        let is_verb = |verb: &[u8]| dictionary::lookup(verb, Direction::In).is_some();
        if !whole {
            return None;
        }
        if is_verb(verb) {
            return Some(if returns > 1 {
                Speech::TwoReturns
            } else {
                Speech::Msnp
            });
        }
        let upper = verb.to_ascii_uppercase();
        (upper != verb && is_verb(&upper)).then_some(Speech::LowerCase)
    }

    /// Who begins so at this door, where nothing served there could answer.
    pub fn refused(bytes: &[u8], door: Service) -> Option<Stranger> {
        let speech = Self::of(bytes)?;
        let at_home = match (speech, door) {
            (Speech::Msnp, Service::Notification | Service::Switchboard)
            | (Speech::Tls, Service::Https) => true,
            // HTTP in the clear is served at both doors of the web, whatever host it names.
            // Both serve a client that takes them for its proxy, too.
            (Speech::Http | Speech::Proxied | Speech::Connect, Service::Http | Service::Https) => {
                true
            }
            _ => false,
        };
        (!at_home).then_some(Stranger { speech, door })
    }
}

/// Who came to a door where nobody speaks its language. Its `Display` is why the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stranger {
    speech: Speech,
    door: Service,
}

impl Stranger {
    /// Whether it is a client of the 2000s that was given the wrong port.
    fn is_at_wrong_port(self) -> bool {
        matches!(self.speech, Speech::Tls | Speech::Http | Speech::Msnp)
    }

    /// The finding that says so.
    pub fn finding(self) -> Finding {
        let (id, field, end) = match self.is_at_wrong_port() {
            true => (
                ServiceFinding::WrongPort,
                "port",
                "; nudge says its own when it starts. The connection is closed",
            ),
            false => (
                ServiceFinding::NotMsnp,
                "first bytes",
                ". The connection is closed",
            ),
        };
        Finding {
            id: id.into(),
            severity: Severity::Warning,
            field: field.into(),
            text: say!("{}{}", ours(self), ours(end)),
            evidence: None,
        }
    }
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let door = match self.door {
            Service::Notification => "notification",
            Service::Switchboard => "switchboard",
            Service::Https => "HTTPS",
            Service::Http => "HTTP",
        };
        let meant = match self.speech {
            Speech::Tls if matches!(self.door, Service::Notification | Service::Switchboard) => {
                "Passport and SOAP over TLS are at the HTTPS port, 443 at the real service"
            }
            Speech::Tls => "TLS is spoken at the HTTPS port, 443 at the real service",
            Speech::Http => "the HTTP port is another, 80 at the real service",
            Speech::Msnp => "the notification port is another, 1863 at the real service",
            Speech::Connect | Speech::Proxied => {
                return write!(
                    f,
                    "a request for an HTTP proxy came to the {door} port: the client, or its system, has a web proxy set, and {PROXY}"
                );
            }
            Speech::LowerCase => {
                return write!(
                    f,
                    "a verb in lower case came to the {door} port: verbs of MSNP are three letters in upper case (VER)"
                );
            }
            Speech::Utf16 => {
                return write!(
                    f,
                    "text in UTF-16 came to the {door} port, two bytes a letter: MSNP is UTF-8, one byte for each letter of a verb"
                );
            }
            Speech::ByteOrderMark => {
                return write!(
                    f,
                    "a byte-order mark (EF BB BF) came to the {door} port before the first verb: the client has to write UTF-8 without one"
                );
            }
            Speech::TwoReturns => {
                return write!(
                    f,
                    "a line that ends in CR CR LF (\\r\\r\\n) came to the {door} port: the client writes CR LF itself, and its stream makes CR LF of the LF once more (text mode)"
                );
            }
            Speech::WebSocket => {
                return write!(
                    f,
                    "a WebSocket was asked for at the {door} port, as a script in a browser does, which has no plain sockets: MSNP goes over TCP alone, and a bridge between the two (such as websockify) is wanted"
                );
            }
            Speech::Binary => {
                return write!(
                    f,
                    "bytes that are no text came to the {door} port: this is another program, of no protocol that is known here, and no Messenger"
                );
            }
            Speech::Other(foreign) => {
                return write!(
                    f,
                    "{} came to the {door} port: {}",
                    foreign.name, foreign.meaning
                );
            }
        };
        let what = match self.speech {
            Speech::Tls => "TLS",
            Speech::Http => "HTTP",
            _ => "MSNP",
        };
        write!(f, "{what} came to the {door} port: {meant}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::FindingId;

    #[test]
    fn first_bytes_are_known_for_what_they_are() {
        for (bytes, speech) in [
            (&b"GET /rdr/pprdr.asp HTTP/1.1\r\n"[..], Some(Speech::Http)),
            (b"POST /login2.srf HTTP/1.0\n", Some(Speech::Http)),
            (b"VER 1 MSNP16 MSNP15 CVR0\r\n", Some(Speech::Msnp)),
            (b"PNG\r\n", Some(Speech::Msnp)),
            (b"VER 1 MSN", Some(Speech::Msnp)),
            (b"PUT /a HTTP/1.1\r\n", Some(Speech::Http)),
            (b"GET /rdr/pprdr.asp\r\n", Some(Speech::Http)),
            (b"\x16\x03\x01\x00\x05", Some(Speech::Tls)),
            (
                b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x01",
                Some(Speech::Tls),
            ),
            // SSLv2-format, as of Messenger for Mac.
            (b"\x80\x2e\x01\x03\x01\x00\x15", Some(Speech::Tls)),
            (b"\x05\x01\x00", Some(Speech::Other(&SOCKS))),
            (b"\x05\x02\x00\x02", Some(Speech::Other(&SOCKS))),
            (
                b"\x04\x01\x07\x47\x01\x02\x03\x04me\0",
                Some(Speech::Other(&SOCKS)),
            ),
            (
                b"CONNECT messenger.hotmail.com:1863 HTTP/1.0\r\n",
                Some(Speech::Connect),
            ),
            (b"GET http://a.example/ HTTP/1.1\r\n", Some(Speech::Proxied)),
            (b"OPTIONS sip:x SIP/2.0\r\n", Some(Speech::Other(&SIP))),
            (b"ver 1 MSNP16 CVR0\r\n", Some(Speech::LowerCase)),
            (b"Ver 1 ", Some(Speech::LowerCase)),
            (b"\xff\xfeV\0E\0", Some(Speech::Utf16)),
            (b"\xfe\xff\0V\0E", Some(Speech::Utf16)),
            (b"V\0E\0R\0", Some(Speech::Utf16)),
            (b"\xef\xbb\xbfVER", Some(Speech::ByteOrderMark)),
            (b"VER 1 MSNP16 CVR0\r\r\n", Some(Speech::TwoReturns)),
            (b"SSH-2.0-x\r\n", Some(Speech::Other(&SSH))),
            (
                b"\x03\x00\x00\x13\x0e\xe0\x00\x00",
                Some(Speech::Other(&RDP)),
            ),
            (b"\0\0\0\x54\xfeSMB", Some(Speech::Other(&SMB))),
            (b"\xff\xfd\x03\xff\xfb\x18", Some(Speech::Other(&TELNET))),
            (b"NICK me\r\n", Some(Speech::Other(&IRC))),
            (b"EHLO x\r\n", Some(Speech::Other(&MAIL))),
            (
                b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
                Some(Speech::WebSocket),
            ),
            (
                b"\x10\x00\xfd\x05\x09localhost\x07G\x01",
                Some(Speech::Binary),
            ),
            // A command with something before it is told of as that.
            (b"\x13VER 1 MSNP15 CVR0\r\n", None),
            (b"\0\0\0\x13VER 1 MSNP15\r\n", None),
            // What cannot be told yet, or at all.
            (b"", None),
            (b"VE", None),
            (b"VER", None),
            (b"PUT /a", None),
            (b"GET / HTTP/1.1", None),
            (b"\x16\x03", None),
            (b"\x05", None),
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
        for (bytes, door) in [
            (&b"VER 1 MSNP16\r\n"[..], Service::Notification),
            (b"GET / HTTP/1.1\r\n", Service::Http),
            (b"GET / HTTP/1.1\r\n", Service::Https),
            (b"GET http://a.example/ HTTP/1.1\r\n", Service::Http),
            (b"\x16\x03\x01\x00\x05", Service::Https),
        ] {
            assert_eq!(Speech::refused(bytes, door), None);
        }
        assert_eq!(
            Speech::refused(b"CONNECT a:443 HTTP/1.0\r\n", Service::Http),
            None
        );
        let proxy = Speech::refused(b"CONNECT a:443 HTTP/1.0\r\n", Service::Notification);
        let finding = proxy.expect("nobody connects here").finding();
        assert_eq!(finding.id, FindingId::NotMsnp);
        assert!(
            finding.text.contains("has a web proxy set"),
            "{}",
            finding.text
        );
    }

    proptest::proptest! {
        #[test]
        fn any_first_bytes_are_looked_at_without_panic(bytes: Vec<u8>) {
            Speech::of(&bytes);
        }
    }
}
