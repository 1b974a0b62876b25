//! Presence, personal messages, one's own name, and notes between users.

use super::Kind::*;
use super::*;
use crate::msnp::networks::{MESSAGE_TYPES, NOTE_TYPES};

const MAIL: Parameter = one("account", Account);
const JOINED: Parameter = one("contact", NetworkAccount);
const NETWORK: Parameter = one("network", Network);
const STATUS: Parameter = one("status", Status);
const NAME: Parameter = one("friendly name", FriendlyName);
const ONE_NUMBER: Parameter = one("capabilities", Capabilities);
const TWO_NUMBERS: Parameter = one("capabilities", CapabilityPair);
const OBJECT: Parameter = one("msnobj", Msnobj);
const ICON: Parameter = optional("icon", Encoded);

/// What follows the verb (and the transaction id) in ILN and NLN, by shape.
const AT_8: &[Parameter] = &[STATUS, MAIL, NAME, ONE_NUMBER];
const AT_9: &[Parameter] = &[STATUS, MAIL, NAME, ONE_NUMBER, OBJECT];
const AT_14: &[Parameter] = &[STATUS, MAIL, NETWORK, NAME, ONE_NUMBER, OBJECT, ICON];
const AT_16: &[Parameter] = &[STATUS, MAIL, NETWORK, NAME, TWO_NUMBERS, OBJECT, ICON];
const AT_18: &[Parameter] = &[STATUS, JOINED, NAME, TWO_NUMBERS, OBJECT, ICON];

/// The shapes of [`AT_14`]: the Mac has one number at 16, and drops an ILN without msnobj (the article).
const SINGLE: Shapes = split((13, 15), (13, 17));

const PRIVACY: &[(&str, &str)] = &[
    ("AL", "who is on neither list is allowed"),
    ("BL", "who is on neither list is blocked"),
];

const PROPERTIES: &[(&str, &str)] = &[
    ("MFN", "the friendly name"),
    ("PHH", "phone at home"),
    ("PHW", "phone at work"),
    ("PHM", "mobile phone"),
    ("MOB", "messages to the mobile phone allowed (Y or N)"),
    ("MBE", "a mobile device is set up (Y or N)"),
    ("WWE", "an MSN Direct device is set up"),
    ("HSB", "has a Space"),
];

const fn presence(base: Form, parameters: &'static [Parameter], shapes: Shapes) -> Form {
    Form {
        parameters,
        shapes,
        ..base
    }
}

