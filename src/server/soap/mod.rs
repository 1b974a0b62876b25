//! The address book, sharing and storage services: SOAP over HTTP.
//!
//! What an action is, is said once, in `ACTIONS`. The reading actions write the roster out; the others
//! change it through the hub, so that every signed-in client and the journal are told.

mod address_book;
mod contacts;
mod envelope;
mod form;
mod groups;
mod kinds;
mod membership;
mod offline;
mod storage;
#[cfg(test)]
mod tests;

use crate::event::{ClientId, Finding, HttpAction, Sentence, ServiceFinding, Severity, ours, say};
use crate::msnp::escape::{shortened, to_text};
use crate::msnp::percent;
use crate::roster::{Contact, EditError, Part};
use crate::server::book::{BookError, Change, Kept};
use crate::server::encoded_book::{Book, Books};
use crate::server::http::message::{Answer, Request};
use crate::server::hub::{Author, Hub};
use crate::server::passport::ticket::{Ticket, TicketError};
use crate::server::site::Site;
use crate::server::xml::read::{Node, read};
use crate::server::xml::write::Xml;
use envelope::Envelope;
use hyper::StatusCode;
use std::net::IpAddr;
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

pub(crate) use kinds::Kinds;
pub(crate) use offline::{STORE_PATH, store};

/// The paths of the services, in lower case and with single slashes.
pub(crate) const PATHS: &[&str] = &[
    "/abservice/sharingservice.asmx",
    "/abservice/abservice.asmx",
    "/storageservice/schematizedstore.asmx",
    "/rsi/rsi.asmx",
];
/// The namespace of the address book and sharing services.
const ADDRESS_BOOK: &str = "http://www.msn.com/webservices/AddressBook";
/// When everything was made and last changed, as far as clients are told: the roster keeps no dates.
const DATE: &str = "2008-01-01T00:00:00.0000000-08:00";
/// Stands for no date.
const NO_DATE: &str = "0001-01-01T00:00:00";
/// The GUID of the one address book.
const ZERO_GUID: &str = "00000000-0000-0000-0000-000000000000";
/// The most characters of an unknown request that a finding quotes.
const QUOTED: usize = 1_024;
/// The longest sentence that quotes a client, in characters.
const SENTENCE: usize = 200;
const XML: &str = "text/xml; charset=utf-8";

/// An action: reads its element, and writes what goes into its response.
struct Action {
    is: HttpAction,
    service: Service,
    run: Run,
}

/// Whose action it is, which says its namespace and header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    AddressBook,
    Storage,
    /// Reading and deleting offline messages.
    Offline,
}

impl Action {
    fn name(&self) -> &str {
        self.is.name()
    }
}

type Run = fn(&mut Call<'_>, &mut Xml) -> Result<(), Refusal>;

const fn action(is: HttpAction, run: Run) -> Action {
    let service = Service::AddressBook;
    Action { is, service, run }
}

const fn stored(is: HttpAction, run: Run) -> Action {
    let service = Service::Storage;
    Action { is, service, run }
}

const fn reads(is: HttpAction, run: Run) -> Action {
    let service = Service::Offline;
    Action { is, service, run }
}

const ACTIONS: &[Action] = &[
    action(HttpAction::FindMembership, membership::find),
    action(HttpAction::AddMember, membership::add),
    action(HttpAction::DeleteMember, membership::delete),
    action(HttpAction::FindMembershipByRole, membership::find_by_role),
    action(HttpAction::AbFindAll, address_book::find_all),
    action(HttpAction::AbFindContactsPaged, address_book::find_paged),
    action(HttpAction::AbFindByContacts, address_book::find_by_contacts),
    action(HttpAction::AbAdd, address_book::add),
    action(HttpAction::AbContactAdd, contacts::add),
    action(HttpAction::AbContactUpdate, contacts::update),
    action(HttpAction::AbContactDelete, contacts::delete),
    action(HttpAction::AbGroupAdd, groups::add),
    action(HttpAction::AbGroupUpdate, groups::update),
    action(HttpAction::AbGroupDelete, groups::delete),
    action(HttpAction::AbGroupContactAdd, groups::contact_add),
    action(HttpAction::AbGroupContactDelete, groups::contact_delete),
    // What it updates (favourites and the like) nudge does not keep.
    action(HttpAction::UpdateDynamicItem, |_, _| Ok(())),
    stored(HttpAction::GetProfile, storage::get_profile),
    stored(HttpAction::UpdateProfile, storage::update_profile),
    stored(HttpAction::CreateProfile, storage::create_profile),
    reads(HttpAction::GetMetadata, offline::get_metadata),
    reads(HttpAction::GetMessage, offline::get_message),
    reads(HttpAction::DeleteMessages, offline::delete_messages),
];

/// One call of an action.
struct Call<'a> {
    hub: &'a Hub,
    books: &'a Books,
    kinds: &'a Kinds,
    account: String,
    client: Option<ClientId>,
    peer: IpAddr,
    /// The action's own element.
    element: &'a Node,
    findings: Vec<Finding>,
}

