//! Six services that are broken on purpose, each with a client on real sockets: for each the login ladder names
//! the right cause first.

mod common;

use bytes::{Bytes, BytesMut};
use nudge::client::{self, Config, Transport, Trust};
use nudge::event::{
    ClientId, Clock, ConnectionId, ConnectionSink, Ending, Event, EventKind, EventSink,
    EventStream, FrameEvent, HttpAction, HttpExchange, Masked, Secrets, Service, Timestamp,
};
use nudge::findings::Findings;
use nudge::findings::ladder::{Ladders, Stall};
use nudge::msnp::{Decoder, Direction, Frame, dictionary};
use nudge::roster::Roster;
use nudge::server::certificates::{CertificateOptions, Certificates};
use nudge::server::doors::{Addresses, bind};
use nudge::server::hub::Hub;
use nudge::server::passport::ticket::Tickets;
use nudge::server::site::{Site, SiteConfig};
use nudge::server::tls::FrontDoor;
use nudge::server::web::Web;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// What the double does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    Nothing,
    NoMsnobj,
    NoPassportUrls,
    TicketRefused,
    NoMe,
    ChgUnanswered,
}

/// A service in the article's words, which tells events as nudge's own does.
struct Double {
    broken: Broken,
    events: EventSink,
    connections: AtomicU64,
}

const CONTACTS: [(&str, &str); 2] = [("NLN", "online"), ("BSY", "busy")];

impl Double {
    async fn start(broken: Broken) -> (SocketAddr, SocketAddr, EventStream) {
        let (events, stream) = EventSink::new(Clock::start());
        let double = Arc::new(Self {
            broken,
            events,
            connections: AtomicU64::new(0),
        });
        let notification = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let http = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (first, second) = (
            notification.local_addr().expect("its address"),
            http.local_addr().expect("its address"),
        );
        for (listener, service) in [(notification, Service::Notification), (http, Service::Http)] {
            let double = double.clone();
            tokio::spawn(async move {
                while let Ok((stream, peer)) = listener.accept().await {
                    let double = double.clone();
                    tokio::spawn(async move { double.serve(service, stream, peer).await });
                }
            });
        }
        (first, second, stream)
    }

    async fn serve(&self, service: Service, stream: TcpStream, peer: SocketAddr) {
        let number = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        let client = (service == Service::Notification).then_some(ClientId(1));
        let sink = self.events.connection(ConnectionId(number), client);
        let local = stream.local_addr().expect("its address");
        sink.tell(EventKind::Connected {
            service,
            peer,
            local,
        })
        .await;
        let reason = match service {
            Service::Notification => self.notification(stream, &sink).await,
            _ => self.http(stream, &sink).await,
        };
        sink.tell(EventKind::Disconnected {
            service,
            reason,
            bytes_in: 0,
            bytes_out: 0,
        })
        .await;
    }

