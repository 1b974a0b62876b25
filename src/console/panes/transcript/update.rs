//! The filter of the transcript, its search, and its jumps.

use crate::command::{Pane, nearest};
use crate::console::keymap::Act;
use crate::console::panes::clients::state::Who;
use crate::console::panes::transcript::state::Find;
use crate::console::state::State;
use crate::event::{ClientId, Severity};
use crate::filter::{Filter, Look, Text, TextError};
use crate::filter::{exclude, include, values_of, with_text};
use crate::findings::catalogue;
use crate::journal::{Jump, Line, Matched, Search, Step, Way, jump as jump_to, outermost};
use std::ops::Range;
use std::time::Duration;

/// How many lines a search looks at between two looks at the keys.
const SLICE: usize = 50_000;
/// How long the filter may work between two looks at the keys.
const PATIENCE: Duration = Duration::from_millis(4);

/// Puts a filter on. What is wrong with it is said, and the last good one stays.
pub fn set(state: &mut State, text: &str) -> bool {
    match Filter::parse_at(text, state.utc_offset) {
        Ok(filter) => {
            if let Some(text) = unknown_contact(state, text) {
                state.say(Severity::Warning, format!("filter: {text}"));
            }
            if let Err(unknown) = catalogue::known(&filter) {
                // It is on all the same: a recording may be of a nudge that had it.
                state.say(Severity::Warning, format!("filter: {unknown}"));
            }
            // With few lines left the cursor may have to go up; with more again it goes back to its row.
            let at = (state.transcript.cursor, state.transcript.row);
            match state.transcript.kept {
                Some((cursor, row)) if Some(cursor) == at.0 => state.transcript.row = row,
                _ => state.transcript.kept = at.0.map(|cursor| (cursor, at.1)),
            }
            state.transcript.filter = text.trim().to_owned();
            state.transcript.matched = Matched::new(filter, &state.journal);
            // What is on the screen is matched at once.
            state
                .transcript
                .matched
                .advance_for(&state.journal, PATIENCE);
            if let Some(find) = &mut state.transcript.find {
                let all = state.transcript.matched.filter();
                let all = all.and(&Filter::of_text(find.text.clone()));
                find.all = Matched::new(all, &state.journal);
            }
            true
        }
        Err(error) => {
            state.say(Severity::Error, format!("filter: {error}"));
            false
        }
    }
}

/// What to say of the first contact that a filter names and of which no account has a part.
fn unknown_contact(state: &State, text: &str) -> Option<String> {
    let words = text.split([' ', '(', ')']);
    let named =
        words.filter_map(|word| word.trim_start_matches(['!', '-']).strip_prefix("contact:"));
    let is_plain = |name: &&str| {
        let mut letters = name.chars();
        !name.is_empty() && letters.all(|c| c.is_alphanumeric() || "@._-".contains(c))
    };
    let accounts = || {
        state
            .contacts
            .iter()
            .map(|contact| contact.account.as_str())
    };
    let is_known = |name: &str| {
        let name = name.to_lowercase();
        accounts().any(|account| account.to_lowercase().contains(&name))
    };
    let mut names = named.flat_map(|names| names.split(',')).filter(is_plain);
    let name = names.find(|name| !is_known(name))?;
    let short = accounts().filter_map(|account| account.split('@').next());
    Some(match nearest(name, short.chain(accounts())) {
        Some(meant) => format!("there is no contact {name:?}: did you mean {meant}?"),
        None => format!("there is no contact {name:?} now"),
    })
}

/// Gets on with what takes longer than a frame. Says whether there is more to do.
pub fn work(state: &mut State) -> bool {
    let mut more = !state
        .transcript
        .matched
        .advance_for(&state.journal, PATIENCE);
    let Some(find) = &mut state.transcript.find else {
        return more;
    };
    if !find.all.is_done() {
        more |= !find.all.advance_for(&state.journal, PATIENCE);
        if find.all.is_done() {
            state.dirty = state.dirty.max(crate::console::state::Dirty::Data);
        }
    }
    if let Some(search) = &mut find.running {
        let step = search.step(&state.journal, SLICE);
        let typed = find.typed.clone();
        match step {
            Step::More => more = true,
            Step::Found { id, wrapped } => {
                find.running = None;
                let height = height(state);
                state.transcript.jump(&state.journal, id, height);
                state.detail.seek = Some(id);
                if wrapped && state.prompt.is_none() {
                    state.say(Severity::Info, format!("{typed}: went round the end"));
                }
                state.touch(crate::console::state::Dirty::Key);
            }
            Step::Nothing => {
                find.running = None;
                let verdict = not_found(state);
                if let Some(prompt) = &mut state.prompt {
                    prompt.verdict = Some(Err(verdict.into()));
                } else {
                    state.say(Severity::Warning, format!("{typed}: {verdict}"));
                }
                state.touch(crate::console::state::Dirty::Key);
            }
        }
    }
    more
}