/// Why an action was refused: the fault that is answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
struct Refusal {
    /// `errorcode` of the fault, by which clients go.
    code: &'static str,
    /// A sentence.
    text: Sentence,
    /// The contact or group that is there already.
    conflict: Option<String>,
}

impl Refusal {
    fn new(code: &'static str, text: impl Into<Sentence>) -> Self {
        Self {
            code,
            text: text.into(),
            conflict: None,
        }
    }

    /// A request without something that its action needs.
    fn missing(what: &str) -> Self {
        Self::new("InvalidRequest", say!("the request has no {}", ours(what)))
    }
}

impl Refusal {
    /// The same of a member of a list, which has codes of its own.
    fn of_member(self) -> Self {
        let code = match self.code {
            "ContactAlreadyExists" => "MemberAlreadyExists",
            "ContactDoesNotExist" => "MemberDoesNotExist",
            code => code,
        };
        Self { code, ..self }
    }
}

impl From<BookError> for Refusal {
    fn from(error: BookError) -> Self {
        let code = match &error {
            BookError::Edit(error) => return error.clone().into(),
            BookError::OnList { .. } | BookError::Opposite { .. } => "ContactAlreadyExists",
            BookError::NotOnList { .. } | BookError::NoContact(_) => "ContactDoesNotExist",
            BookError::Full | BookError::GroupsFull(_) => "QuotaLimitReached",
            BookError::NoGroup(_) | BookError::GroupZero => "GroupDoesNotExist",
            BookError::GroupExists { .. } => "GroupAlreadyExists",
            BookError::GroupName(_) => "BadArgumentLength",
            BookError::InGroup(_) | BookError::NotInGroup(_) => "InvalidRequest",
        };
        let conflict = match &error {
            BookError::OnList { id, .. } | BookError::GroupExists { id, .. } => Some(id.clone()),
            _ => None,
        };
        let text = error.sentence().cut(SENTENCE);
        Self {
            conflict,
            ..Self::new(code, text)
        }
    }
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        let code = match &error {
            EditError::NoContact(_) | EditError::Ambiguous { .. } => "ContactDoesNotExist",
            EditError::Exists(_) => "ContactAlreadyExists",
            EditError::NoGroup(_) => "GroupDoesNotExist",
            EditError::Full | EditError::Quota { .. } => "QuotaLimitReached",
            EditError::Invalid {
                part: Part::Account,
                ..
            } => "BadEmailArgument",
            EditError::Invalid { .. } => "BadArgumentLength",
        };
        Self::new(
            code,
            Sentence::quoting(error.to_string(), &error.quoted()).cut(SENTENCE),
        )
    }
}

impl Call<'_> {
    /// The roster as it is written out now.
    fn book(&self) -> Arc<Book> {
        self.books.of(&self.hub.roster(), |roster| Book {
            groups: address_book::groups(roster),
            contacts: address_book::contacts(roster, self.kinds),
            memberships: membership::memberships(roster),
            changed: OffsetDateTime::now_utc(),
        })
    }

    /// Makes a change of the lists.
    fn keep(&self, change: &Change) -> Result<Kept, Refusal> {
        Ok(self.hub.keep(&self.account, change, self.author())?)
    }

    /// Who asks.
    fn author(&self) -> Author {
        Author {
            client: self.client,
            address: self.peer,
        }
    }

    /// The contact that a `Contact` element names, by GUID or by account.
    fn contact(&self, node: &Node) -> Result<Arc<Contact>, Refusal> {
        let roster = self.hub.roster();
        let id = node.text_at(&["contactId"]);
        let account = contacts::account(node).map(|(account, _)| account);
        let (found, named) = match (id, account) {
            (Some(id), _) => (roster.by_id(id), id),
            (None, Some(account)) => (roster.get(account), account),
            (None, None) => return Err(Refusal::missing("contactId or passportName")),
        };
        found
            .cloned()
            .ok_or_else(|| EditError::NoContact(named.to_owned()).into())
    }

    /// Says what a request asked for and nudge does not keep.
    fn not_kept(&mut self, what: impl Into<Sentence>) {
        let what = what.into();
        self.findings.push(Finding::new(
            ServiceFinding::SoapNotKept,
            what.clone(),
            say!("The client asked to change {what:#}, which nudge does not keep; it was told that all is well."),
        ));
    }
}

