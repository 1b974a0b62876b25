//! The commands of the conversation pane. What a contact says and does in it are commands of the service, which have
//! keys there.

use crate::command::{Arg, Kind, Spec, specs};

/// The commands.
pub const TALK: &[Spec] = specs! {
    "converse" [Arg::optional("CONTACT", Kind::Contact)]
        "Opens its conversation with the client at hand"
        more "If there is none, the contact rings the client. Without CONTACT it shows the pane of conversations."
        example "converse lunch"
        keys [Contacts "c" "converse" Run "converse {contact}"];
    "say-it" []
        "Says what is typed, as the contact before it"
        keys [Conversation "enter" "say"];
    "as-whom" []
        "Speaks as the next of your contacts in the conversation"
        keys [Conversation "ctrl-t" "as whom"];
    "fetch-shown" []
        "Fetches the emoticon or the wink that the client has shown"
        more "It is the one under the cursor, or else the last one. `fetch` saves it as well."
        keys [Conversation "ctrl-g" "fetch"];
    "frames" []
        "The frames of this conversation alone, in the transcript"
        keys [Conversation "ctrl-r" "frames"];
    "next-conversation" []
        "To the next conversation, round and round"
        keys [Conversation "alt-down" "next"];
    "previous-conversation" []
        "To the conversation before"
        keys [Conversation "alt-up" ""];
};
