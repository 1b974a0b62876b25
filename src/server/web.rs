//! A connection at the HTTP or HTTPS door: TLS where it is wanted, then the site.

use super::checks;
use super::counted::Counted;
use super::http::{self, Around, Door, Served};
use super::shares::{Shares, Side, Want};
use super::site::Site;
use super::site::proxy::Tunnel;
use super::stranger::Speech;
use super::tls::replay::Replay;
use super::tls::{FrontDoor, Opened, SecureStream};
use crate::event::{
    ConnectionSink, Ending, EventKind, Finding, Service, ServiceFinding, TlsHandshake, ours, say,
};
use crate::msnp::hosts;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncRead, AsyncWrite};
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

    /// The site.
    pub fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// Serves a connection to its end, and tells that end.
    pub async fn serve(
        &self,
        door: Door,
        stream: TcpStream,
        sink: ConnectionSink,
        shares: &Arc<Shares>,
        shutdown: CancellationToken,
    ) {
        let (end, mut ended) = watch::channel(None);
        let place = Arc::new(shares.enter(Side::Web, door.peer.ip(), move |want| {
            end.send_replace(Some(want));
        }));
        let (stream, count) = Counted::new(stream, Some(place.clone()));
        let around = Around {
            site: self.site.clone(),
            place: Some(place),
            sink,
            shutdown,
        };
        let reason = tokio::select! {
            reason = self.talk(&around, stream, door) => reason,
            Ok(want) = async { ended.wait_for(Option::is_some).await.map(|want| *want) } => {
                Ending::other(want.map(Want::reason).unwrap_or_default())
            }
        };
        let Around { sink, place, .. } = around;
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
    async fn talk(&self, around: &Around, stream: Counted<TcpStream>, door: Door) -> Ending {
        if door.service == Service::Http {
            return self.clear(around, stream, door).await;
        }
        match self.opened(around, stream, door).await {
            Opening::Secure(stream, door) => http::serve(around, *stream, door).await,
            Opening::Plain(stream) => self.clear(around, stream, door).await,
            Opening::Ended(reason) => reason,
        }
    }

    /// In the clear, where a client may ask for a tunnel to the other door, as it does of a proxy.
    async fn clear<S>(&self, around: &Around, stream: S, door: Door) -> Ending
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match http::serve_or_tunnel(around, stream, door).await {
            Served::Ended(reason) => reason,
            // Few connections are tunnels, so the future is boxed: the others need no room for it.
            Served::Tunnel { stream, to } => Box::pin(self.through(to, around, stream, door)).await,
        }
    }

    /// Serves what comes through a tunnel. There is no tunnel within a tunnel.
    async fn through<S>(&self, to: Tunnel, around: &Around, stream: S, door: Door) -> Ending
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let door = Door {
            service: match to {
                Tunnel::Https => Service::Https,
                Tunnel::Http => Service::Http,
            },
            ..door
        };
        if to == Tunnel::Http {
            return http::serve(around, stream, door).await;
        }
        match self.opened(around, stream, door).await {
            Opening::Secure(stream, door) => http::serve(around, *stream, door).await,
            Opening::Plain(stream) => http::serve(around, stream, door).await,
            Opening::Ended(reason) => reason,
        }
    }

    /// Tells of a handshake, and of a host that it asked for and the leaf is not for.
    async fn handshake(&self, handshake: Box<TlsHandshake>, sink: &ConnectionSink) {
        let asked = handshake
            .sni
            .clone()
            .filter(|host| !self.front.serves(host));
        sink.tell(EventKind::Tls(handshake)).await;
        let Some(host) = asked else {
            return;
        };
        let what = match hosts::find(&host) {
            Some(held) if held.on_request => {
                "it is served only with --login-live, and the root must be made with that too (`nudge certs init --force --login-live`)"
            }
            Some(_) => {
                "the root is of an earlier nudge and does not permit it: `nudge certs init --force` makes one that does, to be trusted again"
            }
            None => "nudge does not serve it, so its line in the hosts file is of no use",
        };
        let told = Finding::new(
            ServiceFinding::UnknownSni,
            "server_name",
            say!(
                "The client asked over TLS for {}, which the certificate is not for: {}.",
                short(&host),
                ours(what)
            ),
        );
        sink.tell(EventKind::Finding(Box::new(told))).await;
    }

    /// Opens TLS, and tells what came of it.
    async fn opened<S>(&self, around: &Around, stream: S, door: Door) -> Opening<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let sink = &around.sink;
        let opened = tokio::select! {
            opened = self.front.accept_from(stream, Some(door.peer.ip())) => opened,
            () = around.shutdown.cancelled() => return Opening::Ended(Ending::Stopping),
        };
        match opened {
            Ok(Opened::Secure { stream, handshake }) => {
                if let Some(place) = &around.place {
                    place.understood();
                }
                self.handshake(handshake, sink).await;
                let door = Door {
                    secure: true,
                    ..door
                };
                Opening::Secure(Box::new(stream), door)
            }
            Ok(Opened::Plain(stream)) => {
                if let Some(why) = Speech::refused(stream.head(), door.service) {
                    let finding = Box::new(why.finding());
                    sink.tell(EventKind::Finding(finding)).await;
                    return Opening::Ended(Ending::other(say!("{}", ours(why))));
                }
                // The check page asks here whether this port is reached.
                if checks::asked(stream.head()).is_some() {
                    return Opening::Plain(stream);
                }
                sink.tell(EventKind::Finding(Box::new(Finding::new(ServiceFinding::PlainOnTlsPort, "HTTPS", "plain HTTP came to the TLS port: it is served, and a password is refused on it"))))
                .await;
                Opening::Plain(stream)
            }
            Err(handshake) => {
                let reason = match &handshake.failure {
                    Some(failure) => Ending::other(say!("no TLS: {:#}", failure.text)),
                    None => Ending::other("no TLS"),
                };
                self.handshake(handshake, sink).await;
                Opening::Ended(reason)
            }
        }
    }
}

/// A host as a client names it, for a sentence.
fn short(host: &str) -> String {
    crate::msnp::escape::shortened(host, 120)
}

/// What came of opening TLS.
enum Opening<S> {
    /// It is open.
    Secure(Box<SecureStream<S>>, Door),
    /// HTTP in the clear came.
    Plain(Replay<S>),
    /// The connection is at its end, and why.
    Ended(Ending),
}
