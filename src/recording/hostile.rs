//! Recordings from a hostile hand whose records are whole: the checksums are right, and what they hold is not.

use super::append_record;
use super::conversation::Conversation;
use super::format::{HEAD, MAX_TEXT};
use super::tests::{every, read, with_body};
use crate::diff::compare;
use crate::diff::normal::steps;
use crate::event::EventId;
use crate::event::{
    ClientId, ConnectionId, ContactChange, Ending, Event, EventKind, FrameEvent, HttpExchange,
    Masked, Secrets, Service, Severity, Timestamp,
};
use crate::export::{self, Format, Options};
use crate::findings::{Findings, Numbers, Watch, owners, report, watched};
use crate::msnp::escape::is_unsafe_on_screen;
use crate::msnp::{Direction, Frame};
use crate::recording::golden::messenger_mac_8_0_1;
use crate::roster;
use bytes::Bytes;
use proptest::prelude::*;
use std::time::Duration;

/// All that is made of a recording: every export, the ladder and its diagram, and a comparison both ways. Nothing of
/// it may panic, and nothing raw may reach a screen. The longest text that came of it.
fn all_of(events: &[Event]) -> usize {
    let mut longest = 0;
    let mut on_screen = |what: &str, text: &str| {
        let raw = |c: char| c != '\n' && is_unsafe_on_screen(c);
        assert!(!text.contains(raw), "{what}");
        longest = longest.max(text.len());
    };
    for format in [
        Format::Text,
        Format::Jsonl,
        Format::Har,
        Format::Pcapng,
        Format::Markdown,
    ] {
        let options = Options::new(format);
        let mut out = Vec::new();
        let mut watch = Watch::new(Numbers::Lines);
        let seen = watched(events.iter().cloned(), &mut watch);
        let done = export::write(seen, &options, &mut out);
        // Without a client there is no sign-in to report.
        assert!(done.is_ok() || format == Format::Markdown, "{format:?}");
        if matches!(format, Format::Text | Format::Markdown) {
            on_screen("an export", &String::from_utf8(out).expect("text"));
        }
    }
    let text = report(
        events.iter().cloned(),
        None,
        Some(80),
        Watch::of_recording(1.0),
    )
    .expect("all clients are asked for");
    on_screen("the ladder", &text.to_string());
    let mut findings = Findings::new();
    let mut last = Timestamp(0);
    for (id, event) in (1..).zip(events) {
        findings.take(event, EventId(id));
        last = last.max(event.time);
    }
    findings.tick(last);
    findings.end(last);
    if let Ok(conversation) = Conversation::read(
        events.iter().cloned(),
        None,
        &owners(events.iter().cloned()),
    ) {
        let (one, golden) = (steps(conversation.sign_in()), steps(&messenger_mac_8_0_1()));
        on_screen("a comparison", &compare(&one, &golden).to_string());
        on_screen("a comparison", &compare(&golden, &one).to_string());
    }
    longest
}

/// The numbers of two events in recordings.
const REPLY: u8 = 13;
const NOTICE: u8 = 14;

/// An event of the first client.
fn event(kind: EventKind) -> Event {
    Event {
        time: Timestamp(1_771_329_600_000_000),
        connection: Some(ConnectionId(1)),
        client: Some(ClientId(1)),
        kind,
    }
}

fn frame(direction: Direction, wire: Vec<u8>) -> Event {
    event(EventKind::Frame(FrameEvent {
        service: crate::event::Service::Notification,
        direction,
        frame: Frame::from_wire(wire.into()),
        secrets: Secrets::default(),
        injected: false,
    }))
}

fn http(request: Vec<u8>, response: Vec<u8>) -> Event {
    event(EventKind::Http(Box::new(HttpExchange {
        service: Service::Https,
        method: "GET".into(),
        target: "/".into(),
        host: None,
        action: "ABFindAll".into(),
        account: None,
        status: 200,
        request: Masked::open(request),
        response: Masked::open(response),
        duration: Duration::MAX,
    })))
}

#[test]
fn lines_without_end_and_bodies_without_bound_are_compared_and_shown_in_part() {
    const LONG: usize = 64 * 1024;
    let mut events = messenger_mac_8_0_1();
    for byte in [b'x', b' ', 0x1b, b'\n', 0xff, b'<', b'@'] {
        let text = vec![byte; LONG];
        for direction in [Direction::In, Direction::Out] {
            events.push(frame(direction, [b"UBX ", &text[..]].concat()));
            events.push(frame(direction, [b"UBX a 9\r\n", &text[..]].concat()));
        }
        events.push(http(
            text.clone(),
            [b"HTTP/1.1 200 OK\r\n\r\n", &text[..]].concat(),
        ));
    }
    // Beyond the sign-in nothing is compared, so that this is one.
    events.retain(
        |event| !matches!(&event.kind, EventKind::Frame(told) if told.frame.verb() == b"QNG"),
    );
    let conversation = Conversation::read(
        events.iter().cloned(),
        None,
        &owners(events.iter().cloned()),
    )
    .expect("a client");
    let compared = compare(
        &steps(conversation.sign_in()),
        &steps(&messenger_mac_8_0_1()),
    );
    let text = compared.to_string();
    assert!(text.len() < 500_000, "{}", text.len());
    assert!(
        text.contains("checksum"),
        "a long line is still told from another"
    );
    // The text export is whole, as it should be: each of its lines is escaped.
    all_of(&events);
}

