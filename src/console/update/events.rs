//! What the service tells becomes state, and a line of the journal.

use crate::console::state::{Dirty, Pending, State};
use crate::event::{Event, EventKind, ReplyData, Severity, Timestamp};

pub(super) fn event(state: &mut State, event: Event) {
    state.now = state.now.max(event.time);
    state.clients.event(&event);
    match &event.kind {
        EventKind::Roster(roster) => state.contacts.set(roster),
        EventKind::Contact(change) => {
            state.contacts.change(change, event.time);
            state.unsaved = true;
        }
        EventKind::Reply(reply) => {
            let pending = state.pending.remove(&reply.command);
            if pending == Some(Pending::Save) && reply.ok {
                state.unsaved = false;
            }
            let severity = if reply.ok {
                Severity::Info
            } else {
                Severity::Error
            };
            // Newest first: what was asked for stands below the sentence about it.
            for line in lines(&reply.data).into_iter().rev() {
                state.messages.push(event.time, Severity::Info, line);
            }
            state
                .messages
                .push(event.time, severity, reply.text.clone());
        }
        EventKind::Notice { severity, text } => {
            state.messages.push(event.time, *severity, text.clone());
        }
        EventKind::Finding(finding) => {
            state.findings.insert(finding.id);
            let who = event
                .client
                .map_or_else(String::new, |id| format!("client {id}: "));
            let text = format!("{who}{}", finding.text);
            state.messages.push(event.time, finding.severity, text);
        }
        EventKind::Listening { service, address } => {
            state.listening.push((*service, *address));
            let text = format!("listening for {} at {address}", service.name());
            state.messages.push(event.time, Severity::Info, text);
        }
        EventKind::SignedIn { account, shape } => {
            let text = format!("{account} has signed in ({shape})");
            state.messages.push(event.time, Severity::Info, text);
        }
        EventKind::SignedOut { account, reason } => {
            let text = format!("{account} has signed out: {reason}");
            state.messages.push(event.time, Severity::Info, text);
        }
        _ => {}
    }
    state.journal.append(event);
    state.touch(Dirty::Data);
}

/// What a command gave back, a line each.
fn lines(data: &ReplyData) -> Vec<String> {
    match data {
        ReplyData::None => Vec::new(),
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
            text: format!("the program was stopped for {seconds} s, and the service with it"),
        },
    }
}
