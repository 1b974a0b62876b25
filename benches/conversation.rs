//! Measures conversations against bare baselines in one run. Each figure is a ratio, since machines are noisy.
//!
//! `cargo bench --bench conversation` takes a minute; `-- --short` is a quick run that shows it still works.
//! `-- message`, `-- rate`, `-- fan-out`, `-- memory` run one part.

mod support;
#[path = "support/taking.rs"]
mod taking;

use nudge::event::{Clock, EventKind, EventSink, EventStream, Service as Door, Timestamp};
use nudge::roster::Roster;
use nudge::server::doors::{Addresses, bind};
use nudge::server::hub::Hub;
use nudge::server::passport::ticket::Tickets;
use nudge::server::service::Service;
use nudge::server::shares::Bounds;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{Part, Table, resident, run, short};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// What is said, and how it comes to the others.
const WORDS: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nhello from the benchmark";

fn main() {
    let parts: [Part<World>; 4] = [
        ("message", message),
        ("rate", rate),
        ("fan-out", fan_out),
        ("memory", memory),
    ];
    run(World::start, &parts);
}

struct World {
    tickets: Arc<Tickets>,
    notification: SocketAddr,
    clock: Clock,
    /// Of the messages that the switchboard has reported as written.
    told: Arc<Told>,
    _service: Arc<Service>,
}

impl World {
    fn start() -> Self {
        let clock = Clock::start();
        let (events, stream) = EventSink::new(clock);
        let told = Arc::new(Told::default());
        let count = told.clone();
        std::thread::spawn(move || take(stream, &count));
        let roster = Roster::shipped().expect("the shipped roster");
        let hub = Arc::new(Hub::new(roster, events.clone()));
        let tickets = Arc::new(Tickets::new().expect("a key"));
        // As the program has it: every event is searched for secrets.
        events.known().tickets_begin_with(tickets.marker());
        let (doors, _) = bind(&Addresses::any_port()).expect("doors");
        let door = doors.iter().find(|door| door.service == Door::Notification);
        let notification = door.expect("a door").address;
        let bounds = Bounds::default();
        let service = Service::start(hub, tickets.clone(), events, None, None, bounds, doors);
        Self {
            tickets,
            notification,
            clock,
            told,
            _service: service,
        }
    }

    /// A client that sees its contacts, at MSNP12.
    fn online(&self, account: &str) -> Line {
        let ticket = self.tickets.issue(account, None);
        let mut line = Line::connect(self.notification);
        line.say(&format!("VER 1 MSNP12\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.5 MSMSGS {account}\r\nUSR 3 TWN I {account}\r\n"));
        line.hear("USR 3 TWN S");
        line.say(&format!("USR 4 TWN S {ticket}\r\nCHG 5 NLN 0\r\nPNG\r\n"));
        line.hear("QNG");
        line
    }

    /// A client alone in a conversation, by this connection of it.
    fn seated(&self, line: &mut Line, account: &str) -> Line {
        line.say("XFR 9 SB\r\n");
        let referral = line.hear("XFR 9 SB ");
        let words: Vec<&str> = referral.split(' ').collect();
        let mut seat = Line::connect(words[3].parse().expect("an address"));
        seat.say(&format!("USR 1 {account} {}\r\n", words[5]));
        seat.hear("USR 1 OK");
        seat
    }

    /// Calls another client, which answers.
    fn call(&self, seat: &mut Line, other: &mut Line, account: &str) -> Line {
        seat.say(&format!("CAL 2 {account}\r\n"));
        let ring = other.hear("RNG ");
        let words: Vec<&str> = ring.split(' ').collect();
        let mut come = Line::connect(words[2].parse().expect("an address"));
        come.say(&format!("ANS 1 {account} {} {}\r\n", words[4], words[1]));
        come.hear("ANS 1 OK");
        seat.hear(&format!("JOI {account}"));
        come
    }
}

/// What the events say of messages that were written.
#[derive(Default)]
struct Told {
    /// How many there were.
    count: AtomicUsize,
    /// When the last of them was.
    last: AtomicU64,
}

/// Takes every event, as headless mode does, and looks for the messages that were written.
fn take(mut stream: EventStream, told: &Told) {
    while let Some(envelope) = taking::next(&mut stream) {
        if let EventKind::Frame(frame) = &envelope.event.kind
            && frame.service == Door::Switchboard
            && frame.direction == nudge::msnp::Direction::Out
            && frame.frame.verb() == b"MSG"
        {
            told.last
                .fetch_max(envelope.event.time.0, Ordering::Relaxed);
            told.count.fetch_add(1, Ordering::Release);
        }
    }
}

/// A client's end.
struct Line(BufReader<TcpStream>);

