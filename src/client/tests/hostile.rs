//! Servers that close, hang, refuse and lie at every step: a named error each time, never a hang.

use super::fake::{self, ARTICLE};
use super::{EIGHT, signed_in};
use crate::client::{Book, Client, ClientError, Config};
use proptest::prelude::*;
use std::net::SocketAddr;
use std::time::Duration;

fn nowhere() -> SocketAddr {
    "127.0.0.1:1".parse().expect("an address")
}

/// Without HTTP, in the article's very words.
fn config(notification: SocketAddr) -> Config {
    Config {
        friendly_name: Some("Me Myself".into()),
        ..fake::config(notification, nowhere())
    }
}

async fn sign_in(config: Config) -> Result<(), ClientError> {
    let mut client = signed_in(config, &Book::of_contacts(EIGHT)).await?;
    client.ping().await?;
    Ok(())
}

/// The article up to this step, which is answered with these bytes.
fn until(step: usize, answer: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut script = fake::article();
    script.truncate(step + 1);
    script[step].1 = answer.to_vec();
    script
}

#[tokio::test]
async fn a_close_at_any_step_is_named_with_the_command() {
    for (step, (said, _)) in ARTICLE.iter().enumerate() {
        let at = fake::closing(until(step, b"")).await;
        let error = sign_in(config(at)).await.expect_err("a close");
        assert!(matches!(error, ClientError::Closed { .. }), "{error}");
        let verb: String = said.chars().take(5).collect();
        assert!(error.to_string().contains(verb.trim()), "{error}");
        assert!(!error.to_string().contains("HENLO"), "{error}");
    }
    let at = fake::closing(until(3, b"")).await;
    let error = sign_in(config(at)).await.expect_err("a close");
    assert_eq!(
        error.to_string(),
        "the server closed the connection after `USR 4 TWN S *** 235411cb78234a468feb6f1bccca43fd`: the ticket was refused"
    );
}

