//! Measures the service against bare baselines in one run. Each figure is a ratio, since machines are noisy.
//!
//! `cargo bench --bench service` takes a few minutes; `-- --short` is a quick run that shows it still works.
//! `-- ping`, `-- ready`, `-- complete`, `-- fan-out`, `-- memory` run one part.

#[path = "../tests/common/program.rs"]
mod program;
#[path = "support/speak.rs"]
mod speak;
mod support;
#[path = "support/taking.rs"]
mod taking;

use nudge::client;
use nudge::event::{Clock, EventSink, EventStream};
use nudge::msnp::Status;
use nudge::msnp::hosts;
use nudge::roster::Roster;
use nudge::server::certificates::{CertificateOptions, Certificates};
use nudge::server::descriptors::raise_descriptor_limit;
use nudge::server::doors::{Addresses, bind};
use nudge::server::hub::Hub;
use nudge::server::passport::ticket::Tickets;
use nudge::server::service::Service;
use nudge::server::shares::Bounds;
use nudge::server::site::{Site, SiteConfig};
use nudge::server::tls::FrontDoor;
use nudge::server::web::Web;
use speak::{connect, hear, say, sign_in, sign_in_12};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{Part, Table, resident, run, short};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

/// Names the environment variable that tells a process of this program to hold the clients' ends of connections.
const CHILD: &str = "NUDGE_BENCH_CHILD";

fn main() {
    if let Ok(job) = std::env::var(CHILD) {
        return child(&job);
    }
    let parts: [Part<World>; 5] = [
        ("ping", ping),
        ("ready", ready),
        ("complete", complete),
        ("fan-out", fan_out),
        ("memory", memory),
    ];
    run(World::start, &parts);
}

/// A service on loopback, and a bare echo server on the same runtime.
struct World {
    hub: Arc<Hub>,
    tickets: Arc<Tickets>,
    notification: SocketAddr,
    https: SocketAddr,
    echo: SocketAddr,
    bare_tls: SocketAddr,
    told: Arc<Told>,
}

impl World {
    fn start() -> Self {
        let (events, stream) = EventSink::new(Clock::start());
        let told = Arc::new(Told::default());
        std::thread::spawn({
            let told = told.clone();
            move || take(stream, &told)
        });
        let roster = Roster::shipped().expect("the shipped roster");
        let hub = Arc::new(Hub::new(roster, events.clone()));
        let tickets = Arc::new(Tickets::new().expect("a key"));
        let certificates =
            Certificates::in_memory(&CertificateOptions::default()).expect("certificates");
        let (doors, _) = bind(&Addresses::any_port()).expect("doors");
        let [notification, https, _] = [0, 1, 2].map(|n| doors[n].address);
        let site = Site::new(SiteConfig {
            login_https: format!("{}:{}", hosts::LOGIN, https.port()),
            ..SiteConfig::new(hub.clone(), tickets.clone())
        });
        let front = FrontDoor::new(&certificates).expect("a front door");
        let bare_tls = bare_tls(&certificates);
        let web = Arc::new(Web::new(site, front));
        Service::start(
            hub.clone(),
            tickets.clone(),
            events,
            None,
            Some(web),
            Bounds::default(),
            doors,
        );
        Self {
            hub,
            tickets,
            notification,
            https,
            echo: echo(),
            bare_tls,
            told,
        }
    }

    /// A client that has read everything up to the last UBX, and is about to send its first ping.
    fn signed_in(&self, account: &str) -> BufReader<TcpStream> {
        sign_in(
            self.notification,
            account,
            &self.tickets.issue(account, None),
        )
    }
}

/// What the service has told of.
#[derive(Default)]
struct Told {
    /// Presence changes that were written.
    presence: AtomicUsize,
    /// TLS handshakes.
    handshakes: AtomicUsize,
}

/// Takes every event, as headless mode does, and counts.
fn take(mut stream: EventStream, told: &Told) {
    use nudge::event::EventKind;
    while let Some(envelope) = taking::next(&mut stream) {
        let count = match &envelope.event.kind {
            EventKind::Frame(frame) if frame.frame.verb() == b"NLN" => &told.presence,
            EventKind::Tls(_) => &told.handshakes,
            _ => continue,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// The baseline for lines: reads one and writes it back.
fn echo() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    listener.set_nonblocking(true).expect("non-blocking");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                let mut stream = tokio::io::BufReader::new(stream);
                let mut line = Vec::new();
                while stream.read_until(b'\n', &mut line).await.unwrap_or(0) > 0 {
                    if stream.write_all(&line).await.is_err() {
                        return;
                    }
                    line.clear();
                }
            });
        }
    });
    address
}

