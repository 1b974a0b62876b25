//! Keys while something lies over the panes: help, a question, the form of a contact.

use super::{act, enter};
use crate::console::keymap::Key;
use crate::console::state::{Effect, Form, Help, Overlay, Question, State};
use crate::console::widget::edit::LineEdit;
use crate::console::widget::help;
use crate::control::Action;
use crossterm::event::KeyCode;

pub(super) fn key(state: &mut State, key: Key) -> Vec<Effect> {
    match state.overlay.take() {
        Some(Overlay::Help(open)) => {
            state.overlay = in_help(state, open, key).map(Overlay::Help);
            Vec::new()
        }
        Some(Overlay::Ask(question)) => answer(state, question, key),
        Some(Overlay::Form(form)) => edit(state, form, key),
        None => Vec::new(),
    }
}

fn in_help(state: &State, mut open: Box<Help>, key: Key) -> Option<Box<Help>> {
    if open.typing
        && let Some(edit) = &mut open.find
    {
        match key.code {
            KeyCode::Esc => (open.find, open.typing, open.at) = (None, false, 0),
            KeyCode::Enter | KeyCode::Down | KeyCode::Up => open.typing = false,
            _ if edit.key(key) => open.at = 0,
            _ => {}
        }
        return Some(open);
    }
    let rows = help::rows(state, &open);
    let page = help::height(state).saturating_sub(1).max(1);
    let most = rows.len().saturating_sub(1);
    let part = rows.get(open.at.min(most)).and_then(|row| row.part);
    let to = match (key.code, part) {
        (KeyCode::Esc, _) if open.find.is_some() => {
            (open.find, open.at) = (None, 0);
            return Some(open);
        }
        (KeyCode::Esc | KeyCode::Char('q'), _) => return None,
        // The key that opened it closes it.
        _ if state
            .keymap
            .get(None, key)
            .is_some_and(|b| b.line == "help") =>
        {
            return None;
        }
        (KeyCode::Char('/'), _) => {
            (open.find, open.typing, open.at) = (Some(LineEdit::default()), true, 0);
            return Some(open);
        }
        (KeyCode::Enter | KeyCode::Char(' '), Some(part)) if open.find.is_none() => {
            if !open.toggled.remove(part) {
                open.toggled.insert(part);
            }
            return Some(open);
        }
        (KeyCode::Up | KeyCode::Char('k'), _) => open.at.min(most).saturating_sub(1),
        (KeyCode::Down | KeyCode::Char('j'), _) => open.at + 1,
        (KeyCode::PageUp, _) => open.at.min(most).saturating_sub(page),
        (KeyCode::PageDown | KeyCode::Char(' '), _) => open.at + page,
        (KeyCode::Home | KeyCode::Char('g'), _) => 0,
        (KeyCode::End | KeyCode::Char('G'), _) => most,
        _ => open.at,
    };
    open.at = to.min(most);
    Some(open)
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
        if let Question::Drop(form) = question {
            state.overlay = Some(Overlay::Form(form));
        }
        return Vec::new();
    }
    match question {
        Question::Drop(_) => Vec::new(),
        Question::Run(line) => enter::run(state, &line),
        Question::Quit => act::leave(state),
        Question::Suspend => vec![Effect::Suspend],
        Question::Over(effect) => vec![Effect::Over(effect)],
    }
}

fn edit(state: &mut State, mut form: Box<Form>, key: Key) -> Vec<Effect> {
    let count = form.fields.len();
    match key.code {
        KeyCode::Esc => {
            act::close_form(state, form);
            return Vec::new();
        }
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
