//! A client's picture by the terminal's own graphics: in a pseudo-terminal that answers as kitty does, and in others.
//!
//! This test program runs itself as the child, with the console and a service of a few lines in it.

#[path = "console_support/mod.rs"]
mod support;

#[path = "console_support/terminal.rs"]
mod terminal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use nudge::console::{Options, run};
use nudge::event::{
    ClientId, Clock, CommandId, ConnectionId, EventKind, EventSink, Reply, ReplyData, Step,
};
use portable_pty::CommandBuilder;
use std::io::Write as _;
use std::time::{Duration, Instant};
use support::info;
use terminal::pty::size;
use terminal::{PATIENCE, Terminal, assert_given_back};

const ROLE: &str = "NUDGE_GRAPHICS_CHILD";

/// 96 by 96 pixels, grey, and not opaque.
const GREY: &[u8] = include_bytes!("../src/roster/picture/grey.png");

/// What the terminal is asked: for its graphics, its name, the size of a cell, its colours, and what every terminal answers.
const QUESTION: &str = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[16t\x1b[?1;1S\x1b[c";
/// What kitty answers.
const KITTY: &str = "\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;52;c";

/// The child. Without its role it is a test that promises nothing. The role may be the file of a picture, to be looked at in a
/// terminal: `NUDGE_GRAPHICS_CHILD=FILE`, and the test program with `child --exact --nocapture`.
#[test]
fn child() {
    let Some(role) = std::env::var_os(ROLE) else {
        return;
    };
    let picture = std::fs::read(role).unwrap_or_else(|_| GREY.to_vec());
    let clock = Clock::start();
    let (sink, stream) = EventSink::new(clock);
    let (commands, mut received) = tokio::sync::mpsc::unbounded_channel();
    let connection = sink.connection(ConnectionId(1), Some(ClientId(1)));
    let told = [
        EventKind::Client(Box::new(info(Step::Online, clock.now().0))),
        EventKind::Reply(Box::new(Reply {
            command: CommandId(0),
            ok: true,
            text: "its picture".into(),
            data: ReplyData::Picture(ClientId(1), picture.into()),
        })),
    ];
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            for kind in told {
                connection.tell(kind).await;
            }
            // It ends with the first command, which is to end.
            received.recv().await;
        });
    });
    let service = nudge::console::Service {
        unsaved: tokio::sync::watch::channel(false).1,
        events: stream,
        commands,
        ended: tokio_util::sync::CancellationToken::new(),
    };
    let stop = tokio_util::sync::CancellationToken::new();
    run(Options::default(), clock, service, stop).expect("it ran");
}

/// The console in a terminal, before it has been answered.
fn start(variable: Option<(&str, &str)>) -> Terminal {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("a path"));
    command.args(["child", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, "yes");
    for within in ["STY", "COLORFGBG"] {
        command.env_remove(within);
    }
    command.env("LC_ALL", "C.UTF-8");
    if let Some((name, value)) = variable {
        command.env(name, value);
    }
    let terminal = Terminal::spawn(command, true);
    terminal.master.resize(size(90, 120)).expect("resized");
    terminal
}

/// Reads until this was written.
fn reads(terminal: &mut Terminal, text: &str) {
    let until = Instant::now() + PATIENCE;
    while !String::from_utf8_lossy(&terminal.all).contains(text) {
        let left = until.saturating_duration_since(Instant::now());
        let bytes = terminal.bytes.recv_timeout(left);
        let bytes = bytes.unwrap_or_else(|error| panic!("{error} waiting for {text:?}"));
        terminal.take(&bytes);
    }
}

/// The client under the cursor, with its picture.
fn looks(terminal: &mut Terminal) {
    terminal.screen.screen_mut().set_size(
        90.try_into().expect("rows"),
        120.try_into().expect("columns"),
    );
    terminal.sees("its picture");
    terminal.press("1");
    terminal.sees(&format!("a PNG of {} bytes", GREY.len()));
}

fn ends(mut terminal: Terminal) -> String {
    terminal.press("\x03\x03");
    let bytes = terminal.ends();
    assert_given_back(&bytes);
    bytes
}

