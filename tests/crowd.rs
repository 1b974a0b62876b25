//! A conversation of many, each at a socket of its own, in which one says as much as it can: nobody else is left waiting.
//!
//! No time is asserted. What the flood is held against is progress: each round of somebody else's questions is answered while
//! the flood goes on. That of a thousand takes a minute or more in a debug build, most of it until all have joined:
//! `NUDGE_MEASURE=1 cargo test --test crowd -- --ignored --nocapture` runs it and prints how long what took.

mod common;

use common::{PATIENCE, Raw, TestService, start};
use nudge::roster::Roster;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;
use tokio::io::AsyncWriteExt as _;

/// So often somebody else asks something beside the flood.
const ROUNDS: usize = 20;
/// What the flood would say, were nobody held back.
const ATTEMPTED: usize = 100_000;
/// The length of each message of it: the bound of what waits for a member is one of bytes.
const LONG: usize = 4_000;

/// One client that sees its contacts.
async fn online(service: &TestService, account: &str) -> Raw {
    let mut raw = service.windows_at("MSNP8", account, "").await;
    raw.comes_online().await;
    raw
}

/// A client alone in a conversation.
async fn seated(raw: &mut Raw, account: &str) -> Raw {
    raw.send("XFR 9 SB\r\n").await;
    let line = raw.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    let mut board = Raw::connect(words[3].parse().expect("an address")).await;
    board
        .send(format!("USR 1 {account} {}\r\n", words[5]))
        .await;
    assert!(board.line().await.starts_with("USR 1 OK "));
    board
}

/// What a member reads away, and how much of it was said by the one that floods.
struct Reader {
    raw: Raw,
    heard: Arc<AtomicUsize>,
}

impl Reader {
    /// Reads until the one that floods has gone. Every message of it comes whole, and the numbers in them go up.
    async fn read(mut self) -> Raw {
        let mut last = 0;
        loop {
            let line = self.raw.line().await;
            if line == "BYE flood@a.test" {
                return self.raw;
            }
            let Some(length) = line.strip_prefix("MSG flood@a.test flood%40a.test ") else {
                continue;
            };
            let said = self.raw.take(length.parse().expect("a length")).await;
            assert_eq!(said.len(), LONG);
            let number: usize = said.trim_start().parse().expect("a number");
            assert!(number > last, "{number} after {last}");
            last = number;
            self.heard.fetch_add(1, Relaxed);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_converse_and_one_that_floods_leaves_nobody_waiting() {
    converse(100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute in a debug build"]
async fn a_thousand_converse_and_one_that_floods_leaves_nobody_waiting() {
    converse(1_000).await;
}

async fn converse(all: usize) {
    let measure = std::env::var_os("NUDGE_MEASURE").is_some();
    let say = |what: &str, since: Instant| {
        if measure {
            eprintln!("{what}: {:.1} s", since.elapsed().as_secs_f32());
        }
    };
    let mut service = start(Roster::shipped().expect("the shipped roster"));
    service.ignore_events();
    let began = Instant::now();
    let mut host = online(&service, "host@a.test").await;
    let mut board = seated(&mut host, "host@a.test").await;
    let heard = Arc::new(AtomicUsize::new(0));
    let (mut notifications, mut readers) = (Vec::new(), Vec::new());
    let mut flood = None;
    for number in 2..=all {
        let account = match number {
            _ if number == all => "flood@a.test".to_owned(),
            _ => format!("{number}@a.test"),
        };
        let mut raw = online(&service, &account).await;
        board.send(format!("CAL 2 {account}\r\n")).await;
        board.expect("CAL 2 RINGING 1\r\n").await;
        let line = raw.line().await;
        let words: Vec<&str> = line.split(' ').collect();
        let mut member = Raw::connect(words[2].parse().expect("an address")).await;
        member
            .send(format!("ANS 1 {account} {} {}\r\n", words[4], words[1]))
            .await;
        for at in 1..number {
            let line = member.line().await;
            assert!(
                line.starts_with(&format!("IRO 1 {at} {} ", number - 1)),
                "{line}"
            );
        }
        member.expect("ANS 1 OK\r\n").await;
        let encoded = account.replace('@', "%40");
        board.expect(&format!("JOI {account} {encoded}\r\n")).await;
        notifications.push(raw);
        if number == all {
            flood = Some(member);
        } else {
            let heard = heard.clone();
            readers.push(tokio::spawn(Reader { raw: member, heard }.read()));
        }
    }
    say("all have joined", began);
    let mut flood = flood.expect("the last");

    // Two others, elsewhere.
    let mut other = online(&service, "other@a.test").await;
    let mut elsewhere = seated(&mut other, "other@a.test").await;
    elsewhere.send("CAL 2 online@local\r\n").await;
    assert!(elsewhere.line().await.starts_with("CAL 2 RINGING "));
    assert!(elsewhere.line().await.starts_with("JOI online@local"));

    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let said = Instant::now();
    let flooding = tokio::spawn(async move {
        let mut sent = 0;
        while sent < ATTEMPTED && !stopped.load(Relaxed) {
            sent += 1;
            let message = format!("MSG 3 U {LONG}\r\n{sent:>LONG$}");
            // It may be held back for as long as nobody reads.
            let said = flood.stream.write_all(message.as_bytes());
            if tokio::time::timeout(PATIENCE, said).await.is_err() {
                break;
            }
        }
        // What it has said and nobody has read is gone with it.
        flood.stream.set_zero_linger().expect("is set");
        sent
    });
    while heard.load(Relaxed) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    for round in 0..ROUNDS {
        assert!(!flooding.is_finished(), "it floods meanwhile");
        // One of the members, where it signed in; one of elsewhere; and a member in the conversation itself.
        let member = &mut notifications[round * 4];
        member.send("PNG\r\n").await;
        while !member.line().await.starts_with("QNG") {}
        elsewhere.send("MSG 4 A 2\r\nhi").await;
        elsewhere.expect("ACK 4\r\n").await;
        board.send("PNG\r\n").await;
        loop {
            let line = board.line().await;
            if line.starts_with("QNG") {
                break;
            }
            let length = line.rsplit(' ').next().expect("a length");
            board.skip(length.parse().expect("a number")).await;
        }
    }
    say("twenty rounds of three questions beside the flood", said);
    stop.store(true, Relaxed);
    let sent = flooding.await.expect("is carried");
    // Each of the others hears that it has gone, behind what it has said: nobody was dropped for its sake.
    let mut others = Vec::new();
    for reader in readers {
        others.push(reader.await.expect("has read all"));
    }
    for other in &mut others {
        other.ask("PNG", "QNG 60").await;
    }
    say("until everybody had heard the last of it", said);
    if measure {
        eprintln!("{sent} messages sent, {} deliveries", heard.load(Relaxed));
    }
}
