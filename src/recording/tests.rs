//! What is promised of writing and reading.

mod following;
mod writing;

use super::format::{HEAD, HEADER, Header};
use super::*;
use crate::event::samples::samples;
use crate::event::{
    ClientId, ConnectionId, Event, EventKind, FrameEvent, Masked, Secrets, Severity, Timestamp,
};
use crate::msnp::{Decoder, Direction, Frame};
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write as _};
use std::path::Path;

fn event(kind: EventKind) -> Event {
    Event {
        time: Timestamp(1_700_000_000_000_000),
        connection: Some(ConnectionId(7)),
        client: Some(ClientId(3)),
        kind,
    }
}

fn notice(text: &str) -> Event {
    event(EventKind::Notice {
        severity: Severity::Info,
        text: text.to_owned().into(),
    })
}

fn frame(direction: Direction, frame: Frame, secrets: Secrets) -> Event {
    event(EventKind::Frame(FrameEvent {
        service: crate::event::Service::Notification,
        direction,
        frame,
        secrets,
        injected: true,
    }))
}

/// Every kind, with and without a connection and a client, IPv6, and frames as the decoder makes them.
pub(super) fn every() -> Vec<Event> {
    let mut all = Vec::new();
    for kind in samples() {
        let bare = Event {
            connection: None,
            client: None,
            ..event(kind.clone())
        };
        all.extend([event(kind), bare]);
    }
    all.push(event(EventKind::Connected {
        service: crate::event::Service::Https,
        peer: "[fe80::1%3]:1024".parse().expect("an address"),
        local: "[2001:db8::1]:443".parse().expect("an address"),
    }));
    let mut buffer = BytesMut::from(&b"ADL 5 0\r\nUUX 1 3\r\nabcPNG\nUSR 4 TWN S t=x\r\n\r\n"[..]);
    let mut decoder = Decoder::new(Direction::In);
    while let Ok(Some(read)) = decoder.next(&mut buffer) {
        all.push(frame(Direction::In, read, Secrets::default()));
    }
    let secret = Frame::from_wire(Bytes::from_static(b"USR 4 TWN S t=x\xff\xfe\0"));
    all.push(frame(Direction::Out, secret, Secrets::one(12, 15)));
    all
}

fn file_of(events: &[Event]) -> Vec<u8> {
    let mut bytes = Header { part: 1, id: 5 }.to_bytes().to_vec();
    for event in events {
        append_record(event, &mut bytes).expect("short enough");
    }
    bytes
}

pub(super) fn read(bytes: Vec<u8>) -> (Vec<Event>, Option<Damage>) {
    let recording = Recording::read(Cursor::new(bytes), Path::new("x")).expect("a header");
    let (mut events, mut damage) = (Vec::new(), None);
    for item in recording {
        assert!(damage.is_none(), "nothing comes after the damage");
        match item {
            Ok(event) => events.push(event),
            Err(found) => damage = Some(found),
        }
    }
    (events, damage)
}

#[test]
fn every_kind_of_event_comes_back_exactly() {
    let all = every();
    let (back, damage) = read(file_of(&all));
    assert!(damage.is_none(), "{damage:?}");
    let mut all = all;
    for event in &mut all {
        if let EventKind::Finding(finding) = &mut event.kind {
            // It is of the stream in which it was told, and not kept.
            finding.evidence = None;
        }
    }
    // Frames are held against each other field by field: what is printed of them is all that they are.
    assert_eq!(format!("{back:#?}"), format!("{all:#?}"));
}

#[test]
fn frames_that_share_what_was_read_are_the_same_frames() {
    let large = Frame::from_wire(vec![b'x'; 300_000].into());
    let mut events: Vec<Event> = std::iter::repeat_with(every).take(40).flatten().collect();
    events.push(frame(Direction::In, large, Secrets::default()));
    // Requests and answers that fill several blocks of theirs, and some that are too long for one.
    let http = events
        .iter()
        .find(|event| matches!(event.kind, EventKind::Http(_)));
    let http = http.expect("a request").clone();
    for (n, length) in [20_000, 3, 70_000, 2_000_000]
        .into_iter()
        .cycle()
        .take(400)
        .enumerate()
    {
        let mut event = http.clone();
        if let EventKind::Http(exchange) = &mut event.kind {
            let length = if length > 100_000 && n > 8 {
                9_000
            } else {
                length
            };
            exchange.request = Masked::open(vec![n as u8; 10]);
            exchange.response = Masked::open(vec![n as u8; length]);
        }
        events.push(event);
    }
    events.extend(every());
    let file = file_of(&events);
    let opened = || Recording::read(Cursor::new(file.clone()), Path::new("a.nudge"));
    let text = |recording: Recording| -> Vec<String> {
        recording
            .map(|event| format!("{:?}", event.expect("no damage")))
            .collect()
    };
    let copied = text(opened().expect("opens"));
    assert_eq!(copied.len(), events.len());
    assert_eq!(copied, text(opened().expect("opens").sharing()));
}

