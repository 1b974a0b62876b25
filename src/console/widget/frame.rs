//! What panes share: the titles on their frames, the row under the cursor.

use crate::command::Pane;
use crate::console::state::State;
use crate::console::theme::Role;
use ratatui::style::Style;
use ratatui::text::Span;

/// What stands on the frame of a pane.
#[derive(Debug, Default)]
pub struct Titles {
    /// At the top, behind the name of the pane.
    pub top: Vec<Span<'static>>,
    /// At the top, on the right.
    pub top_right: Vec<Span<'static>>,
    /// At the bottom.
    pub bottom: Vec<Span<'static>>,
}

/// The style of the row under the cursor, in a pane with the keys or without.
pub fn selection(state: &State, pane: Pane) -> Style {
    state.theme().style(if state.focus == pane {
        Role::Selection
    } else {
        Role::SelectionIdle
    })
}
