//! Events for tests.

use crate::event::{
    ClientId, ConnectionId, Event, EventKind, Finding, FrameEvent, Secrets, Severity, Timestamp,
};
use crate::msnp::{Direction, Frame};

/// A frame of client 1, one second after the other events made with `time` one less.
pub fn frame(time: u64, direction: Direction, wire: impl AsRef<[u8]>) -> Event {
    frame_of(time, 1, direction, wire, Secrets::default())
}

/// A frame of this client, with secrets.
pub fn frame_of(
    time: u64,
    client: u64,
    direction: Direction,
    wire: impl AsRef<[u8]>,
    secrets: Secrets,
) -> Event {
    Event {
        time: Timestamp(time * 1_000_000),
        connection: Some(ConnectionId(client + 10)),
        client: Some(ClientId(client)),
        kind: EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
            direction,
            frame: Frame::from_wire(bytes::Bytes::copy_from_slice(wire.as_ref())),
            secrets,
            injected: false,
        }),
    }
}

/// An event of no connection.
pub fn event(time: u64, kind: EventKind) -> Event {
    Event {
        time: Timestamp(time * 1_000_000),
        connection: None,
        client: None,
        kind,
    }
}

/// A notice.
pub fn notice(time: u64, severity: Severity, text: &str) -> Event {
    event(
        time,
        EventKind::Notice {
            severity,
            text: text.to_owned().into(),
        },
    )
}

/// A finding.
pub fn finding(time: u64, id: &'static str, severity: Severity) -> Event {
    event(
        time,
        EventKind::Finding(Box::new(Finding {
            id: crate::event::FindingId::read(id).expect("a name"),
            severity,
            field: "UUX length".into(),
            text: "seen, and left as it is".into(),
            evidence: None,
        })),
    )
}
