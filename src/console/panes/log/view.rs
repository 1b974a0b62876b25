//! The message log, newest first.

use crate::command::Pane;
use crate::console::panes::log::state::Message;
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::frame::{Titles, selection};
use crate::console::widget::list::first_row;
use crate::console::widget::marks;
use crate::console::widget::text::{self, safe};
use crate::console::widget::time;
use crate::event::Severity;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(in super::super) fn titles(state: &State, _: usize) -> Titles {
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

/// The rows of the pane: which message, counted from the newest, and what of it. Each is whole.
fn rows(state: &State, area: Rect) -> Vec<(usize, Line<'static>)> {
    let height = usize::from(area.height);
    let back = state.messages.back;
    let first = first_row(back, state.messages.len(), height);
    let messages = state.messages.newest_first().enumerate();
    let mut rows = Vec::new();
    for (at, message) in messages.skip(first).take(height) {
        let line = line(state, message);
        if line.width() <= usize::from(area.width) {
            rows.push((at, line));
            continue;
        }
        let role = sign(message.severity).1;
        let pieces = text::wrap(&line.to_string(), usize::from(area.width).saturating_sub(2));
        for (part, piece) in pieces.into_iter().take(height).enumerate() {
            let indent = if part == 0 { "" } else { "  " };
            let line = Line::styled(format!("{indent}{piece}"), state.theme().style(role));
            rows.push((at, line));
        }
    }
    // The whole of the one under the cursor is in view, where there is room for it.
    let last = rows
        .iter()
        .rposition(|(at, _)| *at == back)
        .map_or(0, |at| at + 1);
    rows.drain(..last.saturating_sub(height));
    rows.truncate(height);
    rows
}

/// Which message is on that row of the pane, counted from the newest.
pub(super) fn message_at(state: &State, area: Rect, row: usize) -> Option<usize> {
    rows(state, area).get(row).map(|(at, _)| *at)
}

pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    for (y, (at, line)) in (area.y..).zip(rows(state, area)) {
        text::put(buffer, area.x, y, &line, area.width);
        if at == state.messages.back {
            text::paint(buffer, area, y, selection(state, Pane::Log));
        }
    }
}

/// The sign of how much a message matters, and how it is shown.
pub fn sign(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Info => (marks::NOTICE, Role::Text),
        Severity::Warning => (marks::FINDING, Role::Warning),
        Severity::Error => (marks::WRONG, Role::Error),
    }
}

/// A message on one line: when, a sign of how much it matters, and what.
pub fn line(state: &State, message: &Message) -> Line<'static> {
    let theme = state.theme();
    let (sign, role) = sign(message.severity);
    let clock = time::clock(message.time, state.utc_offset);
    Line::from(vec![
        Span::styled(format!("{} ", &clock[..8]), theme.style(Role::Dim)),
        Span::styled(format!("{sign} "), theme.style(role)),
        Span::styled(safe(&message.text), theme.style(role)),
    ])
}
