//! The golden recording: the sign-in of Microsoft Messenger for Mac 8.0.1 as the article shows it.
//!
//! Every line and payload of the notification connection, and the Passport headers, are the article's
//! own bytes (`me@local` stands for the account that it masks). What the article does not show is filled in with as little
//! as will do: addresses, times, the cipher, the friendly name, the contacts that were not sent, and the SOAP bodies. The
//! answers over SOAP are the golden files of our own service, without the group, because the article's contacts are in
//! none. `recordings/messenger-mac-8.0.1.nudge` holds these events and no others; a test compares the two.

use super::append_record;
use super::format::Header;
use crate::event::{
    ClientId, ClientInfo, ConnectionId, Ending, Event, EventKind, FrameEvent, Hello, HttpExchange,
    Masked, Secrets, Service, Software, Step, Timestamp, TlsHandshake,
};
use crate::msnp::{Dialect, Direction, Family, Frame, Shape, Status};
use crate::roster::{Contact, Manner, Roster};
use bytes::Bytes;
use memchr::memmem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The article's date, 2026-02-17 at noon UTC, in microseconds since the Unix epoch.
const NOON: u64 = 1_771_329_600_000_000;
const ACCOUNT: &str = "me@local";
const PASSWORD: &str = "asdf";
const TICKET: &str = "a=HENLO";
const LOGIN: &str = "loginnet.passport.com";
const CONTACTS: &str = "byrdr.omega.contacts.msn.com";
/// Microseconds that the service takes for each answer.
const STEP: u64 = 500;
/// Microseconds that the Mac waits before each line. Played at this pace, the sign-in can be watched.
const THINKS: u64 = 60_000;
const CONNECTS: u64 = 90_000;
/// Microseconds that a handshake takes.
const SHAKES: u64 = 150_000;
const NAMESPACE: &str = "http://www.msn.com/webservices/AddressBook";

use Direction::{In, Out};

/// The frames up to the request for a ticket.
const OPENING: &[(Direction, &[u8], Step)] = &[
    (
        In,
        b"VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\r\n",
        Step::Connected,
    ),
    (Out, b"VER 1 MSNP16 CVR0\r\n", Step::Version),
    (
        In,
        b"CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n",
        Step::Version,
    ),
    (Out, b"CVR 2 1 2 3 4 5\r\n", Step::ClientVersion),
    (In, b"USR 3 TWN I me@local\r\n", Step::ClientVersion),
    (Out, b"USR 3 TWN S fake=1\r\n", Step::Authenticating),
];

/// The frames with the ticket.
const TICKET_SHOWN: &[(Direction, &[u8], Step)] = &[
    (
        In,
        b"USR 4 TWN S a=HENLO 235411cb78234a468feb6f1bccca43fd\r\n",
        Step::Authenticating,
    ),
    (Out, b"USR 4 OK me@local 1 0\r\n", Step::SignedIn),
];

