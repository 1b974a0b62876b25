//! The mouse: select, scroll, and move the lines between panes.

use crate::command::Pane;
use crate::console::layout::Mode;
use crate::console::panes;
use crate::console::state::{Dirty, Edge, Effect, Overlay, State};
use crate::console::widget::{help, hints, tabs};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// How many lines a notch of the wheel moves.
const NOTCH: isize = 3;

pub(super) fn mouse(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    let (column, row) = (event.column, event.row);
    let mut effects = Vec::new();
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => effects = press(state, column, row),
        MouseEventKind::Drag(MouseButton::Left) => drag(state, column, row),
        MouseEventKind::Up(_) => {
            state.dragging = None;
            return Vec::new();
        }
        MouseEventKind::ScrollUp => scroll(state, column, row, -NOTCH),
        MouseEventKind::ScrollDown => scroll(state, column, row, NOTCH),
        _ => return Vec::new(),
    }
    state.touch(Dirty::Key);
    effects
}

fn press(state: &mut State, column: u16, row: u16) -> Vec<Effect> {
    if state.overlay.is_some() || state.prompt.is_some() {
        return Vec::new();
    }
    let areas = state.areas();
    if let Some(tabs) = areas.tabs
        && tabs.contains((column, row).into())
    {
        if let Some(pane) = tabs::at(state, column) {
            state.focus_on(pane);
        }
        return Vec::new();
    }
    if let Some(edge) = edge(state, column, row) {
        state.dragging = Some(edge);
        return Vec::new();
    }
    if areas.footer.is_some_and(|footer| footer.y == row) {
        let hint = hints::at(state, column);
        let hint = hint.map(|hint| (hint.line, hint.press, hint.spec.name));
        return hint.map_or_else(Vec::new, |(line, press, name)| {
            super::press_key(state, line, press, name)
        });
    }
    let Some((pane, area)) = areas.at(column, row) else {
        return Vec::new();
    };
    state.focus_on(pane);
    let inner = crate::console::layout::inner(area);
    if !inner.contains((column, row).into()) {
        return Vec::new();
    }
    panes::of(pane).press(state, inner, usize::from(row - inner.y));
    Vec::new()
}

fn edge(state: &State, column: u16, row: u16) -> Option<Edge> {
    let areas = state.areas();
    let transcript = areas.of(Pane::Transcript)?;
    if areas.panes.len() < 2 {
        return None;
    }
    let last = transcript.bottom() - 1;
    if row == last
        && row + 1 < areas.status.map_or(0, |status| status.y)
        && column > transcript.x
        && column + 1 < transcript.right()
    {
        return Some(Edge::Row);
    }
    let column_edge = match areas.mode {
        Mode::Full => transcript.x,
        _ => areas.of(Pane::Contacts)?.x,
    };
    let within = areas.mode == Mode::Full || row < transcript.y;
    (column == column_edge && within).then_some(Edge::Column)
}

fn drag(state: &mut State, column: u16, row: u16) {
    let areas = state.areas();
    let Some(transcript) = areas.of(Pane::Transcript) else {
        return;
    };
    match state.dragging {
        Some(Edge::Column) => {
            let now = match areas.mode {
                Mode::Full => transcript.x,
                _ => areas.of(Pane::Contacts).map_or(0, |r| r.x),
            };
            let by = i32::from(column) - i32::from(now);
            state.split.left = (i32::from(state.split.left) + by).clamp(-200, 200) as i16;
        }
        Some(Edge::Row) => {
            let by = i32::from(row) - i32::from(transcript.bottom() - 1);
            state.split.transcript =
                (i32::from(state.split.transcript) + by).clamp(-200, 200) as i16;
        }
        None => {}
    }
}

fn scroll(state: &mut State, column: u16, row: u16, by: isize) {
    if let Some(Overlay::Help(open)) = &state.overlay {
        let most = help::rows(state, open).len().saturating_sub(1);
        if let Some(Overlay::Help(open)) = &mut state.overlay {
            open.at = open.at.saturating_add_signed(by).min(most);
        }
        return;
    }
    let Some((pane, _)) = state.areas().at(column, row) else {
        return;
    };
    panes::of(pane).wheel(state, by);
}