/// So many bytes of a file, and then the disk has an error.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::Error::other("the disk")),
            some => Ok(some),
        }
    }
}

#[test]
fn what_comes_before_an_error_of_the_disk_is_read_and_then_the_error_is_said() {
    let events = [notice("one"), notice("two"), notice("three")];
    let whole = file_of(&events);
    for (kept, length) in [(3, whole.len()), (2, whole.len() - 1)] {
        let part = Failing(Cursor::new(whole[..length].to_vec()));
        let mut recording = Recording::read(part, Path::new("a.nudge")).expect("opens");
        let read: Vec<_> = recording.by_ref().take(kept).collect();
        assert!(read.iter().all(Result::is_ok), "{read:?}");
        let damage = recording.next().expect("more").expect_err("the disk");
        let offset = file_of(&events[..kept]).len();
        assert_eq!(
            damage.to_string(),
            format!("a.nudge: damaged at byte {offset}: it cannot be read: the disk")
        );
        assert!(recording.next().is_none());
    }
}

#[test]
fn a_record_that_comes_through_a_pipe_is_read_when_it_is_there() {
    let (input, mut output) = std::io::pipe().expect("a pipe");
    let events = [notice("one"), notice("two")];
    let whole = file_of(&events);
    let first = file_of(&events[..1]).len();
    output.write_all(&whole[..first]).expect("written");
    let mut recording = Recording::read(input, Path::new("-")).expect("opens");
    let mut is = |text: &str| match recording.next() {
        Some(Ok(event)) => assert!(crate::event::json::to_json(None, &event, false).contains(text)),
        other => panic!("{other:?}"),
    };
    // Were more waited for than is there, this would never end: the other end is open.
    is("one");
    let rest = whole[first..].to_vec();
    let writer = std::thread::spawn(move || {
        for byte in rest {
            output.write_all(&[byte]).expect("written");
        }
    });
    is("two");
    writer.join().expect("written");
    assert!(recording.next().is_none());
}

#[test]
fn a_cut_file_opens_up_to_the_cut_and_says_where_it_is() {
    let events = [notice("one"), notice("two"), notice("three")];
    let whole = file_of(&events);
    let ends: Vec<usize> = (0..=3).map(|n| file_of(&events[..n]).len()).collect();
    for length in HEADER..=whole.len() {
        let (back, damage) = read(whole[..length].to_vec());
        let before = ends.iter().filter(|end| **end <= length).count() - 1;
        assert_eq!(back.len(), before);
        match damage {
            None => assert_eq!(ends[before], length),
            Some(damage) => {
                assert_eq!(damage.offset, ends[before] as u64);
                assert!(matches!(damage.what, Wrong::Cut));
            }
        }
    }
}

#[test]
fn a_changed_byte_is_found_where_it_is() {
    let events = [notice("one"), notice("two")];
    let whole = file_of(&events);
    let second = file_of(&events[..1]).len();
    for at in second..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        let (back, damage) = read(bytes);
        assert_eq!(back.len(), 1);
        let damage = damage.expect("found");
        assert_eq!(damage.offset, second as u64);
        assert!(
            damage
                .to_string()
                .starts_with(&format!("x: damaged at byte {second}: "))
        );
    }
}

#[test]
fn what_is_no_recording_is_said_to_be_none() {
    let open = |bytes: &'static [u8]| Recording::read(bytes, Path::new("x")).expect_err("refused");
    for bytes in [
        &b""[..],
        b"\x89NUDGE",
        b"GIF89a..................",
        &[0; 100],
    ] {
        assert!(matches!(open(bytes), OpenError::NotOne(_)));
    }
    let mut newer = Header { part: 1, id: 0 }.to_bytes();
    newer[8] = 2;
    let error = Recording::read(Cursor::new(newer.to_vec()), Path::new("x")).expect_err("refused");
    assert!(matches!(error, OpenError::Version { version: 2, .. }));
}

/// Endless zeros after a beginning: a file as large as anyone likes.
struct Endless(Cursor<Vec<u8>>);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => {
                buffer.fill(b'a');
                Ok(buffer.len())
            }
            n => Ok(n),
        }
    }
}

#[test]
fn lengths_that_lie_are_refused_and_take_no_memory() {
    for length in [MAX_RECORD as u32 + 1, u32::MAX] {
        let mut bytes = file_of(&[notice("one")]);
        let at = bytes.len() as u64;
        bytes.extend_from_slice(&length.to_le_bytes());
        let mut recording =
            Recording::read(Endless(Cursor::new(bytes)), Path::new("x")).expect("a header");
        assert!(recording.next().expect("one").is_ok());
        let damage = recording.next().expect("damage").expect_err("damage");
        assert_eq!(damage.offset, at);
        assert!(matches!(damage.what, Wrong::TooLong(l) if l == length));
        assert!(recording.next().is_none());
    }
    // A record as long as it may be, of one endless line: read once, and found not to be one.
    let mut bytes = file_of(&[]);
    bytes.extend_from_slice(&(MAX_RECORD as u32).to_le_bytes());
    let mut recording =
        Recording::read(Endless(Cursor::new(bytes)), Path::new("x")).expect("a header");
    let damage = recording.next().expect("damage").expect_err("damage");
    assert!(matches!(damage.what, Wrong::Checksum));
    assert!(recording.next().is_none());
}