    async fn notification(&self, mut stream: TcpStream, sink: &ConnectionSink) -> Ending {
        let mut decoder = Decoder::new(Direction::In);
        let mut buffer = BytesMut::new();
        loop {
            while let Ok(Some(frame)) = decoder.next(&mut buffer) {
                tell(sink, Direction::In, frame.clone()).await;
                let answers = self.answers(&frame);
                for answer in &answers {
                    stream
                        .write_all(answer.as_bytes())
                        .await
                        .expect("the client reads");
                    let bytes = Bytes::copy_from_slice(answer.as_bytes());
                    tell(sink, Direction::Out, Frame::from_wire(bytes)).await;
                }
                if answers.iter().any(|answer| answer.starts_with("911")) {
                    return Ending::other("the ticket was refused (911)");
                }
            }
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return Ending::Closed,
                Ok(_) => {}
            }
        }
    }

    /// What the article's server answered.
    fn answers(&self, frame: &Frame) -> Vec<String> {
        let line = String::from_utf8_lossy(frame.line()).into_owned();
        let words: Vec<&str> = line.split(' ').collect();
        let n = words.get(1).copied().unwrap_or_default();
        let one = |text: String| vec![format!("{text}\r\n")];
        match (words[0], words.get(3).copied()) {
            ("VER", _) => one(format!("VER {n} MSNP16 CVR0")),
            ("CVR", _) => one(format!("CVR {n} 1 2 3 4 5")),
            ("USR", Some("I")) => one(format!("USR {n} TWN S fake=1")),
            ("USR", _) if self.broken == Broken::TicketRefused => one(format!("911 {n}")),
            ("USR", _) => one(format!("USR {n} OK me@local 1 0")),
            ("ADL", _) => one(format!("ADL {n} OK")),
            ("PRP" | "BLP" | "UUX" | "UUN", _) => one(format!("ACK {n} {}", words[0])),
            ("URL", _) => one(format!("URL {n} {} http://127.0.0.1/", words[2])),
            ("PNG", _) => one("QNG 60".into()),
            ("CHG", _) if self.broken == Broken::ChgUnanswered => Vec::new(),
            ("CHG", _) => {
                let object = if self.broken == Broken::NoMsnobj {
                    ""
                } else {
                    " %3Cmsnobj%2F%3E"
                };
                let mut all = one(line.clone());
                all.extend(CONTACTS.map(|(status, name)| {
                    format!("ILN {n} {status} {name}@local 1 A%20User 1085276192{object}\r\n")
                }));
                all
            }
            _ => Vec::new(),
        }
    }

    async fn http(&self, stream: TcpStream, sink: &ConnectionSink) -> Ending {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        let mut length = 0;
        loop {
            let from = head.len();
            if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                return Ending::other("closed by the client");
            }
            let line = head[from..].trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("the body");
        let (action, headers, body) = self.page(&head);
        let response = format!(
            "HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut words = head.split(' ');
        sink.tell(EventKind::Http(Box::new(HttpExchange {
            service: Service::Http,
            method: words.next().unwrap_or_default().into(),
            target: words.next().unwrap_or_default().into(),
            host: None,
            action: action.into(),
            account: None,
            status: 200,
            request: Masked::default(),
            response: Masked::open(response.clone()),
            duration: Duration::ZERO,
        })))
        .await;
        // A client that does not want the answer is what some of these tests are about.
        let _ = stream.write_all(response.as_bytes()).await;
        let _ = stream.shutdown().await;
        Ending::other("closed after the last answer")
    }

    fn page(&self, head: &str) -> (&'static str, String, String) {
        let envelope = |name: &str, inner: &str| {
            format!(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><{name}>{inner}</{name}></s:Body></s:Envelope>"
            )
        };
        if head.contains("/rdr/pprdr.asp") {
            let urls = match self.broken {
                Broken::NoPassportUrls => String::new(),
                _ => "PassportURLs: DALogin=http://login.example/login2.srf\r\n".into(),
            };
            return ("nexus", urls, String::new());
        }
        if head.contains("FindMembership") {
            let inner = "<Memberships><Membership><MemberRole>Allow</MemberRole></Membership></Memberships>";
            return (
                "FindMembership",
                String::new(),
                envelope("FindMembershipResponse", inner),
            );
        }
        if head.contains("ABFindAll") {
            let contact = |kind: &str, name: &str| {
                format!(
                    "<Contact><contactId>{name}</contactId><contactInfo><contactType>{kind}</contactType><passportName>{name}@local</passportName><CID>1</CID></contactInfo></Contact>"
                )
            };
            let mut inner: String = CONTACTS.map(|(_, name)| contact("Regular", name)).concat();
            if self.broken != Broken::NoMe {
                inner.push_str(&contact("Me", "me"));
            }
            return (
                "ABFindAll",
                String::new(),
                envelope("ABFindAllResponse", &inner),
            );
        }
        let ticket = "Authentication-Info: Passport1.4 da-status=success,from-PP='t=a&p='\r\n";
        ("login", ticket.into(), String::new())
    }
}

async fn tell(sink: &ConnectionSink, direction: Direction, frame: Frame) {
    let secrets = dictionary::secrets(direction, frame.line());
    let secrets = secrets.into_iter().map(|r| r.start as u32..r.end as u32);
    let kind = EventKind::Frame(FrameEvent {
        service: nudge::event::Service::Notification,
        direction,
        secrets: Secrets(secrets.collect()),
        frame,
        injected: false,
    });
    sink.tell(kind).await;
    if direction == Direction::Out {
        // nudge tells its shape of a client; the double serves the article's alone.
        sink.tell(EventKind::Client(Box::new(info()))).await;
    }
}

fn info() -> nudge::event::ClientInfo {
    let peer = SocketAddr::from(([127, 0, 0, 1], 1));
    nudge::event::ClientInfo {
        account: Some("me@local".into()),
        shape: Some("16/mac".parse().expect("a shape")),
        ..nudge::event::ClientInfo::new(ClientId(1), peer, Timestamp(0))
    }
}

