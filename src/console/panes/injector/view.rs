//! The injector: the text, to whom it goes, and what is wrong with it.

use super::update::{reasons, which};
use crate::command::Pane;
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::frame::Titles;
use crate::console::widget::text::{self, safe};
use crate::findings::presence;
use crate::msnp::inject;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub(in super::super) fn titles(state: &State, width: usize) -> Titles {
    let theme = state.theme();
    let injector = &state.injector;
    let top = vec![match state.injected_to() {
        Ok((_, name)) => Span::styled(format!(" → {name}"), theme.style(Role::Account)),
        Err(reason) => Span::styled(format!(" → nobody: {reason}"), theme.style(Role::Dim)),
    }];
    let mode = if injector.checked {
        let key = key_of(state);
        Span::styled(format!("checked ({key} unchecked)"), theme.style(Role::Dim))
    } else {
        let key = key_of(state);
        let text = format!(" UNCHECKED: exactly these bytes ({key} checks) ");
        Span::styled(text, theme.style(Role::Danger))
    };
    Titles {
        top,
        top_right: vec![mode],
        bottom: verdict(state, width.saturating_sub(6)),
    }
}

fn key_of(state: &State) -> String {
    state
        .keymap
        .key(Pane::Injector, "unchecked")
        .map(|k| k.to_string())
        .unwrap_or_default()
}

/// How long it is, or what is wrong with it; where that is too long for the frame it stands within.
fn verdict(state: &State, width: usize) -> Vec<Span<'static>> {
    let theme = state.theme();
    let Some((text, role)) = judged(state) else {
        return Vec::new();
    };
    let shown = match (text.width() <= width, role) {
        (true, _) => text,
        (false, Role::Error) => "✗ not sent like this".to_owned(),
        (false, _) => "⚠ odd, and sent all the same".to_owned(),
    };
    vec![Span::styled(shown, theme.style(role))]
}

/// What there is to say about what is typed, whole.
fn judged(state: &State) -> Option<(String, Role)> {
    let injector = &state.injector;
    if injector.is_empty() {
        return None;
    }
    let text = injector.text();
    if !injector.checked {
        let length = inject::unchecked(&text).len();
        return Some((format!("{length} bytes"), Role::Warning));
    }
    let frames = inject::frames(&text);
    let shape = state.injected_shape();
    let (mut bytes, mut odd) = (0, None);
    for (at, frame) in frames.iter().enumerate() {
        match inject::checked(frame, shape) {
            Ok(checked) => {
                bytes += checked.wire.len();
                odd = odd.or_else(|| checked.warnings.first().map(|p| p.text.clone()));
                odd = odd.or_else(|| misread(state, frame));
            }
            Err(problems) => {
                let which = which(at, frames.len());
                return Some((format!("✗ {which}{}", reasons(&problems)), Role::Error));
            }
        }
    }
    let good = match frames.len() {
        1 => format!("✓ {bytes} bytes with CRLF"),
        count => format!("✓ {count} frames, {bytes} bytes with CRLF, sent one by one"),
    };
    Some(match odd {
        Some(odd) => (format!("{good}  ⚠ {odd}"), Role::Warning),
        None => (good, Role::Good),
    })
}

/// Whether a frame that is right for the first of the clients is wrong for another, or presence that its client will
/// drop: what the findings say once it has gone out.
fn misread(state: &State, frame: &str) -> Option<String> {
    let shapes = state.injected_shapes();
    shapes.iter().enumerate().find_map(|(at, (client, shape))| {
        let problem = match inject::checked(frame, Some(*shape)) {
            Ok(checked) => {
                let line = checked.wire.split(|b| *b == b'\n').next();
                let faults = presence::faults(*shape, line.unwrap_or_default().trim_ascii_end());
                let dropped = faults
                    .first()
                    .map(|fault| format!("{}: {shape} will drop the line", fault.name()));
                let warned = checked.warnings.first().map(|p| p.text.clone());
                dropped.or(warned.filter(|_| at > 0))
            }
            Err(problems) => Some(reasons(&problems)).filter(|_| at > 0),
        };
        problem.map(|text| format!("client {client}: {text}"))
    })
}

/// Draws the editor, and says where its cursor is.
pub(in super::super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    if area.width < 8 || area.height == 0 {
        return None;
    }
    let theme = state.theme();
    // What has no room on the frame is wrapped, below at least one line of the editor.
    let said = judged(state).filter(|(text, _)| text.width() > usize::from(area.width) - 4);
    let said = said.map_or(Vec::new(), |(text, role)| {
        let lines = text::wrap(&text, usize::from(area.width)).into_iter();
        lines
            .map(|line| Line::styled(line, theme.style(role)))
            .collect()
    });
    // The detail says everything that is wrong. Here the text that is being written comes first, and keeps one line at
    // least.
    let room = usize::from(area.height);
    let lines = state.injector.area.lines().len();
    let kept = match room {
        1 => 1,
        room => lines.clamp(1, room - 1),
    };
    let below = said.len().min(room - kept) as u16;
    let area = Rect {
        height: area.height - below,
        ..area
    };
    for (y, line) in (area.bottom()..area.bottom() + below).zip(&said) {
        text::put(buffer, area.x, y, line, area.width);
    }
    let editor = &state.injector.area;
    if editor.is_empty() && state.focus != Pane::Injector {
        let text =
            "a command, and after a line break its payload; the verb and Tab fill in a template";
        text::put(
            buffer,
            area.x,
            area.y,
            &Line::styled(text, theme.style(Role::Dim)),
            area.width,
        );
        return None;
    }
    let cursor = editor.cursor();
    let (row, column) = (cursor.0, cursor.1);
    let height = usize::from(area.height);
    let width = usize::from(area.width);
    let first = (row + 1).saturating_sub(height);
    let mut at = None;
    for (offset, line) in editor.lines().iter().enumerate().skip(first).take(height) {
        let y = area.y + (offset - first) as u16;
        let before: String = line.chars().take(column).collect();
        let here = if offset == row {
            safe(&before).width()
        } else {
            0
        };
        // A long line is shifted so that the cursor is seen.
        let shift = if offset == row {
            (here + 1).saturating_sub(width)
        } else {
            0
        };
        let shown = safe(line);
        let shown = shown[text::clip(&shown, shift).len()..].to_owned();
        let span = if offset == 0 {
            words(state, &shown, shift > 0)
        } else {
            Line::styled(shown, theme.style(Role::Payload))
        };
        text::put(buffer, area.x, y, &span, area.width);
        if offset == row {
            let x = area.x + (here - shift.min(here)).min(width - 1) as u16;
            at = Some(Position::new(x, y));
        }
    }
    at
}

/// The verb stands out.
fn words(state: &State, line: &str, cut: bool) -> Line<'static> {
    let theme = state.theme();
    let end = line.find(' ').filter(|_| !cut).unwrap_or(0);
    let (verb, rest) = line.split_at(end);
    Line::from(vec![
        Span::styled(verb.to_owned(), theme.style(Role::Verb)),
        Span::styled(rest.to_owned(), theme.style(Role::Text)),
    ])
}
