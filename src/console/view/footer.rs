//! The last two lines: the newest message and how things are; the keys, or what is being typed.

use super::{log, offer};
use crate::console::keymap::{Binding, Context, Key};
use crate::console::layout::{Areas, Pane};
use crate::console::state::messages::Message;
use crate::console::state::opened::Pace;
use crate::console::state::prompt::{For, Prompt};
use crate::console::state::{Opened, State};
use crate::console::theme::Role;
use crate::console::widget::text::{self, safe};
use crate::console::widget::time;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

/// What is shown first where there is not room for all, by its name in key files.
const FIRST: [&str; 8] = [
    "busy", "online", "away", "idle", "offline", "message", "edit", "mark",
];

/// Draws them, and says where the cursor of the prompt is.
pub(super) fn draw(state: &State, buffer: &mut Buffer, areas: &Areas) -> Option<Position> {
    if let Some(area) = areas.status {
        status(state, buffer, area);
    }
    if let (Some(area), Some(message)) = (areas.status, state.messages.last())
        && state.loud
        && state.prompt.is_none()
    {
        loud(state, buffer, area, message);
    }
    let area = areas.footer?;
    match &state.prompt {
        Some(prompt) => Some(typing(state, buffer, area, prompt)),
        None => {
            keys(state, buffer, area);
            None
        }
    }
}

fn status(state: &State, buffer: &mut Buffer, area: Rect) {
    let theme = state.theme();
    let style = |role| theme.style(role);
    let mut right = Vec::new();
    let mut add = |text: String, role| {
        right.push(Span::raw(" "));
        right.push(Span::styled(text, style(role)));
    };
    if !state.mouse {
        add(" mouse: terminal's ".into(), Role::Badge);
    }
    if state.unsaved && !state.demo {
        let key = state.key_name("save");
        add(format!("● unsaved ({key} saves)"), Role::Warning);
    }
    if state.recording.is_some() {
        add("● recording".into(), Role::Error);
    }
    if let Some(opened) = &state.opened {
        let name = opened.path.file_name().unwrap_or_default();
        let name = safe(&name.to_string_lossy());
        add(format!("{name}{}", played(state, opened)), Role::Badge);
    }
    if state.demo {
        add("demo".into(), Role::Badge);
    }
    let count = state.clients.connected().count();
    let word = if count == 1 { "client" } else { "clients" };
    add(format!("{count} {word} "), Role::Text);
    let taken = text::put_right(buffer, area, area.y, &Line::from(right));
    let room = area.width.saturating_sub(taken + 1);
    if let Some(message) = state.messages.last() {
        let mut line = log::line(state, message);
        line.spans.insert(0, Span::raw(" "));
        text::put(buffer, area.x, area.y, &line, room);
    }
}

/// An error that has no room on its line is shown whole, above it, until the next key.
fn loud(state: &State, buffer: &mut Buffer, area: Rect, message: &Message) {
    let mut line = log::line(state, message);
    line.spans.insert(0, Span::raw(" "));
    let role = log::sign(message.severity).1;
    if line.width() + 24 > usize::from(area.width) {
        whole(state, buffer, area, &line.to_string(), role);
    }
}

/// A text wrapped, the last line of it in this row, the others above.
fn whole(state: &State, buffer: &mut Buffer, area: Rect, text: &str, role: Role) {
    let width = usize::from(area.width);
    let lines = text::wrap(text, width.saturating_sub(1));
    let lines = &lines[..lines.len().min(usize::from(area.y) + 1)];
    let top = area.y + 1 - lines.len() as u16;
    for (y, line) in (top..).zip(lines) {
        let row = Rect::new(area.x, y, area.width, 1);
        Clear.render(row, buffer);
        buffer.set_style(row, state.theme().style(Role::Text));
        let line = Line::styled(line.clone(), state.theme().style(role));
        text::put(buffer, area.x, y, &line, area.width);
    }
}

/// How far a recording is taken, and how it goes on.
fn played(state: &State, opened: &Opened) -> String {
    let Some(hundredths) = opened.read else {
        return String::new();
    };
    let clock = time::clock(state.now, state.utc_offset);
    match opened.pace {
        Pace::Held => format!(" ‖ stopped at {clock} {hundredths} %"),
        Pace::Playing => format!(" ▶ {} {clock} {hundredths} %", opened.speed),
        Pace::Through | Pace::Step(_) | Pace::To(_) => format!(" {hundredths} %"),
    }
}

