//! The console in a pseudo-terminal: what reaches the terminal, and that it is given back as it was.
//!
//! This test program runs itself as the child, with the console and a service of a few lines in it.

#[path = "console_support/mod.rs"]
mod support;

#[path = "../benches/support/pty.rs"]
mod pty;

use nudge::console::{Options, Outcome, run, terminal};
use nudge::control::{Action, Command};
use nudge::event::{
    ClientId, Clock, ConnectionId, EventKind, EventSink, Reply, ReplyData, Service, Step,
};
use nudge::msnp::{Direction, Status};
use portable_pty::{CommandBuilder, MasterPty};
use pty::{Pty, size};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use support::{frame, info, roster};

const ROLE: &str = "NUDGE_CONSOLE_CHILD";
const FILE: &str = "NUDGE_CONSOLE_FILE";
const RECORD: &str = "NUDGE_CONSOLE_RECORD";
/// How long anything may take before the test is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The child. Without its role it is a test that promises nothing.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    if role == "panic" {
        let _guard = terminal::Guard::take(true).expect("a terminal");
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

struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    all: Vec<u8>,
    screen: vt100::Parser,
}

impl Terminal {
    /// Starts the child. Nothing is read until `read` is called.
    fn start(role: &str, file: Option<&Path>, read: bool) -> Self {
        let mut command = CommandBuilder::new(std::env::current_exe().expect("a path"));
        command.args(["child", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(ROLE, role);
        if let Some(file) = file {
            command.env(FILE, file);
        }
        Self::spawn(command, read)
    }

    /// The program itself, over a recording.
    fn open(file: &Path) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nudge"));
        command.arg("open");
        command.arg(file);
        let home = file.parent().expect("a folder");
        command.env("HOME", home);
        command.env("XDG_DATA_HOME", home);
        command.env("XDG_CONFIG_HOME", home);
        Self::spawn(command, true)
    }

    fn spawn(mut command: CommandBuilder, read: bool) -> Self {
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        command.env_remove("TMUX");
        let Pty {
            master,
            child,
            keys,
        } = pty::spawn(command, 40, 120);
        let (_, nothing) = mpsc::channel();
        let mut terminal = Self {
            child,
            master,
            keys,
            bytes: nothing,
            all: Vec::new(),
            screen: pty::screen(40, 120),
        };
        if read {
            terminal.read();
        }
        terminal
    }

    fn read(&mut self) {
        self.bytes = pty::reader(&*self.master);
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("written");
        self.keys.flush().expect("written");
    }

    /// Reads until the screen shows this.
    fn sees(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.screen.screen().contents().contains(text) {
            match self
                .bytes
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!(
                    "{error} waiting for {text:?} in\n{}",
                    self.screen.screen().contents()
                ),
            }
        }
    }

    /// Reads until the screen does not show this.
    fn sees_no_longer(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while self.screen.screen().contents().contains(text) {
            let left = until.saturating_duration_since(Instant::now());
            let bytes = self.bytes.recv_timeout(left);
            let bytes = bytes.unwrap_or_else(|error| panic!("{error}: {text:?} is still there"));
            self.take(&bytes);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.all.extend_from_slice(bytes);
    }

    /// Reads to the end, waits for the child, and gives everything that it wrote.
    fn ends(mut self) -> String {
        let until = Instant::now() + PATIENCE;
        while let Ok(bytes) = self
            .bytes
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.take(&bytes);
        }
        self.child.wait().expect("it ended");
        String::from_utf8_lossy(&self.all).into_owned()
    }
}

/// The terminal is as it was: every mode off, after the last frame.
fn assert_given_back(bytes: &str) {
    let at = bytes
        .rfind("\x1b[?1049l")
        .expect("the alternate screen is left");
    let from = bytes.rfind("\x1b[?1049h").expect("it was entered");
    assert!(from < at);
    let end = &bytes[from..at];
    for mode in ["1000l", "1002l", "1006l", "2004l", "25h"] {
        assert!(end.contains(&format!("\x1b[?{mode}")), "{mode}");
    }
    let last_frame = bytes.rfind("\x1b[?2026h").unwrap_or(0);
    assert!(
        last_frame < at,
        "a frame was drawn after the terminal was given back"
    );
}

fn scratch(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    (folder, path)
}

fn waits_for(path: &Path, text: &str) {
    let until = Instant::now() + PATIENCE;
    while std::fs::read_to_string(path).unwrap_or_default() != text {
        assert!(Instant::now() < until, "{} is not {text:?}", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_key_flips_a_contact_and_quitting_gives_the_terminal_back() {
    let (_folder, file) = scratch("outcome");
    let mut terminal = Terminal::start("plain", Some(&file), true);
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
    let mut terminal = Terminal::start("plain", Some(&file), true);
    terminal.sees("1 connected");
    let pid = terminal.child.process_id().expect("a process");
    let pid = rustix::process::Pid::from_raw(pid as i32).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("sent");
    assert_given_back(&terminal.ends());
    assert_eq!(
        std::fs::read_to_string(file).expect("an outcome"),
        "stopped"
    );
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_says_why() {
    let bytes = Terminal::start("panic", None, true).ends();
    assert_given_back(&bytes);
    let left = bytes.rfind("\x1b[?1049l").expect("left");
    assert!(bytes[left..].contains("boom"), "the message can be read");
    assert!(!bytes[..left].contains("boom"));
}

#[test]
fn a_terminal_that_stops_reading_stalls_nobody() {
    let (_folder, file) = scratch("taken");
    // Nothing reads what the console writes, and still every event is taken.
    let mut terminal = Terminal::start("flood", Some(&file), false);
    waits_for(&file, "taken");
    terminal.read();
    terminal.sees("PNG 19999");
    terminal.press("\x03\x03");
    assert_given_back(&terminal.ends());
}

#[test]
fn a_terminal_that_never_reads_again_does_not_keep_the_program() {
    let (_folder, file) = scratch("taken");
    let mut terminal = Terminal::start("flood", Some(&file), false);
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
        let mut terminal = Terminal::start(role, Some(&file), false);
        // Read here, and not by a thread that would keep it open.
        let mut reader = terminal.master.try_clone_reader().expect("a reader");
        let mut buffer = [0; 4096];
        while !terminal.screen.screen().contents().contains("1 connected") {
            let count = reader.read(&mut buffer).expect("it is there");
            terminal.screen.process(&buffer[..count]);
        }
        terminal.press(typed);
        let Terminal {
            mut child,
            master,
            keys,
            ..
        } = terminal;
        drop((reader, master, keys));
        waits_for(&file, "gone");
        child.wait().expect("it has ended");
    }
}

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
fn a_recording_is_opened_in_the_same_panes_and_takes_no_command() {
    let (_folder, path) = golden();
    let before = std::fs::read(&path).expect("read");
    let mut terminal = Terminal::open(&path);
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
    let mut terminal = Terminal::open(&path);
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
    let mut terminal = Terminal::open(&path);
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
    let bytes = Terminal::open(&path).ends();
    assert!(bytes.contains("no recording of nudge"), "{bytes}");
    assert!(!bytes.contains("\x1b[?1049h"));
}

#[test]
fn a_recording_is_begun_and_ended_while_the_console_runs_and_what_is_shown_is_exported() {
    let (folder, recorded) = scratch("begun.nudge");
    let exported = folder.path().join("shown.txt");
    let mut terminal = Terminal::start("plain", None, true);
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
    assert_given_back(&terminal.ends());
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
    terminal.press("\x03\x03");
    assert_given_back(&terminal.ends());
}
