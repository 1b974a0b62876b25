//! One sign-in as a list of steps in which all that differs from run to run is masked: transaction ids, tickets,
//! nonces, times, GUIDs, and addresses in URLs; header fields that every web server writes of itself are left out.
//! `diff` and `replay` both compare these.

use crate::event::{Event, EventKind, FrameEvent, HttpExchange, Service, TlsHandshake};
use crate::msnp::escape::to_screen;
use crate::msnp::{Direction, TransactionId, dictionary, errors};
use crate::recording::crc::crc32;
use crate::recording::message::Message;
use regex::{Captures, Regex, RegexBuilder};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The most lines of one body that are compared.
const MOST_LINES: usize = 20_000;
/// The longest line that is compared as it is, in bytes. Of a longer one, which no client or server of the time has
/// ever sent, the beginning is, and the checksum of the whole.
const LONGEST: usize = 16 * 1024;
/// Header fields that say nothing of a sign-in: every web server and every proxy has its own.
const HOUSEKEEPING: [&str; 5] = [
    "connection",
    "keep-alive",
    "date",
    "server",
    "cache-control",
];

/// What a step is part of. The order is compared within a lane: between the two it is chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The notification connection.
    Notification,
    /// TLS handshakes and requests over HTTP.
    Web,
}

/// One step of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it belongs.
    pub lane: Lane,
    /// What kind of step it is: steps of the same kind are compared with each other.
    pub key: String,
    /// Its lines, masked and safe for a screen: the first is its name, payload or headers follow.
    pub lines: Vec<String>,
    /// Whether the server says it: a line of its, or how a handshake went. A request, with its answer, is the
    /// client's.
    pub is_answer: bool,
    /// Whether it says no more than that the client is there, or that it goes.
    pub is_ping: bool,
}

impl Step {
    /// Its first line.
    pub fn name(&self) -> &str {
        self.lines.first().map_or("", String::as_str)
    }
}

/// One pattern of what is masked, and what stands for it.
type Mask = (Regex, &'static str);

static MASKS: LazyLock<Vec<Mask>> = LazyLock::new(|| {
    [
        // Tickets, where no secret range covers them.
        (r"\bt=[^&\s'<]+&(amp;)?p=[^\s'<,]*", "***"),
        // What the service puts into the TWN parameters to know the client again, and its clock.
        (r"\b(ct|rn|tpf)=[^,&\s'<]*", "$1=‹nonce›"),
        (
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            "‹guid›",
        ),
        (r"\b[0-9a-f]{32}\b", "‹guid›"),
        (
            r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
            "‹time›",
        ),
        (
            r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
            "‹time›",
        ),
        (
            r"\b(https?://)(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|localhost)(:\d+)?",
            "$1‹host›",
        ),
        // Where a client is sent to converse, and the number of the conversation to which it is rung.
        (r"\S+:\d{1,5} CKI\b", "‹host› CKI"),
        (r"\bRNG \d+ ", "RNG ‹number› "),
        // The port of a host is the run's, its name is not.
        (r"\b((?:[a-z0-9-]+\.)+[a-z]{2,}):\d{2,5}\b", "$1"),
        // Challenges, and the numbers by which SOAP knows contacts.
        (r"\b\d{15,}\b", "‹number›"),
        (r"^(content-length:) \d+$", "$1 ‹length›"),
    ]
    .into_iter()
    .filter_map(|(pattern, to)| {
        let built = RegexBuilder::new(pattern).case_insensitive(true).build();
        built.ok().map(|regex| (regex, to))
    })
    .collect()
});

/// As a screen can show it, masked.
fn shown(line: &[u8]) -> String {
    match line.split_at_checked(LONGEST) {
        Some((beginning, rest)) if !rest.is_empty() => {
            let (length, sum) = (line.len(), crc32(&[line]));
            format!(
                "{}… ({length} bytes, checksum {sum:08x})",
                masked(&to_screen(beginning))
            )
        }
        _ => masked(&to_screen(line)),
    }
}

fn masked(text: &str) -> String {
    MASKS.iter().fold(text.to_owned(), |text, (regex, to)| {
        match regex.replace_all(&text, |found: &Captures<'_>| {
            let mut out = String::new();
            found.expand(to, &mut out);
            out
        }) {
            std::borrow::Cow::Borrowed(_) => text,
            std::borrow::Cow::Owned(changed) => changed,
        }
    })
}

