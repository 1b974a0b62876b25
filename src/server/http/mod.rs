//! HTTP, behind every door that speaks it.
//!
//! `serve` drives one connection over any stream. hyper reads and writes HTTP. What to answer is said by the
//! [site](super::site), a function of the request without IO. TLS and the listening sockets are elsewhere.

pub(crate) mod body;
mod connection;
pub(crate) mod exchange;
mod first;
pub(crate) mod message;
mod refused;
mod root;
mod secrets;
mod tap;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use connection::{Around, Served, serve, serve_or_tunnel};

use crate::event::Service;
use std::net::SocketAddr;
use std::time::Duration;

/// The largest request body that is accepted, in bytes.
pub const MAX_BODY: usize = 256 * 1024;
/// The largest request line and headers together that are accepted, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// The most time for a request's head, and for a connection to rest between two requests.
const IDLE: Duration = Duration::from_secs(60);

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

#[cfg(any(test, fuzzing))]
pub(super) fn secrets_of(bytes: &[u8]) -> crate::event::Secrets {
    secrets::find(bytes, &["hush".to_owned()])
}
