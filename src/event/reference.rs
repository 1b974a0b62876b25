//! Every event and every field of it, said once; docs/events.md is made of this, and a test holds
//! it against what is really written.

/// A field of an event or of an object in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is: `text`, `number`, `true or false`, `list of …`, the name of an object in [`OBJECTS`], with
    /// `or null` where that is so.
    pub kind: &'static str,
    /// Whether it is always there.
    pub always: bool,
    /// What it says, and its unit.
    pub help: &'static str,
}

/// An event, or an object that stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventDoc {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    /// Its fields, in the order in which they are written.
    pub fields: &'static [Field],
}

const fn field(name: &'static str, kind: &'static str, help: &'static str) -> Field {
    Field {
        name,
        kind,
        always: true,
        help,
    }
}

const fn sometimes(name: &'static str, kind: &'static str, help: &'static str) -> Field {
    Field {
        always: false,
        ..field(name, kind, help)
    }
}

/// The fields that any event may have.
pub const COMMON: &[Field] = &[
    sometimes(
        "n",
        "number",
        "its number, by which a finding names it. Of a running service: that of the line, from 1. In an export: that which the line has in the console, from 0; what is no line there has none",
    ),
    field("event", "text", "what happened: the name of the event"),
    field(
        "time",
        "number",
        "when, in microseconds since the Unix epoch; never goes back",
    ),
    sometimes(
        "connection",
        "number",
        "the accepted socket it happened on, counted from 1",
    ),
    sometimes(
        "client",
        "number",
        "the client it is about, where that is known: what commands call CLIENT",
    ),
];

const SERVICE: Field = field(
    "service",
    "text",
    "`notification`, `https`, `http` or `switchboard`",
);
const SEVERITY: Field = field("severity", "text", "`info`, `warning` or `error`");

const CLIENT: [Field; 14] = [
    field("account", "text or null", "the account it named in USR"),
    field(
        "software",
        "software or null",
        "what it says of itself in CVR",
    ),
    field(
        "shape",
        "text or null",
        "dialect and family, once agreed, such as `MSNP16/mac`",
    ),
    field("peer", "text", "the address it came from"),
    field(
        "step",
        "text",
        "how far its sign-in is: `connected`, `VER`, `CVR`, `Passport`, `signed in`, `online`, `gone`",
    ),
    field(
        "since",
        "number",
        "since when it is at that step, as `time`",
    ),
    field("expects", "text", "what the service waits for"),
    field(
        "status",
        "text or null",
        "its own status, once given, such as `busy`",
    ),
    field("name", "text or null", "its own friendly name"),
    field(
        "personal_message",
        "text or null",
        "its own personal message",
    ),
    field("media", "text or null", "what it listens to, as it sent it"),
    field(
        "capabilities",
        "text or null",
        "its own capabilities, as it said them last",
    ),
    field("endpoint", "text or null", "the name of its endpoint"),
    field("machine", "text or null", "its machine GUID"),
];

