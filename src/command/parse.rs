//! One line in, a command out, or a sentence that says what was expected.

use super::{Arg, FACTORS, Kind, Registry, Scope, Spec, nearest};
use crate::control::{Action, EVERY_CONTACT, Target};
use crate::event::ClientId;
use crate::msnp::{Dialects, Shape, Status};
use std::collections::VecDeque;

/// The longest line whose words are tried in another order, in bytes.
const LONGEST_REORDERED: usize = 200;

/// What is no command here, and is one in a shell, after `nudge`.
pub const SHELL: &[&str] = &[
    "certs",
    "hosts",
    "explain",
    "findings",
    "open",
    "replay",
    "diff",
    "config",
    "keys",
    "completions",
    "man",
];

/// What can be typed at the console alone.
pub const SCREEN: &[&str] = &[
    "filter",
    "clear",
    "theme",
    "reload",
    "record",
    "export",
    "play",
    "step",
    "step-back",
    "rewind",
    "converse",
];

/// What a line asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// That the service does this.
    Action(Action),
    /// That [`Registry::help_lines`] of this be shown.
    Help(Option<String>),
    /// That a stall be said after so many times the usual wait; without a number, what it is now.
    Patience(Option<f64>),
    /// That the console does this.
    Console {
        /// The name of the command.
        name: &'static str,
        /// Its arguments.
        args: Values,
    },
}

/// The value of one argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Contacts, each as it was written.
    Words(Vec<String>),
    /// A text or a word.
    Text(String),
    /// A status.
    Status(Status),
    /// Clients.
    Target(Target),
    /// A shape.
    Shape(Shape),
    /// Dialects.
    Dialects(Dialects),
    /// How many times as much as usual.
    Factor(f64),
}

/// The values of a command's arguments, taken from the front; those that were left out are not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values(VecDeque<Value>);

macro_rules! take {
    ($(#[$doc:meta] $name:ident -> $type:ty, $variant:ident;)*) => {
        $(
            #[$doc]
            pub fn $name(&mut self) -> Option<$type> {
                match self.0.pop_front()? {
                    Value::$variant(value) => Some(value),
                    other => {
                        self.0.push_front(other);
                        None
                    }
                }
            }
        )*
    };
}

impl Values {
    take! {
        /// The next value, if it is contacts.
        words -> Vec<String>, Words;
        /// The next value, if it is a text or a word.
        text -> String, Text;
        /// The next value, if it is a status.
        status -> Status, Status;
        /// The next value, if it is clients.
        target -> Target, Target;
        /// The next value, if it is a shape.
        shape -> Shape, Shape;
        /// The next value, if it is dialects.
        dialects -> Dialects, Dialects;
        /// The next value, if it is a factor.
        factor -> f64, Factor;
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why a line is not a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is nothing in it.
    #[error("nothing was typed: `help` lists the commands")]
    Empty,
    /// No command has that name.
    #[error("unknown command {:?}: {hint}", short(name))]
    Unknown {
        /// What was typed.
        name: String,
        /// What may have been meant, or what to do.
        hint: String,
    },
    /// Its words are those of a command in another order.
    #[error("did you mean `{}`?", short(meant))]
    Order {
        /// They, as they belong.
        meant: String,
    },
    /// An argument is not there.
    #[error("{usage} needs {argument}: for example `{example}`")]
    Missing {
        /// The command with its arguments.
        usage: String,
        /// The one that is missing.
        argument: &'static str,
        /// The command's example.
        example: &'static str,
    },
    /// An argument is not what it should be.
    #[error("{argument}: {:?} is not {expected}{}", short(found), nearest.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    Bad {
        /// Which.
        argument: &'static str,
        /// What was found.
        found: String,
        /// What may stand there.
        expected: String,
        /// What may have been meant.
        nearest: Option<&'static str>,
    },
    /// Something is left over.
    #[error("{usage} takes no more than that: {:?} is left over", short(rest))]
    TooMuch {
        /// The command with its arguments.
        usage: String,
        /// What is left.
        rest: String,
    },
}

/// What to do about a word that is no command, nor like one.
fn elsewhere(name: &str) -> String {
    match name {
        "q!" | "wq" | "x" => "`save` writes the roster, and `quit` ends".into(),
        _ if SHELL.contains(&name) => format!("`nudge {name}` in a shell does that"),
        _ if SCREEN.contains(&name) => "the console alone has it, and this runs without one".into(),
        _ => "`help` lists the commands".into(),
    }
}

/// The beginning of what was typed: a line of 128 KiB is not repeated in an error.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The next word, and what follows it with the separator still before it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches([' ', '\t']);
    text.split_at(text.find([' ', '\t']).unwrap_or(text.len()))
}

