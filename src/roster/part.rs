//! What an edit is refused for: the part of a contact that cannot be sent, or the thing of which one has made too many.

use std::fmt;

rows! {
    /// A part of a contact or of a group. Its `Display` is its name in a sentence.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Part {
        /// Its name in a sentence.
        fn words;
        /// The key under which it stands in a contact file.
        pub(super) fn key;
    }
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

rows! {
    /// What one author may make only a number of. Its `Display` is its name in a sentence.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Rationed {
        /// Its name in a sentence.
        fn words;
    }
    /// Contacts.
    Contacts "contacts";
    /// Groups.
    Groups "groups";
    /// Members of groups.
    Members "members of groups";
    /// Contacts and groups that were there before and are changed.
    Touched "changed contacts and groups";
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl fmt::Display for Rationed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
