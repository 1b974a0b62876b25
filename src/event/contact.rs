//! What is told of contacts: the roster at the start, and each change.

use super::table::{Bad, Form, Is, Kept, Sink, Source, Told, write_list};
use super::{ClientId, Newer};
use crate::msnp::Status;
use crate::msnp::adl::Lists;
use crate::msnp::personal::Personal;
use crate::roster::manner::NAMES;
use crate::roster::{Contact, Group, Manner, Phones, Roster};
use serde::{Serialize as _, Serializer};
use std::fmt::{self, Write as _};
use std::sync::Arc;

fields! {
    /// What became of a contact.
    #[derive(Debug, Clone, PartialEq)]
    pub struct ContactChange {
        /// What changed.
        pub change: Became,
        /// The contact as it is now; where it was removed, as it was.
        pub contact: Arc<Contact>,
        /// The client that changed it; null where the operator did.
        pub by: Option<ClientId>,
        /// The number of signed-in clients that are told of it.
        pub told: usize,
    }
}

impl Told for ContactChange {
    fn tell(&self, out: &mut String) -> fmt::Result {
        let contact = &self.contact;
        let value = match &self.change {
            Became::Status | Became::Drift => contact.status.name(),
            Became::Personal => &contact.personal.message,
            Became::Media => &contact.personal.media,
            Became::Name => &contact.name,
            Became::Behaviour => contact.manner.name(),
            _ => "",
        };
        match &self.change {
            Became::Drift => write!(out, "{} (the demo) status", contact.account)?,
            became => write!(out, "{} {}", contact.account, became.name())?,
        }
        if !value.is_empty() {
            write!(out, ": {value}")?;
        }
        if let Some(by) = self.by {
            write!(out, ", by client {by}")?;
        }
        write!(out, "; {} told", self.told)
    }
}

