//! The contacts as the service has told of them, the cursor among them, and which are marked.
//! The cursor is an account, not a row: contacts come and go around it.

use crate::event::{Became, ContactChange, Timestamp};
use crate::roster::{self, Contact, Group, Roster};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Contacts {
    held: IndexMap<String, Arc<Contact>>,
    /// What they take.
    bytes: usize,
    /// The groups.
    pub groups: Vec<Group>,
    cursor: Option<String>,
    marks: BTreeSet<String>,
    told: IndexMap<String, (usize, Timestamp)>,
    /// In which row a contact that was removed stood: an undo puts it there again.
    gone: BTreeMap<String, usize>,
}

/// The most that are remembered of those that were removed.
const MOST_GONE: usize = 10_000;

fn key(account: &str) -> String {
    account.to_ascii_lowercase()
}

impl Contacts {
    /// Takes the whole roster.
    pub fn set(&mut self, roster: &Roster) {
        self.held = roster
            .contacts()
            .map(|c| (key(&c.account), c.clone()))
            .collect();
        self.bytes = self.held.values().map(|c| c.bytes()).sum();
        self.groups = roster.groups().to_vec();
        self.marks.retain(|m| self.held.contains_key(m));
        self.told.clear();
        self.gone.clear();
        if self.selected().is_none() {
            self.cursor = self.held.keys().next().cloned();
        }
    }

    /// Forgets all of them; cursor and marks stay for when they come again.
    pub fn forget(&mut self) {
        self.held.clear();
        self.bytes = 0;
        self.groups.clear();
        self.told.clear();
    }

    /// Takes one change. Says whether there was room: a recording from a hostile hand may add any number, each of
    /// which a service would have refused.
    pub fn change(&mut self, change: &ContactChange, time: Timestamp) -> bool {
        let name = key(&change.contact.account);
        let was = self.held.get(&name).map_or(0, |c| c.bytes());
        if change.change == Became::Removed {
            let at = self.held.get_index_of(&name);
            self.held.shift_remove(&name);
            if let (Some(at), true) = (at, self.gone.len() < MOST_GONE) {
                self.gone.insert(name.clone(), at);
            }
            self.bytes -= was;
            self.marks.remove(&name);
            self.told.shift_remove(&name);
            if self.cursor.as_ref() == Some(&name) {
                // The one that has taken its place, or the last.
                let at = at.unwrap_or(0).min(self.held.len().saturating_sub(1));
                self.cursor = self.held.get_index(at).map(|(k, _)| k.clone());
            }
            return true;
        }
        let bytes = self.bytes - was + change.contact.bytes();
        if bytes > roster::MAX_BYTES {
            return false;
        }
        self.bytes = bytes;
        match self.gone.remove(&name).filter(|_| was == 0) {
            Some(at) => {
                let at = at.min(self.held.len());
                let contact = change.contact.clone();
                self.held.shift_insert(at, name.clone(), contact);
            }
            None => drop(self.held.insert(name.clone(), change.contact.clone())),
        }
        self.told.insert(name.clone(), (change.told, time));
        if self.cursor.is_none() {
            self.cursor = Some(name);
        }
        true
    }

