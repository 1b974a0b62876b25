//! Scripts of keys in the injector: checked and unchecked, templates, loading a line, targets.

#[path = "console_support/mod.rs"]
mod support;

use nudge::command::Pane;
use nudge::console::state::{Effect, History};
use nudge::control::{Action, Target};
use nudge::event::{ClientId, Ending, EventKind, Step};
use support::*;

#[test]
fn a_checked_injection_is_completed_from_the_contact_and_sent_to_the_client() {
    let mut desk = desk();
    desk.keys("down I");
    desk.text("nln");
    desk.keys("tab tab");
    assert_eq!(
        desk.state.injector.text(),
        "NLN BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E"
    );
    assert!(
        desk.screen().contains("✓ 61 bytes with CRLF"),
        "{}",
        desk.screen()
    );
    desk.keys("enter");
    assert!(
        matches!(&desk.effects[0], Effect::Remember(History::Injected, text) if text.starts_with("NLN BSY"))
    );
    assert_eq!(
        desk.actions(),
        [Action::Send {
            to: Target::Clients(vec![ClientId(1)]),
            text: "NLN BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E".into(),
            checked: true
        }]
    );
    assert!(desk.state.injector.is_empty());
    desk.keys("up");
    assert!(desk.state.injector.text().starts_with("NLN BSY"));
}

#[test]
fn what_is_wrong_is_explained_and_not_sent_and_unchecked_sends_it_all_the_same() {
    let mut desk = desk();
    desk.keys("I");
    desk.text("NLN BSY");
    assert!(desk.screen().contains("✗"));
    assert!(
        desk.screen().contains("status: Busy"),
        "it is explained while it is written"
    );
    desk.keys("enter");
    assert!(desk.actions().is_empty());
    assert!(desk.message().starts_with("not sent: "));
    assert_eq!(
        desk.state.injector.text(),
        "NLN BSY",
        "what was typed is kept"
    );
    desk.keys("ctrl-t");
    assert!(desk.screen().contains("UNCHECKED"));
    desk.keys("enter");
    let actions = desk.actions();
    assert!(
        matches!(&actions[..], [Action::Send { checked: false, text, .. }] if text == "NLN BSY\\r\\n")
    );
}

#[test]
fn after_the_first_line_break_comes_the_payload() {
    let mut desk = desk();
    desk.keys("I");
    desk.text("UBX busy@local 1 *");
    desk.keys("alt-enter");
    desk.text("<Data><PSM>hello</PSM><CurrentMedia></CurrentMedia></Data>");
    desk.keys("enter");
    let actions = desk.actions();
    let [
        Action::Send {
            text,
            checked: true,
            ..
        },
    ] = &actions[..]
    else {
        panic!("{actions:?}")
    };
    assert_eq!(
        text,
        "UBX busy@local 1 *\n<Data><PSM>hello</PSM><CurrentMedia></CurrentMedia></Data>"
    );
}

#[test]
fn a_line_of_the_transcript_is_loaded_changed_and_sent_again() {
    let mut desk = desk();
    desk.keys("2 /");
    desk.text("ILN 8 IDL");
    desk.keys("enter L");
    assert_eq!(desk.state.focus, Pane::Injector);
    let text = desk.state.injector.text();
    assert!(text.starts_with("ILN 8 IDL idle@local"), "{text}");
    desk.keys("home delete delete delete");
    desk.text("NLN");
    desk.keys("delete delete enter");
    let actions = desk.actions();
    let [Action::Send { text, .. }] = &actions[..] else {
        panic!("{} {actions:?}", desk.message())
    };
    assert!(text.starts_with("NLN IDL idle@local"), "{text}");
}

#[test]
fn to_whom_it_goes_is_said_and_can_be_changed() {
    let mut desk = desk();
    let mut other = info(Step::Online, desk.now);
    other.id = ClientId(2);
    desk.event(9, 2, EventKind::Client(Box::new(other)));
    desk.keys("I ctrl-g");
    assert!(desk.screen().contains("→ all 2 clients"));
    desk.keys("ctrl-g");
    assert!(desk.screen().contains("→ client 1"));
    desk.keys("esc 1 * I ctrl-g");
    assert!(
        desk.screen().contains("→ clients 1, 2"),
        "{}",
        desk.screen()
    );
    let gone = EventKind::Disconnected {
        service: nudge::event::Service::Notification,
        reason: Ending::Closed,
        bytes_in: 0,
        bytes_out: 0,
    };
    desk.event(1, 1, gone.clone());
    desk.event(9, 2, gone);
    desk.text("QNG 50");
    desk.keys("enter");
    assert!(desk.actions().is_empty());
    assert!(
        desk.message().starts_with("not sent: "),
        "{}",
        desk.message()
    );
}

