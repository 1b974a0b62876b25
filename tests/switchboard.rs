//! Conversations over real sockets: bytes as they stand in the protocol's pages and in conversations that were watched, not
//! from nudge's own encoder.

mod common;

use common::{Raw, TestService, start};
use nudge::control::{Action, Talk, Target};
use nudge::event::{Chapter, ClientId, EventKind};
use nudge::msnp::Status;
use nudge::roster::{Contact, Roster};

fn service() -> TestService {
    start(Roster::shipped().expect("the shipped roster"))
}

/// A client that sees its contacts, at this dialect and not the Mac's.
async fn online(service: &TestService, account: &str, dialect: &str) -> Raw {
    let mut raw = service.connect().await;
    raw.send(&format!(
        "VER 1 {dialect}\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 8.0 MSMSGS {account}\r\nUSR 3 TWN I {account}\r\n"
    ))
    .await;
    // Policies end without a line end.
    while !raw.line().await.contains("USR 3 TWN S") {}
    let ticket = service.tickets.issue(account, None);
    raw.send(&format!("USR 4 TWN S {ticket}\r\nCHG 8 NLN 0\r\nPNG\r\n"))
        .await;
    loop {
        let line = raw.line().await;
        if let Some(length) = line.strip_prefix("MSG Hotmail Hotmail ") {
            raw.skip(length.parse().expect("a length")).await;
        }
        if line.starts_with("QNG") {
            return raw;
        }
    }
}

/// Asks for a switchboard and goes there. Gives back the connection and the cookie.
async fn refer(raw: &mut Raw, tail: &str) -> (Raw, String) {
    raw.send("XFR 9 SB\r\n").await;
    let line = raw.line().await;
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(
        [words[0], words[1], words[2], words[4]],
        ["XFR", "9", "SB", "CKI"],
        "{line}"
    );
    assert_eq!(words[6..].join(" "), tail, "{line}");
    let address = words[3].parse().expect("an address");
    (Raw::connect(address).await, words[5].to_owned())
}

/// A client alone in a conversation.
async fn seated(service: &TestService, account: &str, dialect: &str, tail: &str) -> (Raw, Raw) {
    let mut raw = online(service, account, dialect).await;
    let (mut board, cookie) = refer(&mut raw, tail).await;
    board.send(&format!("USR 1 {account} {cookie}\r\n")).await;
    board
        .expect(&format!(
            "USR 1 OK {account} {}\r\n",
            account.replace('@', "%40")
        ))
        .await;
    (raw, board)
}

/// Waits to be rung and answers. Gives back the connection, up to `ANS OK`, and the session.
async fn answers(raw: &mut Raw, account: &str, caller: &str, tail: &str) -> (Raw, String) {
    let line = loop {
        let line = raw.line().await;
        if line.starts_with("RNG ") {
            break line;
        }
    };
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[3], "CKI", "{line}");
    assert_eq!(words[5], caller, "{line}");
    assert_eq!(words[7..].join(" "), tail, "{line}");
    let mut board = Raw::connect(words[2].parse().expect("an address")).await;
    board
        .send(&format!("ANS 1 {account} {} {}\r\n", words[4], words[1]))
        .await;
    (board, words[1].to_owned())
}

const HELLO: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Microsoft%20Sans%20Serif; EF=; CO=0; CS=1; PF=0\r\n\r\nhello there";
const TYPING: &str =
    "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: me@local\r\n\r\n\r\n";

