//! How a ticket that is not taken differs from the one that was given, in words for whoever writes the client. Nothing
//! of a ticket is quoted.

use super::ticket::Tickets;
use crate::event::{ClientId, Sentence, ours, say};
use crate::msnp::escape::{shortened, to_text};
use crate::msnp::percent;
use std::borrow::Cow;

/// How much of what was shown is looked at, in bytes: tickets are much shorter.
const LOOKED_AT: usize = 4 * 1024;
/// The most characters that are quoted of what stands around a ticket.
const QUOTED: usize = 24;

/// Why what was shown is no ticket of this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlike {
    /// Whether it was given by this run, to whomever, and came back in another form.
    pub is_ours: bool,
    /// In a sentence without its end.
    pub text: Sentence,
}

impl Unlike {
    fn ours(text: impl Into<Sentence>) -> Self {
        Self {
            is_ours: true,
            text: text.into(),
        }
    }
}

/// A way of writing a ticket that is not as it was given.
struct Reading {
    read: fn(&str) -> Cow<'_, str>,
    what: &'static str,
}

const READINGS: &[Reading] = &[
    Reading {
        read: |text| Cow::Borrowed(text),
        what: "",
    },
    Reading {
        read: |text| Cow::Owned(percent::decode_text(text.as_bytes())),
        what: "it is percent-encoded, with %26 or the like where & was given: show it as it was given",
    },
    Reading {
        read: |text| {
            Cow::Owned(percent::decode_text(
                percent::decode_text(text.as_bytes()).as_bytes(),
            ))
        },
        what: "it is percent-encoded twice: show it as it was given",
    },
    Reading {
        read: |text| Cow::Owned(text.replace("&amp;", "&")),
        what: "its & stands as &amp;, as in XML: show it as it was given, with a bare &",
    },
];

impl Tickets {
    /// How what was shown differs from a ticket of this run. `client` and `account` are those that show it.
    pub fn unlike(&self, shown: &str, client: Option<ClientId>, account: &str) -> Unlike {
        let shown = beginning(shown);
        // Read so it is a ticket as it was given; else something stands around it.
        let whole = |reading: &&Reading| {
            let text = (reading.read)(shown);
            text != shown && self.verify(&text).is_some()
        };
        let readings = READINGS.iter().filter(whole).chain(READINGS);
        let found = readings.into_iter().find_map(|reading| {
            let text = (reading.read)(shown);
            let found = self.within(&text)?;
            Some(match reading.what {
                "" => Unlike::ours(say!("the ticket of this run is in what came, {found:#}")),
                what => Unlike::ours(say!("the ticket is one of this run, and {}", ours(what))),
            })
        });
        if let Some(found) = found {
            return found;
        }
        // It begins as a ticket does.
        if self.is_secret(shown, client, account) {
            return Unlike::ours(
                "what came is the BinarySecret of RST: the ticket is the text of the BinarySecurityToken",
            );
        }
        if let Some(text) = self.damaged(shown, account) {
            return Unlike::ours(text);
        }
        if shown.contains("tpf=") || self.client(shown).is_some() {
            return Unlike::ours(
                "what came are the parameters of the question (lc=…,tpf=…), which belong in the request of the login: the ticket is what the login answers",
            );
        }
        let text = match of_another_run(shown) {
            Some(account) => say!(
                "the ticket was not issued by this run of nudge: it is one of an earlier run, for {account}, and those end with their run"
            ),
            None if shown.starts_with("t=") => "the ticket was not issued by this run of nudge: it has the form of one, and no letter of it is of this run. It is of an earlier run, of another service, or made up".into(),
            None => "the ticket was not issued by this run of nudge: it does not even begin with t= as tickets do".into(),
        };
        Unlike {
            is_ours: false,
            text,
        }
    }

    /// What is not as it was given about a ticket that is taken all the same.
    pub fn taken_loosely(&self, shown: &str) -> Option<&'static str> {
        let shown = beginning(shown);
        let from = shown.strip_prefix("t=")?.strip_prefix(self.marker())?;
        let end = from.find(['&', ',']).unwrap_or(from.len());
        match &from[end..] {
            "&p=" => None,
            "" => Some("it was cut off before its &p="),
            rest if rest.starts_with("&amp;") => Some("its & stands as &amp;, as in XML"),
            rest if rest.starts_with("&p=") => Some("something stands behind its &p="),
            _ => Some("what stands behind its first part is not the &p= that was given"),
        }
    }

    /// What stands around a whole ticket of this run.
    fn within(&self, text: &str) -> Option<Sentence> {
        let at = text.find(self.marker())?;
        let sealed = &text[at + self.marker().len()..];
        let length = sealed
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            .count();
        // A letter behind it may be one of its alphabet.
        let (before, behind) = (&text[..at], &sealed[length..]);
        self.opens(&sealed[..length])?;
        let Some(fore) = before.strip_suffix("t=") else {
            return Some("without the t= before it: show all of it, from t= to &p=".into());
        };
        let hind = behind.strip_prefix("&p=").unwrap_or(behind);
        let quoted = |text: &str| -> String { shortened(&to_text(text.as_bytes()), QUOTED) };
        Some(match (fore, hind) {
            ("", "") => "in another form than it was given".into(),
            (fore, "") => say!("with \"{}\" before it: show the ticket alone", quoted(fore)),
            ("", hind) => say!("with \"{}\" behind it: show the ticket alone", quoted(hind)),
            (fore, hind) => say!(
                "with \"{}\" before it and \"{}\" behind it: show the ticket alone, from t= to &p=",
                quoted(fore),
                quoted(hind)
            ),
        })
    }

    /// For a text that begins like a ticket of this run: whether it ends too early, or where it differs.
    fn damaged(&self, shown: &str, account: &str) -> Option<Sentence> {
        let lower = shown.to_ascii_lowercase();
        let marker = self.marker().to_ascii_lowercase();
        let at = lower.find(&marker)?;
        if !shown.contains(self.marker()) {
            return Some("the ticket is one of this run whose letters changed between upper and lower case: show it as it was given".into());
        }
        let sealed = &shown[at + marker.len()..];
        let end = sealed
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'))
            .unwrap_or(sealed.len());
        let said = said(&sealed[..end]).unwrap_or_default();
        // The account that it is for stands at its end.
        let whom = said.splitn(3, ':').nth(2).unwrap_or_default();
        let whole = match account {
            "" => whom.contains('@'),
            account => whom.len() >= account.len(),
        };
        Some(match whole {
            true => "the ticket begins as one of this run does, and letters in it are not those that were given: it was changed".into(),
            false => say!(
                "the ticket is cut off: it begins as one of this run does, and ends after {} letters. Look for a field or a buffer that is too short",
                2 + marker.len() + end
            ),
        })
    }
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What a sealed text says behind its seal, whoever sealed it, as far as it goes.
fn said(sealed: &str) -> Option<String> {
    let whole = sealed.len() - usize::from(sealed.len() % 4 == 1);
    let bytes = super::ticket::decoded(sealed.get(..whole)?)?;
    Some(String::from_utf8_lossy(bytes.get(super::ticket::TAG..)?).into_owned())
}

