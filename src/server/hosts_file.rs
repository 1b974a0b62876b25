//! The lines of a hosts file that lead old clients to this machine: `nudge hosts [--lan] [--ip ADDR]`.

use crate::msnp::hosts;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The hosts lines for `addresses`, with comment lines that say what they are for. Every host is given
/// once for each address. login.live.com and its like are among them only when asked for: in a hosts file they break
/// real sign-ins on that machine.
pub fn hosts_lines(addresses: &[IpAddr], login_live: bool) -> String {
    let mut out = String::from(
        "# nudge: hosts lines for the machine on which the old client runs.\n\
         # Add them to /etc/hosts (Windows: C:\\Windows\\System32\\drivers\\etc\\hosts); remove them to undo.\n",
    );
    if login_live {
        out.push_str(
            "# With login.live.com and its like: today's Microsoft sign-ins fail on that machine meanwhile.\n",
        );
    }
    if addresses.iter().any(IpAddr::is_loopback) {
        out.push_str("# A loopback address leads to nudge only from this machine itself. For clients on other machines:\n\
             # start `nudge --lan`, and take the lines of `nudge hosts --lan`.\n",
        );
    }
    for address in addresses {
        for name in hosts::names(login_live) {
            let _ = writeln!(out, "{address} {name}");
        }
    }
    out
}

/// The same lines, ended as Windows ends them: its Notepad of the time shows others as one line.
pub fn for_windows(lines: &str) -> String {
    lines.replace('\n', "\r\n")
}

/// This machine's own addresses, the likeliest first: the one from which it reaches other networks,
/// then the other IPv4 addresses, then IPv6. Loopback alone where there is no other. Link-local
/// addresses are left out: in a hosts file they mean nothing.
pub fn own_addresses() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    order(
        found
            .iter()
            .filter(|interface| !interface.is_link_local())
            .map(if_addrs::Interface::ip),
        outward(),
    )
}

fn order(found: impl Iterator<Item = IpAddr>, outward: Option<IpAddr>) -> Vec<IpAddr> {
    let mut out: Vec<IpAddr> = found.filter(|ip| !ip.is_loopback()).collect();
    // Stable, so that those of one kind stay in the system's order.
    out.sort_by_key(|ip| (Some(*ip) != outward, ip.is_ipv6()));
    out.dedup();
    if out.is_empty() {
        out.push(Ipv4Addr::LOCALHOST.into());
    }
    out
}

/// The address that the system would send from. Connecting a UDP socket sends nothing; 192.0.2.1 is
/// an address for examples (RFC 5737).
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket
        .local_addr()
        .ok()
        .map(|address: SocketAddr| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn entries(lines: &str) -> Vec<&str> {
        lines
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect()
    }

    #[test]
    fn every_host_has_one_line_and_the_rest_are_comments() {
        let lines = hosts_lines(&[ip("192.168.1.5")], false);
        let expected: Vec<String> = hosts::names(false)
            .map(|name| format!("192.168.1.5 {name}"))
            .collect();
        assert_eq!(entries(&lines), expected);
        assert!(!lines.contains("login.live.com"));
    }

    #[test]
    fn login_live_is_there_only_when_asked_for_and_with_a_warning() {
        let lines = hosts_lines(&[ip("10.0.0.1")], true);
        for host in ["login.live.com", "msnia.login.live.com", "storage.live.com"] {
            assert!(entries(&lines).contains(&format!("10.0.0.1 {host}").as_str()));
        }
        assert!(lines.contains("fail"));
    }

    #[test]
    fn windows_has_its_own_line_ends_the_last_one_too() {
        let lines = for_windows(&hosts_lines(&[ip("10.0.0.1")], false));
        assert!(lines.ends_with("\r\n"));
        assert_eq!(lines.matches('\n').count(), lines.matches("\r\n").count());
        assert_eq!(
            lines.replace("\r\n", "\n"),
            hosts_lines(&[ip("10.0.0.1")], false)
        );
    }

    #[test]
    fn the_outward_address_is_first_then_ipv4_then_ipv6_and_loopback_last_of_all() {
        let found = ["127.0.0.1", "::1", "fd00::1", "172.17.0.1", "192.168.1.5"].map(ip);
        let ordered = order(found.into_iter(), Some(ip("192.168.1.5")));
        assert_eq!(ordered, ["192.168.1.5", "172.17.0.1", "fd00::1"].map(ip));
        let lonely = order(["127.0.0.1", "::1"].map(ip).into_iter(), None);
        assert_eq!(lonely, [ip("127.0.0.1")]);
    }
}
