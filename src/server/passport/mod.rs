//! Passport 1.4 (MS-PASS): nexus, login, and tickets.

mod likeness;
pub(crate) mod login;
pub(crate) mod nexus;
pub(crate) mod rst;
pub mod ticket;
pub(crate) mod tries;
mod who;

/// The realm, in `DARealm` of the nexus and in `srealm` of a refusal. MS-PASS: a client gives up where the
/// two differ, so it is said once.
pub(crate) const REALM: &str = "Passport.Net";
