//! What a client needs to know before it signs in.

use super::tls::{Tls, Trust};
use crate::msnp::{Dialect, Family, Status, hosts};
use openssl::ssl::SslVersion;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Everything that can be chosen of the client. [`Config::default`] is the article's Mac, which signs in where nudge
/// listens without options.
// No Debug: it holds a password.
#[derive(Clone)]
pub struct Config {
    /// Host and port of the notification service, such as `messenger.hotmail.com:1863`.
    pub notification: String,
    /// Who the client is: the article's Mac, or a client of Windows.
    pub family: Family,
    /// The one dialect that it offers. `None`: every one that its family and method have.
    pub dialect: Option<Dialect>,
    /// How it proves who signs in.
    pub method: Method,
    /// How the hosts of Passport and SOAP are reached.
    pub reach: Reach,
    /// Whether those are spoken to over TLS.
    pub transport: Transport,
    /// Whose certificates are good.
    pub trust: Trust,
    /// The newest TLS that is offered; TLS 1.0, as on the Mac.
    pub tls_max: SslVersion,
    /// The TLS context, which clones of this configuration share.
    pub tls: Tls,
    /// Whether the TLS hello names the server. The Mac's does not.
    pub sni: bool,
    /// The account that signs in.
    pub account: String,
    /// Its password.
    pub password: String,
    /// The friendly name sent in PRP. `None`: the one in the address book, else the account.
    pub friendly_name: Option<String>,
    /// The status shown once signed in.
    pub status: Status,
    /// The computer's name, sent in `PrivateEndpointData`.
    pub endpoint: String,
    /// The 32 hexadecimal digits after the ticket in `USR 4`, probably a machine GUID (the article).
    pub machine_guid: String,
    /// Time between two pings. `None`: what the server asked for in QNG.
    pub ping_every: Option<Duration>,
    /// How many pings [`play`](super::play) has answered before it signs out; `None`: until it is stopped.
    pub pings: Option<u64>,
    /// How long the server may take over one step: a connection, an answer, an HTTP exchange.
    pub patience: Duration,
    /// How long is waited before each step of the sign-in.
    pub pace: Pace,
    /// The largest HTTP body that is taken, in bytes.
    pub max_body: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            notification: "127.0.0.1:1863".to_owned(),
            family: Family::Mac,
            dialect: None,
            method: Method::Twn,
            reach: Reach::default(),
            transport: Transport::Tls,
            trust: Trust::Anyone,
            tls_max: SslVersion::TLS1,
            tls: Tls::default(),
            sni: false,
            account: "me@local".to_owned(),
            password: "asdf".to_owned(),
            friendly_name: None,
            status: Status::Online,
            endpoint: "Rhodes".to_owned(),
            machine_guid: "235411cb78234a468feb6f1bccca43fd".to_owned(),
            ping_every: None,
            pings: None,
            patience: Duration::from_secs(30),
            pace: Pace::default(),
            max_body: 32 * 1024 * 1024,
        }
    }
}

impl Config {
    /// A client for a service on this machine: notification at one address, all of Passport and SOAP
    /// at one other.
    pub fn local(notification: SocketAddr, web: SocketAddr) -> Self {
        Self {
            notification: notification.to_string(),
            reach: Reach::all(web),
            ..Self::default()
        }
    }

    /// The dialects that it offers, newest first.
    pub(super) fn offered(&self) -> impl Iterator<Item = Dialect> {
        let mut all: Vec<Dialect> = Dialect::all().collect();
        all.reverse();
        let has = |dialect: &Dialect| {
            let rules = dialect.rules();
            (self.family == Family::Windows || rules.mac)
                && (self.method != Method::Sso || rules.sso)
                && self.dialect.is_none_or(|only| *dialect == only)
        };
        all.into_iter().filter(has)
    }

    /// The machine GUID as its family writes it: the Mac its digits alone.
    pub(super) fn endpoint_guid(&self) -> String {
        let digits = &self.machine_guid;
        match (self.family, digits.len()) {
            (Family::Windows, 32) => format!(
                "{{{}-{}-{}-{}-{}}}",
                &digits[..8],
                &digits[8..12],
                &digits[12..16],
                &digits[16..20],
                &digits[20..]
            ),
            _ => digits.clone(),
        }
    }