/// Every event.
pub const EVENTS: &[EventDoc] = &[
    EventDoc {
        name: "roster",
        help: "The roster as it is at the start",
        fields: &[
            field("contacts", "list of contact", "the contacts, in order"),
            field("groups", "list of group", "the groups"),
        ],
    },
    EventDoc {
        name: "listening",
        help: "A port is open; all of them are bound before the first is told",
        fields: &[SERVICE, field("address", "text", "address and port")],
    },
    EventDoc {
        name: "connected",
        help: "A socket was accepted",
        fields: &[
            SERVICE,
            field("peer", "text", "where it comes from"),
            field("local", "text", "the address that it reached"),
        ],
    },
    EventDoc {
        name: "tls",
        help: "A TLS handshake ended, well or badly",
        fields: &[
            field(
                "version",
                "text or null",
                "`TLSv1` to `TLSv1.3`; where it failed, what the hello asked for",
            ),
            field("cipher", "text or null", "the name of the suite"),
            field("sni", "text or null", "the host that the client asked for"),
            field(
                "hello",
                "text or null",
                "`sslv2` or `tls`: the format of the hello",
            ),
            field("ok", "true or false", "whether it succeeded"),
            field(
                "cause",
                "text or null",
                "where it failed: a short id, such as `client-clock`",
            ),
            field(
                "reason",
                "text or null",
                "where it failed: what happened, and what to check",
            ),
            field(
                "duration_us",
                "number",
                "from its first byte to its end, in microseconds",
            ),
        ],
    },
    EventDoc {
        name: "frame",
        help: "A frame of the notification service or the switchboard was read, or has been written",
        fields: &[
            field(
                "direction",
                "text",
                "`in`: from the client; `out`: to the client",
            ),
            field("line", "text", "the line, without its end"),
            field("payload", "text or null", "the payload, where there is one"),
            field("injected", "true or false", "whether the operator sent it"),
            field(
                "service",
                "text",
                "on which kind of connection: `notification` or `switchboard`",
            ),
        ],
    },
    EventDoc {
        name: "http",
        help: "A request was answered over HTTP or HTTPS",
        fields: &[
            SERVICE,
            field("method", "text", "the method"),
            field("target", "text", "the target, as written"),
            field("host", "text or null", "the Host header"),
            field(
                "action",
                "text",
                "what it is to nudge: `nexus`, `login`, `FindMembership`, `page`, `unknown` and so on",
            ),
            field(
                "account",
                "text or null",
                "the account it is for, where that is known",
            ),
            field("status", "number", "the status of the answer"),
            field("request", "text", "the request: line, headers, body"),
            field("response", "text", "the answer: line, headers, body"),
            field(
                "duration_us",
                "number",
                "from the request's last byte to the answer's first, in microseconds",
            ),
        ],
    },
    EventDoc {
        name: "client",
        help: "What is known of a client changed",
        fields: &CLIENT,
    },
    EventDoc {
        name: "signed-in",
        help: "A client has signed in",
        fields: &[
            field("account", "text", "its account"),
            field("shape", "text", "dialect and family, such as `MSNP16/mac`"),
        ],
    },
    EventDoc {
        name: "signed-out",
        help: "A client that was signed in is no more",
        fields: &[
            field("account", "text", "its account"),
            field("reason", "text", "why"),
        ],
    },
    EventDoc {
        name: "contact",
        help: "A contact was added, changed or removed",
        fields: &[
            field(
                "change",
                "text",
                "`status`, `personal-message`, `media`, `name`, `lists`, `groups`, `behaviour`, `added`, `removed` or `replaced`",
            ),
            field(
                "contact",
                "contact",
                "the contact as it is now; where it was removed, as it was",
            ),
            field(
                "by",
                "number or null",
                "the client that changed it; null is the operator",
            ),
            field(
                "told",
                "number",
                "how many signed-in clients are being told",
            ),
        ],
    },
    EventDoc {
        name: "conversation",
        help: "A conversation began, changed or ended",
        fields: &[
            field(
                "conversation",
                "number",
                "its number, counted from 1: the session that clients are rung with",
            ),
            field(
                "change",
                "text",
                "`began`, `called` (a client is rung), `joined`, `left`, `unanswered` (a client that was rung did not come) or `ended`",
            ),
            field(
                "account",
                "text",
                "who began it, is called, joined or left; who was the last in one that ended",
            ),
            field(
                "played",
                "true or false",
                "whether that is a contact, which nudge plays",
            ),
            field("members", "list of text", "who is in it now"),
            field("reason", "text or null", "why somebody left"),
        ],
    },
    EventDoc {
        name: "message",
        help: "Something was said in a conversation, by a client or a contact",
        fields: &[
            field("conversation", "number", "in which"),
            field("from", "text", "by whom"),
            field(
                "played",
                "true or false",
                "whether that is a contact, which nudge plays",
            ),
            field(
                "to",
                "list of text",
                "to whom; where they are many, the first 16",
            ),
            field("others", "number", "to how many"),
            field(
                "kind",
                "text",
                "`text`, `typing`, `nudge`, `wink`, `voice`, `action`, `emoticon`, `ink`, `clientcaps`, `p2p`, `invitation`, `keep-alive` or `other`",
            ),
            field(
                "text",
                "text",
                "its words; what emoticons stand for; of peer-to-peer data its session, offset and flags; of what is not known its type",
            ),
            field(
                "format",
                "text or null",
                "how the words look (X-MMS-IM-Format), as sent",
            ),
        ],
    },
    EventDoc {
        name: "finding",
        help: "Something is not as it should be",
        fields: &[
            field("id", "text", "the rule, such as `unknown-verb`"),
            SEVERITY,
            field(
                "field",
                "text",
                "the field it is about; empty if about no one field",
            ),
            field(
                "text",
                "text",
                "what was seen, why it is wrong, and what was done",
            ),
            field(
                "evidence",
                "number or null",
                "the `n` of the event that shows it, which always stands before it",
            ),
        ],
    },
    EventDoc {
        name: "disconnected",
        help: "A socket is closed",
        fields: &[
            SERVICE,
            field("reason", "text", "why, and who closed it"),
            field("bytes_in", "number", "bytes read from it"),
            field("bytes_out", "number", "bytes written to it"),
        ],
    },
    EventDoc {
        name: "reply",
        help: "The outcome of a command",
        fields: &[
            field(
                "id",
                "number",
                "which command: lines that are not blank are counted from 1",
            ),
            field("ok", "true or false", "whether it was done"),
            field("text", "text", "a sentence"),
            sometimes("clients", "list of client", "after `clients`"),
            sometimes("contacts", "list of contact", "after `contacts`"),
            sometimes("lines", "list of text", "after `help`"),
        ],
    },
    EventDoc {
        name: "notice",
        help: "The service says something about itself",
        fields: &[SEVERITY, field("text", "text", "what")],
    },
];

