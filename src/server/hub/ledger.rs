//! What clients made of the roster: how much of it each may make, and how to take it back.
//!
//! A ledger keeps each contact and group as it was before a client first touched it, and nothing of what the client added and
//! removed again. So it is at most as long as the roster, however often the client changes things.

use crate::event::ClientId;
use crate::roster::{Applied, Contact, Edit, EditError, Group, Rationed, Roster};
use crate::server::shares::share_of;
use indexmap::IndexMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Who asked for a change over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The client, where that is known.
    pub client: Option<ClientId>,
    /// From where it came.
    pub address: IpAddr,
}

/// Why the roster changes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause {
    /// The operator wants it so, and can take it back.
    Operator,
    /// The operator takes a change back, which is no change to be taken back in turn.
    Undo,
    /// A client asked for it.
    Client(Author),
    /// A contact does so by its behaviour.
    Itself,
    /// The demonstration shows it.
    Demo,
}

impl From<Option<Author>> for Cause {
    fn from(by: Option<Author>) -> Self {
        by.map_or(Self::Operator, Self::Client)
    }
}

impl Cause {
    /// The client that asked for it, where that is known.
    pub fn client(self) -> Option<ClientId> {
        match self {
            Self::Client(author) => author.client,
            _ => None,
        }
    }
}

/// How much one may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Quota {
    contacts: usize,
    groups: usize,
    /// How often a contact is put into a group.
    members: usize,
    /// Contacts and groups that it changes at all.
    touched: usize,
}

/// A client. The real service took 600 contacts and 30 groups of an account.
const CLIENT: Quota = Quota {
    contacts: 1_000,
    groups: 100,
    members: 5_000,
    touched: 10_000,
};
/// All clients of an address, those that are gone as well.
const ADDRESS: Quota = Quota {
    contacts: 2_000,
    groups: 200,
    members: 10_000,
    touched: 20_000,
};
/// All clients.
const ALL: Quota = Quota {
    contacts: 5_000,
    groups: 1_000,
    members: 20_000,
    // Beyond so many the oldest are forgotten.
    touched: usize::MAX,
};
/// The most contacts and groups of which is kept how they were.
const KEPT: usize = 40_000;

/// What all clients made.
#[derive(Debug, Default)]
pub(super) struct Ledger(IndexMap<Who, Page>);

/// Whose page it is. Requests of which the client is not known are one of their address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Client(ClientId),
    Address(IpAddr),
}

/// What one made.
#[derive(Debug)]
struct Page {
    address: IpAddr,
    /// By account in small letters: the contact before, and where it stood if it was removed.
    contacts: IndexMap<String, Option<Before>>,
    /// By id: the group before.
    groups: IndexMap<String, Option<Group>>,
    made: Made,
}

#[derive(Debug, Clone)]
struct Before {
    contact: Arc<Contact>,
    at: Option<usize>,
}

/// What one added, without what it took away again.
#[derive(Debug, Clone, Copy, Default)]
struct Made {
    contacts: usize,
    groups: usize,
    members: usize,
    touched: usize,
}

impl Made {
    fn and(self, other: Self) -> Self {
        Self {
            contacts: self.contacts + other.contacts,
            groups: self.groups + other.groups,
            members: self.members + other.members,
            touched: self.touched + other.touched,
        }
    }

    /// Which bound of a quota this passes, and what the bound is.
    fn beyond(self, quota: Quota) -> Option<(Rationed, usize)> {
        [
            (self.contacts, quota.contacts, Rationed::Contacts),
            (self.groups, quota.groups, Rationed::Groups),
            (self.members, quota.members, Rationed::Members),
            (self.touched, quota.touched, Rationed::Touched),
        ]
        .into_iter()
        .find(|(made, most, _)| made > most)
        .map(|(_, most, what)| (what, most))
    }

    /// Whether something of it is more than it was.
    fn grew(self, before: Self) -> bool {
        self.contacts > before.contacts
            || self.groups > before.groups
            || self.members > before.members
            || self.touched > before.touched
    }
}

impl Page {
    fn new(address: IpAddr) -> Self {
        Self {
            address,
            contacts: IndexMap::new(),
            groups: IndexMap::new(),
            made: Made::default(),
        }
    }

