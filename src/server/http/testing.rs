//! What the tests of HTTP, Passport and SOAP share: a site with the article's contacts, and a client that
//! sends literal bytes.

use super::message::Request;
use super::{Around, Door, serve};
use crate::event::{
    Clock, ConnectionId, Ending, Event, EventKind, EventSink, EventStream, Finding, FindingId,
    HttpExchange, Service,
};
use crate::msnp::Status;
use crate::msnp::adl::Lists;
use crate::roster::Accounts;
use crate::roster::{Contact, Group, Roster};
use crate::server::hub::Hub;
use crate::server::passport::ticket::Tickets;
use crate::server::site::{Ports, Site, SiteConfig};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A group that `busy@local` is in.
pub(crate) const WORK: &str = "99999999-9999-9999-9999-999999999999";

/// The article's eight, in its order.
pub(crate) fn article() -> Roster {
    let eight = [
        (Status::Online, "online", "Online User"),
        (Status::Busy, "busy", "Busy User"),
        (Status::Idle, "idle", "Idle User"),
        (Status::Away, "away", "Away User"),
        (Status::BeRightBack, "brb", "Brb User"),
        (Status::OutToLunch, "lunch", "Lunch User"),
        (Status::OnThePhone, "phone", "Phone User"),
        (Status::Hidden, "hidden", "Hidden User"),
    ];
    let contacts = eight
        .into_iter()
        .zip('1'..)
        .map(|((status, user, name), digit)| {
            let part = |n| digit.to_string().repeat(n);
            Contact {
                id: [part(8), part(4), part(4), part(4), part(12)].join("-"),
                status,
                groups: if user == "busy" {
                    vec![WORK.to_owned()]
                } else {
                    Vec::new()
                },
                lists: Lists(Lists::FORWARD.0 | Lists::ALLOW.0 | Lists::REVERSE.0),
                ..Contact::new(format!("{user}@local"), Some(name.to_owned()))
            }
        });
    let work = Group {
        id: WORK.to_owned(),
        name: "Work & play".to_owned(),
    };
    Roster::new(contacts, [work]).expect("the article's roster")
}

/// A site of the article's contacts.
pub(crate) struct Stage {
    pub site: Arc<Site>,
    pub events: EventSink,
    pub stream: EventStream,
    pub shutdown: CancellationToken,
}

/// One connection to it.
pub(crate) struct Line {
    pub socket: DuplexStream,
    pub served: JoinHandle<Ending>,
}

/// A request over HTTPS from this machine, with no header.
pub(crate) fn request(method: &str, path: &str, body: impl Into<Bytes>) -> Request {
    Request {
        method: method.to_owned(),
        target: path.to_owned(),
        path: path.to_owned(),
        host: None,
        headers: hyper::HeaderMap::new(),
        body: body.into(),
        service: Service::Https,
        secure: true,
        peer: Ipv4Addr::LOCALHOST.into(),
        local: Ipv4Addr::LOCALHOST.into(),
    }
}

pub(crate) fn door(service: Service, secure: bool) -> Door {
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    Door {
        service,
        secure,
        peer: anywhere,
        local: anywhere,
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Accounts::anybody())
    }

    pub(crate) fn with(accounts: Accounts) -> Self {
        Self::of(accounts, Tickets::new().expect("a key"))
    }

    pub(crate) fn of(accounts: Accounts, tickets: Tickets) -> Self {
        let (events, stream) = EventSink::new(Clock::start());
        let hub = Arc::new(Hub::new(article(), events.clone()));
        let site = Site::new(SiteConfig {
            accounts,
            login_https: "loginnet.passport.com:8443".to_owned(),
            login_http: "loginnet.passport.com:8080".to_owned(),
            root_der: Bytes::from_static(b"\x30\x82der"),
            root_fingerprint: "AA:BB".to_owned(),
            root_sha1_fingerprint: "CC:DD".to_owned(),
            ports: Ports {
                http: 8080,
                https: 8443,
                ..Ports::default()
            },
            hosts_lines: "10.0.0.1 nexus.passport.com\n".to_owned(),
            ..SiteConfig::new(hub, Arc::new(tickets))
        });
        Self {
            site,
            events,
            stream,
            shutdown: CancellationToken::new(),
        }
    }

    /// Opens a connection through this door.
    pub(crate) fn open(&self, door: Door) -> Line {
        let (socket, far) = tokio::io::duplex(64 * 1024);
        let around = Around {
            site: self.site.clone(),
            place: None,
            sink: self.events.connection(ConnectionId(1), None),
            shutdown: self.shutdown.clone(),
        };
        let served = tokio::spawn(async move { serve(&around, far, door).await });
        Line { socket, served }
    }

    /// Sends these bytes through TLS's door, ends its own side, and gives back all that came.
    pub(crate) async fn over_tls(&mut self, bytes: impl AsRef<[u8]>) -> String {
        self.send(door(Service::Https, true), bytes).await
    }

    /// The same, over plain HTTP.
    pub(crate) async fn over_http(&mut self, bytes: impl AsRef<[u8]>) -> String {
        self.send(door(Service::Http, false), bytes).await
    }

    pub(crate) async fn send(&mut self, door: Door, bytes: impl AsRef<[u8]>) -> String {
        let mut line = self.open(door);
        // A service that has closed already takes no more, which is no fault of the test.
        let _ = line.socket.write_all(bytes.as_ref()).await;
        let _ = line.socket.shutdown().await;
        let mut all = Vec::new();
        line.socket.read_to_end(&mut all).await.expect("an answer");
        line.served.await.expect("served");
        String::from_utf8(all).expect("text")
    }

    /// All events so far.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.stream.try_recv().ok())
            .map(|envelope| envelope.event)
            .collect()
    }

    /// The exchanges and findings so far.
    pub(crate) fn told(&mut self) -> (Vec<HttpExchange>, Vec<Finding>) {
        let (mut exchanges, mut findings) = (Vec::new(), Vec::new());
        for event in self.events() {
            match event.kind {
                EventKind::Http(exchange) => exchanges.push(*exchange),
                EventKind::Finding(finding) => findings.push(*finding),
                _ => {}
            }
        }
        (exchanges, findings)
    }

    /// The ids of the findings so far.
    pub(crate) fn found(&mut self) -> Vec<FindingId> {
        self.told()
            .1
            .into_iter()
            .map(|finding| finding.id)
            .collect()
    }
}
