//! What the keys of the conversation change: it is opened, typed into, left for its frames.

use super::super::{Typed, is_command};
use super::line::{Call, Line};
use super::state::Conversation;
use super::which::Which;
use crate::command::{Pane, Values};
use crate::console::keymap::Key;
use crate::console::panes::transcript::update as transcript;
use crate::console::state::{Effect, Pending, State};
use crate::control::{Action, Talk, Target};
use crate::event::{ClientId, Severity};
use std::fmt::Write as _;

/// Types, unless the key has a command. While a text is being typed its contact is shown to be typing.
pub(super) fn key(state: &mut State, key: Key) -> Typed {
    if is_command(state, Pane::Conversation, key) {
        return Typed::Command;
    }
    if state.conversations.line().is_none() && key.is_text() {
        let back = state.key_name("return");
        let text = format!("it is only read: nobody is there who could say it; {back} leaves");
        state.say(Severity::Info, text);
        return Typed::Done(Vec::new());
    }
    state.conversations.draft_mut().key(key);
    let typing = state.conversations.types(state.now);
    let effect = typing.map(|line| talk(state, line, Talk::Typing));
    Typed::Done(effect.into_iter().collect())
}

fn talk(state: &mut State, line: Line, what: Talk) -> Effect {
    let action = Action::Talk {
        contact: line.contact,
        to: Target::Clients(vec![line.client]),
        what,
    };
    // What it does is seen in the pane.
    state.command_for(action, Pending::Seen)
}

/// Does what the command of that name says, if it is one of these.
pub fn run(state: &mut State, name: &str, args: &mut Values) -> Option<Vec<Effect>> {
    match name {
        "converse" => return Some(converse(state, args.text())),
        "say-it" => return Some(say(state)),
        "fetch-shown" => return Some(fetch(state)),
        "as-whom" => as_whom(state),
        "next-conversation" => state.conversations.turn(false),
        "previous-conversation" => state.conversations.turn(true),
        "frames" => frames(state),
        _ => return None,
    }
    Some(Vec::new())
}

/// Opens the conversation of a contact with the client at hand, or has the contact ring that client.
fn converse(state: &mut State, named: Option<String>) -> Vec<Effect> {
    let Some(named) = named else {
        state.focus_on(Pane::Conversation);
        return Vec::new();
    };
    let is_named = |account: &str| {
        let before = account.split('@').next().unwrap_or_default();
        account.eq_ignore_ascii_case(&named) || before.eq_ignore_ascii_case(&named)
    };
    let mut accounts = state.contacts.iter().map(|contact| &contact.account);
    let contact = accounts.find(|account| is_named(account)).cloned();
    drop(accounts);
    let Some(contact) = contact else {
        state.say(Severity::Error, format!("there is no contact {named}"));
        return Vec::new();
    };
    let at_hand = state.clients.selected_id();
    let client = at_hand.or_else(|| state.clients.connected().next().map(|(id, _)| id));
    let held = client.and_then(|id| state.clients.get(id));
    let account = held.and_then(|held| held.info.as_ref()?.account.clone());
    let found = state.conversations.of_contact(&contact, account.as_deref());
    let past = || state.conversations.past_of(&contact);
    let found = match &state.opened {
        Some(_) => found.or_else(past),
        None => found,
    };
    if let Some(id) = found.map(|held| held.id.clone()) {
        state.conversations.call = None;
        // The pane opens on another one where that has something new; this one was asked for.
        state.focus_on(Pane::Conversation);
        state.conversations.show(id);
        return Vec::new();
    }
    if state.opened.is_some() {
        let text = format!("{contact} is in no conversation of this recording");
        state.say(Severity::Info, text);
        return Vec::new();
    }
    let Some((client, account)) = client.zip(account) else {
        let text = format!("no client is signed in that {contact} could ring");
        state.say(Severity::Warning, text);
        return Vec::new();
    };
    state.conversations.call = Some(Call {
        contact: contact.clone(),
        account,
        client,
        is_refused: false,
    });
    state.focus_on(Pane::Conversation);
    let action = Action::Talk {
        contact,
        to: Target::Clients(vec![client]),
        what: Talk::Ring,
    };
    vec![state.command_for(action, Pending::Call)]
}

