//! The way of events to their one owner, and the share of that way that each connection has.

use super::{ClientId, Clock, ConnectionId, Event, EventKind, Known, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Events of one connection that the journal may be behind by. A large event counts as one more for each KiB of it.
pub const CONNECTION_EVENTS: usize = 256;

/// Connections that the journal may be behind by. Beyond that no further one is accepted: else clients that come and go
/// would pile up events without end.
pub const ARRIVALS: usize = 1024;

/// Bytes from which on an event is a large one.
const LARGE: usize = 16 * 1024;

/// KiB of large events that the journal may be behind by, of all connections together. Without this bound the answers to a
/// few hundred clients that ask for a long address book at once would fill the memory. Small events wait behind large ones,
/// so the bound is about what is taken up in a hundredth of a second or two.
pub const LARGE_KIB: usize = 8 * 1024;

/// Lines of lists by which a client may once be further ahead of the journal than [`CONNECTION_EVENTS`]: each contact is a line
/// of SYN's answer, a presence and a personal message. Else the last of 5,000 contacts would come when what all others do
/// has been taken up forty times.
const LIST_EVENTS: usize = 16 * 1024;

/// KiB of these lines that the journal may be behind by, of all clients together. Who finds no room here has its share
/// and waits.
const LIST_KIB: usize = 24 * 1024;

/// An event on its way, with the room that it takes of its connection's share. Dropping it gives the room back. So the
/// owner drops it when the event is in the journal.
#[derive(Debug)]
pub struct Envelope {
    /// The event.
    pub event: Event,
    _room: Room,
}

/// Where events go. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EventSink {
    clock: Clock,
    sender: mpsc::UnboundedSender<Envelope>,
    arrivals: Arc<Semaphore>,
    large: Arc<Semaphore>,
    lists: Arc<Semaphore>,
    known: Arc<Known>,
}

/// Room for an event. It is given back when the event has been taken up.
#[derive(Debug, Default)]
pub struct Room {
    _own: Option<OwnedSemaphorePermit>,
    _large: Option<OwnedSemaphorePermit>,
}

/// The owner's end.
pub type EventStream = mpsc::UnboundedReceiver<Envelope>;

impl EventSink {
    /// A sink and the stream that its owner reads.
    pub fn new(clock: Clock) -> (Self, EventStream) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let arrivals = Arc::new(Semaphore::new(ARRIVALS));
        let large = Arc::new(Semaphore::new(LARGE_KIB));
        let lists = Arc::new(Semaphore::new(LIST_KIB));
        (
            Self {
                clock,
                sender,
                arrivals,
                large,
                lists,
                known: Arc::default(),
            },
            receiver,
        )
    }

    /// Waits until a further connection may be told of: see [`ARRIVALS`]. Gives back the room for its first event.
    pub async fn arrival(&self) -> Room {
        Room {
            _own: self.arrivals.clone().acquire_owned().await.ok(),
            _large: None,
        }
    }

    /// The clock that stamps events.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The secrets that are hidden in every event.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Tells an event of no connection. It never waits: only commands and the start tell such events, and those are few.
    pub fn tell(&self, kind: EventKind) {
        self.send(self.clock.now(), None, None, kind, Room::default());
    }

    /// The same sink, but one that does not keep the stream open. It is for a thread that cannot be ended.
    pub fn downgrade(&self) -> WeakEventSink {
        WeakEventSink {
            clock: self.clock,
            sender: self.sender.downgrade(),
            arrivals: self.arrivals.clone(),
            large: self.large.clone(),
            lists: self.lists.clone(),
            known: self.known.clone(),
        }
    }

    /// The share of a newly accepted connection.
    pub fn connection(&self, connection: ConnectionId, client: Option<ClientId>) -> ConnectionSink {
        ConnectionSink {
            sink: self.clone(),
            connection,
            client,
            room: Arc::new(Semaphore::new(CONNECTION_EVENTS)),
            list: Arc::default(),
        }
    }

    fn send(
        &self,
        time: Timestamp,
        connection: Option<ConnectionId>,
        client: Option<ClientId>,
        mut kind: EventKind,
        room: Room,
    ) {
        self.known.hide(&mut kind);
        // If there is no owner any more, the program is ending, and nobody is there to be told.
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
    arrivals: Arc<Semaphore>,
    large: Arc<Semaphore>,
    lists: Arc<Semaphore>,
    known: Arc<Known>,
}

