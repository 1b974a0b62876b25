//! HTTP as clients see it: literal bytes in, literal bytes out.

use super::testing::{Stage, door};
use super::{MAX_BODY, MAX_HEAD};
use crate::event::{CONNECTION_EVENTS, ClientId, Ending, FindingId, HttpAction, Service};
use crate::roster::Accounts;
use crate::server::turns::LONG;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NEXUS: &str = "GET /rdr/pprdr.asp HTTP/1.1\r\nHost: nexus.passport.com\r\n\r\n";

fn login(fields: &str) -> String {
    format!(
        "GET /login2.srf HTTP/1.1\r\nAuthorization: Passport1.4 {fields}\r\nHost: loginnet.passport.com\r\n\r\n"
    )
}

/// The value of a header, found by its name in exactly this case.
fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer
        .split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn ticket(answer: &str) -> &str {
    header(answer, "Authentication-Info")
        .and_then(|value| value.strip_prefix("Passport1.4 da-status=success,from-PP='"))
        .and_then(|value| value.strip_suffix('\''))
        .expect("a ticket, and nothing after it")
}

#[tokio::test]
async fn the_nexus_names_the_login_in_exactly_the_case_that_clients_look_for() {
    let mut stage = Stage::new();
    let answer = stage.over_tls(NEXUS).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(
        header(&answer, "PassportURLs"),
        Some(
            "DARealm=Passport.Net,DALogin=loginnet.passport.com:8443/login2.srf,DAReg=,Properties=,Privacy=,GeneralRedir=,Help=,ConfigVersion=15"
        )
    );
    assert_eq!(header(&answer, "Content-Length"), Some("0"));
    let answer = stage.over_http(NEXUS).await;
    assert_eq!(
        header(&answer, "PassportURLs"),
        Some("DALogin=http://loginnet.passport.com:8080/login2.srf")
    );
    assert!(stage.found().is_empty());
    for (host, login) in [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/login2.srf"),
        ("[::1]:80", "http://[::1]:80/login2.srf"),
        ("10.0.0.1", "http://10.0.0.1/login2.srf"),
        (
            "evil.example",
            "http://loginnet.passport.com:8080/login2.srf",
        ),
    ] {
        let asked =
            format!("GET /rdr/pprdr.asp HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = stage.over_http(asked).await;
        let expected = format!("DALogin={login}");
        assert_eq!(header(&answer, "PassportURLs"), Some(expected.as_str()));
    }
}

#[tokio::test]
async fn a_request_without_version_or_headers_is_answered_in_http_1_1() {
    let mut stage = Stage::new();
    for request in [
        "GET /rdr/pprdr.asp\r\n\r\n",
        "GET /rdr/pprdr.asp\n",
        "GET /rdr/pprdr.asp",
    ] {
        let answer = stage.over_http(request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(header(&answer, "PassportURLs").is_some());
        let (exchanges, _) = stage.told();
        assert_eq!(exchanges[0].action, HttpAction::Nexus);
        assert_eq!(exchanges[0].request.bytes, request.as_bytes());
        assert_eq!(exchanges[0].response.bytes, answer.as_bytes());
    }
}

#[tokio::test]
async fn a_login_by_get_or_post_in_any_order_of_fields_gives_a_ticket_for_its_client() {
    let mut stage = Stage::new();
    let nonce = stage.site.config.tickets.nonce(ClientId(7));
    for request in [
        login(&format!(
            "lc=1033,ct=1,tpf={nonce},OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger.msn.com,sign-in=me%40local,pwd=hush%2Chush"
        )),
        login(&format!(
            "OrgVerb=GET,OrgUrl=http%3A%2F%2Fx,sign-in=me%40local,pwd=hush%2chush,elapsed-time=2,tpf={nonce}"
        )),
        format!(
            "POST /anything.srf HTTP/1.1\r\nhost: loginnet.passport.com\r\nContent-Length: 0\r\nauthorization: passport1.4   pwd=hush%2Chush,SIGN-IN=Me@local,tpf={nonce}\r\n\r\n"
        ),
    ] {
        let answer = stage.over_tls(&request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let ticket = ticket(&answer).to_owned();
        assert!(ticket.starts_with("t=") && ticket.ends_with("&p="));
        let known = stage.site.config.tickets.verify(&ticket).expect("ours");
        assert_eq!(known.account, "me@local");
        assert_eq!(known.client, Some(ClientId(7)));
        let events = stage.events();
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0].client, Some(ClientId(7)));
        let crate::event::EventKind::Http(exchange) = &events[0].kind else {
            panic!("an exchange")
        };
        assert_eq!(exchange.request.bytes, request.as_bytes(), "as written");
        assert_eq!(exchange.response.bytes, answer.as_bytes());
        for masked in [&exchange.request, &exchange.response] {
            let shown = String::from_utf8(masked.shown(false).into_owned()).expect("text");
            assert!(!shown.contains("hush"), "{shown}");
            assert!(!shown.contains(&ticket[2..ticket.len() - 3]), "{shown}");
        }
    }
}

#[tokio::test]
async fn who_is_listed_signs_in_with_that_password_and_nobody_else_does() {
    let listed = [("me@local".to_owned(), "a,b=c d".to_owned())];
    let mut stage = Stage::with(Accounts::listed(listed));
    let good = stage
        .over_tls(login("sign-in=ME%40local,pwd=a%2Cb%3Dc%20d"))
        .await;
    assert!(good.starts_with("HTTP/1.1 200"), "{good}");
    assert!(stage.found().is_empty());
    for bad in [
        "sign-in=me%40local,pwd=asdf",
        "sign-in=you%40local,pwd=a%2Cb%3Dc%20d",
    ] {
        let answer = stage.over_tls(login(bad)).await;
        assert!(
            answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"),
            "{answer}"
        );
        assert_eq!(
            header(&answer, "WWW-Authenticate"),
            Some(
                "Passport1.4 da-status=failed,srealm=Passport.Net,ts=-3,prompt,cburl=http://loginnet.passport.com:8080/,cbtxt=The%20account%20or%20the%20password%20was%20not%20accepted%20by%20nudge."
            )
        );
        assert_eq!(stage.found(), [FindingId::PassportRefused]);
    }
}

#[tokio::test]
async fn many_wrong_passwords_are_told_of_once_and_a_right_one_is_taken_at_once() {
    let listed = [("me@local".to_owned(), "a,b=c d".to_owned())];
    let mut stage = Stage::with(Accounts::listed(listed));
    let mut found = Vec::new();
    for n in 0..5 {
        let wrong = format!("sign-in=me%40local,pwd=wrong{n}");
        let answer = stage.over_tls(login(&wrong)).await;
        assert!(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
        found.extend(stage.found());
    }
    assert_eq!(
        found,
        [
            FindingId::PassportRefused,
            FindingId::PassportRefused,
            FindingId::WrongPasswords
        ]
    );
    let good = login("sign-in=ME%40local,pwd=a%2Cb%3Dc%20d");
    assert!(stage.over_tls(good).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn what_is_no_sign_in_is_refused_and_named() {
    let mut stage = Stage::new();
    for (request, wanted) in [
        (login("tname=,OrgVerb=GET,OrgURL=http%3A%2F%2Fx"), None),
        (
            login("sign-in=me%40local"),
            Some((FindingId::PassportField, "pwd")),
        ),
        (
            login("pwd=asdf"),
            Some((FindingId::PassportField, "sign-in")),
        ),
        (
            login("sign-in=me,pwd=asdf"),
            Some((FindingId::PassportField, "sign-in")),
        ),
        (
            login("sign-in=%0d%0a%40x,pwd=a"),
            Some((FindingId::PassportField, "sign-in")),
        ),
        (login(""), Some((FindingId::PassportField, "sign-in"))),
        (
            login("x").replace("Passport1.4", "Basic"),
            Some((FindingId::PassportAuthorization, "Authorization")),
        ),
        (
            "GET /login2.srf HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
            Some((FindingId::PassportAuthorization, "Authorization")),
        ),
        (
            "POST /ppsecure HTTP/1.1\r\nHost: login.passport.com:443\r\n\r\n".to_owned(),
            Some((FindingId::PassportAuthorization, "Authorization")),
        ),
    ] {
        let answer = stage.over_tls(&request).await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{request} {answer}");
        assert!(header(&answer, "WWW-Authenticate").is_some());
        let (exchanges, findings) = stage.told();
        assert_eq!(exchanges.len(), 1);
        let found = findings.first().map(|f| (f.id.clone(), f.field.as_str()));
        assert_eq!(found, wanted, "{request}");
    }
}

#[tokio::test]
async fn a_nonce_of_another_run_signs_in_without_a_client() {
    let mut stage = Stage::new();
    let answer = stage.over_tls(login("tpf=AAAA,sign-in=a%40b,pwd=c")).await;
    let known = stage.site.config.tickets.verify(ticket(&answer));
    assert_eq!(known.expect("ours").client, None);
    assert_eq!(stage.found(), [FindingId::PassportNonce]);
}

#[tokio::test]
async fn a_password_in_the_clear_is_refused_on_the_tls_port_and_marked_on_the_other() {
    let mut stage = Stage::new();
    let request = login("sign-in=me%40local,pwd=hush");
    let answer = stage.send(door(Service::Https, false), &request).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert_eq!(stage.found(), [FindingId::ClearPassword]);
    let answer = stage.over_http(&request).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(stage.found(), [FindingId::ClearPassword]);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_each_with_its_own_bytes() {
    let mut stage = Stage::new();
    let second = "POST /nowhere HTTP/1.1\r\nHOST: x\r\nContent-Length: 4\r\n\r\nbody";
    let third = "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = stage.over_tls(format!("{NEXUS}{second}{third}")).await;
    let statuses: Vec<_> = answer.matches("HTTP/1.1 ").collect();
    assert_eq!(statuses.len(), 3, "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "a HEAD has no body: {answer}");
    let (exchanges, findings) = stage.told();
    let seen: Vec<_> = exchanges
        .iter()
        .map(|e| (e.action.name(), e.status))
        .collect();
    assert_eq!(seen, [("nexus", 200), ("unknown", 404), ("page", 200)]);
    assert_eq!(findings[0].id, FindingId::UnknownPath);
    for (exchange, wanted) in exchanges.iter().zip([NEXUS, second, third]) {
        assert_eq!(exchange.request.bytes, wanted.as_bytes());
    }
}

#[tokio::test]
async fn what_is_told_of_an_answer_is_what_was_written() {
    let mut stage = Stage::new();
    for (request, connection) in [
        ("GET /hosts.txt HTTP/1.0\r\n\r\n", Some("close")),
        (
            "GET /hosts.txt HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            Some("keep-alive"),
        ),
        ("GET /hosts.txt HTTP/1.1\r\nHost: localhost\r\n\r\n", None),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n",
            Some("close"),
        ),
        ("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", None),
        ("GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n", None),
    ] {
        let answer = stage.over_http(request).await;
        let (exchanges, _) = stage.told();
        // Whatever the version of the request: one client takes nothing but 1.1.
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
        assert_eq!(header(&answer, "Connection"), connection, "{answer}");
        assert_eq!(exchanges[0].response.bytes, answer.as_bytes(), "{answer}");
    }
}

#[tokio::test]
async fn what_is_asked_as_of_a_proxy_is_answered_where_it_leads_here_and_refused_elsewhere() {
    let mut stage = Stage::new();
    for here in [
        "nexus.passport.com",
        "NEXUS.passport.com:80",
        "127.0.0.1:8080",
        "localhost",
    ] {
        let request = format!("GET http://{here}/rdr/pprdr.asp HTTP/1.1\r\nHost: {here}\r\n\r\n");
        let answer = stage.over_http(request).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(header(&answer, "PassportURLs").is_some(), "{answer}");
        assert_eq!(stage.found(), [FindingId::ProxySet], "{here}");
    }
    for elsewhere in [
        "GET http://example.com/rdr/pprdr.asp?t=hush HTTP/1.1\r\nHost: nexus.passport.com\r\n\r\n",
        "POST https://192.0.2.1/ HTTP/1.0\r\n\r\n",
        "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nProxy-Authorization: Basic aHVzaDpodXNo\r\n\r\n",
        "CONNECT nexus.passport.com:25 HTTP/1.0\r\n\r\n",
        "CONNECT x HTTP/1.1\r\n\r\n",
    ] {
        let answer = stage.over_http(elsewhere).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        let (exchanges, findings) = stage.told();
        assert_eq!(exchanges[0].status, 403);
        let ids: Vec<_> = findings.iter().map(|finding| finding.id.clone()).collect();
        assert_eq!(ids, [FindingId::ProxySet], "{elsewhere}");
        assert!(!findings[0].text.contains("hush"));
        let shown = String::from_utf8_lossy(&exchanges[0].request.shown(false)).into_owned();
        assert!(
            !shown.contains("hush") && !shown.contains("aHVzaDpodXNo"),
            "{shown}"
        );
    }
    // Not the first of its connection, and cut in its head.
    let late = "GET / HTTP/1.1\r\nHost: x\r\n\r\nCONNECT nexus.passport.com:443 HTTP/1.1\r\nHost: x\r\n\r\n";
    assert!(stage.over_http(late).await.contains("HTTP/1.1 403 "));
    assert_eq!(stage.found(), [FindingId::ProxySet]);
    let cut = "CONNECT nexus.passport.com:443 HTTP/1.1\r\nHost";
    assert!(!stage.over_http(cut).await.contains(" 200 "));
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_gets_it_before_its_body() {
    let stage = Stage::new();
    let mut line = stage.open(door(Service::Https, true));
    let head = "POST /Config/MsgrConfig.asmx HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    line.socket.write_all(head.as_bytes()).await.expect("sent");
    let mut go_on = [0; 25];
    line.socket.read_exact(&mut go_on).await.expect("an answer");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    line.socket.write_all(b"<a/>").await.expect("sent");
    line.socket.shutdown().await.expect("ended");
    let mut answer = String::new();
    line.socket
        .read_to_string(&mut answer)
        .await
        .expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn the_page_says_what_it_is_and_offers_the_root_over_plain_http_alone() {
    let mut stage = Stage::new();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: 10.0.0.1:8080\r\n\r\n");
    let page = stage.over_http(get("/?x=1")).await;
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert_eq!(
        header(&page, "Content-Type"),
        Some("text/html; charset=utf-8")
    );
    for wanted in [
        "/nudge-root.der",
        "AA:BB",
        "10.0.0.1 nexus.passport.com",
        "/hosts.txt",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let page = stage.over_tls(get("/")).await;
    assert!(
        page.contains("not Microsoft") && !page.contains("nudge-root"),
        "{page}"
    );
    let hosts = stage.over_http(get("/hosts.txt")).await;
    assert!(hosts.ends_with("\r\n\r\n10.0.0.1 nexus.passport.com\n"));
    assert!(
        stage
            .over_http(get("/favicon.ico"))
            .await
            .starts_with("HTTP/1.1 404 ")
    );
    assert!(stage.found().is_empty());

    let mut line = stage.open(door(Service::Http, false));
    let request = get("/nudge-root.der");
    line.socket
        .write_all(request.as_bytes())
        .await
        .expect("sent");
    line.socket.shutdown().await.expect("ended");
    let mut all = Vec::new();
    line.socket.read_to_end(&mut all).await.expect("an answer");
    assert!(all.ends_with(b"\r\n\r\n\x30\x82der"));
    let text = String::from_utf8_lossy(&all);
    assert_eq!(
        header(&text, "Content-Type"),
        Some("application/x-x509-ca-cert")
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_by_its_length_or_as_it_comes() {
    let mut stage = Stage::new();
    let length = MAX_BODY + 1;
    let stated = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
    let chunk = format!("{length:x}\r\n{}\r\n0\r\n\r\n", "a".repeat(length));
    let chunked =
        format!("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    for request in [stated, chunked] {
        let mut line = stage.open(door(Service::Https, true));
        let (mut reader, mut writer) = tokio::io::split(line.socket);
        let sent = tokio::spawn(async move { writer.write_all(request.as_bytes()).await.is_ok() });
        let mut answer = String::new();
        reader.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert_eq!(header(&answer, "Connection"), Some("close"));
        drop(reader);
        let _ = sent.await;
        line.socket = tokio::io::duplex(1).0;
        line.served.await.expect("served");
        let (exchanges, findings) = stage.told();
        assert_eq!(exchanges[0].status, 413);
        assert_eq!(findings[0].id, FindingId::BodyTooLarge);
    }
    let most = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY}\r\n\r\n{}",
        "a".repeat(MAX_BODY)
    );
    assert!(stage.over_tls(most).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn what_is_no_http_is_a_finding_with_its_first_bytes_and_no_secret() {
    let mut stage = Stage::new();
    stage.over_http("HELLO, is anybody there\r\n\r\n").await;
    let (_, findings) = stage.told();
    assert_eq!(findings[0].id, FindingId::HttpMalformed);
    assert!(findings[0].text.contains("HELLO, is"), "{findings:?}");

    let long = format!(
        "GET / HTTP/1.1\r\nAuthorization: Passport1.4 pwd=hush\r\nX: {}",
        "a".repeat(MAX_HEAD * 2)
    );
    let answer = stage.over_http(long).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );
    let (_, findings) = stage.told();
    assert_eq!(findings[0].id, FindingId::HttpMalformed);
    assert!(!findings[0].text.contains("hush"), "{findings:?}");

    stage
        .over_http("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        .await;
    assert_eq!(stage.found(), [FindingId::HttpCut]);
    stage.over_http("").await;
    assert!(stage.found().is_empty());
}

#[tokio::test]
async fn a_secret_in_a_target_is_masked_there_too() {
    let mut stage = Stage::new();
    stage
        .over_http("GET /nowhere?login=a&passwd=hush&t=hush HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    let (exchanges, findings) = stage.told();
    assert_eq!(exchanges[0].target, "/nowhere?login=a&passwd=***&t=***");
    assert!(!findings[0].text.contains("hush"));
}

#[tokio::test]
async fn the_service_ending_ends_a_connection_that_rests() {
    let stage = Stage::new();
    let mut resting = stage.open(door(Service::Http, false));
    resting
        .socket
        .write_all(NEXUS.as_bytes())
        .await
        .expect("sent");
    let mut some = [0; 64];
    resting
        .socket
        .read_exact(&mut some)
        .await
        .expect("an answer");
    let silent = stage.open(door(Service::Http, false));
    stage.shutdown.cancel();
    for line in [resting, silent] {
        assert_eq!(line.served.await.expect("served"), Ending::Stopping);
    }
}

#[tokio::test]
async fn a_journal_that_is_behind_holds_up_its_own_connection_alone() {
    let stage = Stage::new();
    let mut busy = stage.open(door(Service::Http, false));
    let requests = NEXUS.repeat(CONNECTION_EVENTS + 8);
    busy.socket
        .write_all(requests.as_bytes())
        .await
        .expect("sent");
    let mut answers = Vec::new();
    let (mut stage, mut calm) = {
        let calm = stage.open(door(Service::Http, false));
        (stage, calm)
    };
    calm.socket.write_all(NEXUS.as_bytes()).await.expect("sent");
    let mut some = [0; 64];
    calm.socket.read_exact(&mut some).await.expect("an answer");
    // Taking the events lets the busy one go on to its end.
    busy.socket.shutdown().await.expect("ended");
    let drain = tokio::spawn(async move {
        let mut taken = 0;
        while taken < CONNECTION_EVENTS + 9 {
            taken += usize::from(stage.stream.recv().await.is_some());
        }
    });
    busy.socket
        .read_to_end(&mut answers)
        .await
        .expect("answers");
    drain.await.expect("drained");
    let answered = String::from_utf8_lossy(&answers)
        .matches("HTTP/1.1 200")
        .count();
    assert_eq!(answered, CONNECTION_EVENTS + 8);
}

#[tokio::test]
async fn a_long_body_is_read_and_searched_in_its_turn_and_a_short_one_at_once() {
    let mut stage = Stage::new();
    let post = |length: usize| {
        let body = "x".repeat(length);
        format!("POST /RST.srf HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    stage.over_tls(post(100)).await;
    assert_eq!(stage.site.turns().taken(), 0);
    // The answer to it, and the event of both.
    stage.over_tls(post(LONG)).await;
    assert_eq!(stage.site.turns().taken(), 2);
    assert_eq!(stage.told().0.len(), 2);
}
