//! The subcommands over recordings: their arguments, and what they say.

use crate::diff::normal::steps;
use crate::diff::{Comparison, compare};
use crate::event::{ClientId, Event};
use crate::export::{self, Format, Options};
use crate::findings::{Watch, catalogue, watched};
use crate::journal::Filter;
use crate::recording::conversation::Conversation;
use crate::recording::{Damage, Recording};
use crate::replay::{self, Web, replay};
use clap::Args;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// `nudge export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The recording
    file: PathBuf,
    /// As what
    #[arg(long, value_enum)]
    format: Format,
    /// Where to; `-` is standard output
    #[arg(long, value_name = "OUT")]
    output: PathBuf,
    /// Only what this filter shows, in the language of the console
    #[arg(long, value_name = "FILTER", default_value = "")]
    filter: String,
    /// Whose sign-in is reported as Markdown [default: the first client's]
    #[arg(long, value_name = "N")]
    client: Option<u64>,
    /// Show passwords and tickets instead of ***
    #[arg(long)]
    show_secrets: bool,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// The events of a recording up to its damage, which is kept for the end.
struct Whole<'a> {
    recording: Recording,
    damage: &'a mut Option<Damage>,
    cut: Arc<AtomicBool>,
}

impl Iterator for Whole<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        match self.recording.next()? {
            Ok(event) => Some(event),
            Err(damage) => {
                *self.damage = Some(damage);
                self.cut.store(true, Ordering::Relaxed);
                None
            }
        }
    }
}

/// Opens a recording, and hands its events over up to the damage, if there is any; beside them, whether that is
/// where they ended.
pub(crate) fn events_of<T>(
    file: &Path,
    with: impl FnOnce(&mut dyn Iterator<Item = Event>, Arc<AtomicBool>) -> Result<T, String>,
) -> Result<(T, Option<Damage>), String> {
    let recording = Recording::open(file).map_err(|error| error.to_string())?;
    let mut damage = None;
    let cut = Arc::new(AtomicBool::new(false));
    let mut whole = Whole {
        recording,
        damage: &mut damage,
        cut: cut.clone(),
    };
    let made = with(&mut whole, cut);
    match (made, damage) {
        (Ok(made), damage) => Ok((made, damage)),
        // What is missing may be behind the damage.
        (Err(error), Some(damage)) => Err(format!("{error}. {damage}")),
        (Err(error), None) => Err(error),
    }
}

/// Exports a recording. What is damaged is exported up to the damage, and that is an error still.
///
/// # Errors
/// A sentence for standard error.
pub fn export(arguments: &ExportArgs) -> Result<(), String> {
    let filter = Filter::parse(&arguments.filter).map_err(|error| format!("filter: {error}"))?;
    if let Err(text) = catalogue::known(&filter) {
        // It may be in a recording of another nudge.
        eprintln!("nudge: filter: {text}");
    }
    let options = Options {
        format: arguments.format,
        filter,
        client: arguments.client.map(ClientId),
        show_secrets: arguments.show_secrets,
    };
    let (count, damage) = events_of(&arguments.file, |events, cut| {
        // What the rules find is in no recording.
        let mut watch = Watch::of_recording(1.0);
        watch.cut = cut;
        let events = watched(events, &mut watch);
        if arguments.output == Path::new("-") {
            let mut out = io::BufWriter::new(io::stdout().lock());
            match export::write(events, &options, &mut out) {
                // That nobody reads on is no mistake.
                Err(export::WriteError::Output(error))
                    if error.kind() == io::ErrorKind::BrokenPipe =>
                {
                    Ok(0)
                }
                done => done.map_err(|error| error.to_string()),
            }
        } else {
            let done = export::to_file(events, &options, &arguments.output, arguments.force);
            done.map_err(|error| match error {
                export::ExportError::Exists(_) => format!("{error}; --force writes over it"),
                error => error.to_string(),
            })
        }
    })?;
    if let Some(damage) = damage {
        return Err(format!("{count} exported, up to the damage. {damage}"));
    }
    let _ = writeln!(io::stderr(), "{count} exported");
    Ok(())
}

