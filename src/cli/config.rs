//! The configuration file: options that need not be typed.
//!
//! Its keys are the long names of the options of `nudge`, and a value is read by the parser of its option: what the
//! command line knows, the file knows. Options that are typed stand before the file, the file before the defaults.
//!
//! ```toml
//! theme = "light"
//! https = ["0.0.0.0:443", "[::]:443"]
//! autosave = true
//! ```

use super::failure::Failure;
use super::{Cli, print};
use crate::command::nearest;
use crate::dirs;
use crate::server::doors::LOOPBACK_PORTS;
use clap::builder::ValueParser;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, CommandFactory as _, FromArgMatches as _};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use toml_edit::{Document, Item, Value};

/// Options for one run alone. No file can have them.
const NOT_KEPT: &[&str] = &[
    "headless",
    "demo",
    "show-secrets",
    "record",
    "config",
    "help",
    "version",
];

/// The subcommands that take what the file says of options that they have too. The others are told all that they need.
const READERS: &[&str] = &["open", "hosts"];

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}

/// Why the configuration was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigError {
    /// The file cannot be read.
    #[error("configuration file {}: {error}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("{}:{line}: {wrong}", file.display())]
    Mistake {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        wrong: ConfigMistake,
    },
}

/// What is wrong in a configuration file, and what may stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConfigMistake {
    /// It is not TOML. This is what its reader says.
    #[error("{0}")]
    Toml(String),
    /// An option for one run alone.
    #[error("{0} is asked for on the command line alone: --{0}")]
    NotKept(String),
    /// No option has this name.
    #[error("there is no option {name:?}{}", match meant {
        Some(meant) => format!("; did you mean {meant:?}?"),
        None => ": `nudge config` lists them".to_owned(),
    })]
    Unknown {
        /// The name.
        name: String,
        /// The option that was probably meant.
        meant: Option<String>,
    },
    /// The value is of another kind than the option takes.
    #[error("{name}: {wrong}")]
    Value {
        /// The option.
        name: String,
        /// The kind that it takes.
        wrong: Wanted,
    },
    /// The parser of the option refused the value. These are its words.
    #[error("{0}")]
    Refused(String),
    /// It can be read, and the start would refuse it: a folder that is not there, a theme that there is not.
    #[error("{name}: {why}")]
    Unusable {
        /// The option.
        name: String,
        /// What the start says.
        why: String,
    },
}

/// The kind of value that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wanted {
    /// Not a table.
    #[error("a value is wanted, not a table")]
    Value,
    /// A switch.
    #[error("true or false is wanted")]
    Flag,
    /// Not several.
    #[error("one value is wanted, not a list")]
    One,
    /// A text or a number.
    #[error("a text or a number is wanted")]
    Text,
}

/// `nudge config`.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// The file [default: config.toml in the user's configuration folder, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// One option of the file, as arguments.
#[derive(Debug)]
struct Entry {
    name: String,
    /// What is typed for it; nothing for a switch that is off.
    arguments: Vec<OsString>,
    /// The value as the file has it.
    written: String,
    line: usize,
}

/// The options that a file may have, by their long names, in the order of `--help`.
fn kept(command: &Command) -> impl Iterator<Item = (&str, &Arg)> {
    command
        .get_arguments()
        .filter_map(|arg| Some((arg.get_long()?, arg)))
        .filter(|(name, _)| !NOT_KEPT.contains(name))
}

/// The file that is read where none is named.
fn usual() -> Option<PathBuf> {
    Some(dirs::config()?.join("config.toml"))
}

/// The entries of the file that is named, or of the usual one where there is one.
fn entries(
    command: &Command,
    named: Option<&Path>,
) -> Result<(Option<PathBuf>, Vec<Entry>), ConfigError> {
    let file = named.map(Path::to_path_buf).or_else(usual);
    let Some(file) = file.filter(|file| named.is_some() || file.exists()) else {
        return Ok((None, Vec::new()));
    };
    let text = std::fs::read_to_string(&file).map_err(|error| ConfigError::Read {
        file: file.clone(),
        error,
    })?;
    let entries = read(command, &file, &text)?;
    Ok((Some(file), entries))
}

