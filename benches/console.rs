//! Measures what the console promises of speed: `cargo bench --bench console` takes two minutes.
//!
//! `-- --short` is a quick run that only shows that it works; `-- draw`, `-- key`, `-- idle`, `-- follow` run one
//! part. `draw` runs the console's own code in this process. `key` and `idle` run the real program in a
//! pseudo-terminal, and watch its terminal and a client's socket. `follow` runs the real console in one, fed with
//! made-up events.

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use bytes::Bytes;
use nudge::client::{self, Saw};
use nudge::console::keymap::Keymap;
use nudge::console::state::State;
use nudge::console::theme::{self, Depth};
use nudge::console::{Options, Service, run, screen, update, view};
use nudge::event::{
    ClientId, Clock, ConnectionId, Event, EventKind, EventSink, FrameEvent, Secrets, Timestamp,
};
use nudge::journal::{DEFAULT_BYTES, Journal};
use nudge::msnp::{Direction, Frame};
use std::hint::black_box;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};
use support::{Part, Table, measure, short};
use terminal::Terminal;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Names the environment variable that turns a process into the console of `follow`. Its value is the number of
/// events a second.
const CHILD: &str = "NUDGE_BENCH_CONSOLE";

fn main() {
    if let Ok(rate) = std::env::var(CHILD) {
        return console(rate.parse().expect("a rate"));
    }
    let parts: [Part<()>; 4] = [
        ("draw", draw),
        ("key", key),
        ("idle", idle),
        ("follow", follow),
    ];
    measure(&(), &parts);
}

/// Frames as in a sign-in: presence, personal messages with payload, pings.
fn kind(n: usize) -> EventKind {
    let user = n % 200;
    let text = match n % 10 {
        0 => "PNG\r\n".into(),
        1 => "QNG 50\r\n".into(),
        2 | 3 => {
            let payload =
                format!("<Data><PSM>message {n}</PSM><CurrentMedia></CurrentMedia></Data>");
            format!("UBX user{user}@local 1 {}\r\n{payload}", payload.len())
        }
        _ => {
            format!("NLN BSY user{user}@local 1 User%20number%20{n} 1085276192 %3Cmsnobj%2F%3E\r\n")
        }
    };
    EventKind::Frame(FrameEvent {
        service: nudge::event::Service::Notification,
        direction: if n.is_multiple_of(10) {
            Direction::In
        } else {
            Direction::Out
        },
        frame: Frame::from_wire(Bytes::from(text)),
        secrets: Secrets::default(),
        injected: false,
    })
}

fn event(n: usize) -> Event {
    Event {
        time: Timestamp(1_700_000_000_000_000 + n as u64 * 100),
        connection: Some(ConnectionId(1)),
        client: Some(ClientId(1)),
        kind: kind(n),
    }
}

// Drawing.

/// The median time of a frame, in milliseconds, in a console that holds `lines` lines: five new lines come, the
/// cursors settle, everything is drawn at 200x50, and the terminal's bytes are made. First while following, then
/// scrolled to the middle.
fn frames(lines: usize, rounds: usize) -> [f64; 2] {
    let (name, text) = theme::SHIPPED[0];
    let theme = theme::load(name, text).expect("a theme").at(Depth::True);
    let mut state = State::new(Journal::new(DEFAULT_BYTES), Keymap::default(), vec![theme]);
    state.size = (200, 50);
    for n in 0..lines {
        update::update(&mut state, update::Input::Event(Box::new(event(n))));
        if n % 4_096 == 0 {
            update::settle(&mut state);
        }
    }
    while update::work(&mut state) {}
    update::settle(&mut state);
    assert_eq!(state.journal.len(), lines, "none was evicted");
    let mut shown = screen::Screen::default();
    let mut next = lines;
    [true, false].map(|following| {
        if !following {
            let middle = state.journal.first().plus(state.journal.len() as u64 / 2);
            state.transcript.jump(&state.journal, middle, 20);
        }
        let mut times = Vec::with_capacity(rounds);
        for round in 0..rounds {
            for _ in 0..5 {
                update::update(&mut state, update::Input::Event(Box::new(event(next))));
                next += 1;
            }
            if !following {
                // A line up, a line down: the frame is another each time.
                let by = if round % 2 == 0 { -20 } else { 20 };
                state.transcript.step(&state.journal, by, true, false);
            }
            let from = Instant::now();
            update::settle(&mut state);
            let mut frame = screen::blank(200, 50);
            let cursor = view::draw(&state, &mut frame);
            black_box(shown.encode(frame, &[], cursor));
            times.push(from.elapsed().as_secs_f64() * 1_000.0);
        }
        assert_eq!(state.transcript.following, following);
        percentile(&mut times, 50)
    })
}