    /// All, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Contact>> {
        self.held.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The one with this account, in any case.
    pub fn get(&self, account: &str) -> Option<&Arc<Contact>> {
        self.held.get(&key(account))
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<&Arc<Contact>> {
        self.cursor.as_ref().and_then(|c| self.held.get(c))
    }

    /// Its row.
    pub fn row(&self) -> usize {
        self.cursor
            .as_ref()
            .and_then(|c| self.held.get_index_of(c))
            .unwrap_or(0)
    }

    /// Moves the cursor by this many rows.
    pub fn step(&mut self, by: isize) {
        self.go(self.row().saturating_add_signed(by));
    }

    /// Moves the cursor to this row, or to the last.
    pub fn go(&mut self, row: usize) {
        let row = row.min(self.held.len().saturating_sub(1));
        self.cursor = self.held.get_index(row).map(|(k, _)| k.clone());
    }

    /// Whether it is marked.
    pub fn is_marked(&self, account: &str) -> bool {
        self.marks.contains(&key(account))
    }

    /// How many are marked.
    pub fn marked(&self) -> usize {
        self.marks.len()
    }

    /// Marks the one under the cursor, or takes its mark.
    pub fn toggle_mark(&mut self) {
        if let Some(name) = self.selected().map(|c| key(&c.account))
            && !self.marks.remove(&name)
        {
            self.marks.insert(name);
        }
    }

    /// Marks all, or where all are marked none.
    pub fn mark_all(&mut self) {
        if self.marks.len() == self.held.len() {
            self.marks.clear();
        } else {
            self.marks = self.held.keys().cloned().collect();
        }
    }

    /// Takes every mark. Says whether there was one.
    pub fn clear_marks(&mut self) -> bool {
        !std::mem::take(&mut self.marks).is_empty()
    }

    /// The accounts that a key works on: the marked ones, or the one under the cursor.
    pub fn chosen(&self) -> Vec<String> {
        if self.marks.is_empty() {
            return self
                .selected()
                .map(|c| c.account.clone())
                .into_iter()
                .collect();
        }
        self.held
            .iter()
            .filter(|(name, _)| self.marks.contains(*name))
            .map(|(_, c)| c.account.clone())
            .collect()
    }

    /// How many clients were told of its last change, and when.
    pub fn told(&self, account: &str) -> Option<(usize, Timestamp)> {
        self.told.get(&key(account)).copied()
    }

    /// The name of a group.
    pub fn group_name(&self, id: &str) -> Option<&str> {
        self.groups
            .iter()
            .find(|g| g.id == id)
            .map(|g| g.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_undo_brings_back_stands_where_it_stood() {
        let mut contacts = Contacts::default();
        let of = |account: &&str, change| ContactChange {
            change,
            contact: Arc::new(Contact::new(*account, None)),
            by: None,
            told: 0,
        };
        let all = ["a@local", "b@local", "c@local"];
        let time = Timestamp(1);
        let names = |contacts: &Contacts| -> Vec<String> {
            contacts.iter().map(|c| c.account.clone()).collect()
        };
        for account in &all {
            assert!(contacts.change(&of(account, Became::Added), time));
        }
        assert!(contacts.change(&of(&"b@local", Became::Removed), time));
        assert!(contacts.change(&of(&"b@local", Became::Added), time));
        assert_eq!(names(&contacts), all);
        // All of them: an undo begins with the last.
        for account in &all {
            assert!(contacts.change(&of(account, Became::Removed), time));
        }
        for account in all.iter().rev() {
            assert!(contacts.change(&of(account, Became::Added), time));
        }
        assert_eq!(names(&contacts), all);
    }

    #[test]
    fn contacts_beyond_what_a_service_takes_are_not_listed_and_one_that_goes_makes_room() {
        let mut contacts = Contacts::default();
        let mut large = Contact::new("large@local", None);
        large.groups = vec!["g".repeat(36); 200_000];
        let of = |n: usize, change| ContactChange {
            change,
            contact: Arc::new(Contact {
                account: format!("large{n}@local"),
                ..large.clone()
            }),
            by: None,
            told: 0,
        };
        let time = Timestamp(1);
        let mut n = 0;
        while contacts.change(&of(n, Became::Added), time) {
            n += 1;
        }
        assert!(n > 5 && contacts.len() == n && contacts.bytes <= roster::MAX_BYTES);
        assert!(
            contacts.change(&of(0, Became::Groups), time),
            "it is listed already"
        );
        assert!(contacts.change(&of(0, Became::Removed), time));
        assert!(
            contacts.change(&of(n, Became::Added), time),
            "there is room now"
        );
        assert_eq!(contacts.len(), n);
    }
}