/// Answers a SOAP request.
pub(crate) fn answer(site: &Site, request: &Request) -> Answer {
    let named = action_of_header(request);
    let label = |name: Option<&str>| {
        ACTIONS
            .iter()
            .find(|action| Some(action.name()) == name)
            .map_or(HttpAction::Soap, |action| action.is.clone())
    };
    if request.method != "POST" {
        return Answer::new(label(named.as_deref()), StatusCode::METHOD_NOT_ALLOWED)
            .header("Allow", "POST")
            .finding(Finding::new(
                ServiceFinding::SoapMethod,
                "method",
                "A SOAP request must be a POST; answered 405.",
            ));
    }
    let root = match read(&request.body) {
        Ok(root) => root,
        Err(error) => {
            let refusal = Refusal::new("InvalidRequest", say!("{}", ours(&error)));
            let name = named.as_deref().unwrap_or_default();
            return fault(label(named.as_deref()), name, &refusal).finding(Finding::new(
                ServiceFinding::SoapXml,
                "body",
                say!(
                    "The body is not XML that is taken: {:#}; answered a fault.",
                    error.of(request)
                ),
            ));
        }
    };
    let envelope = Envelope::of(&root);
    let mut findings = Vec::new();
    let name = match (&named, envelope.action) {
        (Some(named), Some(element)) if named != &element.name => {
            findings.push(Finding::new(
                ServiceFinding::SoapAction,
                "SOAPAction",
                say!(
                    "SOAPAction says {} and the body {}; SOAPAction counts.",
                    short(named),
                    short(&element.name)
                ),
            ));
            named.clone()
        }
        (Some(named), _) => named.clone(),
        (None, Some(element)) => element.name.clone(),
        (None, None) => String::new(),
    };
    let action = ACTIONS.iter().find(|action| action.name() == name);
    findings.extend(form::unlike(request, action, envelope.action));
    let mut answer = call(site, request, &envelope, &name);
    findings.append(&mut answer.findings);
    answer.findings = findings;
    answer
}

/// The name of the action in the SOAPAction header, where that names one.
fn action_of_header(request: &Request) -> Option<String> {
    let value = request.header("soapaction")?;
    let value = value.trim().trim_matches('"');
    let name = value.rsplit('/').next().unwrap_or_default().trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn call(site: &Site, request: &Request, envelope: &Envelope<'_>, name: &str) -> Answer {
    let action = ACTIONS.iter().find(|action| action.name() == name);
    let label = action.map_or(HttpAction::Unknown, |action| action.is.clone());
    // Older clients have the cookie, and an empty token or none.
    let told = envelope.ticket.clone().filter(|ticket| !ticket.is_empty());
    let shown = told.or_else(|| cookie(request));
    let ticket = match ticket(site, shown.as_deref()) {
        Ok(ticket) => ticket,
        Err(told) => {
            let refusal = Refusal::new("PassportAuthFail", told.text.clone());
            let mut answer = fault(label, name, &refusal).finding(*told);
            answer.secrets.extend(shown);
            return answer;
        }
    };
    let mut answer = match (action, envelope.action) {
        (None, _) => fault(
            label,
            name,
            &Refusal::new("InvalidRequest", "nudge does not know this action"),
        )
        .finding(unknown(request, name)),
        (Some(_), None) => {
            let refusal = Refusal::missing("Body with an element in it");
            fault(label, name, &refusal).finding(refused(name, &refusal))
        }
        (Some(action), Some(element)) => {
            let mut call = Call {
                hub: &site.config.hub,
                books: &site.books,
                kinds: &site.kinds,
                account: ticket.account.clone(),
                client: ticket.client,
                peer: request.peer,
                element,
                findings: Vec::new(),
            };
            let mut answer = match envelope::response(action, &mut call, request) {
                Ok(body) => Answer::new(label, StatusCode::OK).pieces(XML, body),
                Err(refusal) => fault(label, name, &refusal).finding(refused(name, &refusal)),
            };
            answer.findings.append(&mut call.findings);
            answer
        }
    };
    answer.account = Some(ticket.account);
    answer.client = ticket.client;
    answer.secrets.extend(shown);
    answer
}

/// What a ticket says; the finding where it is missing or none of ours.
fn ticket(site: &Site, shown: Option<&str>) -> Result<Ticket, Box<Finding>> {
    let tickets = &site.config.tickets;
    match shown {
        None | Some("") => Err(Box::new(Finding::new(
            ServiceFinding::SoapNoTicket,
            "TicketToken",
            "The request has no ticket, neither in TicketToken nor in the cookie MSPAuth; answered a fault.",
        ))),
        Some(shown) => {
            let held = |known: &Ticket| site.config.hub.holds(known);
            let checked = tickets.check(shown, held);
            // In the cookie it may stand without its `t=`.
            let checked = match checked {
                Err(TicketError::Foreign) => tickets.check(&format!("t={shown}"), held),
                checked => checked,
            };
            checked.map_err(|error| {
                let unlike = tickets.unlike(shown, None, "");
                let (what, then) = match error {
                    TicketError::Foreign if unlike.is_ours => (unlike.text, ""),
                    TicketError::Foreign => (unlike.text, ". The client should sign in again"),
                    ended @ TicketError::Ended { .. } => {
                        (say!("{}", ours(ended)), ". The client should sign in again")
                    }
                };
                let text = say!("{what:#}; answered a fault{}", ours(then));
                Box::new(Finding::new(
                    ServiceFinding::SoapTicket,
                    "TicketToken",
                    text,
                ))
            })
        }
    }
}

/// The ticket of older clients, in a cookie.
fn cookie(request: &Request) -> Option<String> {
    let headers = request.headers.get_all("cookie").iter();
    let cookies = headers.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let all: Vec<_> = cookies.collect();
    all.iter()
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| {
            let (name, value) = cookie.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("MSPAuth")
                .then(|| percent::decode_text(value.trim().as_bytes()))
        })
}

