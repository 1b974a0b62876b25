//! The security token service: an account and a password in, a ticket for each address out (`RST.srf`, `RST2.srf`).
//!
//! Some clients look for literal text and others for addresses, so prefixes are those of the real service, and every
//! address gets the same ticket and the same secret, in the order of the request (clients watched).

use super::who;
use crate::event::{Finding, HttpAction, Sentence, ServiceFinding, ours, say};
use crate::server::http::message::{Answer, Request};
use crate::server::site::Site;
use crate::server::xml::read::{Node, read};
use crate::server::xml::write::Xml;
use hyper::StatusCode;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

/// The address whose token is the Passport itself. It has no ticket, and the others are counted from it.
const PASSPORT: &str = "http://Passport.NET/tb";
/// The most addresses of one request.
const MOST: usize = 256;
const XML: &str = "text/xml; charset=utf-8";
/// The header of the real service's answers.
const PPCRL: &str = "http://schemas.microsoft.com/Passport/SoapServices/SOAPFault";
const FIELDS: who::Fields = who::Fields {
    account: "wsse:Username",
    password: "wsse:Password",
    refusal: "answered a fault",
};

/// What differs between the two services.
struct Form {
    soap: &'static str,
    trust: &'static str,
    security: &'static str,
    policy: &'static str,
    addressing: &'static str,
    lifetime: &'static str,
    /// SOAP 1.2: the fault stands in the body, and has its code in elements.
    newer: bool,
}

const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const RST: Form = Form {
    soap: "http://schemas.xmlsoap.org/soap/envelope/",
    trust: "http://schemas.xmlsoap.org/ws/2004/04/trust",
    security: "http://schemas.xmlsoap.org/ws/2003/06/secext",
    policy: "http://schemas.xmlsoap.org/ws/2002/12/policy",
    addressing: "http://schemas.xmlsoap.org/ws/2004/03/addressing",
    lifetime: "wst:LifeTime",
    newer: false,
};
const RST2: Form = Form {
    soap: "http://www.w3.org/2003/05/soap-envelope",
    trust: "http://schemas.xmlsoap.org/ws/2005/02/trust",
    security: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    policy: "http://schemas.xmlsoap.org/ws/2004/09/policy",
    addressing: "http://www.w3.org/2005/08/addressing",
    lifetime: "wst:Lifetime",
    newer: true,
};

/// Which service this path is, in lower case.
fn form(path: &str) -> Option<&'static Form> {
    match path.rsplit('/').next() {
        Some("rst.srf") => Some(&RST),
        Some("rst2.srf") => Some(&RST2),
        _ => None,
    }
}

/// Answers a request for tokens; `None` where the path, in lower case, is none of the service.
pub(crate) fn answer(site: &Site, request: &Request, path: &str) -> Option<Answer> {
    let form = form(path)?;
    if request.method != "POST" {
        let text = say!(
            "Tokens were asked for by {}; that is a POST with an envelope as its body; answered a fault.",
            request.method
        );
        let told = Finding::new(ServiceFinding::RstField, "method", text);
        return Some(fault(form, INVALID).finding(told));
    }
    let root = match read(&request.body) {
        Ok(root) => root,
        Err(error) => {
            let text = say!(
                "The body is not XML that is taken: {:#}; answered a fault.",
                error.of(request)
            );
            let told = Finding::new(ServiceFinding::RstXml, "body", text);
            return Some(fault(form, INVALID).finding(told));
        }
    };
    let mut answer = tokens(site, request, form, &root);
    answer
        .findings
        .extend(stamped(&root, OffsetDateTime::now_utc()));
    if root.any("Password").is_some() {
        let clear = who::in_the_clear(request, FIELDS.password);
        answer.findings.extend(clear);
    }
    Some(answer)
}

/// How far the stamp of a request may be from this machine's time before it is told, in seconds.
const APART: u64 = 10 * 60;

/// What is told of a request that is stamped with another time than this machine's.
fn stamped(root: &Node, now: OffsetDateTime) -> Option<Finding> {
    let stamp = root
        .any("Timestamp")
        .and_then(|stamp| stamp.child("Created"))?;
    let created = OffsetDateTime::parse(stamp.text.trim(), &Rfc3339).ok()?;
    let seconds = (created - now).whole_seconds();
    let (apart, ahead) = (seconds.unsigned_abs(), seconds > 0);
    (apart > APART).then_some(())?;
    let text = say!(
        "the client's clock is {:#} {}: its request for tokens is stamped {}, and here it is {}. {}",
        lapse(apart),
        ours(if ahead { "ahead" } else { "behind" }),
        moment(created),
        moment(now),
        ours(match ahead {
            true => "Each token is out of date for it as soon as it comes",
            false => "Each token is of the future for it",
        })
    );
    Some(Finding::new(
        ServiceFinding::ClientClock,
        "wsu:Created",
        text,
    ))
}

