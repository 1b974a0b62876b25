//! What is being written, explained as if it had been sent, below the line that is at hand: what is written often
//! answers it, or is like it.

use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::explained::explained;
use crate::console::widget::{marks, text};
use crate::journal::summary_within;
use crate::msnp::explain::explain;
use crate::msnp::{Direction, Frame, escape, inject};
use ratatui::text::{Line, Span};

/// The most rows that the line at hand takes.
const MOST_AT_HAND: usize = 2;

/// The line at hand, the explanation of what is written, and everything that is wrong with it.
pub(super) fn lines(state: &State, width: usize) -> Vec<Line<'static>> {
    let mut lines = at_hand(state, width);
    lines.extend(written(state, width));
    lines
}

/// The line under the cursor of the transcript, whole as far as there is room.
fn at_hand(state: &State, width: usize) -> Vec<Line<'static>> {
    let line = state.transcript.cursor.and_then(|id| state.journal.get(id));
    let Some(line) = line else {
        return Vec::new();
    };
    let style = state.theme().style(Role::Dim);
    let room = width.saturating_sub(2);
    let most = room * MOST_AT_HAND;
    let mut shown = summary_within(&line, state.show_secrets, most);
    if let Some(payload) = line.shown_payload(state.show_secrets) {
        let payload = escape::to_screen(&payload[..payload.len().min(most)]);
        shown = format!("{shown} {} {payload}", marks::FOLDED);
    }
    let pieces = text::wrap(&shown, room);
    let signs = std::iter::once(marks::FOLDED).chain(std::iter::repeat(" "));
    let rows = signs.zip(pieces).take(MOST_AT_HAND);
    rows.map(|(sign, piece)| Line::styled(format!("{sign} {piece}"), style))
        .collect()
}

fn written(state: &State, width: usize) -> Vec<Line<'static>> {
    let text = state.injector.text();
    let shape = state.injected_shape();
    let frames = inject::frames(&text);
    if state.injector.checked && frames.len() > 1 {
        return frames
            .iter()
            .enumerate()
            .flat_map(|(at, frame)| of_several(state, at, frame, width))
            .collect();
    }
    let checked = inject::checked(&text, shape);
    let (wire, problems) = match checked {
        Ok(checked) => (checked.wire, checked.warnings),
        Err(problems) => (inject::unchecked(&text), problems),
    };
    let frame = Frame::from_wire(wire);
    let mut told = explain(frame.line(), frame.payload(), Direction::Out, shape);
    // The injector's own list is the whole of it; what is wrong with one value is marked there, too.
    for problem in &problems {
        let row = problem.token.and_then(|token| token.checked_sub(1));
        if let Some(row) = row.and_then(|row| told.rows.get_mut(row)) {
            row.meaning = format!("✗ {}", problem.text);
        }
    }
    told.notes = problems.into_iter().map(|p| p.text).collect();
    explained(state, &told, width, None)
}

/// One of several frames that are sent one by one: its line, and what is wrong with it.
fn of_several(state: &State, at: usize, text: &str, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme();
    let (wire, problems, role) = match inject::checked(text, state.injected_shape()) {
        Ok(checked) => (checked.wire, checked.warnings, Role::Warning),
        Err(problems) => (inject::filled(text), problems, Role::Error),
    };
    let number = format!("{:>2} ", at + 1);
    let shown = inject::load_wire(wire.strip_suffix(b"\r\n").unwrap_or(&wire));
    let room = width.saturating_sub(number.len());
    let mut lines = vec![Line::from(vec![
        Span::styled(number, theme.style(Role::Dim)),
        Span::styled(text::fit(&shown, room), theme.style(Role::Text)),
    ])];
    for problem in problems {
        let pieces = text::wrap(&problem.text, width.saturating_sub(5)).into_iter();
        lines.extend(pieces.map(|piece| Line::styled(format!("     {piece}"), theme.style(role))));
    }
    lines
}
