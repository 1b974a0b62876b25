//! Verbs that only MSNP18 has: circles and addressed messages.

use super::Kind::*;
use super::*;

const fn with_payload(base: Form, parameters: &'static [Parameter], meaning: &'static str) -> Form {
    Form {
        parameters,
        payload: true,
        shapes: windows_since(18),
        meaning,
        ..base
    }
}

const fn plain(base: Form, parameters: &'static [Parameter], meaning: &'static str) -> Form {
    Form {
        payload: false,
        ..with_payload(base, parameters, meaning)
    }
}

const RESULT: &[Parameter] = &[one("result", Word("OK")), repeated("more", Text)];

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "PUT",
        meaning: "presence of a circle, or of one's own endpoint",
        source: "NINA wiki; Tachyon",
        forms: &[
            with_payload(CLIENT, &[repeated("more", Text), LENGTH], ""),
            with_payload(
                ANSWER,
                &[one("result", Word("OK")), LENGTH],
                "taken, with headers",
            ),
        ],
    },
    Verb {
        name: "DEL",
        meaning: "leaving a circle",
        source: "NINA wiki; Tachyon",
        forms: &[
            with_payload(CLIENT, &[repeated("more", Text), LENGTH], ""),
            plain(ANSWER, RESULT, "taken"),
        ],
    },
    Verb {
        name: "SDG",
        meaning: "a message addressed by its headers: To, From, routing",
        source: "NINA wiki; Tachyon",
        forms: &[
            with_payload(CLIENT, &[repeated("more", Text), LENGTH], ""),
            with_payload(PUSH_ZERO, &[repeated("more", Text), LENGTH], "from a user"),
        ],
    },
    Verb {
        name: "NFY",
        meaning: "news of a circle",
        source: "NINA wiki; Tachyon",
        forms: &[with_payload(
            PUSH,
            &[
                one(
                    "what",
                    Known(&[("PUT", "it is there, or changed"), ("DEL", "it is gone")]),
                ),
                LENGTH,
            ],
            "",
        )],
    },
    Verb {
        name: "VAS",
        meaning: "a report to a value-added service",
        source: "NINA wiki",
        forms: &[
            with_payload(CLIENT, &[repeated("more", Text), LENGTH], ""),
            plain(ANSWER, RESULT, "taken"),
        ],
    },
];
