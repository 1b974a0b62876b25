//! Scripts of keys against the real state, with a fake clock.

#[path = "console_support/mod.rs"]
mod support;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use nudge::console::keymap::{CONTEXTS, REGISTRY};
use nudge::console::layout::Pane;
use nudge::console::state::{Effect, History};
use nudge::console::update::{self, Input};
use nudge::control::{Action, Target};
use nudge::event::{ClientId, EventKind, Reply, ReplyData, Severity, Step};
use nudge::msnp::{Direction, Status};
use support::*;

fn desk() -> Desk {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    desk.screen();
    desk
}

fn status(contacts: &[&str], status: Status) -> Action {
    Action::Status {
        contacts: contacts.iter().map(|c| (*c).to_owned()).collect(),
        status,
    }
}

fn ping(desk: &mut Desk, count: usize) {
    for n in 0..count {
        desk.frame(Direction::In, &format!("PNG {n}\r\n"));
    }
}

#[test]
fn a_newcomers_b_makes_the_first_contact_busy_and_shows_the_line_that_went_out() {
    let mut desk = desk();
    assert_eq!(desk.state.focus, Pane::Contacts);
    desk.keys("b");
    assert!(matches!(&desk.effects[0], Effect::Command(c)
        if c.action == status(&["online@local"], Status::Busy)));
    answer(&mut desk);
    let shown = desk.screen();
    assert!(
        shown.contains("NLN BSY online@local 1 Online%20User"),
        "{shown}"
    );
    assert!(shown.contains("■ online@local"), "{shown}");
    assert!(shown.contains("unsaved"));
    assert!(shown.contains("done; 1 client told"));
}

#[test]
fn every_flip_key_is_the_status_that_it_says() {
    for (key, wanted) in [
        ("o", Status::Online),
        ("b", Status::Busy),
        ("i", Status::Idle),
        ("a", Status::Away),
        ("r", Status::BeRightBack),
        ("u", Status::OutToLunch),
        ("p", Status::OnThePhone),
        ("h", Status::Hidden),
        ("x", Status::Offline),
    ] {
        let mut desk = desk();
        desk.keys("down");
        desk.keys(key);
        assert_eq!(desk.actions(), [status(&["busy@local"], wanted)]);
    }
}

#[test]
fn one_key_flips_every_marked_contact() {
    let mut desk = desk();
    desk.keys("space down space a");
    assert_eq!(
        desk.actions(),
        [status(&["online@local", "idle@local"], Status::Away)]
    );
    // The marks stay until they are taken off.
    desk.keys("esc x");
    assert_eq!(desk.actions(), [status(&["away@local"], Status::Offline)]);
    desk.keys("* x");
    let Some(Action::Status { contacts, .. }) = desk.actions().pop() else {
        panic!("a flip")
    };
    assert_eq!(contacts.len(), 9);
}

#[test]
fn a_message_is_edited_from_what_it_was() {
    let mut desk = desk();
    desk.keys("e");
    assert!(desk.screen().contains("psm online@local Gone fishing 日本"));
    desk.keys("backspace backspace");
    desk.text("twice");
    desk.keys("enter");
    assert_eq!(
        desk.actions(),
        [Action::PersonalMessage {
            contacts: vec!["online@local".into()],
            text: "Gone fishing twice".into()
        }]
    );
}

