//! The ends of what the system gives: a full disk, a file that may grow no further, what is no file, a supervisor without
//! patience; and requests that a browser was led to make. All on the real binary.

#[path = "common/program.rs"]
mod program;

use program::ANY;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// Ends a test that would hang; nothing asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for an event that holds this text, and gives it.
fn until(lines: &Receiver<String>, text: &str) -> serde_json::Value {
    loop {
        let line = lines.recv_timeout(PATIENCE).expect(text);
        if line.contains(text) {
            return serde_json::from_str(&line).expect("JSON");
        }
    }
}

fn door(lines: &Receiver<String>, service: &str) -> String {
    loop {
        let event = until(lines, "\"listening\"");
        if event["service"] == service {
            return event["address"].as_str().expect("an address").to_owned();
        }
    }
}

/// Starts it by a shell, in this folder, that does this before.
fn after(shell: &[&str], script: &str, folder: &Path, more: &[&str]) -> (Child, Receiver<String>) {
    let mut command = Command::new(shell[0]);
    command
        .args(&shell[1..])
        .args(["-c", &format!("{script} && exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_nudge"))
        .args(ANY)
        .args(more);
    program::started(program::at_home(command, folder))
}

/// That it goes on, and ends well when it is told to.
fn goes_on(mut child: Child, lines: &Receiver<String>) {
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(b"contacts\nquit\n").expect("is read");
    let reply = until(lines, "\"reply\"");
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!(child.wait().expect("ends").code(), Some(0));
}

#[test]
fn a_file_that_may_grow_no_further_ends_the_recording_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    // So many blocks of 512 bytes (some shells: of 1,024).
    let (mut child, lines) = after(
        &["sh"],
        "ulimit -f 16",
        folder.path(),
        &["--record", "r.nudge"],
    );
    until(&lines, "root certificate");
    let stdin = child.stdin.as_mut().expect("its input");
    for n in 0..200 {
        writeln!(stdin, "psm busy {n} {}", "x".repeat(100)).expect("is read");
    }
    let notice = until(&lines, "the recording has ended");
    assert_eq!(notice["severity"], "error", "{notice}");
    goes_on(child, &lines);
    let kept = std::fs::metadata(folder.path().join("r.nudge")).expect("is there");
    assert!((1..=16 * 1024).contains(&kept.len()), "{}", kept.len());
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_of_which_a_twentieth_is_free_ends_the_recording_with_a_notice() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).expect("is made");
    let mount = "mount -t tmpfs -o size=8m none disk";
    // In a name space of its own, where it goes with the process.
    let tried = Command::new("unshare")
        .args(["-m", "sh", "-c", mount])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .status();
    if !tried.is_ok_and(|status| status.success()) {
        eprintln!("skipped: mounting a small disk needs root");
        return;
    }
    let shell = ["unshare", "-m", "sh"];
    let record = ["--record", "disk/r.nudge"];
    let (child, lines) = after(&shell, mount, folder.path(), &record);
    until(&lines, "root certificate");
    // The disk as that process sees it.
    let seen = Path::new("/proc").join(child.id().to_string()).join("root");
    let inside = seen.join(disk.strip_prefix("/").expect("absolute"));
    assert!(inside.join("r.nudge").exists());
    std::fs::write(inside.join("fill"), vec![0; 8_100_000]).expect("fits");
    let notice = until(&lines, "the recording has ended");
    let text = notice["text"].as_str().expect("a text");
    assert!(text.contains("less than 5 % of the disk"), "{text}");
    goes_on(child, &lines);
}

#[test]
fn what_is_no_file_is_refused_at_once_as_a_recording_and_as_a_root() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new("mkfifo")
        .arg(folder.path().join("pipe"))
        .status();
    assert!(made.expect("mkfifo").success());
    let run = |more: &[&str]| {
        let nudge = Command::new(env!("CARGO_BIN_EXE_nudge"));
        let mut command = program::at_home(nudge, folder.path());
        command.args(ANY).args(more).stdin(Stdio::null());
        let out = command.output().expect("runs");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(1), "{more:?}: {said}");
        said
    };
    for (path, kind) in [("pipe", "pipe"), ("/dev/null", "device"), (".", "folder")] {
        let said = run(&["--record", path]);
        assert!(said.contains(kind), "{said}");
    }
    let certs = folder.path().join("mine");
    // A device is everybody's, which is said first.
    for (target, why) in [
        ("pipe", "is no file"),
        ("/dev/zero", "everybody"),
        (".", "is no file"),
    ] {
        let made = Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(["certs", "init", "--force", "--certs", "mine"])
            .current_dir(folder.path())
            .output()
            .expect("runs");
        assert!(made.status.success(), "{made:?}");
        let root = certs.join("root.pem");
        std::fs::remove_file(&root).expect("was made");
        let target = folder.path().join(target);
        std::os::unix::fs::symlink(target, &root).expect("is made");
        let said = run(&["--certs", "mine"]);
        assert!(said.contains("root.pem") && said.contains(why), "{said}");
        std::fs::remove_dir_all(&certs).expect("goes");
    }
}

