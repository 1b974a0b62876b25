//! The contacts that the service pretends to have. One roster serves every account; what is
//! the account's own is its [`Me`].
//!
//! A roster is a value: snapshots share their contacts, and a change is an [`Edit`] that is applied
//! whole or not at all and can be undone by its inverse.

mod accounts;
mod disk;
mod files;
mod load;
mod reader;
mod rewrite;

pub use accounts::Accounts;
pub use files::{SaveError, Saved, Store};
pub use load::{LoadErrors, Mistake};

use crate::msnp::Status;
use crate::msnp::adl::Lists;
use crate::msnp::personal::Personal;
use crate::msnp::presence::Presence;
use indexmap::IndexMap;
use std::sync::Arc;

/// The capability bits that the article's service gave to every contact.
pub const CAPABILITIES: u32 = 1_085_276_192;
/// The extended ones, as the article's client gave them for itself.
pub const EXTENDED: u32 = 131_088;
/// The least MSN object that the Mac takes; without one it shows nobody (the article).
pub const MSNOBJ: &str = "<msnobj/>";
/// Network id of a Passport account.
pub const PASSPORT: u8 = 1;

/// Longest account that is taken, in bytes, as the real service had it.
pub const MAX_ACCOUNT: usize = 129;
/// Longest friendly name that is taken, in bytes before encoding. The real service took 387 after it.
pub const MAX_NAME: usize = 1_024;
/// Longest personal message or media that is taken, in bytes.
pub const MAX_TEXT: usize = 8 * 1024;

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its GUID, lower case with hyphens, as SOAP gives it.
    pub id: String,
    /// Its account, such as `busy@local`. Unique whatever its case.
    pub account: String,
    /// Its network id; 1 is Passport.
    pub network: u8,
    /// Its friendly name.
    pub name: String,
    /// What it shows itself as.
    pub status: Status,
    /// Its personal message and media.
    pub personal: Personal,
    /// Its capability bits.
    pub capabilities: u32,
    /// Its extended capability bits.
    pub extended: u32,
    /// Its MSN object, XML and not encoded; may be empty, and then the Mac does not show it.
    pub msnobj: String,
    /// The lists it is on, as FindMembership and ABFindAll give them.
    pub lists: Lists,
    /// The GUIDs of the groups it is in.
    pub groups: Vec<String>,
    /// Whether ABFindAll says that it uses Messenger; real clients show presence only then.
    pub messenger_user: bool,
}

impl Contact {
    /// A contact as a newly added one is: offline, on the forward, allow and reverse lists.
    pub fn new(account: impl Into<String>, name: Option<String>) -> Self {
        let account = account.into();
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            name: name.unwrap_or_else(|| account.clone()),
            account,
            network: PASSPORT,
            status: Status::Offline,
            personal: Personal::default(),
            capabilities: CAPABILITIES,
            extended: EXTENDED,
            msnobj: MSNOBJ.into(),
            lists: Lists(Lists::FORWARD.0 | Lists::ALLOW.0 | Lists::REVERSE.0),
            groups: Vec::new(),
            messenger_user: true,
        }
    }

    /// What is said of it on the wire.
    pub fn presence(&self) -> Presence<'_> {
        Presence {
            status: self.status,
            account: &self.account,
            network: self.network,
            name: &self.name,
            capabilities: self.capabilities,
            extended: self.extended,
            msnobj: &self.msnobj,
        }
    }

    /// The 64-bit number by which SOAP knows it: made from the account, so it stays the same.
    pub fn cid(&self) -> i64 {
        cid(&self.account)
    }

    /// Refuses what could not be sent in a frame.
    ///
    /// # Errors
    /// [`EditError::Invalid`] with the field and the reason.
    pub fn check(&self) -> Result<(), EditError> {
        check_account(&self.account)?;
        check_text("name", &self.name, MAX_NAME, false)?;
        check_text("personal message", &self.personal.message, MAX_TEXT, true)?;
        check_text("media", &self.personal.media, MAX_TEXT, true)?;
        check_text("msnobj", &self.msnobj, MAX_TEXT, false)?;
        if uuid::Uuid::try_parse(&self.id).is_err() {
            return invalid("id", format!("{:?} is not a GUID", self.id));
        }
        Ok(())
    }
}

/// See [`Contact::cid`].
pub fn cid(account: &str) -> i64 {
    // FNV-1a: any stable spread over 64 bits will do, and the sign is kept off for old clients.
    let hash = account
        .bytes()
        .map(|b| b.to_ascii_lowercase())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    (hash >> 1) as i64
}

