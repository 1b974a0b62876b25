//! The fake Microsoft. Every listening socket lives here.

pub mod book;
pub mod certificates;
pub mod checks;
pub mod control;
pub mod counted;
pub mod descriptors;
pub mod doors;
pub mod encoded_book;
pub mod gateway;
pub mod gifts;
pub mod given;
pub mod hosts_file;
pub mod http;
pub mod hub;
pub mod link;
pub mod memory;
mod named;
pub mod notification;
pub mod offline;
pub mod passport;
pub mod peer;
mod schedule;
pub mod seen;
pub mod service;
pub mod shares;
pub mod site;
pub mod soap;
pub mod stranger;
pub mod switchboard;
pub mod talk;
pub mod tls;
pub mod turns;
pub mod web;
mod xml;

/// What the fuzzer reaches of the readers that are nobody else's business.
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed {
    /// Reads a document of SOAP.
    pub(crate) fn document(bytes: &[u8]) {
        let _ = super::xml::read::read(bytes);
    }

    /// What is secret in a message of HTTP.
    pub(crate) fn masked(bytes: &[u8]) -> crate::event::Secrets {
        super::http::secrets_of(bytes)
    }
}
