//! What the service tells becomes state, and a line of the journal.

use crate::command::Pane;
use crate::console::panes::conversation::Which;
use crate::console::panes::log::state::Message;
use crate::console::state::opened::End;
use crate::console::state::{Dirty, Pending, State};
use crate::console::widget::portrait::Portrait;
use crate::event::{
    Became, Event, EventId, EventKind, Finding, Reply, ReplyData, Severity, Spoken, Timestamp,
};
use crate::findings::{Prepared, Told};
use crate::msnp::message::MessageKind;
use crate::roster::Contact;
use std::sync::Arc;

/// How many doors are remembered: a service has a handful, and a recording from a hostile hand any number.
const MAX_DOORS: usize = 64;

pub(super) fn event(state: &mut State, mut event: Event, prepared: Prepared) {
    if let EventKind::Finding(finding) = &event.kind
        && !finding.id.is_services()
    {
        // Out of a recording: it is found anew.
        return;
    }
    let time = event.time;
    if state.opened.is_some() {
        pass(state, time);
        state.touch(Dirty::Data);
    }
    state.now = state.now.max(time);
    if let EventKind::Reply(reply) = &event.kind {
        answer(state, reply, time);
        if !event.kind.is_line() {
            state.touch(Dirty::Data);
            return;
        }
    }
    state.findings.point(&mut event);
    let id = state.journal.next();
    let told = state.findings.take_prepared(&event, id, prepared);
    event.client = state
        .unclaimed
        .owner(&event, state.findings.time_of(&event));
    // A finding at the end of a connection is about a client that must still be listed.
    let ends = matches!(event.kind, EventKind::Disconnected { .. });
    if !ends {
        state.clients.event(&event);
    }
    for told in &told {
        state.clients.event(&told.event(time));
    }
    if ends {
        state.clients.event(&event);
    }
    match &event.kind {
        EventKind::Roster(roster) => state.contacts.set(roster),
        EventKind::Contact(change) => {
            if !state.contacts.change(change, event.time) {
                let account = &change.contact.account;
                let text = format!(
                    "{account} is not listed: there are more contacts than a service takes"
                );
                state.messages.push(event.time, Severity::Warning, text);
            }
            // What was asked for here is what is done something with next.
            let is_added = change.change == Became::Added && change.by.is_none();
            if is_added && !state.pending.is_empty() {
                let is_it = |held: &Arc<Contact>| held.account == change.contact.account;
                let row = state.contacts.iter().position(is_it);
                if let Some(row) = row {
                    state.contacts.go(row);
                }
            }
            state.unsaved = state.opened.is_none() && !state.demo;
        }
        EventKind::Notice { severity, text } => {
            state.messages.push(event.time, *severity, text.to_string());
        }
        EventKind::Finding(finding) => say(state, &event, finding),
        EventKind::Listening { service, address } => {
            if state.listening.len() < MAX_DOORS {
                state.listening.push((*service, *address));
            }
            let text = format!("listening for {} at {address}", service.name());
            state.messages.push(event.time, Severity::Info, text);
        }
        EventKind::SignedIn { account, shape } => {
            let text = format!("{account} has signed in ({shape})");
            state.messages.push(event.time, Severity::Info, text);
        }
        EventKind::SignedOut { account, reason } => {
            if let Some(client) = event.client {
                state.conversations.left(client);
            }
            let text = format!("{account} has signed out: {reason}");
            state.messages.push(event.time, Severity::Info, text);
        }
        EventKind::Conversation(change) => state.conversations.change(change, &event, id),
        EventKind::Message(said) => {
            let to = said.to.first().is_some_and(|to| is_played(state, to));
            let is_news = state.conversations.spoke(said, to, &event, id);
            if is_news {
                heard(state, said, event.time);
            }
        }
        _ => {}
    }
    claim(state, &event, id);
    state.journal.append(event);
    for told in told {
        keep(state, &told, time);
    }
    state.touch(Dirty::Data);
}