/// A key that works here: where text is typed, one that is no text.
fn working(state: &State, binding: &Binding) -> Option<Key> {
    let typing = state.focus == Pane::Injector;
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
        let mut all = state
            .keymap
            .of_context(Context::Everywhere)
            .filter(is_shown);
        all.find(|b| b.line == *line)
    };
    let right: Vec<_> = wanted.iter().filter_map(everywhere).collect();
    let taken: usize = right.iter().map(|b| width(&hint(state, b))).sum();
    // Over a recording there is no service to ask.
    let works = |b: &&Binding| state.opened.is_none() || b.spec.scope.is_console();
    let own = state.keymap.of_context(state.context());
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

fn keys(state: &State, buffer: &mut Buffer, area: Rect) {
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
pub fn hint_at(state: &State, column: u16) -> Option<&Binding> {
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

fn typing(state: &State, buffer: &mut Buffer, area: Rect, prompt: &Prompt) -> Position {
    let theme = state.theme();
    let sign = prompt.purpose.sign();
    // Which of how many a search is at is counted while it goes on.
    let searches = matches!(prompt.purpose, For::Search { .. }) && !prompt.edit.text().is_empty();
    let found = state.transcript.find.as_ref().filter(|_| searches);
    let found = found.map(|find| find.place(state.transcript.cursor));
    let verdict = match &prompt.verdict {
        None if found.is_some() => {
            let text = format!(" {} ", found.unwrap_or_default());
            Some(Span::styled(text, theme.style(Role::Good)))
        }
        Some(Ok(text)) if !text.is_empty() => {
            Some(Span::styled(format!(" ✓ {text} "), theme.style(Role::Good)))
        }
        // While a command is being typed it is not finished, and that is no mistake.
        Some(Err(text)) if !unfinished(prompt) => {
            let text = format!(" ✗ {} ", safe(text));
            if text.width() > usize::from(area.width) / 2 {
                let above = Rect {
                    y: area.y.saturating_sub(1),
                    ..area
                };
                whole(state, buffer, above, &text, Role::Error);
                None
            } else {
                Some(Span::styled(text, theme.style(Role::Error)))
            }
        }
        _ if prompt.edit.text().trim().is_empty() => Some(Span::styled(
            hints(prompt.purpose.hint(), usize::from(area.width), sign),
            theme.style(Role::Dim),
        )),
        _ => None,
    };
    let taken = verdict.map_or(0, |v| text::put_right(buffer, area, area.y, &Line::from(v)));
    let room = usize::from(area.width.saturating_sub(taken)).max(4);
    let start = sign.width() + 1;
    let shift = (start + prompt.edit.column() + 2).saturating_sub(room);
    let typed = safe(prompt.edit.text());
    let typed = &typed[text::clip(&typed, shift).len()..];
    let line = Line::from(vec![
        Span::styled(format!(" {sign}"), theme.style(Role::Key)),
        Span::styled(typed.to_owned(), theme.style(Role::Text)),
    ]);
    text::put(buffer, area.x, area.y, &line, room as u16);
    candidates(state, buffer, area, prompt);
    let x = (start + prompt.edit.column()).saturating_sub(shift);
    Position::new(area.x + (x as u16).min(area.width - 1), area.y)
}

/// As many of the hints as there is room for beside what is being typed.
fn hints(all: &str, width: usize, sign: &str) -> String {
    let room = width.saturating_sub(sign.width() + 8);
    let mut shown = String::new();
    for hint in all.split(" · ") {
        let more = if shown.is_empty() {
            format!(" {hint} ")
        } else {
            format!("{shown}· {hint} ")
        };
        if more.width() > room {
            break;
        }
        shown = more;
    }
    shown
}

/// Whether what is wrong may only be that the end is not typed yet.
fn unfinished(prompt: &Prompt) -> bool {
    !matches!(prompt.purpose, For::Search { .. } | For::Find { .. })
        && (!prompt.completions.words.is_empty() || prompt.edit.text().ends_with(' '))
}

/// What could follow, above the line.
fn candidates(state: &State, buffer: &mut Buffer, area: Rect, prompt: &Prompt) {
    let words = prompt.completions.words.iter();
    let words: Vec<_> = words
        .map(|(_, word, help)| (word.as_str(), help.as_str()))
        .collect();
    let x = area.x + prompt.purpose.sign().width() as u16;
    offer::draw(state, buffer, &words, prompt.completions.at, (x, area.y));
}
