//! What stopped or surprised somebody who had never used the console, each as keys and what is then on the screen.

#[path = "console_first_hour/help.rs"]
mod help;
#[path = "console_support/mod.rs"]
mod support;

use nudge::command::Pane;
use nudge::console::state::Effect;
use nudge::console::update::Input;
use nudge::control::{Action, EVERY_CONTACT};
use nudge::event::{Became, ClientId, ContactChange, Ending, EventKind, Severity, Step};
use nudge::msnp::{Direction, Status};
use std::sync::Arc;
use std::time::Duration;
use support::*;

/// The service answers the last command.
fn reply(desk: &mut Desk, ok: bool, text: &str) {
    let commands = std::mem::take(&mut desk.effects).into_iter().rev();
    let mut ids = commands.filter_map(|effect| match effect {
        Effect::Command(command) => Some(command.id),
        _ => None,
    });
    desk.reply(ids.next().expect("a command"), ok, text);
}

fn notice(desk: &mut Desk, text: &str) {
    let severity = Severity::Info;
    let text = text.to_owned().into();
    desk.event(0, 0, EventKind::Notice { severity, text });
}

fn command(desk: &mut Desk, line: &str) {
    desk.keys(":");
    desk.text(line);
    desk.keys("enter");
}

/// The last line but one of the screen.
fn status_line(desk: &mut Desk) -> String {
    let screen = desk.screen();
    screen.lines().rev().nth(1).expect("a line").to_owned()
}

/// A recording is looked at.
fn opened() -> Desk {
    let mut desk = Desk::new(120, 40);
    desk.state.open("a.nudge".into());
    signed_in(&mut desk);
    desk
}

#[test]
fn a_line_that_is_loaded_puts_what_was_being_typed_into_the_history() {
    let mut desk = desk();
    desk.keys("I");
    desk.text("my draft");
    desk.keys("esc 2 g");
    while !desk.cursor_row().1.contains("VER 1 MSNP16 CVR0") {
        desk.keys("down");
    }
    desk.keys("L");
    assert!(desk.state.injector.text().starts_with("VER 1 MSNP16 CVR0"));
    assert!(desk.message().contains("brings back"), "{}", desk.message());
    desk.keys("ctrl-p");
    assert_eq!(desk.state.injector.text(), "my draft");
}

#[test]
fn quit_and_its_short_name_ask_as_the_key_does() {
    for line in ["quit", "q"] {
        let mut desk = desk();
        command(&mut desk, line);
        assert!(desk.actions().is_empty(), "{line}");
        let screen = desk.screen();
        assert!(screen.contains("Quit? One client is connected"), "{screen}");
        desk.keys("y");
        assert_eq!(desk.actions(), [Action::Quit]);
    }
    let mut desk = desk();
    command(&mut desk, "w");
    assert_eq!(desk.actions(), [Action::Save { side: None }]);
}

#[test]
fn what_takes_all_away_is_asked_before_it_is_done() {
    let mut desk = desk();
    command(&mut desk, "remove all");
    assert!(desk.actions().is_empty());
    let screen = desk.screen();
    assert!(screen.contains("Remove all 9 contacts?"), "{screen}");
    assert!(screen.contains("`undo` brings them back."), "{screen}");
    desk.keys("n");
    assert!(desk.actions().is_empty());
    command(&mut desk, "remove all");
    desk.keys("y");
    let contacts = vec![EVERY_CONTACT.to_owned()];
    assert_eq!(desk.actions(), [Action::Remove { contacts }]);

    let lines = desk.state.journal.len();
    command(&mut desk, "clear");
    let question = format!("Forget the {lines} lines of the transcript?");
    assert!(desk.screen().contains(&question), "{}", desk.screen());
    desk.keys("n");
    assert_eq!(desk.state.journal.len(), lines);
    command(&mut desk, "clear");
    desk.keys("y");
    assert_eq!(desk.state.journal.len(), 0);
}

