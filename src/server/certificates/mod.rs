//! The root that an operator makes clients trust, and the leaf that is served under it.
//!
//! The root is bound to exactly the hosts that nudge serves: were its key to leak, it would vouch for
//! nothing else. Keys are readable by their owner only. Where the folder cannot be written the root
//! lives in memory, which the notices say loudly, since the next start makes another.

mod error;
mod folder;
mod make;
mod show;
#[cfg(test)]
mod tests;

pub use error::CertificateError;
pub use show::{export, show};

pub use folder::FILES;

use crate::msnp::hosts;
use folder::{Folder, LEAF, ROOT};
use make::{Pair, Signature};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509Ref, X509VerifyResult};
use show::{describe, fingerprint, signature};
use std::fmt;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::macros::format_description;

/// What certificates are to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateOptions {
    /// Whether a new root is bound to the hosts that are served. An old report says that some OS X
    /// refused a root whose constraints are critical: then, and only then, go without.
    pub name_constraints: bool,
    /// Whether login.live.com and the other hosts on request are served too, which real sign-ins still use.
    pub login_live: bool,
    /// Whether a new root and the leaves under it are signed with SHA-1: Windows before XP SP3 and Mac OS X before
    /// 10.5 verify nothing newer, and today's systems refuse it.
    pub sha1: bool,
}

impl Default for CertificateOptions {
    fn default() -> Self {
        Self {
            name_constraints: true,
            login_live: false,
            sha1: false,
        }
    }
}

/// From when to when a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub not_before: OffsetDateTime,
    /// The last moment.
    pub not_after: OffsetDateTime,
}

impl Validity {
    /// Whether `moment` is within.
    pub fn contains(&self, moment: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&moment)
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", day(self.not_before), day(self.not_after))
    }
}

/// A date as text, `2026-11-22`.
pub(crate) fn day(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!("[year]-[month]-[day]"))
        .unwrap_or_else(|_| moment.to_string())
}

/// A root, the leaf that is served under it, and what has to be said about them.
#[derive(Clone)]
pub struct Certificates {
    folder: Option<PathBuf>,
    root: X509,
    leaf: Pair,
    root_pem: Vec<u8>,
    root_der: Vec<u8>,
    fingerprint: String,
    sha1_fingerprint: String,
    leaf_validity: Validity,
    notices: Vec<String>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("folder", &self.folder)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

impl Certificates {
    /// The certificates in `dir`, made if they are not there. The leaf is reissued where it is near its
    /// end, is for other hosts, or is not of that root. A folder that cannot be written is no error:
    /// see [`Certificates::notices`].
    ///
    /// # Errors
    /// A file that cannot be read or holds something else; a root that is out of date, does not
    /// permit the hosts, or does not fit its key; a root without its key where a leaf is due.
    pub fn open_or_init(
        dir: &Path,
        options: &CertificateOptions,
    ) -> Result<Self, CertificateError> {
        Self::open_at(dir, options, OffsetDateTime::now_utc())
    }

    /// A new root and leaf in `dir`, in place of those that are there only with `force`.
    ///
    /// # Errors
    /// A root that is there and no `force`; a folder that cannot be written.
    pub fn init(
        dir: &Path,
        options: &CertificateOptions,
        force: bool,
    ) -> Result<Self, CertificateError> {
        let unwritten = |source| CertificateError::Io {
            path: dir.to_path_buf(),
            doing: "written",
            source,
        };
        let folder = Folder::lock(dir).map_err(unwritten)?;
        let path = folder.join(ROOT.certificate);
        if !force && path.exists() {
            return Err(CertificateError::Exists { path });
        }
        let (root, leaf) = fresh(options, OffsetDateTime::now_utc())?;
        write_both(&folder, &root, &leaf).map_err(unwritten)?;
        Self::of(Some(dir), root.certificate, leaf, Vec::new())
    }

    /// As [`Certificates::open_or_init`], but nothing is written: a root that is not there, and a leaf that
    /// is due, are in memory only. For the demo.
    ///
    /// # Errors
    /// As of [`Certificates::open_or_init`].
    pub fn open_or_borrow(
        dir: &Path,
        options: &CertificateOptions,
    ) -> Result<Self, CertificateError> {
        let folder = Folder::frozen(dir);
        match folder.certificate(ROOT)? {
            Some(root) => Self::open(&folder, root, options, OffsetDateTime::now_utc()),
            None => Self::in_memory(options),
        }
    }

    /// A new root and leaf that are written nowhere: for tests.
    ///
    /// # Errors
    /// A key that could not be made.
    pub fn in_memory(options: &CertificateOptions) -> Result<Self, CertificateError> {
        let (root, leaf) = fresh(options, OffsetDateTime::now_utc())?;
        Self::of(None, root.certificate, leaf, Vec::new())
    }

