//! What all connections together hold has a bound, and whoever passes it ends the connection that holds most.

mod common;
#[path = "common/program.rs"]
mod program;

use common::{Raw, whole_with};
use nudge::client::Client;
use nudge::event::{Clock, EventKind, EventSink, Service};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_bodies_end_the_connections_that_hold_most_and_others_sign_in() {
    const MEMORY: usize = 1024 * 1024;
    let mut whole = whole_with(|options| options.memory = MEMORY).await;
    let (_, empty) = EventSink::new(Clock::start());
    let mut stream = std::mem::replace(&mut whole.stream, empty);
    let door = whole.door(Service::Http);
    let mut held = Vec::new();
    for _ in 0..20 {
        let mut peer = TcpStream::connect(door).expect("connects");
        let page = b"GET /hosts.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
        peer.write_all(page).expect("is read");
        let mut first = [0; 12];
        peer.read_exact(&mut first).expect("an answer");
        let head =
            "POST /RST.srf HTTP/1.1\r\nHost: login.live.com\r\nContent-Length: 250000\r\n\r\n";
        // One of which the service has ended takes no more.
        let _ = peer.write_all(head.as_bytes());
        let _ = peer.write_all(&[b'x'; 200_000]);
        held.push(peer);
    }
    let mut ended = 0;
    while ended < 10 {
        let told = tokio::time::timeout(common::PATIENCE, stream.recv()).await;
        let event = told.expect("in time").expect("an event").event;
        if let EventKind::Disconnected { reason, .. } = event.kind {
            assert!(reason.to_string().contains("--memory"), "{reason}");
            ended += 1;
        }
    }
    let shares = whole.engine().service().shares().clone();
    assert!(shares.held() <= MEMORY);
    tokio::spawn(async move { while stream.recv().await.is_some() {} });
    let mut client = Client::connect(whole.client("me@local"))
        .await
        .expect("connects");
    client.sign_in().await.expect("signs in beside them");
    for peer in held {
        let _ = peer.shutdown(Shutdown::Both);
    }
}

#[tokio::test]
async fn an_answer_to_fqy_is_about_as_long_as_the_question() {
    let mut service = common::start(nudge::roster::Roster::shipped().expect("the shipped roster"));
    service.ignore_events();
    let mut raw: Raw = service.online("me@local").await;
    let domain = "d".repeat(255);
    let contacts: String = (0..4_000).map(|n| format!("<c n=\"{n}\"/>")).collect();
    let payload = format!("<ml><d n=\"{domain}\">{contacts}</d></ml>");
    assert!(payload.len() > 50_000 && payload.len() < 65_536);
    raw.send(format!("FQY 9 {}\r\n{payload}", payload.len()))
        .await;
    let line = raw.line().await;
    let length: usize = line
        .strip_prefix("FQY 9 ")
        .expect("FQY")
        .parse()
        .expect("a number");
    assert!(length < 2 * payload.len(), "{length}");
    let answer = raw.take(length).await;
    let begins = format!("<ml><d n=\"{domain}\"><c n=\"0\" t=\"1\" /><c n=\"1\" t=\"1\" />");
    assert!(answer.starts_with(&begins) && answer.ends_with("</d></ml>"));
    let two = "<ml><d n=\"a.b\"><c n=\"x\"/></d><d n=\"c.d\"><c n=\"y\"/></d></ml>";
    raw.send(format!("FQY 10 {}\r\n{two}PNG\r\n", two.len()))
        .await;
    let wanted =
        "<ml><d n=\"a.b\"><c n=\"x\" t=\"1\" /></d><d n=\"c.d\"><c n=\"y\" t=\"1\" /></d></ml>";
    raw.expect(&format!("FQY 10 {}\r\n{wanted}QNG 60\r\n", wanted.len()))
        .await;
}

/// What the process has in memory, in MiB.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let words = line.expect("a figure").split_whitespace();
    words
        .rev()
        .nth(1)
        .expect("a number")
        .parse::<u64>()
        .expect("a number")
        / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_burst_took_goes_back_to_the_system_while_nothing_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, lines) = program::start(folder.path(), [""; 0]);
    let door = loop {
        let line = lines.recv_timeout(common::PATIENCE).expect("a line");
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if event["service"] == "http" {
            break event["address"].as_str().expect("an address").to_owned();
        }
    };
    std::thread::spawn(move || while lines.recv().is_ok() {});
    let before = resident(child.id());
    let mut held = Vec::new();
    for _ in 0..700 {
        let mut peer = TcpStream::connect(&door).expect("connects");
        let head =
            "POST /RST.srf HTTP/1.1\r\nHost: login.live.com\r\nContent-Length: 260000\r\n\r\n";
        peer.write_all(head.as_bytes()).expect("is read");
        peer.write_all(&[b'x'; 250_000]).expect("is read");
        held.push(peer);
    }
    let until = |fine: &dyn Fn(u64) -> bool| {
        let begun = std::time::Instant::now();
        loop {
            let now = resident(child.id());
            if fine(now) || begun.elapsed() > common::PATIENCE {
                return now;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    };
    let most = until(&|now| now > before + 150);
    assert!(most > before + 150, "{before} MiB before, {most} at most");
    drop(held);
    let after = until(&|now| now < before + 12);
    assert!(
        after < before + 12,
        "{before} MiB before, {most} at most, {after} after"
    );
    child.kill().expect("ends");
    let _ = child.wait();
}