/// The steps of these events.
pub fn steps(events: &[Event]) -> Vec<Step> {
    let mut names = Names::default();
    let mut handshakes = HashSet::new();
    events
        .iter()
        .filter_map(|event| match &event.kind {
            // Conversations are not compared: who says what when is up to people.
            EventKind::Frame(told) if told.service == Service::Switchboard => None,
            EventKind::Frame(told) => Some(names.frame(told)),
            EventKind::Http(http) => Some(exchange(http)),
            // Each kind of handshake once: how many there are is up to the client.
            EventKind::Tls(tls) => {
                let text = handshake(tls);
                handshakes.insert(text.clone()).then(|| Step {
                    lane: Lane::Web,
                    key: "TLS".into(),
                    lines: vec![text],
                    is_answer: true,
                    is_ping: false,
                })
            }
            _ => None,
        })
        .collect()
}

/// Which command each transaction id stands for.
#[derive(Default)]
struct Names(HashMap<TransactionId, String>);

impl Names {
    fn frame(&mut self, told: &FrameEvent) -> Step {
        let frame = &told.frame;
        let wire = frame.wire();
        let line = told.secrets.mask(wire, 0, frame.line().len(), false);
        let verb = shown(frame.verb());
        // A client gives an id, and all others only repeat one: which command it is of is what counts.
        let id = frame
            .transaction()
            .filter(|_| dictionary::has_transaction(told.direction, frame.verb()));
        let name = id.map(|id| match told.direction {
            Direction::In => {
                self.0.insert(id, verb.clone());
                "#".to_owned()
            }
            Direction::Out => match self.0.get(&id) {
                _ if id == TransactionId(0) => "0".to_owned(),
                Some(of) => format!("#{of}"),
                None => "#?".to_owned(),
            },
        });
        let tokens = line.split(|b| *b == b' ').filter(|token| !token.is_empty());
        let line = tokens
            .enumerate()
            .map(|(at, token)| match (&name, at) {
                (Some(name), 1) => name.as_bytes(),
                _ => token,
            })
            .collect::<Vec<_>>()
            .join(&b' ');
        let who = match told.direction {
            Direction::In => "client",
            Direction::Out => "service",
        };
        let meaning = match errors::find(frame.verb()) {
            Some(error) if told.direction == Direction::Out => format!(" ({})", error.meaning),
            _ => String::new(),
        };
        let mut lines = vec![format!("{who}: {}{meaning}", shown(&line))];
        if let Some(at) = frame.payload_at() {
            body(&told.secrets.mask(wire, at, wire.len(), false), &mut lines);
        }
        // Presence and personal messages are told apart by their contact, acknowledgements by their command.
        let whose = line
            .split(|b| *b == b' ')
            .find(|token| token.contains(&b'@'))
            .map(shown);
        let of = name.filter(|name| name != "#");
        let own = told.direction == Direction::In;
        let parts = [
            Some(who),
            Some(verb.as_str()),
            of.as_deref(),
            whose.as_deref().filter(|_| !own),
        ];
        Step {
            lane: Lane::Notification,
            key: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
            lines,
            is_answer: !own,
            is_ping: own && matches!(frame.verb(), b"PNG" | b"OUT"),
        }
    }
}

fn exchange(http: &HttpExchange) -> Step {
    let host = http.host.as_deref().unwrap_or("no host");
    let name = format!(
        "{}: {} {host}{} → {}",
        http.action, http.method, http.target, http.status
    );
    let mut lines = vec![shown(name.as_bytes())];
    message("> ", &http.request.shown(false), &mut lines);
    message("< ", &http.response.shown(false), &mut lines);
    Step {
        lane: Lane::Web,
        key: shown(http.action.name().as_bytes()),
        lines,
        is_answer: false,
        is_ping: false,
    }
}

/// Header fields in the order of their names, since no two programs keep the same, then the body.
fn message(before: &str, bytes: &[u8], lines: &mut Vec<String>) {
    let message = Message::new(bytes);
    let mut headers: Vec<String> = message
        .headers
        .iter()
        .take(MOST_LINES)
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| !HOUSEKEEPING.contains(&name.as_str()))
        .map(|(name, value)| shown(format!("{name}: {value}").as_bytes()))
        .collect();
    headers.sort_unstable();
    let mut of_body = Vec::new();
    body(message.body, &mut of_body);
    let all = headers.into_iter().chain(of_body);
    lines.extend(all.map(|line| format!("{before}{line}")));
}

/// A line an element.
fn body(bytes: &[u8], lines: &mut Vec<String>) {
    if bytes.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(bytes).replace("><", ">\n<");
    let mut all = text.lines();
    lines.extend(
        all.by_ref()
            .take(MOST_LINES)
            .map(|line| shown(line.trim().as_bytes()))
            .filter(|line| !line.is_empty()),
    );
    if all.next().is_some() {
        lines.push(format!("… beyond {MOST_LINES} lines nothing is compared"));
    }
}

