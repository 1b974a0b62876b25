//! A service on loopback at free ports, and a raw client that speaks literal bytes to it.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use nudge::event::{Clock, EventKind, EventSink, EventStream};
use nudge::roster::Roster;
use nudge::server::doors::{Addresses, bind};
use nudge::server::hub::Hub;
use nudge::server::passport::ticket::Tickets;
use nudge::server::service::Service;
use nudge::server::shares::Bounds;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a test waits for anything before it fails. No test asserts a time; this only ends one
/// that would hang.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct TestService {
    pub hub: Arc<Hub>,
    pub tickets: Arc<Tickets>,
    pub service: Arc<Service>,
    pub notification: SocketAddr,
    pub http: SocketAddr,
    pub stream: EventStream,
}

/// Starts the notification service with this roster.
pub fn start(roster: Roster) -> TestService {
    let (events, stream) = EventSink::new(Clock::start());
    let hub = Arc::new(Hub::new(roster, events.clone()));
    let tickets = Arc::new(Tickets::new().expect("a ticket key"));
    let (doors, _) = bind(&Addresses::any_port()).expect("free ports");
    let address = |service| {
        doors
            .iter()
            .find(|d| d.service == service)
            .expect("a door")
            .address
    };
    let notification = address(nudge::event::Service::Notification);
    let http = address(nudge::event::Service::Http);
    let service = Service::start(
        hub.clone(),
        tickets.clone(),
        events,
        None,
        None,
        Bounds::default(),
        doors,
    );
    TestService {
        hub,
        tickets,
        service,
        notification,
        http,
        stream,
    }
}

/// Everything, at free ports.
pub struct Whole {
    _folder: tempfile::TempDir,
    engine: nudge::engine::Engine,
    doors: Vec<(nudge::event::Service, SocketAddr)>,
    pub stream: EventStream,
}

/// Starts the whole service, with a folder of its own.
pub async fn whole() -> Whole {
    whole_within(None).await
}

/// The same with so many connections at most.
pub async fn whole_within(bounds: Option<Bounds>) -> Whole {
    whole_with(|options| options.bounds = bounds).await
}

/// The same with other options.
pub async fn whole_with(change: impl FnOnce(&mut nudge::engine::Options)) -> Whole {
    let folder = tempfile::tempdir().expect("a folder");
    let (events, mut stream) = EventSink::new(Clock::start());
    let mut options = nudge::engine::Options {
        addresses: Addresses::any_port(),
        contacts: Some(folder.path().join("contacts")),
        certs: Some(folder.path().join("certs")),
        ..nudge::engine::Options::loopback()
    };
    change(&mut options);
    let engine = nudge::engine::Engine::start(options, events).expect("starts");
    let mut doors = Vec::new();
    while doors.len() < 4 {
        let envelope = stream.recv().await.expect("an event");
        if let EventKind::Listening { address, service } = envelope.event.kind {
            doors.push((service, address));
        }
    }
    Whole {
        _folder: folder,
        engine,
        doors,
        stream,
    }
}

impl Whole {
    /// Its folder, with `contacts` and `certs` in it.
    pub fn folder(&self) -> &std::path::Path {
        self._folder.path()
    }

    /// The engine.
    pub fn engine(&self) -> &nudge::engine::Engine {
        &self.engine
    }

    /// The built-in client, for this service.
    pub fn client(&self, account: &str) -> nudge::client::Config {
        use nudge::event::Service::{Https, Notification};
        nudge::client::Config {
            account: account.to_owned(),
            ..nudge::client::Config::local(self.door(Notification), self.door(Https))
        }
    }

    /// Takes every event away as it comes.
    pub fn ignore_events(&mut self) {
        let (_, empty) = EventSink::new(Clock::start());
        let mut stream = std::mem::replace(&mut self.stream, empty);
        tokio::spawn(async move { while stream.recv().await.is_some() {} });
    }

