//! The running service: one accept loop a door, the connections, and the end of both. Accepting goes on when the
//! system is out of file descriptors, and says so once.

use super::descriptors::is_want_of_room;
use super::doors::{Door, authority};
use super::hub::Hub;
use super::link::{Ending, drive};
use super::notification::mail::Exchange;
use super::notification::{Driver, Mailbox, Notification, Session};
use super::passport::ticket::Tickets;
use super::shares::{Bounds, Shares, Side};
use super::switchboard::{self, Seat, Switchboard};
use super::web::Web;
use crate::event::{
    self, ClientId, ConnectionId, ConnectionSink, EventKind, EventSink, Finding, Room,
    ServiceFinding,
};
use crate::msnp::Address;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long clients have to read their farewell.
const FAREWELL: Duration = Duration::from_millis(1_200);
/// How long to wait before accepting again when the system has no file descriptor left.
const BACK_OFF: Duration = Duration::from_millis(100);
/// How long to wait before accepting again when a connection was just ended to make room.
const ONE_GOES: Duration = Duration::from_millis(10);
/// If file descriptors run out again within this time, it counts as the same shortage and is not reported again.
const QUIET: Duration = Duration::from_secs(10);
/// How long a connection is silent before the first TCP keepalive probe. A stopped process still answers probes; a
/// dead machine does not.
const KEEPALIVE: Duration = Duration::from_secs(120);

/// The service, shared by its tasks.
pub struct Service {
    hub: Arc<Hub>,
    tickets: Arc<Tickets>,
    events: EventSink,
    /// The authority of the pages' URLs, where the operator named one.
    public: Option<Address>,
    http_port: u16,
    /// The port of the switchboard, where there is one.
    switchboard_port: Option<u16>,
    switchboard: Arc<Switchboard>,
    web: Option<Arc<Web>>,
    shares: Arc<Shares>,
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
        public: Option<Address>,
        web: Option<Arc<Web>>,
        bounds: Bounds,
        doors: Vec<Door>,
    ) -> Arc<Self> {
        let http_port = doors
            .iter()
            .find(|d| d.service == event::Service::Http)
            .map_or(80, |d| d.address.port());
        let switchboard_port = doors
            .iter()
            .find(|d| d.service == event::Service::Switchboard)
            .map(|d| d.address.port());
        let turns = web.as_ref().map(|web| web.site().turns().clone());
        let turns = turns.unwrap_or_default();
        let service = Arc::new(Self {
            switchboard: Switchboard::new(hub.clone()),
            switchboard_port,
            hub,
            tickets,
            events,
            public,
            http_port,
            web,
            shares: Shares::with(bounds, turns),
            connections: AtomicU64::new(0),
            clients: AtomicU64::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        if let Some(web) = &service.web {
            // It must not keep the service: the service has it.
            let weak = Arc::downgrade(&service);
            web.site()
                .gateway()
                .serve_with(Box::new(move |door, stream, peer, local| {
                    let Some(service) = weak.upgrade() else {
                        return;
                    };
                    service.tasks.clone().spawn(async move {
                        let room = service.events.arrival().await;
                        service.connected(door, stream, peer, local, room);
                    });
                }));
        }
        for door in &doors {
            service.events.tell(EventKind::Listening {
                service: door.service,
                address: door.address,
            });
        }
        service.events.tell(EventKind::Roster(service.hub.roster()));
        for door in doors {
            service.tasks.spawn(accept(service.clone(), door));
        }
        let schedules = super::schedule::play(service.hub.clone(), service.switchboard.clone());
        let departures = service.switchboard.clone().follow();
        let stop = service.stopping();
        service.tasks.spawn(async move {
            tokio::select! {
                () = schedules => {}
                () = departures => {}
                () = stop.cancelled() => {}
            }
        });
        service
    }

    /// The hub.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The conversations.
    pub fn switchboard(&self) -> &Arc<Switchboard> {
        &self.switchboard
    }

    /// Where events go.
    pub fn events(&self) -> &EventSink {
        &self.events
    }

    /// Is cancelled when the service ends.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// What each address holds of the doors.
    pub fn shares(&self) -> &Arc<Shares> {
        &self.shares
    }

    /// Takes up a connection. `room` is the room for its first event.
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
        if service == event::Service::Switchboard {
            let sink = self.events.connection(connection, None);
            sink.tell_in(room, self.events.clock().now(), connected);
            return self.seat(stream, peer, sink);
        }
        if service != event::Service::Notification {
            let Some(web) = self.web.clone() else {
                return;
            };
            let sink = self.events.connection(connection, None);
            let door = super::http::Door {
                service,
                secure: false,
                peer,
                local,
            };
            let (shares, stop) = (self.shares.clone(), self.stop.clone());
            sink.tell_in(room, self.events.clock().now(), connected);
            self.tasks.spawn(async move {
                web.serve(door, stream, sink, &shares, stop).await;
            });
            return;
        }
        let id = ClientId(number(&self.clients));
        let sink = self.events.connection(connection, Some(id)).of_a_client();
        let session = Session::new(id, peer, self.events.clock().now());
        let mailbox = Arc::new(Mailbox::default());
        sink.tell_in(room, self.events.clock().now(), connected);
        self.hub.arrive(session.info().clone(), mailbox.clone());
        let ending = mailbox.clone();
        let place = self
            .shares
            .enter(Side::Notification, peer.ip(), move |want| {
                ending.end(Ending::Crowded(want));
            });
        let driver = Driver {
            hub: self.hub.clone(),
            tickets: self.tickets.clone(),
            pages: self.pages(local),
            here: self.here(local),
            switchboard: self.address_of_switchboard(local),
            place,
        };
        self.tasks.spawn(async move {
            sink.tell(EventKind::Client(Box::new(session.info().clone())))
                .await;
            drive(Notification::new(driver, session), stream, mailbox, sink).await;
        });
    }

    /// Where the notification service is for a client that reached us at `local`.
    fn here(&self, local: SocketAddr) -> String {
        match &self.public {
            // Its port is that of the pages.
            Some(public) => format!("{}:{}", public.host_in_url(), local.port()),
            None => authority(local, 0),
        }
    }

    /// Takes up a connection to the switchboard.
    fn seat(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, sink: ConnectionSink) {
        let mailbox = Arc::new(switchboard::Mailbox::default());
        self.switchboard.arrive(sink.id(), mailbox.clone());
        let ending = mailbox.clone();
        let place = self
            .shares
            .enter(Side::Notification, peer.ip(), move |want| {
                ending.end(Ending::Crowded(want));
            });
        let seat = Seat::new(self.switchboard.clone(), sink.id(), place);
        self.tasks.spawn(drive(seat, stream, mailbox, sink));
    }

    /// Where the switchboard is for a client that reached us at `local`, and who gives it cookies.
    fn address_of_switchboard(&self, local: SocketAddr) -> Option<(String, Arc<dyn Exchange>)> {
        let port = self.switchboard_port?;
        let address = match &self.public {
            Some(public) => format!("{}:{port}", public.host_in_url()),
            None => SocketAddr::new(local.ip().to_canonical(), port).to_string(),
        };
        Some((address, self.switchboard.clone()))
    }

    /// Where the pages are for a client that reached us at `local`.
    fn pages(&self, local: SocketAddr) -> String {
        let authority = match &self.public {
            Some(public) => public.to_string(),
            None => authority(SocketAddr::new(local.ip(), self.http_port), 80),
        };
        format!("http://{authority}/")
    }

    /// Ends the service: no further connections, `OUT SSD` to the clients, a second for them to take it.
    pub async fn end(&self) {
        self.stop.cancel();
        self.hub.end_all(&Ending::Shutdown);
        self.switchboard.end_all(&Ending::Shutdown);
        self.tasks.close();
        // What has not ended by then ends with the runtime.
        let _ = tokio::time::timeout(FAREWELL, self.tasks.wait()).await;
    }
}

