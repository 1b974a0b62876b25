//! Edits of lists, groups and settings up to MSNP12, and the settings of every dialect: what each verb asks for, and the
//! answer in each dialect's form. The rules are [`book`](crate::server::book)'s, which SOAP edits by as well.

use super::commands::{Command, send};
use super::session::{Ask, Done, Output, Request, Session, Surroundings, refuse};
use crate::event::{Sentence, ServiceFinding, ours, say};
use crate::msnp::adl::Lists;
use crate::msnp::dialect::{Book, Rules};
use crate::msnp::{TransactionId, percent};
use crate::roster::{EditError, PASSPORT, Part, Rationed};
use crate::server::book::{BookError, Change, Kept, MAX_GROUP_NAME, Own, Which, Who};

/// The most groups that the real service let a client make.
const MOST_GROUPS: usize = 30;

/// Why a command is refused before anything is looked up: code and reason.
type Wrong = (u16, Sentence);

fn missing(what: &str) -> Wrong {
    (200, say!("it has no {}", ours(what)))
}

impl Session {
    /// ADD, ADC, REM, REA, SBP, ADG, REG and RMG.
    pub(super) fn edit(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        let own = self.info.account.as_deref().unwrap_or_default();
        match change(&self.rules(), own, c.verb, &c.arguments) {
            Ok(change) => ask(c, change, out),
            Err((code, why)) => {
                let (verb, transaction) = (c.verb, Some(c.transaction));
                refuse(
                    code,
                    transaction,
                    ServiceFinding::ListEdit,
                    verb,
                    say!("{verb}: {why:#}"),
                    out,
                );
            }
        }
    }

    /// GTC: whether the user is asked when somebody adds them.
    pub(super) fn notice(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        match c.arguments.first().map(String::as_str) {
            Some(notice @ ("A" | "N")) => {
                let change = Change::Own(Own::Notice(notice.to_owned()));
                ask(c, change, out);
            }
            Some(other) => refuse(
                201,
                Some(c.transaction),
                ServiceFinding::ListEdit,
                "GTC",
                say!("{other:?} is neither A nor N"),
                out,
            ),
            None => refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
                "GTC",
                "GTC needs A or N, and has nothing",
                out,
            ),
        }
    }

    /// SDC: nobody is invited, and the client is told that somebody was.
    pub(super) fn invite(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        send(format!("SDC {} OK\r\n", c.transaction), out);
    }

    /// What came of a change.
    pub(super) fn kept(&mut self, done: &Done, out: &mut Vec<Output>) {
        let Done { ask, result } = done;
        let kept = match result {
            Ok(kept) => kept,
            Err(error) => {
                let code = code(&self.rules(), error);
                let (verb, transaction) = (ask.verb, Some(ask.transaction));
                return refuse(
                    code,
                    transaction,
                    ServiceFinding::ListEdit,
                    verb,
                    say!("{verb}: {:#}", error.sentence()),
                    out,
                );
            }
        };
        if let Change::Own(Own::Name(name)) = &ask.change {
            self.info.name = Some(name.clone());
            out.push(Output::Changed);
        }
        let Ask {
            transaction, verb, ..
        } = ask;
        send(
            match self.rules() {
                rules if rules.ack => format!("ACK {transaction} {verb}\r\n"),
                rules => answer(rules.book, ask, kept),
            },
            out,
        );
    }
}

/// Asks the hub for a change.
pub(super) fn ask(c: Command<'_>, change: Change, out: &mut Vec<Output>) {
    out.push(Output::Ask(Request::Keep(Box::new(Ask {
        transaction: c.transaction,
        verb: c.verb,
        arguments: c.arguments,
        change,
    }))));
}

