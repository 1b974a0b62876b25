//! The doors: which addresses each service listens on, bound all together before any is announced.

use crate::event::Service;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::{fmt, io};
use tokio::net::TcpListener;

/// How many connections the system may hold before we accept them.
const BACKLOG: i32 = 1024;

/// The addresses to listen on. Port 0 is any that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// MSNP.
    pub notification: Vec<SocketAddr>,
    /// Passport and SOAP over TLS.
    pub https: Vec<SocketAddr>,
    /// The same in the clear.
    pub http: Vec<SocketAddr>,
    /// Conversations. Where none is named, it is next to the notification port: see [`bind`].
    pub switchboard: Vec<SocketAddr>,
}

/// The ports of the real service: notification, HTTPS, HTTP.
pub const REAL_PORTS: [u16; 3] = [1863, 443, 80];
/// The ports on loopback, which need no privilege.
pub const LOOPBACK_PORTS: [u16; 3] = [1863, 8443, 8080];

impl Addresses {
    /// On loopback, at 1863, 8443 and 8080.
    pub fn loopback() -> Self {
        let [notification, https, http] =
            LOOPBACK_PORTS.map(|port| vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))]);
        Self {
            notification,
            https,
            http,
            switchboard: Vec::new(),
        }
    }

    /// On loopback, at ports that are free.
    pub fn any_port() -> Self {
        let any = || vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
        Self {
            notification: any(),
            https: any(),
            http: any(),
            switchboard: Vec::new(),
        }
    }

    /// On every interface, IPv4 and IPv6, at the ports that the real service had.
    pub fn lan() -> Self {
        let [notification, https, http] = REAL_PORTS.map(|port| {
            vec![
                SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port),
                SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port),
            ]
        });
        Self {
            notification,
            https,
            http,
            switchboard: Vec::new(),
        }
    }

    fn all(&self) -> impl Iterator<Item = (Service, SocketAddr)> {
        let of = |service, list: &Vec<SocketAddr>| {
            list.clone()
                .into_iter()
                .map(move |address| (service, address))
        };
        of(Service::Notification, &self.notification)
            .chain(of(Service::Https, &self.https))
            .chain(of(Service::Http, &self.http))
            .chain(of(Service::Switchboard, &self.switchboard))
    }
}

/// One open door.
#[derive(Debug)]
pub struct Door {
    /// Of which service.
    pub service: Service,
    /// Its address, with the port that it got.
    pub address: SocketAddr,
    /// The socket.
    pub listener: TcpListener,
}

/// Why a door could not be opened.
#[derive(Debug)]
pub struct Shut {
    /// Of which service.
    pub service: Service,
    /// Where.
    pub address: SocketAddr,
    /// What the system said.
    pub error: io::Error,
}

/// The doors that could not be opened, at least one. Printed, those that the system refuses for one reason share a
/// sentence, with what to do.
#[derive(Debug)]
pub struct BindError(pub Vec<Shut>);

impl std::error::Error for BindError {}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left: Vec<&Shut> = self.0.iter().collect();
        let mut between = "";
        while let Some(first) = left.first() {
            let kind = first.error.kind();
            let is_alike = |shut: &&Shut| shut.error.kind() == kind;
            let (alike, others): (Vec<_>, Vec<_>) = left.iter().copied().partition(is_alike);
            let error = &first.error;
            let doors = alike
                .iter()
                .map(|shut| format!("{} for {}", shut.address, shut.service.name()));
            let (doors, advice) = (listed(doors), advice(kind, &alike));
            write!(f, "{between}cannot listen on {doors}: {error}; {advice}")?;
            (left, between) = (others, "\n");
        }
        Ok(())
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    match items.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => items.concat(),
    }
}

/// Opens every door, or none. The switchboard's come last; where no address is named for it, it is on the hosts of the
/// notification doors, at the next port; at any free port where that is taken or the notification port was asked for as 0. A machine without IPv6 has no IPv6 doors: their addresses come back second.
///
/// # Errors
/// [`BindError`] of all that cannot be opened. Must be called inside a tokio runtime.
pub fn bind(addresses: &Addresses) -> Result<(Vec<Door>, Vec<SocketAddr>), BindError> {
    let (mut doors, mut without, mut shut) = (Vec::new(), Vec::new(), Vec::new());
    for (service, address) in addresses.all() {
        match open(address) {
            Ok(listener) => {
                let address = listener.local_addr().unwrap_or(address);
                doors.push(Door {
                    service,
                    address,
                    listener,
                });
            }
            Err(error)
                if address == SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port()))
                    && has_no_ipv6(&error) =>
            {
                without.push(address);
            }
            Err(error) => shut.push(Shut {
                service,
                address,
                error,
            }),
        }
    }
    if !shut.is_empty() {
        return Err(BindError(shut));
    }
    if addresses.switchboard.is_empty() {
        let next: Vec<(SocketAddr, SocketAddr)> = addresses
            .notification
            .iter()
            .filter(|asked| !without.contains(asked))
            .zip(
                doors
                    .iter()
                    .filter(|door| door.service == Service::Notification),
            )
            .map(|(asked, door)| (*asked, door.address))
            .collect();
        for (asked, address) in next {
            doors.push(beside(asked, address, &doors)?);
        }
    }
    Ok((doors, without))
}

