//! SYN, MSNP8 to 12: all lists and settings over the notification connection, in each dialect's form. The lists
//! themselves are written as the socket drains.

use super::commands::{Command, send};
use super::entry;
use super::session::{Output, Request, Session, Surroundings, refuse};
use crate::event::ServiceFinding;
use crate::msnp::dialect::Book;
use crate::msnp::{TransactionId, percent};
use crate::roster::Group;
use crate::server::book::{Numbers, Synchronised};
use std::fmt::Write as _;
use time::{OffsetDateTime, UtcOffset};

/// What clients call the contacts that are in no group.
const NO_GROUP: &str = "Other%20Contacts";

impl Session {
    pub(super) fn synchronise(
        &mut self,
        c: Command<'_>,
        _: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        if c.arguments.is_empty() {
            return refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
                "SYN",
                "SYN needs the version of the lists that the client has, or 0",
                out,
            );
        }
        out.push(Output::Ask(Request::Synchronise(
            c.transaction,
            c.arguments,
        )));
    }

    /// Answers SYN with everything but the contacts. Gives back whether they are to be listed.
    pub(super) fn synchronised(
        &self,
        transaction: TransactionId,
        known: &[String],
        all: &Synchronised,
        out: &mut Vec<Output>,
    ) -> bool {
        let book = self.rules().book;
        let versions = versions(book, all.version);
        if known.iter().take(versions.len()).eq(&versions) {
            send(format!("SYN {transaction} {}\r\n", versions.join(" ")), out);
            return false;
        }
        let contacts = all.roster.contacts();
        let listed = contacts.filter(|contact| entry::is_listed(contact)).count();
        let groups = all.roster.groups();
        let count = groups.len() + usize::from(book == Book::Numbers);
        let versions = versions.join(" ");
        send(
            format!("SYN {transaction} {versions} {listed} {count}\r\n"),
            out,
        );
        let me = &all.me;
        let mut text = format!("GTC {}\r\nBLP {}\r\n", me.notice, me.privacy);
        let _ = write!(text, "PRP MFN {}\r\n", percent::encode(&me.name));
        for (key, value) in &me.properties {
            let _ = write!(text, "PRP {key} {value}\r\n");
        }
        if book == Book::Numbers {
            let _ = write!(text, "LSG 0 {NO_GROUP} 0\r\n");
        }
        for group in groups {
            let name = percent::encode(&group.name);
            let _ = match (book, number(&all.numbers, group)) {
                (Book::Numbers, Some(number)) => write!(text, "LSG {number} {name} 0\r\n"),
                _ => write!(text, "LSG {name} {}\r\n", group.id),
            };
        }
        for line in text.split_inclusive("\r\n") {
            send(line.to_owned(), out);
        }
        true
    }
}

fn number(numbers: &Numbers, group: &Group) -> Option<usize> {
    numbers.of(&group.id)
}

/// The version of the lists as a dialect writes it: a number, or one stamp for the contacts and one for the settings.
fn versions(book: Book, version: u32) -> Vec<String> {
    match book {
        Book::Numbers => vec![version.to_string()],
        _ => vec![stamp(version); 2],
    }
}

/// `2026-01-01T00:00:00.0000000-08:00`, as the real service wrote it.
fn stamp(version: u32) -> String {
    let time = OffsetDateTime::from_unix_timestamp(version.into());
    let pacific = UtcOffset::from_hms(-8, 0, 0).unwrap_or(UtcOffset::UTC);
    let time = time
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(pacific);
    let (date, clock) = (time.date(), time.time());
    format!(
        "{}-{:02}-{:02}T{:02}:{:02}:{:02}.0000000-08:00",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_number_or_two_stamps() {
        assert_eq!(versions(Book::Numbers, 7), ["7"]);
        let stamp = "2026-01-01T00:00:00.0000000-08:00";
        assert_eq!(versions(Book::Guids, 1_767_254_400), [stamp; 2]);
    }
}
