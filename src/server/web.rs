//! A connection at the HTTP or HTTPS door: TLS where it is wanted, then the site.

use super::counted::Counted;
use super::http::{self, Door};
use super::shares::{Place, Shares, Side, Want};
use super::site::Site;
use super::stranger::{self, Speech};
use super::tls::{FrontDoor, Opened};
use crate::event::{ConnectionSink, EventKind, Finding, Service, Severity};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::net::TcpStream;
use tokio::sync::watch;
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
        door: Door,
        stream: TcpStream,
        sink: ConnectionSink,
        shares: &Arc<Shares>,
        stop: CancellationToken,
    ) {
        let (end, mut ended) = watch::channel(None);
        let place = Arc::new(shares.enter(Side::Web, door.peer.ip(), move |want| {
            end.send_replace(Some(want));
        }));
        let (stream, count) = Counted::new(stream, Some(place.clone()));
        let reason = tokio::select! {
            reason = self.talk(door, stream, place.clone(), &sink, stop) => reason,
            Ok(want) = async { ended.wait_for(Option::is_some).await.map(|want| *want) } => {
                want.map(Want::reason).unwrap_or_default().into()
            }
        };
        // Its descriptor is closed, whether or not there is room for the event.
        drop(place);
        sink.tell(EventKind::Disconnected {
            service: door.service,
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
        place: Arc<Place>,
        sink: &ConnectionSink,
        stop: CancellationToken,
    ) -> String {
        let site = self.site.clone();
        if door.service == Service::Http {
            return http::serve(site, stream, door, Some(place), sink.clone(), stop).await;
        }
        let opened = tokio::select! {
            opened = self.front.accept(stream) => opened,
            () = stop.cancelled() => return "the service is ending".into(),
        };
        match opened {
            Ok(Opened::Secure { stream, handshake }) => {
                place.understood();
                sink.tell(EventKind::Tls(handshake)).await;
                let door = Door {
                    secure: true,
                    ..door
                };
                http::serve(site, stream, door, Some(place), sink.clone(), stop).await
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
                http::serve(site, stream, door, Some(place), sink.clone(), stop).await
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
