//! What the language promises.

use super::*;
use crate::event::{ContactChange, EventKind, HttpExchange, Masked, Secrets, Service, Severity};
use crate::journal::sample::*;
use crate::journal::{DEFAULT_BYTES, Journal};
use crate::msnp::{Direction, Status};
use crate::roster::Contact;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

const ADL: &str =
    r#"<ml><d n="local"><c n="busy" l="3" t="1"/></d><d n="other"><c n="idle"/></d></ml>"#;

fn journal() -> Journal {
    let mut journal = Journal::new(DEFAULT_BYTES);
    let mut busy = Contact::new("busy@local", Some("Busy User".into()));
    busy.status = Status::Busy;
    let mut injected = frame_of(9, 2, Direction::Out, "XXX 9 hello\r\n", Secrets::default());
    if let EventKind::Frame(frame) = &mut injected.kind {
        frame.injected = true;
    }
    for event in [
        frame(0, Direction::In, "PNG\r\n"),
        frame(1, Direction::Out, "QNG 50\r\n"),
        frame(2, Direction::In, "CHG 8 NLN 1085276192:131088\r\n"),
        frame(
            3,
            Direction::Out,
            "ILN 8 BSY busy@local 1 Busy%20User 1085276192\r\n",
        ),
        frame_of(
            4,
            2,
            Direction::Out,
            "FLN idle@local 1\r\n",
            Secrets::default(),
        ),
        frame_of(
            5,
            2,
            Direction::In,
            format!("ADL 9 {}\r\n{ADL}", ADL.len()),
            Secrets::default(),
        ),
        frame_of(6, 2, Direction::Out, "911 9\r\n", Secrets::default()),
        finding(7, "bare-lf", Severity::Warning),
        event(
            8,
            EventKind::Http(Box::new(HttpExchange {
                service: Service::Https,
                method: "POST".into(),
                target: "/abservice/abservice.asmx".into(),
                host: None,
                action: "ABFindAll".into(),
                account: None,
                status: 404,
                request: Masked {
                    bytes: bytes::Bytes::from_static(
                        b"POST / HTTP/1.1\r\n\r\n<t>ticket</t><q>asked</q>",
                    ),
                    secrets: Secrets(vec![22..28]),
                },
                response: Masked::open(&b"nothing here"[..]),
                duration: Duration::ZERO,
            })),
        ),
        injected,
        event(
            10,
            EventKind::Contact(Box::new(ContactChange {
                change: crate::event::Became::Status,
                contact: Arc::new(busy),
                by: None,
                told: 1,
            })),
        ),
        notice(
            11,
            Severity::Info,
            "VER of the screen (busy@locals are others)",
        ),
    ] {
        journal.append(event);
    }
    journal
}

fn ids(text: &str) -> Vec<u64> {
    let journal = journal();
    let filter = Filter::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    journal
        .lines()
        .filter(|line| filter.matches(line))
        .map(|line| line.id().0)
        .collect()
}

#[test]
fn each_term_finds_its_lines() {
    for (filter, expected) in [
        ("", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11][..]),
        ("verb:ILN,FLN", &[3, 4]),
        ("verb:iln", &[3]),
        ("PNG", &[0]),
        ("911", &[6]),
        ("VER", &[]),
        ("dir:out", &[1, 3, 4, 6, 9]),
        ("dir:in", &[0, 2, 5]),
        ("client:2", &[4, 5, 6, 9]),
        ("client:none", &[7, 8, 10, 11]),
        ("conn:11", &[0, 1, 2, 3]),
        ("trid:8", &[2, 3]),
        // The number of QNG is no transaction id.
        ("trid:50", &[]),
        ("contact:busy@local", &[3, 5, 10]),
        ("contact:BUSY", &[3, 5, 10, 11]),
        ("contact:idle@local", &[4]),
        ("contact:idle@other", &[5]),
        ("contact:usy", &[]),
        ("status:BSY", &[3, 10]),
        ("BSY", &[3, 10]),
        ("status:offline", &[4]),
        ("status:NLN", &[2]),
        ("status:404", &[8]),
        ("kind:http,finding", &[7, 8]),
        ("finding:bare-lf", &[7]),
        ("finding:other", &[]),
        ("severity:warning", &[7, 8]),
        ("severity:info", &[7, 8, 11]),
        ("injected", &[9]),
        ("error", &[6, 8]),
        ("after:00:00:10", &[10, 11]),
        ("before:00:00:02", &[0, 1]),
        ("after:00:00:01.5 before:00:00:03", &[2]),
        ("hello", &[9]),
        ("\"Busy User\"", &[3]),
        ("\"busy user\"i", &[3]),
        ("\"Busy User\"w", &[]),
        ("/B.sy U/", &[3]),
        ("/^q?ng|^PNG/i", &[0, 1]),
        ("\"asked\"", &[8]),
        ("\"nothing here\"", &[8]),
        ("ticket", &[]),
        ("\"/abservice/\"", &[8]),
        ("!kind:frame", &[7, 8, 10, 11]),
        ("not (dir:in or dir:out)", &[7, 8, 10, 11]),
        ("client:2 dir:out", &[4, 6, 9]),
        ("client:2 and dir:out and !injected", &[4, 6]),
        ("PNG or QNG dir:in", &[0]),
        ("(PNG or QNG) dir:out", &[1]),
        ("PNG OR trid:8 !CHG", &[0, 3]),
        ("!!PNG", &[0]),
        ("! PNG !QNG client:1", &[2, 3]),
        ("trid:8(CHG)", &[2]),
    ] {
        assert_eq!(ids(filter), expected, "{filter}");
    }
}