/// The baseline for handshakes: TLS 1.0 with the same key, and no service behind it.
fn bare_tls(certificates: &Certificates) -> SocketAddr {
    use openssl::ssl::{Ssl, SslContext, SslMethod, SslVersion};
    let mut context = SslContext::builder(SslMethod::tls_server()).expect("a context");
    context.set_security_level(0);
    context
        .set_min_proto_version(Some(SslVersion::TLS1))
        .expect("TLS 1.0");
    context
        .set_max_proto_version(Some(SslVersion::TLS1))
        .expect("TLS 1.0");
    context
        .set_cipher_list("AES128-SHA:@SECLEVEL=0")
        .expect("AES128-SHA");
    context
        .set_certificate(certificates.leaf())
        .expect("the leaf");
    context
        .set_private_key(certificates.leaf_key())
        .expect("its key");
    let context = context.build();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    listener.set_nonblocking(true).expect("non-blocking");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let ssl = Ssl::new(&context).expect("a connection");
            tokio::spawn(async move {
                let mut stream = tokio_openssl::SslStream::new(ssl, stream).expect("a stream");
                if std::pin::Pin::new(&mut stream).accept().await.is_ok() {
                    let _ = stream.read_u8().await;
                }
            });
        }
    });
    address
}

/// PNG against the echo: a block of each in turn, and the best block of each counts.
fn ping(world: &World, table: &mut Table) {
    let (blocks, each) = if short() { (2, 200) } else { (10, 3_000) };
    let mut service = world.signed_in("ping@local");
    let mut echo = connect(world.echo);
    let mut line = String::new();
    let mut median = |stream: &mut BufReader<TcpStream>| {
        let mut times: Vec<Duration> = (0..each)
            .map(|_| {
                let start = Instant::now();
                say(stream, "PNG 16\r\n");
                hear(stream, &mut line);
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        times[each / 2]
    };
    let (mut ours, mut bare) = (Duration::MAX, Duration::MAX);
    for _ in 0..blocks {
        ours = ours.min(median(&mut service));
        bare = bare.min(median(&mut echo));
    }
    table.at_most(
        "PNG → QNG, p50",
        ours.as_secs_f64() / bare.as_secs_f64(),
        1.3,
        format!("{ours:.1?} against {bare:.1?} for the echo"),
    );
}

/// How many times a second four threads do `job`.
fn rate(times: usize, job: impl Fn(usize) + Sync) -> f64 {
    rate_with(times, || (), |(), n| job(n))
}

/// The same, where each thread first makes what its jobs need.
fn rate_with<S>(times: usize, start: impl Fn() -> S + Sync, job: impl Fn(&S, usize) + Sync) -> f64 {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let has = start();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= times {
                        return;
                    }
                    job(&has, n);
                }
            });
        }
    });
    times as f64 / began.elapsed().as_secs_f64()
}

/// The Mac at MSNP16, and a client of Windows at MSNP12, against as many connections that each say a line eight times.
fn ready(world: &World, table: &mut Table) {
    let times = if short() { 40 } else { 2_000 };
    let rounds = if short() { 1 } else { 3 };
    let mut best = [0.0_f64; 3];
    for round in 0..rounds {
        let rates = [
            rate(times, |_| {
                let mut stream = connect(world.echo);
                let mut line = String::new();
                for _ in 0..8 {
                    say(&mut stream, "CHG 8 NLN 1085276192:131088\r\n");
                    hear(&mut stream, &mut line);
                }
            }),
            rate(times, |n| {
                drop(world.signed_in(&format!("r{round}x{n}@local")));
            }),
            rate(times, |n| {
                let account = format!("t{round}x{n}@local");
                let ticket = world.tickets.issue(&account, None);
                drop(sign_in_12(world.notification, &account, &ticket));
            }),
        ];
        for (best, rate) in best.iter_mut().zip(rates) {
            *best = best.max(rate);
        }
    }
    let [bare, mac, older] = best;
    for (who, ours) in [("", mac), (" at MSNP12", older)] {
        table.at_least(
            &format!("sign-in with a ready ticket{who}, 4 at a time"),
            ours / bare,
            0.8,
            format!("{ours:.0} against {bare:.0} connects and eight echoes a second"),
        );
    }
}

