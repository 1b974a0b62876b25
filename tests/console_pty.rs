//! The console in a pseudo-terminal: what reaches the terminal, and that it is given back as it was.
//!
//! This test program runs itself as the child, with the console and a service of a few lines in it.

#[path = "console_support/mod.rs"]
mod support;

#[path = "console_support/terminal.rs"]
mod terminal;

use nudge::console::terminal::Guard;
use nudge::console::{Options, Outcome, run};
use nudge::control::{Action, Command};
use nudge::event::{
    ClientId, Clock, ConnectionId, EventKind, EventSink, Reply, ReplyData, Service, Step,
};
use nudge::msnp::{Direction, Status};
use portable_pty::CommandBuilder;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{frame, info, roster};
use terminal::pty::size;
use terminal::{PATIENCE, Terminal, assert_given_back, scratch, waits_for};

const ROLE: &str = "NUDGE_CONSOLE_CHILD";
const FILE: &str = "NUDGE_CONSOLE_FILE";
const RECORD: &str = "NUDGE_CONSOLE_RECORD";

/// The child. Without its role it is a test that promises nothing.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    if role == "panic" {
        let _guard = Guard::take(true).expect("a terminal");
        panic!("boom");
    }
    let clock = Clock::start();
    let (sink, stream) = EventSink::new(clock);
    let (commands, received) = tokio::sync::mpsc::unbounded_channel();
    let stop = tokio_util::sync::CancellationToken::new();
    let cancel = stop.clone();
    let lines = if role == "flood" { 20_000 } else { 0 };
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(service(sink, received, cancel, lines));
    });
    let options = Options {
        record: std::env::var_os(RECORD).map(PathBuf::from),
        ..Options::default()
    };
    let service = nudge::console::Service {
        unsaved: tokio::sync::watch::channel(false).1,
        events: stream,
        commands,
        ended: tokio_util::sync::CancellationToken::new(),
    };
    let outcome = run(options, clock, service, stop).expect("it ran");
    let outcome = match outcome {
        Outcome::Quit => "quit",
        Outcome::Stopped => "stopped",
        Outcome::TerminalGone => "gone",
    };
    if let Ok(path) = std::env::var(FILE) {
        std::fs::write(path, outcome).expect("written");
    }
}

async fn service(
    sink: EventSink,
    mut commands: tokio::sync::mpsc::UnboundedReceiver<Command>,
    stop: tokio_util::sync::CancellationToken,
    lines: usize,
) {
    let mut terminated =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("signals");
    // A terminal that goes away ends the console; the signal alone would end the child.
    let _hangup =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).expect("signals");
    let connection = sink.connection(ConnectionId(1), Some(ClientId(1)));
    let peer = "127.0.0.1:50412".parse().expect("an address");
    let local = "127.0.0.1:1863".parse().expect("an address");
    sink.tell(EventKind::Roster(Arc::new(roster())));
    let connected = EventKind::Connected {
        service: Service::Notification,
        peer,
        local,
    };
    connection.tell(connected).await;
    connection
        .tell(EventKind::Client(Box::new(info(
            Step::Online,
            clock_now(&sink),
        ))))
        .await;
    if lines > 0 {
        for n in 0..lines {
            connection
                .tell(frame(
                    Direction::In,
                    &format!("PNG {n} {}\r\n", "x".repeat(300)),
                    false,
                ))
                .await;
        }
        // All but what may still be under way has been taken, however little the terminal reads.
        let path = std::env::var(FILE).expect("a file");
        std::fs::write(path, "taken").expect("written");
    }
    loop {
        let command = tokio::select! {
            command = commands.recv() => command,
            _ = terminated.recv() => { stop.cancel(); continue }
        };
        let Some(command) = command else { return };
        match command.action {
            Action::Quit => return,
            Action::Status { contacts, status } => {
                let line = format!("NLN {} {} 1 x 0\r\n", status.code(), contacts[0]);
                connection.tell(frame(Direction::Out, &line, false)).await;
            }
            _ => {}
        }
        sink.tell(EventKind::Reply(Box::new(Reply {
            command: command.id,
            ok: true,
            text: "it is done".into(),
            data: ReplyData::None,
        })));
    }
}

fn clock_now(sink: &EventSink) -> u64 {
    sink.clock().now().0
}

/// Starts the child. Nothing is read until `read` is called.
fn start(role: &str, file: Option<&Path>, read: bool) -> Terminal {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("a path"));
    command.args(["child", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, role);
    if let Some(file) = file {
        command.env(FILE, file);
    }
    Terminal::spawn(command, read)
}

#[test]
fn a_key_flips_a_contact_and_quitting_gives_the_terminal_back() {
    let (_folder, file) = scratch("outcome");
    let mut terminal = start("plain", Some(&file), true);
    terminal.sees("online@local");
    terminal.sees("1 connected");
    terminal.press("b");
    terminal.sees(&format!("NLN {} online@local", Status::Busy.code()));
    terminal.sees("it is done");
    // A smaller window, and a larger one.
    terminal.master.resize(size(24, 80)).expect("resized");
    terminal.screen.screen_mut().set_size(
        24.try_into().expect("rows"),
        80.try_into().expect("columns"),
    );
    terminal.sees("6 Log  8 Conversation ┘");
    terminal.press("q");
    terminal.sees("Quit?");
    terminal.press("y");
    let bytes = terminal.ends();
    assert_given_back(&bytes);
    assert_eq!(std::fs::read_to_string(file).expect("an outcome"), "quit");
}