/// What a command asks for.
fn change(rules: &Rules, own: &str, verb: &str, arguments: &[String]) -> Result<Change, Wrong> {
    let numbers = rules.book == Book::Numbers;
    let at = |place: usize, what| arguments.get(place).ok_or_else(|| missing(what));
    let which = |text: &String| match numbers {
        false => Ok(Which::Id(text.clone())),
        true => {
            let number = TransactionId::parse(text.as_bytes());
            number.map(|n| Which::Number(n.0 as usize)).ok_or_else(|| {
                let why = say!("{text:?} is no number of a group");
                (201, why)
            })
        }
    };
    let group_name = |text: &String| {
        if text.len() > MAX_GROUP_NAME {
            let why = BookError::GroupName(text.len()).sentence();
            return Err((229, why));
        }
        named(text)
    };
    Ok(match verb {
        "ADD" | "ADC" => {
            let list = list(rules, at(0, "list")?)?;
            let parts = Parts::of(verb, &arguments[1..]);
            let first = arguments.get(1).map_or("", String::as_str);
            if verb == "ADC" && parts.who.is_none() && first.contains('@') {
                let why = say!(
                    "from MSNP10 on the contact is written N={first} and its name F=…: {first} without N= is the form of ADD, of the dialects before"
                );
                return Err((200, why));
            }
            if verb == "ADD" && first.starts_with("N=") {
                let why = say!(
                    "{first} is the form of ADC, from MSNP10 on: ADD has the account and the name alone"
                );
                return Err((201, why));
            }
            let who = parts.who.ok_or_else(|| missing("contact"))?;
            let group = parts.group.filter(|_| list == Lists::FORWARD);
            match group.map(which).transpose()? {
                // It has to be on the list already: `C=` and a group.
                Some(group) if !numbers => Change::Into(who, group),
                group => Change::Put {
                    who,
                    network: PASSPORT,
                    name: parts.name.map(named).transpose()?,
                    list,
                    also: Lists::default(),
                    group,
                    both: false,
                },
            }
        }
        "REM" => {
            let list = list(rules, at(0, "list")?)?;
            let contact = at(1, "contact")?;
            let who = match contact.contains('@') || contact.starts_with("tel:") {
                true => Who::Account(contact.clone()),
                false => Who::Id(contact.clone()),
            };
            match arguments.get(2) {
                Some(group) if list == Lists::FORWARD => Change::OutOf(who, which(group)?),
                _ => Change::Take { who, list },
            }
        }
        "REA" => {
            let (account, name) = (at(0, "contact")?, named(at(1, "name")?)?);
            match account.eq_ignore_ascii_case(own) {
                true => Change::Own(Own::Name(name)),
                false => Change::Rename(Who::Account(account.clone()), name),
            }
        }
        "SBP" => {
            let (id, key) = (at(0, "contact")?, at(1, "property")?);
            if key != "MFN" {
                let why = say!("{key:?} is no property of a contact that is kept: MFN is");
                return Err((201, why));
            }
            Change::Rename(Who::Id(id.clone()), named(at(2, "value")?)?)
        }
        "ADG" => Change::AddGroup {
            name: group_name(at(0, "name")?)?,
            most: MOST_GROUPS,
        },
        "REG" => Change::RenameGroup(which(at(0, "group")?)?, group_name(at(1, "name")?)?),
        _ => Change::RemoveGroup(which(at(0, "group")?)?),
    })
}

/// A list by its two letters. The reverse list is the service's alone where there is no pending one.
fn list(rules: &Rules, word: &str) -> Result<Lists, Wrong> {
    let found = Lists::TABLE.iter().find(|(_, code, _)| *code == word);
    let served = found.filter(|(list, ..)| {
        rules.book != Book::Numbers || !matches!(*list, Lists::REVERSE | Lists::PENDING)
    });
    served.map(|(list, ..)| *list).ok_or_else(|| {
        let why = say!("{word:?} is no list that a client edits");
        (201, why)
    })
}

/// A name, decoded.
fn named(text: &str) -> Result<String, Wrong> {
    let (name, _) = percent::decode(text.as_bytes());
    let name = String::from_utf8_lossy(&name).into_owned();
    match name.is_empty() {
        false => Ok(name),
        true => Err((209, "the name is empty".into())),
    }
}