fn read(command: &Command, file: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    let line_at = |at: Option<usize>| {
        let before = text.get(..at.unwrap_or(0)).unwrap_or_default();
        before.matches('\n').count() + 1
    };
    let fail = |at: Option<usize>, wrong: ConfigMistake| ConfigError::Mistake {
        file: file.to_path_buf(),
        line: line_at(at),
        wrong,
    };
    let document = Document::parse(text).map_err(|e| {
        let wrong = ConfigMistake::Toml(e.message().trim().to_owned());
        fail(e.span().map(|s| s.start), wrong)
    })?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut entries = Vec::new();
    for (name, item) in document.as_table().iter() {
        let at = document.as_table().key(name).and_then(|key| key.span());
        let at = at.map(|span| span.start);
        let Some((_, arg)) = kept(command).find(|(known, _)| *known == name) else {
            return Err(fail(at, unknown(command, name)));
        };
        let arguments = arguments(arg, item, folder).map_err(|wrong| {
            let name = name.to_owned();
            fail(at, ConfigMistake::Value { name, wrong })
        })?;
        // Each option is read by itself, so that a mistake is said with its line.
        let alone = [OsString::from("nudge")]
            .into_iter()
            .chain(arguments.clone());
        if let Err(error) = command.clone().try_get_matches_from(alone) {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or_default();
            let first = first.trim_start_matches("error: ").to_owned();
            return Err(fail(at, ConfigMistake::Refused(first)));
        }
        entries.push(Entry {
            name: name.to_owned(),
            arguments,
            written: item.to_string().trim().to_owned(),
            line: line_at(at),
        });
    }
    Ok(entries)
}

/// What the start would refuse though it can be read: a folder that is not there, a theme that there is not.
fn check(command: &Command, file: Option<&Path>, entries: &[Entry]) -> Result<(), ConfigError> {
    for entry in entries {
        let alone = [OsString::from("nudge")]
            .into_iter()
            .chain(entry.arguments.iter().cloned());
        let matches = command.clone().try_get_matches_from(alone);
        let checked = matches
            .and_then(|matches| Cli::from_arg_matches(&matches))
            .map_err(Failure::of)
            .and_then(|cli| cli.run.check());
        checked.map_err(|failure| ConfigError::Mistake {
            file: file.unwrap_or(Path::new("")).to_path_buf(),
            line: entry.line,
            wrong: ConfigMistake::Unusable {
                name: entry.name.clone(),
                why: failure.to_string(),
            },
        })?;
    }
    Ok(())
}

fn unknown(command: &Command, name: &str) -> ConfigMistake {
    if NOT_KEPT.contains(&name) {
        return ConfigMistake::NotKept(name.to_owned());
    }
    ConfigMistake::Unknown {
        name: name.to_owned(),
        meant: nearest(name, kept(command).map(|(known, _)| known)).map(Into::into),
    }
}

/// The arguments that say the same on the command line. A path is one from the folder of the file, or from the user's
/// home where it begins with `~/`.
fn arguments(arg: &Arg, item: &Item, folder: &Path) -> Result<Vec<OsString>, Wanted> {
    let name = arg.get_long().unwrap_or_default();
    let value = item.as_value().ok_or(Wanted::Value)?;
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        let is_on = value.as_bool().ok_or(Wanted::Flag)?;
        return Ok(if is_on {
            vec![format!("--{name}").into()]
        } else {
            Vec::new()
        });
    }
    let values: Vec<&Value> = match (value, arg.get_action()) {
        (Value::Array(values), ArgAction::Append) => values.iter().collect(),
        (Value::Array(_), _) => return Err(Wanted::One),
        (value, _) => vec![value],
    };
    values
        .into_iter()
        .map(|value| {
            let text = match value {
                Value::String(text) => text.value().clone(),
                Value::Integer(number) => number.value().to_string(),
                Value::Float(number) => number.value().to_string(),
                _ => return Err(Wanted::Text),
            };
            let text = if is_path(arg, &text) {
                below(folder, &text)
            } else {
                text.into()
            };
            let mut typed = OsString::from(format!("--{name}="));
            typed.push(text);
            Ok(typed)
        })
        .collect()
}

fn is_path(arg: &Arg, text: &str) -> bool {
    let parser = arg.get_value_parser().type_id();
    // A theme is the name of one, or a file.
    parser == ValueParser::path_buf().type_id() || text.ends_with(".toml")
}

fn below(folder: &Path, text: &str) -> OsString {
    match (text.strip_prefix("~/"), dirs::home()) {
        (Some(rest), Some(home)) => home.join(rest).into(),
        _ => folder.join(text).into(),
    }
}

