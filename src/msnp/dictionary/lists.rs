//! Membership lists from MSNP13 on, where SOAP holds them and the client tells the notification service.

use super::Kind::*;
use super::*;

const OK: &[Parameter] = &[one("result", Word("OK"))];

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "ADL",
        meaning: "contacts that are put on lists",
        source: "article; NINA wiki; papyon",
        forms: &[
            Form {
                parameters: &[LENGTH],
                payload: true,
                shapes: since(13),
                meaning: "an <ml> payload; l=\"1\" on it is the list with which a client signs in",
                ..CLIENT
            },
            Form {
                parameters: OK,
                shapes: since(13),
                meaning: "taken",
                ..ANSWER
            },
            Form {
                parameters: &[LENGTH],
                payload: true,
                shapes: since(13),
                meaning: "somebody has added the user (l=\"8\", the reverse list)",
                ..PUSH_ZERO
            },
        ],
    },
    Verb {
        name: "RML",
        meaning: "contacts that are taken off lists",
        source: "NINA wiki; papyon",
        forms: &[
            Form {
                parameters: &[LENGTH],
                payload: true,
                shapes: since(13),
                ..CLIENT
            },
            Form {
                parameters: OK,
                shapes: since(13),
                meaning: "taken",
                ..ANSWER
            },
            Form {
                parameters: &[LENGTH],
                payload: true,
                shapes: since(13),
                meaning: "somebody has removed the user",
                ..PUSH_ZERO
            },
        ],
    },
    Verb {
        name: "FQY",
        meaning: "to which network an account belongs",
        source: "NINA wiki; papyon",
        forms: &[
            Form {
                parameters: &[LENGTH],
                payload: true,
                shapes: since(14),
                meaning: "asks",
                ..CLIENT
            },
            Form {
                parameters: &[LENGTH],
                payload: true,
                shapes: since(14),
                meaning: "the same XML with t, the network",
                ..ANSWER
            },
        ],
    },
];
