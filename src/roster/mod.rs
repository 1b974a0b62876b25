//! The contacts that the service pretends to have. One roster serves every account; what belongs to one account alone is
//! its [`Me`].
//!
//! A roster is a value, and snapshots of it share their contacts. A change is an [`Edit`]: it is applied whole or not at
//! all, and its inverse undoes it.

mod accounts;
mod contact;
mod disk;
mod files;
mod load;
pub mod manner;
mod manner_file;
mod merge;
mod mistake;
mod part;
pub mod picture;
mod pictures;
mod reader;
mod rewrite;
pub mod schedule;
mod unfit;

pub use accounts::Accounts;
pub use contact::{
    CAPABILITIES, Contact, EXTENDED, MAX_ACCOUNT, MAX_NAME, MAX_TEXT, MSNOBJ, PASSPORT, Phones,
    check_account, cid,
};
pub use files::{SaveError, Saved, Store};
pub use manner::Manner;
pub use merge::Side;
pub use mistake::{LoadErrors, Mistake};
pub use part::{Part, Rationed};
pub use picture::Picture;
pub use unfit::Unfit;

use crate::msnp::personal::Personal;
use contact::check_text;
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes that the contacts of a roster may take ([`Contact::bytes`]): more than the largest contact file fills.
pub const MAX_BYTES: usize = 128 * 1024 * 1024;

/// A group of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its GUID.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What belongs to an account that signs in. It is never saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The account.
    pub account: String,
    /// Its friendly name, set by PRP. At first it is the account.
    pub name: String,
    /// Its personal message and media, set by UUX.
    pub personal: Personal,
    /// Its privacy default, set by BLP: `AL` or `BL`.
    pub privacy: String,
    /// Whether it is asked when somebody adds it, set by GTC: `A` or `N`.
    pub notice: String,
    /// Its other properties, set by PRP: phone numbers and the like.
    pub properties: BTreeMap<&'static str, String>,
}

impl Me {
    /// As an account is when it first signs in.
    pub fn new(account: impl Into<String>) -> Self {
        let account = account.into();
        Self {
            name: account.clone(),
            account,
            personal: Personal::default(),
            privacy: "AL".into(),
            notice: "A".into(),
            properties: BTreeMap::new(),
        }
    }
}

/// All contacts and groups, in the order of the files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roster {
    /// The contacts by their account in lower case. Each change is made on a copy, so the keys are shared too.
    contacts: IndexMap<Arc<str>, Arc<Contact>>,
    groups: Vec<Group>,
    /// Bytes that the contacts take.
    bytes: usize,
}

/// One change of a roster.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Replaces the contact that has the same account. Where there is none, adds it at this place or at the end.
    Put {
        /// The contact, whole.
        contact: Arc<Contact>,
        /// The place of a new contact.
        at: Option<usize>,
    },
    /// Removes the contact with this account.
    Remove(String),
    /// Adds a group, or renames the one with its id.
    PutGroup(Group),
    /// Removes the group with this id, and takes every contact out of it.
    RemoveGroup(String),
}

/// A contact as it was (`None` if it was not there), and as it is (`None` if removed).
pub type Changed = (Option<Arc<Contact>>, Option<Arc<Contact>>);

/// What an edit did, and the edits that undo it, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Each contact that changed: as it was (`None` if it was not there), and as it is (`None` if removed).
    pub contacts: Vec<Changed>,
    /// The edits that undo it.
    pub inverse: Vec<Edit>,
    /// What it did, in one line, where the edit of many contacts was given a line of its own.
    pub result: Option<String>,
}