#[tokio::test]
async fn silence_at_any_step_is_named_with_what_was_expected() {
    for step in 0..ARTICLE.len() {
        let (at, _) = fake::notification(until(step, b"")).await;
        let config = Config {
            patience: Duration::from_millis(50),
            ..config(at)
        };
        let error = sign_in(config).await.expect_err("silence");
        assert!(matches!(error, ClientError::Timeout { .. }), "{error}");
        assert!(error.to_string().contains("expected"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_an_error() {
    for (step, (_, answer)) in ARTICLE.iter().enumerate() {
        // The last byte of every answer but the long one is a line's end.
        let cuts = answer.find('\n').unwrap_or(0);
        for cut in 0..cuts {
            let at = fake::closing(until(step, &answer.as_bytes()[..cut])).await;
            let error = sign_in(config(at)).await.expect_err("a cut");
            assert!(matches!(error, ClientError::Closed { .. }), "{error}");
            assert_eq!(cut > 0, error.to_string().contains("cut off"), "{error}");
        }
    }
}

#[tokio::test]
async fn codes_and_wrong_answers_are_named() {
    for (step, answer, words) in [
        (0, "VER 1 0\r\n", "expected VER with one of the dialects"),
        (0, "VER 1 MSNP18\r\n", "expected VER"),
        (0, "VER 1\r\n", "expected VER"),
        (1, "731 2\r\n", "answered 731 to `CVR 2"),
        (2, "USR 3 SSO S x y\r\n", "expected USR TWN S"),
        (2, "USR 3 TWN S\r\n", "expected USR TWN S"),
        (2, "208 3\r\n", "there is no such user"),
        (2, "XFR 3 NS\r\n", "expected USR TWN S"),
        (2, "XFR 3 NS nowhere.invalid U D\r\n", "nowhere.invalid"),
        (3, "911 4\r\n", "the ticket was refused"),
        (3, "USR 4 NO\r\n", "expected USR OK"),
        (4, "241 5 3\r\nabc", "answered 241 to `ADL 5 245"),
        (5, "BLP 6 AL\r\n", "expected ACK PRP"),
        (5, "ACK 6 BLP\r\n", "expected ACK PRP"),
        (7, "201 8\r\n", "the status was refused"),
        (7, "OUT SSD\r\n", "shutting down"),
        (7, "OUT\r\n", "no reason given"),
        (15, "OUT RCT 5\r\n", "come back in 5 minutes"),
    ] {
        let (at, _) = fake::notification(until(step, answer.as_bytes())).await;
        let error = sign_in(config(at)).await.expect_err(answer);
        assert!(error.to_string().contains(words), "{answer:?}: {error}");
    }
}

#[tokio::test]
async fn lengths_that_lie_and_lines_without_end_are_given_up() {
    let mut endless = vec![b'a'; 10_000_000];
    endless[5] = 0xff;
    let lengths = ["99999999999", "-1", "-11", "+5", "1e9", "x"];
    let mut lies: Vec<Vec<u8>> = lengths
        .iter()
        .map(|length| format!("UBX busy@local 1 {length}\r\n").into_bytes())
        .collect();
    lies.push(endless);
    for lie in lies {
        let at = fake::closing(until(7, &lie)).await;
        let error = sign_in(config(at)).await.expect_err("a lie");
        assert!(matches!(error, ClientError::Frame { .. }), "{error}");
    }
}

#[tokio::test]
async fn lines_that_mean_nothing_are_passed_over() {
    let mut noise = b"\r\n\r\n \r\nXYZ\r\nNOT 3\r\nabcQNG\r\n\xff\xfe\x00\r\nILN\r\nNLN\r\nFLN\r\nUBX 1:busy@local 0\r\nUBX busy@local 1 3\r\n<<<ADL 0 1\r\nx".to_vec();
    noise.extend(ARTICLE[7].1.as_bytes());
    let mut script = fake::article();
    script[7].1 = noise;
    let (at, _) = fake::notification(script).await;
    let book = Book::of_contacts(EIGHT);
    let client = signed_in(config(at), &book).await.expect("a sign-in");
    assert_eq!(client.dropped(), 5);
    assert_eq!(
        client.contacts().filter(|c| c.status.is_visible()).count(),
        7
    );
}

#[tokio::test]
async fn passport_and_soap_that_fail_are_named() {
    let ok = |headers: &str, body: &str| fake::reply("200 OK", headers, body);
    let fault = "<e:Envelope xmlns:e='x'><e:Body><e:Fault><faultcode>Client</faultcode><detail><errorcode>FullSyncRequired</errorcode></detail></e:Fault></e:Body></e:Envelope>";
    let entity = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
    let info = |fields: &str| {
        ok(
            &format!("Authentication-Info: Passport1.4 {fields}\r\n"),
            "",
        )
    };
    let refused = "WWW-Authenticate: Passport1.4 da-status=failed,srealm=Passport.NET\r\n";
    let found = |place: &str| fake::reply("302 Found", &format!("Location: {place}\r\n"), "");
    let endless = format!("X: {}\r\n", "x".repeat(200_000));
    let (nexus, login) = ("GET ", "POST /login2");
    let (lists, book) = ("POST /abservice/Sharing", "POST /abservice/abs");
    for (start, answer, words) in [
        (nexus, Vec::new(), "GET http://nexus.passport.com"),
        (nexus, b"garbage\r\n\r\n".to_vec(), "GET http://nexus"),
        (
            nexus,
            fake::reply("404 Not Found", "", ""),
            "has no PassportURLs",
        ),
        (nexus, ok("PassportURLs: DARealm=x\r\n", ""), "no DALogin"),
        (
            nexus,
            ok("PassportURLs: DALogin=h:99999/\r\n", ""),
            "names no host and port",
        ),
        (nexus, ok(&endless, ""), "GET http://nexus"),
        (login, ok("", ""), "neither an Authentication-Info"),
        (login, info("da-status=success"), "no from-PP"),
        (login, info("from-PP='a b'"), "white space"),
        (
            login,
            fake::reply("401 Unauthorized", refused, ""),
            "da-status failed, srealm Passport.NET",
        ),
        (login, found("/login2.srf"), "refer to one another"),
        (login, found("http:// /"), "refers to another"),
        (
            lists,
            fake::reply("500 No", "", ""),
            "FindMembership: the HTTP status of its answer is 500",
        ),
        (
            lists,
            fake::reply("500 No", "", fault),
            "Client, FullSyncRequired",
        ),
        (
            lists,
            ok("", &fake::contacts()),
            "expected FindMembershipResponse",
        ),
        (
            book,
            ok("", &fake::contacts()[..700]),
            "ABFindAll: its answer is no XML that can be read",
        ),
        (book, ok("", &"<a>".repeat(10_000)), "nest deeper"),
        (book, ok("", entity), "document type"),
        (book, ok("", &"x".repeat(2_000_000)), "broke off"),
        (
            book,
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec(),
            "broke off",
        ),
    ] {
        let (web, _) = fake::web(None, move |request| match request.starts_with(start) {
            true => answer.clone(),
            false => fake::services(request),
        })
        .await;
        let (notification, _) = fake::notification(fake::article()).await;
        let config = Config {
            max_body: 1_000_000,
            ..fake::config(notification, web)
        };
        let mut client = Client::connect(config).await.expect("a connection");
        let error = client.sign_in().await.expect_err(words).to_string();
        assert!(error.contains(words), "expected {words:?}: {error}");
        assert!(
            !error.contains("asdf") && !error.contains("HENLO"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_web_server_that_hangs_or_is_not_there_is_named() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = silent.local_addr().expect("an address");
    let (notification, _) = fake::notification(fake::article()).await;
    for transport in [super::super::Transport::Plain, super::super::Transport::Tls] {
        let (notification, _) = fake::notification(fake::article()).await;
        let config = Config {
            transport,
            patience: Duration::from_millis(200),
            ..fake::config(notification, address)
        };
        let mut client = Client::connect(config).await.expect("a connection");
        let error = client.sign_in().await.expect_err("silence");
        assert!(matches!(error, ClientError::Timeout { .. }), "{error}");
    }
    let mut client = Client::connect(fake::config(notification, nowhere()))
        .await
        .expect("a connection");
    let error = client.sign_in().await.expect_err("nobody");
    assert!(matches!(error, ClientError::Connect { .. }), "{error}");
    assert!(error.to_string().contains("nexus.passport.com"), "{error}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_named() {
    let (web, _) = fake::web(None, |_| b"HTTP/1.1 400 Bad\r\n\r\n".to_vec()).await;
    let (notification, _) = fake::notification(fake::article()).await;
    let config = Config {
        transport: super::super::Transport::Tls,
        patience: Duration::from_millis(500),
        ..fake::config(notification, web)
    };
    let mut client = Client::connect(config).await.expect("a connection");
    let error = client.sign_in().await.expect_err("no TLS");
    // The fake waits for a blank line that no hello has: it hangs, or it answers what is no TLS.
    assert!(
        matches!(error, ClientError::Tls { .. } | ClientError::Timeout { .. }),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_a_server_sends_the_client_ends_with_a_named_error(
        step in 0usize..16,
        pieces in proptest::collection::vec(
            "(VER 1 MSNP16|USR [34] (OK|TWN S)|ILN 8 [A-Z]{3} a@b 1 n 1 x|UBX a@b 1 [0-9]{1,3}|XFR 3 NS x|[ -~]{0,30})(\r\n|\n|)",
            0..6,
        ),
        tail: Vec<u8>,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let mut answer = pieces.concat().into_bytes();
        answer.extend(tail);
        let error = runtime.block_on(async {
            let at = fake::closing(until(step, &answer)).await;
            sign_in(config(at)).await
        });
        // Only the last step may be answered rightly by chance.
        if let Err(error) = error {
            prop_assert!(!error.to_string().is_empty());
        } else {
            prop_assert_eq!(step, 15);
        }
    }
}
