//! What a client is to do beside its sign-in, and the receipts of its messages.

use super::fold;
use crate::event::{
    Chapter, ClientId, ConnectionId, ConversationChange, ConversationId, EventKind, Finding,
    FindingId, FrameEvent, Secrets, Service, Severity, Spoken,
};
use crate::findings::ladder::Stall;
use crate::findings::story::{LOGIN, Story, peer};
use crate::msnp::message::MessageKind;
use crate::msnp::{Direction, Frame};

fn said(story: &mut Story, seconds: u64) -> Vec<Stall> {
    let mut ladders = fold(story);
    let now = story.wait(seconds);
    ladders.tick(now)
}

fn firsts(stalls: &[Stall]) -> Vec<(&'static str, &str)> {
    let first = |stall: &'_ Stall| stall.name;
    stalls
        .iter()
        .map(|stall| (first(stall), stall.first().unwrap_or_default()))
        .collect()
}

/// Somebody of the client's address comes to this door.
fn comes(story: &mut Story, service: Service) {
    let connected = EventKind::Connected {
        service,
        peer: peer(6000),
        local: peer(1864),
    };
    story.tell(Some(ConnectionId(77)), None, connected);
}

fn spoken(story: &mut Story, direction: Direction, line: &str) {
    let frame = EventKind::Frame(FrameEvent {
        service: Service::Switchboard,
        direction,
        frame: Frame::from_wire(line.to_owned().into()),
        secrets: Secrets::default(),
        injected: false,
    });
    let client = story.client;
    story.tell(Some(ConnectionId(77)), Some(client), frame);
}

#[test]
fn a_client_that_asked_for_a_switchboard_and_never_came_is_told_with_where_it_was_sent() {
    for (address, cause) in [
        ("10.0.0.7:1864", "referral-unreached"),
        ("10.9.8.7:1864", "referral-elsewhere"),
        ("messenger.example:1864", "referral-unreached"),
    ] {
        let mut story = Story::article();
        story.c("XFR 17 SB\r\n").s(&format!(
            "XFR 17 SB {address} CKI 1.2.3 U messenger.msn.com 1\r\n"
        ));
        assert!(said(&mut story, 9).is_empty());
        let late = said(&mut story, 10);
        assert_eq!(firsts(&late), [("XFR SB", cause)]);
        assert!(late[0].to_string().contains(address), "{}", late[0]);
        // It may be stopped in a debugger.
        assert_eq!(late[0].finding().severity, Severity::Info);
        comes(&mut story, Service::Switchboard);
        assert_eq!(firsts(&said(&mut story, 20)), [("XFR SB", "seat-silent")]);
        spoken(&mut story, Direction::In, "USR 1 me@local 1.2.3\r\n");
        assert!(said(&mut story, 20).is_empty());
    }
}

#[test]
fn words_to_a_contact_that_says_nothing_are_told_of_once_unless_it_speaks() {
    let told = |story: &mut Story, change: Chapter| {
        let change = ConversationChange {
            conversation: ConversationId(1),
            change,
            account: "busy@local".into(),
            played: true,
            members: vec!["me@local".into(), "busy@local".into()],
            reason: None,
        };
        let client = story.client;
        let kind = EventKind::Conversation(Box::new(change));
        story.tell(Some(ConnectionId(77)), Some(client), kind);
    };
    let words = |story: &mut Story, from: &str, to: &str| {
        let words = Spoken {
            conversation: ConversationId(1),
            from: from.into(),
            played: from != "me@local",
            to: vec![to.into()],
            others: 1,
            kind: MessageKind::Text,
            text: "Hello".into(),
            format: None,
        };
        let client = story.client;
        let kind = EventKind::Message(Box::new(words));
        story.tell(Some(ConnectionId(77)), Some(client), kind);
    };
    let mut story = Story::article();
    told(&mut story, Chapter::Joined);
    words(&mut story, "me@local", "busy@local");
    words(&mut story, "busy@local", "me@local");
    assert!(said(&mut story, 20).is_empty());
    words(&mut story, "me@local", "busy@local");
    words(&mut story, "me@local", "busy@local");
    assert!(said(&mut story, 10).is_empty());
    let late = said(&mut story, 10);
    assert_eq!(firsts(&late), [("MSG", "no-words")]);
    assert_eq!(late[0].finding().severity, Severity::Info);
    // Who has gone is not waited for, nor is another client.
    told(&mut story, Chapter::Left);
    assert!(said(&mut story, 20).is_empty());
    words(&mut story, "me@local", "anna@local");
    assert!(said(&mut story, 20).is_empty());
}

#[test]
fn an_account_that_is_signed_out_by_a_later_sign_in_again_and_again_takes_turns() {
    let mut story = Story::new();
    for number in 2..=4 {
        story
            .online(" %3Cmsnobj%2F%3E")
            .bye("the account signed in at another place");
        story.connect(number);
    }
    let mut ladders = fold(&story);
    let said = ladders.said();
    let causes: Vec<_> = said.iter().filter_map(Stall::first).collect();
    assert_eq!(causes, ["elsewhere", "elsewhere", "takes-turns"]);
    let severities: Vec<_> = said.iter().map(|stall| stall.finding().severity).collect();
    assert_eq!(severities[1..], [Severity::Info, Severity::Warning]);
}

#[test]
fn one_that_came_before_its_line_was_told_is_not_waited_for() {
    let mut story = Story::article();
    story.c("XFR 17 SB\r\n");
    comes(&mut story, Service::Switchboard);
    spoken(&mut story, Direction::In, "USR 1 me@local 1.2.3\r\n");
    story.s("XFR 17 SB 10.0.0.7:1864 CKI 1.2.3\r\n");
    assert!(said(&mut story, 60).is_empty());
    // The next is another matter.
    story
        .c("XFR 18 SB\r\n")
        .s("XFR 18 SB 10.0.0.7:1864 CKI 1.2.4\r\n");
    assert_eq!(firsts(&said(&mut story, 60)).len(), 1);
}