    fn open_at(
        dir: &Path,
        options: &CertificateOptions,
        now: OffsetDateTime,
    ) -> Result<Self, CertificateError> {
        let (folder, unwritable) = match Folder::lock(dir) {
            Ok(folder) => (folder, None),
            Err(error) => (Folder::unlocked(dir), Some(error)),
        };
        if let Some(root) = folder.certificate(ROOT)? {
            return Self::open(&folder, root, options, now);
        }
        let (root, leaf) = fresh(options, now)?;
        let mut notices = Vec::new();
        if folder.join(ROOT.key).exists() {
            notices.push(format!(
                "{} was without its certificate, so it was of no use any more, and is replaced",
                folder.join(ROOT.key).display()
            ));
        }
        match unwritable.map_or_else(|| write_both(&folder, &root, &leaf), Err) {
            Ok(()) => Self::of(Some(dir), root.certificate, leaf, notices),
            Err(error) => {
                notices = vec![format!(
                    "{} CANNOT BE WRITTEN ({error}): the root certificate is in memory only, the next \
                     start makes another, and every client must be given that one again. Name a \
                     folder that can be written with --certs DIR",
                    dir.display()
                )];
                Self::of(None, root.certificate, leaf, notices)
            }
        }
    }

    fn open(
        folder: &Folder,
        root: X509,
        options: &CertificateOptions,
        now: OffsetDateTime,
    ) -> Result<Self, CertificateError> {
        let path = folder.join(ROOT.certificate);
        let again = again(folder.path(), options, &root);
        let validity = make::validity(&root)?;
        if !validity.contains(now) {
            return Err(CertificateError::RootDates {
                path,
                from: day(validity.not_before),
                to: day(validity.not_after),
                again,
            });
        }
        let mut notices: Vec<String> = [ROOT, LEAF]
            .into_iter()
            .filter_map(|names| folder.shut(names))
            .collect();
        if validity.not_after - now < make::LEAF_MARGIN {
            notices.push(format!(
                "the root {} ends on {}: `{again}` makes a new one, which every client must then be given",
                path.display(),
                day(validity.not_after),
            ));
        }
        let wanted = make::wanted(options);
        let lacking = make::lacking(&root, &wanted);
        if lacking.contains(&hosts::LOGIN_LIVE) {
            // It was asked for by name, and nothing that needs it would work.
            return Err(CertificateError::NotCovered {
                path,
                hosts: lacking.iter().map(|host| host.to_string()).collect(),
                again,
            });
        }
        if !lacking.is_empty() || !make::is_narrow(&root) {
            notices.push(of_before(&path, &again, &lacking));
        }
        let hosts: Vec<&str> = wanted
            .into_iter()
            .filter(|host| !lacking.contains(host))
            .collect();
        if !options.name_constraints && make::permitted(&root).is_some() {
            notices.push(format!(
                "the root {} has name constraints although none were asked for: a root is changed only by `{again}`",
                path.display()
            ));
        }
        let leaf = folder.pair(LEAF)?;
        let Some(why) = reissue(&root, leaf.as_ref(), &hosts, now)? else {
            // `reissue` has a reason wherever there is no leaf.
            let leaf = leaf.ok_or_else(|| CertificateError::Make("no leaf".into()))?;
            return Self::of(Some(folder.path()), root, leaf, notices);
        };
        let Some(root) = folder.pair(ROOT)? else {
            return Err(CertificateError::NoRootKey {
                path: folder.join(ROOT.key),
                why,
                again,
            });
        };
        if !belong(&root) {
            return Err(CertificateError::Corrupt {
                path: folder.join(ROOT.key),
                reason: format!("is not the key of {}", ROOT.certificate),
            });
        }
        let leaf = make::leaf(&root, &hosts, now)?;
        match make::verify(&root.certificate, &leaf.certificate, now)? {
            X509VerifyResult::OK => {}
            result => {
                return Err(CertificateError::Corrupt {
                    path,
                    reason: format!("cannot vouch for a leaf: {}", result.error_string()),
                });
            }
        }
        notices.push(match folder.write(LEAF, &leaf) {
            Ok(()) => format!("a new leaf was issued, as {why}"),
            Err(error) => format!(
                "a new leaf was issued, as {why}; it is in memory only, as {} CANNOT BE WRITTEN ({error})",
                folder.path().display()
            ),
        });
        Self::of(Some(folder.path()), root.certificate, leaf, notices)
    }

    fn of(
        folder: Option<&Path>,
        root: X509,
        leaf: Pair,
        notices: Vec<String>,
    ) -> Result<Self, CertificateError> {
        Ok(Self {
            folder: folder.map(Path::to_path_buf),
            root_pem: root.to_pem()?,
            root_der: root.to_der()?,
            fingerprint: fingerprint(&root, MessageDigest::sha256())?,
            sha1_fingerprint: fingerprint(&root, MessageDigest::sha1())?,
            leaf_validity: make::validity(&leaf.certificate)?,
            root,
            leaf,
            notices,
        })
    }

    /// What the operator has to be told, in sentences: a folder that cannot be written, a leaf that was
    /// reissued, a key that others could read.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Whether they are on disk, and so the same at the next start.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The root as PEM.
    pub fn root_pem(&self) -> &[u8] {
        &self.root_pem
    }

