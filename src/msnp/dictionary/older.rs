//! Lists over the notification connection, MSNP8 to 12. From MSNP13 on SYN, ADC, REM, ADG and GTC end it.

use super::Kind::*;
use super::*;

const OLD: Shapes = windows(8, 9);
const GUIDS: Shapes = windows(10, 12);
const OLDER: Shapes = windows(8, 12);

const MAIL: Parameter = one("account", Account);
const NAME: Parameter = one("friendly name", FriendlyName);
const GROUP_NAME: Parameter = one("group name", Encoded);
const GROUP_NUMBER: Parameter = one("group number", Number);
const GROUP: Parameter = one("group", Guid);
const VERSION: Parameter = one("list version", Number);
const ZERO: Parameter = one("zero", Number);
const LIST: Parameter = one("list", OneOf(LISTS));
const TAGGED_MAIL: Parameter = one("account", Tagged("N=", &Account));
const TAGGED_NAME: Parameter = optional("friendly name", Tagged("F=", &FriendlyName));
const TAGGED_ID: Parameter = optional("contact id", Tagged("C=", &Guid));
const CONTACT: Parameter = one("contact id", Guid);
const PROPERTY: Parameter = one("property", Known(PROPERTIES));
const PROPERTY_VALUE: Parameter = optional("value", Encoded);

/// `tel:+31123456789`, not encoded.
const PHONE: Parameter = one("phone number", Text);

const PROPERTIES: &[(&str, &str)] = &[("MFN", "the friendly name")];

const LISTS: &[(&str, &str)] = &[
    ("FL", "forward list"),
    ("AL", "allow list"),
    ("BL", "block list"),
    ("RL", "reverse list"),
    ("PL", "pending list"),
];

const NOTICES: &[(&str, &str)] = &[
    ("A", "ask when somebody adds the user"),
    ("N", "do not ask"),
];

const PHONES: &[(&str, &str)] = &[
    ("PHH", "phone at home"),
    ("PHW", "phone at work"),
    ("PHM", "mobile phone"),
    ("MOB", "messages to the mobile phone (Y or N)"),
    ("MBE", "a mobile device is set up"),
    ("WWE", "an MSN Direct device is set up"),
    ("HSB", "has a Space"),
];

