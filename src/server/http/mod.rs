//! The HTTP service: Passport, the address book and the page, behind every door that speaks HTTP.
//!
//! [`serve`] drives one connection over any stream; hyper reads and writes HTTP, and what to answer
//! is `route`'s, a function of the request without IO. TLS and the listening sockets are elsewhere.

mod connection;
mod exchange;
mod first;
pub(crate) mod message;
mod page;
mod route;
mod secrets;
mod tap;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use connection::serve;

use crate::event::Service;
use crate::roster::Accounts;
use crate::server::hub::Hub;
use crate::server::passport::ticket::Tickets;
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;

/// The largest request body that is accepted, in bytes.
pub const MAX_BODY: usize = 256 * 1024;
/// The largest request line and headers together that are accepted, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// What the site is made of.
#[derive(Debug)]
pub struct SiteConfig {
    /// The roster, and what each account has of its own.
    pub hub: Arc<Hub>,
    /// Makes tickets and knows them again.
    pub tickets: Arc<Tickets>,
    /// Who may sign in.
    pub accounts: Accounts,
    /// Authority of `DALogin` over TLS, with its port where that is not 443: `loginnet.passport.com:8443`.
    pub login_https: String,
    /// Authority of `DALogin` in the clear, with its port where that is not 80.
    pub login_http: String,
    /// The root certificate, DER.
    pub root_der: Bytes,
    /// The root's fingerprint, as it is shown to people.
    pub root_fingerprint: String,
    /// The lines for a hosts file, one host a line.
    pub hosts_lines: String,
}

/// One site for every door.
#[derive(Debug)]
pub struct Site {
    pub(crate) config: SiteConfig,
    pub(crate) case: message::HeaderCase,
}

impl Site {
    /// The site, ready to answer.
    pub fn new(config: SiteConfig) -> Arc<Self> {
        Arc::new(Self {
            config,
            case: message::HeaderCase::learn(),
        })
    }
}

/// How a connection came in.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// Which service: HTTP or HTTPS.
    pub service: Service,
    /// Whether it came over TLS: false on the HTTP port, and for plain HTTP on the TLS port.
    pub secure: bool,
    /// From where.
    pub peer: SocketAddr,
    /// The address that the peer reached.
    pub local: SocketAddr,
}

/// Bytes as text with what is secret in them masked, for a finding.
pub(crate) fn masked_text(body: &Bytes) -> String {
    // What is no head is looked at as a body.
    let mut bytes = b"\r\n\r\n".to_vec();
    bytes.extend_from_slice(body);
    let masked = exchange::masked(bytes, &[]);
    crate::msnp::escape::to_text(masked.shown(false).trim_ascii())
}
