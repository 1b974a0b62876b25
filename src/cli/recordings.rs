//! What the subcommands that read a recording share.

use super::failure::Failure;
use crate::diff::Comparison;
use crate::event::{ClientId, Event, Owners};
use crate::findings;
use crate::recording::conversation::Conversation;
use crate::recording::{Damage, Recording};
use bytes::Bytes;
use std::convert::Infallible;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The recording that is named: `-` is what comes at the standard input.
pub(super) fn named(text: &str) -> PathBuf {
    match text {
        "-" => "/dev/stdin".into(),
        file => file.into(),
    }
}

/// The same, as an argument.
pub(super) fn path(text: &str) -> Result<PathBuf, Infallible> {
    Ok(named(text))
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

/// Where a recording comes from.
pub(super) struct Source {
    file: PathBuf,
    /// Its bytes, where it comes through a pipe and is read twice all the same.
    held: Option<Bytes>,
}

impl Source {
    /// The most bytes of a recording that comes through a pipe.
    const MOST: u64 = 256 * 1024 * 1024;

    /// A file, or anything else, that is read once.
    pub(super) fn once(file: &Path) -> Self {
        let file = file.to_owned();
        Self { file, held: None }
    }

    /// One that is read twice: the first time to know whose its connections are.
    ///
    /// # Errors
    /// A sentence: it comes through a pipe, and cannot be read or is too long.
    pub(super) fn twice(file: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| format!("{}: {error}", file.display());
        // What is not there, or is a folder, is an error where it is read.
        let pipe = std::fs::metadata(file).is_ok_and(|data| !data.is_file() && !data.is_dir());
        let mut held = None;
        if pipe {
            let mut bytes = Vec::new();
            let mut input = File::open(file).map_err(failed)?.take(Self::MOST + 1);
            input.read_to_end(&mut bytes).map_err(failed)?;
            if bytes.len() as u64 > Self::MOST {
                return Err(format!(
                    "{}: a recording that comes through a pipe may have {} MiB where it is read twice: write it to a file first",
                    file.display(),
                    Self::MOST >> 20
                )
                .into());
            }
            held = Some(Bytes::from(bytes));
        }
        let file = file.to_owned();
        Ok(Self { file, held })
    }

    fn recording(&self) -> Result<Recording, Failure> {
        let opened = match &self.held {
            Some(bytes) => Recording::read(Cursor::new(bytes.clone()), &self.file),
            None => Recording::open(&self.file),
        };
        opened.map_err(Failure::of)
    }

    /// Whose its connections are, as far as it can be read.
    ///
    /// # Errors
    /// A sentence: it is no recording.
    pub(super) fn owners(&self) -> Result<Owners, Failure> {
        let owners = findings::owners(self.recording()?.map_while(Result::ok));
        if owners.len() >= Owners::MOST {
            let most = Owners::MOST;
            let text =
                format!("nudge: of more than {most} connections it is not known whose they are");
            let _ = writeln!(io::stderr(), "{text}");
        }
        Ok(owners)
    }

    /// Hands over its events up to the damage, if there is any, and says whether they ended there.
    ///
    /// # Errors
    /// A sentence: it is no recording, or what `read` says.
    pub(super) fn events<T>(
        &self,
        read: impl FnOnce(&mut dyn Iterator<Item = Event>, Arc<AtomicBool>) -> Result<T, Failure>,
    ) -> Result<(T, Option<Damage>), Failure> {
        let mut damage = None;
        let cut = Arc::new(AtomicBool::new(false));
        let mut whole = Whole {
            recording: self.recording()?,
            damage: &mut damage,
            cut: cut.clone(),
        };
        let made = read(&mut whole, cut);
        match (made, damage) {
            (Ok(made), damage) => Ok((made, damage)),
            // What is missing may be behind the damage.
            (Err(error), Some(damage)) => Err(with(&[damage], &error)),
            (Err(error), None) => Err(error),
        }
    }
}

/// A client's conversation. What is damaged is read up to the damage, which is told in the end.
pub(super) fn conversation(
    file: &Path,
    client: Option<u64>,
    damages: &mut Vec<Damage>,
) -> Result<Conversation, Failure> {
    let recording = Source::twice(file)?;
    let owners = recording.owners()?;
    let (read, damage) = recording.events(|events, _| {
        Conversation::read(events, client.map(ClientId), &owners)
            .map_err(|error| Failure::Undone(format!("{}: {error}", file.display())))
    })?;
    damages.extend(damage);
    Ok(read)
}

/// An error that may come of the damage too.
pub(super) fn with(damages: &[Damage], error: &impl Display) -> Failure {
    let damages = damages.iter().map(|damage| format!(". {damage}"));
    Failure::Undone(format!("{error}{}", damages.collect::<String>()))
}

/// An error where they differ, or where what was compared is damaged.
pub(super) fn differ(compared: &Comparison, damages: &[Damage]) -> Result<(), Failure> {
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
    Err(said.join(". ").into())
}
