//! The last two lines: the newest message and how things are; the keys, or what is being typed.

use super::log;
use crate::console::keymap::{Binding, Context};
use crate::console::layout::{Areas, Pane};
use crate::console::state::opened::Pace;
use crate::console::state::prompt::{For, Prompt};
use crate::console::state::{Opened, State};
use crate::console::theme::Role;
use crate::console::widget::text::{self, fit, safe};
use crate::console::widget::time;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};
use unicode_width::UnicodeWidthStr;

/// What is shown first where there is not room for all, by its name in key files.
const FIRST: [&str; 8] = [
    "busy", "online", "away", "idle", "offline", "message", "edit", "mark",
];
/// How many candidates are listed.
const CANDIDATES: usize = 8;

/// Draws them, and says where the cursor of the prompt is.
pub(super) fn draw(state: &State, buffer: &mut Buffer, areas: &Areas) -> Option<Position> {
    if let Some(area) = areas.status {
        status(state, buffer, area);
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

fn hint(state: &State, binding: &Binding) -> Vec<Span<'static>> {
    let theme = state.theme();
    let key = binding
        .keys
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    vec![
        Span::raw(" "),
        Span::styled(key, theme.style(Role::Key)),
        Span::styled(format!(" {} ", binding.label), theme.style(Role::Dim)),
    ]
}

fn width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|s| s.content.width()).sum()
}

/// The pane's own keys on the left, as many as there is room for; on the right what works everywhere.
fn keys(state: &State, buffer: &mut Buffer, area: Rect) {
    let wanted: &[&str] = if state.opened.is_some() {
        &["play", "step", "step-back", "prompt", "help", "close"]
    } else if area.width >= 130 {
        &["inject", "search", "filter", "prompt", "help", "close"]
    } else if area.width >= 100 {
        &["inject", "filter", "prompt", "help", "close"]
    } else {
        &["prompt", "help", "close"]
    };
    let shown = |b: &&Binding| !b.label.is_empty() && !b.keys.is_empty();
    let everywhere = |line: &str| {
        state
            .keymap
            .of_context(Context::Everywhere)
            .filter(shown)
            .find(|b| b.line == line)
    };
    // In the injector letters are text: only what has another key works there.
    let typing = state.focus == Pane::Injector;
    let right: Vec<_> = wanted
        .iter()
        .filter_map(|line| everywhere(line))
        .filter(|b| !typing || b.keys.iter().any(|k| !k.is_text()))
        .flat_map(|b| hint(state, b))
        .collect();
    let right_width = width(&right);
    text::put_right(buffer, area, area.y, &Line::from(right));
    let mut left = Vec::new();
    // Over a recording there is no service to ask.
    let works = |b: &&Binding| state.opened.is_none() || b.spec.scope.is_console();
    let mut own: Vec<_> = state
        .keymap
        .of_context(state.context())
        .filter(shown)
        .filter(works)
        .collect();
    own.sort_by_key(|b| {
        FIRST
            .iter()
            .position(|name| *name == b.name)
            .unwrap_or(FIRST.len())
    });
    for binding in own {
        let next = hint(state, binding);
        if width(&left) + width(&next) + right_width > usize::from(area.width) {
            break;
        }
        left.extend(next);
    }
    let room = area.width.saturating_sub(right_width as u16);
    text::put(buffer, area.x, area.y, &Line::from(left), room);
}

fn typing(state: &State, buffer: &mut Buffer, area: Rect, prompt: &Prompt) -> Position {
    let theme = state.theme();
    let sign = prompt.purpose.sign();
    let verdict = match &prompt.verdict {
        Some(Ok(text)) if !text.is_empty() => {
            Some(Span::styled(format!(" ✓ {text} "), theme.style(Role::Good)))
        }
        // While a command is being typed it is not finished, and that is no mistake.
        Some(Err(text)) if !unfinished(prompt) => Some(Span::styled(
            format!(
                " ✗ {} ",
                text::clip(&safe(text), usize::from(area.width) / 2)
            ),
            theme.style(Role::Error),
        )),
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
    !matches!(prompt.purpose, For::Search { .. })
        && (!prompt.completions.words.is_empty() || prompt.edit.text().ends_with(' '))
}

/// What could follow, above the line.
fn candidates(state: &State, buffer: &mut Buffer, area: Rect, prompt: &Prompt) {
    let words = &prompt.completions.words;
    if words.is_empty() {
        return;
    }
    let theme = state.theme();
    let most = CANDIDATES
        .min(usize::from(area.y).saturating_sub(2))
        .min(words.len());
    if most == 0 {
        return;
    }
    let at = prompt.completions.at;
    let first = at.unwrap_or(0).saturating_sub(most.saturating_sub(1));
    let shown = &words[first..(first + most).min(words.len())];
    let name = shown
        .iter()
        .map(|(_, w, _)| w.width())
        .max()
        .unwrap_or(0)
        .min(40);
    let help = shown.iter().map(|(_, _, h)| h.width()).max().unwrap_or(0);
    let width = (name + help + 7).max(16).min(usize::from(area.width)) as u16;
    let height = shown.len() as u16 + 2;
    let sign = prompt.purpose.sign().width() as u16;
    let x = (area.x + sign).min(area.right() - width);
    let place = Rect::new(x, area.y.saturating_sub(height), width, height);
    Clear.render(place, buffer);
    buffer.set_style(place, theme.style(Role::Text));
    Block::bordered()
        .border_style(theme.style(Role::Focus))
        .title_bottom(Line::styled(
            match at {
                Some(at) => format!(" {} of {} ", at + 1, words.len()),
                None => format!(" {} · tab ", words.len()),
            },
            theme.style(Role::Dim),
        ))
        .render(place, buffer);
    for (row, (_, word, help)) in shown.iter().enumerate() {
        let y = place.y + 1 + row as u16;
        let line = Line::from(vec![
            Span::styled(
                format!(" {} ", fit(&safe(word), name)),
                theme.style(Role::Key),
            ),
            Span::styled(format!(" {} ", safe(help)), theme.style(Role::Dim)),
        ]);
        text::put(buffer, x + 1, y, &line, width - 2);
        if at == Some(first + row) {
            let row = Rect::new(x + 1, y, width - 2, 1);
            buffer.set_style(row, theme.style(Role::Selection));
        }
    }
}
