//! Causes at the doors of the web: hosts and ports, TLS, the nexus and the login, the ticket, the address book.

use super::scene::{Scene, WEB, Weighed};
use crate::event::Turn;
use crate::findings::ladder::cause::CauseId;
use crate::findings::ladder::stall::Kind;
use crate::findings::ladder::steps::{Method, StepId};
use crate::msnp::Family;

/// Where clients that sign in by SSO ask for their tokens.
const LOGIN_LIVE: &str = "login.live.com";

fn is_sso(scene: &Scene<'_>) -> bool {
    scene.ladder.method == Method::Sso
}

/// A client that signs in by SSO goes to a host that leads here only on request.
pub fn login_live(scene: &Scene<'_>) -> Option<Weighed> {
    let asks = scene.is_at(&[StepId::Tls, StepId::Tokens]) && scene.owes == Turn::Client;
    (asks && is_sso(scene) && scene.web.waiting.is_none()).then_some(())?;
    Weighed::guess(
        60,
        format!(
            "the client asks {LOGIN_LIVE} for its tokens, and that leads here only where nudge was started with `--login-live` and the client's hosts file has it"
        ),
    )
}

/// The certificate was refused by a system that cannot read its signature.
pub fn old_signature(scene: &Scene<'_>) -> Option<Weighed> {
    scene.is_at(WEB).then_some(())?;
    let old = scene.ladder.old.as_ref()?;
    let refused = [
        CauseId::RootNotTrusted,
        CauseId::CertificateRefused,
        CauseId::HandshakeClosed,
        CauseId::CertificateRefusedQuietly,
    ];
    let found = refused.into_iter().find_map(|id| scene.last(id))?;
    let text = format!(
        "by its CVR it runs on {old}, which verifies SHA-1 signatures alone, and it refused the certificate: unless the root was made with `--sha1`, that is why"
    );
    Weighed::shown(97, text, found.event)
}

pub fn root(scene: &Scene<'_>) -> Option<Weighed> {
    if scene.is_at(WEB)
        && let Some(found) = scene.seen(CauseId::RootNotTrusted, 95)
    {
        return Some(found);
    }
    let asks = scene.step == StepId::Tls && scene.owes == Turn::Client;
    // Whoever asked for something over TLS trusts the root.
    (asks && scene.web.waiting.is_none() && !scene.web.trusts).then_some(())?;
    Weighed::guess(
        40,
        "the client does not trust the root and gives up, perhaps before it connects again",
    )
}

pub fn refused_quietly(scene: &Scene<'_>) -> Option<Weighed> {
    scene.is_at(WEB).then_some(())?;
    if let Some(found) = scene.seen(CauseId::CertificateRefusedQuietly, 75) {
        return Some(found);
    }
    let asks = scene.owes == Turn::Client && scene.step <= StepId::Ticket;
    let event = scene.web.unused.filter(|_| asks)?;
    Weighed::shown(
        75,
        "the client finished a TLS handshake and asks for nothing over it: it quietly refused the certificate, or asks its user about it",
        event,
    )
}

/// What a client shows in USR S was refused: of these the one that was found.
pub fn ticket_refused(scene: &Scene<'_>, id: CauseId) -> Option<Weighed> {
    (scene.step == StepId::Ticket && *scene.kind == Kind::Failed).then_some(())?;
    let row = scene.ladder.row(StepId::Ticket)?;
    let what = match id {
        CauseId::ProofWrong | CauseId::ProofForm => "the proof was refused",
        _ => "the ticket was refused",
    };
    let of = [
        CauseId::TicketChanged,
        CauseId::ProofWrong,
        CauseId::ProofForm,
        CauseId::TicketRefused,
        CauseId::TicketEnded,
    ];
    let found = scene
        .ladder
        .evidence
        .iter()
        .rev()
        .find(|found| of.contains(&found.id));
    let why = match found {
        Some(found) if found.id != id => return None,
        Some(found) if !found.text.is_empty() => &found.text,
        None if id != CauseId::TicketRefused => return None,
        _ => &row.detail,
    };
    Weighed::by(100, format!("{what}: {why}"), row.event)
}

pub fn hello_missing(scene: &Scene<'_>) -> Option<Weighed> {
    (scene.is_at(WEB) && scene.owes == Turn::Client).then_some(())?;
    Weighed::shown(
        72,
        "it connected to the HTTPS port, and no whole hello has come there: nothing was sent, or it was cut off on the way (a firewall, a packet larger than the MTU)",
        scene.web.waiting?,
    )
}

pub fn book_not_taken(scene: &Scene<'_>) -> Option<Weighed> {
    let book = [StepId::Membership, StepId::AddressBook];
    (scene.is_at(&book) && scene.owes == Turn::Client).then_some(())?;
    let came = book
        .into_iter()
        .filter(|step| scene.ladder.is_done(*step))
        .find_map(|step| scene.ladder.row(step))?;
    let text = format!(
        "the client did not take the answer of {}{}: it reached that host, and asks for nothing more",
        came.name,
        again(came.times())
    );
    scene.not_taken(58, &text, came.event)
}

