//! The dialects of the protocol. Each is a row of data, and only this file says what a dialect changes.

use std::fmt;
use std::str::FromStr;

/// One version of the protocol that is in the table, such as `MSNP16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dialect(u8);

/// How a contact is named in presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `busy@local` alone.
    Account,
    /// `busy@local 1`: the network id is a token of its own.
    SeparateNetwork,
    /// `1:busy@local`.
    JoinedNetwork,
}

/// How capabilities are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capabilities {
    /// One number.
    One,
    /// `capabilities:extended`.
    Two,
}

/// What follows the contact in FLN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfflineTail {
    /// Nothing.
    Nothing,
    /// The capabilities, as the dialect writes them.
    Capabilities,
    /// `0:0`.
    Zeros,
}

/// What stands where a contact's MSN object does, in ILN and NLN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objects {
    /// Nothing does.
    Nowhere,
    /// The object, or `0` for an empty one.
    OrZero,
    /// The object, even an empty one: the Mac silently drops a contact without an object (the article).
    EvenEmpty,
}

/// Where a client gets its contacts, and edits them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Book {
    /// SYN and its kin, groups with numbers, a version of the lists in every answer.
    Numbers,
    /// SYN and its kin, contacts and groups with GUIDs.
    Guids,
    /// The same, but LST names the network.
    Networks,
    /// The address book over SOAP, and ADL. The verbs of the others end the connection.
    Soap,
}

/// The message that tells a client of its mailbox, with its first CHG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// No message (the Mac).
    Untold,
    /// `text/x-msmsgsinitialemailnotification`, with numbers.
    Numbers,
    /// `text/x-msmsgsinitialmdatanotification`, with XML.
    Xml,
}

/// What follows the address in `XFR … NS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// `0` and the address of the current server.
    Current,
    /// `U D`.
    Letters,
}

/// What follows the cookie where a client is sent to the switchboard, or rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referral {
    /// Nothing.
    Bare,
    /// `U messenger.msn.com`.
    Domain,
    /// `U messenger.msn.com 1`.
    Direct,
}

/// How a challenge is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The MD5 of challenge and key.
    Digest,
    /// The same MD5, mixed with a number made of challenge and product id.
    Mixed,
}

/// What a dialect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whether Messenger for Mac speaks it.
    pub mac: bool,
    /// Whether a client may sign in by SSO. By TWN it may sign in at every dialect.
    pub sso: bool,
    /// Whether `USR OK` says the friendly name.
    pub named_ok: bool,
    /// Where the contacts come from.
    pub book: Book,
    /// Whether `GCF 0` with policies comes before the answer to the first USR.
    pub policies: bool,
    /// Whether `SBS 0 null` comes after `USR OK`.
    pub sbs: bool,
    /// The code for an account that nobody has.
    pub no_user: u16,
    /// Whether a message with the account's profile follows `USR OK`. When it comes, clients other than the Mac begin with
    /// their address book.
    pub profile: bool,
    /// How a client is told of its mailbox.
    pub mailbox: Mailbox,
    /// Whether a timer sends challenges, where the operator wants them.
    pub challenged: bool,
    /// Whether one account may be signed in at several places, each an endpoint with a machine GUID.
    pub endpoints: bool,
    /// Whether a client is told of the other places of its account.
    pub places: bool,
    /// Whether the service tells a client, unasked, who has put the user on their own list.
    pub reverse: bool,
    /// How a client is sent on to another notification server.
    pub transfer: Transfer,
    /// How a contact is named.
    pub naming: Naming,
    /// How capabilities are written in ILN and NLN.
    pub capabilities: Capabilities,
    /// What stands at the end of ILN and NLN.
    pub objects: Objects,
    /// What follows the account in FLN.
    pub offline: OfflineTail,
    /// Whether personal messages exist (UBX, UUX).
    pub personal_message: bool,
    /// Whether the initial list is NLN instead of ILN (two clients misread ILN there).
    pub initial_as_nln: bool,
    /// Whether PRP, BLP, UUX and UUN are answered with `ACK n VERB` (the Mac); else the line is
    /// echoed, `UUX n 0`, `UUN n OK`.
    pub ack: bool,
    /// Whether the answer to CHG has capabilities even if the client gave none (one client of MSNP8 counts on that).
    pub full_echo: bool,
    /// Whether PNG is answered with a number.
    pub ping_interval: bool,
    /// How a challenge is answered.
    pub proof: Proof,
    /// What follows the cookie in XFR SB and RNG.
    pub referral: Referral,
    /// Whether IRO and JOI end in capabilities.
    pub member_capabilities: bool,
}

