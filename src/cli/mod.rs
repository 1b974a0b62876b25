//! The command line: arguments in, an exit code out.

mod client;
mod recordings;

use crate::command;
use crate::console::{self, terminal};
use crate::dirs;
use crate::engine::{Engine, Options};
use crate::event::{ClientId, Clock, EventSink};
use crate::findings;
use crate::headless;
use crate::msnp::escape::safe_lines;
use crate::msnp::{Direction, Shape};
use crate::recording;
use crate::server::certificates::{self, CertificateOptions, Certificates};
use crate::server::doors::Addresses;
use crate::server::hosts_file;
use clap::{Args, Parser, Subcommand};
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A live fake MSN Messenger service, and the console from which an operator plays it.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Sub>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Args)]
struct Run {
    /// No screen: events as JSON lines on standard output, commands on standard input
    #[arg(long)]
    headless: bool,
    /// Run the built-in Messenger for Mac against the service. Nothing is written to disk but what --record and :export ask for
    #[arg(long)]
    demo: bool,
    /// Where to listen for MSNP; port 0 takes any that is free [default: 127.0.0.1:1863]
    #[arg(long, value_name = "ADDR")]
    notification: Vec<SocketAddr>,
    /// Where to listen for Passport and SOAP over TLS [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR")]
    https: Vec<SocketAddr>,
    /// Where to listen for the same in the clear, and for the page with the root [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    http: Vec<SocketAddr>,
    /// Host, or host:port, that the URLs for clients name, instead of the address they reached
    #[arg(long, value_name = "ADDR", value_parser = public)]
    public: Option<String>,
    /// Listen on every interface, IPv4 and IPv6, at the ports of the real service: 1863, 443, 80
    #[arg(long)]
    lan: bool,
    /// The folder of contacts [default: ./contacts if it is there, else in the user's data folder]
    #[arg(long, value_name = "DIR")]
    contacts: Option<PathBuf>,
    /// Write the roster a second after each change
    #[arg(long)]
    autosave: bool,
    /// Show passwords and tickets instead of ***
    #[arg(long)]
    show_secrets: bool,
    /// How much the journal holds before its oldest lines go, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = crate::journal::DEFAULT_BYTES)]
    journal_bytes: usize,
    /// The console's theme: the name of one, or a file that ends in .toml
    #[arg(long, value_name = "NAME", conflicts_with = "headless")]
    theme: Option<String>,
    /// A key file over the console's default keys
    #[arg(long, value_name = "FILE", conflicts_with = "headless")]
    keys: Option<PathBuf>,
    /// Leave the mouse to the terminal
    #[arg(long, conflicts_with = "headless")]
    no_mouse: bool,
    /// Record every event to this file, readable by you alone; it holds the true bytes, secrets too
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The size at which the next file of the recording begins, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = recording::DEFAULT_FILE_BYTES)]
    record_size: u64,
    /// Log of the program itself goes to this file [default: standard error when headless, else nowhere]
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    certs: Certs,
}

#[derive(Debug, Args)]
struct Certs {
    /// The folder of certificates [default: ./certs if it is there, else in the user's data folder]
    #[arg(long, value_name = "DIR")]
    certs: Option<PathBuf>,
    /// Serve login.live.com too. Real sign-ins on a machine with that hosts line will break
    #[arg(long)]
    login_live: bool,
    /// Make the root without name constraints, for a system that refuses a root with them
    #[arg(long)]
    no_name_constraints: bool,
}

impl Certs {
    fn options(&self) -> CertificateOptions {
        CertificateOptions {
            name_constraints: !self.no_name_constraints,
            login_live: self.login_live,
        }
    }

