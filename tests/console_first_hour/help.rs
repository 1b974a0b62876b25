//! The help: how it is searched, and which keys it offers where.

use super::support::*;
use super::{command, opened};
use nudge::command::Pane;

#[test]
fn a_long_line_of_the_log_and_of_the_help_can_be_read_whole() {
    let mut desk = desk();
    desk.state.size = (80, 24);
    command(&mut desk, "help undo");
    let screen = desk.screen();
    let read = screen.replace(['│', '┃', '\n'], " ");
    let read = read.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = "all that it added, removed and changed is taken back in one step.";
    assert!(read.contains(whole), "{screen}");
    desk.keys("esc 2 ?");
    let help = desk.screen();
    assert!(!help.contains("changed and sent…"), "{help}");
    assert!(help.contains("Loads the line into the injector"), "{help}");
}

#[test]
fn a_key_that_does_nothing_here_says_where_it_does_something() {
    let mut desk = desk();
    desk.keys("2 b");
    let said = "b does nothing here; it works in the contacts (3 goes there)";
    assert_eq!(desk.message(), said);
    desk.keys("U");
    assert!(desk.message().contains("in the contacts (3 goes there)"));
    desk.keys("1 d");
    assert!(
        desk.message().contains("in the login (7 goes there)"),
        "{}",
        desk.message()
    );
    desk.keys("Q");
    assert_eq!(desk.message(), "Q does nothing; ? shows every key");
    assert!(desk.effects.is_empty());
}

#[test]
fn over_a_recording_only_keys_that_work_are_offered() {
    let mut desk = opened();
    desk.keys("3");
    let screen = desk.screen();
    let hints = screen.lines().last().expect("a line");
    assert!(
        !hints.contains("edit") && !hints.contains("busy"),
        "{hints}"
    );
    desk.keys("E");
    assert!(desk.state.overlay.is_none());
    assert!(desk.message().contains("this is a recording"));
    // A pane is not named to which it would be gone in vain.
    desk.keys("2 b");
    let said = "b does nothing here: this is a recording";
    assert!(desk.message().starts_with(said), "{}", desk.message());
}

#[test]
fn a_search_in_the_help_names_the_pane_and_shows_one_row_for_one_thing() {
    let mut desk = desk();
    desk.keys("?");
    desk.text("/stops the program");
    let screen = desk.screen();
    assert_eq!(screen.matches("Stops the program").count(), 1, "{screen}");
    desk.keys("esc");
    desk.text("/hexadecimal");
    let screen = desk.screen();
    let found = screen
        .find("Shows the bytes in hexadecimal")
        .expect("found");
    let pane = screen.find("  transcript").expect("its pane");
    assert!(pane < found, "{screen}");
}

#[test]
fn the_help_is_searched_in_the_words_of_those_who_use_it() {
    for (word, found) in [
        ("pause", "Plays the recording from where it is held"),
        ("wrap", "Unfolds or folds the payload"),
        ("avatar", "Asks a client for its picture as a contact"),
        ("picture", "Asks a client for its picture as a contact"),
        ("password", "--show-secrets"),
        ("copy", "Copies the line"),
        ("clipboard", "Copies the line"),
        ("scroll", "A page up"),
        ("quit", "from the top quits"),
        ("exit", "from the top quits"),
        ("chat", "Opens its conversation"),
        ("busy", "Shows contacts as this"),
        ("certificate", "nudge certs show"),
        ("color", "Takes the next theme"),
        ("resend", "Loads the line into the injector"),
        ("delete", "Removes contacts"),
        ("wireshark", "Writes what the filter shows"),
        ("disconnect", "Closes the connections of clients"),
        // A part by its title, whole.
        ("marks", "▶ from a client"),
        // Each of several words, wherever they stand.
        ("change status", "Shows contacts as this"),
    ] {
        for (width, height) in [(80, 24), (120, 36)] {
            let mut desk = Desk::new(width, height);
            signed_in(&mut desk);
            desk.keys("?");
            desk.keys("/");
            desk.text(word);
            let rows: String = nudge_help(&desk);
            assert!(rows.contains(found), "{word}: {rows}");
        }
    }
}

/// All rows of the help, in view or not, without what breaks a text in two.
fn nudge_help(desk: &Desk) -> String {
    use nudge::console::state::Overlay;
    use nudge::console::widget::help;
    let Some(Overlay::Help(open)) = &desk.state.overlay else {
        panic!("no help is open");
    };
    let rows = help::rows(&desk.state, open);
    let text: Vec<String> = rows.iter().map(|row| row.line.to_string()).collect();
    let words: Vec<&str> = text.iter().flat_map(|row| row.split_whitespace()).collect();
    words.join(" ")
}

#[test]
fn a_search_of_the_help_that_finds_nothing_says_so_and_what_to_do() {
    let mut desk = desk();
    desk.keys("? /");
    desk.text("flurbl");
    let screen = desk.screen();
    assert!(screen.contains("nothing here has \"flurbl\""), "{screen}");
    assert!(screen.contains("Try another word"), "{screen}");
    desk.keys("esc");
    let screen = desk.screen();
    assert!(!screen.contains("nothing here has"), "{screen}");
    assert!(screen.contains("Keys: Contacts"), "{screen}");
}

#[test]
fn help_begins_with_how_to_go_from_pane_to_pane() {
    let mut desk = desk();
    desk.state.focus_on(Pane::Contacts);
    desk.keys("?");
    let shown = desk.screen();
    assert!(
        shown.contains("tab 1 8") && shown.contains("to the next pane"),
        "{shown}"
    );
}