fn height(state: &State) -> usize {
    usize::from(state.areas().inner(Pane::Transcript).height).max(1)
}

/// Begins to search. `inclusive` while it is being typed.
///
/// # Errors
/// [`TextError`] with what is wrong in an expression.
pub fn search(
    state: &mut State,
    typed: &str,
    back: bool,
    inclusive: bool,
) -> Result<(), TextError> {
    // Without a capital letter case does not matter; `/…/` has a flag of its own.
    let caseless = !typed.starts_with('/') && !typed.chars().any(char::is_uppercase);
    let look = Look {
        caseless,
        ..Look::default()
    };
    let text = Text::typed(typed, look)?;
    let from = state.transcript.cursor.unwrap_or(state.journal.first());
    let way = if back { Way::Back } else { Way::Forward };
    let view = state.transcript.matched.filter();
    let running = Search::new(&text, view, &state.journal, from, way, inclusive);
    let all = view.and(&Filter::of_text(text.clone()));
    state.transcript.find = Some(Find {
        all: Matched::new(all, &state.journal),
        typed: typed.to_owned(),
        text,
        back,
        running: Some(running),
    });
    work(state);
    Ok(())
}

/// To the next line that has what was searched for last, or the other way.
pub fn search_again(state: &mut State, opposite: bool) {
    let Some(find) = &state.transcript.find else {
        let key = state.key_name("search");
        state.say(
            Severity::Warning,
            format!("nothing was searched for yet: {key} searches"),
        );
        return;
    };
    let (typed, back) = (find.typed.clone(), find.back);
    // It was read before, so it can be read again.
    let _ = search(state, &typed, back != opposite, false);
    if let Some(find) = &mut state.transcript.find {
        find.back = back;
    }
}

/// Nothing is searched for any longer.
pub fn end_search(state: &mut State) {
    state.transcript.find = None;
}

/// The client of the line, or under the cursor, alone; or all again.
pub fn client(state: &mut State) {
    let value = match state.focus {
        Pane::Clients => match state.clients.selected() {
            Some((Who::Client(id), _)) => Some(("client", id.to_string())),
            Some((Who::Connection(id), _)) => Some(("conn", id.to_string())),
            None => None,
        },
        _ => state
            .transcript
            .cursor
            .and_then(|id| state.journal.get(id))
            .and_then(|line| line.client())
            .map(|id| ("client", id.to_string())),
    };
    let Some((name, value)) = value else {
        state.say(Severity::Warning, "no client here");
        return;
    };
    // The other panes are about it, too.
    if let ("client", Ok(id)) = (name, value.parse()) {
        state.clients.select(Who::Client(ClientId(id)));
    }
    let term = format!("{name}:{value}");
    let filter = &state.transcript.filter;
    let text = if filter.split(' ').any(|word| word == term) {
        filter
            .split(' ')
            .filter(|word| *word != term)
            .collect::<Vec<_>>()
            .join(" ")
    } else if filter.is_empty() {
        term
    } else {
        include(filter, name, &value)
    };
    set(state, &text);
}

/// The places of a line that the cursor can point at, in bytes of [`Line::line`]; the words of a frame.
pub fn tokens(line: &Line<'_>) -> Vec<Range<usize>> {
    if !line.is_frame() {
        return Vec::new();
    }
    let bytes = line.line();
    let mut found = Vec::new();
    let mut at = 0;
    for word in bytes.split(|b| *b == b' ') {
        if !word.is_empty() {
            found.push(at..at + word.len());
        }
        at += word.len() + 1;
        if found.len() >= 64 {
            break;
        }
    }
    found
}

/// To the next value of the line.
pub fn token_right(state: &mut State) {
    let Some(line) = state.transcript.cursor.and_then(|id| state.journal.get(id)) else {
        return;
    };
    let most = tokens(&line).len().saturating_sub(1);
    state.transcript.token = (state.transcript.token + 1).min(most);
}

