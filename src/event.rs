//! What the server tells: one type for everything that happens, and the way it reaches the one owner
//! of the journal.
//!
//! Events hold raw bytes together with the ranges that are secret. Every exit (screen, log, JSON,
//! export) escapes control bytes and masks secrets unless the operator asks otherwise.

use crate::control::CommandId;
use crate::msnp::{Direction, Frame, Shape, Status};
use crate::roster::{Contact, Roster};
use bytes::Bytes;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Number of a notification connection, signed in or not: what the operator addresses. From 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u64);

/// Number of an accepted socket of any service. From 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A moment: microseconds since the Unix epoch, as read at start, plus a monotonic clock since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// From another, earlier moment to this one; zero if it was later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// The clock of one run: it never goes back, whatever is done to the machine's.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    unix_micros: u64,
}

impl Clock {
    /// Reads the machine's clock once.
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            unix_micros: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| d.as_micros() as u64),
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.unix_micros + self.start.elapsed().as_micros() as u64)
    }
}

/// The services, one listening address or more each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// MSNP, TCP 1863.
    Notification,
    /// Passport and SOAP over TLS.
    Https,
    /// The same in the clear, and the root certificate.
    Http,
}

impl Service {
    /// Its name in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Service::Notification => "notification",
            Service::Https => "https",
            Service::Http => "http",
        }
    }
}

/// Ranges of bytes that are secret: passwords and tickets. In order, and not overlapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secrets(pub Vec<std::ops::Range<u32>>);

/// Bytes with the ranges in them that are secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Masked {
    /// All of them, as on the wire.
    pub bytes: Bytes,
    /// Which of them are secret.
    pub secrets: Secrets,
}

/// What stands for a secret where it is masked.
pub const MASK: &[u8] = b"***";

impl Secrets {
    /// One secret range.
    pub fn one(from: usize, to: usize) -> Self {
        Self(std::iter::once(from as u32..to as u32).collect())
    }

    /// The part `from..to` of `bytes` with every secret replaced by [`MASK`].
    /// Borrowed as it is where nothing in it is secret.
    pub fn mask<'a>(
        &self,
        bytes: &'a [u8],
        from: usize,
        to: usize,
        show: bool,
    ) -> std::borrow::Cow<'a, [u8]> {
        let hidden: Vec<_> = self
            .0
            .iter()
            .map(|r| (r.start as usize).max(from)..(r.end as usize).min(to))
            .filter(|r| r.start < r.end)
            .collect();
        if show || hidden.is_empty() {
            return bytes[from..to].into();
        }
        let mut out = Vec::with_capacity(to - from);
        let mut at = from;
        for range in hidden {
            out.extend_from_slice(&bytes[at..range.start]);
            out.extend_from_slice(MASK);
            at = range.end;
        }
        out.extend_from_slice(&bytes[at..to]);
        out.into()
    }
}

impl Masked {
    /// Bytes of which none is secret.
    pub fn open(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            secrets: Secrets::default(),
        }
    }

    /// The bytes with every secret masked, or as they are where `show` is set.
    pub fn shown(&self, show: bool) -> std::borrow::Cow<'_, [u8]> {
        self.secrets.mask(&self.bytes, 0, self.bytes.len(), show)
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// On which accepted socket, if on one.
    pub connection: Option<ConnectionId>,
    /// To which client, where that is known.
    pub client: Option<ClientId>,
    /// What.
    pub kind: EventKind,
}

