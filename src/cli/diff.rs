//! `nudge diff`: what did the good sign-in have that the bad one lacks?

use super::failure::Failure;
use super::print;
use super::recordings::{Which, conversation, differ, with};
use crate::diff::compare;
use crate::diff::normal::steps;
use crate::recording::conversation::Conversation;
use clap::Args;
use std::path::{Path, PathBuf};

/// `nudge diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The recording of the sign-in that went well
    #[arg(value_parser = super::recordings::path)]
    first: PathBuf,
    /// The recording of the one that did not
    #[arg(value_parser = super::recordings::path)]
    second: PathBuf,
    /// Which client of the first, by number or account [default: the first one]
    #[arg(long, value_name = "CLIENT")]
    client_a: Option<Which>,
    /// Which client of the second, by number or account [default: the first one]
    #[arg(long, value_name = "CLIENT")]
    client_b: Option<Which>,
}

/// Compares two sign-ins, and prints what the one has that the other lacks.
pub(super) fn run(arguments: &DiffArgs) -> Result<(), Failure> {
    let mut damages = Vec::new();
    let first = conversation(&arguments.first, arguments.client_a.as_ref(), &mut damages)?;
    let second = conversation(&arguments.second, arguments.client_b.as_ref(), &mut damages);
    let second = second.map_err(|error| with(&damages, &error))?;
    let compared = compare(&steps(first.sign_in()), &steps(second.sign_in()));
    let named = |sign: char, file: &Path, read: &Conversation| {
        let name = crate::msnp::escape::to_screen(file.to_string_lossy().as_bytes());
        let reached = read
            .info
            .as_ref()
            .map_or("nothing known", |i| i.step.name());
        format!("{sign} {name}: client {}, {reached}\n", read.client)
    };
    print(
        format!(
            "{}{}{compared}",
            named('-', &arguments.first, &first),
            named('+', &arguments.second, &second)
        )
        .as_bytes(),
    )?;
    differ(&compared, &damages)
}
