//! Envelopes: what a request carries, and what a response and a fault are wrapped in.

use super::{ADDRESS_BOOK, Action, Call, Refusal, Service, ZERO_GUID, offline, storage};
use crate::server::http::message::Request;
use crate::server::xml::read::Node;
use crate::server::xml::write::Xml;
use bytes::Bytes;

const ENVELOPE: &[(&str, &str)] = &[
    ("xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
];
/// The version that the real service gave last.
const VERSION: &str = "15.01.1408.0000";
/// The host that is preferred where the request names none.
const HOST: &str = "byrdr.omega.contacts.msn.com";

/// What a request carries.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// `TicketToken` of its header, whatever header that is in: the services call it differently. That of offline messages
    /// has it in two halves.
    pub ticket: Option<String>,
    /// The first element of its body.
    pub action: Option<&'a Node>,
}

impl<'a> Envelope<'a> {
    /// Of this root, which should be `Envelope`; anything else has neither ticket nor action.
    pub(super) fn of(root: &'a Node) -> Self {
        let envelope = Some(root).filter(|root| root.name == "Envelope");
        Self {
            ticket: envelope.and_then(|root| ticket(root.child("Header")?)),
            action: envelope.and_then(|root| root.child("Body")?.children.first()),
        }
    }
}

fn ticket(header: &Node) -> Option<String> {
    if let Some(node) = header.any("TicketToken") {
        return Some(node.text.trim().to_owned());
    }
    let cookie = header.any("PassportCookie")?;
    let half = |name| cookie.text_at(&[name]).unwrap_or_default().trim();
    let first = half("t");
    let first = first.strip_prefix("t=").unwrap_or(first);
    Some(format!("t={first}&p={}", half("p")))
}

/// The namespace of an action and its answer; where a service has several, that in which it was asked.
pub(super) fn namespace(action: &Action, element: &Node) -> &'static str {
    match action.service {
        Service::AddressBook => ADDRESS_BOOK,
        Service::Storage => storage::namespace(element),
        Service::Offline => offline::READ,
    }
}

/// Runs an action, and wraps what it writes.
pub(super) fn response(
    action: &Action,
    call: &mut Call<'_>,
    request: &Request,
) -> Result<Vec<Bytes>, Refusal> {
    let namespace = namespace(action, call.element);
    let mut xml = Xml::new();
    xml.within_with("soap:Envelope", ENVELOPE, |xml| {
        if action.service == Service::AddressBook {
            xml.within("soap:Header", |xml| {
                service_header(xml, request.host.as_deref().unwrap_or(HOST));
            });
        }
        xml.within("soap:Body", |xml| {
            let name = format!("{}Response", action.name());
            xml.within_with(&name, &[("xmlns", namespace)], |xml| {
                (action.run)(call, xml)
            })
        })
    })?;
    Ok(xml.into_pieces())
}

fn service_header(xml: &mut Xml, host: &str) {
    xml.within_with("ServiceHeader", &[("xmlns", ADDRESS_BOOK)], |xml| {
        xml.leaves(&[
            ("Version", VERSION),
            ("CacheKey", "12r1:nudge"),
            ("CacheKeyChanged", "true"),
            ("PreferredHostName", host),
            ("SessionId", ZERO_GUID),
        ]);
    });
}

/// A fault of the action of this name.
pub(super) fn fault(name: &str, refusal: &Refusal) -> Vec<u8> {
    let mut xml = Xml::new();
    let space = &[("xmlns", ADDRESS_BOOK)];
    xml.within_with("soap:Envelope", ENVELOPE, |xml| {
        xml.within("soap:Body", |xml| {
            xml.within("soap:Fault", |xml| {
                xml.leaf("faultcode", "soap:Client");
                xml.leaf("faultstring", &refusal.text);
                xml.leaf("faultactor", &format!("{ADDRESS_BOOK}/{name}"));
                xml.within("detail", |xml| {
                    xml.leaf_with("errorcode", space, refusal.code);
                    xml.leaf_with("errorstring", space, &refusal.text);
                    xml.leaf_with("machineName", space, "nudge");
                    if let Some(id) = &refusal.conflict {
                        xml.within_with("additionalDetails", space, |xml| {
                            xml.leaf("conflictObjectId", id);
                        });
                    }
                });
            });
        });
    });
    xml.into_bytes()
}