/// What happened. The name that JSON gives to each is [`EventKind::name`].
#[derive(Debug, Clone)]
pub enum EventKind {
    /// The roster as it is when the stream opens.
    Roster(Arc<Roster>),
    /// A door is open.
    Listening {
        /// Which service.
        service: Service,
        /// Where.
        address: SocketAddr,
    },
    /// A socket was accepted.
    Connected {
        /// By which service.
        service: Service,
        /// From where.
        peer: SocketAddr,
        /// The address that the peer reached.
        local: SocketAddr,
    },
    /// A TLS handshake ended, well or badly.
    Tls(Box<TlsHandshake>),
    /// A frame was read, or has been written.
    Frame(FrameEvent),
    /// A request was answered over HTTP.
    Http(Box<HttpExchange>),
    /// What is known of a client changed: its step, dialect, shape, status, name and so on.
    Client(Box<ClientInfo>),
    /// A client has signed in.
    SignedIn {
        /// Its account.
        account: String,
        /// Its shape.
        shape: Shape,
    },
    /// A client that was signed in is no more.
    SignedOut {
        /// Its account.
        account: String,
        /// Why.
        reason: String,
    },
    /// A contact was added, changed or removed.
    Contact(Box<ContactChange>),
    /// Something is not as it should be.
    Finding(Box<Finding>),
    /// A socket is closed.
    Disconnected {
        /// Of which service.
        service: Service,
        /// Why, and who closed it.
        reason: String,
        /// Bytes read from it.
        bytes_in: u64,
        /// Bytes written to it.
        bytes_out: u64,
    },
    /// The outcome of a command.
    Reply(Box<Reply>),
    /// The service says something about itself.
    Notice {
        /// How much it matters.
        severity: Severity,
        /// What.
        text: String,
    },
}

impl EventKind {
    /// Its name in JSON (`event`) and in filters.
    pub fn name(&self) -> &'static str {
        match self {
            EventKind::Roster(_) => "roster",
            EventKind::Listening { .. } => "listening",
            EventKind::Connected { .. } => "connected",
            EventKind::Tls(_) => "tls",
            EventKind::Frame(_) => "frame",
            EventKind::Http(_) => "http",
            EventKind::Client(_) => "client",
            EventKind::SignedIn { .. } => "signed-in",
            EventKind::SignedOut { .. } => "signed-out",
            EventKind::Contact(_) => "contact",
            EventKind::Finding(_) => "finding",
            EventKind::Disconnected { .. } => "disconnected",
            EventKind::Reply(_) => "reply",
            EventKind::Notice { .. } => "notice",
        }
    }
}

/// A frame of the notification service. An outgoing one has been written when this is told.
#[derive(Debug, Clone)]
pub struct FrameEvent {
    /// Which way.
    pub direction: Direction,
    /// Its bytes.
    pub frame: Frame,
    /// Which of them are secret.
    pub secrets: Secrets,
    /// Whether the operator put it in.
    pub injected: bool,
}

/// How a hello was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hello {
    /// In SSLv2 format, asking for SSL 3.0 or TLS: what Messenger for Mac sends.
    Sslv2,
    /// In TLS format.
    Tls,
}

/// A TLS handshake that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsHandshake {
    /// `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`; what the hello asked for, where it failed.
    pub version: Option<String>,
    /// The name of the suite.
    pub cipher: Option<String>,
    /// The host the client asked for. An SSLv2-format hello has none.
    pub sni: Option<String>,
    /// How the hello was written; `None` where no hello was understood.
    pub hello: Option<Hello>,
    /// From the first byte to the end of the handshake.
    pub duration: Duration,
    /// Why it failed.
    pub failure: Option<TlsFailure>,
}

/// Why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFailure {
    /// A short id, such as `unknown-ca`, `no-shared-cipher`, `client-clock`, `sslv2-only`, `timeout`, `closed`.
    pub cause: &'static str,
    /// A sentence that says what happened and what to check.
    pub text: String,
}

/// A request and its answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpExchange {
    /// Which door.
    pub service: Service,
    /// The method.
    pub method: String,
    /// The target, as written.
    pub target: String,
    /// The Host header, if there was one.
    pub host: Option<String>,
    /// What it is to nudge: `nexus`, `login`, `FindMembership`, `page`, `unknown` and so on.
    pub action: String,
    /// The account it is for, where that is known.
    pub account: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The request's line, headers and body.
    pub request: Masked,
    /// The answer's line, headers and body.
    pub response: Masked,
    /// From the request's last byte to the answer's first.
    pub duration: Duration,
}

