//! Finding in a list as a text is typed: the cursor of the pane goes to the first row from where it was that has it.

use crate::console::layout::Pane;
use crate::console::state::clients::Row;
use crate::console::state::prompt::For;
use crate::console::state::{Prompt, State};

/// Whether a pane is a list in which rows are found; elsewhere the transcript is searched.
pub(super) fn is_list(pane: Pane) -> bool {
    matches!(
        pane,
        Pane::Clients | Pane::Contacts | Pane::Log | Pane::Login
    )
}

/// Opens the prompt for it.
pub(super) fn open(state: &mut State) {
    let (pane, from) = (state.focus, row(state));
    state.prompt = Some(Prompt::new(For::Find { pane, from }, ""));
}

/// The row with the cursor.
fn row(state: &State) -> usize {
    match state.focus {
        Pane::Clients => state.clients.row(),
        Pane::Contacts => state.contacts.row(),
        Pane::Log => state.messages.back,
        _ => state.login_row(),
    }
}

pub(super) fn go(state: &mut State, pane: Pane, row: usize) {
    match pane {
        Pane::Clients => state.clients.go(row),
        Pane::Contacts => state.contacts.go(row),
        Pane::Log => state.messages.back = row,
        _ => state.login_go(row),
    }
}

/// The rows of a pane that have this text, in any case.
fn found(state: &State, pane: Pane, typed: &str) -> Vec<usize> {
    let typed = typed.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&typed);
    let texts: Vec<String> = match pane {
        Pane::Clients => {
            let text = |row| match row {
                Row::One(who) => state.clients.of(who).map_or_else(String::new, |client| {
                    let shape = client.info.as_ref().and_then(|info| info.shape);
                    let shape = shape.map(|shape| shape.to_string()).unwrap_or_default();
                    let id = client.id.map(|id| id.to_string()).unwrap_or_default();
                    format!("{id} {} {shape} {}", client.name(), client.step().name())
                }),
                Row::Gone => String::new(),
            };
            state.clients.rows().into_iter().map(text).collect()
        }
        Pane::Contacts => {
            let contacts = state.contacts.iter();
            let text = contacts.map(|contact| {
                let (status, message) = (contact.status.name(), &contact.personal.message);
                format!("{} {} {status} {message}", contact.account, contact.name)
            });
            text.collect()
        }
        Pane::Log => {
            let messages = state.messages.newest_first();
            messages.map(|message| message.text.clone()).collect()
        }
        _ => {
            let rows = state
                .ladder()
                .map(|ladder| ladder.rows())
                .unwrap_or_default();
            let text = rows
                .iter()
                .map(|row| format!("{} {}", row.name, row.detail));
            text.collect()
        }
    };
    let rows = texts.iter().enumerate().filter(|(_, text)| has(text));
    rows.map(|(row, _)| row).collect()
}

/// Goes to the first row that has what is typed, and says which of how many it is.
pub(super) fn judge(
    state: &mut State,
    pane: Pane,
    from: usize,
    typed: &str,
) -> Result<String, String> {
    let rows = found(state, pane, typed);
    let next = rows.iter().position(|row| *row >= from).unwrap_or(0);
    match rows.get(next) {
        Some(row) => {
            go(state, pane, *row);
            Ok(format!("{} of {}", next + 1, rows.len()))
        }
        None => {
            go(state, pane, from);
            Err("not found".to_owned())
        }
    }
}

/// To the next row that has it, or the one before, round and round.
pub(super) fn next(state: &mut State, back: bool) {
    let Some(open) = &state.prompt else { return };
    let For::Find { pane, .. } = open.purpose else {
        return;
    };
    let rows = found(state, pane, open.edit.text());
    if rows.is_empty() || open.edit.text().is_empty() {
        return;
    }
    let here = row(state);
    let next = if back {
        rows.iter()
            .rposition(|row| *row < here)
            .unwrap_or(rows.len() - 1)
    } else {
        rows.iter().position(|row| *row > here).unwrap_or(0)
    };
    go(state, pane, rows[next]);
    if let Some(prompt) = &mut state.prompt {
        prompt.verdict = Some(Ok(format!("{} of {}", next + 1, rows.len())));
    }
}
