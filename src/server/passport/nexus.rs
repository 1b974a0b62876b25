//! The nexus: where to sign in.

use super::REALM;
use crate::server::http::message::{Answer, Request};
use crate::server::site::Site;
use hyper::StatusCode;

/// Its path, as every client asks for it.
pub(crate) const PATH: &str = "/rdr/pprdr.asp";
/// The path of the login that it names.
const LOGIN_PATH: &str = "/login2.srf";

/// `PassportURLs`, in the one form that suits every client watched (`clients.md`): reached in the clear, the URL alone,
/// scheme and all; over TLS, host and path, with the fields that must follow it.
pub(crate) fn answer(site: &Site, request: &Request) -> Answer {
    let urls = if request.secure {
        format!(
            "DARealm={REALM},DALogin={}{LOGIN_PATH},DAReg=,Properties=,Privacy=,GeneralRedir=,Help=,ConfigVersion=15",
            site.config.login_https
        )
    } else {
        format!("DALogin=http://{}{LOGIN_PATH}", site.config.login_http)
    };
    Answer::new("nexus", StatusCode::OK).header("PassportURLs", urls)
}