fn handshake(tls: &TlsHandshake) -> String {
    let word = |text: &Option<String>| shown(text.as_deref().unwrap_or("unknown").as_bytes());
    match &tls.failure {
        None => format!(
            "TLS handshake: {} {}",
            word(&tls.version),
            word(&tls.cipher)
        ),
        Some(failure) => format!("TLS handshake failed: {}", failure.cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Secrets, Timestamp};
    use crate::msnp::Frame;
    use crate::recording::golden::messenger_mac_8_0_1;

    fn frames(lines: &[(Direction, &'static [u8])]) -> Vec<Step> {
        let events: Vec<Event> = lines
            .iter()
            .map(|(direction, wire)| Event {
                time: Timestamp(0),
                connection: None,
                client: None,
                kind: EventKind::Frame(FrameEvent {
                    service: crate::event::Service::Notification,
                    direction: *direction,
                    frame: Frame::from_wire(bytes::Bytes::from_static(wire)),
                    secrets: Secrets::default(),
                    injected: false,
                }),
            })
            .collect();
        steps(&events)
    }

    #[test]
    fn a_transaction_id_is_the_command_it_is_of() {
        use Direction::{In, Out};
        let steps = frames(&[
            (In, b"CHG 8 NLN 0\r\n"),
            (Out, b"CHG 8 NLN 0\r\n"),
            (Out, b"ILN 8 NLN a@local 1 A 0\r\n"),
            (Out, b"ACK 9 UUX\r\n"),
            (Out, b"CHL 0 15570131571988941333\r\n"),
            (Out, b"UBX a@local 1 0\r\n"),
            (Out, b"QNG 60\r\n"),
        ]);
        let lines: Vec<&str> = steps.iter().map(|step| step.lines[0].as_str()).collect();
        assert_eq!(
            lines,
            [
                "client: CHG # NLN 0",
                "service: CHG #CHG NLN 0",
                "service: ILN #CHG NLN a@local 1 A 0",
                "service: ACK #? UUX",
                "service: CHL 0 ‹number›",
                "service: UBX a@local 1 0",
                "service: QNG 60"
            ]
        );
        assert_eq!(steps[2].key, "service ILN #CHG a@local");
    }

    #[test]
    fn what_differs_from_run_to_run_is_masked_and_nothing_else() {
        for (text, wanted) in [
            (
                "MemberId 22222222-2222-2222-2222-222222222222",
                "MemberId ‹guid›",
            ),
            ("S *** 235411cb78234a468feb6f1bccca43fd", "S *** ‹guid›"),
            ("a 2008-01-01T00:00:00.0000000-08:00 b", "a ‹time› b"),
            ("date: Tue, 17 Feb 2026 12:00:00 GMT", "date: ‹time›"),
            (
                "lc=1033,id=507,ct=1771329600,tpf=ab-c",
                "lc=1033,id=507,ct=‹nonce›,tpf=‹nonce›",
            ),
            (
                "<TicketToken>t=ab&amp;p=</TicketToken>",
                "<TicketToken>***</TicketToken>",
            ),
            ("http://10.0.10.126:8080/ x", "http://‹host›/ x"),
            ("DALogin=a.passport.com:443/b", "DALogin=a.passport.com/b"),
            ("content-length: 89", "content-length: ‹length›"),
            (
                "NLN a@local 1 A 1085276192:131088 %3Cmsnobj%2F%3E",
                "NLN a@local 1 A 1085276192:131088 %3Cmsnobj%2F%3E",
            ),
            (
                "http://config.messenger.msn.com/a?b=c",
                "http://config.messenger.msn.com/a?b=c",
            ),
        ] {
            assert_eq!(masked(text), wanted);
        }
        assert_eq!(MASKS.len(), 12, "every pattern is one");
    }

    #[test]
    fn the_articles_sign_in_is_its_steps() {
        let steps = steps(&messenger_mac_8_0_1());
        let web: Vec<&str> = steps
            .iter()
            .filter(|s| s.lane == Lane::Web)
            .map(|s| s.key.as_str())
            .collect();
        assert_eq!(
            web,
            [
                "TLS",
                "nexus",
                "login",
                "login",
                "FindMembership",
                "login",
                "ABFindAll"
            ]
        );
        let all: Vec<&String> = steps.iter().flat_map(|step| &step.lines).collect();
        assert!(
            all.iter()
                .all(|line| !line.contains("HENLO") && !line.contains("asdf"))
        );
        assert!(all.iter().any(|line| *line
            == "< <ABFindAllResponse xmlns=\"http://www.msn.com/webservices/AddressBook\">"));
    }
}
