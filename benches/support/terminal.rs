//! The real program in a pseudo-terminal: for tests, for measuring it from outside, and for pictures of the real screen.
#![allow(dead_code, reason = "each program uses a part of it")]

mod pty;

use portable_pty::{Child, CommandBuilder, MasterPty};
use pty::{Pty, cells, size};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long to wait for anything before giving up. Nothing asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);
/// The bytes that every frame begins with.
const FRAME: &[u8] = b"\x1b[?2026h";

/// A program in a terminal of its own.
pub struct Terminal {
    _home: tempfile::TempDir,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn std::io::Write + Send>,
    bytes: Receiver<Vec<u8>>,
    /// What it shows.
    pub screen: vt100::Parser,
    /// How many frames it has drawn.
    pub frames: usize,
    /// All that it has written.
    pub raw: Vec<u8>,
}

impl Terminal {
    /// Starts a program in a true-colour terminal, with an empty folder as its home.
    pub fn start(
        program: PathBuf,
        (cols, rows): (u16, u16),
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(home.path());
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env_remove("NO_COLOR");
        command.env_remove("TMUX");
        for (name, value) in environment {
            command.env(name, value);
        }
        let Pty {
            master,
            child,
            keys,
        } = pty::spawn(command, rows, cols);
        Self {
            _home: home,
            bytes: pty::reader(&*master),
            master,
            child,
            keys,
            screen: pty::screen(rows, cols),
            frames: 0,
            raw: Vec::new(),
        }
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Types these bytes.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("is read");
        self.keys.flush().expect("is read");
    }

    /// Resizes its terminal.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.master.resize(size(rows, cols)).expect("resizes");
        self.screen.screen_mut().set_size(cells(rows), cells(cols));
    }

    /// The text on its screen.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Reads until the screen shows this.
    pub fn sees(&mut self, text: &str) {
        self.sees_where(text, |screen| screen.contains(text));
    }

    /// Reads until the screen no longer shows this.
    pub fn sees_no_longer(&mut self, text: &str) {
        self.sees_where(&format!("no {text}"), |screen| !screen.contains(text));
    }

    /// Reads until this holds of the text on the screen.
    pub fn sees_where(&mut self, what: &str, holds: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(&self.text()) {
            assert!(
                Instant::now() < until && self.read_for(Duration::from_millis(20)),
                "{what:?} is not on the screen:\n{}",
                self.text()
            );
        }
    }

    /// Reads until the program has written nothing for that long.
    pub fn settles(&mut self, quiet: Duration) {
        while let Ok(bytes) = self.bytes.recv_timeout(quiet) {
            self.take(&bytes);
        }
    }

    /// Reads for that long. Says whether the program is still there.
    pub fn read_for(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.frames += bytes.windows(FRAME.len()).filter(|w| *w == FRAME).count();
        self.screen.process(bytes);
        self.raw.extend(bytes);
    }

    /// Quits, and waits until it has ended: what is typed is cancelled, it asks, and it is told yes.
    pub fn quit(mut self) {
        self.press("\x03\x03\x03");
        self.end();
    }

    /// Waits until it has ended, and all that it wrote has been read. Gives its exit code.
    pub fn end(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        loop {
            let writes = self.read_for(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait().expect("is known").filter(|_| !writes) {
                return status.exit_code();
            }
            if Instant::now() > until {
                let _ = self.child.kill();
                panic!("it has not ended:\n{}", self.text());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