/// The arguments with those of the configuration file put before them, where what was typed does not say otherwise.
///
/// # Errors
/// [`ConfigError`]: the file cannot be read, or has a mistake.
pub(super) fn with_file(
    typed: &ArgMatches,
    mut arguments: Vec<OsString>,
) -> Result<Vec<OsString>, ConfigError> {
    let root = Cli::command();
    let (command, typed, at) = match typed.subcommand() {
        None => (&root, typed, 1),
        Some((name, typed)) => match root.find_subcommand(name) {
            Some(command) if READERS.contains(&name) => (command, typed, 2),
            _ => return Ok(arguments),
        },
    };
    let named = typed.get_one::<PathBuf>("config");
    let (file, entries) = entries(&root, named.map(PathBuf::as_path))?;
    let is_typed = |arg: &Arg| {
        typed
            .try_contains_id(arg.get_id().as_str())
            .unwrap_or(false)
            && typed.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let taken: Vec<Entry> = entries
        .into_iter()
        .filter(|entry| {
            command
                .get_arguments()
                .find(|arg| arg.get_long() == Some(&entry.name))
                .is_some_and(|arg| {
                    let mut against = command.get_arg_conflicts_with(arg);
                    // `--lan` says all the ports.
                    if PORTS.contains(&&*entry.name) {
                        against.extend(command.get_arguments().filter(|a| a.get_id() == "lan"));
                    }
                    !is_typed(arg) && !against.into_iter().any(is_typed)
                })
        })
        .collect();
    check(&root, file.as_deref(), &taken)?;
    let added = taken.into_iter().flat_map(|entry| entry.arguments);
    let at = at.min(arguments.len());
    arguments.splice(at..at, added);
    Ok(arguments)
}

/// The options that say where to listen.
const PORTS: &[&str] = &["notification", "https", "http", "switchboard"];

/// The port of such an option on loopback.
fn port(name: &str) -> Option<u16> {
    let at = PORTS.iter().position(|port| *port == name)?;
    LOOPBACK_PORTS.get(at).copied()
}

/// Prints the configuration in force: a configuration file, in which what is not set stands as a comment with its default.
pub(super) fn run(arguments: &ConfigArgs) -> Result<(), Failure> {
    let command = Cli::command();
    let (file, entries) = entries(&command, arguments.config.as_deref()).map_err(Failure::of)?;
    check(&command, file.as_deref(), &entries).map_err(Failure::of)?;
    print(shown(&command, file.as_deref(), &entries).as_bytes())
}

fn shown(command: &Command, file: Option<&Path>, entries: &[Entry]) -> String {
    let mut out = String::from(
        "# What is in force. Options that are typed stand before it. A line without # is from the file.\n",
    );
    let _ = match (file, usual()) {
        (Some(file), _) => writeln!(out, "# The file: {}", file.display()),
        (None, Some(usual)) => writeln!(
            out,
            "# There is no file yet. It would be {}",
            usual.display()
        ),
        (None, None) => writeln!(
            out,
            "# There is no file, and you have no home: --config names one."
        ),
    };
    for (name, arg) in kept(command) {
        out.push('\n');
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines() {
            let _ = writeln!(out, "# {line}");
        }
        let entry = entries.iter().find(|entry| entry.name == name);
        let _ = match entry {
            Some(entry) => writeln!(out, "{name} = {}  # line {}", entry.written, entry.line),
            None => writeln!(out, "# {name} = {}", default_of(arg)),
        };
    }
    out
}

/// The default of an option as TOML; a value in capitals where it has none.
fn default_of(arg: &Arg) -> String {
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return "false".into();
    }
    let name = arg.get_long().unwrap_or_default();
    let text = match (port(name), arg.get_default_values(), arg.get_value_names()) {
        (Some(port), ..) => format!("127.0.0.1:{port}"),
        (_, [default, ..], _) => default.to_string_lossy().into_owned(),
        (_, _, Some([name, ..])) => name.to_string(),
        _ => String::new(),
    };
    let is_number = text.parse::<f64>().is_ok();
    let value = if is_number {
        text
    } else {
        Value::from(text).to_string()
    };
    match arg.get_action() {
        ArgAction::Append => format!("[{}]", value.trim()),
        _ => value.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_file(text: &str, typed: &[&str]) -> Result<Cli, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).expect("written");
        std::fs::create_dir(folder.path().join("mine")).expect("made");
        let mut arguments: Vec<OsString> = vec!["nudge".into()];
        arguments.extend(typed.iter().map(OsString::from));
        arguments.push(format!("--config={}", file.display()).into());
        let matches = Cli::command()
            .try_get_matches_from(&arguments)
            .map_err(|e| e.to_string())?;
        let arguments = with_file(&matches, arguments).map_err(|error| {
            error
                .to_string()
                .replace(&folder.path().display().to_string(), "")
        })?;
        let matches = Cli::command()
            .try_get_matches_from(arguments)
            .map_err(|e| e.to_string())?;
        Cli::from_arg_matches(&matches).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_typed_stands_before_the_file_and_the_file_before_the_defaults() {
        let text = "theme = \"light\"\njournal-bytes = 1000000\nautosave = true\n\
                    https = [\"127.0.0.1:4430\", \"127.0.0.1:4431\"]\nno-mouse = false\n";
        let run = in_file(text, &["--theme", "dark"]).expect("fine").run;
        let shown = format!("{run:?}");
        assert!(shown.contains("theme: Some(\"dark\")"), "{shown}");
        assert!(
            shown.contains("port: Some(4430)") && shown.contains("port: Some(4431)"),
            "{shown}"
        );
        assert!(shown.contains("journal_bytes: 1000000"), "{shown}");
        assert!(
            shown.contains("autosave: true") && shown.contains("no_mouse: false"),
            "{shown}"
        );
        // What the console alone has is no conflict without one, and --lan says all the ports.
        let run = in_file(text, &["--headless", "--lan"]).expect("fine").run;
        let shown = format!("{run:?}");
        assert!(
            shown.contains("theme: None") && shown.contains("https: []"),
            "{shown}"
        );
    }

    #[test]
    fn a_mistake_is_said_with_its_line() {
        let said = |text: &str| in_file(text, &[]).expect_err("a mistake");
        assert_eq!(
            said("\nthem = \"light\"\n"),
            "/config.toml:2: there is no option \"them\"; did you mean \"theme\"?"
        );
        assert_eq!(
            said("theme = \"light\"\nhttps = \"h:x\"\n"),
            "/config.toml:2: invalid value 'h:x' for '--https <HOST:PORT>': a host or host:port is wanted, such as 10.0.10.126:8080, mac.local or [::1]:8080 (an IPv6 address stands in brackets)"
        );
        assert_eq!(
            said("autosave = 1\n"),
            "/config.toml:1: autosave: true or false is wanted"
        );
        assert_eq!(
            said("record = \"a.nudge\"\n"),
            "/config.toml:1: record is asked for on the command line alone: --record"
        );
        assert!(said("theme = \n").starts_with("/config.toml:1: "));
        assert!(said("[theme]\n").starts_with("/config.toml:1: theme: a value is wanted"));
    }

    #[test]
    fn what_the_start_refuses_is_refused_by_what_prints_it_too_with_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        for (text, says) in [
            ("theme = \"nope\"\n", "1: theme: there is no theme \"nope\""),
            ("\ncontacts = \"nope\"\n", "2: contacts: "),
            ("\n\ncerts = \"nope\"\n", "3: certs: "),
            ("keys = \"nope.toml\"\n", "1: keys: "),
            ("http = \"no.such.host.invalid\"\n", "1: http: "),
            ("log = \"nope/log\"\n", "1: log: "),
        ] {
            let error = in_file(text, &[]).expect_err(text);
            assert!(
                error.starts_with(&format!("/config.toml:{says}")),
                "{error}"
            );
            std::fs::write(&file, text).expect("written");
            let config = Some(file.clone());
            let printed = run(&ConfigArgs { config }).expect_err(text);
            assert!(printed.to_string().contains(says), "{printed}");
        }
        // What is typed stands before it, and `open` has no contacts.
        in_file("theme = \"nope\"\n", &["--theme", "dark"]).expect("not asked");
        in_file("contacts = \"nope\"\n", &["open", "a.nudge"]).expect("not asked");
    }

    #[test]
    fn a_folder_of_the_file_is_one_beside_it() {
        let run = in_file("contacts = \"mine\"\n", &[]).expect("fine").run;
        let shown = format!("{run:?}");
        assert!(shown.contains("/mine\")"), "{shown}");
    }

    #[test]
    fn what_is_shown_is_a_configuration_file_that_says_the_same() {
        let command = Cli::command();
        let text = "theme = \"light\" # mine\nhttps = [\"127.0.0.1:4430\"]\n";
        let entries = read(&command, Path::new("/c/config.toml"), text).expect("fine");
        let shown = shown(&command, Some(Path::new("/c/config.toml")), &entries);
        let again = read(&command, Path::new("/c/config.toml"), &shown).expect("fine");
        assert_eq!(again.len(), 2);
        assert!(shown.contains("theme = \"light\"  # line 1\n"), "{shown}");
        assert!(shown.contains("# autosave = false\n"), "{shown}");
    }
}
