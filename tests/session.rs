//! The notification service beyond the article: order, refusals, lists, several clients, changes, and
//! what a hostile client does.

mod common;

use common::{Raw, TestService, start};
use nudge::event::EventKind;
use nudge::msnp::{Direction, Status};
use nudge::roster::{Contact, Edit, Roster};
use nudge::server::shares::MAX_WAITING;
use std::sync::Arc;

async fn service() -> TestService {
    start(Roster::shipped().expect("the shipped roster"))
}

/// Sends `text` on a new connection and gives back all that comes until the service closes it.
async fn answer(service: &TestService, text: &str) -> String {
    let mut raw = service.connect().await;
    raw.send(text).await;
    raw.rest().await
}

const CVR: &str = "CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n";

#[tokio::test]
async fn the_highest_common_dialect_is_agreed() {
    let mut service = service().await;
    service.ignore_events();
    for (served, offer, agreed) in [
        ("8-18", "MSNP18 MSNP15 MSNP13 CVR0", "MSNP18 CVR0"),
        ("8-18", "MSNP8 MSNP12 CVR0", "MSNP12 CVR0"),
        ("8-18", "MSNP7 MSNP8", "MSNP8"),
        ("13,15", "MSNP13 MSNP14", "MSNP13"),
        ("13-16", "MSNP18 MSNP15 MSNP13 CVR0", "MSNP15 CVR0"),
        ("13-16", "MSNP13 MSNP14", "MSNP14"),
        ("13-16", "MSNP16", "MSNP16"),
    ] {
        let served = served.parse().expect("dialects");
        service.hub.set(|settings| settings.dialects = served);
        let mut raw = service.connect().await;
        raw.send(&format!("VER 0 {offer}\r\n")).await;
        raw.expect(&format!("VER 0 {agreed}\r\n")).await;
    }
    assert_eq!(
        answer(&service, "VER 1 MSNP12 MSNP18 CVR0\r\n").await,
        "VER 1 0\r\n"
    );
}

#[tokio::test]
async fn what_is_out_of_order_before_sign_in_gets_its_code_and_a_close() {
    let mut service = service().await;
    service.ignore_events();
    for (sent, got) in [
        (
            String::from("CVR 1 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n"),
            "715 1\r\n",
        ),
        (
            "VER 1 MSNP16\r\nUSR 2 TWN I me@local\r\n".into(),
            "VER 1 MSNP16\r\n731 2\r\n",
        ),
        (
            "VER 1 MSNP16\r\nVER 2 MSNP16\r\n".into(),
            "VER 1 MSNP16\r\n715 2\r\n",
        ),
        (
            "VER 1 MSNP16\r\nCHG 2 NLN 0\r\n".into(),
            "VER 1 MSNP16\r\n715 2\r\n",
        ),
        ("VER\r\n".into(), "200 0\r\n"),
        ("VER one MSNP16\r\n".into(), "200 0\r\n"),
    ] {
        assert_eq!(answer(&service, &sent).await, got, "{sent:?}");
    }
    let start = format!("VER 1 MSNP16\r\n{CVR}");
    for (usr, code) in [
        ("USR 3\r\n", "200 3"),
        ("USR 3 SSO S t=a&p= x\r\n", "715 3"),
        ("USR 3 XYZ I me@local\r\n", "201 3"),
        ("USR 3 TWN I nobody\r\n", "208 3"),
        ("USR 3 TWN S t=a&p=\r\n", "715 3"),
    ] {
        let got = answer(&service, &format!("{start}{usr}")).await;
        assert!(
            got.ends_with(&format!("\r\n{code}\r\n")),
            "{usr:?}: {got:?}"
        );
    }
}

#[tokio::test]
async fn sso_is_of_msnp14_and_above() {
    let mut service = service().await;
    service.ignore_events();
    let got = answer(
        &service,
        &format!("VER 1 MSNP13\r\n{CVR}USR 3 SSO I me@local\r\n"),
    )
    .await;
    assert!(got.ends_with("\r\n911 3\r\n"), "{got:?}");
}