#[tokio::test]
async fn a_client_calls_a_contact_which_joins_and_acknowledges() {
    let mut service = service();
    let (bare, able) = (
        "JOI online@local Online%20User",
        "JOI online@local Online%20User 1085276192",
    );
    for (dialect, tail, joined) in [
        ("MSNP8", "", bare),
        ("MSNP11", "", bare),
        ("MSNP12", "", able),
        ("MSNP13", "U messenger.msn.com", able),
        ("MSNP14", "U messenger.msn.com 1", able),
        ("MSNP15", "U messenger.msn.com 1", able),
    ] {
        let (_raw, mut board) = seated(&service, "me@local", dialect, tail).await;
        board.send("CAL 2 online@local\r\n").await;
        let line = board.line().await;
        assert!(line.starts_with("CAL 2 RINGING "), "{line}");
        assert_eq!(board.line().await, joined);
        let length = HELLO.len();
        board
            .send(&format!("MSG 3 A {length}\r\n{HELLO}MSG 4 N {length}\r\n{HELLO}MSG 5 U {}\r\n{TYPING}MSG 6 D {length}\r\n{HELLO}", TYPING.len()))
            .await;
        board.expect("ACK 3\r\nACK 6\r\n").await;
        let (from, to, text) = service
            .event(|kind| match kind {
                EventKind::Message(said) => {
                    Some((said.from.clone(), said.to.clone(), said.text.clone()))
                }
                _ => None,
            })
            .await;
        assert_eq!((from.as_str(), text.as_str()), ("me@local", "hello there"));
        assert_eq!(to, ["online@local"]);
        board.send("OUT\r\n").await;
        assert_eq!(board.rest().await, "");
        service
            .event(|kind| match kind {
                EventKind::Conversation(change) if change.change == Chapter::Ended => Some(()),
                _ => None,
            })
            .await;
    }
}

#[tokio::test]
async fn from_msnp16_on_the_endpoint_is_named_and_a_client_calls_itself_first() {
    let mut service = service();
    service.ignore_events();
    for dialect in ["MSNP16", "MSNP18"] {
        let mut raw = online(&service, "me@local", dialect).await;
        let (mut board, cookie) = refer(&mut raw, "U messenger.msn.com 1").await;
        let me = "me@local;{a2fdea28-6985-01ac-5487-2c0d3a6a656f}";
        board
            .send(&format!(
                "USR 19 {me} {cookie}\r\nCAL 26 me@local\r\nCAL 27 online@local\r\n"
            ))
            .await;
        board
            .expect(&format!("USR 19 OK {me} me%40local\r\n"))
            .await;
        let line = board.line().await;
        let session = line
            .strip_prefix("CAL 26 RINGING ")
            .expect("ringing")
            .to_owned();
        board.expect("JOI me@local me%40local 0:0\r\n").await;
        board
            .expect(&format!(
                "CAL 27 RINGING {session}\r\nJOI online@local Online%20User 1085276192:131088\r\n"
            ))
            .await;
    }
}

#[tokio::test]
async fn who_cannot_be_called_is_refused_with_its_code() {
    let mut service = service();
    service.ignore_events();
    let (_raw, mut board) = seated(&service, "me@local", "MSNP12", "").await;
    let offline = |c: &mut Contact| c.status = Status::Offline;
    service.hub.change("busy", None, offline).expect("changes");
    for (account, code) in [
        ("hidden@local", 217),
        ("busy@local", 217),
        ("nobody@nowhere", 208),
    ] {
        board.send(&format!("CAL 5 {account}\r\n")).await;
        board.expect(&format!("{code} 5\r\n")).await;
    }
    board
        .send("CAL 6 online@local\r\nCAL 7 online@local\r\n")
        .await;
    assert!(board.line().await.starts_with("CAL 6 RINGING"));
    assert!(board.line().await.starts_with("JOI online@local"));
    board.expect("215 7\r\n").await;
}

#[tokio::test]
async fn a_hidden_client_begins_no_conversation() {
    let mut service = service();
    service.ignore_events();
    let mut raw = online(&service, "me@local", "MSNP15").await;
    raw.send("CHG 10 HDN 0\r\nXFR 11 SB\r\n").await;
    while raw.line().await != "913 11" {}
    raw.send("CHG 12 NLN 0\r\n").await;
    while !raw.line().await.starts_with("CHG 12") {}
    refer(&mut raw, "U messenger.msn.com 1").await;
}

