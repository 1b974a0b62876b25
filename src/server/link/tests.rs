//! A toy machine that echoes proves the seam: link knows nothing of what its frames mean.

use super::{Ending, Letter, MAX_QUEUED, Machine, Mailbox, Wire, drive};
use crate::event::{
    Clock, ConnectionId, Event, EventKind, EventSink, EventStream, Service, Severity,
};
use crate::msnp::{Frame, FrameError};
use crate::server::shares::{Bounds, Place, Shares, Side};
use bytes::Bytes;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Says everything again, counts down when told `DWN`, and shouts what comes by mail.
struct Echo {
    place: Place,
    left: u32,
}

struct Shout(Bytes);

impl From<Frame> for Shout {
    fn from(frame: Frame) -> Self {
        Shout(frame.wire().clone())
    }
}

impl Letter for Shout {
    fn size(&self) -> usize {
        self.0.len()
    }
}

impl Machine for Echo {
    type Letter = Shout;

    const SERVICE: Service = Service::Notification;

    fn place(&self) -> &Place {
        &self.place
    }

    fn is_busy(&self) -> bool {
        self.left > 0
    }

    fn proceed(&mut self, wire: &mut Wire) {
        wire.send(Frame::from_wire(format!("{}\r\n", self.left).into()));
        self.left -= 1;
    }

    fn frame(&mut self, frame: Frame, wire: &mut Wire) {
        wire.tell(EventKind::Notice {
            severity: Severity::Info,
            text: "it echoes".into(),
        });
        match frame.verb() {
            b"OUT" => wire.close("it said OUT".into()),
            b"DWN" => self.left = 3,
            _ => wire.send(frame),
        }
    }

    fn undecodable(&mut self, error: FrameError, wire: &mut Wire) {
        wire.close(error.to_string());
    }

    fn mail(&mut self, letter: Shout, wire: &mut Wire) {
        wire.send(Frame::from_wire(letter.0.to_ascii_uppercase().into()));
    }

    fn end(&mut self, ending: Ending, wire: &mut Wire) {
        wire.send(Frame::from_wire(Bytes::from_static(b"BYE\r\n")));
        wire.close(ending.reason());
    }

    fn left(&mut self, reason: &str, wire: &mut Wire) {
        let account = "echo".into();
        let reason = reason.to_owned();
        wire.tell(EventKind::SignedOut { account, reason });
    }
}

async fn start() -> (TcpStream, Arc<Mailbox<Shout>>, EventStream) {
    let (events, stream) = EventSink::new(Clock::start());
    let door = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = door.local_addr().expect("its address");
    let client = TcpStream::connect(address).await.expect("connects");
    let (socket, peer) = door.accept().await.expect("accepts");
    let mailbox = Arc::new(Mailbox::default());
    let shares = Shares::new(Bounds::default());
    let place = shares.enter(Side::Notification, peer.ip(), |_| {});
    let sink = events.connection(ConnectionId(1), None);
    tokio::spawn(drive(
        Echo { place, left: 0 },
        socket,
        mailbox.clone(),
        sink,
    ));
    (client, mailbox, stream)
}

async fn expect(client: &mut TcpStream, text: &str) {
    let mut got = vec![0; text.len()];
    client.read_exact(&mut got).await.expect("bytes");
    assert_eq!(String::from_utf8_lossy(&got), text);
}

fn words(event: &Event) -> String {
    match &event.kind {
        EventKind::Frame(told) => {
            let line = String::from_utf8_lossy(told.frame.line()).into_owned();
            format!("{:?} {line}", told.direction)
        }
        EventKind::Notice { text, .. } => text.clone(),
        EventKind::SignedOut { reason, .. } => format!("left: {reason}"),
        EventKind::Disconnected {
            bytes_in,
            bytes_out,
            reason,
            ..
        } => format!("{bytes_in} in, {bytes_out} out, {reason}"),
        other => other.name().into(),
    }
}

async fn told(mut stream: EventStream) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(envelope) = stream.recv().await {
        all.push(words(&envelope.event));
    }
    all
}

#[tokio::test]
async fn frames_are_read_answered_and_told_of_in_that_order() {
    let (mut client, mailbox, stream) = start().await;
    client
        .write_all(b"one\r\nDWN\r\ntwo\r\n")
        .await
        .expect("writes");
    // A machine that is busy says what it has to before it hears more.
    expect(&mut client, "one\r\n3\r\n2\r\n1\r\ntwo\r\n").await;
    mailbox.put(Shout(Bytes::from_static(b"mail\r\n")));
    expect(&mut client, "MAIL\r\n").await;
    client.write_all(b"OUT\r\n").await.expect("writes");
    assert_eq!(client.read(&mut [0; 9]).await.ok(), Some(0));
    assert_eq!(
        told(stream).await,
        [
            "In one",
            "it echoes",
            "Out one",
            "In DWN",
            "it echoes",
            "Out 3",
            "Out 2",
            "Out 1",
            "In two",
            "it echoes",
            "Out two",
            "Out MAIL",
            "In OUT",
            "it echoes",
            "left: it said OUT",
            "20 in, 25 out, it said OUT",
        ]
    );
}

#[tokio::test]
async fn one_that_does_not_read_is_ended_and_one_that_is_ended_is_told() {
    let (mut client, mailbox, stream) = start().await;
    mailbox.end(Ending::Kicked);
    expect(&mut client, "BYE\r\n").await;
    assert_eq!(client.read(&mut [0; 9]).await.ok(), Some(0));
    let all = told(stream).await;
    assert_eq!(all.first().map(String::as_str), Some("Out BYE"), "{all:?}");

    let (_client, mailbox, stream) = start().await;
    for _ in 0..=16 {
        mailbox.put(Shout(Bytes::from(vec![b'x'; MAX_QUEUED / 16])));
    }
    let all = told(stream).await;
    let stuffed = Ending::Stuffed.reason();
    assert!(
        all.iter().any(|line| line == &format!("left: {stuffed}")),
        "{all:?}"
    );
}
