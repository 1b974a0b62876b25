//! Whether an account may sign in with a password: the same for every way of signing in.

use crate::event::{Finding, Service, Severity};
use crate::roster;
use crate::server::http::message::{Request, finding};
use crate::server::site::Site;

/// The most characters of a client's text that a finding quotes.
const QUOTED: usize = 200;

/// Where account and password stand in a request, and what is answered where they are refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) account: &'static str,
    pub(super) password: &'static str,
    pub(super) refusal: &'static str,
}

/// Why somebody may not sign in.
#[derive(Debug)]
pub(super) struct Denied {
    /// The account, where it could be one.
    pub(super) account: Option<String>,
    /// What is told of it.
    pub(super) finding: Box<Finding>,
}

/// Whether this account may sign in.
///
/// # Errors
/// [`Denied`] says why not.
pub(super) fn check(
    site: &Site,
    request: &Request,
    account: &str,
    password: &str,
    fields: Fields,
) -> Result<(), Denied> {
    let denied = |account: Option<&str>, finding: Finding| Denied {
        account: account.map(str::to_owned),
        finding: Box::new(finding),
    };
    let refusal = fields.refusal;
    if let Err(error) = roster::check_account(account) {
        let error: String = error.to_string().chars().take(QUOTED).collect();
        let text = format!("The account cannot be one: {error}; {refusal}.");
        let told = finding("passport-field", Severity::Warning, fields.account, text);
        return Err(denied(None, told));
    }
    if request.service == Service::Https && !request.secure {
        let text = "A password came in the clear on the TLS port, where it was never to be; it was refused. Whoever sent it took this port for plain HTTP.";
        let told = finding("clear-password", Severity::Error, fields.password, text);
        return Err(denied(Some(account), told));
    }
    // Shown is shown, whether it is right or not.
    site.config.hub.events().known().password(password);
    if site.config.accounts.accepts(account, password) {
        return Ok(());
    }
    let (field, text) = if site.config.accounts.knows(account) {
        (
            fields.password,
            "the password is not the one that is listed for it",
        )
    } else {
        (
            fields.account,
            "it is not among the accounts that are listed",
        )
    };
    let text = format!("{account} may not sign in: {text}; {refusal}.");
    let told = finding("passport-refused", Severity::Warning, field, text);
    Err(denied(Some(account), told))
}

/// What is told of a password that came in the clear, where that has to be.
pub(super) fn in_the_clear(request: &Request, field: &'static str) -> Option<Finding> {
    let clear = !request.secure && request.service == Service::Http;
    let text = "The password came in the clear, over plain HTTP, where anybody on the way can read it; it was taken all the same, as such clients have no other way.";
    clear.then(|| finding("clear-password", Severity::Warning, field, text))
}
