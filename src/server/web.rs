//! A connection at the HTTP or HTTPS door: TLS where it is wanted, then the site.

use super::counted::Counted;
use super::crowd::{Crowd, Place};
use super::http::{self, Door};
use super::site::Site;
use super::stranger::{self, Speech};
use super::tls::{FrontDoor, Opened};
use crate::event::{ConnectionSink, EventKind, Finding, Service, Severity};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// The most connections that have not asked for anything, at both doors together.
pub const MAX_UNHEARD: usize = 1024;

/// What both doors need.
#[derive(Debug)]
pub struct Web {
    site: Arc<Site>,
    front: FrontDoor,
    crowd: Arc<Crowd>,
}

impl Web {
    /// With this site behind this front door.
    pub fn new(site: Arc<Site>, front: FrontDoor) -> Self {
        Self {
            site,
            front,
            crowd: Crowd::new(MAX_UNHEARD),
        }
    }

    /// How many connections have not asked for anything.
    pub fn unheard(&self) -> usize {
        self.crowd.len()
    }

    /// Ends the oldest connection that has not asked for anything: there is no room for another. Whether
    /// there was one.
    pub fn crowd_out(&self) -> bool {
        self.crowd.crowd_out()
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
        let door = Door {
            service,
            secure: false,
            peer,
            local,
        };
        let (stream, count) = Counted::new(stream);
        let (place, crowded_out) = self.crowd.enter();
        let reason = tokio::select! {
            reason = self.talk(door, stream, place, &sink, stop) => reason,
            () = crowded_out.cancelled() => {
                "too many connections have asked for nothing, and this was the oldest of them".into()
            }
        };
        sink.tell(EventKind::Disconnected {
            service,
            reason,
            bytes_in: count.read.load(Ordering::Relaxed),
            bytes_out: count.written.load(Ordering::Relaxed),
        })
        .await;
    }

    /// Until the connection's end; gives back its reason.
    async fn talk(
        &self,
        door: Door,
        stream: Counted<TcpStream>,
        place: Place,
        sink: &ConnectionSink,
        stop: CancellationToken,
    ) -> String {
        let (site, place) = (self.site.clone(), Some(place));
        if door.service == Service::Http {
            return http::serve(site, stream, door, place, sink.clone(), stop).await;
        }
        let opened = tokio::select! {
            opened = self.front.accept(stream) => opened,
            () = stop.cancelled() => return "the service is ending".into(),
        };
        match opened {
            Ok(Opened::Secure { stream, handshake }) => {
                sink.tell(EventKind::Tls(handshake)).await;
                let door = Door {
                    secure: true,
                    ..door
                };
                http::serve(site, stream, door, place, sink.clone(), stop).await
            }
            Ok(Opened::Plain(stream)) => {
                if let Some(why) = Speech::refused(stream.head(), door.service) {
                    let finding = Box::new(stranger::finding(why));
                    sink.tell(EventKind::Finding(finding)).await;
                    return why.into();
                }
                sink.tell(EventKind::Finding(Box::new(Finding {
                    id: "plain-on-tls-port",
                    severity: Severity::Warning,
                    field: "HTTPS".into(),
                    text: "plain HTTP came to the TLS port: it is served, and a password is refused on it".into(),
                    evidence: None,
                })))
                .await;
                http::serve(site, stream, door, place, sink.clone(), stop).await
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
    }
}
