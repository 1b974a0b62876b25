//! A recording in the console, in a pseudo-terminal: opened, filtered, followed while it grows.

#[path = "console_support/terminal.rs"]
mod terminal;

use std::path::{Path, PathBuf};
use terminal::{Terminal, assert_given_back, scratch};

/// The recording that is shipped, in a folder of the test's own.
fn golden() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = scratch("golden.nudge");
    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/recordings/messenger-mac-8.0.1.nudge"
    );
    std::fs::copy(shipped, &path).expect("copied");
    (folder, path)
}

#[test]
fn a_recording_is_opened_in_the_same_panes_and_takes_no_command() {
    let (_folder, path) = golden();
    let before = std::fs::read(&path).expect("read");
    let mut terminal = Terminal::open(&path, &[], true);
    terminal.sees(" lines of ");
    terminal.sees("golden.nudge");
    terminal.sees("7 Login");
    terminal.sees("FindMembership");
    // To its first line, and back to the last.
    terminal.press("2g");
    terminal.sees("VER 1 ");
    terminal.press(":undo\r");
    terminal.sees("this is a recording");
    terminal.press("q");
    assert_given_back(&terminal.ends());
    assert_eq!(std::fs::read(&path).expect("read"), before);
}

#[test]
fn a_recording_is_played_as_it_was_and_stepped_back() {
    let (_folder, path) = golden();
    let mut terminal = Terminal::open(&path, &[], true);
    terminal.sees("● online since");
    terminal.press("P");
    terminal.sees("▶ 1×");
    terminal.sees_no_longer("● online since");
    terminal.sees("● online since");
    terminal.press(",");
    terminal.sees("‖ stopped at");
    terminal.press(":rewind\r");
    terminal.sees("the client's move");
    terminal.press("2");
    terminal.sees_no_longer("VER 1 ");
    terminal.press(".");
    terminal.sees("VER 1 ");
    terminal.press("q");
    assert_given_back(&terminal.ends());
}

#[test]
fn a_cut_recording_opens_up_to_the_cut_and_says_where_it_is() {
    let (_folder, path) = golden();
    let whole = std::fs::read(&path).expect("read");
    std::fs::write(&path, &whole[..whole.len() - 3]).expect("written");
    let mut terminal = Terminal::open(&path, &[], true);
    terminal.sees("lines up to the damage: ");
    terminal.press("6");
    terminal.sees("6 Log");
    terminal.press("2g");
    terminal.sees("VER 1 ");
    terminal.press("q");
    assert_given_back(&terminal.ends());
}

#[test]
fn what_is_no_recording_is_refused_before_the_terminal_is_taken() {
    let (_folder, path) = scratch("other.nudge");
    std::fs::write(&path, "something else").expect("written");
    let bytes = Terminal::open(&path, &[], true).ends();
    assert!(bytes.contains("this is no recording of nudge"), "{bytes}");
    assert!(!bytes.contains("\x1b[?1049h"));
}

#[test]
fn a_recording_is_opened_with_a_filter_as_if_it_had_been_typed() {
    let (_folder, path) = golden();
    let mut terminal = Terminal::open(&path, &["--filter", "verb:VER"], true);
    terminal.sees("filter: verb:VER");
    terminal.sees("VER 1 MSNP16 CVR0");
    assert!(!terminal.screen.screen().contents().contains("CVR 2 "));
    // It can be typed over, and taken off.
    terminal.press("f");
    terminal.press("\x15verb:VER,CVR\r");
    terminal.sees("CVR 2 ");
    terminal.press("F");
    terminal.sees("QNG 60");
    terminal.press("q");
    assert_given_back(&terminal.ends());
}

#[test]
fn a_wrong_filter_is_refused_with_its_place_before_the_terminal_is_taken() {
    let (_folder, path) = golden();
    let bytes = Terminal::open(&path, &["--filter", "verb:NLN dirr:out"], true).ends();
    assert!(bytes.contains("no term \"dirr\""), "{bytes}");
    assert!(bytes.contains("(at 10)"), "{bytes}");
    assert!(!bytes.contains("\x1b[?1049h"));
}

#[test]
fn a_recording_that_is_followed_shows_what_is_added_and_says_what_becomes_of_its_file() {
    type End = fn(&Path);
    let ends: [(End, &str); 2] = [
        (
            |path| std::fs::remove_file(path).expect("removed"),
            "was removed or replaced while it was followed",
        ),
        (
            |path| std::fs::write(path, "short").expect("written"),
            "was cut short while it was followed",
        ),
    ];
    for (end, said) in ends {
        let (_folder, path) = golden();
        let whole = std::fs::read(&path).expect("read");
        let some = whole.len() / 2;
        std::fs::write(&path, &whole[..some]).expect("written");
        let mut terminal = Terminal::open(&path, &["--follow"], true);
        terminal.sees("golden.nudge followed");
        assert!(!terminal.screen.screen().contents().contains("QNG 60"));
        add(&path, &whole[some..]);
        terminal.sees("QNG 60");
        terminal.sees("golden.nudge followed");
        end(&path);
        terminal.sees(said);
        terminal.sees_no_longer("golden.nudge followed");
        terminal.press("q");
        assert_given_back(&terminal.ends());
    }
}

/// Writes behind what is in the file.
fn add(path: &Path, bytes: &[u8]) {
    let file = std::fs::OpenOptions::new().append(true).open(path);
    std::io::Write::write_all(&mut file.expect("it is there"), bytes).expect("written");
}