/// So many seconds, in the unit in which one would say them.
fn lapse(seconds: u64) -> Sentence {
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        172_800..63_072_000 => (seconds / 86_400, "days"),
        _ => (seconds / 31_557_600, "years"),
    };
    say!("{count} {}", ours(unit))
}

fn tokens(site: &Site, request: &Request, form: &'static Form, root: &Node) -> Answer {
    let text = |name: &str| root.any(name).map(|node| node.text.as_str());
    let (Some(account), Some(password)) = (text("Username"), text("Password")) else {
        let text = "The request has no wsse:Username or no wsse:Password; answered a fault.";
        let told = Finding::new(ServiceFinding::RstField, "wsse:UsernameToken", text);
        return fault(form, INVALID).finding(told);
    };
    let account = account.trim();
    if let Err(denied) = who::check(site, request, account, password, FIELDS) {
        let mut answer = fault(form, FAILED);
        answer.client = denied
            .account
            .as_deref()
            .and_then(|who| site.config.hub.awaiting(who));
        answer.account.clone_from(&denied.account);
        return denied.told(answer);
    }
    let mut wanted = Vec::new();
    wanted_of(root, &mut wanted);
    if wanted.is_empty() || wanted.len() > MOST {
        let text = say!(
            "The request asks for {} addresses; 1 to {MOST} are taken; answered a fault.",
            wanted.len()
        );
        let told = Finding::new(ServiceFinding::RstField, "wsa:Address", text);
        return fault(form, INVALID).finding(told);
    }
    // There is no nonce in it: whose it is, only the account says.
    let client = site.config.hub.awaiting(account);
    let ticket = site.config.tickets.issue(account, client);
    let secret = site.config.tickets.secret(&ticket).unwrap_or_default();
    let life = site.config.tickets.life();
    let body = granted(form, &wanted, &ticket, &secret, life);
    let mut answer = Answer::new(HttpAction::Rst, StatusCode::OK).body(XML, body);
    answer.account = Some(account.to_owned());
    answer.client = client;
    answer.secrets.extend([ticket, secret]);
    answer
}

/// An address for which a token is wanted, and the policy that is asked for.
struct Wanted<'a> {
    address: &'a str,
    policy: &'a str,
}

fn wanted_of<'a>(node: &'a Node, wanted: &mut Vec<Wanted<'a>>) {
    for child in &node.children {
        if child.name == "RequestSecurityToken" {
            let path = ["AppliesTo", "EndpointReference", "Address"];
            let policy = child.child("PolicyReference");
            wanted.extend(child.text_at(&path).map(|address| {
                Wanted {
                    address,
                    policy: policy
                        .and_then(|policy| policy.attribute("URI"))
                        .unwrap_or_default(),
                }
            }));
        } else {
            wanted_of(child, wanted);
        }
    }
}

fn moment(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    at.format(&format).unwrap_or_default()
}

/// The header: without a server time, one client takes every token for out of date.
fn header(xml: &mut Xml, now: &str, state: &str, status: &str) {
    xml.within("S:Header", |xml| {
        xml.within_with("psf:pp", &[("xmlns:psf", PPCRL)], |xml| {
            xml.leaves(&[
                ("psf:serverVersion", "1"),
                ("psf:PUID", "0003000080000000"),
                ("psf:configVersion", "3.0.869.0"),
                ("psf:uiVersion", "3.0.869.0"),
                ("psf:authstate", state),
                ("psf:reqstatus", status),
            ]);
            let attributes = [
                ("Path", "Live1"),
                ("RollingUpgradeState", "ExclusiveNew"),
                ("LocVersion", "0"),
                ("ServerTime", now),
            ];
            xml.leaf_with("psf:serverInfo", &attributes, "nudge");
            xml.empty("psf:cookies");
            xml.empty("psf:response");
        });
    });
}

