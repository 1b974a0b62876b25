//! Who may sign in: anybody with any password, unless `accounts.toml` lists accounts.

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
    fn without_a_list_anybody_may() {
        assert!(Accounts::anybody().accepts("a@b", ""));
        assert!(Accounts::anybody().knows("a@b"));
    }
}
