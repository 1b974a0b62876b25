//! Messages to the operator.

pub mod state;
pub mod view;

use crate::command::Pane;
use crate::console::state::State;
use ratatui::layout::Rect;

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn row(&self, state: &State) -> usize {
        state.messages.back
    }

    fn go(&self, state: &mut State, row: usize) {
        state.messages.back = row.min(state.messages.len().saturating_sub(1));
    }

    fn rows(&self, state: &State) -> Option<Vec<String>> {
        let messages = state.messages.newest_first();
        Some(messages.map(|message| message.text.clone()).collect())
    }

    fn wheel(&self, state: &mut State, by: isize) {
        self.step(state, by);
    }

    fn press(&self, state: &mut State, area: Rect, at: usize) {
        if let Some(at) = view::message_at(state, area, at) {
            state.messages.back = at;
        }
    }

    fn back(&self, state: &mut State) -> bool {
        let is_elsewhere = state.before != Pane::Log;
        if is_elsewhere {
            state.focus_on(state.before);
        }
        is_elsewhere
    }

    fn copied(&self, state: &State) -> Option<String> {
        state.messages.selected().map(|m| m.text.clone())
    }
}
