//! Reads `host` and `host:port`, for every argument, header and line that has one.

use hyper::http::uri::Authority;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::str::FromStr;

/// Bytes of the longest host name (RFC 1035).
const MAX_HOST: usize = 253;

/// A host, and a port where one was given. Its text can stand in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// The port. 0 only where any free port is meant.
    pub port: Option<u16>,
}

/// The text is no host and port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It is neither.
    #[error(
        "a host or host:port is wanted, such as 10.0.10.126:8080, mac.local or [::1]:8080 (an IPv6 address stands in brackets)"
    )]
    Form,
    /// A number alone, which the system would take for an address.
    #[error("a port alone is no address: write 127.0.0.1:{0}, or another host before it")]
    PortAlone(u16),
}

/// No address is known for a name.
#[derive(Debug, thiserror::Error)]
#[error("no address for {address}{}", error.as_ref().map(|e| format!(": {e}")).unwrap_or_default())]
pub struct NotFound {
    /// What was looked for, with its port.
    pub address: String,
    /// The error of the system.
    pub error: Option<io::Error>,
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(text.parse().map_or(NoAddress::Form, NoAddress::PortAlone));
        }
        let authority: Authority = text.parse().map_err(|_| NoAddress::Form)?;
        // hyper's reader accepts a user, and a port that is no number.
        let host = authority.host();
        let port = match text.strip_prefix(host) {
            Some("") => None,
            Some(rest) => Some(number(rest.strip_prefix(':').ok_or(NoAddress::Form)?)?),
            None => return Err(NoAddress::Form),
        };
        let bracketed = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let fine = match bracketed {
            Some(ip) => ip.parse::<Ipv6Addr>().is_ok(),
            None => {
                let named = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
                (1..=MAX_HOST).contains(&host.len()) && host.bytes().all(named)
            }
        };
        fine.then(|| Self {
            host: bracketed.unwrap_or(host).to_owned(),
            port,
        })
        .ok_or(NoAddress::Form)
    }
}

/// Reads a port of digits, without a sign.
fn number(text: &str) -> Result<u16, NoAddress> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let port = text.parse().ok().filter(|_| digits);
    port.ok_or(NoAddress::Form)
}

impl Address {
    /// Reads an address to connect to, or for a URL: its port is not 0.
    ///
    /// # Errors
    /// [`NoAddress`]: the text is no host and port, or the port is 0.
    pub fn remote(text: &str) -> Result<Self, NoAddress> {
        let address: Self = text.parse()?;
        match address.port {
            Some(0) => Err(NoAddress::Form),
            _ => Ok(address),
        }
    }

    /// The IP address, where the host is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The host as it stands in a URL.
    pub fn host_in_url(&self) -> String {
        let host = &self.host;
        match host.contains(':') {
            true => format!("[{host}]"),
            false => host.clone(),
        }
    }

    /// `host:port`, with this port where none was given.
    pub fn with_port(&self, port: u16) -> String {
        format!("{}:{}", self.host_in_url(), self.port.unwrap_or(port))
    }

    /// The IP address and port, with this port where none was given. A name with IPv4 and IPv6 addresses gives the IPv4 one:
    /// clients of the time know no other, and so doors and clients on one machine agree on what `localhost` is.
    ///
    /// # Errors
    /// [`NotFound`]: the name has no address.
    pub fn find(&self, port: u16) -> Result<SocketAddr, NotFound> {
        let fail = |error| NotFound {
            address: self.with_port(port),
            error,
        };
        let found = (self.host.as_str(), self.port.unwrap_or(port)).to_socket_addrs();
        let all: Vec<SocketAddr> = found.map_err(|error| fail(Some(error)))?.collect();
        let first = all.iter().find(|a| a.is_ipv4()).or(all.first());
        first.copied().ok_or_else(|| fail(None))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => f.write_str(&self.with_port(port)),
            None => f.write_str(&self.host_in_url()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_read_in_every_form() {
        for (fine, whole) in [
            ("10.0.10.126", "10.0.10.126:443"),
            ("mac.local:8080", "mac.local:8080"),
            ("[::1]", "[::1]:443"),
            ("[fe80::1]:80", "[fe80::1]:80"),
            ("host:0", "host:0"),
        ] {
            let address: Address = fine.parse().expect(fine);
            assert_eq!(address.with_port(443), whole);
            assert_eq!(address.to_string(), fine);
        }
        for wrong in [
            "",
            "::1",
            "a:b:c",
            "host:99999",
            "host:+80",
            "host:",
            ":80",
            "[]",
            "[::1",
            "[::1]80",
            "[x]:80",
            "[127.0.0.1]:80",
            "http://host",
            "a/b",
            "me@host",
            "me@host:80",
            "ho st",
            "a!b",
        ] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong:?}");
        }
        assert!(Address::remote("host:0").is_err());
        assert!(Address::remote("host:1").is_ok());
    }

    #[test]
    fn a_port_alone_is_no_address_of_the_system() {
        let refused = |text: &str| text.parse::<Address>().expect_err("no host").to_string();
        assert_eq!(
            refused("1864"),
            "a port alone is no address: write 127.0.0.1:1864, or another host before it"
        );
        assert!(refused("99999").starts_with("a host or host:port"));
    }

    #[test]
    fn what_is_refused_is_answered_with_an_example() {
        let text = "::1"
            .parse::<Address>()
            .expect_err("no brackets")
            .to_string();
        assert!(
            text.contains("10.0.10.126:8080") && text.contains("[::1]:8080"),
            "{text}"
        );
    }

    #[test]
    fn a_name_is_found_at_its_ipv4_address_first() {
        let at = "localhost".parse::<Address>().expect("a name").find(80);
        assert_eq!(at.expect("an address").to_string(), "127.0.0.1:80");
        let at = "[::1]:7".parse::<Address>().expect("an address").find(80);
        assert_eq!(at.expect("an address").to_string(), "[::1]:7");
        // No label of a name is this long, so no name server is asked.
        let nowhere = format!("{}.invalid:7", "x".repeat(64));
        let address: Address = nowhere.parse().expect("a name");
        let error = address.find(80).expect_err("no such name").to_string();
        assert!(
            error.starts_with(&format!("no address for {nowhere}")),
            "{error}"
        );
    }
}
