//! The injector: the text, to whom it goes, and what is wrong with it.

use crate::command::Pane;
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::frame::Titles;
use crate::console::widget::text::{self, safe};
use crate::msnp::inject;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

pub(super) fn titles(state: &State, width: usize) -> Titles {
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

/// How long it is, or what is wrong with it.
fn verdict(state: &State, width: usize) -> Vec<Span<'static>> {
    let theme = state.theme();
    let injector = &state.injector;
    if injector.is_empty() {
        return Vec::new();
    }
    let text = injector.text();
    if !injector.checked {
        let length = inject::unchecked(&text).len();
        return vec![Span::styled(
            format!("{length} bytes"),
            theme.style(Role::Warning),
        )];
    }
    let frames = inject::frames(&text);
    if let [_, _, ..] = frames.as_slice() {
        return several(state, &frames, width);
    }
    match inject::checked(&text, state.injected_shape()) {
        Ok(checked) => {
            let mut spans = vec![Span::styled(
                format!("✓ {} bytes with CRLF", checked.wire.len()),
                theme.style(Role::Good),
            )];
            if let Some(odd) = checked.warnings.first() {
                let text = text::clip(&odd.text, width.saturating_sub(24)).to_owned();
                spans.push(Span::styled(
                    format!("  ⚠ {text}"),
                    theme.style(Role::Warning),
                ));
            }
            spans
        }
        Err(problems) => problems
            .first()
            .map(|p| {
                let text = text::clip(&p.text, width).to_owned();
                Span::styled(format!("✗ {text}"), theme.style(Role::Error))
            })
            .into_iter()
            .collect(),
    }
}

/// Of several frames how many they are and how long, or what is wrong with the first that is wrong.
fn several(state: &State, frames: &[String], width: usize) -> Vec<Span<'static>> {
    let theme = state.theme();
    let shape = state.injected_shape();
    let mut bytes = 0;
    for (at, frame) in frames.iter().enumerate() {
        match inject::checked(frame, shape) {
            Ok(checked) => bytes += checked.wire.len(),
            Err(problems) => {
                let what = problems.first().map_or("", |problem| &problem.text);
                let text = format!("✗ frame {} of {}: {what}", at + 1, frames.len());
                let text = text::clip(&text, width).to_owned();
                return vec![Span::styled(text, theme.style(Role::Error))];
            }
        }
    }
    let text = format!(
        "✓ {} frames, {bytes} bytes with CRLF, sent one by one",
        frames.len()
    );
    vec![Span::styled(text, theme.style(Role::Good))]
}

/// Draws the editor, and says where its cursor is.
pub(super) fn draw(state: &State, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    if area.width < 2 || area.height == 0 {
        return None;
    }
    let theme = state.theme();
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
