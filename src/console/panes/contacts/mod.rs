//! The contacts.

pub mod detail;
pub mod form;
pub mod state;
pub(super) mod view;

use crate::console::state::State;
use crate::console::state::real::Seen;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn subject(&self, _: &State) -> Option<&'static str> {
        Some("contact")
    }

    fn detail(&self, state: &State, width: usize) -> Vec<Line<'static>> {
        match state.contacts.selected() {
            Some(contact) => detail::of(state, contact, width),
            None => Vec::new(),
        }
    }

    fn row(&self, state: &State) -> usize {
        state.contacts.row()
    }

    fn go(&self, state: &mut State, row: usize) {
        state.contacts.go(row);
    }

    fn rows(&self, state: &State) -> Option<Vec<String>> {
        let seen = state.seen(state.contacts.iter().map(|contact| &**contact));
        let text = seen.iter().map(|Seen { contact, .. }| {
            let (status, message) = (contact.status.name(), &contact.personal.message);
            format!("{} {} {status} {message}", contact.account, contact.name)
        });
        Some(text.collect())
    }

    fn press(&self, state: &mut State, area: Rect, at: usize) {
        let (row, rows) = (state.contacts.row(), state.contacts.len());
        if let Some(row) = super::pressed(row, rows, area, at) {
            state.contacts.go(row);
        }
    }

    fn mark(&self, state: &mut State, all: bool) {
        if all {
            state.contacts.mark_all();
        } else {
            state.contacts.toggle_mark();
            state.contacts.step(1);
        }
    }

    fn copied(&self, state: &State) -> Option<String> {
        state.contacts.selected().map(|c| c.account.clone())
    }

    fn back(&self, state: &mut State) -> bool {
        state.contacts.clear_marks()
    }
}
