//! Who calls: the user, or the one who called `sudo`; and how a process that `sudo` started becomes that user.

use nix::errno::Errno;
use nix::unistd::{Gid, Uid, User, setgid, setuid};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Who calls: the user, or the one who called `sudo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The user's number.
    pub uid: u32,
    /// The number of the user's own group.
    pub gid: u32,
}

/// The process could not become the user who called. It does not serve as root instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "sudo says that user {uid} called, and nudge cannot become that user: {errno}; without SUDO_UID and SUDO_GID in its environment it stays root"
)]
pub struct StillRoot {
    /// Who called.
    pub uid: u32,
    /// What the system said.
    pub errno: Errno,
}

/// The home of whom the process became: its environment still names root's.
static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();

impl Caller {
    /// The one of this process.
    pub fn now() -> Self {
        Self::by_sudo().unwrap_or_else(|| Self {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
        })
    }

    /// Who called `sudo`, where this process is still root.
    pub fn by_sudo() -> Option<Self> {
        let number = |name: &str| std::env::var(name).ok()?.parse().ok();
        let (uid, gid) = (number("SUDO_UID")?, number("SUDO_GID")?);
        (uid != 0 && rustix::process::geteuid().is_root()).then_some(Self { uid, gid })
    }

    fn user(self) -> Option<User> {
        User::from_uid(Uid::from_raw(self.uid)).ok().flatten()
    }

    fn home(self) -> Option<PathBuf> {
        self.user().map(|user| user.dir)
    }

    /// Becomes this user, with the user's groups, for good and in every thread.
    fn take_over(self) -> Result<(), Errno> {
        let gid = Gid::from_raw(self.gid);
        further_groups(self.user().as_ref(), gid)?;
        setgid(gid)?;
        setuid(Uid::from_raw(self.uid))?;
        // A way back would be a hole.
        match setuid(Uid::from_raw(0)) {
            Ok(()) => Err(Errno::EPERM),
            Err(_) => Ok(()),
        }
    }
}

/// The groups beside the user's own, in place of root's.
#[cfg(not(target_vendor = "apple"))]
fn further_groups(user: Option<&User>, gid: Gid) -> Result<(), Errno> {
    let name = user.and_then(|user| std::ffi::CString::new(user.name.as_bytes()).ok());
    match name {
        Some(name) => nix::unistd::initgroups(&name, gid),
        None => nix::unistd::setgroups(&[gid]),
    }
}

/// There is no call for it there. (Nor is root needed: since macOS 10.14 anybody may open a port below 1024.)
#[cfg(target_vendor = "apple")]
fn further_groups(_: Option<&User>, _: Gid) -> Result<(), Errno> {
    Ok(())
}

/// Where `sudo` started this process, becomes the user who called, whose folders count from then on: what needed root is
/// done. Gives that user, or nothing where the process stays who it is.
///
/// It is for the whole process, and no thread stays root: so `nix` asks the C library, which tells all threads, where
/// `rustix` asks the kernel for one.
///
/// # Errors
/// [`StillRoot`].
pub fn become_caller() -> Result<Option<Caller>, StillRoot> {
    let Some(caller) = Caller::by_sudo() else {
        return Ok(None);
    };
    // Asked for first: whoever answers may want root.
    let home = caller.home();
    caller.take_over().map_err(|errno| StillRoot {
        uid: caller.uid,
        errno,
    })?;
    let _ = HOME.set(home);
    Ok(Some(caller))
}

/// Gives a file that root has just made to the user who called `sudo`, where one did.
///
/// # Errors
/// What the system says.
pub fn give(file: &File) -> io::Result<()> {
    match Caller::by_sudo() {
        Some(caller) => std::os::unix::fs::fchown(file, Some(caller.uid), Some(caller.gid)),
        None => Ok(()),
    }
}

/// The home of the user who called `sudo`, `None` outside where none did. The environment has root's there.
pub(super) fn home() -> Option<Option<PathBuf>> {
    match HOME.get() {
        Some(home) => Some(home.clone()),
        None => Caller::by_sudo().map(Caller::home),
    }
}