/// What stands behind the list in ADD and ADC.
#[derive(Default)]
struct Parts<'a> {
    who: Option<Who>,
    name: Option<&'a str>,
    group: Option<&'a String>,
}

impl<'a> Parts<'a> {
    fn of(verb: &str, arguments: &'a [String]) -> Self {
        let mut parts = Parts::default();
        if verb == "ADD" {
            parts.who = arguments.first().cloned().map(Who::Account);
            parts.name = arguments.get(1).map(String::as_str);
            parts.group = arguments.get(2);
            return parts;
        }
        for argument in arguments {
            match argument.split_once('=') {
                Some(("N", account)) => parts.who = Some(Who::Account(account.to_owned())),
                Some(("C", id)) => parts.who = Some(Who::Id(id.to_owned())),
                Some(("F", name)) => parts.name = Some(name),
                _ => parts.group = Some(argument),
            }
        }
        parts
    }
}

/// The code by which a dialect says why an edit was refused.
fn code(rules: &Rules, error: &BookError) -> u16 {
    match error {
        BookError::OnList { .. } | BookError::InGroup(_) => 215,
        BookError::NotOnList { .. } => 216,
        BookError::Opposite { .. } => 219,
        BookError::NoContact(_) => rules.no_user,
        BookError::Full => 210,
        BookError::NoGroup(_) => 224,
        BookError::GroupExists { .. } => 228,
        BookError::GroupsFull(_) => 223,
        BookError::GroupName(_) => 229,
        BookError::GroupZero => 230,
        BookError::NotInGroup(_) => 225,
        BookError::Edit(error) => match error {
            EditError::Invalid {
                part: Part::Account,
                ..
            }
            | EditError::NoContact(_)
            | EditError::Ambiguous { .. } => rules.no_user,
            EditError::Exists(_) => 215,
            EditError::NoGroup(_) => 224,
            EditError::Full => 210,
            // The list has no room for it, or there are too many groups.
            EditError::Quota { what, .. } => match what {
                Rationed::Groups => 223,
                _ => 210,
            },
            EditError::Invalid { .. } => 209,
        },
    }
}

/// The answer to a command that was carried out.
fn answer(book: Book, ask: &Ask, kept: &Kept) -> String {
    let Ask {
        transaction: t,
        verb,
        arguments,
        ..
    } = ask;
    let said = arguments.join(" ");
    let version = kept.version;
    let group = kept.group.as_ref();
    let name = || group.map_or_else(String::new, |group| percent::encode(&group.name));
    let id = group.map_or("", |group| &group.id);
    let number = kept.number.unwrap_or_default();
    match (book, *verb) {
        (Book::Numbers, "ADD" | "REM") => {
            let (list, rest) = said.split_once(' ').unwrap_or((&said, ""));
            format!("{verb} {t} {list} {version} {rest}\r\n")
        }
        (Book::Numbers, "ADG") => format!("ADG {t} {version} {} {number} 0\r\n", name()),
        (Book::Numbers, "REG") => format!("REG {t} {version} {number} {} 0\r\n", name()),
        (Book::Numbers, "RMG") => format!("RMG {t} {version} {number}\r\n"),
        (Book::Numbers, _) => format!("{verb} {t} {version} {said}\r\n"),
        (_, "ADG") => format!("ADG {t} {} {id}\r\n", name()),
        (_, "ADC") if said.starts_with("FL N=") => match &kept.contact {
            Some(contact) => {
                let name = match arguments.iter().find(|a| a.starts_with("F=")) {
                    Some(name) => name.clone(),
                    None => format!("F={}", percent::encode(&contact.name)),
                };
                format!(
                    "ADC {t} FL N={} {name} C={}\r\n",
                    contact.account, contact.id
                )
            }
            None => format!("ADC {t} {said}\r\n"),
        },
        _ => format!("{verb} {t} {said}\r\n"),
    }
}