/// How far a client's sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Connected; VER is due.
    Connected,
    /// VER is answered; CVR is due.
    Version,
    /// CVR is answered; `USR … I` is due.
    ClientVersion,
    /// `USR … I` is answered; the client is at Passport, and `USR … S` is due.
    Authenticating,
    /// `USR … OK` is sent; address book, ADL and CHG are due.
    SignedIn,
    /// The first CHG is answered: it sees its contacts.
    Online,
    /// Closed.
    Gone,
}

/// Who has to do the next thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The client.
    Client,
    /// The service.
    Server,
    /// Nobody: the client rests, and pings.
    Nobody,
}

impl Step {
    /// A short name for people.
    pub fn name(self) -> &'static str {
        match self {
            Step::Connected => "connected",
            Step::Version => "VER",
            Step::ClientVersion => "CVR",
            Step::Authenticating => "Passport",
            Step::SignedIn => "signed in",
            Step::Online => "online",
            Step::Gone => "gone",
        }
    }

    /// Who owes the next move.
    pub fn turn(self) -> Turn {
        match self {
            Step::Online | Step::Gone => Turn::Nobody,
            _ => Turn::Client,
        }
    }

    /// What is expected next, in a few words.
    pub fn expects(self) -> &'static str {
        match self {
            Step::Connected => "VER",
            Step::Version => "CVR",
            Step::ClientVersion => "USR … I",
            Step::Authenticating => "a Passport sign-in over HTTPS, then USR … S with the ticket",
            Step::SignedIn => "the address book, ADL, then CHG",
            Step::Online | Step::Gone => "nothing",
        }
    }
}

/// What the service knows of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientInfo {
    /// Its number.
    pub id: ClientId,
    /// The account it named in USR.
    pub account: Option<String>,
    /// The client's name and version in CVR, and its system: `macmsgs`, `8.0.1`, `mac 10.14.6 i386`.
    pub software: Option<Software>,
    /// Its dialect and family, once agreed.
    pub shape: Option<Shape>,
    /// From where it came.
    pub peer: SocketAddr,
    /// How far it is.
    pub step: Step,
    /// Since when.
    pub since: Timestamp,
    /// Its own status, once given.
    pub status: Option<Status>,
    /// Its own friendly name.
    pub name: Option<String>,
    /// Its own personal message.
    pub personal_message: Option<String>,
    /// Its own current media, as sent.
    pub media: Option<String>,
    /// The name of its endpoint, `EpName`.
    pub endpoint: Option<String>,
    /// Its machine GUID, where it gave one.
    pub machine: Option<String>,
}

/// What a client says of itself in CVR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// `macmsgs`.
    pub name: String,
    /// `8.0.1`.
    pub version: String,
    /// `mac 10.14.6 i386`.
    pub system: String,
}

/// What became of a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactChange {
    /// What changed, for people and JSON: `status`, `personal-message`, `media`, `name`, `lists`, `groups`, `added`,
    /// `removed`, `replaced`.
    pub change: &'static str,
    /// The contact as it is now; as it was, where it was removed.
    pub contact: Arc<Contact>,
    /// Who changed it: the operator, or a client over SOAP or the notification service.
    pub by: Option<ClientId>,
    /// How many signed-in clients are being told.
    pub told: usize,
}

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not as meant.
    Warning,
    /// It went wrong.
    Error,
}

impl Severity {
    /// Its name in JSON and filters.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something that is not as it should be: which rule, which field, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, such as `unknown-verb`, `bare-lf`, `bad-length`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The field it is about, such as `UUX length`; empty if about no one field.
    pub field: String,
    /// A sentence: what was seen, why it is wrong, and what was done.
    pub text: String,
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Whose.
    pub command: CommandId,
    /// Whether it was done.
    pub ok: bool,
    /// A sentence.
    pub text: String,
    /// What was asked for, where something was.
    pub data: ReplyData,
}