fn granted(
    form: &Form,
    wanted: &[Wanted<'_>],
    ticket: &str,
    secret: &str,
    life: std::time::Duration,
) -> Vec<u8> {
    let now = OffsetDateTime::now_utc();
    let (created, expires) = (
        moment(now),
        moment(now.saturating_add(Duration::try_from(life).unwrap_or(Duration::MAX))),
    );
    let spaces = [
        ("xmlns:S", form.soap),
        ("xmlns:wst", form.trust),
        ("xmlns:wsse", form.security),
        ("xmlns:wsu", UTILITY),
        ("xmlns:wsp", form.policy),
        ("xmlns:wsa", form.addressing),
        ("xmlns:psf", PPCRL),
    ];
    let mut xml = Xml::new();
    xml.within_with("S:Envelope", &[("xmlns:S", form.soap)], |xml| {
        header(xml, &created, "0x48803", "0x0");
        xml.within("S:Body", |xml| {
            let collection = "wst:RequestSecurityTokenResponseCollection";
            xml.within_with(collection, &spaces, |xml| {
                let mut number = 0;
                for wanted in wanted {
                    let passport = wanted.address == PASSPORT;
                    number += usize::from(!passport);
                    // A policy of TWN parameters asks for a ticket of the older kind.
                    let (kind, name) = match wanted.policy.starts_with('?') {
                        _ if passport => ("urn:passport:legacy", "BinaryDAToken0".to_owned()),
                        true => ("urn:passport", format!("PPToken{number}")),
                        false => ("urn:passport:compact", format!("Compact{number}")),
                    };
                    xml.within("wst:RequestSecurityTokenResponse", |xml| {
                        xml.leaf("wst:TokenType", kind);
                        xml.within("wsp:AppliesTo", |xml| {
                            xml.within("wsa:EndpointReference", |xml| {
                                xml.leaf("wsa:Address", wanted.address);
                            });
                        });
                        xml.within(form.lifetime, |xml| {
                            xml.leaves(&[("wsu:Created", &created), ("wsu:Expires", &expires)]);
                        });
                        xml.within("wst:RequestedSecurityToken", |xml| match passport {
                            true => own_token(xml, &name, secret),
                            false => {
                                xml.leaf_with("wsse:BinarySecurityToken", &[("Id", &name)], ticket);
                            }
                        });
                        xml.within("wst:RequestedTokenReference", |xml| {
                            xml.leaf_with("wsse:KeyIdentifier", &[("ValueType", kind)], "");
                            let reference = format!("#{name}");
                            xml.leaf_with("wsse:Reference", &[("URI", &reference)], "");
                        });
                        xml.within("wst:RequestedProofToken", |xml| {
                            xml.leaf("wst:BinarySecret", secret);
                        });
                    });
                }
            });
        });
    });
    xml.into_bytes()
}

/// The token of the Passport itself, which the real service encrypted for itself: no client reads it.
fn own_token(xml: &mut Xml, name: &str, secret: &str) {
    let space = "http://www.w3.org/2001/04/xmlenc#";
    let attributes = [
        ("xmlns", space),
        ("Id", name),
        ("Type", "http://www.w3.org/2001/04/xmlenc#Element"),
    ];
    xml.within_with("EncryptedData", &attributes, |xml| {
        let algorithm = "http://www.w3.org/2001/04/xmlenc#tripledes-cbc";
        xml.leaf_with("EncryptionMethod", &[("Algorithm", algorithm)], "");
        let space = ("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#");
        xml.within_with("ds:KeyInfo", &[space], |xml| {
            xml.leaf("ds:KeyName", "http://Passport.NET/STS");
        });
        xml.within("CipherData", |xml| xml.leaf("CipherValue", secret));
    });
}

/// Why no token is given: code and text of the fault, and the two numbers of the header.
type Fault = (&'static str, &'static str, &'static str, &'static str);

const FAILED: Fault = (
    "wsse:FailedAuthentication",
    "Authentication Failure",
    "0x80048800",
    "0x80048821",
);
const INVALID: Fault = (
    "wst:InvalidRequest",
    "Invalid Request",
    "0x80048800",
    "0x80045c01",
);

/// A fault as the real service wrote it: at RST.srf beside the header, where clients look for it.
fn fault(form: &Form, (code, text, state, status): Fault) -> Answer {
    let spaces = [
        ("xmlns:S", form.soap),
        ("xmlns:wsse", form.security),
        ("xmlns:wst", form.trust),
        ("xmlns:psf", PPCRL),
    ];
    let mut xml = Xml::new();
    xml.within_with("S:Envelope", &spaces, |xml| {
        header(xml, &moment(OffsetDateTime::now_utc()), state, status);
        if !form.newer {
            return xml.within("S:Fault", |xml| {
                xml.leaves(&[("faultcode", code), ("faultstring", text)]);
            });
        }
        xml.within("S:Body", |xml| {
            xml.within("S:Fault", |xml| {
                xml.within("S:Code", |xml| {
                    xml.leaf("S:Value", "S:Sender");
                    xml.within("S:Subcode", |xml| xml.leaf("S:Value", code));
                });
                xml.within("S:Reason", |xml| {
                    xml.leaf_with("S:Text", &[("xml:lang", "en-US")], text);
                });
                xml.within("S:Detail", |xml| {
                    xml.within("psf:error", |xml| xml.leaf("psf:value", status));
                });
            });
        });
    });
    Answer::new(HttpAction::Rst, StatusCode::OK).body(XML, xml.into_bytes())
}

#[cfg(test)]
mod tests;
