//! Edits of the lists and of an account's settings, as SOAP and the verbs of the notification service both make them:
//! what is asked for, what it changes of the roster, and why it is refused.
//!
//! Nothing here changes anything: [`plan`] says which [`Edit`]s do, and the hub makes them.

use crate::event::Sentence;
use crate::msnp::adl::Lists;
use crate::roster::{Contact, Edit, EditError, Group, Me, Roster};
use std::sync::Arc;

/// The most contacts that clients can add to a roster.
const MOST: usize = 5_000;
/// The longest name of a group, in bytes, as the real service had it.
pub const MAX_GROUP_NAME: usize = 61;

/// Which contact is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The one with this account.
    Account(String),
    /// The one with this GUID.
    Id(String),
}

/// Which group is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one with this number; 0 is for contacts that are in none.
    Number(usize),
    /// The one with this GUID.
    Id(String),
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A contact comes onto a list. One that the roster does not have becomes a contact of it.
    Put {
        /// Who.
        who: Who,
        /// Its network, where it is new.
        network: u8,
        /// Its name, where it is new.
        name: Option<String>,
        /// Onto which list.
        list: Lists,
        /// Other lists that it comes onto at the same time.
        also: Lists,
        /// The group that it comes into at the same time, which may be so when it is on the list already.
        group: Option<Which>,
        /// Whether it may be on the allow and the block list at once. The address book takes that.
        both: bool,
    },
    /// A contact goes off a list. One that is on none any more leaves the roster.
    Take {
        /// Who.
        who: Who,
        /// Off which list.
        list: Lists,
    },
    /// A contact comes into a group.
    Into(Who, Which),
    /// A contact goes out of a group.
    OutOf(Who, Which),
    /// A contact has another name.
    Rename(Who, String),
    /// A new group.
    AddGroup {
        /// Its name.
        name: String,
        /// The most groups that there may be.
        most: usize,
    },
    /// A group has another name.
    RenameGroup(Which, String),
    /// A group goes; its contacts are in it no more.
    RemoveGroup(Which),
    /// The account's own settings change.
    Own(Own),
}

/// A note from one client to others (UUN).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// To whom: an account, or one place of it, `me@local;{guid}`.
    pub to: String,
    /// Its type.
    pub kind: String,
    /// What it says.
    pub payload: Vec<u8>,
}

/// What an account sets of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Own {
    /// Its friendly name.
    Name(String),
    /// Its privacy default, `AL` or `BL`.
    Privacy(String),
    /// Whether it is asked when somebody adds it, `A` or `N`.
    Notice(String),
    /// Another property of PRP.
    Property(&'static str, String),
}

impl Own {
    /// Sets it.
    pub fn set(&self, me: &mut Me) {
        match self {
            Own::Name(name) => me.name.clone_from(name),
            Own::Privacy(privacy) => me.privacy.clone_from(privacy),
            Own::Notice(notice) => me.notice.clone_from(notice),
            Own::Property(key, value) => {
                me.properties.insert(key, value.clone());
                me.properties.retain(|_, value| !value.is_empty());
            }
        }
    }
}

