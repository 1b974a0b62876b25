//! Conversations: the switchboard's own connection, and the invitation over the notification connection.

use super::Kind::*;
use super::*;

const MAIL: Parameter = one("account", Account);
const NAME: Parameter = one("friendly name", FriendlyName);
const TOKEN: Parameter = one("switchboard token", Secret);
const CAPS: Parameter = optional("capabilities", AnyCapabilities);

const RECEIPTS: &[(&str, &str)] = &[
    ("U", "no receipt"),
    ("N", "NAK if it fails"),
    ("A", "ACK or NAK"),
    ("D", "ACK or NAK, for peer-to-peer data"),
];

pub(super) const VERBS: &[Verb] = verbs! {
    "MSG" "a message: MIME headers, a blank line, a body", "NINA wiki; Escargot" {
        CLIENT [one("receipt", OneOf(RECEIPTS)), LENGTH],
            "to everybody else in the conversation (up to 1,664 bytes)", stages: SWITCHBOARD;
        PUSH [one("sender", Text), NAME, LENGTH], "from a user, or from the service itself (Hotmail Hotmail)", stages: EVERYWHERE;
    }
    "NAK" "a message did not arrive", "NINA wiki" {
        ANSWER [], stages: SWITCHBOARD;
    }
    "CAL" "a call to a user to join the conversation", "NINA wiki" {
        CLIENT [MAIL], stages: SWITCHBOARD;
        ANSWER [one("result", Word("RINGING")), one("session", Text)], "the user is being called", stages: SWITCHBOARD;
    }
    "RNG" "a call: somebody invites the user to a conversation", "NINA wiki; Escargot" {
        PUSH [one("session", Text), one("address", HostPort), one("method", Word("CKI")), TOKEN, MAIL, NAME,
            optional("U", Word("U")), optional("domain", Text), optional("direct", Text)];
    }
    "ANS" "the answer to a call", "NINA wiki" {
        CLIENT [MAIL, TOKEN, one("session", Text)], stages: SWITCHBOARD;
        ANSWER [one("result", Word("OK"))], "the user has joined the conversation", stages: SWITCHBOARD;
    }
    "IRO" "who is in the conversation already, one line each", "NINA wiki" {
        ANSWER [one("number", Number), one("of how many", Number), MAIL, NAME, CAPS],
            "with capabilities from MSNP12", stages: SWITCHBOARD;
    }
    "JOI" "a user joins the conversation", "NINA wiki" {
        PUSH [MAIL, NAME, CAPS], "with capabilities from MSNP12", stages: SWITCHBOARD;
    }
    "BYE" "a user leaves the conversation", "NINA wiki" {
        PUSH [MAIL, optional("idle", Word("1"))], "1 where the conversation was idle for too long", stages: SWITCHBOARD;
    }
};
