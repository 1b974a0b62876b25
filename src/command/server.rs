//! The commands of the service.

use super::{Arg, Kind, Scope, Spec, Values};
use crate::control::{Action, Answer, Talk};
use crate::event::ReplyData;
use crate::roster::manner::{self, Rules};
use crate::roster::{EditError, Manner, Side};
use std::sync::Arc;

const CONTACTS: Arg = Arg::new("CONTACT", Kind::Contacts);
const CONTACT: Arg = Arg::new("CONTACT", Kind::Contact);
const CLIENTS: Arg = Arg::new("CLIENT", Kind::Clients);

/// A contact does something towards clients.
fn talk(mut values: Values, what: Talk) -> Option<Action> {
    Some(Action::Talk {
        contact: values.text()?,
        to: values.target()?,
        what,
    })
}

/// A contact behaves in this way from now on.
fn behave(mut values: Values) -> Option<Action> {
    let (contact, name) = (values.text()?, values.text()?);
    let said = values.text().unwrap_or_else(|| "I am not here".into());
    let manner = match name.as_str() {
        "silent" => Manner::Silent,
        "echo" => Manner::Echo,
        "away" => Manner::Away(said),
        "schedule" => match said.parse() {
            Ok(schedule) => Manner::Schedule(Arc::new(schedule)),
            Err(error) => {
                let answer = Answer {
                    ok: false,
                    text: EditError::to_string(&error),
                    data: ReplyData::None,
                };
                return Some(Action::Answer(Box::new(answer)));
            }
        },
        _ => Manner::Reply(Arc::new(Rules::always(said))),
    };
    Some(Action::Behave { contact, manner })
}

