//! The screen as a function of the state: one file a pane. Nothing here changes anything.

mod clients;
mod contacts;
mod detail;
mod finding;
mod footer;
pub mod help;
mod injector;
mod log;
mod login;
mod marks;
mod offer;
mod overlay;
mod step;
mod transcript;

pub use footer::hint_at;
pub use log::message_at;
pub use login::row_at as login_row_at;

use super::layout::{self, Areas, Mode, Pane};
use super::state::State;
use super::theme::Role;
use super::widget::text;
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
        match pane {
            Pane::Clients => clients::draw(state, buffer, inner),
            Pane::Transcript => transcript::draw(state, buffer, inner),
            Pane::Contacts => contacts::draw(state, buffer, inner),
            Pane::Detail => detail::draw(state, buffer, inner),
            Pane::Injector => {
                let at = injector::draw(state, buffer, inner);
                cursor = at.filter(|_| state.focus == Pane::Injector);
            }
            Pane::Log => log::draw(state, buffer, inner),
            Pane::Login => login::draw(state, buffer, inner),
        }
    }
    if let Some(area) = areas.tabs {
        tabs(state, buffer, area);
    }
    if let Some(at) = footer::draw(state, buffer, &areas) {
        cursor = Some(at);
    }
    if let (Some(offered), Some(at)) = (&state.injector.offered, cursor)
        && state.focus == Pane::Injector
    {
        let words = offered.words.iter();
        let words: Vec<_> = words
            .map(|(word, help)| (word.as_str(), help.as_str()))
            .collect();
        offer::draw(state, buffer, &words, offered.at, (at.x, at.y));
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
    // What the injector says there is about what is being typed.
    if *pane == Pane::Injector && !state.injector.is_empty() {
        return;
    }
    let theme = state.theme();
    let mut spans = Vec::new();
    for pane in hidden {
        let key = state.key_name(pane.focused_by());
        let space = if spans.is_empty() { "" } else { "  " };
        spans.push(Span::styled(
            format!("{space}{key} "),
            theme.style(Role::Key),
        ));
        spans.push(Span::styled(pane.title(), theme.style(Role::Dim)));
    }
    framed_right(
        buffer,
        *area,
        area.bottom() - 1,
        spans,
        area.width.saturating_sub(4),
    );
}

fn titles(state: &State, buffer: &mut Buffer, pane: Pane, area: Rect) {
    let theme = state.theme();
    let mut titles = match pane {
        Pane::Clients => clients::titles(state),
        Pane::Transcript => transcript::titles(state),
        Pane::Contacts => contacts::titles(state),
        Pane::Detail => detail::titles(state),
        Pane::Injector => injector::titles(state, usize::from(area.width)),
        Pane::Log => log::titles(state),
        Pane::Login => login::titles(state),
    };
    let role = if pane == state.focus {
        Role::Focus
    } else {
        Role::Title
    };
    let mut top = vec![
        Span::styled(format!("{} ", pane as usize + 1), theme.style(Role::Key)),
        Span::styled(pane.title(), theme.style(role)),
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

/// The names of the panes, where one is shown at a time: as many as there is room for around the one shown.
fn tab_texts(state: &State) -> Vec<(Pane, String)> {
    let narrow = state.size.0 < 72;
    Pane::ALL
        .into_iter()
        .map(|pane| {
            let number = pane as usize + 1;
            let text = if narrow && pane != state.focus {
                format!(" {number} ")
            } else {
                format!(" {number} {} ", pane.title())
            };
            (pane, text)
        })
        .collect()
}

fn tabs(state: &State, buffer: &mut Buffer, area: Rect) {
    let theme = state.theme();
    let spans: Vec<_> = tab_texts(state)
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
pub fn tab_at(state: &State, column: u16) -> Option<Pane> {
    let mut at = 0;
    for (pane, text) in tab_texts(state) {
        at += text.chars().count();
        if usize::from(column) < at {
            return Some(pane);
        }
    }
    None
}
