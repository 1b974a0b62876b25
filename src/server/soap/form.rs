//! What a request has otherwise than every Messenger: its type, its envelope, the namespace of its action. It is answered
//! all the same, in the form that Messengers read, and a client that wrote another form may not read that one.

use super::envelope::namespace;
use super::{Action, short};
use crate::event::{Finding, Sentence, ServiceFinding, ours, say};
use crate::server::http::message::Request;
use crate::server::xml::read::Node;
use memchr::memmem;

/// The namespace of envelopes of SOAP 1.2.
const NEWER: &[u8] = b"http://www.w3.org/2003/05/soap-envelope";
/// How far into a body its envelope begins at most, in bytes.
const BEGIN: usize = 1_024;

/// What is unlike a Messenger's request for this action, where something is.
pub(super) fn unlike(
    request: &Request,
    action: Option<&Action>,
    element: Option<&Node>,
) -> Option<Finding> {
    let mut unlike: Vec<Sentence> = Vec::new();
    let mut field = "";
    let told = request.header("content-type").unwrap_or_default();
    let kind = told.split(';').next().unwrap_or_default().trim();
    let newer = kind.eq_ignore_ascii_case("application/soap+xml");
    let taken = ["", "text/xml", "application/xml"];
    if !taken.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        field = "Content-Type";
        let of = if newer { ", that of SOAP 1.2" } else { "" };
        unlike.push(say!(
            "its Content-Type is {}{}, and not text/xml",
            short(kind),
            ours(of)
        ));
    }
    let begin = &request.body[..request.body.len().min(BEGIN)];
    if memmem::find(begin, NEWER).is_some() {
        field = "Envelope";
        unlike.push(say!(
            "its envelope is of SOAP 1.2, and the services speak SOAP 1.1"
        ));
    }
    if let (Some(action), Some(element)) = (action, element)
        && let Some(own) = element.namespace.as_deref()
    {
        let wanted = namespace(action, element);
        if own != wanted {
            field = "xmlns";
            unlike.push(say!(
                "{} stands in the namespace {}, and not in {}",
                short(&element.name),
                short(own),
                ours(wanted)
            ));
        }
    }
    let all = unlike
        .into_iter()
        .reduce(|all, one| say!("{all:#}; {one:#}"))?;
    Some(Finding::new(
        ServiceFinding::SoapForm,
        field,
        say!(
            "No Messenger writes such a request: {all:#}. It was answered as theirs are, and a client that writes so may not read that."
        ),
    ))
}