    fn dir(&self) -> PathBuf {
        dirs::choose(self.certs.as_deref(), "certs")
    }
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// The root and the certificate under which old clients are served
    Certs {
        #[command(subcommand)]
        what: CertsCommand,
    },
    /// The lines for a hosts file
    Hosts {
        /// The address to name [default: this machine's own]
        #[arg(long, value_name = "ADDR")]
        ip: Vec<IpAddr>,
        /// Also login.live.com, which breaks real sign-ins on that machine
        #[arg(long)]
        login_live: bool,
    },
    /// The built-in Messenger for Mac, against any server
    Client(client::ClientArgs),
    /// Explain a line ("ILN 8 BSY busy@local …"), a verb, an error code, a status or a finding
    Explain(ExplainArgs),
    /// List every finding: what it is, how much it matters, and what the real service did
    Findings,
    /// A recording for other tools and other people: text, JSON lines, HAR, pcapng, Markdown
    Export(recordings::ExportArgs),
    /// The console over a recording: the same panes, and no service
    Open(OpenArgs),
    /// Play a recorded client's side against a server, and say where the answers differ
    Replay(recordings::ReplayArgs),
    /// Compare two sign-ins step by step: what did the good one have that the bad one lacks
    Diff(recordings::DiffArgs),
}

#[derive(Debug, Args)]
struct OpenArgs {
    /// The recording; where it is cut or damaged, what is before that is shown
    file: PathBuf,
    /// Play it from its beginning: 1 is as fast as it was, 0.01 to 10000
    #[arg(long, value_name = "SPEED", num_args = 0..=1, default_missing_value = "1")]
    play: Option<console::state::opened::Speed>,
    /// The console's theme: the name of one, or a file that ends in .toml
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// A key file over the console's default keys
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Leave the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,
    /// Show passwords and tickets instead of ***
    #[arg(long)]
    show_secrets: bool,
    /// How much the journal holds before its oldest lines go, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = crate::journal::DEFAULT_BYTES)]
    journal_bytes: usize,
}

#[derive(Debug, Args)]
struct ExplainArgs {
    /// The line or the word; `\r` and `\n` stand for a line break, after which the payload follows. Or the file
    /// of a recording: the ladder of each sign-in in it, and why it stopped
    #[arg(required = true, value_name = "LINE")]
    text: Vec<String>,
    /// Who sends the line [default: whoever fits best]
    #[arg(long, value_name = "WHO", value_parser = ["client", "server"])]
    from: Option<String>,
    /// The line as this shape writes it, such as MSNP16/mac
    #[arg(long, value_name = "SHAPE")]
    shape: Option<Shape>,
    /// Of a recording, this client alone
    #[arg(long, value_name = "N")]
    client: Option<u64>,
    /// Of a recording, the sequence of its messages too
    #[arg(long)]
    diagram: bool,
    /// Of a recording: a step counts as stalled after so many times the usual wait
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = patience)]
    patience: f64,
}

#[derive(Debug, Subcommand)]
enum CertsCommand {
    /// Make a root and a leaf
    Init {
        #[command(flatten)]
        certs: Certs,
        /// Even where there is a root already: every client has to be told to trust the new one
        #[arg(long)]
        force: bool,
    },
    /// Say what there is
    Show {
        #[command(flatten)]
        certs: Certs,
    },
    /// Write the root to standard output, PEM
    Export {
        #[command(flatten)]
        certs: Certs,
        /// DER instead of PEM
        #[arg(long)]
        der: bool,
    },
}

/// A host, or a host and a port, that can stand in a URL.
fn public(text: &str) -> Result<String, String> {
    let name = |host: &str| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    let port = |port: &str| port.parse::<u16>().is_ok_and(|port| port != 0);
    let fine = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((ip, rest)) => {
            ip.parse::<std::net::Ipv6Addr>().is_ok()
                && (rest.is_empty() || rest.strip_prefix(':').is_some_and(port))
        }
        None => match text.split_once(':') {
            Some((host, after)) => name(host) && port(after),
            None => name(text),
        },
    };
    if fine {
        Ok(text.to_owned())
    } else {
        Err("a host or host:port is wanted, such as 10.0.10.126:8080; an IPv6 address stands in brackets".into())
    }
}

