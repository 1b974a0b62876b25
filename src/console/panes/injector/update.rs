//! The injector: keys of its editor, completion, templates, loading a line, sending.

use super::super::{Typed, is_command};
use crate::command::Pane;
use crate::console::keymap::{Act, Key};
use crate::console::panes::injector::state::{Offered, To};
use crate::console::state::{Effect, History, Pending, State};
use crate::control::Action;
use crate::event::Severity;
use crate::msnp::inject;
use crate::msnp::presence::Presence;
use crate::msnp::{Direction, Shape, TransactionId};
use crossterm::event::{KeyCode, KeyEvent};
use tui_textarea::CursorMove;

/// Types, unless the key has a command.
pub(super) fn key(state: &mut State, key: Key) -> Typed {
    // The cursor's keys are the editor's, whatever they do elsewhere.
    let bound = is_command(state, Pane::Injector, key);
    let is_tab = matches!(key.code, KeyCode::Tab | KeyCode::BackTab);
    if let Some(offered) = state.injector.offered.take_if(|_| !is_tab) {
        // The word that was taken stays: esc only closes the list.
        drop(offered);
        if key.code == KeyCode::Esc {
            return Typed::Done(Vec::new());
        }
    }
    if key.code == KeyCode::BackTab && state.injector.offered.is_some() {
        offer_next(state, true);
        return Typed::Done(Vec::new());
    }
    // Where there is nothing to complete, Tab goes to the next pane as ever.
    if key.code == KeyCode::Tab && state.injector.is_empty() {
        state.focus_on(Pane::Injector.next(false));
        return Typed::Done(Vec::new());
    }
    if bound {
        return Typed::Command;
    }
    // At the first line up is the history, as in a shell.
    let row = state.injector.area.cursor().0;
    let last = state.injector.area.lines().len().saturating_sub(1);
    match key.code {
        KeyCode::Up if row == 0 => {
            state.injector.recall(true);
        }
        KeyCode::Down if row == last => {
            state.injector.recall(false);
        }
        // The editor has a meaning for nearly every control key; those that page or quit are not wanted.
        code => {
            state
                .injector
                .area
                .input(KeyEvent::new(code, key.modifiers));
        }
    }
    Typed::Done(Vec::new())
}

/// Of the injector's own commands.
pub fn act(state: &mut State, act: Act) -> Vec<Effect> {
    match act {
        Act::SendNow => return send(state),
        Act::NewLine => state.injector.area.insert_newline(),
        Act::Complete => complete(state),
        Act::Checked => {
            let shape = state.injected_shape();
            state.injector.toggle(shape);
        }
        Act::ClearDraft => {
            if !state.injector.is_empty() {
                state.injector.replace("");
                let key = state.key_name("undo-typing");
                state.say(Severity::Info, format!("cleared: {key} brings it back"));
            }
        }
        Act::UndoTyping => {
            if !state.injector.area.undo() {
                state.say(Severity::Info, "there is nothing to undo");
            }
        }
        Act::Target => {
            state.injector.to = match state.injector.to {
                To::Selected if !state.clients.marked().is_empty() => To::Marked,
                To::Selected | To::Marked => To::All,
                To::All => To::Selected,
            };
        }
        Act::Older => {
            state.injector.recall(true);
        }
        _ => {
            state.injector.recall(false);
        }
    }
    Vec::new()
}

fn send(state: &mut State) -> Vec<Effect> {
    if state.injector.is_empty() {
        state.say(Severity::Warning, "there is nothing to send");
        return Vec::new();
    }
    let (to, whom) = match state.injected_to() {
        Ok(to) => to,
        Err(reason) => {
            state.say(Severity::Error, format!("not sent: {reason}"));
            return Vec::new();
        }
    };
    let text = state.injector.text();
    let checked = state.injector.checked;
    let frames = if checked {
        inject::frames(&text)
    } else {
        vec![text]
    };
    let shape = state.injected_shape();
    for (at, frame) in frames.iter().enumerate().filter(|_| checked) {
        if let Err(problems) = inject::checked(frame, shape) {
            let text = format!("{}{}", which(at, frames.len()), reasons(&problems));
            state.say(Severity::Error, format!("not sent: {text}"));
            return Vec::new();
        }
    }
    let text = state.injector.sent();
    let mut effects = Vec::new();
    // It can be recalled while the console runs; it is written to no file.
    if !state.injector.has_secret(&text) {
        let history = match checked {
            true => History::Injected,
            false => History::Unchecked,
        };
        effects.push(Effect::Remember(history, text));
    }
    let count = frames.len();
    for (at, text) in frames.into_iter().enumerate() {
        let length = inject::checked(&text, shape).map_or(0, |checked| checked.wire.len());
        let to = to.clone();
        let effect = state.command(Action::Send { to, text, checked });
        if let Effect::Command(command) = &effect
            && count > 1
        {
            let last = (at + 1 == count).then(|| whom.clone());
            state
                .pending
                .insert(command.id, Pending::Frame(length, last));
        }
        effects.push(effect);
    }
    effects
}

/// Which of several frames it is.
pub fn which(at: usize, all: usize) -> String {
    match all {
        1 => String::new(),
        all => format!("frame {} of {all}: ", at + 1),
    }
}

/// Everything that is wrong with a frame, in one sentence: while it is typed, and when it is sent.
pub fn reasons(problems: &[inject::Problem]) -> String {
    let texts: Vec<_> = problems
        .iter()
        .map(|problem| problem.text.as_str())
        .collect();
    texts.join("; ")
}