#[test]
fn sigterm_gives_the_terminal_back() {
    let (_folder, file) = scratch("outcome");
    let mut terminal = start("plain", Some(&file), true);
    terminal.sees("1 connected");
    terminal.terminate();
    assert_given_back(&terminal.ends());
    assert_eq!(
        std::fs::read_to_string(file).expect("an outcome"),
        "stopped"
    );
}

#[test]
fn sigterm_gives_the_terminal_back_however_large_it_says_that_it_is() {
    let (_folder, file) = scratch("outcome");
    let mut terminal = start("plain", Some(&file), true);
    terminal.sees("1 connected");
    let largest = size(u16::MAX, u16::MAX);
    terminal.master.resize(largest).expect("resized");
    terminal.press("2");
    // The screen is drawn anew, in full.
    let before = terminal.all.len();
    while !String::from_utf8_lossy(&terminal.all[before..]).contains("\x1b[2J") {
        let bytes = terminal.bytes.recv_timeout(PATIENCE).expect("a frame");
        terminal.take(&bytes);
    }
    terminal.terminate();
    terminal.waits();
    assert!(terminal.is_cooked());
    assert_given_back(&terminal.ends());
    waits_for(&file, "stopped");
}

#[test]
fn sigterm_again_and_again_gives_a_terminal_back_that_does_not_read() {
    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/recordings/messenger-mac-8.0.1.nudge"
    );
    let (_folder, path) = scratch("golden.nudge");
    std::fs::copy(shipped, &path).expect("copied");
    let mut terminal = Terminal::open(&path, &[], false);
    terminal.reads_until("golden.nudge");
    assert!(!terminal.is_cooked());
    // A frame for which there is no room: it waits to be taken.
    let largest = size(u16::MAX, u16::MAX);
    terminal.master.resize(largest).expect("resized");
    terminal.reads_until("\x1b[2J");
    let until = Instant::now() + PATIENCE;
    while terminal.child.try_wait().expect("a child").is_none() {
        assert!(Instant::now() < until, "it does not end");
        terminal.terminate();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(terminal.is_cooked());
    // And what is read at last ends with what gives it back.
    terminal.read();
    assert_given_back(&terminal.ends());
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_says_why() {
    let bytes = start("panic", None, true).ends();
    assert_given_back(&bytes);
    let left = bytes.rfind("\x1b[?1049l").expect("left");
    assert!(bytes[left..].contains("boom"), "the message can be read");
    assert!(!bytes[..left].contains("boom"));
}

#[test]
fn a_terminal_that_stops_reading_stalls_nobody() {
    let (_folder, file) = scratch("taken");
    // Nothing reads what the console writes, and still every event is taken.
    let mut terminal = start("flood", Some(&file), false);
    waits_for(&file, "taken");
    terminal.read();
    terminal.sees("PNG 19999");
    terminal.press("\x03\x03");
    assert_given_back(&terminal.ends());
}

#[test]
fn a_terminal_that_never_reads_again_does_not_keep_the_program() {
    let (_folder, file) = scratch("taken");
    let mut terminal = start("flood", Some(&file), false);
    waits_for(&file, "taken");
    terminal.press("\x03\x03");
    waits_for(&file, "quit");
    // Only now is the rest read, so that the child's own last words do not block it.
    terminal.read();
    terminal.ends();
}

#[test]
fn a_terminal_that_goes_away_ends_the_program_whether_it_rests_or_is_busy() {
    for (role, typed) in [
        ("plain", ""),
        ("flood", ""),
        ("plain", "jjj"),
        ("flood", ":help\r"),
    ] {
        let (_folder, file) = scratch("outcome");
        let mut terminal = start(role, Some(&file), false);
        terminal.reads_until("1 connected");
        terminal.press(typed);
        let Terminal {
            mut child,
            master,
            keys,
            ..
        } = terminal;
        drop((master, keys));
        waits_for(&file, "gone");
        child.wait().expect("it has ended");
    }
}

/// The verbs of the frames in a recording.
fn verbs_of(path: &Path) -> Vec<String> {
    nudge::recording::Recording::open(path)
        .expect("a recording")
        .map(|event| event.expect("whole"))
        .filter_map(|event| match event.kind {
            EventKind::Frame(frame) => Some(String::from_utf8_lossy(frame.frame.verb()).into()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_recording_is_begun_and_ended_while_the_console_runs_and_what_is_shown_is_exported() {
    let (folder, recorded) = scratch("begun.nudge");
    let exported = folder.path().join("shown.txt");
    let mut terminal = start("plain", None, true);
    terminal.sees("1 connected");
    terminal.press(&format!(":record {}\r", recorded.display()));
    terminal.sees("● recording");
    terminal.press("3b");
    terminal.sees("it is done");
    terminal.press("R");
    terminal.sees("recorded to ");
    assert_eq!(verbs_of(&recorded), ["NLN"]);
    terminal.press("o");
    terminal.sees("NLN NLN online@local");
    assert_eq!(verbs_of(&recorded), ["NLN"]);
    terminal.press(&format!("fverb:NLN\r:export {}\r", exported.display()));
    terminal.sees(" exported to ");
    let text = std::fs::read_to_string(&exported).expect("an export");
    assert!(text.contains("NLN BSY online@local") && text.contains("NLN NLN online@local"));
    assert!(!text.contains("connected to"), "{text}");
    // Neither is written over a file that is there.
    terminal.press(&format!(":record {}\r", recorded.display()));
    terminal.sees("Write over it?");
    terminal.press("n");
    terminal.press(&format!(":export {}\r", exported.display()));
    terminal.sees("Write over it?");
    terminal.press("n");
    terminal.press("\x03\x03");
    let bytes = terminal.ends();
    assert_given_back(&bytes);
    // What was recorded is said once more where it can be read on.
    let size = std::fs::metadata(&recorded).expect("a file").len() as f64;
    let said = format!(
        "nudge: recorded to {}: {} events, {:.1} kB",
        recorded.display(),
        nudge::recording::Recording::open(&recorded)
            .expect("one")
            .count(),
        size / 1e3
    );
    assert!(left(&bytes).contains(&said), "{said:?} in {}", left(&bytes));
}

#[test]
fn what_was_to_be_recorded_from_the_start_is_and_a_file_that_takes_no_more_is_said() {
    let (folder, recorded) = scratch("whole.nudge");
    let mut command = CommandBuilder::new(std::env::current_exe().expect("a path"));
    command.args(["child", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, "plain");
    command.env(RECORD, &recorded);
    let mut terminal = Terminal::spawn(command, true);
    terminal.sees("● recording");
    terminal.sees("online@local");
    terminal.sees("1 connected");
    terminal.press("3b");
    terminal.sees("it is done");
    terminal.press("R");
    terminal.sees("recorded to ");
    let events = nudge::recording::Recording::open(&recorded).expect("a recording");
    let kinds: Vec<_> = events.map(|e| e.expect("whole").kind.name()).collect();
    assert_eq!(kinds, ["roster", "connected", "client", "frame", "reply"]);
    // A pipe is refused at once: it would end with its reader.
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    terminal.press(&format!(":record {}\r", pipe.display()));
    terminal.sees("is no file");
    // A file that is taken away while it is written is missed.
    let taken = folder.path().join("taken.nudge");
    terminal.press(&format!(":record {}\r", taken.display()));
    terminal.sees("● recording");
    std::fs::remove_file(&taken).expect("removed");
    terminal.press("o6");
    terminal.sees("the recording has ended");
    terminal.sees_no_longer("● recording");
    // One that is under way at the end.
    let last = folder.path().join("last.nudge");
    terminal.press(&format!(":record {}\r", last.display()));
    terminal.sees("● recording");
    terminal.press("\x03\x03");
    let bytes = terminal.ends();
    assert_given_back(&bytes);
    let said = left(&bytes);
    let whole = format!("nudge: recorded to {}: 5 events, ", recorded.display());
    assert!(said.contains(&whole), "{said}");
    assert!(
        said.contains("taken.nudge was removed or replaced"),
        "{said}"
    );
    assert!(
        said.contains(&format!("nudge: recorded to {}: ", last.display())),
        "{said}"
    );
}

/// What is on the terminal once the screen is as it was.
fn left(bytes: &str) -> &str {
    let at = bytes
        .rfind("\x1b[?1049l")
        .expect("the alternate screen is left");
    &bytes[at..]
}

/// The program itself, with a home of its own.
fn program(home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new("bash");
    command.env("PROGRAM", env!("CARGO_BIN_EXE_nudge"));
    for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        command.env(name, home);
    }
    command.cwd(home);
    command
}

#[test]
fn bytes_are_not_exported_to_a_terminal() {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = program(home.path());
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/conversation.nudge");
    command.env("RECORDING", recording);
    command.args(["-c", "\"$PROGRAM\" export \"$RECORDING\" -f pcapng"]);
    let mut terminal = Terminal::spawn(command, true);
    terminal.sees("nudge: pcapng is bytes, and standard output is a terminal: -o a.pcapng");
    let bytes = terminal.ends();
    assert!(!bytes.contains("exported"), "{bytes}");
}

#[test]
fn headless_in_the_background_of_a_terminal_goes_on() {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = program(home.path());
    let script = "set -m; \"$PROGRAM\" --headless --notification 127.0.0.1:0 --https 127.0.0.1:0 --http 127.0.0.1:0 & \
                  read; jobs; kill %1; wait";
    command.args(["-c", script]);
    let mut terminal = Terminal::spawn(command, true);
    terminal.sees("SHA-1 fingerprint");
    terminal.press("\n");
    terminal.sees("Running");
    terminal.ends();
}