#[test]
fn a_terminal_that_answers_as_kitty_is_given_the_picture_once_and_shows_it_in_placeholders() {
    let mut terminal = start(None);
    reads(&mut terminal, QUESTION);
    terminal.press(KITTY);
    looks(&mut terminal);
    // Row 2, column 3, in the colour of the picture's number.
    let part = "\x1b[0;38;2;110;0;1m";
    reads(&mut terminal, "\u{10EEEE}\u{030E}\u{0310}");
    reads(&mut terminal, part);
    // Away from it and back: the terminal has it.
    terminal.press("2");
    terminal.sees_no_longer("a PNG of");
    looks(&mut terminal);
    let bytes = ends(terminal);
    assert_eq!(bytes.matches("\x1b_Ga=T,").count(), 1, "given once");
    let from = bytes.find("\x1b_Ga=T,U=1,q=2,f=100,t=d,i=7208961,c=24,r=12,m=");
    let mut data = String::new();
    let mut rest = &bytes[from.expect("it is given")..];
    while let Some(string) = rest.strip_prefix("\x1b_G") {
        let (string, after) = string.split_once("\x1b\\").expect("its end");
        let (head, piece) = string.split_once(';').expect("its data");
        assert!(piece.len() <= 4_096, "{head}");
        assert!(head.contains("q=2"), "no answer is wanted: {head}");
        data += piece;
        rest = after;
        if head.ends_with("m=0") {
            break;
        }
    }
    // Before any cell that shows it.
    assert!(!bytes[..from.expect("a place")].contains('\u{10EEEE}'));
    let file = BASE64.decode(data).expect("base64");
    assert_ne!(file, GREY, "what a client sent is not handed on");
    let decoder = png::Decoder::new(std::io::Cursor::new(file));
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    assert_eq!((info.width, info.height), (96, 96));
    assert_eq!(pixels[..4], [128, 128, 128, 200]);
    // It is taken away before the screen is given back.
    let gone = bytes
        .find("\x1b_Ga=d,d=I,q=2,i=7208961\x1b\\")
        .expect("gone");
    assert!(gone < bytes.rfind("\x1b[?1049l").expect("left"));
}

#[test]
fn a_terminal_that_does_not_answer_sees_half_blocks_and_an_answer_that_comes_late_is_no_key() {
    let mut terminal = start(None);
    reads(&mut terminal, QUESTION);
    // It is taken without an answer.
    reads(&mut terminal, "\x1b[?1049h");
    looks(&mut terminal);
    terminal.sees("▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀");
    let late = format!("\x1b]11;rgb:ffff/ffff/ffff\x1b\\{KITTY}");
    terminal.keys.write_all(late.as_bytes()).expect("written");
    terminal.press("2");
    terminal.sees_no_longer("a PNG of");
    std::thread::sleep(Duration::from_millis(50));
    looks(&mut terminal);
    let shown = terminal.screen.screen().contents();
    assert!(!shown.contains("does nothing"), "{shown}");
    let bytes = ends(terminal);
    assert!(!bytes.contains("\x1b_Ga=T") && !bytes.contains('\u{10EEEE}'));
}

#[test]
fn a_terminal_without_placeholders_or_within_another_sees_half_blocks() {
    let mut terminal = start(None);
    reads(&mut terminal, QUESTION);
    terminal.press("\x1b_Gi=31;OK\x1b\\\x1bP>|Other 1\x1b\\\x1b[6;20;10t\x1b[?65;14;22c");
    looks(&mut terminal);
    terminal.sees("▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀");
    assert!(!ends(terminal).contains('\u{10EEEE}'));
    for variable in [("STY", "1.pts"), ("LC_ALL", "C")] {
        let mut terminal = start(Some(variable));
        reads(&mut terminal, "\x1b[?1049h");
        looks(&mut terminal);
        let bytes = ends(terminal);
        let (name, _) = variable;
        assert!(!bytes.contains("\x1b_G"), "{name}: not even asked");
        assert!(!bytes.contains('\u{10EEEE}'), "{name}");
    }
}

#[test]
fn a_terminal_with_sixels_or_inline_images_has_the_picture_drawn_and_cleared() {
    for (answer, begins, ends_with) in [
        (
            "\x1b[6;20;10t\x1b[?1;0;16S\x1b[?62;4;22c",
            "H\x1bP0;1q\"1;1;240;240#0;2;",
            "-\x1b\\",
        ),
        (
            "\x1bP>|WezTerm 20240203\x1b\\\x1b[6;20;10t\x1b[?65;4;22c",
            "H\x1b]1337;File=inline=1;size=",
            "\x07",
        ),
    ] {
        let mut terminal = start(None);
        reads(&mut terminal, QUESTION);
        terminal.press(answer);
        looks(&mut terminal);
        reads(&mut terminal, begins);
        terminal.press("2");
        terminal.sees_no_longer("a PNG of");
        looks(&mut terminal);
        let bytes = ends(terminal);
        assert!(!bytes.contains('\u{10EEEE}') && !bytes.contains("\x1b_Ga=T"));
        // Away from it and back: it is drawn anew, each time after the text of a frame, and within it.
        let drawn: Vec<&str> = bytes.split(begins).skip(1).collect();
        assert_eq!(drawn.len(), 2, "{answer:?}");
        for picture in drawn {
            let end = picture.find(ends_with).expect("its end");
            assert!(end < 64 * 1024);
            let shown = picture.find("\x1b[?2026l").expect("the end of the frame");
            assert!(end < shown);
        }
    }
}
