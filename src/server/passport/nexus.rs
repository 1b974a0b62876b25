//! The nexus: where to sign in.

use super::REALM;
use crate::event::HttpAction;
use crate::server::http::message::{Answer, Request};
use crate::server::site::Site;
use hyper::StatusCode;
use std::net::{IpAddr, SocketAddr};

/// Its path, as every client asks for it.
pub(crate) const PATH: &str = "/rdr/pprdr.asp";
/// The path of the login that it names.
const LOGIN_PATH: &str = "/login2.srf";

/// `PassportURLs`, in the one form that suits every client watched (`clients.md`): reached in the clear, the URL alone,
/// scheme and all; over TLS, host and path, with the fields that must follow it. A client that reached the nexus by an
/// address has no name that leads here, and is sent to the same address.
pub(crate) fn answer(site: &Site, request: &Request) -> Answer {
    let urls = if request.secure {
        format!(
            "DARealm={REALM},DALogin={}{LOGIN_PATH},DAReg=,Properties=,Privacy=,GeneralRedir=,Help=,ConfigVersion=15",
            site.config.login_https
        )
    } else {
        let host = by_address(request).unwrap_or(&site.config.login_http);
        format!("DALogin=http://{host}{LOGIN_PATH}")
    };
    Answer::new(HttpAction::Nexus, StatusCode::OK).header("PassportURLs", urls)
}

/// The host that a request names, if that is an IP address.
fn by_address(request: &Request) -> Option<&str> {
    let host = request.host.as_deref()?;
    let is_address = host.parse::<SocketAddr>().is_ok() || host.parse::<IpAddr>().is_ok();
    is_address.then_some(host)
}
