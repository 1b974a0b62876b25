//! The membership lists of ADL, RML and FQY: `<ml><d n="domain"><c n="user" l="3" t="1"/></d></ml>`.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::fmt;

/// Bytes of the longest domain: as many as DNS allows. The domain is written out with each of its contacts, so a longer
/// one could make hundreds of megabytes of a payload of 64 KiB.
const MAX_DOMAIN: usize = 255;
/// The bits of the lists that a client may set: forward, allow and block.
const SETTABLE: u8 = 7;
/// Bytes of the longest ADL payload that clients send. The real service took no more.
pub const MOST_BYTES: usize = 7_500;
/// Entries of the longest ADL that clients send. The real service took no more.
pub const MOST_ENTRIES: usize = 150;

/// The membership lists a contact is on, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Lists(pub u8);

impl Lists {
    /// The forward list: the user's own contacts.
    pub const FORWARD: Lists = Lists(1);
    /// The allow list: who sees the user.
    pub const ALLOW: Lists = Lists(2);
    /// The block list: who does not.
    pub const BLOCK: Lists = Lists(4);
    /// The reverse list: who has the user as a contact.
    pub const REVERSE: Lists = Lists(8);
    /// The pending list: who asks to be let in.
    pub const PENDING: Lists = Lists(16);

    /// Each list with its two letters and its word in files.
    pub const TABLE: [(Lists, &'static str, &'static str); 5] = [
        (Lists::FORWARD, "FL", "forward"),
        (Lists::ALLOW, "AL", "allow"),
        (Lists::BLOCK, "BL", "block"),
        (Lists::REVERSE, "RL", "reverse"),
        (Lists::PENDING, "PL", "pending"),
    ];

    /// Whether every list of `other` is among these.
    pub fn contains(self, other: Lists) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those.
    pub fn with(self, other: Lists) -> Lists {
        Lists(self.0 | other.0)
    }

    /// These without those.
    pub fn without(self, other: Lists) -> Lists {
        Lists(self.0 & !other.0)
    }

    /// From a word of [`Lists::TABLE`] or its two letters, in any case.
    pub fn from_word(word: &str) -> Option<Lists> {
        Self::TABLE
            .iter()
            .find(|(_, code, name)| {
                code.eq_ignore_ascii_case(word) || name.eq_ignore_ascii_case(word)
            })
            .map(|(lists, ..)| *lists)
    }

    /// The words of the lists that are set.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::TABLE
            .iter()
            .filter(move |(list, ..)| self.contains(*list))
            .map(|(.., word)| *word)
    }
}

impl fmt::Display for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (list, code, _) in Self::TABLE {
            if self.contains(list) {
                if !first {
                    f.write_str(" ")?;
                }
                f.write_str(code)?;
                first = false;
            }
        }
        Ok(())
    }
}

/// One `c` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `user@domain`, or the phone number of a `t` element's child.
    pub account: String,
    /// `l`, which lists; absent in FQY.
    pub lists: Option<Lists>,
    /// `t`, the network; absent in FQY.
    pub network: Option<u8>,
}

/// A list payload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MembershipList {
    /// `l="1"` on `ml`: the list with which a client signs in.
    pub initial: bool,
    /// Whether white space stands between its elements.
    pub spaced: bool,
    /// Its entries in order.
    pub entries: Vec<Entry>,
}

/// The verb that a list came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// ADL or RML: contacts are put on lists, or taken off.
    Lists,
    /// FQY: on which network they are.
    Networks,
}

impl MembershipList {
    /// Refuses a list that can be read, but that the real service did not take from a client.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn check(&self, asked: Asked) -> Result<(), ListError> {
        let initial = self.initial && asked == Asked::Lists;
        if self.entries.is_empty() && !initial {
            return Err(ListError::Empty);
        }
        let wrong = |entry: &&Entry| entry.lists.is_some_and(|lists| lists.0 > SETTABLE);
        match self.entries.iter().find(wrong) {
            Some(entry) if asked == Asked::Lists => Err(ListError::Bad(
                "the reverse and the pending list are the service's, and these bits of l are no others: ",
                entry.account.clone(),
            )),
            _ => Ok(()),
        }
    }
}

/// Why a list payload was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// 204: a number that can be no network.
    #[error("t=\"{0}\" is no network: 1 to 255")]
    Network(String),
    /// 240: a `d` element with an empty name.
    #[error("a <d> element has an empty domain")]
    EmptyDomain,
    /// 240: nobody is in it.
    #[error("the list is empty, and not the first (l=\"1\")")]
    Empty,
    /// 241: anything else, and what that quotes.
    #[error("{0}{1}")]
    Bad(&'static str, String),
}

impl ListError {
    /// What its text quotes.
    pub fn quoted(&self) -> Vec<String> {
        match self {
            ListError::Network(text) | ListError::Bad(_, text) => vec![text.clone()],
            ListError::EmptyDomain | ListError::Empty => Vec::new(),
        }
    }