/// The frames after the address book.
const THE_REST: &[(Direction, &[u8], Step)] = &[
    (In, b"ADL 5 245\r\n<ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /><c n=\"brb\" l=\"3\" t=\"1\" /><c n=\"busy\" l=\"3\" t=\"1\" /><c n=\"hidden\" l=\"3\" t=\"1\" /><c n=\"idle\" l=\"3\" t=\"1\" /><c n=\"lunch\" l=\"3\" t=\"1\" /><c n=\"online\" l=\"3\" t=\"1\" /><c n=\"phone\" l=\"3\" t=\"1\" /></d></ml>", Step::SignedIn),
    (Out, b"ADL 5 OK\r\n", Step::SignedIn),
    (In, b"PRP 6 MFN Me%20Myself\r\n", Step::SignedIn),
    (Out, b"ACK 6 PRP\r\n", Step::SignedIn),
    (In, b"BLP 7 AL\r\n", Step::SignedIn),
    (Out, b"ACK 7 BLP\r\n", Step::SignedIn),
    (In, b"CHG 8 NLN 1085276192:131088\r\n", Step::SignedIn),
    (Out, b"CHG 8 NLN 1085276192:131088\r\n", Step::Online),
    (Out, b"ILN 8 NLN online@local 1 Online%20User 1085276192 %3Cmsnobj%2F%3E\r\n", Step::Online),
    (Out, b"UBX online@local 1 89\r\n<Data><PSM>0b48cf1c-b9a5-4793-b8d4-a8ddd6b13c6c</PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (Out, b"ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n", Step::Online),
    (Out, b"UBX busy@local 1 89\r\n<Data><PSM>72b6dca4-811b-4c6a-8b2a-c87cfa6e3299</PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (Out, b"ILN 8 IDL idle@local 1 Idle%20User 1085276192 %3Cmsnobj%2F%3E\r\n", Step::Online),
    (Out, b"UBX idle@local 1 89\r\n<Data><PSM>88360ef7-5152-4ada-8bc8-e0343736e830</PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (Out, b"ILN 8 AWY away@local 1 Away%20User 1085276192 %3Cmsnobj%2F%3E\r\n", Step::Online),
    (Out, b"UBX away@local 1 89\r\n<Data><PSM>d430617a-17bf-4437-a8f2-54aa4d33444e</PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (Out, b"ILN 8 BRB brb@local 1 Brb%20User 1085276192 %3Cmsnobj%2F%3E\r\n", Step::Online),
    (Out, b"UBX brb@local 1 89\r\n<Data><PSM>ecd12daf-0c11-445f-b1ae-4751a509c25c</PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (Out, b"ILN 8 LUN lunch@local 1 Lunch%20User 1085276192 %3Cmsnobj%2F%3E\r\n", Step::Online),
    (Out, b"UBX lunch@local 1 89\r\n<Data><PSM>9bd609bc-d2f8-4e1a-be72-06804bf73183</PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (Out, b"ILN 8 PHN phone@local 1 Phone%20User 1085276192 %3Cmsnobj%2F%3E\r\n", Step::Online),
    (Out, b"UBX phone@local 1 89\r\n<Data><PSM>b1482981-ad81-4a2a-872f-ba3331c6bb91</PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (In, b"UUX 9 53\r\n<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>", Step::Online),
    (Out, b"ACK 9 UUX\r\n", Step::Online),
    (In, b"UUX 10 75\r\n<EndpointData><Capabilities>1085276192:131088</Capabilities></EndpointData>", Step::Online),
    (Out, b"ACK 10 UUX\r\n", Step::Online),
    (In, b"UUX 11 92\r\n<PrivateEndpointData><EpName>Rhodes</EpName><ClientType>1</ClientType></PrivateEndpointData>", Step::Online),
    (Out, b"ACK 11 UUX\r\n", Step::Online),
    (In, b"URL 12 MOBILE\r\n", Step::Online),
    (Out, b"URL 12 MOBILE http://10.0.10.126:8080/\r\n", Step::Online),
    (In, b"URL 13 PROFILE 0x0409\r\n", Step::Online),
    (Out, b"URL 13 PROFILE http://10.0.10.126:8080/\r\n", Step::Online),
    (In, b"URL 14 CHGMOB\r\n", Step::Online),
    (Out, b"URL 14 CHGMOB http://10.0.10.126:8080/\r\n", Step::Online),
    (In, b"UUN 15 me@local 8 9\r\nignore me", Step::Online),
    (Out, b"ACK 15 UUN\r\n", Step::Online),
    (In, b"PNG 16\r\n", Step::Online),
    (Out, b"QNG 60\r\n", Step::Online),
];

/// The whole recording, as the bytes of its file.
pub fn messenger_mac_8_0_1_file() -> Vec<u8> {
    let mut bytes = Header { part: 1, id: NOON }.to_bytes().to_vec();
    for event in messenger_mac_8_0_1() {
        // Each record is far below the bound.
        let _ = append_record(&event, &mut bytes);
    }
    bytes
}

/// The events of the recording, in order.
pub fn messenger_mac_8_0_1() -> Vec<Event> {
    let mut tale = Tale::new();
    tale.frames(OPENING);
    tale.exchange(
        "nexus",
        "GET /rdr/pprdr.asp HTTP/1.1\r\nHost: nexus.passport.com\r\n\r\n".to_owned(),
        format!(
            "HTTP/1.1 200 OK\r\nPassportURLs: DARealm=Passport.Net,DALogin={LOGIN}/login2.srf\r\nContent-Length: 0\r\n\r\n"
        ),
    );
    tale.login();
    tale.frames(TICKET_SHOWN);
    tale.tell(
        Some(tale.notification),
        EventKind::SignedIn {
            account: ACCOUNT.into(),
            shape: shape(),
        },
    );
    tale.login();
    tale.soap(
        "FindMembership",
        "/abservice/SharingService.asmx",
        "<serviceFilter><Types><ServiceType>Messenger</ServiceType></Types></serviceFilter>",
        include_str!("../server/soap/golden/find_membership.xml"),
    );
    tale.login();
    tale.soap(
        "ABFindAll",
        "/abservice/abservice.asmx",
        "<abId>00000000-0000-0000-0000-000000000000</abId><abView>Full</abView>",
        &without_groups(include_str!("../server/soap/golden/find_all.xml")),
    );
    tale.frames(THE_REST);
    tale.events
}

/// The address book of contacts that are in no group.
fn without_groups(book: &str) -> String {
    let mut book = book.to_owned();
    for (from, to) in [("<Group>", "</Group>"), ("<groupIds>", "</groupIds>")] {
        while let Some(start) = book.find(from)
            && let Some(length) = book[start..].find(to)
        {
            book.replace_range(start..start + length + to.len(), "");
        }
    }
    book
}

fn shape() -> Shape {
    Shape::new(Dialect::MSNP16, Family::Mac)
}

fn server(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 10, 126], port))
}

fn mac(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 10, 20], port))
}

/// The recording as it is being told.
struct Tale {
    events: Vec<Event>,
    time: u64,
    notification: ConnectionId,
    connections: u64,
    info: ClientInfo,
}

impl Tale {
    fn new() -> Self {
        let notification = ConnectionId(1);
        let mut tale = Self {
            events: Vec::new(),
            time: NOON,
            notification,
            connections: 1,
            info: ClientInfo::new(ClientId(1), mac(49_152), Timestamp(NOON)),
        };
        // A recording does not say how contacts behave.
        let quiet = |roster: Roster| {
            let silent = |contact: &Arc<Contact>| Contact {
                manner: Manner::Silent,
                ..Contact::clone(contact)
            };
            Roster::new(roster.contacts().map(silent), roster.groups().to_vec()).ok()
        };
        if let Some(roster) = article().and_then(quiet) {
            tale.add(None, None, EventKind::Roster(Arc::new(roster)));
        }
        for (service, port) in [
            (Service::Notification, 1863),
            (Service::Https, 443),
            (Service::Http, 80),
        ] {
            tale.add(
                None,
                None,
                EventKind::Listening {
                    service,
                    address: server(port),
                },
            );
        }
        tale.tell(
            Some(notification),
            EventKind::Connected {
                service: Service::Notification,
                peer: mac(49_152),
                local: server(1863),
            },
        );
        tale
    }

    fn add(&mut self, connection: Option<ConnectionId>, client: Option<ClientId>, kind: EventKind) {
        self.time += STEP;
        self.events.push(Event {
            time: Timestamp(self.time),
            connection,
            client,
            kind,
        });
    }

    fn tell(&mut self, connection: Option<ConnectionId>, kind: EventKind) {
        self.add(connection, Some(ClientId(1)), kind);
    }

    fn frames(&mut self, frames: &'static [(Direction, &'static [u8], Step)]) {
        for &(direction, wire, step) in frames {
            if direction == In {
                self.time += THINKS;
            }
            self.tell(
                Some(self.notification),
                EventKind::Frame(FrameEvent {
                    service: crate::event::Service::Notification,
                    direction,
                    frame: Frame::from_wire(Bytes::from_static(wire)),
                    secrets: secrets(wire),
                    injected: false,
                }),
            );
            if step != self.info.step {
                self.info.step = step;
                self.info.since = Timestamp(self.time);
                self.learn(step);
                let info = self.info.clone();
                self.tell(Some(self.notification), EventKind::Client(Box::new(info)));
            }
        }
    }

    /// What is known of the client once it has come so far.
    fn learn(&mut self, step: Step) {
        let info = &mut self.info;
        match step {
            Step::Version => info.shape = Some(Shape::new(Dialect::MSNP16, Family::Windows)),
            Step::ClientVersion => {
                info.software = Some(Software {
                    name: "macmsgs".into(),
                    version: "8.0.1".into(),
                    system: "mac 10.14.6 i386".into(),
                });
            }
            Step::Authenticating => {
                info.account = Some(ACCOUNT.into());
                info.shape = Some(shape());
            }
            Step::Online => {
                info.status = Some(Status::Online);
                info.name = Some("Me Myself".into());
            }
            Step::Connected | Step::SignedIn | Step::Gone => {}
        }
    }

    fn login(&mut self) {
        self.exchange(
            "login",
            format!(
                "POST /login2.srf HTTP/1.1\r\nHost: {LOGIN}\r\nAuthorization: Passport1.4 fake=1,OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger.msn.com,sign-in=me%40local,pwd={PASSWORD}\r\nContent-Length: 0\r\n\r\n"
            ),
            format!(
                "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 da-status=success,from-PP='{TICKET}'\r\nContent-Length: 0\r\n\r\n"
            ),
        );
    }

    fn soap(&mut self, action: &str, path: &str, asked: &str, answer: &str) {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><ABAuthHeader xmlns=\"{NAMESPACE}\"><TicketToken>{TICKET}</TicketToken></ABAuthHeader></soap:Header><soap:Body><{action} xmlns=\"{NAMESPACE}\">{asked}</{action}></soap:Body></soap:Envelope>"
        );
        // The golden files have a line an element, for people; the service sends one line.
        let answer: String = answer.lines().map(str::trim).collect();
        self.exchange(
            action,
            format!(
                "POST {path} HTTP/1.1\r\nHost: {CONTACTS}\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: {NAMESPACE}/{action}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\n\r\n{answer}",
                answer.len()
            ),
        );
    }

    /// A connection of its own for each exchange, as the Mac makes it.
    fn exchange(&mut self, action: &str, request: String, response: String) {
        self.connections += 1;
        let connection = Some(ConnectionId(self.connections));
        let mut words = request.split_ascii_whitespace();
        let (method, target) = (words.next(), words.next());
        let host = request.lines().find_map(|line| line.strip_prefix("Host: "));
        let (bytes_in, bytes_out) = (request.len() as u64, response.len() as u64);
        let exchange = HttpExchange {
            service: Service::Https,
            method: method.unwrap_or_default().to_owned(),
            target: target.unwrap_or_default().to_owned(),
            host: host.map(str::to_owned),
            action: action.into(),
            account: (action != "nexus").then(|| ACCOUNT.to_owned()),
            status: 200,
            request: masked(request),
            response: masked(response),
            duration: Duration::from_micros(300),
        };
        self.time += CONNECTS;
        self.add(
            connection,
            None,
            EventKind::Connected {
                service: Service::Https,
                peer: mac(49_151 + self.connections as u16),
                local: server(443),
            },
        );
        self.time += SHAKES;
        self.add(
            connection,
            None,
            EventKind::Tls(Box::new(TlsHandshake {
                version: Some("TLSv1".into()),
                cipher: Some("AES128-SHA".into()),
                sni: None,
                hello: Some(Hello::Sslv2),
                duration: Duration::from_micros(SHAKES),
                failure: None,
            })),
        );
        self.tell(connection, EventKind::Http(Box::new(exchange)));
        self.add(
            connection,
            None,
            EventKind::Disconnected {
                service: Service::Https,
                reason: Ending::other("the client closed it"),
                bytes_in,
                bytes_out,
            },
        );
    }
}