#[test]
fn a_second_sigterm_ends_at_once_and_with_code_0() {
    let folder = tempfile::tempdir().expect("a folder");
    let nudge = Command::new(env!("CARGO_BIN_EXE_nudge"));
    let mut command = program::at_home(nudge, folder.path());
    let mut child = command.args(ANY).spawn().expect("starts");
    // Nobody reads what it prints any more, so it has something to wait for.
    let mut out = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    while !line.contains("root certificate") {
        line.clear();
        assert!(out.read_line(&mut line).expect("text") > 0);
    }
    let mut stdin = child.stdin.take().expect("its input");
    stdin
        .write_all("contacts\n".repeat(400).as_bytes())
        .expect("is taken");
    let pid = child.id().to_string();
    let term = || {
        std::thread::sleep(Duration::from_millis(500));
        let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
        assert!(sent.expect("kill").success());
    };
    term();
    term();
    // The first alone would be given up after ten seconds, with another code.
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    drop(out);
}

/// What is answered to this request.
fn asked(door: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(door).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    stream.write_all(request.as_bytes()).expect("is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

#[test]
fn a_host_that_is_not_ours_gets_421_two_of_them_400_and_both_are_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, lines) = program::start(folder.path(), ["--public", "mine.example:8080"]);
    let http = door(&lines, "http");
    let services = [
        "GET /login2.srf",
        "POST /RST.srf",
        "POST /abservice/abservice.asmx",
        "POST /storageservice/schematizedstore.asmx",
        "POST /OimWS/oim.asmx",
        "POST /gateway/gateway.dll?Action=open&Server=NS",
        "POST //Gateway/gateway.dll?Action=open&Server=SB",
    ];
    let status = |service: &str, hosts: &str| {
        let rest = "Content-Length: 0\r\nConnection: close\r\n\r\n";
        let answer = asked(&http, &format!("{service} HTTP/1.1\r\n{hosts}{rest}"));
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    for service in services {
        for foreign in [
            "rebound.example",
            "evil.example:80",
            "login.live.com.evil.example",
            "127.0.0.1.nip.io",
        ] {
            assert_eq!(
                status(service, &format!("Host: {foreign}\r\n")),
                "421",
                "{service} {foreign}"
            );
            let finding = until(&lines, "\"foreign-host\"");
            assert_eq!(finding["severity"], "warning", "{finding}");
        }
        for ours in [
            "login.live.com",
            "contacts.msn.com",
            &http,
            "localhost",
            "[::1]:80",
            "mine.example",
            "MINE.example:9",
        ] {
            let status = status(service, &format!("Host: {ours}\r\n"));
            assert_ne!(status, "421", "{service} {ours}");
        }
        let two = "Host: login.live.com\r\nHost: rebound.example\r\n";
        assert_eq!(status(service, two), "400", "{service}");
        until(&lines, "\"two-hosts\"");
    }
    // What shows the root is for any name.
    assert_eq!(status("GET /", "Host: rebound.example\r\n"), "200");
    child.kill().expect("ends");
    let _ = child.wait();
}

#[test]
fn a_folder_of_contacts_that_others_can_write_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let contacts = folder.path().join("contacts");
    std::fs::create_dir(&contacts).expect("made");
    std::fs::set_permissions(&contacts, std::fs::Permissions::from_mode(0o777)).expect("set");
    let (mut child, lines) = program::start(folder.path(), [] as [&str; 0]);
    let notice = until(&lines, "can be written by everybody");
    assert_eq!(notice["severity"], "warning", "{notice}");
    child.kill().expect("ended");
    child.wait().expect("gone");
}
