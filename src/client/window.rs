//! What the window of the Mac would show, and which lines it would pass over without a word.
//!
//! The article shows ILN alone, in one form: `STATUS account network name capabilities msnobj`, the
//! network a token of its own and the capabilities one number. NLN is taken in the same form, FLN as
//! `account network [capabilities]`; both are inferred. Everything else is dropped, with the reason.

use super::book::Book;
use super::mask::masked;
use super::report::Saw;
use crate::msnp::personal::{Personal, UuxPayload, read_uux};
use crate::msnp::{Direction, Frame, Status, TransactionId, percent};
use std::collections::BTreeMap;

/// How many bytes of accounts, names and messages are kept; a hostile server gets no more.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A contact as the window shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its account.
    pub account: String,
    /// Its status; offline until the server says otherwise.
    pub status: Status,
    /// Its friendly name; the account until the server says otherwise.
    pub name: String,
    /// Its personal message and media.
    pub personal: Personal,
    /// Whether a UBX has come for it.
    pub has_personal: bool,
}

impl Shown {
    fn new(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            status: Status::Offline,
            name: account.to_owned(),
            personal: Personal::default(),
            has_personal: false,
        }
    }

    fn bytes(&self) -> usize {
        self.account.len() * 2
            + self.name.len()
            + self.personal.message.len()
            + self.personal.media.len()
            + size_of::<Self>()
    }
}

#[derive(Debug, Default)]
pub(super) struct Window {
    contacts: BTreeMap<String, Shown>,
    bytes: usize,
    pub dropped: u64,
}

impl Window {
    /// Shows the forward list of the address book, everybody offline.
    pub fn open(&mut self, book: &Book) {
        for (account, lists) in book.accounts() {
            if lists.contains(crate::msnp::adl::Lists::FORWARD) {
                let _ = self.change(&account, |_| {});
            }
        }
    }

    /// Everybody, by account.
    pub fn contacts(&self) -> impl Iterator<Item = &Shown> {
        self.contacts.values()
    }

    /// How many are neither offline nor hidden.
    pub fn visible(&self) -> usize {
        self.contacts().filter(|c| c.status.is_visible()).count()
    }

    /// How many are visible and have had their UBX.
    pub fn complete(&self) -> usize {
        self.contacts()
            .filter(|c| c.status.is_visible() && c.has_personal)
            .count()
    }

    /// Takes a frame of the server's, if it is about presence.
    pub fn take(&mut self, frame: &Frame) -> Option<Saw> {
        let tokens: Vec<&[u8]> = frame.tokens().collect();
        let taken = match tokens.as_slice() {
            [b"ILN", transaction, rest @ ..] => match TransactionId::parse(transaction) {
                Some(_) => self.presence(rest),
                None => Err("an ILN has a transaction id after its verb".to_owned()),
            },
            [b"ILN"] => Err("it says nothing".to_owned()),
            [b"NLN", rest @ ..] => self.presence(rest),
            [b"FLN", rest @ ..] => self.gone(rest),
            [b"UBX", rest @ ..] => self.personal(rest, frame.payload().unwrap_or_default()),
            _ => return None,
        };
        Some(taken.unwrap_or_else(|why| {
            self.dropped += 1;
            Saw::Dropped {
                line: masked(Direction::Out, frame.line()),
                why,
            }
        }))
    }

    fn presence(&mut self, tokens: &[&[u8]]) -> Result<Saw, String> {
        let [status, contact @ ..] = tokens else {
            return Err("it has no status".to_owned());
        };
        let status = Status::from_code(status)
            .filter(|status| status.is_visible())
            .ok_or_else(|| format!("{:?} is no status to be seen with", text(status)))?;
        let (account, rest) = contact_of(contact)?;
        let [name, capabilities, rest @ ..] = rest else {
            return Err("it has no friendly name and capabilities".to_owned());
        };
        one_number(capabilities)?;
        match rest {
            [msnobj, ..] if *msnobj != b"0" => {}
            _ => return Err("it has no msnobj".to_owned()),
        }
        let name = percent::decode_text(name);
        self.change(&account, |shown| {
            shown.status = status;
            shown.name.clone_from(&name);
        })?;
        Ok(Saw::Presence {
            account,
            status,
            name,
        })
    }

    fn gone(&mut self, tokens: &[&[u8]]) -> Result<Saw, String> {
        let (account, rest) = contact_of(tokens)?;
        if let [capabilities, ..] = rest {
            one_number(capabilities)?;
        }
        let mut name = String::new();
        self.change(&account, |shown| {
            shown.status = Status::Offline;
            name.clone_from(&shown.name);
        })?;
        Ok(Saw::Presence {
            account,
            status: Status::Offline,
            name,
        })
    }

    fn personal(&mut self, tokens: &[&[u8]], payload: &[u8]) -> Result<Saw, String> {
        let (account, _length) = contact_of(tokens)?;
        let personal = match read_uux(payload) {
            Ok(UuxPayload::Data(personal)) => personal,
            Ok(UuxPayload::Empty) => Personal::default(),
            Ok(_) => return Err("its payload is about the user's own endpoints".to_owned()),
            Err(error) => return Err(error.to_string()),
        };
        let saw = Saw::Personal {
            account: account.clone(),
            message: personal.message.clone(),
            media: personal.media.clone(),
        };
        self.change(&account, |shown| {
            shown.personal = personal;
            shown.has_personal = true;
        })?;
        Ok(saw)
    }

