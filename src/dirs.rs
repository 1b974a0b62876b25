//! Where files are: the folder named on the command line, else one beside the operator, else the
//! user's data folder.

use std::path::{Path, PathBuf};

/// The user's data folder of nudge: `~/.local/share/nudge` on Linux, `~/Library/Application
/// Support/nudge` on macOS. `None` where the user has no home.
pub fn data() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "nudge").map(|dirs| dirs.data_dir().to_path_buf())
}

/// The user's folder for settings: `~/.config/nudge` on Linux.
pub fn config() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "nudge").map(|dirs| dirs.config_dir().to_path_buf())
}

/// The folder to use for `name`: the one that was asked for, else `./name` if it is there, else `name`
/// in the data folder. The last resort, for a user without a home, is `./name`, which is not there yet.
pub fn choose(asked: Option<&Path>, name: &str) -> PathBuf {
    if let Some(asked) = asked {
        return asked.to_path_buf();
    }
    let here = Path::new(".").join(name);
    if here.is_dir() {
        return here;
    }
    data().map_or(here, |data| data.join(name))
}

/// A folder that was asked for by name is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{option} {folder}: there is no such folder; make it with `{command} {folder}`, or leave {option} out",
    folder = folder.display()
)]
pub struct NoFolder {
    /// The option that names it.
    pub option: &'static str,
    /// The folder.
    pub folder: PathBuf,
    /// What makes it.
    pub command: &'static str,
}

/// Whether a folder that was typed is there. A name that is typed is meant: without this a slip of the finger would be
/// served the defaults, or given a new root that no client trusts.
///
/// # Errors
/// [`NoFolder`], with the command that makes it.
pub fn typed(
    folder: Option<&Path>,
    option: &'static str,
    command: &'static str,
) -> Result<(), NoFolder> {
    match folder {
        Some(folder) if !folder.exists() => Err(NoFolder {
            option,
            folder: folder.to_path_buf(),
            command,
        }),
        _ => Ok(()),
    }
}