#[test]
fn a_question_names_whom_it_is_about_and_all_its_answers_are_on_the_screen() {
    let mut desk = desk();
    desk.keys("D");
    let screen = desk.screen();
    assert!(screen.contains("Remove online@local?"), "{screen}");
    assert!(screen.contains("`undo` brings it back."), "{screen}");
    desk.keys("n 1 K");
    let screen = desk.screen();
    let question = "Close the connection of client 1, me@local?";
    assert!(screen.contains(question), "{screen}");
    desk.state.size = (60, 16);
    desk.keys("n ctrl-c");
    let screen = desk.screen();
    assert!(screen.contains("^C quits at once"), "{screen}");
}

#[test]
fn a_form_with_something_typed_into_it_is_not_left_without_a_word() {
    for leaves in ["esc", "ctrl-c"] {
        let mut desk = desk();
        desk.keys("E");
        desk.text(" anew");
        desk.keys(leaves);
        let screen = desk.screen();
        assert!(
            screen.contains("Let go of what you typed about"),
            "{screen}"
        );
        desk.keys("n");
        assert!(desk.screen().contains("Online User anew"), "{leaves}");
        desk.keys(leaves);
        desk.keys(if leaves == "esc" { "y" } else { leaves });
        assert!(desk.state.overlay.is_none(), "{leaves}");
        assert!(desk.actions().is_empty());
        // Nothing was typed: there is nothing to ask.
        desk.keys("E");
        desk.keys(leaves);
        assert!(desk.state.overlay.is_none(), "{leaves}");
    }
}

#[test]
fn the_form_says_that_it_is_of_one_contact_whatever_is_marked() {
    let mut desk = desk();
    desk.keys("space down space down E");
    let screen = desk.screen();
    assert!(screen.contains("alone, not the 2 marked"), "{screen}");
}

#[test]
fn unsaved_is_what_differs_from_the_files() {
    let mut desk = desk();
    desk.keys("b");
    answer(&mut desk);
    assert!(desk.screen().contains("● unsaved"));
    // A file was written by itself, or all was taken back: the service says so.
    desk.input(Input::Unsaved(false));
    assert!(!desk.screen().contains("● unsaved"));
    desk.input(Input::Unsaved(true));
    assert!(desk.screen().contains("● unsaved"));
    // Who is asked learns how it is saved.
    desk.keys("q");
    let screen = desk.screen();
    assert!(screen.contains("No, and then ^S, writes them."), "{screen}");
}

#[test]
fn a_number_that_is_no_transaction_id_is_filtered_as_a_text() {
    let mut desk = desk();
    desk.frame(Direction::Out, "QNG 60\r\n");
    desk.screen();
    desk.keys("2 end right +");
    assert_eq!(desk.state.transcript.filter, "\"60\"");
    // Of a line that has one it is the id.
    desk.keys("F");
    desk.frame(Direction::In, "CHG 61 BSY 0\r\n");
    desk.screen();
    desk.keys("end +");
    assert_eq!(desk.state.transcript.filter, "trid:61");
}

#[test]
fn what_is_listed_is_opened() {
    for line in ["conversations", "clients", "contacts", "help send"] {
        for size in [(120, 40), (80, 24), (40, 12)] {
            let mut desk = desk();
            desk.state.size = size;
            command(&mut desk, line);
            assert_eq!(desk.state.focus, Pane::Log, "{line}");
            assert!(desk.state.areas().of(Pane::Log).is_some(), "{line}");
        }
    }
}

#[test]
fn the_log_gives_the_place_of_the_detail_back() {
    let mut desk = desk();
    desk.keys("6");
    assert!(desk.state.areas().of(Pane::Detail).is_none());
    desk.keys("esc");
    assert_eq!(desk.state.focus, Pane::Contacts);
    assert!(desk.state.areas().of(Pane::Detail).is_some());
    desk.keys("6 2");
    assert!(desk.state.areas().of(Pane::Detail).is_some());
}

