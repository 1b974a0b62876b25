//! What the store promises.

use super::sample::*;
use super::*;
use crate::event::EventId;
use crate::event::{
    EventKind, Hello, HttpExchange, Masked, Reply, ReplyData, Secrets, Service, Severity,
    TlsHandshake,
};
use crate::filter::Filter;
use crate::msnp::{Direction, TransactionId};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

fn http(target: &str, request: Masked, response: Masked) -> EventKind {
    EventKind::Http(Box::new(HttpExchange {
        service: Service::Https,
        method: "POST".into(),
        target: target.into(),
        host: None,
        action: "ABFindAll".into(),
        account: None,
        status: 200,
        request,
        response,
        duration: Duration::from_micros(4_130),
    }))
}

#[test]
fn a_line_gives_back_what_was_appended() {
    let mut journal = Journal::new(DEFAULT_BYTES);
    let wire = b"UUX 9 4\r\nab\r\n";
    let id = journal
        .append(frame(3, Direction::In, wire))
        .expect("a line");
    let line = journal.get(id).expect("held");
    assert_eq!(line.id(), EventId(0));
    assert_eq!(line.time().0, 3_000_000);
    assert_eq!(line.client().map(|c| c.0), Some(1));
    assert_eq!(line.connection().map(|c| c.0), Some(11));
    assert_eq!(line.kind(), Kind::Frame);
    assert_eq!(line.direction(), Some(Direction::In));
    assert_eq!(line.verb(), b"UUX");
    assert_eq!(line.transaction(), Some(TransactionId(9)));
    assert_eq!(line.wire(), wire);
    assert_eq!(line.line(), b"UUX 9 4");
    assert_eq!(line.payload(), Some(&b"ab\r\n"[..]));
    assert!(!line.injected() && !line.is_error() && !line.is_bare_lf());
    assert!(line.event().is_none() && line.secrets().is_empty());
    assert_eq!(line.cut(), 0);

    let id = journal
        .append(frame(4, Direction::Out, "911 4\n"))
        .expect("a line");
    let line = journal.get(id).expect("held");
    assert_eq!((line.id(), line.payload()), (EventId(1), None));
    assert!(line.is_error() && line.is_bare_lf());
    assert_eq!(journal.get(EventId(2)).map(|l| l.id()), None);
}

#[test]
fn state_is_no_line() {
    let mut journal = Journal::new(DEFAULT_BYTES);
    let roster = EventKind::Roster(Arc::default());
    assert_eq!(journal.append(event(0, roster)), None);
    let listening = EventKind::Listening {
        service: Service::Http,
        address: ([127, 0, 0, 1], 80).into(),
    };
    assert_eq!(journal.append(event(0, listening)), None);
    assert!(journal.is_empty() && journal.last().is_none());
}

#[test]
fn a_kind_is_known_by_its_name_whatever_the_case() {
    let named = [
        ("frame", Kind::Frame),
        ("Signed-Out", Kind::SignedOut),
        ("NOTICE", Kind::Notice),
    ];
    for (name, kind) in named {
        assert_eq!(Kind::from_name(name), Some(kind));
    }
    // State is no line.
    assert_eq!(Kind::from_name("roster"), None);
    // A journal keeps a kind as a number of 8 bits.
    for (at, kind) in Kind::ALL.iter().enumerate() {
        assert_eq!(*kind as usize, at);
    }
}

#[test]
fn identities_stay_across_eviction_and_the_budget_holds() {
    let mut journal = Journal::new(0);
    assert_eq!(journal.max_bytes(), MIN_BYTES);
    let mut evicted = 0;
    for n in 0..60_000_u64 {
        let event = match n % 97 {
            0 => notice(n, Severity::Info, &format!("PNG {n} says the service")),
            _ => frame(n, Direction::In, format!("PNG {n}\r\n")),
        };
        assert_eq!(journal.append(event), Some(EventId(n)));
        assert!(journal.bytes() <= MIN_BYTES, "{} bytes", journal.bytes());
        assert_eq!(journal.older() + journal.len() as u64, n + 1);
        assert!(journal.older() >= evicted);
        evicted = journal.older();
    }
    assert!(evicted > 0 && journal.len() > 1_000);
    assert_eq!(journal.get(EventId(evicted - 1)).map(|l| l.id()), None);
    let mut seen = evicted;
    for line in journal.lines() {
        assert_eq!(line.id(), EventId(seen));
        assert_eq!(line.time().0, seen * 1_000_000);
        assert!(line.line().starts_with(format!("PNG {seen}").as_bytes()));
        assert_eq!(line.event().is_some(), seen % 97 == 0);
        seen += 1;
    }
    assert_eq!(seen, 60_000);
}

