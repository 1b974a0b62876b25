//! The gateway over a service that echoes: what is asked in one request comes back in its answer or in the next.

use super::*;
use crate::event::{FindingId, Service};
use crate::server::http::testing;
use proptest::prelude::*;
use std::sync::Arc;

/// A gateway whose service says back what it hears, and ends on `OUT`.
fn echoing() -> Arc<Gateway> {
    let gateway = Arc::new(Gateway::default());
    gateway.serve_with(Box::new(|_, mut stream, _, _| {
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                if buffer[..count].windows(3).any(|word| word == b"OUT") {
                    break;
                }
                if stream.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
        });
    }));
    gateway
}

fn request(target: &str, body: impl Into<Bytes>) -> Request {
    Request {
        path: target.split('?').next().unwrap_or_default().to_owned(),
        host: Some("gateway.messenger.hotmail.com:8080".to_owned()),
        service: Service::Http,
        secure: false,
        ..testing::request("POST", target, body)
    }
}

fn from(peer: [u8; 4]) -> SocketAddr {
    (peer, 5000).into()
}

/// Where it reaches us.
fn local() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 80).into()
}

const HERE: [u8; 4] = [127, 0, 0, 1];

async fn ask(gateway: &Gateway, query: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let request = request(&format!("{PATH}?{query}"), body.to_vec());
    let answer = gateway.answer(&request, from(HERE), local()).await;
    let id = answer
        .headers
        .iter()
        .find(|(name, _)| *name == "X-MSN-Messenger");
    let body = answer.body.pieces().flatten().copied().collect();
    let id = id.map(|(_, value)| value.clone()).unwrap_or_default();
    (answer.status.as_u16(), id, body)
}

/// The `SessionID=…` of an answer, as the next request names it.
fn next(id: &str) -> String {
    id.split(';').next().expect("an id").to_owned()
}

#[tokio::test]
async fn commands_are_brought_and_answers_fetched_in_order() {
    let gateway = echoing();
    let open = "Action=open&Server=NS&IP=messenger.hotmail.com";
    let first = b"VER 1 MSNP8\r\nCVR 2 x\r\nUSR 3 TWN I me@local\r\n";
    let (status, id, body) = ask(&gateway, open, first).await;
    assert_eq!((status, body.as_slice()), (200, &first[..]));
    assert!(id.ends_with("; GW-IP=127.0.0.1"), "{id}");
    let (status, id, body) = ask(&gateway, &next(&id), b"PNG\r\n").await;
    assert_eq!((status, body.as_slice()), (200, &b"PNG\r\n"[..]));
    let poll = format!("Action=poll&{}", next(&id));
    let (status, id, body) = ask(&gateway, &poll, b"").await;
    assert_eq!((status, body.as_slice()), (200, &b""[..]));
    let (_, id, body) = ask(&gateway, &next(&id), b"OUT\r\n").await;
    assert!(id.ends_with("; Session=close") && body.is_empty(), "{id}");
    assert_eq!(gateway.sessions(), 0);
    assert_eq!(ask(&gateway, &next(&id), b"PNG\r\n").await.0, 400);
}

#[tokio::test]
async fn a_session_that_is_guessed_replayed_or_of_another_address_is_refused_and_goes_on() {
    let gateway = echoing();
    let (_, id, _) = ask(&gateway, "Action=open&Server=NS", b"a\r\n").await;
    let first = next(&id);
    let (_, id, _) = ask(&gateway, &first, b"b\r\n").await;
    let number = first.split('.').next().expect("a number");
    for wrong in [
        first.as_str(),
        &format!("{number}.0"),
        &format!("{number}."),
        number,
        "SessionID=1.1",
        "SessionID=",
        "Action=poll",
        "",
        "Action=open&Server=XX",
    ] {
        let (status, id, body) = ask(&gateway, wrong, b"evil\r\n").await;
        assert_eq!((status, id.as_str(), body.len()), (400, "", 0), "{wrong}");
    }
    let theirs = request(&format!("{PATH}?{}", next(&id)), "evil\r\n");
    let answer = gateway.answer(&theirs, from([10, 0, 0, 9]), local()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.findings[0].id, FindingId::GatewaySession);
    let (status, _, body) = ask(&gateway, &next(&id), b"c\r\n").await;
    assert_eq!(
        (status, body.as_slice()),
        (200, &b"c\r\n"[..]),
        "nothing of theirs came"
    );
}

#[tokio::test]
async fn one_more_than_the_most_ends_the_one_that_was_asked_for_longest_ago() {
    let gateway = echoing();
    let mut ids = Vec::new();
    for _ in 0..Gateway::MOST {
        ids.push(gateway.hold(HERE.into()));
    }
    let (_, oldest, _) = {
        // A real one, which is the latest; the others go first.
        ask(&gateway, "Action=open&Server=NS", b"a\r\n").await
    };
    assert_eq!(gateway.sessions(), Gateway::MOST);
    for _ in 1..Gateway::MOST {
        gateway.hold(HERE.into());
    }
    assert_eq!(ask(&gateway, &next(&oldest), b"b\r\n").await.0, 200);
    for _ in 0..Gateway::MOST {
        gateway.hold(HERE.into());
    }
    assert_eq!(gateway.sessions(), Gateway::MOST);
}