/// Folds events until `end` says that this was the last; then an hour passes.
async fn fold(
    stream: &mut EventStream,
    mut end: impl FnMut(&Event) -> bool,
) -> (Ladders, Vec<Stall>) {
    let mut ladders = Ladders::new();
    let mut id = 0;
    let folding = async {
        while let Some(envelope) = stream.recv().await {
            id += 1;
            ladders.take(&envelope.event, nudge::event::EventId(id));
            if end(&envelope.event) {
                return envelope.event.time;
            }
        }
        Timestamp(0)
    };
    let last = tokio::time::timeout(common::PATIENCE, folding)
        .await
        .expect("the events come");
    let stalls = ladders.tick(Timestamp(last.0 + 3_600_000_000));
    (ladders, stalls)
}

/// The built-in client against the double, until `end`.
async fn watch(broken: Broken, end: impl FnMut(&Event) -> bool) -> (Ladders, Vec<Stall>) {
    let (notification, http, mut stream) = Double::start(broken).await;
    let config = Config {
        transport: Transport::Plain,
        ..Config::local(notification, http)
    };
    let stop = CancellationToken::new();
    let (saw, mut seen) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move { while seen.recv().await.is_some() {} });
    let client = tokio::spawn(client::play(
        config,
        client::Part::default(),
        saw,
        stop.clone(),
    ));
    let outcome = fold(&mut stream, end).await;
    stop.cancel();
    let _ = client.await.expect("the client ends");
    outcome
}

fn said(direction: Direction, verb: &'static [u8]) -> impl FnMut(&Event) -> bool {
    move |event| match &event.kind {
        EventKind::Frame(frame) => frame.direction == direction && frame.frame.verb() == verb,
        _ => false,
    }
}

fn gone(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::Disconnected {
            service: Service::Notification,
            ..
        }
    )
}

fn first(stalls: &[Stall]) -> (&'static str, &str) {
    let stall = stalls.first().expect("something is said");
    (stall.name, stall.first().expect("a cause"))
}

fn certificates() -> Certificates {
    Certificates::in_memory(&CertificateOptions::default()).expect("certificates")
}

/// nudge itself.
struct Whole {
    service: Arc<nudge::server::service::Service>,
    notification: SocketAddr,
    https: SocketAddr,
    root: Vec<u8>,
    stream: EventStream,
}

fn whole() -> Whole {
    let (events, stream) = EventSink::new(Clock::start());
    let hub = Arc::new(Hub::new(
        Roster::shipped().expect("the shipped roster"),
        events.clone(),
    ));
    let tickets = Arc::new(Tickets::new().expect("a ticket key"));
    let own = certificates();
    let (doors, _) = bind(&Addresses::any_port()).expect("free ports");
    let [notification, https, _] = [0, 1, 2].map(|n| doors[n].address);
    let site = Site::new(SiteConfig::new(hub.clone(), tickets.clone()));
    let web = Web::new(site, FrontDoor::new(&own).expect("a front door"));
    let service = nudge::server::service::Service::start(
        hub,
        tickets,
        events,
        None,
        Some(Arc::new(web)),
        nudge::server::shares::Bounds::default(),
        doors,
    );
    Whole {
        service,
        notification,
        https,
        root: own.root_pem().to_vec(),
        stream,
    }
}

#[tokio::test]
async fn a_service_that_is_not_broken_has_nothing_to_say() {
    let (ladders, stalls) = watch(Broken::Nothing, said(Direction::Out, b"QNG")).await;
    // An hour later it was not heard again.
    let kinds: Vec<_> = stalls.iter().map(|stall| &stall.kind).collect();
    assert_eq!(kinds, [&nudge::findings::ladder::Kind::Quiet]);
    let ladder = ladders.ladder(ClientId(1)).expect("a ladder");
    for row in ladder.rows() {
        // In the clear there is no TLS.
        let expected = match row.name {
            "TLS" => nudge::findings::State::Skipped,
            _ => nudge::findings::State::Done,
        };
        assert_eq!(row.state, expected, "{}", row.name);
    }
}

#[tokio::test]
async fn without_an_msnobj() {
    let (_, stalls) = watch(Broken::NoMsnobj, said(Direction::Out, b"QNG")).await;
    assert_eq!(first(&stalls), ("presence", "msnobj-missing"));
}

#[tokio::test]
async fn without_passport_urls() {
    let (_, stalls) = watch(Broken::NoPassportUrls, gone).await;
    assert_eq!(first(&stalls), ("nexus", "no-passport-urls"));
    assert_eq!(stalls.len(), 1);
}