impl Line {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connects");
        stream.set_nodelay(true).expect("is set");
        Self(BufReader::with_capacity(4_096, stream))
    }

    fn say(&mut self, text: &str) {
        self.0
            .get_mut()
            .write_all(text.as_bytes())
            .expect("is read");
    }

    /// The next line that begins so; what comes before it is read away with its payload.
    fn hear(&mut self, begins: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.0.read_line(&mut line).expect("a line") > 0,
                "closed before {begins}"
            );
            if line.starts_with(begins) {
                return line.trim_end().to_owned();
            }
            if ["MSG ", "UBX ", "GCF "]
                .iter()
                .any(|verb| line.starts_with(verb))
            {
                let length = line
                    .trim_end()
                    .rsplit(' ')
                    .next()
                    .and_then(|n| n.parse().ok());
                self.take(length.unwrap_or(0));
            }
        }
    }

    fn take(&mut self, length: usize) {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).expect("a payload");
    }
}

/// A bare relay: what comes on one connection goes out on the other. Gives back both clients' ends.
fn relay() -> (Line, Line) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let (from, to) = (Line::connect(address), Line::connect(address));
    let mut accepted = [0, 1].map(|_| {
        let (stream, _) = listener.accept().expect("a peer");
        stream.set_nonblocking(true).expect("is set");
        stream.set_nodelay(true).expect("is set");
        tokio::net::TcpStream::from_std(stream).expect("a stream")
    });
    tokio::spawn(async move {
        let [one, other] = &mut accepted;
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = one.read(&mut buffer).await {
            if other.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    });
    (from, to)
}

/// How long each of so many messages takes from the one end to the other.
fn times(from: &mut Line, to: &mut Line, said: &str, heard: usize, count: usize) -> Vec<Duration> {
    let one = |_| {
        let start = Instant::now();
        from.say(said);
        to.take(heard);
        start.elapsed()
    };
    (0..count).map(one).collect()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The longest of the shortest tenth.
fn tenth(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 10]
}

fn message(world: &World, table: &mut Table) {
    let mut me = world.online("me@bench");
    let mut you = world.online("you@bench");
    let mut mine = world.seated(&mut me, "me@bench");
    let mut yours = world.call(&mut mine, &mut you, "you@bench");
    let said = format!("MSG 9 U {}\r\n{WORDS}", WORDS.len());
    let heard = format!("MSG me@bench me%40bench {}\r\n{WORDS}", WORDS.len());
    let (mut from, mut to) = relay();
    let (rounds, count) = if short() { (4, 100) } else { (20, 1_000) };
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.extend(times(&mut from, &mut to, &heard, heard.len(), count));
        ours.extend(times(&mut mine, &mut yours, &said, heard.len(), count));
    }
    let (ours, bare) = (median(ours), median(bare));
    table.at_most(
        "a message from client to client, p50",
        ours.as_secs_f64() / bare.as_secs_f64(),
        1.3,
        format!("{ours:.1?} against {bare:.1?} for a bare relay of the same bytes"),
    );
}

/// As many messages as one client can say, to another that reads them all; and how long a message takes meanwhile in
/// another conversation.
fn rate(world: &World, table: &mut Table) {
    let mut pairs = ["one", "other"].map(|pair| {
        let accounts = [format!("from.{pair}@bench"), format!("to.{pair}@bench")];
        let [mut from, mut to] = accounts.each_ref().map(|account| world.online(account));
        let mut speaks = world.seated(&mut from, &accounts[0]);
        let hears = world.call(&mut speaks, &mut to, &accounts[1]);
        (speaks, hears, [from, to])
    });
    let [(speaks, hears, _), (asks, answers, _)] = &mut pairs;
    let said = format!("MSG 9 U {}\r\n{WORDS}", WORDS.len());
    let heard = |pair: &str| {
        let name = format!("from.{pair}@bench from.{pair}%40bench");
        format!("MSG {name} {}\r\n{WORDS}", WORDS.len()).len()
    };
    let count = if short() { 5_000 } else { 500_000 };
    // So that it ends, whatever is not carried.
    let patience = Some(Duration::from_secs(30));
    let limited = hears.0.get_ref().set_read_timeout(patience);
    limited.expect("is set");
    const AT_ONCE: usize = 50;
    let start = Instant::now();
    let (took, mut beside) = std::thread::scope(|scope| {
        let many = said.repeat(AT_ONCE);
        scope.spawn(move || (0..count / AT_ONCE).for_each(|_| speaks.say(&many)));
        let reader = scope.spawn(|| {
            let mut all = (&mut hears.0).take((count * heard("one")) as u64);
            std::io::copy(&mut all, &mut std::io::sink()).expect("all of it");
            start.elapsed()
        });
        let mut beside = Vec::new();
        while !reader.is_finished() {
            beside.extend(times(asks, answers, &said, heard("other"), 1));
            std::thread::sleep(Duration::from_millis(1));
        }
        (reader.join().expect("has read all"), beside)
    });
    beside.sort_unstable();
    let at = |part: usize| beside[beside.len() * part / 100];
    table.at_least(
        "messages a second from one client to another",
        count as f64 / took.as_secs_f64(),
        100_000.0,
        format!(
            "{count} messages of {} bytes; in another conversation meanwhile a message took {:.1?}, p99 {:.1?}",
            heard("one"),
            at(50),
            at(99)
        ),
    );
}

