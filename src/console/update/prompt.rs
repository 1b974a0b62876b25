//! The last line: commands, filters, searches; completed and judged as they are typed.

use crate::command::CompletionContext;
use crate::console::keymap::{self, Act, REGISTRY};
use crate::console::panes::transcript::update as filter;
use crate::console::state::prompt::{Completions, For};
use crate::console::state::{Prompt, State};
use crate::filter::{Filter, Subject as _};
use crate::filter::{Known, complete};
use crate::journal::Matched;
use crate::msnp::dictionary;

pub(super) fn open_command(state: &mut State, text: &str) {
    state.prompt = Some(Prompt::new(For::Command, text));
    typed(state);
}

/// A line that was refused is there again, to be mended.
pub(super) fn refused(state: &mut State, line: String, reason: String) {
    open_command(state, &line);
    if let Some(prompt) = &mut state.prompt {
        prompt.verdict = Some(Err(reason));
    }
}

pub(super) fn open_filter(state: &mut State) {
    let text = state.transcript.filter.clone();
    let text = if text.is_empty() { text } else { text + " " };
    state.prompt = Some(Prompt::new(For::Filter, text));
    typed(state);
}

pub(super) fn open_search(state: &mut State, back: bool) {
    let from = state.transcript.cursor;
    state.prompt = Some(Prompt::new(For::Search { back, from }, ""));
}

pub(super) fn cancel(state: &mut State) {
    let Some(prompt) = state.prompt.take() else {
        return;
    };
    if let For::Find { pane, from } = prompt.purpose {
        return crate::console::panes::of(pane).go(state, from);
    }
    if let For::Search { from, .. } = prompt.purpose {
        filter::end_search(state);
        if let Some(from) = from.filter(|from| state.journal.get(*from).is_some()) {
            let height = usize::from(state.areas().inner(crate::command::Pane::Transcript).height);
            state.transcript.jump(&state.journal, from, height.max(1));
        }
    }
}

pub(super) fn recall(state: &mut State, older: bool) {
    let history = match state.prompt.as_ref().map(|p| &p.purpose) {
        Some(For::Command) => &state.commands_typed,
        _ => &state.looked_for,
    };
    if let Some(prompt) = &mut state.prompt {
        prompt.recall(history, older);
    }
    typed(state);
}

pub(super) fn complete_next(state: &mut State, back: bool) {
    let Some(prompt) = &mut state.prompt else {
        return;
    };
    if let For::Find { .. } = prompt.purpose {
        return super::find::next(state, back);
    }
    let count = prompt.completions.words.len();
    if count == 0 {
        return;
    }
    let at = match (prompt.completions.at, back) {
        (None, false) => 0,
        (None, true) => count - 1,
        (Some(at), false) => (at + 1) % count,
        (Some(at), true) => (at + count - 1) % count,
    };
    let (range, word, _) = prompt.completions.words[at].clone();
    let from = range.start.min(prompt.edit.at());
    prompt.edit.replace_from(from, &word);
    if count == 1 {
        if prompt.purpose == For::Command {
            prompt.edit.insert(" ");
        }
        typed(state);
        return;
    }
    // The words stay as they are, so that Tab goes on through them; what is judged is what stands there.
    prompt.completions.at = Some(at);
    judge(state);
}