#[test]
fn a_refusal_has_the_same_reasons_before_and_after_enter_and_they_can_be_read_whole() {
    let mut desk = desk();
    desk.state.size = (80, 24);
    desk.keys("I");
    desk.text("ILN 8 XXX busy@local 1 Busy 1085276192");
    let flat = |screen: String| {
        let words = screen.replace(['│', '┃', '\n'], " ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let typed = flat(desk.screen());
    desk.keys("enter");
    let said = desk.message();
    let reasons = said
        .strip_prefix("not sent: ")
        .expect("a refusal")
        .to_owned();
    assert!(
        reasons.contains("too few") && reasons.contains("XXX is not a status"),
        "{said}"
    );
    assert!(typed.contains(&reasons), "{typed}\n{reasons}");
    // And at the value itself, where there is room for the explanation.
    desk.state.size = (120, 40);
    assert!(desk.screen().contains("status: ✗"), "{}", desk.screen());
}

#[test]
fn taking_the_filter_off_says_so() {
    let mut desk = desk();
    desk.keys("2");
    command(&mut desk, "filter verb:NLN");
    assert!(
        desk.screen().contains("filter: verb:NLN · "),
        "{}",
        desk.screen()
    );
    desk.keys("F");
    assert_eq!(desk.message(), "no filter: every line is shown");
}

#[test]
fn what_the_service_answers_is_not_overwritten_at_once_by_what_comes_by_itself() {
    let mut desk = desk();
    desk.keys("D y");
    reply(
        &mut desk,
        true,
        "online@local removed; `undo` brings it back",
    );
    notice(
        &mut desk,
        "the built-in client's window shows online@local: Offline",
    );
    let line = status_line(&mut desk);
    assert!(line.contains("online@local removed"), "{line}");
    desk.pass(Duration::from_secs(5));
    desk.input(Input::Tick);
    let line = status_line(&mut desk);
    assert!(line.contains("the built-in client's window"), "{line}");
}

#[test]
fn several_frames_are_answered_by_one_sentence_about_all_of_them() {
    let mut desk = desk();
    desk.keys("I");
    desk.input(Input::Paste("QNG 50\nQNG 60\nQNG 7".into()));
    desk.keys("enter");
    let commands: Vec<_> = desk
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Command(command) => Some(command.id),
            _ => None,
        })
        .collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        desk.reply(command, true, "8 bytes to client 1");
    }
    assert_eq!(desk.message(), "3 frames, 23 bytes, to client 1");
    let about = |m: &&nudge::console::panes::log::state::Message| m.text.contains("bytes");
    assert_eq!(desk.state.messages.newest_first().filter(about).count(), 1);
}

#[test]
fn clearing_a_prompt_that_a_key_filled_clears_the_argument_first() {
    let mut desk = desk();
    desk.keys("e ctrl-u");
    desk.text("same");
    assert!(
        desk.screen().contains(":psm online@local same"),
        "{}",
        desk.screen()
    );
    desk.keys("ctrl-u ctrl-u");
    let prompt = desk.state.prompt.as_ref().expect("a prompt");
    assert_eq!(prompt.edit.text(), "");
}

#[test]
fn a_line_that_is_refused_is_there_again_to_be_mended() {
    let mut desk = desk();
    command(&mut desk, "status online@local bsuy");
    assert!(desk.actions().is_empty());
    let prompt = desk.state.prompt.as_ref().expect("the prompt");
    assert_eq!(prompt.edit.text(), "status online@local bsuy");
    desk.keys("esc");
    // By the service, too.
    command(&mut desk, "add online@local");
    reply(&mut desk, false, "online@local is there already");
    let prompt = desk.state.prompt.as_ref().expect("the prompt");
    assert_eq!(prompt.edit.text(), "add online@local");
    assert!(
        desk.screen().contains("is there already"),
        "{}",
        desk.screen()
    );
    desk.keys("esc");
    // Not where something else was done meanwhile.
    command(&mut desk, "add busy@local");
    desk.keys("down");
    reply(&mut desk, false, "busy@local is there already");
    assert!(desk.state.prompt.is_none());
}

#[test]
fn what_the_demonstration_does_by_itself_is_marked() {
    let mut desk = desk();
    let contact = desk.state.contacts.get("away@local").expect("it").clone();
    let told = ContactChange {
        change: Became::Drift,
        contact: Arc::clone(&contact),
        by: None,
        told: 1,
    };
    desk.event(0, 0, EventKind::Contact(Box::new(told)));
    let screen = desk.screen();
    assert!(
        screen.contains("away@local (the demo) status: Away; 1 told"),
        "{screen}"
    );
}