#[test]
fn several_pasted_frames_are_shown_and_sent_one_by_one() {
    let mut desk = desk();
    desk.keys("I");
    desk.input(nudge::console::update::Input::Paste(
        "NLN BSY busy@local 1 Busy 0 0\r\nUBX busy@local 1 3\r\n<a>\r\nQNG 50\r\n".into(),
    ));
    let screen = desk.screen();
    assert!(screen.contains("✓ 3 frames, 62 bytes"), "{screen}");
    assert!(screen.contains(" 3 QNG 50"), "{screen}");
    desk.keys("enter");
    let sent: Vec<_> = desk
        .actions()
        .into_iter()
        .map(|action| match action {
            Action::Send { text, checked, .. } => (text, checked),
            other => panic!("{other:?}"),
        })
        .collect();
    let wanted = [
        "NLN BSY busy@local 1 Busy 0 0",
        "UBX busy@local 1 3\n<a>",
        "QNG 50",
    ];
    assert_eq!(sent, wanted.map(|text| (text.to_owned(), true)));
    // One that is wrong keeps all of them here.
    desk.input(nudge::console::update::Input::Paste(
        "QNG 50\nNLN BSY\n".into(),
    ));
    desk.keys("enter");
    assert!(desk.actions().is_empty());
    let log: Vec<_> = desk
        .state
        .messages
        .newest_first()
        .map(|m| m.text.clone())
        .collect();
    assert!(
        log.iter()
            .any(|text| text.starts_with("not sent: frame 2 of 2: ")),
        "{log:?}"
    );
}

#[test]
fn clearing_is_taken_back_and_unchecked_shows_the_line_end() {
    let mut desk = desk();
    desk.keys("I");
    desk.text("QNG 50");
    desk.keys("ctrl-u");
    assert!(desk.state.injector.is_empty());
    assert!(
        desk.message().contains("^Z brings it back"),
        "{}",
        desk.message()
    );
    desk.keys("ctrl-z");
    assert_eq!(desk.state.injector.text(), "QNG 50");
    desk.keys("ctrl-t");
    assert_eq!(desk.state.injector.text(), "QNG 50\\r\\n");
    assert!(desk.screen().contains("QNG 50\\r\\n"));
    desk.keys("enter");
    assert!(
        desk.effects
            .contains(&Effect::Remember(History::Unchecked, "QNG 50\\r\\n".into()))
    );
    desk.keys("ctrl-t");
    assert!(desk.state.injector.checked);
    desk.keys("up");
    assert!(
        !desk.state.injector.checked,
        "the history knows how it was sent"
    );
}

#[test]
fn tab_offers_a_list_with_what_each_is() {
    let mut desk = desk();
    desk.keys("I U tab");
    let screen = desk.screen();
    assert!(
        screen.contains("UBX") && screen.contains("· tab"),
        "{screen}"
    );
    desk.keys("tab");
    let first = desk.state.injector.text();
    desk.keys("tab");
    assert_ne!(desk.state.injector.text(), first);
    desk.keys("shift-tab");
    assert_eq!(desk.state.injector.text(), first);
    desk.keys("esc");
    assert_eq!(
        desk.state.focus,
        Pane::Injector,
        "esc closes the list alone"
    );
    assert!(!desk.screen().contains("· tab"));
}

#[test]
fn tab_goes_on_from_an_injector_in_which_nothing_is_typed() {
    let mut desk = desk();
    desk.keys("I");
    let mut gone_through = vec![desk.state.focus];
    for _ in 1..Pane::TABLE.len() {
        desk.keys("tab");
        gone_through.push(desk.state.focus);
    }
    gone_through.sort();
    assert!(gone_through.iter().copied().eq(Pane::all()));
    assert!(desk.state.injector.is_empty());
}

#[test]
fn while_a_line_is_written_the_frame_at_hand_is_in_view_at_every_size_of_several_panes() {
    for (width, height) in [(80, 24), (100, 30), (100, 44), (120, 30)] {
        let mut desk = Desk::new(width, height);
        signed_in(&mut desk);
        desk.keys("2 /");
        desk.text("ILN 8 BSY");
        desk.keys("enter I");
        let screen = desk.screen();
        assert!(screen.contains("4 Detail"), "{screen}");
        assert!(screen.contains("status: Busy"), "it is explained: {screen}");
        desk.text("NLN IDL");
        let screen = desk.screen();
        assert!(screen.contains("status: Idle"), "{screen}");
        // In the transcript it is cut where there is no room for it.
        let whole = "ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E";
        let held: String = screen
            .lines()
            .skip_while(|row| !row.contains("4 Detail"))
            .collect();
        assert!(held.contains(whole), "{width}x{height}: {screen}");
        assert!(
            screen.contains("7 Login"),
            "who waits is seen too: {screen}"
        );
        // With its payload, as far as there is room for that.
        desk.keys("esc 2 down I");
        let screen = desk.screen();
        let rows = screen.lines().skip_while(|row| !row.contains("4 Detail"));
        let held: String = rows.collect();
        let frame = "▸ UBX busy@local 1 67 ▸ <Data><PSM>do not";
        assert!(held.contains(frame), "{screen}");
    }
}

#[test]
fn what_is_wrong_for_one_of_several_clients_is_said_before_it_goes_out() {
    let mut desk = desk();
    desk.keys("I");
    desk.text("NLN BSY busy@local 1 B 0 0");
    let screen = desk.screen();
    assert!(
        screen.contains("client 1: no msnobj: MSNP16/mac will drop the line"),
        "{screen}"
    );
}

#[test]
fn of_what_was_pasted_with_a_mistake_in_it_a_line_is_seen() {
    let mut desk = Desk::new(120, 36);
    signed_in(&mut desk);
    desk.keys("I");
    desk.input(nudge::console::update::Input::Paste(
        "NLN BSY\nQNG 50\nQNG 51".into(),
    ));
    let screen = desk.screen();
    let editor = screen.lines().rev().take(7).collect::<Vec<_>>().join("\n");
    assert!(editor.contains("✗"), "{screen}");
    assert!(
        editor.contains("QNG 50") && editor.contains("QNG 51"),
        "{screen}"
    );
}
