//! The TLS front door: one port for every client from 2003 to today, and for plain HTTP besides.
//!
//! No one library serves them all. So the first bytes are read, a decision is taken on them
//! ([`sniff`]), and they are replayed ([`replay`]) into OpenSSL or into rustls. They are read and not
//! peeked at, since peeking polls, and cannot see that the other side has closed.
//!
//! Nothing is held long for a client that says nothing: a bound on the bytes, on the time to the
//! decision, on the time of the handshake, and on how many are in hand.

mod clocks;
mod failure;
mod legacy;
mod modern;
pub mod replay;
pub mod sniff;
mod stream;
#[cfg(test)]
mod tests;

pub use stream::SecureStream;

use crate::event::{TlsFailure, TlsHandshake};
use crate::msnp::escape;
use crate::server::certificates::Certificates;
use clocks::{Belief, Clocks};
use failure::Trust;
use openssl::ssl::{NameType, Ssl, SslContext, cipher_name};
use replay::Replay;
use sniff::{Decision, HelloFacts, WINDOW};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

/// Why there is no front door.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// OpenSSL cannot be set up.
    #[error("OpenSSL cannot be set up: {0}")]
    OpenSsl(#[from] openssl::error::ErrorStack),
    /// rustls cannot be set up.
    #[error("rustls cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

/// How long and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From the accepted socket to the decision on its first bytes; and for a turn, where
    /// [`Bounds::limit`] is reached.
    pub decision: Duration,
    /// From there to the end of the handshake.
    pub handshake: Duration,
    /// How many sockets may be before the end of their handshake.
    pub limit: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            decision: Duration::from_secs(5),
            handshake: Duration::from_secs(5),
            limit: 1024,
        }
    }
}

/// The front door. Cheap to clone.
#[derive(Clone)]
pub struct FrontDoor {
    legacy: SslContext,
    modern: TlsAcceptor,
    trust: Arc<Trust>,
    bounds: Bounds,
    room: Arc<Semaphore>,
    ssl3: bool,
    /// The hosts that the leaf is for.
    hosts: Arc<[String]>,
    notice: Option<String>,
    clocks: Arc<Clocks>,
}

impl std::fmt::Debug for FrontDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrontDoor")
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// A connection that is let in.
#[derive(Debug)]
pub enum Opened<S> {
    /// Over TLS.
    Secure {
        /// The connection.
        stream: SecureStream<S>,
        /// What was agreed: for the event.
        handshake: Box<TlsHandshake>,
    },
    /// In the clear on the TLS port: to be served as HTTP, and trusted with no password.
    Plain(Replay<S>),
}

impl FrontDoor {
    /// A front door that shows the leaf of `certificates`.
    ///
    /// # Errors
    /// A library that takes neither the leaf nor its key.
    pub fn new(certificates: &Certificates) -> Result<Self, TlsError> {
        Self::with(certificates, Bounds::default(), true)
    }

    /// The same with other bounds, and with SSL 3.0 or without.
    ///
    /// # Errors
    /// As [`FrontDoor::new`].
    pub fn with(certificates: &Certificates, bounds: Bounds, ssl3: bool) -> Result<Self, TlsError> {
        let (legacy, notice) = legacy::context(certificates, ssl3)?;
        Ok(Self {
            legacy,
            modern: modern::acceptor(certificates)?,
            trust: Arc::new(Trust::of(certificates, ssl3)),
            bounds,
            room: Arc::new(Semaphore::new(bounds.limit)),
            ssl3,
            hosts: certificates.hosts().into(),
            notice,
            clocks: Arc::default(),
        })
    }

