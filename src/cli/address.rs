//! `host` and `host:port`, as every argument takes them.

use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::str::FromStr;

/// A host, and a port where one was given. Its text can stand in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// From 1 to 65535.
    pub port: Option<u16>,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = |host: &str| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        };
        let port = |port: &str| port.parse::<u16>().ok().filter(|port| *port != 0);
        let bracketed = text
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .filter(|(ip, _)| ip.parse::<Ipv6Addr>().is_ok());
        let parts = match (bracketed, text.split_once(':')) {
            (Some((ip, "")), _) => Some((ip, None)),
            (Some((ip, rest)), _) => rest.strip_prefix(':').map(|after| (ip, Some(after))),
            (None, Some((host, after))) => name(host).then_some((host, Some(after))),
            (None, None) => name(text).then_some((text, None)),
        };
        let read = parts.and_then(|(host, after)| {
            Some(Self {
                host: host.to_owned(),
                port: match after {
                    Some(after) => Some(port(after)?),
                    None => None,
                },
            })
        });
        read.ok_or_else(|| "a host or host:port is wanted, such as 10.0.10.126:8080; an IPv6 address stands in brackets".into())
    }
}

impl Address {
    /// `host:port`, with this port where none was given.
    pub fn with_port(&self, port: u16) -> String {
        let port = self.port.unwrap_or(port);
        match self.host.contains(':') {
            true => format!("[{}]:{port}", self.host),
            false => format!("{}:{port}", self.host),
        }
    }

    /// Where that is, with this port where none was given.
    pub fn find(&self, port: u16) -> Result<SocketAddr, String> {
        let text = self.with_port(port);
        text.to_socket_addrs()
            .map_err(|error| format!("no address for {text}: {error}"))?
            .next()
            .ok_or_else(|| format!("no address for {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn hosts_and_ports_are_read_in_every_form() {
        for (fine, whole) in [
            ("10.0.10.126", "10.0.10.126:443"),
            ("mac.local:8080", "mac.local:8080"),
            ("[::1]", "[::1]:443"),
            ("[fe80::1]:80", "[fe80::1]:80"),
        ] {
            let address: Address = fine.parse().expect(fine);
            assert_eq!(address.with_port(443), whole);
        }
        for wrong in [
            "",
            "::1",
            "a:b:c",
            "host:0",
            "host:99999",
            "host:",
            ":80",
            "[]",
            "[::1",
            "[::1]80",
            "[x]:80",
            "http://host",
            "a/b",
            "me@host",
            "ho st",
        ] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong:?}");
        }
    }
}