    /// Where this door is.
    pub fn door(&self, of: nudge::event::Service) -> SocketAddr {
        let door = self.doors.iter().find(|(service, _)| *service == of);
        door.expect("a door").1
    }
}

impl TestService {
    /// Carries out a command as it is typed; what came of it, in words.
    pub fn run(&self, line: &str) -> Result<String, String> {
        let registry = nudge::command::Registry::HEADLESS;
        let Ok(nudge::command::Parsed::Action(action)) = registry.parse(line) else {
            panic!("{line}");
        };
        nudge::server::control::carry_out(&self.hub, self.service.switchboard(), action)
            .map(|(text, _)| text)
    }

    /// Waits for the first event that `wanted` takes.
    pub async fn event<T>(&mut self, mut wanted: impl FnMut(&EventKind) -> Option<T>) -> T {
        let search = async {
            loop {
                let envelope = self.stream.recv().await.expect("the service goes on");
                if let Some(found) = wanted(&envelope.event.kind) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search)
            .await
            .expect("the event comes")
    }

    /// Waits for a finding with this id, and gives back its field and text.
    pub async fn finding(&mut self, id: &str) -> (String, String) {
        self.event(|kind| match kind {
            EventKind::Finding(f) if f.id.name() == id => {
                Some((f.field.to_string(), f.text.to_string()))
            }
            _ => None,
        })
        .await
    }

    /// Takes every event away as it comes, so that no connection waits for room.
    pub fn ignore_events(&mut self) {
        let (_, empty) = EventSink::new(Clock::start());
        let mut stream = std::mem::replace(&mut self.stream, empty);
        tokio::spawn(async move { while stream.recv().await.is_some() {} });
    }

    pub async fn connect(&self) -> Raw {
        Raw::connect(self.notification).await
    }

    /// A client that has signed in, and has not yet said CHG.
    pub async fn signed_in(&self, account: &str, dialect: &str, machine: &str) -> Raw {
        let mut raw = self.connect().await;
        raw.send(&format!("VER 1 {dialect}\r\nCVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs {account}\r\nUSR 3 TWN I {account}\r\n")).await;
        for _ in 0..3 {
            raw.line().await;
        }
        let ticket = self.tickets.issue(account, None);
        raw.send(&format!("USR 4 TWN S {ticket} {machine}\r\n"))
            .await;
        assert_eq!(raw.line().await, format!("USR 4 OK {account} 1 0"));
        raw
    }

    /// A client of Windows that has signed in by TWN at this dialect as `me@local.test`, with its profile read away.
    pub async fn windows(&self, dialect: &str) -> Raw {
        self.windows_at(dialect, "me@local.test", "").await
    }

    /// The same with this account, from the machine with this GUID.
    pub async fn windows_at(&self, dialect: &str, account: &str, machine: &str) -> Raw {
        let number: u8 = dialect[4..].parse().expect("a dialect");
        let mut raw = self.connect().await;
        raw.send(format!("VER 1 {dialect} CVR0\r\n")).await;
        raw.expect(&format!("VER 1 {dialect} CVR0\r\n")).await;
        raw.send(format!(
            "CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS {account}\r\n"
        ))
        .await;
        let line = raw.line().await;
        let recommended = "CVR 2 6.0.0602 6.0.0602 6.0.0602 http://";
        assert!(line.starts_with(recommended), "{line}");
        raw.send(format!("USR 3 TWN I {account}\r\n")).await;
        if number >= 13 {
            let policies = raw.line().await;
            let length = policies.strip_prefix("GCF 0 ").expect("policies");
            raw.skip(length.parse().expect("a length")).await;
        }
        let line = raw.line().await;
        let parameters = "USR 3 TWN S lc=1033,id=507,tw=40,fs=1,";
        assert!(line.starts_with(parameters), "{line}");
        let ticket = self.tickets.issue(account, None);
        raw.send(format!("USR 4 TWN S {ticket} {machine}\r\n"))
            .await;
        let name = match number {
            8 | 9 => format!(" {}", account.replace('@', "%40")),
            _ => String::new(),
        };
        raw.expect(&format!("USR 4 OK {account}{name} 1 0\r\n"))
            .await;
        if number >= 11 {
            raw.expect("SBS 0 null\r\n").await;
        }
        raw.message("text/x-msmsgsprofile").await;
        if number >= 18 {
            raw.expect(&format!("UBX 1:{account} 0\r\n")).await;
        } else if number >= 16 {
            raw.expect(&format!("UBX {account} 1 0\r\n")).await;
        }
        raw
    }

    /// A client that sees its contacts.
    pub async fn online(&self, account: &str) -> Raw {
        let mut raw = self
            .signed_in(account, "MSNP16", "00000000000000000000000000000001")
            .await;
        raw.send("CHG 8 NLN 0\r\nPNG 9\r\n").await;
        while raw.line().await != "QNG 60" {}
        raw
    }
}

/// A client that sends and expects literal bytes.
pub struct Raw {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Raw {
    pub async fn connect(address: SocketAddr) -> Self {
        Self {
            stream: TcpStream::connect(address).await.expect("connects"),
            buffer: Vec::new(),
        }
    }