fn say(state: &mut State) -> Vec<Effect> {
    if state.conversations.draft().text().trim().is_empty() {
        return Vec::new();
    }
    let Some(line) = state.conversations.line() else {
        let text = "not said: no contact of yours is in a conversation here";
        state.say(Severity::Warning, text);
        return Vec::new();
    };
    let text = state.conversations.take();
    vec![talk(state, line, Talk::Say(text.trim().to_owned()))]
}

/// Asks the client for what it has shown: what is under the cursor, else what came last.
fn fetch(state: &mut State) -> Vec<Effect> {
    let cursor = state.conversations.cursor();
    let shown = state.conversations.shown();
    let Some((client, names)) = shown.and_then(|held| latest(held, cursor)) else {
        let text = "no client has shown an emoticon or a wink here that could be fetched";
        state.say(Severity::Info, text);
        return Vec::new();
    };
    let actions = names.into_iter().map(|name| Action::Fetch {
        client: Target::Clients(vec![client]),
        name,
        file: None,
    });
    actions.map(|action| state.command(action)).collect()
}

/// What the entry under the cursor shows; where it shows nothing, the latest that does. With its client.
fn latest(held: &Conversation, cursor: Option<usize>) -> Option<(ClientId, Vec<String>)> {
    let under = cursor.and_then(|at| held.entries.get(at));
    let latest = held.entries.iter().rev();
    under.into_iter().chain(latest).find_map(|entry| {
        let names = entry.shows();
        let mut members = held.members.iter();
        let member = members.find(|member| member.account.eq_ignore_ascii_case(&entry.account));
        let client = member?.client.filter(|_| !names.is_empty())?;
        Some((client, names))
    })
}

fn as_whom(state: &mut State) {
    let text = match state.conversations.next_speaker() {
        Some(contact) => format!("you speak as {contact}"),
        None => "no contact of yours is in it".to_owned(),
    };
    state.say(Severity::Info, text);
}

/// The same conversation in the transcript: its frames alone, the cursor on what had it here.
fn frames(state: &mut State) {
    let Some(held) = state.conversations.shown() else {
        return state.say(Severity::Info, "there is no conversation here");
    };
    let line = state.conversations.selected().map(|entry| entry.line);
    let mut filter = String::new();
    let connections: Vec<_> = held.connections.iter().map(u64::to_string).collect();
    if !connections.is_empty() {
        let _ = write!(filter, "conn:{} ", connections.join(","));
        filter.push_str(if held.id.is_apart() {
            "verb:UUM,UBM,SDG or "
        } else {
            "or "
        });
    }
    let what = match &held.id {
        Which::Numbered(id) => {
            let _ = write!(filter, "\"conversation {id}:\"");
            format!("conversation {id}")
        }
        Which::Apart(one, other) => {
            let _ = write!(filter, "\"in no conversation:\"");
            format!("what {one} and {other} write to each other")
        }
    };
    let before = state.transcript.filter.clone();
    transcript::set(state, &filter);
    // Of one after the other the filter before the first comes back.
    let before = match state.transcript.aside.take() {
        Some((was, shown)) if shown == before => was,
        _ => before,
    };
    state.transcript.aside = Some((before, state.transcript.filter.clone()));
    let back = state.key_name(Pane::Conversation.row().focus);
    state.focus_on(Pane::Transcript);
    // The transcript has its room again, and the detail explains the frame.
    state.lower = Pane::Detail;
    if let Some(line) = line.filter(|line| state.journal.get(*line).is_some()) {
        transcript::go(state, line);
    }
    let all = state.key_name("no-filter");
    let text = format!("the frames of {what}: {back} goes back, {all} shows every line");
    state.say(Severity::Info, text);
}
