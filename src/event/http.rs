//! What is told of a request over HTTP.

use super::{Masked, Service};
use std::time::Duration;

fields! {
    /// A request and its answer over HTTP.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct HttpExchange {
        /// By which service.
        pub service: Service,
        /// The method.
        pub method: String,
        /// The target, as written.
        pub target: String as Said,
        /// The Host header.
        pub host: Option<String>,
        /// What it is to nudge: `nexus`, `login`, `FindMembership`, `page`, `unknown` and so on.
        pub action: String,
        /// The account it is for, where that is known.
        pub account: Option<String>,
        /// The status of the answer.
        pub status: u16,
        /// The request: line, headers, body.
        pub request: Masked,
        /// The answer: line, headers, body.
        pub response: Masked,
        /// From the request's last byte to the answer's first, in microseconds.
        pub duration "duration_us": Duration,
    }
}
