//! What the operator writes to clients: the text, to whom, and whether it is checked.

use crate::console::panes::clients::state::Clients;
use crate::control::Target;
use crate::msnp::{Shape, inject};
use tui_textarea::{CursorMove, TextArea};

/// How many entries the history has.
pub const HISTORY: usize = 500;

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum To {
    /// To the client under the cursor, or the only one.
    #[default]
    Selected,
    /// To the marked clients.
    Marked,
    /// To all that are connected.
    All,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Injector {
    /// The text, and the editor of it.
    pub area: TextArea<'static>,
    /// Whether it is checked and completed; otherwise exactly these bytes go out.
    pub checked: bool,
    /// To whom.
    pub to: To,
    /// What was sent before, oldest first.
    pub history: Vec<Draft>,
    /// What Tab offers, while it is looked at.
    pub offered: Option<Offered>,
    /// Passwords and tickets of lines that were loaded, as the editor shows them.
    secrets: Vec<String>,
    /// Which entry is shown, and what was typed before going there.
    back: Option<(usize, Draft)>,
}

/// What was sent, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The text.
    pub text: String,
    /// Whether it was checked and completed.
    pub checked: bool,
}

/// What could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The words, each with what it is.
    pub words: Vec<(String, String)>,
    /// Which was taken last.
    pub at: Option<usize>,
}

impl Default for Injector {
    fn default() -> Self {
        Self {
            area: area(""),
            checked: true,
            to: To::default(),
            history: Vec::new(),
            offered: None,
            secrets: Vec::new(),
            back: None,
        }
    }
}

fn area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
    area.set_max_histories(200);
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

