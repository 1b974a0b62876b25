//! The explanation of a frame: its title, a row for each value, notes, and its payload.

use super::text::{self, fit};
use crate::console::state::State;
use crate::console::theme::Role;
use crate::msnp::explain::Explanation;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// The lines of it; `token` is the value that is pointed at.
pub fn explained(
    state: &State,
    told: &Explanation,
    width: usize,
    token: Option<usize>,
) -> Vec<Line<'static>> {
    let theme = state.theme();
    let (verb, rest) = told
        .title
        .split_at(told.title.find(' ').unwrap_or(told.title.len()));
    let mut lines = vec![Line::from(vec![
        Span::styled(verb.to_owned(), theme.style(Role::Verb)),
        Span::styled(rest.to_owned(), theme.style(Role::Text)),
    ])];
    let column = told
        .rows
        .iter()
        .map(|r| r.raw.width())
        .max()
        .unwrap_or(0)
        .clamp(8, 26);
    for (at, row) in told.rows.iter().enumerate() {
        let pointed = token == Some(at + 1);
        let raw = if pointed { Role::Key } else { Role::Account };
        // What it says goes on below itself where there is not room for it.
        let text = if row.meaning.is_empty() {
            row.name.clone()
        } else {
            format!("{}: {}", row.name, row.meaning)
        };
        let room = width.saturating_sub(column + 2).max(12);
        // What does not fit its column has a line of its own: it is said nowhere else.
        if row.raw.width() > column {
            let sign = if pointed { "▸" } else { " " };
            for (line, piece) in text::wrap(&row.raw, width.saturating_sub(1).max(12))
                .into_iter()
                .enumerate()
            {
                let sign = if line == 0 { sign } else { " " };
                lines.push(Line::from(vec![
                    Span::styled(sign, theme.style(Role::Key)),
                    Span::styled(piece, theme.style(raw)),
                ]));
            }
        }
        for (line, piece) in text::wrap(&text, room).into_iter().enumerate() {
            let (sign, raw_text) = match (line, pointed) {
                _ if row.raw.width() > column => (" ", ""),
                (0, true) => ("▸", row.raw.as_str()),
                (0, false) => (" ", row.raw.as_str()),
                _ => (" ", ""),
            };
            let mut spans = vec![
                Span::styled(sign, theme.style(Role::Key)),
                Span::styled(format!("{} ", fit(raw_text, column)), theme.style(raw)),
            ];
            match piece.strip_prefix(row.name.as_str()).filter(|_| line == 0) {
                Some(rest) => {
                    spans.push(Span::styled(row.name.clone(), theme.style(Role::Dim)));
                    spans.push(Span::styled(rest.to_owned(), theme.style(Role::Text)));
                }
                None => spans.push(Span::styled(piece, theme.style(Role::Text))),
            }
            lines.push(Line::from(spans));
        }
    }
    for note in &told.notes {
        for piece in text::wrap(&format!("⚠ {note}"), width) {
            lines.push(Line::styled(piece, theme.style(Role::Warning)));
        }
    }
    for row in &told.payload {
        lines.push(Line::styled(format!(" {row}"), theme.style(Role::Payload)));
    }
    lines
}