/// As the command of that name takes it.
fn patience(text: &str) -> Result<f64, String> {
    let wanted = || format!("it is {}", command::Kind::Factor.explain());
    command::factor(text).ok_or_else(wanted)
}

/// How the console looks: theme, keys and times of day, from the arguments and the user's folders.
fn looks(theme: Option<&String>, keys: Option<&PathBuf>) -> console::Options {
    let themes = dirs::choose(None, "themes");
    console::Options {
        theme: theme.cloned(),
        themes_dir: themes.is_dir().then_some(themes),
        keys: keys.cloned().or_else(|| {
            let usual = dirs::config()?.join("keys.toml");
            usual.is_file().then_some(usual)
        }),
        // Asked while there is one thread: with more, the system's answer could be torn.
        utc_offset: time::UtcOffset::current_local_offset()
            .map_or(0, time::UtcOffset::whole_seconds),
        ..console::Options::default()
    }
}

impl Run {
    fn console(&self) -> console::Options {
        console::Options {
            // The demo writes nothing, not even what was typed.
            history: dirs::data().filter(|_| !self.demo),
            journal_bytes: self.journal_bytes,
            demo: self.demo,
            show_secrets: self.show_secrets,
            mouse: !self.no_mouse,
            record: self.record.clone(),
            record_size: self.record_size,
            ..looks(self.theme.as_ref(), self.keys.as_ref())
        }
    }

    fn options(&self) -> Options {
        let mut addresses = if self.lan {
            Addresses::lan()
        } else {
            Addresses::loopback()
        };
        for (given, default) in [
            (&self.notification, &mut addresses.notification),
            (&self.https, &mut addresses.https),
            (&self.http, &mut addresses.http),
        ] {
            if !given.is_empty() {
                default.clone_from(given);
            }
        }
        let asked = self.lan
            || ![&self.notification, &self.https, &self.http]
                .iter()
                .all(|given| given.is_empty());
        Options {
            addresses,
            any_port_will_do: self.demo && !asked,
            public: self.public.clone(),
            contacts: self.contacts.clone(),
            certs: self.certs.certs.clone(),
            certificates: self.certs.options(),
            autosave: self.autosave,
            demo: self.demo,
        }
    }
}

/// Runs the program as its arguments say. Its exit code: 0 for an end as asked for, 1 for one that was not,
/// 2 for arguments that are wrong.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A wrong argument is quoted as it was typed.
            let text = error.render().to_string();
            if safe_lines(&text) == text {
                error.exit();
            }
            let _ = write!(std::io::stderr(), "{}", safe_lines(&text));
            return ExitCode::from(2);
        }
    };
    let outcome = match cli.command {
        None => run(&cli.run),
        Some(Sub::Certs { what }) => certs(&what),
        Some(Sub::Hosts { ip, login_live }) => {
            let addresses = if ip.is_empty() {
                hosts_file::own_addresses()
            } else {
                ip
            };
            print(hosts_file::hosts_lines(&addresses, login_live).as_bytes())
        }
        Some(Sub::Client(arguments)) => client::run(arguments),
        Some(Sub::Explain(arguments)) => explain(&arguments),
        Some(Sub::Findings) => print(findings::catalogue().as_bytes()),
        Some(Sub::Export(arguments)) => recordings::export(&arguments),
        Some(Sub::Open(arguments)) => open(&arguments),
        Some(Sub::Replay(arguments)) => recordings::run_replay(&arguments),
        Some(Sub::Diff(arguments)) => recordings::diff(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // Nobody may be there to read it.
            let text = safe_lines(&text);
            let _ = writeln!(std::io::stderr(), "nudge: {text}");
            ExitCode::FAILURE
        }
    }
}

fn said(error: impl Display) -> String {
    error.to_string()
}

