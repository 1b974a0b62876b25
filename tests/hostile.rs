//! What a hostile or broken client can do to the others, and to the machine: nothing.

mod common;

use common::{PATIENCE, Raw, TestService, start, whole};
use nudge::event::{EventKind, Service};
use nudge::msnp::Status;
use nudge::roster::{Contact, Roster};
use nudge::server::shares::MAX_WAITING;

fn many(count: usize) -> TestService {
    let contacts = (0..count).map(|n| Contact {
        status: Status::Online,
        ..Contact::new(format!("c{n}@local"), None)
    });
    start(Roster::new(contacts, []).expect("a roster"))
}

#[tokio::test]
async fn many_changes_at_once_reach_an_idle_client_to_the_last() {
    let mut service = many(2_000);
    service.ignore_events();
    let mut raw = service.online("me@local").await;
    let names: Vec<String> = (0..2_000).map(|n| format!("c{n}@local")).collect();
    service
        .hub
        .change_all(&names, None, |c| c.status = Status::Busy)
        .expect("changes");
    for name in names {
        let line = raw.line().await;
        assert!(line.starts_with(&format!("NLN BSY {name} ")), "{line}");
    }
}

#[tokio::test]
async fn clients_are_told_of_the_end_while_nobody_takes_events() {
    let mut service = many(3);
    let mut chatty = service.signed_in("chatty@local", "MSNP16", "a").await;
    // More than its share of events, so its task waits for room.
    chatty.send("PNG\r\n".repeat(1_000)).await;
    chatty.expect(&"QNG 60\r\n".repeat(120)).await;
    service.service.end().await;
    let rest = chatty.rest().await;
    assert!(rest.ends_with("OUT SSD\r\n"), "{rest}");
    // And what happened is told all the same, in its order.
    let mut frames = 0;
    service
        .event(|kind| match kind {
            EventKind::Frame(f) => {
                frames += 1;
                (f.frame.line() == b"OUT SSD").then_some(())
            }
            _ => None,
        })
        .await;
    assert!(frames > 240);
}

#[tokio::test]
async fn a_client_can_be_kicked_while_nobody_takes_its_events() {
    let service = many(3);
    let mut chatty = service.signed_in("chatty@local", "MSNP16", "a").await;
    chatty.send("PNG\r\n".repeat(1_000)).await;
    chatty.expect(&"QNG 60\r\n".repeat(120)).await;
    let id = service.hub.clients()[0].id;
    let (_, mailbox) = service.hub.client(id).expect("a client");
    mailbox.end(nudge::server::notification::Ending::Kicked);
    chatty.rest().await;
}

#[tokio::test]
async fn lists_that_are_no_xml_or_too_deep_get_241_and_the_session_goes_on() {
    let mut service = many(1);
    let mut raw = service.signed_in("me@local", "MSNP16", "a").await;
    let payloads = [
        "<!DOCTYPE m [<!ENTITY x \"<c/>\">]><ml l=\"1\">&x;</ml>".to_owned(),
        "<ml l=\"1\"><d n=\"&x;\"><c n=\"a\" l=\"3\" t=\"1\"/></d></ml>".to_owned(),
        "<ml>".repeat(10_000),
        format!("<ml>{}", "<d n=\"a\">".repeat(7_000)),
        "<ml l=\"1\"><d n=\"loc".to_owned(),
        String::new(),
    ];
    for payload in payloads {
        raw.send(format!("ADL 5 {}\r\n{payload}PNG\r\n", payload.len()))
            .await;
        raw.expect("241 5\r\nQNG 60\r\n").await;
        let (field, _) = service.finding("list-payload").await;
        assert_eq!(field, "ADL payload");
    }
}

#[tokio::test]
async fn web_connections_that_say_nothing_are_capped_and_others_get_in() {
    let mut whole = whole().await;
    let (http, https) = (whole.door(Service::Http), whole.door(Service::Https));
    tokio::spawn(async move { while whole.stream.recv().await.is_some() {} });
    // Before the TLS hello, before a request, and in the middle of one: all have asked for nothing.
    let mut silent = Vec::new();
    for n in 0..MAX_WAITING + 60 {
        let mut raw = Raw::connect([https, http][n % 2]).await;
        if n % 3 == 0 {
            raw.send([&b"\x16\x03\x01"[..], b"GET / HTTP/1.1\r\nHo"][n % 2])
                .await;
        }
        silent.push(raw);
    }
    // Those that have said nothing at all go first.
    for oldest in [1, 2, 4, 5, 7, 8, 10, 11] {
        assert_eq!(silent[oldest].rest().await, "");
    }
    for door in [http, https] {
        let mut raw = Raw::connect(door).await;
        raw.send("GET / HTTP/1.0\r\n\r\n").await;
        let page = raw.rest().await;
        assert!(
            page.starts_with("HTTP/1.0 200") || page.starts_with("HTTP/1.1 200"),
            "{page}"
        );
    }
    tokio::time::timeout(PATIENCE, async { drop(silent) })
        .await
        .expect("ends");
}

#[tokio::test]
async fn accounts_that_were_made_up_are_not_kept_for_ever() {
    let mut service = many(1);
    service.ignore_events();
    let mut raw = service.signed_in("Real@local", "MSNP16", "a").await;
    raw.send("PRP 5 MFN Somebody\r\nPNG\r\n").await;
    raw.expect("ACK 5 PRP\r\nQNG 60\r\n").await;
    for n in 0..2 * nudge::server::hub::MAX_ME {
        let account = format!("made{n}@up");
        service.hub.change_me(&account, |me| me.name = "x".into());
        assert_eq!(service.hub.me(&account).name, "x");
    }
    assert_eq!(service.hub.me("real@LOCAL").name, "Somebody");
    assert_eq!(service.hub.me("made0@up").name, "made0@up");
}

#[tokio::test]
async fn a_second_sign_in_while_the_first_is_listing_ends_it_between_two_frames() {
    let mut service = many(5_000);
    service.ignore_events();
    let mut first = service.signed_in("me@local", "MSNP16", "a").await;
    // It reads nothing, so that the list cannot be written whole.
    first.send("CHG 8 NLN 0\r\n").await;
    first.expect("CHG 8 NLN 0\r\nILN 8 NLN c0@local ").await;
    let mut second = service.signed_in("me@local", "MSNP16", "a").await;
    let rest = first.rest().await;
    assert!(
        rest.ends_with("\r\nOUT OTH\r\n") || rest.ends_with("</Data>OUT OTH\r\n"),
        "{}",
        &rest[rest.len().saturating_sub(200)..]
    );
    second.send("PNG\r\n").await;
    second.expect("QNG 60\r\n").await;
}

#[tokio::test]
async fn a_command_of_which_only_a_part_comes_is_said_and_waited_for() {
    let mut service = many(1);
    let mut raw = service.online("me@local").await;
    raw.send("UUX 9").await;
    let said = |wanted: &'static str| {
        move |kind: &EventKind| match kind {
            EventKind::Finding(finding) if finding.id.name() == "unfinished" => {
                assert!(finding.text.contains(wanted), "{}", finding.text);
                Some(())
            }
            _ => None,
        }
    };
    service.event(said("no line end")).await;
    raw.send(" 5\r\nab").await;
    service.event(said("2 of the 5 bytes of the payload")).await;
    // Nothing was closed, and the rest makes it whole.
    raw.send("cdePNG\r\n").await;
    let line = raw.line().await;
    assert!(line.contains(" 9"), "{line}");
    raw.expect("QNG 60\r\n").await;
}