#[test]
fn an_orderly_end_is_not_marked_as_what_went_wrong() {
    let mut desk = desk();
    let ends = |reason| EventKind::Disconnected {
        service: nudge::event::Service::Notification,
        reason,
        bytes_in: 1,
        bytes_out: 1,
    };
    desk.event(1, 1, ends(Ending::Stopping));
    let screen = desk.screen();
    assert!(screen.contains("× gone: the service is ending"), "{screen}");
    let mut desk = self::desk();
    desk.event(1, 1, ends(Ending::Broke("reset".into())));
    assert!(desk.screen().contains("✗ gone: the connection broke"));
}

#[test]
fn a_contact_that_has_signed_in_for_real_is_shown_as_that_client_and_flipping_it_says_so() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut desk = Desk::new(width, height);
        signed_in(&mut desk);
        desk.keys("3");
        let row = |desk: &mut Desk| {
            let screen = desk.screen();
            let rows = screen.lines().skip_while(|row| !row.contains("3 Contacts"));
            let mut rows = rows.filter(|row| row.contains("busy@local"));
            rows.next().expect("its row").to_owned()
        };
        assert!(
            row(&mut desk).contains("■ busy@local"),
            "{}",
            row(&mut desk)
        );
        let mut real = info(Step::Online, desk.now);
        real.id = ClientId(7);
        real.account = Some("Busy@Local".into());
        real.status = Some(Status::OnThePhone);
        real.name = Some("Real Busy".into());
        real.personal_message = Some("it is me".into());
        desk.event(7, 7, EventKind::Client(Box::new(real)));
        let shown = row(&mut desk);
        assert!(shown.contains("≡◆ busy@local"), "{shown}");
        assert!(shown.contains("On the phone"), "{shown}");
        // The help knows the mark, and the search in the list what is shown.
        desk.keys("? /");
        desk.text("that signed in");
        let screen = desk.screen();
        assert!(screen.contains("≡ a contact that signed in"), "{screen}");
        desk.keys("esc esc / R e a l enter");
        let chosen = desk.state.contacts.selected().expect("one");
        assert_eq!(chosen.account, "busy@local");
        desk.keys("esc 4");
        desk.keys("3");
        let detail = desk.state.contacts.selected().map(|contact| {
            let lines = nudge::console::panes::contacts::detail::of(&desk.state, contact, 70);
            lines
                .iter()
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        });
        let detail = detail.expect("one is selected");
        assert!(detail.contains("◆ On the phone"), "{detail}");
        assert!(
            detail.contains("Real Busy") && detail.contains("it is me"),
            "{detail}"
        );
        assert!(detail.contains("client 7, signed in"), "{detail}");
        assert!(
            detail.contains("Busy, \"Busy User\", when it has left"),
            "{detail}"
        );
        // A flip is kept for later, and what is shown stays.
        desk.keys("a");
        let said = "busy@local → Away; busy@local is signed in as client 7, and shows this when that one has left";
        reply(&mut desk, true, said);
        assert_eq!(desk.message(), said);
        assert!(row(&mut desk).contains("≡◆"), "{}", row(&mut desk));
        let gone = EventKind::Disconnected {
            service: nudge::event::Service::Notification,
            reason: Ending::Closed,
            bytes_in: 0,
            bytes_out: 0,
        };
        desk.event(7, 7, gone);
        let shown = row(&mut desk);
        assert!(shown.contains(" ■ busy@local"), "{shown}");
    }
}

#[test]
fn after_a_search_in_a_list_the_keys_of_the_next_match_rename_nobody() {
    let mut desk = desk();
    desk.state.focus_on(Pane::Contacts);
    desk.keys("/");
    desk.text("user");
    desk.keys("enter");
    let first = desk.state.contacts.row();
    desk.keys("n");
    assert!(desk.state.prompt.is_none(), "no name is asked for");
    assert_eq!(desk.state.contacts.row(), first + 1);
    desk.keys("N");
    assert_eq!(desk.state.contacts.row(), first);
    // Any other key, and it is the name's again.
    desk.keys("down n");
    assert!(desk.state.prompt.is_some());
}

