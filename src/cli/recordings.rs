//! What the subcommands that read a recording share.

use super::failure::Failure;
use crate::diff::Comparison;
use crate::event::{ClientId, Event, EventKind, Known, Owners};
use crate::findings;
use crate::recording::conversation::Conversation;
use crate::recording::{Damage, Recording};
use crate::server::http::exchange;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
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
    /// The passwords in it.
    known: Known,
    damage: &'a mut Option<Damage>,
    cut: Arc<AtomicBool>,
}

impl Iterator for Whole<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        match self.recording.next()? {
            Ok(mut event) => {
                self.known.hide(&mut event.kind);
                Some(event)
            }
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

    /// The passwords that its requests show; none where it can be read only once.
    fn known(&self) -> Result<Known, Failure> {
        let is_file = || std::fs::metadata(&self.file).is_ok_and(|data| data.is_file());
        if self.held.is_none() && !is_file() {
            return Ok(Known::default());
        }
        let events = self.recording()?.map_while(Result::ok);
        let shown = events.flat_map(|event| match &event.kind {
            EventKind::Http(http) => exchange::passwords(&http.request.bytes),
            _ => Vec::new(),
        });
        Ok(Known::recorded(shown))
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
            known: self.known()?,
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

/// Which client of a recording: as commands name them, by number, by account or what stands before its `@`, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// All of them.
    All,
    /// This one.
    Number(ClientId),
    /// The one that signs in as this.
    Account(String),
}

/// What is wanted where a client is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client's number is wanted, such as 2, or its account, or all")]
pub(super) struct NoName;

impl FromStr for Which {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(ClientId(number)));
        }
        let begins = text.starts_with(|c: char| c.is_alphabetic());
        match begins || text.contains('@') {
            true => Ok(Self::Account(text.to_owned())),
            false => Err(NoName),
        }
    }
}

impl Which {
    /// Its number in this recording, for which that is read once more where an account is named. `None` for all.
    ///
    /// # Errors
    /// A sentence: it is no recording, or there is not one such client in it.
    pub(super) fn number(
        this: Option<&Self>,
        recording: &Source,
    ) -> Result<Option<ClientId>, Failure> {
        /// The most clients that are looked at.
        const MOST: usize = 4_096;
        let name = match this {
            None | Some(Self::All) => return Ok(None),
            Some(Self::Number(number)) => return Ok(Some(*number)),
            Some(Self::Account(name)) => name,
        };
        let mut accounts: BTreeMap<ClientId, String> = BTreeMap::new();
        for event in recording.recording()?.map_while(Result::ok) {
            let account = match &event.kind {
                EventKind::Client(info) => info.account.clone(),
                EventKind::SignedIn { account, .. } => Some(account.clone()),
                _ => None,
            };
            if let Some((client, account)) = event.client.zip(account)
                && accounts.len() < MOST
            {
                accounts.insert(client, account);
            }
        }
        let is = |account: &&String| {
            let short = account.split('@').next().unwrap_or_default();
            account.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
        };
        let mut found = accounts.iter().filter(|(_, account)| is(account));
        let all = || {
            let named = accounts.iter().take(20);
            let named: Vec<String> = named
                .map(|(id, account)| format!("{id} {account}"))
                .collect();
            named.join(", ")
        };
        match (found.next(), found.next()) {
            (Some((client, _)), None) => Ok(Some(*client)),
            (None, _) => Err(format!("the recording has no client {name}: {}", all()).into()),
            (Some(_), Some(_)) => {
                Err(format!("{name} signs in more than once, say the number: {}", all()).into())
            }
        }
    }
}

/// A client's conversation. What is damaged is read up to the damage, which is told in the end.
pub(super) fn conversation(
    file: &Path,
    client: Option<&Which>,
    damages: &mut Vec<Damage>,
) -> Result<Conversation, Failure> {
    if client == Some(&Which::All) {
        return Err("one client is wanted, not all".to_owned().into());
    }
    let recording = Source::twice(file)?;
    let owners = recording.owners()?;
    let client = Which::number(client, &recording)?;
    let (read, damage) = recording.events(|events, _| {
        Conversation::read(events, client, &owners)
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
    let count = (!compared.is_same()).then(|| format!("they differ: {}", compared.sentence()));
    let damages = damages.iter().map(ToString::to_string);
    let said: Vec<String> = count.into_iter().chain(damages).collect();
    if said.is_empty() {
        return Ok(());
    }
    Err(said.join(". ").into())
}
