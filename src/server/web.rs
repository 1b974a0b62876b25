//! A connection at the HTTP or HTTPS door: TLS where it is wanted, then the site.

use super::counted::{Count, Counted};
use super::http::{self, Door, Site};
use super::tls::{FrontDoor, Opened};
use crate::event::{ConnectionSink, EventKind, Finding, Service, Severity};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// What both doors need.
#[derive(Debug)]
pub struct Web {
    site: Arc<Site>,
    front: FrontDoor,
}

impl Web {
    /// With this site behind this front door.
    pub fn new(site: Arc<Site>, front: FrontDoor) -> Self {
        Self { site, front }
    }

    /// Serves a connection to its end, and tells that end.
    pub async fn serve(
        &self,
        service: Service,
        stream: TcpStream,
        peer: SocketAddr,
        local: SocketAddr,
        sink: ConnectionSink,
        stop: CancellationToken,
    ) {
        let door = |secure| Door {
            service,
            secure,
            peer,
            local,
        };
        let site = self.site.clone();
        let (stream, count) = Counted::new(stream);
        let reason = if service == Service::Http {
            http::serve(site, stream, door(false), false, sink.clone(), stop).await
        } else {
            let opened = tokio::select! {
                opened = self.front.accept(stream) => opened,
                () = stop.cancelled() => return end(&sink, service, "the service is ending".into(), &count).await,
            };
            match opened {
                Ok(Opened::Secure { stream, handshake }) => {
                    sink.tell(EventKind::Tls(handshake)).await;
                    let http2 = stream.is_http2();
                    http::serve(site, stream, door(true), http2, sink.clone(), stop).await
                }
                Ok(Opened::Plain(stream)) => {
                    sink.tell(EventKind::Finding(Box::new(Finding {
                        id: "plain-on-tls-port",
                        severity: Severity::Warning,
                        field: "HTTPS".into(),
                        text: "plain HTTP came to the TLS port: it is served, and a password is refused on it".into(),
                    })))
                    .await;
                    http::serve(site, stream, door(false), false, sink.clone(), stop).await
                }
                Err(handshake) => {
                    let reason = match &handshake.failure {
                        Some(failure) => format!("no TLS: {}", failure.text),
                        None => "no TLS".into(),
                    };
                    sink.tell(EventKind::Tls(handshake)).await;
                    reason
                }
            }
        };
        end(&sink, service, reason, &count).await;
    }
}

async fn end(sink: &ConnectionSink, service: Service, reason: String, count: &Count) {
    sink.tell(EventKind::Disconnected {
        service,
        reason,
        bytes_in: count.read.load(Ordering::Relaxed),
        bytes_out: count.written.load(Ordering::Relaxed),
    })
    .await;
}