/// A switchboard door beside a notification door.
fn beside(asked: SocketAddr, address: SocketAddr, doors: &[Door]) -> Result<Door, BindError> {
    // The doors of one service have one port, since clients are told one.
    let same = doors
        .iter()
        .find(|door| door.service == Service::Switchboard);
    let wanted = match (same, asked.port().checked_add(1)) {
        (Some(door), _) => door.address.port(),
        (None, Some(next)) if asked.port() != 0 => next,
        _ => 0,
    };
    let at = |port| SocketAddr::new(address.ip(), port);
    let listener = open(at(wanted)).or_else(|_| open(at(0)));
    match listener {
        Ok(listener) => Ok(Door {
            service: Service::Switchboard,
            address: listener.local_addr().unwrap_or(at(wanted)),
            listener,
        }),
        Err(error) => Err(BindError(vec![Shut {
            service: Service::Switchboard,
            address: at(wanted),
            error,
        }])),
    }
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // macOS has no flag for it at the making of a socket, so it is set afterwards.
    socket.set_nonblocking(true)?;
    // Connections of the run before that are still being wound up do not hold the port.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn has_no_ipv6(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let code = Errno::from_io_error(error);
    matches!(
        code,
        Some(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL | Errno::PROTONOSUPPORT)
    )
}

/// What to do about doors that are shut for one reason.
fn advice(kind: io::ErrorKind, shut: &[&Shut]) -> String {
    let each = |value: fn(SocketAddr) -> String| {
        let mut options: Vec<_> = shut
            .iter()
            .map(|shut| format!("--{} {}", shut.service.name(), value(shut.address)))
            .collect();
        options.dedup();
        options.join(" ")
    };
    let anywhere = each(|_| "ADDR".into());
    match kind {
        io::ErrorKind::AddrInUse => format!(
            "another program, or another nudge, has {}: end that one, or take any free port with {}",
            if shut.len() == 1 { "it" } else { "them" },
            each(|address| SocketAddr::new(address.ip(), 0).to_string())
        ),
        io::ErrorKind::PermissionDenied if cfg!(target_os = "linux") => {
            // Whoever gets leave for the lowest has leave for all.
            let lowest = shut.iter().map(|shut| shut.address.port()).min();
            format!(
                "ports below 1024 need a privilege: run `sudo sysctl net.ipv4.ip_unprivileged_port_start={}`, or start as root, or name other ports with {anywhere}",
                lowest.unwrap_or_default()
            )
        }
        io::ErrorKind::PermissionDenied => format!(
            "ports below 1024 need a privilege: start with sudo, or name other ports with {anywhere}"
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "this machine has no such address: name one of its own, or 0.0.0.0, with {anywhere}"
        ),
        _ => format!("name another address with {anywhere}"),
    }
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
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_is_taken_is_named_with_what_to_do_and_nothing_stays_open() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("its address");
        let mut addresses = Addresses::any_port();
        addresses.http = vec![address];
        let error = bind(&addresses).expect_err("it is taken").to_string();
        assert!(
            error.contains(&address.to_string()) && error.contains("for http"),
            "{error}"
        );
        assert!(error.contains("--http 127.0.0.1:0"), "{error}");
        assert!(!error.contains("--https"), "{error}");
    }

    #[tokio::test]
    async fn ports_that_are_taken_are_named_all_at_once() {
        let taken: Vec<_> = (0..3)
            .map(|_| std::net::TcpListener::bind("127.0.0.1:0").expect("a port"))
            .collect();
        let at = |n: usize| taken[n].local_addr().expect("its address");
        let mut addresses = Addresses::any_port();
        addresses.notification = vec![at(0)];
        addresses.https = vec![at(1)];
        addresses.http = vec![at(2), "192.0.2.1:80".parse().expect("an address")];
        let error = bind(&addresses).expect_err("they are taken").to_string();
        let (taken, elsewhere) = error.split_once('\n').expect("two reasons");
        let doors = format!(
            "cannot listen on {} for notification, {} for https and {} for http: ",
            at(0),
            at(1),
            at(2)
        );
        assert!(taken.starts_with(&doors), "{error}");
        let advice = "has them: end that one, or take any free port with --notification 127.0.0.1:0 --https 127.0.0.1:0 --http 127.0.0.1:0";
        assert!(taken.ends_with(advice), "{error}");
        assert!(
            elsewhere.starts_with("cannot listen on 192.0.2.1:80 for http: "),
            "{error}"
        );
    }

    #[tokio::test]
    async fn the_switchboard_is_beside_the_notification_door_or_at_any_port() {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        for taken in [false, true] {
            // Two ports in a row that are free now.
            let (first, second) = loop {
                let first = free();
                let address = first.local_addr().expect("its address");
                let next = SocketAddr::new(address.ip(), address.port().saturating_add(1));
                if let Ok(second) = std::net::TcpListener::bind(next) {
                    drop(first);
                    break (address, second);
                }
            };
            let next = second.local_addr().expect("its address");
            let held = taken.then_some(second);
            let mut addresses = Addresses::any_port();
            addresses.notification = vec![first];
            let (doors, _) = bind(&addresses).expect("doors");
            let last = doors.last().expect("a door");
            assert_eq!(last.service, Service::Switchboard);
            assert_eq!(last.address == next, !taken);
            drop(held);
        }
    }

    #[tokio::test]
    async fn any_port_is_announced_as_the_one_it_is() {
        let (doors, without) = bind(&Addresses::any_port()).expect("doors");
        assert_eq!(doors.len(), 4);
        let last = doors.last().map(|door| door.service);
        assert_eq!(last, Some(Service::Switchboard));
        assert!(doors.iter().all(|d| d.address.port() != 0) && without.is_empty());
    }
}
