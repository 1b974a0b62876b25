//! The real binary without a screen, as a process of its own.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// Starts it at free ports, with a folder that is its own and the user's, and these arguments besides. Gives the lines that
/// it prints.
pub fn start(
    folder: &Path,
    more: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> (Child, Receiver<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(["--headless", "--notification", "127.0.0.1:0"])
        .args(["--https", "127.0.0.1:0", "--http", "127.0.0.1:0"])
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .args(more)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let lines = lines(&mut child);
    (child, lines)
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