#[test]
fn a_window_starts_at_what_is_left_and_crosses_segments() {
    let mut journal = Journal::new(0);
    for n in 0..40_000 {
        journal.append(frame(n, Direction::Out, format!("ILN {n} BSY a@local\r\n")));
    }
    let first = journal.first();
    assert!(first.0 > 0);
    let ids: Vec<u64> = journal.window(EventId(0), 3).map(|l| l.id().0).collect();
    assert_eq!(ids, [first.0, first.0 + 1, first.0 + 2]);
    let ids: Vec<u64> = journal
        .window(first.plus(10), 10_000)
        .map(|l| l.id().0)
        .collect();
    assert_eq!(ids.len(), 10_000);
    assert!(ids.windows(2).all(|w| w[0] + 1 == w[1]));
    assert_eq!(journal.window(EventId(39_999), 9).count(), 1);
    assert_eq!(journal.window(EventId(40_000), 9).count(), 0);
    assert_eq!(journal.window(EventId(u64::MAX), usize::MAX).count(), 0);
}

#[test]
fn huge_events_are_cut_within_the_budget_and_say_so() {
    let mut journal = Journal::new(0);
    let big = vec![b'a'; 3_000_000];
    let events = [
        frame(0, Direction::Out, &big),
        event(
            0,
            http(
                "/",
                Masked {
                    bytes: Bytes::from(big.clone()),
                    secrets: Secrets(vec![5..9, 2_999_990..3_000_000]),
                },
                Masked::open(big.clone()),
            ),
        ),
        notice(0, Severity::Error, &"é".repeat(2_000_000)),
        event(
            0,
            EventKind::Reply(Box::new(Reply {
                command: crate::event::CommandId(1),
                ok: true,
                text: "done".into(),
                data: ReplyData::Lines(vec!["x".repeat(1000); 5_000]),
            })),
        ),
    ];
    for _ in 0..20 {
        for told in events.clone() {
            let id = journal.append(told).expect("a line");
            assert!(journal.bytes() <= MIN_BYTES, "{}", journal.bytes());
            let line = journal.get(id).expect("the newest is never evicted");
            assert!(line.cut() > 1_000_000, "{:?}", line.kind());
            let _ = summary(&line, true);
        }
    }
}

#[test]
fn what_only_a_recording_can_tell_is_cut_as_well() {
    let mut journal = Journal::new(0);
    let body = Masked {
        bytes: Bytes::from(b"sa".repeat(500_000)),
        secrets: Secrets((0..500_000).map(|n| n * 2..n * 2 + 1).collect()),
    };
    let long = "x".repeat(1_000_000);
    let mut texts = http(&long, Masked::default(), Masked::default());
    if let EventKind::Http(http) = &mut texts {
        (http.method, http.action) = (long.clone(), long.as_str().into());
        (http.host, http.account) = (Some(long.clone()), Some(long));
    }
    let mut contact = crate::roster::Contact::new("a@local", None);
    contact.groups = vec!["g".repeat(36); 60_000];
    let contact = EventKind::Contact(Box::new(crate::event::ContactChange {
        change: crate::event::Became::Groups,
        contact: contact.into(),
        by: None,
        told: 0,
    }));
    let said = EventKind::Message(Box::new(crate::event::Spoken {
        conversation: crate::event::ConversationId(1),
        from: "me@local".into(),
        played: false,
        to: vec!["x".repeat(36); 60_000],
        others: 1,
        kind: crate::msnp::message::MessageKind::Text,
        text: "x".repeat(2_000_000),
        format: None,
    }));
    for kind in [http("/", body.clone(), body), texts, contact, said] {
        for _ in 0..20 {
            let id = journal.append(event(0, kind.clone())).expect("a line");
            assert!(journal.bytes() <= MIN_BYTES, "{}", journal.bytes());
            let line = journal.get(id).expect("the newest is never evicted");
            assert!(line.cut() > 1_000_000, "{:?}", line.kind());
            let weight = line.event().map_or(0, cut::weight);
            assert!(weight <= MIN_BYTES / 8, "{:?}: {weight}", line.kind());
        }
        // Whatever was cut, no secret of it comes to be seen: each `s` in it is one.
        let kept = journal.last().and_then(|id| journal.get(id));
        if let Some(EventKind::Http(http)) = kept.and_then(|line| line.event()).map(|e| &e.kind) {
            assert!(!http.request.shown(false).contains(&b's'));
        }
    }
}

#[test]
fn clients_of_a_reply_weigh_what_their_texts_do() {
    use crate::event::{ClientId, ClientInfo, Timestamp};
    let mut info = ClientInfo::new(ClientId(1), ([127, 0, 0, 1], 9).into(), Timestamp(0));
    (info.name, info.media) = (Some("x".repeat(1_024)), Some("x".repeat(1_024)));
    let clients = EventKind::Reply(Box::new(Reply {
        command: crate::event::CommandId(1),
        ok: true,
        text: "done".into(),
        data: ReplyData::Clients(vec![info; 100]),
    }));
    let mut journal = Journal::new(0);
    let id = journal.append(event(0, clients)).expect("a line");
    let line = journal.get(id).expect("held");
    assert!(line.cut() > 200_000, "{}", line.cut());
    assert!(line.event().map_or(0, cut::weight) <= MIN_BYTES / 8);
}

