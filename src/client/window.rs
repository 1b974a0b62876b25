//! What the client's window would show, and which lines it would pass over without a word.
//!
//! Of the Mac the article shows ILN alone, in one form: `STATUS account network name capabilities msnobj`, the
//! network a token of its own and the capabilities one number. NLN is taken in the same form, FLN as
//! `account network [capabilities]`; both are inferred. Clients of Windows are as choosy with the form of their dialect, as
//! open clients were watched to be. Everything else is dropped, with the reason.

use super::book::Book;
use super::mask::masked;
use super::report::Saw;
use super::unread::Unread;
use crate::msnp::dialect::{Capabilities, Naming, Objects};
use crate::msnp::object::{MsnObject, is_bare};
use crate::msnp::personal::{Personal, UuxPayload, read_uux};
use crate::msnp::{Dialect, Direction, Family, Frame, Shape, Status, TransactionId, percent};
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

#[derive(Debug)]
pub(super) struct Window {
    shape: Shape,
    /// The account that is signed in, in lower case: what is said of it is about no contact.
    own: String,
    contacts: BTreeMap<String, Shown>,
    bytes: usize,
    pub dropped: u64,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            shape: Shape::new(Dialect::MSNP16, Family::Mac),
            own: String::new(),
            contacts: BTreeMap::new(),
            bytes: 0,
            dropped: 0,
        }
    }
}

impl Window {
    /// From here on presence is in this shape.
    pub fn begin(&mut self, shape: Shape, own: &str) {
        self.shape = shape;
        self.own = own.to_ascii_lowercase();
    }

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

    /// Takes a frame of the server's, if it is about presence.
    pub fn take(&mut self, frame: &Frame) -> Option<Saw> {
        let tokens: Vec<&[u8]> = frame.tokens().collect();
        let taken = match tokens.as_slice() {
            [b"ILN", ..] if self.shape.rules().initial_as_nln => Err(Unread::Iln),
            [b"ILN", transaction, rest @ ..] => match TransactionId::parse(transaction) {
                Some(_) => self.presence(rest),
                None => Err(Unread::NoTransaction),
            },
            [b"ILN"] => Err(Unread::Nothing),
            [b"NLN", rest @ ..] => self.presence(rest),
            [b"FLN", rest @ ..] => self.gone(rest),
            [b"UBX", rest @ ..] => self.personal(rest, frame.payload().unwrap_or_default()),
            _ => return None,
        };
        taken.unwrap_or_else(|why| {
            self.dropped += 1;
            Some(Saw::Dropped {
                line: masked(Direction::Out, frame.line()),
                why,
            })
        })
    }

    fn presence(&mut self, tokens: &[&[u8]]) -> Result<Option<Saw>, Unread> {
        let [status, contact @ ..] = tokens else {
            return Err(Unread::NoStatus);
        };
        let status = Status::from_code(status)
            .filter(|status| status.is_visible())
            .ok_or_else(|| Unread::Status(text(status)))?;
        let (account, rest) = self.contact_of(contact, true)?;
        let [name, capabilities, rest @ ..] = rest else {
            return Err(Unread::Short);
        };
        self.numbers(capabilities)?;
        self.object(rest)?;
        if self.is_own(&account) {
            return Ok(None);
        }
        let name = percent::decode_text(name);
        self.change(&account, |shown| {
            shown.status = status;
            shown.name.clone_from(&name);
        })?;
        Ok(Some(Saw::Presence {
            account,
            status,
            name,
        }))
    }

    fn gone(&mut self, tokens: &[&[u8]]) -> Result<Option<Saw>, Unread> {
        let (account, rest) = self.contact_of(tokens, false)?;
        if let [capabilities, ..] = rest {
            self.numbers(capabilities)?;
        }
        if self.is_own(&account) {
            return Ok(None);
        }
        let mut name = String::new();
        self.change(&account, |shown| {
            shown.status = Status::Offline;
            name.clone_from(&shown.name);
        })?;
        Ok(Some(Saw::Presence {
            account,
            status: Status::Offline,
            name,
        }))
    }