impl Injector {
    /// What is typed.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Puts another text in its place, the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.area = area(text);
    }

    /// Puts another text in its place, which undoing takes back.
    pub fn replace(&mut self, text: &str) {
        self.area.select_all();
        self.area.cut();
        self.area.insert_str(text);
    }

    /// What is typed, and how it would be sent.
    pub fn draft(&self) -> Draft {
        Draft {
            text: self.text(),
            checked: self.checked,
        }
    }

    /// From now on what is typed is checked, or it is exactly the bytes that go out: those that would have gone out
    /// checked, with the line end to be seen.
    pub fn toggle(&mut self, shape: Option<Shape>) {
        self.checked = !self.checked;
        if self.checked || self.is_empty() {
            return;
        }
        let mut wire = Vec::new();
        for frame in inject::frames(&self.text()) {
            match inject::checked(&frame, shape) {
                Ok(checked) => wire.extend_from_slice(&checked.wire),
                Err(_) => wire.extend_from_slice(&inject::filled(&frame)),
            }
        }
        self.replace(&inject::load_wire(&wire));
    }

    /// Remembers that this is a password or a ticket: what has it in it goes into no file.
    pub fn keep_secret(&mut self, secret: String) {
        // A word of a letter or two would be found in everything.
        if secret.len() > 2 && !self.secrets.contains(&secret) {
            self.secrets.push(secret);
        }
        if self.secrets.len() > HISTORY {
            self.secrets.remove(0);
        }
    }

    /// Whether a password or a ticket that was loaded is in this text.
    pub fn has_secret(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| text.contains(secret))
    }

    /// Puts this in the history and empties the editor.
    pub fn sent(&mut self) -> String {
        let draft = self.draft();
        let text = draft.text.clone();
        self.keep(draft);
        self.back = None;
        self.set("");
        text
    }

    fn keep(&mut self, draft: Draft) {
        self.history.retain(|held| held.text != draft.text);
        self.history.push(draft);
        if self.history.len() > HISTORY {
            self.history.remove(0);
        }
    }

    /// An entry that was changed, or cleared, is no longer shown: what is typed is the newest, and what was typed before
    /// it becomes an entry.
    fn settle(&mut self) {
        let shown = self.back.as_ref().and_then(|(at, _)| self.history.get(*at));
        if shown.is_some_and(|shown| shown.text != self.text())
            && let Some((_, typed)) = self.back.take()
            && !typed.text.is_empty()
        {
            self.keep(typed);
        }
    }

    /// Goes through the history. Says whether there was anywhere to go.
    pub fn recall(&mut self, older: bool) -> bool {
        self.settle();
        let at = self.back.as_ref().map(|(at, _)| *at);
        let next = match (at, older) {
            (None, true) => self.history.len().checked_sub(1),
            (Some(at), true) => at.checked_sub(1),
            (None, false) => None,
            (Some(at), false) => Some(at + 1),
        };
        let Some(next) = next else { return false };
        let typed = match self.back.take() {
            Some((_, typed)) => typed,
            None => self.draft(),
        };
        let shown = match self.history.get(next).cloned() {
            Some(entry) => {
                self.back = Some((next, typed));
                entry
            }
            None => typed,
        };
        self.set(&shown.text);
        self.checked = shown.checked;
        true
    }

    /// To whom it would go, and in words.
    ///
    /// # Errors
    /// A sentence, where nobody is there.
    pub fn target(&self, clients: &Clients) -> Result<(Target, String), String> {
        let none = "no client is connected";
        match self.to {
            To::All => match clients.connected().count() {
                0 => Err(none.into()),
                1 => Ok((Target::All, "all clients, of which there is one".to_owned())),
                n => Ok((Target::All, format!("all {n} clients"))),
            },
            To::Marked => {
                let marked = clients.marked();
                if marked.is_empty() {
                    return Err("no client is marked".into());
                }
                let names: Vec<_> = marked.iter().map(ToString::to_string).collect();
                Ok((
                    Target::Clients(marked),
                    format!("clients {}", names.join(", ")),
                ))
            }
            To::Selected => {
                let mut connected = clients.connected().map(|(id, _)| id);
                let only = (connected.next(), connected.next());
                let id = match (clients.selected_id(), only) {
                    (Some(id), _) | (None, (Some(id), None)) => id,
                    (None, (None, _)) => return Err(none.into()),
                    (None, _) => return Err("select a client first".into()),
                };
                Ok((Target::Clients(vec![id]), format!("client {id}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_goes_back_and_forth_and_keeps_what_was_typed() {
        let mut injector = Injector::default();
        for text in ["one", "two\npayload", "one"] {
            injector.set(text);
            injector.sent();
        }
        let held: Vec<_> = injector.history.iter().map(|draft| &draft.text).collect();
        assert_eq!(held, ["two\npayload", "one"]);
        injector.set("half");
        assert!(injector.recall(true) && injector.text() == "one");
        assert!(injector.recall(true) && injector.text() == "two\npayload");
        assert!(!injector.recall(true));
        assert!(injector.recall(false) && injector.text() == "one");
        assert!(injector.recall(false) && injector.text() == "half");
        assert!(!injector.recall(false));
    }

    #[test]
    fn an_entry_that_was_cleared_or_changed_is_where_the_history_begins_anew() {
        let mut injector = Injector::default();
        for text in ["one", "two", "three"] {
            injector.set(text);
            injector.sent();
        }
        assert!(injector.recall(true) && injector.recall(true));
        injector.replace("");
        injector.area.insert_str("my draft");
        assert!(injector.recall(true) && injector.text() == "three");
        assert!(injector.recall(false) && injector.text() == "my draft");
        assert!(!injector.recall(false));
        // What was typed before an entry was changed is an entry itself.
        assert!(injector.recall(true));
        injector.area.insert_str("!");
        assert!(injector.recall(true) && injector.text() == "my draft");
        assert!(injector.recall(false) && injector.text() == "three!");
    }

    #[test]
    fn the_history_knows_what_was_checked() {
        let mut injector = Injector::default();
        injector.set("one");
        injector.sent();
        injector.set("two\\n");
        injector.checked = false;
        injector.sent();
        injector.checked = true;
        assert!(injector.recall(true) && !injector.checked);
        assert!(injector.recall(true) && injector.checked);
        assert!(injector.recall(false) && !injector.checked);
        assert!(injector.recall(false) && injector.checked);
    }

    #[test]
    fn unchecked_is_byte_for_byte_what_checked_would_have_sent() {
        for (text, shown) in [
            ("QNG 50", "QNG 50\\r\\n"),
            ("UBX a@b 1 *\n<a>\nb", "UBX a@b 1 5\\r\\n<a>\\nb"),
            ("QNG 50\nQNG 60", "QNG 50\\r\\nQNG 60\\r\\n"),
            ("NLN half", "NLN half\\r\\n"),
            ("QNG 50\\r\\n", "QNG 50\\r\\n"),
        ] {
            let mut injector = Injector::default();
            injector.set(text);
            injector.toggle(None);
            assert_eq!(injector.text(), shown);
            injector.area.undo();
            injector.area.undo();
            assert_eq!(injector.text(), text);
        }
    }
}
