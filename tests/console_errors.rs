//! What is wrong is said whole, at the place where it is wrong; and what is not wrong has no sign of it.

#[path = "console_support/mod.rs"]
mod support;

use nudge::console::state::Overlay;
use nudge::control::Action;
use nudge::event::{EventKind, Finding, FindingId, Severity};
use support::*;

#[test]
fn enter_on_a_wrong_field_of_the_form_goes_to_it_and_says_all_of_what_is_wrong() {
    let mut desk = Desk::new(80, 24);
    signed_in(&mut desk);
    // The fifth field is the lists; what is typed there is no list.
    desk.keys("E tab tab tab tab");
    desk.text(" enemies");
    desk.keys("tab tab tab enter");
    assert_eq!(desk.actions(), [], "nothing is changed");
    let Some(Overlay::Form(form)) = &desk.state.overlay else {
        panic!("the form stays");
    };
    assert_eq!(form.at, 4);
    let shown = desk.screen();
    for words in [
        "\"enemies\" is none of",
        "forward, allow, block,",
        "pending",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // Put right, it is applied.
    desk.keys("ctrl-w");
    desk.text("block");
    desk.keys("enter");
    assert!(matches!(&desk.actions()[..], [Action::Replace(_)]));
    assert!(desk.state.overlay.is_none());
}

#[test]
fn an_error_without_room_on_its_line_is_shown_whole_until_the_next_key() {
    let mut desk = Desk::new(80, 24);
    signed_in(&mut desk);
    desk.keys(":");
    desk.text("status nobody-of-that-name@local somehow-different-from-all-that-there-is");
    desk.keys("enter");
    let (whole, end) = (desk.message(), "hidden, offline");
    assert!(whole.len() > 80 && whole.ends_with(end), "{whole}");
    assert!(desk.screen().contains(end), "{}", desk.screen());
    // The line is in the prompt again, to be mended.
    desk.keys("esc");
    assert!(!desk.screen().contains(end), "{}", desk.screen());
}

#[test]
fn only_a_finding_of_something_wrong_has_the_sign_of_it() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    for (severity, sign) in [
        (Severity::Info, "·"),
        (Severity::Warning, "⚠"),
        (Severity::Error, "⚠"),
    ] {
        let text = format!("a finding that weighs {}", severity.name());
        let finding = Finding {
            severity,
            ..Finding::new(FindingId::UnknownVerb, "", text.clone())
        };
        let before = desk
            .state
            .clients
            .get(nudge::event::ClientId(1))
            .expect("it")
            .findings;
        desk.event(1, 1, EventKind::Finding(Box::new(finding)));
        let shown = desk.screen();
        let mut rows = shown
            .lines()
            .filter(|row| row.contains(&text) && row.contains("unknown-verb"));
        let row = rows.next().unwrap_or_else(|| panic!("{text}: {shown}"));
        assert!(
            row.contains(&format!(" 1 {sign} {}", severity.name())),
            "{row}"
        );
        let after = desk
            .state
            .clients
            .get(nudge::event::ClientId(1))
            .expect("it")
            .findings;
        assert_eq!(after - before, usize::from(severity != Severity::Info));
    }
}

#[test]
fn an_answer_that_has_no_room_beside_the_state_of_things_is_read_whole_until_the_next_key() {
    let mut desk = Desk::new(80, 24);
    signed_in(&mut desk);
    desk.keys("3 a");
    let command = desk.effects.iter().rev().find_map(|effect| match effect {
        nudge::console::state::Effect::Command(command) => Some(command.id),
        _ => None,
    });
    let said = "online@local → Away; online@local is signed in as client 7, and shows this when that one has left";
    desk.reply(command.expect("a command"), true, said);
    // What is beside it stays: the state of things on the last line but one.
    let flat = |desk: &mut Desk| {
        let screen = desk.screen();
        let left = screen.lines().skip(21).take(2);
        let left: Vec<String> = left.map(|row| row.chars().take(70).collect()).collect();
        left.join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat(&mut desk).contains(&words), "{}", desk.screen());
    assert!(desk.screen().contains(" 1 client\n"), "{}", desk.screen());
    // What comes by itself then covers nothing.
    desk.pass(std::time::Duration::from_secs(10));
    let text = format!("a window shows {}", "x".repeat(90));
    let severity = nudge::event::Severity::Info;
    desk.event(
        0,
        0,
        nudge::event::EventKind::Notice {
            severity,
            text: text.into(),
        },
    );
    let screen = desk.screen();
    let rows: Vec<&str> = screen.lines().collect();
    assert!(rows[21].starts_with('└'), "{screen}");
    desk.keys("j");
    assert!(!flat(&mut desk).contains(&words));
}