    /// What will have been made after this; `roster` is what it is then.
    fn after(&self, applied: &Applied, roster: &Roster) -> Made {
        let mut made = self.made;
        let there = |id: &str| roster.groups().iter().any(|group| group.id == id);
        for inverse in &applied.inverse {
            // Whether it is touched for the first time, whether it was added, and whether what it added is gone.
            let (is_new, adds, is_gone, count) = match inverse {
                Edit::Put { contact, .. } => {
                    let key = contact.account.to_ascii_lowercase();
                    let held = self.contacts.get(&key);
                    let is_gone = matches!(held, Some(None)) && roster.get(&key).is_none();
                    (held.is_none(), false, is_gone, &mut made.contacts)
                }
                Edit::Remove(account) => {
                    let held = self.contacts.get(&account.to_ascii_lowercase());
                    (held.is_none(), true, false, &mut made.contacts)
                }
                Edit::PutGroup(group) => {
                    let held = self.groups.get(&group.id);
                    let is_gone = matches!(held, Some(None)) && !there(&group.id);
                    (held.is_none(), false, is_gone, &mut made.groups)
                }
                Edit::RemoveGroup(id) => {
                    let held = self.groups.get(id);
                    (held.is_none(), true, false, &mut made.groups)
                }
            };
            *count += usize::from(is_new && adds);
            *count -= usize::from(is_gone).min(*count);
            made.touched += usize::from(is_new);
            made.touched -= usize::from(is_gone).min(made.touched);
        }
        let groups =
            |contact: &Option<Arc<Contact>>| contact.as_ref().map_or(0, |c| c.groups.len());
        for (was, is) in &applied.contacts {
            made.members = (made.members + groups(is)).saturating_sub(groups(was));
        }
        made
    }

    /// Notes what was done, by the edits that take it back; `roster` is what it is then.
    fn note(&mut self, applied: &Applied, roster: &Roster) {
        for inverse in &applied.inverse {
            match inverse {
                Edit::Put { contact, at } => {
                    let key = contact.account.to_ascii_lowercase();
                    let (contact, at) = (contact.clone(), *at);
                    let held = self.contacts.entry(key.clone());
                    let held = held.or_insert(Some(Before { contact, at }));
                    if held.is_none() && roster.get(&key).is_none() {
                        self.contacts.swap_remove(&key);
                    }
                }
                Edit::Remove(account) => {
                    let key = account.to_ascii_lowercase();
                    self.contacts.entry(key).or_insert(None);
                }
                Edit::PutGroup(group) => {
                    let held = self.groups.entry(group.id.clone());
                    let is_there = roster.groups().iter().any(|g| g.id == group.id);
                    if held.or_insert_with(|| Some(group.clone())).is_none() && !is_there {
                        self.groups.swap_remove(&group.id);
                    }
                }
                Edit::RemoveGroup(id) => {
                    self.groups.entry(id.clone()).or_insert(None);
                }
            }
        }
    }
}

impl Ledger {
    /// Notes what an author did, if that is within its quota. `roster` is what it is then.
    ///
    /// # Errors
    /// [`EditError::Quota`]; nothing is noted then.
    pub(super) fn keep(
        &mut self,
        author: Author,
        applied: &Applied,
        roster: &Roster,
    ) -> Result<(), EditError> {
        let address = share_of(author.address);
        let who = author.client.map_or(Who::Address(address), Who::Client);
        let page = self.0.entry(who).or_insert_with(|| Page::new(address));
        let before = page.made;
        page.made = page.after(applied, roster);
        let made = page.made;
        let of = |wanted: Option<IpAddr>| {
            let pages = self.0.values();
            let pages = pages.filter(|page| wanted.is_none_or(|address| page.address == address));
            pages.fold(Made::default(), |sum, page| sum.and(page.made))
        };
        // An edit that only takes away is never refused.
        let beyond = made.grew(before).then(|| {
            made.beyond(CLIENT)
                .or_else(|| of(Some(address)).beyond(ADDRESS))
                .or_else(|| of(None).beyond(ALL))
        });
        let beyond = beyond.flatten();
        if let Some(page) = self.0.get_mut(&who) {
            match beyond {
                Some(_) => page.made = before,
                None => page.note(applied, roster),
            }
        }
        self.make_room(who);
        match beyond {
            Some((what, most)) => Err(EditError::Quota { what, most }),
            None => Ok(()),
        }
    }

    /// The clients that made something.
    pub(super) fn makers(&self) -> Vec<ClientId> {
        let clients = self.0.keys().filter_map(|who| match who {
            Who::Client(client) => Some(*client),
            Who::Address(_) => None,
        });
        clients.collect()
    }

