//! Scripts of keys against the real state, with a fake clock: contacts, commands, panes, quitting.

#[path = "console_support/mod.rs"]
mod support;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use nudge::command::Pane;
use nudge::console::keymap::{REGISTRY, contexts};
use nudge::console::state::{Effect, History};
use nudge::console::update::{self, Input};
use nudge::control::Action;
use nudge::event::{EventKind, Severity};
use nudge::msnp::Status;
use support::*;

fn status(contacts: &[&str], status: Status) -> Action {
    Action::Status {
        contacts: contacts.iter().map(|c| (*c).to_owned()).collect(),
        status,
    }
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
    desk.reply(command.id, false, "there is nothing to undo");
    for n in 0..30 {
        let text = format!("notice {n}");
        desk.event(
            0,
            0,
            EventKind::Notice {
                severity: Severity::Info,
                text: text.into(),
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
    assert_eq!(command.action, Action::Save { side: None });
    desk.reply(command.id, true, "saved");
    assert!(!desk.screen().contains("unsaved"));
    desk.state.demo = true;
    desk.keys("ctrl-s");
    assert!(desk.actions().is_empty());
    assert!(desk.message().contains("saves no roster"));
}

#[test]
fn quitting_asks_while_a_client_is_connected_by_q_and_by_ctrl_c() {
    let mut desk = desk();
    desk.keys("q n");
    assert!(desk.effects.is_empty());
    desk.keys("q y");
    assert!(
        matches!(&desk.effects[..], [Effect::Command(c), Effect::Quit { now: false }] if c.action == Action::Quit)
    );
    assert!(desk.message().contains("One client is told OUT SSD"));

    let mut desk = self::desk();
    desk.keys("ctrl-c");
    assert!(desk.effects.is_empty(), "a reflex ends nothing");
    assert!(desk.screen().contains("One client is connected"));
    desk.keys("ctrl-c");
    assert!(matches!(
        &desk.effects[..],
        [Effect::Command(_), Effect::Quit { now: false }]
    ));
    desk.effects.clear();
    desk.keys("ctrl-c");
    assert_eq!(desk.effects, [Effect::Quit { now: true }]);

    for key in ["q", "ctrl-c"] {
        let mut desk = Desk::new(80, 24);
        started(&mut desk);
        desk.keys(key);
        assert!(
            matches!(desk.effects.last(), Some(Effect::Quit { now: false })),
            "nobody is there to be asked about"
        );
        let mut desk = Desk::new(80, 24);
        started(&mut desk);
        desk.state.unsaved = true;
        desk.keys(key);
        assert!(desk.effects.is_empty());
        assert!(desk.screen().contains("in no file yet"), "{key}");
    }
}

#[test]
fn ctrl_c_cancels_what_lies_over_the_panes_or_is_being_typed() {
    for keys in ["?", "E", "D", "ctrl-z", ": x", "f x", "/ x", "I x"] {
        let mut desk = desk();
        let before = desk.screen();
        desk.keys(keys);
        assert_ne!(before, desk.screen(), "{keys} shows something");
        desk.keys("ctrl-c");
        assert!(desk.effects.is_empty(), "after {keys}");
        assert!(desk.state.overlay.is_none() && desk.state.prompt.is_none());
        assert!(desk.state.injector.is_empty(), "after {keys}");
        // Nothing is left to cancel: now it asks.
        desk.keys("ctrl-c");
        assert!(desk.screen().contains("Quit?"), "after {keys}");
    }
}

#[test]
fn what_ctrl_c_took_from_the_injector_comes_back() {
    let mut desk = desk();
    desk.keys("I P N G ctrl-c");
    assert!(desk.state.injector.is_empty());
    desk.keys("ctrl-p");
    assert_eq!(desk.state.injector.text(), "PNG");
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
    for context in contexts() {
        for binding in desk.state.keymap.of_context(context) {
            assert!(shown.contains(&binding.name), "{}", binding.name);
        }
    }
    for term in nudge::filter::TERMS {
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

#[test]
fn the_help_opens_on_the_pane_in_focus_fits_and_finds() {
    for (size, key, title) in [
        ((80, 24), "3", "Keys: Contacts"),
        ((120, 36), "2", "Keys: Transcript"),
    ] {
        let mut desk = Desk::new(size.0, size.1);
        signed_in(&mut desk);
        desk.keys(key);
        desk.keys("?");
        let screen = desk.screen();
        let first = screen.lines().find(|line| line.contains("Keys: "));
        assert!(first.is_some_and(|line| line.contains(title)), "{screen}");
        assert!(
            screen.contains("▸ Commands"),
            "what is rare is folded: {screen}"
        );
        // A search finds in what is folded too.
        desk.keys("/");
        desk.text("handshake");
        let screen = desk.screen();
        assert!(screen.contains("◇ a TLS handshake"), "{screen}");
        assert!(!screen.contains("Keys: Everywhere"), "{screen}");
        desk.keys("esc");
        assert!(desk.screen().contains(title));
        desk.keys("esc");
        assert!(desk.state.overlay.is_none());
    }
    let mut desk = Desk::new(120, 36);
    signed_in(&mut desk);
    desk.keys("?");
    let screen = desk.screen();
    for mark in [
        "▶ from", "◀ to", "« inj", "~ a", "= what", "◇ a", "⇄ a", "· a", "✓ sig", "⚠ some",
    ] {
        assert!(screen.contains(mark), "{mark}: {screen}");
    }
    // A part is unfolded by its title, and folded again.
    desk.keys("end k k");
    desk.keys("enter");
    assert!(desk.screen().contains("▾ Commands"), "{}", desk.screen());
}

#[test]
fn a_row_of_a_list_is_found_as_it_is_typed() {
    let mut desk = desk();
    desk.keys("3 /");
    desk.text("lun");
    assert!(desk.screen().contains("1 of 1"), "{}", desk.screen());
    let selected = |desk: &Desk| desk.state.contacts.selected().map(|c| c.account.clone());
    assert_eq!(selected(&desk).as_deref(), Some("lunch@local"));
    desk.keys("esc");
    assert_eq!(selected(&desk).as_deref(), Some("online@local"));
    desk.keys("/");
    desk.text("user");
    assert!(desk.screen().contains("1 of 9"), "{}", desk.screen());
    desk.keys("tab tab");
    assert!(desk.screen().contains("3 of 9"), "{}", desk.screen());
    desk.keys("shift-tab enter");
    assert_eq!(selected(&desk).as_deref(), Some("busy@local"));
    desk.keys("/");
    desk.text("nobody");
    assert!(desk.screen().contains("not found"), "{}", desk.screen());
    desk.keys("enter");
    assert_eq!(selected(&desk).as_deref(), Some("busy@local"));
}

#[test]
fn a_search_says_which_of_how_many_and_clear_forgets_the_lines() {
    let mut desk = desk();
    desk.keys("2 /");
    desk.text("ILN");
    assert!(desk.screen().contains(" 1 of 7 "), "{}", desk.screen());
    desk.keys("enter N N");
    assert!(desk.screen().contains("/ILN 6 of 7"), "{}", desk.screen());
    desk.keys("esc :");
    desk.text("clear");
    desk.keys("enter y");
    assert_eq!(desk.state.journal.len(), 0);
    let screen = desk.screen();
    let said = "nothing has happened since it was cleared";
    assert!(screen.contains(said), "{screen}");
    desk.frame(nudge::msnp::Direction::In, "PNG\r\n");
    assert_eq!(desk.cursor_row().1, "PNG");
    desk.keys(":");
    desk.text("contacts");
    desk.keys("enter");
    assert_eq!(desk.state.focus, nudge::command::Pane::Log);
}

#[test]
fn a_hint_can_be_clicked() {
    let mut desk = desk();
    let screen = desk.screen();
    let row = screen.lines().count() - 1;
    let last = screen.lines().last().expect("a line").to_owned();
    let click = |desk: &mut Desk, word: &str| {
        let column = last.find(word).expect("the hint") as u16;
        desk.input(Input::Mouse(crossterm::event::MouseEvent {
            kind: crossterm::event::MouseEventKind::Down(crossterm::event::MouseButton::Left),
            column,
            row: row as u16,
            modifiers: crossterm::event::KeyModifiers::NONE,
        }));
    };
    click(&mut desk, "busy");
    assert!(matches!(
        &desk.actions()[..],
        [nudge::control::Action::Status { .. }]
    ));
    click(&mut desk, "help");
    assert!(desk.screen().contains("Keys: Contacts"));
    desk.keys("esc");
    click(&mut desk, "inject");
    assert_eq!(desk.state.focus, nudge::command::Pane::Injector);
}
