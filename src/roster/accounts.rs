//! Who may sign in: anybody, or the accounts that are listed.

use std::collections::HashMap;

/// The accounts that may sign in.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    listed: Option<HashMap<String, String>>,
}

impl Accounts {
    /// Any account with any password.
    pub fn anybody() -> Self {
        Self::default()
    }

    /// These accounts (in any case) with these passwords, and nobody else.
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

    /// Whether this account may sign in with this password.
    pub fn accepts(&self, account: &str, password: &str) -> bool {
        self.listed.as_ref().is_none_or(|listed| {
            listed
                .get(&account.to_ascii_lowercase())
                .is_some_and(|held| held == password)
        })
    }

    /// Whether this account may sign in at all.
    pub fn knows(&self, account: &str) -> bool {
        self.listed
            .as_ref()
            .is_none_or(|listed| listed.contains_key(&account.to_ascii_lowercase()))
    }
}
