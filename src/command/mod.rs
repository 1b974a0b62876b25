//! The operator's one command language.
//!
//! What a command is (name, arguments, help, example, default keys) is said once, in a table of
//! [`Spec`]. The prompt, headless standard input, scripts, completion, the help overlay, the footer and the
//! table of docs/commands.md are all read from it. [`SERVER`] is the table of what the service itself can do; the
//! console adds a table of its own to the same [`Registry`].

/// Commands, one a row: a name, arguments, a line of help; then what else there is to know (`more`), a whole line that can
/// be typed (`example`; the name alone, where none is given), the keys, and what it `does` ([`Scope::Console`], where nothing
/// is said). A key has a [`Place`], the key, a word for the footer, and a [`Press`] with its line unless it runs the name.
macro_rules! specs {
    ($($name:literal [$($arg:expr),*] $help:literal $(more $more:literal)? $(example $example:literal)?
        $(keys [$($place:ident $key:literal $label:literal $($press:ident $line:literal)?),*])? $(does $scope:expr)?;)*) => {
        &[$($crate::command::Spec {
            name: $name,
            args: &[$($arg),*],
            help: $help,
            more: [$($more,)? ""][0],
            example: [$($example,)? $name][0],
            keys: &[$($($crate::command::Key {
                place: $crate::command::specs!(@place $place),
                key: $key,
                label: $label,
                line: [$($line,)? $name][0],
                press: [$($crate::command::Press::$press,)? $crate::command::Press::Run][0],
            }),*)?],
            scope: [$($scope,)? $crate::command::Scope::Console][0],
        }),*]
    };
    (@place Everywhere) => {
        $crate::command::Place::Everywhere
    };
    (@place Moving) => {
        $crate::command::Place::Moving
    };
    (@place $pane:ident) => {
        $crate::command::Place::In($crate::command::Pane::$pane)
    };
}
pub(crate) use specs;

mod complete;
mod help;
mod pane;
mod parse;
mod server;
#[cfg(test)]
mod tests;

pub use crate::msnp::nearest;
pub use complete::{Candidate, CompletionContext};
pub use pane::{Pane, Place};
pub use parse::{CommandError, Parsed, SCREEN, SHELL, Value, Values, factor};
pub use server::SERVER;

use crate::control::Action;
use crate::msnp::Dialect;
use std::ops::RangeInclusive;

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, which is typed first. No other command has it, in any case of letters.
    pub name: &'static str,
    /// Its arguments, in order. Only the last ones may be optional.
    pub args: &'static [Arg],
    /// One line: what it does.
    pub help: &'static str,
    /// What else there is to know; may be empty.
    pub more: &'static str,
    /// A whole line that can be typed.
    pub example: &'static str,
    /// The keys that do it in the console, unless the operator's key file says otherwise.
    pub keys: &'static [Key],
    /// Who carries it out.
    pub scope: Scope,
}

/// Who carries a command out.
#[derive(Debug, Clone, Copy)]
pub enum Scope {
    /// The service; this makes the action of the values, which are of the kinds of [`Spec::args`].
    Server(fn(Values) -> Option<Action>),
    /// Whoever reads the line: it shows [`Registry::help_lines`].
    Help,
    /// Whoever watches the sign-ins, with a screen or without: it sets after how long a wait a stall is said.
    Patience,
    /// The console.
    Console,
}

impl Scope {
    /// Whether it needs no service.
    pub fn is_console(self) -> bool {
        matches!(self, Scope::Console)
    }
}

/// One argument.
#[derive(Debug, Clone, Copy)]
pub struct Arg {
    /// Its name in help, in capitals.
    pub name: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// Whether it may be left out.
    pub optional: bool,
}

impl Arg {
    /// One that must be given.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            optional: false,
        }
    }

    /// One that may be left out.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Self {
            optional: true,
            ..Self::new(name, kind)
        }
    }
}

/// What may stand in the place of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Contacts, with commas between them.
    Contacts,
    /// One contact.
    Contact,
    /// An account that need not be a contact's yet.
    Account,
    /// A status.
    Status,
    /// Clients, with commas between them, or `all`.
    Clients,
    /// A shape.
    Shape,
    /// Dialects, numbers and ranges with commas between them.
    Dialects,
    /// The name of a command.
    Topic,
    /// How many times as much as usual, within [`FACTORS`].
    Factor,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any word.
    Word,
    /// A file; in quotation marks where its name has spaces.
    File,
    /// The rest of the line, spaces around it taken off.
    Text,
    /// The rest of the line, spaces before it taken off.
    Line,
    /// The rest of the line, exactly as it is after one space.
    Bytes,
}

