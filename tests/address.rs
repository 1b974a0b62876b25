//! Where things are, on the command line of the real binary: `host:port`, taken the same way by every option, and the domain
//! of the shipped contacts.

#[path = "common/program.rs"]
mod program;

use std::process::Command;
use std::time::Duration;

/// Ends a test that would hang; nothing asserts a time.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn doors_open_at_a_name_and_ipv6_in_brackets_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let named = [
        "--switchboard",
        "localhost:0",
        "--notification",
        "localhost:0",
    ];
    let (mut child, lines) = program::start(folder.path(), named);
    let mut open = Vec::new();
    while !open.contains(&"switchboard".to_owned()) {
        let line = lines.recv_timeout(PATIENCE).expect("it tells of its doors");
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if event["event"] == "listening" {
            let address = event["address"].as_str().expect("an address");
            assert!(address.starts_with("127.0.0.1:"), "{line}");
            open.push(event["service"].as_str().expect("a service").to_owned());
        }
    }
    assert_eq!(open.iter().filter(|s| *s == "notification").count(), 2);
    child.kill().expect("ends");
    let _ = child.wait();
}

#[test]
fn what_is_no_host_and_port_is_refused_everywhere_with_an_example() {
    let folder = tempfile::tempdir().expect("a folder");
    for (before, options) in [
        (
            vec!["--headless"],
            vec![
                "--notification",
                "--https",
                "--http",
                "--switchboard",
                "--public",
            ],
        ),
        (vec!["client"], vec!["--notification", "--https", "--http"]),
        (
            vec!["replay", "x.nudge"],
            vec!["--notification", "--https", "--http"],
        ),
    ] {
        for option in options {
            for wrong in ["::1", "http://mac.local", "mac.local:99999"] {
                let out = Command::new(env!("CARGO_BIN_EXE_nudge"))
                    .args(&before)
                    .args([option, wrong])
                    .env("HOME", folder.path())
                    .current_dir(folder.path())
                    .output()
                    .expect("runs");
                let said = String::from_utf8_lossy(&out.stderr);
                assert_eq!(out.status.code(), Some(2), "{option} {wrong}: {said}");
                let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(
                    said.contains("such as 10.0.10.126:8080") && said.contains(option),
                    "{option} {wrong}: {said}"
                );
            }
        }
    }
}

#[test]
fn a_name_without_an_address_is_said_with_its_option() {
    let folder = tempfile::tempdir().expect("a folder");
    // No label of a name is so long: no name server is asked.
    let nowhere = format!("{}.invalid", "x".repeat(64));
    let out = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(["--headless", "--https", &nowhere])
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("--https: no address for {nowhere}:8443")),
        "{said}"
    );
}

#[test]
fn the_shipped_contacts_are_put_into_another_domain_and_a_client_sees_them_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, lines) = program::start(folder.path(), ["--domain", "local.test"]);
    let mut doors = std::collections::HashMap::new();
    while doors.len() < 4 {
        let line = lines.recv_timeout(PATIENCE).expect("it tells of its doors");
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if event["event"] == "listening" {
            let text = |field: &str| event[field].as_str().expect("a text").to_owned();
            doors.insert(text("service"), text("address"));
        }
    }
    // Of Windows, whose lists come over the notification connection; and the Mac, whose book is fetched.
    for (dialect, family) in [("8", "windows"), ("16", "mac")] {
        let out = Command::new(env!("CARGO_BIN_EXE_nudge"))
            .args(["client", "--dialect", dialect, "--client", family])
            .args([
                "--account",
                "me@local.test",
                "--pings",
                "1",
                "--ping-every",
                "1",
            ])
            .args([
                "--notification",
                &doors["notification"],
                "--https",
                &doors["https"],
            ])
            .env("HOME", folder.path())
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(
            out.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&out.stderr)
        );
        for name in ["online", "busy", "away", "brb", "idle", "lunch", "phone"] {
            assert!(
                said.contains(&format!("{name}@local.test")),
                "{dialect}: {name}: {said}"
            );
            assert!(
                !said.contains(&format!("{name}@local ")),
                "{dialect}: {name}: {said}"
            );
        }
    }
    child.kill().expect("ends");
    let _ = child.wait();
}