const AT_8: Rules = Rules {
    mac: false,
    sso: false,
    named_ok: true,
    book: Book::Numbers,
    policies: false,
    sbs: false,
    no_user: 205,
    profile: true,
    mailbox: Mailbox::Numbers,
    challenged: true,
    endpoints: false,
    places: false,
    reverse: true,
    transfer: Transfer::Current,
    naming: Naming::Account,
    capabilities: Capabilities::One,
    objects: Objects::Nowhere,
    offline: OfflineTail::Nothing,
    personal_message: false,
    initial_as_nln: false,
    ack: false,
    full_echo: true,
    ping_interval: false,
    proof: Proof::Digest,
    referral: Referral::Bare,
    member_capabilities: false,
};
const AT_9: Rules = Rules {
    objects: Objects::OrZero,
    ping_interval: true,
    ..AT_8
};
const AT_10: Rules = Rules {
    named_ok: false,
    no_user: 208,
    book: Book::Guids,
    ..AT_9
};
const AT_11: Rules = Rules {
    sbs: true,
    mailbox: Mailbox::Xml,
    personal_message: true,
    proof: Proof::Mixed,
    ..AT_10
};
const AT_12: Rules = Rules {
    book: Book::Networks,
    member_capabilities: true,
    ..AT_11
};
const AT_13: Rules = Rules {
    referral: Referral::Domain,
    mac: true,
    book: Book::Soap,
    policies: true,
    transfer: Transfer::Letters,
    naming: Naming::SeparateNetwork,
    ..AT_12
};
const AT_14: Rules = Rules {
    referral: Referral::Direct,
    sso: true,
    offline: OfflineTail::Capabilities,
    ..AT_13
};
const AT_16: Rules = Rules {
    endpoints: true,
    places: true,
    capabilities: Capabilities::Two,
    offline: OfflineTail::Zeros,
    ..AT_14
};
const AT_18: Rules = Rules {
    naming: Naming::JoinedNetwork,
    offline: OfflineTail::Capabilities,
    initial_as_nln: true,
    ..AT_17
};
const AT_17: Rules = Rules {
    mac: false,
    ..AT_16
};

/// The table, oldest first. Its sources are the NINA wiki, open servers, and what clients were watched to take.
const TABLE: [Rules; 11] = [
    AT_8, AT_9, AT_10, AT_11, AT_12, AT_13, AT_14, AT_14, AT_16, AT_17, AT_18,
];
const FIRST: u8 = 8;
const LAST: u8 = FIRST + TABLE.len() as u8 - 1;

impl Dialect {
    /// The oldest dialect of the table.
    pub const OLDEST: Dialect = Dialect(FIRST);
    /// The newest dialect of the table.
    pub const NEWEST: Dialect = Dialect(LAST);
    /// What Messenger for Mac 8.0.1 speaks.
    pub const MSNP16: Dialect = Dialect(16);

    /// From its number; `None` for one that is not in the table.
    pub fn new(number: u8) -> Option<Self> {
        (FIRST..=LAST).contains(&number).then_some(Self(number))
    }

    /// Its row of the table.
    pub fn rules(self) -> &'static Rules {
        &TABLE[usize::from(self.0 - FIRST)]
    }

    /// From a token of `VER`, such as `MSNP16`.
    pub fn from_token(token: &[u8]) -> Option<Self> {
        let digits = token.strip_prefix(b"MSNP")?;
        if digits.first() == Some(&b'0') || digits.len() > 2 {
            return None;
        }
        std::str::from_utf8(digits)
            .ok()?
            .parse()
            .ok()
            .and_then(Self::new)
    }

    /// What is wrong with the form of an offer, where a word of it is the name of no dialect and holds one all the same.
    pub fn misspelt<'a>(words: impl Iterator<Item = &'a [u8]>) -> Option<&'static str> {
        let mut alone = false;
        for word in words {
            let is_one = |piece: &[u8]| Self::from_token(piece).is_some();
            let joined = |by: u8| word.contains(&by) && word.split(|b| *b == by).any(is_one);
            if alone && is_one(&[b"MSNP", word].concat()) {
                return Some(
                    "a space stands within the names of the dialects of VER: MSNP12 is one word",
                );
            }
            alone = word.eq_ignore_ascii_case(b"MSNP");
            let upper = word.to_ascii_uppercase();
            let bare = |b: &u8| !b.is_ascii_alphanumeric();
            let inner = word.iter().position(|b| !bare(b)).map(|begin| {
                let end = word.iter().rposition(|b| !bare(b)).unwrap_or(begin);
                &word[begin..=end]
            });
            if is_one(word) {
                continue;
            }
            let what = if joined(b',') {
                "commas stand between the dialects of VER, where one space belongs"
            } else if joined(b';') {
                "semicolons stand between the dialects of VER, where one space belongs"
            } else if [b'/', b'|', b'+', b':', b'\t'].into_iter().any(joined) {
                "the dialects of VER are joined into one word, where one space belongs between them"
            } else if is_one(&upper) {
                "the dialects of VER are written in small letters: MSNP belongs in capitals"
            } else if inner.is_some_and(is_one) {
                "something stands around the names of the dialects of VER: MSNP12 stands alone between spaces"
            } else if is_one(&[b"MSNP", word].concat()) {
                "the dialects of VER are numbers alone: MSNP belongs before each"
            } else {
                continue;
            };
            return Some(what);
        }
        None
    }

    /// Its number, such as 16.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Every dialect, oldest first.
    pub fn all() -> impl Iterator<Item = Dialect> {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Dialect)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MSNP{}", self.0)
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    /// `MSNP16`, `msnp16` or `16`.
    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let digits = match text.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("msnp") => &text[4..],
            _ => text,
        };
        digits
            .parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| UnknownDialect(text.to_owned()))
    }
}

