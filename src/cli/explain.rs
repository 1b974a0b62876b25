//! `nudge explain`: a line, a word, or what became of the sign-ins of a recording.

use super::failure::Failure;
use super::recordings::{Source, Which, named};
use super::{show, utc_offset};
use crate::command;
use crate::findings;
use crate::msnp::{Direction, Shape};
use clap::Args;
use std::path::Path;

/// What is to be explained.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The line or the word; `\r` and `\n` stand for a line break, after which the payload follows. Or the file
    /// of a recording: the ladder of each sign-in in it, and why it stopped
    #[arg(required = true, value_name = "LINE")]
    text: Vec<String>,
    /// Who sends the line [default: whoever fits best]
    #[arg(long, value_name = "WHO", value_parser = ["client", "server"])]
    from: Option<String>,
    /// The line as this shape writes it, such as MSNP16/mac
    #[arg(long, value_name = "SHAPE")]
    shape: Option<Shape>,
    /// Of a recording, this client alone: its number or account, or all
    #[arg(long, value_name = "CLIENT")]
    client: Option<Which>,
    /// Of a recording, the sequence of its messages too
    #[arg(long)]
    diagram: bool,
    /// Of a recording: a step counts as stalled after the usual wait times this factor
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = patience, allow_negative_numbers = true)]
    patience: f64,
}

/// As the command of that name takes it.
pub(super) fn patience(text: &str) -> Result<f64, String> {
    let wanted = || format!("it is {}", command::Kind::Factor.explain());
    command::factor(text).ok_or_else(wanted)
}

/// Explains it.
pub(super) fn run(arguments: &ExplainArgs) -> Result<(), Failure> {
    if let [path] = arguments.text.as_slice()
        && (path == "-" || path.ends_with(".nudge") || Path::new(path).is_file())
    {
        return explain_recording(&named(path), arguments);
    }
    if let [path] = arguments.text.as_slice()
        && Path::new(path).is_dir()
    {
        return Err(format!("{path} is a folder: name a recording in it").into());
    }
    let direction = arguments.from.as_deref().map(|from| match from {
        "client" => Direction::In,
        _ => Direction::Out,
    });
    let text = arguments.text.join(" ");
    let text = findings::explain_text(&text, direction, arguments.shape).map_err(Failure::of)?;
    show(&text)
}

/// The ladder without a screen. What is damaged is explained up to the damage, and that is an error still.
fn explain_recording(path: &Path, arguments: &ExplainArgs) -> Result<(), Failure> {
    /// The widest diagram that reads well, where the terminal does not say.
    const COLUMNS: usize = 110;
    // As the console has them.
    let utc_offset = utc_offset();
    let recording = match arguments.client {
        Some(Which::Account(_)) => Source::twice(path)?,
        _ => Source::once(path),
    };
    let client = Which::number(arguments.client.as_ref(), &recording)?;
    let (page, damage) = recording.events(|events, cut| {
        let mut watch = findings::Watch::of_recording(arguments.patience);
        watch.utc_offset = utc_offset;
        watch.cut = cut;
        let width = arguments.diagram.then_some(COLUMNS);
        findings::report(events, client, width, watch).map_err(Failure::of)
    })?;
    show(&page)?;
    damage.map_or(Ok(()), |damage| Err(Failure::of(damage)))
}
