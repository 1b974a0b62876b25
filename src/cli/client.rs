//! `nudge client`: the built-in client from the command line, and from the keyboard.

use super::failure::Failure;
use super::place::Place;
use super::typing::{self, Typing};
use super::{PLAIN_HTTPS, on_signals, runtime};
use crate::client::{self, ClientError};
use crate::descriptor::Ours;
use crate::msnp::{Address, Dialect, Family, hosts};
use crate::replay::Web;
use clap::Args;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The longest line that is typed, in bytes.
const MAX_TYPED: u64 = 128 * 1024;

/// What can be said of the client.
#[derive(Debug, Args)]
#[command(after_help = AFTER, after_long_help = after())]
pub(super) struct ClientArgs {
    /// The notification service, as --notification says it
    #[arg(value_name = "HOST:PORT", value_parser = Address::remote, conflicts_with = "notification")]
    service: Option<Address>,
    #[command(flatten)]
    place: Place,
    /// Who the client is, mac or windows [default: mac, unless a dialect or a method is given]
    #[arg(long, value_name = "FAMILY", value_parser = family)]
    client: Option<Family>,
    /// The one dialect that it offers, such as 15 [default: every one that it has]
    #[arg(long, value_name = "N")]
    dialect: Option<Dialect>,
    /// How it proves who signs in [default: twn; of a client of Windows sso, where the dialect has it]
    #[arg(long)]
    method: Option<client::Method>,
    /// The account that signs in
    #[arg(long, default_value = "me@local")]
    account: String,
    /// Its password
    #[arg(long, default_value = "asdf")]
    password: String,
    /// Trust this root (PEM); without it, any certificate is taken
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Seconds before each step of the sign-in, such as 0.6
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pace: Option<Duration>,
    /// Once signed in, carry out the orders in this file
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Say back what is said to it, with "echo: " before it
    #[arg(long)]
    echo: bool,
    /// Sign out after this many pings; without it, stay until stopped
    #[arg(long, value_name = "N", value_parser = super::number::whole::<u64>)]
    pings: Option<u64>,
    /// Seconds between pings, instead of what the server asks for
    #[arg(long, value_name = "TIME", value_parser = super::number::interval)]
    ping_every: Option<Duration>,
}

const AFTER: &str =
    "Orders can be typed at it while it runs: `help` lists them, and so does --help here.";

fn after() -> String {
    format!(
        "Orders, typed at it while it runs or in the file of --script, one a line:\n{}\n\
         A script, with # before a remark:\n  \
         wait 2\n  CHG {{id}} AWY 0\n  until CHG\n  status busy\n  \
         UUX {{id}} *\\r\\n<Data><PSM>from a script</PSM></Data>\n  \
         # until the operator flips a contact\n  until NLN\n  out\n\n\
         Examples:\n  nudge client                                  against plain `nudge` on this machine\n  \
         nudge client --account ann@local --pace 0.6   slowly, to be watched\n  \
         nudge client --dialect 8                      as MSN Messenger 5.0\n  \
         nudge client --dialect 18 --method sso        as Windows Live Messenger 2009\n  \
         nudge client 10.0.10.126                      against `nudge --lan` on another machine",
        client::orders_help()
    )
}