    /// How to take back what this client made; `None` where that is nothing.
    pub(super) fn undone(&self, client: ClientId, roster: &Roster) -> Option<Vec<Edit>> {
        let page = self.0.get(&Who::Client(client))?;
        let mut edits = Vec::new();
        let held = |id: &str| roster.groups().iter().find(|group| group.id == id);
        for before in page.groups.values().flatten() {
            if held(&before.id) != Some(before) {
                edits.push(Edit::PutGroup(before.clone()));
            }
        }
        // The groups that will be there: its own go.
        let stays = |id: &String| match page.groups.get(id) {
            Some(before) => before.is_some(),
            None => held(id).is_some(),
        };
        for (account, before) in &page.contacts {
            match (roster.get(account), before) {
                (None, None) => {}
                (Some(is), None) => edits.push(Edit::Remove(is.account.clone())),
                (is, Some(Before { contact, at })) => {
                    let mut groups = contact.groups.clone();
                    groups.retain(stays);
                    // What the operator made of it meanwhile stays.
                    // One that went and was added anew is another contact, and nothing of it was the operator's.
                    let shown = is.filter(|is| is.id == contact.id).unwrap_or(contact);
                    let again = Contact {
                        network: contact.network,
                        name: contact.name.clone(),
                        lists: contact.lists,
                        messenger_user: contact.messenger_user,
                        groups,
                        ..Contact::clone(shown)
                    };
                    if is.is_none_or(|is| **is != again) {
                        let contact = Arc::new(again);
                        edits.push(Edit::Put { contact, at: *at });
                    }
                }
            }
        }
        for (id, before) in &page.groups {
            if before.is_none() && held(id).is_some() {
                edits.push(Edit::RemoveGroup(id.clone()));
            }
        }
        (!edits.is_empty()).then_some(edits)
    }

    /// What this client made was taken back.
    pub(super) fn forget(&mut self, client: ClientId) {
        self.0.shift_remove(&Who::Client(client));
    }

