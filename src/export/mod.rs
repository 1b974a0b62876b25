//! What is made of a recording for other tools and other people. Secrets are masked in all of it unless
//! they are asked for; text is escaped; memory is bounded, whatever the recording.

mod chat;
mod har;
mod markdown;
mod pcapng;
mod text;

use crate::event::json::write_json;
use crate::event::{ClientId, ClientInfo, EventKind, Owners, Timestamp};
use crate::filter::Filter;
use crate::findings::Numbered;
use crate::recording::conversation::{Conversation, NoClient};
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::macros::format_description;

rows! {
    /// What a recording is exported as.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
    pub enum Format {
        /// Its name on the command line.
        pub fn name;
        /// The ending of its files.
        pub fn ending;
        /// What an export counts.
        pub fn unit;
    }
    /// For people: a line an event, as the console has it
    Text "text" "txt" "lines";
    /// The events as headless mode writes them
    Jsonl "jsonl" "jsonl" "events";
    /// HTTP Archive 1.2: the Passport and SOAP exchanges
    Har "har" "har" "exchanges";
    /// Packets for Wireshark and tshark; what came over TLS stands in plain text on its own port
    Pcapng "pcapng" "pcapng" "events";
    /// A report of each client's sign-in, and the conversations as chat logs
    Markdown "markdown" "md" "lines";
}

impl Format {
    /// What a file of this name is to hold, by its ending; text where it has none.
    ///
    /// # Errors
    /// [`NoFormat`]: the ending says nothing.
    pub fn of_file(file: &Path) -> Result<Self, NoFormat> {
        let Some(ending) = file.extension() else {
            return Ok(Self::Text);
        };
        let mut all = Self::ALL.into_iter();
        all.find(|format| ending.eq_ignore_ascii_case(format.ending()))
            .ok_or_else(|| NoFormat(file.to_path_buf()))
    }
}

/// A file whose name does not say what it is to hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} does not say its format: name it by its ending ({}), or say the format ({})",
    .0.display(),
    Format::ALL.map(|format| format!(".{}", format.ending())).join(", "),
    Format::ALL.map(Format::name).join(", ")
)]
pub struct NoFormat(pub PathBuf);

/// What is exported, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// As what.
    pub format: Format,
    /// Which events. The empty filter takes all; any other leaves out what is state and no line.
    pub filter: Filter,
    /// Whose sign-in, for [`Format::Markdown`]; each client's where none is said.
    pub client: Option<ClientId>,
    /// Whose the connections are, where the events do not say it. The console's do.
    pub owners: Owners,
    /// What is known of the clients where the events do not say it: the console's are lines, and no client is one.
    pub known: Vec<ClientInfo>,
    /// Passwords and tickets as they are.
    pub show_secrets: bool,
}

impl Options {
    /// All events in this format, with secrets masked.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            filter: Filter::default(),
            client: None,
            owners: Owners::default(),
            known: Vec::new(),
            show_secrets: false,
        }
    }
}

/// Why an export did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is a file already.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// It cannot be written.
    #[error("{}: {error}", path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No such client.
    #[error(transparent)]
    NoClient(#[from] NoClient),
}