    /// The root as DER: what an old Mac is given over HTTP (`application/x-x509-ca-cert`).
    pub fn root_der(&self) -> &[u8] {
        &self.root_der
    }

    /// The root's SHA-256 fingerprint, as upper-case hex with colons.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The root's SHA-1 fingerprint in the same form: old systems show no other ("thumbprint" on Windows).
    pub fn sha1_fingerprint(&self) -> &str {
        &self.sha1_fingerprint
    }

    /// The root's common name: what a keychain shows.
    pub fn root_name(&self) -> String {
        make::common_name(&self.root)
    }

    /// When the leaf is valid. A client whose clock is elsewhere refuses it.
    pub fn leaf_validity(&self) -> Validity {
        self.leaf_validity
    }

    /// The leaf, for the TLS stacks.
    pub fn leaf(&self) -> &X509Ref {
        &self.leaf.certificate
    }

    /// The leaf's key, for the TLS stacks.
    pub fn leaf_key(&self) -> &PKey<Private> {
        &self.leaf.key
    }

    /// Whether root and leaf are signed with SHA-1.
    pub fn is_sha1(&self) -> bool {
        Signature::of(&self.root) == Signature::Sha1
    }

    /// Whether the root has name constraints.
    pub fn is_constrained(&self) -> bool {
        make::permitted(&self.root).is_some()
    }

    /// The hosts that the leaf is for.
    pub fn hosts(&self) -> Vec<String> {
        make::names(&self.leaf.certificate)
    }

    /// What root and leaf are signed with, and whom that is for.
    pub fn signature(&self) -> &'static str {
        signature(&self.root)
    }

    /// Several lines: where they are, the fingerprint, the dates, the hosts and the constraints.
    pub fn describe(&self) -> String {
        describe(self.folder(), &self.root, Some(&self.leaf.certificate))
            .unwrap_or_else(|error| error.to_string())
    }
}

/// The command that makes a root anew: as the service wants it, and otherwise like the one that is there.
fn again(folder: &Path, options: &CertificateOptions, root: &X509) -> String {
    let is_old = options.sha1 || Signature::of(root) == Signature::Sha1;
    let is_open = !options.name_constraints || make::permitted(root).is_none();
    let mut command = format!("nudge certs init --force --certs {}", folder.display());
    for (is_wanted, option) in [
        (options.login_live, " --login-live"),
        (is_old, " --sha1"),
        (is_open, " --no-name-constraints"),
    ] {
        if is_wanted {
            command.push_str(option);
        }
    }
    command
}

/// What a root of an earlier nudge lacks, and what to do about it.
fn of_before(path: &Path, again: &str, lacking: &[&str]) -> String {
    let mut lacks = Vec::new();
    if !lacking.is_empty() {
        lacks.push(format!(
            "it does not permit {}, so that TLS to them is refused by clients",
            lacking.join(", ")
        ));
    }
    lacks.push("it could vouch for more than servers, were its key to leak".into());
    format!(
        "the root {} is of an earlier nudge: {}. What it covers goes on working. `{again}` makes a new one, which every client must \
         then be told to trust",
        path.display(),
        lacks.join("; and "),
    )
}

fn fresh(
    options: &CertificateOptions,
    now: OffsetDateTime,
) -> Result<(Pair, Pair), CertificateError> {
    let root = make::root(options, now)?;
    let leaf = make::leaf(&root, &make::wanted(options), now)?;
    Ok((root, leaf))
}

/// The leaf goes first and comes last, so that it is never there without its root.
fn write_both(folder: &Folder, root: &Pair, leaf: &Pair) -> std::io::Result<()> {
    folder.remove(LEAF)?;
    folder.write(ROOT, root)?;
    folder.write(LEAF, leaf)
}

fn belong(pair: &Pair) -> bool {
    pair.certificate
        .public_key()
        .is_ok_and(|public| public.public_eq(&pair.key))
}

/// Why a new leaf is due, if it is.
fn reissue(
    root: &X509Ref,
    leaf: Option<&Pair>,
    hosts: &[&str],
    now: OffsetDateTime,
) -> Result<Option<String>, CertificateError> {
    let Some(leaf) = leaf else {
        return Ok(Some("there was none".into()));
    };
    if !belong(leaf) {
        return Ok(Some("the old one did not fit its key".into()));
    }
    let validity = make::validity(&leaf.certificate)?;
    // Under a root that ends soon a new leaf would end as soon.
    let root_ends = make::validity(root)?.not_after;
    if validity.not_after - now < make::LEAF_MARGIN && validity.not_after < root_ends
        || !validity.contains(now)
    {
        return Ok(Some(format!("the old one is valid from {validity} only")));
    }
    let mut names = make::names(&leaf.certificate);
    let mut wanted = hosts.to_vec();
    names.sort_unstable();
    wanted.sort_unstable();
    if names != wanted {
        return Ok(Some("the old one is for other hosts".into()));
    }
    let result = make::verify(root, &leaf.certificate, now)?;
    Ok((result != X509VerifyResult::OK).then(|| {
        format!(
            "the root does not vouch for the old one ({})",
            result.error_string()
        )
    }))
}
