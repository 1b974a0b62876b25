//! What is promised of a replay, against servers that are played here.

use super::*;
use crate::event::{ConnectionId, FrameEvent, Secrets, Timestamp};
use crate::findings::owners;
use crate::msnp::Frame;
use crate::recording::golden::messenger_mac_8_0_1;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The golden sign-in, and what a client says later on, up to its sign-out.
fn recorded() -> Conversation {
    use Direction::{In, Out};
    let mut events = messenger_mac_8_0_1();
    let last = events.last().expect("one").clone();
    for (direction, wire) in [
        (In, "CHG 17 BSY 1085276192:131088\r\n"),
        (Out, "CHG 17 BSY 1085276192:131088\r\n"),
        (In, "PNG 18\r\n"),
        (Out, "QNG 60\r\n"),
        (In, "OUT\r\n"),
    ] {
        events.push(said(&last, direction, wire));
    }
    let owners = owners(events.iter().cloned());
    Conversation::read(events.into_iter(), None, &owners).expect("a client")
}

/// The next line of the same connection.
fn said(last: &Event, direction: Direction, wire: &str) -> Event {
    Event {
        time: Timestamp(last.time.0 + 1),
        kind: EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
            direction,
            frame: Frame::from_wire(bytes::Bytes::copy_from_slice(wire.as_bytes())),
            secrets: Secrets::default(),
            injected: false,
        }),
        ..last.clone()
    }
}

fn options(address: SocketAddr) -> Options {
    Options {
        notification: address.to_string(),
        web: None,
        ticket: None,
        // Only what is never answered takes so long.
        patience: Duration::from_millis(300),
        sign_in: false,
    }
}

/// What the client says, each line with what the server says then.
fn turns(conversation: &Conversation) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut turns: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for told in Script::of(&conversation.events)
        .events
        .iter()
        .filter_map(|e| match &e.kind {
            EventKind::Frame(told) => Some(told),
            _ => None,
        })
    {
        let wire = told.frame.wire();
        match (told.direction, turns.last_mut()) {
            (Direction::In, _) => turns.push((wire.to_vec(), Vec::new())),
            (Direction::Out, Some((_, answers))) => answers.extend_from_slice(wire),
            (Direction::Out, None) => {}
        }
    }
    turns
}

/// Whether this is what the client says next; not, where it hangs up.
fn hears(stream: &mut TcpStream, line: &[u8]) -> bool {
    let mut heard = vec![0; line.len()];
    let all = stream.read_exact(&mut heard).is_ok();
    assert!(
        !all || heard == line,
        "{:?}",
        String::from_utf8_lossy(&heard)
    );
    all
}

/// A server that does this with each connection.
fn server(
    connections: usize,
    mut each: impl FnMut(TcpStream) + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let serving = thread::spawn(move || {
        for _ in 0..connections {
            each(listener.accept().expect("a connection").0);
        }
    });
    (address, serving)
}

/// A server that says what the recorded one did, with `before` before each answer. How far it came.
fn faithful(conversation: &Conversation, before: &'static [u8]) -> (SocketAddr, JoinHandle<()>) {
    let turns = turns(conversation);
    server(1, move |mut stream| {
        for (line, answers) in &turns {
            assert!(hears(&mut stream, line), "it says all that was recorded");
            if !before.is_empty() {
                stream.write_all(before).expect("written");
                // Until it is answered the client has nothing more to say.
                stream
                    .set_read_timeout(Some(Duration::from_millis(10)))
                    .expect("set");
                if !answers.is_empty() {
                    let early = stream.peek(&mut [0]).map_err(|error| error.kind());
                    assert_eq!(early, Err(ErrorKind::WouldBlock), "after {line:?}");
                }
                stream.set_read_timeout(None).expect("set");
            }
            stream.write_all(answers).expect("written");
        }
    })
}

fn play_against(conversation: &Conversation, address: SocketAddr) -> Replayed {
    replay(conversation, &options(address)).expect("it begins")
}