/// Why an edit was refused. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// No contact of that name.
    #[error("no contact {0:?}")]
    NoContact(String),
    /// More than one contact has that before its `@`.
    #[error("{name:?} could be {}: write the whole account", candidates.join(" or "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// Who it could be.
        candidates: Vec<String>,
    },
    /// There already is one.
    #[error("there already is a contact {0:?}")]
    Exists(String),
    /// No group of that id.
    #[error("no group {0:?}")]
    NoGroup(String),
    /// The contacts would take too much memory.
    #[error("the contacts would take more than {} MiB: remove some first", MAX_BYTES >> 20)]
    Full,
    /// Whoever asked has made as much as one may.
    #[error("nobody may make more than {most} {what}")]
    Quota {
        /// Of what.
        what: Rationed,
        /// How many.
        most: usize,
    },
    /// A part of it cannot be sent.
    #[error("{part}: {reason}")]
    Invalid {
        /// Which.
        part: Part,
        /// Why.
        reason: Unfit,
    },
}

/// What stands between the quotation marks of a reason, and they.
fn between_marks(reason: &str) -> Vec<String> {
    let mark = |c| matches!(c, '"' | '\'');
    let quoted = reason.find(mark).zip(reason.rfind(mark));
    let quoted = quoted.map(|(from, to)| reason[from..=to].to_owned());
    quoted.into_iter().collect()
}

impl EditError {
    /// What its text quotes.
    pub fn quoted(&self) -> Vec<String> {
        match self {
            EditError::NoContact(text) | EditError::Exists(text) | EditError::NoGroup(text) => {
                vec![format!("{text:?}")]
            }
            EditError::Ambiguous { name, candidates } => {
                let candidates = candidates.iter().cloned();
                candidates.chain([format!("{name:?}")]).collect()
            }
            EditError::Invalid {
                reason: reason @ Unfit::Pattern { .. },
                ..
            } => vec![reason.to_string()],
            EditError::Invalid { reason, .. } => between_marks(&reason.to_string()),
            EditError::Full | EditError::Quota { .. } => Vec::new(),
        }
    }
}

impl Roster {
    /// A roster of these.
    ///
    /// # Errors
    /// [`EditError`] where two contacts have the same account, a part cannot be sent or a group is missing.
    pub fn new(
        contacts: impl IntoIterator<Item = Contact>,
        groups: impl IntoIterator<Item = Group>,
    ) -> Result<Self, EditError> {
        let mut roster = Self {
            contacts: IndexMap::new(),
            groups: groups.into_iter().collect(),
            bytes: 0,
        };
        for contact in contacts {
            if roster.get(&contact.account).is_some() {
                return Err(EditError::Exists(contact.account));
            }
            roster.apply(Edit::Put {
                contact: Arc::new(contact),
                at: None,
            })?;
        }
        Ok(roster)
    }

    /// The contacts, in order.
    pub fn contacts(&self) -> impl ExactSizeIterator<Item = &Arc<Contact>> {
        self.contacts.values()
    }

    /// The contact at this place.
    pub fn at(&self, index: usize) -> Option<&Arc<Contact>> {
        self.contacts.get_index(index).map(|(_, contact)| contact)
    }

    /// How many contacts there are.
    pub fn len(&self) -> usize {
        self.contacts.len()
    }

