//! Each bound of conversations, reached over real sockets: whoever reaches it is answered, and an event tells of it.
//!
//! A client that does not read is in `tests/switchboard.rs`; sizes of pictures and files are in `tests/peer_to_peer/`.

mod common;

use common::{Raw, TestService, start};
use nudge::msnp::Status;
use nudge::roster::{Contact, Edit, Manner, Roster};
use nudge::server::notification::mail::MAX_COOKIES;
use nudge::server::switchboard::{MAX_CONVERSATIONS, MAX_MEMBERS};
use std::net::SocketAddr;

const ME: &str = "me@local.test";

/// A roster of so many contacts that can be seen: `0@a.test` and so on.
fn roster(contacts: usize, manner: &Manner) -> Roster {
    let mut roster = Roster::default();
    for number in 0..contacts {
        let mut contact = Contact::new(format!("{number}@a.test"), None);
        (contact.status, contact.manner) = (Status::Online, manner.clone());
        let put = Edit::Put {
            contact: contact.into(),
            at: None,
        };
        roster.apply(put).expect("is added");
    }
    roster
}

/// Asks for a switchboard: its address, and the cookie.
async fn refer(raw: &mut Raw) -> (SocketAddr, String) {
    raw.send("XFR 9 SB\r\n").await;
    let line = raw.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[0], "XFR", "{line}");
    (words[3].parse().expect("an address"), words[5].to_owned())
}

async fn online(service: &TestService) -> Raw {
    let mut raw = service.windows("MSNP12").await;
    raw.comes_online().await;
    raw
}

/// Shows a cookie, and reads what comes of it.
async fn shows(address: SocketAddr, cookie: &str) -> (Raw, String) {
    let mut board = Raw::connect(address).await;
    board.send(format!("USR 1 {ME} {cookie}\r\n")).await;
    let line = board.line().await;
    (board, line)
}

#[tokio::test]
async fn a_conversation_is_full() {
    let mut service = start(roster(MAX_MEMBERS + 1, &Manner::Silent));
    let all: Vec<String> = (0..=MAX_MEMBERS).map(|n| format!("{n}@a.test")).collect();
    let hub = service.hub.clone();
    let show = |status| hub.change_all(&all, None, |contact| contact.status = status);
    // A long list at the beginning would wait for room for its events.
    show(Status::Offline).expect("is changed");
    let mut raw = online(&service).await;
    let (address, cookie) = refer(&mut raw).await;
    let (mut board, _) = shows(address, &cookie).await;
    show(Status::Online).expect("is changed");
    for number in 0..MAX_MEMBERS - 1 {
        board.send(format!("CAL 2 {number}@a.test\r\n")).await;
        board.expect("CAL 2 RINGING 1\r\n").await;
        assert!(board.line().await.starts_with("JOI "));
        // So that no event waits for room.
        while service.stream.try_recv().is_ok() {}
    }
    let one_more = MAX_MEMBERS - 1;
    board
        .ask(&format!("CAL 3 {one_more}@a.test"), "713 3")
        .await;
    let (field, text) = service.finding("conversation-full").await;
    assert_eq!(field, "CAL");
    assert_eq!(
        text,
        format!("{one_more}@a.test: the conversation has 1024 members; 713 was answered")
    );
    let refused = service.run(&format!("invite 0 1 {one_more}@a.test"));
    assert!(refused.expect_err("is full").contains("has 1024 members"));
    service.run("leave 7 1").expect("leaves");
    board.expect("BYE 7@a.test\r\n").await;
    board
        .ask(&format!("CAL 4 {one_more}@a.test"), "CAL 4 RINGING 1")
        .await;
}