fn fan_out(world: &World, table: &mut Table) {
    const MEMBERS: usize = 100;
    let mut first = world.online("m0@bench");
    let mut speaker = world.seated(&mut first, "m0@bench");
    let mut ends = Vec::new();
    let mut lines = Vec::new();
    for n in 1..=MEMBERS {
        let account = format!("m{n}@bench");
        let mut line = world.online(&account);
        ends.push(world.call(&mut speaker, &mut line, &account).0.into_inner());
        lines.push(line);
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let mut bare_sockets = Vec::new();
    for _ in 0..MEMBERS {
        ends.push(TcpStream::connect(address).expect("connects"));
        bare_sockets.push(listener.accept().expect("a peer").0);
    }
    // Both are read by the same thread in the same way.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let readers: Vec<_> = ends
                .into_iter()
                .map(|end| {
                    end.set_nonblocking(true).expect("is set");
                    let mut end = tokio::net::TcpStream::from_std(end).expect("a stream");
                    tokio::spawn(async move {
                        let mut buffer = [0; 4_096];
                        while end.read(&mut buffer).await.unwrap_or(0) > 0 {}
                    })
                })
                .collect();
            for reader in readers {
                let _ = reader.await;
            }
        });
    });
    let said = format!("MSG 9 U {}\r\n{WORDS}", WORDS.len());
    let heard = format!("MSG m0@bench m0%40bench {}\r\n{WORDS}", WORDS.len());
    let rounds = if short() { 10 } else { 200 };
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        std::thread::sleep(Duration::from_millis(5));
        let start = Instant::now();
        for socket in &mut bare_sockets {
            socket.write_all(heard.as_bytes()).expect("is read");
        }
        bare.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(5));
        let before = world.told.count.load(Ordering::Relaxed);
        let start = Instant::now();
        let begin = world.clock.now();
        speaker.say(&said);
        // An event has the time at which its frame was written, whenever it is taken up.
        while world.told.count.load(Ordering::Acquire) < before + MEMBERS {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "everybody is told"
            );
            std::thread::sleep(Duration::from_micros(500));
        }
        let last = Timestamp(world.told.last.load(Ordering::Relaxed));
        ours.push(last.since(begin));
    }
    // Who else runs on the machine is in every median: the best tenth is the work itself.
    let (best, least) = (tenth(&mut ours), tenth(&mut bare));
    eprintln!(
        "the best tenth of them: {:.2} ({best:.1?} against {least:.1?})",
        best.as_secs_f64() / least.as_secs_f64()
    );
    let (ours, bare) = (median(ours), median(bare));
    table.at_most(
        &format!("a message to {MEMBERS} others"),
        ours.as_secs_f64() / bare.as_secs_f64(),
        1.5,
        format!("{ours:.1?} against {bare:.1?} for one thread that writes the same bytes"),
    );
    drop(lines);
}

fn memory(world: &World, table: &mut Table) {
    let (clients, each) = if short() { (2, 50) } else { (10, 200) };
    let mut lines: Vec<(String, Line)> = (0..clients)
        .map(|n| {
            let account = format!("idle{n}@bench");
            let line = world.online(&account);
            (account, line)
        })
        .collect();
    let before = resident(std::process::id());
    // The client's ends are sockets alone, which take no memory of this process.
    let mut held: Vec<TcpStream> = Vec::with_capacity(clients * each);
    for (account, line) in &mut lines {
        for _ in 0..each {
            let mut seat = world.seated(line, account);
            seat.say("CAL 2 online@local\r\n");
            seat.hear("JOI ");
            held.push(seat.0.into_inner());
        }
    }
    std::thread::sleep(Duration::from_millis(500));
    let after = resident(std::process::id());
    table.at_most(
        &format!(
            "memory of an idle conversation, KiB ({} of them)",
            held.len()
        ),
        after.saturating_sub(before) as f64 / 1024.0 / held.len() as f64,
        8.0,
        format!("{} KiB before, {} KiB with them", before >> 10, after >> 10),
    );
}
