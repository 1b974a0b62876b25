//! `nudge client`: the built-in Messenger for Mac from the command line.

use super::{on_signals, runtime, said};
use crate::client;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What can be said of the client.
#[derive(Debug, Args)]
pub(super) struct ClientArgs {
    /// Host and port of the notification service
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1863")]
    notification: String,
    /// Reach every Passport and SOAP host here, whatever DNS says
    #[arg(long, value_name = "ADDR")]
    https: Option<SocketAddr>,
    /// The same in the clear
    #[arg(long, value_name = "ADDR", conflicts_with = "https")]
    http: Option<SocketAddr>,
    /// The account that signs in
    #[arg(long, default_value = "me@local")]
    account: String,
    /// Its password
    #[arg(long, default_value = "asdf")]
    password: String,
    /// Trust this root (PEM); without it, any certificate is taken
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Sign out after this many pings; without it, stay until stopped
    #[arg(long, value_name = "N")]
    pings: Option<u64>,
    /// Seconds between pings, instead of what the server asks for
    #[arg(long, value_name = "SECONDS")]
    ping_every: Option<u64>,
}

/// Signs in, and prints what it saw until it is stopped.
pub(super) fn run(arguments: ClientArgs) -> Result<(), String> {
    let trust = match &arguments.root {
        Some(path) => client::Trust::Roots(
            std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?,
        ),
        None => client::Trust::Anyone,
    };
    let reach = arguments
        .https
        .or(arguments.http)
        .map(client::Reach::all)
        .unwrap_or_default();
    let config = client::Config {
        notification: arguments.notification,
        reach,
        transport: if arguments.http.is_some() {
            client::Transport::Plain
        } else {
            client::Transport::Tls
        },
        trust,
        account: arguments.account,
        password: arguments.password,
        pings: arguments.pings,
        ping_every: arguments.ping_every.map(Duration::from_secs),
        ..client::Config::default()
    };
    let stop = CancellationToken::new();
    let runtime = runtime()?;
    runtime.block_on(async {
        on_signals(stop.clone(), || ())?;
        client::print_run(config, std::io::stdout(), stop)
            .await
            .map(drop)
            .map_err(said)
    })
}
