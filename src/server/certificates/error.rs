//! What can be wrong with the certificates, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why there are no certificates to serve with, or none to show.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file or the folder could not be read or written.
    #[error("{}: cannot be {doing}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// `read` or `written`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file holds something else than its name promises.
    #[error("{}: {reason}. Put the right file back, or make new certificates with `nudge certs init --force --certs {}`", path.display(), parent(path))]
    Corrupt {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is a root already, and it was not asked to replace it.
    #[error("{} is there already. `--force` replaces it; every client that trusts it must then be given the new one", path.display())]
    Exists {
        /// The root.
        path: PathBuf,
    },
    /// There is no root yet.
    #[error("{} is not there yet: `nudge certs init --certs {}` makes it, and so does the first run", path.display(), parent(path))]
    Missing {
        /// The root.
        path: PathBuf,
    },
    /// The root's name constraints do not permit what is to be served.
    #[error("the root {} does not permit {}: `{again}` makes one that does; every client must then be given it", path.display(), hosts.join(", "))]
    NotCovered {
        /// The root.
        path: PathBuf,
        /// The hosts that it does not permit.
        hosts: Vec<String>,
        /// The command that makes one that does.
        again: String,
    },
    /// The root's time is over, or has not come: then this machine's clock is wrong.
    #[error("the root {} is valid from {from} to {to} only: check this machine's clock, or make a new one with `{again}`", path.display())]
    RootDates {
        /// The root.
        path: PathBuf,
        /// Its first day.
        from: String,
        /// Its last day.
        to: String,
        /// The command that makes a new one.
        again: String,
    },
    /// A new leaf is due, and the root's key is not there to sign it.
    #[error("{} is not there, and {why}: put it back, or make new certificates with `{again}`", path.display())]
    NoRootKey {
        /// The key.
        path: PathBuf,
        /// Why a new leaf is due.
        why: String,
        /// The command that makes new certificates.
        again: String,
    },
    /// A key or a certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Make(String),
}

fn parent(path: &std::path::Path) -> String {
    path.parent()
        .unwrap_or(std::path::Path::new("."))
        .display()
        .to_string()
}

impl From<openssl::error::ErrorStack> for CertificateError {
    fn from(error: openssl::error::ErrorStack) -> Self {
        Self::Make(error.to_string())
    }
}
