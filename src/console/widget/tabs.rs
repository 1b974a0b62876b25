//! The names of the panes, where one is shown at a time.

use super::text;
use crate::command::Pane;
use crate::console::state::State;
use crate::console::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The name of each: where there is little room its number alone, but for the one shown.
fn texts(state: &State) -> Vec<(Pane, String)> {
    let narrow = state.size.0 < 72;
    Pane::all()
        .map(|pane| {
            let number = pane.number();
            let text = if narrow && pane != state.focus {
                format!(" {number} ")
            } else {
                format!(" {number} {} ", pane.row().title)
            };
            (pane, text)
        })
        .collect()
}

/// Draws them.
pub fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let theme = state.theme();
    let spans: Vec<_> = texts(state)
        .into_iter()
        .map(|(pane, text)| {
            let role = if pane == state.focus {
                Role::Selection
            } else {
                Role::Dim
            };
            Span::styled(text, theme.style(role))
        })
        .collect();
    text::put(buffer, area.x, area.y, &Line::from(spans), area.width);
}

/// Which tab is at that column.
pub fn at(state: &State, column: u16) -> Option<Pane> {
    let mut end = 0;
    for (pane, text) in texts(state) {
        end += text.chars().count();
        if usize::from(column) < end {
            return Some(pane);
        }
    }
    None
}