    fn change(&mut self, account: &str, change: impl FnOnce(&mut Shown)) -> Result<(), String> {
        let key = account.to_ascii_lowercase();
        if !self.contacts.contains_key(&key) && self.bytes + 512 > MAX_BYTES {
            return Err("the window has no room for more contacts".to_owned());
        }
        let shown = self.contacts.entry(key).or_insert_with(|| {
            self.bytes += Shown::new(account).bytes();
            Shown::new(account)
        });
        let mut changed = shown.clone();
        change(&mut changed);
        let bytes = self.bytes - shown.bytes() + changed.bytes();
        if bytes > MAX_BYTES && changed.bytes() > shown.bytes() {
            return Err("the window has no room for longer texts".to_owned());
        }
        self.bytes = bytes;
        *shown = changed;
        Ok(())
    }
}

/// `account network …`, and what follows.
fn contact_of<'a, 'b>(tokens: &'b [&'a [u8]]) -> Result<(String, &'b [&'a [u8]]), String> {
    let [account, rest @ ..] = tokens else {
        return Err("it names no contact".to_owned());
    };
    let account = text(account);
    if account.split_once(':').is_some_and(|(network, _)| {
        !network.is_empty() && network.bytes().all(|b| b.is_ascii_digit())
    }) {
        return Err("the network is joined to the account; it should be a token of its own".into());
    }
    if !account.contains('@') {
        return Err(format!("{account:?} is no account"));
    }
    match rest {
        [network, rest @ ..] if network.len() <= 3 && network.iter().all(u8::is_ascii_digit) => {
            Ok((account, rest))
        }
        _ => Err("no network id follows the account".to_owned()),
    }
}

fn one_number(capabilities: &[u8]) -> Result<(), String> {
    if !capabilities.is_empty() && capabilities.iter().all(u8::is_ascii_digit) {
        Ok(())
    } else {
        Err(format!(
            "the capabilities {:?} are not one number",
            text(capabilities)
        ))
    }
}

fn text(token: &[u8]) -> String {
    String::from_utf8_lossy(token).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn take(window: &mut Window, wire: &str) -> Option<Saw> {
        window.take(&Frame::from_wire(Bytes::copy_from_slice(wire.as_bytes())))
    }

    #[test]
    fn only_the_form_of_the_mac_is_shown() {
        let mut window = Window::default();
        for (line, word) in [
            ("ILN 8 BSY b@l 1 Busy 1085276192\r\n", "msnobj"),
            ("ILN 8 BSY b@l 1 Busy 1085276192 0\r\n", "msnobj"),
            (
                "ILN 8 BSY b@l 1 Busy 1085276192:48 %3Cmsnobj%2F%3E\r\n",
                "one number",
            ),
            (
                "NLN BSY 1:b@l Busy 1085276192:48 %3Cmsnobj%2F%3E\r\n",
                "joined",
            ),
            (
                "NLN BSY b@l Busy 1085276192 %3Cmsnobj%2F%3E\r\n",
                "network id",
            ),
            (
                "ILN BSY b@l 1 Busy 1085276192 %3Cmsnobj%2F%3E\r\n",
                "transaction",
            ),
            (
                "ILN 8 FLN b@l 1 Busy 1085276192 %3Cmsnobj%2F%3E\r\n",
                "status",
            ),
            ("ILN 8 XXX b@l 1 Busy 1 %3C\r\n", "status"),
            ("ILN 8\r\n", "status"),
            ("NLN BSY\r\n", "contact"),
            ("FLN b@l\r\n", "network id"),
            ("FLN b@l 1 0:0\r\n", "one number"),
            ("UBX b@l 5\r\n<Dat>", "ends too early"),
            ("UBX 1:b@l 0\r\n", "joined"),
            ("UBX b@l 1 3\r\n\u{1}\u{2}x", "XML"),
        ] {
            match take(&mut window, line) {
                Some(Saw::Dropped { why, .. }) => assert!(why.contains(word), "{line:?}: {why}"),
                other => panic!("{line:?}: {other:?}"),
            }
        }
        assert_eq!(window.dropped, 15);
        assert_eq!(window.contacts().count(), 0);
        assert_eq!(take(&mut window, "QNG 60\r\n"), None);
    }

    #[test]
    fn presence_and_personal_messages_are_shown_and_taken_away() {
        let mut window = Window::default();
        window.open(&Book::of_contacts(["busy@local"]));
        assert_eq!((window.contacts().count(), window.visible()), (1, 0));
        assert!(
            take(
                &mut window,
                "ILN 8 BSY Busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n"
            )
            .is_some()
        );
        assert_eq!((window.visible(), window.complete()), (1, 0));
        assert_eq!(
            take(
                &mut window,
                "UBX busy@local 1 57\r\n<Data><PSM>a&lt;b</PSM><CurrentMedia></CurrentMedia></Data>"
            ),
            Some(Saw::Personal {
                account: "busy@local".into(),
                message: "a<b".into(),
                media: String::new()
            })
        );
        assert_eq!((window.visible(), window.complete()), (1, 1));
        assert_eq!(
            take(&mut window, "FLN busy@local 1 1085276192\r\n"),
            Some(Saw::Presence {
                account: "busy@local".into(),
                status: Status::Offline,
                name: "Busy User".into()
            })
        );
        assert_eq!(window.visible(), 0);
    }

    #[test]
    fn a_server_that_invents_contacts_without_end_fills_no_memory() {
        let mut window = Window::default();
        let name = "x".repeat(8_000);
        let mut refused = 0;
        for n in 0..10_000 {
            let line = format!("NLN NLN u{n}@h 1 {name} 1 %3C\r\n");
            if let Some(Saw::Dropped { .. }) = take(&mut window, &line) {
                refused += 1;
            }
        }
        assert!(refused > 0 && window.bytes <= MAX_BYTES);
    }
}
