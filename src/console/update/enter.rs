//! The last line is entered: what its text does, whether typed, or the line of a key.

use super::{act, files, playback, prompt};
use crate::command::Parsed;
use crate::console::keymap::{self, Act, Key, REGISTRY};
use crate::console::panes::conversation::update as conversation;
use crate::console::panes::transcript::update as filter;
use crate::console::state::prompt::For;
use crate::console::state::{Effect, History, Overlay, Prompt, Question, State};
use crate::control::{Action, EVERY_CONTACT};
use crate::event::Severity;
use crossterm::event::{KeyCode, KeyModifiers};

/// The most entries of a history.
const HISTORY: usize = 500;

pub(super) fn key(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(open) = &mut state.prompt else {
        return Vec::new();
    };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if std::mem::take(&mut open.marked) && key.is_text() {
        open.edit.cut_from(open.given);
    }
    match key.code {
        KeyCode::Esc => prompt::cancel(state),
        KeyCode::Backspace if open.edit.text().is_empty() => prompt::cancel(state),
        KeyCode::Enter => return enter(state),
        KeyCode::Tab => prompt::complete_next(state, false),
        KeyCode::BackTab => prompt::complete_next(state, true),
        KeyCode::Up => prompt::recall(state, true),
        KeyCode::Down => prompt::recall(state, false),
        KeyCode::Char('p') if control => prompt::recall(state, true),
        KeyCode::Char('n') if control => prompt::recall(state, false),
        KeyCode::Char('u')
            if control && open.given > 0 && (open.edit.cut_from(open.given) || !open.cleared) =>
        {
            open.cleared = true;
            prompt::typed(state);
        }
        _ => {
            if open.edit.key(key) {
                prompt::typed(state);
            }
        }
    }
    Vec::new()
}

fn enter(state: &mut State) -> Vec<Effect> {
    let Some(open) = state.prompt.take() else {
        return Vec::new();
    };
    let text = open.edit.text().to_owned();
    match open.purpose {
        For::Command => {
            if text.trim().is_empty() {
                return Vec::new();
            }
            remember(&mut state.commands_typed, &text);
            // What was loaded with a password or ticket in it is written to no file.
            let mut effects = Vec::new();
            if !state.injector.has_secret(&text) {
                effects.push(Effect::Remember(History::Commands, text.clone()));
            }
            if takes_all(&text) {
                state.overlay = Some(Overlay::Ask(Question::Run(text)));
            } else {
                effects.extend(run(state, &text));
                let said = state.messages.last().filter(|_| state.loud);
                let refusal = said.filter(|said| said.severity == Severity::Error);
                if let Some(Effect::Command(command)) = effects.last() {
                    state.typed = Some((command.id, text));
                } else if let Some(reason) = refusal.map(|said| said.text.clone()) {
                    prompt::refused(state, text, reason);
                }
            }
            return effects;
        }
        For::Filter => {
            if !filter::set(state, &text) {
                // What was typed is not lost.
                state.prompt = Some(Prompt::new(For::Filter, text));
                prompt::typed(state);
                return Vec::new();
            }
            remember(&mut state.looked_for, text.trim());
        }
        For::Search { .. } => {
            if let Some(Err(reason)) = open.verdict {
                state.say(Severity::Warning, format!("{text}: {reason}"));
            }
            remember(&mut state.looked_for, &text);
        }
        For::Find { pane, .. } => match open.verdict {
            Some(Err(reason)) => state.say(Severity::Warning, format!("{text}: {reason}")),
            _ => state.found = (!text.is_empty()).then_some((pane, text)),
        },
    }
    Vec::new()
}

fn remember(history: &mut Vec<String>, text: &str) {
    if text.is_empty() {
        return;
    }
    history.retain(|held| held != text);
    history.push(text.to_owned());
    if history.len() > HISTORY {
        history.remove(0);
    }
}

/// Whether this is asked before it is done: it takes everything away.
fn takes_all(line: &str) -> bool {
    match REGISTRY.parse(line) {
        Ok(Parsed::Action(Action::Remove { contacts })) => contacts == [EVERY_CONTACT],
        Ok(Parsed::Console { name, .. }) => keymap::act(name) == Some(Act::ClearTranscript),
        _ => false,
    }
}

/// Runs a line of the command language.
pub(super) fn run(state: &mut State, line: &str) -> Vec<Effect> {
    match REGISTRY.parse(line) {
        Ok(Parsed::Action(Action::Quit)) => act::quit(state),
        Ok(Parsed::Action(Action::Save { .. })) if state.demo => {
            state.say(
                Severity::Warning,
                "the demonstration saves no roster: record and export do write here",
            );
            Vec::new()
        }
        Ok(Parsed::Action(action)) => {
            // What is listed is read in the log.
            if let Action::Clients | Action::Contacts | Action::Conversations = action {
                state.messages.back = 0;
                state.focus_on(crate::command::Pane::Log);
            }
            vec![state.command(action)]
        }
        Ok(Parsed::Help(None)) => {
            state.overlay = Some(Overlay::Help(Box::default()));
            Vec::new()
        }
        Ok(Parsed::Help(Some(topic))) => {
            for line in REGISTRY.help_lines(Some(&topic)).into_iter().rev() {
                state.say(Severity::Info, line);
            }
            state.focus_on(crate::command::Pane::Log);
            Vec::new()
        }
        Ok(Parsed::Patience(factor)) => {
            if let Some(factor) = factor {
                state.findings.ladders.set_patience(factor);
            }
            let stays = factor.map_or("", |_| "; what was told before stays told");
            let text = format!("{}{stays}", state.findings.ladders.patience());
            state.say(Severity::Info, text);
            Vec::new()
        }
        Ok(Parsed::Console { name, mut args }) => match keymap::act(name) {
            None => conversation::run(state, name, &mut args)
                .or_else(|| playback::run(state, name, &mut args))
                .unwrap_or_else(|| files::run(state, name, args)),
            Some(what) => match (what, args.text()) {
                (Act::Filter, Some(text)) => {
                    filter::set(state, &text);
                    Vec::new()
                }
                (Act::Theme, Some(name)) => {
                    act::theme(state, &name);
                    Vec::new()
                }
                (what, _) => act::act(state, what),
            },
        },
        Err(error) => {
            state.say(Severity::Error, error.to_string());
            Vec::new()
        }
    }
}
