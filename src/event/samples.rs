//! One event and more of every kind, and what is promised of their JSON.

use super::json::{COMMON, to_json, write_json};
use super::reference::{event_reference_markdown, says};
use super::table::Field;
use crate::event::CommandId;
use crate::event::*;
use crate::msnp::message::MessageKind;
use crate::msnp::{Direction, Frame, Status};
use crate::roster::{Contact, Group, Roster};
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

fn address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1863))
}

fn contact() -> Arc<Contact> {
    let mut contact = Contact::new("busy@local", Some("Busy \\ User".into()));
    contact.id = "22222222-2222-2222-2222-222222222222".into();
    contact.groups.push("g".into());
    contact.personal.media = r"\0Music\01".into();
    Arc::new(contact)
}

fn client(full: bool) -> ClientInfo {
    let some = |text: &str| full.then(|| text.to_owned());
    ClientInfo {
        id: ClientId(3),
        account: some("me@local"),
        software: full.then(|| Software {
            name: "macmsgs".into(),
            version: "8.0.1".into(),
            system: "mac 10.14.6 i386".into(),
        }),
        shape: full.then(|| "16/mac".parse().expect("a shape")),
        peer: address(),
        step: Step::Online,
        since: Timestamp(5),
        status: full.then_some(Status::BeRightBack),
        name: some("Me"),
        personal_message: some("hi"),
        media: some(""),
        capabilities: some("1085276192:131088"),
        endpoint: some("Rhodes"),
        machine: some("{0}"),
    }
}

fn frame(wire: &'static [u8], secrets: Secrets) -> EventKind {
    EventKind::Frame(FrameEvent {
        service: crate::event::Service::Notification,
        direction: Direction::In,
        frame: Frame::from_wire(Bytes::from_static(wire)),
        secrets,
        injected: false,
    })
}

fn finding(evidence: Option<EventId>) -> EventKind {
    EventKind::Finding(Box::new(Finding {
        id: FindingId::BareLf,
        severity: Severity::Warning,
        field: "text".into(),
        text: "text".into(),
        evidence,
    }))
}

fn reply(data: ReplyData) -> EventKind {
    EventKind::Reply(Box::new(Reply {
        command: CommandId(4),
        ok: true,
        text: "done".into(),
        data,
    }))
}

fn tls(failure: Option<TlsFailure>) -> EventKind {
    let there = failure.is_none();
    EventKind::Tls(Box::new(TlsHandshake {
        version: there.then(|| "TLSv1".into()),
        cipher: there.then(|| "AES128-SHA".into()),
        sni: None,
        hello: there.then_some(Hello::Sslv2),
        duration: Duration::from_micros(1234),
        failure,
    }))
}

fn http(known: bool) -> EventKind {
    EventKind::Http(Box::new(HttpExchange {
        service: Service::Https,
        method: "GET".into(),
        target: "/login2.srf".into(),
        host: known.then(|| "loginnet.passport.com".into()),
        action: "login".into(),
        account: known.then(|| "me@local".into()),
        status: 200,
        request: Masked {
            bytes: Bytes::from_static(b"GET / HTTP/1.1\r\nAuthorization: pwd=asdf\r\n\r\n"),
            secrets: Secrets::one(35, 39),
        },
        response: Masked::open(&b"HTTP/1.1 200 OK\r\n\r\n\xff"[..]),
        duration: Duration::from_micros(5),
    }))
}

