//! The real binary in a real (pseudo-)terminal: what a newcomer does first.

#[path = "common/program.rs"]
mod program;
#[path = "../benches/support/terminal.rs"]
mod terminal;

use rustix::process::{Pid, Signal, kill_process};
use terminal::Terminal;

fn start(cols: u16, rows: u16, arguments: &[&str]) -> Terminal {
    let arguments = [&program::PORTS, arguments].concat();
    Terminal::start(
        env!("CARGO_BIN_EXE_nudge").into(),
        (cols, rows),
        &arguments,
        &[],
    )
}

#[test]
fn a_newcomer_sees_the_sign_in_presses_b_and_the_client_reports_busy() {
    let mut console = start(120, 40, &["--demo=fast"]);
    console.sees("QNG 60");
    console.sees("ABFindAll");
    console.press("b");
    console.sees("NLN BSY online@local 1 Online%20User 1085276192");
    console.sees("online@local → Busy");
    console.press("U");
    console.sees("NLN NLN online@local 1 Online%20User 1085276192");
    console.resize(80, 24);
    // A key pressed in the same moment as a resize waits in crossterm for the next one (it reads signals
    // first, and is told of the key only once); so the new layout, with the contacts on top, comes first.
    console.sees_where("the stacked layout", |screen| {
        screen
            .lines()
            .next()
            .is_some_and(|top| top.contains("Contacts"))
    });
    console.press("a");
    console.sees("NLN AWY online@local");
    // Ctrl-C asks, and a second one ends it.
    console.press("\x03");
    console.sees("Quit?");
    console.press("\x03");
    assert_eq!(console.end(), 0);
    let raw = String::from_utf8_lossy(&console.raw);
    for mode in ["?1049l", "?25h", "?2004l", "?1000l"] {
        assert!(
            raw.contains(&format!("\x1b[{mode}")),
            "{mode} is given back"
        );
    }
}

#[test]
fn what_is_in_a_file_is_not_called_unsaved() {
    for (arguments, key) in [(["--autosave"].as_slice(), ""), (&[], "U")] {
        let mut console = start(120, 40, arguments);
        console.sees("online@local");
        console.press("b");
        console.sees("● unsaved");
        console.press(key);
        console.sees_where("all is in a file", |screen| !screen.contains("● unsaved"));
        // So there is nothing to ask about.
        console.press("q");
        assert_eq!(console.end(), 0);
    }
}

#[test]
fn raw_lines_are_typed_at_the_client() {
    let mut console = start(120, 40, &["--demo=fast"]);
    console.sees("QNG 60");
    console.press("I");
    console.press("NLN IDL busy@local 1 Gone%20fishing 1085276192 %3Cmsnobj%2F%3E");
    console.press("\r");
    console.sees("window shows busy@local: Idle");
    console.press("\x03\x03");
    assert_eq!(console.end(), 0);
}

#[test]
fn what_keeps_it_from_starting_is_said_on_the_terminal_as_it_was() {
    let mut console = start(80, 24, &["--theme", "nonesuch"]);
    let code = console.end();
    let raw = String::from_utf8_lossy(&console.raw);
    assert_eq!(code, 1, "{raw}");
    assert!(
        raw.contains("nonesuch") && !raw.contains("\x1b[?1049h"),
        "{raw}"
    );
}

#[test]
fn a_log_that_would_stand_over_the_screen_is_refused() {
    let mut console = start(80, 24, &["--log", "/dev/stderr"]);
    let code = console.end();
    let raw = String::from_utf8_lossy(&console.raw);
    assert_eq!(code, 1, "{raw}");
    assert!(
        raw.contains("it is a terminal") && !raw.contains("\x1b[?1049h"),
        "{raw}"
    );
}

#[test]
fn without_a_terminal_one_sentence_names_headless() {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_nudge"))
        .arg("--demo")
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1));
    assert!(
        said.contains("--headless") && said.lines().count() == 1,
        "{said}"
    );
}

fn signal(console: &Terminal, signal: Signal) {
    let process = i32::try_from(console.process()).expect("a process id");
    let process = Pid::from_raw(process).expect("a process id");
    kill_process(process, signal).expect("it is there");
}

/// How often the program has entered (`h`) or left (`l`) the alternate screen.
fn screens(console: &Terminal, end: char) -> usize {
    let raw = String::from_utf8_lossy(&console.raw);
    raw.matches(&format!("\x1b[?1049{end}")).count()
}

#[test]
fn sigquit_gives_the_terminal_back() {
    let mut console = start(120, 40, &["--demo=fast"]);
    console.sees("QNG 60");
    signal(&console, Signal::QUIT);
    assert_eq!(console.end(), 0);
    assert_eq!(screens(&console, 'l'), 1);
}

#[test]
fn sigtstp_gives_the_terminal_back_until_it_is_continued() {
    let mut console = start(120, 40, &["--demo=fast"]);
    console.sees("QNG 60");
    signal(&console, Signal::TSTP);
    console.sees_where("the screen of before", |screen| !screen.contains("QNG 60"));
    assert_eq!((screens(&console, 'h'), screens(&console, 'l')), (1, 1));
    signal(&console, Signal::CONT);
    console.sees("QNG 60");
    assert!(screens(&console, 'h') > 1, "it is taken again");
    console.press("b");
    console.sees("online@local → Busy");
    console.quit();
}

#[test]
fn demo_as_a_command_brings_a_client() {
    let mut console = start(120, 40, &[]);
    console.sees("online@local");
    console.press(":demo\r");
    console.sees("signs in as");
    // It takes its remaining steps at once.
    console.press("J");
    console.sees("QNG 60");
    console.quit();
}
