//! The message log, newest first.

use crate::console::layout::Pane;
use crate::console::state::State;
use crate::console::state::messages::Message;
use crate::console::theme::Role;
use crate::console::widget::frame::{Titles, selection};
use crate::console::widget::list::first_row;
use crate::console::widget::text::{self, safe};
use crate::console::widget::time;
use crate::event::Severity;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn titles(state: &State) -> Titles {
    Titles {
        top_right: vec![Span::styled(
            format!(
                "{} messages, newest first",
                time::count(state.messages.len() as u64)
            ),
            state.theme().style(Role::Dim),
        )],
        ..Titles::default()
    }
}

pub(super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let height = usize::from(area.height);
    let back = state.messages.back;
    let first = first_row(back, state.messages.len(), height);
    for (row, message) in state
        .messages
        .newest_first()
        .enumerate()
        .skip(first)
        .take(height)
    {
        let y = area.y + (row - first) as u16;
        text::put(buffer, area.x, y, &line(state, message), area.width);
        if row == back {
            text::paint(buffer, area, y, selection(state, Pane::Log));
        }
    }
}

/// A message on one line: when, a sign of how much it matters, and what.
pub(super) fn line(state: &State, message: &Message) -> Line<'static> {
    let theme = state.theme();
    let (sign, role) = match message.severity {
        Severity::Info => ("·", Role::Text),
        Severity::Warning => ("⚠", Role::Warning),
        Severity::Error => ("✗", Role::Error),
    };
    let clock = time::clock(message.time, state.utc_offset);
    Line::from(vec![
        Span::styled(format!("{} ", &clock[..8]), theme.style(Role::Dim)),
        Span::styled(format!("{sign} "), theme.style(role)),
        Span::styled(safe(&message.text), theme.style(role)),
    ])
}
