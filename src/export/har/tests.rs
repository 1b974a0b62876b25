//! The archive is held against the schema of its format.

use crate::event::{
    ClientId, ConnectionId, Event, EventKind, HttpExchange, Masked, Secrets, Service, Timestamp,
};
use crate::export::{Format, Options, write};
use crate::findings::{Numbers, Watch, watched};
use crate::recording::golden::messenger_mac_8_0_1;
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;
use std::time::Duration;

/// Written after the description of HAR 1.2; what is a date or a URL has to be one.
static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../tests/schemas/har-1.2.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema")
});

fn archive(events: Vec<Event>) -> Value {
    let mut watch = Watch::new(Numbers::Lines);
    let events: Vec<_> = watched(events.into_iter(), &mut watch).collect();
    let options = Options::new(Format::Har);
    let mut out = Vec::new();
    write(events.into_iter(), &options, &mut out).expect("written");
    let archive: Value = serde_json::from_slice(&out).expect("JSON");
    let wrong: Vec<String> = SCHEMA
        .iter_errors(&archive)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    archive
}

fn exchange(client: Option<u64>, request: &[u8], response: &[u8]) -> Event {
    let start = String::from_utf8_lossy(request);
    let mut words = start.split(' ');
    let host = start
        .split("\r\nHost: ")
        .nth(1)
        .and_then(|rest| rest.split('\r').next());
    let masked = |bytes: &[u8]| Masked {
        bytes: Bytes::copy_from_slice(bytes),
        secrets: Secrets::default(),
    };
    Event {
        time: Timestamp(1_790_000_000_000_000),
        connection: Some(ConnectionId(3)),
        client: client.map(ClientId),
        kind: EventKind::Http(Box::new(HttpExchange {
            service: Service::Https,
            method: words.next().unwrap_or_default().to_owned(),
            target: words.next().unwrap_or_default().to_owned(),
            host: host.map(str::to_owned),
            action: "unknown".into(),
            account: client.map(|client| format!("{client}@local")),
            status: 200,
            request: masked(request),
            response: masked(response),
            duration: Duration::from_millis(5),
        })),
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[test]
fn each_client_has_a_page_with_what_it_asked() {
    let golden = archive(messenger_mac_8_0_1());
    assert_eq!(golden["log"]["pages"][0]["title"], "client 1, me@local");
    let archive = archive(vec![
        exchange(Some(7), b"GET /a HTTP/1.1\r\nHost: a.b\r\n\r\n", OK),
        exchange(None, b"GET /b HTTP/1.1\r\nHost: a.b\r\n\r\n", OK),
        exchange(Some(9), b"GET /c HTTP/1.1\r\nHost: a.b\r\n\r\n", OK),
        exchange(Some(7), b"GET /d HTTP/1.1\r\nHost: a.b\r\n\r\n", OK),
    ]);
    let pages = archive["log"]["pages"].as_array().expect("pages");
    let ids: Vec<_> = pages
        .iter()
        .filter_map(|page| page["id"].as_str())
        .collect();
    assert_eq!(ids, ["client_7", "client_9"]);
    assert_eq!(pages[0]["startedDateTime"], "2026-09-21T14:13:19.995000Z");
    let entries = archive["log"]["entries"].as_array().expect("entries");
    let of: Vec<_> = entries
        .iter()
        .map(|entry| entry["pageref"].as_str())
        .collect();
    assert_eq!(
        of,
        [Some("client_7"), None, Some("client_9"), Some("client_7")]
    );
}

#[test]
fn a_body_that_is_no_text_is_base64_and_a_cookie_is_one() {
    let archive = archive(vec![exchange(
        None,
        b"POST /a HTTP/1.1\r\nHost: a.b\r\nCookie: MSPAuth=x; MSPProf=y=z\r\n\r\n\x00\xffP",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: MSPAuth=t; path=/; domain=.msn.com; HttpOnly; \
          expires=Sun, 06 Nov 1994 08:49:37 GMT\r\nSet-Cookie: b=\r\nContent-Type: image/png\r\n\r\n\x89PNG\x00",
    )]);
    let entry = &archive["log"]["entries"][0];
    let data = &entry["request"]["postData"];
    assert_eq!(
        (&data["text"], &data["_encoding"]),
        (&"AP9Q".into(), &"base64".into())
    );
    let content = &entry["response"]["content"];
    assert_eq!(
        (&content["text"], &content["encoding"]),
        (&"iVBORwA=".into(), &"base64".into())
    );
    assert_eq!(
        entry["request"]["cookies"],
        serde_json::json!([{ "name": "MSPAuth", "value": "x" }, { "name": "MSPProf", "value": "y=z" }])
    );
    assert_eq!(
        entry["response"]["cookies"][0],
        serde_json::json!({
            "name": "MSPAuth", "value": "t", "path": "/", "domain": ".msn.com", "httpOnly": true,
            "expires": "1994-11-06T08:49:37.000000Z"
        })
    );
    assert_eq!(entry["response"]["cookies"][1]["name"], "b");
}

#[test]
fn whatever_the_target_is_the_url_is_one() {
    for (line, url) in [
        ("OPTIONS *", "https://a.b"),
        ("CONNECT c.d:443", "https://c.d:443"),
        ("GET http://c.d/x?y", "http://c.d/x?y"),
        (
            "GET /100%/%41?q=[1]|\"<é>",
            "https://a.b/100%25/%41?q=%5B1%5D%7C%22%3C%C3%A9%3E",
        ),
        ("GET nothing", "https://a.b/nothing"),
        ("GET /a#b#c", "https://a.b/a#b%23c"),
    ] {
        let request = format!("{line} HTTP/1.1\r\nHost: a.b\r\n\r\n");
        let archive = archive(vec![exchange(None, request.as_bytes(), OK)]);
        assert_eq!(
            archive["log"]["entries"][0]["request"]["url"], url,
            "{line}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_was_recorded_the_archive_keeps_its_schema(
        request: Vec<u8>, response: Vec<u8>, host in "\\PC*", time: u64, client: Option<u64>
    ) {
        let mut event = exchange(client, &request, &response);
        event.time = Timestamp(time);
        if let EventKind::Http(http) = &mut event.kind {
            http.host = Some(host);
        }
        archive(vec![event]);
    }
}