#[test]
fn the_filter_that_the_frames_of_a_conversation_took_the_place_of_comes_back() {
    let mut desk = desk();
    talking(&mut desk);
    desk.keys("f");
    desk.text("!PNG");
    desk.keys("enter 8 ctrl-r");
    assert!(desk.state.transcript.filter.starts_with("conn:"));
    desk.keys("8");
    assert_eq!(desk.state.transcript.filter, "!PNG");
}

#[test]
fn a_contact_that_was_added_here_has_the_cursor() {
    let mut desk = desk();
    desk.state.focus_on(Pane::Contacts);
    command(&mut desk, "add fred@local Fred");
    let contact = Arc::new(nudge::roster::Contact::new("fred@local", None));
    let added = ContactChange {
        change: Became::Added,
        contact,
        by: None,
        told: 1,
    };
    desk.event(0, 0, EventKind::Contact(Box::new(added)));
    let selected = desk.state.contacts.selected().map(|c| c.account.clone());
    assert_eq!(selected.as_deref(), Some("fred@local"));
}

#[test]
fn the_next_problem_is_none_of_the_operators_own_mistakes() {
    let mut desk = desk();
    desk.reply(nudge::event::CommandId(9), false, "there is no client 7");
    desk.state.focus_on(Pane::Transcript);
    desk.keys("g w");
    assert!(
        desk.cursor_row().1.contains("ZAP is no verb"),
        "{:?}",
        desk.cursor_row()
    );
    let at = desk.cursor_row().1;
    desk.keys("w");
    assert_eq!(desk.cursor_row().1, at, "there is no other");
}

#[test]
fn what_is_forgotten_is_not_offered_above() {
    let mut desk = desk();
    command(&mut desk, "clear");
    desk.keys("y");
    notice(&mut desk, "later");
    assert!(!desk.screen().contains("older lines"), "{}", desk.screen());
}

#[test]
fn the_bytes_of_an_exchange_are_those_of_its_request_and_its_answer() {
    let mut desk = desk();
    desk.state.focus_on(Pane::Transcript);
    desk.keys("g");
    while !desk.cursor_row().1.contains("ABFindAll") {
        desk.keys("down");
    }
    desk.keys("x");
    let shown = desk.screen();
    assert!(
        shown.contains("request, ") && shown.contains("answer, "),
        "{shown}"
    );
    assert!(
        !shown.contains("e2 86 92"),
        "no byte of the arrow in its summary: {shown}"
    );
}

#[test]
fn the_detail_is_scrolled_to_what_was_searched_for() {
    for size in [(120, 40), (80, 24)] {
        searched(Desk::new(size.0, size.1));
    }
}

fn searched(mut desk: Desk) {
    signed_in(&mut desk);
    let payload: String = (0..60).map(|n| format!("<row>{n}</row>")).collect();
    let payload = payload + "<needle>here</needle>";
    desk.frame(
        Direction::In,
        &format!("UUX 30 {}\r\n{payload}", payload.len()),
    );
    desk.state.focus_on(Pane::Transcript);
    desk.keys("g /");
    desk.text("<needle>");
    desk.keys("enter");
    if desk.state.size.1 < 30 {
        desk.keys("4");
    }
    assert!(
        desk.screen().contains("<needle>here</needle>"),
        "{}",
        desk.screen()
    );
}

#[test]
fn times_of_day_say_of_where_they_are() {
    let mut desk = desk();
    desk.state.utc_offset = -5 * 3_600;
    desk.state.focus_on(Pane::Transcript);
    desk.keys("t t t");
    assert_eq!(desk.message(), "times of the clock (UTC-05:00)");
}

#[test]
fn the_sequence_of_a_login_is_left_for_its_steps() {
    let mut desk = desk();
    desk.state.focus_on(Pane::Login);
    desk.keys("d");
    assert!(desk.state.diagram.is_some() && desk.state.zoom);
    desk.keys("q");
    assert!(desk.state.diagram.is_none() && !desk.state.zoom);
}
