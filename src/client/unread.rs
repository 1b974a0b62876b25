//! What a client cannot read in what a server tells it of contacts.

use crate::msnp::object::ObjectError;
use crate::msnp::personal::UuxError;

/// Why a client passes over a line of presence or a personal message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// ILN at a dialect that has none.
    #[error("in this dialect everybody who is there is told by NLN")]
    Iln,
    /// ILN without a transaction id.
    #[error("an ILN has a transaction id after its verb")]
    NoTransaction,
    /// Nothing stands behind the verb.
    #[error("it says nothing")]
    Nothing,
    /// No status.
    #[error("it has no status")]
    NoStatus,
    /// A status that nobody is seen with.
    #[error("{0:?} is no status to be seen with")]
    Status(String),
    /// The line ends behind the account.
    #[error("it has no friendly name and capabilities")]
    Short,
    /// A payload of UBX about the user's own endpoints.
    #[error("its payload is about the user's own endpoints")]
    Endpoints,
    /// A payload of UBX that cannot be read.
    #[error(transparent)]
    Payload(#[from] UuxError),
    /// No account.
    #[error("it names no contact")]
    NoContact,
    /// The network should stand before the account.
    #[error("no network is joined to the account")]
    NotJoined,
    /// The network stands before the account, and should not.
    #[error("a network is joined to the account")]
    Joined,
    /// The network stands before the account, and should stand behind it.
    #[error("the network is joined to the account; it should be a token of its own")]
    NotSeparate,
    /// It is no account.
    #[error("{0:?} is no account")]
    Account(String),
    /// The network should stand behind the account.
    #[error("no network id follows the account")]
    NoNetwork,
    /// Capabilities in another form than the dialect has.
    #[error("the capabilities {given:?} are not {due}")]
    Capabilities {
        /// As they stand there.
        given: String,
        /// The form that is due.
        due: &'static str,
    },
    /// More words than the dialect has.
    #[error("it has more than status, account, name and capabilities")]
    Long,
    /// An object without what makes one.
    #[error("its msnobj says nothing")]
    BareObject,
    /// An object that cannot be read.
    #[error("its msnobj cannot be read: {0}")]
    Object(#[from] ObjectError),
    /// No object.
    #[error("it has no msnobj")]
    NoObject,
    /// There are too many contacts.
    #[error("the window has no room for more contacts")]
    TooMany,
    /// The texts of the contacts are too long.
    #[error("the window has no room for longer texts")]
    TooLong,
}

/// Why the lists that follow SYN cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadLists {
    /// The answer to SYN has no counts.
    #[error("SYN does not say how many contacts and groups follow")]
    NoCounts,
    /// The answer to SYN has versions alone.
    #[error("SYN announces no contacts: it calls the lists unchanged")]
    Unchanged,
    /// More lines of this verb came than SYN announced.
    #[error("more {0} came than SYN announced")]
    More(&'static str),
    /// An LST whose account is none.
    #[error("LST names {0:?}, which is no account")]
    Account(String),
    /// An LST without an account.
    #[error("an LST names no account")]
    NoAccount,
    /// An LST without lists.
    #[error("an LST does not say as a number which lists the contact is on")]
    NoLists,
    /// An LST without a network, at a dialect that has one there.
    #[error("an LST names no network after the lists")]
    NoNetwork,
}
