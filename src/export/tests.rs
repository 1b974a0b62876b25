//! What is promised of exports.

mod packets;

use super::*;
use crate::event::{
    ConnectionId, Ending, Event, EventKind, FrameEvent, HttpAction, HttpExchange, Masked, Secrets,
    Service,
};
use crate::findings::{Numbers, Watch, owners, watched};
use crate::msnp::escape::is_unsafe_on_screen;
use crate::msnp::{Direction, Frame};
use crate::recording::golden::messenger_mac_8_0_1;
use bytes::Bytes;
use packets::{address, packets, streams};
use proptest::prelude::*;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

const ALL: [Format; 5] = [
    Format::Text,
    Format::Jsonl,
    Format::Har,
    Format::Pcapng,
    Format::Markdown,
];

fn exported(events: Vec<Event>, options: &Options) -> Vec<u8> {
    let mut out = Vec::new();
    let options = Options {
        owners: owners(events.iter().cloned()),
        ..options.clone()
    };
    write(numbered(events), &options, &mut out).expect("written");
    out
}

/// As they come out of a recording.
fn numbered(events: Vec<Event>) -> impl Iterator<Item = Numbered> {
    let mut watch = Watch::new(Numbers::Lines);
    let seen: Vec<_> = watched(events.into_iter(), &mut watch).collect();
    seen.into_iter()
}

fn text(events: Vec<Event>, options: &Options) -> String {
    String::from_utf8(exported(events, options)).expect("text")
}

fn has(bytes: &[u8], what: &str) -> bool {
    memchr::memmem::find(bytes, what.as_bytes()).is_some()
}

#[test]
fn secrets_are_masked_in_every_format_unless_asked_for() {
    for format in ALL {
        let masked = exported(messenger_mac_8_0_1(), &Options::new(format));
        assert!(
            !has(&masked, "HENLO") && !has(&masked, "asdf"),
            "{format:?}"
        );
        assert!(has(&masked, "***"), "{format:?}");
        let shown = Options {
            show_secrets: true,
            ..Options::new(format)
        };
        let shown = exported(messenger_mac_8_0_1(), &shown);
        assert!(has(&shown, "HENLO") && has(&shown, "asdf"), "{format:?}");
    }
}

#[test]
fn a_filter_chooses_what_is_exported() {
    let only = |format, filter| Options {
        filter: Filter::parse(filter).expect("a filter"),
        ..Options::new(format)
    };
    let lines = text(
        messenger_mac_8_0_1(),
        &only(Format::Text, "verb:URL dir:out"),
    );
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert!(lines.lines().all(|line| line.contains("◀ URL 1")));
    let har = text(messenger_mac_8_0_1(), &only(Format::Har, "ABFindAll"));
    let har: Value = serde_json::from_str(&har).expect("JSON");
    assert_eq!(har["log"]["entries"].as_array().map(Vec::len), Some(1));
    // The address is known although the event that told it was not chosen.
    assert_eq!(har["log"]["entries"][0]["serverIPAddress"], "10.0.10.126");
    let packets = packets(&exported(
        messenger_mac_8_0_1(),
        &only(Format::Pcapng, "verb:PNG"),
    ));
    assert_eq!(packets.len(), 4);
    assert_eq!(packets[3].data, b"PNG 16\r\n");
    assert_eq!(
        packets[3].target,
        "10.0.10.126:1863".parse().expect("an address")
    );
}

#[test]
fn text_has_a_line_an_event_and_what_belongs_to_it_beneath() {
    let text = text(messenger_mac_8_0_1(), &Options::new(Format::Text));
    assert!(text.contains("\n    1 2026-"), "{text}");
    assert!(text.contains(" 1 ▶ VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0\n"));
    assert!(text.contains(" 1 ▶ UUN 15 me@local 8 9\n    ignore me\n"));
    assert!(
        text.contains("    > SOAPAction: http://www.msn.com/webservices/AddressBook/ABFindAll\n")
    );
    assert!(text.contains("    < HTTP/1.1 200 OK\n"));
}

