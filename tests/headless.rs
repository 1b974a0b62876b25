//! The real binary without a screen: what it prints, what it takes, and how it ends.

#[path = "common/program.rs"]
mod program;

use program::ANY;
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// Ends a test that would hang; nothing asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);

struct Nudge {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What was read and not yet asked for: what two tasks tell has no order between them.
    seen: RefCell<Vec<serde_json::Value>>,
    folder: tempfile::TempDir,
}

fn command(folder: &std::path::Path, arguments: &[&str]) -> Command {
    let command = Command::new(env!("CARGO_BIN_EXE_nudge"));
    finish(command, folder, arguments)
}

fn finish(command: Command, folder: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = program::at_home(command, folder);
    command.args(arguments).stderr(Stdio::piped());
    command
}

/// The same with no more than 64 file descriptors.
fn short_of_descriptors(folder: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_nudge"));
    finish(command, folder, arguments)
}

impl Nudge {
    fn start(more: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), more)
    }

    fn start_in(folder: tempfile::TempDir, more: &[&str]) -> Self {
        let arguments: Vec<&str> = ANY.iter().chain(more).copied().collect();
        let command = command(folder.path(), &arguments);
        Self::spawn(folder, command)
    }

    fn spawn(folder: tempfile::TempDir, command: Command) -> Self {
        let (mut child, lines) = program::started(command);
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
            seen: RefCell::default(),
            folder,
        }
    }

    /// The next event of that name for which `wanted` holds, and that was not given back before.
    fn event(&self, name: &str, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let mut seen = self.seen.borrow_mut();
        let mut from = 0;
        loop {
            let found = seen[from..]
                .iter()
                .position(|event| event["event"] == name && wanted(event));
            if let Some(at) = found {
                return seen.remove(from + at);
            }
            from = seen.len();
            let line = self.lines.recv_timeout(PATIENCE).expect("the event comes");
            let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            assert!(event["time"].is_u64(), "{line}");
            seen.push(event);
        }
    }

    /// The addresses of notification, HTTPS and HTTP, which are the first things said.
    fn addresses(&self) -> [SocketAddr; 3] {
        ["notification", "https", "http"].map(|service| {
            let event = self.event("listening", |_| true);
            assert_eq!(event["service"], service);
            event["address"]
                .as_str()
                .expect("text")
                .parse()
                .expect("an address")
        })
    }

    fn say(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().expect("its input"), "{line}").expect("is read");
    }

    fn reply(&self, id: u64) -> serde_json::Value {
        self.event("reply", |e| e["id"] == id)
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .expect("kill");
        assert!(sent.success());
    }

    /// Its exit code and what it said on standard error.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .expect("its errors")
            .read_to_string(&mut said)
            .expect("text");
        (self.child.wait().expect("ends").code(), said)
    }
}

#[test]
fn the_demo_signs_in_over_tls_and_a_flip_reaches_it() {
    let mut nudge = Nudge::start(&["--demo"]);
    nudge.addresses();
    let tls = nudge.event("tls", |_| true);
    assert_eq!(
        (&tls["version"], &tls["cipher"]),
        (&"TLSv1".into(), &"AES128-SHA".into())
    );
    for action in ["nexus", "login", "FindMembership", "ABFindAll"] {
        let http = nudge.event("http", |e| e["action"] == action);
        assert_eq!(http["status"], 200, "{http}");
    }
    let signed_in = nudge.event("frame", |e| {
        e["line"]
            .as_str()
            .is_some_and(|l| l.starts_with("USR 4 OK"))
    });
    assert_eq!(
        (&signed_in["client"], &signed_in["direction"]),
        (&1.into(), &"out".into())
    );
    nudge.event("frame", |e| e["line"] == "QNG 60");
    nudge.say("status online busy");
    let reply = nudge.reply(1);
    assert_eq!(reply["ok"], true, "{reply}");
    nudge.event("frame", |e| {
        e["line"] == "NLN BSY online@local 1 Online%20User 1085276192 %3Cmsnobj%2F%3E"
    });
    nudge.say("quit");
    nudge.event("frame", |e| e["line"] == "OUT SSD");
    let written = std::fs::read_dir(nudge.folder.path()).expect("the folder");
    assert_eq!(written.count(), 0, "the demonstration writes nothing");
    assert_eq!(nudge.end(), (Some(0), String::new()));
}