impl WeakEventSink {
    /// The sink, while another one keeps the stream open.
    pub fn upgrade(&self) -> Option<EventSink> {
        Some(EventSink {
            clock: self.clock,
            sender: self.sender.upgrade()?,
            arrivals: self.arrivals.clone(),
            large: self.large.clone(),
            lists: self.lists.clone(),
            known: self.known.clone(),
        })
    }
}

/// Where the events of one connection go. The connection may be ahead of the journal by [`CONNECTION_EVENTS`]. Beyond that
/// [`ConnectionSink::tell`] waits, so that its own socket alone is read more slowly.
#[derive(Debug, Clone)]
pub struct ConnectionSink {
    sink: EventSink,
    connection: ConnectionId,
    client: Option<ClientId>,
    room: Arc<Semaphore>,
    /// How much is left of [`LIST_EVENTS`].
    list: Arc<AtomicUsize>,
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

    /// The secrets that are hidden in every event.
    pub fn known(&self) -> &Known {
        &self.sink.known
    }

    /// The share of the same connection. From here on its events are about this client.
    pub fn of(&self, client: Option<ClientId>) -> Self {
        Self {
            client,
            ..self.clone()
        }
    }

    /// The same share, of a client, to which lists are sent: see `LIST_EVENTS`.
    pub fn of_a_client(self) -> Self {
        self.list.store(LIST_EVENTS, Ordering::Relaxed);
        self
    }

    /// Waits for room for an event, and tells it.
    pub async fn tell(&self, kind: EventKind) {
        let time = self.clock().now();
        let room = self.room(&kind).await;
        self.tell_in(room, time, kind);
    }

    /// Waits until there is room for this event.
    pub async fn room(&self, kind: &EventKind) -> Room {
        self.room_of(kind.length()).await
    }

    /// Waits until there is room for an event with this many bytes in it. The event need not be made yet.
    pub async fn room_of(&self, length: usize) -> Room {
        let of = |room: &Arc<Semaphore>, most: usize| {
            let size = size(length).min(most);
            room.clone().acquire_many_owned(size as u32)
        };
        let own = of(&self.room, CONNECTION_EVENTS).await.ok();
        let large = if length < LARGE {
            None
        } else {
            of(&self.sink.large, LARGE_KIB).await.ok()
        };
        Room {
            _own: own,
            _large: large,
        }
    }

    /// The same for a line of a list, which a client may once be further ahead by.
    pub async fn room_of_list(&self, length: usize) -> Room {
        let size = size(length);
        let at_once = |room: &Arc<Semaphore>| room.clone().try_acquire_many_owned(size as u32).ok();
        let own = at_once(&self.room).or_else(|| {
            // Only the connection's own task takes of it.
            let left = self.list.load(Ordering::Relaxed).checked_sub(size)?;
            let room = at_once(&self.sink.lists)?;
            self.list.store(left, Ordering::Relaxed);
            Some(room)
        });
        match own {
            Some(_) if length < LARGE => Room {
                _own: own,
                _large: None,
            },
            _ => self.room_of(length).await,
        }
    }

    /// The same, where there is room at once.
    pub fn room_at_once(&self, length: usize) -> Option<Room> {
        let size = size(length) as u32;
        let own = self.room.clone().try_acquire_many_owned(size).ok()?;
        (length < LARGE).then_some(Room {
            _own: Some(own),
            _large: None,
        })
    }

    /// Whose events they are, where that is known.
    pub fn client(&self) -> Option<ClientId> {
        self.client
    }

    /// Tells an event of a moment ago, for which there is room.
    pub fn tell_in(&self, room: Room, time: Timestamp, kind: EventKind) {
        let (connection, client) = (Some(self.connection), self.client);
        self.sink.send(time, connection, client, kind, room);
    }
}