fn draw((): &(), table: &mut Table) {
    let (many, rounds) = if short() {
        (100_000, 200)
    } else {
        (1_000_000, 2_000)
    };
    let few = frames(1_000, rounds);
    let lots = frames(many, rounds);
    for (at, where_) in ["following", "scrolled to the middle"].iter().enumerate() {
        table.at_most(
            &format!("a frame of 200x50, {where_}, ms"),
            lots[at],
            1.0,
            format!("{many} lines; median of {rounds}: settled, drawn, encoded"),
        );
        table.at_most(
            &format!("the same against 1,000 lines, {where_}"),
            lots[at] / few[at],
            1.2,
            format!("{:.3} ms with 1,000", few[at]),
        );
    }
}

fn percentile(times: &mut [f64], percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

// The real program.

/// Starts the real program, listening on ports that were free a moment ago.
fn program(arguments: &[&str]) -> (Terminal, [SocketAddr; 2]) {
    let held: Vec<_> = (0..3)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
        .collect();
    let doors: Vec<_> = held
        .iter()
        .map(|door| door.local_addr().expect("an address"))
        .collect();
    drop(held);
    let text: Vec<_> = doors.iter().map(ToString::to_string).collect();
    let mut all = vec![
        "--notification",
        &text[0],
        "--https",
        &text[1],
        "--http",
        &text[2],
    ];
    all.extend(arguments);
    let program = env!("CARGO_BIN_EXE_nudge").into();
    let terminal = Terminal::start(program, (120, 40), &all, &[]);
    (terminal, [doors[0], doors[1]])
}

/// Measures from a key in the terminal to the bytes on a client's socket, while other clients keep the service busy.
fn key((): &(), table: &mut Table) {
    let presses = if short() { 50 } else { 1_000 };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    // The demonstration, since it writes nothing; its own client is one of those connected.
    let (mut terminal, [notification, https]) = program(&["--demo"]);
    terminal.sees("QNG 60");
    let stop = CancellationToken::new();
    let (saw, mut seen) = mpsc::channel(4_096);
    let config = client::Config {
        account: "watcher@local".into(),
        ..client::Config::local(notification, https)
    };
    runtime.spawn(client::play(
        config,
        client::Part::default(),
        saw,
        stop.clone(),
    ));
    // A ping and its answer are two events; two clients make about a thousand a second.
    let (others, mut pings) = mpsc::channel(4_096);
    for n in 0..2 {
        let config = client::Config {
            account: format!("pinger{n}@local"),
            ping_every: Some(Duration::from_millis(2)),
            ..client::Config::local(notification, https)
        };
        runtime.spawn(client::play(
            config,
            client::Part::default(),
            others.clone(),
            stop.clone(),
        ));
    }
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    runtime.spawn({
        let count = count.clone();
        async move {
            while let Some(saw) = pings.recv().await {
                if matches!(saw, Saw::Sent(_) | Saw::Received(_)) {
                    count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            }
        }
    });
    let (told, changes) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        while let Some(saw) = seen.recv().await {
            let now = Instant::now();
            if let Saw::Received(frame) = saw
                && frame.line().starts_with(b"NLN")
                && told.send(now).is_err()
            {
                return;
            }
        }
    });
    terminal.read_for(Duration::from_secs(2));
    while changes.try_recv().is_ok() {}
    let before = count.load(std::sync::atomic::Ordering::Relaxed);
    let began = Instant::now();
    let mut times = Vec::with_capacity(presses);
    for n in 0..presses {
        let pressed = Instant::now();
        terminal.press(if n % 2 == 0 { "b" } else { "o" });
        let read = changes
            .recv_timeout(Duration::from_secs(10))
            .expect("the client is told");
        times.push(read.duration_since(pressed).as_secs_f64() * 1_000.0);
        // At no fixed point between the frames, which are 33 ms apart.
        terminal.read_for(Duration::from_millis(11 + n as u64 % 13));
    }
    let rate = (count.load(std::sync::atomic::Ordering::Relaxed) - before) as f64
        / began.elapsed().as_secs_f64();
    stop.cancel();
    terminal.quit();
    runtime.shutdown_timeout(Duration::from_millis(200));
    let median = percentile(&mut times, 50);
    table.at_most(
        "a key to the client's socket, p99, ms",
        percentile(&mut times, 99),
        5.0,
        format!(
            "{presses} presses, median {median:.2}, {rate:.0} events/s arriving; \
             terminal to a client that has read the frame"
        ),
    );
}