#[test]
fn no_password_and_no_ticket_is_printed_unless_asked() {
    for show in [false, true] {
        let nudge = if show {
            Nudge::start(&["--demo", "--show-secrets"])
        } else {
            Nudge::start(&["--demo"])
        };
        let mut seen = String::new();
        loop {
            let line = nudge.lines.recv_timeout(PATIENCE).expect("it goes on");
            seen.push_str(&line);
            seen.push('\n');
            if line.contains("QNG 60") {
                break;
            }
        }
        let secrets = seen.matches("pwd=asdf").count()
            + seen.matches("TWN S t=").count()
            + seen.matches("from-PP='t=").count();
        assert_eq!(secrets > 0, show, "{seen}");
        assert!(seen.contains("pwd=***") != show);
        nudge.signal("TERM");
        assert_eq!(nudge.end().0, Some(0));
    }
}

#[test]
fn commands_are_answered_by_number_and_mistakes_have_a_sentence() {
    let mut nudge = Nudge::start(&[]);
    let [notification, ..] = nudge.addresses();
    for line in [
        "status nobody busy",
        "status busy gone",
        "sttaus busy away",
        "psm busy Gone fishing",
        "name busy New Name",
        "add new@local A New One",
        "remove phone",
        "undo",
        "kick 7",
        "contacts",
        "help send",
        "send all NLN",
        "status bussy away",
        "say 1 online Hello",
        "busy status all",
    ] {
        nudge.say(line);
    }
    let replies: Vec<serde_json::Value> = (1..=15).map(|id| nudge.reply(id)).collect();
    let texts: Vec<_> = replies[12..].iter().map(|r| &r["text"]).collect();
    assert_eq!(
        texts,
        [
            "no contact \"bussy\": did you mean \"busy\"?",
            "no contact \"1\": the contact stands before the client: online 1",
            "did you mean `status all busy`?"
        ]
    );
    assert_eq!(replies[7]["text"], "taken back: phone@local is there again");
    let ok: Vec<bool> = replies.iter().map(|r| r["ok"] == true).collect();
    assert_eq!(
        ok,
        [
            false, false, false, true, true, true, true, true, false, true, true, false, false,
            false, false
        ],
        "{replies:#?}"
    );
    assert!(
        replies[2]["text"]
            .as_str()
            .expect("text")
            .contains("status"),
        "{}",
        replies[2]
    );
    assert_eq!(
        replies[9]["contacts"].as_array().expect("contacts").len(),
        9
    );

    let mut client = TcpStream::connect(notification).expect("connects");
    client.write_all(b"VER 1 MSNP16\r\n").expect("is read");
    nudge.event("frame", |e| {
        e["line"] == "VER 1 MSNP16" && e["direction"] == "out"
    });
    nudge.say(r"send! 1 QNG \x01\n");
    assert_eq!(nudge.reply(16)["ok"], true);
    nudge.say("kick 1");
    let mut got = String::new();
    client.read_to_string(&mut got).expect("text");
    assert_eq!(got, "VER 1 MSNP16\r\nQNG \u{1}\n");
    nudge.say("quit");
    let lost = nudge.event("notice", |e| {
        e["text"].as_str().is_some_and(|t| t.contains("not saved"))
    });
    assert!(
        lost["text"].as_str().expect("text").contains("busy@local"),
        "{lost}"
    );
    assert_eq!(nudge.end().0, Some(0));
}

