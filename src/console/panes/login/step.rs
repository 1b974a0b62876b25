//! The detail of a step of a sign-in: when it was, how long after the one before, who owes what, and its line.

use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::field::field;
use crate::console::widget::marks;
use crate::console::widget::time;
use crate::event::Turn;
use crate::findings::ladder::{Row, State as Rung, who};
use crate::journal::summary;
use ratatui::text::Line;

/// What stands for how a step is.
pub(super) fn sign(rung: Rung) -> (&'static str, Role) {
    match rung {
        Rung::Done => (marks::DONE, Role::Good),
        Rung::Now => (marks::NOW, Role::Warning),
        Rung::Due => (marks::NOTICE, Role::Dim),
        Rung::Skipped => (marks::SKIPPED, Role::Dim),
        Rung::Failed => (marks::WRONG, Role::Error),
    }
}

/// The step under the cursor of the login pane.
pub(super) fn lines(state: &State, row: &Row, width: usize) -> Vec<Line<'static>> {
    let (sign, role) = sign(row.state);
    let word = match row.state {
        Rung::Done => "done",
        Rung::Now => "at hand",
        Rung::Due => "still to come",
        Rung::Skipped => "not seen: left out, or before the recording began",
        Rung::Failed => "went wrong",
    };
    let mut lines = field(state, row.name, &format!("{sign} {word}"), role, width);
    let mut add = |name: &str, value: &str, role| {
        if !value.is_empty() {
            lines.extend(field(state, name, value, role, width));
        }
    };
    add("what", &row.detail, Role::Text);
    let due = matches!(row.state, Rung::Now | Rung::Due) && row.owes != Turn::Nobody;
    if due {
        add("the next move", who(row.owes), Role::Warning);
    }
    add("expected", row.expects, Role::Text);
    if let Some(when) = row.time {
        add("when", &time::clock(when, state.utc_offset), Role::Text);
    }
    if let Some(took) = row.took {
        let text = format!("{} after the step before it", time::short(took));
        add("took", &text, Role::Text);
    }
    if row.open.len() > 1 {
        let text = format!("client {}: nothing tells them apart yet", row.whose());
        add("whose", &text, Role::Warning);
    }
    if let Some(line) = row.event.and_then(|id| state.journal.get(id)) {
        add(
            "its line",
            &summary(&line, state.show_secrets),
            Role::Account,
        );
    }
    lines
}
