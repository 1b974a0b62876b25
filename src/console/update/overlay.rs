//! Keys while something lies over the panes: help, a question, the form of a contact.

use super::{act, enter};
use crate::console::keymap::{Context, Key};
use crate::console::state::{Effect, Overlay, Question, State};
use crate::control::Action;
use crossterm::event::KeyCode;

pub(super) fn key(state: &mut State, key: Key) -> Vec<Effect> {
    match state.overlay.take() {
        Some(Overlay::Help(scroll)) => {
            state.overlay = help(state, scroll, key).map(Overlay::Help);
            Vec::new()
        }
        Some(Overlay::Ask(question)) => answer(state, question, key),
        Some(Overlay::Form(form)) => edit(state, form, key),
        None => Vec::new(),
    }
}

fn help(state: &State, scroll: usize, key: Key) -> Option<usize> {
    let page = usize::from(state.size.1).saturating_sub(6).max(1);
    let most = crate::console::view::help::height(state).saturating_sub(page);
    let to = match key.code {
        KeyCode::Esc | KeyCode::Char('q') | KeyCode::Enter => return None,
        // The key that opened it closes it.
        _ if state
            .keymap
            .get(Context::Everywhere, key)
            .is_some_and(|b| b.line == "help") =>
        {
            return None;
        }
        KeyCode::Up | KeyCode::Char('k') => scroll.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => scroll + 1,
        KeyCode::PageUp => scroll.saturating_sub(page),
        KeyCode::PageDown | KeyCode::Char(' ') => scroll + page,
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => most,
        _ => scroll,
    };
    Some(to.min(most))
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
