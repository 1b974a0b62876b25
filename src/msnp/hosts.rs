//! The host names that nudge serves: said once, and read by the certificates, the hosts lines and
//! the HTTP service.

/// A host name that old clients look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// The name.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Whether it is served only when asked for, since real sign-ins on that machine still use it.
    pub on_request: bool,
}

const fn host(name: &'static str, purpose: &'static str) -> Host {
    Host {
        name,
        purpose,
        on_request: false,
    }
}

/// The Passport login host that `DALogin` names.
pub const LOGIN: &str = "loginnet.passport.com";

/// Every host.
pub const HOSTS: &[Host] = &[
    host("messenger.hotmail.com", "notification (MSNP)"),
    host("gateway.messenger.hotmail.com", "MSNP over HTTP"),
    host("nexus.passport.com", "Passport nexus"),
    host(LOGIN, "Passport login"),
    host("login.passport.com", "Passport login of older clients"),
    host("byrdr.omega.contacts.msn.com", "address book (SOAP)"),
    host("contacts.msn.com", "address book (SOAP)"),
    host("local-bay.contacts.msn.com", "address book (SOAP)"),
    host("storage.msn.com", "profile (SOAP)"),
    Host {
        name: "login.live.com",
        purpose: "Passport login of newer clients; still real",
        on_request: true,
    },
];

/// The names that are served, with those on request where asked for.
pub fn names(on_request: bool) -> impl Iterator<Item = &'static str> {
    HOSTS
        .iter()
        .filter(move |h| on_request || !h.on_request)
        .map(|h| h.name)
}
