//! Offline messages over SOAP: metadata, a message, deleting (`rsi.asmx`), and leaving one (`oim.asmx`), which has a body
//! without an action and a lock of its own: a challenge that is answered with a product's key, as on the notification
//! connection.

use super::{Call, Refusal, fault, short, ticket};
use crate::event::{Finding, HttpAction, Sentence, ServiceFinding, Severity, ours, say};
use crate::msnp::challenge;
use crate::msnp::escape::{shortened, to_text};
use crate::roster::{check_account, cid};
use crate::server::http::message::{Answer, Request};
use crate::server::offline::{Waiting, metadata};
use crate::server::site::Site;
use crate::server::xml::read::{Node, read};
use crate::server::xml::write::Xml;
use bytes::Bytes;
use hyper::StatusCode;
use time::OffsetDateTime;
use time::macros::format_description;

/// Namespace of the actions that read them.
pub(super) const READ: &str = "http://www.hotmail.msn.com/ws/2004/09/oim/rsi";
/// Namespace of the action that leaves one.
const LEAVE: &str = "http://messenger.msn.com/ws/2004/09/oim/";
/// The path to which one is left.
pub(crate) const STORE_PATH: &str = "/oimws/oim.asmx";
/// The most messages that are deleted at once.
const MOST_DELETED: usize = 200;
/// The most characters of a message that a finding quotes.
const QUOTED: usize = 400;

/// `GetMetadata`: those that wait for the account.
pub(super) fn get_metadata(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let data = metadata(&call.hub.offline().of(&call.account));
    xml.shared(Bytes::from(data));
    Ok(())
}

/// `GetMessage`: one of them, as mail.
pub(super) fn get_message(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), Refusal> {
    let id = call.element.text_at(&["messageId"]);
    let id = id.ok_or_else(|| Refusal::missing("messageId"))?.trim();
    let waiting = call.hub.offline().of(&call.account);
    let found = waiting.iter().find(|m| m.id.eq_ignore_ascii_case(id));
    let found = found
        .ok_or_else(|| Refusal::new("MessageNotFound", say!("no message {} waits", short(id))))?;
    xml.leaf("GetMessageResult", &found.mail());
    Ok(())
}

/// `DeleteMessages`: those of these ids.
pub(super) fn delete_messages(call: &mut Call<'_>, _: &mut Xml) -> Result<(), Refusal> {
    let Some(ids) = call.element.child("messageIds") else {
        return Err(Refusal::missing("messageIds"));
    };
    for id in ids.all("messageId").take(MOST_DELETED) {
        call.hub.offline().delete(&call.account, id.text.trim());
    }
    Ok(())
}

/// Leaves a message: `Store`, and `Store2` of later clients.
pub(crate) fn store(site: &Site, request: &Request) -> Answer {
    let malformed = |why: Sentence| {
        fault(
            HttpAction::Store,
            "Store",
            &Refusal::new("InvalidRequest", why.clone()),
        )
        .finding(Finding::new(
            ServiceFinding::OfflineRefused,
            "body",
            say!("An offline message was not taken: {why:#}."),
        ))
    };
    let root = match read(&request.body) {
        Ok(root) => root,
        Err(error) => return malformed(say!("{}", ours(error))),
    };
    let header = Some(&root).filter(|root| root.name == "Envelope");
    let (header, body) = (
        header.and_then(|root| root.child("Header")),
        header.and_then(|root| root.child("Body")),
    );
    let (Some(header), Some(body)) = (header, body) else {
        return malformed("it has no Header and Body".into());
    };
    let attribute = |element: &str, name: &str| {
        let node = header.child(element);
        node.and_then(|node| node.attribute(name))
            .unwrap_or_default()
    };
    let shown = attribute("Ticket", "passport").to_owned();
    let known = match ticket(site, Some(&shown)) {
        Ok(known) => known,
        Err(told) => {
            let mut answer = refusal(
                "AuthenticationFailed",
                "the ticket is not good",
                "TweenerChallenge",
                "lc=1033,id=507,tw=40,ct=1,kpp=1,kv=5,ver=2.1.0173.1,tpf=1",
            );
            answer.secrets.push(shown);
            return answer.finding(*told);
        }
    };
    let mut answer = leave(
        site,
        &known.account,
        header,
        body,
        attribute("Ticket", "appid"),
        attribute("Ticket", "lockkey"),
    );
    answer.account = Some(known.account);
    answer.client = known.client;
    answer.secrets.push(shown);
    answer
}

