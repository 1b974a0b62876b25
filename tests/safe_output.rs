//! What others say reaches no terminal as it is: every subcommand escapes what it prints.

#[path = "common/program.rs"]
mod program;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// OSC 52 writes the clipboard, CSI moves the cursor, C1 does both in one byte, a bidirectional control turns a line round.
const HOSTILE: &str = "\u{1b}]52;c;aGk=\u{7}\u{1b}[2J\u{9b}31m\u{202e}";

fn holds_no_control(output: &[u8], of: &str) {
    let text = String::from_utf8_lossy(output);
    let found = text
        .chars()
        .find(|c| *c != '\n' && nudge::msnp::escape::is_unsafe_on_screen(*c));
    assert_eq!(found, None, "{of}: {text:?}");
}

/// What nudge prints there with these arguments: something, in any case.
fn printed(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    let said = [output.stdout, output.stderr].concat();
    assert!(!said.is_empty(), "{arguments:?}");
    said
}

/// What `nudge client` prints of a server that answers each line as this says, and then closes.
fn client_against(answers: Vec<String>) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut lines = BufReader::new(stream.try_clone().expect("a handle")).lines();
        for answer in answers {
            lines.next();
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    let output = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args([
            "client",
            "--notification",
            &address,
            "--https",
            "127.0.0.1:9",
        ])
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    server.join().expect("the server ends");
    assert!(!output.status.success(), "it cannot have signed in");
    [output.stdout, output.stderr].concat()
}

#[test]
fn whatever_a_server_says_the_client_prints_no_control_byte() {
    let ver = || "VER 1 MSNP16 CVR0\r\n".to_owned();
    let cvr = || "CVR 2 8.0.1 8.0.1 8.0.1 http://x/ http://x/\r\n".to_owned();
    for answers in [
        vec![HOSTILE.to_owned() + "\r\n"],
        vec![format!("VER 1 {HOSTILE}\r\n")],
        vec![ver(), format!("CVR 2 {HOSTILE}\r\n")],
        vec![ver(), cvr(), format!("XFR 3 NS {HOSTILE}:1863 0 x\r\n")],
        vec![
            ver(),
            cvr(),
            format!("XFR 3 NS 127.0.0.1:{HOSTILE} 0 x\r\n"),
        ],
        vec![ver(), cvr(), format!("911 3 {HOSTILE}\r\n")],
        vec![ver(), cvr(), format!("OUT {HOSTILE}\r\n")],
        vec![ver(), cvr(), format!("NOT 9{HOSTILE}\r\n")],
        vec![format!("VER 1 MSNP16{}", HOSTILE.repeat(2_000))],
    ] {
        let what = format!("{:.60}", answers.last().expect("one").escape_debug());
        holds_no_control(&client_against(answers), &what);
    }
}

#[test]
fn what_is_typed_or_stands_in_a_file_is_escaped_where_it_is_quoted() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("contacts")).expect("a folder");
    let file = "[[contact]]\naccount = \"a\u{202e}\u{9b}31m\"\n";
    std::fs::write(folder.path().join("contacts/a.toml"), file).expect("written");
    for arguments in [
        &["explain", HOSTILE][..],
        &["explain", &format!("NLN {HOSTILE}")],
        &["open", HOSTILE],
        &["export", HOSTILE],
        &["diff", HOSTILE, "b"],
        &["replay", HOSTILE],
        &["--headless", "--contacts", HOSTILE],
        &["--headless", "--contacts", "contacts"],
        &["hosts", "--ip", HOSTILE],
        &["certs", "show", "--certs", HOSTILE],
        &[HOSTILE],
    ] {
        holds_no_control(&printed(folder.path(), arguments), arguments[0]);
    }
}

/// Unicode's Default_Ignorable_Code_Point and format controls, by example: none of them shows, so text can be hidden in them.
#[test]
fn what_cannot_be_seen_is_escaped_and_what_makes_an_emoji_is_not() {
    let hidden = "\u{34f}\u{17b4}\u{17b5}\u{180b}\u{180f}\u{fe00}\u{fe0d}\u{fff0}\u{13430}\u{1bca0}\u{1d173}\u{1d17a}\u{e0080}\u{e0100}\u{e01ef}\u{e0fff}";
    for c in hidden.chars() {
        let shown = nudge::msnp::escape::to_screen(format!("a{c}b").as_bytes());
        assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(c)));
    }
    let heart = "\u{2764}\u{fe0f} e\u{301} \u{645}\u{6dd}";
    assert_eq!(nudge::msnp::escape::to_screen(heart.as_bytes()), heart);
}

/// Who mistakes the fields of a form writes the password where the account belongs, and then where it belongs. What was
/// printed by then cannot be taken back, but a recording is handed on later.
#[test]
fn what_a_recording_shows_before_it_was_known_for_a_password_is_hidden_in_all_that_is_made_of_it() {
    const PASSWORD: &str = "hunter22x";
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, lines) = program::start(folder.path(), ["--record", "a.nudge"]);
    let http = loop {
        let line = lines.recv().expect("it listens");
        let event: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if event["service"] == "http" {
            break event["address"].as_str().expect("an address").to_owned();
        }
    };
    for (account, password) in [(PASSWORD, "me@local"), ("me@local", PASSWORD)] {
        let mut door = TcpStream::connect(&http).expect("it listens");
        let request = format!(
            "GET /login2.srf?for={account} HTTP/1.1\r\nHost: login.live.com\r\nAuthorization: Passport1.4 sign-in={account},pwd={password}\r\nConnection: close\r\n\r\n"
        );
        door.write_all(request.as_bytes()).expect("is read");
        door.read_to_end(&mut Vec::new()).expect("an answer");
    }
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(b"quit\n").expect("is read");
    assert!(child.wait().expect("ends").success());
    let file = folder.path().join("a.nudge");
    let raw = std::fs::read(&file).expect("a recording");
    assert!(memchr::memmem::find(&raw, PASSWORD.as_bytes()).is_some());
    for arguments in [
        &["export", "-f", "text", "a.nudge"][..],
        &["export", "-f", "jsonl", "a.nudge"],
        &["export", "-f", "har", "a.nudge"],
        &["export", "-f", "markdown", "a.nudge"],
        &["export", "-f", "pcapng", "a.nudge"],
        &["explain", "a.nudge", "--diagram"],
    ] {
        let said = printed(folder.path(), arguments);
        let text = String::from_utf8_lossy(&said);
        assert!(!text.contains(PASSWORD), "{arguments:?}: {text}");
    }
}
