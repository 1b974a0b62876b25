//! The running service: the doors, the connections, and the end of both.

use super::accept;
use super::doors::Door;
use super::hub::Hub;
use super::notification::{Driver, Ending, Mailbox, Session, drive};
use super::passport::ticket::Tickets;
use super::web::Web;
use crate::event::{self, ClientId, ConnectionId, EventKind, EventSink, Room};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long clients have to read their farewell.
const FAREWELL: Duration = Duration::from_millis(1_200);

/// The service, shared by its tasks.
pub struct Service {
    hub: Arc<Hub>,
    tickets: Arc<Tickets>,
    events: EventSink,
    /// The authority of the pages' URLs, where the operator named one.
    public: Option<String>,
    http_port: u16,
    web: Option<Arc<Web>>,
    connections: AtomicU64,
    clients: AtomicU64,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("hub", &self.hub)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Starts accepting at these doors, and tells of each.
    pub fn start(
        hub: Arc<Hub>,
        tickets: Arc<Tickets>,
        events: EventSink,
        public: Option<String>,
        web: Option<Arc<Web>>,
        doors: Vec<Door>,
    ) -> Arc<Self> {
        let http_port = doors
            .iter()
            .find(|d| d.service == event::Service::Http)
            .map_or(80, |d| d.address.port());
        let service = Arc::new(Self {
            hub,
            tickets,
            events,
            public,
            http_port,
            web,
            connections: AtomicU64::new(0),
            clients: AtomicU64::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        for door in &doors {
            service.events.tell(EventKind::Listening {
                service: door.service,
                address: door.address,
            });
        }
        service.events.tell(EventKind::Roster(service.hub.roster()));
        for door in doors {
            service.tasks.spawn(accept::accept(service.clone(), door));
        }
        service
    }

    /// The hub.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// Where events go.
    pub fn events(&self) -> &EventSink {
        &self.events
    }

    /// Is cancelled when the service ends.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Ends the oldest of those that have said nothing, where there are most of them, so that there is room
    /// for another. Whether there was one.
    pub fn crowd_out(&self) -> bool {
        match &self.web {
            Some(web) if web.unheard() > self.hub.unsigned() => web.crowd_out(),
            _ => self.hub.crowd_out(),
        }
    }

    /// Takes up a connection; `room` is for its first event.
    pub fn connected(
        self: &Arc<Self>,
        service: event::Service,
        stream: TcpStream,
        peer: SocketAddr,
        local: SocketAddr,
        room: Room,
    ) {
        let number = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed) + 1;
        let connection = ConnectionId(number(&self.connections));
        let connected = EventKind::Connected {
            service,
            peer,
            local,
        };
        if service != event::Service::Notification {
            let Some(web) = self.web.clone() else {
                return;
            };
            let sink = self.events.connection(connection, None);
            let stop = self.stop.clone();
            sink.tell_in(room, self.events.clock().now(), connected);
            self.tasks.spawn(async move {
                web.serve(service, stream, peer, local, sink, stop).await;
            });
            return;
        }
        let id = ClientId(number(&self.clients));
        let sink = self.events.connection(connection, Some(id));
        let session = Session::new(id, peer, self.events.clock().now());
        let mailbox = Arc::new(Mailbox::default());
        sink.tell_in(room, self.events.clock().now(), connected);
        self.hub.arrive(session.info().clone(), mailbox.clone());
        let driver = Driver {
            hub: self.hub.clone(),
            tickets: self.tickets.clone(),
            pages: self.pages(local),
        };
        self.tasks.spawn(async move {
            sink.tell(EventKind::Client(Box::new(session.info().clone())))
                .await;
            drive(driver, stream, peer, mailbox, session, sink).await;
        });
    }

    /// Where the pages are for a client that reached us at `local`.
    fn pages(&self, local: SocketAddr) -> String {
        let authority = self
            .public
            .clone()
            .unwrap_or_else(|| accept::authority(SocketAddr::new(local.ip(), self.http_port), 80));
        format!("http://{authority}/")
    }

    /// Ends the service: no further connections, `OUT SSD` to the clients, a second for them to take it.
    pub async fn end(&self) {
        self.stop.cancel();
        self.hub.end_all(&Ending::Shutdown);
        self.tasks.close();
        // What has not ended by then ends with the runtime.
        let _ = tokio::time::timeout(FAREWELL, self.tasks.wait()).await;
    }
}