/// Whether an account is a contact, which nudge plays while no client is it.
fn is_played(state: &State, account: &str) -> bool {
    let is_it = |held: &String| held.eq_ignore_ascii_case(account);
    let mut clients = state.clients.connected();
    let real = clients.any(|(_, client)| {
        let info = client.info.as_ref();
        info.and_then(|info| info.account.as_ref())
            .is_some_and(is_it)
    });
    !real && state.contacts.get(account).is_some()
}

/// A client said something: a message says so, and which key shows it. What is in view says it itself.
fn heard(state: &mut State, said: &Spoken, time: Timestamp) {
    let shown = state.conversations.shown().map(|held| &held.id);
    if shown == Some(&Which::of(said)) && state.areas().of(Pane::Conversation).is_some() {
        return;
    }
    let words = match said.kind {
        MessageKind::Text => said.text.replace(['\r', '\n'], " "),
        kind => format!("({kind})"),
    };
    let to = said.to.first().map_or("nobody", String::as_str);
    let key = state.key_name(Pane::Conversation.row().focus);
    let text = format!("{} to {to}: {words} ({key} opens it)", said.from);
    state.messages.push(time, Severity::Info, text);
}

/// What a connection did before it was known whose it is becomes the client's, for the filter too.
fn claim(state: &mut State, event: &Event, id: EventId) {
    let lines = state.unclaimed.event(event, id);
    let Some(client) = event.client else { return };
    for line in lines {
        state.journal.attribute(line, client);
        state.transcript.matched.again(&state.journal, line);
    }
}

/// The service answers a command: in the messages, newest first, its lines below the sentence about them.
fn answer(state: &mut State, reply: &Reply, time: Timestamp) {
    let pending = state.pending.remove(&reply.command);
    if pending == Some(Pending::Save) && reply.ok {
        state.unsaved = false;
    }
    match pending {
        Some(Pending::Seen) if reply.ok => return,
        Some(Pending::Call) if !reply.ok => state.conversations.refused(),
        _ => {}
    }
    let severity = if reply.ok {
        Severity::Info
    } else {
        Severity::Error
    };
    if let ReplyData::Picture(client, file) = &reply.data {
        state.clients.gives(*client, file, &mut state.pictures);
    }
    if let ReplyData::Object(client, name, file) = &reply.data {
        let held = state.clients.get(*client);
        let account = held.and_then(|held| held.info.as_ref()?.account.clone());
        if let Some(account) = account {
            let portrait = Portrait::small(file, &mut state.pictures);
            state.conversations.objects.put(&account, name, portrait);
        }
    }
    for line in lines(&reply.data).into_iter().rev() {
        state.messages.push(time, Severity::Info, line);
    }
    let mut text = reply.text.to_string();
    if let Some(Pending::Frame(length, last)) = &pending {
        if reply.ok {
            state.frames.0 += 1;
            state.frames.1 += length;
        }
        match (last, reply.ok) {
            (None, true) => return,
            (Some(whom), true) => {
                let (frames, bytes) = state.frames;
                text = format!("{frames} frames, {bytes} bytes, to {whom}");
            }
            (_, false) => {}
        }
        if last.is_some() {
            state.frames = (0, 0);
        }
    }
    let typed = state.typed.take_if(|(id, _)| *id == reply.command);
    if let Some((_, line)) = typed.filter(|_| !reply.ok)
        && state.prompt.is_none()
        && state.overlay.is_none()
    {
        super::prompt::refused(state, line, text.clone());
    }
    // The result of a change of many was said before the change.
    let is_said = |last: &Message| last.severity == severity && last.text == text;
    if reply.ok && state.messages.last().is_some_and(is_said) {
        return;
    }
    // To be read whole: it may say that what was done is not seen yet.
    state.loud = true;
    match pending {
        Some(_) => state.messages.reply(time, severity, text),
        None => state.messages.push(time, severity, text),
    }
}