#[test]
fn all_that_the_client_said_is_played_up_to_its_sign_out() {
    let conversation = recorded();
    let (address, serving) = faithful(&conversation, b"");
    let played = play_against(&conversation, address);
    serving.join().expect("all was said");
    assert_eq!(played.comparison.differences, [], "{}", played.comparison);
    assert_eq!(played.notes.len(), 1, "{:?}", played.notes);
    assert!(played.notes[0].contains("6 web requests were left out"));
    // And only the sign-in where that is asked for.
    let mut short = conversation.clone();
    short.events = conversation.sign_in().to_vec();
    let (address, serving) = faithful(&short, b"");
    let only = Options {
        sign_in: true,
        ..options(address)
    };
    let played = replay(&conversation, &only).expect("it begins");
    serving.join().expect("all was said");
    assert_eq!(played.comparison.differences, [], "{}", played.comparison);
}

#[test]
fn what_the_server_says_of_its_own_accord_throws_nothing_out_of_step() {
    let conversation = recorded();
    let unasked =
        b"NLN BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\nUBX other@local 1 0\r\n";
    let (address, serving) = faithful(&conversation, unasked);
    let played = play_against(&conversation, address);
    serving.join().expect("in step");
    let lacks = played
        .comparison
        .differences
        .iter()
        .filter(|d| !matches!(d, crate::diff::Difference::More(_)));
    assert_eq!(lacks.count(), 0, "{}", played.comparison);
}

#[test]
fn what_the_recorded_server_said_of_its_own_accord_is_not_waited_for_long() {
    let mut conversation = recorded();
    let last = conversation.events.last().expect("one").clone();
    let (address, serving) = faithful(&conversation, b"");
    // The recording has what this server never says: before each of the last lines, and a great deal of it.
    for at in (conversation.events.len() - 5..conversation.events.len()).rev() {
        for _ in 0..50 {
            let flip = said(
                &last,
                Direction::Out,
                "NLN IDL idle@local 1 Idle%20User 1085276192\r\n",
            );
            conversation.events.insert(at, flip);
        }
    }
    let played = play_against(&conversation, address);
    serving.join().expect("all was said");
    assert_eq!(
        played.comparison.differences.len(),
        250,
        "{}",
        played.comparison
    );
}

/// The first three commands, the last answered by this.
fn dispatch(conversation: &Conversation, to: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut turns = turns(conversation);
    turns.truncate(3);
    turns[2].1 = format!("XFR 3 NS {to} U D\r\n").into_bytes();
    turns
}

#[test]
fn a_server_that_sends_us_on_is_followed_and_that_is_said() {
    let conversation = recorded();
    let (second, serving) = faithful(&conversation, b"");
    let turns = dispatch(&conversation, &second.to_string());
    let (first, dispatching) = server(1, move |mut stream| {
        for (line, answers) in &turns {
            assert!(hears(&mut stream, line));
            stream.write_all(answers).expect("written");
        }
    });
    let played = play_against(&conversation, first);
    dispatching.join().expect("it was asked");
    serving.join().expect("all was said there");
    assert_eq!(played.comparison.differences, [], "{}", played.comparison);
    assert!(
        played.notes[0].starts_with(&format!(
            "the server sent us on (XFR) to {second}: followed to {second}"
        )),
        "{:?}",
        played.notes
    );
}

#[test]
fn a_server_that_sends_us_to_itself_for_ever_is_left() {
    let conversation = recorded();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let turns = dispatch(&conversation, &address.to_string());
    let serving = thread::spawn(move || {
        for _ in 0..5 {
            let mut stream = listener.accept().expect("a connection").0;
            for (line, answers) in &turns {
                assert!(hears(&mut stream, line));
                stream.write_all(answers).expect("written");
            }
        }
    });
    let played = play_against(&conversation, address);
    serving.join().expect("five times and no more");
    let said = played
        .notes
        .iter()
        .find(|note| note.contains("not followed any further"));
    assert!(
        said.is_some_and(|note| note.ends_with("it goes in a circle")),
        "{:?}",
        played.notes
    );
    let text = played.comparison.to_string();
    assert!(
        text.contains("lacks          service: USR #USR TWN S fake=1\n"),
        "{text}"
    );
}

