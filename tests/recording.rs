//! A recording made by the program itself, which is then killed.

use nudge::recording::{Damage, Recording, Wrong};
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// Ends the program whatever becomes of the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // On Unix this is signal 9.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// The service with its own client, recorded or not.
    fn start(record: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
        command
            .args(["--headless", "--demo"])
            .args(["--notification", "127.0.0.1:0"])
            .args(["--https", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
        if let Some(path) = record {
            command.arg("--record").arg(path);
        }
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("the program starts"))
    }

    /// Its output. It must be kept open: a program whose output nobody reads ends by itself.
    fn lines(&mut self) -> Lines<BufReader<ChildStdout>> {
        BufReader::new(self.0.stdout.take().expect("its output")).lines()
    }
}

/// The first line that has all of this.
fn line_with(lines: &mut Lines<BufReader<ChildStdout>>, parts: &[&str]) -> String {
    lines
        .map(|line| line.expect("a line"))
        .find(|line| parts.iter().all(|part| line.contains(part)))
        .expect("the program goes on")
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
    let mut program = Program::start(Some(&path));
    let mut lines = program.lines();
    line_with(&mut lines, &["\"event\":\"signed-in\""]);
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

fn nudge(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
    command.args(arguments).stdin(Stdio::null());
    command.output().expect("the program runs")
}

fn address(lines: &mut Lines<BufReader<ChildStdout>>, service: &str) -> String {
    let service = format!("\"service\":\"{service}\"");
    let line = line_with(lines, &["\"event\":\"listening\"", &service]);
    let address = line.split("\"address\":\"").nth(1).expect("an address");
    address.split('"').next().expect("its end").to_owned()
}

#[test]
fn a_recorded_sign_in_is_played_again_to_another_service_and_nothing_differs() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    let file = path.to_str().expect("a name");
    let mut first = Program::start(Some(&path));
    let mut lines = first.lines();
    line_with(&mut lines, &["\"line\":\"QNG "]);
    while read(&path).0.iter().filter(|name| **name == "http").count() < 4 {
        std::thread::yield_now();
    }
    drop((first, lines));

    // Its tickets and nonces are its own, so those that were recorded are worth nothing to it.
    let mut second = Program::start(None);
    let mut lines = second.lines();
    let notification = address(&mut lines, "notification");
    let https = address(&mut lines, "https");
    let played = nudge(&[
        "replay",
        file,
        "--notification",
        &notification,
        "--https",
        &https,
    ]);
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(said.starts_with("No difference in "), "{said}");
    assert_eq!(played.status.code(), Some(0));

    // Without Passport the recorded ticket is refused, and that is the first thing that differs.
    let played = nudge(&[
        "replay",
        file,
        "--notification",
        &notification,
        "--patience",
        "1",
    ]);
    let said = String::from_utf8_lossy(&played.stdout);
    assert_eq!(played.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("Alike up to    client: USR # TWN S *** "),
        "{said}"
    );
    assert!(said.contains("web requests were left out"), "{said}");

    let alike = nudge(&["diff", file, file]);
    assert_eq!(alike.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&alike.stdout).contains("No difference in "));
}

#[test]
fn exports_of_a_damaged_recording_go_up_to_the_damage_and_say_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/messenger-mac-8.0.1.nudge");
    let bytes = std::fs::read(golden).expect("the golden recording");
    let path = dir.path().join("cut.nudge");
    std::fs::write(&path, &bytes[..bytes.len() - 5]).expect("written");
    let output = dir.path().join("out.jsonl");
    let done = nudge(&[
        "export",
        path.to_str().expect("a name"),
        "--format",
        "jsonl",
        "--output",
        output.to_str().expect("a name"),
    ]);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains("up to the damage"), "{said}");
    assert!(
        said.contains("damaged at byte ") && said.contains("ends within a record"),
        "{said}"
    );
    let lines = std::fs::read_to_string(&output).expect("exported");
    let mut frames = lines
        .lines()
        .filter(|line| line.contains(r#""event":"frame""#));
    let last = frames.next_back().expect("a frame");
    assert!(last.contains(r#""line":"PNG 16""#), "{lines}");
    // What is behind the damage nobody knows, so nobody is said to have stopped there.
    assert!(!lines.contains("it ends at"), "{lines}");
    let explained = nudge(&["explain", path.to_str().expect("a name")]);
    let text = String::from_utf8_lossy(&explained.stdout);
    assert!(
        text.contains("✓ UUN") && !text.contains("it ends at"),
        "{text}"
    );
    assert!(String::from_utf8_lossy(&explained.stderr).contains("damaged at byte "));
}

/// Runs the program with two gigabytes of address space at most, where the system can bound that.
fn within_two_gigabytes(arguments: &[&str]) -> Output {
    let script = "ulimit -v 2000000 2>/dev/null; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_nudge")]);
    command.args(arguments).stdin(Stdio::null());
    command.output().expect("the program runs")
}

