//! The README and the reference pages say what the program's own tables say.
//!
//! `NUDGE_UPDATE=1 cargo test --test readme` writes the tables anew.

use nudge::command::{Registry, Scope, Spec};
use nudge::console::keymap::{Keymap, REGISTRY, context_name, contexts};
use nudge::console::theme::Role;
use nudge::filter::{SYNTAX, TERMS};
use nudge::msnp::Dialect;
use nudge::msnp::dialect::{Book, Rules};
use std::path::{Path, PathBuf};

/// The most words that a newcomer is asked to read.
const README_WORDS: usize = 1500;

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

/// A table in Markdown; `code` are the columns that are set as code.
fn table(head: &[&str], code: &[usize], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<_> = row
            .iter()
            .enumerate()
            .map(|(at, text)| {
                let text = text.replace('|', "\\|");
                if code.contains(&at) && !text.is_empty() {
                    format!("`{text}`")
                } else {
                    text
                }
            })
            .collect();
        out += &format!("| {} |\n", cells.join(" | "));
    }
    out
}

/// The default keys of every pane, a table each.
fn keys() -> String {
    let map = Keymap::default();
    let mut out = String::new();
    for context in contexts() {
        out += &format!("**`[{}]`**\n\n", context_name(context));
        let rows = map.of_context(context).map(|binding| {
            let keys: Vec<_> = binding.keys.iter().map(|k| format!("`{k}`")).collect();
            let of_its_command = |b: &&_| {
                let b: &nudge::console::keymap::Binding = b;
                b.spec.name == binding.spec.name
            };
            // One command with a key for each of its values says which.
            let help = match map.of_context(context).filter(of_its_command).nth(1) {
                Some(_) if !binding.label.is_empty() => {
                    format!("{}: {}", binding.spec.help, binding.label)
                }
                _ => binding.spec.help.to_owned(),
            };
            vec![keys.join(" "), help, binding.name.clone()]
        });
        out += &table(
            &["key", "what it does", "its name in a key file"],
            &[2],
            rows,
        );
        out.push('\n');
    }
    out
}

#[test]
fn the_page_of_commands_lists_every_command() {
    let registry = Registry::new(&[nudge::command::SERVER]);
    holds(
        "docs/commands.md",
        "commands",
        &registry.reference_markdown(|_| true),
    );
    // The others of the console are keys: they take nothing, and stand on the page of keys.
    let typed = |spec: &Spec| {
        matches!(spec.scope, Scope::Console) && (spec.keys.is_empty() || !spec.args.is_empty())
    };
    holds(
        "docs/commands.md",
        "commands of the console",
        &REGISTRY.reference_markdown(typed),
    );
    // Without a console they are known by name, so that it is said where they are.
    let names: Vec<_> = REGISTRY
        .specs()
        .filter(|spec| typed(spec))
        .map(|spec| spec.name)
        .collect();
    assert_eq!(names, nudge::command::SCREEN);
}

