//! Which event shows what the service itself found.
//!
//! The service tells a finding right behind the frame or the request that it is about, on the same
//! connection (`server/notification/driver.rs`, `server/http/exchange.rs`), and knows no numbers: they
//! are those of the stream that the events are taken up in. So the last of its kind is remembered here.

use crate::event::{ConnectionId, Detail, Event, EventId, EventKind, FindingId};
use crate::msnp::Direction;
use std::collections::BTreeMap;

/// The most connections that are remembered; the oldest make room.
const MAX_CONNECTIONS: usize = 8192;

/// The last events of each connection that may show something.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    connections: BTreeMap<ConnectionId, Seen>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    /// It was accepted, or its TLS handshake ended.
    opened: EventId,
    /// What the client said last: a frame, or a request.
    said: Option<EventId>,
}

impl Evidence {
    /// Puts the number of what shows it into a finding that has none.
    pub fn point(&self, event: &mut Event) {
        if let EventKind::Finding(finding) = &mut event.kind
            && finding.evidence.is_none()
            && let Some(seen) = event.connection.and_then(|c| self.connections.get(&c))
        {
            // What never became a request is shown by no request that was there before it.
            let unread = finding.detail() == Some(Detail::UnreadRequest)
                && matches!(
                    finding.id,
                    FindingId::HttpMalformed | FindingId::HttpTimeout | FindingId::HttpCut
                );
            finding.evidence = seen.said.filter(|_| !unread).or(Some(seen.opened));
        }
    }

    /// Remembers an event, whose number is `id`.
    pub fn take(&mut self, event: &Event, id: EventId) {
        let Some(connection) = event.connection else {
            return;
        };
        match &event.kind {
            EventKind::Connected { .. } | EventKind::Tls(_) => {
                if self.connections.len() >= MAX_CONNECTIONS {
                    self.connections.pop_first();
                }
                let seen = Seen {
                    opened: id,
                    said: None,
                };
                self.connections.insert(connection, seen);
            }
            EventKind::Frame(frame) if frame.direction == Direction::Out => {}
            EventKind::Frame(_) | EventKind::Http(_) => {
                if let Some(seen) = self.connections.get_mut(&connection) {
                    seen.said = Some(id);
                }
            }
            EventKind::Disconnected { .. } => {
                self.connections.remove(&connection);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Finding, Severity};
    use crate::findings::story::Story;

    fn found(id: FindingId, field: &str) -> EventKind {
        EventKind::Finding(Box::new(Finding {
            id,
            severity: Severity::Warning,
            field: field.to_owned().into(),
            text: "it is so".into(),
            evidence: None,
        }))
    }

    /// What shows the last event of the story, as a number of the story's events.
    fn shown_by(story: &Story) -> Option<EventId> {
        let mut evidence = Evidence::default();
        let mut last = None;
        for (id, event) in (0..).zip(&story.events) {
            let mut event = event.clone();
            evidence.point(&mut event);
            evidence.take(&event, EventId(id));
            last = match event.kind {
                EventKind::Finding(finding) => finding.evidence,
                _ => None,
            };
        }
        last
    }

    #[test]
    fn what_the_service_finds_in_a_frame_is_shown_by_what_the_client_said_last() {
        let mut story = Story::new();
        story.greeted().c("PRP 5 MFN a b\r\n");
        let line = EventId(story.events.len() as u64 - 1);
        // An answer to something earlier may have been written in between.
        story
            .s("QNG 60\r\n")
            .own(found(FindingId::NotEncoded, "PRP"));
        assert_eq!(shown_by(&story), Some(line));
    }

    #[test]
    fn what_it_finds_on_a_web_connection_is_shown_by_the_request_or_else_the_handshake() {
        let mut story = Story::new();
        let connection = story.tls(None);
        let handshake = EventId(story.events.len() as u64 - 1);
        let on = Some(connection);
        story.tell(on, None, found(FindingId::HttpMalformed, "request"));
        assert_eq!(shown_by(&story), Some(handshake));
        let exchange = crate::findings::story::exchange("nexus", 404, "", None);
        story.tell(on, None, exchange);
        let request = EventId(story.events.len() as u64 - 1);
        story.tell(on, None, found(FindingId::UnknownPath, "path"));
        assert_eq!(shown_by(&story), Some(request));
        // A request that was never read is not the one before it.
        story.tell(on, None, found(FindingId::HttpCut, "request"));
        assert_eq!(shown_by(&story), Some(handshake));
        story.closed(connection);
        story.tell(on, None, found(FindingId::HttpCut, "request"));
        assert_eq!(shown_by(&story), None);
        story.tell(None, None, found(FindingId::NoDescriptors, "notification"));
        assert_eq!(shown_by(&story), None);
    }

    #[test]
    fn connections_without_end_take_a_bounded_room() {
        let mut evidence = Evidence::default();
        let mut story = Story::new();
        story.tls(None);
        let Some(connected) = story.events.iter().rev().nth(1).cloned() else {
            panic!("it connected");
        };
        for n in 0..MAX_CONNECTIONS as u64 + 100 {
            let event = Event {
                connection: Some(ConnectionId(n)),
                ..connected.clone()
            };
            evidence.take(&event, EventId(n));
        }
        assert_eq!(evidence.connections.len(), MAX_CONNECTIONS);
    }
}