    /// An account as it is typed: without a domain it is in this client's own.
    pub(super) fn whole(&self, account: &str) -> String {
        match (account.contains('@'), self.account.rsplit_once('@')) {
            (false, Some((_, domain))) => format!("{account}@{domain}"),
            _ => account.to_owned(),
        }
    }

    /// Why this configuration cannot be used, if it cannot: what goes into a line must not break it.
    pub(super) fn mistake(&self) -> Option<String> {
        if self.family == Family::Mac && self.method != Method::Twn {
            return Some("Messenger for Mac signs in by TWN, with a login at Passport".to_owned());
        }
        if self.offered().next().is_none() {
            let dialect = self.dialect.map_or_else(String::new, |d| d.to_string());
            return Some(match self.method {
                Method::Sso => format!(
                    "{dialect} has no sign-in by SSO; {} have: --dialect chooses one",
                    span(Dialect::all().filter(|dialect| dialect.rules().sso))
                ),
                _ => format!(
                    "Messenger for Mac does not speak {dialect}; it speaks {}: --client windows speaks every dialect",
                    span(Config::default().offered())
                ),
            });
        }
        let token = |what: &str, text: &str| {
            (text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()))
                .then(|| format!("the {what} {text:?} is empty or has white space in it"))
        };
        if let Some(wrong) = token("account", &self.account) {
            return Some(wrong);
        }
        if self.machine_guid.len() != 32
            || !self.machine_guid.bytes().all(|b| b.is_ascii_hexdigit())
        {
            return Some(format!(
                "the machine GUID {:?} is not 32 hexadecimal digits",
                self.machine_guid
            ));
        }
        if self.status == Status::Offline {
            return Some("offline is no status to sign in with".to_owned());
        }
        None
    }
}

/// How a client proves who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Method {
    /// `USR TWN`, with a ticket of a Passport 1.4 login.
    Twn,
    /// `USR TWN`, with a ticket of RST.srf.
    Rst,
    /// `USR SSO`, with a ticket of RST.srf and a proof.
    Sso,
}

/// How long is waited before each step of a sign-in: not at all, unless somebody watches.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    each: Duration,
    hurry: CancellationToken,
}

impl Pace {
    /// This long, until `hurry` is cancelled.
    pub fn new(each: Duration, hurry: CancellationToken) -> Self {
        Self { each, hurry }
    }

    pub(super) async fn step(&self) {
        if !self.each.is_zero() {
            // Hurried or not, the step comes.
            let _ = tokio::time::timeout(self.each, self.hurry.cancelled()).await;
        }
    }
}

/// How host names become addresses.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Addresses of single hosts, by name in lower case, whatever the port.
    pub hosts: BTreeMap<String, SocketAddr>,
    /// The address of every other host. `None`: DNS, and the port of the URL. Those are the real hosts, unless a hosts
    /// file leads elsewhere.
    pub all: Option<SocketAddr>,
}

impl Default for Reach {
    /// Where plain `nudge` listens on this machine.
    fn default() -> Self {
        Self::all(SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)))
    }
}

impl Reach {
    /// Every host at one address.
    pub fn all(address: SocketAddr) -> Self {
        Self {
            hosts: BTreeMap::new(),
            all: Some(address),
        }
    }

    /// Every host where DNS says.
    pub fn by_name() -> Self {
        Self {
            hosts: BTreeMap::new(),
            all: None,
        }
    }

    /// The address that is set for this host, if one is.
    pub fn find(&self, host: &str) -> Option<SocketAddr> {
        self.hosts
            .get(&host.to_ascii_lowercase())
            .copied()
            .or(self.all)
    }

    /// Why a server may not send this client to `host:port`: it is one of the real hosts, and nobody has said that they
    /// may be reached.
    pub(super) fn forbids(&self, host: &str) -> Option<String> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let real = hosts::names(true).any(|real| name.eq_ignore_ascii_case(real));
        (self.all.is_some() && real).then(|| {
            format!("{name} is a real host, and this client was not told to go to real hosts")
        })
    }
}

/// How Passport and SOAP are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over TLS, as every real client does.
    Tls,
    /// In the clear: for services that offer it, and for tests.
    Plain,
}

/// Dialects in a row, such as `MSNP15 to MSNP18`.
fn span(dialects: impl Iterator<Item = Dialect>) -> String {
    let mut all: Vec<Dialect> = dialects.collect();
    all.sort_unstable();
    match (all.first(), all.last()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "none".to_owned(),
    }
}
