//! What is found while the console runs: the ladder in its pane, and what the rules find as lines.

#[path = "console_support/mod.rs"]
mod support;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use nudge::command::Pane;
use nudge::console::update::Input;
use nudge::event::{EventKind, Hello, Service, TlsHandshake};
use nudge::msnp::Direction;
use std::time::Duration;
use support::*;

fn messages_with(desk: &Desk, text: &str) -> usize {
    desk.state
        .messages
        .newest_first()
        .filter(|message| message.text.contains(text))
        .count()
}

#[test]
fn a_client_that_goes_no_further_is_said_once_and_its_causes_stand_in_the_pane() {
    let mut desk = Desk::new(120, 50);
    connecting(&mut desk);
    for _ in 0..40 {
        desk.pass(Duration::from_secs(1));
        desk.input(Input::Tick);
    }
    assert_eq!(messages_with(&desk, "client 1: nothing came for"), 1);
    desk.keys("7 Z");
    let shown = desk.screen();
    assert!(shown.contains("▸ the client's move, for 40s"), "{shown}");
    let (first, second) = (shown.find("1. "), shown.find("2. "));
    assert!(first.is_some() && first < second, "{shown}");
    assert!(shown.contains("→ "), "{shown}");
    // The stall is a line of the journal, which leads to the line after which nothing came.
    desk.keys("Z 2 f");
    desk.text("finding:stalled");
    desk.keys("enter");
    assert!(desk.cursor_row().1.contains("stalled"), "{}", desk.screen());
    desk.keys("F v");
    assert!(!desk.cursor_row().1.contains("stalled"));
}

#[test]
fn enter_on_a_step_goes_to_the_line_that_it_came_from() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.keys("7 home down enter");
    assert_eq!(desk.state.focus, Pane::Transcript);
    assert!(
        desk.cursor_row().1.starts_with("VER 1 MSNP16"),
        "{}",
        desk.screen()
    );
    // A step that has not come has no line.
    desk.keys("7 end enter");
    assert_eq!(desk.state.focus, Pane::Login);
    assert_eq!(desk.message(), "nothing has come of this step");
    // One that the filter hides is not jumped over in silence.
    desk.keys("f");
    desk.text("verb:ILN");
    desk.keys("enter 7 home down enter");
    assert!(desk.message().starts_with("the filter hides that line"));
}

#[test]
fn a_click_on_a_step_goes_there_too() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    let shown = desk.screen();
    let row = shown
        .lines()
        .position(|line| line.contains("✓ ABFindAll"))
        .expect("it is shown");
    desk.input(Input::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 4,
        row: row as u16,
        modifiers: KeyModifiers::NONE,
    }));
    assert!(
        desk.cursor_row().1.contains("ABFindAll"),
        "{:?}",
        desk.cursor_row()
    );
}

#[test]
fn what_a_rule_finds_is_a_line_is_counted_and_leads_to_its_evidence() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    let of = |desk: &Desk| {
        let (_, client) = desk.state.clients.selected().expect("a client");
        client.findings
    };
    let before = of(&desk);
    // A command too many arguments long, twice within a minute: told once.
    desk.frame(Direction::In, "BLP 30 AL BL BL\r\n");
    desk.frame(Direction::In, "BLP 31 AL BL BL\r\n");
    assert_eq!(of(&desk), before + 1);
    desk.keys("2 f");
    desk.text("finding:wrong-count severity:warning");
    desk.keys("enter");
    assert!(
        desk.cursor_row().1.contains("wrong-count"),
        "{}",
        desk.screen()
    );
    assert_eq!(desk.state.transcript.matched.count(), 1);
    desk.keys("F g w w");
    assert!(desk.cursor_row().1.contains("wrong-count"));
    // Its bytes are those of the line that shows it.
    desk.keys("x");
    assert!(
        desk.screen().contains("42 4c 50 20 33 30"),
        "{}",
        desk.screen()
    );
    desk.keys("x v");
    assert!(desk.cursor_row().1.starts_with("BLP 30"));
    desk.keys("v");
    assert!(desk.message().contains("no finding"), "{}", desk.message());
    desk.keys("w");
    assert!(desk.cursor_row().1.contains("wrong-count"));
}

#[test]
fn an_answer_that_never_comes_is_found_by_time_alone() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.frame(Direction::In, "URL 40 INBOX\r\n");
    desk.pass(Duration::from_secs(30));
    desk.input(Input::Tick);
    desk.keys("2 f");
    desk.text("finding:transaction-unanswered");
    desk.keys("enter");
    assert!(
        desk.cursor_row().1.contains("unanswered"),
        "{}",
        desk.screen()
    );
}

