//! One request and its answer, as the event that tells of it.

use super::message::{Answer, Request};
use super::secrets;
use crate::event::{ConnectionSink, EventKind, HttpExchange, Masked};
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

/// Tells of the exchange, then of what was found in it.
pub(crate) async fn tell(
    sink: &ConnectionSink,
    request: &Request,
    head: Vec<u8>,
    response: Vec<u8>,
    mut answer: Answer,
    duration: Duration,
) {
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
    let exchange = HttpExchange {
        service: request.service,
        method: request.method.clone(),
        target: to_text(target),
        host: request.host.clone(),
        action: answer.action.into_owned(),
        account: answer.account,
        status: answer.status.as_u16(),
        request: masked(bytes, known),
        response: masked(response, known),
        duration,
    };
    let sink = sink.of(answer.client);
    sink.tell(EventKind::Http(Box::new(exchange))).await;
    for finding in answer.findings {
        sink.tell(EventKind::Finding(Box::new(finding))).await;
    }
}
