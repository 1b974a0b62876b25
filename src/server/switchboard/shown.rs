//! What clients have shown of their own in conversations: emoticons, winks and voice clips, each by its object. Nothing of it
//! is fetched before somebody asks.

use crate::event::ClientId;
use crate::msnp::object::Written;
use std::collections::{HashMap, VecDeque};

/// The most objects of a client that are remembered; the oldest goes.
pub const MOST_OF_CLIENT: usize = 64;
/// Bytes of the objects that are remembered of all clients; beyond it the oldest goes of the client that has most.
pub const MOST_OF_ALL: usize = 1024 * 1024;

/// One of a client's.
#[derive(Debug)]
struct One {
    name: String,
    written: Written,
}

impl One {
    /// Its bytes, about: the text, and what was read of it.
    fn size(&self) -> usize {
        size_of::<Self>() + self.name.len() + 2 * self.written.xml.len()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Shown {
    of: HashMap<ClientId, VecDeque<One>>,
    /// Bytes of all.
    held: usize,
}

impl Shown {
    /// A client shows something by this name, in place of what it showed by the same. Gives back how many others are
    /// forgotten for it.
    pub(super) fn put(&mut self, client: ClientId, name: String, written: Written) -> usize {
        let own = self.of.entry(client).or_default();
        if let Some(at) = own.iter().position(|one| one.name == name)
            && let Some(old) = own.remove(at)
        {
            self.held -= old.size();
        }
        let one = One { name, written };
        self.held += one.size();
        own.push_back(one);
        let mut forgotten = 0;
        if own.len() > MOST_OF_CLIENT {
            forgotten += self.drop_oldest(client);
        }
        while self.held > MOST_OF_ALL {
            let most = self.of.iter().max_by_key(|(_, all)| all.len());
            let Some(most) = most.map(|(client, _)| *client) else {
                break;
            };
            forgotten += self.drop_oldest(most);
        }
        forgotten
    }

    fn drop_oldest(&mut self, client: ClientId) -> usize {
        let oldest = self.of.get_mut(&client).and_then(VecDeque::pop_front);
        self.held -= oldest.as_ref().map_or(0, One::size);
        usize::from(oldest.is_some())
    }

    /// What a client showed last by this name.
    pub(super) fn find(&self, client: ClientId, name: &str) -> Option<&Written> {
        let own = self.of.get(&client)?;
        own.iter()
            .find(|one| one.name == name)
            .map(|one| &one.written)
    }

    /// The names of all that a client has shown, the oldest first.
    pub(super) fn names(&self, client: ClientId) -> Vec<String> {
        let own = self.of.get(&client).into_iter().flatten();
        own.map(|one| one.name.clone()).collect()
    }

    /// A client is gone.
    pub(super) fn forget(&mut self, client: ClientId) {
        let own = self.of.remove(&client).into_iter().flatten();
        self.held -= own.map(|one| one.size()).sum::<usize>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::object::{EMOTICON, MsnObject};

    fn written(name: &str) -> Written {
        MsnObject::of(EMOTICON, "me@local", (name, ""), b"x").into()
    }

    #[test]
    fn a_name_is_shown_anew_and_what_is_remembered_is_bounded_of_each_and_of_all() {
        let mut shown = Shown::default();
        let name = |number: usize| format!(":{number}:");
        let (one, other) = (ClientId(1), ClientId(2));
        for number in 0..MOST_OF_CLIENT {
            assert_eq!(shown.put(one, name(number), written("a")), 0);
        }
        assert_eq!(shown.put(one, name(0), written("b")), 0);
        assert_eq!(shown.find(one, ":0:"), Some(&written("b")));
        assert_eq!(shown.put(one, name(MOST_OF_CLIENT), written("a")), 1);
        assert_eq!(shown.find(one, ":1:"), None, "the oldest went");
        assert_eq!(shown.names(one).len(), MOST_OF_CLIENT);
        shown.forget(one);
        assert_eq!((shown.held, shown.names(one).len()), (0, 0));

        // One that shows little keeps it, whatever the others show.
        shown.put(other, name(0), written("a"));
        for client in 3..200 {
            for number in 0..MOST_OF_CLIENT {
                shown.put(ClientId(client), name(number), written(&"x".repeat(500)));
                assert!(shown.held <= MOST_OF_ALL);
            }
        }
        assert_eq!(shown.find(other, ":0:"), Some(&written("a")));
    }
}