#[test]
fn times_of_day_are_of_the_zone_given() {
    let journal = journal();
    let count = |text, offset| {
        let filter = Filter::parse_at(text, offset).expect("parses");
        journal.lines().filter(|l| filter.matches(l)).count()
    };
    assert_eq!(count("after:01:00:10", 3600), 2);
    assert_eq!(count("after:22:59:50 before:23:00:05", -3600), 5);
    assert_eq!(count("after:00:00:10", -3600), 12);
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (text, at, says) in [
        ("verb:", 0..5, "verb: expected a verb"),
        ("PNG verb:ILN,", 4..13, "verb: expected a verb"),
        ("verb:ILN,TOOLONG", 9..16, "expected a verb"),
        ("vreb:ILN", 0..4, "did you mean verb:?"),
        ("dir:out knid:http", 8..12, "did you mean kind:?"),
        ("zebra:1", 0..5, "the terms are verb, dir"),
        ("client:x", 7..8, "the number of a client"),
        ("client:0", 7..8, "the number of a client"),
        ("trid:4294967296", 5..15, "a transaction id"),
        ("dir:up", 4..6, "in (client to server) or out"),
        ("kind:frame,htp", 11..14, "expected one of connected, tls"),
        ("severity:bad", 9..12, "info, warning or error"),
        ("severity:info,error", 14..19, "takes one value"),
        ("status:99", 7..9, "a status such as busy"),
        ("after:25:00", 6..11, "a time of day"),
        ("after:12", 6..8, "a time of day"),
        ("after:12:04:61", 6..14, "a time of day"),
        ("after:12:04:31.", 6..15, "a time of day"),
        ("before:12:04:3x", 7..15, "a time of day"),
        ("injected:yes", 9..12, "no value"),
        ("\"Busy", 0..5, "a closing \""),
        ("PNG /a", 4..6, "a closing /"),
        ("\"\"", 0..2, "some text"),
        ("/a(/", 0..4, "unclosed group"),
        ("/abservice/abservice.asmx", 11..25, "the flags i"),
        ("(PNG", 0..1, "a ) for this ("),
        ("PNG)", 3..4, "closes nothing"),
        ("()", 1..2, "a term before this )"),
        ("PNG or", 6..6, "a term here"),
        ("or PNG", 0..2, "a term before this"),
        ("PNG and or QNG", 8..10, "a term before this"),
        ("!", 1..1, "a term here"),
        ("contact:@local", 8..14, "an account"),
        ("é zebra:1", 3..8, "no term"),
    ] {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!(error.at, at, "{text}: {}", error.text);
        assert!(error.text.contains(says), "{text}: {}", error.text);
    }
}

#[test]
fn a_filter_is_bounded_in_length_and_depth() {
    assert!(Filter::parse(&"a ".repeat(MAX_FILTER)).is_err());
    assert!(Filter::parse(&"(".repeat(MAX_FILTER)).is_err());
    assert!(Filter::parse(&"!".repeat(MAX_FILTER)).is_err());
    assert!(Filter::parse(&format!("{}a{}", "(".repeat(30), ")".repeat(30))).is_ok());
}

#[test]
fn every_term_has_help_and_an_example_that_parses() {
    for (at, term) in TERMS.iter().enumerate() {
        assert!(!term.help.is_empty());
        assert!(term.example.starts_with(term.name), "{}", term.example);
        assert!(Filter::parse(term.example).is_ok(), "{}", term.example);
        assert!(
            TERMS[..at]
                .iter()
                .all(|t| t.name != term.name && t.id != term.id)
        );
        let known = Known::default();
        let offered = complete(&term.name[..2], 2, &known);
        assert!(offered.iter().any(|c| c.text.starts_with(term.name)));
    }
    for (form, help) in SYNTAX {
        assert!(Filter::parse(form).is_ok(), "{form}");
        assert!(!help.is_empty());
    }
}