#[test]
fn the_whole_contact_is_edited_and_a_mistake_is_said_and_kept() {
    let mut desk = desk();
    desk.keys("E tab tab tab tab");
    desk.text(" nowhere");
    desk.keys("enter");
    assert!(desk.actions().is_empty());
    assert!(desk.screen().contains("nowhere"));
    assert!(desk.screen().contains("none of forward"));
    desk.keys("ctrl-w");
    desk.text("block");
    desk.keys("tab ctrl-u shift-tab shift-tab shift-tab shift-tab shift-tab home");
    desk.text("New ");
    desk.keys("enter");
    let actions = desk.actions();
    let [Action::Replace(contact)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(contact.account, "online@local");
    assert_eq!(contact.name, "New Online User");
    assert_eq!(
        contact.lists.words().collect::<Vec<_>>(),
        ["forward", "allow", "block", "reverse"]
    );
    assert!(contact.groups.is_empty());
    // A message with line breaks, which a field cannot show, is kept where it is not touched.
    desk.keys("down E enter");
    assert!(desk.actions().is_empty(), "nothing was changed");
    desk.keys("E end");
    desk.text("!");
    desk.keys("enter");
    let actions = desk.actions();
    let [Action::Replace(contact)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(contact.personal.message, "do not\ndisturb");
}

#[test]
fn removing_is_asked_and_undo_takes_a_mistake_back() {
    let mut desk = desk();
    desk.keys("D n");
    assert!(desk.actions().is_empty());
    desk.keys("D j k y");
    assert_eq!(
        desk.actions(),
        [Action::Remove {
            contacts: vec!["online@local".into()]
        }]
    );
    desk.keys("U");
    assert_eq!(desk.actions(), [Action::Undo]);
}

#[test]
fn adding_asks_for_an_account() {
    let mut desk = desk();
    desk.keys("A");
    desk.text("new@local New User");
    desk.keys("enter");
    assert_eq!(
        desk.actions(),
        [Action::Add {
            account: "new@local".into(),
            name: Some("New User".into())
        }]
    );
}

#[test]
fn lines_that_arrive_are_followed_until_the_cursor_goes_up() {
    let mut desk = desk();
    desk.keys("2");
    ping(&mut desk, 3);
    assert_eq!(desk.cursor_row().1, "PNG 2");
    desk.keys("up up");
    let held = desk.cursor_row();
    assert_eq!(held.1, "PNG 0");
    let before = desk.screen();
    ping(&mut desk, 100);
    assert_eq!(
        desk.cursor_row(),
        held,
        "the line under the cursor has moved"
    );
    let after = desk.screen();
    assert!(after.contains("100 new, end follows"), "{after}");
    // No row of the transcript has moved either.
    let column = |screen: &str| -> Vec<String> {
        screen
            .lines()
            .skip(1)
            .take(18)
            .map(|l| l.chars().skip(36).take(60).collect())
            .collect()
    };
    assert_eq!(column(&before), column(&after));
    desk.keys("G");
    assert_eq!(desk.cursor_row().1, "PNG 99");
    assert!(!desk.screen().contains("100 new"));
    ping(&mut desk, 1);
    assert_eq!(desk.cursor_row().1, "PNG 0");
}

#[test]
fn going_down_to_the_newest_line_follows_again() {
    let mut desk = desk();
    desk.keys("2 up");
    assert!(desk.screen().contains("held"));
    desk.keys("down");
    assert!(desk.screen().contains("following"));
}

#[test]
fn filtering_and_resizing_leave_the_line_under_the_cursor() {
    let mut desk = desk();
    ping(&mut desk, 50);
    desk.keys("2 up up up up up");
    let line = desk.cursor_row().1;
    desk.keys("f");
    desk.text("verb:PNG");
    desk.keys("enter");
    assert_eq!(desk.cursor_row().1, line);
    for (width, height) in [(80, 24), (40, 10), (200, 60), (120, 40)] {
        desk.input(Input::Resize(width, height));
        assert_eq!(desk.cursor_row().1, line, "at {width}x{height}");
    }
    desk.keys("F");
    assert_eq!(desk.cursor_row().1, line);
}

#[test]
fn eviction_leaves_the_line_under_the_cursor_as_long_as_it_is_there() {
    let mut desk = Desk::with(120, 40, "dark", nudge::console::theme::Depth::True, 1 << 20);
    signed_in(&mut desk);
    // Half of what the journal holds, then the cursor, then as much as evicts the first half.
    let payload = "x".repeat(900);
    for n in 0..400 {
        desk.frame(Direction::In, &format!("UUX {n} 900\r\n{payload}"));
    }
    desk.keys("2 up up up");
    let held = desk.cursor_row();
    let first = desk.state.journal.first();
    for n in 0.. {
        desk.frame(Direction::In, &format!("UUX {n} 900\r\n{payload}"));
        if n % 50 == 0 {
            assert_eq!(desk.cursor_row(), held);
        }
        if desk.state.journal.first() > first {
            break;
        }
        assert!(n < 5_000, "nothing is evicted");
    }
    assert_eq!(desk.cursor_row(), held);
    assert!(desk.screen().contains("older lines"));
    // When the line itself goes, the cursor is on the oldest that is there.
    for n in 0..3_000 {
        desk.frame(Direction::In, &format!("UUX {n} 900\r\n{payload}"));
    }
    desk.screen();
    assert_eq!(
        desk.state.transcript.cursor,
        Some(desk.state.journal.first())
    );
}

#[test]
fn a_filter_is_judged_while_it_is_typed_and_a_bad_one_changes_nothing() {
    let mut desk = desk();
    desk.keys("f");
    desk.text("verb:IL");
    assert!(desk.screen().contains("ILN"), "completion");
    desk.text("N");
    assert!(desk.screen().contains("7 lines"), "{}", desk.screen());
    desk.keys("enter");
    assert_eq!(desk.state.transcript.matched.count(), 7);
    desk.keys("f ctrl-u");
    desk.text("(verb:ILN");
    desk.keys("enter");
    assert!(desk.message().starts_with("filter: "), "{}", desk.message());
    assert_eq!(
        desk.state.transcript.matched.count(),
        7,
        "the last good one stays"
    );
    assert!(
        desk.screen().contains("(verb:ILN"),
        "what was typed is kept"
    );
    desk.keys("esc");
    desk.keys("F");
    assert!(desk.state.transcript.matched.count() > 20);
}

#[test]
fn the_value_under_the_cursor_is_included_or_excluded_with_one_key() {
    let mut desk = desk();
    ping(&mut desk, 5);
    desk.keys("2 -");
    assert_eq!(desk.state.transcript.filter, "!verb:PNG");
    assert!(!desk.cursor_row().1.starts_with("PNG"));
    desk.keys("F G /");
    desk.text("iln 8 bsy");
    desk.keys("enter right right right +");
    assert_eq!(desk.state.transcript.filter, "contact:busy@local");
    desk.keys("F");
    desk.keys("right left left left left +");
    assert_eq!(desk.state.transcript.filter, "verb:ILN");
    desk.keys("F c");
    assert_eq!(desk.state.transcript.filter, "client:1");
    desk.keys("c");
    assert_eq!(desk.state.transcript.filter, "");
}

#[test]
fn a_search_goes_on_and_back_and_escape_returns_to_where_it_began() {
    let mut desk = desk();
    ping(&mut desk, 3);
    desk.keys("2");
    let start = desk.cursor_row().1;
    desk.keys("\\");
    desk.text("busy");
    assert!(desk.cursor_row().1.contains("busy"), "while it is typed");
    desk.keys("esc");
    assert_eq!(desk.cursor_row().1, start);
    desk.keys("\\");
    desk.text("/^iln .* BSY/i");
    desk.keys("enter");
    assert!(desk.cursor_row().1.starts_with("ILN 8 BSY"));
    desk.keys("/");
    desk.text("ILN");
    desk.keys("enter");
    let first = desk.cursor_row().1;
    desk.keys("n");
    let second = desk.cursor_row().1;
    assert_ne!(first, second);
    desk.keys("N");
    assert_eq!(desk.cursor_row().1, first);
    desk.keys("/");
    desk.text("nowhere to be found");
    assert!(desk.screen().contains("not found"));
    desk.keys("enter");
    assert!(desk.message().contains("not found"));
    // What is found is found in decoded text too.
    desk.keys("/");
    desk.text("On the phone User");
    desk.keys("enter");
    assert!(desk.cursor_row().1.contains("On%20the%20phone"));
}

#[test]
fn marks_and_jumps() {
    let mut desk = desk();
    desk.keys("2 g m G m ' ");
    assert_eq!(
        desk.state.transcript.cursor,
        Some(desk.state.journal.first())
    );
    desk.keys("'");
    assert_eq!(desk.state.transcript.cursor, desk.state.journal.last());
    desk.keys("/");
    desk.text("VER 1 MSNP16 MSNP15");
    desk.keys("enter ]");
    assert_eq!(desk.cursor_row().1, "VER 1 MSNP16 CVR0");
    desk.keys("[");
    assert!(desk.cursor_row().1.starts_with("VER 1 MSNP16 MSNP15"));
    desk.keys("g w");
    assert!(desk.cursor_row().1.contains("unknown-verb"));
    desk.keys("w");
    assert!(desk.message().starts_with("no other warning"));
}

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
        matches!(&actions[..], [Action::Send { checked: false, text, .. }] if text == "NLN BSY")
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
        reason: "the client closed it".into(),
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
fn a_command_is_completed_run_and_remembered() {
    let mut desk = desk();
    desk.keys(":");
    desk.text("sta");
    desk.keys("tab");
    desk.text("busy aw");
    desk.keys("tab enter");
    assert!(matches!(
        &desk.effects[0],
        Effect::Remember(History::Commands, _)
    ));
    assert_eq!(desk.actions(), [status(&["busy"], Status::Away)]);
    desk.keys(": up enter");
    assert_eq!(desk.actions(), [status(&["busy"], Status::Away)]);
    desk.keys(":");
    desk.text("stauts busy away");
    desk.keys("enter");
    assert!(
        desk.message().contains("did you mean"),
        "{}",
        desk.message()
    );
    assert!(desk.actions().is_empty());
}

#[test]
fn an_error_stays_in_the_log() {
    let mut desk = desk();
    desk.keys("U");
    let Some(Effect::Command(command)) = desk.effects.pop() else {
        panic!("a command")
    };
    let reply = Reply {
        command: command.id,
        ok: false,
        text: "there is nothing to undo".into(),
        data: ReplyData::None,
    };
    desk.event(0, 0, EventKind::Reply(Box::new(reply)));
    for n in 0..30 {
        let text = format!("notice {n}");
        desk.event(
            0,
            0,
            EventKind::Notice {
                severity: Severity::Info,
                text,
            },
        );
    }
    desk.keys("6 end");
    assert!(desk.screen().contains("· listening"), "{}", desk.screen());
    desk.keys("home");
    for _ in 0..30 {
        desk.keys("down");
    }
    assert!(desk.screen().contains("✗ there is nothing to undo"));
}

#[test]
fn saving_takes_the_sign_off_and_the_demonstration_writes_nothing() {
    let mut desk = desk();
    desk.keys("b");
    answer(&mut desk);
    assert!(desk.screen().contains("unsaved"));
    desk.keys("ctrl-s");
    let Some(Effect::Command(command)) = desk.effects.pop() else {
        panic!("a command")
    };
    assert_eq!(command.action, Action::Save);
    let reply = Reply {
        command: command.id,
        ok: true,
        text: "saved".into(),
        data: ReplyData::None,
    };
    desk.event(0, 0, EventKind::Reply(Box::new(reply)));
    assert!(!desk.screen().contains("unsaved"));
    desk.state.demo = true;
    desk.keys("ctrl-s");
    assert!(desk.actions().is_empty());
    assert!(desk.message().contains("writes nothing"));
}

#[test]
fn quitting_asks_while_a_client_is_connected_and_ctrl_c_does_not() {
    let mut desk = desk();
    desk.keys("q n");
    assert!(desk.effects.is_empty());
    desk.keys("q y");
    assert!(
        matches!(&desk.effects[..], [Effect::Command(c), Effect::Quit { now: false }] if c.action == Action::Quit)
    );

    let mut desk = self::desk();
    desk.keys("ctrl-c");
    assert!(matches!(
        &desk.effects[..],
        [Effect::Command(_), Effect::Quit { now: false }]
    ));
    desk.effects.clear();
    desk.keys("ctrl-c");
    assert_eq!(desk.effects, [Effect::Quit { now: true }]);

    let mut desk = Desk::new(80, 24);
    started(&mut desk);
    desk.keys("q");
    assert!(
        matches!(desk.effects.last(), Some(Effect::Quit { now: false })),
        "nobody is there to be asked about"
    );
}

#[test]
fn ctrl_c_works_whatever_lies_over_the_panes_or_is_being_typed() {
    for keys in ["?", "E", "D", ":", "f", "/", "I", "q"] {
        let mut desk = desk();
        desk.keys(keys);
        desk.keys("ctrl-c");
        assert!(
            matches!(desk.effects.last(), Some(Effect::Quit { .. })),
            "after {keys}"
        );
    }
}

#[test]
fn stopping_says_first_that_the_service_stops_too() {
    let mut desk = desk();
    desk.keys("ctrl-z");
    assert!(desk.screen().contains("the service with it"));
    desk.keys("n ctrl-z y");
    assert_eq!(desk.effects, [Effect::Suspend]);
    let gap = update::gap(
        nudge::event::Timestamp(desk.now),
        nudge::event::Timestamp(desk.now + 61_000_000),
    );
    desk.input(Input::Event(Box::new(gap)));
    assert!(desk.screen().contains("stopped for 61 s"));
}

#[test]
fn the_focus_goes_round_with_tab_and_by_number() {
    let mut desk = desk();
    for wanted in [Pane::Detail, Pane::Injector] {
        desk.keys("tab");
        assert_eq!(desk.state.focus, wanted);
    }
    desk.keys("esc");
    assert_eq!(desk.state.focus, Pane::Detail);
    for (key, wanted) in [
        ("1", Pane::Clients),
        ("6", Pane::Log),
        ("2", Pane::Transcript),
    ] {
        desk.keys(key);
        assert_eq!(desk.state.focus, wanted);
    }
    desk.keys("shift-tab");
    assert_eq!(desk.state.focus, Pane::Clients);
}

fn mouse(desk: &mut Desk, kind: MouseEventKind, column: u16, row: u16) {
    desk.input(Input::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    }));
}