    /// What the operator has to be told: that this OpenSSL lacks RC4, 3DES or SSL 3.0.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Whether the leaf is for this host.
    pub fn serves(&self, host: &str) -> bool {
        self.hosts
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host))
    }

    /// Reads the first bytes of `stream`, decides, and does the handshake. Takes at most the time that
    /// the bounds allow, and holds a place among [`Bounds::limit`] meanwhile.
    ///
    /// # Errors
    /// The handshake that failed, its `failure` being set; `stream` is closed then.
    pub async fn accept<S>(&self, stream: S) -> Result<Opened<S>, Box<TlsHandshake>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.accept_from(stream, None).await
    }

    /// The same of a peer, whose hellos are compared with one another.
    ///
    /// # Errors
    /// As [`FrontDoor::accept`].
    pub async fn accept_from<S>(
        &self,
        stream: S,
        peer: Option<IpAddr>,
    ) -> Result<Opened<S>, Box<TlsHandshake>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut attempt = Attempt {
            facts: HelloFacts::default(),
            started: Instant::now(),
            peer,
        };
        let Ok(Ok(_place)) = timeout(self.bounds.decision, self.room.acquire()).await else {
            return Err(attempt.failed(failure::busy(self.bounds.limit)));
        };
        attempt.started = Instant::now();
        self.open(stream, &mut attempt)
            .await
            .map_err(|failure| attempt.failed(failure))
    }

    async fn open<S>(&self, mut stream: S, attempt: &mut Attempt) -> Result<Opened<S>, TlsFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (head, decision) = self.first_bytes(&mut stream, attempt).await?;
        if let (Some(peer), Some(clock)) = (attempt.peer, attempt.facts.clock) {
            match self.clocks.believe(peer, clock) {
                Belief::First => {}
                Belief::Again => attempt.facts.again = true,
                Belief::Chance => attempt.facts.clock = None,
            }
        }
        match decision {
            Decision::Plain => Ok(Opened::Plain(Replay::new(head, stream))),
            Decision::Sslv3Only if self.ssl3 => {
                self.legacy(Replay::new(head, stream), attempt).await
            }
            Decision::Legacy => self.legacy(Replay::new(head, stream), attempt).await,
            Decision::Modern => self.modern(Replay::new(head, stream), attempt).await,
            Decision::Sslv2Only | Decision::Sslv3Only | Decision::NotTls => {
                if decision == Decision::Sslv3Only {
                    // A fatal handshake_failure, in SSL 3.0's own words. Whether it arrives is of no matter.
                    let alert = [0x15, 3, 0, 0, 2, 2, 40];
                    let _ = timeout(self.bounds.handshake, stream.write_all(&alert)).await;
                }
                Err(failure::refused(decision, &head))
            }
        }
    }

    /// Reads until a decision can be taken.
    async fn first_bytes<S>(
        &self,
        stream: &mut S,
        attempt: &mut Attempt,
    ) -> Result<(Vec<u8>, Decision), TlsFailure>
    where
        S: AsyncRead + Unpin,
    {
        let deadline = attempt.started + self.bounds.decision;
        let mut head = Vec::new();
        loop {
            let mut buffer = [0; WINDOW];
            let room = &mut buffer[..WINDOW - head.len()];
            let count = match timeout_at(deadline, stream.read(room)).await {
                Err(_) => {
                    attempt.facts = HelloFacts::read(&head);
                    return Err(failure::slow_hello(&head, self.bounds.decision));
                }
                Ok(Err(error)) => return Err(failure::closed_early(&head, Some(&error))),
                Ok(Ok(0)) => {
                    attempt.facts = HelloFacts::read(&head);
                    return Err(failure::closed_early(&head, None));
                }
                Ok(Ok(count)) => count,
            };
            if head.is_empty() {
                attempt.started = Instant::now();
            }
            head.extend_from_slice(&buffer[..count]);
            if let Some(decision) = sniff::decide(&head) {
                attempt.facts = HelloFacts::read(&head);
                return Ok((head, decision));
            }
        }
    }

    async fn legacy<S>(&self, stream: Replay<S>, attempt: &Attempt) -> Result<Opened<S>, TlsFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let bound = self.bounds.handshake;
        let set_up = Ssl::new(&self.legacy)
            .and_then(|ssl| tokio_openssl::SslStream::new(ssl, stream))
            .map_err(openssl::ssl::Error::from);
        let mut stream = match set_up {
            Ok(stream) => stream,
            Err(error) => return Err(failure::legacy(&error, &attempt.facts, &self.trust, 0)),
        };
        match timeout(bound, Pin::new(&mut stream).accept()).await {
            Err(_) => {
                let stage = stream.ssl().state_string_long();
                return Err(failure::slow_handshake(stage, bound));
            }
            Ok(Err(error)) => {
                let read = stream.get_ref().read();
                return Err(failure::legacy(&error, &attempt.facts, &self.trust, read));
            }
            Ok(Ok(())) => {}
        }
        let ssl = stream.ssl();
        let handshake = attempt.succeeded(
            ssl.version_str(),
            ssl.current_cipher().map_or("none", |cipher| cipher.name()),
            ssl.servername_raw(NameType::HOST_NAME),
        );
        Ok(Opened::Secure {
            stream: SecureStream::Legacy(stream),
            handshake,
        })
    }

    async fn modern<S>(&self, stream: Replay<S>, attempt: &Attempt) -> Result<Opened<S>, TlsFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let bound = self.bounds.handshake;
        let accept = self.modern.accept(stream).into_fallible();
        let stream = match timeout(bound, accept).await {
            Err(_) => {
                return Err(failure::slow_handshake("after the service's hello", bound));
            }
            Ok(Err((error, stream))) => {
                let read = stream.read();
                return Err(failure::modern(&error, &attempt.facts, &self.trust, read));
            }
            Ok(Ok(stream)) => stream,
        };
        let session = stream.get_ref().1;
        let version = match session.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "TLSv1.3",
        };
        let cipher = session
            .negotiated_cipher_suite()
            .map_or("none", |suite| suite_name(suite.suite()));
        let sni = session.server_name().map(str::as_bytes);
        let handshake = attempt.succeeded(version, cipher, sni);
        Ok(Opened::Secure {
            stream: SecureStream::Modern(Box::new(stream)),
            handshake,
        })
    }
}

/// OpenSSL's name of a suite, so that one suite has one name whichever library served it.
fn suite_name(suite: rustls::CipherSuite) -> &'static str {
    // rustls writes those of TLS 1.3 in a way of its own.
    let standard = format!("{suite:?}").replace("TLS13_", "TLS_");
    cipher_name(&standard)
}

/// A handshake on its way.
struct Attempt {
    facts: HelloFacts,
    /// When the first byte came; until then, when the socket did.
    started: Instant,
    peer: Option<IpAddr>,
}

impl Attempt {
    fn succeeded(&self, version: &str, cipher: &str, sni: Option<&[u8]>) -> Box<TlsHandshake> {
        Box::new(TlsHandshake {
            version: Some(version.to_string()),
            cipher: Some(cipher.to_string()),
            sni: sni.map(escape::to_text),
            hello: self.facts.hello,
            duration: self.started.elapsed(),
            failure: None,
        })
    }

    fn failed(&self, failure: TlsFailure) -> Box<TlsHandshake> {
        Box::new(TlsHandshake {
            version: self.facts.version.map(str::to_string),
            cipher: None,
            sni: self.facts.sni.clone(),
            hello: self.facts.hello,
            duration: self.started.elapsed(),
            failure: Some(failure),
        })
    }
}
