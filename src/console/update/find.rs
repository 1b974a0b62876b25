//! Finding in a list as a text is typed: the cursor of the pane goes to the first row from where it was that has it.

use crate::command::Pane;
use crate::console::keymap::Key;
use crate::console::panes;
use crate::console::state::prompt::For;
use crate::console::state::{Prompt, State};
use crate::event::Severity;

/// Opens the prompt for it. Says whether the pane is a list in which rows are found; else the transcript is searched.
pub(super) fn open(state: &mut State) -> bool {
    let (pane, face) = (state.focus, panes::of(state.focus));
    let is_list = face.rows(state).is_some();
    if is_list {
        let from = face.row(state);
        state.prompt = Some(Prompt::new(For::Find { pane, from }, ""));
    }
    is_list
}

/// The rows of a pane that have this text, in any case.
fn found(state: &State, pane: Pane, typed: &str) -> Vec<usize> {
    let typed = typed.to_lowercase();
    let texts = panes::of(pane).rows(state).unwrap_or_default();
    let rows = texts.iter().enumerate();
    rows.filter(|(_, text)| text.to_lowercase().contains(&typed))
        .map(|(row, _)| row)
        .collect()
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
            panes::of(pane).go(state, *row);
            Ok(format!("{} of {}", next + 1, rows.len()))
        }
        None => {
            panes::of(pane).go(state, from);
            Err("not found".to_owned())
        }
    }
}

/// The keys that go from match to match in the transcript do so in a list too, as long as nothing else was pressed since
/// it was searched. Says whether this is such a key.
pub(super) fn again(state: &mut State, key: Key) -> bool {
    let Some((pane, typed)) = state.found.take().filter(|(pane, _)| *pane == state.focus) else {
        return false;
    };
    let bound = state.keymap.get(Pane::Transcript, key).map(|b| b.line);
    let back = match bound {
        Some("next-match") => false,
        Some("previous-match") => true,
        _ => return false,
    };
    let rows = found(state, pane, &typed);
    if let Some(next) = beside(state, pane, &rows, back) {
        let text = format!("{typed}: {} of {}", next + 1, rows.len());
        state.say(Severity::Info, text);
    }
    state.found = Some((pane, typed));
    true
}

/// Goes to the row of these behind the cursor, or before it, round and round; which of them it is.
fn beside(state: &mut State, pane: Pane, rows: &[usize], back: bool) -> Option<usize> {
    let here = panes::of(pane).row(state);
    let next = match back {
        true => rows.iter().rposition(|row| *row < here),
        false => rows.iter().position(|row| *row > here),
    };
    let round = if back { rows.len().checked_sub(1)? } else { 0 };
    let next = next.unwrap_or(round);
    panes::of(pane).go(state, *rows.get(next)?);
    Some(next)
}

/// To the next row that has it, or the one before, round and round.
pub(super) fn next(state: &mut State, back: bool) {
    let Some(open) = &state.prompt else { return };
    let For::Find { pane, .. } = open.purpose else {
        return;
    };
    let rows = found(state, pane, open.edit.text());
    if open.edit.text().is_empty() {
        return;
    }
    if let Some(next) = beside(state, pane, &rows, back)
        && let Some(prompt) = &mut state.prompt
    {
        prompt.verdict = Some(Ok(format!("{} of {}", next + 1, rows.len())));
    }
}