#[test]
fn the_mouse_selects_scrolls_and_moves_the_lines_between_panes() {
    let left = MouseButton::Left;
    let mut desk = desk();
    mouse(&mut desk, MouseEventKind::Down(left), 5, 23);
    assert_eq!(
        desk.state.contacts.selected().map(|c| c.account.as_str()),
        Some("idle@local")
    );
    mouse(&mut desk, MouseEventKind::Down(left), 60, 3);
    assert_eq!(desk.state.focus, Pane::Transcript);
    let line = desk.cursor_row();
    assert_eq!(line.0, 2);
    mouse(&mut desk, MouseEventKind::ScrollUp, 60, 3);
    assert_eq!(desk.cursor_row().0, 2, "the lines move, the row stays");
    assert_ne!(desk.cursor_row().1, line.1);
    let edge = desk.state.areas().of(Pane::Transcript).expect("shown").x;
    mouse(&mut desk, MouseEventKind::Down(left), edge, 10);
    mouse(&mut desk, MouseEventKind::Drag(left), edge + 6, 10);
    mouse(&mut desk, MouseEventKind::Up(left), edge + 6, 10);
    assert_eq!(
        desk.state.areas().of(Pane::Transcript).expect("shown").x,
        edge + 6
    );
    let bottom = desk
        .state
        .areas()
        .of(Pane::Transcript)
        .expect("shown")
        .bottom()
        - 1;
    mouse(&mut desk, MouseEventKind::Down(left), 80, bottom);
    mouse(&mut desk, MouseEventKind::Drag(left), 80, bottom - 4);
    assert_eq!(
        desk.state
            .areas()
            .of(Pane::Transcript)
            .expect("shown")
            .bottom()
            - 1,
        bottom - 4
    );
    desk.keys("M");
    assert!(desk.effects.contains(&Effect::Mouse(false)));
    assert!(desk.screen().contains("mouse: terminal's"));
}