/// The value under the cursor is let in alone, or kept out.
pub fn value(state: &mut State, let_in: bool) {
    let Some(line) = state.transcript.cursor.and_then(|id| state.journal.get(id)) else {
        return;
    };
    let filter = state.transcript.filter.clone();
    let values = values_of(&line);
    let at = state.transcript.token;
    let token = tokens(&line)
        .get(at)
        .cloned()
        .map(|range| line.shown(range, false).into_owned());
    let text = match token {
        // A secret is put into no filter, which would be shown.
        Some(word) if at > 0 && !word.windows(3).any(|w| w == crate::event::MASK) => {
            let word = String::from_utf8_lossy(&word).into_owned();
            let account = word
                .split_once(':')
                .map_or(word.as_str(), |(_, after)| after);
            let of = |name: &str| values.iter().find(|(n, v)| *n == name && *v == word);
            if at == 1 && of("trid").is_some() {
                change(&filter, "trid", &word, let_in)
            } else if state.contacts.get(account).is_some() {
                change(&filter, "contact", account, let_in)
            } else {
                with_text(&filter, &word, let_in)
            }
        }
        _ => match values.first() {
            Some((name, value)) => change(&filter, name, value, let_in),
            None => return,
        },
    };
    if set(state, &text) {
        let shown = if text.is_empty() { "none".into() } else { text };
        state.say(Severity::Info, format!("filter: {shown}"));
    }
}

fn change(filter: &str, name: &str, value: &str, let_in: bool) -> String {
    if let_in {
        include(filter, name, value)
    } else {
        exclude(filter, name, value)
    }
}

/// To the next marked line, round and round.
pub fn next_mark(state: &mut State) {
    let Some(cursor) = state.transcript.cursor else {
        return;
    };
    // A recording that went back has marks on lines that are still to come.
    let marks = state.transcript.marks.iter().copied();
    let mut there = marks.take_while(|id| *id < state.journal.next());
    let first = there.next();
    let next = first.into_iter().chain(there).find(|id| *id > cursor);
    let next = next.or(first);
    match next {
        Some(id) => go(state, id),
        None => state.say(Severity::Warning, "no line is marked"),
    }
}

/// Moves the cursor to a line.
pub fn go(state: &mut State, id: crate::event::EventId) {
    let height = height(state);
    state.detail.scroll = 0;
    state.transcript.jump(&state.journal, id, height);
}

/// To the line that the step under the cursor of the ladder, or the finding under that of the transcript, came from.
pub fn origin(state: &mut State) {
    let from = if state.focus == Pane::Login {
        state.login_event()
    } else {
        let line = state.transcript.cursor.and_then(|id| state.journal.get(id));
        line.and_then(|line| line.evidence())
    };
    let Some(id) = from else {
        let text = match state.focus {
            Pane::Login => "nothing has come of this step",
            _ => "this line is no finding that came from another",
        };
        return state.say(Severity::Info, text);
    };
    let Some(line) = state.journal.get(id) else {
        return state.say(Severity::Warning, "that line is no longer in the journal");
    };
    if !state.transcript.matched.filter().matches(&line) {
        let key = state.key_name("no-filter");
        let text = format!("the filter hides that line: {key} shows every line");
        return state.say(Severity::Warning, text);
    }
    if state.diagram.take().is_some() {
        state.zoom = false;
    }
    state.focus_on(Pane::Transcript);
    go(state, id);
}

/// To the next line that has to do with the one under the cursor, in the way of this command.
pub fn jump(state: &mut State, act: Act) {
    let (to, way, what) = match act {
        Act::NextSameTransaction => (Jump::Transaction, Way::Forward, "line of this transaction"),
        Act::PreviousSameTransaction => (Jump::Transaction, Way::Back, "line of this transaction"),
        Act::NextSameClient => (Jump::Client, Way::Forward, "line of this client"),
        Act::PreviousSameClient => (Jump::Client, Way::Back, "line of this client"),
        Act::NextError => (Jump::Problem, Way::Forward, "warning or error"),
        _ => (Jump::Problem, Way::Back, "warning or error"),
    };
    let Some(from) = state.transcript.cursor else {
        return;
    };
    let view = state.transcript.matched.filter();
    match jump_to(&state.journal, view, from, to, way) {
        Some(id) => go(state, id),
        None if to == Jump::Problem => {
            // What follows the end is always at the last line: the problems are all on the other side of it.
            let round = outermost(&state.journal, view, way).filter(|id| *id != from);
            let Some(id) = round else {
                return state.say(Severity::Info, format!("no other {what}"));
            };
            go(state, id);
            let (end, first) = match way {
                Way::Forward => ("end", "first"),
                Way::Back => ("beginning", "last"),
            };
            let back = state.key_name(match way {
                Way::Forward => "previous-error",
                Way::Back => "next-error",
            });
            let text = format!("round the {end}: the {first} {what}; {back} goes the other way");
            state.say(Severity::Info, text);
        }
        None => {
            let side = if way == Way::Forward {
                "below"
            } else {
                "above"
            };
            state.say(Severity::Info, format!("no other {what} {side}"));
        }
    }
}

/// What is said where a search finds nothing. A recording that is held may have it further on.
pub fn not_found(state: &State) -> &'static str {
    match &state.opened {
        Some(opened) if !opened.is_over() => "not found in what has been played so far",
        _ => "not found",
    }
}
