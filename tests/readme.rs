//! The README and the reference pages say what the program's own tables say.
//!
//! `NUDGE_UPDATE=1 cargo test --test readme` writes them anew.

use nudge::command::Registry;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The part of a page between its two marks must be this text.
fn holds(page: &str, mark: &str, text: &str) {
    let path = path(page);
    let held = std::fs::read_to_string(&path).expect("the page");
    let (open, close) = (
        format!("<!-- {mark} -->\n"),
        format!("<!-- end of {mark} -->"),
    );
    let from = held.find(&open).expect("the opening mark") + open.len();
    let to = held.find(&close).expect("the closing mark");
    if std::env::var_os("NUDGE_UPDATE").is_some() {
        let written = format!("{}\n{}\n{}", &held[..from], text.trim(), &held[to..]);
        std::fs::write(&path, written).expect("written");
        return;
    }
    assert!(
        held[from..to].trim() == text.trim(),
        "{page} is not what the tables say of {mark}: NUDGE_UPDATE=1 cargo test --test readme"
    );
}

#[test]
fn the_readme_lists_every_command_and_every_event() {
    let registry = Registry::new(&[nudge::command::SERVER]);
    holds("README.md", "commands", &registry.reference_markdown());
    holds(
        "README.md",
        "events",
        &nudge::headless::event_reference_markdown(),
    );
}

#[test]
fn the_page_of_verbs_is_the_dictionary() {
    holds(
        "docs/msnp.md",
        "verbs",
        &nudge::msnp::dictionary::reference_markdown(),
    );
}

#[test]
fn what_the_readme_tells_to_run_is_there() {
    let readme = std::fs::read_to_string(path("README.md")).expect("the README");
    for command in ["cargo run --release -- --demo", "cargo test"] {
        assert!(readme.contains(command), "{command}");
    }
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_nudge"))
        .arg("--help")
        .output()
        .expect("runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for option in readme
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|t| t.starts_with("--"))
    {
        let name = option.split([' ', '=']).next().unwrap_or_default();
        // Options of the small commands are in their own help.
        let known = help.contains(name)
            || [
                "--der",
                "--ip",
                "--force",
                "--short",
                "--root",
                "--diagram",
                "--patience",
                "--play",
            ]
            .contains(&name);
        assert!(known, "{option} is in the README and not in the help");
    }
}
