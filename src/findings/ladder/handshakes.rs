//! TLS handshakes: whose they are, and what one that failed says.

use super::cause::CauseId;
use super::digest::{Digest, shown, shown_text};
use super::ladders::Ladders;
use super::stall::Kind;
use super::steps::StepId;
use super::trace::Lane;
use super::web::{Lost, Web};
use crate::event::{ClientId, ConnectionId, EventId, Hello, Timestamp, TlsCause, TlsHandshake};
use crate::msnp::hosts;
use std::net::IpAddr;
use std::time::Duration;

/// The most handshakes that failed while nobody waited for one, and are remembered.
const MAX_LOST: usize = 16;
/// How long before its answer is told a client may have gone on.
const MOMENT: Duration = Duration::from_secs(3);

impl Ladders {
    pub(super) fn tls(
        &mut self,
        connection: Option<ConnectionId>,
        handshake: &TlsHandshake,
        time: Timestamp,
        id: EventId,
    ) {
        let Some(connection) = connection else { return };
        if let Some(web) = self.web.get_mut(&connection) {
            web.waiting = None;
        }
        let peer = self.web.get(&connection).map(|web| web.peer);
        if handshake.failure.is_some() {
            // A handshake that fails says nothing of clients at other addresses.
            let who = peer.map(|peer| self.near(peer)).unwrap_or_default();
            if let Some(peer) = peer.filter(|_| who.is_empty()) {
                self.lose(peer, handshake, time, id);
            }
            return self.failed(handshake, who, time, id);
        }
        let who = self.candidates(peer, StepId::Tls, None);
        let said = describe(handshake);
        self.trace(&who, &said, time, id);
        if let Some(web) = self.web.get_mut(&connection) {
            web.unused = Some(id);
            web.name = wrong_name(handshake);
        }
        let digest = Digest {
            detail: said,
            ..Digest::default()
        };
        self.apply(connection, None, StepId::Tls, &digest, time, id, who);
    }

    fn trace(&mut self, who: &[ClientId], said: &str, time: Timestamp, id: EventId) {
        for client in who {
            if let Some(ladder) = self.ladders.get_mut(client) {
                let lane = if ladder.is_at_passport() {
                    Lane::Passport
                } else {
                    Lane::Soap
                };
                ladder.trace.said(lane, said, time, id);
            }
        }
    }

    /// A handshake that failed, of those who wait for one.
    fn failed(
        &mut self,
        handshake: &TlsHandshake,
        who: Vec<ClientId>,
        time: Timestamp,
        id: EventId,
    ) {
        let Some(failure) = &handshake.failure else {
            return;
        };
        let said = format!("TLS failed: {}", failure.cause);
        self.trace(&who, &said, time, id);
        let Some(known) = of_failure(&failure.cause) else {
            return;
        };
        let mut text = shown_text(&failure.text);
        if who.len() > 1 {
            let either: Vec<String> = who.iter().map(ToString::to_string).collect();
            text = format!(
                "of client {}, which come from one address: {text}",
                either.join(" or ")
            );
        }
        let name = wrong_name(handshake).filter(|_| {
            matches!(
                known,
                CauseId::HandshakeClosed | CauseId::CertificateRefused
            ) || failure.cause == TlsCause::Alert(UNRECOGNIZED_NAME)
        });
        for client in &who {
            if let Some(ladder) = self.ladders.get_mut(client) {
                ladder.remember(StepId::Tls, known, text.clone(), id);
                if let Some(name) = &name {
                    ladder.remember(StepId::Tls, CauseId::SniNotInLeaf, name.clone(), id);
                }
                if who.len() > 1 && !ladder.is_done(StepId::Tls) {
                    ladder.leave_open(StepId::Tls, &who);
                }
                let step = match ladder.is_done(StepId::Tls) {
                    true => ladder.current().map_or(StepId::Tls, |row| row.step),
                    false => StepId::Tls,
                };
                if step == StepId::Tls {
                    ladder.failed(step, time, id, format!("failed: {}", failure.cause));
                } else {
                    ladder.pending = Some((step, Kind::Failed));
                }
                self.speak(Some(*client), time);
            }
        }
    }