/// Why an edit of the lists was refused. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// It is on that list.
    #[error("{account} is on the list {list} already")]
    OnList {
        /// Who.
        account: String,
        /// Which list.
        list: Lists,
        /// The contact's GUID.
        id: String,
    },
    /// It is not on that list.
    #[error("{account} is not on the list {list}")]
    NotOnList {
        /// Who.
        account: String,
        /// Which list.
        list: Lists,
    },
    /// It is on the block list and would come onto the allow list, or the reverse.
    #[error("{account} is on the opposite list {list}: it goes off that one first")]
    Opposite {
        /// Who.
        account: String,
        /// Which list it is on.
        list: Lists,
    },
    /// There is no such contact.
    #[error("no contact {0:?}")]
    NoContact(String),
    /// There are too many contacts.
    #[error("the roster has {MOST} contacts already")]
    Full,
    /// There is no such group.
    #[error("no group {0:?}")]
    NoGroup(String),
    /// There is a group of that name.
    #[error("there already is a group {name:?}")]
    GroupExists {
        /// The name.
        name: String,
        /// Its GUID.
        id: String,
    },
    /// There are too many groups.
    #[error("there are {0} groups already")]
    GroupsFull(usize),
    /// The name of a group is too long.
    #[error("the name of a group has at most {MAX_GROUP_NAME} bytes, and this one {0}")]
    GroupName(usize),
    /// Group 0 is no group of its own.
    #[error("group 0 is for contacts that are in no group, and stays as it is")]
    GroupZero,
    /// It is in that group.
    #[error("{0} is in that group already")]
    InGroup(String),
    /// It is not in that group.
    #[error("{0} is not in that group")]
    NotInGroup(String),
    /// The roster does not take it.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl BookError {
    /// Its text, which knows what it quotes.
    pub(crate) fn sentence(&self) -> Sentence {
        let quoted = match self {
            BookError::OnList { account, .. }
            | BookError::NotOnList { account, .. }
            | BookError::Opposite { account, .. }
            | BookError::InGroup(account)
            | BookError::NotInGroup(account) => vec![account.clone()],
            BookError::NoContact(text) | BookError::NoGroup(text) => vec![format!("{text:?}")],
            BookError::GroupExists { name, .. } => vec![format!("{name:?}")],
            BookError::Edit(error) => error.quoted(),
            BookError::Full
            | BookError::GroupsFull(_)
            | BookError::GroupName(_)
            | BookError::GroupZero => Vec::new(),
        };
        Sentence::quoting(self.to_string(), &quoted)
    }
}

/// The numbers by which MSNP8 and 9 know groups. A group keeps its number while the program runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers(Vec<Option<String>>);

impl Numbers {
    /// Gives the roster's new groups numbers, the lowest that are free, and takes those of groups that are gone away.
    pub fn follow(&mut self, roster: &Roster) {
        for held in &mut self.0 {
            if held
                .as_ref()
                .is_some_and(|id| !roster.groups().iter().any(|group| group.id == *id))
            {
                *held = None;
            }
        }
        for group in roster.groups() {
            if self.of(&group.id).is_some() {
                continue;
            }
            match self.0.iter_mut().find(|held| held.is_none()) {
                Some(free) => *free = Some(group.id.clone()),
                None => self.0.push(Some(group.id.clone())),
            }
        }
    }

    /// The number of the group with this GUID.
    pub fn of(&self, id: &str) -> Option<usize> {
        let at = self.0.iter().position(|held| held.as_deref() == Some(id));
        at.map(|at| at + 1)
    }

    fn group(&self, number: usize) -> Option<&str> {
        self.0.get(number.checked_sub(1)?)?.as_deref()
    }
}

/// What a change comes to.
#[derive(Debug, Default)]
pub struct Plan {
    /// The edits of the roster. There are none where it is so already.
    pub edits: Vec<Edit>,
    /// The account of the contact that it is about.
    pub account: Option<String>,
    /// The group that it is about.
    pub group: Option<Group>,
}

/// What came of a change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// The version of the lists from then on.
    pub version: u32,
    /// The contact as it is then.
    pub contact: Option<Arc<Contact>>,
    /// The group as it is then, or was.
    pub group: Option<Group>,
    /// Its number.
    pub number: Option<usize>,
}

/// All that is synchronised with a client up to MSNP12.
#[derive(Debug, Clone)]
pub struct Synchronised {
    /// The contacts and groups.
    pub roster: Arc<Roster>,
    /// The numbers of the groups.
    pub numbers: Arc<Numbers>,
    /// What the account has of its own.
    pub me: Me,
    /// The version of all that.
    pub version: u32,
}

