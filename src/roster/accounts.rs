//! Who may sign in: anybody with any password, unless `accounts.toml` lists accounts.

use crate::msnp::percent::decode_text;
use std::collections::HashMap;
use std::fmt;

/// The accounts that may sign in. Its debug output has no password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Accounts {
    /// Password by account in lower case; `None` where anybody may.
    listed: Option<HashMap<String, String>>,
}

impl Accounts {
    /// Any account, with any password.
    pub fn anybody() -> Self {
        Self { listed: None }
    }

    /// Only these accounts, each with its password. With an empty list nobody may sign in.
    pub fn listed(accounts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            listed: Some(
                accounts
                    .into_iter()
                    .map(|(account, password)| (account.to_ascii_lowercase(), password))
                    .collect(),
            ),
        }
    }

    /// Whether this account, in any case, may sign in with this password.
    pub fn accepts(&self, account: &str, password: &str) -> bool {
        self.listed.as_ref().is_none_or(|listed| {
            listed
                .get(&account.to_ascii_lowercase())
                .is_some_and(|held| held == password)
        })
    }

    /// The passwords that are listed.
    pub fn passwords(&self) -> impl Iterator<Item = &str> {
        let listed = self.listed.iter();
        listed.flat_map(|listed| listed.values().map(String::as_str))
    }

    /// How a password that is not accepted is like the one that is listed, where it is: by that it is known what a client
    /// makes of what its user types. It says nothing of the password itself.
    pub fn likeness(&self, account: &str, password: &str) -> Option<Likeness> {
        let held = self.listed.as_ref()?.get(&account.to_ascii_lowercase())?;
        Likeness::of(password, held)
    }

    /// An account that may sign in, with its password: the built-in client's, unless others are listed.
    pub fn one(&self) -> (String, String) {
        let (mine, password) = ("me@local".to_owned(), "asdf".to_owned());
        match &self.listed {
            Some(listed) if !self.accepts(&mine, &password) => {
                let first = listed.iter().min();
                first.map_or((mine, password), |(a, p)| (a.clone(), p.clone()))
            }
            _ => (mine, password),
        }
    }

    /// Whether this account, in any case, may sign in at all.
    pub fn knows(&self, account: &str) -> bool {
        self.listed
            .as_ref()
            .is_none_or(|listed| listed.contains_key(&account.to_ascii_lowercase()))
    }
}

/// What a client made of the password that is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Likeness {
    /// None came.
    #[error("what came is empty: the client sends no password")]
    Empty,
    /// Passport's passwords have at most 16 characters.
    #[error(
        "what came is its beginning alone: the client cuts it off (those of Passport have at most 16 characters)"
    )]
    Cut,
    /// It differs in upper and lower case.
    #[error("what came differs in upper and lower case alone (Caps Lock)")]
    Case,
    /// With spaces before or behind it.
    #[error("what came has spaces before or behind it")]
    Spaces,
    /// Percent-encoded once more than it should be.
    #[error("what came is percent-encoded still: the client encodes it twice")]
    Encoded,
    /// It has a `%` and two digits in it, and was not encoded.
    #[error("what came was not percent-encoded: the client has to write each % of it as %25")]
    NotEncoded,
    /// Written as XML once more than it should be.
    #[error("what came is escaped still: the client writes &amp; and the like twice")]
    Escaped,
    /// Its letters beyond ASCII were not UTF-8.
    #[error(
        "what came has letters that are not UTF-8: the client writes another charset (Latin-1)"
    )]
    Charset,
}

/// A beginning that is shorter is one by chance.
const SHORTEST: usize = 8;

impl Likeness {
    fn of(came: &str, held: &str) -> Option<Self> {
        let unescaped = || {
            came.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&")
        };
        let charset = || {
            let same = |(a, b): (char, char)| a == b || a == char::REPLACEMENT_CHARACTER;
            came.chars().count() == held.chars().count() && came.chars().zip(held.chars()).all(same)
        };
        Some(match () {
            () if came.is_empty() => Likeness::Empty,
            () if came.len() >= SHORTEST && held.starts_with(came) => Likeness::Cut,
            () if came.trim() == held => Likeness::Spaces,
            () if decode_text(came.as_bytes()) == held => Likeness::Encoded,
            () if decode_text(held.as_bytes()) == came => Likeness::NotEncoded,
            () if unescaped() == held => Likeness::Escaped,
            () if came.to_lowercase() == held.to_lowercase() => Likeness::Case,
            () if charset() => Likeness::Charset,
            () => return None,
        })
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.listed {
            None => f.write_str("anybody"),
            Some(listed) => f.debug_set().entries(listed.keys()).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_accounts_need_their_own_password() {
        let accounts = Accounts::listed([("Me@Local".to_owned(), "asdf".to_owned())]);
        assert!(accounts.accepts("me@local", "asdf"));
        assert!(accounts.accepts("ME@LOCAL", "asdf"));
        assert!(!accounts.accepts("me@local", "ASDF"));
        assert!(!accounts.accepts("you@local", "asdf"));
        assert!(accounts.knows("mE@local") && !accounts.knows("you@local"));
        assert!(!format!("{accounts:?}").contains("asdf"));
    }

    #[test]
    fn how_a_password_was_spoilt_is_known_by_what_came() {
        for (held, came, wanted) in [
            (
                "correct horse battery",
                "correct horse ba",
                Some(Likeness::Cut),
            ),
            ("correct horse battery", "correct", None),
            ("secret", "SECRET", Some(Likeness::Case)),
            ("secret", "secret ", Some(Likeness::Spaces)),
            ("pa,ss", "pa%2Css", Some(Likeness::Encoded)),
            ("a%41b", "aAb", Some(Likeness::NotEncoded)),
            ("salt&pepper", "salt&amp;pepper", Some(Likeness::Escaped)),
            ("café", "caf\u{fffd}", Some(Likeness::Charset)),
            ("secret", "other", None),
            ("secret", "", Some(Likeness::Empty)),
        ] {
            let accounts = Accounts::listed([("me@local".into(), held.into())]);
            assert_eq!(accounts.likeness("ME@local", came), wanted, "{came}");
        }
        assert_eq!(Accounts::anybody().likeness("a@b", "x"), None);
    }

    #[test]
    fn without_a_list_anybody_may() {
        assert!(Accounts::anybody().accepts("a@b", ""));
        assert!(Accounts::anybody().knows("a@b"));
    }
}
