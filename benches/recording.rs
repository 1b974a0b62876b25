//! Measures how fast a recording opens, how much memory that takes, and what recording costs the service.
//!
//! `cargo bench --bench recording`; `-- --short` is a quick run that shows it still works. `-- open`,
//! `-- record`, `-- service` run one part.

mod support;
#[path = "support/talk.rs"]
mod talk;
#[path = "support/terminal.rs"]
mod terminal;

use nudge::event::{
    ClientId, Clock, ConnectionId, Ending, Event, EventKind, EventSink, EventStream,
};
use nudge::journal::{DEFAULT_BYTES, Journal};
use nudge::recording::{HEADER, Recorder, Recording, Sizes, append_record, golden};
use nudge::roster::Roster;
use nudge::server::doors::{Addresses, bind};
use nudge::server::hub::Hub;
use nudge::server::passport::ticket::Tickets;
use nudge::server::service::Service;
use nudge::server::shares::Bounds;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use support::{Part, Table, chosen, resident, short};
use talk::{CLIENTS, ROUND, Talk};
use terminal::Terminal;

fn main() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut table = Table::new();
    let parts: [Part<Path>; 4] = [
        ("record", record),
        ("open", open),
        ("sign-ins", sign_ins),
        ("service", service),
    ];
    for (name, part) in parts {
        // A recording is made before it can be opened.
        if chosen(name) || (name == "record" && chosen("open")) {
            part(dir.path(), &mut table);
        }
    }
    table.print();
}

fn count() -> u64 {
    if short() { 20_000 } else { 1_000_000 }
}

fn record(dir: &Path, table: &mut Table) {
    let path = dir.join("a.nudge");
    let recorder = Recorder::create(&path, Sizes::default(), |error| panic!("{error}"));
    let recorder = recorder.expect("starts");
    let mut busy = std::time::Duration::ZERO;
    let mut talk = Talk::new(true);
    talk.opening()
        .iter()
        .for_each(|event| recorder.record(event));
    for round in 0..count() / ROUND {
        let events = talk.round(round);
        let began = Instant::now();
        events.iter().for_each(|event| recorder.record(event));
        busy += began.elapsed();
        // As fast as this no service tells; the disk may catch up.
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
    drop(recorder);
    let each = busy.as_secs_f64() * 1e9 / count() as f64;
    table.at_most(
        "recording an event, in its owner's thread, ns",
        each,
        2_000.0,
        format!("{} events", count()),
    );
}

/// Opens this file with the program itself, in a terminal: it reads, runs the ladder and every rule, and draws.
fn opened(path: &Path, what: &str, of: &str, table: &mut Table) -> Terminal {
    let arguments = ["open", path.to_str().expect("a name")];
    let program = PathBuf::from(env!("CARGO_BIN_EXE_nudge"));
    let began = Instant::now();
    let mut terminal = Terminal::start(program, (120, 40), &arguments, &[]);
    terminal.sees(" lines of ");
    let seconds = began.elapsed().as_secs_f64();
    let grown = resident(terminal.process()) as f64 / 1e6;
    table.at_most(
        what,
        seconds * 1e6 / count() as f64,
        2.0,
        format!("{} events of {of}, ladder and every rule, drawn", count()),
    );
    table.at_most("memory of that, MB", grown, 300.0, "resident".into());
    terminal
}

/// That many events of whole sign-ins, one after another. Each sign-in is a client of its own that leaves at its end.
fn sign_ins(dir: &Path, table: &mut Table) {
    let path = dir.join("b.nudge");
    let told = golden::messenger_mac_8_0_1();
    let (once, each): (Vec<_>, Vec<_>) = told.iter().partition(|event| event.connection.is_none());
    let gone = Event {
        kind: EventKind::Disconnected {
            service: nudge::event::Service::Notification,
            reason: Ending::Closed,
            bytes_in: 0,
            bytes_out: 0,
        },
        time: each[each.len() - 1].time,
        ..each[0].clone()
    };
    let mut bytes = golden::messenger_mac_8_0_1_file();
    bytes.truncate(HEADER);
    let mut put = |event: &Event| append_record(event, &mut bytes).expect("is short");
    once.into_iter().for_each(&mut put);
    let clients = count() / each.len() as u64;
    for n in 0..clients {
        each.iter().for_each(|event| put(&moved(event, n)));
        put(&moved(&gone, n));
    }
    // The disk is done with it before anything is measured.
    let mut file = std::fs::File::create(&path).expect("a file");
    file.write_all(&bytes).expect("is written");
    file.sync_all().expect("is on the disk");
    drop(bytes);
    let what = "opening 1,000,000 events of sign-ins, s";
    opened(&path, what, &format!("{clients} clients"), table).quit();
}

/// The same events for client `n`; each client comes a minute after the one before.
fn moved(event: &Event, n: u64) -> Event {
    let mut event = event.clone();
    event.time.0 += n * 60_000_000;
    event.connection = event.connection.map(|c| ConnectionId(c.0 + n * 100));
    event.client = event.client.map(|c| ClientId(c.0 + n));
    if let EventKind::Client(info) = &mut event.kind {
        info.id.0 += n;
    }
    event
}

fn open(dir: &Path, table: &mut Table) {
    let path = dir.join("a.nudge");
    let events = count();
    let what = "opening 1,000,000 recorded events in the console, s";
    let mut terminal = opened(&path, what, &format!("{CLIENTS} clients"), table);
    // From the beginning to the end again: every step back is made of this. It stands at the beginning first,
    // since a short one is gone through between two frames.
    terminal.press(":rewind\r");
    terminal.sees(" % ");
    let began = Instant::now();
    terminal.press(":play max\r");
    terminal.sees_no_longer(" % ");
    let seconds = began.elapsed().as_secs_f64();
    table.at_most(
        "going through them once more, s",
        seconds * 1e6 / events as f64,
        2.0,
        format!("{events} events"),
    );
    let mut journal = Journal::new(DEFAULT_BYTES);
    let began = Instant::now();
    for item in Recording::open(&path).expect("opens") {
        journal.append(item.expect("no damage"));
    }
    let bare = began.elapsed().as_secs_f64() * 1e6 / events as f64;
    table.at_most(
        "reading them into a journal alone, s",
        bare,
        2.0,
        format!("{events} events"),
    );
}

/// Pings through the notification service. In turn, its events go to a recorder, and to none.
fn service(dir: &Path, table: &mut Table) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let _inside = runtime.enter();
    let rounds = if short() { 1 } else { 5 };
    let (mut bare, mut recorded) = (0.0_f64, 0.0_f64);
    for round in 0..rounds {
        bare = bare.max(pings(None));
        let path = dir.join(format!("service{round}.nudge"));
        let recorder = Recorder::create(&path, Sizes::default(), |error| panic!("{error}"));
        recorded = recorded.max(pings(Some(recorder.expect("starts"))));
    }
    let how = format!("{recorded:.0} of {bare:.0} pings a second, best of {rounds}");
    table.at_least(
        "throughput while recording, % of that without",
        recorded / bare * 100.0,
        90.0,
        how,
    );
}

