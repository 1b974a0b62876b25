//! Merges what another program has written into the contact files with what has changed here since they were read.
//!
//! Three rosters are compared: the one that was read, the one here, and the one that the files hold now. What only one
//! side has changed is taken from it, field by field. What both have changed differently is a clash, which the operator
//! decides.

use super::rewrite::{differing, differs, take};
use super::{Contact, Edit, Group, Roster};
use std::collections::BTreeSet;
use std::sync::Arc;

rows! {
    /// Whose value stands where both sides have changed the same field.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Side {
        /// The word for it in a command.
        pub fn word;
    }
    /// The one here.
    Mine "mine";
    /// The one in the files.
    Theirs "theirs";
}

impl Side {
    /// The words of all.
    pub const WORDS: &[&str] = &[Self::Mine.word(), Self::Theirs.word()];

    /// The one of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.word() == word)
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
    let mut removed = Vec::new();
    let groups: BTreeSet<&str> = (base.groups().iter())
        .chain(theirs.groups())
        .map(|group| group.id.as_str())
        .collect();
    for id in groups {
        let [was, here, there] = [base, mine, theirs].map(|roster| group(roster, id));
        if was == there || here == there {
            continue;
        }
        if was == here || side == Some(Side::Theirs) {
            match there {
                Some(group) => merged.edits.push(Edit::PutGroup(group.clone())),
                None => removed.push(Edit::RemoveGroup(id.to_owned())),
            }
        } else if side.is_none() {
            let name = was.or(there).map_or(id, |group| &group.name);
            merged.clashes.push(format!("group {name}"));
        }
    }
    let accounts: BTreeSet<&str> = (base.contacts())
        .chain(theirs.contacts())
        .map(|contact| contact.account.as_str())
        .collect();
    for account in accounts {
        let held = [base, mine, theirs].map(|roster| roster.get(account));
        merged.contact(account, held, side);
    }
    // Last: what names a group has to be put while it is there. Contacts that are still in it here are taken out of it.
    merged.edits.extend(removed);
    merged
}

fn group<'a>(roster: &'a Roster, id: &str) -> Option<&'a Group> {
    roster.groups().iter().find(|group| group.id == id)
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
                for key in differing(was, there).filter(|key| differs(key, here, there)) {
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
        (Some(a), Some(b)) => differing(a, b).next().is_none(),
        (None, None) => true,
        _ => false,
    }
}