impl EventKind {
    /// How many bytes from the wire it holds, where those can be many.
    fn length(&self) -> usize {
        match self {
            EventKind::Frame(event) => event.frame.wire().len(),
            EventKind::Http(exchange) => {
                exchange.request.bytes.len() + exchange.response.bytes.len()
            }
            _ => 0,
        }
    }
}

/// What a command gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyData {
    /// Nothing but its sentence.
    None,
    /// The clients.
    Clients(Vec<ClientInfo>),
    /// The contacts.
    Contacts(Vec<Arc<Contact>>),
    /// Lines of text, such as help.
    Lines(Vec<String>),
}

/// How many events of one connection the journal may be behind by. One with much in it counts as one more
/// for each KiB of it.
pub const CONNECTION_EVENTS: usize = 256;

/// How many connections the journal may be behind by: beyond that no further one is accepted, or clients
/// that come and go would pile up events without end.
pub const ARRIVALS: usize = 1024;

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
    arrivals: Arc<Semaphore>,
}

/// Room for an event. It is given back when the event has been taken up.
#[derive(Debug)]
pub struct Room(Option<OwnedSemaphorePermit>);

/// The owner's end.
pub type EventStream = mpsc::UnboundedReceiver<Envelope>;

impl EventSink {
    /// A sink and the stream that its owner reads.
    pub fn new(clock: Clock) -> (Self, EventStream) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let arrivals = Arc::new(Semaphore::new(ARRIVALS));
        (
            Self {
                clock,
                sender,
                arrivals,
            },
            receiver,
        )
    }

    /// Waits until a further connection may be told of: see [`ARRIVALS`]. The room is for its first event.
    pub async fn arrival(&self) -> Room {
        Room(self.arrivals.clone().acquire_owned().await.ok())
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
            arrivals: self.arrivals.clone(),
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
    arrivals: Arc<Semaphore>,
}

impl WeakEventSink {
    /// The sink, as long as another keeps the stream open.
    pub fn upgrade(&self) -> Option<EventSink> {
        Some(EventSink {
            clock: self.clock,
            sender: self.sender.upgrade()?,
            arrivals: self.arrivals.clone(),
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
        let time = self.clock().now();
        let room = self.room(&kind).await;
        self.tell_in(room, time, kind);
    }

    /// Waits until there is room for this event.
    pub async fn room(&self, kind: &EventKind) -> Room {
        let size = (1 + kind.length() / 1024).min(CONNECTION_EVENTS);
        let room = self.room.clone().acquire_many_owned(size as u32);
        Room(room.await.ok())
    }

    /// Tells an event of a moment ago, for which there is room.
    pub fn tell_in(&self, room: Room, time: Timestamp, kind: EventKind) {
        let (connection, client) = (Some(self.connection), self.client);
        self.sink.send(time, connection, client, kind, room.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_within_any_part() {
        let masked = Masked {
            bytes: Bytes::from_static(b"USR 4 TWN S t=abc&p= guid"),
            secrets: Secrets::one(12, 20),
        };
        assert_eq!(&*masked.shown(false), b"USR 4 TWN S *** guid");
        assert_eq!(&*masked.shown(true), &masked.bytes[..]);
        assert_eq!(
            &*masked.secrets.mask(&masked.bytes, 14, 25, false),
            b"*** guid"
        );
        assert_eq!(
            &*masked.secrets.mask(&masked.bytes, 0, 12, false),
            b"USR 4 TWN S "
        );
    }

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

    #[tokio::test]
    async fn large_events_take_more_of_the_share_and_one_always_fits() {
        let (sink, mut stream) = EventSink::new(Clock::start());
        let connection = sink.connection(ConnectionId(1), None);
        let frame = |length: usize| {
            EventKind::Frame(FrameEvent {
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
