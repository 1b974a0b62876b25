//! A conversation without sockets: two clients that are as they should be, a contact, and a third client that says anything.

use crate::event::{ClientId, ClientInfo, Ending};
use crate::event::{
    Clock, ConnectionId, EventKind, EventSink, EventStream, FindingId, Service, Step, Timestamp,
};
use crate::msnp::{Decoder, Direction, Frame, Shape, Status};
use crate::roster::Roster;
use crate::server::hub::Hub;
use crate::server::link::{Machine as _, Wire};
use crate::server::notification;
use crate::server::notification::mail::Mail as Letter;
use crate::server::shares::{Bounds, Shares, Side};
use crate::server::switchboard::{Mailbox, Seat, Switchboard};
use bytes::BytesMut;
use std::sync::Arc;

/// What came of what a client said.
#[derive(Debug, Default)]
pub(super) struct Came {
    pub written: Vec<u8>,
    pub findings: Vec<FindingId>,
    pub ended: Option<Ending>,
}

/// Somebody at a switchboard connection.
pub(super) struct Guest {
    pub seat: Seat,
    wire: Wire,
    mailbox: Arc<Mailbox>,
    decoder: Decoder,
    buffer: BytesMut,
}

pub(super) struct Room {
    pub switchboard: Arc<Switchboard>,
    hub: Arc<Hub>,
    shares: Arc<Shares>,
    rung: Arc<notification::Mailbox>,
    seats: u64,
    session: String,
    /// The one who began the conversation, and the other client in it.
    pub host: Guest,
    pub other: Guest,
    _events: EventStream,
}

impl Room {
    /// All clients speak this dialect.
    pub(super) fn new(shape: &str) -> Self {
        let shape: Shape = shape.parse().expect("a shape");
        let (events, stream) = EventSink::new(Clock::start());
        let roster = Roster::shipped().expect("the shipped roster");
        let hub = Arc::new(Hub::new(roster, events));
        let switchboard = Switchboard::new(hub.clone());
        let mut mailboxes = Vec::new();
        for (id, account) in [(1, "host@a.test"), (2, "other@a.test"), (3, "evil@a.test")] {
            let peer = "127.0.0.1:1".parse().expect("an address");
            let mut info = ClientInfo::new(ClientId(id), peer, Timestamp(0));
            let mailbox = Arc::new(notification::Mailbox::default());
            hub.arrive(info.clone(), mailbox.clone());
            info.account = Some(account.into());
            info.shape = Some(shape);
            info.status = Some(Status::Online);
            info.step = Step::Online;
            hub.update(info);
            mailboxes.push(mailbox);
        }
        let shares = Shares::new(Bounds::default());
        let guest = |id| Guest::new(&hub, &switchboard, &shares, id);
        let (mut host, mut other) = (guest(1), guest(2));
        let cookie = switchboard.act(None, |board, world, _| {
            board.invite(ClientId(1), "host@a.test", world)
        });
        let cookie = cookie.expect("a cookie").text;
        host.hears(
            format!("USR 1 host@a.test {cookie}\r\nCAL 2 busy@local\r\nCAL 3 other@a.test\r\n")
                .as_bytes(),
        );
        let ring = ring(&mailboxes[1]);
        let session = ring.0.clone();
        other.hears(format!("ANS 1 other@a.test {} {session}\r\n", ring.1).as_bytes());
        host.listens();
        Self {
            switchboard,
            hub,
            shares,
            rung: mailboxes.remove(2),
            seats: 100,
            session,
            host,
            other,
            _events: stream,
        }
    }

    /// A connection that has shown no cookie yet, and the ANS that would take it into the conversation.
    pub(super) fn stranger(&mut self) -> (Guest, String) {
        self.seats += 1;
        let guest = Guest::new(&self.hub, &self.switchboard, &self.shares, self.seats);
        self.host.hears(b"CAL 9 evil@a.test\r\n");
        let (session, cookie) = ring(&self.rung);
        assert_eq!(session, self.session);
        (guest, format!("ANS 1 evil@a.test {cookie} {session}\r\n"))
    }