/// The same. A word that begins with a quotation mark goes on to the next one.
fn quoted(text: &str) -> (&str, &str) {
    let inner = text.trim_start_matches([' ', '\t']).strip_prefix('"');
    inner
        .and_then(|inner| inner.split_once('"'))
        .filter(|(name, after)| !name.is_empty() && !after.starts_with(|c| c != ' ' && c != '\t'))
        .unwrap_or_else(|| word(text))
}

impl Registry {
    /// Reads a line, without its line end.
    ///
    /// # Errors
    /// [`CommandError`], a sentence when printed.
    pub fn parse(&self, line: &str) -> Result<Parsed, CommandError> {
        let read = self.read(line);
        if let Err(CommandError::Unknown { .. } | CommandError::Bad { nearest: None, .. }) = read
            && let Some(meant) = self.reordered(line)
        {
            return Err(CommandError::Order { meant });
        }
        read
    }

    /// The words of a line in the order of a command, where in another they are one: the command after its arguments or
    /// among them, left out where a status says which it is, or two arguments in each other's place.
    fn reordered(&self, line: &str) -> Option<String> {
        if line.len() > LONGEST_REORDERED {
            return None;
        }
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let rest = |at: usize| {
            let others = words.iter().enumerate().filter(move |(n, _)| *n != at);
            others.map(|(_, word)| *word).collect::<Vec<_>>()
        };
        let named = (0..words.len())
            .filter_map(|at| Some((self.find(words[at])?.name, rest(at))))
            .find(|(_, rest)| !rest.is_empty());
        let is_status = |word: &&str| word.parse::<Status>().is_ok();
        let (name, mut rest) = match named {
            Some(named) => named,
            None if words.len() > 1 && words.iter().any(is_status) => ("status", words),
            None => return None,
        };
        let is_right = |rest: &[&str]| {
            let meant = format!("{name} {}", rest.join(" "));
            self.read(&meant).is_ok().then_some(meant)
        };
        is_right(&rest).or_else(|| {
            rest.get(1)?;
            rest.swap(0, 1);
            is_right(&rest)
        })
    }

    fn read(&self, line: &str) -> Result<Parsed, CommandError> {
        let (name, mut rest) = word(line);
        if name.is_empty() {
            return Err(CommandError::Empty);
        }
        let spec = self.find(name).ok_or_else(|| self.unknown(name))?;
        let mut values = VecDeque::new();
        for arg in spec.args {
            let (found, after) = match arg.kind {
                Kind::Text => (rest.trim(), ""),
                Kind::Line => (rest.trim_start_matches([' ', '\t']), ""),
                Kind::Bytes => (rest.get(1..).unwrap_or_default(), ""),
                Kind::File => quoted(rest),
                _ => word(rest),
            };
            if arg.kind == Kind::File && found.starts_with('"') {
                return Err(CommandError::Bad {
                    argument: arg.name,
                    found: found.to_owned(),
                    expected: "a name with a quotation mark at each end".into(),
                    nearest: None,
                });
            }
            if !found.is_empty() {
                values.push_back(self.value(arg, found)?);
            } else if !arg.optional {
                return Err(CommandError::Missing {
                    usage: spec.usage(),
                    argument: arg.name,
                    example: spec.example,
                });
            }
            rest = after;
        }
        let left = rest.trim();
        if !left.is_empty() {
            return Err(CommandError::TooMuch {
                usage: spec.usage(),
                rest: left.to_owned(),
            });
        }
        self.parsed(spec, Values(values))
    }