    /// The error code on the wire.
    pub fn code(&self) -> u16 {
        match self {
            ListError::Network(_) => 204,
            ListError::EmptyDomain | ListError::Empty => 240,
            ListError::Bad(..) => 241,
        }
    }
}

/// Reads the payload of ADL, RML or FQY.
///
/// # Errors
/// [`ListError`], which has the code that the service answers with.
pub fn read(payload: &[u8]) -> Result<MembershipList, ListError> {
    let bad =
        |e: &dyn fmt::Display| ListError::Bad("payload is not well-formed XML: ", e.to_string());
    let text = std::str::from_utf8(payload).map_err(|e| bad(&e))?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut list = MembershipList::default();
    let mut open: Vec<Element> = Vec::new();
    let mut seen_root = false;
    let mut domain = String::new();
    loop {
        match reader.read_event().map_err(|e| bad(&e))? {
            Event::Start(start) => {
                let element = Element::of(start.name().as_ref());
                match (open.last(), &element) {
                    (None, Element::Ml) if !seen_root => {
                        seen_root = true;
                        let [initial] = attributes(&start, ["l"])?;
                        list.initial = initial.as_deref() == Some("1");
                    }
                    (Some(Element::Ml), Element::D) => {
                        let [name] = attributes(&start, ["n"])?;
                        let missing =
                            || ListError::Bad("a <d> element has no domain", String::new());
                        domain = name.ok_or_else(missing)?.into_owned();
                        if domain.is_empty() {
                            return Err(ListError::EmptyDomain);
                        }
                        if domain.len() > MAX_DOMAIN {
                            return Err(ListError::Bad(
                                "a domain is longer than the 255 bytes that it may have",
                                String::new(),
                            ));
                        }
                    }
                    (Some(Element::Ml), Element::T) => domain.clear(),
                    (Some(Element::D | Element::T), Element::C) => {
                        list.entries.push(entry(&start, &domain)?)
                    }
                    // What else a contact has (circles at MSNP18) is passed over.
                    (Some(Element::C | Element::S), _) => {}
                    _ => {
                        let name = start.name();
                        let name = name.as_ref();
                        return Err(ListError::Bad("unexpected element ", format!("<{name}>")));
                    }
                }
                open.push(element);
            }
            Event::End(_) => {
                open.pop();
            }
            Event::DocType(_) => {
                return Err(ListError::Bad(
                    "a document type is not taken",
                    String::new(),
                ));
            }
            Event::Text(text) if !open.is_empty() => {
                list.spaced |= !text.is_empty() && text.chars().all(char::is_whitespace);
            }
            Event::Eof if seen_root && open.is_empty() => return Ok(list),
            Event::Eof => return Err(ListError::Bad("payload ends too early", String::new())),
            _ => {}
        }
    }
}

/// The elements that are read.
enum Element {
    Ml,
    D,
    T,
    C,
    S,
    Other,
}

impl Element {
    fn of(name: &str) -> Self {
        match name {
            "ml" => Element::Ml,
            "d" => Element::D,
            "t" => Element::T,
            "c" => Element::C,
            "s" => Element::S,
            _ => Element::Other,
        }
    }
}

/// The first value of each of these attributes. All are looked for in one pass, because a list may have hundreds of
/// contacts. What stands behind the last of them is not looked at.
fn attributes<'a, const N: usize>(
    start: &'a BytesStart<'_>,
    names: [&str; N],
) -> Result<[Option<Cow<'a, str>>; N], ListError> {
    let bad =
        |name: &str, e: &dyn fmt::Display| ListError::Bad("attribute ", format!("{name}: {e}"));
    let mut found = [const { None }; N];
    for attribute in start.attributes().with_checks(false) {
        let Some(missing) = found.iter().position(Option::is_none) else {
            break;
        };
        let attribute = attribute.map_err(|e| bad(names[missing], &e))?;
        let Some(at) = names.iter().position(|n| *n == attribute.key.as_ref()) else {
            continue;
        };
        if found[at].is_some() {
            continue;
        }
        let bad = |e: &dyn fmt::Display| bad(names[at], e);
        found[at] = Some(match attribute.value {
            Cow::Borrowed(value) => unescape(value).map_err(|e| bad(&e))?,
            Cow::Owned(value) => Cow::Owned(unescape(&value).map_err(|e| bad(&e))?.into_owned()),
        });
    }
    Ok(found)
}

