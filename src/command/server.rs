//! The commands of the service.

use super::{Arg, Key, Kind, Pane, Place, Press, Scope, Spec, Values};
use crate::control::{Action, Answer, Talk};
use crate::event::ReplyData;
use crate::roster::manner::{self, Rules};
use crate::roster::{EditError, Manner};
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

/// A key of the contacts pane that flips the contacts.
const fn flip(key: &'static str, label: &'static str, line: &'static str) -> Key {
    self::key(Place::In(Pane::Contacts), key, label, line, Press::Run)
}

const fn key(
    place: Place,
    key: &'static str,
    label: &'static str,
    line: &'static str,
    press: Press,
) -> Key {
    Key {
        place,
        key,
        label,
        line,
        press,
    }
}

/// What the service can be asked to do, with or without a console.
pub const SERVER: &[Spec] = &[
    Spec {
        name: "status",
        args: &[CONTACTS, Arg::new("STATUS", Kind::Status)],
        help: "Shows contacts as this",
        more: "Every signed-in client is told: NLN, or FLN for hidden and offline.",
        example: "status busy,away@local lunch",
        keys: &[
            flip("o", "online", "status {contacts} online"),
            flip("b", "busy", "status {contacts} busy"),
            flip("i", "idle", "status {contacts} idle"),
            flip("a", "away", "status {contacts} away"),
            flip("r", "be right back", "status {contacts} brb"),
            flip("u", "lunch", "status {contacts} lunch"),
            flip("p", "phone", "status {contacts} phone"),
            flip("h", "hidden", "status {contacts} hidden"),
            flip("x", "offline", "status {contacts} offline"),
        ],
        scope: Scope::Server(|mut v| {
            Some(Action::Status {
                contacts: v.words()?,
                status: v.status()?,
            })
        }),
    },
    Spec {
        name: "psm",
        args: &[CONTACTS, Arg::optional("TEXT", Kind::Text)],
        help: "Changes the personal message; without TEXT takes it away",
        more: "Every signed-in client is told by UBX.",
        example: "psm busy Gone fishing",
        keys: &[key(
            Place::In(Pane::Contacts),
            "e",
            "message",
            "psm {contacts} ",
            Press::Prompt,
        )],
        scope: Scope::Server(|mut v| {
            Some(Action::PersonalMessage {
                contacts: v.words()?,
                text: v.text().unwrap_or_default(),
            })
        }),
    },
    Spec {
        name: "media",
        args: &[CONTACTS, Arg::optional("TEXT", Kind::Text)],
        help: "Changes what contacts listen to; without TEXT nothing",
        more: r"TEXT is sent as CurrentMedia as it stands, in the form \0Music\01\0{0} - {1}\0TITLE\0ARTIST\0ALBUM\0\0.",
        example: r"media busy \0Music\01\0{0} - {1}\0Title\0Artist\0Album\0\0",
        keys: &[key(
            Place::In(Pane::Contacts),
            "m",
            "media",
            "media {contacts} ",
            Press::Prompt,
        )],
        scope: Scope::Server(|mut v| {
            Some(Action::Media {
                contacts: v.words()?,
                media: v.text().unwrap_or_default(),
            })
        }),
    },
    Spec {
        name: "name",
        args: &[
            Arg::new("CONTACT", Kind::Contact),
            Arg::new("NAME", Kind::Text),
        ],
        help: "Changes the friendly name of a contact",
        more: "NAME may have spaces. Every signed-in client is told by NLN.",
        example: "name busy Really Busy",
        keys: &[key(
            Place::In(Pane::Contacts),
            "n",
            "name",
            "name {contact} ",
            Press::Prompt,
        )],
        scope: Scope::Server(|mut v| {
            Some(Action::Name {
                contact: v.text()?,
                name: v.text()?,
            })
        }),
    },
    Spec {
        name: "add",
        args: &[
            Arg::new("ACCOUNT", Kind::Account),
            Arg::optional("NAME", Kind::Text),
        ],
        help: "Adds a contact, offline at first",
        more: "Its friendly name is the account where no NAME is given. An ACCOUNT without @ is of the domain that the contacts have. Clients see it when they read the address book again.",
        example: "add new@local New User",
        keys: &[key(
            Place::In(Pane::Contacts),
            "A",
            "add",
            "add ",
            Press::Prompt,
        )],
        scope: Scope::Server(|mut v| {
            Some(Action::Add {
                account: v.text()?,
                name: v.text(),
            })
        }),
    },
    Spec {
        name: "remove",
        args: &[CONTACTS],
        help: "Removes contacts",
        more: "`undo` brings them back.",
        example: "remove hidden",
        keys: &[key(
            Place::In(Pane::Contacts),
            "D",
            "remove",
            "remove {contacts}",
            Press::Confirm,
        )],
        scope: Scope::Server(|mut v| {
            Some(Action::Remove {
                contacts: v.words()?,
            })
        }),
    },
    Spec {
        name: "undo",
        args: &[Arg::optional("CLIENT", Kind::Clients)],
        help: "Takes back the last change, or all that a client made",
        more: "Again for the one before it. What clients changed themselves stays; with a CLIENT, which may have left, all that it added, removed and changed is taken back as one step.",
        example: "undo",
        keys: &[key(
            Place::In(Pane::Contacts),
            "U",
            "undo",
            "undo",
            Press::Run,
        )],
        scope: Scope::Server(|mut v| {
            Some(match v.target() {
                Some(clients) => Action::UndoClient { clients },
                None => Action::Undo,
            })
        }),
    },
    Spec {
        name: "send",
        args: &[CLIENTS, Arg::new("LINE", Kind::Line)],
        help: "Sends a line to clients, checked and completed",
        more: r"CR LF is added, and * as the length becomes the payload's length. What is wrong is explained, and not sent. On one line a payload is written after a literal \r\n.",
        example: r"send 1 NLN IDL online@local 1 Gone%20fishing 1085276192 %3Cmsnobj%2F%3E",
        keys: &[],
        scope: Scope::Server(|mut v| {
            Some(Action::Send {
                to: v.target()?,
                text: v.text()?,
                checked: true,
            })
        }),
    },
    Spec {
        name: "send!",
        args: &[CLIENTS, Arg::new("BYTES", Kind::Bytes)],
        help: "Sends exactly these bytes to clients, to break one on purpose",
        more: "Nothing is added, filled in or checked.",
        example: r"send! all UBX busy@local 1 99999\r\n<Data>",
        keys: &[],
        scope: Scope::Server(|mut v| {
            Some(Action::Send {
                to: v.target()?,
                text: v.text()?,
                checked: false,
            })
        }),
    },
    Spec {
        name: "say",
        args: &[CONTACT, CLIENTS, Arg::new("TEXT", Kind::Text)],
        help: "Says something to clients as a contact",
        more: "Where it is in no conversation with the client it rings first, and says it when the client answers. A client that has written to it by UUM, in no conversation, is answered by UBM.",
        example: "say online 1 Hello there",
        keys: &[],
        scope: Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Say(v.text()?);
            Some(Action::Talk { contact, to, what })
        }),
    },
    Spec {
        name: "ring",
        args: &[CONTACT, CLIENTS],
        help: "Calls clients to a conversation as a contact",
        more: "A cookie is good for a minute: a client that answers later is refused.",
        example: "ring online 1",
        keys: &[],
        scope: Scope::Server(|v| talk(v, Talk::Ring)),
    },
    Spec {
        name: "typing",
        args: &[CONTACT, CLIENTS],
        help: "Shows clients that a contact is typing",
        more: "Clients show it for a few seconds.",
        example: "typing online 1",
        keys: &[],
        scope: Scope::Server(|v| talk(v, Talk::Typing)),
    },
    Spec {
        name: "nudge",
        args: &[CONTACT, CLIENTS],
        help: "Nudges clients as a contact",
        more: "The window of the conversation shakes, where the client knows nudges.",
        example: "nudge online 1",
        keys: &[key(
            Place::In(Pane::Conversation),
            "ctrl-n",
            "nudge",
            "nudge {as} {to}",
            Press::Run,
        )],
        scope: Scope::Server(|v| talk(v, Talk::Nudge)),
    },
    Spec {
        name: "emoticon",
        args: &[
            CONTACT,
            CLIENTS,
            Arg::new("SHORTCUT", Kind::Word),
            Arg::new("FILE", Kind::File),
            Arg::optional("TEXT", Kind::Text),
        ],
        help: "Shows clients a custom emoticon as a contact",
        more: "FILE is a PNG, GIF or JPEG, which the clients fetch from the contact. TEXT has the SHORTCUT in it; without TEXT the SHORTCUT alone is said.",
        example: "emoticon online 1 :cat: cat.png Look, :cat:",
        keys: &[],
        scope: Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let (shortcut, file, words) = (v.text()?, v.text()?, v.text());
            let what = Talk::Emoticon {
                shortcut,
                file,
                words,
            };
            Some(Action::Talk { contact, to, what })
        }),
    },
    Spec {
        name: "wink",
        args: &[CONTACT, CLIENTS, Arg::new("FILE", Kind::File)],
        help: "Winks at clients as a contact, with the animation of a file",
        more: "FILE is given to the clients as it is; one that a client made is a CAB file. nudge cannot sign it as Microsoft did.",
        example: "wink online 1 dancer.cab",
        keys: &[],
        scope: Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Wink(v.text()?);
            Some(Action::Talk { contact, to, what })
        }),
    },
    Spec {
        name: "ink",
        args: &[CONTACT, CLIENTS, Arg::new("FILE", Kind::File)],
        help: "Sends clients handwriting as a contact",
        more: "FILE is a GIF, or ink in Microsoft's Ink Serialized Format (.isf). It goes in the message itself, in pieces where it is long.",
        example: "ink online 1 hello.gif",
        keys: &[],
        scope: Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Ink(v.text()?);
            Some(Action::Talk { contact, to, what })
        }),
    },
    Spec {
        name: "invite",
        args: &[CONTACT, CLIENTS, Arg::new("OTHER", Kind::Account)],
        help: "Calls somebody else into a contact's conversation with a client",
        more: "OTHER is a contact, which joins at once, or the account of another client, which is rung.",
        example: "invite online 1 busy@local",
        keys: &[key(
            Place::In(Pane::Conversation),
            "ctrl-o",
            "invite",
            "invite {as} {to} ",
            Press::Prompt,
        )],
        scope: Scope::Server(|mut v| {
            let (contact, to) = (v.text()?, v.target()?);
            let what = Talk::Invite(v.text()?);
            Some(Action::Talk { contact, to, what })
        }),
    },
    Spec {
        name: "leave",
        args: &[CONTACT, CLIENTS],
        help: "Takes a contact out of its conversation with a client",
        more: "",
        example: "leave online 1",
        keys: &[key(
            Place::In(Pane::Conversation),
            "ctrl-x",
            "leave",
            "leave {as} {to}",
            Press::Run,
        )],
        scope: Scope::Server(|v| talk(v, Talk::Leave)),
    },
    Spec {
        name: "picture",
        args: &[CLIENTS, Arg::optional("FILE", Kind::File)],
        help: "A contact asks a client for its picture, and it is saved where FILE says",
        more: "In a conversation with the client, to which it is rung where there is none. What comes is held against the client's msnobj. FILE is a new file or a folder. The reply comes with the picture, or after a minute without.",
        example: "picture 1 me.png",
        keys: &[],
        scope: Scope::Server(|mut v| {
            Some(Action::Picture {
                client: v.target()?,
                file: v.text(),
            })
        }),
    },
    Spec {
        name: "fetch",
        args: &[
            CLIENTS,
            Arg::new("NAME", Kind::Word),
            Arg::optional("FILE", Kind::File),
        ],
        help: "A contact asks a client for an emoticon or a wink that the client has shown",
        more: "NAME is the shortcut of the emoticon; wink or voice is the last of its kind. What comes is held against the msnobj that was shown, and is saved where FILE says, a new file or a folder. The reply comes with it, or after a minute without.",
        example: "fetch 1 :cat: cat.png",
        keys: &[],
        scope: Scope::Server(|mut v| {
            let (client, name) = (v.target()?, v.text()?);
            let file = v.text();
            Some(Action::Fetch { client, name, file })
        }),
    },
    Spec {
        name: "accept",
        args: &[CLIENTS, Arg::optional("FILE", Kind::File)],
        help: "Takes the oldest file that a client offers a contact, and saves it",
        more: "FILE is where, a folder or a new file; without it the file's own name in the folder at hand. No file is written over. The reply comes when the file is saved, or cannot come any more.",
        example: "accept 1 cat.png",
        keys: &[],
        scope: Scope::Server(|mut v| {
            Some(Action::Accept {
                client: v.target()?,
                file: v.text(),
            })
        }),
    },
    Spec {
        name: "refuse",
        args: &[CLIENTS],
        help: "Refuses the oldest file that a client offers a contact",
        more: "",
        example: "refuse 1",
        keys: &[],
        scope: Scope::Server(|mut v| {
            Some(Action::Refuse {
                client: v.target()?,
            })
        }),
    },
    Spec {
        name: "behave",
        args: &[
            CONTACT,
            Arg::new("BEHAVIOUR", Kind::Choice(manner::NAMES)),
            Arg::optional("TEXT", Kind::Text),
        ],
        help: "Sets what a contact does in conversations by itself",
        more: "silent says nothing, echo says what it hears, away says TEXT once to each person, reply says TEXT to whatever it hears. In the contact's file reply has rules: words or a regex, several answers, delays. TEXT of schedule is steps with semicolons between, at a time of day or a number of seconds from now: a status, say TEXT or message TEXT; repeat SECONDS begins those of seconds again: behave busy schedule 12:00 lunch; +5 say Hello; repeat 60.",
        example: "behave busy away Gone fishing",
        keys: &[],
        scope: Scope::Server(|mut v| {
            let (contact, name) = (v.text()?, v.text()?);
            let said = v.text().unwrap_or_else(|| "I am not here".into());
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
        }),
    },
    Spec {
        name: "conversations",
        args: &[],
        help: "Lists the conversations",
        more: "",
        example: "conversations",
        keys: &[],
        scope: Scope::Server(|_| Some(Action::Conversations)),
    },
    Spec {
        name: "shape",
        args: &[CLIENTS, Arg::new("SHAPE", Kind::Shape)],
        help: "Answers clients in that shape from now on",
        more: "A shape is a dialect and a family of clients; the Mac's presence differs from that of Windows clients in the same dialect.",
        example: "shape 1 MSNP16/mac",
        keys: &[key(
            Place::In(Pane::Clients),
            "s",
            "shape",
            "shape {client} ",
            Press::Prompt,
        )],
        scope: Scope::Server(|mut v| {
            Some(Action::Shape {
                clients: v.target()?,
                shape: v.shape()?,
            })
        }),
    },
    Spec {
        name: "challenge",
        args: &[CLIENTS],
        help: "Sends a challenge to clients, which they answer with QRY",
        more: "A wrong answer gets 540 and ends the connection, or is a finding alone with --no-540. --challenge sends them by a timer.",
        example: "challenge 1",
        keys: &[],
        scope: Scope::Server(|mut v| Some(Action::Challenge { to: v.target()? })),
    },
    Spec {
        name: "dialects",
        args: &[Arg::optional("LIST", Kind::Dialects)],
        help: "Serves these dialects from now on",
        more: "A client gets the newest of them that it offers in VER. Without LIST it says which are served. --dialects says it from the start.",
        example: "dialects 8-12,15",
        keys: &[],
        scope: Scope::Server(|mut v| Some(Action::Dialects(v.dialects()))),
    },
    Spec {
        name: "kick",
        args: &[CLIENTS],
        help: "Closes the connections of clients",
        more: "",
        example: "kick 1",
        keys: &[key(
            Place::In(Pane::Clients),
            "K",
            "kick",
            "kick {client}",
            Press::Confirm,
        )],
        scope: Scope::Server(|mut v| {
            Some(Action::Kick {
                clients: v.target()?,
            })
        }),
    },
    Spec {
        name: "clients",
        args: &[],
        help: "Lists the clients",
        more: "",
        example: "clients",
        keys: &[],
        scope: Scope::Server(|_| Some(Action::Clients)),
    },
    Spec {
        name: "contacts",
        args: &[],
        help: "Lists the contacts",
        more: "",
        example: "contacts",
        keys: &[],
        scope: Scope::Server(|_| Some(Action::Contacts)),
    },
    Spec {
        name: "patience",
        args: &[Arg::optional("FACTOR", Kind::Factor)],
        help: "Sets how long a sign-in may stand still, as a multiple of the usual time",
        more: "The usual is 3 s for an answer of nudge's, 5 to 15 s for a client's step. Without FACTOR it says what the factor is. `nudge explain` has --patience.",
        example: "patience 2",
        keys: &[],
        scope: Scope::Patience,
    },
    Spec {
        name: "demo",
        args: &[],
        help: "Starts another built-in Messenger for Mac, which signs in here",
        more: "It signs in slowly enough to be watched; `hurry` takes its remaining steps at once. Closed by `kick`, it comes back.",
        example: "demo",
        keys: &[],
        scope: Scope::Server(|_| Some(Action::Demo)),
    },
    Spec {
        name: "hurry",
        args: &[],
        help: "Hurries the built-in client: the rest of its sign-in comes at once",
        more: "",
        example: "hurry",
        keys: &[key(Place::Everywhere, "J", "hurry", "hurry", Press::Run)],
        scope: Scope::Server(|_| Some(Action::Hurry)),
    },
    Spec {
        name: "save",
        args: &[],
        help: "Writes the roster to its files",
        more: "Comments and order in them are kept. Nothing else writes them but --autosave.",
        example: "save",
        keys: &[key(Place::Everywhere, "ctrl-s", "save", "save", Press::Run)],
        scope: Scope::Server(|_| Some(Action::Save)),
    },
    Spec {
        name: "help",
        args: &[Arg::optional("COMMAND", Kind::Topic)],
        help: "Lists the commands, or explains one",
        more: "",
        example: "help send",
        keys: &[
            key(Place::Everywhere, "?", "help", "help", Press::Run),
            key(Place::Everywhere, "f1", "help", "help", Press::Run),
        ],
        scope: Scope::Help,
    },
    Spec {
        name: "quit",
        args: &[],
        help: "Ends the service: OUT SSD to every client",
        more: "In the console it asks first where clients are connected, or changes are in no file. What is lost is named.",
        example: "quit",
        keys: &[],
        scope: Scope::Server(|_| Some(Action::Quit)),
    },
];
