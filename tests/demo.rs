//! The real binary in a real (pseudo-)terminal: what a newcomer does first.

#[path = "common/program.rs"]
mod program;
#[path = "../benches/support/pty.rs"]
mod pty;

use portable_pty::{CommandBuilder, MasterPty};
use pty::{Pty, cells, size};
use std::io::Write;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// Ends a test that would hang; nothing asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);

struct Console {
    _folder: tempfile::TempDir,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Console {
    fn start(rows: u16, cols: u16, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nudge"));
        command.args(program::PORTS);
        command.args(arguments);
        command.cwd(folder.path());
        command.env("HOME", folder.path());
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        let Pty {
            master,
            child,
            keys,
        } = pty::spawn(command, rows, cols);
        Self {
            _folder: folder,
            bytes: pty::reader(&*master),
            master,
            child,
            keys,
            screen: pty::screen(rows, cols),
            raw: Vec::new(),
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("is read");
        self.keys.flush().expect("is read");
    }

    /// Waits until the screen shows this.
    fn sees(&mut self, text: &str) {
        self.sees_where(text, |screen| screen.contains(text));
    }

    fn sees_where(&mut self, what: &str, there: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !there(&self.screen.screen().contents()) {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.bytes.recv_timeout(left) else {
                panic!(
                    "{what:?} is not on the screen:\n{}",
                    self.screen.screen().contents()
                );
            };
            self.screen.process(&bytes);
            self.raw.extend(bytes);
        }
    }

    /// Its exit code, when all that it wrote has been taken.
    fn end(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        while let Ok(bytes) = self
            .bytes
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.raw.extend(bytes);
        }
        while self.child.try_wait().expect("is known").is_none() {
            if Instant::now() > until {
                let _ = self.child.kill();
                panic!("it has not ended:\n{}", self.screen.screen().contents());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.wait().expect("ends").exit_code()
    }
}

#[test]
fn a_newcomer_sees_the_sign_in_presses_b_and_the_client_reports_busy() {
    let mut console = Console::start(40, 120, &["--demo=fast"]);
    console.sees("QNG 60");
    console.sees("ABFindAll");
    console.press("b");
    console.sees("NLN BSY online@local 1 Online%20User 1085276192");
    console.sees("online@local → Busy");
    console.press("U");
    console.sees("NLN NLN online@local 1 Online%20User 1085276192");
    console.master.resize(size(24, 80)).expect("resizes");
    console.screen.screen_mut().set_size(cells(24), cells(80));
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
        let mut console = Console::start(40, 120, arguments);
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
    let mut console = Console::start(40, 120, &["--demo=fast"]);
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
    let mut console = Console::start(24, 80, &["--theme", "nonesuch"]);
    let code = console.end();
    let raw = String::from_utf8_lossy(&console.raw);
    assert_eq!(code, 1, "{raw}");
    assert!(
        raw.contains("nonesuch") && !raw.contains("\x1b[?1049h"),
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
