//! Clients that talk: input for the benchmarks of recordings and findings.

use bytes::Bytes;
use nudge::event::{
    ClientId, ClientInfo, ConnectionId, Event, EventKind, FrameEvent, Secrets, Service, Step,
    Timestamp,
};
use nudge::msnp::{Direction, Frame};
use nudge::roster::Roster;
use std::net::SocketAddr;
use std::sync::Arc;

/// How many clients talk at once.
pub const CLIENTS: u64 = 100;
/// How many frames a client sends and receives in a round.
#[allow(dead_code, reason = "one of the two counts in rounds")]
pub const ROUND: u64 = 8 * CLIENTS;

/// Clients that talk.
pub struct Talk {
    time: u64,
    /// Whether the clients make no mistake.
    clean: bool,
}

impl Talk {
    /// Clients that have said nothing yet.
    pub fn new(clean: bool) -> Self {
        Self { time: 0, clean }
    }

    fn event(&mut self, client: Option<u64>, kind: EventKind) -> Event {
        self.time += 20;
        Event {
            time: Timestamp(self.time),
            connection: client.map(ConnectionId),
            client: client.map(ClientId),
            kind,
        }
    }

    /// The frames by which every client signs in and goes online.
    pub fn opening(&mut self) -> Vec<Event> {
        let peer = SocketAddr::from(([127, 0, 0, 1], 4000));
        let roster = Roster::new([], []).expect("an empty roster");
        let mut opening = vec![self.event(None, EventKind::Roster(Arc::new(roster)))];
        for client in 1..=CLIENTS {
            let connected = EventKind::Connected {
                service: Service::Notification,
                peer,
                local: peer,
            };
            opening.push(self.event(Some(client), connected));
            let info = ClientInfo {
                account: Some(format!("user{client}@local")),
                shape: Some("16/mac".parse().expect("a shape")),
                step: Step::Online,
                ..ClientInfo::new(ClientId(client), peer, Timestamp(0))
            };
            opening.push(self.event(Some(client), EventKind::Client(Box::new(info))));
        }
        opening
    }

    /// The frames that they send and receive after that, in round `round`.
    pub fn round(&mut self, round: u64) -> Vec<Event> {
        let clean = self.clean;
        let object = if clean { " %3Cmsnobj%2F%3E" } else { "" };
        let payload = "<Data><PSM>hello there</PSM><CurrentMedia></CurrentMedia></Data>";
        let mut events = Vec::new();
        for client in 1..=CLIENTS {
            let n = if clean { round * 3 + 10 } else { 7 };
            let too_much = if clean { "" } else { " x <y>" };
            let lines = [
                (
                    Direction::In,
                    format!("CHG {n} BSY 1085276192:131088{too_much}\r\n"),
                ),
                (Direction::Out, format!("CHG {n} BSY 1085276192:131088\r\n")),
                (
                    Direction::Out,
                    format!("NLN BSY busy@local 1 Busy%20User 1085276192{object}\r\n"),
                ),
                (
                    Direction::Out,
                    format!("UBX busy@local 1 {}\r\n{payload}", payload.len()),
                ),
                (
                    Direction::In,
                    format!("UUX {} {}\r\n{payload}", n + 1, payload.len()),
                ),
                (Direction::Out, format!("ACK {} UUX\r\n", n + 1)),
                (Direction::In, format!("PNG {}\r\n", n + 2)),
                (Direction::Out, "QNG 60\r\n".to_owned()),
            ];
            for (direction, text) in lines {
                let frame = FrameEvent {
                    service: nudge::event::Service::Notification,
                    direction,
                    frame: Frame::from_wire(Bytes::from(text)),
                    secrets: Secrets::default(),
                    injected: false,
                };
                events.push(self.event(Some(client), EventKind::Frame(frame)));
            }
        }
        events
    }
}