/// What an event of this length takes of a connection's share.
fn size(length: usize) -> usize {
    1 + length / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{FrameEvent, Secrets, Sentence, Severity};
    use crate::msnp::{Direction, Frame};

    #[tokio::test]
    async fn a_connection_ahead_of_its_reader_waits_and_no_other_does() {
        let (sink, mut stream) = EventSink::new(Clock::start());
        let busy = sink.connection(ConnectionId(1), None);
        let calm = sink.connection(ConnectionId(2), None);
        let notice = || EventKind::Notice {
            severity: Severity::Info,
            text: Sentence::default(),
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

    #[tokio::test]
    async fn large_events_take_more_of_the_share_and_one_always_fits() {
        let (sink, mut stream) = EventSink::new(Clock::start());
        let connection = sink.connection(ConnectionId(1), None);
        let frame = |length: usize| {
            EventKind::Frame(FrameEvent {
                service: crate::event::Service::Notification,
                direction: Direction::In,
                frame: Frame::from_wire(vec![b'x'; length].into()),
                secrets: Secrets::default(),
                injected: false,
            })
        };
        for _ in 0..3 {
            connection.tell(frame(64 * 1024)).await;
        }
        assert!(futures_util::poll!(Box::pin(connection.tell(frame(64 * 1024)))).is_pending());
        while stream.try_recv().is_ok() {}
        connection.tell(frame(10_000_000)).await;
        let mut waiting = Box::pin(connection.tell(frame(1)));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(stream.recv().await);
        waiting.await;
    }

    #[tokio::test]
    async fn large_events_of_all_connections_together_are_bounded_and_small_ones_pass() {
        let (sink, mut stream) = EventSink::new(Clock::start());
        let notice = || EventKind::Notice {
            severity: Severity::Info,
            text: Sentence::default(),
        };
        let large = |n: u64| {
            let connection = sink.connection(ConnectionId(n), None);
            async move {
                let room = connection.room_of(LARGE_KIB / 4 * 1024).await;
                connection.tell_in(room, connection.clock().now(), notice());
            }
        };
        for n in 0..3 {
            large(n).await;
        }
        let mut waiting = Box::pin(large(3));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        sink.connection(ConnectionId(4), None).tell(notice()).await;
        drop(stream.recv().await);
        waiting.await;
    }

    /// Tells lines of a list until one has to wait, and gives back how many went.
    async fn lines(client: &ConnectionSink) -> usize {
        let mut told = 0;
        loop {
            let mut room = Box::pin(client.room_of_list(20));
            let std::task::Poll::Ready(room) = futures_util::poll!(&mut room) else {
                return told;
            };
            let kind = EventKind::Notice {
                severity: Severity::Info,
                text: Sentence::default(),
            };
            client.tell_in(room, client.clock().now(), kind);
            told += 1;
        }
    }

    #[tokio::test]
    async fn a_client_is_once_sent_a_long_list_without_a_wait() {
        let (sink, mut stream) = EventSink::new(Clock::start());
        let client = sink.connection(ConnectionId(1), None).of_a_client();
        let other = sink.connection(ConnectionId(2), None);
        assert_eq!(lines(&client).await, CONNECTION_EVENTS + LIST_EVENTS);
        assert_eq!(lines(&other).await, CONNECTION_EVENTS);
        while stream.try_recv().is_ok() {}
        assert_eq!(lines(&client).await, CONNECTION_EVENTS);
    }

    #[tokio::test]
    async fn the_lists_of_all_clients_are_bounded_and_each_client_keeps_its_share() {
        let (sink, _stream) = EventSink::new(Clock::start());
        let mut told = 0;
        for n in 0..8 {
            let client = sink.connection(ConnectionId(n), None).of_a_client();
            told += lines(&client).await;
        }
        assert_eq!(told, 8 * CONNECTION_EVENTS + LIST_KIB);
    }

    #[tokio::test]
    async fn connections_that_come_and_go_do_not_pile_up_events() {
        let (sink, mut stream) = EventSink::new(Clock::start());
        let time = sink.clock().now();
        let kind = || EventKind::Notice {
            severity: Severity::Info,
            text: "connected".into(),
        };
        for n in 0..ARRIVALS {
            let room = sink.arrival().await;
            sink.connection(ConnectionId(n as u64), None)
                .tell_in(room, time, kind());
        }
        assert!(futures_util::poll!(Box::pin(sink.arrival())).is_pending());
        drop(stream.recv().await);
        assert!(futures_util::poll!(Box::pin(sink.arrival())).is_ready());
    }
}
