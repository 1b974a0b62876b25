//! What an edit is refused for: the part of a contact that cannot be sent, or the thing of which one has made too many.

use std::fmt;

macro_rules! parts {
    ($($(#[doc = $doc:literal])+ $part:ident $words:literal $key:literal;)*) => {
        /// A part of a contact or of a group. Its `Display` is its name in a sentence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Part {
            $($(#[doc = $doc])+ $part,)*
        }

        impl Part {
            /// The key under which it stands in a contact file.
            pub(super) fn key(self) -> &'static str {
                match self {
                    $(Part::$part => $key,)*
                }
            }
        }

        impl fmt::Display for Part {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Part::$part => $words,)*
                })
            }
        }
    };
}

// Its name in a sentence; its key in a file.
parts! {
    /// The account.
    Account "account" "account";
    /// The id, a GUID.
    Id "id" "id";
    /// The friendly name.
    Name "name" "name";
    /// The personal message.
    Message "personal message" "personal-message";
    /// What it listens to.
    Media "media" "media";
    /// The MSN object of its picture.
    Object "msnobj" "msnobj";
    /// The phone at home.
    PhoneHome "phone home" "phone-home";
    /// The phone at work.
    PhoneWork "phone work" "phone-work";
    /// The mobile phone.
    PhoneMobile "phone mobile" "phone-mobile";
    /// How it behaves in a conversation.
    Behaviour "behaviour" "behaviour";
    /// What it answers to.
    Reply "reply" "behaviour";
    /// What it does at set times.
    Schedule "schedule" "behaviour";
    /// The name of a group.
    GroupName "group name" "name";
}

/// What one author may make only a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rationed {
    /// Contacts.
    Contacts,
    /// Groups.
    Groups,
    /// Members of groups.
    Members,
    /// Contacts and groups that were there before and are changed.
    Touched,
}

impl fmt::Display for Rationed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rationed::Contacts => "contacts",
            Rationed::Groups => "groups",
            Rationed::Members => "members of groups",
            Rationed::Touched => "changed contacts and groups",
        })
    }
}