/// What is typed has changed: what could follow, and what is wrong with it.
pub(super) fn typed(state: &mut State) {
    let Some(prompt) = &state.prompt else { return };
    let (text, at) = (prompt.edit.text().to_owned(), prompt.edit.at());
    let words = match prompt.purpose {
        For::Command if argument(&text, Act::Filter).is_some_and(|start| start <= at) => {
            let start = argument(&text, Act::Filter).unwrap_or_default();
            complete(&text[start..], at - start, &known(state))
                .into_iter()
                .map(|c| (c.at.start + start..c.at.end + start, c.text, c.help))
                .collect()
        }
        For::Command if argument(&text, Act::Theme).is_some_and(|start| start <= at) => {
            let start = argument(&text, Act::Theme).unwrap_or_default();
            let names = state.themes.iter().map(|theme| theme.name.clone());
            names
                .filter(|name| name.starts_with(&text[start..at]))
                .map(|name| (start..at, name, String::new()))
                .collect()
        }
        For::Command => {
            let contacts: Vec<_> = state
                .contacts
                .iter()
                .map(|c| (c.account.clone(), c.name.clone()))
                .collect();
            let clients: Vec<_> = state
                .clients
                .connected()
                .map(|(id, c)| (id, c.name()))
                .collect();
            let verbs: Vec<_> = crate::msnp::inject::complete("", state.injected_shape())
                .into_iter()
                .map(|c| (c.text, c.hint))
                .collect();
            let context = CompletionContext {
                contacts: &contacts,
                clients: &clients,
                verbs: &verbs,
            };
            REGISTRY
                .complete(&text, at, &context)
                .into_iter()
                .map(|c| (c.range, c.text, c.help))
                .collect()
        }
        For::Filter => complete(&text, at, &known(state))
            .into_iter()
            .map(|c| (c.at, c.text, c.help))
            .collect(),
        For::Search { .. } | For::Find { .. } => Vec::new(),
    };
    if let Some(prompt) = &mut state.prompt {
        prompt.completions = Completions { words, at: None };
    }
    judge(state);
}

/// Where the argument of this command begins, where the line is that command and has got so far.
fn argument(line: &str, of: Act) -> Option<usize> {
    let start = line.len() - line.trim_start().len();
    let end = start + line[start..].find(' ')?;
    let is_it = REGISTRY
        .find(&line[start..end])
        .is_some_and(|spec| keymap::act(spec.name) == Some(of));
    is_it.then_some(end + 1)
}

fn known(state: &State) -> Known {
    Known {
        verbs: dictionary::verbs().map(|v| v.name.to_owned()).collect(),
        clients: state.clients.connected().map(|(id, _)| id.0).collect(),
        connections: Vec::new(),
        contacts: state.contacts.iter().map(|c| c.account.clone()).collect(),
        findings: state
            .findings
            .rules
            .counts()
            .map(|(id, _)| id.to_string())
            .collect(),
    }
}

fn judge(state: &mut State) {
    let Some(prompt) = &state.prompt else { return };
    let text = prompt.edit.text().to_owned();
    let verdict = match prompt.purpose.clone() {
        _ if text.trim().is_empty() => None,
        For::Command => match argument(&text, Act::Filter).map(|at| text[at..].to_owned()) {
            Some(filter) if !filter.trim().is_empty() => Some(judge_filter(state, &filter)),
            _ => match REGISTRY.parse(&text) {
                Ok(_) => Some(Ok(String::new())),
                Err(error) => Some(Err(error.to_string())),
            },
        },
        For::Filter => Some(judge_filter(state, &text)),
        For::Find { pane, from } => Some(super::find::judge(state, pane, from, &text)),
        For::Search { back, from } => {
            if from.is_some() {
                state.transcript.cursor = from;
            }
            match filter::search(state, &text, back, true) {
                Ok(()) => match &state.prompt {
                    Some(prompt)
                        if matches!(prompt.verdict, Some(Err(_))) && !is_running(state) =>
                    {
                        let found = state.transcript.cursor.and_then(|id| state.journal.get(id));
                        let is_here = found.zip(state.transcript.find.as_ref());
                        match is_here {
                            Some((line, find)) if line.has(&find.text) => None,
                            _ => Some(Err(filter::not_found(state).into())),
                        }
                    }
                    _ => state.prompt.as_ref().and_then(|p| p.verdict.clone()),
                },
                Err(error) => Some(Err(error.to_string())),
            }
        }
    };
    if let Some(prompt) = &mut state.prompt {
        prompt.verdict = verdict;
    }
}

fn judge_filter(state: &State, text: &str) -> Result<String, String> {
    let filter = Filter::parse_at(text, state.utc_offset).map_err(|error| error.to_string())?;
    // Counted as far as a moment allows; a `+` says that there may be more.
    let mut matched = Matched::new(filter, &state.journal);
    let done = matched.advance_for(&state.journal, std::time::Duration::from_millis(4));
    let more = if done { "" } else { "+" };
    Ok(format!("{}{more} lines", matched.count()))
}

fn is_running(state: &State) -> bool {
    state
        .transcript
        .find
        .as_ref()
        .is_some_and(|f| f.running.is_some())
}
