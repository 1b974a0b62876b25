//! Requests as a client sends them to a proxy: with an absolute URI, or `CONNECT`. nudge is no proxy. A request that
//! leads here is answered, and one that leads elsewhere is refused. Either way a finding says that the client has a
//! proxy in its settings.

use crate::event::{Finding, HttpAction, ServiceFinding, ours, say};
use crate::msnp::escape::{shortened, to_text};
use crate::msnp::{Address, hosts};
use crate::server::gateway;
use crate::server::http::message::{Answer, Request};
use hyper::StatusCode;
use std::net::IpAddr;

/// The most characters of a target that a finding quotes.
const QUOTED: usize = 120;

/// The authority of an absolute URI; `None` where the target is a path, as it is without a proxy.
pub(super) fn authority(request: &Request) -> Option<&str> {
    let (scheme, rest) = request.target.split_once("://")?;
    let known = ["http", "https"]
        .iter()
        .any(|name| scheme.eq_ignore_ascii_case(name));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    known.then(|| &rest[..end])
}

/// Host and port of an authority, past the user that a URI may name.
fn split(authority: &str) -> Option<Address> {
    let (_, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    address.parse().ok()
}

/// Whether a host is one that leads here: one of the table, this machine, or the address that was reached.
fn leads_here(host: &str, local: IpAddr) -> bool {
    let host = host.trim_end_matches('.');
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback() || ip.to_canonical() == local.to_canonical(),
        Err(_) => host.eq_ignore_ascii_case("localhost") || hosts::find(host).is_some(),
    }
}

/// Where a request of `CONNECT` wants to go, if that is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tunnel {
    /// To the HTTPS port.
    Https,
    /// To the HTTP port.
    Http,
}

/// Where `CONNECT` with this target leads, `None` where that is not here. `own` is the port that was reached.
pub(crate) fn tunnel(target: &str, local: IpAddr, own: u16) -> Option<Tunnel> {
    let address = split(target)?;
    let tunnel = match address.port? {
        443 | 8443 => Tunnel::Https,
        port if port == 80 || port == 8080 || port == own => Tunnel::Http,
        _ => return None,
    };
    leads_here(&address.host, local).then_some(tunnel)
}

/// The finding that a proxy is set, and what became of the request.
pub(crate) fn found(target: &str, here: bool) -> Finding {
    let quoted = shortened(&to_text(target.as_bytes()), QUOTED);
    let became = match here {
        true => "that leads here, so nudge answered it as that host would",
        false => "that leads elsewhere, and nudge is no proxy: it was refused with 403",
    };
    Finding::new(
        ServiceFinding::ProxySet,
        "target",
        say!(
            "The client asked as one asks a proxy, for {quoted}: {}. A proxy is set in its settings, or in its system's: take it out, or except the hosts of `nudge hosts`.",
            ours(became)
        ),
    )
}

/// The answer to what leads elsewhere.
pub(crate) fn refusal(target: &str) -> Answer {
    let mut answer = Answer::new(HttpAction::Proxy, StatusCode::FORBIDDEN)
        .body("text/plain; charset=utf-8", "nudge is no proxy.\n")
        .finding(found(target, false));
    answer.close = true;
    answer
}

/// The answer to a request with an absolute URI that leads elsewhere; what is told of one that leads here.
pub(crate) fn check(request: &Request) -> Result<Option<Finding>, Box<Answer>> {
    let Some(authority) = authority(request) else {
        return Ok(None);
    };
    // The query may hold a ticket.
    let shown = request.target.split('?').next().unwrap_or_default();
    let here = split(authority).is_some_and(|to| leads_here(&to.host, request.local));
    match here {
        // So clients write what they send to the gateway, whether a proxy is set or not.
        true if gateway::is_for(request) => Ok(None),
        true => Ok(Some(found(shown, true))),
        false => Err(Box::new(refusal(shown))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    #[test]
    fn what_leads_here_is_known_by_its_host_and_port() {
        for (target, wanted) in [
            ("nexus.passport.com:443", Some(Tunnel::Https)),
            ("LOGIN.live.com.:8443", Some(Tunnel::Https)),
            ("10.0.0.1:443", Some(Tunnel::Https)),
            ("[::1]:80", Some(Tunnel::Http)),
            ("localhost:5001", Some(Tunnel::Http)),
            ("messenger.hotmail.com:1863", None),
            ("nexus.passport.com", None),
            ("nexus.passport.com:x", None),
            ("10.0.0.2:443", None),
            ("example.com:443", None),
            ("nexus.passport.com@example.com:443", None),
            ("[::1", None),
            ("", None),
        ] {
            assert_eq!(tunnel(target, LOCAL, 5001), wanted, "{target}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_target_is_read_without_panic(target: String) {
            let _ = tunnel(&target, LOCAL, 80);
        }
    }
}
