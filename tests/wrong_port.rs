//! A client that was given the wrong port: said in a sentence, at every door.

mod common;

use common::{PATIENCE, Raw, Whole, whole};
use nudge::event::{EventKind, Service};
use nudge::findings::{Numbers, Watch};
use std::collections::VecDeque;

/// Says this at a door. What comes back, what was found by service, rules and ladder, and why it ended.
async fn said(whole: &mut Whole, at: Service, bytes: &[u8]) -> (String, Vec<String>, String) {
    let mut raw = Raw::connect(whole.door(at)).await;
    raw.send(bytes).await;
    let answer = raw.rest().await;
    let mut watch = Watch::new(Numbers::Events);
    let (mut out, mut found) = (VecDeque::new(), Vec::new());
    loop {
        let told = tokio::time::timeout(PATIENCE, whole.stream.recv()).await;
        let event = told.expect("in time").expect("an event").event;
        let reason = match &event.kind {
            EventKind::Disconnected { reason, .. } => Some(reason.to_string()),
            _ => None,
        };
        watch.take(event, &mut out);
        for one in out.drain(..) {
            if let EventKind::Finding(finding) = &one.event.kind {
                found.push(format!("{}: {}", finding.id, finding.text));
                assert!(finding.evidence.is_some(), "{}", finding.text);
            }
        }
        if let Some(reason) = reason {
            return (answer, found, reason);
        }
    }
}

const TLS: &[u8] = b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x01\x49\x0a\x20\x2f";
const SSLV2: &[u8] = b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10\x00\x00\x35";
const HTTP: &[u8] = b"GET /rdr/pprdr.asp HTTP/1.1\r\nHost: nexus.passport.com\r\n\r\n";
const LONG: &[u8] = b"VER 1 MSNP16 MSNP15 MSNP14 MSNP13 and no end";
const MSNP: &[u8] = b"VER 1 MSNP16 MSNP15 CVR0\r\n";

#[tokio::test]
async fn what_belongs_to_another_port_is_told_once_and_closed() {
    let mut whole = whole().await;
    for (at, bytes, what) in [
        (Service::Notification, TLS, "TLS came to the notification"),
        (Service::Notification, SSLV2, "TLS came to the notification"),
        (Service::Notification, HTTP, "HTTP came to the notification"),
        (Service::Https, MSNP, "MSNP came to the HTTPS port"),
        (Service::Http, MSNP, "MSNP came to the HTTP port"),
        (Service::Http, TLS, "TLS came to the HTTP port"),
        // Known before its line has an end, or has one that nobody would wait for.
        (
            Service::Notification,
            &TLS[..5],
            "TLS came to the notification",
        ),
        (Service::Https, LONG, "MSNP came to the HTTPS port"),
    ] {
        let (answer, found, reason) = said(&mut whole, at, bytes).await;
        assert!(reason.starts_with(what), "{reason}");
        let (first, rest) = found.split_first().expect("it is said");
        assert!(first.starts_with(&format!("wrong-port: {what}")), "{first}");
        match at {
            Service::Notification => {
                assert_eq!(answer, "");
                // The ladder says of that client why its sign-in went no further.
                assert_eq!(rest.len(), 1, "{rest:?}");
                assert!(rest[0].starts_with("stalled: ") && rest[0].contains(what));
            }
            _ => assert_eq!(rest, [""; 0]),
        }
    }
}

#[tokio::test]
async fn a_verb_that_comes_in_pieces_is_no_http_and_a_query_is_masked() {
    let mut whole = whole().await;
    let mut raw = Raw::connect(whole.door(Service::Https)).await;
    for byte in MSNP {
        raw.send([*byte]).await;
        tokio::task::yield_now().await;
        if *byte == b' ' {
            break;
        }
    }
    assert_eq!(raw.rest().await, "");
    let mut raw = Raw::connect(whole.door(Service::Notification)).await;
    raw.send("GET /x?t=SECRET HTTP/1.1\r\n\r\n").await;
    assert_eq!(raw.rest().await, "");
    let mut lines = Vec::new();
    let mut left = 2;
    while left > 0 {
        let told = tokio::time::timeout(PATIENCE, whole.stream.recv()).await;
        let event = told.expect("in time").expect("an event").event;
        left -= usize::from(matches!(event.kind, EventKind::Disconnected { .. }));
        nudge::event::json::write_json(None, &event, false, &mut lines).expect("JSON");
    }
    let lines = String::from_utf8(lines).expect("text");
    assert!(!lines.contains("plain-on-tls-port"), "{lines}");
    assert_eq!(lines.matches(r#""id":"wrong-port""#).count(), 2, "{lines}");
    assert!(
        lines.contains("GET /x?*** HTTP/1.1") && !lines.contains("SECRET"),
        "{lines}"
    );
}

#[tokio::test]
async fn a_ticket_stays_masked_in_a_line_that_looks_like_a_request() {
    let mut whole = whole().await;
    let mut raw = Raw::connect(whole.door(Service::Notification)).await;
    raw.send("VER 1 MSNP16 CVR0\r\nUSR 2 TWN S t=SECRET ?x HTTP/1.1\r\n")
        .await;
    raw.rest().await;
    let mut lines = Vec::new();
    loop {
        let told = tokio::time::timeout(PATIENCE, whole.stream.recv()).await;
        let event = told.expect("in time").expect("an event").event;
        nudge::event::json::write_json(None, &event, false, &mut lines).expect("JSON");
        if matches!(event.kind, EventKind::Disconnected { .. }) {
            break;
        }
    }
    let lines = String::from_utf8(lines).expect("text");
    assert!(
        lines.contains("USR 2 TWN S ***") && !lines.contains("SECRET"),
        "{lines}"
    );
}

#[tokio::test]
async fn what_belongs_there_is_served() {
    let mut whole = whole().await;
    let closing = b"GET / HTTP/1.0\r\n\r\n";
    for at in [Service::Http, Service::Https] {
        let (answer, found, _) = said(&mut whole, at, closing).await;
        assert!(answer.contains(" 200 "), "{answer}");
        assert!(!found.iter().any(|found| found.starts_with("wrong-port")));
    }
    let leaving = b"VER 1 MSNP16 CVR0\r\nOUT\r\n";
    let (answer, found, _) = said(&mut whole, Service::Notification, leaving).await;
    assert!(answer.starts_with("VER 1 MSNP16"), "{answer}");
    // That it leaves at once is told: it may have wanted another dialect.
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("did not take the answer to VER"),
        "{found:?}"
    );
}