pub fn hosts_lines(scene: &Scene<'_>) -> Option<Weighed> {
    match scene.step {
        // Whoever came there, or finished a handshake, has found the host.
        StepId::Tls if scene.web.waiting.is_none() => Weighed::guess(
            if scene.web.came { 35 } else { 50 },
            format!(
                "the client looks for {} elsewhere: its hosts file does not name this machine",
                match is_sso(scene) {
                    true => LOGIN_LIVE,
                    false => "nexus.passport.com",
                }
            ),
        ),
        StepId::Membership | StepId::AddressBook
            if scene.owes == Turn::Client
                && !scene.ladder.is_done(StepId::Membership)
                && !scene.ladder.is_done(StepId::AddressBook) =>
        {
            Weighed::guess(
                40,
                "the client looks for the address book's host elsewhere: its hosts file does not name this machine",
            )
        }
        _ => None,
    }
}

/// Requests of the nexus from which on the client has its answer for certain, and makes nothing of it.
const AGAIN: u32 = 3;

pub fn nexus_not_taken(scene: &Scene<'_>) -> Option<Weighed> {
    (scene.step == StepId::Login && scene.owes == Turn::Client).then_some(())?;
    scene
        .ladder
        .row(StepId::Login)?
        .event
        .is_none()
        .then_some(())?;
    let nexus = scene.ladder.row(StepId::Nexus)?;
    (nexus.times() >= AGAIN).then_some(())?;
    let text = format!(
        "the client asked the nexus {} times and went nowhere from there: it finds no DALogin in PassportURLs, or cannot reach what that names{}",
        nexus.times(),
        scene
            .ladder
            .login_host
            .as_deref()
            .map_or_else(String::new, |host| format!(" ({host})"))
    );
    Weighed::by(66, text, nexus.event)
}

pub fn dalogin_host(scene: &Scene<'_>) -> Option<Weighed> {
    (scene.step == StepId::Login && scene.owes == Turn::Client).then_some(())?;
    // Its request came there.
    (scene.ladder.row(StepId::Login)?.event.is_none()).then_some(())?;
    let nexus = scene.ladder.row(StepId::Nexus)?;
    let named = scene.ladder.login_host.as_deref();
    let host = named.unwrap_or("the login host");
    let text = format!("the client does not reach {host}, where the nexus sent it");
    Weighed::by(50, text, nexus.event)
}

pub fn port(scene: &Scene<'_>) -> Option<Weighed> {
    // Somebody of that address came in by that port: it leads here.
    (scene.step == StepId::Tls && scene.owes == Turn::Client && !scene.web.came).then_some(())?;
    match scene.https {
        [] => Weighed::guess(30, "port 443 is closed for the client"),
        ports if ports.contains(&443) => {
            Weighed::guess(30, "a firewall keeps the client from port 443")
        }
        // It is certain that it is so, though a port may be forwarded.
        [first, ..] => Weighed::guess(
            55,
            format!("clients go to port 443, and nudge listens for HTTPS at {first}"),
        ),
    }
}

pub fn cached_name(scene: &Scene<'_>) -> Option<Weighed> {
    let goes = scene.is_at(&[
        StepId::Tls,
        StepId::Login,
        StepId::Membership,
        StepId::AddressBook,
    ]);
    // The file is a Mac's.
    let mac = scene.ladder.family != Some(Family::Windows);
    let reached =
        scene.ladder.is_done(StepId::Membership) || scene.ladder.is_done(StepId::AddressBook);
    (goes && mac && scene.owes == Turn::Client && !reached).then_some(())?;
    Weighed::guess(20, "the client remembers a server name of an earlier try")
}

pub fn ticket_form(scene: &Scene<'_>) -> Option<Weighed> {
    let twn = scene.ladder.method == Method::Twn;
    (twn && scene.step == StepId::Ticket && scene.owes == Turn::Client).then_some(())?;
    let row = scene.ladder.row(StepId::Login)?;
    let text = format!(
        "the client did not take the ticket of the login{}",
        again(row.times())
    );
    // Without more it is a guess: the ticket was given before, and long.
    let event = row
        .event
        .filter(|_| row.times() > 1 || scene.left_soon().is_some());
    scene.not_taken(if row.times() > 1 { 31 } else { 30 }, &text, event)
}

/// The same of the tokens of RST.
pub fn tokens_not_taken(scene: &Scene<'_>) -> Option<Weighed> {
    let rst = scene.ladder.method != Method::Twn;
    // What was shown and refused was taken.
    let stands = scene.owes == Turn::Client && *scene.kind != Kind::Failed;
    (rst && scene.step == StepId::Ticket && stands).then_some(())?;
    let row = scene.ladder.row(StepId::Tokens)?;
    let text = format!(
        "the client did not take the tokens of RST, which were given{}",
        again(row.times())
    );
    scene.not_taken(31, &text, row.event)
}

/// That it asked more than once.
fn again(times: u32) -> String {
    match times {
        0 | 1 => String::new(),
        more => format!(", though it asked for them {more} times"),
    }
}

/// Whoever comes through the gateway hears nothing unless it asks.
pub fn gateway_not_polled(scene: &Scene<'_>) -> Option<Weighed> {
    let gateway = scene.ladder.gateway.as_ref()?;
    (*scene.kind == Kind::Silent).then_some(())?;
    // It asks several times in every wait, or it asks no more.
    let waited = scene.now.since(scene.ladder.progressed());
    (scene.now.since(gateway.asked) >= waited / 2).then_some(())?;
    let more = match gateway.opened {
        0 => String::new(),
        more => format!(
            "; it opened {more} more instead, as if it had not read SessionID in X-MSN-Messenger"
        ),
    };
    let text = format!(
        "it came by the HTTP gateway, and asks for nothing there any more: whoever does not poll (Action=poll, with the SessionID of the last answer) hears nothing{more}"
    );
    // Less than what is wrong with the last line that came by it.
    Weighed::shown(77, text, gateway.event)
}