#[test]
fn the_archive_has_what_the_format_asks_for() {
    let text = text(messenger_mac_8_0_1(), &Options::new(Format::Har));
    let har: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(har["log"]["version"], "1.2");
    let entries = har["log"]["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), 6);
    for entry in entries {
        for key in [
            "startedDateTime",
            "time",
            "request",
            "response",
            "cache",
            "timings",
        ] {
            assert!(!entry[key].is_null(), "{key}");
        }
        for key in [
            "method",
            "url",
            "httpVersion",
            "cookies",
            "headers",
            "queryString",
            "headersSize",
            "bodySize",
        ] {
            assert!(!entry["request"][key].is_null(), "request.{key}");
        }
        for key in [
            "status",
            "statusText",
            "httpVersion",
            "cookies",
            "headers",
            "content",
            "redirectURL",
            "headersSize",
            "bodySize",
        ] {
            assert!(!entry["response"][key].is_null(), "response.{key}");
        }
    }
    assert_eq!(
        entries[0]["request"]["url"],
        "https://nexus.passport.com/rdr/pprdr.asp"
    );
    assert_eq!(entries[0]["startedDateTime"], "2026-02-17T12:00:00.428200Z");
    let body = entries[5]["request"]["postData"]["text"]
        .as_str()
        .expect("a body");
    assert!(body.contains("<TicketToken>***</TicketToken>"));
    let answer = entries[5]["response"]["content"]["text"]
        .as_str()
        .expect("an answer");
    assert!(answer.contains("<ABFindAllResponse"));
}

#[test]
fn the_report_names_the_client_and_every_step() {
    let report = text(messenger_mac_8_0_1(), &Options::new(Format::Markdown));
    assert!(report.starts_with("# Sign-in of client 1: me@local\n"));
    for what in [
        "| client | macmsgs 8.0.1 on mac 10.14.6 i386 |",
        "| dialect | MSNP16/mac |",
        "| reached | online |",
        "| client | `CHG 8 NLN 1085276192:131088` |",
        "| service | `QNG 60` |",
        "TLS handshake: TLSv1 AES128-SHA",
        "(exchange 6)",
        "### 6. POST byrdr.omega.contacts.msn.com/abservice/abservice.asmx → 200 (ABFindAll)",
        "PassportURLs: ",
    ] {
        assert!(report.contains(what), "{what}");
    }
}

#[test]
fn a_filter_takes_nothing_from_the_head_of_the_report() {
    let whole = text(messenger_mac_8_0_1(), &Options::new(Format::Markdown));
    let head = |report: &str| report.split("\n## ").next().map(str::to_owned);
    let chosen = Options {
        filter: Filter::parse("client:1").expect("a filter"),
        ..Options::new(Format::Markdown)
    };
    let report = text(messenger_mac_8_0_1(), &chosen);
    assert_eq!(head(&report), head(&whole));
    assert!(!report.contains("OUT"), "it goes on to the end");
    // The console's lines are no clients: it says what it knows of them.
    let mut events = messenger_mac_8_0_1();
    let mut known = Vec::new();
    events.retain(|event| match &event.kind {
        EventKind::Client(info) => {
            known = vec![(**info).clone()];
            false
        }
        _ => true,
    });
    let report = text(events, &Options { known, ..chosen });
    assert!(report.starts_with("# Sign-in of client 1: me@local\n"));
    assert!(report.contains("| dialect | MSNP16/mac |"));
}

fn event(connection: u64, kind: EventKind) -> Event {
    Event {
        time: Timestamp(5),
        connection: Some(ConnectionId(connection)),
        client: Some(ClientId(1)),
        kind,
    }
}

fn connected(peer: &str, local: &str) -> Event {
    let kind = EventKind::Connected {
        service: Service::Https,
        peer: address(peer),
        local: address(local),
    };
    event(1, kind)
}

fn http(request: Vec<u8>, response: Vec<u8>, secrets: Secrets) -> Event {
    let kind = EventKind::Http(Box::new(HttpExchange {
        service: Service::Https,
        method: "POST".into(),
        target: "/".into(),
        host: None,
        action: "unknown".into(),
        account: None,
        status: 200,
        request: Masked {
            bytes: request.into(),
            secrets,
        },
        response: Masked::open(response),
        duration: Duration::from_secs(9),
    }));
    event(1, kind)
}

#[test]
fn ipv6_and_large_bodies_and_masked_lengths() {
    let head = "POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n";
    let request = [head.as_bytes(), &[b'x'; 5_000]].concat();
    let secret = Secrets::one(head.len(), head.len() + 100);
    for (peer, local, server) in [
        ("[fe80::1]:1024", "[2001:db8::1]:8443", "[2001:db8::1]:8080"),
        (
            "[::ffff:10.0.0.1]:1024",
            "[::ffff:10.0.0.2]:443",
            "10.0.0.2:80",
        ),
        // No connection is like this; it must not stop the rest.
        ("10.0.0.1:1024", "[2001:db8::1]:443", "[2001:db8::1]:80"),
    ] {
        let events = vec![
            connected(peer, local),
            http(
                request.clone(),
                b"HTTP/1.1 200 OK\r\n\r\nab".to_vec(),
                secret.clone(),
            ),
        ];
        let packets = packets(&exported(events, &Options::new(Format::Pcapng)));
        assert_eq!(packets[0].target, address(server));
        let streams = streams(&packets);
        let asked = &streams[&(packets[0].source, packets[0].target)];
        let body = [&b"***"[..], &[b'x'; 4_900]].concat();
        let whole = [
            &b"POST / HTTP/1.1\r\nContent-Length: 4903\r\n\r\n"[..],
            &body,
        ]
        .concat();
        assert!(asked == &whole);
        let answered = &streams[&(packets[0].target, packets[0].source)];
        assert_eq!(answered, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab");
    }
}

#[test]
fn a_file_is_its_owners_and_never_written_over_unasked() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("out.txt");
    let golden = messenger_mac_8_0_1;
    let count = to_file(
        numbered(golden()),
        &Options::new(Format::Text),
        &path,
        false,
    )
    .expect("written");
    assert_eq!(count, messenger_mac_8_0_1().len() as u64);
    let mode = std::fs::metadata(&path)
        .expect("is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = std::fs::read(&path).expect("is there");
    let again = to_file(numbered(golden()), &Options::new(Format::Har), &path, false);
    assert!(matches!(again, Err(ExportError::Exists(_))));
    assert_eq!(std::fs::read(&path).expect("is there"), before);
    to_file(numbered(golden()), &Options::new(Format::Har), &path, true).expect("written over");
    assert_ne!(std::fs::read(&path).expect("is there"), before);
    // An export that fails leaves nothing behind, and what was there as it was.
    let nobody = Options {
        client: Some(ClientId(9)),
        ..Options::new(Format::Markdown)
    };
    let before = std::fs::read(&path).expect("is there");
    let failed = to_file(numbered(golden()), &nobody, &path, true);
    assert!(matches!(failed, Err(ExportError::NoClient(_))));
    assert_eq!(std::fs::read(&path).expect("is there"), before);
    let nowhere = dir.path().join("no/out.txt");
    let failed = to_file(
        numbered(golden()),
        &Options::new(Format::Text),
        &nowhere,
        false,
    );
    assert!(matches!(failed, Err(ExportError::Write { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1);
}

fn frame(wire: Vec<u8>, direction: Direction) -> Event {
    let kind = EventKind::Frame(FrameEvent {
        service: crate::event::Service::Notification,
        direction,
        frame: Frame::from_wire(Bytes::from(wire)),
        secrets: Secrets::default(),
        injected: false,
    });
    event(2, kind)
}

/// Any bytes, or something near to a command with XML in its payload: rules find something in that more often.
fn wire() -> impl Strategy<Value = Vec<u8>> {
    let near =
        "(UUX|ADL|[A-Z]{3})? ?[0-9]{0,2}\r?\n<[A-Za-z0-9/>{ ]{0,12}".prop_map(String::into_bytes);
    prop_oneof![any::<Vec<u8>>(), near]
}

proptest! {
    #[test]
    fn whatever_was_recorded_every_format_holds_its_shape(
        wire in wire(), request: Vec<u8>, response: Vec<u8>, note in ".*", time: u64, cut in 0usize..32
    ) {
        let mut events = vec![
            connected("10.0.0.1:1024", "10.0.0.2:443"),
            frame(wire.clone(), Direction::In),
            frame(wire, Direction::Out),
            http(request.clone(), response, Secrets::one(0, cut.min(request.len()))),
            event(1, EventKind::SignedOut { account: note.clone(), reason: Ending::other(note.clone()) }),
            event(1, EventKind::Disconnected { service: Service::Https, reason: Ending::other(note), bytes_in: 0, bytes_out: 0 }),
        ];
        for event in &mut events {
            event.time = Timestamp(time);
        }
        for format in [Format::Text, Format::Markdown, Format::Jsonl, Format::Har] {
            let text = text(events.clone(), &Options::new(format));
            prop_assert!(!text.chars().any(|c| c != '\n' && is_unsafe_on_screen(c)), "{format:?}");
        }
        let lines = text(events.clone(), &Options::new(Format::Jsonl));
        let lines: Result<Vec<Value>, _> = lines.lines().map(serde_json::from_str).collect();
        let mut lines = lines.expect("every line is JSON");
        // What the rules find in it has lines of its own.
        lines.retain(|line| line["event"] != "finding");
        prop_assert_eq!(lines.len(), events.len());
        let har = text(events.clone(), &Options::new(Format::Har));
        prop_assert!(serde_json::from_str::<Value>(&har).is_ok());
        streams(&packets(&exported(events, &Options::new(Format::Pcapng))));
    }
}

/// A client to which presence was sent without an msnobj; its sign-in ends there.
fn broken() -> Vec<Event> {
    let mut story = crate::findings::story::Story::new();
    story.online("").c("BLP 9 AL BL\r\n").s("ACK 9 BLP\r\n");
    story.events
}

#[test]
fn what_the_rules_find_is_exported_with_the_line_that_shows_it() {
    let only = |format, filter| Options {
        filter: Filter::parse(filter).expect("a filter"),
        ..Options::new(format)
    };
    let lines = text(broken(), &Options::new(Format::Jsonl));
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let found: Vec<_> = lines
        .iter()
        .filter(|line| line["event"] == "finding")
        .map(|line| (line["id"].as_str(), &line["evidence"]))
        .map(|(id, n)| (id, lines.iter().find(|line| line["n"] == *n)))
        .map(|(id, line)| (id, line.and_then(|line| line["line"].as_str())))
        .collect();
    let iln = Some("ILN 8 NLN online@local 1 A%20User 1085276192");
    assert_eq!(
        found,
        [
            (Some("no-msnobj"), iln),
            (Some("stalled"), iln),
            (Some("wrong-count"), Some("BLP 9 AL BL")),
        ]
    );
    let one = text(broken(), &only(Format::Text, "finding:no-msnobj"));
    assert_eq!(one.lines().count(), 1, "{one}");
    let line = text(broken(), &only(Format::Text, "verb:ILN \"online@local\""));
    let number = line.split_whitespace().next().expect("a line");
    assert!(
        one.trim_end().ends_with(&format!("(line {number})")),
        "{one}"
    );
    let severe = text(broken(), &only(Format::Text, "severity:warning"));
    assert!(severe.contains("wrong-count (BLP)"), "{severe}");
    let report = text(broken(), &Options::new(Format::Markdown));
    assert!(report.contains("- `no-msnobj`"), "{report}");
}

#[test]
fn what_never_came_ends_the_export_of_a_recording() {
    let mut story = crate::findings::story::Story::new();
    story.greeted();
    let text = text(story.events, &Options::new(Format::Text));
    let last = text.lines().last().expect("a line");
    assert!(last.contains("stalled (TLS): it ends at TLS"), "{last}");
}

#[test]
fn every_format_has_its_name_on_the_command_line_and_an_ending_of_its_own() {
    use clap::ValueEnum as _;
    assert_eq!(Format::ALL, Format::value_variants());
    let mut endings = std::collections::BTreeSet::new();
    for format in Format::ALL {
        let value = format.to_possible_value().expect("none is hidden");
        assert_eq!(value.get_name(), format.name());
        assert!(endings.insert(format.ending()), "{format:?}");
    }
}

#[test]
fn a_filter_by_client_has_what_its_connections_did_before_it_was_known_whose_they_are() {
    let mut events = messenger_mac_8_0_1();
    for event in &mut events {
        if let EventKind::Http(http) = &event.kind
            && http.action == HttpAction::Nexus
        {
            // As it is where the nexus is asked: nothing in that request says by whom.
            event.client = None;
        }
    }
    let of = |filter: &str, format| {
        let options = Options {
            filter: Filter::parse(filter).expect("a filter"),
            ..Options::new(format)
        };
        exported(events.clone(), &options)
    };
    for format in [Format::Text, Format::Jsonl, Format::Har, Format::Pcapng] {
        let ones = of("client:1", format);
        assert!(has(&ones, "pprdr.asp"), "{format:?}");
        assert!(!has(&of("client:none", format), "pprdr.asp"), "{format:?}");
    }
    let text = String::from_utf8(of("client:1", Format::Text)).expect("text");
    for (what, count) in [
        ("SSLv2-format hello", 6),
        (" connected to https ", 6),
        ("https connection closed", 6),
    ] {
        assert_eq!(text.matches(what).count(), count, "{what}: {text}");
    }
    assert!(has(&of("client:1", Format::Markdown), "pprdr.asp"));
}