#[test]
fn the_login_is_drawn_as_a_sequence_whose_messages_lead_to_their_lines() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.keys("7 d");
    assert!(desk.screen().contains("── ZAP 17"), "the newest is in view");
    desk.keys("home");
    let shown = desk.screen();
    for lane in ["client", "notification", "Passport", "SOAP"] {
        assert!(shown.contains(lane), "{shown}");
    }
    let arrow = shown.lines().find(|line| line.contains("── VER 1 MSNP16"));
    assert!(arrow.is_some_and(|line| line.contains("▶│")), "{shown}");
    insta::assert_snapshot!("sequence_120x40", desk.screen());
    desk.keys("enter");
    assert_eq!(desk.state.focus, Pane::Transcript);
    assert!(desk.cursor_row().1.starts_with("VER 1 MSNP16"));
    assert!(!desk.state.zoom && desk.state.diagram.is_none());
    // A key leads back to the steps, and so does going back.
    for out in ["d", "esc"] {
        desk.keys("7 d");
        assert!(desk.screen().contains("notification"));
        desk.keys(out);
        assert!(!desk.state.zoom && desk.state.diagram.is_none(), "{out}");
    }
    // A click on a message goes to its line.
    desk.keys("d home");
    let row = desk
        .screen()
        .lines()
        .position(|line| line.contains("── CVR 2"));
    let row = row.expect("a message") as u16;
    desk.input(Input::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 30,
        row,
        modifiers: KeyModifiers::NONE,
    }));
    assert!(
        desk.cursor_row().1.starts_with("CVR 2"),
        "{}",
        desk.screen()
    );
    // Without a client there is a sentence, and at any size no panic.
    let mut desk = Desk::new(40, 10);
    desk.keys("7 d");
    assert!(
        desk.screen().contains("When a client connects"),
        "{}",
        desk.screen()
    );
    signed_in(&mut desk);
    for (width, height) in [(1, 1), (40, 10), (80, 24), (300, 90)] {
        desk.state.size = (width, height);
        desk.screen();
    }
}

#[test]
fn the_detail_of_a_step_says_when_how_long_after_the_one_before_and_which_line() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.keys("7 home down");
    let shown = desk.screen();
    for expected in [
        "VER              ✓ done",
        "what             MSNP16",
        "expected         VER with the dialects it speaks",
        "when             ",
        " after the step before it",
        "its line         VER 1 MSNP16",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn the_operator_sets_the_patience_and_a_bad_value_is_refused_with_a_sentence() {
    let mut desk = Desk::new(120, 40);
    connecting(&mut desk);
    let command = |desk: &mut Desk, line: &str| {
        desk.keys(":");
        desk.text(line);
        desk.keys("enter");
    };
    command(&mut desk, "patience 0");
    assert!(
        desk.message()
            .contains("is not how many times the usual, from 0.01 to 10000"),
        "{}",
        desk.message()
    );
    desk.keys("esc");
    command(&mut desk, "patience 10");
    assert_eq!(
        desk.message(),
        "a stall is said after 10 times the usual wait; what was told before stays told"
    );
    for _ in 0..40 {
        desk.pass(Duration::from_secs(1));
        desk.input(Input::Tick);
    }
    assert_eq!(messages_with(&desk, "nothing came for"), 0);
    command(&mut desk, "patience 1");
    desk.input(Input::Tick);
    assert_eq!(messages_with(&desk, "nothing came for"), 1);
}

#[test]
fn what_the_service_finds_leads_to_the_line_that_shows_it_and_is_explained() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.keys("2 f");
    desk.text("finding:unknown-verb");
    desk.keys("enter");
    let shown = desk.screen();
    assert!(shown.contains("shown by         ZAP 17"), "{shown}");
    assert!(
        shown.contains("what it means    The protocol has no such verb"),
        "{shown}"
    );
    desk.keys("F v");
    assert!(
        desk.cursor_row().1.starts_with("ZAP 17"),
        "{}",
        desk.screen()
    );
}

#[test]
fn a_handshake_that_may_be_of_either_of_two_clients_says_1_or_2() {
    let mut desk = Desk::new(120, 50);
    connecting(&mut desk);
    let address = |port: u16| ([127, 0, 0, 1], port).into();
    let connected = |service, port, local| EventKind::Connected {
        service,
        peer: address(port),
        local: address(local),
    };
    desk.event(9, 2, connected(Service::Notification, 50500, 1863));
    for (direction, text) in [
        (Direction::In, "USR 3 TWN I you@local\r\n"),
        (Direction::Out, "USR 3 TWN S fake=1\r\n"),
    ] {
        desk.event(9, 2, frame(direction, text, false));
    }
    // Another connection for which it is the time of both.
    desk.event(10, 0, connected(Service::Https, 50501, 443));
    let handshake = TlsHandshake {
        version: Some("TLSv1".into()),
        cipher: None,
        sni: None,
        hello: Some(Hello::Sslv2),
        duration: Duration::from_millis(9),
        failure: None,
    };
    desk.event(10, 0, EventKind::Tls(Box::new(handshake)));
    desk.keys("1 home down down 7 Z");
    let shown = desk.screen();
    assert!(shown.contains("of 1 or 2"), "{shown}");
}
