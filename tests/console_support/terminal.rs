//! The console in a pseudo-terminal: what reaches the terminal, what it shows, and that it is given back as it was.
#![allow(dead_code, missing_docs)] // Each test file uses what it needs.

#[path = "../../benches/support/pty.rs"]
pub mod pty;

use portable_pty::{CommandBuilder, MasterPty};
use pty::Pty;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long anything may take before the test is given up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A program in a terminal of 120x40.
pub struct Terminal {
    pub child: Box<dyn portable_pty::Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    pub keys: Box<dyn Write + Send>,
    pub bytes: Receiver<Vec<u8>>,
    pub all: Vec<u8>,
    pub screen: vt100::Parser,
}

impl Terminal {
    /// The program itself, over a recording.
    pub fn open(file: &Path, more: &[&str], read: bool) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nudge"));
        command.arg("open");
        command.arg(file);
        command.args(more);
        let home = file.parent().expect("a folder");
        command.env("HOME", home);
        command.env("XDG_DATA_HOME", home);
        command.env("XDG_CONFIG_HOME", home);
        Self::spawn(command, read)
    }

    pub fn spawn(mut command: CommandBuilder, read: bool) -> Self {
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

    /// Reads here until this was written, and not by a thread: nothing more is read then.
    pub fn reads_until(&mut self, text: &str) {
        let mut reader = self.master.try_clone_reader().expect("a reader");
        let (from, mut buffer) = (self.all.len(), [0; 1024]);
        while !String::from_utf8_lossy(&self.all[from..]).contains(text) {
            let count = reader.read(&mut buffer).expect("it is there");
            self.take(&buffer[..count]);
        }
    }

    /// Waits for the program to end.
    pub fn waits(&mut self) {
        self.child.wait().expect("it ended");
    }

    /// Tells the program so, as `kill -TERM`.
    pub fn terminate(&self) {
        let pid = self.child.process_id().expect("a process");
        let pid = rustix::process::Pid::from_raw(pid as i32).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("sent");
    }

    /// Whether lines are edited and shown by the terminal itself, as it is where no program has changed that.
    pub fn is_cooked(&self) -> bool {
        let modes = self.master.get_termios().expect("its modes").local_flags;
        let modes = format!("{modes:?}");
        ["ICANON", "ECHO ", "ISIG"]
            .iter()
            .all(|mode| modes.contains(mode))
    }

    pub fn read(&mut self) {
        self.bytes = pty::reader(&*self.master);
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("written");
        self.keys.flush().expect("written");
    }

    /// Reads until the screen shows this.
    pub fn sees(&mut self, text: &str) {
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
    pub fn sees_no_longer(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while self.screen.screen().contents().contains(text) {
            let left = until.saturating_duration_since(Instant::now());
            let bytes = self.bytes.recv_timeout(left);
            let bytes = bytes.unwrap_or_else(|error| panic!("{error}: {text:?} is still there"));
            self.take(&bytes);
        }
    }

    pub fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.all.extend_from_slice(bytes);
    }

    /// Reads to the end, waits for the child, and gives everything that it wrote.
    pub fn ends(mut self) -> String {
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
pub fn assert_given_back(bytes: &str) {
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

pub fn scratch(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    (folder, path)
}

pub fn waits_for(path: &Path, text: &str) {
    let until = Instant::now() + PATIENCE;
    while std::fs::read_to_string(path).unwrap_or_default() != text {
        assert!(Instant::now() < until, "{} is not {text:?}", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}
