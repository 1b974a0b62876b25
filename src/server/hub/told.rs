//! What is told of a change of the roster: to clients in frames, to people in a line.

use crate::event::Became;
use crate::msnp::adl::Lists;
use crate::msnp::{Frame, Shape, pushed};
use crate::roster::{Changed, Contact};

/// What clients of one shape are told of some changes.
pub(super) struct Batch {
    /// Which shape.
    pub shape: Shape,
    /// Whether it is for the client that asked for them.
    pub asked: bool,
    /// How many of them there are.
    pub clients: usize,
    /// What they are told.
    pub frames: Vec<Frame>,
}

/// A change of many in one line: `8 contacts → Away · 2 clients told`.
pub(super) fn many<'a>(
    mut changed: impl Iterator<Item = &'a Changed>,
    count: usize,
    told: usize,
) -> String {
    let first = changed.next();
    let kind = |(was, is): &Changed| {
        (
            what_changed(was.as_deref(), is.as_deref()),
            is.as_ref().map(|c| c.status),
        )
    };
    let (what, status) = first.map(kind).unwrap_or_default();
    let rest: Vec<_> = changed.map(kind).collect();
    let same = rest.iter().all(|(other, _)| *other == what);
    let likewise = rest.iter().all(|(_, other)| *other == status);
    let became = match (what, status) {
        (Some(Became::Status), Some(status)) if same && likewise => {
            format!(" → {status}")
        }
        (Some(what), _) if same => format!(": {}", what.name()),
        _ => " changed".to_owned(),
    };
    let clients = if told == 1 { "client" } else { "clients" };
    format!("{count} contacts{became} · {told} {clients} told")
}

/// What a contact became; `None` where nothing is other than it was.
pub(super) fn what_changed(before: Option<&Contact>, after: Option<&Contact>) -> Option<Became> {
    match (before, after) {
        (None, None) => None,
        (None, Some(_)) => Some(Became::Added),
        (Some(_), None) => Some(Became::Removed),
        (Some(a), Some(b)) => {
            let changes = [
                (a.status != b.status, Became::Status),
                (a.personal.message != b.personal.message, Became::Personal),
                (a.personal.media != b.personal.media, Became::Media),
                (a.name != b.name, Became::Name),
                (a.lists != b.lists, Became::Lists),
                (a.groups != b.groups, Became::Groups),
                (a.manner != b.manner, Became::Behaviour),
            ];
            let mut found = changes
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, what)| what);
            match (found.next(), found.next()) {
                (Some(one), None) => Some(one),
                (None, _) if a == b => None,
                _ => Some(Became::Replaced),
            }
        }
    }
}

/// What a client of this shape is sent where a contact put the user on its list, or took them off.
pub(super) fn reverse(
    before: Option<&Contact>,
    after: Option<&Contact>,
    shape: Shape,
    version: u32,
) -> Option<Frame> {
    let has = |contact: &Contact| contact.lists.contains(Lists::REVERSE);
    let (was, is) = (before.is_some_and(has), after.is_some_and(has));
    let told = was != is && shape.rules().reverse;
    let contact = after.or(before).filter(|_| told)?;
    let who = (&*contact.account, contact.network, &*contact.name);
    let text = pushed::reverse(shape, who, version, is)?;
    Some(Frame::from_wire(text.into()))
}

/// What a client of this shape is sent about a change.
pub(super) fn frames(
    before: Option<&Contact>,
    after: Option<&Contact>,
    shape: Shape,
) -> Vec<Frame> {
    let was = before.filter(|c| c.is_seen());
    let is = after.filter(|c| c.is_seen());
    let mut wire: Vec<Option<String>> = Vec::new();
    match (was, is) {
        (None, None) => {}
        (None, Some(is)) => {
            wire.push(Some(is.presence().changed(shape)));
            wire.push(is.presence().personal(shape, &is.personal));
        }
        (Some(was), None) => {
            let gone = crate::msnp::presence::Presence {
                status: crate::msnp::Status::Offline,
                ..was.presence()
            };
            wire.push(Some(gone.changed(shape)));
        }
        (Some(was), Some(is)) => {
            if was.presence() != is.presence() {
                wire.push(Some(is.presence().changed(shape)));
            }
            if was.personal != is.personal {
                wire.push(is.presence().personal(shape, &is.personal));
            }
        }
    }
    wire.into_iter()
        .flatten()
        .map(|text| Frame::from_wire(text.into()))
        .collect()
}