#[test]
fn what_is_under_the_cursor_is_copied_without_its_secret() {
    let mut desk = desk();
    desk.keys("2 /");
    desk.text("USR 4 TWN");
    desk.keys("enter y");
    let copied = desk.effects.iter().find_map(|e| match e {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(
        copied.as_deref(),
        Some("USR 4 TWN S *** 235411cb78234a468feb6f1bccca43fd\r\n")
    );
}

#[test]
fn everything_in_the_registry_is_in_the_help_overlay() {
    let mut desk = Desk::new(200, 60);
    signed_in(&mut desk);
    desk.keys("?");
    let mut shown = String::new();
    for _ in 0..20 {
        shown.push_str(&desk.screen());
        desk.keys("pgdn");
    }
    for spec in REGISTRY.specs() {
        assert!(
            shown.contains(&spec.usage()),
            "{} is not in the help",
            spec.usage()
        );
        assert!(shown.contains(spec.help), "{}: {}", spec.name, spec.help);
    }
    for context in CONTEXTS {
        for binding in desk.state.keymap.of_context(context) {
            assert!(shown.contains(&binding.name), "{}", binding.name);
        }
    }
    for term in nudge::journal::filter::TERMS {
        assert!(shown.contains(term.help), "{}", term.name);
    }
    desk.keys("?");
    assert!(!desk.screen().contains("Keys: Contacts"));
}

#[test]
fn the_theme_changes_with_a_key_and_says_its_name() {
    let mut desk = desk();
    desk.keys("T");
    assert_eq!(desk.message(), "theme light");
    assert_eq!(desk.state.theme().name, "light");
}

#[test]
fn time_alone_draws_only_while_someone_owes_a_move() {
    let mut desk = desk();
    desk.state.dirty = nudge::console::state::Dirty::Clean;
    desk.input(Input::Tick);
    assert_eq!(desk.state.dirty, nudge::console::state::Dirty::Clean);
    let mut desk = Desk::new(120, 40);
    connecting(&mut desk);
    desk.state.dirty = nudge::console::state::Dirty::Clean;
    desk.input(Input::Tick);
    assert_ne!(desk.state.dirty, nudge::console::state::Dirty::Clean);
    desk.pass(std::time::Duration::from_secs(75));
    assert!(
        desk.screen().contains("the client's move, for 75s"),
        "{}",
        desk.screen()
    );
}