#[tokio::test]
async fn a_ticket_that_was_not_issued_for_the_account_gets_911_and_a_close() {
    let mut service = service().await;
    let others = service.tickets.issue("other@local", None);
    for ticket in ["a=HENLO", "t=(null)&p=(null)", others.as_str(), "t=&p="] {
        let got = answer(
            &service,
            &format!("VER 1 MSNP16\r\n{CVR}USR 3 TWN I me@local\r\nUSR 4 TWN S {ticket} 2354\r\n"),
        )
        .await;
        assert!(got.ends_with("\r\n911 4\r\n"), "{ticket}: {got:?}");
    }
    let (field, text) = service.finding("ticket").await;
    assert_eq!(field, "USR ticket");
    assert!(text.contains("911"), "{text}");
}

#[tokio::test]
async fn a_ticket_is_good_as_often_as_it_is_shown() {
    let mut service = service().await;
    service.ignore_events();
    let ticket = service.tickets.issue("ME@local", None);
    for _ in 0..2 {
        let mut raw = service.connect().await;
        raw.send(&format!("VER 1 MSNP16\r\n{CVR}USR 3 TWN I me@local\r\n"))
            .await;
        for _ in 0..3 {
            raw.line().await;
        }
        raw.send(&format!("USR 4 TWN S {ticket}\r\n")).await;
        raw.expect("USR 4 OK me@local 1 0\r\n").await;
    }
}

#[tokio::test]
async fn refusals_after_sign_in_have_their_code_and_the_session_goes_on() {
    let mut service = service().await;
    service.ignore_events();
    let mut raw = service.signed_in("me@local", "MSNP16", "guid").await;
    for (sent, got) in [
        ("CHG 5 XYZ 0\r\n", "201 5"),
        ("CHG 6 FLN 0\r\n", "201 6"),
        ("CHG 7\r\n", "200 7"),
        ("CHG 7 NLN lots\r\n", "201 7"),
        ("BLP 8 XX\r\n", "201 8"),
        ("BLP 8\r\n", "200 8"),
        ("PRP 9\r\n", "200 9"),
        ("PRP 9 MFN\r\n", "209 9"),
        (
            "ADL 10 37\r\n<ml><d n=\"\"><c n=\"x\" l=\"3\"/></d></ml>",
            "240 10",
        ),
        ("ADL 11 4\r\n<ml>", "241 11"),
        ("RML 11 3\r\n</>", "241 11"),
        ("UUX 12 6\r\n<Data>", "200 12"),
        ("URL 13\r\n", "200 13"),
        ("UUN 14 nobody@local 1 2\r\nhi", "217 14"),
        ("UUN 14 hidden@local 1 2\r\nhi", "217 14"),
        ("XFR 15 NS\r\n", "200 15"),
        ("USR 16 TWN I me@local\r\n", "207 16"),
        ("VER 17 MSNP16\r\n", "715 17"),
        ("BLP AL\r\n", "200 0"),
    ] {
        raw.send(sent).await;
        assert_eq!(raw.line().await, got, "{sent:?}");
    }
    raw.send("PNG 18\r\n").await;
    raw.expect("QNG 60\r\n").await;
}

#[tokio::test]
async fn lists_of_any_kind_are_taken() {
    let mut service = service().await;
    service.ignore_events();
    let mut raw = service.signed_in("me@local", "MSNP16", "guid").await;
    for payload in [
        "<ml l=\"1\"></ml>",
        "<ml><d n=\"a\"><c n=\"x\" l=\"1\" t=\"1\"/><c n=\"y\" l=\"4\" t=\"32\"/></d><d n=\"b\"><c n=\"z\" l=\"6\" t=\"1\"/></d></ml>",
        "<ml><t><c n=\"tel:+15551234\" l=\"3\"/></t></ml>",
    ] {
        for verb in ["ADL", "RML"] {
            raw.send(&format!("{verb} 5 {}\r\n{payload}", payload.len()))
                .await;
            raw.expect(&format!("{verb} 5 OK\r\n")).await;
        }
    }
    raw.send("FQY 6 40\r\n<ml><d n=\"local\"><c n=\"busy\" /></d></ml>")
        .await;
    raw.expect("FQY 6 46\r\n<ml><d n=\"local\"><c n=\"busy\" t=\"1\" /></d></ml>")
        .await;
    raw.send("GCF 7 Shields.xml\r\n").await;
    raw.expect("GCF 7 Shields.xml 21\r\n<Policies></Policies>")
        .await;
    raw.send("SBS 8 null\r\n").await;
    raw.expect("SBS 8 null\r\n").await;
}

