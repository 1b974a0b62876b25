//! The mouse: select, scroll, and move the lines between panes.

use crate::console::layout::{Mode, Pane};
use crate::console::state::{Dirty, Edge, Effect, Overlay, State};
use crate::console::widget::list::first_row;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// How many lines a notch of the wheel moves.
const NOTCH: isize = 3;

pub(super) fn mouse(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    let (column, row) = (event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => press(state, column, row),
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
    Vec::new()
}

fn press(state: &mut State, column: u16, row: u16) {
    if state.overlay.is_some() || state.prompt.is_some() {
        return;
    }
    let areas = state.areas();
    if let Some(tabs) = areas.tabs
        && tabs.contains((column, row).into())
    {
        if let Some(pane) = crate::console::view::tab_at(state, column) {
            state.focus_on(pane);
        }
        return;
    }
    if let Some(edge) = edge(state, column, row) {
        state.dragging = Some(edge);
        return;
    }
    let Some((pane, area)) = areas.at(column, row) else {
        return;
    };
    state.focus_on(pane);
    let inner = crate::console::layout::inner(area);
    if !inner.contains((column, row).into()) {
        return;
    }
    let at = usize::from(row - inner.y);
    let height = usize::from(inner.height);
    match pane {
        Pane::Clients => {
            let first = first_row(state.clients.row(), state.clients.len(), height);
            if first + at < state.clients.len() {
                state.clients.go(first + at);
            }
        }
        Pane::Contacts => {
            let first = first_row(state.contacts.row(), state.contacts.len(), height);
            if first + at < state.contacts.len() {
                state.contacts.go(first + at);
            }
        }
        Pane::Transcript => {
            let rows = state
                .transcript
                .visible(&state.journal, height, state.show_secrets);
            if let Some(hit) = rows.get(at).copied() {
                let again = state.transcript.cursor == Some(hit.id);
                state.detail.scroll = 0;
                state.transcript.row = at.saturating_sub(hit.part);
                state.transcript.put(&state.journal, hit.id);
                if again && hit.part == 0 {
                    state.transcript.toggle(hit.id);
                }
            }
        }
        Pane::Log => {
            let first = first_row(state.messages.back, state.messages.len(), height);
            if first + at < state.messages.len() {
                state.messages.back = first + at;
            }
        }
        Pane::Login => {
            if let Some(row) = crate::console::view::login_row_at(state, inner, at) {
                state.login_go(row);
                super::filter::origin(state);
            }
        }
        Pane::Detail | Pane::Injector => {}
    }
}

fn edge(state: &State, column: u16, row: u16) -> Option<Edge> {
    let areas = state.areas();
    let transcript = areas.of(Pane::Transcript)?;
    if areas.panes.len() < 2 {
        return None;
    }
    let last = transcript.bottom() - 1;
    if row == last && column > transcript.x && column + 1 < transcript.right() {
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
    if let Some(Overlay::Help(at)) = &mut state.overlay {
        *at = at.saturating_add_signed(by);
        let most = crate::console::view::help::height(state)
            .saturating_sub(usize::from(state.size.1).saturating_sub(6));
        if let Some(Overlay::Help(at)) = &mut state.overlay {
            *at = (*at).min(most);
        }
        return;
    }
    let Some((pane, _)) = state.areas().at(column, row) else {
        return;
    };
    match pane {
        Pane::Transcript => {
            let secrets = state.show_secrets;
            state.transcript.step(&state.journal, by, true, secrets);
        }
        Pane::Clients => state.clients.step(by.signum()),
        Pane::Contacts => state.contacts.step(by.signum()),
        Pane::Detail => state.detail.scroll = state.detail.scroll.saturating_add_signed(by),
        Pane::Log => state.messages.step(by),
        Pane::Login => state.login_go(state.login_row().saturating_add_signed(by.signum())),
        Pane::Injector => {}
    }
}