#[test]
fn the_page_of_events_lists_every_event_and_field() {
    holds(
        "docs/events.md",
        "events",
        &nudge::event::reference::event_reference_markdown(),
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
fn the_page_of_the_filter_lists_every_term_and_form() {
    let terms = TERMS.iter().map(|term| {
        vec![
            term.name.to_owned(),
            term.help.to_owned(),
            term.values.expected().to_owned(),
            term.example.to_owned(),
        ]
    });
    let terms = table(
        &["term", "what it finds", "its value", "example"],
        &[0, 3],
        terms,
    );
    holds("docs/filter.md", "terms", &terms);
    let forms = SYNTAX
        .iter()
        .map(|(form, meaning)| vec![(*form).to_owned(), (*meaning).to_owned()]);
    holds(
        "docs/filter.md",
        "syntax",
        &table(&["form", "what it means"], &[0], forms),
    );
}

#[test]
fn the_page_of_keys_lists_every_key_and_every_role() {
    holds("docs/keys.md", "keys", &keys());
    let roles = Role::TABLE.iter().map(|(_, name, mono, help)| {
        let mono = if mono.is_empty() {
            String::new()
        } else {
            format!("{mono:?}").to_lowercase()
        };
        vec![(*name).to_owned(), (*help).to_owned(), mono]
    });
    let roles = table(&["role", "what it is", "without colour"], &[0], roles);
    holds("docs/keys.md", "roles", &roles);
}

#[test]
fn a_newcomer_reads_1500_words_at_most() {
    let readme = std::fs::read_to_string(path("README.md")).expect("the README");
    let words = readme.split_whitespace().count();
    assert!(
        words <= README_WORDS,
        "README.md has {words} words: {README_WORDS} at most, the rest belongs in docs/"
    );
}

/// The dialects for which something holds, as the README writes them.
fn range(holds: impl Fn(&Rules) -> bool) -> String {
    let all: Vec<Dialect> = Dialect::all().filter(|d| holds(d.rules())).collect();
    let (first, last) = (all[0], all[all.len() - 1]);
    let span = usize::from(last.number() - first.number()) + 1;
    assert_eq!(span, all.len(), "no dialect between them is another");
    format!("{first} to {last}")
}

#[test]
fn what_works_is_what_the_table_of_dialects_says() {
    let readme = std::fs::read_to_string(path("README.md")).expect("the README");
    let row = |name: &str| {
        let head = format!("| {name} | ");
        let mut lines = readme.lines();
        lines
            .find(|line| line.starts_with(&head))
            .unwrap_or_else(|| panic!("README.md has no row {name}"))
    };
    let is_soap = |rules: &Rules| rules.book == Book::Soap;
    for (name, said) in [
        ("Dialects", format!("| {}; `--dialects`", range(|_| true))),
        (
            "Dialects",
            format!(
                "over the notification connection at {}",
                range(|rules| !is_soap(rules))
            ),
        ),
        ("Dialects", format!("over SOAP at {}", range(is_soap))),
        ("Sign-in", format!("`TWN` at {}", range(|_| true))),
        ("Sign-in", format!("`SSO` at {}", range(|rules| rules.sso))),
        (
            "Sign-in",
            format!("Messenger for Mac at {}", range(|rules| rules.mac)),
        ),
    ] {
        assert!(row(name).contains(&said), "{name}: {said}");
    }
}

/// README.md and every page in `docs/`, by name.
fn pages() -> Vec<(String, String)> {
    let docs = std::fs::read_dir(path("docs")).expect("docs/");
    let mut files: Vec<_> = docs.map(|entry| entry.expect("an entry").path()).collect();
    files.push(path("README.md"));
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).expect("a page");
            (file.display().to_string(), text)
        })
        .collect()
}

#[test]
fn every_link_of_a_page_leads_to_a_file() {
    for (page, text) in pages() {
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            let file = Path::new(&page).parent().expect("a folder").join(target);
            assert!(
                target.starts_with("http") || file.exists(),
                "{page} links to {target}, which is not there"
            );
        }
    }
}

fn help_of(arguments: &[&str]) -> String {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(arguments)
        .arg("--help")
        .output()
        .expect("runs");
    assert!(out.status.success(), "nudge {arguments:?} --help");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn what_the_pages_tell_to_run_is_there() {
    let readme = std::fs::read_to_string(path("README.md")).expect("the README");
    for command in ["cargo run --release -- --demo", "cargo test"] {
        assert!(readme.contains(command), "{command}");
    }
    let help: String = [
        &[][..],
        &["certs", "init"],
        &["certs", "show"],
        &["certs", "export"],
        &["hosts"],
        &["client"],
        &["explain"],
        &["findings"],
        &["export"],
        &["open"],
        &["replay"],
        &["diff"],
    ]
    .into_iter()
    .map(help_of)
    .collect();
    let known: Vec<_> = help
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .collect();
    let mut seen = 0;
    for (page, text) in pages() {
        // What stands between backquotes is code, in a line and in a block.
        for line in text.split('`').skip(1).step_by(2).flat_map(str::lines) {
            // Options of other programs.
            if line.starts_with("xcode-select") || line.contains("cargo ") {
                continue;
            }
            let options = line.split([' ', '=']).filter(|t| t.starts_with("--"));
            for option in options.filter(|t| t.len() > 2) {
                seen += 1;
                assert!(
                    known.contains(&option) || option == "--short",
                    "{option} is in {page} and in no help"
                );
            }
        }
    }
    assert!(seen > 10, "{seen} options are looked for");
}
