//! The contacts as MSNP8 to MSNP12 tell them over the notification connection: SYN, and the LSG and LST that it counts.

use super::book::Book;
use super::unread::UnreadLists;
use crate::msnp::adl::Lists;
use crate::msnp::line::tokens;
use crate::msnp::{Frame, dialect, percent};

/// What SYN announced, and how much of it has come.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    contacts: usize,
    groups: usize,
}

impl Listing {
    /// Reads the answer to `SYN n 0`: what is announced. Versions alone announce nothing.
    pub fn announced(answer: &Frame) -> Result<Self, UnreadLists> {
        let words: Vec<&[u8]> = answer.tokens().skip(2).collect();
        let number = |word: &[u8]| {
            let number = std::str::from_utf8(word).ok()?.parse::<usize>().ok()?;
            Some(number)
        };
        match words.as_slice() {
            [.., contacts, groups] if words.len() > 2 => match (number(contacts), number(groups)) {
                (Some(contacts), Some(groups)) => Ok(Self { contacts, groups }),
                _ => Err(UnreadLists::NoCounts),
            },
            _ => Err(UnreadLists::Unchanged),
        }
    }

    /// Whether everything that was announced has come.
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a line, if it is of the lists.
    pub fn take(
        &mut self,
        kind: dialect::Book,
        frame: &Frame,
        book: &mut Book,
    ) -> Result<(), UnreadLists> {
        match frame.verb() {
            b"LSG" => {
                self.groups = self.groups.checked_sub(1).ok_or(UnreadLists::More("LSG"))?;
            }
            b"LST" => {
                self.contacts = self
                    .contacts
                    .checked_sub(1)
                    .ok_or(UnreadLists::More("LST"))?;
                let (account, lists) = contact(kind, frame.line())?;
                if !book.put(&account, lists) {
                    return Err(UnreadLists::Account(account));
                }
            }
            b"PRP" => {
                let words: Vec<&[u8]> = frame.tokens().collect();
                if let [_, b"MFN", name] = words.as_slice() {
                    book.own_name = Some(percent::decode_text(name));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The account of an LST, and the lists that it is on.
fn contact(kind: dialect::Book, line: &[u8]) -> Result<(String, Lists), UnreadLists> {
    let words: Vec<&[u8]> = tokens(line).skip(1).collect();
    let (account, rest) = match (kind, words.as_slice()) {
        (dialect::Book::Numbers, [account, _name, rest @ ..]) => (Some(*account), rest),
        (_, words) => {
            let named = words
                .iter()
                .take_while(|word| word.get(1) == Some(&b'='))
                .count();
            let account = words[..named]
                .iter()
                .find_map(|word| word.strip_prefix(b"N="));
            (account, &words[named..])
        }
    };
    let account = account.ok_or(UnreadLists::NoAccount)?;
    let lists = rest
        .first()
        .and_then(|word| std::str::from_utf8(word).ok()?.parse::<u8>().ok())
        .ok_or(UnreadLists::NoLists)?;
    if kind == dialect::Book::Networks && rest.len() < 2 {
        return Err(UnreadLists::NoNetwork);
    }
    Ok((percent::decode_text(account), Lists(lists)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn frame(text: &str) -> Frame {
        Frame::from_wire(Bytes::from(format!("{text}\r\n")))
    }

    #[test]
    fn the_lines_of_watched_servers_are_read_in_each_form() {
        use dialect::Book::{Guids, Networks, Numbers};
        for (kind, syn, group, contact) in [
            (
                Numbers,
                "SYN 5 5 2 1",
                "LSG 0 Friends 0",
                "LST online@local.test Online%20User 11 0",
            ),
            (
                Guids,
                "SYN 5 2026-01-01T00:00:00.0000000-08:00 2026-01-01T00:00:00.0000000-08:00 2 1",
                "LSG Friends 99999999-9999-9999-9999-999999999999",
                "LST N=online@local.test F=Online%20User C=11111111-1111-1111-1111-111111111111 11 99999999-9999-9999-9999-999999999999",
            ),
            (
                Networks,
                "SYN 5 2026-01-01T00:00:00.0000000-08:00 2026-01-01T00:00:00.0000000-08:00 2 1",
                "LSG Friends 99999999-9999-9999-9999-999999999999",
                "LST N=online@local.test F=Online%20User C=11111111-1111-1111-1111-111111111111 11 1 99999999-9999-9999-9999-999999999999",
            ),
        ] {
            let mut listing = Listing::announced(&frame(syn)).expect("counts");
            let mut book = Book::default();
            let second = match kind {
                Numbers => "LST reverse@local.test R 8",
                Guids => "LST N=reverse@local.test 8",
                _ => "LST N=reverse@local.test 8 1",
            };
            for line in [
                "GTC A",
                "BLP AL",
                "PRP MFN Me%20Myself",
                group,
                contact,
                "BPR MOB N",
                second,
            ] {
                assert!(!listing.is_whole());
                listing.take(kind, &frame(line), &mut book).expect(line);
            }
            assert!(listing.is_whole());
            assert_eq!(book.own_name.as_deref(), Some("Me Myself"));
            let accounts: Vec<_> = book.accounts().collect();
            assert_eq!(accounts, [("online@local.test".to_owned(), Lists(3))]);
            assert!(listing.take(kind, &frame(contact), &mut book).is_err());
        }
    }

    #[test]
    fn what_is_no_list_is_said_to_be_none() {
        for syn in [
            "SYN 5",
            "SYN 5 0",
            "SYN 5 a b",
            "SYN 5 1 x 1",
            "SYN 5 1 1 -1",
        ] {
            assert!(Listing::announced(&frame(syn)).is_err(), "{syn}");
        }
        for (kind, line) in [
            (dialect::Book::Numbers, "LST a@b"),
            (dialect::Book::Numbers, "LST a@b A x"),
            (dialect::Book::Numbers, "LST nobody A 11"),
            (dialect::Book::Guids, "LST F=A 11"),
            (dialect::Book::Guids, "LST N=a@b F=A C=1"),
            (dialect::Book::Networks, "LST N=a@b 11"),
            (dialect::Book::Networks, "LST"),
        ] {
            let mut listing = Listing {
                contacts: 1,
                groups: 0,
            };
            let taken = listing.take(kind, &frame(line), &mut Book::default());
            assert!(taken.is_err(), "{line}");
        }
    }
}
