//! Measures what the journal promises of speed and memory: `cargo bench --bench journal`.
//!
//! `--short` (or `NUDGE_BENCH_SHORT=1`) takes a tenth of the lines, and works out the figures for all of them;
//! `--check` ends with exit code 1 where a bound is missed.

use bytes::Bytes;
use nudge::event::EventId;
use nudge::event::{ClientId, ConnectionId, Event, EventKind, FrameEvent, Secrets, Timestamp};
use nudge::filter::{Filter, Text};
use nudge::journal::{DEFAULT_BYTES, Journal, Jump, Matched, Search, Step, Way, jump};
use nudge::msnp::{Direction, Frame};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const LINES: usize = 1_000_000;
/// How many times each thing is timed. The best time counts, since whatever else the machine does only adds to it.
const ROUNDS: usize = 5;

/// Frames as in a sign-in: presence with percent-encoding, personal messages with payload, pings.
fn wire(n: usize) -> String {
    let user = n % 200;
    match n % 10 {
        0 => "PNG\r\n".into(),
        1 => "QNG 50\r\n".into(),
        2 | 3 => {
            let payload =
                format!("<Data><PSM>message {n}</PSM><CurrentMedia></CurrentMedia></Data>");
            format!("UBX user{user}@local 1 {}\r\n{payload}", payload.len())
        }
        4 => format!("CHG {} NLN 1085276192:131088\r\n", n / 10),
        5..=7 => {
            format!("NLN BSY user{user}@local 1 User%20number%20{n} 1085276192 %3Cmsnobj%2F%3E\r\n")
        }
        _ => format!(
            "ILN {} IDL user{user}@local 1 User%20{user} 1085276192 %3Cmsnobj%2F%3E\r\n",
            n / 10
        ),
    }
}

fn event(n: usize) -> Event {
    Event {
        time: Timestamp(1_700_000_000_000_000 + n as u64 * 100),
        connection: Some(ConnectionId(1 + n as u64 % 8)),
        client: Some(ClientId(1 + n as u64 % 8)),
        kind: EventKind::Frame(FrameEvent {
            service: nudge::event::Service::Notification,
            direction: if matches!(n % 10, 0 | 4) {
                Direction::In
            } else {
                Direction::Out
            },
            frame: Frame::from_wire(Bytes::from(wire(n))),
            secrets: Secrets::default(),
            injected: false,
        }),
    }
}

struct Table {
    missed: bool,
}

impl Table {
    fn row(&mut self, what: &str, measured: f64, unit: &str, target: Option<f64>, at_most: bool) {
        let ok = target.is_none_or(|t| {
            if at_most {
                measured <= t
            } else {
                measured >= t
            }
        });
        self.missed |= !ok;
        let target = target.map_or(String::new(), |t| {
            format!(
                "{} {t:>9.0} {}",
                if at_most { "at most " } else { "at least" },
                if ok { "ok" } else { "MISSED" }
            )
        });
        println!("{what:<52} {measured:>12.1} {unit:<12} {target}");
    }
}