/// Some of the dialects, such as those that are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialects(u16);

impl Dialects {
    /// Every dialect.
    pub const ALL: Dialects = Dialects((1 << TABLE.len()) - 1);

    /// Whether this dialect is among them.
    pub fn contains(self, dialect: Dialect) -> bool {
        self.0 & (1 << (dialect.0 - FIRST)) != 0
    }

    /// The newest of those that a client offers.
    pub fn newest_of(self, offered: &[Dialect]) -> Option<Dialect> {
        let served = offered.iter().filter(|dialect| self.contains(**dialect));
        served.max().copied()
    }
}

impl FromStr for Dialects {
    type Err = UnknownDialect;

    /// Numbers and ranges with commas between them: `8-18`, `13`, `8,11-13,MSNP16`.
    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let mut bits = 0;
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (first.trim().parse()?, last.trim().parse()?);
            let within = Dialect::all().filter(|dialect| (first..=last).contains(dialect));
            let before = bits;
            bits = within.fold(bits, |bits, dialect| bits | 1 << (dialect.0 - FIRST));
            if bits == before && first > last {
                return Err(UnknownDialect(part.to_owned()));
            }
        }
        Ok(Self(bits))
    }
}

impl fmt::Display for Dialects {
    /// In the form that is read: `MSNP8-12,16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "MSNP";
        let mut left = Dialect::all()
            .filter(|dialect| self.contains(*dialect))
            .peekable();
        while let Some(first) = left.next() {
            let mut last = first;
            while let Some(next) = left.next_if(|next| next.0 == last.0 + 1) {
                last = next;
            }
            write!(f, "{separator}{}", first.0)?;
            if last != first {
                write!(f, "-{}", last.0)?;
            }
            separator = ",";
        }
        Ok(())
    }
}

/// The error of reading a [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect {name:?}: one of {} to {}", Dialect::OLDEST, Dialect::NEWEST, name = .0)]
pub struct UnknownDialect(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_strictly_and_names_loosely() {
        assert_eq!(Dialect::from_token(b"MSNP16"), Some(Dialect::MSNP16));
        for wrong in [
            &b"MSNP7"[..],
            b"MSNP99",
            b"msnp16",
            b"MSNP016",
            b"CVR0",
            b"MSNP",
            b"MSNP1\xff",
        ] {
            assert_eq!(Dialect::from_token(wrong), None);
        }
        assert_eq!("msnp16".parse(), Ok(Dialect::MSNP16));
        assert_eq!("16".parse(), Ok(Dialect::MSNP16));
        assert!("7".parse::<Dialect>().is_err());
    }

    #[test]
    fn an_offer_in_another_form_is_told_from_one_of_other_dialects() {
        let of = |offer: &str| Dialect::misspelt(offer.split(' ').map(str::as_bytes));
        for (offer, says) in [
            ("MSNP12,MSNP11,CVR0", "commas"),
            ("MSNP12; MSNP11; CVR0", "semicolons"),
            ("MSNP12|MSNP11", "joined"),
            ("msnp12 CVR0", "small letters"),
            ("MSNP 12 CVR0", "a space stands within"),
            ("\"MSNP12\" CVR0", "around"),
            ("12 11 CVR0", "numbers alone"),
        ] {
            let said = of(offer).unwrap_or_default();
            assert!(said.contains(says), "{offer}: {said}");
        }
        for offer in [
            "",
            "CVR0",
            "MSNP21 CVR0",
            "MSNP12 MSNP11 CVR0",
            "MSNP7,MSNP6",
        ] {
            assert_eq!(of(offer), None, "{offer}");
        }
    }

    #[test]
    fn a_list_of_dialects_is_read_as_it_is_printed_and_the_newest_offered_is_chosen() {
        for (text, printed) in [
            ("8-16", "MSNP8-16"),
            ("13", "MSNP13"),
            ("16, 8-10,msnp11", "MSNP8-11,16"),
        ] {
            let read: Dialects = text.parse().expect("dialects");
            assert_eq!(read.to_string(), printed);
            assert_eq!(printed.parse(), Ok(read));
        }
        let (oldest, newest) = (Dialect::OLDEST, Dialect::NEWEST.0);
        assert_eq!(Dialects::ALL.to_string(), format!("{oldest}-{newest}"));
        for wrong in ["", "7", "8-99", "13-8", "8,,9", "all"] {
            assert!(wrong.parse::<Dialects>().is_err(), "{wrong:?}");
        }
        let served: Dialects = "8,13".parse().expect("dialects");
        let offered = [15, 13, 8].map(|number| Dialect::new(number).expect("a dialect"));
        assert_eq!(served.newest_of(&offered), Dialect::new(13));
        assert_eq!(served.newest_of(&offered[..1]), None);
    }
}
