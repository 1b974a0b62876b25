//! What the roster does to the disk: it locks a folder, reads a file, replaces a file.

use super::mistake::{Mistake, about, place};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of the largest file that is read. 5,000 contacts take about 1 MiB. Tests have a smaller bound, because writing
/// a file that large takes seconds.
pub(super) const MAX_FILE: u64 = if cfg!(test) { 1 } else { 16 } * 1024 * 1024;
/// The file that is locked where the folder itself cannot be, as on some network file systems.
const LOCK: &str = ".nudge.lock";

/// Locks the folder for this process: gives back the lock, or why nothing may be written here. The folder itself is
/// locked, so that no lock file is written into it.
pub(super) fn hold(dir: &Path) -> (Option<File>, Option<String>) {
    use rustix::fs::{Access, access};
    let shown = dir.display();
    if let Err(error) = access(dir, Access::WRITE_OK | Access::EXEC_OK) {
        return (None, Some(format!("{shown} cannot be written: {error}")));
    }
    let locked = File::open(dir)
        .map_err(TryLockError::Error)
        .and_then(|folder| folder.try_lock().map(|()| folder));
    let locked = match locked {
        Err(TryLockError::Error(_)) => OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(dir.join(LOCK))
            .map_err(TryLockError::Error)
            .and_then(|file| file.try_lock().map(|()| file)),
        other => other,
    };
    match locked {
        Ok(lock) => (Some(lock), None),
        Err(TryLockError::WouldBlock) => (
            None,
            Some(format!(
                "another nudge has {shown} open, and it alone writes there"
            )),
        ),
        Err(TryLockError::Error(error)) => {
            (None, Some(format!("{shown} cannot be locked: {error}")))
        }
    }
}

/// The bytes of a file that has at most `most` of them.
pub(super) fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, Mistake> {
    let cannot = |error: io::Error| about(path, format!("cannot be read: {error}"));
    // Looked at before it is opened: opening a named pipe would wait for its writer.
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(about(path, "this is not a file: take it out of the folder"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(cannot)?;
    if bytes.len() as u64 > most {
        return Err(about(
            path,
            format!(
                "it has more than {} MiB: make it smaller",
                most / 1024 / 1024
            ),
        ));
    }
    Ok(bytes)
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, Mistake> {
    let bytes = read_bytes(path, MAX_FILE)?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        Mistake {
            file: path.to_path_buf(),
            at: Some(place(&text, good)),
            text: "this byte is not UTF-8: save the file as UTF-8".into(),
        }
    })
}

/// Whether a file still has this text; `None` stands for a file that was not there.
pub(super) fn is_still(path: &Path, before: Option<&str>) -> bool {
    match before {
        Some(before) => read_bytes(path, MAX_FILE).is_ok_and(|bytes| bytes == before.as_bytes()),
        None => fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound),
    }
}

/// Copies a file to a name beside it that is free: `contacts.toml.orig`, `contacts.toml.orig2`. Gives back that name. Who
/// may read the file may read the copy, and nobody else.
pub(super) fn keep_beside(path: &Path) -> io::Result<PathBuf> {
    let found = fs::metadata(path)?;
    // Looked at before it is opened: opening a named pipe would wait for its writer.
    if !found.is_file() {
        return Err(io::Error::other("what stands there now is not a file"));
    }
    let mut from = File::open(path)?;
    let mut count = 1;
    loop {
        let mut name = path.as_os_str().to_owned();
        name.push(match count {
            1 => ".orig".to_owned(),
            _ => format!(".orig{count}"),
        });
        match OpenOptions::new().write(true).create_new(true).open(&name) {
            Ok(mut file) => {
                file.set_permissions(found.permissions())?;
                io::copy(&mut from, &mut file)?;
                file.sync_all()?;
                return Ok(name.into());
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => count += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Replaces the text of a file: writes a new file beside it, syncs that to the disk, and renames it over the old one.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A symbolic link stays: the file that it leads to is replaced.
    let path = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_path_buf(),
        found => found?,
    };
    let permissions = match fs::metadata(&path) {
        Ok(found) if found.permissions().readonly() => {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the file is write-protected",
            ));
        }
        Ok(found) => Some(found.permissions()),
        Err(_) => None,
    };
    let beside = beside(&path);
    let written = write_new(&beside, text, permissions).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes a folder with these files in it, or nothing: it makes the folder under another name and renames it. False if
/// there is a folder of that name by now.
pub(super) fn make_folder(dir: &Path, files: &[(PathBuf, &str)]) -> io::Result<bool> {
    // A rename would silently replace an empty folder.
    if dir.exists() {
        return Ok(false);
    }
    let parent = dir
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let beside = beside(dir);
    let _ = fs::remove_dir_all(&beside);
    fs::create_dir(&beside)?;
    let made = files
        .iter()
        .try_for_each(|(path, text)| {
            write_new(
                &beside.join(path.file_name().unwrap_or_default()),
                text,
                None,
            )
        })
        .and_then(|()| sync_folder(&beside))
        .and_then(|()| fs::rename(&beside, dir));
    if made.is_err() {
        let _ = fs::remove_dir_all(&beside);
    }
    made?;
    sync_folder(parent)?;
    Ok(true)
}

/// The name of the new file until it is renamed. It is always the same, so that the next save uses up what a crash has
/// left; and it is hidden, so that it is not read as a contact file.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".nudge-new");
    path.with_file_name(name)
}

fn write_new(path: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
