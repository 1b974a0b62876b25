//! How contacts are in conversations when something changes: what they said is counted anew, they go offline, are removed,
//! are hidden, or ring and leave again. Over real sockets, in literal bytes.

mod common;

use common::{Raw, TestService, start};
use nudge::event::{Chapter, EventKind};
use nudge::roster::Roster;

/// A service, and a client of it that is alone in a conversation.
async fn seated() -> (TestService, Raw, Raw) {
    let service = start(Roster::shipped().expect("the shipped roster"));
    let mut raw = service.windows_at("MSNP12", "me@local.test", "").await;
    raw.comes_online().await;
    raw.send("XFR 9 SB\r\n").await;
    let line = raw.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    let mut board = Raw::connect(words[3].parse().expect("an address")).await;
    board
        .send(format!("USR 1 me@local.test {}\r\n", words[5]))
        .await;
    board
        .expect("USR 1 OK me@local.test me%40local.test\r\n")
        .await;
    (service, raw, board)
}

async fn calls(board: &mut Raw, contact: &str) {
    board.send(format!("CAL 2 {contact}@local\r\n")).await;
    assert!(board.line().await.starts_with("CAL 2 RINGING "));
    assert!(
        board
            .line()
            .await
            .starts_with(&format!("JOI {contact}@local "))
    );
}

/// Says something, and waits until it is carried.
async fn says(board: &mut Raw, words: &str) {
    let payload =
        format!("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n{words}");
    board
        .send(format!("MSG 3 A {}\r\n{payload}", payload.len()))
        .await;
    board.expect("ACK 3\r\n").await;
}

/// A contact says exactly this.
async fn hears(board: &mut Raw, contact: &str, words: &str) {
    let payload = format!(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\n{words}"
    );
    board
        .expect(&format!("MSG {contact} {}\r\n{payload}", payload.len()))
        .await;
}

const BUSY: &str = "busy@local Busy%20User";

#[tokio::test]
async fn who_echoes_says_what_it_heard_to_the_letter() {
    let (mut service, _raw, mut board) = seated().await;
    service.ignore_events();
    service.run("behave busy echo").expect("is done");
    calls(&mut board, "busy").await;
    for words in [
        "C:\\temp\\new",
        "one\r\ntwo",
        "\u{65e5}\u{672c} \u{e9}",
        "\u{1b}[31m",
    ] {
        says(&mut board, words).await;
        hears(&mut board, BUSY, words).await;
    }
}

#[tokio::test]
async fn who_behaves_anew_begins_anew() {
    let (mut service, _raw, mut board) = seated().await;
    service.ignore_events();
    calls(&mut board, "busy").await;
    for words in ["Gone fishing", "Back at five"] {
        let line = format!("behave busy away {words}");
        service.run(&line).expect("is done");
        says(&mut board, "hello").await;
        hears(&mut board, BUSY, words).await;
        // Once to each person.
        says(&mut board, "hello?").await;
    }
}

#[tokio::test]
async fn who_goes_offline_or_is_removed_leaves_and_who_is_hidden_stays() {
    let (mut service, mut raw, mut board) = seated().await;
    for contact in ["busy", "away", "online"] {
        calls(&mut board, contact).await;
    }
    service.run("behave online echo").expect("is done");
    for (order, gone, why) in [
        ("status busy offline", "busy@local", "it went offline"),
        (
            "remove away",
            "away@local",
            "it was removed from the contacts",
        ),
    ] {
        service.run(order).expect("is done");
        board.expect(&format!("BYE {gone}\r\n")).await;
        let (account, reason) = service
            .event(|kind| match kind {
                EventKind::Conversation(change) if change.change == Chapter::Left => {
                    Some((change.account.clone(), change.reason.clone()))
                }
                _ => None,
            })
            .await;
        assert_eq!(account, gone);
        assert_eq!(reason.expect("why").to_string(), why);
    }
    service.ignore_events();
    // Hidden it answers and speaks where it is, and calls nobody.
    service.run("status online hidden").expect("is done");
    says(&mut board, "psst").await;
    hears(&mut board, "online@local Online%20User", "psst").await;
    service.run("say online 1 I am not here").expect("is said");
    hears(&mut board, "online@local Online%20User", "I am not here").await;
    service.run("leave online 1").expect("leaves");
    board.expect("BYE online@local\r\n").await;
    let refused = service.run("say online 1 hello").expect_err("calls nobody");
    assert!(refused.contains("offline or hidden"), "{refused}");
    // Undone it is a contact again, and can be called.
    service.run("undo").expect("online is as it was");
    service.run("undo").expect("away is there again");
    calls(&mut board, "away").await;
    raw.send("OUT\r\n").await;
}

#[tokio::test]
async fn who_rings_may_leave_before_it_is_answered() {
    let (mut service, mut raw, _board) = seated().await;
    service.ignore_events();
    service.run("ring busy 1").expect("rings");
    let line = raw.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!((words[0], words[5]), ("RNG", "busy@local"), "{line}");
    let said = service.run("leave busy 1").expect("leaves");
    assert_eq!(said, format!("busy@local leaves conversation {}", words[1]));
    assert_eq!(
        service.run("conversations").expect("lists"),
        "1 conversation"
    );
    let mut late = Raw::connect(words[2].parse().expect("an address")).await;
    late.send(format!("ANS 1 me@local.test {} {}\r\n", words[4], words[1]))
        .await;
    assert_eq!(late.rest().await, "911 1\r\n");
    // It may ring again.
    service.run("say busy 1 hello").expect("rings");
    assert!(raw.line().await.starts_with("RNG "));
}

#[tokio::test]
async fn who_is_called_by_no_account_is_nobody() {
    let (mut service, _raw, mut board) = seated().await;
    board.send("CAL 2\r\n").await;
    board.expect("200 2\r\n").await;
    let (field, text) = service.finding("argument-count").await;
    assert_eq!(
        (&*field, &*text),
        ("CAL", "CAL needs an account; 200 was answered")
    );
    calls(&mut board, "busy").await;
}
