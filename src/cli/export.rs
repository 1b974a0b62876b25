//! `nudge export`: a recording for other tools and other people.

use super::failure::Failure;
use super::recordings::{Source, Which};
use crate::event::Owners;
use crate::export::{self, Format, Options};
use crate::filter::Filter;
use crate::findings::{Watch, catalogue, watched};
use clap::Args;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// `nudge export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The recording
    #[arg(value_parser = super::recordings::path)]
    file: PathBuf,
    /// As what [default: what the ending of OUT says; text on standard output]
    #[arg(long, short, value_enum)]
    format: Option<Format>,
    /// Where to [default: standard output, which is also `-`]
    #[arg(long, short, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Only what this filter shows, in the language of the console
    #[arg(long, value_name = "FILTER", default_value = "")]
    filter: String,
    /// This client alone: its number or account, or all
    #[arg(long, value_name = "CLIENT", default_value = "all")]
    client: Which,
    /// Show passwords and tickets instead of ***
    #[arg(long)]
    show_secrets: bool,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// Exports a recording. What is damaged is exported up to the damage, and that is an error still.
pub(super) fn run(arguments: &ExportArgs) -> Result<(), Failure> {
    let mut filter =
        Filter::parse(&arguments.filter).map_err(|error| format!("filter: {error}"))?;
    if let Err(unknown) = catalogue::known(&filter) {
        // It may be in a recording of another nudge.
        let text = crate::msnp::escape::safe(&unknown.to_string());
        let _ = writeln!(io::stderr(), "nudge: filter: {text}");
    }
    let output = arguments
        .output
        .as_deref()
        .filter(|out| *out != Path::new("-"));
    let format = match (arguments.format, output) {
        (Some(format), _) => format,
        (None, Some(file)) => Format::of_file(file).map_err(Failure::of)?,
        (None, None) => Format::Text,
    };
    if format == Format::Pcapng && output.is_none() && io::stdout().is_terminal() {
        return Err(
            "pcapng is bytes, and standard output is a terminal: -o a.pcapng writes them to a file"
                .to_owned()
                .into(),
        );
    }
    let is_one = arguments.client != Which::All;
    let (recording, owners) = if filter.asks_whose() || is_one || format == Format::Markdown {
        let recording = Source::twice(&arguments.file)?;
        let owners = recording.owners()?;
        (recording, owners)
    } else {
        (Source::once(&arguments.file), Owners::default())
    };
    let client = Which::number(Some(&arguments.client), &recording)?;
    if let Some(client) = client.filter(|_| format != Format::Markdown) {
        let only = Filter::parse(&format!("client:{client}")).map_err(Failure::of)?;
        filter = filter.and(&only);
    }
    let options = Options {
        filter,
        client,
        owners,
        show_secrets: arguments.show_secrets,
        ..Options::new(format)
    };
    let (count, damage) = recording.events(|events, cut| {
        // What the rules find is in no recording.
        let mut watch = Watch::of_recording(1.0);
        watch.cut = cut;
        let events = watched(events, &mut watch);
        let Some(output) = output else {
            let mut out = io::BufWriter::new(io::stdout().lock());
            return match export::write(events, &options, &mut out) {
                // That nobody reads on is no mistake.
                Err(export::WriteError::Output(error))
                    if error.kind() == io::ErrorKind::BrokenPipe =>
                {
                    Ok(0)
                }
                done => done.map_err(Failure::of),
            };
        };
        let done = export::to_file(events, &options, output, arguments.force);
        done.map_err(|error| match error {
            export::ExportError::Exists(_) => {
                Failure::Undone(format!("{error}; --force writes over it"))
            }
            error => Failure::of(error),
        })
    })?;
    if let Some(damage) = damage {
        let unit = options.format.unit();
        return Err(format!("{count} {unit} exported, up to the damage. {damage}").into());
    }
    let _ = writeln!(io::stderr(), "{count} {} exported", options.format.unit());
    Ok(())
}