#[test]
fn where_nothing_is_named_nobody_goes() {
    let conversation = recorded();
    for (to, shown) in [
        ("nowhere", "no host and port"),
        ("\u{1b}[2J:1863", "\\x1B[2J:1863"),
        ("127.0.0.1:1", "cannot be reached"),
    ] {
        let turns = dispatch(&conversation, to);
        let (address, serving) = server(1, move |mut stream| {
            for (line, answers) in &turns {
                assert!(hears(&mut stream, line));
                stream.write_all(answers).expect("written");
            }
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            assert_eq!(rest, b"");
        });
        let played = play_against(&conversation, address);
        serving.join().expect("nothing more was said");
        let notes = played.notes.join("\n");
        assert!(
            notes.contains(shown) && !notes.contains('\u{1b}'),
            "{notes}"
        );
    }
}

#[test]
fn a_server_that_says_nothing_or_hangs_up_or_talks_rubbish_ends_the_replay() {
    let conversation = recorded();
    for (speaks, noted) in [
        (None, "nothing while 3 answers in a row"),
        (Some(&b""[..]), "the server closed the connection"),
        (Some(&[b'x'; 9_000][..]), "cannot be read"),
        (Some(b"UBX a@local 1 99999999\r\n"), "cannot be read"),
    ] {
        let (address, serving) = server(1, move |mut stream| {
            if let Some(bytes) = speaks {
                let _ = stream.write_all(bytes);
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
            // Until it hangs up.
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let played = play_against(&conversation, address);
        serving.join().expect("it hung up");
        let notes = played.notes.join("\n");
        assert!(notes.contains(noted), "{notes}");
        assert!(
            notes.contains("lines of the client were not played"),
            "{notes}"
        );
        let text = played.comparison.to_string();
        assert!(
            text.contains("lacks          service: VER #VER MSNP16 CVR0\n"),
            "{text}"
        );
        // What was not said is no difference.
        assert!(!text.contains("PNG"), "{text}");
    }
}

#[test]
fn a_server_that_never_stops_talking_takes_a_bounded_share_of_memory() {
    let conversation = recorded();
    let (address, serving) = server(1, |mut stream| {
        let line = format!("UBX a@local 1 60000\r\n{}", "x".repeat(60_000));
        while stream.write_all(line.as_bytes()).is_ok() {}
    });
    let patient = Options {
        patience: Duration::from_secs(60),
        ..options(address)
    };
    let played = replay(&conversation, &patient).expect("it begins");
    serving.join().expect("it was left");
    let notes = played.notes.join("\n");
    assert!(notes.contains("the server said more than"), "{notes}");
    assert!(played.comparison.to_string().len() < 1_000_000);
}

#[test]
fn a_challenge_is_answered_only_where_one_is_asked() {
    let mut conversation = recorded();
    let last = conversation.events.last().expect("one").clone();
    let at = conversation.events.len() - 1;
    let asked = [
        (Direction::Out, "CHL 0 22210219642164014968\r\n"),
        (
            Direction::In,
            "QRY 19 PROD0090YUAUV{2B 32\r\n00000000000000000000000000000000",
        ),
        (Direction::Out, "QRY 19\r\n"),
    ];
    let asked = asked.map(|(direction, wire)| said(&last, direction, wire));
    conversation.events.splice(at..at, asked);
    // This server asks none.
    let (address, serving) = faithful(&recorded(), b"");
    let played = play_against(&conversation, address);
    serving.join().expect("no QRY was said");
    let notes = played.notes.join("\n");
    assert!(notes.contains("QRY) was left out"), "{notes}");
    let compared = &played.comparison;
    assert_eq!(compared.differences.len(), 1, "{compared}");
    assert_eq!(compared.never_came.len(), 2, "{compared}");
}

#[test]
fn nothing_is_played_of_a_client_that_said_nothing() {
    let mut conversation = recorded();
    conversation.events.truncate(1);
    conversation.events[0].connection = Some(ConnectionId(1));
    let nobody = options(SocketAddr::from(([127, 0, 0, 1], 1)));
    assert!(matches!(
        replay(&conversation, &nobody),
        Err(ReplayError::Nothing(_))
    ));
    assert!(matches!(
        replay(&recorded(), &nobody),
        Err(ReplayError::Connect { .. })
    ));
}
