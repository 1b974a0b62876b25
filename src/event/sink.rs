//! The way of events to their one owner, and the share of it that each connection has.

use super::{ClientId, Clock, ConnectionId, Event, EventKind, Timestamp};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// How many events of one connection the journal may be behind by.
pub const CONNECTION_EVENTS: usize = 256;

/// An event on its way, with the room that it takes of its connection's share. Dropping it gives the
/// room back, so the owner drops it when the event is in the journal.
#[derive(Debug)]
pub struct Envelope {
    /// The event.
    pub event: Event,
    _room: Option<OwnedSemaphorePermit>,
}

/// Where events go. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EventSink {
    clock: Clock,
    sender: mpsc::UnboundedSender<Envelope>,
}

/// The owner's end.
pub type EventStream = mpsc::UnboundedReceiver<Envelope>;

impl EventSink {
    /// A sink and the stream that its owner reads.
    pub fn new(clock: Clock) -> (Self, EventStream) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { clock, sender }, receiver)
    }

    /// The clock that stamps events.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Tells an event of no connection. Never waits: only commands and starting up tell such, and those
    /// are few.
    pub fn tell(&self, kind: EventKind) {
        self.send(self.clock.now(), None, None, kind, None);
    }

    /// The same, but it does not keep the stream open: for a thread that cannot be ended.
    pub fn downgrade(&self) -> WeakEventSink {
        WeakEventSink {
            clock: self.clock,
            sender: self.sender.downgrade(),
        }
    }

    /// The share of a newly accepted connection.
    pub fn connection(&self, connection: ConnectionId, client: Option<ClientId>) -> ConnectionSink {
        ConnectionSink {
            sink: self.clone(),
            connection,
            client,
            room: Arc::new(Semaphore::new(CONNECTION_EVENTS)),
        }
    }

    fn send(
        &self,
        time: Timestamp,
        connection: Option<ConnectionId>,
        client: Option<ClientId>,
        kind: EventKind,
        room: Option<OwnedSemaphorePermit>,
    ) {
        // With no owner left the program is ending, and nobody is there to be told.
        let _ = self.sender.send(Envelope {
            event: Event {
                time,
                connection,
                client,
                kind,
            },
            _room: room,
        });
    }
}

/// An [`EventSink`] that does not keep its stream open.
#[derive(Debug, Clone)]
pub struct WeakEventSink {
    clock: Clock,
    sender: mpsc::WeakUnboundedSender<Envelope>,
}

impl WeakEventSink {
    /// The sink, as long as another keeps the stream open.
    pub fn upgrade(&self) -> Option<EventSink> {
        Some(EventSink {
            clock: self.clock,
            sender: self.sender.upgrade()?,
        })
    }
}

/// Where one connection's events go. It may be ahead of the journal by [`CONNECTION_EVENTS`]; beyond
/// that [`ConnectionSink::tell`] waits, and so its own socket alone is read more slowly.
#[derive(Debug, Clone)]
pub struct ConnectionSink {
    sink: EventSink,
    connection: ConnectionId,
    client: Option<ClientId>,
    room: Arc<Semaphore>,
}

impl ConnectionSink {
    /// The connection.
    pub fn id(&self) -> ConnectionId {
        self.connection
    }

    /// The clock that stamps events.
    pub fn clock(&self) -> Clock {
        self.sink.clock
    }

    /// The same connection's share, its events being of this client from here on.
    pub fn of(&self, client: Option<ClientId>) -> Self {
        Self {
            client,
            ..self.clone()
        }
    }

    /// Tells an event, when there is room for it.
    pub async fn tell(&self, kind: EventKind) {
        self.tell_at(self.clock().now(), kind).await;
    }

    /// Tells an event that happened a moment ago, when there is room for it.
    pub async fn tell_at(&self, time: Timestamp, kind: EventKind) {
        let room = self.room.clone().acquire_owned().await.ok();
        self.sink
            .send(time, Some(self.connection), self.client, kind, room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Severity;

    #[tokio::test]
    async fn a_connection_ahead_of_its_reader_waits_and_no_other_does() {
        let (sink, mut stream) = EventSink::new(Clock::start());
        let busy = sink.connection(ConnectionId(1), None);
        let calm = sink.connection(ConnectionId(2), None);
        let notice = || EventKind::Notice {
            severity: Severity::Info,
            text: String::new(),
        };
        for _ in 0..CONNECTION_EVENTS {
            busy.tell(notice()).await;
        }
        let mut waiting = Box::pin(busy.tell(notice()));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        calm.tell(notice()).await;
        drop(stream.recv().await);
        waiting.await;
    }
}
