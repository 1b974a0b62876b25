//! Signing in, staying signed in, and leaving.

use super::Kind::*;
use super::*;

/// The services that `URL` asks for.
const SERVICES: &[(&str, &str)] = &[
    ("INBOX", "the mailbox"),
    ("FOLDERS", "the mail folders"),
    ("COMPOSE", "a new mail"),
    ("MOBILE", "the settings of mobile messages"),
    ("CHGMOB", "the settings of the mobile device"),
    ("PROFILE", "the user's profile"),
    ("PERSON", "the user's account"),
    ("CHAT", "the chat rooms"),
    ("PASSWORD", "a new password"),
    ("ADDRBOOK", "the address book"),
    ("ADVSEARCH", "the directory, in detail"),
    ("INTSEARCH", "the directory, by interest"),
];

const REASONS: &[(&str, &str)] = &[
    ("OTH", "signed in from another place"),
    ("SSD", "the server shuts down"),
    ("MIG", "the account is being moved"),
    ("TOU", "the terms of use are to be accepted"),
    ("RCT", "reconnect after some minutes"),
];

/// Every error code, read as one verb: `911 4`. Its codes are in [`errors`](crate::msnp::errors).
pub(super) static ERROR: Verb = Verb {
    name: "error",
    meaning: "the command of this transaction was refused",
    source: "NINA wiki; papyon for the two with a payload",
    forms: &[
        Form {
            stages: EVERYWHERE,
            ..ANSWER
        },
        Form {
            parameters: &[LENGTH],
            payload: true,
            stages: EVERYWHERE,
            meaning: "with details (241 and 509)",
            ..ANSWER
        },
    ],
};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "VER",
        meaning: "which dialects the client speaks, and the one that is agreed",
        source: "article; NINA wiki",
        forms: &[
            Form {
                parameters: &[one("dialect", Dialect), repeated("dialect", Dialect)],
                stages: SIGN_IN,
                meaning: "the dialects that the client speaks, best first",
                ..CLIENT
            },
            Form {
                parameters: &[one("dialect", Dialect), optional("CVR0", Word("CVR0"))],
                stages: SIGN_IN,
                meaning: "the dialect that is agreed (the article's service echoes CVR0)",
                ..ANSWER
            },
            Form {
                parameters: &[one("no dialect", Word("0"))],
                stages: SIGN_IN,
                meaning: "nothing in common; the service closes",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "CVR",
        meaning: "the client's name and version, and which one is recommended",
        source: "article; NINA wiki",
        forms: &[
            Form {
                parameters: &[
                    one("language", Language),
                    one("operating system", Text),
                    one("its version", Text),
                    one("architecture", Text),
                    one("client", Text),
                    one("client version", Text),
                    one("brand", Text),
                    optional("account", Account),
                    repeated("more", Text),
                ],
                stages: SIGN_IN,
                meaning: "what the client is",
                ..CLIENT
            },
            Form {
                parameters: &[
                    one("recommended version", Text),
                    one("recommended version again", Text),
                    one("least version", Text),
                    one("download URL", Text),
                    one("information URL", Text),
                ],
                stages: SIGN_IN,
                meaning: "versions and where to get one (the Mac takes 1 2 3 4 5)",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "USR",
        meaning: "sign in",
        source: "article; NINA wiki; Escargot",
        forms: &[
            Form {
                parameters: &[
                    one("method", Word("TWN")),
                    one("step", Word("I")),
                    one("account", Account),
                ],
                stages: SIGN_IN,
                meaning: "begins to sign in with a Passport ticket (Tweener)",
                ..CLIENT
            },
            Form {
                parameters: &[
                    one("method", Word("TWN")),
                    one("step", Word("S")),
                    one("ticket", Secret),
                    optional("machine GUID", Guid),
                ],
                stages: SIGN_IN,
                meaning: "shows the Passport ticket",
                ..CLIENT
            },
            Form {
                parameters: &[
                    one("method", Word("SSO")),
                    one("step", Word("I")),
                    one("account", Account),
                ],
                shapes: windows_since(14),
                stages: SIGN_IN,
                meaning: "begins to sign in with a token of the security service",
                ..CLIENT
            },
            Form {
                parameters: &[
                    one("method", Word("SSO")),
                    one("step", Word("S")),
                    one("ticket", Secret),
                    one("proof", Secret),
                    optional("machine GUID", Guid),
                ],
                shapes: windows_since(14),
                stages: SIGN_IN,
                meaning: "shows the token and the proof made of the nonce",
                ..CLIENT
            },
            Form {
                parameters: &[one("account", Account), one("switchboard token", Secret)],
                stages: SWITCHBOARD,
                meaning: "enters a switchboard that it asked for",
                ..CLIENT
            },
            Form {
                parameters: &[
                    one("result", Word("OK")),
                    one("account", Account),
                    one("verified", Number),
                    one("child", Number),
                ],
                shapes: since(10),
                stages: SIGN_IN,
                meaning: "signed in",
                ..ANSWER
            },
            Form {
                parameters: &[
                    one("method", Word("TWN")),
                    one("step", Word("S")),
                    one("ticket parameters", Text),
                ],
                stages: SIGN_IN,
                meaning: "what the client takes to the Passport login",
                ..ANSWER
            },
            Form {
                parameters: &[
                    one("method", Word("SSO")),
                    one("step", Word("S")),
                    one("policy", Text),
                    one("nonce", Text),
                ],
                shapes: windows_since(14),
                stages: SIGN_IN,
                meaning: "the policy to ask for and the nonce to prove",
                ..ANSWER
            },
            Form {
                parameters: &[
                    one("result", Word("OK")),
                    one("account", Account),
                    one("friendly name", FriendlyName),
                    one("verified", Number),
                    one("child", Number),
                ],
                shapes: windows(8, 9),
                stages: SIGN_IN,
                meaning: "signed in",
                ..ANSWER
            },
            Form {
                parameters: &[
                    one("result", Word("OK")),
                    one("account", Account),
                    one("friendly name", FriendlyName),
                ],
                stages: SWITCHBOARD,
                meaning: "entered the switchboard",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "XFR",
        meaning: "go to another server: notification or switchboard",
        source: "NINA wiki; Escargot",
        forms: &[
            Form {
                parameters: &[one("server", Word("SB"))],
                meaning: "asks for a switchboard",
                ..CLIENT
            },
            Form {
                parameters: &[
                    one("server", Word("NS")),
                    one("address", HostPort),
                    one("zero", Text),
                    one("current address", Text),
                ],
                shapes: windows(8, 12),
                stages: NOTIFICATION,
                meaning: "sign in at this notification server",
                ..ANSWER
            },
            Form {
                parameters: &[
                    one("server", Word("NS")),
                    one("address", HostPort),
                    one("U", Text),
                    one("D", Text),
                ],
                shapes: since(13),
                stages: NOTIFICATION,
                meaning: "sign in at this notification server",
                ..ANSWER
            },
            Form {
                parameters: &[
                    one("server", Word("SB")),
                    one("address", HostPort),
                    one("method", Word("CKI")),
                    one("switchboard token", Secret),
                    optional("U", Word("U")),
                    optional("domain", Text),
                    optional("direct", Text),
                ],
                meaning: "the switchboard (U and domain from MSNP13, 1 from MSNP14)",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "SBS",
        meaning: "a setting of mobile messages that no client needs",
        source: "NINA wiki",
        forms: &[
            Form {
                parameters: &[one("number", Text), repeated("more", Text)],
                shapes: since(11),
                stages: NOTIFICATION,
                ..PUSH_ZERO
            },
            Form {
                parameters: &[repeated("more", Text)],
                shapes: since(11),
                meaning: "asks for it; the line is echoed",
                ..CLIENT
            },
            Form {
                parameters: &[repeated("more", Text)],
                shapes: since(11),
                meaning: "the same line",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "GCF",
        meaning: "policies: what may be sent (\"shields\")",
        source: "NINA wiki; Escargot",
        forms: &[
            Form {
                parameters: &[one("file", Text)],
                shapes: since(11),
                meaning: "asks for the file Shields.xml",
                ..CLIENT
            },
            Form {
                parameters: &[LENGTH],
                payload: true,
                shapes: since(13),
                stages: NOTIFICATION,
                meaning: "the policies, pushed before USR is answered (the Mac works without)",
                ..PUSH_ZERO
            },
            Form {
                parameters: &[one("file", Text), LENGTH],
                payload: true,
                shapes: since(11),
                meaning: "the file that was asked for",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "CHL",
        meaning: "a challenge: the client must answer with QRY",
        source: "NINA wiki",
        forms: &[Form {
            parameters: &[one("challenge", Text)],
            ..PUSH_ZERO
        }],
    },
    Verb {
        name: "QRY",
        meaning: "the answer to a challenge",
        source: "NINA wiki",
        forms: &[
            Form {
                parameters: &[one("product id", Text), LENGTH],
                payload: true,
                meaning: "32 hexadecimal digits, made of the challenge and the product key",
                ..CLIENT
            },
            Form {
                meaning: "the answer is right",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "PNG",
        meaning: "ping: is the service there?",
        source: "NINA wiki; article (the Mac sends a number)",
        forms: &[Form {
            transaction: Transaction::Either,
            stages: EVERYWHERE,
            ..CLIENT
        }],
    },
    Verb {
        name: "QNG",
        meaning: "the answer to a ping",
        source: "NINA wiki; article",
        forms: &[
            Form {
                parameters: &[one("seconds to the next ping", Number)],
                shapes: since(9),
                stages: EVERYWHERE,
                ..PUSH
            },
            Form {
                shapes: windows(8, 8),
                stages: EVERYWHERE,
                ..PUSH
            },
        ],
    },
    Verb {
        name: "OUT",
        meaning: "goodbye",
        source: "NINA wiki",
        forms: &[
            Form {
                transaction: Transaction::Never,
                parameters: &[optional("reason", Text)],
                stages: EVERYWHERE,
                meaning: "the client signs out, or leaves the switchboard",
                ..CLIENT
            },
            Form {
                parameters: &[
                    optional("reason", OneOf(REASONS)),
                    optional("minutes", Number),
                ],
                stages: EVERYWHERE,
                meaning: "the service ends the connection (MIG and TOU from MSNP10, RCT from 11)",
                ..PUSH
            },
        ],
    },
    Verb {
        name: "URL",
        meaning: "the address of a web service",
        source: "NINA wiki; article",
        forms: &[
            Form {
                parameters: &[
                    one("service", Known(SERVICES)),
                    optional("language or account", Text),
                ],
                meaning: "asks for it",
                ..CLIENT
            },
            Form {
                parameters: &[
                    one("redirect URL", Url),
                    one("login URL", Url),
                    one("id", Number),
                ],
                shapes: windows_since(8),
                meaning: "where it is, and where to log in for it",
                ..ANSWER
            },
            Form {
                parameters: &[
                    one("service", Known(SERVICES)),
                    optional("language or account", Text),
                    one("URL", Url),
                ],
                shapes: mac(13, 17),
                meaning: "where it is (what the Mac takes)",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "ACK",
        meaning: "taken",
        source: "article; NINA wiki",
        forms: &[
            Form {
                parameters: &[one("verb", Text)],
                shapes: mac(13, 17),
                meaning: "the command was taken (in place of an echo, for the Mac)",
                ..ANSWER
            },
            Form {
                stages: SWITCHBOARD,
                meaning: "the message arrived (asked for with A or D)",
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "NOT",
        meaning: "a notification in XML: an alert, or ABCHInternal, after which the address book is read again",
        source: "NINA wiki; papyon",
        forms: &[Form {
            parameters: &[LENGTH],
            payload: true,
            ..PUSH
        }],
    },
    Verb {
        name: "IPG",
        meaning: "a page from a mobile phone",
        source: "NINA wiki",
        forms: &[Form {
            parameters: &[LENGTH],
            payload: true,
            ..PUSH
        }],
    },
    Verb {
        name: "PAG",
        meaning: "a page to a mobile phone",
        source: "NINA wiki",
        forms: &[
            Form {
                parameters: &[repeated("contact", Text), LENGTH],
                payload: true,
                ..CLIENT
            },
            Form {
                parameters: &[repeated("result", Text)],
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "PGD",
        meaning: "a page to a mobile phone, with a receipt",
        source: "NINA wiki",
        forms: &[
            Form {
                parameters: &[repeated("contact", Text), LENGTH],
                payload: true,
                ..CLIENT
            },
            Form {
                parameters: &[repeated("result", Text)],
                ..ANSWER
            },
        ],
    },
    Verb {
        name: "SDC",
        meaning: "an invitation by mail to use Messenger",
        source: "NINA wiki",
        forms: &[
            Form {
                parameters: &[
                    one("account", Account),
                    one("language", Language),
                    repeated("more", Text),
                    LENGTH,
                ],
                payload: true,
                ..CLIENT
            },
            Form {
                parameters: &[repeated("result", Text)],
                ..ANSWER
            },
        ],
    },
];
