//! Ladder and rules together, on one core: how many frames a second they keep up with.
//!
//! `cargo bench --bench findings`; `-- --short` is a quick run that shows it still works.

mod support;

use bytes::Bytes;
use nudge::event::{
    ClientId, ClientInfo, ConnectionId, Event, EventKind, FrameEvent, Secrets, Service, Step,
    Timestamp,
};
use nudge::findings::Findings;
use nudge::msnp::{Direction, Frame};
use nudge::roster::Roster;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use support::{Table, short};

/// How many clients talk at once.
const CLIENTS: u64 = 100;
/// Frames a second on one core.
const TARGET: f64 = 50_000.0;

fn main() {
    let mut table = Table::new();
    let rounds = if short() { 20 } else { 400 };
    for (what, clean) in [("good frames", true), ("frames with mistakes", false)] {
        let (opening, events) = conversation(rounds, clean);
        let mut findings = Findings::new();
        let mut id = 0;
        for event in &opening {
            id += 1;
            black_box(findings.take(event, id));
        }
        let start = Instant::now();
        let mut told = 0;
        for event in &events {
            id += 1;
            told += findings.take(event, id).len();
            if id % 1_000 == 0 {
                told += findings.tick(event.time).len();
            }
        }
        let rate = events.len() as f64 / start.elapsed().as_secs_f64();
        let how = format!(
            "{} frames of {CLIENTS} clients, ladder and every rule, one core; {told} told",
            events.len()
        );
        table.at_least(&format!("findings: {what} a second"), rate, TARGET, how);
    }
    table.print();
}

/// The opening of each client, and what they say and hear after it.
fn conversation(rounds: u32, clean: bool) -> (Vec<Event>, Vec<Event>) {
    let mut time = 0;
    let mut event = |client: Option<u64>, kind| {
        time += 20;
        Event {
            time: Timestamp(time),
            connection: client.map(ConnectionId),
            client: client.map(ClientId),
            kind,
        }
    };
    let peer = SocketAddr::from(([127, 0, 0, 1], 4000));
    let roster = Roster::new([], []).expect("an empty roster");
    let mut opening = vec![event(None, EventKind::Roster(Arc::new(roster)))];
    for client in 1..=CLIENTS {
        let connected = EventKind::Connected {
            service: Service::Notification,
            peer,
            local: peer,
        };
        opening.push(event(Some(client), connected));
        let info = ClientInfo {
            id: ClientId(client),
            account: Some(format!("user{client}@local")),
            software: None,
            shape: Some("16/mac".parse().expect("a shape")),
            peer,
            step: Step::Online,
            since: Timestamp(0),
            status: None,
            name: None,
            personal_message: None,
            media: None,
            endpoint: None,
            machine: None,
        };
        opening.push(event(Some(client), EventKind::Client(Box::new(info))));
    }
    let mut events = Vec::new();
    let object = if clean { " %3Cmsnobj%2F%3E" } else { "" };
    let payload = "<Data><PSM>hello there</PSM><CurrentMedia></CurrentMedia></Data>";
    for round in 0..rounds {
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
                    direction,
                    frame: Frame::from_wire(Bytes::from(text)),
                    secrets: Secrets::default(),
                    injected: false,
                };
                events.push(event(Some(client), EventKind::Frame(frame)));
            }
        }
    }
    (opening, events)
}
