//! `nudge` itself: the service, with the console or headless.

use super::certs::Certs;
use super::failure::Failure;
use super::{number, on_signals, runtime, utc_offset};
use crate::console::terminal::graphics::{GRAPHICS, Graphics};
use crate::console::{self, terminal};
use crate::dirs;
use crate::engine::{Demo, Engine, Opened, Options};
use crate::event::{Clock, EventSink};
use crate::headless;
use crate::msnp::escape::safe_lines;
use crate::msnp::{Address, Dialects};
use crate::recording;
use crate::server::doors::{Addresses, LOOPBACK_PORTS, REAL_PORTS};
use crate::server::hosts_file;
use clap::Args;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What is served, where, and who looks at it.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// No screen: events as JSON lines on standard output, commands on standard input
    #[arg(long)]
    headless: bool,
    /// Run the built-in Messenger for Mac against the service, slowly enough to be watched (`fast`: at once; headless always).
    /// Nothing is written to disk but what --record and :export ask for
    #[arg(long, value_name = "PACE", num_args = 0..=1, require_equals = true)]
    demo: Option<Option<Demo>>,
    /// Where to listen for MSNP; port 0 takes any that is free [default: 127.0.0.1:1863]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Where it listens")]
    notification: Vec<Address>,
    /// Where to listen for Passport and SOAP over TLS [default: 127.0.0.1:8443]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Where it listens")]
    https: Vec<Address>,
    /// Where to listen for the same in the clear, and for the page with the root [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Where it listens")]
    http: Vec<Address>,
    /// Where to listen for conversations [default: the host of --notification, at its next port, or at any free port if that
    /// is taken]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Where it listens")]
    switchboard: Vec<Address>,
    /// Host, or host:port, that the URLs for clients name, instead of the address they reached
    #[arg(long, value_name = "HOST:PORT", value_parser = Address::remote, help_heading = "Where it listens")]
    public: Option<Address>,
    /// Listen on every interface, IPv4 and IPv6, at the ports of the real service: 1863, 443, 80
    #[arg(long, help_heading = "Where it listens")]
    lan: bool,
    /// The dialects that are served: numbers and ranges with commas between them, such as 8-12,15. A client gets the
    /// newest of them that it offers
    #[arg(long, value_name = "LIST", default_value_t = Dialects::ALL, help_heading = "What it serves")]
    dialects: Dialects,
    /// How long a ticket is valid, in seconds or with a unit: 90s, 30m, 2h. It does not end while its client is signed in
    #[arg(long, value_name = "TIME", value_parser = number::time, default_value = "1h", help_heading = "What it serves")]
    ticket_life: Duration,
    /// Send a challenge to every client this often, except to Messenger for Mac, which was never seen to answer one
    #[arg(long, value_name = "TIME", value_parser = number::interval, help_heading = "What it serves")]
    challenge: Option<Duration>,
    /// Report a wrong answer to a challenge as a finding only; without this it gets 540 and ends the connection
    #[arg(long = "no-540", help_heading = "What it serves")]
    no_540: bool,
    /// Send each client on to this same server first (XFR NS), as the dispatch servers of the real service did
    #[arg(long, help_heading = "What it serves")]
    dispatch: bool,
    /// Put the shipped contacts into this domain instead of `local`: some clients discard contacts in one without a dot
    #[arg(long, value_name = "NAME", value_parser = domain, help_heading = "Contacts")]
    domain: Option<String>,
    /// The folder of contacts [default: ./contacts if it is there, else in the user's data folder]
    #[arg(long, value_name = "DIR", help_heading = "Contacts")]
    contacts: Option<PathBuf>,
    /// Write the roster a second after each change
    #[arg(long, help_heading = "Contacts")]
    autosave: bool,
    /// Show passwords and tickets instead of ***
    #[arg(long, help_heading = "The console")]
    show_secrets: bool,
    /// Most that the journal holds, in bytes or with a unit: 64M, 1G; its oldest lines go first
    #[arg(long, value_name = "BYTES", value_parser = number::size::<usize>, default_value_t = crate::journal::DEFAULT_BYTES, help_heading = "The console")]
    journal_bytes: usize,
    /// Most memory that all connections together may hold, in bytes or with a unit: what came and is not handled yet, and
    /// answers that are not taken yet. Beyond it the connection that holds most is ended
    #[arg(long, value_name = "BYTES", value_parser = number::size::<usize>, default_value_t = crate::server::shares::MEMORY, help_heading = "What it serves")]
    memory: usize,
    /// A configuration file: options by their long names, such as theme = "light" [default: config.toml in the user's
    /// configuration folder, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A step of a sign-in counts as stalled after the usual wait times this factor
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = super::explain::patience, allow_negative_numbers = true, help_heading = "The console")]
    patience: f64,
    /// The console's theme: the name of one, or a file that ends in .toml [default: the one chosen last]
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "headless",
        help_heading = "The console"
    )]
    theme: Option<String>,
    /// A key file over the console's default keys
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "headless",
        help_heading = "The console"
    )]
    keys: Option<PathBuf>,
    /// Leave the mouse to the terminal
    #[arg(long, conflicts_with = "headless", help_heading = "The console")]
    no_mouse: bool,
    /// Draw with ASCII alone [default: where the locale is not UTF-8, or TERM is linux]
    #[arg(long, conflicts_with = "headless", help_heading = "The console")]
    ascii: bool,
    /// Draw pictures with the terminal's own graphics: with those that it says it has, always with these (kitty's in tmux
    /// need allow-passthrough), or in half blocks alone
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = GRAPHICS, conflicts_with = "headless", help_heading = "The console")]
    graphics: String,
    /// Record every event to this file, readable by you alone; it holds the true bytes, secrets too
    #[arg(long, value_name = "FILE", help_heading = "Recording and log")]
    record: Option<PathBuf>,
    /// The size at which the next file of the recording begins, in bytes or with a unit: 64M, 1G
    #[arg(long, value_name = "BYTES", value_parser = number::size::<u64>, default_value_t = recording::DEFAULT_FILE_BYTES, help_heading = "Recording and log")]
    record_size: u64,
    /// The most that all files of the recording take, in bytes or with a unit: beyond it the oldest file is removed
    #[arg(long, value_name = "BYTES", value_parser = number::size::<u64>, help_heading = "Recording and log")]
    record_keep: Option<u64>,
    /// Log of the program itself goes to this file [default: standard error when headless, else nowhere]
    #[arg(long, value_name = "FILE", help_heading = "Recording and log")]
    log: Option<PathBuf>,
    /// No SSL 3.0, which is for clients that offer nothing better, such as those of Internet Explorer 6's library
    #[arg(long, help_heading = "What it serves")]
    no_ssl3: bool,
    #[command(flatten)]
    certs: Certs,
}