/// A file of one record with this body and the right checksum: what is behind the checksum.
pub(super) fn with_body(body: &[u8]) -> Vec<u8> {
    let mut bytes = file_of(&[]);
    let size = (body.len() as u32).to_le_bytes();
    bytes.extend_from_slice(&size);
    bytes.extend_from_slice(&crc::crc32(&[&size, body]).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
        let mut file = file_of(&[]);
        file.extend_from_slice(&bytes);
        let (events, damage) = read(file);
        prop_assert!(bytes.is_empty() || !events.is_empty() || damage.is_some());
    }

    #[test]
    fn any_body_with_a_right_checksum_is_an_event_or_damage(kind in 0u8..16, flags in 0u8..5, rest: Vec<u8>) {
        let body = [vec![kind, flags], vec![0; 8], rest].concat();
        let (events, damage) = read(with_body(&body));
        prop_assert_eq!(events.len() + usize::from(damage.is_some()), 1);
    }

    #[test]
    fn changed_bodies_with_a_right_checksum_are_an_event_or_damage(
        which in 0usize..1_000, at in 0usize..1_000, to: u8, drop in 0usize..8
    ) {
        let all = every();
        let mut record = Vec::new();
        append_record(&all[which % all.len()], &mut record).expect("short enough");
        let mut body = record.split_off(HEAD);
        let at = at % body.len();
        body[at] = to;
        body.truncate(body.len() - drop.min(body.len() - 1));
        let (events, damage) = read(with_body(&body));
        prop_assert_eq!(events.len() + usize::from(damage.is_some()), 1);
        // What is taken can be shown: no secret lies outside, no text is cut.
        for event in &events {
            for show in [false, true] {
                let _ = crate::event::json::to_json(None, event, show);
            }
        }
    }

    #[test]
    fn any_frame_comes_back(wire: Vec<u8>, out: bool, injected: bool, cut in 0usize..64) {
        let wire = Bytes::from(wire);
        let end = cut.min(wire.len());
        let told = event(EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
            direction: if out { Direction::Out } else { Direction::In },
            frame: Frame::from_wire(wire),
            secrets: if end > 0 { Secrets::one(end / 2, end) } else { Secrets::default() },
            injected,
        }));
        let (back, damage) = read(file_of(std::slice::from_ref(&told)));
        prop_assert!(damage.is_none());
        prop_assert_eq!(format!("{back:?}"), format!("[{told:?}]"));
    }
}

/// Every kind as it was written when version 1 was made, from a file that stays as it is. If this fails the
/// format has changed, and recordings that people keep can no longer be read: take a new version instead.
#[test]
fn version_1_is_written_and_read_as_it_always_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/recording/golden/version-1.bin");
    if std::env::var_os("NUDGE_WRITE_GOLDEN").is_some() {
        // What is in it stays; a kind that is new goes to its end.
        let mut held = std::fs::read(&path).unwrap_or_default();
        let (events, _) = read(held.clone());
        let known: BTreeSet<&str> = events.iter().map(|event| event.kind.name()).collect();
        for event in every().iter().filter(|e| !known.contains(e.kind.name())) {
            append_record(event, &mut held).expect("short enough");
        }
        std::fs::write(&path, held).expect("written");
    }
    let then = std::fs::read(&path).expect("the golden file");
    let (events, damage) = read(then.clone());
    assert!(damage.is_none(), "{damage:?}");
    let kinds: BTreeSet<&str> = events.iter().map(|event| event.kind.name()).collect();
    let all: BTreeSet<&str> = crate::event::EVENTS.iter().map(|doc| doc.name).collect();
    assert_eq!(kinds, all, "a record of each kind");
    assert!(then == file_of(&events), "the bytes differ");
}

#[test]
fn a_record_is_exactly_these_bytes() {
    let told = Event {
        time: Timestamp(0x0102_0304),
        connection: Some(ConnectionId(2)),
        client: None,
        kind: EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
            direction: Direction::Out,
            frame: Frame::from_wire(Bytes::from_static(b"PNG\r\n")),
            secrets: Secrets::one(0, 3),
            injected: false,
        }),
    };
    let body = b"\x05\x01\x04\x03\x02\x01\0\0\0\0\x02\0\0\0\0\0\0\0\x01\x05\0\0\0PNG\r\n\x01\0\0\0\0\0\0\0\x03\0\0\0";
    let header = b"\x89NUDGE\r\n\x01\0\0\0\x01\0\0\0\x05\0\0\0\0\0\0\0";
    let file = file_of(&[told]);
    assert_eq!(&file[..HEADER], header);
    assert_eq!(file[HEADER..HEADER + 4], (body.len() as u32).to_le_bytes());
    assert_eq!(&file[HEADER + HEAD..], body);
    assert_eq!(file, with_body(body));
}
