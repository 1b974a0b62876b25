//! One HTTP service for every door: Passport, the address book and the page.
//!
//! `route` says which room answers a request. Reading and writing HTTP is [`http`](super::http)'s.

mod check;
mod config;
mod page;
pub(crate) mod proxy;
pub(crate) mod route;

use crate::msnp::{Address, hosts};
use crate::roster::Accounts;
use crate::server::encoded_book::Books;
use crate::server::gateway::Gateway;
use crate::server::http::message::HeaderCase;
use crate::server::hub::Hub;
use crate::server::passport::ticket::Tickets;
use crate::server::passport::tries::Tries;
use crate::server::soap::Kinds;
use crate::server::turns::Turns;
use bytes::Bytes;
use std::sync::Arc;

/// What the site is made of.
#[derive(Debug)]
pub struct SiteConfig {
    /// The roster, and what each account has of its own.
    pub hub: Arc<Hub>,
    /// Makes tickets and knows them again.
    pub tickets: Arc<Tickets>,
    /// Who may sign in.
    pub accounts: Accounts,
    /// The host, or host and port, that the operator says clients reach it by.
    pub public: Option<Address>,
    /// Authority of `DALogin` over TLS, with its port where that is not 443: `loginnet.passport.com:8443`.
    pub login_https: String,
    /// Authority of `DALogin` in the clear, with its port where that is not 80.
    pub login_http: String,
    /// The root certificate, DER.
    pub root_der: Bytes,
    /// The root's fingerprint, as it is shown to people.
    pub root_fingerprint: String,
    /// Its SHA-1 fingerprint, which is all that old systems show.
    pub root_sha1_fingerprint: String,
    /// What the root is signed with, and whom that is for.
    pub root_signature: &'static str,
    /// The ports of the doors.
    pub ports: Ports,
    /// Whether the hosts on request are served.
    pub on_request: bool,
    /// The lines for a hosts file, one host a line.
    pub hosts_lines: String,
}

impl SiteConfig {
    /// A site at the ports of the real service, where anybody may sign in, without a root certificate.
    pub fn new(hub: Arc<Hub>, tickets: Arc<Tickets>) -> Self {
        Self {
            hub,
            tickets,
            accounts: Accounts::anybody(),
            public: None,
            login_https: hosts::LOGIN.to_owned(),
            login_http: hosts::LOGIN.to_owned(),
            root_der: Bytes::new(),
            root_fingerprint: String::new(),
            root_sha1_fingerprint: String::new(),
            root_signature: "SHA-256",
            ports: Ports::default(),
            on_request: false,
            hosts_lines: String::new(),
        }
    }
}

/// The ports of the doors, as clients find them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// Of HTTP.
    pub http: u16,
    /// Of HTTPS.
    pub https: u16,
    /// Of the notification service.
    pub notification: u16,
}

impl Default for Ports {
    /// Those of the real service.
    fn default() -> Self {
        Self {
            http: 80,
            https: 443,
            notification: 1863,
        }
    }
}

/// One site for every door.
#[derive(Debug)]
pub struct Site {
    pub(crate) config: SiteConfig,
    pub(crate) case: HeaderCase,
    /// The address book, encoded.
    pub(crate) books: Books,
    /// What clients call contacts.
    pub(crate) kinds: Kinds,
    /// MSNP over HTTP.
    pub(crate) gateway: Gateway,
    /// The turns of long answers, and of all other long work.
    pub(crate) turns: Arc<Turns>,
    /// The wrong passwords of late.
    pub(crate) tries: Tries,
}

impl Site {
    /// How often the address book was encoded.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// The turns of long work.
    pub fn turns(&self) -> &Arc<Turns> {
        &self.turns
    }

    /// MSNP over HTTP.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The site, ready to answer.
    pub fn new(config: SiteConfig) -> Arc<Self> {
        Arc::new(Self {
            config,
            case: HeaderCase::learn(),
            books: Books::default(),
            kinds: Kinds::default(),
            gateway: Gateway::default(),
            turns: Arc::default(),
            tries: Tries::default(),
        })
    }
}