const fn at(base: Form, shapes: Shapes, parameters: &'static [Parameter]) -> Form {
    Form {
        parameters,
        shapes,
        ..base
    }
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "SYN",
        meaning: "the lists are wanted, if they have changed",
        source: "NINA wiki; Escargot",
        forms: &[
            at(CLIENT, OLD, &[VERSION]),
            at(
                CLIENT,
                GUIDS,
                &[one("contacts stamp", Text), one("settings stamp", Text)],
            ),
            at(
                ANSWER,
                OLD,
                &[
                    VERSION,
                    one("how many contacts", Number),
                    one("how many groups", Number),
                ],
            ),
            at(
                ANSWER,
                GUIDS,
                &[
                    one("contacts stamp", Text),
                    one("settings stamp", Text),
                    one("how many contacts", Number),
                    one("how many groups", Number),
                ],
            ),
            Form {
                meaning: "the lists have not changed",
                ..at(ANSWER, OLD, &[VERSION])
            },
            Form {
                meaning: "the lists have not changed",
                ..at(
                    ANSWER,
                    GUIDS,
                    &[one("contacts stamp", Text), one("settings stamp", Text)],
                )
            },
        ],
    },
    Verb {
        name: "LSG",
        meaning: "a group, after SYN",
        source: "NINA wiki",
        forms: &[
            at(PUSH, OLD, &[GROUP_NUMBER, GROUP_NAME, ZERO]),
            at(PUSH, GUIDS, &[GROUP_NAME, GROUP]),
        ],
    },
    Verb {
        name: "LST",
        meaning: "a contact, after SYN",
        source: "NINA wiki; Escargot",
        forms: &[
            at(
                PUSH,
                OLD,
                &[
                    MAIL,
                    NAME,
                    one("lists", Lists),
                    optional("group numbers", Text),
                ],
            ),
            at(
                PUSH,
                windows(10, 11),
                &[
                    TAGGED_MAIL,
                    TAGGED_NAME,
                    TAGGED_ID,
                    one("lists", Lists),
                    optional("groups", Text),
                ],
            ),
            at(
                PUSH,
                windows(12, 12),
                &[
                    TAGGED_MAIL,
                    TAGGED_NAME,
                    TAGGED_ID,
                    one("lists", Lists),
                    one("network", Network),
                    optional("groups", Text),
                ],
            ),
        ],
    },
    Verb {
        name: "BPR",
        meaning: "a phone number or setting of the contact of the LST before it",
        source: "NINA wiki",
        forms: &[
            at(
                PUSH,
                OLDER,
                &[one("property", OneOf(PHONES)), optional("value", Encoded)],
            ),
            Form {
                meaning: "a contact has changed it",
                ..at(
                    PUSH,
                    OLD,
                    &[
                        VERSION,
                        MAIL,
                        one("property", OneOf(PHONES)),
                        optional("value", Encoded),
                    ],
                )
            },
            Form {
                meaning: "a contact has changed it",
                ..at(
                    PUSH,
                    GUIDS,
                    &[
                        MAIL,
                        one("property", OneOf(PHONES)),
                        optional("value", Encoded),
                    ],
                )
            },
        ],
    },
    Verb {
        name: "GTC",
        meaning: "whether the user is asked when somebody adds them",
        source: "NINA wiki",
        forms: &[
            at(CLIENT, OLDER, &[one("setting", OneOf(NOTICES))]),
            at(ANSWER, OLDER, &[one("setting", OneOf(NOTICES))]),
            at(ANSWER, OLD, &[VERSION, one("setting", OneOf(NOTICES))]),
            Form {
                meaning: "told after SYN",
                ..at(PUSH, OLDER, &[one("setting", OneOf(NOTICES))])
            },
        ],
    },
    Verb {
        name: "ADG",
        meaning: "a new group",
        source: "NINA wiki",
        forms: &[
            at(CLIENT, OLD, &[GROUP_NAME, ZERO]),
            at(CLIENT, GUIDS, &[GROUP_NAME]),
            at(ANSWER, OLD, &[VERSION, GROUP_NAME, GROUP_NUMBER, ZERO]),
            at(ANSWER, GUIDS, &[GROUP_NAME, GROUP]),
        ],
    },
    Verb {
        name: "REG",
        meaning: "a new name of a group",
        source: "NINA wiki",
        forms: &[
            at(CLIENT, OLD, &[GROUP_NUMBER, GROUP_NAME, ZERO]),
            at(CLIENT, GUIDS, &[GROUP, GROUP_NAME]),
            at(ANSWER, OLD, &[VERSION, GROUP_NUMBER, GROUP_NAME, ZERO]),
            at(ANSWER, GUIDS, &[GROUP, GROUP_NAME]),
        ],
    },
    Verb {
        name: "RMG",
        meaning: "the end of a group",
        source: "NINA wiki",
        forms: &[
            at(CLIENT, OLD, &[GROUP_NUMBER]),
            at(CLIENT, GUIDS, &[GROUP]),
            at(ANSWER, OLD, &[VERSION, GROUP_NUMBER]),
            at(ANSWER, GUIDS, &[GROUP]),
        ],
    },
    Verb {
        name: "ADD",
        meaning: "a contact is put on a list",
        source: "NINA wiki",
        forms: &[
            at(
                CLIENT,
                OLD,
                &[LIST, MAIL, NAME, optional("group number", Number)],
            ),
            Form {
                meaning: "taken; with transaction 0, somebody has added the user",
                ..at(
                    ANSWER,
                    OLD,
                    &[LIST, VERSION, MAIL, NAME, optional("group number", Number)],
                )
            },
        ],
    },
    Verb {
        name: "ADC",
        meaning: "a contact is put on a list, or into a group",
        source: "NINA wiki",
        forms: &[
            at(CLIENT, GUIDS, &[LIST, TAGGED_MAIL, TAGGED_NAME]),
            Form {
                meaning: "into a group",
                ..at(
                    CLIENT,
                    GUIDS,
                    &[LIST, one("contact id", Tagged("C=", &Guid)), GROUP],
                )
            },
            Form {
                meaning: "taken; with transaction 0, somebody has added the user",
                ..at(
                    ANSWER,
                    GUIDS,
                    &[
                        LIST,
                        TAGGED_MAIL,
                        TAGGED_NAME,
                        TAGGED_ID,
                        optional("group", Guid),
                    ],
                )
            },
            Form {
                meaning: "taken, into a group",
                ..at(
                    ANSWER,
                    GUIDS,
                    &[LIST, one("contact id", Tagged("C=", &Guid)), GROUP],
                )
            },
        ],
    },
    Verb {
        name: "REM",
        meaning: "a contact is taken off a list, or out of a group",
        source: "NINA wiki",
        forms: &[
            at(CLIENT, OLD, &[LIST, MAIL, optional("group number", Number)]),
            Form {
                meaning: "from the allow, block, reverse or pending list",
                ..at(CLIENT, GUIDS, &[LIST, MAIL])
            },
            Form {
                meaning: "from the forward list, or out of a group",
                ..at(
                    CLIENT,
                    GUIDS,
                    &[LIST, one("contact id", Guid), optional("group", Guid)],
                )
            },
            Form {
                meaning: "taken; with transaction 0, somebody has removed the user",
                ..at(
                    ANSWER,
                    OLD,
                    &[LIST, VERSION, MAIL, optional("group number", Number)],
                )
            },
            Form {
                meaning: "taken; with transaction 0, somebody has removed the user",
                ..at(ANSWER, GUIDS, &[LIST, MAIL])
            },
            Form {
                meaning: "taken",
                ..at(
                    ANSWER,
                    GUIDS,
                    &[LIST, one("contact id", Guid), optional("group", Guid)],
                )
            },
        ],
    },
    Verb {
        name: "REA",
        meaning: "another name of a contact, or of the user",
        source: "NINA wiki; clients watched",
        forms: &[
            at(CLIENT, OLD, &[MAIL, NAME]),
            at(ANSWER, OLD, &[VERSION, MAIL, NAME]),
        ],
    },
    Verb {
        name: "SBP",
        meaning: "a property of a contact, such as its name",
        source: "msnp-wiki; clients watched",
        forms: &[
            at(CLIENT, GUIDS, &[CONTACT, PROPERTY, PROPERTY_VALUE]),
            Form {
                meaning: "the same line, as taken",
                ..at(ANSWER, GUIDS, &[CONTACT, PROPERTY, PROPERTY_VALUE])
            },
        ],
    },
    Verb {
        name: "LKP",
        meaning: "looks up whether a phone number takes messages",
        source: "NINA wiki, MSNP12",
        forms: &[
            at(CLIENT, windows_since(12), &[PHONE]),
            Form {
                meaning: "it does",
                ..at(ANSWER, windows_since(12), &[PHONE])
            },
        ],
    },
];
