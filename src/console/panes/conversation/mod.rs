//! The conversations: who is in them, who is typing, what was said. The operator types in them as a contact.

mod drafts;
mod entry;
pub mod line;
mod objects;
pub mod state;
pub mod update;
pub(super) mod view;
mod which;

use super::Typed;
use crate::console::keymap::Key;
use crate::console::state::State;
use crate::event::Severity;
use ratatui::layout::Rect;
use state::What;
pub use which::Which;

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn row(&self, state: &State) -> usize {
        state.conversations.cursor().unwrap_or(usize::MAX)
    }

    fn go(&self, state: &mut State, row: usize) {
        state.conversations.go(row);
    }

    fn step(&self, state: &mut State, by: isize) {
        state.conversations.step(by);
    }

    fn press(&self, state: &mut State, area: Rect, at: usize) {
        if let Some(entry) = view::entry_at(state, area, at) {
            state.conversations.go(entry);
        }
    }

    fn copied(&self, state: &State) -> Option<String> {
        match &state.conversations.selected()?.what {
            What::Said { text, .. } => Some(text.clone()),
            What::Changed { .. } => None,
        }
    }

    fn key(&self, state: &mut State, key: Key) -> Typed {
        update::key(state, key)
    }

    fn paste(&self, state: &mut State, text: &str) -> bool {
        if state.types() {
            state.conversations.draft_mut().insert(text);
        }
        state.types()
    }

    fn cancel(&self, state: &mut State) -> bool {
        let typed = !state.conversations.draft().text().is_empty();
        if typed {
            *state.conversations.draft_mut() = Default::default();
            state.say(Severity::Info, "nothing was said");
        }
        typed
    }
}