#[tokio::test]
async fn a_cookie_is_good_once_and_for_its_account_alone() {
    let mut service = service();
    service.ignore_events();
    let mut raw = online(&service, "me@local", "MSNP12").await;
    let (mut board, cookie) = refer(&mut raw, "").await;
    let address = board.stream.peer_addr().expect("an address");
    for line in [
        format!("USR 1 you@local {cookie}\r\n"),
        "USR 1 me@local 1795328192.1.4711\r\n".to_owned(),
        "USR 1\r\n".to_owned(),
        format!("ANS 1 me@local {cookie} 1\r\n"),
    ] {
        let mut other = Raw::connect(address).await;
        other.send(&line).await;
        assert_eq!(other.rest().await, "911 1\r\n", "{line}");
    }
    board.send(&format!("USR 1 me@local {cookie}\r\n")).await;
    board.expect("USR 1 OK me@local me%40local\r\n").await;
    let mut again = Raw::connect(address).await;
    again.send(&format!("USR 1 me@local {cookie}\r\n")).await;
    assert_eq!(again.rest().await, "911 1\r\n");
}

#[tokio::test]
async fn a_contact_rings_and_says_what_the_operator_typed() {
    let mut service = service();
    let bare = "IRO 1 1 1 online@local Online%20User";
    let able = "IRO 1 1 1 online@local Online%20User 1085276192";
    for (dialect, tail, joined) in [
        ("MSNP8", "", bare),
        ("MSNP12", "", able),
        ("MSNP15", "U messenger.msn.com 1", able),
    ] {
        let mut raw = online(&service, "me@local", dialect).await;
        let client = service.hub.clients().last().expect("a client").id;
        let said = service.order("online", client, "hello from the fake server");
        assert!(said.contains("rings"), "{said}");
        let (mut board, _) = answers(&mut raw, "me@local", "online@local", tail).await;
        board.expect(&format!("{joined}\r\nANS 1 OK\r\n")).await;
        // As watched: 143 bytes.
        board
            .expect("MSG online@local Online%20User 143\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nhello from the fake server")
            .await;
        let said = service.order("online", client, "again");
        assert!(!said.contains("rings"), "{said}");
        assert!(
            board
                .line()
                .await
                .starts_with("MSG online@local Online%20User ")
        );
        service
            .event(|kind| match kind {
                EventKind::Message(said) if said.text == "again" => {
                    assert!(said.played);
                    Some(())
                }
                _ => None,
            })
            .await;
        board.send("OUT\r\n").await;
        raw.send("OUT\r\n").await;
        raw.rest().await;
        service
            .event(|kind| matches!(kind, EventKind::SignedOut { .. }).then_some(()))
            .await;
    }
}

#[tokio::test]
async fn two_clients_and_a_contact_converse() {
    let mut service = service();
    service.ignore_events();
    let (_me, mut mine) = seated(&service, "me@local", "MSNP15", "U messenger.msn.com 1").await;
    let mut you = online(&service, "you@local", "MSNP11").await;
    mine.send("CAL 2 online@local\r\nCAL 3 you@local\r\n").await;
    let line = mine.line().await;
    let session = line
        .strip_prefix("CAL 2 RINGING ")
        .expect("ringing")
        .to_owned();
    mine.expect("JOI online@local Online%20User 1085276192\r\n")
        .await;
    mine.expect(&format!("CAL 3 RINGING {session}\r\n")).await;
    let (mut yours, rung) = answers(&mut you, "you@local", "me@local", "").await;
    assert_eq!(rung, session);
    yours
        .expect(
            "IRO 1 1 2 me@local me%40local\r\nIRO 1 2 2 online@local Online%20User\r\nANS 1 OK\r\n",
        )
        .await;
    mine.expect("JOI you@local you%40local 0\r\n").await;
    let message = format!("{}\r\n{HELLO}", HELLO.len());
    mine.send(&format!("MSG 4 A {message}")).await;
    mine.expect("ACK 4\r\n").await;
    yours
        .expect(&format!("MSG me@local me%40local {message}"))
        .await;
    yours.send(&format!("MSG 2 A {message}OUT\r\n")).await;
    yours.expect("ACK 2\r\n").await;
    assert_eq!(yours.rest().await, "");
    mine.expect(&format!(
        "MSG you@local you%40local {message}BYE you@local\r\n"
    ))
    .await;
}