impl Kind {
    /// What may stand there, for people.
    pub fn explain(self) -> String {
        match self {
            Kind::Contacts => {
                "an account, or what stands before its @; several with commas, or all".into()
            }
            Kind::Contact => "an account, or what stands before its @".into(),
            Kind::Account => "an account, such as new@local".into(),
            Kind::Status => {
                let words: Vec<_> = crate::msnp::Status::ALL.map(|s| s.word()).into();
                format!("one of {}", words.join(", "))
            }
            Kind::Clients => {
                "a client's number, several with commas, its account, what stands before the @ of that, or all"
                    .into()
            }
            Kind::Shape => {
                "a dialect, such as MSNP15, or one of the Mac's, such as MSNP16/mac".into()
            }
            Kind::Dialects => {
                let (oldest, newest) = (Dialect::OLDEST.number(), Dialect::NEWEST.number());
                format!(
                    "dialects from {oldest} to {newest}: numbers and ranges with commas between them, such as 8-12,15"
                )
            }
            Kind::Topic => "the name of a command".into(),
            Kind::Factor => format!(
                "how many times the usual, from {} to {}, such as 2 or 0.5",
                FACTORS.start(),
                FACTORS.end()
            ),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
            Kind::Word => "a word without spaces".into(),
            Kind::File => "a file; in quotation marks where its name has spaces".into(),
            Kind::Text => "the rest of the line; no quotes needed".into(),
            Kind::Line => {
                r"an MSNP line; \r \n \xHH and \\ stand for bytes, what follows the first \n is its payload"
                    .into()
            }
            Kind::Bytes => {
                r"exactly what is sent, nothing added; \r \n \xHH and \\ stand for bytes".into()
            }
        }
    }
}

/// Short names that are known from other programs, each with the command that it stands for.
pub const SHORT: &[(&str, &str)] = &[
    ("q", "quit"),
    ("exit", "quit"),
    ("w", "save"),
    ("?", "help"),
];

/// What [`Kind::Factor`] may be.
pub const FACTORS: RangeInclusive<f64> = 0.01..=10_000.0;

/// What a key does with its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Runs it.
    Run,
    /// Runs it when the operator has said yes.
    Confirm,
    /// Opens the prompt with it, to be completed.
    Prompt,
}

/// A default key. A key file may put others in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Where it is pressed.
    pub place: Place,
    /// The key: `b`, `B`, `?`, `ctrl-s`, `space`.
    pub key: &'static str,
    /// A word for the footer.
    pub label: &'static str,
    /// The line it stands for: `{contacts}` is the marked contacts, or the one under the cursor; `{contact}`
    /// that alone; `{client}` the client under the cursor; `{as}` the contact that is spoken as in the conversation
    /// that is shown, and `{to}` a client in it.
    pub line: &'static str,
    /// What is done with the line.
    pub press: Press,
}

/// The commands that are there: one table or more.
#[derive(Debug, Clone, Copy)]
pub struct Registry {
    tables: &'static [&'static [Spec]],
}

impl Registry {
    /// What can be done without a console.
    pub const HEADLESS: Registry = Registry { tables: &[SERVER] };

    /// A registry of these tables.
    pub const fn new(tables: &'static [&'static [Spec]]) -> Self {
        Self { tables }
    }

    /// Every command, in the order of the tables.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> + use<> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    /// The command of that name or short name, in any case.
    pub fn find(&self, name: &str) -> Option<&'static Spec> {
        let mut short = SHORT.iter();
        let name = short
            .find(|(short, _)| short.eq_ignore_ascii_case(name))
            .map_or(name, |(_, name)| name);
        self.specs().find(|s| s.name.eq_ignore_ascii_case(name))
    }

    /// What is wrong with the tables: a sentence for every name that is there twice and every key that
    /// means two things in one pane. Empty, or a test fails.
    pub fn clashes(&self) -> Vec<String> {
        let mut out = Vec::new();
        let specs: Vec<_> = self.specs().collect();
        for (short, _) in SHORT {
            if specs.iter().any(|spec| spec.name == *short) {
                out.push(format!("a command is called {short:?}, a short name"));
            }
        }
        for (index, spec) in specs.iter().enumerate() {
            if specs[..index]
                .iter()
                .any(|other| other.name.eq_ignore_ascii_case(spec.name))
            {
                out.push(format!("two commands are called {:?}", spec.name));
            }
        }
        let keys: Vec<(&str, &Key)> = specs
            .iter()
            .flat_map(|spec| spec.keys.iter().map(|key| (spec.name, key)))
            .collect();
        for (index, (name, key)) in keys.iter().enumerate() {
            for (other_name, other) in &keys[..index] {
                if key.key == other.key && key.place.meets(other.place) {
                    out.push(format!(
                        "{:?} is {other_name} in {} and {name} in {}",
                        key.key,
                        other.place.name(),
                        key.place.name()
                    ));
                }
            }
        }
        out
    }
}
