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

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "MSG",
        meaning: "a message: MIME headers, a blank line, a body",
        source: "NINA wiki; Escargot",
        forms: &[
            Form {
                parameters: &[one("receipt", OneOf(RECEIPTS)), LENGTH],
                payload: true,
                stages: SWITCHBOARD,
                meaning: "to everybody else in the conversation (up to 1,664 bytes)",
                ..CLIENT
            },
            Form {
                parameters: &[one("sender", Text), NAME, LENGTH],
                payload: true,
                stages: EVERYWHERE,
                meaning: "from a user, or from the service itself (Hotmail Hotmail)",
                ..PUSH
            },
        ],
    },
    Verb {
        name: "NAK",
        meaning: "a message did not arrive",
        source: "NINA wiki",
        forms: &[Form {
            stages: SWITCHBOARD,
            ..ANSWER
        }],
    },
    Verb {
        name: "CAL",
        meaning: "a call to a user to join the conversation",
        source: "NINA wiki",
        forms: &[
            Form {
                parameters: &[MAIL],
                stages: SWITCHBOARD,
                ..CLIENT
            },
            Form {
                parameters: &[one("result", Word("RINGING")), one("session", Text)],
                stages: SWITCHBOARD,
                meaning: "the user is being called",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "RNG",
        meaning: "a call: somebody invites the user to a conversation",
        source: "NINA wiki; Escargot",
        forms: &[Form {
            parameters: &[
                one("session", Text),
                one("address", HostPort),
                one("method", Word("CKI")),
                TOKEN,
                MAIL,
                NAME,
                optional("U", Word("U")),
                optional("domain", Text),
                optional("direct", Text),
            ],
            ..PUSH
        }],
    },
    Verb {
        name: "ANS",
        meaning: "the answer to a call",
        source: "NINA wiki",
        forms: &[
            Form {
                parameters: &[MAIL, TOKEN, one("session", Text)],
                stages: SWITCHBOARD,
                ..CLIENT
            },
            Form {
                parameters: &[one("result", Word("OK"))],
                stages: SWITCHBOARD,
                meaning: "the user has joined the conversation",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "IRO",
        meaning: "who is in the conversation already, one line each",
        source: "NINA wiki",
        forms: &[Form {
            parameters: &[
                one("number", Number),
                one("of how many", Number),
                MAIL,
                NAME,
                CAPS,
            ],
            stages: SWITCHBOARD,
            meaning: "with capabilities from MSNP12",
            ..ANSWER
        }],
    },
    Verb {
        name: "JOI",
        meaning: "a user joins the conversation",
        source: "NINA wiki",
        forms: &[Form {
            parameters: &[MAIL, NAME, CAPS],
            stages: SWITCHBOARD,
            meaning: "with capabilities from MSNP12",
            ..PUSH
        }],
    },
    Verb {
        name: "BYE",
        meaning: "a user leaves the conversation",
        source: "NINA wiki",
        forms: &[Form {
            parameters: &[MAIL, optional("idle", Word("1"))],
            stages: SWITCHBOARD,
            meaning: "1 where the conversation was idle for too long",
            ..PUSH
        }],
    },
];