fn entry(start: &BytesStart<'_>, domain: &str) -> Result<Entry, ListError> {
    let [user, lists, network] = attributes(start, ["n", "l", "t"])?;
    let user = user.unwrap_or_default();
    if user.is_empty() {
        return Err(ListError::Bad("a <c> element has no name", String::new()));
    }
    let bad = |name, text| ListError::Bad("not a number: ", format!("attribute {name}, {text:?}"));
    let lists = match lists {
        Some(text) => Some(Lists(text.parse().map_err(|_| bad("l", text))?)),
        None => None,
    };
    let network = match network {
        Some(text) if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) => {
            return Err(bad("t", text));
        }
        Some(text) => match text.parse() {
            Ok(number @ 1..) => Some(number),
            _ => return Err(ListError::Network(super::escape::shortened(&text, 40))),
        },
        None => None,
    };
    Ok(Entry {
        account: if domain.is_empty() {
            user.into_owned()
        } else {
            [&user, "@", domain].concat()
        },
        lists,
        network,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_list() {
        let list = read(b"<ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /><c n=\"brb\" l=\"3\" t=\"1\" /></d></ml>").expect("a list");
        assert!(list.initial);
        assert_eq!(list.entries.len(), 2);
        assert_eq!(list.entries[1].account, "brb@local");
        assert_eq!(list.entries[1].lists, Some(Lists(3)));
        assert_eq!(list.entries[1].network, Some(1));
    }

    #[test]
    fn several_domains_and_phones() {
        let list = read(b"<ml><d n=\"a\"><c n=\"x\" l=\"1\" t=\"32\"/></d><d n=\"b\"><c n=\"y\" l=\"2\" t=\"1\"/></d><t><c n=\"tel:+15551234\" l=\"3\"/></t></ml>").expect("a list");
        let accounts: Vec<_> = list.entries.iter().map(|e| e.account.as_str()).collect();
        assert_eq!(accounts, ["x@a", "y@b", "tel:+15551234"]);
        assert!(!list.initial);
    }

    #[test]
    fn of_an_attribute_twice_the_first_counts_and_what_stands_behind_is_not_looked_at() {
        let list = read(
            b"<ml l=\"1\" junk><d n=\"local\" n=\"\" junk><c n=\"a\" n=\"b\" l=\"3\" l=\"x\" t=\"1\" junk/></d></ml>",
        )
        .expect("a list");
        assert!(list.initial);
        assert_eq!(list.entries.len(), 1);
        assert_eq!(list.entries[0].account, "a@local");
        assert_eq!(list.entries[0].lists, Some(Lists(3)));
        assert_eq!(
            read(b"<ml><d n=\"\" junk><c n=\"x\"/></d></ml>"),
            Err(ListError::EmptyDomain)
        );
        let between = read(b"<ml><d n=\"d\"><c n=\"x\" junk l=\"3\"/></d></ml>");
        let error = between.expect_err("junk before what is looked for");
        assert!(error.to_string().starts_with("attribute l: "), "{error}");
    }

    #[test]
    fn what_can_be_read_and_was_not_taken_has_its_code() {
        let code = |payload: &str, asked| {
            let list = read(payload.as_bytes());
            list.and_then(|list| list.check(asked))
                .map_err(|error| error.code())
        };
        for (payload, expected) in [
            (
                "<ml><d n=\"a\"><c n=\"x\" l=\"3\" t=\"1\"/></d></ml>",
                Ok(()),
            ),
            (
                "<ml><d n=\"a\"><c n=\"x\" l=\"3\" t=\"255\"/></d></ml>",
                Ok(()),
            ),
            (
                "<ml><d n=\"a\"><c n=\"x\" l=\"3\" t=\"256\"/></d></ml>",
                Err(204),
            ),
            (
                "<ml><d n=\"a\"><c n=\"x\" l=\"3\" t=\"0\"/></d></ml>",
                Err(204),
            ),
            (
                "<ml><d n=\"a\"><c n=\"x\" l=\"8\" t=\"1\"/></d></ml>",
                Err(241),
            ),
            ("<ml></ml>", Err(240)),
            ("<ml l=\"1\"></ml>", Ok(())),
        ] {
            assert_eq!(code(payload, Asked::Lists), expected, "{payload}");
        }
        assert_eq!(code("<ml l=\"1\"/>", Asked::Networks), Err(240));
        assert!(read(b"<ml> <d n=\"a\"/></ml>").expect("a list").spaced);
        assert!(!read(b"<ml><d n=\"a\"/></ml>").expect("a list").spaced);
    }

    #[test]
    fn mistakes_have_their_code() {
        assert_eq!(
            read(b"<ml><d n=\"\"><c n=\"x\"/></d></ml>"),
            Err(ListError::EmptyDomain)
        );
        for bad in [
            &b""[..],
            b"<ml>",
            b"<ml><d n=\"a\"><c l=\"3\"/></d></ml>",
            b"<ml><d n=\"a\"><c n=\"x\" l=\"lots\"/></d></ml>",
            b"<ml><d n=\"a\"><c n=\"x\" l=\"999\"/></d></ml>",
            b"<ml/><ml/>",
            b"<ml><d><c n=\"x\"/></d></ml>",
            b"<ml><d n=\"a\"><c n=\"x\" t=\"one\"/></d></ml>",
            b"<x/>",
            b"<ml><c n=\"x\"/></ml>",
            b"<!DOCTYPE ml><ml/>",
            b"\xff\xfe",
            format!("<ml><d n=\"{}\"><c n=\"x\"/></d></ml>", "d".repeat(256)).as_bytes(),
        ] {
            assert_eq!(read(bad).map_err(|e| e.code()), Err(241), "{bad:?}");
        }
    }
}
