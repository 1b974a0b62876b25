//! The folder that holds root and leaf: who may read it, and how two processes that start at the same time get one
//! pair and not half of two.
//!
//! Writing happens under a lock on `.lock`, to new files that are then renamed. A pair's certificate is removed
//! first and written last. So where there is a certificate its key is there too, even after a crash.

use super::CertificateError;
use super::make::Pair;
use openssl::pkey::PKey;
use openssl::x509::X509;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// One certificate and its key, as files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub certificate: &'static str,
    pub key: &'static str,
}

pub(super) const ROOT: Names = Names {
    certificate: "root.pem",
    key: "root.key",
};

pub(super) const LEAF: Names = Names {
    certificate: "leaf.pem",
    key: "leaf.key",
};

/// Every file by which clients are made to trust, and its key.
pub const FILES: &[&str] = &[ROOT.certificate, ROOT.key, LEAF.certificate, LEAF.key];

/// Only the owner may read a key.
const KEY_MODE: u32 = 0o600;
const CERTIFICATE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o700;

/// A folder of certificates.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Nothing is ever changed in it.
    frozen: bool,
    /// The lock is held as long as this value lives, where the folder can be written.
    _lock: Option<File>,
}

impl Folder {
    /// The folder, to read from it.
    pub fn unlocked(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            frozen: false,
            _lock: None,
        }
    }

    /// The folder, for reading only: nothing in it is ever written.
    pub fn frozen(path: &Path) -> Self {
        Self {
            frozen: true,
            ..Self::unlocked(path)
        }
    }

    /// Makes the folder if it is missing, and locks it. Waits while another process holds the lock, which is as long
    /// as it takes to make two keys.
    pub fn lock(path: &Path) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(path)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(KEY_MODE)
            .open(path.join(".lock"))?;
        lock.lock()?;
        Ok(Self {
            path: path.to_path_buf(),
            frozen: false,
            _lock: Some(lock),
        })
    }

    /// Where `name` is in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder's own path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A certificate, if its file is there.
    pub fn certificate(&self, names: Names) -> Result<Option<X509>, CertificateError> {
        let path = self.join(names.certificate);
        let Some(bytes) = read(&path)? else {
            return Ok(None);
        };
        match X509::from_pem(&bytes) {
            Ok(certificate) => Ok(Some(certificate)),
            Err(_) => Err(CertificateError::Corrupt {
                path,
                reason: "is not a certificate in PEM".into(),
            }),
        }
    }

    /// A certificate and its key: `None` where one of the two files is not there. Whether they belong to
    /// each other is for the caller to ask.
    pub fn pair(&self, names: Names) -> Result<Option<Pair>, CertificateError> {
        let Some(certificate) = self.certificate(names)? else {
            return Ok(None);
        };
        let path = self.join(names.key);
        let Some(bytes) = read(&path)? else {
            return Ok(None);
        };
        match PKey::private_key_from_pem(&bytes) {
            Ok(key) => Ok(Some(Pair { certificate, key })),
            Err(_) => Err(CertificateError::Corrupt {
                path,
                reason: "is not a private key in PEM without a password".into(),
            }),
        }
    }

    /// Takes the pair's files away, certificate first.
    pub fn remove(&self, names: Names) -> io::Result<()> {
        for name in [names.certificate, names.key] {
            match fs::remove_file(self.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes a pair, key first.
    pub fn write(&self, names: Names, pair: &Pair) -> io::Result<()> {
        if self.frozen {
            return Err(io::Error::other("nothing is written in this run"));
        }
        self.remove(names)?;
        let key = pair.key.private_key_to_pem_pkcs8()?;
        self.write_beside(names.key, &key, KEY_MODE)?;
        let certificate = pair.certificate.to_pem()?;
        self.write_beside(names.certificate, &certificate, CERTIFICATE_MODE)
    }

    /// Makes a key readable by its owner alone, where others could read it, and says so.
    pub fn shut(&self, names: Names) -> Option<String> {
        let path = self.join(names.key);
        let mode = fs::metadata(&path).ok()?.permissions().mode();
        if mode & 0o077 == 0 || self.frozen {
            return None;
        }
        let could = "could be read by others than its owner";
        Some(
            match fs::set_permissions(&path, Permissions::from_mode(KEY_MODE)) {
                Ok(()) => format!("{} {could}; now it cannot", path.display()),
                Err(error) => format!(
                    "{} {could}, and that could not be changed ({error}): chmod 600 it",
                    path.display()
                ),
            },
        )
    }

    fn write_beside(&self, name: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
        let beside = self.join(&format!(".{name}.new"));
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, self.join(name))?;
        // So that the rename itself outlives a power cut. File systems that cannot sync a folder give an error, which
        // is passed over.
        if let Ok(folder) = File::open(&self.path) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, CertificateError> {
    // It is looked at before it is opened: reading a named pipe would wait for its writer, and a device has no end.
    if fs::metadata(path).is_ok_and(|held| !held.is_file()) {
        return Err(CertificateError::Corrupt {
            path: path.to_path_buf(),
            reason: "is no file".into(),
        });
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        // `NotADirectory`: the folder's own path leads through a file; writing to it will say so.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(source) => Err(CertificateError::Io {
            path: path.to_path_buf(),
            doing: "read",
            source,
        }),
    }
}
