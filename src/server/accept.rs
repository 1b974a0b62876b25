//! Accepts connections, one loop a door. It goes on when the system is out of file descriptors, and says so once.

use super::doors::Door;
use super::service::Service;
use crate::event::{EventKind, Finding, Severity};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How long to wait before accepting again when the system has no file descriptor left.
const BACK_OFF: Duration = Duration::from_millis(100);
/// How long to wait before accepting again when a connection was just ended to make room.
const ONE_GOES: Duration = Duration::from_millis(10);
/// If file descriptors run out again within this time, it counts as the same shortage and is not reported again.
const QUIET: Duration = Duration::from_secs(10);
/// How long a connection is silent before the first TCP keepalive probe. A stopped process still answers probes; a
/// dead machine does not.
const KEEPALIVE: Duration = Duration::from_secs(120);

/// Accepts at one door until the service ends.
pub async fn accept(service: Arc<Service>, door: Door) {
    let stop = service.stopping();
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
        match accepted {
            Ok((stream, peer)) => {
                prepare(&stream);
                let local = stream.local_addr().unwrap_or(door.address);
                service.connected(door.service, stream, peer, local, room);
            }
            Err(error) if is_want_of_room(&error) => {
                let again = starved.replace(Instant::now());
                if again.is_none_or(|last| last.elapsed() > QUIET) {
                    service.events().tell(EventKind::Finding(Box::new(Finding {
                        id: "no-descriptors",
                        severity: Severity::Error,
                        field: format!("{} {}", door.service.name(), door.address),
                        text: format!("no further connection can be accepted until another closes: {error}; raise the limit of open files (ulimit -n)"),
                        evidence: None,
                    })));
                }
                // Those that say nothing may hold for ever what the others want.
                let wait = if service.crowd_out() {
                    ONE_GOES
                } else {
                    BACK_OFF
                };
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stop.cancelled() => return,
                }
            }
            Err(error) => {
                tracing::debug!(%error, door = %door.address, "accept");
                // A peer that was gone before we took its connection is its own affair; anything else
                // could come again at once, and for ever.
                if error.kind() != io::ErrorKind::ConnectionAborted {
                    tokio::select! {
                        () = tokio::time::sleep(BACK_OFF) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
        }
    }
}

fn prepare(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(Duration::from_secs(30));
    // Without these the connection works all the same.
    if let Err(error) = socket.set_tcp_keepalive(&keepalive) {
        tracing::debug!(%error, "keepalive");
    }
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay");
    }
}

fn is_want_of_room(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
    )
}

/// Raises the soft limit of open files to the hard one, and returns the limit.
pub fn raise_descriptor_limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let soft = limit.current;
        limit.current = limit.maximum;
        // macOS says "unlimited" and takes no more than its own bound.
        if setrlimit(Resource::Nofile, limit).is_err() {
            limit.current = Some(10_240).max(soft);
            let _ = setrlimit(Resource::Nofile, limit);
        }
    }
    getrlimit(Resource::Nofile).current
}

/// The address as a URL has it.
pub fn authority(address: SocketAddr, default_port: u16) -> String {
    // An IPv4 peer of an IPv6 door reached an IPv4 address.
    let ip = address.ip().to_canonical();
    let address = SocketAddr::new(ip, address.port());
    if address.port() != default_port {
        return address.to_string();
    }
    match ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