fn masked(text: String) -> Masked {
    Masked {
        secrets: secrets(text.as_bytes()),
        bytes: text.into(),
    }
}

/// Where the article's password and ticket stand.
fn secrets(bytes: &[u8]) -> Secrets {
    let password = format!("pwd={PASSWORD}");
    let after = "pwd=".len();
    let mut found: Vec<_> = memmem::find_iter(bytes, TICKET)
        .map(|at| at..at + TICKET.len())
        .chain(memmem::find_iter(bytes, &password).map(|at| at + after..at + password.len()))
        .map(|range| range.start as u32..range.end as u32)
        .collect();
    found.sort_by_key(|range| range.start);
    Secrets(found)
}

/// What the article's contacts say beneath their names.
const MESSAGES: &[(&str, &str)] = &[
    ("online@local", "0b48cf1c-b9a5-4793-b8d4-a8ddd6b13c6c"),
    ("busy@local", "72b6dca4-811b-4c6a-8b2a-c87cfa6e3299"),
    ("idle@local", "88360ef7-5152-4ada-8bc8-e0343736e830"),
    ("away@local", "d430617a-17bf-4437-a8f2-54aa4d33444e"),
    ("brb@local", "ecd12daf-0c11-445f-b1ae-4751a509c25c"),
    ("lunch@local", "9bd609bc-d2f8-4e1a-be72-06804bf73183"),
    ("phone@local", "b1482981-ad81-4a2a-872f-ba3331c6bb91"),
];