/// Every kind, with all that can be there and with as little as can be.
pub(crate) fn samples() -> Vec<EventKind> {
    let group = Group {
        id: "g".into(),
        name: "Work".into(),
    };
    let roster = Roster::new([Contact::clone(&contact())], [group]).expect("a roster");
    let text = || String::from("text");
    vec![
        EventKind::Roster(Arc::new(roster)),
        EventKind::Listening {
            service: Service::Notification,
            address: address(),
        },
        EventKind::Connected {
            service: Service::Http,
            peer: address(),
            local: address(),
        },
        tls(None),
        tls(Some(TlsFailure {
            cause: TlsCause::ClientClock,
            text: text().into(),
        })),
        frame(b"PNG\r\n", Secrets::default()),
        frame(b"UUX 9 5\r\nhello", Secrets::default()),
        http(true),
        http(false),
        EventKind::Client(Box::new(client(true))),
        EventKind::Client(Box::new(client(false))),
        EventKind::SignedIn {
            account: text(),
            shape: "16".parse().expect("a shape"),
        },
        EventKind::SignedOut {
            account: text(),
            reason: Ending::other(text()),
        },
        EventKind::Contact(Box::new(ContactChange {
            change: Became::Status,
            contact: contact(),
            by: None,
            told: 1,
        })),
        EventKind::Contact(Box::new(ContactChange {
            change: Became::Removed,
            contact: contact(),
            by: Some(ClientId(3)),
            told: 0,
        })),
        finding(None),
        finding(Some(EventId(7))),
        EventKind::Disconnected {
            service: Service::Https,
            reason: Ending::other(text()),
            bytes_in: 1,
            bytes_out: 2,
        },
        reply(ReplyData::None),
        reply(ReplyData::Clients(vec![client(true), client(false)])),
        reply(ReplyData::Contacts(vec![contact()])),
        reply(ReplyData::Lines(vec![text()])),
        reply(ReplyData::Picture(ClientId(1), vec![0, 255].into())),
        reply(ReplyData::Object(ClientId(1), text(), vec![0, 255].into())),
        EventKind::Notice {
            severity: Severity::Info,
            text: text().into(),
        },
        EventKind::Conversation(Box::new(ConversationChange {
            conversation: ConversationId(6),
            change: Chapter::Left,
            account: "busy@local".into(),
            played: true,
            members: vec!["me@local".into()],
            reason: Some(text().into()),
        })),
        EventKind::Conversation(Box::new(ConversationChange {
            conversation: ConversationId(6),
            change: Chapter::Began,
            account: "me@local".into(),
            played: false,
            members: vec!["me@local".into()],
            reason: None,
        })),
        EventKind::Message(Box::new(Spoken {
            conversation: ConversationId(6),
            from: "me@local".into(),
            played: false,
            to: vec!["busy@local".into()],
            others: 1,
            kind: MessageKind::Text,
            text: text(),
            format: Some("FN=Arial; EF=B; CO=ff; CS=0; PF=22".into()),
        })),
        EventKind::Message(Box::new(Spoken {
            conversation: ConversationId(6),
            from: "busy@local".into(),
            played: true,
            to: vec!["me@local".into()],
            others: 1,
            kind: MessageKind::Typing,
            text: String::new(),
            format: None,
        })),
        EventKind::Frame(FrameEvent {
            service: Service::Switchboard,
            direction: Direction::Out,
            frame: Frame::from_wire(Bytes::from_static(b"BYE busy@local\r\n")),
            secrets: Secrets::default(),
            injected: false,
        }),
    ]
}

fn event(kind: EventKind) -> Event {
    Event {
        time: Timestamp(1_700_000_000_000_000),
        connection: None,
        client: None,
        kind,
    }
}

fn parsed(event: &Event) -> Value {
    serde_json::from_str(&to_json(event.client.map(|_| EventId(7)), event, false)).expect("JSON")
}

/// Holds an object against its fields; the names of those that are not always there go to `seen`.
fn check(object: &Value, fields: &[Field], name: &str, seen: &mut BTreeSet<String>) {
    let map = object.as_object().expect("an object");
    for key in map.keys() {
        assert!(
            fields.iter().any(|f| f.name == key),
            "{name}.{key} is not documented"
        );
    }
    for field in fields {
        let path = format!("{name}.{}", field.name);
        match map.get(field.name) {
            None => assert!(!field.always, "{path} is documented and not there"),
            Some(value) => {
                check_kind(value, &field.is.to_string(), &path, seen);
                seen.insert(if value.is_null() {
                    format!("{path} null")
                } else {
                    path
                });
            }
        }
    }
}

fn check_kind(value: &Value, kind: &str, path: &str, seen: &mut BTreeSet<String>) {
    if let Some(kind) = kind.strip_suffix(" or null") {
        if !value.is_null() {
            check_kind(value, kind, path, seen);
        }
    } else if let Some(kind) = kind.strip_prefix("list of ") {
        let list = value
            .as_array()
            .unwrap_or_else(|| panic!("{path} is no list"));
        assert!(!list.is_empty(), "the sample for {path} shows nothing");
        list.iter()
            .for_each(|item| check_kind(item, kind, path, seen));
    } else {
        match kind {
            "text" => assert!(value.is_string(), "{path} is {value}"),
            "number" => assert!(value.is_u64(), "{path} is {value}"),
            "true or false" => assert!(value.is_boolean(), "{path} is {value}"),
            object => {
                let doc = OBJECTS.iter().find(|o| o.name == object);
                let doc = doc.unwrap_or_else(|| panic!("{path}: no object {object:?}"));
                check(value, doc.fields, &format!("the object {object}"), seen);
            }
        }
    }
}

#[test]
fn what_is_documented_is_there_and_what_is_there_is_documented() {
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    for kind in samples() {
        names.insert(kind.name());
        let doc = EVENTS.iter().find(|doc| doc.name == kind.name());
        let doc = doc.unwrap_or_else(|| panic!("{} is not documented", kind.name()));
        let mut told = event(kind);
        for named in [false, true] {
            if named {
                told.connection = Some(ConnectionId(2));
                told.client = Some(ClientId(3));
            }
            let json = parsed(&told);
            assert_eq!(json["event"], doc.name);
            let fields: Vec<Field> = COMMON.iter().chain(doc.fields).copied().collect();
            check(&json, &fields, doc.name, &mut seen);
            assert_eq!(json.get("client").is_some(), named || doc.name == "client");
        }
    }
    assert_eq!(
        names,
        EVENTS.iter().map(|doc| doc.name).collect(),
        "a sample of each"
    );
    let objects = OBJECTS
        .iter()
        .map(|o| (format!("the object {}", o.name), o.fields));
    let events = EVENTS.iter().map(|e| (e.name.to_owned(), e.fields));
    for (name, fields) in events.chain(objects) {
        for field in fields {
            let path = format!("{name}.{}", field.name);
            // The Mac sends no SNI, so that one is only ever null here.
            assert!(
                seen.contains(&path) || field.name == "sni",
                "{path} is never there"
            );
            if field.is.to_string().ends_with("or null") {
                assert!(
                    seen.contains(&format!("{path} null")),
                    "{path} is never null"
                );
            }
        }
    }
}

