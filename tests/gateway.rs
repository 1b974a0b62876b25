//! A client that signs in through the HTTP gateway, in literal bytes, and others that want its session.

mod common;

use common::{PATIENCE, Raw, Whole, whole};
use nudge::event::EventKind;
use nudge::event::Service::{Http, Notification};

/// Brings commands; gives back the status, the next `SessionID` and what came.
async fn post(whole: &Whole, query: &str, commands: &str) -> (String, String, String) {
    let mut raw = Raw::connect(whole.door(Http)).await;
    raw.send(format!(
        "POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?{query} HTTP/1.1\r\nAccept: */*\r\nUser-Agent: MSMSGS\r\n\
         Host: gateway.messenger.hotmail.com\r\nProxy-Connection: Keep-Alive\r\nConnection: close\r\nContent-Type: application/x-msn-messenger\r\n\
         Content-Length: {}\r\n\r\n{commands}",
        commands.len()
    ))
    .await;
    let answer = raw.rest().await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let id = head
        .lines()
        .find_map(|line| line.strip_prefix("X-MSN-Messenger: "))
        .map(|value| value.split(';').next().unwrap_or_default().to_owned());
    let status = head.split(' ').nth(1).unwrap_or_default();
    (status.to_owned(), id.unwrap_or_default(), body.to_owned())
}

