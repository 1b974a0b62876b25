//! Saves beside another program that has written into the folder since it was read.

use super::{SaveError, Saved, Source, Store, differences, read_folder};
use crate::roster::load;
use crate::roster::merge::{Side, merge};
use crate::roster::{Edit, EditError, LoadErrors, Roster, disk};
use std::path::PathBuf;
use std::sync::Arc;

impl Store {
    /// Saves as [`Store::save`] does, and first takes in what another program has written into the files since they were
    /// read. `apply` makes the edits that this needs, and gives the roster that is to be saved. `side` decides where both
    /// have changed the same; with [`Side::Mine`] the files of before are kept beside the new ones.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn save_beside(
        &mut self,
        roster: &Roster,
        side: Option<Side>,
        apply: impl FnOnce(Vec<Edit>) -> Result<Arc<Roster>, EditError>,
    ) -> Result<Saved, SaveError> {
        let is_still = |source: &Source| disk::is_still(&source.path, Some(&source.text));
        if self.read_only.is_some() || !self.there || self.sources.iter().all(is_still) {
            return self.save(roster);
        }
        let gone = self.sources.iter().find(|source| !source.path.exists());
        let mut mistakes = Vec::new();
        let (sources, _, pictures) = read_folder(&self.dir, &mut mistakes);
        let loaded = match load::contacts(&sources, &pictures) {
            Ok(loaded) if mistakes.is_empty() => Ok(loaded),
            Ok(_) => Err(LoadErrors(mistakes)),
            Err(errors) => Err(LoadErrors(mistakes.into_iter().chain(errors.0).collect())),
        };
        let kept = match side {
            Some(Side::Mine) => self.keep_theirs()?,
            _ => Vec::new(),
        };
        let loaded = match (loaded, gone) {
            (Err(_), _) | (_, Some(_)) if side == Some(Side::Mine) => {
                // What was read stands there again, and then what has changed here.
                for source in &self.sources {
                    let path = source.path.clone();
                    disk::replace(&path, &source.text)
                        .map_err(|error| SaveError::Io { path, error })?;
                }
                let saved = self.save(roster)?;
                return Ok(Saved { kept, ..saved });
            }
            (Err(errors), _) => return Err(SaveError::Mistaken(errors)),
            (_, Some(gone)) if side.is_none() => return Err(SaveError::Gone(gone.path.clone())),
            (Ok(loaded), _) => loaded,
        };
        let merged = merge(&self.saved, roster, &loaded.roster, side);
        if !merged.clashes.is_empty() {
            return Err(SaveError::Clash(merged.clashes));
        }
        let applied;
        let now = match merged.edits.is_empty() {
            true => roster,
            false => {
                applied = apply(merged.edits).map_err(SaveError::Refused)?;
                &applied
            }
        };
        self.sources = sources;
        self.pictures = pictures;
        self.saved = loaded.roster;
        self.contact_source = loaded.contact_source;
        self.group_source = loaded.group_source;
        let taken = differences(roster, now);
        let saved = self.save(now)?;
        Ok(Saved {
            taken,
            kept,
            ..saved
        })
    }

    /// Copies each file that another program has changed to a name that is free, `contacts.toml.orig`. Gives back the
    /// copies.
    fn keep_theirs(&self) -> Result<Vec<PathBuf>, SaveError> {
        let mut kept = Vec::new();
        for source in &self.sources {
            if disk::is_still(&source.path, Some(&source.text)) || !source.path.exists() {
                continue;
            }
            let path = disk::keep_beside(&source.path).map_err(|error| SaveError::Io {
                path: source.path.clone(),
                error,
            })?;
            kept.push(path);
        }
        Ok(kept)
    }
}