/// Writes to standard output; that nobody reads it is no mistake.
fn print(bytes: &[u8]) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(format!("standard output: {error}"))
        }
        _ => Ok(()),
    }
}

fn certs(what: &CertsCommand) -> Result<(), String> {
    match what {
        CertsCommand::Init { certs, force } => {
            let made = Certificates::init(&certs.dir(), &certs.options(), *force).map_err(said)?;
            print(made.describe().as_bytes())
        }
        CertsCommand::Show { certs } => {
            print(certificates::show(&certs.dir()).map_err(said)?.as_bytes())
        }
        CertsCommand::Export { certs, der } => {
            print(&certificates::export(&certs.dir(), *der).map_err(said)?)
        }
    }
}

fn explain(arguments: &ExplainArgs) -> Result<(), String> {
    if let [path] = arguments.text.as_slice()
        && (path.ends_with(".nudge") || Path::new(path).is_file())
    {
        return explain_recording(Path::new(path), arguments);
    }
    let direction = arguments.from.as_deref().map(|from| match from {
        "client" => Direction::In,
        _ => Direction::Out,
    });
    let text = arguments.text.join(" ");
    print(safe_lines(&findings::explain_text(&text, direction, arguments.shape)?).as_bytes())
}

/// The ladder without a screen. What is damaged is explained up to the damage, and that is an error still.
fn explain_recording(path: &Path, arguments: &ExplainArgs) -> Result<(), String> {
    /// The widest diagram that reads well, where the terminal does not say.
    const COLUMNS: usize = 110;
    let (text, damage) = recordings::events_of(path, |events, cut| {
        let mut watch = findings::Watch::of_recording(arguments.patience);
        watch.cut = cut;
        let client = arguments.client.map(ClientId);
        let width = arguments.diagram.then_some(COLUMNS);
        Ok(findings::report(events, client, width, watch))
    })?;
    print(safe_lines(&text).as_bytes())?;
    damage.map_or(Ok(()), |damage| Err(damage.to_string()))
}

fn log(file: Option<&PathBuf>, to_stderr: bool) -> Result<(), String> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("NUDGE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter);
    if let Some(path) = file {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|error| format!("log file {}: {error}", path.display()))?;
        subscriber.with_ansi(false).with_writer(file).init();
    } else if to_stderr {
        let colour = std::io::stderr().is_terminal();
        subscriber
            .with_ansi(colour)
            .with_writer(std::io::stderr)
            .init();
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime could not be started: {error}"))
}