/// What the service can be asked to do, with or without a console.
pub const SERVER: &[Spec] = specs! {
    "status" [CONTACTS, Arg::new("STATUS", Kind::Status)]
        "Shows contacts as this"
        more "Every signed-in client is told: NLN, or FLN for hidden and offline."
        example "status busy,away@local lunch"
        keys [
            Contacts "o" "online" Run "status {contacts} online",
            Contacts "b" "busy" Run "status {contacts} busy",
            Contacts "i" "idle" Run "status {contacts} idle",
            Contacts "a" "away" Run "status {contacts} away",
            Contacts "r" "be right back" Run "status {contacts} brb",
            Contacts "u" "lunch" Run "status {contacts} lunch",
            Contacts "p" "phone" Run "status {contacts} phone",
            Contacts "h" "hidden" Run "status {contacts} hidden",
            Contacts "x" "offline" Run "status {contacts} offline"
        ]
        does Scope::Server(|mut v| Some(Action::Status { contacts: v.words()?, status: v.status()? }));
    "psm" [CONTACTS, Arg::optional("TEXT", Kind::Text)]
        "Changes the personal message; without TEXT takes it away"
        more "Every signed-in client is told by UBX."
        example "psm busy Gone fishing"
        keys [Contacts "e" "message" Prompt "psm {contacts} "]
        does Scope::Server(|mut v| Some(Action::PersonalMessage { contacts: v.words()?, text: v.text().unwrap_or_default() }));
    "media" [CONTACTS, Arg::optional("TEXT", Kind::Text)]
        "Changes what contacts listen to; without TEXT nothing"
        more r"TEXT is sent as CurrentMedia as it stands, in the form \0Music\01\0{0} - {1}\0TITLE\0ARTIST\0ALBUM\0\0."
        example r"media busy \0Music\01\0{0} - {1}\0Title\0Artist\0Album\0\0"
        keys [Contacts "m" "media" Prompt "media {contacts} "]
        does Scope::Server(|mut v| Some(Action::Media { contacts: v.words()?, media: v.text().unwrap_or_default() }));
    "name" [Arg::new("CONTACT", Kind::Contact), Arg::new("NAME", Kind::Text)]
        "Changes the friendly name of a contact"
        more "NAME may have spaces. Every signed-in client is told by NLN."
        example "name busy Really Busy"
        keys [Contacts "n" "name" Prompt "name {contact} "]
        does Scope::Server(|mut v| Some(Action::Name { contact: v.text()?, name: v.text()? }));
    "add" [Arg::new("ACCOUNT", Kind::Account), Arg::optional("NAME", Kind::Text)]
        "Adds a contact, offline at first"
        more "Without NAME its friendly name is the account. An ACCOUNT without @ gets the domain of the other contacts. Clients see the contact when they read the address book again."
        example "add new@local New User"
        keys [Contacts "A" "add" Prompt "add "]
        does Scope::Server(|mut v| Some(Action::Add { account: v.text()?, name: v.text() }));
    "remove" [CONTACTS]
        "Removes contacts"
        more "`undo` brings them back."
        example "remove hidden"
        keys [Contacts "D" "remove" Confirm "remove {contacts}"]
        does Scope::Server(|mut v| Some(Action::Remove { contacts: v.words()? }));
    "undo" [Arg::optional("CLIENT", Kind::Clients)]
        "Takes back the last change, or all that a client made"
        more "Do it again for the change before. What clients changed themselves stays; with CLIENT, which may have left, all that it added, removed and changed is taken back in one step."
        keys [Contacts "U" "undo"]
        does Scope::Server(|mut v| Some(match v.target() { Some(clients) => Action::UndoClient { clients }, None => Action::Undo }));
    "send" [CLIENTS, Arg::new("LINE", Kind::Line)]
        "Sends a line to clients, checked and completed"
        more r"CR LF is added, and * as the length becomes the payload's length. What is wrong is explained, and not sent. On one line a payload is written after a literal \r\n."
        example r"send 1 NLN IDL online@local 1 Gone%20fishing 1085276192 %3Cmsnobj%2F%3E"
        does Scope::Server(|mut v| Some(Action::Send { to: v.target()?, text: v.text()?, checked: true }));
    "send!" [CLIENTS, Arg::new("BYTES", Kind::Bytes)]
        "Sends exactly these bytes to clients, to break one on purpose"
        more "Nothing is added, filled in or checked."
        example r"send! all UBX busy@local 1 99999\r\n<Data>"
        does Scope::Server(|mut v| Some(Action::Send { to: v.target()?, text: v.text()?, checked: false }));
    "say" [CONTACT, CLIENTS, Arg::new("TEXT", Kind::Text)]
        "Says something to clients as a contact"
        more "If the two are in no conversation, the contact rings first, and says it when the client answers. A client that wrote to it by UUM, outside any conversation, is answered by UBM."
        example "say online 1 Hello there"
        does Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Say(v.text()?);
            Some(Action::Talk { contact, to, what })
        });
    "ring" [CONTACT, CLIENTS]
        "Calls clients to a conversation as a contact"
        more "A cookie is good for a minute: a client that answers later is refused."
        example "ring online 1"
        does Scope::Server(|v| talk(v, Talk::Ring));
    "typing" [CONTACT, CLIENTS]
        "Shows clients that a contact is typing"
        more "Clients show it for a few seconds."
        example "typing online 1"
        does Scope::Server(|v| talk(v, Talk::Typing));
    "nudge" [CONTACT, CLIENTS]
        "Nudges clients as a contact"
        more "The window of the conversation shakes, where the client knows nudges."
        example "nudge online 1"
        keys [Conversation "ctrl-n" "nudge" Run "nudge {as} {to}"]
        does Scope::Server(|v| talk(v, Talk::Nudge));
    "emoticon" [CONTACT, CLIENTS, Arg::new("SHORTCUT", Kind::Word), Arg::new("FILE", Kind::File), Arg::optional("TEXT", Kind::Text)]
        "Shows clients a custom emoticon as a contact"
        more "FILE is a PNG, GIF or JPEG, which the clients fetch from the contact. TEXT has the SHORTCUT in it; without TEXT the SHORTCUT alone is said."
        example "emoticon online 1 :cat: cat.png Look, :cat:"
        does Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let (shortcut, file, words) = (v.text()?, v.text()?, v.text());
            let what = Talk::Emoticon { shortcut, file, words };
            Some(Action::Talk { contact, to, what })
        });
    "wink" [CONTACT, CLIENTS, Arg::new("FILE", Kind::File)]
        "Winks at clients as a contact, with the animation of a file"
        more "FILE is given to the clients as it is; one that a client made is a CAB file. nudge cannot sign it as Microsoft did."
        example "wink online 1 dancer.cab"
        does Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Wink(v.text()?);
            Some(Action::Talk { contact, to, what })
        });
    "ink" [CONTACT, CLIENTS, Arg::new("FILE", Kind::File)]
        "Sends clients handwriting as a contact"
        more "FILE is a GIF, or ink in Microsoft's Ink Serialized Format (.isf). It goes in the message itself, in pieces where it is long."
        example "ink online 1 hello.gif"
        does Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Ink(v.text()?);
            Some(Action::Talk { contact, to, what })
        });
    "invite" [CONTACT, CLIENTS, Arg::new("OTHER", Kind::Account)]
        "Calls somebody else into a contact's conversation with a client"
        more "OTHER is a contact, which joins at once, or the account of another client, which is rung."
        example "invite online 1 busy@local"
        keys [Conversation "ctrl-o" "invite" Prompt "invite {as} {to} "]
        does Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Invite(v.text()?);
            Some(Action::Talk { contact, to, what })
        });
    "leave" [CONTACT, CLIENTS]
        "Takes a contact out of its conversation with a client"
        example "leave online 1"
        keys [Conversation "ctrl-x" "leave" Run "leave {as} {to}"]
        does Scope::Server(|v| talk(v, Talk::Leave));
    "picture" [CLIENTS, Arg::optional("FILE", Kind::File)]
        "Asks a client for its picture as a contact, and saves it"
        more "The contact asks in its conversation with the client, and rings it first where there is none. The picture is compared with the client's msnobj. FILE is a new file or a folder. The reply comes with the picture, or without it after a minute."
        example "picture 1 me.png"
        does Scope::Server(|mut v| Some(Action::Picture { client: v.target()?, file: v.text() }));
    "fetch" [CLIENTS, Arg::new("NAME", Kind::Word), Arg::optional("FILE", Kind::File)]
        "Asks a client as a contact for an emoticon or a wink that it has shown"
        more "NAME is the shortcut of the emoticon; wink or voice is the last of its kind. What comes is compared with the msnobj that was shown, and saved to FILE, a new file or a folder. The reply comes with it, or without it after a minute."
        example "fetch 1 :cat: cat.png"
        does Scope::Server(|mut v| {
            let (client, name) = (v.target()?, v.text()?);
            let file = v.text();
            Some(Action::Fetch { client, name, file })
        });
    "accept" [CLIENTS, Arg::optional("FILE", Kind::File)]
        "Takes the oldest file that a client offers a contact, and saves it"
        more "FILE is where, a folder or a new file; without it the file's own name in the folder at hand. No file is written over. The reply comes when the file is saved, or cannot come any more."
        example "accept 1 cat.png"
        does Scope::Server(|mut v| Some(Action::Accept { client: v.target()?, file: v.text() }));
    "refuse" [CLIENTS]
        "Refuses the oldest file that a client offers a contact"
        example "refuse 1"
        does Scope::Server(|mut v| Some(Action::Refuse { client: v.target()? }));
    "behave" [CONTACT, Arg::new("BEHAVIOUR", Kind::Choice(manner::NAMES)), Arg::optional("TEXT", Kind::Text)]
        "Sets what a contact does in conversations by itself"
        more "silent says nothing; echo repeats what it hears; away says TEXT once to each person; reply says TEXT to whatever it hears. In the contact's file reply has rules: words or a regex, several answers, delays. For schedule, TEXT is steps with semicolons between them. A step is a time of day, or +SECONDS from now, and then a status, say TEXT or message TEXT. repeat SECONDS starts the steps of +SECONDS again: behave busy schedule 12:00 lunch; +5 say Hello; repeat 60."
        example "behave busy away Gone fishing"
        does Scope::Server(behave);
    "conversations" []
        "Lists the conversations"
        does Scope::Server(|_| Some(Action::Conversations));
    "shape" [CLIENTS, Arg::new("SHAPE", Kind::Shape)]
        "Answers clients in that shape from now on"
        more "A shape is a dialect and a family of clients; the Mac's presence differs from that of Windows clients in the same dialect."
        example "shape 1 MSNP16/mac"
        keys [Clients "s" "shape" Prompt "shape {client} "]
        does Scope::Server(|mut v| Some(Action::Shape { clients: v.target()?, shape: v.shape()? }));
    "challenge" [CLIENTS]
        "Sends a challenge to clients, which they answer with QRY"
        more "A wrong answer gets 540 and ends the connection; with --no-540 it is only a finding. --challenge sends challenges by a timer."
        example "challenge 1"
        does Scope::Server(|mut v| Some(Action::Challenge { to: v.target()? }));
    "dialects" [Arg::optional("LIST", Kind::Dialects)]
        "Serves these dialects from now on"
        more "A client gets the newest of them that it offers in VER. Without LIST it says which are served. --dialects says it from the start."
        example "dialects 8-12,15"
        does Scope::Server(|mut v| Some(Action::Dialects(v.dialects())));
    "kick" [CLIENTS]
        "Closes the connections of clients"
        example "kick 1"
        keys [Clients "K" "kick" Confirm "kick {client}"]
        does Scope::Server(|mut v| Some(Action::Kick { clients: v.target()? }));
    "clients" []
        "Lists the clients"
        does Scope::Server(|_| Some(Action::Clients));
    "contacts" []
        "Lists the contacts"
        does Scope::Server(|_| Some(Action::Contacts));
    "patience" [Arg::optional("FACTOR", Kind::Factor)]
        "Sets how long a sign-in may stand still, as a multiple of the usual time"
        more "The usual is 3 s for an answer of nudge's, 5 to 15 s for a client's step. Without FACTOR it says what the factor is. `nudge explain` has --patience."
        example "patience 2"
        does Scope::Patience;
    "demo" []
        "Starts another built-in Messenger for Mac, which signs in here"
        more "It signs in slowly enough to be watched; `hurry` takes its remaining steps at once. Closed by `kick`, it comes back."
        does Scope::Server(|_| Some(Action::Demo));
    "hurry" []
        "Hurries the built-in client: the rest of its sign-in comes at once"
        keys [Everywhere "J" "hurry"]
        does Scope::Server(|_| Some(Action::Hurry));
    "save" [Arg::optional("SIDE", Kind::Choice(Side::WORDS))]
        "Writes the roster to its files"
        more "Comments and order in them are kept. Nothing else writes them but --autosave. What another program has written there meanwhile is taken in. Where both have changed the same field, `save mine` writes your value and keeps their file beside it. `save theirs` takes their value, and `undo` brings yours back."
        keys [Everywhere "ctrl-s" "save"]
        does Scope::Server(|mut v| Some(Action::Save { side: v.text().and_then(|word| Side::named(&word)) }));
    "help" [Arg::optional("COMMAND", Kind::Topic)]
        "Lists the commands, or explains one"
        example "help send"
        keys [Everywhere "?" "help", Everywhere "f1" "help"]
        does Scope::Help;
    "quit" []
        "Ends the service: OUT SSD to every client"
        more "The console asks first if clients are connected or changes are not saved, and names what would be lost."
        does Scope::Server(|_| Some(Action::Quit));
};
