//! Where files are: the folder named on the command line, else one beside the operator, else the
//! user's data folder.

mod caller;

pub use caller::{Caller, StillRoot, become_caller, give};
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The user's home, where there is one. Under `sudo` it is that of the user who called.
pub fn home() -> Option<PathBuf> {
    match caller::home() {
        Some(home) => home,
        None => directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf()),
    }
}

/// The user's data folder of nudge: `~/.local/share/nudge` on Linux, `~/Library/Application
/// Support/nudge` on macOS. `None` where the user has no home.
pub fn data() -> Option<PathBuf> {
    match caller::home() {
        Some(home) => in_home(home, "XDG_DATA_HOME", ".local/share"),
        None => directories::ProjectDirs::from("", "", "nudge").map(|d| d.data_dir().to_path_buf()),
    }
}

/// The user's folder for settings: `~/.config/nudge` on Linux.
pub fn config() -> Option<PathBuf> {
    match caller::home() {
        Some(home) => in_home(home, "XDG_CONFIG_HOME", ".config"),
        None => {
            directories::ProjectDirs::from("", "", "nudge").map(|d| d.config_dir().to_path_buf())
        }
    }
}

/// The same, in another home than that of the environment. A variable that is set all the same was set on purpose.
fn in_home(home: Option<PathBuf>, variable: &str, usual: &str) -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library/Application Support/nudge"));
    }
    let named = std::env::var_os(variable).map(PathBuf::from);
    let named = named.filter(|folder| folder.is_absolute());
    Some(named.or_else(|| Some(home?.join(usual)))?.join("nudge"))
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

/// Whether a folder that was typed is there. Without this check a typing mistake would bring the default contacts, or
/// a new root that no client trusts.
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

/// Why a folder is not to be trusted: somebody besides its user can change what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is another user's.
    #[error("{} belongs to another user (number {owner}), who could change what is in it: chown it, or name another folder", path.display())]
    Owner {
        /// Which.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// Everybody may write to it.
    #[error("{} can be written by everybody: chmod o-w it", .0.display())]
    Everybody(PathBuf),
    /// A group that has other members may write to it.
    #[error("{} can be written by its group (number {group}), in which there may be others: chmod g-w it", path.display())]
    Group {
        /// Which.
        path: PathBuf,
        /// The group.
        group: u32,
    },
}

/// Whether nobody but its user can change this folder, or these files in it. What is not there is no danger.
///
/// # Errors
/// [`Untrusted`], with what to do.
pub fn trusted(folder: &Path, files: &[&str]) -> Result<(), Untrusted> {
    let caller = Caller::now();
    let paths = files.iter().map(|name| folder.join(name));
    for path in std::iter::once(folder.to_path_buf()).chain(paths) {
        let Ok(held) = std::fs::metadata(&path) else {
            continue;
        };
        judged(&path, &held, caller, is_private)?;
    }
    Ok(())
}

fn judged(
    path: &Path,
    held: &Metadata,
    caller: Caller,
    is_private: impl Fn(u32, Caller) -> bool,
) -> Result<(), Untrusted> {
    let (path, owner, group) = (path.to_path_buf(), held.uid(), held.gid());
    // What belongs to root can be changed by root alone, and root can change anything.
    if owner != caller.uid && owner != 0 {
        return Err(Untrusted::Owner { path, owner });
    }
    if held.mode() & 0o002 != 0 && held.mode() & 0o1000 == 0 {
        return Err(Untrusted::Everybody(path));
    }
    if held.mode() & 0o020 != 0 && !is_private(group, caller) {
        return Err(Untrusted::Group { path, group });
    }
    Ok(())
}

/// Whether nobody else is in this group. Systems with umask 002 give each user a group of their own: it lists no other
/// member, and it is the main group of no other user.
fn is_private(group: u32, caller: Caller) -> bool {
    let read = |path: &str| -> io::Result<String> { std::fs::read_to_string(path) };
    let (users, groups) = (read("/etc/passwd"), read("/etc/group"));
    group == caller.gid
        && match (users, groups) {
            (Ok(users), Ok(groups)) => is_private_in(&users, &groups, group, caller.uid),
            _ => group == caller.uid,
        }
}

/// The same, by the texts of `/etc/passwd` and `/etc/group`. A group that they do not name is private if it has the
/// number of its user.
fn is_private_in(users: &str, groups: &str, group: u32, uid: u32) -> bool {
    let number = |text: Option<&&str>| text.and_then(|text| text.parse::<u32>().ok());
    let mut own = None;
    for line in users.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let (user, its_group) = (number(fields.get(2)), number(fields.get(3)));
        if user == Some(uid) {
            own = Some(fields[0]);
        } else if its_group == Some(group) {
            return false;
        }
    }
    for line in groups.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        if number(fields.get(2)) == Some(group) {
            let members = fields.get(3).copied().unwrap_or_default();
            let mut members = members.split(',').filter(|member| !member.is_empty());
            return members.all(|member| Some(member) == own);
        }
    }
    group == uid
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_folder_that_others_can_change_is_not_trusted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let held = std::fs::metadata(path).expect("is there");
        let me = Caller {
            uid: held.uid(),
            gid: held.gid(),
        };
        let stranger = Caller {
            uid: 4711,
            gid: 4711,
        };
        let judge = |mode: u32, caller, private: bool| {
            std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("is mine");
            let held = std::fs::metadata(path).expect("is there");
            judged(path, &held, caller, |_, _| private)
        };
        assert_eq!(judge(0o700, me, false), Ok(()));
        assert_eq!(judge(0o755, me, false), Ok(()));
        assert_eq!(judge(0o775, me, true), Ok(()), "umask 002");
        assert!(matches!(
            judge(0o775, me, false),
            Err(Untrusted::Group { .. })
        ));
        assert!(matches!(
            judge(0o777, me, true),
            Err(Untrusted::Everybody(_))
        ));
        let of_other = judge(0o700, stranger, true);
        // What is root's is anybody's to trust.
        assert_eq!(of_other.is_err(), held.uid() != 0, "{of_other:?}");
        judge(0o700, me, false).expect("as it was");
    }

    #[test]
    fn a_private_group_is_one_in_which_nobody_else_is() {
        let users = "root:x:0:0::/:/bin/sh\nme:x:1000:1000::/:/bin/sh\nyou:x:1001:100::/:/bin/sh\n";
        let groups = "root:x:0:\nme:x:1000:me\nusers:x:100:\nwheel:x:10:me,you\n";
        let private = |group, uid| is_private_in(users, groups, group, uid);
        assert!(private(1000, 1000));
        assert!(!private(100, 1000), "another user's own");
        assert!(!private(10, 1000), "others are in it");
        assert!(
            private(2000, 2000),
            "of a directory that these files do not have"
        );
        assert!(!private(2000, 1000));
    }
}