macro_rules! changes {
    ($($(#[doc = $doc:literal])* $change:ident $name:literal;)*) => {
        /// What changed of a contact.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Became {
            $($(#[doc = $doc])* $change,)*
            /// Something that a newer nudge told of.
            Newer(Newer),
        }

        impl Became {
            /// All that have a name here.
            pub const ALL: &[Became] = &[$(Became::$change),*];

            /// Its name in JSON and recordings.
            pub fn name(&self) -> &str {
                match self {
                    $(Became::$change => $name,)*
                    Became::Newer(newer) => newer.name(),
                }
            }

            /// The change of this name; `None` where the text can be no name.
            pub fn read(name: &str) -> Option<Self> {
                Some(match name {
                    $($name => Became::$change,)*
                    _ => Became::Newer(Newer::read(name)?),
                })
            }
        }
    };
}

changes! {
    /// Its status.
    Status "status";
    /// Its personal message.
    Personal "personal-message";
    /// What it listens to.
    Media "media";
    /// Its friendly name.
    Name "name";
    /// The lists that it is on.
    Lists "lists";
    /// The groups that it is in.
    Groups "groups";
    /// How it behaves in conversations.
    Behaviour "behaviour";
    /// It is new.
    Added "added";
    /// It is gone.
    Removed "removed";
    /// Its status changed by itself: a contact of the demonstration comes and goes.
    Drift "drift";
    /// More than one of these.
    Replaced "replaced";
}

named!(Became name = Became::ALL);

// Recordings have some fields of a contact in another order than JSON. Those stand here twice, as `kept` and as `shown`.
fields! {
    /// A contact.
    for Contact as "contact" |contact| {
        kept id: String = contact.id,
        /// Its account.
        pub account: String = contact.account,
        /// Its GUID.
        shown id: String = contact.id,
        kept network: u8 = contact.network,
        /// Its friendly name.
        pub name: String = contact.name,
        /// Its status.
        pub status: Status = contact.status,
        /// Its personal message.
        pub message "personal_message": String = contact.personal.message,
        /// What it listens to, in the form of CurrentMedia.
        pub media: String = contact.personal.media,
        /// Of `forward`, `allow`, `block`, `reverse`, `pending`.
        shown lists: Lists = contact.lists,
        /// The ids of its groups.
        shown groups: Vec<String> = contact.groups,
        /// 1 is Passport.
        shown network: u8 = contact.network,
        /// Capability bits.
        pub capabilities: u32 = contact.capabilities,
        /// Extended capability bits.
        pub extended: u32 = contact.extended,
        /// Its MSN object.
        pub msnobj: String = contact.msnobj,
        kept lists: Lists = contact.lists,
        kept groups: Vec<String> = contact.groups,
        /// Whether the address book says that it uses Messenger.
        pub messenger_user: bool = contact.messenger_user,
        // Not recorded are its picture, which its object describes, its phone numbers, which BPR carries, and how it behaves,
        // which concerns the service alone.
        /// How it behaves in conversations by itself: `silent`, `echo`, `away`, `reply` or `schedule`; an exported recording says
        /// `silent`.
        shown behaviour: Manner = contact.manner,
    }
    read {
        let contact = Contact {
            id,
            account,
            network,
            name,
            status,
            personal: Personal { message, media },
            capabilities,
            extended,
            msnobj,
            lists,
            groups,
            messenger_user,
            picture: None,
            manner: Manner::default(),
            phones: Phones::default(),
        };
        match contact.check() {
            Ok(()) => Ok(contact),
            Err(_) => Err("a contact that cannot be"),
        }
    }, at most u32::MAX
}

fields! {
    /// A group of contacts.
    for Group as "group" |group| {
        /// Its GUID.
        pub id: String = group.id,
        /// Its name.
        pub name: String = group.name,
    }
    read Ok(Group { id, name })
}

impl Form for Lists {
    type Of = Lists;
    const IS: Is = Is::List(&Is::Text);

    fn show<S: Serializer>(value: &Lists, _: bool, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(value.words())
    }
}

impl Kept for Lists {
    type Of = Lists;
    const LEAST: usize = 1;

    fn write(value: &Lists, to: &mut impl Sink) {
        to.u8(value.0);
    }

    fn read(from: &mut impl Source) -> Result<Lists, Bad> {
        from.u8().map(Lists)
    }
}

impl Form for Manner {
    type Of = Manner;
    const IS: Is = Is::OneOf(|| NAMES.to_vec());

    fn show<S: Serializer>(value: &Manner, _: bool, to: S) -> Result<S::Ok, S::Error> {
        value.name().serialize(to)
    }
}

fields! {
    for Roster, |roster| {
        /// The contacts, in order.
        shown contacts: Vec<Arc<Contact>> = roster.contacts().cloned().collect(),
        /// The groups.
        shown groups: Vec<Group> = roster.groups().to_vec(),
    }
}

/// Comparisons of group ids that one roster may cost: as many as 10,000 contacts in a hundred groups each.
const MAX_GROUP_WORK: usize = 100_000_000;

impl Kept for Roster {
    type Of = Roster;
    const LEAST: usize = 8;

    fn write(roster: &Roster, to: &mut impl Sink) {
        write_list::<Group>(roster.groups().iter(), to);
        write_list::<Arc<Contact>>(roster.contacts(), to);
    }

    fn read(from: &mut impl Source) -> Result<Roster, Bad> {
        let groups = Vec::<Group>::read(from)?;
        let contacts = Vec::<Contact>::read(from)?;
        let named: usize = contacts.iter().map(|contact| contact.groups.len()).sum();
        if named.saturating_mul(groups.len()) > MAX_GROUP_WORK {
            return Err("a roster with more groups than can be");
        }
        Roster::new(contacts, groups).map_err(|_| "a roster that cannot be")
    }
}

impl Told for Roster {
    fn tell(&self, out: &mut String) -> fmt::Result {
        write!(out, "a roster of {} contacts", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_read_back_from_its_name() {
        for change in Became::ALL {
            assert_eq!(Became::read(change.name()).as_ref(), Some(change));
        }
        let newer = Became::read("of-next-year").expect("a name");
        assert_eq!(newer.name(), "of-next-year");
        assert_eq!(Became::read("no name"), None);
    }
}
