//! Certificates in words, and the root for those who want it: `nudge certs show` and `export`.

use super::folder::{Folder, LEAF, ROOT};
use super::{CertificateError, make};
use openssl::hash::MessageDigest;
use openssl::x509::{X509, X509Ref};
use std::fmt::Write as _;
use std::path::Path;

/// `nudge certs show`: what is in `dir`, in several lines. Changes nothing.
///
/// # Errors
/// No root there, or a file that cannot be read or holds something else.
pub fn show(dir: &Path) -> Result<String, CertificateError> {
    let folder = Folder::unlocked(dir);
    let root = existing_root(&folder)?;
    describe(Some(dir), &root, folder.certificate(LEAF)?.as_deref())
}

/// `nudge certs export [--der]`: the root in `dir`, as PEM or as DER. Changes nothing.
///
/// # Errors
/// As [`show`].
pub fn export(dir: &Path, der: bool) -> Result<Vec<u8>, CertificateError> {
    let root = existing_root(&Folder::unlocked(dir))?;
    Ok(if der { root.to_der()? } else { root.to_pem()? })
}

fn existing_root(folder: &Folder) -> Result<X509, CertificateError> {
    folder
        .certificate(ROOT)?
        .ok_or_else(|| CertificateError::Missing {
            path: folder.join(ROOT.certificate),
        })
}

/// A fingerprint of a certificate, as upper-case hex with colons.
pub(super) fn fingerprint(root: &X509Ref, by: MessageDigest) -> Result<String, CertificateError> {
    let digest = root.digest(by)?;
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(pairs.join(":"))
}

/// What a root is signed with, and whom that is for.
pub(super) fn signature(root: &X509Ref) -> &'static str {
    match make::Signature::of(root) {
        make::Signature::Sha256 => {
            "SHA-256, which Windows before XP SP3 and Mac OS X before 10.5 cannot verify (certs init --sha1)"
        }
        make::Signature::Sha1 => {
            "SHA-1, for Windows before XP SP3 and Mac OS X before 10.5; newer systems may refuse it"
        }
    }
}

/// Several lines about a root and the leaf under it.
pub(super) fn describe(
    folder: Option<&Path>,
    root: &X509Ref,
    leaf: Option<&X509Ref>,
) -> Result<String, CertificateError> {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "{name:<12} {value}");
    };
    line("root", &make::common_name(root));
    match folder {
        Some(folder) => line("folder", &folder.display().to_string()),
        None => line("folder", "none: in memory only"),
    }
    line("SHA-256", &fingerprint(root, MessageDigest::sha256())?);
    line("SHA-1", &fingerprint(root, MessageDigest::sha1())?);
    line("signed with", signature(root));
    line("valid", &make::validity(root)?.to_string());
    let alone = match make::is_narrow(root) {
        true => "servers alone, ",
        false => "",
    };
    match make::permitted(root) {
        Some(hosts) => line(
            "permits",
            &format!("{alone}no address, and no host but {}", hosts.join(", ")),
        ),
        None => line("permits", "any host: it has no name constraints"),
    }
    match leaf {
        Some(leaf) => {
            line("leaf valid", &make::validity(leaf)?.to_string());
            let names = make::names(leaf);
            let same = make::permitted(root).is_some_and(|hosts| hosts == names);
            line(
                "leaf for",
                &match same {
                    true => "the same hosts".to_owned(),
                    false => names.join(", "),
                },
            );
        }
        None => line("leaf", "none yet: the next start issues one"),
    }
    Ok(out)
}