    /// A failed handshake for which nobody waits, as far as is known yet.
    fn lose(&mut self, peer: IpAddr, handshake: &TlsHandshake, time: Timestamp, event: EventId) {
        if self.lost.len() == MAX_LOST {
            self.lost.pop_front();
        }
        self.lost.push_back(Lost {
            peer,
            handshake: handshake.clone(),
            time,
            event,
        });
    }

    /// A client turns out to wait for the nexus: what failed at its address since its last step, a moment ago, was its
    /// own. The answer that it had upon USR is told once it is written, and a fast client opens TLS meanwhile.
    pub(super) fn found_again(&mut self, client: ClientId, since: Timestamp, now: Timestamp) {
        let Some(ladder) = self.ladders.get(&client) else {
            return;
        };
        let peer = ladder.address();
        let its =
            |lost: &Lost| lost.peer == peer && lost.time >= since && now.since(lost.time) < MOMENT;
        let (found, lost) = std::mem::take(&mut self.lost)
            .into_iter()
            .partition::<Vec<_>, _>(its);
        self.lost = lost.into();
        for one in found {
            self.failed(&one.handshake, vec![client], one.time, one.event);
        }
    }

    /// A connection that ended after its handshake without a request.
    pub(super) fn unused(&mut self, web: &Web) {
        let Some(id) = web.unused else { return };
        for client in self.near(web.peer) {
            if let Some(ladder) = self.ladders.get_mut(&client) {
                let text = "the client finished a TLS handshake and closed without asking for anything: it quietly refused the certificate";
                ladder.remember(
                    StepId::Tls,
                    CauseId::CertificateRefusedQuietly,
                    text.into(),
                    id,
                );
                if let Some(name) = &web.name {
                    ladder.remember(StepId::Tls, CauseId::SniNotInLeaf, name.clone(), id);
                }
            }
        }
    }
}

/// The alert of a client that knows the host by another name (RFC 6066).
const UNRECOGNIZED_NAME: u8 = 112;

/// The cause that a failed handshake speaks for; `None` where it was no client.
fn of_failure(cause: &TlsCause) -> Option<CauseId> {
    Some(match cause {
        TlsCause::UnknownCa => CauseId::RootNotTrusted,
        TlsCause::ClientClock | TlsCause::CertificateExpired | TlsCause::Alert(45) => {
            CauseId::ClientClock
        }
        TlsCause::Alert(42..=44 | 46) => CauseId::CertificateRefused,
        // Whoever looks whether the port is open is no client.
        TlsCause::Probe => return None,
        TlsCause::Silent => CauseId::NoHello,
        TlsCause::CutHello => CauseId::HelloCut,
        TlsCause::Closed => CauseId::HandshakeClosed,
        TlsCause::NoSharedCipher
        | TlsCause::ProtocolVersion
        | TlsCause::Sslv2Only
        | TlsCause::Sslv3Only => CauseId::NoTlsInCommon,
        TlsCause::Alert(_)
        | TlsCause::NotTls
        | TlsCause::Timeout
        | TlsCause::Busy
        | TlsCause::Handshake
        | TlsCause::Newer(_) => CauseId::HandshakeFailed,
    })
}

/// What is wrong with the host that a hello asked for: a client compares it with the names of the certificate.
fn wrong_name(handshake: &TlsHandshake) -> Option<String> {
    let name = handshake.sni.as_deref()?;
    let host = hosts::HOSTS
        .iter()
        .find(|host| host.name.eq_ignore_ascii_case(name));
    let why = match host {
        None => "the certificate has no such name",
        Some(host) if host.on_request => "the certificate has that name only with `--login-live`",
        Some(_) => return None,
    };
    Some(format!(
        "the client asked for {}, and {why}",
        shown(name.as_bytes())
    ))
}

/// `TLS 1.0 v2hello 9ms`.
fn describe(handshake: &TlsHandshake) -> String {
    let version = shown_text(handshake.version.as_deref().unwrap_or("TLS"));
    let version = match version.strip_prefix("TLSv") {
        Some("1") => "TLS 1.0".to_owned(),
        Some(number) => format!("TLS {number}"),
        None => version,
    };
    let hello = if handshake.hello == Some(Hello::Sslv2) {
        " v2hello"
    } else {
        ""
    };
    format!("{version}{hello} {}ms", handshake.duration.as_millis())
}