/// Time has passed in a recording: what had not come by then is said, each when it was due. Says whether there was any.
pub(super) fn pass(state: &mut State, to: Timestamp) -> bool {
    state.now = state.now.max(to);
    let told = state.findings.pass(state.now);
    let is_news = !told.is_empty();
    for (when, told) in told {
        found(state, &told, when);
    }
    is_news
}

/// Time has passed: what should have come and has not is said, once.
pub(super) fn tick(state: &mut State) {
    let now = state.now;
    for told in state.findings.tick(now) {
        found(state, &told, now);
        state.touch(Dirty::Data);
    }
}

/// All that is there of a recording that is followed is read.
pub(super) fn caught_up(state: &mut State) {
    let lines = state.journal.next();
    let Some(opened) = state.opened.as_mut().filter(|o| !o.caught_up) else {
        return;
    };
    opened.caught_up = true;
    let name = opened.path.display();
    let text = format!("{lines} lines of {name}, which is followed: what is added comes");
    state.say(Severity::Info, text);
    // Nobody asked for it just now.
    state.loud = false;
}

/// The recording is read.
pub(super) fn read(state: &mut State, why: End) {
    let now = state.now;
    // Nobody knows what is behind the damage, so no sign-in is said to end there.
    let ended = match &why {
        End::Whole => state.findings.end(now),
        End::Damaged(_) | End::Lost(_) => Vec::new(),
    };
    for told in ended {
        found(state, &told, now);
    }
    let Some(opened) = &mut state.opened else {
        return;
    };
    opened.read = None;
    let name = opened.path.display().to_string();
    let lines = state.journal.next();
    let (severity, text) = match why {
        End::Whole => (Severity::Info, format!("{lines} lines of {name}")),
        End::Damaged(damage) => {
            let text = format!("{lines} lines up to the damage: {damage}");
            (Severity::Error, text)
        }
        End::Lost(lost) => (Severity::Error, format!("{lost}; its {lines} lines stay")),
    };
    state.say(severity, text);
    state.loud = severity != Severity::Info;
}

/// What was found though nothing came.
fn found(state: &mut State, told: &Told, time: Timestamp) {
    state.clients.event(&told.event(time));
    keep(state, told, time);
}

/// What was found here becomes a message and a line, as what the service found does.
fn keep(state: &mut State, told: &Told, time: Timestamp) {
    let event = told.event(time);
    say(state, &event, &told.finding);
    state.journal.append(event);
}

fn say(state: &mut State, event: &Event, finding: &Finding) {
    let who = event
        .client
        .map_or_else(String::new, |id| format!("client {id}: "));
    let text = format!("{who}{}", finding.text);
    state.messages.push(event.time, finding.severity, text);
}

/// What a command gave back, a line each.
fn lines(data: &ReplyData) -> Vec<String> {
    match data {
        ReplyData::None | ReplyData::Picture(..) | ReplyData::Object(..) => Vec::new(),
        ReplyData::Lines(lines) => lines.clone(),
        ReplyData::Clients(clients) => clients
            .iter()
            .map(|c| {
                let name = c.account.clone().unwrap_or_else(|| c.peer.to_string());
                let shape = c
                    .shape
                    .map_or_else(|| "no shape yet".into(), |s| s.to_string());
                format!("  {}  {name}  {shape}  {}", c.id, c.step.name())
            })
            .collect(),
        ReplyData::Contacts(contacts) => contacts
            .iter()
            .map(|c| format!("  {}  {}  {}", c.account, c.status.name(), c.name))
            .collect(),
    }
}

/// The program, and the service with it, was stopped from one moment to another: one line says so.
pub fn gap(from: Timestamp, to: Timestamp) -> Event {
    let seconds = to.since(from).as_secs();
    Event {
        time: to,
        connection: None,
        client: None,
        kind: EventKind::Notice {
            severity: Severity::Info,
            text: format!("the program was stopped for {seconds} s, and the service with it")
                .into(),
        },
    }
}