#[test]
fn ten_gigabytes_of_one_line_are_an_error_with_its_place_in_everything_that_reads_recordings() {
    const SIZE: u64 = 10 * 1024 * 1024 * 1024;
    let dir = tempfile::tempdir().expect("a folder");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/messenger-mac-8.0.1.nudge");
    let golden_bytes = std::fs::read(&golden).expect("the golden recording");
    let golden = golden.to_str().expect("a name");
    // The header alone, and a whole sign-in; then ten gigabytes in which no record ends. They take no room on the
    // disk. The second announces a record of a megabyte, the third as long a one as there may be.
    let bare = golden_bytes[..24].to_vec();
    let announcing = |length: u32| [&golden_bytes[..], &length.to_le_bytes()].concat();
    for (name, beginning) in [
        ("bare", bare),
        ("whole", announcing(1 << 20)),
        ("longest", announcing(1 << 24)),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, &beginning).expect("written");
        let file = std::fs::OpenOptions::new().write(true).open(&path);
        file.and_then(|file| file.set_len(SIZE))
            .expect("a sparse file");
        let path = path.to_str().expect("a name");
        let offset = match name {
            "bare" => 24,
            _ => golden_bytes.len(),
        };
        let damage = format!("{path}: damaged at byte {offset}: ");
        let export = |format| vec!["export", path, "--format", format, "--output", "-"];
        let mut all = vec![
            vec!["explain", path],
            vec!["diff", path, golden],
            vec!["diff", golden, path],
            vec!["replay", path, "--notification", "127.0.0.1:1"],
        ];
        if name == "longest" {
            // Its checksum takes seconds where nothing is optimised.
            all.truncate(1);
        } else {
            all.extend(["text", "jsonl", "har", "pcapng", "markdown"].map(export));
        }
        for arguments in all {
            let done = within_two_gigabytes(&arguments);
            let said = String::from_utf8_lossy(&done.stderr);
            assert_eq!(done.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains(&damage), "{arguments:?}: {said}");
            assert!(!said.contains("panicked"), "{said}");
        }
    }
}