/// The objects that stand in fields.
pub const OBJECTS: &[EventDoc] = &[
    EventDoc {
        name: "client",
        help: "A client",
        fields: &{
            let mut fields = [field("client", "number", "its number"); CLIENT.len() + 1];
            let mut at = 0;
            while at < CLIENT.len() {
                fields[at + 1] = CLIENT[at];
                at += 1;
            }
            fields
        },
    },
    EventDoc {
        name: "software",
        help: "What a client says of itself",
        fields: &[
            field("name", "text", "such as `macmsgs`"),
            field("version", "text", "such as `8.0.1`"),
            field("system", "text", "such as `mac 10.14.6 i386`"),
        ],
    },
    EventDoc {
        name: "contact",
        help: "A contact",
        fields: &[
            field("account", "text", "its account"),
            field("id", "text", "its GUID"),
            field("name", "text", "its friendly name"),
            field(
                "status",
                "text",
                "`online`, `busy`, `idle`, `away`, `brb`, `lunch`, `phone`, `hidden` or `offline`",
            ),
            field("personal_message", "text", "its personal message"),
            field(
                "media",
                "text",
                "what it listens to, in the form of CurrentMedia",
            ),
            field(
                "lists",
                "list of text",
                "of `forward`, `allow`, `block`, `reverse`, `pending`",
            ),
            field("groups", "list of text", "the ids of its groups"),
            field("network", "number", "1 is Passport"),
            field("capabilities", "number", "capability bits"),
            field("extended", "number", "extended capability bits"),
            field("msnobj", "text", "its MSN object"),
            field(
                "messenger_user",
                "true or false",
                "whether the address book says that it uses Messenger",
            ),
            field(
                "behaviour",
                "text",
                "how it behaves in conversations by itself: `silent`, `echo`, `away` or `reply`; an exported recording says `silent`",
            ),
        ],
    },
    EventDoc {
        name: "group",
        help: "A group of contacts",
        fields: &[
            field("id", "text", "its GUID"),
            field("name", "text", "its name"),
        ],
    },
];

/// The events as Markdown: a table of what all have, then one for each.
pub fn event_reference_markdown() -> String {
    let mut out = String::from("**Every event** has:\n\n");
    table(&mut out, COMMON);
    for event in EVENTS {
        out += &format!("\n**`{}`** {}:\n\n", event.name, event.help);
        table(&mut out, event.fields);
    }
    out += "\nThe objects in them:\n";
    for object in OBJECTS {
        out += &format!("\n**{}** {}:\n\n", object.name, object.help);
        table(&mut out, object.fields);
    }
    out
}

fn table(out: &mut String, fields: &[Field]) {
    *out += "| field | is | says |\n|---|---|---|\n";
    for field in fields {
        let sometimes = if field.always {
            ""
        } else {
            "; not always there"
        };
        *out += &format!(
            "| `{}` | {} | {}{sometimes} |\n",
            field.name, field.kind, field.help
        );
    }
}