#[tokio::test]
async fn a_message_that_reaches_nobody_gets_nak_where_it_asked() {
    let mut service = service();
    service.ignore_events();
    let (_raw, mut board) = seated(&service, "me@local", "MSNP12", "").await;
    board
        .send("MSG 2 U 1\r\nxMSG 3 N 1\r\nxMSG 4 A 1\r\nxMSG 5 D 1\r\nx")
        .await;
    board.expect("NAK 3\r\nNAK 4\r\nNAK 5\r\n").await;
}

#[tokio::test]
async fn what_belongs_elsewhere_is_said_and_ends_a_connection_that_has_shown_no_cookie() {
    let mut service = service();
    let mut raw = online(&service, "me@local", "MSNP12").await;
    let (board, _) = refer(&mut raw, "").await;
    let address = board.stream.peer_addr().expect("an address");
    for (line, answer, finding) in [
        ("VER 1 MSNP12 CVR0\r\n", "", "wrong-stage"),
        ("CAL 1 online@local\r\n", "715 1\r\n", "out-of-order"),
        ("GET / HTTP/1.1\r\n\r\n", "", "wrong-port"),
        ("USR 1 me@local x\r\n", "911 1\r\n", "bad-cookie"),
    ] {
        let mut stranger = Raw::connect(address).await;
        stranger.send(line).await;
        assert_eq!(stranger.rest().await, answer, "{line}");
        service.finding(finding).await;
    }
}

#[tokio::test]
async fn at_the_end_of_the_service_conversations_end() {
    let mut service = service();
    service.ignore_events();
    let (_raw, mut board) = seated(&service, "me@local", "MSNP12", "").await;
    service.service.end().await;
    assert_eq!(board.rest().await, "OUT\r\n");
}

#[tokio::test]
async fn contacts_answer_as_they_behave() {
    let mut service = service();
    service.ignore_events();
    let run = |line: &str| service.run(line).expect("is done");
    run("behave online echo");
    run("behave busy away Gone fishing");
    run("behave away reply I heard");
    let (_raw, mut board) = seated(&service, "me@local", "MSNP12", "").await;
    let message = format!("{}\r\n{HELLO}", HELLO.len());
    let said = |who: &str, words: &str| {
        let payload = format!(
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\n{words}"
        );
        format!("MSG {who} {}\r\n{payload}", payload.len())
    };
    for (contact, name) in [
        ("online", "Online%20User"),
        ("busy", "Busy%20User"),
        ("away", "Away%20User"),
    ] {
        board.send(&format!("CAL 2 {contact}@local\r\n")).await;
        assert!(board.line().await.starts_with("CAL 2 RINGING"));
        assert!(
            board
                .line()
                .await
                .starts_with(&format!("JOI {contact}@local {name}"))
        );
    }
    for first in [true, false] {
        board
            .send(&format!(
                "MSG 3 A {message}MSG 4 U {}\r\n{TYPING}",
                TYPING.len()
            ))
            .await;
        board.expect("ACK 3\r\n").await;
        board
            .expect(&said("online@local Online%20User", "hello there"))
            .await;
        if first {
            board
                .expect(&said("busy@local Busy%20User", "Gone fishing"))
                .await;
        }
        board
            .expect(&said("away@local Away%20User", "I heard"))
            .await;
    }
    run("behave online silent");
    run("leave away 1");
    board.expect("BYE away@local\r\n").await;
    board.send(&format!("MSG 5 A {message}")).await;
    board.expect("ACK 5\r\n").await;
    assert!(run("conversations").starts_with("1 conversation"));
}