/// Asks until this has come.
async fn until(whole: &Whole, id: &mut String, mut heard: String, wanted: &str) -> String {
    let asking = async {
        while !heard.contains(wanted) {
            let query = format!("Action=poll&Lifespan=5&{id}");
            let (status, next, more) = post(whole, &query, "").await;
            assert_eq!(status, "200", "{heard}");
            *id = next;
            heard.push_str(&more);
        }
        heard
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .expect("it comes")
}

#[tokio::test]
async fn a_conversation_is_had_over_http_and_its_cookie_is_not_shown() {
    let mut whole = whole().await;
    let mut raw = Raw::connect(whole.door(Notification)).await;
    raw.send("VER 1 MSNP9\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS me@local\r\nUSR 3 TWN I me@local\r\n").await;
    while !raw.line().await.starts_with("USR 3 TWN S ") {}
    let mut login = Raw::connect(whole.door(Http)).await;
    login
        .send("GET /login2.srf HTTP/1.0\r\nAuthorization: Passport1.4 sign-in=me%40local,pwd=secret\r\n\r\n")
        .await;
    let login = login.rest().await;
    let (_, ticket) = login.split_once("from-PP='").expect("a ticket");
    let ticket = ticket.split('\'').next().expect("its end");
    raw.send(format!(
        "USR 4 TWN S {ticket}\r\nCHG 5 NLN 0\r\nXFR 6 SB\r\n"
    ))
    .await;
    let referral = loop {
        let line = raw.line().await;
        if line.starts_with("XFR 6 SB ") {
            break line;
        }
    };
    let cookie = referral.split(' ').nth(5).expect("a cookie").to_owned();

    let open = "Action=open&Server=SB&IP=207.46.108.37";
    let hello = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nhello";
    let (status, mut id, body) = post(&whole, open, &format!("USR 1 me@local {cookie}\r\n")).await;
    assert_eq!(status, "200");
    assert_eq!(body, "USR 1 OK me@local me%40local\r\n");
    let (_, next, body) = post(&whole, &id, "CAL 2 online@local\r\n").await;
    id = next;
    let heard = until(&whole, &mut id, body, "JOI online@local ").await;
    assert!(heard.starts_with("CAL 2 RINGING "), "{heard}");
    let said = format!("MSG 3 A {}\r\n{hello}", hello.len());
    let (_, next, body) = post(&whole, &id, &said).await;
    id = next;
    until(&whole, &mut id, body, "ACK 3\r\n").await;
    let (_, closed, _) = post(&whole, &id, "OUT\r\n").await;
    assert_eq!(post(&whole, &closed, "PNG\r\n").await.0, "400");

    let shown = tokio::time::timeout(PATIENCE, async {
        loop {
            if let EventKind::Http(exchange) =
                whole.stream.recv().await.expect("an event").event.kind
                && exchange.target.contains("Server=SB")
            {
                return String::from_utf8_lossy(&exchange.request.shown(false)).into_owned();
            }
        }
    });
    let shown = shown.await.expect("an exchange");
    assert!(shown.contains("USR 1 me@local ***"), "{shown}");
    assert!(!shown.contains(&cookie), "{shown}");
}

#[tokio::test]
async fn a_client_signs_in_over_http_and_nobody_has_its_session() {
    let mut whole = whole().await;
    // All three in one body, as clients send them.
    let first = "VER 1 MSNP9 MSNP8 CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS me@local.test\r\nUSR 3 TWN I me@local.test\r\n";
    let open = "Action=open&Server=NS&IP=messenger.hotmail.com";
    let (status, mut id, body) = post(&whole, open, first).await;
    assert_eq!(status, "200");
    let heard = until(&whole, &mut id, body, "USR 3 TWN S ").await;
    assert!(heard.starts_with("VER 1 MSNP9"), "{heard}");
    assert!(heard.contains("\r\nCVR 2 "), "{heard}");
    let (_, parameters) = heard.split_once("USR 3 TWN S ").expect("parameters");
    let parameters = parameters.lines().next().expect("a line");

    let mut raw = Raw::connect(whole.door(Http)).await;
    raw.send(format!(
        "GET /login2.srf HTTP/1.0\r\nAuthorization: Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in=me%40local.test,pwd=secret,{parameters}\r\n\r\n"
    ))
    .await;
    let login = raw.rest().await;
    let (_, ticket) = login.split_once("from-PP='").expect("a ticket");
    let ticket = ticket.split('\'').next().expect("its end");

    let before = id.clone();
    let (status, next, body) = post(&whole, &id, &format!("USR 4 TWN S {ticket}\r\n")).await;
    assert_eq!(status, "200");
    id = next;
    // The id that was used is good no more, and neither is one that is made up.
    let made_up = format!("{}.1", id.split('.').next().expect("a number"));
    for stolen in [before.as_str(), &made_up, "SessionID=1.1"] {
        let (status, _, body) = post(&whole, stolen, "OUT\r\n").await;
        assert_eq!((status.as_str(), body.as_str()), ("400", ""));
    }
    let heard = until(&whole, &mut id, body, "USR 4 OK me@local.test ").await;
    assert!(!heard.contains("OUT"), "{heard}");
    let (_, next, body) = post(&whole, &id, "CHG 5 NLN 0\r\nPNG\r\n").await;
    id = next;
    until(&whole, &mut id, body, "QNG").await;
    let (_, closed, _) = post(&whole, &id, "OUT\r\n").await;
    let (status, ..) = post(&whole, &closed, "PNG\r\n").await;
    assert_eq!(status, "400");

    // One client, by its own address, and no part of its ticket is shown.
    let mut refused = 0;
    let ended = tokio::time::timeout(PATIENCE, async {
        loop {
            match whole.stream.recv().await.expect("an event").event.kind {
                EventKind::Finding(finding) if finding.id.name() == "gateway-session" => {
                    refused += 1;
                }
                EventKind::Http(exchange) => {
                    for side in [&exchange.request, &exchange.response] {
                        let shown = String::from_utf8_lossy(&side.shown(false)).into_owned();
                        assert!(!shown.contains(&ticket[2..20]), "{shown}");
                    }
                    if exchange.status == 400 && refused == 3 {
                        return;
                    }
                }
                _ => {}
            }
        }
    });
    ended.await.expect("three are refused, and the last");
}

#[tokio::test]
async fn a_request_that_is_refused_opens_no_session_and_brings_no_commands() {
    let mut whole = whole().await;
    let target = "/gateway/gateway.dll?Action=open&Server=NS";
    let elsewhere = format!("http://evil.example{target}");
    let ours = "Host: gateway.messenger.hotmail.com\r\n";
    for (target, hosts, wanted) in [
        (elsewhere.as_str(), ours, "403"),
        (target, "Host: evil.example\r\n", "421"),
        (target, &format!("{ours}{ours}"), "400"),
    ] {
        let mut raw = Raw::connect(whole.door(Http)).await;
        raw.send(format!("POST {target} HTTP/1.1\r\n{hosts}Connection: close\r\nContent-Length: 13\r\n\r\nVER 1 MSNP8\r\n")).await;
        let answer = raw.rest().await;
        assert_eq!(answer.split(' ').nth(1), Some(wanted), "{answer}");
        loop {
            let told = tokio::time::timeout(PATIENCE, whole.stream.recv()).await;
            match told.expect("in time").expect("an event").event.kind {
                EventKind::Connected { service, .. } => assert_eq!(service, Http, "{target}"),
                EventKind::Disconnected { .. } => break,
                _ => {}
            }
        }
    }
}
