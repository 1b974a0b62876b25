//! The two SOAP requests of the sign-in, and what the client reads out of their answers.

use super::book::Book;
use super::error::{ClientError, Wrong};
use super::http::{Answer, Ask, Url, Web};
use super::reporter::Reporter;
use super::software::Software;
use super::xml::walk;
use crate::msnp::adl::Lists;
use hyper::http::HeaderValue;
use quick_xml::escape::escape;

const NAMESPACE: &str = "http://www.msn.com/webservices/AddressBook";

/// One of the requests.
pub(super) struct Action {
    name: &'static str,
    path: &'static str,
    body: &'static str,
}

/// The membership lists: Allow, Block, Reverse, Pending.
pub(super) const FIND_MEMBERSHIP: Action = Action {
    name: "FindMembership",
    path: "/abservice/SharingService.asmx",
    body: "<serviceFilter><Types><ServiceType>Messenger</ServiceType></Types></serviceFilter>\
           <View>Full</View><deltasOnly>false</deltasOnly>",
};

/// The contacts.
pub(super) const AB_FIND_ALL: Action = Action {
    name: "ABFindAll",
    path: "/abservice/abservice.asmx",
    body: "<abId>00000000-0000-0000-0000-000000000000</abId><abView>Full</abView>\
           <deltasOnly>false</deltasOnly><lastChange>0001-01-01T00:00:00.0000000-08:00</lastChange>",
};

/// Makes one of the requests with this ticket, and reads its answer into the book.
pub(super) async fn ask(
    web: &Web,
    reporter: &mut Reporter,
    software: &Software,
    action: &Action,
    ticket: &str,
    book: &mut Book,
) -> Result<(), ClientError> {
    let failed = |why: Wrong| ClientError::Soap {
        action: action.name,
        why,
    };
    let header =
        |text: String| HeaderValue::from_str(&text).map_err(|e| failed(Wrong::Http(e.to_string())));
    let request = Ask {
        method: "POST",
        url: Url::new(software.book_host, action.path),
        headers: vec![
            (
                "Content-Type",
                HeaderValue::from_static("text/xml; charset=utf-8"),
            ),
            (
                "SOAPAction",
                header(format!("{NAMESPACE}/{}", action.name))?,
            ),
        ],
        body: envelope(software, action, ticket),
    };
    let answer = web
        .exchange(request, reporter, |_| action.name.to_owned())
        .await?;
    read(action, &answer, book).map_err(failed)
}

fn envelope(software: &Software, action: &Action, ticket: &str) -> String {
    let (name, body, application) = (action.name, action.body, software.application);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header>\
         <ABApplicationHeader xmlns=\"{NAMESPACE}\"><ApplicationId>{application}</ApplicationId>\
         <IsMigration>false</IsMigration><PartnerScenario>Initial</PartnerScenario></ABApplicationHeader>\
         <ABAuthHeader xmlns=\"{NAMESPACE}\"><ManagedGroupRequest>false</ManagedGroupRequest>\
         <TicketToken>{}</TicketToken></ABAuthHeader></soap:Header>\
         <soap:Body><{name} xmlns=\"{NAMESPACE}\">{body}</{name}></soap:Body></soap:Envelope>",
        escape(ticket)
    )
}

fn read(action: &Action, answer: &Answer, book: &mut Book) -> Result<(), Wrong> {
    let status = answer.status;
    let text = std::str::from_utf8(&answer.body).map_err(|error| Wrong::NotText(status, error))?;
    if status != 200 && !text.contains("Fault") {
        return Err(Wrong::Status(status));
    }
    let mut seen = Seen::default();
    walk(text, |path, text| seen.leaf(book, path, text))?;
    if let Some(fault) = seen.fault {
        return Err(Wrong::SoapFault(status, fault));
    }
    let expected = format!("{}Response", action.name);
    if seen.response != expected {
        return Err(Wrong::OtherAnswer {
            status,
            found: seen.response,
            expected,
        });
    }
    Ok(())
}

/// What has been read of the record at hand. Records end when their element does.
#[derive(Default)]
struct Seen {
    response: String,
    fault: Option<String>,
    /// The accounts of the service at hand, which says only at its end what service it is.
    service: Vec<(String, Lists)>,
    service_type: String,
    role: Option<Lists>,
    account: String,
    deleted: bool,
    kind: String,
    display_name: String,
    not_messenger: bool,
}

impl Seen {
    /// An element is over: `path` ends in its name, `text` is what stood directly in it.
    /// (`Membership` says its role before its members.)
    fn leaf(&mut self, book: &mut Book, path: &[&str], text: &str) {
        let text = text.trim();
        let under = |parent: &str| path.len() > 1 && path[path.len() - 2] == parent;
        if path.contains(&"Fault") {
            if !text.is_empty() && text.len() < 1024 {
                let fault = self.fault.get_or_insert_with(String::new);
                // One kilobyte a text and two in all say enough of any fault.
                if fault.len() < 1024 {
                    if !fault.is_empty() {
                        fault.push_str(", ");
                    }
                    fault.push_str(text);
                }
            } else {
                self.fault.get_or_insert_with(String::new);
            }
            return;
        }
        match path.last().copied().unwrap_or_default() {
            response if under("Body") => response.clone_into(&mut self.response),
            "MemberRole" if under("Membership") => {
                self.role = Lists::TABLE
                    .iter()
                    .find(|(.., word)| word.eq_ignore_ascii_case(text))
                    .map(|(lists, ..)| *lists);
            }
            "PassportName" if under("Member") => text.clone_into(&mut self.account),
            "Deleted" if under("Member") => self.deleted = text == "true",
            "Member" => {
                let account = std::mem::take(&mut self.account);
                if let Some(role) = self.role.filter(|_| !self.deleted && !account.is_empty()) {
                    self.service.push((account, role));
                }
                self.deleted = false;
            }
            "Membership" => self.role = None,
            "Type" if under("Handle") => text.clone_into(&mut self.service_type),
            "Service" => {
                let accounts = std::mem::take(&mut self.service);
                let service = std::mem::take(&mut self.service_type);
                if service.is_empty() || service == "Messenger" {
                    for (account, lists) in accounts {
                        book.put(&account, lists);
                    }
                }
            }
            "passportName" if under("contactInfo") => text.clone_into(&mut self.account),
            "contactType" if under("contactInfo") => text.clone_into(&mut self.kind),
            "displayName" if under("contactInfo") => text.clone_into(&mut self.display_name),
            "isMessengerUser" if under("contactInfo") => self.not_messenger = text == "false",
            "fDeleted" if under("Contact") => self.deleted = text == "true",
            "Contact" => {
                let contact = std::mem::take(self);
                self.response = contact.response;
                self.service = contact.service;
                if contact.kind == "Me" {
                    book.own_name = Some(contact.display_name).filter(|name| !name.is_empty());
                } else if !contact.deleted && !contact.not_messenger {
                    book.put(&contact.account, Lists::FORWARD);
                }
            }
            _ => {}
        }
    }
}