#[test]
fn two_long_lines_that_end_differently_differ() {
    let with = |last: u8| {
        let mut wire = [&b"NLN "[..], &[b'a'; 100_000]].concat();
        wire.push(last);
        steps(&[frame(Direction::Out, wire)])
    };
    assert_eq!(compare(&with(b'a'), &with(b'a')).differences, []);
    let differ = compare(&with(b'a'), &with(b'b'));
    assert_eq!(differ.differences.len(), 1);
    let text = differ.to_string();
    assert!(text.contains("100005 bytes, checksum"), "{text}");
}

#[test]
fn more_clients_and_connections_than_there_can_be_are_bounded() {
    let many = |each: &dyn Fn(u64) -> Event| (0..5_000).map(each).collect::<Vec<_>>();
    let peer = "10.0.0.1:1".parse().expect("an address");
    let connected = |service| EventKind::Connected {
        service,
        peer,
        local: peer,
    };
    let of = |n: u64, kind| Event {
        connection: Some(ConnectionId(u64::MAX - n)),
        client: Some(ClientId(u64::MAX - n)),
        ..event(kind)
    };
    let clients = many(&|n| of(n, connected(Service::Notification)));
    // What is said of each is bounded by how many there are room for.
    assert!(all_of(&clients) < 8_000_000);
    let web = many(&|n| Event {
        client: None,
        ..of(n, connected(Service::Https))
    });
    all_of(&[messenger_mac_8_0_1(), web].concat());
    let notices = many(&|_| {
        event(EventKind::Notice {
            severity: Severity::Error,
            text: "".into(),
        })
    });
    all_of(&notices);
}

#[test]
fn times_and_numbers_at_both_ends_are_fine() {
    for (n, time) in [0, 1, u64::MAX, 0, i64::MAX as u64, u64::MAX]
        .into_iter()
        .enumerate()
    {
        let mut events = every();
        for (at, event) in events.iter_mut().enumerate() {
            event.time = Timestamp(if at % 2 == n % 2 {
                time
            } else {
                u64::MAX - time
            });
            event.client = event.client.map(|_| ClientId(time));
            event.connection = event.connection.map(|_| ConnectionId(time));
        }
        all_of(&events);
    }
}

#[test]
fn what_no_service_can_have_told_is_damage() {
    let of = |events: &[Event]| {
        let mut record = Vec::new();
        for event in events {
            append_record(event, &mut record).expect("short enough");
        }
        record.split_off(HEAD)
    };
    let start = |number: u8| [&[number, 0][..], &[0; 8]].concat();

    let mut no_secret = of(&[event(EventKind::Frame(FrameEvent {
        service: crate::event::Service::Notification,
        direction: Direction::In,
        frame: Frame::from_wire(Bytes::from_static(b"USR 1 TWN S t\r\n")),
        secrets: Secrets::one(12, 13),
        injected: false,
    }))]);
    let end = no_secret.len() - 4;
    assert_eq!(no_secret[end], 13);
    no_secret[end] = 12;

    let mut contact = roster::Contact::new("a@local", None);
    contact.name = "x".repeat(roster::MAX_NAME + 1);
    let contact = of(&[event(EventKind::Contact(Box::new(ContactChange {
        change: crate::event::Became::Added,
        contact: contact.into(),
        by: None,
        told: 0,
    })))]);

    // A reply that lists clients: its command, that it went well, no text, and how many.
    let clients = [&[0; 8][..], &[1], &[0; 4], &[1], &u32::to_le_bytes(100_001)].concat();
    let clients = [start(REPLY), clients, vec![0; 4_000_000]].concat();

    for (body, said) in [
        (no_secret, "secret ranges that are empty"),
        (contact, "a contact that cannot be"),
        (clients, "a list of more than there can be"),
    ] {
        let (events, damage) = read(with_body(&body));
        let damage = damage.map(|damage| damage.to_string()).unwrap_or_default();
        assert!(events.is_empty() && damage.contains(said), "{damage}");
    }
}

