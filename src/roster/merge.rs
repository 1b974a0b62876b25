//! Merges what another program has written into the contact files with what has changed here since they were read.
//!
//! Three rosters are compared: the one that was read, the one here, and the one that the files hold now. What only one
//! side has changed is taken from it, field by field. What both have changed differently is a clash, which the operator
//! decides.

use super::reader::CONTACT_KEYS;
use super::rewrite::{differs, take};
use super::{Contact, Edit, Roster};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whose value stands where both sides have changed the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one here.
    Mine,
    /// The one in the files.
    Theirs,
}

impl Side {
    /// The words for it in a command.
    pub const NAMES: &[&str] = &["mine", "theirs"];

    /// The one of that name.
    pub fn named(word: &str) -> Option<Self> {
        let at = Self::NAMES.iter().position(|name| *name == word)?;
        [Self::Mine, Self::Theirs].get(at).copied()
    }
}

/// What came of a merge.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Merged {
    /// The edits that bring the roster here up to the merged one.
    pub edits: Vec<Edit>,
    /// What both sides have changed, and no side was chosen: `busy@local (name)`.
    pub clashes: Vec<String>,
}

/// Merges three rosters.
pub(super) fn merge(base: &Roster, mine: &Roster, theirs: &Roster, side: Option<Side>) -> Merged {
    let mut merged = Merged::default();
    for group in theirs.groups() {
        let held = |roster: &Roster| roster.groups().iter().find(|g| g.id == group.id).cloned();
        let (was, here) = (held(base), held(mine));
        let there = Some(group);
        if was.as_ref() == there || here.as_ref() == there {
            continue;
        }
        if here == was || side == Some(Side::Theirs) {
            merged.edits.push(Edit::PutGroup(group.clone()));
        } else if side.is_none() {
            merged.clashes.push(format!("group {}", group.name));
        }
    }
    let accounts: BTreeSet<&str> = (base.contacts())
        .chain(theirs.contacts())
        .map(|contact| contact.account.as_str())
        .collect();
    for account in accounts {
        merged.contact(
            account,
            [base, mine, theirs].map(|roster| roster.get(account)),
            side,
        );
    }
    for group in base.groups() {
        let has = |roster: &Roster| roster.groups().iter().any(|g| g.id == group.id);
        if has(mine) && !has(theirs) {
            // Contacts that are still in it here are taken out of it, as they are when the operator removes a group.
            merged.edits.push(Edit::RemoveGroup(group.id.clone()));
        }
    }
    merged
}

impl Merged {
    fn contact(&mut self, account: &str, held: [Option<&Arc<Contact>>; 3], side: Option<Side>) {
        let [was, here, there] = held;
        if alike(was, there) || alike(here, there) {
            return;
        }
        let taken = match (was, here, there) {
            _ if alike(was, here) => there.cloned(),
            (Some(was), Some(here), Some(there)) => {
                let mut contact = Contact::clone(here);
                let mut clashing = Vec::new();
                for key in CONTACT_KEYS {
                    if !differs(key, was, there) || !differs(key, here, there) {
                        continue;
                    }
                    if !differs(key, was, here) || side == Some(Side::Theirs) {
                        take(key, there, &mut contact);
                    } else if side.is_none() {
                        clashing.push(key);
                    }
                }
                if !clashing.is_empty() {
                    self.clashes
                        .push(format!("{account} ({})", clashing.join(", ")));
                }
                Some(Arc::new(contact))
            }
            _ if side == Some(Side::Theirs) => there.cloned(),
            _ if side == Some(Side::Mine) => return,
            (_, None, _) => return self.clashes.push(format!("{account} (removed here)")),
            (_, _, None) => return self.clashes.push(format!("{account} (removed there)")),
            (None, ..) => return self.clashes.push(format!("{account} (added)")),
        };
        self.edits.push(match taken {
            Some(contact) => Edit::Put { contact, at: None },
            None => Edit::Remove(account.to_owned()),
        });
    }
}

/// Whether a contact would be written alike.
fn alike(a: Option<&Arc<Contact>>, b: Option<&Arc<Contact>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => !CONTACT_KEYS.iter().any(|key| differs(key, a, b)),
        (None, None) => true,
        _ => false,
    }
}
