//! The commands of the conversation pane. What a contact says and does in it are commands of the service, which have
//! keys there.

use super::playback::{key, spec};
use crate::command::{Arg, Kind, Pane, Place, Spec};

const HERE: Place = Place::In(Pane::Conversation);

/// The commands.
pub const TALK: &[Spec] = &[
    Spec {
        more: "Where the two are in none, the contact rings the client. Without CONTACT the pane of conversations is shown.",
        example: "converse lunch",
        ..spec(
            "converse",
            &[Arg::optional("CONTACT", Kind::Contact)],
            "Opens its conversation with the client at hand",
            &[key(
                Place::In(Pane::Contacts),
                "c",
                "converse",
                "converse {contact}",
            )],
        )
    },
    spec(
        "say-it",
        &[],
        "Says what is typed, as the contact before it",
        &[key(HERE, "enter", "say", "say-it")],
    ),
    spec(
        "as-whom",
        &[],
        "Speaks as the next of your contacts in the conversation",
        &[key(HERE, "ctrl-t", "as whom", "as-whom")],
    ),
    Spec {
        more: "That is what is under the cursor, or else what came last. `fetch` saves it as well.",
        ..spec(
            "fetch-shown",
            &[],
            "Fetches the emoticon or the wink that the client has shown",
            &[key(HERE, "ctrl-g", "fetch", "fetch-shown")],
        )
    },
    spec(
        "frames",
        &[],
        "The frames of this conversation alone, in the transcript",
        &[key(HERE, "ctrl-r", "frames", "frames")],
    ),
    spec(
        "next-conversation",
        &[],
        "To the next conversation, round and round",
        &[key(HERE, "alt-down", "next", "next-conversation")],
    ),
    spec(
        "previous-conversation",
        &[],
        "To the conversation before",
        &[key(HERE, "alt-up", "", "previous-conversation")],
    ),
];