#[test]
fn lines_are_exactly_these() {
    let line = |kind, connection, client, show| {
        let told = Event {
            connection,
            client,
            ..event(kind)
        };
        to_json(Some(EventId(9)), &told, show).replace("1700000000000000", "T")
    };
    let on = (Some(ConnectionId(2)), Some(ClientId(1)));
    assert_eq!(
        line(
            EventKind::Listening {
                service: Service::Notification,
                address: address()
            },
            None,
            None,
            false
        ),
        r#"{"n":9,"event":"listening","time":T,"service":"notification","address":"127.0.0.1:1863"}"#
    );
    let secret = || frame(b"USR 4 TWN S t=abc&p= guid\r\n", Secrets::one(12, 20));
    assert_eq!(
        line(secret(), on.0, on.1, false),
        r#"{"n":9,"event":"frame","time":T,"connection":2,"client":1,"direction":"in","line":"USR 4 TWN S *** guid","payload":null,"injected":false,"service":"notification"}"#
    );
    assert!(line(secret(), on.0, on.1, true).contains(r#""line":"USR 4 TWN S t=abc&p= guid""#));
    // A secret that reaches from the line into the payload is masked in both.
    assert!(
        line(
            frame(b"UUX 1 6\r\nsecret", Secrets::one(4, 12)),
            None,
            None,
            false
        )
        .contains(r#""line":"UUX ***","payload":"***ret""#)
    );
    assert!(
        line(
            frame(b"PNG \\0 \xff \xc3\xa9 \x07\r\n", Secrets::default()),
            None,
            None,
            false
        )
        .contains(r#""line":"PNG \\\\0 \\xFF é \u0007""#)
    );
    let exchange = line(http(true), on.0, None, false);
    assert!(
        !exchange.contains("asdf")
            && exchange.contains(r#"pwd=***\r\n\r\n","response":"HTTP/1.1 200 OK\r\n\r\n\\xFF""#)
    );
    assert!(line(http(true), on.0, None, true).contains("pwd=asdf"));
}

#[test]
fn the_reference_has_every_event_and_field() {
    let text = event_reference_markdown();
    let (events, objects) = text.split_once("The objects in them:").expect("both");
    let all = EVENTS.iter().map(|doc| (events, doc));
    for (text, doc) in all.chain(OBJECTS.iter().map(|doc| (objects, doc))) {
        assert!(text.contains(doc.help.trim().trim_end_matches('.')));
        for field in doc.fields {
            let row = format!("| `{}` | {} | {}", field.name, field.is, says(field));
            // The client that an event is about is one of the fields that any may have.
            let common = COMMON.iter().any(|common| common.name == field.name);
            assert!(text.contains(&row) || common, "{row}");
            assert!(!field.help.trim().is_empty() && !field.help.contains('|'));
        }
    }
}

#[test]
fn what_a_field_says_is_its_comment_and_the_names_it_may_have() {
    let of = |event: &str, field: &str| {
        let doc = EVENTS.iter().find(|doc| doc.name == event).expect("event");
        says(doc.fields.iter().find(|f| f.name == field).expect("field"))
    };
    assert_eq!(of("signed-in", "account"), "its account");
    assert_eq!(
        of("notice", "severity"),
        "how much it matters: `info`, `warning` or `error`"
    );
    assert_eq!(
        of("tls", "hello"),
        "the format of the hello: `sslv2` or `tls`"
    );
    // Where the comment says the names itself, they are said once.
    assert_eq!(
        of("frame", "direction"),
        "`in`: from the client; `out`: to the client"
    );
}

proptest::proptest! {
    #[test]
    fn whatever_a_frame_holds_is_one_line_of_json_and_comes_back(wire: Vec<u8>) {
        let told = event(EventKind::Frame(FrameEvent {
            service: crate::event::Service::Notification,
            direction: Direction::Out,
            frame: Frame::from_wire(wire.into()),
            secrets: Secrets::default(),
            injected: true,
        }));
        let mut line = Vec::new();
        write_json(None, &told, false, &mut line).expect("memory");
        proptest::prop_assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
        let json: Value = serde_json::from_slice(&line).expect("JSON");
        let EventKind::Frame(FrameEvent { frame, .. }) = &told.kind else { unreachable!() };
        let back = |value: &Value| value.as_str().map(crate::msnp::escape::unescape);
        let (line, payload) = (back(&json["line"]), back(&json["payload"]));
        proptest::prop_assert_eq!(line.as_deref(), Some(frame.line()));
        proptest::prop_assert_eq!(payload.as_deref(), frame.payload());
    }
}
