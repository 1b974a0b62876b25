//! The real binary without a screen, as a process of its own.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// Lets every service listen at a port that is free.
pub const PORTS: [&str; 6] = [
    "--notification",
    "127.0.0.1:0",
    "--https",
    "127.0.0.1:0",
    "--http",
    "127.0.0.1:0",
];
/// Starts it without a screen and at free ports.
pub const ANY: [&str; 7] = [
    "--headless",
    PORTS[0],
    PORTS[1],
    PORTS[2],
    PORTS[3],
    PORTS[4],
    PORTS[5],
];

/// Lets a command run in a folder that is its own and the user's, whose data folder is within it on every system, with
/// its input and output in the hands of the test.
pub fn at_home(mut command: Command, folder: &Path) -> Command {
    command
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// Starts a command. Gives the lines that it prints.
pub fn started(mut command: Command) -> (Child, Receiver<String>) {
    let mut child = command.spawn().expect("starts");
    let lines = lines(&mut child);
    (child, lines)
}

/// Starts it with a folder of its own and these arguments besides.
pub fn start(
    folder: &Path,
    more: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> (Child, Receiver<String>) {
    let mut command = at_home(Command::new(env!("CARGO_BIN_EXE_nudge")), folder);
    command.args(ANY).args(more).stderr(Stdio::null());
    started(command)
}

/// What it prints, a line at a time, read by a thread until the end.
pub fn lines(child: &mut Child) -> Receiver<String> {
    let out = child.stdout.take().expect("its output");
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