const fn payload(base: Form, parameters: &'static [Parameter], shapes: Shapes) -> Form {
    Form {
        payload: true,
        ..presence(base, parameters, shapes)
    }
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "CHG",
        meaning: "the user's own status and capabilities",
        source: "article; NINA wiki",
        forms: &[
            presence(
                CLIENT,
                &[
                    STATUS,
                    one("capabilities", AnyCapabilities),
                    optional("msnobj", Msnobj),
                    ICON,
                ],
                ALL,
            ),
            Form {
                meaning: "the status alone (one open client)",
                ..presence(CLIENT, &[STATUS], ALL)
            },
            Form {
                meaning: "the same line, as taken; the initial presence follows",
                ..presence(
                    ANSWER,
                    &[
                        STATUS,
                        one("capabilities", AnyCapabilities),
                        optional("msnobj", Msnobj),
                        ICON,
                    ],
                    ALL,
                )
            },
        ],
    },
    Verb {
        name: "ILN",
        meaning: "initial presence of a contact, after CHG",
        source: "article; NINA wiki; at 18 Escargot sends NLN instead, Tachyon ILN",
        forms: &[
            presence(ANSWER, AT_14, SINGLE),
            presence(ANSWER, AT_8, windows(8, 8)),
            presence(ANSWER, AT_9, windows(9, 12)),
            presence(ANSWER, AT_16, windows(16, 17)),
            presence(ANSWER, AT_18, since(18)),
        ],
    },
    Verb {
        name: "NLN",
        meaning: "a contact is there, or has changed",
        source: "NINA wiki; the Mac's form is inferred from the article's ILN",
        forms: &[
            presence(PUSH, AT_14, SINGLE),
            presence(PUSH, AT_8, windows(8, 8)),
            presence(PUSH, AT_9, windows(9, 12)),
            presence(PUSH, AT_16, windows(16, 17)),
            presence(PUSH, AT_18, since(18)),
        ],
    },
    Verb {
        name: "FLN",
        meaning: "a contact is offline",
        source: "NINA wiki; Escargot",
        forms: &[
            presence(
                PUSH,
                &[MAIL, NETWORK, optional("capabilities", Capabilities)],
                SINGLE,
            ),
            presence(PUSH, &[MAIL], windows(8, 12)),
            presence(
                PUSH,
                &[MAIL, NETWORK, optional("capabilities", CapabilityPair)],
                windows(16, 17),
            ),
            presence(
                PUSH,
                &[JOINED, optional("capabilities", AnyCapabilities)],
                since(18),
            ),
        ],
    },
    Verb {
        name: "UBX",
        meaning: "a contact's personal message and media",
        source: "article; NINA wiki",
        forms: &[
            payload(PUSH, &[MAIL, NETWORK, LENGTH], between(13, 17)),
            payload(PUSH, &[MAIL, LENGTH], windows(11, 12)),
            payload(PUSH, &[JOINED, LENGTH], since(18)),
        ],
    },
    Verb {
        name: "UUX",
        meaning: "the user's own personal message, or data of this endpoint",
        source: "article; NINA wiki",
        forms: &[
            payload(CLIENT, &[LENGTH], since(11)),
            Form {
                meaning: "taken (the Mac takes ACK instead)",
                ..presence(ANSWER, &[one("zero", Word("0"))], since(11))
            },
        ],
    },
    Verb {
        name: "UUN",
        meaning: "a note to another user, or to one's own endpoints",
        source: "article; NINA wiki; papyon",
        forms: &[
            payload(
                CLIENT,
                &[MAIL, one("type", Known(NOTE_TYPES)), LENGTH],
                since(13),
            ),
            Form {
                meaning: "taken (the Mac takes ACK instead)",
                ..presence(ANSWER, &[one("result", Word("OK"))], since(13))
            },
        ],
    },
    Verb {
        name: "UBN",
        meaning: "a note from another user",
        source: "NINA wiki; papyon",
        forms: &[payload(
            PUSH,
            &[MAIL, one("type", Known(NOTE_TYPES)), LENGTH],
            since(13),
        )],
    },
    Verb {
        name: "UUM",
        meaning: "a message to a user of another network",
        source: "NINA wiki; papyon",
        forms: &[payload(
            CLIENT,
            &[MAIL, NETWORK, one("type", Known(MESSAGE_TYPES)), LENGTH],
            since(14),
        )],
    },
    Verb {
        name: "UBM",
        meaning: "a message from a user of another network",
        source: "NINA wiki; papyon",
        forms: &[payload(
            PUSH,
            &[MAIL, NETWORK, one("type", Known(MESSAGE_TYPES)), LENGTH],
            since(14),
        )],
    },
    Verb {
        name: "PRP",
        meaning: "a property of the user: the friendly name, a phone number",
        source: "article; NINA wiki",
        forms: &[
            presence(
                CLIENT,
                &[
                    one("property", Known(PROPERTIES)),
                    optional("value", FriendlyName),
                ],
                ALL,
            ),
            Form {
                meaning: "the same line, as taken (the Mac takes ACK instead)",
                ..presence(
                    ANSWER,
                    &[
                        one("property", OneOf(PROPERTIES)),
                        optional("value", FriendlyName),
                    ],
                    ALL,
                )
            },
            Form {
                meaning: "as taken, with the version of the lists",
                ..presence(
                    ANSWER,
                    &[
                        one("list version", Number),
                        one("property", OneOf(PROPERTIES)),
                        optional("value", FriendlyName),
                    ],
                    windows(8, 9),
                )
            },
            Form {
                meaning: "told after SYN",
                ..presence(
                    PUSH,
                    &[
                        one("property", OneOf(PROPERTIES)),
                        optional("value", FriendlyName),
                    ],
                    windows(8, 12),
                )
            },
        ],
    },
    Verb {
        name: "BLP",
        meaning: "the privacy default: who is on neither the allow nor the block list",
        source: "article; NINA wiki",
        forms: &[
            presence(CLIENT, &[one("default", OneOf(PRIVACY))], ALL),
            Form {
                meaning: "the same line, as taken (the Mac takes ACK instead)",
                ..presence(ANSWER, &[one("default", OneOf(PRIVACY))], ALL)
            },
            Form {
                meaning: "as taken, with the version of the lists",
                ..presence(
                    ANSWER,
                    &[one("list version", Number), one("default", OneOf(PRIVACY))],
                    windows(8, 9),
                )
            },
            Form {
                meaning: "told after SYN",
                ..presence(PUSH, &[one("default", OneOf(PRIVACY))], windows(8, 12))
            },
        ],
    },
];
