//! What the console itself remembers on the disk: histories (one entry a line, as a JSON string, since an entry may have
//! line breaks), and the theme that was chosen last.

use super::panes::injector::state::Draft;
use super::state::History;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many entries are read back, and how many bytes of them.
const MOST: usize = 500;
const MOST_BYTES: u64 = 4 * 1024 * 1024;

fn path(folder: &Path, which: History) -> PathBuf {
    folder.join(match which {
        History::Injected | History::Unchecked => "injected",
        History::Commands => "commands",
    })
}

/// An entry as its line.
fn written(which: History, entry: &str) -> serde_json::Value {
    match which {
        History::Unchecked => serde_json::json!({ "unchecked": entry }),
        History::Injected | History::Commands => serde_json::Value::from(entry),
    }
}

/// What was injected, oldest first.
pub(super) fn injected(folder: &Path) -> Vec<Draft> {
    let read = |entry: serde_json::Value| match entry {
        serde_json::Value::String(text) => Some(Draft {
            text,
            checked: true,
        }),
        mut entry => Some(Draft {
            text: match entry.get_mut("unchecked")?.take() {
                serde_json::Value::String(text) => text,
                _ => return None,
            },
            checked: false,
        }),
    };
    let mut drafts: Vec<Draft> = Vec::new();
    for entry in entries(folder, History::Injected) {
        if let Some(draft) = read(entry) {
            drafts.retain(|held| held.text != draft.text);
            drafts.push(draft);
        }
    }
    drafts
}

/// The entries of a history, oldest first and each once; none where there is no file. A line that is no entry is
/// passed over.
pub(super) fn load(folder: &Path, which: History) -> Vec<String> {
    let texts = entries(folder, which).into_iter().map(|entry| match entry {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    });
    texts.flatten().collect()
}

fn entries(folder: &Path, which: History) -> Vec<serde_json::Value> {
    let path = path(folder, which);
    if std::fs::metadata(&path).map_or(true, |m| m.len() > MOST_BYTES) {
        return Vec::new();
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut entries: Vec<serde_json::Value> = Vec::new();
    for line in text.lines().rev() {
        if let Ok(entry) = serde_json::from_str(line)
            && !entries.contains(&entry)
            && entries.len() < MOST
        {
            entries.push(entry);
        }
    }
    entries.reverse();
    entries
}

/// Adds an entry. The file is its owner's alone: what was injected may hold a ticket.
pub(super) fn add(folder: &Path, which: History, entry: &str) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let path = path(folder, which);
    let mut options = std::fs::OpenOptions::new();
    options.create(true).mode(0o600);
    if std::fs::metadata(&path).is_ok_and(|m| m.len() > MOST_BYTES / 2) {
        // Begun again with what is still of use.
        let kept = entries(folder, which);
        let mut file = options.write(true).truncate(true).open(&path)?;
        for entry in kept.iter().skip(kept.len() / 2) {
            writeln!(file, "{entry}")?;
        }
        return writeln!(file, "{}", written(which, entry));
    }
    let mut file = options.append(true).open(path)?;
    writeln!(file, "{}", written(which, entry))
}

/// The file with the name of the theme that was chosen last, beside the histories.
const THEME: &str = "theme";
/// The longest name of a theme that is read back, in bytes.
const LONGEST_NAME: u64 = 256;

/// The name of the theme that was chosen last.
pub(super) fn theme(folder: &Path) -> Option<String> {
    let path = folder.join(THEME);
    let is_short = std::fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() <= LONGEST_NAME);
    let name = std::fs::read_to_string(path).ok().filter(|_| is_short)?;
    Some(name.trim().to_owned())
}

/// Keeps the name of the theme that was chosen.
pub(super) fn keep_theme(folder: &Path, name: &str) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(THEME), format!("{name}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_there_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("new");
        assert!(load(&at, History::Injected).is_empty());
        for entry in ["NLN BSY a@b", "UBX a@b 3\nabc", "NLN BSY a@b"] {
            add(&at, History::Injected, entry).expect("written");
        }
        assert_eq!(
            load(&at, History::Injected),
            ["UBX a@b 3\nabc", "NLN BSY a@b"]
        );
        add(&at, History::Unchecked, "QNG\\n").expect("written");
        let last = injected(&at).pop().map(|draft| (draft.text, draft.checked));
        assert_eq!(last, Some(("QNG\\n".into(), false)));
        assert_eq!(injected(&at).len(), 3);
        assert!(load(&at, History::Commands).is_empty());
        std::fs::write(at.join("commands"), "no json\n\"save\"\n").expect("written");
        assert_eq!(load(&at, History::Commands), ["save"]);
    }

    #[test]
    fn the_theme_that_was_chosen_is_there_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("new");
        assert_eq!(theme(&at), None);
        keep_theme(&at, "light").expect("written");
        assert_eq!(theme(&at).as_deref(), Some("light"));
    }
}