    pub async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.stream
            .write_all(text.as_ref())
            .await
            .expect("the service reads");
    }

    async fn more(&mut self) -> usize {
        tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer))
            .await
            .expect("an answer comes")
            .unwrap_or(0)
    }

    /// Sends a line, and expects a line in answer.
    pub async fn ask(&mut self, line: &str, answer: &str) {
        self.send(format!("{line}\r\n")).await;
        self.expect(&format!("{answer}\r\n")).await;
    }

    /// Says CHG, and reads the initial presence away.
    pub async fn comes_online(&mut self) {
        self.send("CHG 5 NLN 0\r\nPNG\r\n").await;
        while !self.line().await.starts_with("QNG") {}
    }

    /// The next bytes must be exactly these.
    pub async fn expect(&mut self, wanted: &str) {
        while self.buffer.len() < wanted.len() && self.more().await > 0 {}
        let got = self.buffer.len().min(wanted.len());
        assert_eq!(String::from_utf8_lossy(&self.buffer[..got]), wanted);
        self.buffer.drain(..got);
    }

    /// The next line, without its CR LF; the payload of UBX is read away with it.
    pub async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let line = String::from_utf8_lossy(&line[..end]).into_owned();
                if line.starts_with("UBX ") {
                    let length: usize = line
                        .rsplit(' ')
                        .next()
                        .expect("a length")
                        .parse()
                        .expect("a number");
                    while self.buffer.len() < length && self.more().await > 0 {}
                    self.buffer.drain(..length);
                }
                return line;
            }
            assert!(
                self.more().await > 0,
                "closed; so far {:?}",
                String::from_utf8_lossy(&self.buffer)
            );
        }
    }

    /// A message of the service of this type, which is read away and given back.
    pub async fn message(&mut self, kind: &str) -> String {
        let line = self.line().await;
        let length = line.strip_prefix("MSG Hotmail Hotmail ");
        let length = length.unwrap_or_else(|| panic!("a message and not {line}"));
        let text = self.take(length.parse().expect("a length")).await;
        assert!(text.contains(kind), "{text}");
        text
    }

    /// The next bytes, as many as these.
    pub async fn take(&mut self, length: usize) -> String {
        String::from_utf8_lossy(&self.take_bytes(length).await).into_owned()
    }

    /// The same as they are.
    pub async fn take_bytes(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length && self.more().await > 0 {}
        self.buffer.drain(..length).collect()
    }

    /// Reads so many bytes away.
    pub async fn skip(&mut self, length: usize) {
        self.take(length).await;
    }

    /// Everything up to the end of the connection.
    pub async fn rest(&mut self) -> String {
        while self.more().await > 0 {}
        String::from_utf8_lossy(&std::mem::take(&mut self.buffer)).into_owned()
    }
}
