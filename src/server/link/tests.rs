//! A toy machine that echoes proves the seam: link knows nothing of what its frames mean.

use super::drive::SLICE;
use super::{Ending, Letter, MAX_QUEUED, Machine, Mailbox, Passes as _, Wire, drive};
use crate::event::{
    self, Clock, ConnectionId, Event, EventKind, EventSink, EventStream, Service, Severity,
};
use crate::msnp::{Frame, FrameError};
use crate::server::shares::{Bounds, Place, Shares, Side};
use crate::server::turns::{LONG, Turns};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Is there only so that a failure does not hang.
const LIMIT: Duration = Duration::from_secs(30);

/// Says everything again, counts down when told `DWN`, and shouts what comes by mail.
struct Echo {
    place: Place,
    left: u32,
    /// What `GAT` waits for.
    gate: Option<Receiver<()>>,
    mailbox: Arc<Mailbox<Shout>>,
}

/// A letter that is put in again whenever it is taken out.
const AGAIN: &[u8] = b"again\r\n";

#[derive(Debug)]
struct Shout(Bytes, Option<Frame>);

/// What is shouted.
fn shout(bytes: impl Into<Bytes>) -> Shout {
    Shout(bytes.into(), None)
}

/// A frame, which goes out as it is.
impl From<Frame> for Shout {
    fn from(frame: Frame) -> Self {
        Shout(frame.wire().clone(), Some(frame))
    }
}

impl Letter for Shout {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn frame(&self) -> Option<&Frame> {
        self.1.as_ref()
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
            b"OUT" => wire.close(event::Ending::other("it said OUT")),
            b"DWN" => self.left = 3,
            b"SLO" => {
                std::thread::sleep(2 * SLICE);
                wire.send(frame);
            }
            b"GAT" => {
                let gate = self.gate.as_ref().expect("a gate");
                gate.recv_timeout(LIMIT).expect("it is opened");
                wire.send(Frame::from_wire(Bytes::from_static(b"open\r\n")));
            }
            _ => wire.send(frame),
        }
    }

    fn undecodable(&mut self, error: FrameError, wire: &mut Wire) {
        wire.close(event::Ending::other(error.to_string()));
    }

    fn mail(&mut self, letter: Shout, wire: &mut Wire) {
        if letter.0 == AGAIN {
            self.mailbox.put(shout(letter.0.clone()));
        }
        let shouted = || Frame::from_wire(letter.0.to_ascii_uppercase().into());
        wire.send(letter.1.unwrap_or_else(shouted));
    }

    fn end(&mut self, ending: Ending, wire: &mut Wire) {
        wire.send(Frame::from_wire(Bytes::from_static(b"BYE\r\n")));
        wire.close(event::Ending::from(&ending));
    }

    fn left(&mut self, ending: &event::Ending, wire: &mut Wire) {
        let account = "echo".into();
        let reason = ending.clone();
        wire.tell(EventKind::SignedOut { account, reason });
    }
}

async fn start() -> (TcpStream, Arc<Mailbox<Shout>>, EventStream) {
    let (client, mailbox, stream, _) = start_in(&Arc::default(), None).await;
    (client, mailbox, stream)
}

async fn start_in(
    turns: &Arc<Turns>,
    gate: Option<Receiver<()>>,
) -> (TcpStream, Arc<Mailbox<Shout>>, EventStream, JoinHandle<()>) {
    let (events, stream) = EventSink::new(Clock::start());
    let door = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = door.local_addr().expect("its address");
    let client = TcpStream::connect(address).await.expect("connects");
    let (socket, peer) = door.accept().await.expect("accepts");
    let mailbox = Arc::new(Mailbox::default());
    let shares = Shares::with(Bounds::default(), turns.clone());
    let place = shares.enter(Side::Notification, peer.ip(), |_| {});
    let sink = events.connection(ConnectionId(1), None);
    let echo = Echo {
        place,
        left: 0,
        gate,
        mailbox: mailbox.clone(),
    };
    let task = tokio::spawn(drive(echo, socket, mailbox.clone(), sink));
    (client, mailbox, stream, task)
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
        EventKind::Notice { text, .. } => text.to_string(),
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
    mailbox.put(shout(&b"mail\r\n"[..]));
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
        mailbox.put(shout(vec![b'x'; MAX_QUEUED / 16]));
    }
    let all = told(stream).await;
    let stuffed = event::Ending::from(&Ending::Stuffed);
    assert!(
        all.iter().any(|line| line == &format!("left: {stuffed}")),
        "{all:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_line_is_answered_while_long_ones_are_worked_on_and_wait() {
    let turns = Arc::new(Turns::new(1));
    let long = format!("GAT {}\r\n", "x".repeat(LONG));
    let mut gates = Vec::new();
    let mut clients = Vec::new();
    // One is at work, and two wait for their turn.
    for n in 1..=3 {
        let (open, gate) = channel();
        let mut started = start_in(&turns, Some(gate)).await;
        started.0.write_all(long.as_bytes()).await.expect("writes");
        gates.push(open);
        clients.push(started);
        while turns.taken() < n {
            tokio::task::yield_now().await;
        }
    }
    let (mut short, _mailbox, _stream, _) = start_in(&turns, None).await;
    short.write_all(b"one\r\n").await.expect("writes");
    expect(&mut short, "one\r\n").await;
    // Whoever waits may be ended, and is told of; what it said was not worked on.
    let (_, mailbox, ..) = &clients[2];
    mailbox.end(Ending::Kicked);
    let (mut client, _mailbox, stream, _) = clients.pop().expect("the third");
    expect(&mut client, "BYE\r\n").await;
    drop(gates.pop());
    for (open, (client, ..)) in gates.iter().zip(&mut clients) {
        open.send(()).expect("it waits");
        expect(client, "open\r\n").await;
    }
    let all = told(stream).await;
    assert!(all[0].starts_with("In GAT"), "{all:?}");
    assert_eq!(all[1], "Out BYE");
}