/// Refuses an account that could not stand as one argument of a line.
///
/// # Errors
/// [`EditError::Invalid`] with the reason.
pub fn check_account(account: &str) -> Result<(), EditError> {
    let mut parts = account.split('@');
    let two = matches!((parts.next(), parts.next(), parts.next()), (Some(a), Some(b), None) if !a.is_empty() && !b.is_empty());
    if !two && !account.starts_with("tel:") {
        return invalid(
            "account",
            format!("{account:?} is not of the form user@domain"),
        );
    }
    if account.len() > MAX_ACCOUNT {
        return invalid("account", format!("longer than {MAX_ACCOUNT} bytes"));
    }
    if let Some(c) = account.chars().find(|c| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '&' | ';' | ',' | '%')
    }) {
        return invalid("account", format!("{c:?} cannot stand in an account"));
    }
    Ok(())
}

fn check_text(field: &'static str, text: &str, most: usize, lines: bool) -> Result<(), EditError> {
    if text.len() > most {
        return invalid(field, format!("longer than {most} bytes"));
    }
    // XML 1.0 has no way to write other control characters, and a name is one line.
    match text.chars().find(|c| {
        (c.is_control() && !(lines && matches!(c, '\n' | '\t' | '\r')))
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    }) {
        Some(c) => invalid(field, format!("{c:?} cannot stand in it")),
        None => Ok(()),
    }
}

fn invalid<T>(field: &'static str, reason: String) -> Result<T, EditError> {
    Err(EditError::Invalid { field, reason })
}

/// A group of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its GUID.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What an account that signs in has of its own. In memory only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The account.
    pub account: String,
    /// Its friendly name, by PRP; the account at first.
    pub name: String,
    /// Its personal message and media, by UUX.
    pub personal: Personal,
    /// Its privacy default, by BLP: `AL` or `BL`.
    pub privacy: String,
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
        }
    }
}

/// All contacts and groups, in the order of their file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roster {
    /// By account in lower case. Every change is made on a copy, so keys are shared too.
    contacts: IndexMap<Arc<str>, Arc<Contact>>,
    groups: Vec<Group>,
}

/// One change of a roster.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Adds the contact (at this place, or at the end), or puts it in place of the one with its account.
    Put {
        /// The contact, whole.
        contact: Arc<Contact>,
        /// Where a new one goes.
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

/// What an edit did, and the edits that take it back, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Each contact that changed: as it was (`None` if it was not there), and as it is (`None` if removed).
    pub contacts: Vec<Changed>,
    /// Takes it back.
    pub inverse: Vec<Edit>,
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
    /// A field that could not be sent.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// Why.
        reason: String,
    },
}

impl Roster {
    /// A roster of these.
    ///
    /// # Errors
    /// [`EditError`] where two contacts share an account, a field is not sendable or a group is missing.
    pub fn new(
        contacts: impl IntoIterator<Item = Contact>,
        groups: impl IntoIterator<Item = Group>,
    ) -> Result<Self, EditError> {
        let mut roster = Self {
            contacts: IndexMap::new(),
            groups: groups.into_iter().collect(),
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

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty()
    }

    /// The groups, in order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The contact with this account, in any case.
    pub fn get(&self, account: &str) -> Option<&Arc<Contact>> {
        self.contacts.get(account.to_ascii_lowercase().as_str())
    }

    /// The contact with this GUID.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Contact>> {
        self.contacts().find(|c| c.id.eq_ignore_ascii_case(id))
    }

    /// The contact with this account, or the only one that has this before its `@`.
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
    /// [`EditError`]; the roster is then as it was.
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
                })
            }
            Edit::Remove(account) => {
                let key = account.to_ascii_lowercase();
                let Some((at, _, contact)) = self.contacts.shift_remove_full(key.as_str()) else {
                    return Err(EditError::NoContact(account));
                };
                Ok(Applied {
                    contacts: vec![(Some(contact.clone()), None)],
                    inverse: vec![Edit::Put {
                        contact,
                        at: Some(at),
                    }],
                })
            }
            Edit::PutGroup(group) => {
                check_text("group name", &group.name, MAX_NAME, false)?;
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
                })
            }
            Edit::RemoveGroup(id) => {
                let Some(at) = self.groups.iter().position(|g| g.id == id) else {
                    return Err(EditError::NoGroup(id));
                };
                let mut applied = Applied {
                    contacts: Vec::new(),
                    inverse: vec![Edit::PutGroup(self.groups.remove(at))],
                };
                for held in self.contacts.values_mut() {
                    if held.groups.contains(&id) {
                        let before = held.clone();
                        Arc::make_mut(held).groups.retain(|g| g != &id);
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
