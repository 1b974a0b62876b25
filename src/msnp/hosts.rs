//! The host names that nudge serves. The certificates, the hosts lines and the HTTP service read them here.
//!
//! Every host that clients ask for is here. A root does not allow hosts that were added after it was made.

use std::fmt;

/// A host name that old clients look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// The name.
    pub name: &'static str,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it is served only when asked for, because the real host may still exist.
    pub on_request: bool,
}

rows! {
    /// What a host is for. Its `Display` says it in words.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Purpose {
        /// In words.
        fn words;
    }
    /// Where a client connects first.
    Notification "notification (MSNP)";
    /// The same over HTTP, for clients behind a proxy.
    Gateway "MSNP over HTTP";
    /// Where a client learns where to sign in.
    Nexus "Passport nexus";
    /// Where it signs in.
    Login "Passport login";
    /// The address book and the lists.
    AddressBook "address book (SOAP)";
    /// The profile.
    Storage "profile (SOAP)";
    /// What a client fetches at its start.
    Config "the client's configuration";
    /// Messages to those who are offline.
    OfflineMessages "messages to those who are offline";
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

const fn host(name: &'static str, purpose: Purpose) -> Host {
    Host {
        name,
        purpose,
        on_request: false,
    }
}

const fn on_request(name: &'static str, purpose: Purpose) -> Host {
    Host {
        on_request: true,
        ..host(name, purpose)
    }
}

/// The Passport login host that `DALogin` names.
pub const LOGIN: &str = "loginnet.passport.com";
/// The login host of clients that sign in by SSO. The real one still exists.
pub const LOGIN_LIVE: &str = "login.live.com";

/// Every host.
pub const HOSTS: &[Host] = &[
    host("messenger.hotmail.com", Purpose::Notification),
    host("muser.messenger.hotmail.com", Purpose::Notification),
    host("gateway.messenger.hotmail.com", Purpose::Gateway),
    host("geo.gateway.messenger.live.com", Purpose::Gateway),
    host("nexus.passport.com", Purpose::Nexus),
    host(LOGIN, Purpose::Login),
    host("login.passport.com", Purpose::Login),
    host("byrdr.omega.contacts.msn.com", Purpose::AddressBook),
    host("omega.contacts.msn.com", Purpose::AddressBook),
    host("contacts.msn.com", Purpose::AddressBook),
    host("local-bay.contacts.msn.com", Purpose::AddressBook),
    host("proxy-bay.contacts.msn.com", Purpose::AddressBook),
    host("storage.msn.com", Purpose::Storage),
    host("tkrdr.storage.msn.com", Purpose::Storage),
    host("config.messenger.msn.com", Purpose::Config),
    host("rsi.hotmail.com", Purpose::OfflineMessages),
    host("ows.messenger.msn.com", Purpose::OfflineMessages),
    on_request(LOGIN_LIVE, Purpose::Login),
    on_request("msnia.login.live.com", Purpose::Login),
    on_request("storage.live.com", Purpose::Storage),
];

/// The names that are served, with those on request where asked for.
pub fn names(on_request: bool) -> impl Iterator<Item = &'static str> {
    HOSTS
        .iter()
        .filter(move |h| on_request || !h.on_request)
        .map(|h| h.name)
}

/// Domains of services that revive Messenger, for which clients are patched, and the services' names.
const REVIVALS: &[(&str, &str)] = &[
    ("log1p.xyz", "Escargot"),
    ("escargot.chat", "Escargot"),
    ("crosstalk.im", "CrossTalk"),
    ("hiden.cc", "CrossTalk"),
    ("ugnet.gay", "CrossTalk"),
    ("nina.chat", "NINA"),
];

/// The revival service of which a host is, by its domain or by the service's name in it.
pub fn revival(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let mut known = REVIVALS.iter();
    let by_domain = known.find(|(domain, _)| {
        let before = name.strip_suffix(domain);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    by_domain.map(|(_, service)| *service).or_else(|| {
        let labels = || name.split(['.', '-']);
        [("escargot", "Escargot"), ("crosstalk", "CrossTalk")]
            .into_iter()
            .find(|(label, _)| labels().any(|part| part == *label))
            .map(|(_, service)| service)
    })
}

/// The host of this name, in any case.
pub fn find(name: &str) -> Option<&'static Host> {
    HOSTS
        .iter()
        .find(|host| host.name.eq_ignore_ascii_case(name))
}