fn run(arguments: &Run) -> Result<(), String> {
    dirs::typed(arguments.contacts.as_deref(), "--contacts", "mkdir").map_err(said)?;
    let certs = arguments.certs.certs.as_deref();
    dirs::typed(certs, "--certs", "nudge certs init --certs").map_err(said)?;
    if arguments.headless {
        return run_headless(arguments);
    }
    if !std::io::stdout().is_terminal() {
        return Err(console::ConsoleError::NoTerminal.to_string());
    }
    let options = arguments.console();
    // Mistakes in key and theme files are said before anything starts.
    console::settings(&options).map_err(said)?;
    log(arguments.log.as_ref(), false)?;
    let runtime = runtime()?;
    let clock = Clock::start();
    let (events, stream) = EventSink::new(clock);
    let stop = CancellationToken::new();
    let engine = runtime.block_on(async {
        on_signals(stop.clone(), terminal::give_back)?;
        Engine::start(arguments.options(), events).map_err(said)
    })?;
    let commands = engine.commands();
    let keeper = engine.keeper();
    let ended = CancellationToken::new();
    // Dropped when the engine has ended, however it does.
    let end = ended.clone().drop_guard();
    let stopping = stop.clone();
    let running = runtime.spawn(async move {
        engine.run(stopping).await;
        drop(end);
    });
    let service = console::Service {
        events: stream,
        commands,
        ended,
    };
    let outcome = console::run(options, clock, service, stop);
    let unsaved = runtime.block_on(async {
        // The service has had its second to end; whatever has not ended by then ends with the runtime.
        let _ = tokio::time::timeout(Duration::from_millis(1_500), running).await;
        keeper.unsaved()
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    outcome.map_err(said)?;
    if !unsaved.is_empty() && !arguments.demo {
        let _ = writeln!(
            std::io::stderr(),
            "nudge: not saved, and lost: {}",
            safe_lines(&unsaved.join(", "))
        );
    }
    Ok(())
}

/// The console over a recording.
fn open(arguments: &OpenArgs) -> Result<(), String> {
    let options = console::Options {
        history: dirs::data(),
        journal_bytes: arguments.journal_bytes,
        show_secrets: arguments.show_secrets,
        mouse: !arguments.no_mouse,
        play: arguments.play,
        ..looks(arguments.theme.as_ref(), arguments.keys.as_ref())
    };
    let runtime = runtime()?;
    let stop = CancellationToken::new();
    runtime.block_on(async { on_signals(stop.clone(), terminal::give_back) })?;
    console::open(options, &arguments.file, stop)
        .map(drop)
        .map_err(said)
}

fn run_headless(arguments: &Run) -> Result<(), String> {
    log(arguments.log.as_ref(), true)?;
    let runtime = runtime()?;
    let (events, stream) = EventSink::new(Clock::start());
    let stop = CancellationToken::new();
    let recorder = recorder(arguments, &events)?;
    let engine = runtime.block_on(async {
        on_signals(stop.clone(), || ())?;
        Engine::start(arguments.options(), events).map_err(said)
    })?;
    let show_secrets = arguments.show_secrets;
    headless::run(runtime, engine, stream, show_secrets, recorder, stop).map_err(said)
}

/// The recorder that was asked for. That it ended before its time is an event like any other.
fn recorder(arguments: &Run, events: &EventSink) -> Result<Option<recording::Recorder>, String> {
    let Some(path) = &arguments.record else {
        return Ok(None);
    };
    let told = events.downgrade();
    recording::Recorder::create(path, arguments.record_size, move |error| {
        if let Some(events) = told.upgrade() {
            events.tell(recording::ended(&error));
        }
    })
    .map(Some)
    .map_err(said)
}

/// Whatever hangs, so long after it was told to end the program ends.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// The first SIGINT, SIGTERM, SIGHUP or SIGQUIT asks for an end. A second one of its kind ends at once, after `last`, and
/// so do ten seconds. A supervisor that repeats its SIGTERM is impatient, not wrong: that is an end with code 0.
fn on_signals(
    stop: CancellationToken,
    last: impl Fn() + Clone + Send + 'static,
) -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::quit(),
    ] {
        let mut signals =
            signal(kind).map_err(|error| format!("signals cannot be heard: {error}"))?;
        let (stop, last) = (stop.clone(), last.clone());
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                let mut again = stop.is_cancelled();
                if !again {
                    stop.cancel();
                    again = tokio::time::timeout(ENDS_WITHIN, signals.recv())
                        .await
                        .is_ok();
                }
                last();
                let is_asked = again && kind == SignalKind::terminate();
                std::process::exit(if is_asked {
                    0
                } else {
                    128 + kind.as_raw_value()
                });
            }
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::public;

    #[test]
    fn what_clients_are_sent_to_can_stand_in_a_url() {
        for fine in ["10.0.10.126", "mac.local:8080", "[::1]", "[fe80::1]:80"] {
            assert_eq!(public(fine).as_deref(), Ok(fine));
        }
        for wrong in [
            "",
            "::1",
            "a:b:c",
            "host:0",
            "host:99999",
            "host:",
            ":80",
            "[]",
            "[::1",
            "[::1]80",
            "[x]:80",
            "http://host",
            "a/b",
            "me@host",
            "ho st",
        ] {
            assert!(public(wrong).is_err(), "{wrong:?}");
        }
    }
}