#[tokio::test]
async fn the_initial_list_comes_once_and_hidden_is_a_status_like_others() {
    let mut service = service().await;
    service.ignore_events();
    let mut raw = service.online("me@local").await;
    for line in [
        "CHG 20 HDN 0:0",
        "CHG 21 BSY 1085276192:131088",
        "CHG 22 NLN",
    ] {
        raw.send(&format!("{line}\r\n")).await;
        raw.expect(&format!("{line}\r\n")).await;
    }
    raw.send("UUX 23 0\r\nPRP 24 MFN Again\r\nPNG\r\n").await;
    raw.expect("ACK 23 UUX\r\nACK 24 PRP\r\nQNG 60\r\n").await;
    assert_eq!(service.hub.me("me@local").name, "Again");
}

#[tokio::test]
async fn a_second_sign_in_replaces_the_first_as_machine_and_dialect_say() {
    let mut service = service().await;
    service.ignore_events();
    let a = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let b = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    for (first, second, stays) in [
        (("MSNP16", a), ("MSNP16", a), false),
        (("MSNP16", a), ("MSNP16", b), true),
        (("MSNP15", a), ("MSNP16", b), false),
        (("MSNP16", a), ("MSNP15", b), false),
    ] {
        let account = format!("{}{}{}@local", first.0, second.0, &second.1[..2]);
        let mut old = service.signed_in(&account, first.0, first.1).await;
        let mut new = service.signed_in(&account, second.0, second.1).await;
        if stays {
            old.send("PNG\r\n").await;
            old.expect("QNG 60\r\n").await;
        } else {
            assert_eq!(old.rest().await, "OUT OTH\r\n", "{first:?} {second:?}");
        }
        new.send("PNG\r\n").await;
        new.expect("QNG 60\r\n").await;
    }
}

#[tokio::test]
async fn a_change_reaches_every_client_in_its_shape_and_is_told_once_written() {
    let mut service = service().await;
    let mut mac = service.online("me@local").await;
    let mut other = service.online("you@local").await;
    let windows = service.hub.clients()[1].id;
    let (_, mailbox) = service.hub.client(windows).expect("a client");
    mailbox.put(nudge::server::notification::Mail::Reshape(
        "16".parse().expect("a shape"),
    ));
    other.send("PNG\r\n").await;
    other.expect("QNG 60\r\n").await;
    service
        .event(|kind| match kind {
            EventKind::Client(info) if info.id == windows && info.shape == "16".parse().ok() => {
                Some(())
            }
            _ => None,
        })
        .await;

    let busy = |c: &mut Contact| c.status = Status::Busy;
    service.hub.change("online", None, busy).expect("changes");
    mac.expect("NLN BSY online@local 1 Online%20User 1085276192 %3Cmsnobj%2F%3E\r\n")
        .await;
    other
        .expect("NLN BSY online@local 1 Online%20User 1085276192:131088 0\r\n")
        .await;
    let told = service
        .event(|kind| match kind {
            EventKind::Contact(change) => Some((change.change.clone(), change.told)),
            _ => None,
        })
        .await;
    assert_eq!(told, (nudge::event::Became::Status, 2));
    for _ in 0..2 {
        service
            .event(|kind| match kind {
                EventKind::Frame(f)
                    if f.direction == Direction::Out && f.frame.verb() == b"NLN" =>
                {
                    Some(())
                }
                _ => None,
            })
            .await;
    }

    service
        .hub
        .change("online", None, |c| c.personal.message = "a<b".into())
        .expect("changes");
    mac.expect(
        "UBX online@local 1 59\r\n<Data><PSM>a&lt;b</PSM><CurrentMedia></CurrentMedia></Data>",
    )
    .await;
    service
        .hub
        .change("online", None, |c| c.status = Status::Offline)
        .expect("changes");
    mac.expect("FLN online@local 1 1085276192\r\n").await;
    service
        .hub
        .change("online", None, |c| c.name = "unseen".into())
        .expect("changes");
    service
        .hub
        .change("hidden", None, |c| c.status = Status::Away)
        .expect("changes");
    mac.expect("NLN AWY hidden@local 1 Hidden%20User 1085276192 %3Cmsnobj%2F%3E\r\nUBX hidden@local 1 53\r\n<Data><PSM></PSM><CurrentMedia></CurrentMedia></Data>").await;
    service
        .hub
        .undo()
        .expect("something to undo")
        .expect("undone");
    mac.expect("FLN hidden@local 1 1085276192\r\n").await;
    // What changes nothing is nothing to take back: undo goes to the change before it.
    for name in ["from", "to", "to"] {
        let change = service.hub.change("hidden", None, |c| c.name = name.into());
        change.expect("changes");
    }
    for before in ["from", "Hidden User"] {
        let undone = service.hub.undo().expect("something to undo");
        undone.expect("undone");
        let now = service.hub.roster();
        assert_eq!(now.get("hidden@local").expect("there").name, before);
    }
    service
        .hub
        .edit(Edit::Remove("busy@local".into()), None)
        .expect("removes");
    mac.expect("FLN busy@local 1 1085276192\r\n").await;
}