/// The edits that a change comes to. What an account has of its own is not in the roster.
///
/// # Errors
/// [`BookError`].
pub fn plan(roster: &Roster, numbers: &Numbers, change: &Change) -> Result<Plan, BookError> {
    let about = |contact: &Contact, edits| Plan {
        edits,
        account: Some(contact.account.clone()),
        group: None,
    };
    match change {
        Change::Put {
            who,
            network,
            name,
            list,
            also,
            group,
            both,
        } => {
            let mut contact = match (find(roster, who), who) {
                (Ok(held), _) if group.is_some() && held.lists.contains(*list) => {
                    return into_group(roster, numbers, held, group.as_ref());
                }
                (Ok(held), _) => onto(held, *list, *also, *both)?,
                (Err(_), Who::Account(account)) => {
                    invented(roster, account, *network, name.as_ref(), *list, *also)?
                }
                (Err(error), Who::Id(_)) => return Err(error),
            };
            if let Some(which) = group
                && let Some(group) = find_group(roster, numbers, which)?
            {
                contact.groups = vec![group.id];
            }
            Ok(about(&contact.clone(), vec![put(contact)]))
        }
        Change::Take { who, list } => {
            let held = find(roster, who)?;
            if !held.lists.contains(*list) {
                return Err(BookError::NotOnList {
                    account: held.account.clone(),
                    list: *list,
                });
            }
            let mut contact = Contact::clone(held);
            contact.lists = contact.lists.without(*list);
            if *list == Lists::FORWARD {
                contact.groups.clear();
            }
            let edit = match contact.lists == Lists::default() {
                true => Edit::Remove(contact.account.clone()),
                false => put(contact),
            };
            Ok(about(held, vec![edit]))
        }
        Change::Into(who, which) => into_group(roster, numbers, own(roster, who)?, Some(which)),
        Change::OutOf(who, which) => {
            let (held, group) = (own(roster, who)?, find_group(roster, numbers, which)?);
            let Some(group) = group else {
                // It left that one when it came into another, or it stays.
                return Ok(about(held, Vec::new()));
            };
            if !held.groups.contains(&group.id) {
                return Err(BookError::NotInGroup(held.account.clone()));
            }
            let mut contact = Contact::clone(held);
            contact.groups.retain(|id| *id != group.id);
            Ok(Plan {
                group: Some(group),
                ..about(held, vec![put(contact)])
            })
        }
        Change::Rename(who, name) => {
            let held = find(roster, who)?;
            let mut contact = Contact::clone(held);
            contact.name.clone_from(name);
            Ok(about(held, vec![put(contact)]))
        }
        Change::AddGroup { name, most } => {
            free(roster, name, None)?;
            if roster.groups().len() >= *most {
                return Err(BookError::GroupsFull(*most));
            }
            let group = Group {
                id: uuid::Uuid::new_v4().to_string(),
                name: name.clone(),
            };
            Ok(of_group(group.clone(), Edit::PutGroup(group)))
        }
        Change::RenameGroup(which, name) => {
            let held = find_group(roster, numbers, which)?.ok_or(BookError::GroupZero)?;
            free(roster, name, Some(&held.id))?;
            let group = Group {
                id: held.id,
                name: name.clone(),
            };
            Ok(of_group(group.clone(), Edit::PutGroup(group)))
        }
        Change::RemoveGroup(which) => {
            let held = find_group(roster, numbers, which)?.ok_or(BookError::GroupZero)?;
            Ok(of_group(held.clone(), Edit::RemoveGroup(held.id)))
        }
        Change::Own(_) => Ok(Plan::default()),
    }
}

/// The contact, in this group as well.
fn into_group(
    roster: &Roster,
    numbers: &Numbers,
    held: &Contact,
    which: Option<&Which>,
) -> Result<Plan, BookError> {
    let group = which
        .map(|which| find_group(roster, numbers, which))
        .transpose()?
        .flatten();
    let is_in = match &group {
        Some(group) => held.groups.contains(&group.id),
        None => held.groups.is_empty(),
    };
    if is_in {
        return Err(BookError::InGroup(held.account.clone()));
    }
    let mut contact = held.clone();
    match &group {
        Some(group) => contact.groups.push(group.id.clone()),
        // A contact is in group 0 if it is in no other.
        None => contact.groups.clear(),
    }
    Ok(Plan {
        edits: vec![put(contact)],
        account: Some(held.account.clone()),
        group,
    })
}