    fn personal(&mut self, tokens: &[&[u8]], payload: &[u8]) -> Result<Option<Saw>, Unread> {
        let (account, _length) = self.contact_of(tokens, false)?;
        if self.is_own(&account) {
            return Ok(None);
        }
        let personal = match read_uux(payload) {
            Ok(UuxPayload::Data(personal)) => personal,
            Ok(UuxPayload::Empty) => Personal::default(),
            Ok(_) => return Err(Unread::Endpoints),
            Err(error) => return Err(error.into()),
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
        Ok(Some(saw))
    }

    fn is_own(&self, account: &str) -> bool {
        account.eq_ignore_ascii_case(&self.own)
    }

    /// The contact that is named, and what follows. Clients of Windows read the account alone in FLN and UBX where the
    /// network is a token of its own (one at MSNP13 was watched); so there it may be missing.
    fn contact_of<'a, 'b>(
        &self,
        tokens: &'b [&'a [u8]],
        seen: bool,
    ) -> Result<(String, &'b [&'a [u8]]), Unread> {
        let [account, rest @ ..] = tokens else {
            return Err(Unread::NoContact);
        };
        let joined = text(account);
        let network = joined.split_once(':').filter(|(network, _)| {
            !network.is_empty() && network.bytes().all(|b| b.is_ascii_digit())
        });
        let naming = self.shape.rules().naming;
        let account = match (naming, network) {
            (Naming::JoinedNetwork, Some((_, account))) => {
                account.split(';').next().unwrap_or_default().to_owned()
            }
            (Naming::JoinedNetwork, None) => {
                return Err(Unread::NotJoined);
            }
            (Naming::Account, Some(_)) => {
                return Err(Unread::Joined);
            }
            (Naming::SeparateNetwork, Some(_)) => {
                return Err(Unread::NotSeparate);
            }
            (_, None) => joined,
        };
        if !account.contains('@') {
            return Err(Unread::Account(account));
        }
        if naming != Naming::SeparateNetwork {
            return Ok((account, rest));
        }
        match rest {
            [network, rest @ ..]
                if network.len() <= 3 && network.iter().all(u8::is_ascii_digit) =>
            {
                Ok((account, rest))
            }
            _ if !seen && self.shape.family == Family::Windows => Ok((account, rest)),
            _ => Err(Unread::NoNetwork),
        }
    }

    fn numbers(&self, capabilities: &[u8]) -> Result<(), Unread> {
        let is_number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        let two = || {
            let mut parts = capabilities.split(|byte| *byte == b':');
            parts.next().is_some_and(is_number)
                && parts.next().is_some_and(is_number)
                && parts.next().is_none()
        };
        let (fine, form) = match self.shape.rules().capabilities {
            Capabilities::One => (is_number(capabilities), "one number"),
            Capabilities::Two => (two(), "two numbers with a colon between them"),
        };
        match fine {
            true => Ok(()),
            false => Err(Unread::Capabilities {
                given: text(capabilities),
                due: form,
            }),
        }
    }

    /// What follows the capabilities: the object of the contact.
    fn object(&self, rest: &[&[u8]]) -> Result<(), Unread> {
        match (self.shape.rules().objects, rest) {
            (Objects::Nowhere, []) => Ok(()),
            (Objects::Nowhere, _) => Err(Unread::Long),
            (Objects::EvenEmpty, [object, ..]) if *object != b"0" => Ok(()),
            (Objects::OrZero, [b"0", ..]) => Ok(()),
            (Objects::OrZero, [object, ..]) => {
                // Clients read the attributes of an object unasked.
                let object = percent::decode_text(object);
                match MsnObject::read(&object) {
                    Ok(_) if is_bare(&object) => Err(Unread::BareObject),
                    Ok(_) => Ok(()),
                    Err(why) => Err(why.into()),
                }
            }
            (Objects::EvenEmpty | Objects::OrZero, _) => Err(Unread::NoObject),
        }
    }

    fn change(&mut self, account: &str, change: impl FnOnce(&mut Shown)) -> Result<(), Unread> {
        let key = account.to_ascii_lowercase();
        if !self.contacts.contains_key(&key) && self.bytes + 512 > MAX_BYTES {
            return Err(Unread::TooMany);
        }
        let shown = self.contacts.entry(key).or_insert_with(|| {
            self.bytes += Shown::new(account).bytes();
            Shown::new(account)
        });
        let mut changed = shown.clone();
        change(&mut changed);
        let bytes = self.bytes - shown.bytes() + changed.bytes();
        if bytes > MAX_BYTES && changed.bytes() > shown.bytes() {
            return Err(Unread::TooLong);
        }
        self.bytes = bytes;
        *shown = changed;
        Ok(())
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
                Some(Saw::Dropped { why, .. }) => {
                    assert!(why.to_string().contains(word), "{line:?}: {why}")
                }
                other => panic!("{line:?}: {other:?}"),
            }
        }
        assert_eq!(window.dropped, 15);
        assert_eq!(window.contacts().count(), 0);
        assert_eq!(take(&mut window, "QNG 60\r\n"), None);
    }

    #[test]
    fn clients_of_windows_take_the_form_of_their_dialect() {
        // Whole objects are those of watched servers.
        const OBJECT: &str = "%3Cmsnobj%20Creator%3D%22b%40l%22%20Size%3D%220%22%20Type%3D%223%22%20Location%3D%220%22%20Friendly%3D%22AAA%3D%22%20SHA1D%3D%22AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D%22/%3E";
        let object = |line: &str| line.replace("OBJECT", OBJECT) + "\r\n";
        for (dialect, fine, dropped) in [
            (
                "8",
                &[
                    "ILN 6 BSY b@l Busy 268435508",
                    "NLN BSY b@l Busy 0",
                    "FLN b@l",
                ][..],
                &[
                    ("ILN 6 BSY b@l Busy 0 0", "more than"),
                    ("ILN 6 BSY b@l Busy 0:0", "one number"),
                    ("NLN BSY 1:b@l Busy 0", "joined"),
                ][..],
            ),
            (
                "12",
                &[
                    "ILN 6 BSY b@l Busy 1 0",
                    "ILN 6 BSY b@l Busy 1 OBJECT",
                    "UBX b@l 0",
                ],
                &[
                    ("ILN 6 BSY b@l Busy 1", "no msnobj"),
                    ("ILN 6 BSY b@l Busy 1 %3Cmsnobj%2F%3E", "says nothing"),
                    ("ILN 6 BSY b@l Busy 1 x", "cannot be read"),
                    ("ILN 6 BSY b@l 1 Busy 1 0", "one number"),
                ],
            ),
            (
                "13",
                &[
                    "ILN 6 BSY b@l 1 Busy 1 0",
                    "FLN b@l",
                    "FLN b@l 1",
                    "UBX b@l 0",
                ],
                &[("ILN 6 BSY b@l Busy 1 0", "network id")],
            ),
            (
                "16",
                &["NLN BSY b@l 1 Busy 1:48 0", "FLN b@l 1 0:0", "UBX b@l 1 0"],
                &[
                    ("NLN BSY b@l 1 Busy 1 0", "two numbers"),
                    ("NLN BSY b@l 1 Busy 1:2:3 0", "two numbers"),
                    ("NLN BSY b@l 1 Busy : 0", "two numbers"),
                ],
            ),
            (
                "18",
                &[
                    "NLN BSY 1:b@l Busy 1:48 0",
                    "NLN BSY 1:b@l;via=9:1@live.com Busy 1:48 OBJECT",
                    "FLN 1:b@l 1:48",
                    "UBX 1:b@l 0",
                ],
                &[
                    ("ILN 6 BSY 1:b@l Busy 1:48 0", "NLN"),
                    ("NLN BSY b@l 1 Busy 1:48 0", "joined"),
                ],
            ),
        ] {
            let mut window = Window::default();
            window.begin(dialect.parse().expect("a shape"), "Me@l");
            for line in fine {
                match take(&mut window, &object(line)) {
                    Some(Saw::Presence { account, .. } | Saw::Personal { account, .. }) => {
                        assert_eq!(account, "b@l", "{dialect}: {line}");
                    }
                    other => panic!("{dialect}: {line}: {other:?}"),
                }
            }
            for (line, word) in dropped {
                match take(&mut window, &object(line)) {
                    Some(Saw::Dropped { why, .. }) => {
                        assert!(why.to_string().contains(word), "{line}: {why}")
                    }
                    other => panic!("{dialect}: {line}: {other:?}"),
                }
            }
            // What is said of oneself is about no contact.
            let own = fine.last().expect("one").replace("b@l", "me@l");
            assert_eq!(take(&mut window, &object(&own)), None, "{own}");
            assert_eq!(window.contacts().count(), 1);
        }
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
        assert_eq!(window.visible(), 1);
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
        assert!(window.contacts().all(|contact| contact.has_personal));
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