/// What can stand behind the @ of an account.
fn domain(text: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match !text.is_empty() && text.len() <= 64 && text.chars().all(fine) {
        true => Ok(text.to_owned()),
        false => Err(
            "a domain is wanted, such as local.test: at most 64 letters, digits, dots and hyphens"
                .into(),
        ),
    }
}

/// How the console looks: theme, keys and times of day, from the arguments and the user's folders.
pub(super) fn looks(theme: Option<&String>, keys: Option<&PathBuf>) -> console::Options {
    let themes = dirs::choose(None, "themes");
    console::Options {
        theme: theme.cloned(),
        themes_dir: themes.is_dir().then_some(themes),
        keys: keys.cloned().or_else(|| {
            let usual = dirs::config()?.join("keys.toml");
            usual.is_file().then_some(usual)
        }),
        utc_offset: utc_offset(),
        ..console::Options::default()
    }
}

impl Run {
    /// What is refused before anything starts: folders that are not there, names without an address, a mistake in a key
    /// file or a theme.
    pub(super) fn check(&self) -> Result<(), Failure> {
        dirs::typed(self.contacts.as_deref(), "--contacts", "mkdir").map_err(Failure::of)?;
        let certs = self.certs.place.certs.as_deref();
        dirs::typed(certs, "--certs", "nudge certs init --certs").map_err(Failure::of)?;
        self.options()?;
        if self.theme.is_some() || self.keys.is_some() {
            let looks = console::Options {
                keys: self.keys.clone(),
                ..looks(self.theme.as_ref(), None)
            };
            console::settings(&looks).map_err(Failure::of)?;
        }
        match self.log.as_deref().and_then(Path::parent) {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                Err(format!("there is no folder {}", folder.display()).into())
            }
            _ => Ok(()),
        }
    }

    fn sizes(&self) -> recording::Sizes {
        recording::Sizes {
            file: self.record_size,
            keep: self.record_keep,
        }
    }

    fn console(&self) -> console::Options {
        console::Options {
            // The demo writes nothing, not even what was typed.
            history: dirs::data().filter(|_| self.demo.is_none()),
            journal_bytes: self.journal_bytes,
            demo: self.demo.is_some(),
            patience: self.patience,
            own: hosts_file::own_addresses(),
            show_secrets: self.show_secrets,
            mouse: !self.no_mouse,
            ascii: self.ascii,
            graphics: Graphics::named(&self.graphics),
            record: self.record.clone(),
            record_sizes: self.sizes(),
            ..looks(self.theme.as_ref(), self.keys.as_ref())
        }
    }

    fn options(&self) -> Result<Options, Failure> {
        let mut addresses = if self.lan {
            Addresses::lan()
        } else {
            Addresses::loopback()
        };
        // Where a host stands alone, the port is that of the default.
        let [notification, https, http] = if self.lan { REAL_PORTS } else { LOOPBACK_PORTS };
        for (option, given, port, default) in [
            (
                "notification",
                &self.notification,
                notification,
                &mut addresses.notification,
            ),
            ("https", &self.https, https, &mut addresses.https),
            ("http", &self.http, http, &mut addresses.http),
            (
                "switchboard",
                &self.switchboard,
                0,
                &mut addresses.switchboard,
            ),
        ] {
            if !given.is_empty() {
                let found: Result<_, _> = given.iter().map(|address| address.find(port)).collect();
                *default = found.map_err(|error| format!("--{option}: {error}"))?;
            }
        }
        let asked = self.lan
            || ![
                &self.notification,
                &self.https,
                &self.http,
                &self.switchboard,
            ]
            .iter()
            .all(|given| given.is_empty());
        Ok(Options {
            addresses,
            any_port_will_do: self.demo.is_some() && !asked,
            public: self.public.clone(),
            contacts: self.contacts.clone(),
            certs: self.certs.place.certs.clone(),
            certificates: self.certs.options(),
            ssl3: !self.no_ssl3,
            dialects: self.dialects,
            challenge: self.challenge,
            strict: !self.no_540,
            dispatch: self.dispatch,
            utc_offset: utc_offset(),
            domain: self.domain.clone(),
            ticket_life: self.ticket_life,
            autosave: self.autosave,
            // Headless nobody watches it.
            demo: self.demo.map(|pace| match pace {
                Some(pace) => pace,
                None if self.headless => Demo::Fast,
                None => Demo::Watch,
            }),
            bounds: None,
            memory: self.memory,
        })
    }
}