#[tokio::test]
async fn an_address_that_opens_many_sessions_ends_its_own_and_not_those_of_others() {
    let gateway = echoing();
    let (_, mine, _) = ask(&gateway, "Action=open&Server=NS", b"a\r\n").await;
    for _ in 0..2 * Gateway::MOST {
        gateway.hold([10, 0, 0, 9].into());
    }
    assert_eq!(gateway.sessions(), Gateway::MOST);
    assert_eq!(ask(&gateway, &next(&mine), b"b\r\n").await.0, 200);
}

#[tokio::test]
async fn a_request_that_goes_away_takes_its_session_with_it() {
    let gateway = Arc::new(Gateway::default());
    // A service that never says anything.
    gateway.serve_with(Box::new(|_, stream, _, _| {
        tokio::spawn(async move {
            let _held = stream;
            std::future::pending::<()>().await;
        });
    }));
    let asked = request(&format!("{PATH}?Action=open&Server=NS"), "VER 1 MSNP8\r\n");
    let waiting = gateway.answer(&asked, from(HERE), local());
    let gone = tokio::time::timeout(Duration::from_millis(50), waiting).await;
    assert!(gone.is_err());
    assert_eq!(gateway.sessions(), 0);
}

#[tokio::test]
async fn a_session_is_with_the_service_that_is_named() {
    let gateway = Gateway::default();
    gateway.serve_with(Box::new(|service, mut stream, _, _| {
        tokio::spawn(async move {
            let _ = stream.write_all(service.name().as_bytes()).await;
            // What it is told is read: a connection that closes before loses what it said.
            while let Ok(1..) = stream.read(&mut [0; 64]).await {}
        });
    }));
    for (server, wanted) in [
        ("&Server=NS", "notification"),
        ("&Server=SB", "switchboard"),
        ("&Server=sb", "switchboard"),
        ("", "notification"),
    ] {
        let open = format!("Action=open{server}&IP=1.2.3.4");
        let (status, _, body) = ask(&gateway, &open, b"a\r\n").await;
        assert_eq!((status, body.as_slice()), (200, wanted.as_bytes()));
    }
    assert_eq!(ask(&gateway, "Action=open&Server=X", b"").await.0, 400);
}

#[tokio::test]
async fn without_a_service_there_is_no_session() {
    let gateway = Gateway::default();
    assert_eq!(ask(&gateway, "Action=open&Server=NS", b"").await.0, 503);
    let mut get = request(PATH, "");
    get.method = "GET".to_owned();
    assert_eq!(gateway.answer(&get, from(HERE), local()).await.status, 405);
}

#[test]
fn what_signs_in_is_secret() {
    let body = Bytes::from_static(
        b"VER 1 MSNP8\r\nUSR 2 TWN S t=hush&p=\r\nUSR 3 SSO S t=hush2 proof\r\n",
    );
    let found: Vec<String> = secrets(Direction::In, &body).collect();
    let found = found.join("\n");
    for secret in ["t=hush&p=", "t=hush2", "proof"] {
        assert!(found.contains(secret), "{found:?}");
    }
    let cookie = b"QNG 50\r\nXFR 9 SB 1.2.3.4:1864 CKI 17.2\r\n";
    let found: Vec<String> = secrets(Direction::Out, cookie).collect();
    assert_eq!(found, ["17.2"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_body_is_brought_whole_and_any_query_is_answered(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6_000), 1..4),
        query in "[A-Za-z=&.0-9]{0,60}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let gateway = echoing();
            let (status, mut id, mut heard) = ask(&gateway, "Action=open&Server=NS", b"").await;
            assert_eq!(status, 200);
            let sent: Vec<u8> = bodies.concat();
            let ends = sent.windows(3).any(|word| word == b"OUT");
            for body in bodies {
                let answer = ask(&gateway, &next(&id), &body).await;
                heard.extend(answer.2);
                id = answer.1;
            }
            for _ in 0..50 {
                if heard.len() >= sent.len() || ends {
                    break;
                }
                let answer = ask(&gateway, &format!("Action=poll&Lifespan=1&{}", next(&id)), b"").await;
                heard.extend(answer.2);
                id = answer.1;
            }
            assert!(ends || heard == sent);
            let (status, ..) = ask(&gateway, &query, b"x").await;
            assert!(status == 200 || status == 400, "{status}");
        });
    }

    #[test]
    fn any_target_is_read_without_panic(target: String) {
        let _ = Asked::of(&target);
    }
}
