//! What is typed into the last line: a command, a filter or a search.

use crate::command::Pane;
use crate::console::widget::edit::LineEdit;
use crate::event::EventId;

/// What for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For {
    /// A command.
    Command,
    /// The filter of the transcript.
    Filter,
    /// A search, and where the cursor was before it.
    Search {
        /// To older lines.
        back: bool,
        /// Where to return to.
        from: Option<EventId>,
    },
    /// A row of a list.
    Find {
        /// Which list.
        pane: Pane,
        /// The row to return to.
        from: usize,
    },
}

impl For {
    /// Which keys do what, while nothing is typed.
    pub fn hint(&self) -> &'static str {
        match self {
            For::Command => "tab completes · enter runs · esc cancels · ↑ history",
            For::Filter => {
                "tab completes · enter sets it · esc cancels · ↑ history · empty shows all"
            }
            For::Search { .. } => {
                "a text, or /expression/i · enter stays · esc returns · ↑ history"
            }
            For::Find { .. } => "finds as you type · tab next · enter stays · esc returns",
        }
    }

    /// What stands before the text.
    pub fn sign(&self) -> &'static str {
        match self {
            For::Command => ":",
            For::Filter => "filter: ",
            For::Search { back: false, .. } | For::Find { .. } => "/",
            For::Search { back: true, .. } => "\\",
        }
    }
}

/// What could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completions {
    /// The words, each with the bytes it takes the place of and what it is.
    pub words: Vec<(std::ops::Range<usize>, String, String)>,
    /// Which was taken last.
    pub at: Option<usize>,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What for.
    pub purpose: For,
    /// What is typed.
    pub edit: LineEdit,
    /// How many bytes of it a key put there, up to the argument: to clear the line clears the argument first.
    pub given: usize,
    /// Whether the argument was put there too and is untouched: what is typed takes its place.
    pub marked: bool,
    /// Whether the argument was cleared once: then the command goes as well.
    pub cleared: bool,
    /// Which entry of the history is shown, counted from the newest, and what was typed before.
    pub back: Option<(usize, String)>,
    /// What could stand at the cursor.
    pub completions: Completions,
    /// What is wrong with what is typed; or with `Ok` what is right with it.
    pub verdict: Option<Result<String, String>>,
}

impl Prompt {
    /// A prompt with this text.
    pub fn new(purpose: For, text: impl Into<String>) -> Self {
        Self {
            purpose,
            edit: LineEdit::new(text),
            given: 0,
            marked: false,
            cleared: false,
            back: None,
            completions: Completions::default(),
            verdict: None,
        }
    }

    /// Goes through a history (oldest first).
    pub fn recall(&mut self, history: &[String], older: bool) {
        // An entry that was changed is what is typed now.
        let shown = self.back.as_ref();
        let shown = shown.and_then(|(at, _)| history.iter().rev().nth(*at));
        if shown.is_some_and(|shown| shown != self.edit.text()) {
            self.back = None;
        }
        let at = self.back.as_ref().map(|(at, _)| *at);
        let next = match (at, older) {
            (None, true) => Some(0),
            (Some(at), true) => Some(at + 1),
            (Some(0), false) => None,
            (Some(at), false) => Some(at - 1),
            (None, false) => return,
        };
        match next {
            Some(next) => {
                let Some(entry) = history.iter().rev().nth(next) else {
                    return;
                };
                let typed = match self.back.take() {
                    Some((_, typed)) => typed,
                    None => self.edit.text().to_owned(),
                };
                self.edit.set(entry.clone());
                self.back = Some((next, typed));
            }
            None => {
                if let Some((_, typed)) = self.back.take() {
                    self.edit.set(typed);
                }
            }
        }
    }
}