#[tokio::test]
async fn a_client_has_no_room_for_another_conversation() {
    let mut service = start(Roster::default());
    let mut raw = online(&service).await;
    let (_, early) = refer(&mut raw).await;
    let mut boards = Vec::new();
    for _ in 0..MAX_CONVERSATIONS {
        let (address, cookie) = refer(&mut raw).await;
        let (board, line) = shows(address, &cookie).await;
        assert_eq!(line, format!("USR 1 OK {ME} me%40local.test"));
        boards.push(board);
        while service.stream.try_recv().is_ok() {}
    }
    raw.ask("XFR 10 SB", "713 10").await;
    let (field, text) = service.finding("too-many-conversations").await;
    assert_eq!(field, "XFR");
    assert!(text.contains("too many conversations"), "{text}");
    let address = boards[0].stream.peer_addr().expect("an address");
    let (mut refused, line) = shows(address, &early).await;
    assert_eq!(line, "713 1");
    assert_eq!(refused.rest().await, "");
    let (field, _) = service.finding("too-many-conversations").await;
    assert_eq!(field, "USR");
    let mut gone = boards.pop().expect("one");
    gone.send("OUT\r\n").await;
    gone.rest().await;
    refer(&mut raw).await;
}

#[tokio::test]
async fn a_client_that_shows_no_cookie_loses_the_oldest() {
    let mut service = start(Roster::default());
    let mut raw = online(&service).await;
    let mut cookies = Vec::new();
    for _ in 0..=MAX_COOKIES {
        cookies.push(refer(&mut raw).await);
    }
    let (field, text) = service.finding("too-many-cookies").await;
    assert_eq!(field, "XFR");
    assert!(text.contains("64 cookies"), "{text}");
    let (address, oldest) = &cookies[0];
    assert_eq!(shows(*address, oldest).await.1, "911 1");
    service.finding("bad-cookie").await;
    let (address, second) = &cookies[1];
    assert!(shows(*address, second).await.1.starts_with("USR 1 OK"));
}

#[tokio::test]
async fn contacts_have_so_many_answers_on_their_way() {
    let mut rules = nudge::roster::manner::Rules::always("late".into());
    rules.rules[0].delay = nudge::roster::manner::MAX_DELAY;
    let mut service = start(roster(1, &Manner::Reply(rules.into())));
    let mut raw = online(&service).await;
    let (address, cookie) = refer(&mut raw).await;
    let (mut board, _) = shows(address, &cookie).await;
    board.send("CAL 2 0@a.test\r\n").await;
    board.line().await;
    board.line().await;
    let hello = "Content-Type: text/plain\r\n\r\nhello";
    for _ in 0..20 {
        board
            .send(format!("MSG 3 A {}\r\n{hello}", hello.len()))
            .await;
        board.expect("ACK 3\r\n").await;
        raw.ask("PNG", "QNG 60").await;
        // It is seen typing, sixteen times.
        board.send("PNG\r\n").await;
        loop {
            let line = board.line().await;
            match line.strip_prefix("MSG 0@a.test 0%40a.test ") {
                Some(length) => board.skip(length.parse().expect("a length")).await,
                None => break assert_eq!(line, "QNG 60"),
            }
        }
    }
    let (_, text) = service.finding("too-many-answers").await;
    assert!(
        text.starts_with("16 answers of contacts are on their way"),
        "{text}"
    );
}

#[tokio::test]
async fn so_much_waits_for_a_client_that_is_called() {
    let mut service = start(roster(1, &Manner::Silent));
    let mut raw = online(&service).await;
    for number in 0..64 {
        let said = service.run(&format!("say 0 1 {number}")).expect("waits");
        assert!(said.contains("says it when it answers"), "{said}");
    }
    let refused = service.run("say 0 1 64").expect_err("no more");
    assert_eq!(
        refused,
        "64 messages wait already for the client to answer the call"
    );
    service.ignore_events();
    let line = raw.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    let mut board = Raw::connect(words[2].parse().expect("an address")).await;
    board
        .send(format!("ANS 1 {ME} {} {}\r\n", words[4], words[1]))
        .await;
    board
        .expect("IRO 1 1 1 0@a.test 0%40a.test 1085276192\r\nANS 1 OK\r\n")
        .await;
    for number in 0..64 {
        let line = board.line().await;
        let length = line
            .strip_prefix("MSG 0@a.test 0%40a.test ")
            .expect("a message");
        let said = board.take(length.parse().expect("a length")).await;
        assert!(said.ends_with(&format!("\r\n\r\n{number}")), "{said}");
    }
}
