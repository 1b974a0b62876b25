//! The last two lines: the newest message and how things are; the keys, or what is being typed.

use crate::command::Pane;
use crate::console::layout::Areas;
use crate::console::panes::log::state::Message;
use crate::console::panes::log::view as log;
use crate::console::state::opened::Pace;
use crate::console::state::prompt::{For, Prompt};
use crate::console::state::{Opened, State};
use crate::console::theme::Role;
use crate::console::widget::text::{self, safe};
use crate::console::widget::{hints, offer, time};
use crate::event::Severity;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

/// Draws them, and says where the cursor of the prompt is.
pub(super) fn draw(state: &State, buffer: &mut Buffer, areas: &Areas) -> Option<Position> {
    let room = areas.status.map_or(0, |area| status(state, buffer, area));
    if let (Some(area), Some(message)) = (areas.status, state.messages.shown(state.now))
        && state.loud
        && (message.is_own() || message.severity != Severity::Info)
        && state.prompt.is_none()
    {
        loud(state, buffer, area, message, room);
    }
    let area = areas.footer?;
    match &state.prompt {
        Some(prompt) => Some(typing(state, buffer, area, prompt)),
        None => {
            hints::draw(state, buffer, area);
            None
        }
    }
}

/// Draws the status, and says how many columns there are for the message.
fn status(state: &State, buffer: &mut Buffer, area: Rect) -> u16 {
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
    let news = state.conversations.unseen();
    if news > 0 {
        // In a conversation a digit is text.
        let key = state.key_name(match state.types() && state.focus == Pane::Conversation {
            true => "next-conversation",
            false => Pane::Conversation.row().focus,
        });
        add(format!(" {news} said to you ({key}) "), Role::Badge);
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
    if let Some(message) = state.messages.shown(state.now) {
        let mut line = log::line(state, message);
        line.spans.insert(0, Span::raw(" "));
        text::put(buffer, area.x, area.y, &line, room);
    }
    room
}

/// The most rows of an answer that is no error.
const MOST_ROWS: usize = 4;

/// An answer that has no room on its line is shown whole, in it and above it, until the next key. Beside one that is no
/// error the state of things stays in view.
fn loud(state: &State, buffer: &mut Buffer, area: Rect, message: &Message, room: u16) {
    let mut line = log::line(state, message);
    line.spans.insert(0, Span::raw(" "));
    let role = log::sign(message.severity).1;
    let (area, most) = match message.severity {
        Severity::Info => {
            let beside = Rect {
                width: room,
                ..area
            };
            (beside, MOST_ROWS * usize::from(room))
        }
        _ => (area, usize::MAX),
    };
    if (usize::from(room) + 1..=most).contains(&line.width()) {
        whole(state, buffer, area, &line.to_string(), role);
    }
}

/// A text wrapped, the last line of it in this row, the others above. Says in which row it begins.
fn whole(state: &State, buffer: &mut Buffer, area: Rect, text: &str, role: Role) -> u16 {
    let width = usize::from(area.width);
    let lines = text::wrap(text, width.saturating_sub(1));
    let lines = &lines[..lines.len().min(usize::from(area.y) + 1)];
    let top = area.y + 1 - lines.len() as u16;
    for (y, line) in (top..).zip(lines) {
        // What the rows above show is of panes, and would be cut.
        let above = y < area.y;
        let columns = if above { buffer.area.width } else { area.width };
        let row = Rect::new(area.x, y, columns, 1);
        Clear.render(row, buffer);
        buffer.set_style(row, state.theme().style(Role::Text));
        let line = Line::styled(line.clone(), state.theme().style(role));
        text::put(buffer, area.x, y, &line, area.width);
    }
    top
}

/// How far a recording is taken, and how it goes on.
fn played(state: &State, opened: &Opened) -> String {
    let Some(hundredths) = opened.read else {
        return String::new();
    };
    let clock = time::clock(state.now, state.utc_offset);
    match opened.pace {
        Pace::Held => format!(" ‖ stopped at {clock} {hundredths} %"),
        _ if opened.is_live() => " followed".to_owned(),
        Pace::Playing => format!(" ▶ {} {clock} {hundredths} %", opened.speed),
        Pace::Through | Pace::Step(_) | Pace::To(_) => format!(" {hundredths} %"),
    }
}

fn typing(state: &State, buffer: &mut Buffer, area: Rect, prompt: &Prompt) -> Position {
    let theme = state.theme();
    let sign = prompt.purpose.sign();
    // Which of how many a search is at is counted while it goes on.
    let searches = matches!(prompt.purpose, For::Search { .. }) && !prompt.edit.text().is_empty();
    let found = state.transcript.find.as_ref().filter(|_| searches);
    let found = found.map(|find| find.place(state.transcript.cursor));
    // What was said of the last line is read while the next is typed: no list lies over it.
    let mut top = area.y - u16::from(state.loud).min(area.y);
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
                top = whole(state, buffer, above, &text, Role::Error);
                None
            } else {
                Some(Span::styled(text, theme.style(Role::Error)))
            }
        }
        _ if prompt.edit.text().trim().is_empty() => Some(Span::styled(
            room_for(prompt.purpose.hint(), usize::from(area.width), sign),
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
    let mut line = Line::from(Span::styled(format!(" {sign}"), theme.style(Role::Key)));
    // The text that the next letter replaces is marked.
    let given = prompt.edit.text().get(..prompt.given).unwrap_or_default();
    match typed.strip_prefix(given).filter(|_| prompt.marked) {
        Some(marked) => line.extend([
            Span::styled(given.to_owned(), theme.style(Role::Text)),
            Span::styled(marked.to_owned(), theme.style(Role::Selection)),
        ]),
        None => line.push_span(Span::styled(typed.to_owned(), theme.style(Role::Text))),
    }
    text::put(buffer, area.x, area.y, &line, room as u16);
    candidates(state, buffer, Rect { y: top, ..area }, prompt);
    let x = (start + prompt.edit.column()).saturating_sub(shift);
    Position::new(area.x + (x as u16).min(area.width - 1), area.y)
}

/// As many of the hints as there is room for beside what is being typed.
fn room_for(all: &str, width: usize, sign: &str) -> String {
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
