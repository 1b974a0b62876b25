//! The terms of the filter language: the table that the parser, the completion and the help overlay read.

use strsim::damerau_levenshtein;

rows! {
    /// What values a term takes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Values {
        /// What is expected, for an error and for help.
        pub fn expected;
    }
    /// None: the term is a word of its own.
    None "no value";
    /// Verbs.
    Verbs "a verb of at most four letters or digits, such as ILN";
    /// `in` or `out`.
    Directions "in (client to server) or out (server to client)";
    /// Numbers of clients.
    Clients "the number of a client, or none";
    /// Numbers of connections.
    Connections "the number of a connection, or none";
    /// Transaction ids.
    Transactions "a transaction id, a number";
    /// Accounts, or what stands before their `@`.
    Contacts "an account such as busy@local, or what is before its @";
    /// Statuses of presence, or of HTTP.
    Statuses "a status such as busy or BSY, or one of HTTP such as 404";
    /// Names of [`Kind`](crate::event::Kind).
    Kinds "a kind of line";
    /// Ids of findings.
    Findings "the id of a finding, such as bare-lf";
    /// Names of [`Severity`](crate::event::Severity).
    Severities "info, warning or error";
    /// A time of day.
    Time "a time of day such as 12:04 or 12:04:31.2";
}

impl Values {
    /// Whether several can be given, with commas.
    pub fn is_list(self) -> bool {
        !matches!(self, Values::None | Values::Time | Values::Severities)
    }
}

/// One row of [`TERMS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Which.
    pub id: TermId,
    /// What is typed, without the colon.
    pub name: &'static str,
    /// What follows the colon; [`Values::None`] where there is none.
    pub values: Values,
    /// What it finds, in a few words.
    pub help: &'static str,
    /// A filter with it.
    pub example: &'static str,
}

macro_rules! terms {
    ($($id:ident $name:literal $values:ident $help:literal, $example:literal;)*) => {
        /// A term, by what it asks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TermId {
            $(#[doc = $help] $id,)*
        }

        /// Every term, in the order in which help lists them.
        pub const TERMS: &[Term] = &[$(Term {
            id: TermId::$id,
            name: $name,
            values: Values::$values,
            help: $help,
            example: $example,
        }),*];
    };
}

// What is typed, the values that it takes, what it finds; a filter with it.
terms! {
    Verb "verb" Verbs "frames with one of these verbs", "verb:ILN,UBX";
    Direction "dir" Directions "frames that went this way", "dir:out";
    Client "client" Clients "lines of these clients", "client:2";
    Connection "conn" Connections "lines of these connections", "conn:3";
    Transaction "trid" Transactions "frames with one of these transaction ids", "trid:8";
    Contact "contact" Contacts "lines that name one of these accounts", "contact:busy@local";
    Status "status" Statuses "presence with one of these statuses, or answers of HTTP", "status:BSY";
    Kind "kind" Kinds "lines of these kinds", "kind:http,tls";
    Finding "finding" Findings "findings of these rules", "finding:bare-lf";
    Severity "severity" Severities "lines of this severity or worse", "severity:warning";
    After "after" Time "lines from this time of day on", "after:12:04:31";
    Before "before" Time "lines before this time of day", "before:12:05";
    Injected "injected" None "frames that the operator sent", "injected";
    Error "error" None "what went wrong: error replies, failed requests, handshakes and commands", "error";
}

/// The forms that are no terms, and what each means, for help.
pub const SYNTAX: &[(&str, &str)] = &[
    ("PNG", "a word in capitals or three digits is a verb"),
    (
        "BSY",
        "a status that is no verb is that status, as status:BSY",
    ),
    (
        "fishing",
        "any other word is looked for, as \"fishing\" would be",
    ),
    (
        "\"Busy User\"",
        "text, in the wire bytes or with percent-encoding undone; \\\" and \\\\ within",
    ),
    (
        "/b.sy@/",
        "a regular expression over the same; \\/ is a slash in it",
    ),
    (
        "\"busy\"i",
        "flags after text and expression: i any case, w wire bytes only",
    ),
    ("verb:ILN,NLN", "one of several values"),
    ("client:1 PNG", "both; `and` may stand between"),
    ("PNG or QNG", "either; weaker than and"),
    ("!PNG", "not, also as a word: not PNG"),
    ("(PNG or QNG) dir:in", "parentheses"),
];

/// The term of this name, in any case.
pub fn find(name: &str) -> Option<&'static Term> {
    TERMS.iter().find(|t| t.name.eq_ignore_ascii_case(name))
}

/// The term with the most similar name, if any is similar.
pub fn nearest(name: &str) -> Option<&'static Term> {
    // No term is like a long word. This also bounds the work.
    if name.len() > 32 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    TERMS
        .iter()
        .map(|term| {
            let near = term.name.starts_with(&name)
                || name.starts_with(term.name)
                || letters(&name) == letters(term.name);
            let letters = if near {
                1
            } else {
                damerau_levenshtein(&name, term.name)
            };
            (letters, term)
        })
        .filter(|(letters, term)| *letters <= 2.min(term.name.len() / 2))
        .min_by_key(|(letters, _)| *letters)
        .map(|(_, term)| term)
}

fn letters(word: &str) -> Vec<u8> {
    let mut letters = word.as_bytes().to_vec();
    letters.sort_unstable();
    letters
}