fn drain(mut stream: EventStream, recorder: Option<Recorder>) {
    std::thread::spawn(move || {
        while let Some(envelope) = stream.blocking_recv() {
            if let Some(recorder) = &recorder {
                recorder.record(&envelope.event);
            }
        }
    });
}

/// Pings a second over one connection, with a hundred unanswered at a time.
fn pings(recorder: Option<Recorder>) -> f64 {
    const WINDOW: usize = 100;
    let total = if short() { 2_000 } else { 100_000 };
    let (events, stream) = EventSink::new(Clock::start());
    drain(stream, recorder);
    let roster = Roster::shipped().expect("the shipped roster");
    let hub = Arc::new(Hub::new(roster, events.clone()));
    let tickets = Arc::new(Tickets::new().expect("a key"));
    let (doors, _) = bind(&Addresses::any_port()).expect("free ports");
    let notification = doors
        .iter()
        .find(|door| door.service == nudge::event::Service::Notification)
        .expect("a door")
        .address;
    let running = Service::start(
        hub,
        tickets.clone(),
        events,
        None,
        None,
        Bounds::default(),
        doors,
    );
    let mut stream = signed_in(notification, &tickets.issue("me@local", None));
    let batch = b"PNG\r\n".repeat(WINDOW);
    let mut answer = vec![0; b"QNG 60\r\n".len() * WINDOW];
    let began = Instant::now();
    for _ in 0..total / WINDOW {
        stream.write_all(&batch).expect("the service reads");
        stream.read_exact(&mut answer).expect("the service answers");
    }
    let rate = total as f64 / began.elapsed().as_secs_f64();
    drop(running);
    rate
}

fn signed_in(notification: SocketAddr, ticket: &str) -> TcpStream {
    let mut stream = TcpStream::connect(notification).expect("connects");
    stream.set_nodelay(true).expect("no delay");
    let mut until = |line: String, end: &str| {
        stream
            .write_all(line.as_bytes())
            .expect("the service reads");
        let (mut read, mut byte) = (String::new(), [0]);
        while !(read.contains(end) && read.ends_with('\n')) {
            stream.read_exact(&mut byte).expect("the service answers");
            read.push(byte[0] as char);
        }
    };
    until("VER 1 MSNP16\r\n".into(), "VER 1 ");
    until(
        "CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n".into(),
        "CVR 2 ",
    );
    until("USR 3 TWN I me@local\r\n".into(), "USR 3 ");
    until(
        format!("USR 4 TWN S {ticket} 00000000000000000000000000000001\r\n"),
        "USR 4 OK",
    );
    stream
}