/// Writes these events, findings among them (`findings::watched` puts them in); how many of them.
///
/// # Errors
/// What `out` says, or that there is no such client.
pub fn write(
    events: impl Iterator<Item = Numbered>,
    options: &Options,
    out: &mut dyn Write,
) -> Result<u64, WriteError> {
    let filter = &options.filter;
    let show = options.show_secrets;
    let mut count = 0;
    let events = events.map(|mut one| {
        // Whoever asks whose a line is gets what its connection did before that was shown, as in the console.
        if filter.asks_whose() {
            one.event.client = options.owners.of(&one.event);
        }
        one
    });
    match options.format {
        Format::Jsonl => {
            let mut line = Vec::new();
            for one in events.filter(|one| filter.takes(&one.event)) {
                line.clear();
                write_json(one.number, &one.event, show, &mut line)?;
                out.write_all(&line)?;
                count += 1;
            }
        }
        Format::Text => {
            for one in events {
                if filter.takes(&one.event) {
                    text::write(&one, show, out)?;
                    count += 1;
                }
            }
        }
        Format::Har => {
            let mut har = har::Har::begin(show, out)?;
            for Numbered { event, .. } in events {
                let chosen = filter.takes(&event);
                count += u64::from(har.event(&event, chosen, out)?);
            }
            har.end(out)?;
        }
        Format::Pcapng => {
            let mut packets = pcapng::Packets::begin(show, out)?;
            for Numbered { event, .. } in events {
                let chosen = filter.takes(&event);
                count += u64::from(packets.event(&event, chosen, out)?);
            }
            packets.end(out)?;
        }
        Format::Markdown => {
            let mut chats = chat::Chats::default();
            let events = events
                .map(|one| one.event)
                .filter(|event| {
                    // A filter chooses lines; who the client is stands in none.
                    matches!(event.kind, EventKind::Client(_)) || filter.takes(event)
                })
                .inspect(|event| chats.take(event));
            let (all, more) = match options.client {
                Some(_) => {
                    let one = Conversation::read(events, options.client, &options.owners)?;
                    (vec![one], 0)
                }
                None => Conversation::all(events, &options.owners)?,
            };
            for (at, conversation) in all.iter().enumerate() {
                if at > 0 {
                    writeln!(out)?;
                }
                let known = options.known.iter().find(|c| c.id == conversation.client);
                count += markdown::write(conversation, known, &mut chats, show, out)?;
            }
            if more > 0 {
                writeln!(out, "\n{more} more clients are left out.")?;
            }
        }
    }
    out.flush()?;
    Ok(count)
}

/// Why nothing more was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What the output says.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// No such client.
    #[error(transparent)]
    NoClient(#[from] NoClient),
}

/// Writes these events to a file that only its owner can read: beside it first, then renamed, so that there
/// never is half an export. A file that is there is written over only by `force`.
///
/// # Errors
/// [`ExportError`]; there is no new file then.
pub fn to_file(
    events: impl Iterator<Item = Numbered>,
    options: &Options,
    path: &Path,
    force: bool,
) -> Result<u64, ExportError> {
    let failed = |error| ExportError::Write {
        path: path.to_owned(),
        error,
    };
    if !force && path.symlink_metadata().is_ok() {
        return Err(ExportError::Exists(path.to_owned()));
    }
    let beside = beside(path).ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .map_err(failed)?;
    let mut out = BufWriter::with_capacity(64 * 1024, file);
    let done = write(events, options, &mut out)
        .map_err(|error| match error {
            WriteError::Output(error) => failed(error),
            WriteError::NoClient(error) => error.into(),
        })
        .and_then(|count| place(&beside, path, force).map(|()| count));
    if done.is_err() {
        // It has never been an export.
        let _ = std::fs::remove_file(&beside);
    }
    done
}

/// Where an export is written while it is under way; `None` where the path names no file.
pub(crate) fn beside(path: &Path) -> Option<PathBuf> {
    let mut name = path.file_name()?.to_owned();
    name.push(format!(".{}.part", std::process::id()));
    Some(path.with_file_name(name))
}

fn place(beside: &Path, path: &Path, force: bool) -> Result<(), ExportError> {
    let failed = |error| ExportError::Write {
        path: path.to_owned(),
        error,
    };
    if force {
        return std::fs::rename(beside, path).map_err(failed);
    }
    // A link is made only where nothing is, whatever has come there meanwhile.
    match std::fs::hard_link(beside, path) {
        Ok(()) => std::fs::remove_file(beside).map_err(failed),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(ExportError::Exists(path.to_owned()))
        }
        // A file system without links.
        Err(_) => std::fs::rename(beside, path).map_err(failed),
    }
}

/// A moment as `2026-02-17T12:00:00.000500Z`; one that no calendar has, as its number.
pub(super) fn moment(time: Timestamp) -> String {
    let whole =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.0) * 1_000)
        .ok()
        .and_then(|at| at.format(whole).ok())
        // Whoever reads it wants a date; a recording may hold any number.
        .unwrap_or_else(|| "9999-12-31T23:59:59.999999Z".to_owned())
}

#[cfg(test)]
mod tests;