#[test]
fn of_a_long_text_the_beginning_is_written_and_read() {
    // As it was written before there was a bound.
    let length = MAX_TEXT as u32 + 9;
    let text = vec![b'x'; length as usize];
    let long = [
        &[NOTICE, 0][..],
        &[0; 8],
        &[0],
        &length.to_le_bytes(),
        &text,
    ]
    .concat();
    let (events, damage) = read(with_body(&long));
    assert!(damage.is_none());
    let kind = events.first().map(|event| &event.kind);
    assert!(matches!(kind, Some(EventKind::Notice { text, .. }) if text.len() == MAX_TEXT));

    let reason = format!("{}é{}", "x".repeat(MAX_TEXT - 1), "y".repeat(9));
    let told = event(EventKind::SignedOut {
        account: "me@local".into(),
        reason: Ending::other(reason.clone()),
    });
    let mut record = Vec::new();
    append_record(&told, &mut record).expect("short enough");
    let (events, damage) = read(with_body(&record[HEAD..]));
    assert!(damage.is_none());
    let Some(EventKind::SignedOut { reason: read, .. }) = events.first().map(|e| &e.kind) else {
        panic!("{events:?}");
    };
    // Not half a character.
    assert_eq!(read.to_string(), reason[..MAX_TEXT - 1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_decodes_goes_through_all_that_is_made_of_it(
        changes in proptest::collection::vec((0usize..1_000, 0usize..1_000, any::<u8>(), any::<u64>()), 1..24)
    ) {
        let every = every();
        let mut events = messenger_mac_8_0_1();
        for (which, at, to, time) in changes {
            let mut record = Vec::new();
            append_record(&every[which % every.len()], &mut record).expect("short enough");
            let mut body = record.split_off(HEAD);
            let at = at % body.len();
            body[at] = to;
            let (decoded, _) = read(with_body(&body));
            for mut event in decoded {
                // Most of all of a client of which there is more, and at any time.
                if to % 2 == 0 {
                    event.client = Some(ClientId(1));
                }
                if to % 3 == 0 {
                    event.time = Timestamp(time);
                }
                let place = time as usize % (events.len() + 1);
                events.insert(place, event);
            }
        }
        all_of(&events);
    }

    #[test]
    fn any_lines_and_bodies_go_through_all_that_is_made_of_them(
        wires in proptest::collection::vec((any::<bool>(), any::<Vec<u8>>()), 0..8),
        request: Vec<u8>, response: Vec<u8>, verb in "(VER|CVR|USR|ADL|CHG|ILN|UBX|QRY|XFR|911) [0-9]{1,20} ",
    ) {
        let mut events = messenger_mac_8_0_1();
        for (out, wire) in wires {
            let direction = if out { Direction::Out } else { Direction::In };
            events.insert(events.len() / 2, frame(direction, [verb.as_bytes(), &wire].concat()));
            events.push(frame(direction, wire));
        }
        events.push(http(request, response));
        all_of(&events);
    }
}

#[test]
fn no_text_of_an_event_reaches_a_screen_raw() {
    let evil = "\u{1b}[2J\u{1b}]52;c;QUFB\u{7}\u{9b}31m\u{202e}\u{200b}\r`|<b>";
    let bytes = Bytes::from_static(b"\x1b[2J\x9b\xff\r`|<b>");
    let mut events = messenger_mac_8_0_1();
    for mut event in every() {
        match &mut event.kind {
            EventKind::SignedOut { account, reason } => {
                (*account, *reason) = (evil.into(), Ending::other(evil))
            }
            EventKind::Disconnected { reason, .. } => *reason = Ending::other(evil),
            EventKind::SignedIn { account, .. } => *account = evil.into(),
            EventKind::Notice { text, .. } => *text = evil.into(),
            EventKind::Finding(finding) => {
                (finding.field, finding.text) = (evil.into(), evil.into());
            }
            EventKind::Tls(tls) => {
                (tls.version, tls.cipher, tls.sni) =
                    (Some(evil.into()), Some(evil.into()), Some(evil.into()));
                if let Some(failure) = &mut tls.failure {
                    failure.text = evil.into();
                }
            }
            EventKind::Http(http) => {
                (http.method, http.target, http.action) = (evil.into(), evil.into(), evil.into());
                (http.host, http.account) = (Some(evil.into()), Some(evil.into()));
                (http.request, http.response) =
                    (Masked::open(bytes.clone()), Masked::open(bytes.clone()));
            }
            EventKind::Client(info) => {
                (info.account, info.name) = (Some(evil.into()), Some(evil.into()));
                (info.endpoint, info.machine) = (Some(evil.into()), Some(evil.into()));
                if let Some(software) = &mut info.software {
                    (software.name, software.version, software.system) =
                        (evil.into(), evil.into(), evil.into());
                }
            }
            EventKind::Reply(reply) => reply.text = evil.into(),
            _ => {}
        }
        event.client = Some(ClientId(1));
        event.connection = Some(ConnectionId(1));
        events.push(event);
    }
    all_of(&events);
}