#[tokio::test]
async fn lunch_talks_and_is_seen_typing_before_it_answers() {
    let mut service = service();
    service.ignore_events();
    let (_raw, mut board) = seated(&service, "me@local", "MSNP12", "").await;
    board
        .send(&format!(
            "CAL 2 lunch@local\r\nMSG 3 N {}\r\n{HELLO}",
            HELLO.len()
        ))
        .await;
    assert!(board.line().await.starts_with("CAL 2 RINGING"));
    assert!(board.line().await.starts_with("JOI lunch@local"));
    board.expect("MSG lunch@local Lunch%20User 84\r\nMIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: lunch@local\r\n\r\n\r\n").await;
    let line = board.line().await;
    let length = line
        .strip_prefix("MSG lunch@local Lunch%20User ")
        .expect("a message");
    let said = board.take(length.parse().expect("a length")).await;
    assert!(
        said.ends_with("\r\n\r\nHello! I am at lunch, but I can type."),
        "{said}"
    );
}

/// A whole conversation in each dialect that was watched or is told of: the client calls a contact, and is called by one.
#[tokio::test]
async fn every_dialect_holds_a_whole_conversation() {
    const ENDPOINT: &str = ";{a2fdea28-6985-01ac-5487-2c0d3a6a656f}";
    const NUDGE: &str =
        "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n";
    const REPLY: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nUser-Agent: BitlBee 1.0\r\nX-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0\r\n\r\nhi from bb-1.0";
    let direct = "U messenger.msn.com 1";
    for (dialect, tail, endpoint, capabilities) in [
        ("MSNP8", "", "", ""),
        ("MSNP11", "", "", ""),
        ("MSNP12", "", "", " 1085276192"),
        ("MSNP14", direct, "", " 1085276192"),
        ("MSNP15", direct, "", " 1085276192"),
        ("MSNP16", direct, ENDPOINT, " 1085276192:131088"),
        ("MSNP18", direct, ENDPOINT, " 1085276192:131088"),
    ] {
        let mut service = service();
        service.ignore_events();
        let me = format!("me@local{endpoint}");
        let mut raw = online(&service, "me@local", dialect).await;
        let (mut board, cookie) = refer(&mut raw, tail).await;
        board
            .send(&format!("USR 1 {me} {cookie}\r\nCAL 2 online@local\r\n"))
            .await;
        board
            .expect(&format!("USR 1 OK {me} me%40local\r\nCAL 2 RINGING 1\r\nJOI online@local Online%20User{capabilities}\r\n"))
            .await;
        board
            .send(&format!(
                "MSG 3 U {}\r\n{TYPING}MSG 4 A {}\r\n{HELLO}",
                TYPING.len(),
                HELLO.len()
            ))
            .await;
        board.expect("ACK 4\r\n").await;
        let run = |line: &str| service.run(line).expect("is done");
        run("typing online 1");
        board.expect("MSG online@local Online%20User 85\r\nMIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: online@local\r\n\r\n\r\n").await;
        run("nudge online 1");
        board
            .expect(&format!(
                "MSG online@local Online%20User {}\r\n{NUDGE}",
                NUDGE.len()
            ))
            .await;
        run("leave online 1");
        board.expect("BYE online@local\r\n").await;
        board
            .send(&format!("MSG 5 N {}\r\n{HELLO}OUT\r\n", HELLO.len()))
            .await;
        assert_eq!(board.rest().await, "NAK 5\r\n");

        run("say busy 1 hello from the fake server");
        let line = raw.line().await;
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(
            [words[0], words[1], words[3]],
            ["RNG", "2", "CKI"],
            "{line}"
        );
        assert_eq!(
            words[5..].join(" "),
            format!("busy@local Busy%20User {tail}").trim_end()
        );
        let mut board = Raw::connect(words[2].parse().expect("an address")).await;
        board.send(&format!("ANS 1 {me} {} 2\r\n", words[4])).await;
        board.expect(&format!("IRO 1 1 1 busy@local Busy%20User{capabilities}\r\nANS 1 OK\r\nMSG busy@local Busy%20User 143\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nhello from the fake server")).await;
        board
            .send(&format!(
                "MSG 2 N {}\r\n{REPLY}MSG 3 D {}\r\n{REPLY}OUT\r\n",
                REPLY.len(),
                REPLY.len()
            ))
            .await;
        assert_eq!(board.rest().await, "ACK 3\r\n");
    }
}