    fn unknown(&self, name: &str) -> CommandError {
        // Keys are called after statuses, so their names are tried as commands.
        let is_status = name.parse::<Status>().is_ok();
        let meant = is_status.then_some("status");
        let hint = match meant.or_else(|| nearest(name, self.specs().map(|s| s.name))) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => elsewhere(name),
        };
        CommandError::Unknown {
            name: name.to_owned(),
            hint,
        }
    }

    fn parsed(&self, spec: &'static Spec, mut values: Values) -> Result<Parsed, CommandError> {
        match spec.scope {
            Scope::Console => Ok(Parsed::Console {
                name: spec.name,
                args: values,
            }),
            Scope::Help => Ok(Parsed::Help(values.text())),
            Scope::Patience => Ok(Parsed::Patience(values.factor())),
            // `None` means that the arguments in the table and its function disagree. A test runs each of them.
            Scope::Server(action) => {
                action(values)
                    .map(Parsed::Action)
                    .ok_or_else(|| CommandError::Missing {
                        usage: spec.usage(),
                        argument: "something",
                        example: spec.example,
                    })
            }
        }
    }

    fn value(&self, arg: &Arg, found: &str) -> Result<Value, CommandError> {
        let bad = |nearest: Option<&'static str>| CommandError::Bad {
            argument: arg.name,
            found: found.to_owned(),
            expected: arg.kind.explain(),
            nearest,
        };
        Ok(match arg.kind {
            // As with `send all`, it means whoever is there when the service carries it out.
            Kind::Contacts if found.eq_ignore_ascii_case("all") => {
                Value::Words(vec![EVERY_CONTACT.to_owned()])
            }
            Kind::Contacts => Value::Words(list(found).ok_or_else(|| bad(None))?),
            Kind::Contact if found.contains(',') => return Err(bad(None)),
            Kind::Status => Value::Status(
                found
                    .parse()
                    .map_err(|_| bad(nearest(found, Status::ALL.into_iter().map(Status::word))))?,
            ),
            Kind::Clients if found.eq_ignore_ascii_case("all") => Value::Target(Target::All),
            Kind::Clients if is_account(found) => Value::Target(Target::Account(found.to_owned())),
            Kind::Clients => {
                let mut clients: Vec<ClientId> = list(found)
                    .and_then(|numbers| numbers.iter().map(|n| client(n)).collect())
                    .ok_or_else(|| bad(nearest(found, ["all"])))?;
                // Naming one twice does not send to it twice.
                clients.sort();
                clients.dedup();
                Value::Target(Target::Clients(clients))
            }
            Kind::Shape => Value::Shape(found.parse().map_err(|_| bad(None))?),
            Kind::Dialects => Value::Dialects(found.parse().map_err(|_| bad(None))?),
            Kind::Factor => Value::Factor(factor(found).ok_or_else(|| bad(None))?),
            Kind::Topic => match self.find(found) {
                Some(spec) => Value::Text(spec.name.to_owned()),
                None => return Err(bad(nearest(found, self.specs().map(|s| s.name)))),
            },
            Kind::Choice(words) => {
                match words.iter().find(|word| word.eq_ignore_ascii_case(found)) {
                    Some(word) => Value::Text((*word).to_owned()),
                    None => return Err(bad(nearest(found, words.iter().copied()))),
                }
            }
            Kind::Contact
            | Kind::Account
            | Kind::Word
            | Kind::File
            | Kind::Text
            | Kind::Line
            | Kind::Bytes => Value::Text(found.to_owned()),
        })
    }
}

/// The texts between commas. `None` if one of them is empty.
fn list(text: &str) -> Option<Vec<String>> {
    let items: Vec<String> = text.split(',').map(str::to_owned).collect();
    items.iter().all(|item| !item.is_empty()).then_some(items)
}

/// A factor within [`FACTORS`]: `2`, `0.5`.
pub fn factor(text: &str) -> Option<f64> {
    // `parse` would take "1e3", "inf" and "NaN" too.
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number = text.parse().ok().filter(|_| plain)?;
    FACTORS.contains(&number).then_some(number)
}

/// Whether it is no number but an account, or what may stand before its `@`.
fn is_account(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_alphabetic());
    !text.contains(',') && (begins || text.contains('@'))
}

fn client(text: &str) -> Option<ClientId> {
    // `parse` would take "+1" too.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|number| digits && *number > 0)
        .map(ClientId)
}