    /// Whether there is no contact.
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty()
    }

    /// The groups, in order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The contact with this account, in any case.
    pub fn get(&self, account: &str) -> Option<&Arc<Contact>> {
        // It is asked for thousands at once, nearly all of them in small letters.
        match account.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => self.contacts.get(account.to_ascii_lowercase().as_str()),
            false => self.contacts.get(account),
        }
    }

    /// The contact with this GUID.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Contact>> {
        self.contacts().find(|c| c.id.eq_ignore_ascii_case(id))
    }

    /// The contact with this account, or the only contact with this before its `@`.
    ///
    /// # Errors
    /// [`EditError::NoContact`] or [`EditError::Ambiguous`].
    pub fn find(&self, name: &str) -> Result<&Arc<Contact>, EditError> {
        if let Some(contact) = self.get(name) {
            return Ok(contact);
        }
        let same: Vec<_> = self
            .contacts()
            .filter(|c| {
                c.account
                    .split('@')
                    .next()
                    .is_some_and(|user| user.eq_ignore_ascii_case(name))
            })
            .collect();
        match same.as_slice() {
            [] => Err(EditError::NoContact(name.to_owned())),
            [one] => Ok(one),
            many => Err(EditError::Ambiguous {
                name: name.to_owned(),
                candidates: many.iter().map(|c| c.account.clone()).collect(),
            }),
        }
    }

    /// Makes one change.
    ///
    /// # Errors
    /// [`EditError`]. The roster then stays as it was.
    pub fn apply(&mut self, edit: Edit) -> Result<Applied, EditError> {
        match edit {
            Edit::Put { contact, at } => {
                contact.check()?;
                if let Some(missing) = contact
                    .groups
                    .iter()
                    .find(|id| !self.groups.iter().any(|g| &g.id == *id))
                {
                    return Err(EditError::NoGroup(missing.clone()));
                }
                let key = contact.account.to_ascii_lowercase();
                let was = self.contacts.get(key.as_str()).map_or(0, |c| c.bytes());
                let bytes = self.bytes - was + contact.bytes();
                if bytes > MAX_BYTES && bytes > self.bytes {
                    return Err(EditError::Full);
                }
                self.bytes = bytes;
                let before = match self.contacts.get_mut(key.as_str()) {
                    Some(held) => Some(std::mem::replace(held, contact.clone())),
                    None => {
                        let at = at.unwrap_or(self.contacts.len()).min(self.contacts.len());
                        self.contacts.shift_insert(at, key.into(), contact.clone());
                        None
                    }
                };
                let inverse = match &before {
                    Some(before) => Edit::Put {
                        contact: before.clone(),
                        at: None,
                    },
                    None => Edit::Remove(contact.account.clone()),
                };
                Ok(Applied {
                    contacts: vec![(before, Some(contact))],
                    inverse: vec![inverse],
                    result: None,
                })
            }
            Edit::Remove(account) => {
                let key = account.to_ascii_lowercase();
                let Some((at, _, contact)) = self.contacts.shift_remove_full(key.as_str()) else {
                    return Err(EditError::NoContact(account));
                };
                self.bytes -= contact.bytes();
                Ok(Applied {
                    contacts: vec![(Some(contact.clone()), None)],
                    inverse: vec![Edit::Put {
                        contact,
                        at: Some(at),
                    }],
                    result: None,
                })
            }
            Edit::PutGroup(group) => {
                check_text(Part::GroupName, &group.name, MAX_NAME, false)?;
                let inverse = match self.groups.iter_mut().find(|g| g.id == group.id) {
                    Some(held) => Edit::PutGroup(std::mem::replace(held, group)),
                    None => {
                        let id = group.id.clone();
                        self.groups.push(group);
                        Edit::RemoveGroup(id)
                    }
                };
                Ok(Applied {
                    contacts: Vec::new(),
                    inverse: vec![inverse],
                    result: None,
                })
            }
            Edit::RemoveGroup(id) => {
                let Some(at) = self.groups.iter().position(|g| g.id == id) else {
                    return Err(EditError::NoGroup(id));
                };
                let mut applied = Applied {
                    contacts: Vec::new(),
                    inverse: vec![Edit::PutGroup(self.groups.remove(at))],
                    result: None,
                };
                for held in self.contacts.values_mut() {
                    if held.groups.contains(&id) {
                        let before = held.clone();
                        Arc::make_mut(held).groups.retain(|g| g != &id);
                        self.bytes = self.bytes - before.bytes() + held.bytes();
                        applied.inverse.push(Edit::Put {
                            contact: before.clone(),
                            at: None,
                        });
                        applied.contacts.push((Some(before), Some(held.clone())));
                    }
                }
                Ok(applied)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::Status;

    fn three() -> Roster {
        let group = Group {
            id: uuid::Uuid::nil().to_string(),
            name: "Work".into(),
        };
        let mut b = Contact::new("b@local", None);
        b.groups.push(group.id.clone());
        Roster::new(
            [
                Contact::new("a@local", None),
                b,
                Contact::new("b@other", None),
            ],
            [group],
        )
        .expect("a roster")
    }

    #[test]
    fn every_edit_is_taken_back_by_its_inverse() {
        let start = three();
        let changed = Contact {
            status: Status::Busy,
            ..(**start.get("a@local").expect("a")).clone()
        };
        for edit in [
            Edit::Put {
                contact: Arc::new(changed),
                at: None,
            },
            Edit::Put {
                contact: Arc::new(Contact::new("new@local", None)),
                at: Some(1),
            },
            Edit::Remove("A@LOCAL".into()),
            Edit::PutGroup(Group {
                id: "g".into(),
                name: "Play".into(),
            }),
            Edit::RemoveGroup(uuid::Uuid::nil().to_string()),
        ] {
            let mut roster = start.clone();
            let applied = roster.apply(edit.clone()).expect("applies");
            assert_ne!(roster, start, "{edit:?}");
            for inverse in applied.inverse {
                roster.apply(inverse).expect("takes back");
            }
            assert_eq!(roster, start, "{edit:?}");
            assert!(
                roster.contacts().eq(start.contacts()),
                "order after {edit:?}"
            );
        }
    }

    #[test]
    fn a_refused_edit_changes_nothing() {
        let start = three();
        for bad in [
            Edit::Remove("nobody@local".into()),
            Edit::RemoveGroup("nothing".into()),
            Edit::Put {
                contact: Arc::new(Contact::new("no domain", None)),
                at: None,
            },
            Edit::Put {
                contact: Arc::new(Contact::new("a@b@c", None)),
                at: None,
            },
            Edit::Put {
                contact: Arc::new(Contact::new("x@local", Some("two\nlines".into()))),
                at: None,
            },
        ] {
            let mut roster = start.clone();
            assert!(roster.apply(bad.clone()).is_err(), "{bad:?}");
            assert_eq!(roster, start);
        }
    }

    #[test]
    fn what_the_contacts_take_is_bounded_and_known_after_every_edit() {
        let mut roster = three();
        let sum = |roster: &Roster| roster.contacts().map(|c| c.bytes()).sum::<usize>();
        let group = roster.groups()[0].id.clone();
        let mut large = Contact::new("large@local", None);
        large.groups = vec![group.clone(); 200_000];
        let put = |account: &str| {
            let account = account.to_owned();
            let contact = Contact {
                account,
                ..large.clone()
            };
            let (contact, at) = (Arc::new(contact), None);
            Edit::Put { contact, at }
        };
        let mut held = 0;
        let full = loop {
            match roster.apply(put(&format!("large{held}@local"))) {
                Ok(_) => held += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(full, EditError::Full);
        assert!(held > 5 && sum(&roster) <= MAX_BYTES && roster.bytes == sum(&roster));
        // One that is there already can be changed, one that is gone makes room, and so does a group.
        roster.apply(put("large0@local")).expect("is there already");
        roster
            .apply(Edit::Remove("large0@local".into()))
            .expect("is there");
        roster.apply(put("another@local")).expect("has room now");
        assert_eq!(roster.bytes, sum(&roster));
        roster.apply(Edit::RemoveGroup(group)).expect("is there");
        assert_eq!(roster.bytes, sum(&roster));
        assert!(roster.bytes < MAX_BYTES / 1_000);
    }

    #[test]
    fn a_contact_is_found_by_what_is_before_the_at_if_that_is_one() {
        let roster = three();
        assert_eq!(roster.find("a").map(|c| c.account.as_str()), Ok("a@local"));
        assert!(matches!(roster.find("b"), Err(EditError::Ambiguous { .. })));
        assert_eq!(
            roster.find("B@Other").map(|c| c.account.as_str()),
            Ok("b@other")
        );
        assert!(matches!(roster.find("c"), Err(EditError::NoContact(_))));
    }
}
