//! What is told of the contacts of the roster.

use super::{ClientId, Newer};
use crate::roster::Contact;
use std::sync::Arc;

/// What became of a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactChange {
    /// What changed.
    pub change: Became,
    /// The contact as it is now; as it was, where it was removed.
    pub contact: Arc<Contact>,
    /// Who changed it: the operator, or a client over SOAP or the notification service.
    pub by: Option<ClientId>,
    /// How many signed-in clients are being told.
    pub told: usize,
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

            /// The change of this name; `None` where it can be none.
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
    /// More than one of these.
    Replaced "replaced";
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