    /// The evil client in the conversation.
    pub(super) fn evil(&mut self) -> Guest {
        let (mut guest, answer) = self.stranger();
        let came = guest.hears(answer.as_bytes());
        assert!(came.written.ends_with(b"ANS 1 OK\r\n"), "{came:?}");
        self.host.listens();
        self.other.listens();
        guest
    }

    /// It has gone, and the others are unharmed: what they were sent is frames, and they talk with each other as ever.
    pub(super) fn goes_on(&mut self, mut evil: Guest) {
        evil.seat
            .left(&Ending::other("it has gone"), &mut evil.wire);
        for guest in [&mut self.host, &mut self.other] {
            let came = guest.listens();
            let (mut decoder, mut heard) = (
                Decoder::new(Direction::Out),
                BytesMut::from(&came.written[..]),
            );
            while let Some(frame) = decoder.next(&mut heard).expect("frames") {
                let verb = String::from_utf8_lossy(frame.verb()).into_owned();
                assert!(
                    ["MSG", "JOI", "BYE", "CAL"].contains(&verb.as_str()),
                    "{verb}"
                );
            }
            assert!(heard.is_empty(), "whole frames: {heard:?}");
            assert_eq!(came.ended, None);
        }
        let came = self.host.hears(b"MSG 7 A 2\r\nhi");
        assert_eq!(String::from_utf8_lossy(&came.written), "ACK 7\r\n");
        let heard = self.other.listens();
        assert_eq!(
            String::from_utf8_lossy(&heard.written),
            "MSG host@a.test host%40a.test 2\r\nhi"
        );
    }
}

/// The session and the cookie of the newest call.
fn ring(mailbox: &notification::Mailbox) -> (String, String) {
    let all = std::iter::from_fn(|| mailbox.take());
    let rings = all.filter_map(|letter| match letter {
        Letter::Ring(ring) => Some((ring.conversation.to_string(), ring.cookie.text)),
        _ => None,
    });
    rings.last().expect("is rung")
}

impl Guest {
    fn new(hub: &Arc<Hub>, switchboard: &Arc<Switchboard>, shares: &Arc<Shares>, id: u64) -> Self {
        let place = shares.enter(
            Side::Notification,
            "127.0.0.1".parse().expect("one"),
            |_| {},
        );
        let id = ConnectionId(id);
        let mailbox = Arc::new(Mailbox::default());
        switchboard.arrive(id, mailbox.clone());
        Self {
            seat: Seat::new(switchboard.clone(), id, place),
            wire: Wire::nowhere(Service::Switchboard, hub.events().connection(id, None)),
            mailbox,
            decoder: Decoder::new(Direction::In),
            buffer: BytesMut::new(),
        }
    }

    /// The client says this; as the link does it, up to the end of the connection.
    pub(super) fn hears(&mut self, bytes: &[u8]) -> Came {
        self.buffer.extend_from_slice(bytes);
        let mut came = self.listens();
        while came.ended.is_none() {
            match self.decoder.next(&mut self.buffer) {
                Ok(Some(frame)) => self.frame(frame),
                Ok(None) => break,
                Err(error) => self.seat.undecodable(error, &mut self.wire),
            }
            self.takes(&mut came);
        }
        came
    }

    fn frame(&mut self, frame: Frame) {
        self.wire.heard_for_test(frame.clone());
        self.seat.frame(frame, &mut self.wire);
    }

    /// What has come for it.
    pub(super) fn listens(&mut self) -> Came {
        let mut came = Came::default();
        self.takes(&mut came);
        came
    }

    fn takes(&mut self, came: &mut Came) {
        loop {
            while self.seat.is_busy() {
                self.seat.proceed(&mut self.wire);
            }
            match self.mailbox.take() {
                Some(letter) => self.seat.mail(letter, &mut self.wire),
                None => break,
            }
        }
        came.written.extend(self.wire.take_written());
        for kind in self.wire.take_told() {
            if let EventKind::Finding(finding) = kind {
                came.findings.push(finding.id);
            }
        }
        came.ended = came.ended.take().or_else(|| self.wire.take_end());
    }
}