fn family(text: &str) -> Result<Family, String> {
    match text {
        "mac" => Ok(Family::Mac),
        "windows" => Ok(Family::Windows),
        _ => Err("mac or windows is wanted".into()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=3_600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("seconds are wanted, 0 to 3600, such as 0.6".into()),
    }
}

/// Signs in, and prints what it saw until it is stopped.
pub(super) fn run(mut arguments: ClientArgs) -> Result<(), Failure> {
    if let Some(service) = arguments.service.take() {
        arguments.place.notification = service;
    }
    let trust = match &arguments.root {
        Some(path) => {
            let pem =
                std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            // Before anything is connected, and with its name.
            let found = openssl::x509::X509::stack_from_pem(&pem).map_or(0, |roots| roots.len());
            if found == 0 {
                let text = format!("{} has no certificate in PEM", path.display());
                return Err(Failure::Undone(text));
            }
            client::Trust::Roots(pem)
        }
        None => client::Trust::Anyone,
    };
    let plain = arguments.dialect.is_none() && arguments.method.is_none();
    let family = arguments.client.unwrap_or(match plain {
        true => Family::Mac,
        false => Family::Windows,
    });
    // No client of Windows went on with TWN where it had the newer book and SSO.
    let newer = arguments.dialect.is_some_and(|dialect| dialect.rules().sso);
    let method = arguments.method.unwrap_or(match family {
        Family::Windows if newer => client::Method::Sso,
        _ => client::Method::Twn,
    });
    let web = arguments.place.web()?;
    let config = client::Config {
        family,
        dialect: arguments.dialect,
        method,
        notification: arguments.place.notification(),
        reach: reach(&arguments.place, web)?,
        transport: match web {
            Some(Web::Http(_)) => client::Transport::Plain,
            _ => client::Transport::Tls,
        },
        trust,
        pace: client::Pace::new(arguments.pace.unwrap_or_default(), CancellationToken::new()),
        account: arguments.account,
        password: arguments.password,
        pings: arguments.pings,
        ping_every: arguments.ping_every,
        ..client::Config::default()
    };
    let script = arguments.script.as_deref().map_or(Ok(Vec::new()), script)?;
    let echo = arguments.echo;
    let part = move |typed| client::Part {
        script,
        typed,
        echo,
    };
    let stop = CancellationToken::new();
    let runtime = runtime()?;
    let notification = config.notification.clone();
    let account = config.account.clone();
    let own = client::Own::of(&config.password);
    let advised = |error: ClientError| {
        Failure::Undone(own.hidden_in(advised(&error, &notification, &account)))
    };
    runtime.block_on(async {
        on_signals(stop.clone(), typing::give_back)?;
        if !typing::is_possible() {
            let ran = client::print_run(config, part(Some(typed())), std::io::stdout(), stop).await;
            return ran.map(drop).map_err(advised);
        }
        let (typing, typed) = Typing::start().map_err(|e| format!("the terminal: {e}"))?;
        let running = client::print_run(config, part(Some(typed)), typing.above(), stop);
        tokio::select! {
            ran = running => ran.map(drop).map_err(advised),
            Err(error) = Typing::stops(typing.above()) => Err(Failure::of(error)),
        }
    })
}

/// Where the hosts of Passport and SOAP are. No real host is gone to, unless one was named.
fn reach(place: &Place, web: Option<Web>) -> Result<client::Reach, Failure> {
    if let Some(Web::Https(address) | Web::Http(address)) = web {
        return Ok(client::Reach::all(address));
    }
    let host = &place.notification.host;
    if hosts::names(true).any(|real| host.eq_ignore_ascii_case(real)) {
        return Ok(client::Reach::by_name());
    }
    let address = place.notification.find(1863).map_err(Failure::of)?;
    match address.ip().to_canonical().is_loopback() {
        true => Ok(client::Reach::all(PLAIN_HTTPS)),
        false => Ok(client::Reach::all(SocketAddr::new(address.ip(), 443))),
    }
}

fn script(path: &Path) -> Result<Vec<client::Order>, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("script {name}: {error}"))?;
    client::read_script(&name, &text).map_err(Failure::of)
}

/// Standard input, line by line.
fn typed() -> mpsc::Receiver<String> {
    let (sender, typed) = mpsc::channel(16);
    // A thread of its own: nobody waits for it when the program ends.
    std::thread::spawn(move || {
        let mut input = BufReader::new(Ours);
        loop {
            let mut line = Vec::new();
            let mut bounded = std::io::Read::take(&mut input, MAX_TYPED);
            match bounded.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    typed
}

/// The error, and what to do where it is plain that nothing listens.
fn advised(error: &ClientError, notification: &str, account: &str) -> String {
    let refused = |source: &std::io::Error| source.kind() == std::io::ErrorKind::ConnectionRefused;
    match error {
        ClientError::Connect { source, host } if refused(source) && host == notification => {
            format!("{error}\nIs the service running? Start it in another terminal: nudge")
        }
        ClientError::Connect { source, .. } if refused(source) => format!(
            "{error}\nIf its HTTPS door is elsewhere, name it: --https ADDR:443 for nudge --lan, --https ADDR:8443 else"
        ),
        ClientError::Refused { code, .. } if code == "208" && !account.contains('@') => {
            format!("{error}\nAn account has an @, such as {account}@local")
        }
        _ => error.to_string(),
    }
}
