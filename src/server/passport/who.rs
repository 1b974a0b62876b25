//! Whether an account may sign in with a password: the same for every way of signing in.

use crate::event::{Finding, Sentence, Service, ServiceFinding, Severity, ours, say};
use crate::roster;
use crate::server::http::message::{Answer, Request};
use crate::server::site::Site;
use std::time::Duration;

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
    /// What is told of it; of many wrong passwords, how many there were, now and then.
    pub(super) finding: Option<Box<Finding>>,
    /// How long the answer waits.
    pub(super) wait: Duration,
}

impl Denied {
    /// The answer, with what is told and how long it waits.
    pub(super) fn told(self, mut answer: Answer) -> Answer {
        answer.findings.extend(self.finding.map(|finding| *finding));
        answer.wait = self.wait;
        answer
    }
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
        finding: Some(Box::new(finding)),
        wait: Duration::ZERO,
    };
    let refusal = fields.refusal;
    if let Err(error) = roster::check_account(account) {
        let error = Sentence::quoting(error.to_string(), &error.quoted()).cut(QUOTED);
        let text = say!("The account cannot be one: {error:#}; {}.", ours(refusal));
        let told = Finding::new(ServiceFinding::PassportField, fields.account, text);
        return Err(denied(None, told));
    }
    if request.service == Service::Https && !request.secure {
        let text = "a password came in plain HTTP to the TLS port, and in the clear none is taken there: it was refused without a look at it. Whoever sent it has to speak TLS at this port";
        let told = Finding::new(ServiceFinding::ClearPassword, fields.password, text)
            .weighing(Severity::Error);
        return Err(denied(Some(account), told));
    }
    // A password that was shown is secret, right or not.
    site.config
        .hub
        .events()
        .known()
        .password(request.peer, password);
    if site.config.accounts.accepts(account, password) {
        return Ok(());
    }
    let accounts = &site.config.accounts;
    let (field, text) = match accounts.likeness(account, password) {
        Some(likeness) => (
            fields.password,
            format!("the password is not the one that is listed for it: {likeness}"),
        ),
        None if accounts.knows(account) => (
            fields.password,
            "the password is not the one that is listed for it".to_owned(),
        ),
        None => (
            fields.account,
            "it is not among the accounts that are listed (`accounts.toml`)".to_owned(),
        ),
    };
    let wrong = site.tries.wrong(account, request.peer);
    let told = if wrong.is_told() {
        let text = say!(
            "{account} may not sign in: {}; {}.",
            ours(text),
            ours(refusal)
        );
        Some(Finding::new(ServiceFinding::PassportRefused, field, text))
    } else if wrong.is_summed_up() {
        let text = say!(
            "{} wrong passwords in a row, for {account} or from {}: {}. Each is answered later than the one before it, and no further one is told of until there are ten times as many.",
            wrong.count,
            request.peer,
            ours(text)
        );
        Some(Finding::new(ServiceFinding::WrongPasswords, field, text))
    } else {
        None
    };
    Err(Denied {
        account: Some(account.to_owned()),
        finding: told.map(Box::new),
        wait: wrong.wait,
    })
}

/// What is told of a password that came in the clear, where that has to be.
pub(super) fn in_the_clear(request: &Request, field: &'static str) -> Option<Finding> {
    let clear = !request.secure && request.service == Service::Http;
    let text = "The password came in the clear, over plain HTTP, where anybody on the way can read it; it was taken all the same, as such clients have no other way.";
    // Such clients cannot do otherwise, so there is nothing to mend.
    clear.then(|| Finding::new(ServiceFinding::ClearPassword, field, text).weighing(Severity::Info))
}