fn main() -> ExitCode {
    let asked = |flag: &str| std::env::args().any(|arg| arg == flag);
    // `cargo test --benches` runs this too, and wants no minute of it.
    let short = asked("--short")
        || asked("--test")
        || std::env::var_os("NUDGE_BENCH_SHORT").is_some_and(|v| v != "0");
    let lines = if short { LINES / 10 } else { LINES };
    let scale = (LINES / lines) as f64;
    let mut table = Table { missed: false };
    println!("{lines} lines; times are for {LINES}");

    let mut journal = Journal::new(2 * DEFAULT_BYTES);
    let mut appending = Duration::ZERO;
    let mut wire_bytes = 0;
    for start in (0..lines).step_by(10_000) {
        let batch: Vec<Event> = (start..start + 10_000).map(event).collect();
        wire_bytes += (start..start + 10_000)
            .map(|n| wire(n).len())
            .sum::<usize>();
        let clock = Instant::now();
        for event in batch {
            black_box(journal.append(event));
        }
        appending += clock.elapsed();
    }
    table.row(
        "append",
        lines as f64 / appending.as_secs_f64(),
        "events/s",
        Some(1e6),
        false,
    );
    let above = journal.bytes().saturating_sub(wire_bytes) as f64 / lines as f64;
    table.row(
        "memory above the wire",
        above,
        "bytes/line",
        Some(120.0),
        true,
    );
    table.row(
        "wire",
        wire_bytes as f64 / lines as f64,
        "bytes/line",
        None,
        true,
    );

    for (what, filter, target) in [
        (
            "predicate, verb:ILN,UBX dir:out client:2",
            "verb:ILN,UBX dir:out client:2",
            5.0,
        ),
        ("predicate, !PNG", "!PNG", 5.0),
        (
            "predicate, after:12:00:00 trid:77",
            "after:12:00:00 trid:77",
            5.0,
        ),
        ("literal over wire bytes, rare", "\"message 777\"w", 20.0),
        (
            "literal over wire bytes, in one of ten",
            "\"1085276192:131088\"w",
            20.0,
        ),
        (
            "regex over wire bytes, literal start",
            r"/user1[0-9]@local/w",
            150.0,
        ),
        (
            "regex over wire bytes, no literal",
            r"/[0-9]{3}%20?[a-z]+%/w",
            150.0,
        ),
        ("regex over wire bytes, anchored", r"/^[IN]LN .*99/w", 150.0),
        ("literal over decoded text", "\"User number 77\"", 100.0),
        (
            "caseless literal over wire bytes",
            "\"MESSAGE 77\"iw",
            100.0,
        ),
        (
            "caseless literal over decoded text",
            "\"user NUMBER 77\"i",
            100.0,
        ),
        ("regex over decoded text", r"/number 7+ /", f64::INFINITY),
        ("contact:user7@local", "contact:user7@local", f64::INFINITY),
    ] {
        let filter = match Filter::parse(filter) {
            Ok(filter) => filter,
            Err(error) => {
                println!("{filter}: {error}");
                return ExitCode::FAILURE;
            }
        };
        let mut best = f64::INFINITY;
        let mut count = 0;
        for _ in 0..ROUNDS {
            let clock = Instant::now();
            let mut matched = Matched::new(filter.clone(), &journal);
            while !matched.advance(&journal, 1 << 16) {}
            best = best.min(clock.elapsed().as_secs_f64());
            count = matched.count();
        }
        let what = format!("{what} ({count})");
        let target = target.is_finite().then_some(target);
        table.row(&what, best * 1e3 * scale, "ms", target, true);
    }

    let text = match Text::typed("no such text", nudge::filter::Look::default()) {
        Ok(text) => text,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let clock = Instant::now();
    let (all, from) = (Filter::default(), EventId(lines as u64 / 2));
    let mut search = Search::new(&text, &all, &journal, from, Way::Back, true);
    let mut longest = Duration::ZERO;
    loop {
        let slice = Instant::now();
        let step = search.step(&journal, 4096);
        longest = longest.max(slice.elapsed());
        if step != Step::More {
            break;
        }
    }
    table.row(
        "search, in vain, all lines",
        clock.elapsed().as_secs_f64() * 1e3 * scale,
        "ms",
        None,
        true,
    );
    table.row(
        "search, its longest slice",
        longest.as_secs_f64() * 1e3,
        "ms",
        None,
        true,
    );
    let clock = Instant::now();
    black_box(jump(
        &journal,
        &all,
        EventId(0),
        Jump::Problem,
        Way::Forward,
    ));
    table.row(
        "jump, in vain",
        clock.elapsed().as_secs_f64() * 1e3 * scale,
        "ms",
        None,
        true,
    );

    if table.missed && asked("--check") {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
