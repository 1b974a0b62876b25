//! What the subcommands that read a recording share.

use crate::diff::Comparison;
use crate::event::{ClientId, Event};
use crate::recording::conversation::Conversation;
use crate::recording::{Damage, Recording};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// A client's conversation. What is damaged is read up to the damage, which is told in the end.
pub(super) fn conversation(
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

/// An error that may come of the damage too.
pub(super) fn with(damages: &[Damage], error: String) -> String {
    let damages = damages.iter().map(|damage| format!(". {damage}"));
    error + &damages.collect::<String>()
}

/// An error where they differ, or where what was compared is damaged.
pub(super) fn differ(compared: &Comparison, damages: &[Damage]) -> Result<(), String> {
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
