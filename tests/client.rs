//! `nudge client`: a partner in a second terminal.

mod common;

#[path = "../benches/support/pty.rs"]
mod pty;

use nudge::client::{Config, Method, Part, print_run};
use nudge::control::{Action, Command as Control};
use nudge::event::Service::{Https, Notification};
use nudge::msnp::{Dialect, Family};
use portable_pty::CommandBuilder;
use pty::Pty;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn client(arguments: &[&str], typed: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .arg("client")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut input = child.stdin.take().expect("its input");
    let _ = input.write_all(typed.as_bytes());
    drop(input);
    child.wait_with_output().expect("ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_plays_a_script_and_obeys_what_is_typed() {
    let mut whole = common::whole().await;
    whole.ignore_events();
    let (at, https) = (
        whole.door(Notification).to_string(),
        whole.door(Https).to_string(),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("partner.txt");
    let script = "# says it is away, waits for the answer, and goes\nuntil QNG\nwait 0.01\nstatus away\nuntil CHG\n\
                  UUX {id} *\\r\\n<Data><PSM>raw</PSM></Data>\nuntil ACK\nout\n";
    std::fs::write(&file, script).expect("written");
    let arguments = [
        "--notification",
        &at,
        "--https",
        &https,
        "--account",
        "ann@local",
    ];
    let file = file.to_string_lossy().into_owned();
    let with_script = [&arguments[..], &["--script", &file]].concat();
    let output = tokio::task::block_in_place(|| client(&with_script, ""));
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}{}", text(&output.stderr));
    let after = said
        .split("signed in as ann@local: 7 contacts seen\n")
        .nth(1)
        .expect("it signs in");
    let lines: Vec<&str> = after
        .lines()
        .filter(|line| !line.contains("PNG") && !line.contains("QNG") && !line.contains("alive"))
        .collect();
    assert_eq!(
        lines,
        [
            "C: CHG 17 AWY 1085276192:131088",
            "S: CHG 17 AWY 1085276192:131088",
            "C: UUX 18 27 + <Data><PSM>raw</PSM></Data>",
            "S: ACK 18 UUX",
            "C: OUT",
            "finished: the script signed out",
        ],
        "{after}"
    );

    let typed = "message hello\r\nstatus gone\nhelp\nout\n";
    let output = tokio::task::block_in_place(|| client(&arguments, typed));
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    for expected in [
        "+ <Data><PSM>hello</PSM><CurrentMedia></CurrentMedia></Data>\n",
        "# unknown status \"gone\"",
        "#   wait SECONDS",
        "finished: signed out\n",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_goes_above_what_is_being_typed_and_the_terminal_is_given_back() {
    const ROWS: u16 = 24;
    let mut whole = common::whole().await;
    whole.ignore_events();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_nudge"));
    let at = whole.door(Notification).to_string();
    let https = whole.door(Https).to_string();
    command.args(["client", "--notification", &at, "--https", &https]);
    command.env("TERM", "xterm");
    let Pty {
        master,
        mut child,
        mut keys,
    } = pty::spawn(command, ROWS, 100);
    let bytes = pty::reader(&*master);
    let mut screen = pty::screen(ROWS, 100);
    let mut rows_with = |wanted: &dyn Fn(&[String]) -> bool| -> Vec<String> {
        loop {
            let text = screen.screen().contents();
            let rows: Vec<String> = text.trim_end().lines().map(str::to_owned).collect();
            if wanted(&rows) {
                return rows;
            }
            match bytes.recv_timeout(Duration::from_secs(60)) {
                Ok(bytes) => screen.process(&bytes),
                Err(error) => panic!("{error}: {text}"),
            }
        }
    };
    let last = |rows: &[String]| rows.last().cloned().unwrap_or_default();
    tokio::task::block_in_place(|| {
        rows_with(&|rows| rows.iter().any(|row| row.contains("contacts seen")));
        rows_with(&|rows| last(rows) == "> help: what can be typed here");
        keys.write_all(b"status bu").expect("typed");
        rows_with(&|rows| last(rows) == "> status bu");
        let flip = Action::Status {
            contacts: vec!["online".into()],
            status: nudge::msnp::Status::Away,
        };
        let id = nudge::event::CommandId(1);
        let told = whole.engine().commands().send(Control { id, action: flip });
        told.expect("it runs");
        let is_told = |rows: &[String]| rows.iter().any(|row| row.contains("NLN AWY online@local"));
        let rows = rows_with(&|rows| is_told(rows) && last(rows) == "> status bu");
        let told = rows.iter().find(|row| row.contains("NLN AWY"));
        assert!(
            told.expect("a row").starts_with("S: NLN AWY online@local"),
            "{rows:?}"
        );
        keys.write_all(b"sy\rout\r").expect("typed");
        let rows = rows_with(&|rows| last(rows).starts_with("finished:"));
        let typed = rows.iter().position(|row| row == "> status busy");
        let said = rows.iter().position(|row| row.starts_with("C: CHG"));
        assert!(typed.is_some() && typed < said, "{rows:?}");
        child.wait().expect("it ended");
    });
    let modes = master.get_termios().expect("its modes").local_flags;
    let modes = format!("{modes:?}");
    assert!(
        modes.contains("ICANON") && modes.contains("ECHO |"),
        "{modes}"
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_an_example() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("partner.txt");
    std::fs::write(&file, "# fine\nwait 1\nwiat 2\n").expect("written");
    let file = file.to_string_lossy().into_owned();
    for (arguments, expected) in [
        (
            ["--script", &file],
            format!("{file}:3: \"wiat\" is no order"),
        ),
        (["--script", "nope"], "script nope: No such file".to_owned()),
        (
            ["--notification", "127.0.0.1:x"],
            "such as 10.0.10.126:8080".to_owned(),
        ),
        (
            ["--https", "http://a/"],
            "such as 10.0.10.126:8080".to_owned(),
        ),
        (["--pace", "slow"], "such as 0.6".to_owned()),
        // Nobody listens at the port of discard.
        (
            ["--notification", "127.0.0.1:9"],
            "Start it in another terminal: nudge".to_owned(),
        ),
    ] {
        let output = client(&arguments, "");
        let said = text(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(&expected), "{arguments:?}: {said}");
    }
}

#[test]
fn nobody_can_send_it_to_a_real_host_that_was_not_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut lines = BufReader::new(stream.try_clone().expect("a handle")).lines();
        for answer in [
            "VER 1 MSNP16 CVR0\r\n",
            "CVR 2 1 2 3 4 5\r\n",
            "XFR 3 NS Messenger.Hotmail.com:1863 0 127.0.0.1:1863\r\n",
        ] {
            lines.next();
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    let output = client(&["--notification", &address], "");
    server.join().expect("the server ends");
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(
        said.contains("Messenger.Hotmail.com is a real host"),
        "{said}"
    );
}

/// Every dialect by every method that it has, from Windows; and the Mac at each of its own.
fn everyone() -> Vec<Config> {
    let mut all = Vec::new();
    for dialect in Dialect::all() {
        let rules = dialect.rules();
        let families = [
            (Family::Windows, Method::Twn, true),
            (Family::Windows, Method::Rst, true),
            (Family::Windows, Method::Sso, rules.sso),
            (Family::Mac, Method::Twn, rules.mac),
        ];
        for (family, method, _) in families.into_iter().filter(|row| row.2) {
            all.push(Config {
                family,
                method,
                dialect: Some(dialect),
                pings: Some(1),
                ..Config::default()
            });
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn it_signs_in_at_every_dialect_by_every_method_and_sees_all_seven() {
    let mut whole = common::whole().await;
    whole.ignore_events();
    let everyone = everyone();
    // Eleven by TWN in two ways, five by SSO, four as the Mac.
    assert_eq!(everyone.len(), 11 * 2 + 5 + 4);
    for (n, config) in everyone.into_iter().enumerate() {
        let what = format!(
            "{:?} {:?} {:?}",
            config.family, config.method, config.dialect
        );
        let account = format!("c{n}@local");
        let reached = whole.client(&account);
        let config = Config {
            account: account.clone(),
            notification: reached.notification,
            reach: reached.reach,
            ..config
        };
        let personal = config.dialect.is_some_and(|d| d.rules().personal_message);
        let mut out = Vec::new();
        let ran = print_run(config, Part::default(), &mut out, CancellationToken::new()).await;
        let said = text(&out);
        let summary = ran.unwrap_or_else(|error| panic!("{what}: {error}\n{said}"));
        assert_eq!(summary.dropped, 0, "{what}: {said}");
        assert_eq!(summary.contacts.len(), 8, "{what}: {said}");
        let seen = summary.contacts.iter().filter(|c| {
            c.status.is_visible() && c.name.ends_with(" User") && c.has_personal == personal
        });
        assert_eq!(seen.count(), 7, "{what}: {said}");
        let expected = format!("signed in as {account}: 7 contacts seen");
        assert!(said.contains(&expected), "{what}: {said}");
        // What proves who it is stands in no line of it.
        for secret in ["asdf", "S t=", "MSPAuth: t", "'t=", "HAAAAAEAAAADZgAA"] {
            assert!(!said.contains(secret), "{what}: {secret} in {said}");
        }
    }
}