/// Processor time of a process, in seconds, all threads together; to the nanosecond where the kernel tells it.
fn processor(process: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"));
    let nanoseconds: u64 = threads
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    if nanoseconds > 0 {
        return nanoseconds as f64 / 1e9;
    }
    // utime and stime, in hundredths, are the 14th and 15th; the name before them may have spaces.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let field = |n: usize| {
        let word = after.split_whitespace().nth(n).unwrap_or_default();
        word.parse::<f64>().unwrap_or_default()
    };
    (field(11) + field(12)) / 100.0
}

/// Percent of a core that was used in that time, and how many frames were drawn.
fn share(terminal: &mut Terminal, time: Duration) -> (f64, usize) {
    let frames = terminal.frames;
    let before = processor(terminal.process());
    let from = Instant::now();
    assert!(terminal.read_for(time), "it is still there");
    let used = processor(terminal.process()) - before;
    (
        100.0 * used / from.elapsed().as_secs_f64(),
        terminal.frames - frames,
    )
}

fn idle((): &(), table: &mut Table) {
    let seconds = if short() { 5 } else { 60 };
    // One that is watched goes on: its contacts change by themselves.
    let (mut terminal, _) = program(&["--demo=fast"]);
    terminal.sees("QNG 60");
    terminal.read_for(Duration::from_secs(2));
    let (percent, frames) = share(&mut terminal, Duration::from_secs(seconds));
    terminal.quit();
    table.at_most(
        "the program idle with one client, % of a core",
        percent,
        0.2,
        format!("{seconds} s, the whole process"),
    );
    table.at_most(
        "frames drawn meanwhile",
        frames as f64,
        1.0,
        "one for the client's ping, which comes once a minute".into(),
    );
}

/// Runs the console alone in its own process. It feeds itself a batch of events each millisecond.
fn console(rate: u64) {
    let clock = Clock::start();
    let (sink, stream) = EventSink::new(clock);
    let (commands, _held) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let connection = sink.connection(ConnectionId(1), Some(ClientId(1)));
            let began = Instant::now();
            let mut told = 0;
            let mut ticks = tokio::time::interval(Duration::from_millis(1));
            loop {
                ticks.tick().await;
                let due = began.elapsed().as_micros() as u64 * rate / 1_000_000;
                while told < due {
                    connection.tell(kind(told as usize)).await;
                    told += 1;
                }
            }
        });
    });
    let service = Service {
        events: stream,
        commands,
        ended: CancellationToken::new(),
        unsaved: tokio::sync::watch::channel(false).1,
    };
    run(Options::default(), clock, service, stop).expect("it ran");
}

fn follow((): &(), table: &mut Table) {
    let seconds = if short() { 3 } else { 20 };
    let mut shares = [10_000, 0].map(|rate| {
        let program = std::env::current_exe().expect("a path");
        let rate = format!("{rate}");
        let mut terminal = Terminal::start(program, (200, 50), &[], &[(CHILD, &rate)]);
        terminal.sees("Contacts");
        terminal.read_for(Duration::from_secs(1));
        let (percent, frames) = share(&mut terminal, Duration::from_secs(seconds));
        terminal.press("\x03\x03\x03");
        terminal.quit();
        (percent, frames)
    });
    let (without, _) = std::mem::take(&mut shares[1]);
    let (percent, frames) = shares[0];
    table.at_most(
        "following 10,000 events/s, % of a core",
        percent,
        15.0,
        format!(
            "{seconds} s at 200x50, {:.1} frames/s; making the events included; {without:.2} without events",
            frames as f64 / seconds as f64
        ),
    );
}