#[tokio::test]
async fn changes_while_the_list_is_written_are_neither_lost_nor_doubled() {
    let mut service = service().await;
    service.ignore_events();
    for _ in 0..20 {
        let mut raw = service.signed_in("me@local", "MSNP16", "guid").await;
        let hub = service.hub.clone();
        raw.send("CHG 8 NLN 0\r\n").await;
        let flips = tokio::spawn(async move {
            for status in [Status::Away, Status::Idle, Status::Online] {
                hub.change("online", None, |c| c.status = status)
                    .expect("changes");
                tokio::task::yield_now().await;
            }
        });
        flips.await.expect("flips");
        raw.send("PNG\r\n").await;
        let mut last = String::new();
        let mut initial = 0;
        loop {
            let line = raw.line().await;
            if line.starts_with("ILN ") {
                initial += 1;
            }
            if line.contains(" online@local ") && !line.starts_with("UBX") {
                last = line.clone();
            }
            if line == "QNG 60" {
                break;
            }
        }
        assert_eq!(initial, 7);
        assert!(
            last.contains("NLN online@local"),
            "the last word is the newest: {last}"
        );
    }
}

#[tokio::test]
async fn an_unknown_verb_is_an_event_and_no_reply() {
    let mut service = service().await;
    let mut raw = service.signed_in("me@local", "MSNP16", "").await;
    let many: String = (0..1000).map(|n| format!("XQ{n} {n} what\r\n")).collect();
    let writer = async {
        raw.send(&many).await;
        raw.send("PNG\r\n").await;
        raw.expect("QNG 60\r\n").await;
    };
    let reader = async {
        for n in 0..1000 {
            let (field, text) = service.finding("unknown-verb").await;
            assert_eq!(field, "verb");
            assert!(text.contains(&format!("\"XQ{n}\"")), "{text}");
        }
    };
    tokio::join!(writer, reader);
}

#[tokio::test]
async fn every_bad_length_gets_200_an_event_and_a_close() {
    let mut service = service().await;
    for length in ["99999999999", "-1", "-11", "+5", "1e9", ""] {
        let mut raw = service.connect().await;
        raw.send(&format!("UUX 9 {length}\r\n")).await;
        assert_eq!(raw.rest().await, "200 9\r\n", "{length:?}");
        let (field, text) = service.finding("bad-length").await;
        assert_eq!(field, "UUX length");
        assert!(text.contains(&format!("{length:?}")), "{text}");
    }
}

#[tokio::test]
async fn strange_lines_are_events_and_nobody_else_notices() {
    let mut service = service().await;
    let mut calm = service.online("calm@local").await;
    let mut raw = service.connect().await;
    raw.send("\r\nVER 1 MSNP16\nPNG\n").await;
    raw.expect("VER 1 MSNP16\r\nQNG 60\r\n").await;
    service.finding("empty-line").await;
    service.finding("bare-lf").await;
    raw.send(b"\xff\xfe 1\r\nPNG\r\n").await;
    raw.expect("QNG 60\r\n").await;
    let (_, text) = service.finding("unknown-verb").await;
    assert!(text.contains("xFF"), "{text}");
    raw.send(vec![b'a'; 20_000]).await;
    assert_eq!(raw.rest().await, "200 0\r\n");
    service.finding("line-too-long").await;
    calm.send("PNG\r\n").await;
    calm.expect("QNG 60\r\n").await;
}

