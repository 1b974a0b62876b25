//! `sudo nudge`: ports are bound as root, all else is done as the user who called. These tests need root, and say so
//! where they are run without it.
#![cfg(target_os = "linux")]

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Ends a test that would hang; nothing asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);
/// A user that no machine has.
const USER: u32 = 42_424;
const GROUP: u32 = 42_425;

fn is_root() -> bool {
    let is = rustix::process::geteuid().is_root();
    if !is {
        eprintln!("skipped: becoming another user needs root");
    }
    is
}

/// A folder of the user's.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    chown(folder.path(), Some(USER), Some(GROUP)).expect("root may");
    folder
}

/// A port for which one must be root, unless the machine says otherwise.
fn low_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (600..1024).rev().find(is_free).expect("a free port")
}

/// Everything below a folder.
fn below(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, found);
        }
        found.push(path);
    }
}

#[test]
fn after_the_ports_are_bound_it_is_the_user_who_called_and_so_are_its_files() {
    if !is_root() {
        return;
    }
    let folder = folder();
    let port = low_port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nudge"));
    command
        .args(["--headless", "--https", &format!("127.0.0.1:{port}")])
        .args(["--notification", "127.0.0.1:0", "--http", "127.0.0.1:0"])
        .args(["--record", "all.nudge", "--log", "nudge.log"])
        .env("SUDO_UID", USER.to_string())
        .env("SUDO_GID", GROUP.to_string())
        // As sudo leaves it: root's.
        .env("HOME", "/root")
        .env_remove("XDG_DATA_HOME")
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("starts");
    let lines = program::lines(&mut child);
    let mut told = String::new();
    while !told.contains("root certificate") {
        told += &lines.recv_timeout(PATIENCE).expect("a line");
    }
    assert!(told.contains(&format!("127.0.0.1:{port}")), "{told}");
    assert!(
        told.contains(&format!("from here on as user {USER}")),
        "{told}"
    );
    for task in fs::read_dir(format!("/proc/{}/task", child.id())).expect("threads") {
        let status = task.expect("a thread").path().join("status");
        let status = fs::read_to_string(status).expect("its status");
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let words = line.expect("a line").split_whitespace().skip(1);
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            of("Uid:"),
            [
                USER.to_string(),
                USER.to_string(),
                USER.to_string(),
                USER.to_string()
            ]
        );
        assert_eq!(
            of("Gid:"),
            [
                GROUP.to_string(),
                GROUP.to_string(),
                GROUP.to_string(),
                GROUP.to_string()
            ]
        );
        assert_eq!(of("Groups:"), [GROUP.to_string()]);
    }
    let mut stdin = child.stdin.take().expect("its input");
    stdin
        .write_all(b"add ann@local\nsave\nquit\n")
        .expect("is read");
    assert!(child.wait().expect("ends").success());
    let mut made = Vec::new();
    below(folder.path(), &mut made);
    for name in [
        "certs",
        "certs/root.key",
        "all.nudge",
        "nudge.log",
        "contacts",
    ] {
        let is = |path: &std::path::PathBuf| path.ends_with(name);
        assert!(made.iter().any(is), "{name} is not among {made:?}");
    }
    for path in made {
        let held = fs::metadata(&path).expect("is there");
        assert_eq!(
            (held.uid(), held.gid()),
            (USER, GROUP),
            "{}",
            path.display()
        );
    }
}

#[test]
fn certificates_of_a_third_user_are_refused_and_those_of_the_caller_are_not() {
    if !is_root() {
        return;
    }
    let folder = folder();
    let certs = folder.path().join("certs");
    fs::create_dir(&certs).expect("is made");
    let init = |owner: u32| {
        chown(&certs, Some(owner), Some(owner)).expect("root may");
        Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(["certs", "init"])
            .env("SUDO_UID", USER.to_string())
            .env("SUDO_GID", GROUP.to_string())
            .env("HOME", "/root")
            .current_dir(folder.path())
            .output()
            .expect("runs")
    };
    let refused = init(USER + 1);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("belongs to another user (number {})", USER + 1)),
        "{said}"
    );
    let taken = init(USER);
    let said = String::from_utf8_lossy(&taken.stderr);
    assert!(taken.status.success(), "{said}");
    let key = fs::metadata(certs.join("root.key")).expect("is made");
    assert_eq!((key.uid(), key.gid()), (USER, GROUP));
}

#[test]
fn the_folders_are_those_of_the_user_who_called() {
    if !is_root() {
        return;
    }
    let users = fs::read_to_string("/etc/passwd").expect("users");
    let other = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let is = fields.len() > 5 && fields[2] != "0" && fields[5].starts_with('/');
        is.then(|| (fields[2].to_owned(), fields[5].to_owned()))
    });
    let Some((uid, home)) = other else {
        eprintln!("skipped: this machine has no user but root");
        return;
    };
    let out = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .arg("config")
        .env("SUDO_UID", uid)
        .env("SUDO_GID", GROUP.to_string())
        .env("HOME", "/root")
        .env_remove("XDG_CONFIG_HOME")
        .current_dir("/")
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&out.stdout);
    let usual = format!("{home}/.config/nudge/config.toml");
    assert!(said.contains(&usual), "{usual} is not in {said}");
}
