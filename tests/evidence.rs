//! The real binary: every line of headless mode has its number, every finding names the line that shows it, and
//! what is recorded is found again by `nudge export` and `nudge explain`.

#[path = "common/program.rs"]
mod program;

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// Ends a test that would hang; nothing asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);

struct Nudge {
    child: Child,
    lines: Receiver<String>,
    all: Vec<Value>,
}

impl Nudge {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let (child, lines) = program::start(folder, more);
        Self {
            child,
            lines,
            all: Vec::new(),
        }
    }

    /// Reads up to the first line, new or old, for which this holds.
    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut at = 0;
        loop {
            if let Some(found) = self.all[at..].iter().find(|line| wanted(line)) {
                return found.clone();
            }
            at = self.all.len();
            let line = self.lines.recv_timeout(PATIENCE).expect("the line comes");
            let line: Value = serde_json::from_str(&line).expect("JSON");
            assert_eq!(line["n"], at + 1, "every line has its number");
            self.all.push(line);
        }
    }

    fn command(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("its input");
        writeln!(stdin, "{line}").expect("it reads");
    }

    fn address(&mut self, service: &str) -> String {
        let line = self.until(|line| line["event"] == "listening" && line["service"] == service);
        line["address"].as_str().expect("text").to_owned()
    }

    /// A client that says this, reads to the end, and goes.
    fn says(&mut self, text: &str) {
        let address = self.address("notification");
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(text.as_bytes()).expect("it reads");
        stream.shutdown(Shutdown::Write).expect("open");
        let _ = stream.read_to_end(&mut Vec::new());
    }

    fn quit(mut self) -> Vec<Value> {
        self.command("quit");
        assert!(self.child.wait().expect("it ends").success());
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.all.push(serde_json::from_str(&line).expect("JSON"));
        }
        self.all
    }
}

/// What was found, and the line that shows it, where that is a frame.
fn found(lines: &[Value]) -> Vec<(String, Option<String>)> {
    let findings = lines.iter().filter(|line| line["event"] == "finding");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    findings
        .map(|finding| {
            let shown = lines.iter().find(|line| line["n"] == finding["evidence"]);
            let id = text(&finding["id"]).expect("an id");
            (id, shown.and_then(|line| text(&line["line"])))
        })
        .collect()
}

fn nudge(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
    command.args(arguments).output().expect("runs")
}

fn gone(client: u64) -> impl Fn(&Value) -> bool {
    move |line| {
        line["event"] == "disconnected"
            && line["service"] == "notification"
            && line["client"] == client
    }
}

#[test]
fn what_is_found_live_is_found_again_in_the_recording_with_the_same_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = folder.path().join("a.nudge");
    let recording = recording.to_str().expect("a name");
    let mut live = Nudge::start(folder.path(), &["--record", recording]);
    let greeting = "VER 1 MSNP16 CVR0\r\nCVR 2 0x0409 mac 10 i386 macmsgs 8.0.1 macmsgs a@b\n";
    // A line end without CR, a verb that is none, one of another stage, and lengths that no payload has.
    live.says(&format!("{greeting}ZAP 3 x\r\n\r\nCAL 4 a@b\r\n"));
    live.until(gone(1));
    live.says(&format!("{greeting}ADL 5 99999999999\r\n"));
    live.until(gone(2));
    live.says(&format!("VER 1 MSNP16 CVR0\r\n{}", "x".repeat(9000)));
    live.until(gone(3));
    let seen = live.quit();
    let live = found(&seen);
    let shows = |id: &str, line: &str| {
        let wanted = (id.to_owned(), Some(line.to_owned()));
        assert!(live.contains(&wanted), "{id} by {line}: {live:?}");
    };
    shows(
        "bare-lf",
        "CVR 2 0x0409 mac 10 i386 macmsgs 8.0.1 macmsgs a@b",
    );
    shows("unknown-verb", "ZAP 3 x");
    shows("empty-line", "");
    shows("wrong-stage", "CAL 4 a@b");
    shows("bad-length", "ADL 5 99999999999");
    let (_, long) = live
        .iter()
        .find(|(id, _)| id == "line-too-long")
        .expect("it is found");
    assert!(long.as_ref().is_some_and(|line| line.starts_with("xxxx")));
    assert!(live.iter().all(|(_, line)| line.is_some()), "{live:?}");

    let export = |format: &str, filter: &str| {
        let made = nudge(&[
            "export", recording, "--format", format, "--output", "-", "--filter", filter,
        ]);
        assert!(made.status.success());
        String::from_utf8(made.stdout).expect("text")
    };
    let exported: Vec<Value> = export("jsonl", "")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(found(&exported), live);
    let one = export("text", "finding:unknown-verb");
    let line = export("text", "verb:ZAP");
    let number = line.split_whitespace().next().expect("a number");
    assert!(
        one.trim_end().ends_with(&format!("(line {number})")),
        "{one}{line}"
    );
    let explained = nudge(&["explain", recording]);
    let explained = String::from_utf8(explained.stdout).expect("text");
    let expected = format!("assumed absent  (line {number})");
    assert!(explained.contains(&expected), "{explained}");
}

