//! Who is connected.

mod detail;
pub mod state;
pub(super) mod view;

use crate::console::state::State;
use ratatui::layout::Rect;
use ratatui::text::Line;
use state::{Row, Who};

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn subject(&self, _: &State) -> Option<&'static str> {
        Some("client")
    }

    fn detail(&self, state: &State, width: usize) -> Vec<Line<'static>> {
        match state.clients.selected() {
            Some((who, client)) => detail::lines(state, who, client, width),
            None => Vec::new(),
        }
    }

    fn row(&self, state: &State) -> usize {
        state.clients.row()
    }

    fn go(&self, state: &mut State, row: usize) {
        state.clients.go(row);
    }

    fn rows(&self, state: &State) -> Option<Vec<String>> {
        let text = |row| match row {
            Row::One(who) => state.clients.of(who).map_or_else(String::new, |client| {
                let shape = client.info.as_ref().and_then(|info| info.shape);
                let shape = shape.map(|shape| shape.to_string()).unwrap_or_default();
                let id = client.id.map(|id| id.to_string()).unwrap_or_default();
                format!("{id} {} {shape} {}", client.name(), client.step().name())
            }),
            Row::Gone => String::new(),
        };
        Some(state.clients.rows().into_iter().map(text).collect())
    }

    fn press(&self, state: &mut State, area: Rect, at: usize) {
        let (row, rows) = (state.clients.row(), state.clients.rows().len());
        if let Some(pressed) = super::pressed(row, rows, area, at) {
            state.clients.go(pressed);
            if row == pressed {
                state.clients.fold();
            }
        }
    }

    fn mark(&self, state: &mut State, all: bool) {
        if all {
            state.clients.mark_all();
        } else if !state.clients.fold() {
            state.clients.toggle_mark();
            state.clients.step(1);
        }
    }

    fn copied(&self, state: &State) -> Option<String> {
        state.clients.selected().map(|(who, client)| match who {
            Who::Client(_) => client.name(),
            Who::Connection(_) => client.peer.map_or_else(String::new, |p| p.to_string()),
        })
    }

    fn back(&self, state: &mut State) -> bool {
        state.clients.clear_marks() || state.clients.follow()
    }
}
