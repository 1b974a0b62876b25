//! What is told of a request over HTTP.

use super::table::Told;
use super::text::write_duration;
use super::{Masked, Service};
use std::fmt::{self, Write as _};
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

impl Told for HttpExchange {
    fn tell(&self, out: &mut String) -> fmt::Result {
        write!(out, "{} ", self.method)?;
        // A secret in the target (a ticket in a query) is secret in the request's bytes.
        let at = self.method.len() + 1;
        let end = at + self.target.len();
        if self.request.bytes.get(at..end) == Some(self.target.as_bytes()) {
            let masked = self
                .request
                .secrets
                .mask(&self.request.bytes, at, end, false);
            out.push_str(&String::from_utf8_lossy(&masked));
        } else {
            out.push_str(&self.target);
        }
        if !self.action.is_empty() {
            write!(out, " {}", self.action)?;
        }
        write!(out, " → {}  ", self.status)?;
        write_duration(self.duration, out)
    }
}
