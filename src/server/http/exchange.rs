//! One request and its answer, as the event that tells of it.

use super::message::{Answer, Request};
use super::secrets;
use crate::event::{ClientId, ConnectionSink, EventKind, Finding, HttpExchange, Masked, Room};
use crate::msnp::escape::to_text;
use std::time::Duration;

/// Bytes with what is secret in them marked.
pub(crate) fn masked(bytes: Vec<u8>, known: &[String]) -> Masked {
    let secrets = secrets::find(&bytes, known);
    Masked {
        bytes: bytes.into(),
        secrets,
    }
}

/// The passwords that stand at the places of passwords in a head and a body, as they are written.
pub(crate) fn passwords(bytes: &[u8]) -> Vec<Vec<u8>> {
    secrets::found(bytes, &[]).1
}

/// A body behind a blank line: without a head, its bytes would be searched as one.
pub(super) fn as_body(body: &[u8]) -> Vec<u8> {
    [b"\r\n\r\n", body].concat()
}

/// Bytes as text with what is secret in them masked, for a finding.
pub(crate) fn masked_text(body: &[u8]) -> String {
    let masked = masked(as_body(body), &[]);
    crate::msnp::escape::to_text(masked.shown(false).trim_ascii())
}

/// What was said and answered.
pub(crate) struct Exchange {
    pub request: Request,
    /// The head of the request as written.
    pub head: Vec<u8>,
    pub answer: Answer,
    pub duration: Duration,
    /// The version of the answer.
    pub version: &'static str,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Exchange {
    /// About how many bytes its event has.
    pub(crate) fn length(&self) -> usize {
        self.head.len() + self.request.body.len() + self.answer.body.len()
    }

    /// The answer as it is written.
    pub(crate) fn response(&self) -> Vec<u8> {
        let is_head = self.request.method == "HEAD";
        self.answer.to_bytes(self.version, &self.headers, is_head)
    }
}

/// Tells of the exchange, for which there is room. Gives back what was found in it, to be told next.
pub(crate) fn tell(
    sink: &ConnectionSink,
    room: Room,
    exchange: Exchange,
) -> (Vec<Finding>, Option<ClientId>) {
    let response = exchange.response();
    let Exchange {
        request,
        head,
        mut answer,
        duration,
        ..
    } = exchange;
    // Secrets come back in other forms: a ticket in XML has its `&` escaped.
    for i in 0..answer.secrets.len() {
        if let Some((ticket, _)) = answer.secrets[i].split_once('&') {
            let core = ticket.strip_prefix("t=").unwrap_or(ticket).to_owned();
            answer.secrets.push(core);
        }
    }
    // No ticket is this short, and hiding each place of a short text would tell what it is.
    answer.secrets.retain(|secret| secret.len() >= 8);
    let known = &answer.secrets;
    let line = format!("{} {} x\r\n\r\n", request.method, request.target).into_bytes();
    let line = masked(line, known).shown(false).into_owned();
    let target = line
        .strip_suffix(b" x\r\n\r\n")
        .and_then(|line| line.get(request.method.len() + 1..))
        .unwrap_or_default();
    let mut bytes = head;
    bytes.extend_from_slice(&request.body);
    let (hidden, passwords) = secrets::found(&bytes, known);
    sink.known().written(request.peer, &passwords);
    let exchange = HttpExchange {
        service: request.service,
        method: request.method.clone(),
        target: to_text(target),
        host: request.host.clone(),
        action: answer.action,
        account: answer.account,
        status: answer.status.as_u16(),
        request: Masked {
            bytes: bytes.into(),
            secrets: hidden,
        },
        response: masked(response, known),
        duration,
    };
    let sink = sink.of(answer.client);
    sink.tell_in(
        room,
        sink.clock().now(),
        EventKind::Http(Box::new(exchange)),
    );
    (answer.findings, answer.client)
}