#[test]
fn a_client_that_says_nothing_more_is_waited_for_as_long_as_the_operator_is_patient() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut nudge = Nudge::start(folder.path(), &[]);
    let reply = |nudge: &mut Nudge, id: u64| {
        let reply = nudge.until(|line| line["event"] == "reply" && line["id"] == id);
        (
            reply["ok"].clone(),
            reply["text"].as_str().expect("text").to_owned(),
        )
    };
    nudge.command("patience 0");
    let (ok, text) = reply(&mut nudge, 1);
    assert_eq!(ok, false);
    assert!(text.contains("from 0.01 to 10000"), "{text}");
    nudge.command("patience 0.01");
    let (ok, text) = reply(&mut nudge, 2);
    assert_eq!(ok, true);
    assert_eq!(text, "a stall is said after 0.01 times the usual wait");
    let address = nudge.address("notification");
    let mut silent = TcpStream::connect(address).expect("it listens");
    silent
        .write_all(b"VER 1 MSNP16 CVR0\r\n")
        .expect("it reads");
    let stalled = nudge.until(|line| line["id"] == "stalled");
    assert_eq!(stalled["severity"], "info", "it waits, and has not failed");
    assert!(
        stalled["text"]
            .as_str()
            .is_some_and(|text| text.contains("nudge waits, the client owes CVR"))
    );
    let shown = stalled["evidence"].as_u64().expect("a number") as usize;
    assert_eq!(nudge.all[shown - 1]["line"], "VER 1 MSNP16 CVR0");
    // Nothing is closed on it: it goes on where it stood.
    silent
        .write_all(b"CVR 2 0x0409 mac 10 i386 macmsgs 8.0.1 macmsgs a@b\r\n")
        .expect("it reads");
    nudge.until(|line| {
        let text = line["line"].as_str().unwrap_or_default();
        line["direction"] == "out" && text.starts_with("CVR 2 ")
    });
    let seen = nudge.quit();
    let closed = seen.iter().position(|line| line["event"] == "disconnected");
    let quit = seen
        .iter()
        .position(|line| line["event"] == "reply" && line["id"] == 3);
    assert!(closed > quit, "only the end of the service ended it");
}

#[test]
fn good_clients_side_by_side_are_found_nothing_wrong_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut nudge = Nudge::start(folder.path(), &[]);
    let addresses = [nudge.address("notification"), nudge.address("https")];
    let client = |account: &str| {
        Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args([
                "client",
                "--notification",
                &addresses[0],
                "--https",
                &addresses[1],
            ])
            .args(["--account", account, "--pings", "3", "--ping-every", "1"])
            .stdout(Stdio::null())
            .spawn()
            .expect("starts")
    };
    let both = [client("me@local"), client("you@local")];
    for line in [
        "status busy away",
        "psm idle hello",
        "name online New Name",
        "undo",
    ] {
        nudge.command(line);
    }
    for mut client in both {
        assert!(client.wait().expect("it ends").success());
    }
    for client in [1, 2] {
        nudge.until(gone(client));
    }
    assert_eq!(found(&nudge.quit()), []);
}
