//! The commands that have to do with files: what is asked for is an effect, which the loop carries out.

use crate::command::Values;
use crate::console::panes::clients::state::Who;
use crate::console::state::{Effect, State};
use crate::event::{Event, EventKind, Service, Severity, Step};
use crate::export::Format;
use crate::roster::Roster;
use std::path::PathBuf;
use std::sync::Arc;

/// Does what the command of that name says, if it is one of these.
pub(super) fn run(state: &mut State, name: &str, mut args: Values) -> Vec<Effect> {
    match name {
        "record" => record(state, args.text()),
        "export" => {
            let file = args.text().map(PathBuf::from);
            file.map_or_else(Vec::new, |file| export(state, file, args.text()))
        }
        _ => Vec::new(),
    }
}

/// How everything stands, told as events: what a recording that begins in the middle opens with, so that its contacts
/// and clients are there.
pub fn standing(state: &State) -> Vec<Event> {
    let at = |time, connection, client, kind| Event {
        time,
        connection,
        client,
        kind,
    };
    // What was before the first of them is of no account.
    let here: Vec<_> = state
        .clients
        .iter()
        .filter(|(_, c)| c.gone.is_none())
        .collect();
    let first = here.iter().map(|(_, client)| client.began).min();
    let first = first.map_or(state.now, |began| began.min(state.now));
    let event = |connection, client, kind| at(first, connection, client, kind);
    let contacts = state.contacts.iter().map(|contact| (**contact).clone());
    // They were of a roster, so they make one.
    let roster = Roster::new(contacts, state.contacts.groups.iter().cloned());
    let roster = roster.map(|roster| event(None, None, EventKind::Roster(Arc::new(roster))));
    let mut events: Vec<Event> = roster.into_iter().collect();
    for &(service, address) in &state.listening {
        events.push(event(None, None, EventKind::Listening { service, address }));
    }
    for (who, client) in here {
        let (service, connection, id) = match who {
            Who::Client(id) => (Service::Notification, client.connection, Some(id)),
            Who::Connection(connection) => (
                client.service.unwrap_or(Service::Https),
                Some(connection),
                None,
            ),
        };
        let local = state.listening.iter().find(|(door, _)| *door == service);
        if let Some((peer, (_, local))) = client.peer.zip(local.copied()) {
            let kind = EventKind::Connected {
                service,
                peer,
                local,
            };
            // Of one that is further the recording says nothing between the two: to whoever reads it that would be a
            // silence, in which the client stood still.
            let further = client
                .info
                .as_ref()
                .filter(|info| info.step != Step::Connected);
            let began = further.map_or(client.began, |info| info.since);
            events.push(at(began, connection, id, kind));
        }
        let Some(info) = &client.info else { continue };
        let known = EventKind::Client(Box::new(info.clone()));
        events.push(at(info.since, connection, id, known));
        if let (Step::SignedIn | Step::Online, Some(account), Some(shape)) =
            (info.step, info.account.clone(), info.shape)
        {
            let signed_in = EventKind::SignedIn { account, shape };
            events.push(at(info.since, connection, id, signed_in));
        }
    }
    events.sort_by_key(|event| event.time);
    events
}

fn record(state: &mut State, file: Option<String>) -> Vec<Effect> {
    let refused = match (&state.opened, &file, &state.recording) {
        (Some(_), ..) => Some("this is a recording already".to_owned()),
        (None, Some(_), Some(path)) => Some(format!(
            "{} is being recorded: `record` ends it",
            path.display()
        )),
        _ => None,
    };
    if let Some(text) = refused {
        state.say(Severity::Warning, text);
        return Vec::new();
    }
    match (file, &state.recording) {
        (None, None) => vec![Effect::Record(Some(named(state).into()))],
        (file, _) => vec![Effect::Record(file.map(PathBuf::from))],
    }
}

/// A name for a recording that begins now, such as `nudge-2026-11-28T1304.nudge`.
fn named(state: &mut State) -> String {
    let seconds = (state.now.0 / 1_000_000).cast_signed() + i64::from(state.utc_offset);
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour][minute]");
    let time = time::OffsetDateTime::from_unix_timestamp(seconds).ok();
    let time = time.and_then(|time| time.format(format).ok());
    let base = format!("nudge-{}", time.unwrap_or_default());
    let mut name = format!("{base}.nudge");
    let mut number = 2;
    while state.recorded.contains(&name) {
        name = format!("{base}-{number}.nudge");
        number += 1;
    }
    state.recorded.push(name.clone());
    name
}

fn export(state: &mut State, file: PathBuf, format: Option<String>) -> Vec<Effect> {
    let named = format.and_then(|format| {
        let mut all = Format::ALL.into_iter();
        all.find(|known| known.name() == format)
    });
    let format = match named.map_or_else(|| Format::of_file(&file), Ok) {
        Ok(format) => format,
        Err(error) => {
            state.say(Severity::Error, error.to_string());
            return Vec::new();
        }
    };
    vec![Effect::Export {
        path: file,
        format,
        filter: state.transcript.filter.clone(),
    }]
}
