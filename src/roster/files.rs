//! The folder of contact files: who holds it, what in it is not saved, and saving.
//!
//! Only [`Store::save`] writes. Where the folder is missing, the roster is the shipped contacts, and the first save makes
//! the folder. A folder without a contact file is an empty roster. Each file is replaced whole, so a crash leaves the
//! old file or the new one. A crash between two files leaves a folder that can be read: the order of writing sees to that.

use super::load;
use super::mistake::{LoadErrors, Mistake, Source, about};
use super::picture;
use super::pictures::Pictures;
use super::rewrite::{differing, rewrite};
use super::{Accounts, Contact, Edit, EditError, Group, Roster, disk};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

mod beside;

/// The file into which the shipped contacts are saved.
const SHIPPED: (&str, &str) = (
    "contacts.toml",
    include_str!("../../contacts/contacts.toml"),
);
/// The file that lists who may sign in.
const ACCOUNTS: &str = "accounts.toml";

/// A folder of contact files that this process has read.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    /// Whether the folder was there at the last look.
    there: bool,
    sources: Vec<Source>,
    pictures: Pictures,
    saved: Roster,
    contact_source: HashMap<String, usize>,
    group_source: HashMap<String, usize>,
    read_only: Option<String>,
    /// The lock on the folder, for as long as the store lives.
    _lock: Option<File>,
}

/// What a save wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// The files that were written. Empty where nothing had changed.
    pub files: Vec<PathBuf>,
    /// What another program had written there, and was taken in.
    pub taken: Vec<String>,
    /// Files of before that were kept under another name.
    pub kept: Vec<PathBuf>,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |files: &[PathBuf]| {
            let names: Vec<_> = files.iter().map(|p| p.display().to_string()).collect();
            names.join(", ")
        };
        let taken = self.taken.join(", ");
        match (self.files.is_empty(), taken.is_empty()) {
            (true, true) => f.write_str("nothing has changed: no file was written")?,
            (true, false) => write!(f, "taken in from the files: {taken}")?,
            (false, true) => write!(f, "saved in {}", names(&self.files))?,
            (false, false) => write!(
                f,
                "saved in {}, where another program had changed: {taken}",
                names(&self.files)
            )?,
        }
        match self.kept.is_empty() {
            true => Ok(()),
            false => write!(f, "; what stood there is kept as {}", names(&self.kept)),
        }
    }
}

/// Why nothing, or not everything, was saved. Every file on the disk is whole all the same.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// This process may not write there.
    #[error("not saved: {0}")]
    ReadOnly(String),
    /// A file has changed while it was saved.
    #[error(
        "not saved: another program has changed {} meanwhile. Save again; if that says the same, copy what you want to keep, \
         and start nudge again", .0.display()
    )]
    Changed(PathBuf),
    /// Another program has changed the same fields.
    #[error(
        "not saved: another program has changed the same fields in the files: {}. `save mine` writes yours and keeps their \
         file beside it; `save theirs` takes theirs, and `undo` brings yours back", .0.join(", ")
    )]
    Clash(Vec<String>),
    /// Another program has left files that cannot be read.
    #[error(
        "not saved: another program has changed the files, and they cannot be read: {0}. Mend that and save again, or \
         `save mine`, which keeps their file beside yours"
    )]
    Mistaken(LoadErrors),
    /// Another program has removed a file.
    #[error(
        "not saved: another program has removed {}. `save mine` writes it again; `save theirs` removes its contacts",
        .0.display()
    )]
    Gone(PathBuf),
    /// What another program has written was not taken in.
    #[error("not saved: what another program has written cannot be taken in: {0}")]
    Refused(EditError),
    /// What would be written could not be read back.
    #[error("not saved, since it could not be read back: {0}")]
    Unreadable(String),
    /// A file would be too large to be read again.
    #[error(
        "not saved: {} would have more than {} MiB, which could not be read again. Split it in two, and start nudge again",
        .0.display(), disk::MAX_FILE >> 20
    )]
    TooLarge(PathBuf),
    /// The system refused the write.
    #[error("{} could not be written: {error}", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Roster {
    /// The shipped contacts: the eight of the article.
    ///
    /// # Errors
    /// [`LoadErrors`] if the embedded file is wrong, which a test rules out.
    pub fn shipped() -> Result<Self, LoadErrors> {
        load::contacts(
            &[shipped(Path::new("contacts"), None)],
            &Pictures::default(),
        )
        .map(|loaded| loaded.roster)
    }
}