/// The Mac by TWN at TLS 1.0, and clients of Windows by TWN and by SSO, each against the handshakes alone that it made.
fn complete(world: &World, table: &mut Table) {
    use nudge::client::Method;
    use nudge::msnp::{Dialect, Family};
    let times = if short() { 8 } else { 200 };
    let bare = handshakes(world, times * 6);
    let ways = [
        ("TLS 1.0, Passport and SOAP", Family::Mac, None, Method::Twn),
        (
            "Passport at MSNP12",
            Family::Windows,
            Some("MSNP12"),
            Method::Twn,
        ),
        (
            "SSO and SOAP at MSNP15",
            Family::Windows,
            Some("MSNP15"),
            Method::Sso,
        ),
    ];
    for (what, family, dialect, method) in ways {
        // Clones share one TLS context, as the bare handshakes do.
        let first = client::Config {
            trust: client::Trust::Anyone,
            pings: Some(0),
            family,
            dialect: dialect.map(|name| name.parse::<Dialect>().expect("a dialect")),
            method,
            ..client::Config::local(world.notification, world.https)
        };
        let made = || world.told.handshakes.load(Ordering::Relaxed);
        let before = made();
        // A runtime for each thread: the bare handshakes wait in their own thread too.
        let runtime = || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder.enable_all().build().expect("a runtime")
        };
        let ours = rate_with(times, runtime, |runtime, n| {
            let config = client::Config {
                account: format!("c{n}@local"),
                ..first.clone()
            };
            runtime.block_on(async {
                let (saw, mut seen) = tokio::sync::mpsc::channel(64);
                tokio::spawn(async move { while seen.recv().await.is_some() {} });
                let stop = CancellationToken::new();
                client::play(config, client::Part::default(), saw, stop)
                    .await
                    .expect("signs in");
            });
        });
        // The last may not be told of yet.
        let each = ((made() - before) as f64 / times as f64).round();
        table.at_least(
            &format!("complete sign-in with {what}, 4 at a time"),
            ours / (bare / each),
            0.7,
            format!(
                "{ours:.0} against {:.0} times {each} bare handshakes a second",
                bare / each
            ),
        );
    }
}

/// How many bare handshakes of TLS 1.0 there are a second.
fn handshakes(world: &World, times: usize) -> f64 {
    use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode, SslVersion};
    let mut connector = SslConnector::builder(SslMethod::tls_client()).expect("a connector");
    connector.set_security_level(0);
    connector.set_verify(SslVerifyMode::NONE);
    connector
        .set_max_proto_version(Some(SslVersion::TLS1))
        .expect("TLS 1.0");
    connector
        .set_min_proto_version(Some(SslVersion::TLS1))
        .expect("TLS 1.0");
    connector
        .set_cipher_list("AES128-SHA:@SECLEVEL=0")
        .expect("AES128-SHA");
    let connector = connector.build();
    rate(times, |_| {
        let stream = TcpStream::connect(world.bare_tls).expect("connects");
        let configure = connector.configure().expect("a connection");
        let handshake = configure
            .use_server_name_indication(false)
            .verify_hostname(false)
            .connect("localhost", stream);
        drop(handshake.expect("a handshake"));
    })
}

/// Processes that hold the clients' ends, so that this process's memory and descriptors are those of the service
/// alone.
struct Ends(Vec<Child>);

impl Ends {
    fn hold(job: &str, address: SocketAddr, count: usize, tickets: &Tickets) -> Self {
        const EACH: usize = 2_500;
        let program = std::env::current_exe().expect("this program");
        let mut children = Vec::new();
        let mut held = 0;
        while held < count {
            let these = EACH.min(count - held);
            let mut child = Command::new(&program)
                .env(CHILD, format!("{job} {address} {these}"))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("a child");
            // Each client has an account of its own: one account is at sixteen places at most.
            let input = child.stdin.as_mut().expect("its input");
            for n in held..held + these {
                let account = format!("{job}{n}@local");
                let ticket = tickets.issue(&account, None);
                writeln!(input, "{account} {ticket}").expect("is read");
            }
            let mut ready = String::new();
            BufReader::new(child.stdout.as_mut().expect("its output"))
                .read_line(&mut ready)
                .expect("a line");
            assert_eq!(ready.trim(), "ready", "the child holds its connections");
            children.push(child);
            held += these;
        }
        Self(children)
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        for child in &mut self.0 {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// A process that holds clients' ends: it connects, signs in where asked to, says so, and reads until its input ends.
fn child(job: &str) {
    raise_descriptor_limit();
    let words: Vec<&str> = job.split(' ').collect();
    let [kind, address, count] = words[..] else {
        panic!("{job}");
    };
    let address: SocketAddr = address.parse().expect("an address");
    let count: usize = count.parse().expect("a count");
    let accounts: Vec<String> = std::io::stdin()
        .lines()
        .take(count)
        .map(|line| line.expect("a line"))
        .collect();
    let streams: Vec<TcpStream> = accounts
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(account, ticket)| match kind {
            "bare" => TcpStream::connect(address).expect("connects"),
            _ => {
                let mut stream = connect(address);
                let mut line = String::new();
                for command in [
                    "VER 1 MSNP16\r\n".to_owned(),
                    format!("CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs {account}\r\n"),
                    format!("USR 3 TWN I {account}\r\n"),
                    format!("USR 4 TWN S {ticket} {:032x}\r\n", 1),
                    "CHG 8 NLN 0\r\n".to_owned(),
                ] {
                    say(&mut stream, &command);
                    hear(&mut stream, &mut line);
                }
                stream.into_inner()
            }
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        for stream in streams {
            stream.set_nonblocking(true).expect("non-blocking");
            let mut stream = tokio::net::TcpStream::from_std(stream).expect("a stream");
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                while stream.read(&mut buffer).await.unwrap_or(0) > 0 {}
            });
        }
        println!("ready");
        let mut nothing = Vec::new();
        let _ = tokio::io::stdin().read_to_end(&mut nothing).await;
    });
}

