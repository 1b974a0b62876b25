//! A client with a proxy in its settings, which is led to nudge by them or by its hosts file.

mod common;

use common::whole;
use nudge::event::EventKind;
use nudge::event::Service::{Http, Https};
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// Asks for a tunnel to the nexus, and through it, over TLS, for where to sign in.
fn through(proxy: SocketAddr, target: &str) -> String {
    let mut stream = TcpStream::connect(proxy).expect("connects");
    let head = format!("CONNECT {target} HTTP/1.0\r\nUser-Agent: MSMSGS\r\nHost: {target}\r\n\r\n");
    // In two pieces, as a slow client sends it.
    let (first, second) = head.split_at(20);
    stream.write_all(first.as_bytes()).expect("sent");
    stream.write_all(second.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        answer.push(byte[0]);
    }
    let answer = String::from_utf8(answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(!answer.contains("Content-Length"), "{answer}");
    let mut connector = SslConnector::builder(SslMethod::tls_client()).expect("a client");
    connector.set_verify(SslVerifyMode::NONE);
    let mut tls = connector
        .build()
        .connect("nexus.passport.com", stream)
        .expect("a handshake");
    tls.write_all(
        b"GET /rdr/pprdr.asp HTTP/1.1\r\nHost: nexus.passport.com\r\nConnection: close\r\n\r\n",
    )
    .expect("sent");
    let mut answer = String::new();
    let _ = tls.read_to_string(&mut answer);
    answer
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_that_leads_here_and_the_proxy_is_told_of() {
    let mut whole = whole().await;
    for door in [Http, Https] {
        let proxy = whole.door(door);
        let asked = tokio::task::spawn_blocking(move || through(proxy, "nexus.passport.com:443"));
        let answer = asked.await.expect("no panic");
        assert!(
            answer.contains("PassportURLs: DARealm=Passport.Net,DALogin="),
            "{answer}"
        );
        let (mut found, mut handshakes, mut exchanges) = (0, 0, Vec::new());
        while exchanges.len() < 2 {
            match whole.stream.recv().await.expect("an event").event.kind {
                EventKind::Finding(finding) if finding.id.name() == "proxy-set" => found += 1,
                EventKind::Tls(handshake) if handshake.failure.is_none() => handshakes += 1,
                EventKind::Http(exchange) => {
                    exchanges.push((exchange.method.clone(), exchange.status, exchange.service));
                }
                _ => {}
            }
        }
        assert_eq!((found, handshakes), (1, 1));
        let connect = ("CONNECT".to_owned(), 200, door);
        assert_eq!(exchanges, [connect, ("GET".to_owned(), 200, Https)]);
    }
}