#[test]
fn a_client_is_named_by_its_number_its_account_or_all_in_every_command_that_takes_one() {
    let mut nudge = Nudge::start(&["--demo"]);
    nudge.addresses();
    nudge.event("signed-in", |e| e["account"] == "me@local");
    let mut id = 0;
    let mut said = |line: &str| {
        nudge.say(line);
        id += 1;
        let reply = nudge.reply(id);
        let text = reply["text"].as_str().unwrap_or_default().to_owned();
        (reply["ok"] == true, text)
    };
    for who in ["1", "me@local", "ME", "all"] {
        let answered = "client 1 is answered as MSNP16/mac now".to_owned();
        assert_eq!(said(&format!("shape {who} 16/mac")), (true, answered));
        let sent = "8 bytes to client 1".to_owned();
        assert_eq!(said(&format!("send {who} QNG 60")), (true, sent));
        let offers = "client 1 offers no file".to_owned();
        assert_eq!(said(&format!("refuse {who}")), (false, offers.clone()));
        assert_eq!(said(&format!("accept {who}")), (false, offers));
        for (line, says) in [
            (format!("picture {who}"), "client 1 "),
            (format!("undo {who}"), "made"),
            (format!("challenge {who}"), "challenged 1 client"),
            (format!("typing busy {who}"), "client 1"),
        ] {
            let (_, text) = said(&line);
            assert!(text.contains(says), "{line}: {text}");
        }
    }
    let (done, text) = said("kick you@local");
    assert!(!done);
    assert_eq!(
        text,
        "no client is signed in as \"you@local\"; connected: 1 me@local"
    );
    assert_eq!(
        said("kick me"),
        (true, "client 1 is being closed".to_owned())
    );
}

#[test]
fn save_makes_the_folder_and_the_next_run_reads_it() {
    let mut nudge = Nudge::start(&[]);
    nudge.addresses();
    nudge.say("psm busy Saved text");
    nudge.say("save");
    let saved = nudge.reply(2);
    assert_eq!(saved["ok"], true, "{saved}");
    nudge.say("quit");
    nudge.event("reply", |e| e["id"] == 3);
    let folder = std::mem::replace(&mut nudge.folder, tempfile::tempdir().expect("a folder"));
    assert_eq!(nudge.end().0, Some(0));
    let next = Nudge::start_in(folder, &[]);
    let roster = next.event("roster", |_| true);
    assert!(roster.to_string().contains("Saved text"), "{roster}");
    next.signal("INT");
    assert_eq!(next.end(), (Some(0), String::new()));
}

#[test]
fn a_folder_that_is_named_and_not_there_is_an_error_that_says_what_to_run() {
    for (option, cure) in [
        ("--contacts", "`mkdir nope`"),
        ("--certs", "`nudge certs init --certs nope`"),
    ] {
        for demo in [None, Some("--demo")] {
            let folder = tempfile::tempdir().expect("a folder");
            let end = Command::new(env!("CARGO_BIN_EXE_nudge"))
                .args(["--headless", option, "nope"])
                .args(demo)
                .current_dir(folder.path())
                .stdin(Stdio::null())
                .output()
                .expect("runs");
            assert_eq!(end.status.code(), Some(1), "{option} {demo:?}");
            let said = String::from_utf8_lossy(&end.stderr);
            assert!(said.contains(cure), "{said}");
            assert!(!folder.path().join("nope").exists(), "nothing is made");
        }
    }
}

#[test]
fn each_signal_ends_it_well_and_clients_are_told() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let nudge = Nudge::start(&["--demo"]);
        nudge.event("frame", |e| e["line"] == "QNG 60");
        nudge.signal(signal);
        nudge.event("frame", |e| e["line"] == "OUT SSD");
        assert_eq!(nudge.end(), (Some(0), String::new()), "{signal}");
    }
}

#[test]
fn it_ends_when_nobody_reads_its_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = command(folder.path(), &ANY).spawn().expect("starts");
    let mut out = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    drop(out);
    assert_eq!(child.wait().expect("ends").code(), Some(0));
}

