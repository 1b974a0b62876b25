//! The address book as the client sends it: the lists of each account, as the payloads of ADL.

use crate::msnp::adl::Lists;
use quick_xml::escape::escape;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The longest payload of one ADL that clients send, in bytes; the rest goes into another.
pub const MAX_LIST_PAYLOAD: usize = 7_500;

const OPEN: &str = "<ml l=\"1\">";
const CLOSE: &str = "</ml>";
/// The lists that a client sends. The reverse and the pending list are known to the server alone.
const SENT: [Lists; 3] = [Lists::FORWARD, Lists::ALLOW, Lists::BLOCK];

/// Accounts and their lists, domains sorted, names sorted within them, as the Mac sends them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    domains: BTreeMap<String, BTreeMap<String, Lists>>,
    /// The display name of the user's own entry, where the book has one.
    pub own_name: Option<String>,
}

impl Book {
    /// An address book of contacts that are all on the forward and the allow list (`l="3"`).
    pub fn of_contacts<'a>(accounts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut book = Self::default();
        for account in accounts {
            book.put(account, Lists::FORWARD.with(Lists::ALLOW));
        }
        book
    }

    /// Puts an account on lists, besides those that it is on. What is no `user@domain` is left out,
    /// and `false` returned: it has no place in the payload.
    pub fn put(&mut self, account: &str, lists: Lists) -> bool {
        let Some((user, domain)) = account.trim().rsplit_once('@') else {
            return false;
        };
        if user.is_empty() || domain.is_empty() || account.contains(char::is_control) {
            return false;
        }
        let entry = self
            .domains
            .entry(domain.to_ascii_lowercase())
            .or_default()
            .entry(user.to_ascii_lowercase())
            .or_default();
        *entry = entry.with(lists);
        true
    }

    /// Each account and the lists that are sent for it. Blocked wins over allowed: a server refuses
    /// an account that is on both (219).
    pub fn accounts(&self) -> impl Iterator<Item = (String, Lists)> {
        self.domains.iter().flat_map(|(domain, users)| {
            users
                .iter()
                .map(move |(user, lists)| (format!("{user}@{domain}"), sent(*lists)))
                .filter(|(_, lists)| *lists != Lists::default())
        })
    }

    /// How many accounts are sent.
    pub fn len(&self) -> usize {
        self.accounts().count()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.accounts().next().is_none()
    }

    /// The payloads of ADL, one of an empty list when there is nobody.
    pub fn payloads(&self) -> Vec<String> {
        let mut payloads = Vec::new();
        let mut current = String::from(OPEN);
        for (domain, users) in &self.domains {
            let head = format!("<d n=\"{}\">", escape(domain.as_str()));
            let mut inside = false;
            for (user, lists) in users {
                let lists = sent(*lists);
                if lists == Lists::default() {
                    continue;
                }
                let mut entry = String::new();
                let _ = write!(
                    entry,
                    "<c n=\"{}\" l=\"{}\" t=\"1\" />",
                    escape(user.as_str()),
                    lists.0
                );
                let more = if inside { 0 } else { head.len() } + entry.len();
                let whole = current.len() + more + "</d>".len() + CLOSE.len();
                if whole > MAX_LIST_PAYLOAD && current.len() > OPEN.len() {
                    if inside {
                        current.push_str("</d>");
                    }
                    current.push_str(CLOSE);
                    payloads.push(std::mem::replace(&mut current, String::from(OPEN)));
                    inside = false;
                }
                if !inside {
                    current.push_str(&head);
                    inside = true;
                }
                current.push_str(&entry);
            }
            if inside {
                current.push_str("</d>");
            }
        }
        if current.len() > OPEN.len() || payloads.is_empty() {
            current.push_str(CLOSE);
            payloads.push(current);
        }
        payloads
    }
}

fn sent(lists: Lists) -> Lists {
    let mut sent = Lists::default();
    for list in SENT {
        if lists.contains(list) {
            sent = sent.with(list);
        }
    }
    if sent.contains(Lists::BLOCK) {
        sent = sent.without(Lists::ALLOW);
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::EIGHT;
    use crate::msnp::adl;

    #[test]
    fn the_articles_payload_of_245_bytes() {
        let payloads = Book::of_contacts(EIGHT).payloads();
        assert_eq!(
            payloads,
            [
                r#"<ml l="1"><d n="local"><c n="away" l="3" t="1" /><c n="brb" l="3" t="1" /><c n="busy" l="3" t="1" /><c n="hidden" l="3" t="1" /><c n="idle" l="3" t="1" /><c n="lunch" l="3" t="1" /><c n="online" l="3" t="1" /><c n="phone" l="3" t="1" /></d></ml>"#
            ]
        );
        assert_eq!(payloads[0].len(), 245);
    }

    #[test]
    fn a_large_book_is_split_and_nobody_is_lost() {
        let mut book = Book::default();
        for n in 0..5_000 {
            assert!(book.put(&format!("user{n}@domain{}.com", n % 7), Lists(3)));
        }
        let payloads = book.payloads();
        assert!(payloads.len() > 1);
        let mut read = 0;
        for payload in &payloads {
            assert!(payload.len() <= MAX_LIST_PAYLOAD, "{}", payload.len());
            let list = adl::read(payload.as_bytes()).expect("a list");
            assert!(list.initial && !list.entries.is_empty());
            read += list.entries.len();
        }
        assert_eq!(read, 5_000);
    }

    #[test]
    fn lists_are_those_that_a_client_sends() {
        let mut book = Book::default();
        assert!(book.put("A&b@X.com", Lists::BLOCK.with(Lists::ALLOW)));
        assert!(book.put("a&b@x.com", Lists::FORWARD));
        assert!(book.put("reverse@x.com", Lists::REVERSE));
        for bad in ["nobody", "@x", "x@", "a\r\n@x", ""] {
            assert!(!book.put(bad, Lists::FORWARD), "{bad:?}");
        }
        assert_eq!(
            book.payloads(),
            [r#"<ml l="1"><d n="x.com"><c n="a&amp;b" l="5" t="1" /></d></ml>"#]
        );
        assert_eq!(Book::default().payloads(), [r#"<ml l="1"></ml>"#]);
        assert!(Book::default().is_empty());
    }
}
