//! What can be worked out of an event alone. It is the costly part of looking at a request or at an ADL, and
//! whoever reads a recording may do it on a thread of its own, where the bytes are at hand still.

use super::ladder::{Digest, digest, steps};
use crate::event::{Event, EventKind, Service};
use crate::msnp::Direction;
use crate::msnp::adl::{self, MembershipList};
use crate::msnp::line::MAX_PAYLOAD;
use std::cell::OnceCell;

/// The event without its secrets, where it is a frame that has some.
pub(super) fn veiled(event: &Event) -> Option<Event> {
    let EventKind::Frame(frame) = &event.kind else {
        return None;
    };
    Some(Event {
        kind: EventKind::Frame(frame.veiled()?),
        ..*event
    })
}

/// See the module. What was not prepared is worked out when it is first asked for.
#[derive(Debug, Default)]
pub struct Prepared {
    lists: OnceCell<Option<Box<MembershipList>>>,
    digest: OnceCell<Option<Box<Digest>>>,
}

impl Prepared {
    /// All that will be asked of this event.
    pub fn of(event: &Event) -> Self {
        let prepared = Self::default();
        let veiled = veiled(event);
        let event = veiled.as_ref().unwrap_or(event);
        match &event.kind {
            EventKind::Http(_) => {
                prepared.digest(event);
            }
            EventKind::Frame(frame)
                if frame.direction == Direction::In
                    && frame.service == Service::Notification
                    && frame.frame.verb() == b"ADL" =>
            {
                prepared.lists(event);
            }
            _ => {}
        }
        prepared
    }

    /// What a frame has as its payload, where that is the payload of ADL and can be read. One that no service takes
    /// (a recording may come from a hostile hand) is not.
    pub(super) fn lists(&self, event: &Event) -> Option<&MembershipList> {
        let read = || match &event.kind {
            EventKind::Frame(frame) => {
                let payload = frame.frame.payload()?;
                let taken = payload.len() <= MAX_PAYLOAD;
                adl::read(taken.then_some(payload)?).ok().map(Box::new)
            }
            _ => None,
        };
        self.lists.get_or_init(read).as_deref()
    }

    /// What a request was, where it is one of those that a sign-in is made of.
    pub(super) fn digest(&self, event: &Event) -> Option<&Digest> {
        let read = || match &event.kind {
            EventKind::Http(exchange) => {
                steps::of_action(&exchange.action).map(|_| Box::new(digest(exchange)))
            }
            _ => None,
        };
        self.digest.get_or_init(read).as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Findings;
    use crate::recording::golden;

    #[test]
    fn what_was_prepared_is_what_is_found_without() {
        let (mut plain, mut ahead) = (Findings::new(), Findings::new());
        let mut prepared = 0;
        for (id, event) in (0..).zip(golden::messenger_mac_8_0_1()) {
            let of = Prepared::of(&event);
            prepared += usize::from(of.lists.get().is_some() || of.digest.get().is_some());
            assert_eq!(
                plain.take(&event, crate::event::EventId(id)),
                ahead.take_prepared(&event, crate::event::EventId(id), of),
                "{event:?}"
            );
        }
        // The article's requests, and its ADL.
        assert!(prepared > 4, "{prepared}");
        let rows = |findings: &Findings| -> Vec<_> {
            let ladders = findings.ladders.iter();
            ladders.flat_map(|ladder| ladder.rows().to_vec()).collect()
        };
        assert_eq!(rows(&plain), rows(&ahead));
        assert!(rows(&ahead).iter().any(|row| row.detail == "9 contacts"));
    }
}
