//! The commands about lists from MSNP13 on: ADL, RML and FQY. The lists themselves are the address book's.

use super::commands::{Command, send};
use super::session::{Output, Request, Session, Surroundings, finding, refuse};
use crate::event::{Sentence, ServiceFinding, say};
use crate::msnp::adl::{self, Asked, Entry, Lists, MOST_BYTES, MOST_ENTRIES, MembershipList};
use crate::roster::PASSPORT;
use quick_xml::escape::escape;
use std::fmt::Write as _;

impl Session {
    /// ADL and RML. The lists themselves are the address book's; what is told here is checked, and says whom of the
    /// other clients it sees, and who of them sees it.
    pub(super) fn lists(&mut self, c: Command<'_>, a: &Surroundings<'_>, out: &mut Vec<Output>) {
        let Some(list) = checked(&c, Asked::Lists, out) else {
            return;
        };
        let field = || say!("{} l", c.verb);
        let on_none = |on: Lists| on == Lists::default();
        if let Some(who) = those(&list, on_none) {
            let text = say!("put on no list that exists: {who:#}");
            out.push(finding(ServiceFinding::ListBits, field(), text));
        }
        let on_both = |on: Lists| on.contains(Lists::ALLOW.with(Lists::BLOCK));
        if let Some(who) = those(&list, on_both) {
            let text = say!("allowed and blocked at once, which was taken: {who:#}");
            out.push(finding(ServiceFinding::ListBoth, field(), text));
        }
        let payload = || say!("{} payload", c.verb);
        if list.spaced {
            let text = "white space stands between the elements; it was taken";
            out.push(finding(ServiceFinding::ListSpaces, payload(), text));
        }
        let (bytes, entries) = (c.payload.len(), list.entries.len());
        if bytes > MOST_BYTES || entries > MOST_ENTRIES {
            let text = say!(
                "{entries} entries in {bytes} bytes are more than {MOST_ENTRIES} or {MOST_BYTES}; they were taken"
            );
            out.push(finding(ServiceFinding::ListLong, payload(), text));
        }
        if c.verb == "RML" {
            let strange = |entry: &&Entry| {
                (a.network)(&entry.account).is_none() && !(a.listed)(&entry.account)
            };
            if let Some(entry) = list.entries.iter().find(strange) {
                let why = say!("{} is on no list", entry.account);
                let transaction = Some(c.transaction);
                return refuse(
                    216,
                    transaction,
                    ServiceFinding::ListStranger,
                    payload(),
                    why,
                    out,
                );
            }
        }
        send(format!("{} {} OK\r\n", c.verb, c.transaction), out);
        let entries = list.entries.into_iter();
        let entries = entries.map(|entry| (entry.account, entry.lists.unwrap_or_default()));
        out.push(Output::Ask(Request::List(
            entries.collect(),
            c.verb == "ADL",
        )));
    }

    /// FQY: on which network is this account? A contact on its own, anybody else on Passport. MSNP14 and above.
    pub(super) fn query(&mut self, c: Command<'_>, a: &Surroundings<'_>, out: &mut Vec<Output>) {
        let Some(list) = checked(&c, Asked::Networks, out) else {
            return;
        };
        let mut xml = String::from("<ml>");
        let mut open: Option<&str> = None;
        for entry in &list.entries {
            let account = entry.account.rsplit_once('@');
            let (user, domain) = account.unwrap_or((&entry.account, ""));
            if open != Some(domain) {
                if open.is_some() {
                    xml.push_str("</d>");
                }
                xml.push_str("<d n=\"");
                xml.push_str(&escape(domain));
                xml.push_str("\">");
                open = Some(domain);
            }
            let network = (a.network)(&entry.account).unwrap_or(PASSPORT);
            // There may be thousands.
            xml.push_str("<c n=\"");
            xml.push_str(&escape(user));
            let _ = write!(xml, "\" t=\"{network}\" />");
        }
        xml.push_str("</d></ml>");
        let (transaction, length) = (c.transaction, xml.len());
        send(format!("FQY {transaction} {length}\r\n{xml}"), out);
    }
}

/// The list of a command; `None` where it was refused.
fn checked(c: &Command<'_>, asked: Asked, out: &mut Vec<Output>) -> Option<MembershipList> {
    let list = adl::read(c.payload).and_then(|list| list.check(asked).map(|()| list));
    match list {
        Ok(list) => Some(list),
        Err(error) => {
            let (code, transaction) = (error.code(), Some(c.transaction));
            let (field, why) = (
                say!("{} payload", c.verb),
                Sentence::quoting(error.to_string(), &error.quoted()),
            );
            refuse(
                code,
                transaction,
                ServiceFinding::ListPayload,
                field,
                why,
                out,
            );
            None
        }
    }
}

/// The entries whose lists are so, in a few words: the first, and how many more.
fn those(list: &MembershipList, are: impl Fn(Lists) -> bool) -> Option<Sentence> {
    let wrong = |entry: &&Entry| are(entry.lists.unwrap_or_default());
    let mut found = list.entries.iter().filter(wrong);
    let first = &found.next()?.account;
    Some(match found.count() {
        0 => first.clone().into(),
        more => say!("{first} and {more} more"),
    })
}