#[test]
fn the_end_of_its_input_is_no_end() {
    let mut nudge = Nudge::start(&[]);
    let [notification, ..] = nudge.addresses();
    drop(nudge.stdin.take());
    let mut client = TcpStream::connect(notification).expect("connects");
    client.write_all(b"VER 1 MSNP16\r\n").expect("is read");
    nudge.event("frame", |e| {
        e["line"] == "VER 1 MSNP16" && e["direction"] == "out"
    });
    nudge.signal("TERM");
    assert_eq!(nudge.end().0, Some(0));
}

#[test]
fn what_keeps_it_from_starting_is_said_and_nothing_is_announced() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = [&ANY[..ANY.len() - 1], &[address.as_str()]].concat();
    let out = command(folder.path(), &arguments).output().expect("runs");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(
        (out.status.code(), out.stdout.len()),
        (Some(1), 0),
        "{said}"
    );
    assert!(
        said.contains(&address) && said.contains("--http 127.0.0.1:0"),
        "{said}"
    );

    std::fs::create_dir(folder.path().join("contacts")).expect("a folder");
    std::fs::write(
        folder.path().join("contacts/bad.toml"),
        "[[contact]]\naccount = \"a@b\"\nstatus = \"gone\"\n",
    )
    .expect("writes");
    let out = command(folder.path(), &ANY).output().expect("runs");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(
        (out.status.code(), out.stdout.len()),
        (Some(1), 0),
        "{said}"
    );
    assert!(said.contains("bad.toml:3:10"), "{said}");
}

#[test]
fn a_second_instance_on_one_folder_says_so_and_does_not_write() {
    let first = Nudge::start(&[]);
    first.addresses();
    for name in ["contacts", "certs"] {
        std::fs::create_dir_all(first.folder.path().join(name)).expect("a folder");
    }
    let folder = first.folder.path().to_path_buf();
    first.signal("TERM");
    let kept = first;
    let contacts = folder.join("contacts").display().to_string();
    let certs = folder.join("certs").display().to_string();
    let run = || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(ANY)
            .args(["--contacts", &contacts, "--certs", &certs])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        (child, out)
    };
    let (mut one, mut one_out) = run();
    let mut line = String::new();
    while !line.contains("root certificate") {
        line.clear();
        assert!(one_out.read_line(&mut line).expect("text") > 0);
    }
    let (mut two, mut two_out) = run();
    line.clear();
    while !line.contains("will not be saved") {
        line.clear();
        assert!(two_out.read_line(&mut line).expect("text") > 0);
    }
    writeln!(
        two.stdin.as_mut().expect("its input"),
        "psm busy hello\nsave"
    )
    .expect("is read");
    while !(line.contains("\"reply\"") && line.contains("\"id\":2")) {
        line.clear();
        assert!(two_out.read_line(&mut line).expect("text") > 0);
    }
    assert!(line.contains("\"ok\":false"), "{line}");
    for child in [&mut one, &mut two] {
        let _ = child.kill();
        let _ = child.wait();
    }
    drop(kept);
}