/// Opened before root is given up: afterwards the system does not let the process open /dev/stderr again.
fn log_file(path: &Path) -> io::Result<File> {
    let mut append = OpenOptions::new();
    append.append(true);
    match append.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            append.create(true).open(path)
        }
        made => {
            let file = made?;
            dirs::give(&file)?;
            Ok(file)
        }
    }
}

fn log(file: Option<&PathBuf>, to_stderr: bool) -> Result<(), Failure> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("NUDGE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter);
    if let Some(path) = file {
        let file =
            log_file(path).map_err(|error| format!("log file {}: {error}", path.display()))?;
        if !to_stderr && file.is_terminal() {
            // It may be another one; that this is so cannot be known.
            let name = path.display();
            return Err(format!(
                "log file {name}: it is a terminal, and the console is drawn on one: name a file"
            )
            .into());
        }
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

/// Serves until it is told to end.
pub(super) fn run(arguments: &Run) -> Result<(), Failure> {
    arguments.check()?;
    if arguments.headless {
        return run_headless(arguments);
    }
    console::able().map_err(Failure::of)?;
    let options = arguments.console();
    // Mistakes in key and theme files are said before anything starts.
    console::settings(&options).map_err(Failure::of)?;
    log(arguments.log.as_ref(), false)?;
    let served = arguments.options()?;
    let runtime = runtime()?;
    let clock = Clock::start();
    let (events, stream) = EventSink::new(clock);
    let stop = CancellationToken::new();
    let engine = runtime.block_on(async {
        let opened = Opened::open(served).map_err(Failure::of)?;
        on_signals(stop.clone(), terminal::give_back)?;
        Engine::behind(opened, events).map_err(Failure::of)
    })?;
    let commands = engine.commands();
    let keeper = engine.keeper();
    let unsaved = engine.unsaved();
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
        unsaved,
        ended,
    };
    let outcome = console::run(options, clock, service, stop);
    let unsaved = runtime.block_on(async {
        // The service has had its second to end; whatever has not ended by then ends with the runtime.
        let _ = tokio::time::timeout(Duration::from_millis(1_500), running).await;
        keeper.unsaved()
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    outcome.map_err(Failure::of)?;
    if !unsaved.is_empty() && arguments.demo.is_none() {
        let _ = writeln!(
            std::io::stderr(),
            "nudge: not saved, and lost: {}",
            safe_lines(&unsaved.join(", "))
        );
    }
    Ok(())
}

fn run_headless(arguments: &Run) -> Result<(), Failure> {
    log(arguments.log.as_ref(), true)?;
    let served = arguments.options()?;
    let runtime = runtime()?;
    let (events, stream) = EventSink::new(Clock::start());
    let stop = CancellationToken::new();
    let (engine, recorder) = runtime.block_on(async {
        let opened = Opened::open(served).map_err(Failure::of)?;
        on_signals(stop.clone(), || ())?;
        // Not before: the file is the caller's.
        let recorder = recorder(arguments, &events)?;
        let engine = Engine::behind(opened, events).map_err(Failure::of)?;
        Ok::<_, Failure>((engine, recorder))
    })?;
    let show_secrets = arguments.show_secrets;
    let patience = headless::Patience::default();
    patience.set(arguments.patience);
    headless::run(
        runtime,
        engine,
        stream,
        show_secrets,
        recorder,
        patience,
        stop,
    )
    .map_err(Failure::of)
}

/// The recorder that was asked for. That it ended before its time is an event like any other.
fn recorder(arguments: &Run, events: &EventSink) -> Result<Option<recording::Recorder>, Failure> {
    let Some(path) = &arguments.record else {
        return Ok(None);
    };
    let told = events.downgrade();
    recording::Recorder::create(path, arguments.sizes(), move |error| {
        if let Some(events) = told.upgrade() {
            events.tell(recording::ended(&error));
        }
    })
    .map(Some)
    .map_err(Failure::of)
}