/// The contacts that nudge ships with, each with the personal message that it has in the article: a GUID.
pub fn article() -> Option<Roster> {
    let shipped = Roster::shipped().ok()?;
    let contacts = shipped.contacts().map(|contact| {
        let mut contact = Contact::clone(contact);
        if let Some((_, message)) = MESSAGES
            .iter()
            .find(|(account, _)| *account == contact.account)
        {
            contact.personal.message = (*message).to_owned();
        }
        contact
    });
    Roster::new(contacts, shipped.groups().to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Recording;
    use std::path::Path;

    #[test]
    fn the_file_in_the_repository_is_made_of_these_bytes() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/messenger-mac-8.0.1.nudge");
        let made = messenger_mac_8_0_1_file();
        if std::env::var_os("NUDGE_WRITE_GOLDEN").is_some() {
            std::fs::write(&path, &made).expect("written");
        }
        assert!(
            std::fs::read(&path).expect("the file") == made,
            "made anew with NUDGE_WRITE_GOLDEN=1 cargo test --lib golden"
        );
        let events: Vec<_> = Recording::open(&path)
            .expect("opens")
            .map(|item| item.expect("no damage"))
            .collect();
        assert_eq!(
            format!("{events:?}"),
            format!("{:?}", messenger_mac_8_0_1())
        );
    }

    #[test]
    fn lengths_are_the_articles_and_no_secret_is_shown() {
        let mut payloads = 0;
        for event in messenger_mac_8_0_1() {
            let line = crate::event::json::to_json(None, &event, false);
            assert!(!line.contains("HENLO") && !line.contains("asdf"), "{line}");
            if let EventKind::Frame(told) = &event.kind
                && let Some(payload) = told.frame.payload()
            {
                payloads += 1;
                let length = told.frame.tokens().last().expect("a length");
                assert_eq!(length, payload.len().to_string().as_bytes());
            }
        }
        assert_eq!(payloads, 12);
    }
}