    /// The oldest cannot be taken back any more, where there is too much to remember; what they added counts on.
    fn make_room(&mut self, who: Who) {
        let mut touched: usize = self.0.values().map(|page| page.made.touched).sum();
        for (other, page) in &mut self.0 {
            if touched <= KEPT {
                break;
            }
            if *other != who {
                touched -= page.made.touched;
                page.made.touched = 0;
                page.contacts = IndexMap::new();
                page.groups = IndexMap::new();
            }
        }
        self.0.retain(|_, page| {
            let Made {
                contacts,
                groups,
                members,
                touched,
            } = page.made;
            contacts + groups + members + touched > 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Clock, EventSink};
    use crate::msnp::Status;
    use crate::msnp::adl::Lists;
    use crate::server::book::{BookError, Change, Who as Whom};
    use crate::server::hub::Hub;
    use proptest::prelude::*;

    fn hub() -> Hub {
        let (events, _) = EventSink::new(Clock::start());
        Hub::new(Roster::shipped().expect("the shipped roster"), events)
    }

    fn author(client: u64, last: u8) -> Author {
        Author {
            client: (client > 0).then_some(ClientId(client)),
            address: [10, 0, 0, last].into(),
        }
    }

    fn adds(account: String) -> Change {
        Change::Put {
            who: Whom::Account(account),
            network: 1,
            name: None,
            list: Lists::FORWARD,
            also: Lists::default(),
            group: None,
            both: true,
        }
    }

    /// How many are taken until it is refused.
    fn taken(hub: &Hub, author: Author, name: &str) -> usize {
        for n in 0.. {
            let change = adds(format!("{name}{n}@x"));
            match hub.keep("me@local", &change, author) {
                Ok(_) => {}
                Err(BookError::Edit(EditError::Quota { what, .. })) => {
                    assert_eq!(what, Rationed::Contacts);
                    return n;
                }
                Err(BookError::Full) => return n,
                Err(error) => panic!("{error}"),
            }
        }
        0
    }

    #[test]
    fn a_client_and_an_address_add_so_many_and_whoever_takes_away_may_add_again() {
        let hub = hub();
        assert_eq!(taken(&hub, author(1, 1), "a"), CLIENT.contacts);
        assert_eq!(
            taken(&hub, author(2, 1), "b"),
            ADDRESS.contacts - CLIENT.contacts
        );
        assert_eq!(taken(&hub, author(0, 1), "c"), 0, "of the address");
        assert_eq!(taken(&hub, author(3, 2), "d"), CLIENT.contacts);
        let take = |n: usize| Change::Take {
            who: Whom::Account(format!("a{n}@x")),
            list: Lists::FORWARD,
        };
        let reverse = |n: usize| Change::Take {
            who: Whom::Account(format!("a{n}@x")),
            list: Lists::REVERSE,
        };
        for n in 0..3 {
            for change in [take(n), reverse(n)] {
                hub.keep("me@local", &change, author(1, 1)).expect("goes");
            }
        }
        assert_eq!(taken(&hub, author(1, 1), "e"), 3);
    }

    #[test]
    fn what_a_client_made_is_taken_back_as_one_step_and_brought_back_as_one() {
        let hub = hub();
        let before = hub.roster();
        for n in 0..20 {
            let change = adds(format!("new{n}@x"));
            hub.keep("me@local", &change, author(1, 1))
                .expect("is added");
        }
        let group = Change::AddGroup {
            name: "Mine".into(),
            most: 30,
        };
        let group = hub.keep("me@local", &group, author(1, 1)).expect("is made");
        let which = crate::server::book::Which::Id(group.group.expect("a group").id);
        for change in [
            Change::Into(Whom::Account("busy@local".into()), which),
            Change::Rename(Whom::Account("away@local".into()), "Gone".into()),
        ] {
            hub.keep("me@local", &change, author(1, 1))
                .expect("is changed");
        }
        // Somebody else's stays, and so does what the operator made of one of its own.
        hub.keep("me@local", &adds("other@x".into()), author(2, 1))
            .expect("is added");
        hub.change("busy", None, |c| c.status = Status::Idle)
            .expect("changes");
        let after = hub.roster();
        let undone = hub.undo_client(ClientId(1)).expect("something");
        undone.expect("is taken back");
        let now = hub.roster();
        assert_eq!(now.len(), before.len() + 1);
        assert_eq!(now.groups(), before.groups());
        let busy = now.get("busy@local").expect("is there");
        assert_eq!((busy.status, busy.groups.len()), (Status::Idle, 0));
        assert_eq!(now.get("away@local"), before.get("away@local"));
        assert!(hub.undo_client(ClientId(1)).is_none(), "once");
        // It is one change of the operator's, which can itself be taken back.
        hub.undo().expect("something").expect("is taken back");
        let again = hub.roster();
        assert_eq!(again.len(), after.len());
        assert_eq!(again.groups(), after.groups());
        assert!(
            after
                .contacts()
                .all(|contact| again.get(&contact.account) == Some(contact))
        );
    }

    proptest! {
        #[test]
        fn whatever_one_client_does_is_taken_back(
            steps in proptest::collection::vec((0usize..6, 0usize..6, 0usize..3), 0..40)
        ) {
            let hub = hub();
            let before = hub.roster();
            let names = ["busy@local", "away@local", "n0@x", "n1@x", "n2@x", "online@local"];
            for (what, whom, group) in steps {
                let who = Whom::Account(names[whom].into());
                let roster = hub.roster();
                let id = roster.groups().get(group).map(|g| g.id.clone()).unwrap_or_default();
                let which = crate::server::book::Which::Id(id);
                let change = match what {
                    0 => adds(names[whom].into()),
                    1 => Change::Take { who, list: [Lists::FORWARD, Lists::ALLOW, Lists::REVERSE][group] },
                    2 => Change::AddGroup { name: format!("g{group}"), most: 30 },
                    3 => Change::Into(who, which),
                    4 => Change::RemoveGroup(which),
                    _ => Change::Rename(who, format!("name {group}")),
                };
                let _ = hub.keep("me@local", &change, author(1, 1));
            }
            if let Some(undone) = hub.undo_client(ClientId(1)) {
                undone.expect("is taken back");
            }
            let now = hub.roster();
            prop_assert_eq!(now.len(), before.len());
            for contact in before.contacts() {
                prop_assert_eq!(now.get(&contact.account), Some(contact));
            }
            let ids = |roster: &Roster| {
                let mut ids: Vec<_> = roster.groups().to_vec();
                ids.sort_by(|a, b| a.id.cmp(&b.id));
                ids
            };
            prop_assert_eq!(ids(&now), ids(&before));
        }
    }
}