#[test]
fn the_small_commands_print_what_they_promise() {
    let folder = tempfile::tempdir().expect("a folder");
    let certs = folder.path().join("certs").display().to_string();
    let run = |arguments: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(arguments)
            .output()
            .expect("runs");
        (
            out.status.code(),
            out.stdout,
            String::from_utf8_lossy(&out.stderr).into_owned(),
        )
    };
    let (code, ..) = run(&["certs", "show", "--certs", &certs]);
    assert_eq!(code, Some(1), "there is none yet");
    let (code, made, _) = run(&["certs", "init", "--certs", &certs]);
    assert_eq!(code, Some(0));
    let (code, ..) = run(&["certs", "init", "--certs", &certs]);
    assert_eq!(code, Some(1), "not without --force");
    let (_, shown, _) = run(&["certs", "show", "--certs", &certs]);
    assert_eq!(shown, made);
    let (_, pem, _) = run(&["certs", "export", "--certs", &certs]);
    assert!(pem.starts_with(b"-----BEGIN CERTIFICATE-----"));
    let (_, der, _) = run(&["certs", "export", "--der", "--certs", &certs]);
    assert_eq!(der.first(), Some(&0x30));
    let (_, hosts, _) = run(&["hosts", "--ip", "10.0.10.126"]);
    let hosts = String::from_utf8(hosts).expect("text");
    assert!(
        hosts.contains("10.0.10.126 messenger.hotmail.com") && !hosts.contains("login.live.com"),
        "{hosts}"
    );
    // Those of the address at which `nudge` listens, started with the same words.
    let addresses = |typed: &[&str]| -> Vec<String> {
        let (_, lines, said) = run(typed);
        let lines = String::from_utf8(lines).expect("text");
        let lines = lines.lines().filter(|line| !line.starts_with('#'));
        let mut found: Vec<String> = lines
            .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
            .collect();
        found.dedup();
        assert!(!found.is_empty(), "{said}");
        found
    };
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "").expect("written");
    let config = config.display().to_string();
    assert_eq!(addresses(&["hosts", "--config", &config]), ["127.0.0.1"]);
    let lan = addresses(&["hosts", "--config", &config, "--lan"]);
    std::fs::write(&config, "notification = \"0.0.0.0:1863\"\n").expect("written");
    assert_eq!(addresses(&["hosts", "--config", &config]), lan);
    std::fs::write(&config, "notification = \"10.1.2.3\"\n").expect("written");
    assert_eq!(addresses(&["hosts", "--config", &config]), ["10.1.2.3"]);
    let (code, _, said) = run(&["client", "--notification", "127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("127.0.0.1:1"), "{said}");
    let (code, found, _) = run(&["findings", "bare-lf"]);
    assert_eq!(code, Some(0));
    assert!(found.starts_with(b"bare-lf  ("));
    let (code, _, said) = run(&["findings", "bare-fl"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("did you mean bare-lf?"), "{said}");
    let (code, ..) = run(&["--nonsense"]);
    assert_eq!(code, Some(2));
}

#[test]
fn without_descriptors_the_silent_make_room_and_nobody_else_notices() {
    let folder = tempfile::tempdir().expect("a folder");
    let command = short_of_descriptors(folder.path(), &ANY);
    let mut nudge = Nudge::spawn(folder, command);
    let [notification, _, http] = nudge.addresses();
    let silent: Vec<TcpStream> = (0..100)
        .map(|n| TcpStream::connect([notification, http][n % 2]).expect("the system queues it"))
        .collect();
    nudge.event("finding", |e| e["id"] == "no-descriptors");
    let mut client = TcpStream::connect(notification).expect("the system queues it");
    client.set_read_timeout(Some(PATIENCE)).expect("a limit");
    client.write_all(b"VER 1 MSNP16\r\n").expect("written");
    let mut answer = [0; 14];
    client.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"VER 1 MSNP16\r\n");
    drop(silent);
    nudge.say("quit");
    assert_eq!(nudge.end().0, Some(0));
}

#[test]
fn with_autosave_a_change_is_saved_however_soon_it_ends() {
    let mut nudge = Nudge::start(&["--autosave"]);
    nudge.addresses();
    nudge.say("status busy lunch");
    nudge.say("quit");
    nudge.event("reply", |e| e["id"] == 2);
    let folder = std::mem::replace(&mut nudge.folder, tempfile::tempdir().expect("a folder"));
    assert_eq!(nudge.end(), (Some(0), String::new()));
    let mut again = Nudge::start_in(folder, &[]);
    again.say("contacts");
    let contacts = again.reply(1)["contacts"].clone();
    let busy = contacts
        .as_array()
        .and_then(|all| all.iter().find(|c| c["account"] == "busy@local"))
        .expect("busy")
        .clone();
    assert_eq!(busy["status"], "lunch", "{busy}");
    again.say("quit");
    assert_eq!(again.end().0, Some(0));
}