#[test]
fn many_large_events_stay_within_the_budget() {
    let mut journal = Journal::new(0);
    for n in 0..500 {
        let body = Masked::open(vec![b'x'; 20_000]);
        journal.append(event(n, http("/x", body.clone(), body)));
        assert!(journal.bytes() <= MIN_BYTES);
        assert_eq!(journal.get(EventId(n)).map(|l| l.cut()), Some(0));
    }
    assert!(journal.older() > 0);
}

#[test]
fn secrets_are_masked_and_badly_told_ones_do_no_harm() {
    let mut journal = Journal::new(DEFAULT_BYTES);
    let wire = "USR 4 TWN S t=abc&p= guid\r\n";
    for secrets in [
        vec![12..20],
        vec![16..20, 12..17],
        vec![12..20, 14..16],
        vec![12..13, 13..20],
    ] {
        let told = frame_of(0, 1, Direction::In, wire, Secrets(secrets));
        let id = journal.append(told).expect("a line");
        let line = journal.get(id).expect("held");
        assert_eq!(summary(&line, false), "USR 4 TWN S *** guid");
        assert_eq!(summary(&line, true), "USR 4 TWN S t=abc&p= guid");
        assert_eq!(line.secrets(), &[12..20]);
        assert_eq!(summary_within(&line, false, 13), "USR 4 TWN S *");
    }
    let beyond = frame_of(0, 1, Direction::In, wire, Secrets(vec![20..9_999, 90..99]));
    let id = journal.append(beyond).expect("a line");
    let line = journal.get(id).expect("held");
    assert_eq!(summary(&line, false), "USR 4 TWN S t=abc&p=***");
    assert_eq!(line.secrets(), std::slice::from_ref(&(20..27)));
}

#[test]
fn summaries_say_what_happened() {
    let mut journal = Journal::new(DEFAULT_BYTES);
    let mut says = |kind| {
        let id = journal.append(event(0, kind)).expect("a line");
        summary(&journal.get(id).expect("held"), false)
    };
    assert_eq!(
        says(http(
            "/abservice/abservice.asmx",
            Masked::default(),
            Masked::default()
        )),
        "POST /abservice/abservice.asmx ABFindAll → 200  4.1 ms"
    );
    let request = Masked {
        bytes: Bytes::from_static(b"POST /x?t=secret HTTP/1.1\r\n"),
        secrets: Secrets(vec![10..16]),
    };
    assert_eq!(
        says(http("/x?t=secret", request, Masked::default())),
        "POST /x?t=*** ABFindAll → 200  4.1 ms"
    );
    assert_eq!(
        says(EventKind::Tls(Box::new(TlsHandshake {
            version: Some("TLSv1".into()),
            cipher: Some("AES128-SHA".into()),
            sni: None,
            hello: Some(Hello::Sslv2),
            duration: Duration::from_millis(9),
            failure: None,
        }))),
        "TLSv1 AES128-SHA, SSLv2-format hello  9.0 ms"
    );
    let shown = says(notice(0, Severity::Info, "a\x1b[2J\u{202e}b").kind);
    assert_eq!(shown, r"a\x1B[2J\u{202e}b");
}

#[test]
fn a_summary_is_cut_between_characters() {
    let mut journal = Journal::new(DEFAULT_BYTES);
    let id = journal.append(frame(0, Direction::In, "aé€😀\r\n"));
    let line = journal.get(id.expect("a line")).expect("held");
    let cut: Vec<String> = (0..11).map(|n| summary_within(&line, false, n)).collect();
    let full = "aé€😀";
    for (n, text) in cut.iter().enumerate() {
        assert_eq!(text, &full[..full.floor_char_boundary(n)], "{n}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_of_a_client_reach_the_screen_raw_and_no_secret_does(
        wire: Vec<u8>,
        ranges in proptest::collection::vec((0u32..40, 0u32..40), 0..4),
        most in 0usize..50,
    ) {
        // A byte that nothing else makes stands for what is secret.
        let mut wire: Vec<u8> = wire.into_iter().map(|b| if b == b'S' { b's' } else { b }).collect();
        for (from, to) in &ranges {
            for at in *from..*to {
                if let Some(byte) = wire.get_mut(at as usize) {
                    *byte = b'S';
                }
            }
        }
        let secrets = Secrets(ranges.iter().map(|(from, to)| *from..*to).collect());
        let mut journal = Journal::new(0);
        let id = journal.append(frame_of(0, 1, Direction::In, &wire, secrets));
        let line = journal.get(id.expect("a line")).expect("held");
        proptest::prop_assert_eq!(line.wire(), &wire[..]);
        for text in [summary(&line, false), summary_within(&line, false, most)] {
            proptest::prop_assert!(!text.contains('S'));
            proptest::prop_assert!(!text.chars().any(crate::msnp::escape::is_unsafe_on_screen));
        }
        if let Some(payload) = line.shown_payload(false) {
            proptest::prop_assert!(!payload.contains(&b'S'));
        }
        for filter in ["\"S\"", "/S/", "/S+/w", "\"S\"w"] {
            let filter = Filter::parse(filter).expect("parses");
            proptest::prop_assert!(!filter.matches(&line) || wire.contains(&b'%'));
        }
    }
}