impl TestService {
    /// The operator has a contact say something. Gives back what the console would show.
    fn order(&self, contact: &str, client: ClientId, text: &str) -> String {
        let action = Action::Talk {
            contact: contact.to_owned(),
            to: Target::Clients(vec![client]),
            what: Talk::Say(text.to_owned()),
        };
        nudge::server::control::carry_out(&self.hub, self.service.switchboard(), action)
            .expect("is done")
            .0
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_nothing_is_dropped_and_neither_the_others_nor_other_conversations_wait_for_it() {
    let mut service = service();
    let (_me, mut mine) = seated(&service, "me@local", "MSNP12", "").await;
    let mut you = online(&service, "you@local", "MSNP12").await;
    let mut deaf = online(&service, "deaf@local", "MSNP12").await;
    mine.send("CAL 2 you@local\r\nCAL 3 deaf@local\r\n").await;
    let (mut yours, _) = answers(&mut you, "you@local", "me@local", "").await;
    yours
        .expect("IRO 1 1 1 me@local me%40local 0\r\nANS 1 OK\r\n")
        .await;
    let (_deafs, _) = answers(&mut deaf, "deaf@local", "me@local", "").await;
    yours.expect("JOI deaf@local deaf%40local 0\r\n").await;
    mine.expect("CAL 2 RINGING 1\r\n").await;
    let (_other, mut others) = seated(&service, "other@local", "MSNP12", "").await;
    others.send("CAL 2 online@local\r\n").await;
    assert!(others.line().await.starts_with("CAL 2 RINGING"));
    assert!(others.line().await.starts_with("JOI online@local"));

    let words = "x".repeat(60_000);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let flood = {
        let message = format!("MSG 9 U {}\r\n{words}", words.len());
        tokio::spawn(async move {
            let mut stopped = stopped;
            while stopped.try_recv().is_err() {
                mine.send(&message).await;
            }
            mine.send("OUT\r\n").await;
            mine
        })
    };
    let wanted = format!("MSG me@local me%40local {}\r\n{words}", words.len());
    let reader = tokio::spawn(async move {
        loop {
            let line = yours.line().await;
            if line.starts_with("BYE me@local") {
                return;
            }
            if let Some(length) = line.strip_prefix("MSG me@local me%40local ") {
                let said = yours.take(length.parse().expect("a length")).await;
                assert!(wanted.ends_with(&said), "what was said comes whole");
            }
        }
    });
    let dropped = |kind: &EventKind| match kind {
        EventKind::Disconnected { reason, .. } => Some(reason.to_string()),
        _ => None,
    };
    let reason = service.event(dropped).await;
    assert!(reason.contains("does not read"), "{reason}");
    service.ignore_events();
    // Beside the flood somebody else converses as ever.
    for _ in 0..20 {
        others
            .send(&format!("MSG 4 A {}\r\n{HELLO}", HELLO.len()))
            .await;
        others.expect("ACK 4\r\n").await;
    }
    stop.send(()).expect("it goes on");
    flood.await.expect("is carried");
    reader.await.expect("has heard all");
}
