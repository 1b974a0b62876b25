//! How far the sign-in of the selected client is.

mod step;
pub(super) mod view;

use super::transcript::update::origin;
use crate::console::state::State;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn subject(&self, _: &State) -> Option<&'static str> {
        Some("step")
    }

    fn detail(&self, state: &State, width: usize) -> Vec<Line<'static>> {
        match state.ladder().and_then(|l| l.rows().get(state.login_row())) {
            Some(row) => step::lines(state, row, width),
            None => Vec::new(),
        }
    }

    fn row(&self, state: &State) -> usize {
        state.login_row()
    }

    fn go(&self, state: &mut State, row: usize) {
        state.login_go(row);
    }

    fn rows(&self, state: &State) -> Option<Vec<String>> {
        let rows = state.ladder().map(|ladder| ladder.rows());
        let rows = rows.unwrap_or_default().iter();
        let texts = rows.map(|row| format!("{} {}", row.name, row.detail));
        Some(texts.collect())
    }

    fn press(&self, state: &mut State, area: Rect, at: usize) {
        if let Some(row) = view::row_at(state, area, at) {
            state.login_go(row);
            origin(state);
        }
    }
}