#[tokio::test]
async fn with_a_ticket_that_is_refused() {
    let (_, stalls) = watch(Broken::TicketRefused, gone).await;
    assert_eq!(first(&stalls), ("USR S", "ticket-refused"));
    assert_eq!(stalls.len(), 1);
}

#[tokio::test]
async fn with_chg_unanswered() {
    let (_, stalls) = watch(Broken::ChgUnanswered, said(Direction::In, b"CHG")).await;
    assert_eq!(first(&stalls), ("CHG", "chg-unanswered"));
}

#[tokio::test]
async fn with_an_address_book_that_lacks_me() {
    // The built-in client does without Me; one that does not is played here, up to where it falls silent.
    let (notification, http, mut stream) = Double::start(Broken::NoMe).await;
    let mut raw = common::Raw::connect(notification).await;
    raw.send("VER 1 MSNP16 CVR0\r\nCVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\nUSR 3 TWN I me@local\r\n").await;
    for _ in 0..3 {
        raw.line().await;
    }
    let ask = async |line: &str, more: &str| {
        let mut raw = common::Raw::connect(http).await;
        raw.send(format!(
            "{line} HTTP/1.1\r\n{more}Content-Length: 0\r\n\r\n"
        ))
        .await;
        raw.rest().await
    };
    ask("GET /rdr/pprdr.asp", "").await;
    ask("POST /login2.srf", "").await;
    raw.send("USR 4 TWN S t=a&p= 235411cb78234a468feb6f1bccca43fd\r\n")
        .await;
    assert_eq!(raw.line().await, "USR 4 OK me@local 1 0");
    for action in ["FindMembership", "ABFindAll"] {
        ask(
            "POST /abservice/abservice.asmx",
            &format!("SOAPAction: {action}\r\n"),
        )
        .await;
    }
    let (_, stalls) = fold(&mut stream, |event| match &event.kind {
        EventKind::Http(exchange) => exchange.action == HttpAction::AbFindAll,
        _ => false,
    })
    .await;
    assert_eq!(first(&stalls), ("ADL", "no-me"));
}

#[tokio::test]
async fn with_a_root_that_the_client_does_not_trust() {
    // Here nothing but the client is broken: nudge itself, with another root than the one it trusts.
    let mut whole = whole();
    let config = Config {
        trust: Trust::Roots(certificates().root_pem().to_vec()),
        ..Config::local(whole.notification, whole.https)
    };
    let client = tokio::spawn(async move {
        let mut client = client::Client::connect(config).await.expect("it connects");
        client.sign_in().await
    });
    let (_, stalls) = fold(&mut whole.stream, gone).await;
    assert!(client.await.expect("the client ends").is_err());
    assert_eq!(first(&stalls), ("TLS", "root-not-trusted"));
    assert!(
        stalls[0].causes[0].event.is_some(),
        "its alert speaks for it"
    );
    whole.service.end().await;
}

#[tokio::test]
async fn nudge_and_its_own_client_have_every_step_done_and_no_finding() {
    let mut whole = whole();
    let config = Config {
        trust: Trust::Roots(whole.root.clone()),
        pings: Some(1),
        ..Config::local(whole.notification, whole.https)
    };
    let (saw, mut seen) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move { while seen.recv().await.is_some() {} });
    let client = tokio::spawn(client::play(
        config,
        client::Part::default(),
        saw,
        CancellationToken::new(),
    ));
    let mut findings = Findings::new();
    let mut told = Vec::new();
    let mut id = 0;
    let folding = async {
        while let Some(envelope) = whole.stream.recv().await {
            id += 1;
            told.extend(findings.take(&envelope.event, nudge::event::EventId(id)));
            if gone(&envelope.event) {
                return envelope.event.time;
            }
        }
        Timestamp(0)
    };
    let last = tokio::time::timeout(common::PATIENCE, folding)
        .await
        .expect("the client signs out");
    client.await.expect("the client ends").expect("it signs in");
    told.extend(findings.tick(Timestamp(last.0 + 3_600_000_000)));
    assert_eq!(told, []);
    assert_eq!(findings.rules.counts().collect::<Vec<_>>(), []);
    let ladder = findings.ladders.ladder(ClientId(1)).expect("a ladder");
    for row in ladder.rows() {
        assert_eq!(row.state, nudge::findings::State::Done, "{}", row.name);
    }
    whole.service.end().await;
}