#[test]
fn completion_offers_terms_then_their_values() {
    let known = Known {
        verbs: vec!["ILN".into(), "IPG".into(), "NLN".into()],
        clients: vec![1, 12],
        contacts: vec!["busy@local".into(), "idle@local".into()],
        ..Known::default()
    };
    let offers = |text: &str| -> Vec<(Range<usize>, String)> {
        complete(text, text.len(), &known)
            .into_iter()
            .map(|c| (c.at, c.text))
            .collect()
    };
    assert_eq!(offers("PNG cl"), [(4..6, "client:".into())]);
    assert_eq!(offers("!(!ki"), [(3..5, "kind:".into())]);
    assert_eq!(
        offers("client:1"),
        [(7..8, "1".into()), (7..8, "12".into())]
    );
    assert_eq!(
        offers("verb:NLN,i"),
        [(9..10, "ILN".into()), (9..10, "IPG".into())]
    );
    assert_eq!(offers("contact:b"), [(8..9, "busy@local".into())]);
    assert_eq!(offers("kind:signed-i"), [(5..13, "signed-in".into())]);
    assert_eq!(offers("IL"), [(0..2, "ILN".into())]);
    assert_eq!(offers("inj"), [(0..3, "injected".into())]);
    for none in ["\"cl", "/cl", "\"a b cl", "zebra:1", "trid:", "x\u{e9}y"] {
        assert_eq!(offers(none), [], "{none}");
    }
    assert_eq!(complete("", 0, &known).len(), TERMS.len());
    assert_eq!(complete("client:1 x", 8, &known).len(), 2);
}

#[test]
fn a_value_is_let_in_or_out_by_a_key() {
    for (text, name, value, included, excluded) in [
        ("", "verb", "PNG", "verb:PNG", "!verb:PNG"),
        (
            "client:1",
            "verb",
            "PNG",
            "client:1 verb:PNG",
            "client:1 !verb:PNG",
        ),
        (
            "verb:QNG",
            "verb",
            "PNG",
            "verb:QNG,PNG",
            "verb:QNG !verb:PNG",
        ),
        (
            "!verb:QNG",
            "verb",
            "PNG",
            "!verb:QNG verb:PNG",
            "!verb:QNG,PNG",
        ),
        ("!verb:PNG", "verb", "PNG", "verb:PNG", "!verb:PNG"),
        (
            "!verb:PNG,QNG client:1",
            "verb",
            "PNG",
            "!verb:QNG client:1 verb:PNG",
            "!verb:PNG,QNG client:1",
        ),
        ("verb:PNG", "verb", "PNG", "verb:PNG", "!verb:PNG"),
        (
            "a or b",
            "client",
            "1",
            "(a or b) client:1",
            "(a or b) !client:1",
        ),
        (
            "!verb:PNG and client:1",
            "verb",
            "PNG",
            "(!verb:PNG and client:1) verb:PNG",
            "!verb:PNG and client:1",
        ),
        (
            "(verb:PNG)",
            "verb",
            "PNG",
            "(verb:PNG) verb:PNG",
            "(verb:PNG) !verb:PNG",
        ),
        (
            "not verb:PNG x",
            "verb",
            "PNG",
            "x verb:PNG",
            "not verb:PNG x",
        ),
        ("\"broken", "verb", "PNG", "verb:PNG", "!verb:PNG"),
        (
            "after:12:04",
            "after",
            "13:00",
            "after:13:00",
            "after:12:04 !after:13:00",
        ),
        ("", "finding", "a b", "finding:\"a b\"", "!finding:\"a b\""),
    ] {
        assert_eq!(include(text, name, value), included, "include in {text}");
        assert_eq!(exclude(text, name, value), excluded, "exclude from {text}");
        assert!(Filter::parse(included).is_ok() && Filter::parse(excluded).is_ok());
    }
}

#[test]
fn every_value_of_a_line_finds_it_and_excluding_it_does_not() {
    let journal = journal();
    for line in journal.lines() {
        let values = values_of(&line);
        assert!(!values.is_empty());
        for (name, value) in values {
            let text = include("", name, &value);
            let filter = Filter::parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert!(filter.matches(&line), "{text}");
            let text = exclude(&text, name, &value);
            let filter = Filter::parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert!(!filter.matches(&line), "{text}");
        }
    }
}

fn any_filter() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,6}:[A-Za-z0-9,:@.\"]{0,8}",
        "[()!\"/, ]{1,3}",
        "(and|or|not|PNG|BSY|911|\"a b\"|/a+/i|verb:|dir:out|client:1)",
        "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any_filter(), raw: String, cursor in 0usize..80) {
        for text in [&text, &raw] {
            if let Err(error) = Filter::parse(text) {
                prop_assert!(error.at.start <= error.at.end && error.at.end <= text.len());
                prop_assert!(text.get(error.at.clone()).is_some(), "within a character");
                prop_assert!(!error.text.is_empty());
            }
            for candidate in complete(text, cursor, &Known::default()) {
                prop_assert!(text.get(candidate.at).is_some());
            }
            for changed in [include(text, "verb", "PNG"), exclude(text, "verb", "PNG")] {
                prop_assert!(Filter::parse(&changed).is_ok() || changed.len() > MAX_FILTER, "{}", changed);
            }
        }
    }
}