#[tokio::test]
async fn one_that_says_much_at_once_lets_others_have_their_turn_between_its_lines() {
    const LINES: usize = 8;
    let (mut busy, _mailbox, _stream) = start().await;
    let (mut calm, _mailbox, _stream) = start().await;
    busy.write_all("SLO\r\n".repeat(LINES).as_bytes())
        .await
        .expect("writes");
    expect(&mut busy, "SLO\r\n").await;
    calm.write_all(b"one\r\n").await.expect("writes");
    expect(&mut calm, "one\r\n").await;
    // What is left of its answers is not there yet.
    let mut rest = vec![0; LINES * "SLO\r\n".len()];
    let there = busy.try_read(&mut rest).unwrap_or(0);
    assert!(there < (LINES - 1) * "SLO\r\n".len(), "{there}");
}

#[tokio::test]
async fn a_client_is_read_from_even_if_its_mailbox_is_never_empty() {
    let (mut client, mailbox, stream) = start().await;
    let events = tokio::spawn(told(stream));
    mailbox.put(shout(AGAIN));
    expect(&mut client, "AGAIN\r\nAGAIN\r\n").await;
    client.write_all(b"one\r\n").await.expect("writes");
    let answered = async {
        // What comes by mail is shouted; an answer is not.
        while client.read_u8().await.expect("bytes") != b'o' {}
    };
    let answered = tokio::time::timeout(LIMIT, answered).await;
    answered.expect("what it said is answered");
    mailbox.end(Ending::Kicked);
    drop(client);
    events.await.expect("all is told");
}

#[tokio::test]
async fn an_empty_line_leaves_the_next_command_behind_the_payload_before_it() {
    let (events, _stream) = EventSink::new(Clock::start());
    let sink = events.connection(ConnectionId(1), None);
    let mut wire = Wire::nowhere(Service::Notification, sink);
    let mut behind = |line: &'static str| {
        wire.heard(Frame::from_wire(line.into()));
        wire.behind().text()
    };
    assert_eq!(behind("PNG\r\n"), None);
    assert_eq!(behind("QRY 20 PROD 31\r\nx"), None);
    behind("\r\n");
    let said = behind("xPNG\r\n").expect("it stands behind QRY");
    assert!(said.contains("QRY 20"), "{said}");
    assert_eq!(behind("PNG\r\n"), None);
}

#[tokio::test]
async fn a_frame_is_written_by_whoever_passes_it_on_while_the_connection_waits_for_its_client() {
    let (client, mailbox, stream) = start().await;
    // The connection's task has gone as far as it goes, and does not run until something is awaited here.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let frame = |text: &'static str| Shout::from(Frame::from_wire(text.into()));
    let mut client = client.into_std().expect("a socket");
    client.set_nonblocking(false).expect("is set");
    client.set_read_timeout(Some(LIMIT)).expect("is set");
    let mut hears = |text: &str| {
        use std::io::Read as _;
        let mut got = vec![0; text.len()];
        client.read_exact(&mut got).expect("bytes");
        assert_eq!(String::from_utf8_lossy(&got), text);
    };
    for (first, second) in [("MSG 1\r\n", "MSG 2\r\n"), ("MSG 3\r\n", "MSG 4\r\n")] {
        mailbox.put_quietly(frame(first));
        mailbox.put_quietly(frame(second));
        mailbox.pass_on();
        mailbox.tell_passed();
        hears(first);
        hears(second);
    }
    // What is no frame alone is the machine's to say, and what stands behind it waits.
    mailbox.put_quietly(shout(&b"mail\r\n"[..]));
    mailbox.put_quietly(frame("MSG 5\r\n"));
    mailbox.pass_on();
    assert!(mailbox.has_mail());
    tokio::time::sleep(Duration::from_millis(50)).await;
    hears("MAIL\r\nMSG 5\r\n");
    mailbox.end(Ending::Kicked);
    let all = told(stream).await;
    let written = ["1", "2", "3", "4"].map(|number| format!("Out MSG {number}"));
    assert_eq!(all[..4], written);
    assert_eq!(all[4..6], ["Out MAIL".to_owned(), "Out MSG 5".to_owned()]);
    let last = format!("0 in, 46 out, {}", event::Ending::from(&Ending::Kicked));
    assert_eq!(all.last(), Some(&last));
}

#[tokio::test]
async fn what_a_full_socket_takes_only_in_part_is_finished_by_the_connection() {
    let (mut client, mailbox, stream) = start().await;
    let events = tokio::spawn(told(stream));
    let line = |number: usize| format!("MSG {number:03000}\r\n");
    let mut sent = 0;
    // Nothing is read, so that one of them is cut sooner or later, and the next ones wait.
    while !mailbox.has_mail() && sent < 2_000 {
        tokio::task::yield_now().await;
        mailbox.put_quietly(Frame::from_wire(line(sent).into()).into());
        mailbox.pass_on();
        sent += 1;
    }
    assert!(mailbox.has_mail(), "the socket is full");
    for number in 0..sent {
        expect(&mut client, &line(number)).await;
    }
    client.write_all(b"OUT\r\n").await.expect("writes");
    let all = events.await.expect("all is told");
    let written = all.iter().filter(|line| line.starts_with("Out MSG"));
    assert_eq!(written.count(), sent);
    let bytes = sent * line(0).len();
    assert_eq!(all.last(), Some(&format!("5 in, {bytes} out, it said OUT")));
}