/// The account of a ticket that another run of nudge issued.
fn of_another_run(shown: &str) -> Option<String> {
    let sealed = shown.strip_prefix("t=")?.split(['&', ',']).next()?;
    let said = said(sealed.get(super::ticket::MARKER_LETTERS..)?)?;
    let mut parts = said.splitn(3, ':');
    let number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u64>().is_ok());
    (number(parts.next()) && number(parts.next())).then_some(())?;
    let account = parts.next().filter(|account| account.contains('@'))?;
    Some(shortened(&to_text(account.as_bytes()), 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_ticket_differs_from_the_one_that_was_given_is_said() {
        let (tickets, others) = (
            Tickets::new().expect("a key"),
            Tickets::new().expect("a key"),
        );
        let own = Some(ClientId(7));
        let ticket = tickets.issue("me@local", own);
        let value = ticket.trim_start_matches("t=").trim_end_matches("&p=");
        let encoded = ticket.replace('=', "%3D").replace('&', "%26");
        let mut changed = ticket.clone().into_bytes();
        changed[20] = if changed[20] == b'A' { b'B' } else { b'A' };
        for (shown, words, is_ours) in [
            (format!("from-PP='{ticket}'"), "from-PP='", true),
            (format!("'{ticket}'"), "before it and", true),
            (
                format!("{}'", &ticket[..ticket.len() - 3]),
                "behind it",
                true,
            ),
            (value.to_owned(), "without the t=", true),
            (encoded.clone(), "percent-encoded", true),
            (encoded.replace('%', "%25"), "encoded twice", true),
            (ticket[..40].to_owned(), "cut off", true),
            (ticket[..ticket.len() - 6].to_owned(), "cut off", true),
            (ticket.to_ascii_lowercase(), "upper and lower", true),
            (
                String::from_utf8_lossy(&changed).into_owned(),
                "was changed",
                true,
            ),
            (tickets.secret(&ticket).expect("one"), "BinarySecret", true),
            ("lc=1033,tpf=abc".into(), "parameters of the question", true),
            (
                others.issue("me@local", None),
                "an earlier run, for me@local",
                false,
            ),
            ("t=EwAgAk6hBwAUjKZ&p=".into(), "made up", false),
            ("abc".into(), "does not even begin", false),
            (String::new(), "does not even begin", false),
        ] {
            let found = tickets.unlike(&shown, own, "me@local");
            assert!(found.text.contains(words), "{shown}: {}", found.text);
            assert_eq!(found.is_ours, is_ours, "{shown}");
            assert!(!found.text.contains(&value[20..]), "{}", found.text);
        }
    }

    #[test]
    fn what_is_taken_though_it_is_not_as_it_was_given_is_said() {
        let tickets = Tickets::new().expect("a key");
        let ticket = tickets.issue("me@local", None);
        assert_eq!(tickets.taken_loosely(&ticket), None);
        for (shown, words) in [
            (ticket.replace('&', "&amp;"), "&amp;"),
            (ticket.replace("&p=", ""), "cut off"),
            (format!("{ticket},ru=x"), "behind its &p="),
        ] {
            assert!(tickets.verify(&shown).is_some(), "{shown}");
            let said = tickets.taken_loosely(&shown).expect("it is said");
            assert!(said.contains(words), "{said}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_shown_is_judged_without_panic(shown in ".{0,200}", cut in 0usize..80) {
            let tickets = Tickets::new().expect("a key");
            let ticket = tickets.issue("me@local", None);
            let cut: String = ticket.chars().take(cut).collect();
            for shown in [shown.clone(), cut.clone(), format!("{shown}{ticket}"), format!("{cut}{shown}")] {
                let said = tickets.unlike(&shown, None, "me@local").text;
                proptest::prop_assert!(said.len() < 1_000);
                let _ = tickets.taken_loosely(&shown);
            }
        }
    }
}