#[test]
fn what_was_said_is_withdrawn_when_it_comes_after_all() {
    let mut story = Story::article();
    story
        .c("XFR 17 SB\r\n")
        .s("XFR 17 SB 10.0.0.7:1864 CKI 1.2.3\r\n");
    let mut ladders = fold(&story);
    assert_eq!(
        firsts(&ladders.tick(story.wait(20))),
        [("XFR SB", "referral-unreached")]
    );
    let before = story.events.len();
    comes(&mut story, Service::Switchboard);
    for event in &story.events[before..] {
        ladders.take(event, crate::event::EventId(999));
    }
    assert_eq!(firsts(&ladders.said()), [("XFR SB", "resumed")]);
}

#[test]
fn a_client_that_is_rung_and_does_not_come_is_told_and_whether_it_knows_who_calls() {
    for (caller, cause) in [
        ("busy@local", "referral-unreached"),
        ("stranger@local", "ring-stranger"),
    ] {
        let mut story = Story::article();
        story.s(&format!(
            "RNG 1 10.0.0.7:1864 CKI 1.2.3 {caller} Somebody\r\n"
        ));
        let late = said(&mut story, 20);
        assert_eq!(firsts(&late), [("RNG", cause)]);
        assert!(
            late[0]
                .causes
                .iter()
                .any(|cause| cause.name() == "ring-ignored")
        );
    }
}

#[test]
fn one_that_was_sent_on_and_comes_nowhere_is_told_after_it_has_gone() {
    let mut story = Story::new();
    story
        .c("VER 1 MSNP10 CVR0\r\n")
        .s("VER 1 MSNP10 CVR0\r\n")
        .c("CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.2 MSMSGS me@local\r\n")
        .s("CVR 2 1 2 3 4 5\r\n")
        .c("USR 3 TWN I me@local\r\n")
        .s("XFR 3 NS 10.9.8.7:1863 0 10.0.0.7:1863\r\n")
        .bye("sent on to the notification server (XFR NS)");
    let mut came = said(&mut story, 60);
    assert_eq!(firsts(&came), [("XFR NS", "referral-elsewhere")]);
    story.connect(2);
    came = said(&mut story, 1);
    assert!(came.iter().all(|stall| stall.name != "XFR NS"));
}

#[test]
fn a_message_that_asks_for_a_receipt_is_told_where_it_has_none() {
    let mut story = Story::article();
    spoken(&mut story, Direction::In, "MSG 3 A 5\r\nhello");
    spoken(&mut story, Direction::In, "MSG 4 U 5\r\nhello");
    assert_eq!(firsts(&said(&mut story, 10)), [("MSG", "receipt-missing")]);
    spoken(&mut story, Direction::Out, "ACK 3\r\n");
    assert!(said(&mut story, 10).is_empty());
    spoken(&mut story, Direction::In, "MSG 5 D 5\r\nhello");
    spoken(&mut story, Direction::Out, "NAK 5\r\n");
    assert_eq!(firsts(&said(&mut story, 0)), [("MSG", "receipt-refused")]);
}

#[test]
fn who_is_given_tokens_and_never_comes_to_the_notification_port_is_told_once() {
    let mut story = Story::new();
    // Whoever is there is not missed.
    story.http("login", 200, LOGIN, false);
    let mut ladders = fold(&story);
    assert!(ladders.nobody_came(story.wait(600)).is_empty());
    story.bye("the client closed the connection");
    story.http("login", 200, LOGIN, false);
    let mut ladders = fold(&story);
    assert!(ladders.nobody_came(story.wait(1)).is_empty());
    let told = ladders.nobody_came(story.wait(60));
    assert_eq!(told.len(), 1);
    assert!(told[0].client.is_none() && told[0].finding.severity == Severity::Warning);
    assert!(ladders.nobody_came(story.wait(60)).is_empty());
    // One that comes in time is not.
    story.connect(2);
    let mut ladders = fold(&story);
    assert!(ladders.nobody_came(story.wait(600)).is_empty());
}

#[test]
fn a_client_that_is_online_and_whose_connection_breaks_is_told_of_and_one_that_closes_is_not() {
    for (reason, said) in [
        (
            "the connection broke: Connection reset by peer",
            Some("reset"),
        ),
        ("the client closed the connection", None),
    ] {
        let mut story = Story::article();
        story.wait(30);
        story.bye(reason);
        let stalls = fold(&story).tick(story.now());
        assert_eq!(stalls.first().and_then(|stall| stall.first()), said);
    }
}

#[test]
fn an_answer_to_a_call_at_the_wrong_port_is_that_of_the_client_that_was_called() {
    let mut story = Story::article();
    story.s("RNG 1 10.0.0.7:1864 CKI 1.2.3 busy@local Somebody\r\n");
    story.connect(2);
    story.c("ANS 1 me@local 1.2.3 1\r\n");
    let told = Finding::new(FindingId::WrongStage, "ANS", "ANS is of the switchboard");
    let mut ladders = fold(&story);
    ladders.note(&told, Some(ClientId(2)), None, story.now());
    let mut stalls = ladders.said();
    stalls.extend(ladders.tick(story.wait(60)));
    let said = firsts(&stalls);
    assert!(said.contains(&("ANS", "wrong-stage")), "{said:?}");
    assert!(said.iter().all(|(step, _)| *step != "RNG"), "{said:?}");
}
