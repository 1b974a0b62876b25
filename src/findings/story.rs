//! Conversations told as events, for tests.

use crate::event::*;
use crate::msnp::{Decoder, Direction, Frame, Shape};
use crate::roster::Roster;
use bytes::{Bytes, BytesMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Events as they come, a millisecond apart.
pub struct Story {
    pub events: Vec<Event>,
    now: u64,
    pub client: ClientId,
    next: u64,
}

pub const NEXUS: &str = "HTTP/1.1 200 OK\r\nPassportURLs: DARealm=Passport.Net,DALogin=loginnet.passport.com/login2.srf,DAReg=\r\n\r\n";
pub const LOGIN: &str = "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 da-status=success,from-PP='a=HENLO'\r\n\r\n";
pub const BOOK: &str = "HTTP/1.1 200 OK\r\n\r\n<contacts><Contact><contactId>1</contactId><contactInfo>\
    <contactType>Me</contactType><CID>1</CID></contactInfo></Contact></contacts>";
pub const MEMBERS: &str =
    "HTTP/1.1 200 OK\r\n\r\n<Membership><MemberRole>Allow</MemberRole></Membership>";

impl Story {
    /// A client has connected; the shipped roster is served.
    pub fn new() -> Self {
        Self::of(1)
    }

    /// The same with this number.
    pub fn of(client: u64) -> Self {
        let mut story = Self {
            events: Vec::new(),
            now: 1_700_000_000_000_000,
            client: ClientId(client),
            next: 100,
        };
        let roster = Roster::shipped().expect("the shipped roster");
        story.tell(None, None, EventKind::Roster(Arc::new(roster)));
        story.connect(client);
        story
    }

    pub fn connect(&mut self, client: u64) {
        self.client = ClientId(client);
        self.own(EventKind::Connected {
            service: Service::Notification,
            peer: peer(4000),
            local: peer(1863),
        });
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.now)
    }

    pub fn wait(&mut self, seconds: u64) -> Timestamp {
        self.now += seconds * 1_000_000;
        self.now()
    }

    pub fn tell(
        &mut self,
        connection: Option<ConnectionId>,
        client: Option<ClientId>,
        kind: EventKind,
    ) {
        self.now += 1_000;
        self.events.push(Event {
            time: Timestamp(self.now),
            connection,
            client,
            kind,
        });
    }

    /// An event of the client's own connection.
    pub fn own(&mut self, kind: EventKind) {
        self.tell(Some(ConnectionId(self.client.0)), Some(self.client), kind);
    }

    fn frames(&mut self, direction: Direction, text: &str, injected: bool) {
        let mut decoder = Decoder::new(direction);
        let mut buffer = BytesMut::from(text);
        while let Ok(Some(frame)) = decoder.next(&mut buffer) {
            self.frame(direction, frame, injected);
        }
        assert!(buffer.is_empty(), "whole frames: {text:?}");
    }

    fn frame(&mut self, direction: Direction, frame: Frame, injected: bool) {
        let secrets = Secrets::of(crate::msnp::dictionary::secrets(direction, frame.line()));
        self.own(EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
            direction,
            frame,
            secrets,
            injected,
        }));
    }

    /// The client says these frames.
    pub fn c(&mut self, text: &str) -> &mut Self {
        self.frames(Direction::In, text, false);
        self
    }

    /// The service says these frames.
    pub fn s(&mut self, text: &str) -> &mut Self {
        self.frames(Direction::Out, text, false);
        self
    }

    /// The operator puts this in.
    pub fn inject(&mut self, text: &str) -> &mut Self {
        let frame = Frame::from_wire(Bytes::copy_from_slice(text.as_bytes()));
        self.frame(Direction::Out, frame, true);
        self
    }

    pub fn info(&mut self, shape: &str, step: Step) -> &mut Self {
        let info = ClientInfo {
            account: Some("me@local".into()),
            shape: Some(shape.parse::<Shape>().expect("a shape")),
            step,
            ..ClientInfo::new(self.client, peer(4000), self.now())
        };
        self.own(EventKind::Client(Box::new(info)));
        self
    }

    /// A connection at the HTTPS door, with its handshake.
    pub fn tls(&mut self, failure: Option<&'static str>) -> ConnectionId {
        self.next += 1;
        let connection = ConnectionId(self.next);
        self.tell(
            Some(connection),
            None,
            EventKind::Connected {
                service: Service::Https,
                peer: peer(5000),
                local: peer(443),
            },
        );
        let handshake = TlsHandshake {
            version: Some("TLSv1".into()),
            cipher: None,
            sni: None,
            hello: Some(Hello::Sslv2),
            duration: Duration::from_millis(9),
            failure: failure.map(|cause| TlsFailure {
                cause: TlsCause::read(cause).expect("a cause"),
                text: format!("it failed: {cause}").into(),
            }),
        };
        self.tell(Some(connection), None, EventKind::Tls(Box::new(handshake)));
        connection
    }

    pub fn closed(&mut self, connection: ConnectionId) -> &mut Self {
        self.tell(
            Some(connection),
            None,
            EventKind::Disconnected {
                service: Service::Https,
                reason: Ending::other("closed by the client"),
                bytes_in: 0,
                bytes_out: 0,
            },
        );
        self
    }

    /// A request over a connection of its own; `sure` where the service knows whose it is.
    pub fn http(&mut self, action: &str, status: u16, response: &str, sure: bool) -> &mut Self {
        let connection = self.tls(None);
        let account = sure.then(|| "me@local".to_owned());
        let client = sure.then_some(self.client);
        let kind = exchange(action, status, response, account);
        self.tell(Some(connection), client, kind);
        self.closed(connection)
    }

    pub fn bye(&mut self, reason: &str) -> &mut Self {
        self.own(EventKind::Disconnected {
            service: Service::Notification,
            reason: Ending::of_story(reason),
            bytes_in: 0,
            bytes_out: 0,
        });
        self
    }

    /// VER to `USR I`, as in the article.
    pub fn greeted(&mut self) -> &mut Self {
        self.c("VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\r\n")
            .s("VER 1 MSNP16 CVR0\r\n")
            .info("16/mac", Step::Version)
            .c("CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n")
            .s("CVR 2 1 2 3 4 5\r\n")
            .c("USR 3 TWN I me@local\r\n")
            .s("USR 3 TWN S fake=1\r\n")
            .info("16/mac", Step::Authenticating)
    }

    /// And on to `USR OK`.
    pub fn signed_in(&mut self) -> &mut Self {
        self.greeted()
            .http("nexus", 200, NEXUS, false)
            .http("login", 200, LOGIN, true)
            .c("USR 4 TWN S a=HENLO 235411cb78234a468feb6f1bccca43fd\r\n")
            .s("USR 4 OK me@local 1 0\r\n")
            .info("16/mac", Step::SignedIn)
    }

    /// And on to the address book.
    pub fn with_book(&mut self, book: &str) -> &mut Self {
        self.signed_in()
            .http("login", 200, LOGIN, true)
            .http("FindMembership", 200, MEMBERS, true)
            .http("login", 200, LOGIN, true)
            .http("ABFindAll", 200, book, true)
    }

    /// And on to BLP.
    pub fn with_lists(&mut self) -> &mut Self {
        self.with_book(BOOK)
            .c("ADL 5 245\r\n<ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /><c n=\"brb\" l=\"3\" t=\"1\" /><c n=\"busy\" l=\"3\" t=\"1\" /><c n=\"hidden\" l=\"3\" t=\"1\" /><c n=\"idle\" l=\"3\" t=\"1\" /><c n=\"lunch\" l=\"3\" t=\"1\" /><c n=\"online\" l=\"3\" t=\"1\" /><c n=\"phone\" l=\"3\" t=\"1\" /></d></ml>")
            .s("ADL 5 OK\r\n")
            .c("PRP 6 MFN Me%20Myself\r\n")
            .s("ACK 6 PRP\r\n")
            .c("BLP 7 AL\r\n")
            .s("ACK 7 BLP\r\n")
    }

    /// And the presence of every contact, each line ending in `end`.
    pub fn online(&mut self, end: &str) -> &mut Self {
        self.with_lists()
            .c("CHG 8 NLN 1085276192:131088\r\n")
            .s("CHG 8 NLN 1085276192:131088\r\n")
            .info("16/mac", Step::Online);
        for (status, name) in [
            ("NLN", "online"),
            ("BSY", "busy"),
            ("IDL", "idle"),
            ("AWY", "away"),
            ("BRB", "brb"),
            ("LUN", "lunch"),
            ("PHN", "phone"),
        ] {
            self.s(&format!(
                "ILN 8 {status} {name}@local 1 A%20User 1085276192{end}\r\n"
            ))
            .s(&format!("UBX {name}@local 1 89\r\n<Data><PSM>0b48cf1c-b9a5-4793-b8d4-a8ddd6b13c6c</PSM><CurrentMedia></CurrentMedia></Data>"));
        }
        self
    }

    /// The whole article.
    pub fn article() -> Self {
        let mut story = Self::new();
        story
            .online(" %3Cmsnobj%2F%3E")
            .c("UUX 9 53\r\n<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>")
            .s("ACK 9 UUX\r\n")
            .c("UUX 10 75\r\n<EndpointData><Capabilities>1085276192:131088</Capabilities></EndpointData>")
            .s("ACK 10 UUX\r\n")
            .c("UUX 11 92\r\n<PrivateEndpointData><EpName>Rhodes</EpName><ClientType>1</ClientType></PrivateEndpointData>")
            .s("ACK 11 UUX\r\n")
            .c("URL 12 MOBILE\r\n")
            .s("URL 12 MOBILE http://10.0.10.126:8080/\r\n")
            .c("URL 13 PROFILE 0x0409\r\n")
            .s("URL 13 PROFILE http://10.0.10.126:8080/\r\n")
            .c("URL 14 CHGMOB\r\n")
            .s("URL 14 CHGMOB http://10.0.10.126:8080/\r\n")
            .c("UUN 15 me@local 8 9\r\nignore me")
            .s("ACK 15 UUN\r\n")
            .c("PNG 16\r\n")
            .s("QNG 60\r\n");
        story
    }
}

pub fn peer(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 7], port))
}

pub fn exchange(action: &str, status: u16, response: &str, account: Option<String>) -> EventKind {
    EventKind::Http(Box::new(HttpExchange {
        service: Service::Https,
        method: "GET".into(),
        target: "/".into(),
        host: Some("nexus.passport.com".into()),
        action: action.into(),
        account,
        status,
        request: Masked::default(),
        response: Masked::open(response.to_owned()),
        duration: Duration::ZERO,
    }))
}
