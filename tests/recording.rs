//! A recording made by the program itself, which is then killed.

use nudge::recording::{Damage, Recording, Wrong};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends the program whatever becomes of the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // On Unix this is signal 9.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read(path: &Path) -> (Vec<&'static str>, Option<Damage>) {
    let (mut names, mut damage) = (Vec::new(), None);
    for item in Recording::open(path).expect("opens") {
        match item {
            Ok(event) => names.push(event.kind.name()),
            Err(found) => damage = Some(found),
        }
    }
    (names, damage)
}

#[test]
fn a_recording_survives_kill_9_up_to_its_last_whole_record() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    let mut program = Program(
        Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(["--headless", "--demo"])
            .args(["--notification", "127.0.0.1:0"])
            .args(["--https", "127.0.0.1:0", "--http", "127.0.0.1:0"])
            .arg("--record")
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts"),
    );
    // Kept open: a program whose output nobody reads ends by itself.
    let mut lines = BufReader::new(program.0.stdout.take().expect("its output")).lines();
    for line in lines.by_ref() {
        let line = line.expect("a line");
        if line.contains("\"event\":\"signed-in\"") {
            break;
        }
    }
    // It is flushed while the program goes on; the test would hang if it were not.
    while !read(&path).0.contains(&"signed-in") {
        std::thread::yield_now();
    }
    let before = read(&path).0.len();
    drop(program);
    let (names, damage) = read(&path);
    assert!(names.len() >= before);
    assert!(
        !names.contains(&"signed-out"),
        "killed, and not ended: {names:?}"
    );
    for name in ["roster", "listening", "connected", "frame", "signed-in"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    // Killed within a write, the last record may be cut; nothing else may be wrong.
    assert!(damage.is_none_or(|damage| matches!(damage.what, Wrong::Cut)));
}

#[test]
fn a_recording_that_cannot_be_begun_is_said_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    std::fs::write(&path, "mine").expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(["--headless", "--demo", "--record"])
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("never writes over a file"), "{said}");
    assert_eq!(std::fs::read(&path).expect("is there"), b"mine");
}
