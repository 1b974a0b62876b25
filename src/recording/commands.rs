//! The subcommands over recordings: their arguments, and what they say.

use super::export::{self, Format, Options};
use super::{Damage, Recording};
use crate::event::{ClientId, Event};
use crate::journal::Filter;
use clap::Args;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
}

impl Iterator for Whole<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        match self.recording.next()? {
            Ok(event) => Some(event),
            Err(damage) => {
                *self.damage = Some(damage);
                None
            }
        }
    }
}

/// Opens a recording, and hands its events over up to the damage, if there is any.
pub(super) fn events_of<T>(
    file: &Path,
    with: impl FnOnce(&mut dyn Iterator<Item = Event>) -> Result<T, String>,
) -> Result<(T, Option<Damage>), String> {
    let recording = Recording::open(file).map_err(|error| error.to_string())?;
    let mut damage = None;
    let mut whole = Whole {
        recording,
        damage: &mut damage,
    };
    let made = with(&mut whole)?;
    Ok((made, damage))
}

/// Exports a recording. What is damaged is exported up to the damage, and that is an error still.
///
/// # Errors
/// A sentence for standard error.
pub fn export(arguments: &ExportArgs) -> Result<(), String> {
    let options = Options {
        format: arguments.format,
        filter: Filter::parse(&arguments.filter).map_err(|error| format!("filter: {error}"))?,
        client: arguments.client.map(ClientId),
        show_secrets: arguments.show_secrets,
    };
    let (count, damage) = events_of(&arguments.file, |events| {
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
            export::to_file(events, &options, &arguments.output, arguments.force)
                .map_err(|error| error.to_string())
        }
    })?;
    if let Some(damage) = damage {
        return Err(format!("{count} exported, up to the damage. {damage}"));
    }
    let _ = writeln!(io::stderr(), "{count} exported");
    Ok(())
}
