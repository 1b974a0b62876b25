//! A password that was shown and a ticket that was issued are planted wherever a client may write them, and searched
//! for in everything that leaves.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{PATIENCE, Raw, Whole, whole, whole_with};
use nudge::event::json::to_json;
use nudge::event::{Event, EventKind, Service, line_of};
use nudge::export::{self, Format, Options};
use nudge::findings::{Numbers, Watch, report};
use nudge::msnp::escape::is_unsafe_on_screen;
use nudge::msnp::percent;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// Needs encoding in a header, in XML and in JSON.
const PASSWORD: &str = "hu&nt\"er=2/secret";

/// Says this at a door, and gives back what comes until the end of the connection.
async fn says(whole: &Whole, at: Service, bytes: &[u8]) -> String {
    let mut raw = Raw::connect(whole.door(at)).await;
    // Where it was refused half-way, the rest is nobody's.
    let _ = raw.stream.write_all(bytes).await;
    let _ = raw.stream.shutdown().await;
    raw.rest().await
}

/// A ticket for me@local.
async fn ticket(whole: &Whole) -> String {
    let login = "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 OrgVerb=GET,sign-in=me%40local,pwd=x\r\nConnection: close\r\n\r\n";
    let answer = says(whole, Service::Http, login.as_bytes()).await;
    let ticket = answer.split_once("from-PP='").expect("a ticket").1;
    ticket.split_once('\'').expect("its end").0.to_owned()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Every event that is there until as many connections as this have ended.
async fn events(whole: &mut Whole, connections: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut ended = 0;
    while ended < connections {
        let told = tokio::time::timeout(PATIENCE, whole.stream.recv()).await;
        let event = told.expect("in time").expect("an event").event;
        ended += usize::from(matches!(event.kind, EventKind::Disconnected { .. }));
        events.push(event);
    }
    events
}

/// Everything that leaves: JSON, each export, and each sentence of the findings.
fn all_that_leaves(events: &[Event], packets: bool) -> String {
    let mut watch = Watch::new(Numbers::Events);
    let (mut told, mut text) = (VecDeque::new(), String::new());
    for event in events {
        watch.take(event.clone(), &mut told);
    }
    for one in &told {
        let _ = writeln!(text, "{}", to_json(one.number, &one.event, false));
    }
    for format in Format::ALL {
        let options = Options::new(format);
        // Packets are for other programs, and hold control bytes as they are.
        if format == Format::Pcapng && !packets {
            continue;
        }
        let mut out = Vec::new();
        export::write(told.iter().cloned(), &options, &mut out).expect("exported");
        text.push_str(&String::from_utf8_lossy(&out));
    }
    let watch = Watch::of_recording(1.0);
    text.push_str(
        &report(events.iter().cloned(), None, Some(120), watch)
            .expect("all clients are asked for")
            .to_string(),
    );
    for one in &told {
        let _ = writeln!(text, "{}", line_of(&one.event, false));
    }
    text
}

#[tokio::test]
async fn no_secret_leaves_wherever_it_was_written() {
    let mut whole = whole().await;
    let encoded = percent::encode(PASSWORD);
    let login = format!(
        "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 OrgVerb=GET,sign-in=me%40local,pwd={encoded}\r\nConnection: close\r\n\r\n"
    );
    let answer = says(&whole, Service::Http, login.as_bytes()).await;
    let ticket = answer.split_once("from-PP='t=").expect("a ticket").1;
    let ticket = ticket.split_once('&').expect("its end").0.to_owned();

    let mut connections = 1;
    let in_base64 = |text: &str| STANDARD.encode(format!("x{text}y"));
    let forms = [
        PASSWORD.to_owned(),
        encoded.clone(),
        in_base64(PASSWORD),
        PASSWORD.replace('&', "&amp;").replace('"', "&quot;"),
        PASSWORD.replace('"', "\\\""),
        format!("t={ticket}&p="),
        format!("t%3D{ticket}%26p%3D"),
        in_base64(&ticket),
        ticket[..ticket.len() / 2].to_owned(),
        percent::encode(&encoded),
        PASSWORD.bytes().map(|b| format!("={b:02X}")).collect(),
        PASSWORD
            .chars()
            .map(|c| format!("&#x{:x};", u32::from(c)))
            .collect(),
        PASSWORD
            .chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect(),
        percent::encode(&in_base64(PASSWORD)),
        percent::encode(&percent::encode(&percent::encode(&encoded))),
        PASSWORD
            .chars()
            .map(|c| format!("&#{}", u32::from(c)))
            .collect(),
        PASSWORD
            .chars()
            .map(|c| format!("%u{:04x}", u32::from(c)))
            .collect(),
        PASSWORD.bytes().map(|b| format!("{b:02x}")).collect(),
        format!("{}<![CDATA[{}]]>", &PASSWORD[..6], &PASSWORD[6..]),
        STANDARD.encode(utf16(PASSWORD)),
        ticket[4..].to_owned(),
        PASSWORD.to_uppercase(),
        in_base64(&percent::encode(PASSWORD)),
        PASSWORD.bytes().map(|b| format!("{b:02x}:")).collect(),
        PASSWORD.chars().map(|c| format!("{c}\u{200b}")).collect(),
    ];
    let sign_in = "VER 1 MSNP16 CVR0\r\nCVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\nUSR 3 TWN I me@local\r\n";
    for secret in &forms {
        for line in [
            format!("{sign_in}USR 4 TWN S {secret}"),
            format!(
                "{sign_in}USR 4 TWN S t={ticket}&p= 2354\r\nPRP 5 MFN {secret}\r\nCHG 6 {secret}\r\n"
            ),
            format!("{sign_in}usr 4 twn s {secret}\r\n"),
            format!("USR 3 MD5 S {secret}\r\n"),
            format!("{secret} 1\r\n"),
            format!("VER 1 {secret}\r\n"),
            format!("UUX 4 {secret}\r\n"),
            format!("CVR 2 {secret} mac 10 i386 {secret} 8.0.1 macmsgs me@local\r\n"),
            format!("{sign_in}USR 4 TWN S {secret}{}", " x".repeat(5_000)),
        ] {
            says(&whole, Service::Notification, line.as_bytes()).await;
            connections += 1;
        }
        for head in [
            format!("GET /login2.srf?x={secret} HTTP/1.1\r\nHost: login.passport.com"),
            format!("GET /{secret} HTTP/1.1\r\nHost: {secret}"),
            format!(
                "GET /login2.srf HTTP/1.1\r\nAuthorization: Passport1.4 sign-in=a%40b,\r\n pwd={secret}"
            ),
            format!(
                "GET /login2.srf HTTP/1.1\r\nAuthorization:\tPassport1.4\tsign-in=a,pwd={secret},id=x"
            ),
            format!(
                "GET /login2.srf HTTP/1.1\r\nAuthorization: Passport1.4 sign-in={secret},pwd=x"
            ),
            format!("GET / HTTP/1.1\r\nCookie: MSPAuth={secret}\r\nX-Other: {secret}"),
        ] {
            let request = format!("{head}\r\nConnection: close\r\n\r\n");
            says(&whole, Service::Http, request.as_bytes()).await;
            connections += 1;
        }
        for body in [
            format!(
                "<a><PassportCookie>{secret}</PassportCookie><Ticket passport=\"{secret}\"/></a>"
            ),
            format!("<s:Envelope><x>{secret}</x></s:Envelope>"),
            format!("{{\"pwd\": \"{secret}\"}}"),
            format!("--x\r\nContent-Disposition: form-data; name=\"pwd\"\r\n\r\n{secret}\r\n--x--"),
        ] {
            let request = format!(
                "POST /abservice/SharingService.asmx HTTP/1.1\r\nHost: contacts.msn.com\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            says(&whole, Service::Http, request.as_bytes()).await;
            connections += 1;
        }
    }
    let events = events(&mut whole, connections).await;
    assert!(events.len() > connections * 2);
    let text = all_that_leaves(&events, true);
    for secret in forms.iter().chain([&ticket]) {
        let at = text.find(secret.as_str());
        let around = at.map(|at| {
            let (from, to) = (
                text.floor_char_boundary(at.saturating_sub(300)),
                (at + 100).min(text.len()),
            );
            &text[from..text.ceil_char_boundary(to)]
        });
        assert_eq!(around, None, "{secret}");
    }
}

/// A password that stands once at a password's place is secret in the same request and ever after, however the request ends.
#[tokio::test]
async fn a_password_is_known_from_where_it_stands_whatever_becomes_of_the_request() {
    let auth = |p: &str| format!("Authorization: Passport1.4 sign-in=a%40b,pwd={p}\r\n");
    let get = |p: &str, head: &str| {
        format!("GET /login2.srf?x={p} HTTP/1.1\r\n{head}X-A: {p}\r\nConnection: close\r\n\r\n")
    };
    let post = |p: &str, body: &str, length: usize| {
        format!(
            "POST /RST.srf?x={p} HTTP/1.1\r\nHost: login.live.com\r\nX-A: {p}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let whole_post = |p: &str, body: &str| post(p, body, body.len());
    type Says<'a> = Box<dyn Fn(&str) -> (Service, String) + 'a>;
    let http = |request: String| (Service::Http, request);
    let ways: Vec<(&str, Says<'_>)> = vec![
        (
            "a foreign host",
            Box::new(|p| http(get(p, &format!("Host: evil.org\r\n{}", auth(p))))),
        ),
        (
            "two hosts",
            Box::new(|p| http(get(p, &format!("Host: x\r\nHost: {p}\r\n{}", auth(p))))),
        ),
        (
            "no account",
            Box::new(|p| http(get(p, &format!("Authorization: Passport1.4 pwd={p}\r\n")))),
        ),
        (
            "an account that is none",
            Box::new(|p| {
                http(get(
                    p,
                    &format!("Authorization: Passport1.4 sign-in={p},pwd={p}\r\n"),
                ))
            }),
        ),
        (
            "in the clear",
            Box::new(|p| (Service::Https, get(p, &format!("Host: x\r\n{}", auth(p))))),
        ),
        (
            "no request",
            Box::new(|p| http(get(p, &format!("{}X y: {p}\r\n", auth(p))))),
        ),
        (
            "cut",
            Box::new(|p| http(format!("GET /{p} HTTP/1.1\r\n{}X-A: {p}", auth(p)))),
        ),
        (
            "too long",
            Box::new(|p| http(get(p, &format!("{}Content-Length: 99999999\r\n", auth(p))))),
        ),
        (
            "another path",
            Box::new(|p| {
                http(format!(
                    "GET /{p}?pwd={p}&y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                ))
            }),
        ),
        (
            "basic",
            Box::new(|p| {
                http(get(
                    p,
                    &format!(
                        "Authorization: Basic {}\r\n",
                        STANDARD.encode(format!("a:{p}"))
                    ),
                ))
            }),
        ),
        (
            "a tunnel",
            Box::new(|p| {
                http(format!(
                    "CONNECT {p}:1 HTTP/1.1\r\nProxy-Authorization: Basic {}\r\n\r\n",
                    STANDARD.encode(format!("a:{p}"))
                ))
            }),
        ),
        (
            "a form",
            Box::new(|p| http(whole_post(p, &format!("login=a&passwd={p}&x={p}")))),
        ),
        (
            "JSON",
            Box::new(|p| {
                http(whole_post(
                    p,
                    &format!("{{\"pwd\": \"{p}\", \"x\": \"{p}\"}}"),
                ))
            }),
        ),
        (
            "parts",
            Box::new(|p| {
                http(whole_post(
                    p,
                    &format!(
                        "--b\r\nContent-Disposition: form-data; name=\"pwd\"\r\n\r\n{p}\r\n--b--"
                    ),
                ))
            }),
        ),
        (
            "XML that is none",
            Box::new(|p| {
                http(whole_post(
                    p,
                    &format!("<a><{p}><x:Password>{p}</x:Password><"),
                ))
            }),
        ),
        (
            "CDATA",
            Box::new(|p| {
                http(whole_post(
                    p,
                    &format!("<a><{p}><Password><![CDATA[{p}]]></Password></a>"),
                ))
            }),
        ),
        (
            "a body that is cut",
            Box::new(|p| http(post(p, &format!("<a><Password>{p}</Password>"), 900))),
        ),
        (
            "UTF-16",
            Box::new(|p| {
                let body: String = format!("<a><Password>{p}</Password>")
                    .chars()
                    .map(|c| format!("{c}\0"))
                    .collect();
                http(whole_post(p, &body))
            }),
        ),
    ];
    let mut whole = whole().await;
    let mut connections = 0;
    for (at, (_, says_it)) in ways.iter().enumerate() {
        let password = format!("Vq{at:02}xTm7Kz");
        let (door, request) = says_it(&password);
        says(&whole, door, request.as_bytes()).await;
        let line = format!("VER 1 {password}\r\n");
        says(&whole, Service::Notification, line.as_bytes()).await;
        connections += 2;
    }
    let text = all_that_leaves(&events(&mut whole, connections).await, true);
    let told = ways.iter().enumerate().filter_map(|(at, (way, _))| {
        let place = text.find(&format!("Vq{at:02}xTm7Kz"))?;
        let from = text.floor_char_boundary(place.saturating_sub(160));
        Some(format!("{way}: {}", &text[from..place + 11]))
    });
    let told: Vec<String> = told.collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[tokio::test]
async fn no_beginning_of_a_password_leaves_where_a_text_is_cut() {
    const SECRET: &str = "Zq7xKm9Tw2Bn";
    let mut whole = whole().await;
    let login = format!(
        "GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 OrgVerb=GET,sign-in=me%40local,pwd={SECRET}\r\nConnection: close\r\n\r\n"
    );
    says(&whole, Service::Http, login.as_bytes()).await;
    let mut connections = 1;
    let post = "Connection: close\r\nContent-Length";
    for before in (10..400).step_by(5) {
        let pad = "p".repeat(before);
        let percent: String = SECRET.bytes().map(|b| format!("%{b:02x}")).collect();
        let body = format!("<s:Envelope><s:Body><{pad}{SECRET}/></s:Body></s:Envelope>");
        for request in [
            format!("GET /{pad}{SECRET} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            format!("GET /{pad}{percent} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            format!("GET /rst.srf HTTP/1.1\r\nHost: {pad}{SECRET}\r\nConnection: close\r\n\r\n"),
            format!("GET http://x/{pad}{SECRET} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            format!("CONNECT {pad}{SECRET}:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
            format!(
                "POST /abservice/abservice.asmx HTTP/1.1\r\nSOAPAction: \"{pad}{SECRET}\"\r\nHost: contacts.msn.com\r\n{post}: {}\r\n\r\n{body}",
                body.len()
            ),
        ] {
            says(&whole, Service::Http, request.as_bytes()).await;
            connections += 1;
        }
        for line in [
            format!("{pad}{SECRET} 1\r\n"),
            format!("VER 1 {pad}{SECRET}\r\n"),
            format!("VER 1 MSNP16 CVR0\r\nCVR 2 {pad} {SECRET}\r\n"),
        ] {
            says(&whole, Service::Notification, line.as_bytes()).await;
            connections += 1;
        }
    }
    let events = events(&mut whole, connections).await;
    let text = all_that_leaves(&events, false);
    let found: Vec<&str> = text
        .match_indices(&SECRET[..6])
        .map(|(at, _)| {
            let (from, to) = (at.saturating_sub(160), (at + 40).min(text.len()));
            &text[text.floor_char_boundary(from)..text.ceil_char_boundary(to)]
        })
        .collect();
    assert!(found.is_empty(), "{}: {}", found.len(), found[0]);
}

/// Moves the cursor, writes the clipboard, turns a line round, towers over it, and is no UTF-8.
const HOSTILE: &[u8] = b"\x1b[2J\x1b]52;c;aGk=\x07\xc2\x9b31m\xe2\x80\xae\x00\xff\xf3\xa0\x81\xa1";

#[tokio::test]
async fn no_control_byte_leaves_whatever_was_said_and_where() {
    let mut whole = whole().await;
    let ticket = ticket(&whole).await;
    let sign_in = format!(
        "VER 1 MSNP16 CVR0\r\nCVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\nUSR 3 TWN I me@local\r\nUSR 4 TWN S {ticket}\r\n"
    );
    let marks = "\u{301}".repeat(40);
    let percent: String = HOSTILE.iter().map(|b| format!("%{b:02x}")).collect();
    let percent = percent.as_bytes();
    let mut connections = 1;
    for hostile in [HOSTILE, percent, marks.as_bytes()] {
        for (service, pieces) in [
            (Service::Notification, [&b"VER 1 "[..], b"\r\n"]),
            (Service::Notification, [b"", b" 1 x\r\n"]),
            (Service::Notification, [b"VER 1 MSNP16 CVR0\r\nCVR 2 ", b" mac 10 i386 a b c me@local\r\n"]),
            (Service::Notification, [b"VER 1 MSNP16 CVR0\r\nCVR 2 0x0409 ", b" a b c d e me@local\r\nUSR 3 TWN I "]),
            (Service::Notification, [b"VER 1 MSNP16 CVR0\r\nUSR 3 TWN I ", b"@local\r\nUSR 4 TWN S t="]),
            (Service::Notification, [b"+PRP 5 MFN ", b"\r\nUUX 6 "]),
            (Service::Notification, [b"+CHG 5 NLN 0:0 ", b"\r\nADL 6 9\r\n<ml><d n="]),
            (Service::Notification, [b"+QRY 5 ", b" 32\r\n"]),
            (Service::Http, [b"GET /", b" HTTP/1.1\r\nHost: x\r\n\r\n"]),
            (Service::Http, [b"GET / HTTP/1.1\r\nHost: ", b"\r\nX: y\r\n\r\n"]),
            (Service::Http, [b"GET /login2.srf HTTP/1.1\r\nConnection: close\r\nAuthorization: Passport1.4 sign-in=", b",pwd=x\r\n\r\n"]),
            (Service::Http, [b"POST /abservice/abservice.asmx HTTP/1.1\r\nConnection: close\r\nContent-Length: 12\r\nSOAPAction: ", b"\r\n\r\n<a>\x1b[2J</a>"]),
            (Service::Https, [b"\x16\x03\x01\x00\x20", b"\r\n"]),
            (Service::Https, [b"", b""]),
        ] {
            let before = match pieces[0].strip_prefix(b"+") {
                Some(rest) => [sign_in.as_bytes(), rest].concat(),
                None => pieces[0].to_vec(),
            };
            let bytes = [&before, hostile, pieces[1], hostile].concat();
            says(&whole, service, &bytes).await;
            connections += 1;
        }
    }
    let events = events(&mut whole, connections).await;
    let text = all_that_leaves(&events, false);
    let found = text
        .char_indices()
        .find(|(_, c)| *c != '\n' && is_unsafe_on_screen(*c));
    let around = found.map(|(at, c)| {
        let from = text.floor_char_boundary(at.saturating_sub(200));
        (
            c,
            &text[from..text.ceil_char_boundary((at + 100).min(text.len()))],
        )
    });
    assert_eq!(around, None);
}

#[tokio::test]
async fn a_ticket_that_has_ended_signs_nobody_in_and_a_new_one_does() {
    for (life, wanted) in [(0, "911 4"), (3_600, "USR 4 OK me@local 1 0")] {
        let whole = whole_with(|options| options.ticket_life = Duration::from_secs(life)).await;
        let ticket = ticket(&whole).await;
        let mut raw = Raw::connect(whole.door(Service::Notification)).await;
        raw.send(format!("VER 1 MSNP16 CVR0\r\nCVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\nUSR 3 TWN I me@local\r\nUSR 4 TWN S {ticket}\r\n")).await;
        for _ in 0..3 {
            raw.line().await;
        }
        assert_eq!(raw.line().await, wanted);
    }
}