/// `nudge replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The recording
    file: PathBuf,
    /// Whose side is played [default: the first client's]
    #[arg(long, value_name = "N")]
    client: Option<u64>,
    /// Host and port of the notification service
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1863")]
    notification: String,
    /// Send the recorded Passport and SOAP requests here, over TLS
    #[arg(long, value_name = "ADDR")]
    https: Option<SocketAddr>,
    /// The same in the clear
    #[arg(long, value_name = "ADDR", conflicts_with = "https")]
    http: Option<SocketAddr>,
    /// A ticket that the server takes, in place of the recorded one
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,
    /// Seconds to wait for an answer that the recording has
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    patience: u64,
    /// Only the sign-in: up to the first ping that is answered once the client is online
    #[arg(long)]
    sign_in: bool,
}

/// `nudge diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The recording of the sign-in that went well
    first: PathBuf,
    /// The recording of the one that did not
    second: PathBuf,
    /// Which client of the first [default: the first one]
    #[arg(long, value_name = "N")]
    client_a: Option<u64>,
    /// Which client of the second [default: the first one]
    #[arg(long, value_name = "N")]
    client_b: Option<u64>,
}

/// A client's conversation. What is damaged is read up to the damage, which is told in the end.
fn conversation(
    file: &Path,
    client: Option<u64>,
    damages: &mut Vec<Damage>,
) -> Result<Conversation, String> {
    let (read, damage) = events_of(file, |events, _| {
        Conversation::read(events, client.map(ClientId))
            .map_err(|error| format!("{}: {error}", file.display()))
    })?;
    damages.extend(damage);
    Ok(read)
}

fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Plays a recorded client's side against a server, and prints where the answers differ.
///
/// # Errors
/// A sentence for standard error; also where they differ.
pub fn run_replay(arguments: &ReplayArgs) -> Result<(), String> {
    let mut damages = Vec::new();
    let recorded = conversation(&arguments.file, arguments.client, &mut damages)?;
    let options = replay::Options {
        notification: arguments.notification.clone(),
        web: arguments
            .https
            .map(Web::Https)
            .or(arguments.http.map(Web::Http)),
        ticket: arguments.ticket.clone(),
        patience: Duration::from_secs(arguments.patience),
        sign_in: arguments.sign_in,
    };
    let played = replay(&recorded, &options).map_err(|error| with(&damages, error.to_string()))?;
    let notes: String = played
        .notes
        .iter()
        .map(|note| format!("{note}\n"))
        .collect();
    print(&format!("{}{notes}", played.comparison))?;
    differ(&played.comparison, &damages)
}

/// Compares two sign-ins, and prints what the one has that the other lacks.
///
/// # Errors
/// A sentence for standard error; also where they differ.
pub fn diff(arguments: &DiffArgs) -> Result<(), String> {
    let mut damages = Vec::new();
    let first = conversation(&arguments.first, arguments.client_a, &mut damages)?;
    let second = conversation(&arguments.second, arguments.client_b, &mut damages);
    let second = second.map_err(|error| with(&damages, error))?;
    let compared = compare(&steps(first.sign_in()), &steps(second.sign_in()));
    let named = |sign: char, file: &Path, read: &Conversation| {
        let name = crate::msnp::escape::to_screen(file.to_string_lossy().as_bytes());
        let reached = read
            .info
            .as_ref()
            .map_or("nothing known", |i| i.step.name());
        format!("{sign} {name}: client {}, {reached}\n", read.client)
    };
    print(&format!(
        "{}{}{compared}",
        named('-', &arguments.first, &first),
        named('+', &arguments.second, &second)
    ))?;
    differ(&compared, &damages)
}

/// An error that may come of the damage too.
fn with(damages: &[Damage], error: String) -> String {
    let damages = damages.iter().map(|damage| format!(". {damage}"));
    error + &damages.collect::<String>()
}

/// An error where they differ, or where what was compared is damaged.
fn differ(compared: &Comparison, damages: &[Damage]) -> Result<(), String> {
    let count = match compared.differences.len() + compared.never_came.len() {
        0 => None,
        1 => Some("one step differs".to_owned()),
        many => Some(format!("{many} steps differ")),
    };
    let damages = damages.iter().map(ToString::to_string);
    let said: Vec<String> = count.into_iter().chain(damages).collect();
    if said.is_empty() {
        return Ok(());
    }
    Err(said.join(". "))
}
