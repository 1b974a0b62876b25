//! The screen as a function of the state: frames, tabs, footer and what lies over the panes. A pane draws itself. Nothing here changes anything.

mod footer;
mod overlay;

use super::layout::{self, Areas, Mode};
use super::panes;
use super::state::State;
use super::theme::Role;
use super::widget::{offer, tabs, text};
use crate::command::Pane;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

/// Draws the whole screen into the buffer, and says where the cursor of an editor is.
pub fn draw(state: &State, buffer: &mut Buffer) -> Option<Position> {
    let screen = buffer.area;
    buffer.set_style(screen, state.theme().style(Role::Text));
    let areas = layout::areas(
        (screen.width, screen.height),
        state.split,
        state.focus,
        state.lower,
        state.zoom,
    );
    if areas.mode == Mode::Tiny {
        tiny(buffer);
        return None;
    }
    frames(state, buffer, &areas);
    let mut cursor = None;
    for (pane, area) in &areas.panes {
        let inner = layout::inner(*area);
        let at = panes::draw(*pane, state, buffer, inner);
        cursor = cursor.or(at.filter(|_| state.focus == *pane));
    }
    if let Some(area) = areas.tabs {
        tabs::draw(state, buffer, area);
    }
    if let Some(at) = footer::draw(state, buffer, &areas) {
        cursor = Some(at);
    }
    if let (Some((words, taken)), Some(at)) = (panes::of(state.focus).offered(state), cursor) {
        offer::draw(state, buffer, &words, taken, (at.x, at.y));
    }
    if state.overlay.is_some() {
        cursor = overlay::draw(state, buffer);
    }
    cursor
}

/// Too small for a pane: one sentence, as much of it as there is room for.
fn tiny(buffer: &mut Buffer) {
    let area = buffer.area;
    let sentence =
        "nudge needs 40x10: make the window larger. The service goes on; ctrl-c twice quits.";
    let lines = text::wrap(sentence, usize::from(area.width));
    for (row, line) in (area.y..area.bottom()).zip(lines) {
        buffer.set_stringn(area.x, row, line, usize::from(area.width), Style::new());
    }
}

/// The frames of all panes: those without the keys first, so that the one with them is drawn over their lines.
fn frames(state: &State, buffer: &mut Buffer, areas: &Areas) {
    let theme = state.theme();
    let mut list: Vec<(Pane, Rect)> = areas.panes.clone();
    list.sort_by_key(|(pane, _)| *pane == state.focus);
    for (pane, area) in &list {
        let focused = *pane == state.focus;
        let (kind, role) = if focused {
            (BorderType::Thick, Role::Focus)
        } else {
            (BorderType::Plain, Role::Border)
        };
        Block::bordered()
            .border_type(kind)
            .border_style(theme.style(role))
            .merge_borders(MergeStrategy::Exact)
            .render(*area, buffer);
    }
    for (pane, area) in list {
        titles(state, buffer, pane, area);
    }
    hidden(state, buffer, areas);
}

/// The panes that have no place now, each with its key, on the lowest frame.
fn hidden(state: &State, buffer: &mut Buffer, areas: &Areas) {
    let lowest = areas
        .panes
        .iter()
        .max_by_key(|(_, area)| (area.bottom(), area.x));
    let (hidden, Some((pane, area))) = (areas.hidden(), lowest) else {
        return;
    };
    let theme = state.theme();
    let (width, y) = (area.width.saturating_sub(4), area.bottom() - 1);
    if state.zoom && areas.mode != Mode::Single {
        let spans = vec![
            Span::styled(
                format!("{} ", state.key_name("zoom")),
                theme.style(Role::Key),
            ),
            Span::styled("all panes", theme.style(Role::Dim)),
        ];
        return framed_right(buffer, *area, y, spans, width);
    }
    // What the injector says there is about what is being typed.
    if *pane == Pane::Injector && !state.injector.is_empty() {
        return;
    }
    let mut spans = Vec::new();
    for pane in hidden {
        let key = state.key_name(pane.row().focus);
        let space = if spans.is_empty() { "" } else { "  " };
        spans.push(Span::styled(
            format!("{space}{key} "),
            theme.style(Role::Key),
        ));
        spans.push(Span::styled(pane.row().title, theme.style(Role::Dim)));
    }
    framed_right(buffer, *area, y, spans, width);
}

fn titles(state: &State, buffer: &mut Buffer, pane: Pane, area: Rect) {
    let theme = state.theme();
    let mut titles = panes::titles(pane, state, usize::from(area.width));
    let role = if pane == state.focus {
        Role::Focus
    } else {
        Role::Title
    };
    let mut top = vec![
        Span::styled(format!("{} ", pane.number()), theme.style(Role::Key)),
        Span::styled(pane.row().title, theme.style(role)),
    ];
    top.append(&mut titles.top);
    let room = area.width.saturating_sub(4);
    let used = framed(buffer, area.x + 1, area.y, top, room);
    let rest = room.saturating_sub(used + 1);
    framed_right(buffer, area, area.y, titles.top_right, rest);
    let y = area.bottom() - 1;
    framed(buffer, area.x + 1, y, titles.bottom, room);
}

/// Text on a frame, with a space before and after it. Says how many columns it took.
fn framed(buffer: &mut Buffer, x: u16, y: u16, spans: Vec<Span<'static>>, room: u16) -> u16 {
    if spans.is_empty() || room < 4 {
        return 0;
    }
    let line = padded(spans);
    let width = (line.width() as u16).min(room);
    text::put(buffer, x, y, &line, width);
    width
}

fn framed_right(buffer: &mut Buffer, area: Rect, y: u16, spans: Vec<Span<'static>>, room: u16) {
    if spans.is_empty() || room < 8 {
        return;
    }
    let line = padded(spans);
    let width = (line.width() as u16).min(room);
    text::put(buffer, area.right() - 1 - width, y, &line, width);
}

fn padded(mut spans: Vec<Span<'static>>) -> Line<'static> {
    spans.insert(0, Span::raw(" "));
    spans.push(Span::raw(" "));
    Line::from(spans)
}