#[test]
fn the_recorded_conversation_is_read_by_everything_that_reads_recordings() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/conversation.nudge");
    let reads = |arguments: &[&str]| {
        let done = nudge(arguments);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {said}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let explained = reads(&["explain", path]);
    for account in ["ann@local", "bob@local"] {
        assert!(explained.contains(account), "{explained}");
    }
    let export = |format: &str, more: &[&str]| {
        let arguments = [&["export", path, "--format", format, "--output", "-"], more].concat();
        reads(&arguments)
    };
    for format in ["text", "jsonl", "har", "pcapng"] {
        assert!(!export(format, &[]).is_empty(), "{format}");
    }
    // Bob signed in first.
    let all = export("markdown", &[]);
    for head in [
        "# Sign-in of client 1: bob@local",
        "# Sign-in of client 2: ann@local",
    ] {
        assert!(all.contains(head), "{all}");
    }
    assert_eq!(
        all.matches("are you there?\n").count(),
        2,
        "once each: {all}"
    );
    for who in ["1", "bob@local", "BOB"] {
        let bob = export("markdown", &["--client", who]);
        assert!(bob.starts_with("# Sign-in of client 1: bob@local"), "{bob}");
        assert!(!bob.contains("# Sign-in of client 2"), "{bob}");
        let explained = reads(&["explain", path, "--client", who]);
        assert!(explained.contains("Client 1 bob@local") && !explained.contains("Client 2 "));
    }
    assert_eq!(reads(&["explain", path, "--client", "all"]), explained);
    let refused = |arguments: &[&str]| {
        let done = nudge(arguments);
        assert_ne!(done.status.code(), Some(0), "{arguments:?}");
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    let said = refused(&["explain", path, "--client", "eve@local"]);
    assert!(
        said.contains("no client eve@local: 1 bob@local, 2 ann@local"),
        "{said}"
    );
    let of = |client| export("text", &["--client", client]);
    assert!(of("ann").contains("ann@local") && of("ann").len() < of("all").len());
    assert_eq!(of("ann"), of("2"));
    let said = refused(&["diff", path, path, "--client-a", "all"]);
    assert!(said.contains("one client is wanted"), "{said}");
    let bob = export("markdown", &["--client", "1"]);
    assert!(
        bob.contains("## Conversation 1: ann@local, bob@local"),
        "{bob}"
    );
    assert!(!bob.contains("lunch@local**"), "{bob}");
    let ann = export("markdown", &["--client", "2"]);
    for line in [
        "**ann@local**: Hello Bob, are you there?",
        "**bob@local**: echo: Hello Bob, are you there?",
        "*lunch@local joins*",
        "**lunch@local**: Hello\\! I am at lunch, but I can type.",
        "**online@local**: Hello Ann, this is the operator.",
        "*online@local nudges*",
    ] {
        assert!(ann.contains(line), "{line}: {ann}");
    }
    assert!(reads(&["diff", path, path]).contains("No difference in "));
}

#[test]
fn a_conversation_that_is_replayed_shows_no_cookie_and_none_of_them_is_a_difference() {
    let mut program = Program::start(None);
    let mut doors = std::collections::HashMap::new();
    let mut lines = program.lines();
    while doors.len() < 4 {
        let line = lines.next().expect("it goes on").expect("text");
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if event["event"] == "listening" {
            let text = |key: &str| event[key].as_str().expect("text").to_owned();
            doors.insert(text("service"), text("address"));
        }
    }
    std::thread::spawn(move || lines.for_each(drop));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/conversation.nudge");
    let done = nudge(&[
        "replay",
        path,
        "--client",
        "ann@local",
        "--patience",
        "1s",
        "--notification",
        &doors["notification"],
        "--http",
        &doors["http"],
    ]);
    let said = String::from_utf8_lossy(&done.stdout);
    // It asks for a switchboard twice, and what is said to it by contacts is other than it was.
    assert!(said.contains(" steps are the same"), "{said}");
    assert!(!said.contains("XFR"), "{said}");
}

#[test]
fn a_clients_requests_and_handshakes_are_its_own_before_they_show_whose_they_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/conversation.nudge");
    let read = |file: &str, filter: &str, format: &str, stdin: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
        command.args(["export", file, "--filter", filter, "--format", format]);
        let done = command.stdin(stdin).output().expect("the program runs");
        assert!(done.status.success(), "{done:?}");
        done.stdout
    };
    let of = |filter: &str, format: &str| read(path, filter, format, Stdio::null());
    let count = |bytes: &[u8], what: &str| String::from_utf8_lossy(bytes).matches(what).count();
    // The nexus is asked by the second alone, and nothing in its request says so: the first signs in by SSO.
    for format in ["text", "jsonl", "har", "pcapng", "markdown"] {
        let asked = |filter| count(&of(filter, format), "pprdr.asp") > 0;
        assert!(asked("client:2") && !asked("client:1"), "{format}");
    }
    let connections = |filter| {
        let text = of(filter, "text");
        let of_door = |door| count(&text, &format!(" connected to {door} at "));
        ["notification", "http", "switchboard"].map(of_door)
    };
    assert_eq!(connections("client:1"), [1, 3, 1]);
    assert_eq!(connections("client:2"), [1, 2, 3]);
    assert_eq!(connections("client:none"), [0, 0, 0]);
    // Through a pipe it is the same.
    for name in ["/dev/stdin", "-"] {
        let file = std::fs::File::open(path).expect("the recording");
        let mut cat = Command::new("cat")
            .stdin(file)
            .stdout(Stdio::piped())
            .spawn()
            .expect("cat");
        let piped = cat.stdout.take().expect("its output").into();
        let whole = of("client:1", "text");
        assert_eq!(read(name, "client:1", "text", piped), whole, "{name}");
        let _ = cat.wait();
    }
}
