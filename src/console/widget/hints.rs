//! The keys of the pane in focus and those that work everywhere, each with a word: the last line of the screen.

use super::text;
use crate::command::Pane;
use crate::console::keymap::{Binding, Key, needs_service};
use crate::console::state::State;
use crate::console::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// What is shown first where there is not room for all, by its name in key files.
const FIRST: [&str; 16] = [
    "busy",
    "online",
    "away",
    "converse",
    "idle",
    "offline",
    "message",
    "edit",
    "mark",
    "say-it",
    "inject-now",
    "return",
    "frames",
    "nudge",
    "invite",
    "leave",
];

/// A key that works here: where text is typed, one that is no text.
fn working(state: &State, binding: &Binding) -> Option<Key> {
    let typing = state.types();
    let works = |key: &&Key| !typing || !key.is_text();
    binding.keys.iter().find(works).copied()
}

fn hint(state: &State, binding: &Binding) -> Vec<Span<'static>> {
    let theme = state.theme();
    let key = working(state, binding).map(|key| key.to_string());
    vec![
        Span::raw(" "),
        Span::styled(key.unwrap_or_default(), theme.style(Role::Key)),
        Span::styled(format!(" {} ", binding.label), theme.style(Role::Dim)),
    ]
}

fn width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|s| s.content.width()).sum()
}

/// The hints that are shown on so many columns: the pane's own, as many as there is room for, and what works
/// everywhere, of which the first three always are.
fn shown(state: &State, columns: u16) -> (Vec<&Binding>, Vec<&Binding>) {
    let wanted: &[&str] = match (state.opened.is_some(), columns) {
        (true, 60..) => &["filter", "play", "step", "step-back", "help", "close"],
        (true, _) => &["filter", "help", "close"],
        (false, 130..) => &["inject", "search", "filter", "prompt", "help", "close"],
        (false, 60..) => &["inject", "filter", "prompt", "help", "close"],
        (false, _) => &["inject", "filter", "help"],
    };
    let is_shown = |b: &&Binding| !b.label.is_empty() && working(state, b).is_some();
    let everywhere = |line: &&str| {
        let mut all = state.keymap.of_context(None).filter(is_shown);
        all.find(|b| b.line == *line)
    };
    let right: Vec<_> = wanted.iter().filter_map(everywhere).collect();
    let taken: usize = right.iter().map(|b| width(&hint(state, b))).sum();
    // Over a recording there is no service to ask.
    let served = |b: &&Binding| state.opened.is_none() || !needs_service(b.spec);
    // Where there is no conversation, nothing is said in it.
    let nowhere = state.focus == Pane::Conversation && state.conversations.is_nowhere();
    let works = |b: &&Binding| served(b) && (!nowhere || b.name == "return");
    let own = state.keymap.of_context(state.focus);
    let mut own: Vec<_> = own.filter(is_shown).filter(works).collect();
    let place = |b: &&Binding| FIRST.iter().position(|name| *name == b.name);
    own.sort_by_key(|b| place(b).unwrap_or(FIRST.len()));
    let mut room = usize::from(columns).saturating_sub(taken);
    let fits = |b: &&Binding| {
        let width = width(&hint(state, b));
        let fits = width <= room;
        room = if fits { room - width } else { 0 };
        fits
    };
    (own.into_iter().take_while(fits).collect(), right)
}

/// Draws them.
pub fn draw(state: &State, buffer: &mut Buffer, area: Rect) {
    let (left, right) = shown(state, area.width);
    let spans = |bindings: Vec<&Binding>| -> Line<'static> {
        let hints = bindings.into_iter().flat_map(|b| hint(state, b));
        Line::from(hints.collect::<Vec<_>>())
    };
    let taken = text::put_right(buffer, area, area.y, &spans(right));
    let room = area.width.saturating_sub(taken);
    text::put(buffer, area.x, area.y, &spans(left), room);
}

/// The hint at that column, to be clicked.
pub fn at(state: &State, column: u16) -> Option<&Binding> {
    let columns = state.size.0;
    let (left, right) = shown(state, columns);
    let (column, columns) = (usize::from(column), usize::from(columns));
    let taken: usize = right.iter().map(|b| width(&hint(state, b))).sum();
    let find = |bindings: Vec<&'_ Binding>, mut at: usize| {
        bindings.into_iter().position(|b| {
            let from = at;
            at += width(&hint(state, b));
            (from..at).contains(&column)
        })
    };
    let of_right = find(right.clone(), columns.saturating_sub(taken)).map(|n| right[n]);
    of_right.or_else(|| find(left.clone(), 0).map(|n| left[n]))
}
