//! `nudge keys`: the keys in force, as a key file.

use super::failure::Failure;
use super::print;
use super::run::looks;
use crate::console;
use clap::Args;
use std::path::PathBuf;

/// Whose keys.
#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    /// A key file over the default keys [default: keys.toml in the user's configuration folder, if it is there]
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// Prints them.
pub(super) fn run(arguments: &KeysArgs) -> Result<(), Failure> {
    let settings = console::settings(&looks(None, arguments.keys.as_ref())).map_err(Failure::of)?;
    print(settings.keymap.to_file().as_bytes())
}
