//! What `nudge --version` says of the build: the commit, where there is one, and which rustls.
//!
//! It is also here so that `openssl-src` is a build-dependency, without which its features `weak-crypto` and `ssl3`
//! (RC4, 3DES and SSL 3.0, for clients of the 2000s) are silently lost.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.lock");
    // Whatever moves HEAD is written there.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = git(&["rev-parse", "--short=9", "HEAD"]);
    println!(
        "cargo::rustc-env=NUDGE_COMMIT={}",
        commit.as_deref().unwrap_or("unknown")
    );
    println!(
        "cargo::rustc-env=NUDGE_RUSTLS={}",
        locked("rustls").as_deref().unwrap_or("unknown")
    );
}

/// What git answers in this folder, if it is the root of a repository: that of a package inside another is not ours.
fn git(arguments: &[&str]) -> Option<String> {
    if !std::path::Path::new(".git").exists() {
        return None;
    }
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The version of a package in Cargo.lock.
fn locked(package: &str) -> Option<String> {
    let lock = std::fs::read_to_string("Cargo.lock").ok()?;
    let mut lines = lock.lines();
    lines.find(|line| *line == format!("name = \"{package}\""))?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}
