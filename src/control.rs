//! What the operator asks of the server. The names, arguments and help of commands are in
//! [`command`](crate::command); here is only what the server can do.

use crate::event::{ClientId, CommandId, ReplyData};
use crate::msnp::{Dialects, Shape, Status};
use crate::roster::{Contact, Manner, Side};

/// A command on its way to the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Its number.
    pub id: CommandId,
    /// What is to be done.
    pub action: Action,
}

/// Which clients a command means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// These.
    Clients(Vec<ClientId>),
    /// All that are connected.
    All,
    /// Those of this account, or of the one with this before its `@`.
    Account(String),
}

/// What a contact does towards a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Talk {
    /// It calls it to a conversation.
    Ring,
    /// It says this.
    Say(String),
    /// It types.
    Typing,
    /// It nudges.
    Nudge,
    /// It shows the picture of a file for a shortcut, in these words.
    Emoticon {
        /// The shortcut.
        shortcut: String,
        /// The file: a picture.
        file: String,
        /// The words with the shortcut; the shortcut alone if none.
        words: Option<String>,
    },
    /// It winks with the animation of this file.
    Wink(String),
    /// It sends the handwriting of this file.
    Ink(String),
    /// It calls somebody else into their conversation: a contact, or whoever is signed in with this account.
    Invite(String),
    /// It leaves their conversation.
    Leave,
}

/// The word that means every contact. It is no account, since an account has an `@`.
pub const EVERY_CONTACT: &str = "all";

/// The outcome of a command that does not go to the service: whoever read it says what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Whether it was done.
    pub ok: bool,
    /// A sentence.
    pub text: String,
    /// What it gave back.
    pub data: ReplyData,
}

/// What the server can be asked to do. Contacts are named by account, or by what stands before its
/// `@` where only one contact has that.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Contacts show themselves as this.
    Status {
        /// Which.
        contacts: Vec<String>,
        /// As what.
        status: Status,
    },
    /// The personal message of contacts.
    PersonalMessage {
        /// Whose.
        contacts: Vec<String>,
        /// The text; empty takes it away.
        text: String,
    },
    /// What contacts listen to.
    Media {
        /// Whose.
        contacts: Vec<String>,
        /// The text, in the form of `CurrentMedia`; empty takes it away.
        media: String,
    },
    /// The friendly name of a contact.
    Name {
        /// Whose.
        contact: String,
        /// The name.
        name: String,
    },
    /// Adds a contact.
    Add {
        /// Its account.
        account: String,
        /// Its friendly name; the account if none.
        name: Option<String>,
    },
    /// Removes contacts.
    Remove {
        /// Which.
        contacts: Vec<String>,
    },
    /// Puts a whole contact in place of the one with the same account.
    Replace(Box<Contact>),
    /// Takes the last change of the roster by the operator back.
    Undo,
    /// Takes everything back that clients made of the roster.
    UndoClient {
        /// Which; those named by number, and all, may have left.
        clients: Target,
    },
    /// Sends a frame that the operator wrote.
    Send {
        /// To whom.
        to: Target,
        /// As typed: the command, and after the first line break its payload.
        text: String,
        /// Checked and completed, or exactly these bytes.
        checked: bool,
    },
    /// A contact does something in a conversation with clients; to say something it rings first where there is none.
    Talk {
        /// Who.
        contact: String,
        /// With whom.
        to: Target,
        /// What.
        what: Talk,
    },
    /// How a contact behaves in conversations by itself.
    Behave {
        /// Which.
        contact: String,
        /// How.
        manner: Manner,
    },
    /// Asks a client for its picture.
    Picture {
        /// Which client: one.
        client: Target,
        /// Where it is saved; nowhere if none.
        file: Option<String>,
    },
    /// Asks a client for an emoticon or a wink that it has shown.
    Fetch {
        /// Which client: one.
        client: Target,
        /// By what name it was shown: the shortcut of the emoticon, `wink` or `voice`.
        name: String,
        /// Where it is saved; nowhere if none.
        file: Option<String>,
    },
    /// Takes the oldest file that a client offers a contact, and saves it.
    Accept {
        /// Which client: one.
        client: Target,
        /// Where; under its own name in the folder at hand if none.
        file: Option<String>,
    },
    /// Refuses the oldest file that a client offers a contact.
    Refuse {
        /// Which client: one.
        client: Target,
    },
    /// Lists the conversations.
    Conversations,
    /// From now on clients are answered in that shape.
    Shape {
        /// Which.
        clients: Target,
        /// How.
        shape: Shape,
    },
    /// Sends a challenge to clients.
    Challenge {
        /// To whom.
        to: Target,
    },
    /// From now on these dialects are served; where none are named, it is said which are.
    Dialects(Option<Dialects>),
    /// Closes clients' connections.
    Kick {
        /// Which.
        clients: Target,
    },
    /// Answers a command that the server does not carry out. It is answered in its turn, so that answers come in the
    /// order of the commands.
    Answer(Box<Answer>),
    /// Lists the clients.
    Clients,
    /// Lists the contacts.
    Contacts,
    /// Starts another built-in client.
    Demo,
    /// Built-in clients whose sign-in is paced take their remaining steps at once.
    Hurry,
    /// Writes the roster to its files.
    Save {
        /// Whose value stands where another program has changed the same field.
        side: Option<Side>,
    },
    /// Ends the service: `OUT SSD` to every client.
    Quit,
}
