//! `nudge open`: the console over a recording.

use super::failure::Failure;
use super::run::looks;
use super::{on_signals, runtime};
use crate::console::terminal::graphics::{GRAPHICS, Graphics};
use crate::console::{self, terminal};
use crate::dirs;
use crate::filter::Filter;
use clap::Args;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// Which recording, and how it is shown.
#[derive(Debug, Args)]
pub(super) struct OpenArgs {
    /// The recording; where it is cut or damaged, what is before that is shown
    #[arg(value_parser = super::recordings::path)]
    file: PathBuf,
    /// Play it from its beginning: 1 is as fast as it was, 0.01 to 10000
    #[arg(long, value_name = "SPEED", num_args = 0..=1, default_missing_value = "1")]
    play: Option<console::state::opened::Speed>,
    /// Only what this filter shows, as if it had been typed in the console; `F` there shows every line again
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Go on with what is added to the recording, as `tail -f` does: for one that a service is still writing
    #[arg(long)]
    follow: bool,
    /// A configuration file [default: config.toml in the user's configuration folder, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A step of a sign-in counts as stalled after the usual wait times this factor
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = super::explain::patience, allow_negative_numbers = true)]
    patience: f64,
    /// The console's theme: the name of one, or a file that ends in .toml [default: the one chosen last]
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// A key file over the console's default keys
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Leave the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,
    /// Draw with ASCII alone [default: where the locale is not UTF-8, or TERM is linux]
    #[arg(long)]
    ascii: bool,
    /// Draw pictures with the terminal's own graphics: with those that it says it has, always with these (kitty's in tmux
    /// need allow-passthrough), or in half blocks alone
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = GRAPHICS)]
    graphics: String,
    /// Show passwords and tickets instead of ***
    #[arg(long)]
    show_secrets: bool,
    /// How much the journal holds before its oldest lines go, in bytes or with a unit: 64M, 1G
    #[arg(long, value_name = "BYTES", value_parser = super::number::size::<usize>, default_value_t = crate::journal::DEFAULT_BYTES)]
    journal_bytes: usize,
}

/// The console over a recording.
pub(super) fn run(arguments: &OpenArgs) -> Result<(), Failure> {
    let looks = looks(arguments.theme.as_ref(), arguments.keys.as_ref());
    if let Some(filter) = &arguments.filter {
        // A mistake that the console would find later is said now, with its place.
        Filter::parse_at(filter, looks.utc_offset).map_err(|error| format!("filter: {error}"))?;
    }
    let options = console::Options {
        history: dirs::data(),
        journal_bytes: arguments.journal_bytes,
        show_secrets: arguments.show_secrets,
        mouse: !arguments.no_mouse,
        ascii: arguments.ascii,
        graphics: Graphics::named(&arguments.graphics),
        play: arguments.play,
        filter: arguments.filter.clone(),
        follow: arguments.follow,
        patience: arguments.patience,
        ..looks
    };
    let runtime = runtime()?;
    let stop = CancellationToken::new();
    runtime.block_on(async { on_signals(stop.clone(), terminal::give_back) })?;
    console::open(options, &arguments.file, stop)
        .map(drop)
        .map_err(Failure::of)
}
