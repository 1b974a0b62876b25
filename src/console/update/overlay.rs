//! Keys while something lies over the panes: help, a question, the form of a contact.

use super::{act, enter};
use crate::console::keymap::{Context, Key};
use crate::console::state::{Effect, Help, Overlay, Question, State};
use crate::console::view;
use crate::console::widget::edit::LineEdit;
use crate::control::Action;
use crossterm::event::KeyCode;

pub(super) fn key(state: &mut State, key: Key) -> Vec<Effect> {
    match state.overlay.take() {
        Some(Overlay::Help(open)) => {
            state.overlay = help(state, open, key).map(Overlay::Help);
            Vec::new()
        }
        Some(Overlay::Ask(question)) => answer(state, question, key),
        Some(Overlay::Form(form)) => edit(state, form, key),
        None => Vec::new(),
    }
}

fn help(state: &State, mut help: Box<Help>, key: Key) -> Option<Box<Help>> {
    if help.typing
        && let Some(edit) = &mut help.find
    {
        match key.code {
            KeyCode::Esc => (help.find, help.typing, help.at) = (None, false, 0),
            KeyCode::Enter | KeyCode::Down | KeyCode::Up => help.typing = false,
            _ if edit.key(key) => help.at = 0,
            _ => {}
        }
        return Some(help);
    }
    let rows = view::help::rows(state, &help);
    let page = view::help::height(state).saturating_sub(1).max(1);
    let most = rows.len().saturating_sub(1);
    let part = rows.get(help.at.min(most)).and_then(|row| row.part);
    let to = match (key.code, part) {
        (KeyCode::Esc, _) if help.find.is_some() => {
            (help.find, help.at) = (None, 0);
            return Some(help);
        }
        (KeyCode::Esc | KeyCode::Char('q'), _) => return None,
        // The key that opened it closes it.
        _ if state
            .keymap
            .get(Context::Everywhere, key)
            .is_some_and(|b| b.line == "help") =>
        {
            return None;
        }
        (KeyCode::Char('/'), _) => {
            (help.find, help.typing, help.at) = (Some(LineEdit::default()), true, 0);
            return Some(help);
        }
        (KeyCode::Enter | KeyCode::Char(' '), Some(part)) if help.find.is_none() => {
            if !help.toggled.remove(part) {
                help.toggled.insert(part);
            }
            return Some(help);
        }
        (KeyCode::Up | KeyCode::Char('k'), _) => help.at.min(most).saturating_sub(1),
        (KeyCode::Down | KeyCode::Char('j'), _) => help.at + 1,
        (KeyCode::PageUp, _) => help.at.min(most).saturating_sub(page),
        (KeyCode::PageDown | KeyCode::Char(' '), _) => help.at + page,
        (KeyCode::Home | KeyCode::Char('g'), _) => 0,
        (KeyCode::End | KeyCode::Char('G'), _) => most,
        _ => help.at,
    };
    help.at = to.min(most);
    Some(help)
}

fn answer(state: &mut State, question: Question, key: Key) -> Vec<Effect> {
    let yes = match key.code {
        KeyCode::Char('y' | 'Y') | KeyCode::Enter => true,
        KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => false,
        // Anything else is no answer.
        _ => {
            state.overlay = Some(Overlay::Ask(question));
            return Vec::new();
        }
    };
    if !yes {
        return Vec::new();
    }
    match question {
        Question::Run(line) => enter::run(state, &line),
        Question::Quit => act::leave(state),
        Question::Suspend => vec![Effect::Suspend],
        Question::Over(effect) => vec![Effect::Over(effect)],
    }
}

fn edit(state: &mut State, mut form: Box<crate::console::state::Form>, key: Key) -> Vec<Effect> {
    let count = form.fields.len();
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => match form.contact(&state.contacts) {
            Ok(contact) if contact == form.contact => return Vec::new(),
            Ok(contact) => return vec![state.command(Action::Replace(Box::new(contact)))],
            Err((field, reason)) => {
                form.at = field as usize;
                form.error = Some(reason);
            }
        },
        KeyCode::Tab | KeyCode::Down => form.at = (form.at + 1) % count,
        KeyCode::BackTab | KeyCode::Up => form.at = (form.at + count - 1) % count,
        _ => {
            let at = form.at;
            if form.fields[at].key(key) {
                form.error = form
                    .contact(&state.contacts)
                    .err()
                    .map(|(_, reason)| reason);
            }
        }
    }
    state.overlay = Some(Overlay::Form(form));
    Vec::new()
}
