//! Why a sign-in ended: each error names the step and what was expected of it.

use super::xml::XmlError;
use crate::msnp::FrameError;
use std::{io, str};

/// What ended a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The configuration cannot be used.
    #[error("cannot sign in: {0}")]
    Config(String),
    /// No address for a host.
    #[error("no address for {host}: {why}")]
    Resolve {
        /// The name, with its port.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// Nobody listens there.
    #[error("cannot connect to {host}: {source}")]
    Connect {
        /// The name or address.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// A step took longer than [`Config::patience`](super::Config::patience).
    #[error("{step}: nothing came in {seconds} s; expected {expected}")]
    Timeout {
        /// What was being done.
        step: String,
        /// What should have come.
        expected: String,
        /// The patience, in seconds.
        seconds: f32,
    },
    /// The server closed the notification connection.
    #[error("the server closed the connection after `{after}`: {meaning}")]
    Closed {
        /// The last command sent, ticket masked.
        after: String,
        /// What that means at this step.
        meaning: String,
    },
    /// The notification connection broke.
    #[error("the connection broke after `{after}`: {source}")]
    Broken {
        /// The last command sent, ticket masked.
        after: String,
        /// How.
        source: io::Error,
    },
    /// What the server sent cannot be cut into frames.
    #[error("what the server sent after `{after}` cannot be read: {source}")]
    Frame {
        /// The last command sent, ticket masked.
        after: String,
        /// Why.
        source: FrameError,
    },
    /// The server answered with a code.
    #[error("the server answered {code} to `{after}`: {meaning}")]
    Refused {
        /// The three digits.
        code: String,
        /// The command, ticket masked.
        after: String,
        /// What that means at this step.
        meaning: String,
    },
    /// The server answered something else than this step allows.
    #[error("the server answered `{got}` to `{after}`; expected {expected}")]
    Unexpected {
        /// The command, ticket masked.
        after: String,
        /// The answer.
        got: String,
        /// What would have been right.
        expected: String,
    },
    /// The server signed the client out.
    #[error("the server signed this client out: {reason}")]
    SignedOut {
        /// What OUT said, in words.
        reason: String,
        /// Whether that is because the account signed in elsewhere.
        elsewhere: bool,
    },
    /// No TLS could be agreed.
    #[error("TLS with {host} failed: {why}")]
    Tls {
        /// The host, with its port.
        host: String,
        /// What OpenSSL said.
        why: String,
    },
    /// An HTTP exchange failed.
    #[error("{request}: {why}")]
    Http {
        /// Method and URL.
        request: String,
        /// What went wrong.
        why: Wrong,
    },
    /// The nexus gave no login address.
    #[error("the Passport nexus {url} gave no login address: {why}")]
    Nexus {
        /// Its URL.
        url: String,
        /// What was missing.
        why: Wrong,
    },
    /// The Passport login gave no ticket.
    #[error("the Passport login {url} gave no ticket: {why}")]
    Login {
        /// Its URL.
        url: String,
        /// What it said instead.
        why: Wrong,
    },
    /// A SOAP service failed.
    #[error("{action}: {why}")]
    Soap {
        /// The action, such as `ABFindAll`.
        action: &'static str,
        /// What it said instead.
        why: Wrong,
    },
    /// The report could not be written.
    #[error("cannot write what was seen: {0}")]
    Output(io::Error),
}

/// What is wrong with a request over HTTP, or with its answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The request cannot be written, or broke off.
    #[error("{0}")]
    Http(String),
    /// The body of the answer broke off, or is too long.
    #[error("its body broke off: {0}")]
    Body(String),
    /// The TWN parameters hold bytes that no header may have.
    #[error("the TWN parameters cannot stand in a header")]
    Parameters,
    /// The nexus names no addresses.
    #[error("its answer, status {0}, has no PassportURLs header")]
    NoUrls(u16),
    /// The addresses of the nexus lack that of the login.
    #[error("PassportURLs has no DALogin: {0}")]
    NoLogin(String),
    /// The address of the login is none.
    #[error("DALogin: {0}")]
    LoginUrl(String),
    /// The login server names another, and that is no address.
    #[error("it refers to another login server: {0}")]
    Referral(String),
    /// Each login server names another.
    #[error("more than {0} login servers refer to one another")]
    Referrals(usize),
    /// The login refused.
    #[error("the account and password were refused ({0})")]
    Refused(String),
    /// The token service refused, with this fault.
    #[error("the account and password were refused: {0}")]
    Fault(String),
    /// The login neither gave a ticket nor refused.
    #[error(
        "its answer, status {0}, has neither an Authentication-Info nor a WWW-Authenticate header"
    )]
    NeitherHeader(u16),
    /// What the login gave has no ticket.
    #[error("Authentication-Info has no from-PP (da-status {0})")]
    NoTicket(String),
    /// The ticket of the login can be none.
    #[error("the ticket is empty or has white space in it")]
    BadTicket,
    /// The ticket for this address is missing, or can be none.
    #[error("its ticket for {0} is missing, or has white space in it")]
    NoTicketFor(String),
    /// The answer is not text.
    #[error("its answer, status {0}, is not UTF-8: {1}")]
    NotText(u16, str::Utf8Error),
    /// The answer is no XML.
    #[error("its answer is no XML that can be read: {0}")]
    Xml(#[from] XmlError),
    /// The answer has neither what was asked for nor a fault.
    #[error("the HTTP status of its answer is {0}")]
    Status(u16),
    /// The answer is a fault of SOAP.
    #[error("a SOAP fault, HTTP status {0}: {1}")]
    SoapFault(u16, String),
    /// The answer is another one's.
    #[error("its answer, status {status}, has {found:?} in its body; expected {expected}")]
    OtherAnswer {
        /// The HTTP status.
        status: u16,
        /// The name of the element that is there.
        found: String,
        /// The name of the element that belongs there.
        expected: String,
    },
    /// The answer of the token service is wrong, and its status says so too.
    #[error("{0} (HTTP status {1})")]
    WithStatus(Box<Wrong>, u16),
}
