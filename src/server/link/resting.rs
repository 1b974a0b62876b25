//! A connection that waits for its client to say something has nothing else to do. Meanwhile whoever has a frame for it writes
//! the frame itself, and tells of it: a message to a hundred others then wakes none of their tasks.
//!
//! It is done under the lock of the connection's mailbox, and never waits: what the socket does not take at once, or the
//! events have no room for, is left to the connection's own task, which is woken.

use super::wire::secrets;
use crate::event::{ConnectionSink, EventKind, FrameEvent, Room, Service, Timestamp};
use crate::msnp::{Direction, Frame};
use crate::server::turns::LONG;
use std::sync::Arc;
use tokio::net::TcpStream;

/// What a connection lends while it waits: its socket, and its share of the events.
#[derive(Debug)]
pub(super) struct Resting {
    pub stream: Arc<TcpStream>,
    pub service: Service,
    pub sink: ConnectionSink,
}

/// What others have written for it.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// How many bytes.
    pub bytes: u64,
    /// A frame of which only so many bytes went.
    pub cut: Option<(Frame, usize)>,
    /// The frames that went, when, and the room for the event that tells of each: it is told behind the last of many writes,
    /// or before anything else that happens on the connection.
    untold: Vec<(Frame, Timestamp, Room)>,
}

impl Resting {
    /// Writes a frame. Gives back how many bytes went: all of them have to be told of. A long one, which is worked on in its
    /// turn, is not written.
    pub(super) fn write(&self, frame: &Frame, passed: &mut Passed) -> usize {
        let wire = frame.wire();
        if wire.len() >= LONG {
            return 0;
        }
        let Some(room) = self.sink.room_at_once(wire.len()) else {
            return 0;
        };
        let written = self.stream.try_write(wire).unwrap_or(0);
        passed.bytes += written as u64;
        if written == wire.len() {
            let now = self.sink.clock().now();
            passed.untold.push((frame.clone(), now, room));
        }
        written
    }

    /// Tells of what was written.
    pub(super) fn tell(&self, passed: &mut Passed) {
        for (frame, time, room) in passed.untold.drain(..) {
            let told = EventKind::Frame(FrameEvent {
                service: self.service,
                direction: Direction::Out,
                secrets: secrets(Direction::Out, &frame),
                frame,
                injected: false,
            });
            self.sink.tell_in(room, time, told);
        }
    }
}