fn leave(
    site: &Site,
    account: &str,
    header: &Node,
    body: &Node,
    product: &str,
    key: &str,
) -> Answer {
    let question = question(site, account);
    // For a product whose key is not known any answer is taken.
    let right = challenge::key(product).map(|secret| challenge::newer(&question, product, secret));
    if key.is_empty()
        || right
            .as_ref()
            .is_some_and(|right| !right.eq_ignore_ascii_case(key))
    {
        // Clients ask without a key at first, and go on from here.
        let answer = refusal(
            "AuthenticationFailed",
            "the lock key is missing or wrong",
            "LockKeyChallenge",
            &question,
        );
        let Some(right) = right.filter(|_| !key.is_empty()) else {
            return answer;
        };
        // A key of before is answered so too, and the next is right.
        let wrong = Finding::new(
            ServiceFinding::OfflineRefused,
            "lockkey",
            say!(
                "An offline message was not taken: its lock key is wrong. {} to the challenge {question} is answered by {right}, as CHL is by QRY.",
                short(product)
            ),
        );
        return answer.finding(wrong.weighing(Severity::Info));
    }
    let to = header
        .child("To")
        .and_then(|node| node.attribute("memberName"));
    let to = to.unwrap_or_default();
    if check_account(to).is_err() {
        return refused(say!("{} is no account", short(to)), "InvalidParameter");
    }
    let from = header
        .child("From")
        .and_then(|node| node.attribute("friendlyName"));
    // It becomes a line of a header.
    let name = from.unwrap_or_default().chars().filter(|c| !c.is_control());
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let message = Waiting {
        id: uuid::Uuid::new_v4().to_string().to_uppercase(),
        from: account.to_owned(),
        name: name.collect(),
        to: to.to_owned(),
        received: OffsetDateTime::now_utc().format(format).unwrap_or_default(),
        content: body.text_at(&["Content"]).unwrap_or_default().to_owned(),
    };
    match site.config.hub.leave_message(message) {
        Err(full) => refused(say!("{}", ours(full)), "SenderThrottleLimitExceeded"),
        Ok(kept) => {
            let text = shortened(&to_text(kept.text().as_bytes()), QUOTED);
            Answer::new(HttpAction::Store, StatusCode::OK)
                .body(super::XML, acknowledgement())
                .finding(Finding::new(
                    ServiceFinding::OfflineMessage,
                    "Content",
                    say!("{} leaves {} a message: {text}", short(account), short(to)),
                ))
        }
    }
}

fn refused(why: Sentence, code: &str) -> Answer {
    refusal(code, &why, "", "").finding(Finding::new(
        ServiceFinding::OfflineRefused,
        "Store",
        say!("An offline message was not taken: {why:#}."),
    ))
}

/// Ten digits that stay the same for an account while the program runs: clients keep the answer.
fn question(site: &Site, account: &str) -> String {
    let seed = format!("{}{}", site.config.root_fingerprint, account.to_lowercase());
    format!("{:010}", cid(&seed) as u64 % 10_000_000_000)
}

fn envelope(inside: impl FnOnce(&mut Xml)) -> Vec<u8> {
    let mut xml = Xml::new();
    let space = &[("xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/")];
    xml.within_with("soap:Envelope", space, inside);
    xml.into_bytes()
}

fn acknowledgement() -> Vec<u8> {
    envelope(|xml| {
        xml.within("soap:Header", |xml| {
            let space = &[("xmlns", "http://schemas.xmlsoap.org/ws/2003/03/rm")];
            xml.within_with("SequenceAcknowledgment", space, |xml| {
                let space = &[("xmlns", "http://schemas.xmlsoap.org/ws/2002/07/utility")];
                xml.leaf_with("Identifier", space, "http://messenger.msn.com");
            });
        });
        xml.empty("soap:Body");
    })
}

/// A fault of the service, with a code of its own namespace and, in `detail`, what the client has to answer.
fn refusal(code: &str, why: &str, asked: &str, question: &str) -> Answer {
    let body = envelope(|xml| {
        xml.within("soap:Body", |xml| {
            xml.within("soap:Fault", |xml| {
                let space = &[("xmlns:q0", LEAVE)];
                xml.leaf_with("faultcode", space, &format!("q0:{code}"));
                xml.leaf("faultstring", why);
                xml.leaf("faultactor", "https://ows.messenger.msn.com/OimWS/oim.asmx");
                xml.within("detail", |xml| {
                    if !asked.is_empty() {
                        xml.leaf_with(asked, &[("xmlns", LEAVE)], question);
                    }
                });
            });
        });
    });
    Answer::new(HttpAction::Store, StatusCode::INTERNAL_SERVER_ERROR).body(super::XML, body)
}