/// Accepts at one door until the service ends.
async fn accept(service: Arc<Service>, door: Door) {
    let stop = service.stopping();
    let side = match door.service {
        event::Service::Notification | event::Service::Switchboard => Side::Notification,
        _ => Side::Web,
    };
    let mut starved: Option<Instant> = None;
    loop {
        let next = async {
            let room = service.events().arrival().await;
            (door.listener.accept().await, room)
        };
        let (accepted, room) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => return,
        };
        let wait = match accepted {
            Ok((stream, peer)) => {
                prepare(&stream);
                let local = stream.local_addr().unwrap_or(door.address);
                service.connected(door.service, stream, peer, local, room);
                // Connections that were accepted are heard before others are accepted.
                tokio::task::yield_now().await;
                continue;
            }
            Err(error) if is_want_of_room(&error) => {
                let again = starved.replace(Instant::now());
                if again.is_none_or(|last| last.elapsed() > QUIET) {
                    service.events().tell(EventKind::Finding(Box::new(Finding::new(ServiceFinding::NoDescriptors, format!("{} {}", door.service.name(), door.address), format!("no further connection can be accepted until another closes: {error}; raise the limit of open files (ulimit -n)")))));
                }
                // Connections that say nothing could hold the descriptors for ever.
                if service.shares.make_room(side) {
                    ONE_GOES
                } else {
                    BACK_OFF
                }
            }
            // A peer that was gone before we took its connection is its own affair; anything else could come again
            // at once, and for ever.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => {
                tracing::debug!(%error, door = %door.address, "accept");
                BACK_OFF
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn prepare(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(Duration::from_secs(30));
    // The connection works without these options, too.
    if let Err(error) = socket.set_tcp_keepalive(&keepalive) {
        tracing::debug!(%error, "keepalive");
    }
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay");
    }
}