fn shipped(dir: &Path, domain: Option<&str>) -> Source {
    let text = match domain {
        Some(domain) => SHIPPED.1.replace("@local\"", &format!("@{domain}\"")),
        None => SHIPPED.1.to_owned(),
    };
    Source {
        path: dir.join(SHIPPED.0),
        text,
    }
}

impl Store {
    /// Reads the folder. With `writable` false the store never writes, and does not lock the folder.
    ///
    /// # Errors
    /// [`LoadErrors`] with every mistake in every file, or with what kept them from being read.
    pub fn open(dir: &Path, writable: bool) -> Result<(Self, Roster, Accounts), LoadErrors> {
        Self::open_in(dir, writable, None)
    }

    /// The same, with the shipped contacts in this domain instead of `local`.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_in(
        dir: &Path,
        writable: bool,
        domain: Option<&str>,
    ) -> Result<(Self, Roster, Accounts), LoadErrors> {
        let one = |mistake| LoadErrors(vec![mistake]);
        let there = match std::fs::metadata(dir) {
            Ok(found) if found.is_dir() => true,
            Ok(_) => {
                return Err(one(about(
                    dir,
                    "this is not a folder: name one with --contacts",
                )));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(one(about(dir, format!("cannot be read: {error}")))),
        };
        let (lock, read_only) = match (writable, there) {
            (false, _) => (None, Some("this run writes nothing".to_owned())),
            (true, false) => (None, None),
            (true, true) => disk::hold(dir),
        };
        let mut mistakes = Vec::new();
        let (sources, accounts_file, pictures) = if there {
            read_folder(dir, &mut mistakes)
        } else {
            (vec![shipped(dir, domain)], None, Pictures::default())
        };
        let accounts = match accounts_file.as_ref().map(load::accounts) {
            None => Accounts::anybody(),
            Some(Ok(accounts)) => accounts,
            Some(Err(errors)) => {
                mistakes.extend(errors.0);
                Accounts::listed([])
            }
        };
        match load::contacts(&sources, &pictures) {
            Ok(loaded) if mistakes.is_empty() => Ok((
                Self {
                    dir: dir.to_path_buf(),
                    there,
                    sources,
                    pictures,
                    saved: loaded.roster.clone(),
                    contact_source: loaded.contact_source,
                    group_source: loaded.group_source,
                    read_only,
                    _lock: lock,
                },
                loaded.roster,
                accounts,
            )),
            Ok(_) => Err(LoadErrors(mistakes)),
            Err(errors) => {
                mistakes.extend(errors.0);
                Err(LoadErrors(mistakes))
            }
        }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The pictures in the folder that are of no contact, by their names without `.png`.
    pub fn unused_pictures(&self) -> Vec<&str> {
        self.pictures.unused(&self.saved)
    }

    /// Why this process may not write to the folder, in a sentence; `None` where it may.
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    /// What in `roster` is not on disk: `busy@local (status, name)`, `new@local (added)`, `old@local (removed)`,
    /// `group Work (added)`.
    pub fn unsaved(&self, roster: &Roster) -> Vec<String> {
        differences(&self.saved, roster)
    }

    /// Writes what has changed: each contact into the file that it came from, a new one at the end of the last file. Makes
    /// the folder where it is missing.
    ///
    /// # Errors
    /// [`SaveError`]. The files that were written before stay written.
    pub fn save(&mut self, roster: &Roster) -> Result<Saved, SaveError> {
        if let Some(reason) = &self.read_only {
            return Err(SaveError::ReadOnly(reason.clone()));
        }
        if !self.there {
            let planned = self.plan(roster)?;
            return self.make_folder(planned, roster);
        }
        let mut files = Vec::new();
        if self.sources.len() > 1 {
            // New groups first and by themselves, so that no file ever names a group that is not there yet.
            let mut with_groups = self.saved.clone();
            for group in roster.groups() {
                if !self.group_source.contains_key(&group.id) {
                    with_groups
                        .apply(Edit::PutGroup(group.clone()))
                        .map_err(|error| SaveError::Unreadable(error.to_string()))?;
                }
            }
            self.write(&with_groups, &mut files)?;
        }
        self.write(roster, &mut files)?;
        self.saved = roster.clone();
        files.sort();
        files.dedup();
        Ok(Saved {
            files,
            ..Saved::default()
        })
    }

    /// Writes the files that change, then notes again which contact is in which file.
    fn write(&mut self, roster: &Roster, files: &mut Vec<PathBuf>) -> Result<(), SaveError> {
        let planned = self.plan(roster)?;
        for (index, source) in &planned {
            let before = self.sources.get(*index).map(|s| s.text.as_str());
            if !disk::is_still(&source.path, before) {
                return Err(SaveError::Changed(source.path.clone()));
            }
        }
        for (index, source) in planned {
            if let Err(error) = disk::replace(&source.path, &source.text) {
                self.reread();
                return Err(SaveError::Io {
                    path: source.path,
                    error,
                });
            }
            files.push(source.path.clone());
            match self.sources.get_mut(index) {
                Some(held) => *held = source,
                None => self.sources.push(source),
            }
        }
        self.reread();
        Ok(())
    }

    /// Every file whose text changes, with its place among the sources. Files in which a group is removed or renamed come
    /// last, so that after each file every group that is named exists.
    fn plan(&self, roster: &Roster) -> Result<Vec<(usize, Source)>, SaveError> {
        let unreadable = |error: &dyn fmt::Display| SaveError::Unreadable(error.to_string());
        let contacts: Vec<&Contact> = roster
            .contacts()
            .filter(|c| {
                !self
                    .contact_source
                    .contains_key(&c.account.to_ascii_lowercase())
            })
            .map(|c| &**c)
            .collect();
        let groups: Vec<&Group> = roster
            .groups()
            .iter()
            .filter(|g| !self.group_source.contains_key(&g.id))
            .collect();
        let mut after = self.sources.clone();
        let mut changed = Vec::new();
        let last = self.sources.len().saturating_sub(1);
        if self.sources.is_empty() && !(contacts.is_empty() && groups.is_empty()) {
            after.push(Source {
                path: self.dir.join(SHIPPED.0),
                text: String::new(),
            });
        }
        // Where the group and a contact of it are in two files, the contact names the group by its id: that is right before
        // and after the group is renamed.
        let altered: Vec<&Group> = self
            .saved
            .groups()
            .iter()
            .filter(|g| !roster.groups().contains(g))
            .collect();
        let by_id: Vec<&str> = match after.len() {
            1 => Vec::new(),
            _ => altered.iter().map(|g| g.id.as_str()).collect(),
        };
        for (index, source) in after.iter_mut().enumerate() {
            let at_end = index == last;
            let text = rewrite(
                &source.text,
                &self.saved,
                roster,
                if at_end { &contacts } else { &[] },
                if at_end { &groups } else { &[] },
                &by_id,
            )
            .map_err(|e| unreadable(&e))?;
            if let Some(text) = text {
                if text.len() as u64 > disk::MAX_FILE {
                    return Err(SaveError::TooLarge(source.path.clone()));
                }
                source.text = text;
                changed.push(index);
            }
        }
        if changed.is_empty() && self.there {
            return Ok(Vec::new());
        }
        let back = load::contacts(&after, &self.pictures)
            .map_err(|e| unreadable(&e))?
            .roster;
        if !same(&back, roster) {
            return Err(unreadable(&"it would say something else"));
        }
        changed.sort_by_key(|index| {
            altered
                .iter()
                .any(|g| self.group_source.get(&g.id) == Some(index))
        });
        if !self.there {
            changed = (0..after.len()).collect();
        }
        Ok(changed
            .into_iter()
            .map(|index| (index, after[index].clone()))
            .collect())
    }

    fn make_folder(
        &mut self,
        planned: Vec<(usize, Source)>,
        roster: &Roster,
    ) -> Result<Saved, SaveError> {
        let files: Vec<_> = planned
            .iter()
            .map(|(_, s)| (s.path.clone(), s.text.as_str()))
            .collect();
        match disk::make_folder(&self.dir, &files) {
            Ok(true) => {}
            Ok(false) => return Err(SaveError::Changed(self.dir.clone())),
            Err(error) => {
                return Err(SaveError::Io {
                    path: self.dir.clone(),
                    error,
                });
            }
        }
        let files = files.into_iter().map(|(path, _)| path).collect();
        self.sources = planned.into_iter().map(|(_, source)| source).collect();
        self.there = true;
        (self._lock, self.read_only) = disk::hold(&self.dir);
        self.reread();
        self.saved = roster.clone();
        Ok(Saved {
            files,
            ..Saved::default()
        })
    }

    /// Notes again which contact is in which file, after files were written.
    fn reread(&mut self) {
        if let Ok(loaded) = load::contacts(&self.sources, &self.pictures) {
            self.saved = loaded.roster;
            self.contact_source = loaded.contact_source;
            self.group_source = loaded.group_source;
        }
    }
}

/// How two rosters differ: `busy@local (status, name)`, `new@local (added)`, `old@local (removed)`, `group Work (added)`.
fn differences(before: &Roster, after: &Roster) -> Vec<String> {
    let mut out = Vec::new();
    for contact in after.contacts() {
        match before.get(&contact.account) {
            None => out.push(format!("{} (added)", contact.account)),
            Some(held) => {
                let fields: Vec<_> = differing(held, contact).collect();
                if !fields.is_empty() {
                    out.push(format!("{} ({})", contact.account, fields.join(", ")));
                }
            }
        }
    }
    for contact in before.contacts() {
        if after.get(&contact.account).is_none() {
            out.push(format!("{} (removed)", contact.account));
        }
    }
    let (old, new) = (before.groups(), after.groups());
    for group in new {
        match old.iter().find(|g| g.id == group.id) {
            None => out.push(format!("group {} (added)", group.name)),
            Some(held) if held.name != group.name => {
                out.push(format!("group {} (name)", group.name));
            }
            Some(_) => {}
        }
    }
    for group in old {
        if !new.iter().any(|g| g.id == group.id) {
            out.push(format!("group {} (removed)", group.name));
        }
    }
    out
}

/// Whether two rosters would be written alike, whatever their order.
fn same(a: &Roster, b: &Roster) -> bool {
    a.len() == b.len()
        && a.contacts().all(|c| {
            let other = b.get(&c.account);
            other.is_some_and(|other| differing(c, other).next().is_none())
        })
        && a.groups().len() == b.groups().len()
        && a.groups().iter().all(|g| b.groups().contains(g))
}

/// The contact files in the order of their names, the file of accounts, and the pictures. A name that begins with a dot
/// is no contact file: editors and macOS leave such files behind.
fn read_folder(dir: &Path, mistakes: &mut Vec<Mistake>) -> (Vec<Source>, Option<Source>, Pictures) {
    let mut paths = Vec::new();
    match std::fs::read_dir(dir) {
        Err(error) => mistakes.push(about(dir, format!("cannot be read: {error}"))),
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) => paths.push(entry.path()),
                    Err(error) => mistakes.push(about(dir, format!("cannot be read: {error}"))),
                }
            }
        }
    }
    paths.sort();
    let mut accounts = None;
    let mut sources = Vec::new();
    let mut pictures = Pictures::default();
    for path in paths {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(b".") {
            continue;
        }
        if path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("png"))
        {
            if let Err(mistake) = read_picture(&path, &mut pictures) {
                mistakes.push(mistake);
            }
            continue;
        }
        if !name.ends_with(b".toml") {
            continue;
        }
        let is_accounts = name == ACCOUNTS.as_bytes();
        match disk::read(&path) {
            Err(mistake) => mistakes.push(mistake),
            Ok(text) if is_accounts => accounts = Some(Source { path, text }),
            Ok(text) => sources.push(Source { path, text }),
        }
    }
    (sources, accounts, pictures)
}

fn read_picture(path: &Path, pictures: &mut Pictures) -> Result<(), Mistake> {
    if pictures.len() == picture::MAX_PICTURES {
        let most = picture::MAX_PICTURES;
        return Err(about(
            path,
            format!("more than {most} pictures are not read"),
        ));
    }
    let file = disk::read_bytes(path, picture::MAX_FILE)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    pictures
        .put(&name, &file)
        .map_err(|error| about(path, error.to_string()))
}

#[cfg(test)]
mod tests;