fn put(contact: Contact) -> Edit {
    Edit::Put {
        contact: Arc::new(contact),
        at: None,
    }
}

fn of_group(group: Group, edit: Edit) -> Plan {
    Plan {
        edits: vec![edit],
        account: None,
        group: Some(group),
    }
}

/// The contact, on these lists as well.
fn onto(held: &Contact, list: Lists, also: Lists, both: bool) -> Result<Contact, BookError> {
    if held.lists.contains(list) {
        return Err(BookError::OnList {
            account: held.account.clone(),
            list,
            id: held.id.clone(),
        });
    }
    let opposite = match list {
        Lists::ALLOW => Lists::BLOCK,
        Lists::BLOCK => Lists::ALLOW,
        _ => Lists::default(),
    };
    if !both && opposite != Lists::default() && held.lists.contains(opposite) {
        return Err(BookError::Opposite {
            account: held.account.clone(),
            list: opposite,
        });
    }
    let mut contact = held.clone();
    contact.lists = contact.lists.with(list).with(also);
    Ok(contact)
}

/// A contact that the roster does not have yet.
fn invented(
    roster: &Roster,
    account: &str,
    network: u8,
    name: Option<&String>,
    list: Lists,
    also: Lists,
) -> Result<Contact, BookError> {
    if roster.len() >= MOST {
        return Err(BookError::Full);
    }
    let mut contact = Contact::new(account, name.cloned());
    contact.network = network;
    contact.lists = list.with(also);
    if list == Lists::FORWARD {
        // An invented contact has the account on its own list, too.
        contact.lists = contact.lists.with(Lists::REVERSE);
    }
    Ok(contact)
}

/// The contact that is meant.
///
/// # Errors
/// [`BookError::NoContact`].
pub fn find<'a>(roster: &'a Roster, who: &Who) -> Result<&'a Arc<Contact>, BookError> {
    let (found, named) = match who {
        Who::Account(account) => (roster.get(account), account),
        Who::Id(id) => (roster.by_id(id), id),
    };
    found.ok_or_else(|| BookError::NoContact(named.clone()))
}

/// The contact that is meant, which has to be on the forward list.
fn own<'a>(roster: &'a Roster, who: &Who) -> Result<&'a Arc<Contact>, BookError> {
    let held = find(roster, who)?;
    match held.lists.contains(Lists::FORWARD) {
        true => Ok(held),
        false => Err(BookError::NotOnList {
            account: held.account.clone(),
            list: Lists::FORWARD,
        }),
    }
}

/// The group that is meant; `None` is group 0.
fn find_group(
    roster: &Roster,
    numbers: &Numbers,
    which: &Which,
) -> Result<Option<Group>, BookError> {
    let (id, named) = match which {
        Which::Number(0) => return Ok(None),
        Which::Number(number) => (numbers.group(*number), number.to_string()),
        Which::Id(id) => (Some(id.as_str()), id.clone()),
    };
    let found = roster
        .groups()
        .iter()
        .find(|group| id.is_some_and(|id| group.id.eq_ignore_ascii_case(id)));
    found.cloned().map(Some).ok_or(BookError::NoGroup(named))
}

/// Refuses a name that is too long, or that another group has.
fn free(roster: &Roster, name: &str, but: Option<&str>) -> Result<(), BookError> {
    if name.len() > MAX_GROUP_NAME {
        return Err(BookError::GroupName(name.len()));
    }
    let other = roster
        .groups()
        .iter()
        .find(|group| group.name == name && Some(group.id.as_str()) != but);
    match other {
        Some(group) => Err(BookError::GroupExists {
            name: name.to_owned(),
            id: group.id.clone(),
        }),
        None => Ok(()),
    }
}
