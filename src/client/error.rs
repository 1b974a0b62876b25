//! Why a sign-in ended: each error names the step and what was expected of it.

use crate::msnp::FrameError;
use std::io;

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
        why: String,
    },
    /// The nexus gave no login address.
    #[error("the Passport nexus {url} gave no login address: {why}")]
    Nexus {
        /// Its URL.
        url: String,
        /// What was missing.
        why: String,
    },
    /// The Passport login gave no ticket.
    #[error("the Passport login {url} gave no ticket: {why}")]
    Login {
        /// Its URL.
        url: String,
        /// What it said instead.
        why: String,
    },
    /// A SOAP service failed.
    #[error("{action}: {why}")]
    Soap {
        /// The action, such as `ABFindAll`.
        action: &'static str,
        /// What it said instead.
        why: String,
    },
    /// The report could not be written.
    #[error("cannot write what was seen: {0}")]
    Output(io::Error),
}