/// A SOAP fault. Status 500, as SOAP 1.1 has it.
fn fault(label: HttpAction, name: &str, refusal: &Refusal) -> Answer {
    Answer::new(label, StatusCode::INTERNAL_SERVER_ERROR).body(XML, envelope::fault(name, refusal))
}

fn refused(name: &str, refusal: &Refusal) -> Finding {
    let text = say!(
        "{} was answered with the fault {}: {:#}.",
        short(name),
        ours(refusal.code),
        refusal.text
    );
    let told = Finding::new(ServiceFinding::SoapRefused, short(name), text);
    // A full sync is asked for in the course of things.
    match refusal.code == FULL_SYNC.0 {
        true => told.weighing(Severity::Info),
        false => told,
    }
}

fn unknown(request: &Request, name: &str) -> Finding {
    let body = crate::server::http::exchange::masked_text(&request.body);
    let body = shortened(&body, QUOTED);
    Finding::new(
        ServiceFinding::SoapUnknownAction,
        "SOAPAction",
        say!(
            "nudge does not know the action {:?}; answered a fault. Its body: {body}",
            short(name)
        ),
    )
}

/// A name from a client, for a sentence.
fn short(name: &str) -> String {
    shortened(&to_text(name.as_bytes()), 80)
}

/// The fault by which a client is told to fetch all: what changed since a date is not kept, only whether anything did.
const FULL_SYNC: (&str, &str) = (
    "FullSyncRequired",
    "Need to do full sync. Can't sync deltas.",
);

/// Whether a request asks for changes only, and there are none since the date that it gives, which an answer gave it.
///
/// # Errors
/// The fault by which it is told to fetch all, where there are changes.
fn unchanged(element: &Node, book: &Book) -> Result<bool, Refusal> {
    let text = |names: [&str; 2]| {
        let found = names.into_iter().find_map(|name| element.any(name));
        found.map(|node| node.text.trim())
    };
    if !matches!(text(["deltasOnly", "DeltasOnly"]), Some("true" | "1")) {
        return Ok(false);
    }
    let since = text(["lastChange", "LastChanged"])
        .and_then(|since| OffsetDateTime::parse(since, &Rfc3339).ok());
    // Clients keep a date to seven digits of the second, or fewer.
    let same = |since: OffsetDateTime| {
        let late = book.changed - since;
        !late.is_negative() && late < time::Duration::MICROSECOND
    };
    match since.is_some_and(same) {
        true => Ok(true),
        false => Err(Refusal::new(FULL_SYNC.0, FULL_SYNC.1)),
    }
}

/// A date as these services write it, to the ten-millionth of a second.
fn date(moment: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z");
    moment.format(format).unwrap_or_else(|_| DATE.to_owned())
}