#[tokio::test]
async fn a_command_cut_at_any_byte_ends_one_connection_and_says_where() {
    let mut service = service().await;
    let text = b"VER 1 MSNP16\r\nADL 5 20\r\n<ml l=\"1\"><d n=\"lo";
    for cut in 1..text.len() {
        let mut raw = service.connect().await;
        raw.send(&text[..cut]).await;
        drop(raw);
        let reason = service
            .event(|kind| match kind {
                EventKind::Disconnected { reason, .. } => Some(reason.to_string()),
                _ => None,
            })
            .await;
        let whole = cut == 14;
        assert_eq!(
            reason.contains("in the middle of a command"),
            !whole && !reason.contains("broke") && !reason.contains("before sign-in"),
            "{cut}: {reason}"
        );
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_dropped_and_the_others_are_served() {
    let mut service = service().await;
    service.ignore_events();
    let mut calm = service.online("calm@local").await;
    let deaf = service.online("deaf@local").await;
    let id = service.hub.clients()[1].id;
    let long = "x".repeat(4_000);
    let mut flips = 0;
    while service.hub.client(id).is_some() {
        flips += 1;
        assert!(flips < 100_000, "it is dropped at a bound");
        service
            .hub
            .change("online", None, |c| {
                c.personal.message = format!("{flips} {long}");
            })
            .expect("changes");
        let line = calm.line().await;
        assert!(line.starts_with("UBX online@local"), "{line}");
    }
    calm.send("PNG\r\n").await;
    calm.expect("QNG 60\r\n").await;
    drop(deaf);
}

#[tokio::test]
async fn connections_that_say_nothing_are_capped_and_a_client_still_gets_in() {
    let mut service = service().await;
    service.ignore_events();
    nudge::server::descriptors::raise_descriptor_limit();
    let mut silent = Vec::new();
    for _ in 0..MAX_WAITING + 50 {
        silent.push(service.connect().await);
    }
    assert_eq!(silent[0].rest().await, "");
    let mut raw = service.online("me@local").await;
    raw.send("PNG\r\n").await;
    raw.expect("QNG 60\r\n").await;
    assert!(service.hub.clients().len() <= MAX_WAITING + 1);
}

#[tokio::test]
async fn a_roster_of_5000_reaches_a_slow_client_whole() {
    let contacts = (0..5_000).map(|n| Contact {
        status: Status::Online,
        ..Contact::new(format!("c{n}@local"), None)
    });
    let mut service = start(Roster::new(contacts, []).expect("a roster"));
    service.ignore_events();
    let mut raw = service.signed_in("me@local", "MSNP16", "guid").await;
    raw.send("CHG 8 NLN 0\r\nPNG\r\n").await;
    let mut seen = 0;
    loop {
        match raw.line().await {
            line if line.starts_with("ILN ") => {
                assert!(
                    line.starts_with(&format!("ILN 8 NLN c{seen}@local ")),
                    "{line}"
                );
                seen += 1;
            }
            line if line == "QNG 60" => break,
            _ => {}
        }
    }
    assert_eq!(seen, 5_000);
}

#[tokio::test]
async fn at_the_end_clients_are_told_and_connections_close() {
    let mut service = service().await;
    service.ignore_events();
    let mut online = service.online("me@local").await;
    let mut new = service.connect().await;
    new.send("VER 1 MSNP16\r\n").await;
    new.expect("VER 1 MSNP16\r\n").await;
    service.service.end().await;
    assert_eq!(online.rest().await, "OUT SSD\r\n");
    assert_eq!(new.rest().await, "");
}

#[tokio::test]
async fn injected_bytes_go_out_as_they_are_and_are_marked() {
    let mut service = service().await;
    let mut raw = service.online("me@local").await;
    let id = service.hub.clients()[0].id;
    let (_, mailbox) = service.hub.client(id).expect("a client");
    mailbox.put(nudge::server::notification::Mail::Inject(
        bytes::Bytes::from_static(b"XYZ \x01\n"),
    ));
    raw.expect("XYZ \u{1}\n").await;
    service
        .event(|kind| match kind {
            EventKind::Frame(f) if f.injected => {
                assert_eq!(f.frame.line(), b"XYZ \x01");
                Some(())
            }
            _ => None,
        })
        .await;
    let _ = Arc::strong_count(&service.hub);
    let _: &Raw = &raw;
}
