//! What of a recording is played: the lines of one notification connection, and the client's web requests.

use crate::event::{ConnectionId, Event, EventKind, FrameEvent};
use crate::msnp::Direction;
use crate::msnp::escape::to_screen;
use crate::replay::referral::referral;
use std::collections::BTreeSet;

/// The part of a conversation that is played.
pub(super) struct Script<'a> {
    /// Its lines and requests, in order.
    pub events: Vec<&'a Event>,
    /// What there is to say about what is not played.
    pub notes: Vec<String>,
}

impl<'a> Script<'a> {
    /// A client is played on its first connection; where the recorded server sent it on from there, on the one on
    /// which it went on.
    pub fn of(events: &'a [Event]) -> Self {
        let mut notes = Vec::new();
        let mut seen = BTreeSet::new();
        let mut connections: Vec<Option<ConnectionId>> = Vec::new();
        for event in events {
            if frame(event).is_some() && seen.insert(event.connection) {
                connections.push(event.connection);
            }
        }
        let mut rest = connections.into_iter();
        let mut played = rest.next();
        while let Some(named) = played.and_then(|played| sent_on(events, played)) {
            let named = to_screen(named);
            match rest.next() {
                Some(next) => {
                    notes.push(format!(
                        "the recorded server sent its client on (XFR) to {named}: played is what was said there"
                    ));
                    played = Some(next);
                }
                None => {
                    notes.push(format!(
                        "the recorded server sent its client on (XFR) to {named}: what it said there may be another client of the recording (--client N)"
                    ));
                    break;
                }
            }
        }
        let more = rest.len();
        if more > 0 {
            notes.push(format!(
                "{more} more connections of the same client were not played"
            ));
        }
        let of_it = |event: &&Event| match &event.kind {
            EventKind::Frame(_) => Some(event.connection) == played,
            EventKind::Http(_) => true,
            _ => false,
        };
        Self {
            events: events.iter().filter(of_it).collect(),
            notes,
        }
    }

    /// What the client said.
    pub fn said(&self) -> impl Iterator<Item = &'a FrameEvent> {
        let frames = self.events.iter().filter_map(|event| frame(event));
        frames.filter(|told| told.direction == Direction::In)
    }
}

fn frame(event: &Event) -> Option<&FrameEvent> {
    match &event.kind {
        EventKind::Frame(told) => Some(told),
        _ => None,
    }
}

/// Where the last line of the server on this connection sends its client on to.
fn sent_on(events: &[Event], connection: Option<ConnectionId>) -> Option<&[u8]> {
    let of_it = events.iter().rev().filter(|e| e.connection == connection);
    let mut told = of_it.filter_map(frame);
    let last = told.find(|told| told.direction == Direction::Out)?;
    referral(&last.frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Secrets;
    use crate::msnp::Frame;
    use crate::recording::golden::messenger_mac_8_0_1;

    /// The golden sign-in behind a dispatch server: the first three commands on a connection of their own.
    fn dispatched() -> Vec<Event> {
        let mut events = messenger_mac_8_0_1();
        let mut first: Vec<Event> = events
            .iter()
            .filter(|e| frame(e).is_some())
            .take(5)
            .cloned()
            .collect();
        for event in &mut first {
            event.connection = Some(ConnectionId(900));
        }
        let mut sent = first[4].clone();
        sent.kind = EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
            direction: Direction::Out,
            frame: Frame::from_wire(bytes::Bytes::from_static(b"XFR 3 NS 10.0.0.9:1863 U D\r\n")),
            secrets: Secrets::default(),
            injected: false,
        });
        first.push(sent);
        events.splice(0..0, first);
        events
    }

    #[test]
    fn a_client_that_was_sent_on_is_played_where_it_went_on() {
        let events = dispatched();
        let script = Script::of(&events);
        assert_eq!(script.said().count(), 16);
        assert!(
            script.notes[0].contains("10.0.0.9:1863: played is"),
            "{:?}",
            script.notes
        );
        let script = Script::of(&events[..6]);
        assert_eq!(script.said().count(), 3);
        assert!(script.notes[0].contains("--client N"), "{:?}", script.notes);
    }

    #[test]
    fn another_connection_is_not_mixed_into_the_first() {
        let mut events = messenger_mac_8_0_1();
        let mut again = events.clone();
        for event in &mut again {
            event.connection = Some(ConnectionId(901));
        }
        events.append(&mut again);
        let script = Script::of(&events);
        assert_eq!(script.said().count(), 16);
        assert_eq!(
            script.notes,
            ["1 more connections of the same client were not played"]
        );
    }
}