fn fan_out(world: &World, table: &mut Table) {
    let count = if short() { 500 } else { 10_000 };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let accepting = std::thread::spawn(move || -> Vec<TcpStream> {
        listener
            .incoming()
            .take(count)
            .map(|s| s.expect("a peer"))
            .collect()
    });
    let rounds = if short() { 2 } else { 7 };
    let quiet = || std::thread::sleep(Duration::from_millis(300));
    // One after the other, since both at once are more descriptors than many machines allow.
    let bare = {
        let ends = Ends::hold("bare", address, count, &world.tickets);
        let mut sockets = accepting.join().expect("accepted");
        // What the service writes: one NLN of busy@local.
        let bytes = b"NLN BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\r\n";
        let mut best = Duration::MAX;
        for _ in 0..rounds {
            quiet();
            let start = Instant::now();
            for socket in &mut sockets {
                socket.write_all(bytes).expect("is read");
            }
            best = best.min(start.elapsed());
        }
        drop(ends);
        best
    };
    let ends = Ends::hold("fan", world.notification, count, &world.tickets);
    let mut ours = Duration::MAX;
    for round in 0..rounds {
        quiet();
        let status = [Status::Away, Status::Busy][round % 2];
        let before = world.told.presence.load(Ordering::Relaxed);
        let start = Instant::now();
        world
            .hub
            .change("busy@local", None, |c| c.status = status)
            .expect("changes");
        while world.told.presence.load(Ordering::Relaxed) < before + count {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "every client is told"
            );
            std::thread::sleep(Duration::from_micros(200));
        }
        ours = ours.min(start.elapsed());
    }
    drop(ends);
    table.at_most(
        &format!("one status change to {count} clients"),
        ours.as_secs_f64() / bare.as_secs_f64(),
        2.0,
        format!("{ours:.1?} against {bare:.1?} for one thread that writes the same bytes"),
    );
}

fn memory(world: &World, table: &mut Table) {
    let count = if short() { 500 } else { 10_000 };
    let before = resident(std::process::id());
    let ends = Ends::hold("idle", world.notification, count, &world.tickets);
    std::thread::sleep(Duration::from_millis(500));
    let after = resident(std::process::id());
    drop(ends);
    table.at_most(
        &format!("memory of an idle signed-in client, KiB ({count} of them)"),
        (after.saturating_sub(before)) as f64 / 1024.0 / count as f64,
        16.0,
        format!("{} MiB before, {} MiB with them", before >> 20, after >> 20),
    );
    let folder = std::env::temp_dir().join(format!("nudge-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut program = Command::new(env!("CARGO_BIN_EXE_nudge"))
        .args(program::ANY)
        .current_dir(&folder)
        .env("HOME", &folder)
        .env("XDG_DATA_HOME", &folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("nudge starts");
    let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
    // Once a root has been made; the rest of the start is over by then too.
    while lines
        .next()
        .expect("a line")
        .expect("text")
        .contains("listening")
    {}
    std::thread::sleep(Duration::from_millis(300));
    let size = resident(program.id());
    let _ = program.kill();
    let _ = program.wait();
    let _ = std::fs::remove_dir_all(&folder);
    table.at_most(
        "resident at start, MB",
        size as f64 / 1e6,
        20.0,
        "the binary, headless, right after it listens".into(),
    );
}
