//! The names of the panes, where one is shown at a time.

use super::text;
use crate::command::Pane;
use crate::console::state::State;
use crate::console::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The name of each: where there is little room close to each other, and where there is less its number alone, but for
/// the one shown.
fn texts(state: &State) -> Vec<(Pane, String)> {
    let named = |pane: Pane| format!(" {} {}", pane.number(), pane.row().title);
    let texts = |text: &dyn Fn(Pane) -> String| -> Vec<(Pane, String)> {
        Pane::all().map(|pane| (pane, text(pane))).collect()
    };
    let fits = |texts: &Vec<(Pane, String)>| {
        let width: usize = texts.iter().map(|(_, text)| text.width()).sum();
        width <= usize::from(state.size.0)
    };
    let wide = texts(&|pane| format!("{} ", named(pane)));
    let close = || {
        texts(&|pane| match pane.number() {
            1 => named(pane).trim_start().to_owned(),
            _ => named(pane),
        })
    };
    let short = || {
        texts(&|pane| match pane == state.focus {
            true => format!("{} ", named(pane)),
            false => format!(" {} ", pane.number()),
        })
    };
    Some(wide)
        .filter(fits)
        .or_else(|| Some(close()).filter(fits))
        .unwrap_or_else(short)
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