/// Takes the next of the words that are offered in the place of the last one.
fn offer_next(state: &mut State, back: bool) {
    let Some(offered) = &mut state.injector.offered else {
        return;
    };
    let count = offered.words.len();
    let next = match (offered.at, back) {
        (None, false) => 0,
        (None, true) => count - 1,
        (Some(at), false) => (at + 1) % count,
        (Some(at), true) => (at + count - 1) % count,
    };
    offered.at = Some(next);
    let text = offered.words[next].0.clone();
    let (row, column) = {
        let at = state.injector.area.cursor();
        (at.0, at.1)
    };
    let line: String = state.injector.area.lines()[row]
        .chars()
        .take(column)
        .collect();
    let word = line.rsplit(' ').next().unwrap_or_default().to_owned();
    put_part(state, &word, &text);
}

fn complete(state: &mut State) {
    if state.injector.offered.is_some() {
        return offer_next(state, false);
    }
    let (row, column) = {
        let at = state.injector.area.cursor();
        (at.0, at.1)
    };
    if row > 0 {
        state.injector.area.insert_tab();
        return;
    }
    let line = state.injector.area.lines()[0].clone();
    let prefix: String = line.chars().take(column).collect();
    let shape = state.injected_shape();
    // A verb alone is filled in whole.
    let whole = prefix.trim();
    if !whole.is_empty()
        && line.trim() == whole
        && !whole.contains(' ')
        && state.injector.area.lines().len() == 1
    {
        let upper = whole.to_ascii_uppercase();
        if let Some(text) = template(state, &upper, shape) {
            state.injector.set(&text);
            return;
        }
    }
    let found = inject::complete(&prefix, shape);
    let words: Vec<_> = found.iter().filter(|c| !c.text.is_empty()).collect();
    match words.as_slice() {
        [] => {
            if let Some(hint) = found.first() {
                state.say(Severity::Info, format!("next: {}", hint.hint));
            }
        }
        [one] => put(state, &prefix, &one.text),
        many => {
            let word = prefix.rsplit(' ').next().unwrap_or_default().to_owned();
            let common = common_start(many.iter().map(|c| c.text.as_str()));
            let words = many.iter().map(|c| (c.text.clone(), c.hint.clone()));
            let words = words.collect();
            if common.len() > word.len() {
                put_part(state, &word, &common);
            }
            state.injector.offered = Some(Offered { words, at: None });
        }
    }
}

fn put(state: &mut State, prefix: &str, text: &str) {
    let word = prefix.rsplit(' ').next().unwrap_or_default().to_owned();
    put_part(state, &word, text);
    state.injector.area.insert_char(' ');
}

fn put_part(state: &mut State, word: &str, text: &str) {
    for _ in 0..word.chars().count() {
        state.injector.area.delete_char();
    }
    state.injector.area.insert_str(text);
}

fn common_start<'a>(mut words: impl Iterator<Item = &'a str>) -> String {
    let mut common = words.next().unwrap_or_default().to_owned();
    for word in words {
        let same = common
            .char_indices()
            .zip(word.chars())
            .find(|((_, a), b)| a != b)
            .map_or(common.len().min(word.len()), |((at, _), _)| at);
        common.truncate(same);
    }
    common
}

fn template(state: &State, verb: &str, shape: Option<Shape>) -> Option<String> {
    let contact = state.contacts.selected();
    let transaction = state
        .clients
        .selected()
        .and_then(|(_, c)| c.last_change)
        .unwrap_or(TransactionId(0));
    let values = contact.map(|c| inject::Values {
        presence: Presence {
            status: c.status,
            account: &c.account,
            network: c.network,
            name: &c.name,
            capabilities: c.capabilities,
            extended: c.extended,
            msnobj: &c.msnobj,
        },
        personal: &c.personal,
        transaction,
    });
    inject::template(verb, shape, values.as_ref())
}

/// Loads the line under the cursor: what was sent to a client can be changed and sent again.
pub fn load(state: &mut State) {
    let Some(line) = state.transcript.cursor.and_then(|id| state.journal.get(id)) else {
        return;
    };
    if !line.is_frame() {
        state.say(
            Severity::Warning,
            "only a frame can be loaded into the injector",
        );
        return;
    }
    // The real bytes, secrets included: a resent line is the line.
    let text = inject::load(line.line(), line.payload());
    let secrets: Vec<_> = line
        .secrets()
        .iter()
        .filter_map(|range| line.wire().get(range.start as usize..range.end as usize))
        .map(inject::load_wire)
        .collect();
    let is_clients = line.direction() == Some(Direction::In);
    let shown = state.show_secrets || secrets.is_empty();
    for secret in secrets {
        state.injector.keep_secret(secret);
    }
    if !shown {
        let text = "the line holds a password or ticket, which the editor shows; no file keeps it";
        state.say(Severity::Warning, text);
    }
    if !state.injector.is_empty() && state.injector.text() != text {
        state.injector.sent();
        let key = state.keymap.key(Pane::Injector, "older");
        let key = key.map_or_else(|| "?".into(), |key| key.to_string());
        let text = format!("{key} brings back what was being typed");
        state.say(Severity::Info, text);
    }
    if is_clients {
        let text = "a client's line: no service sends it";
        state.say(Severity::Info, text);
    }
    state.injector.set(&text);
    state.injector.area.move_cursor(CursorMove::Top);
    state.injector.area.move_cursor(CursorMove::End);
    state.focus_on(Pane::Injector);
}
