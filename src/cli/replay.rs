//! `nudge replay`: a recorded client's side, played against a server.

use super::failure::Failure;
use super::place::Place;
use super::recordings::{Which, conversation, differ, with};
use super::{PLAIN_HTTPS, print};
use crate::replay::{self, ReplayError, Web, replay};
use crate::server::doors::LOOPBACK_PORTS;
use clap::Args;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

const HTTPS: &str = "Send the recorded Passport and SOAP requests here, over TLS [default: where plain `nudge` has its HTTPS door, if it is plain `nudge` that is played against; else they are left out]";

/// `nudge replay`.
#[derive(Debug, Args)]
#[command(
    mut_arg("notification", |arg| arg.help("Host and port of the notification service")),
    mut_arg("https", |arg| arg.help(HTTPS))
)]
pub(super) struct ReplayArgs {
    /// The recording
    #[arg(value_parser = super::recordings::path)]
    file: PathBuf,
    /// Whose side is played, by number or account [default: the first client's]
    #[arg(long, value_name = "CLIENT")]
    client: Option<Which>,
    #[command(flatten)]
    place: Place,
    /// A ticket that the server takes, in place of the recorded one
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,
    /// Seconds to wait for an answer that the recording has
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = super::number::interval)]
    patience: Duration,
    /// Only the sign-in: up to the first ping that is answered once the client is online
    #[arg(long)]
    sign_in: bool,
}

/// Where the recorded requests of Passport and SOAP go, if anywhere.
fn web(place: &Place) -> Result<Option<Web>, Failure> {
    let named = place.web()?;
    let service = place.notification.find(1863).ok();
    let plain = service
        .is_some_and(|address| address.ip().is_loopback() && address.port() == LOOPBACK_PORTS[0]);
    Ok(named.or(plain.then_some(Web::Https(PLAIN_HTTPS))))
}

/// Plays a recorded client's side against a server, and prints where the answers differ.
pub(super) fn run(arguments: &ReplayArgs) -> Result<(), Failure> {
    let mut damages = Vec::new();
    let recorded = conversation(&arguments.file, arguments.client.as_ref(), &mut damages)?;
    let options = replay::Options {
        notification: arguments.place.notification(),
        web: web(&arguments.place)?,
        ticket: arguments.ticket.clone(),
        patience: arguments.patience,
        sign_in: arguments.sign_in,
    };
    let played = replay(&recorded, &options).map_err(|error| match &error {
        ReplayError::Connect { error: why, .. } if why.kind() == ErrorKind::ConnectionRefused => {
            let text =
                format!("{error}\nIs the service running? Start it in another terminal: nudge");
            with(&damages, &text)
        }
        error => with(&damages, error),
    })?;
    let notes: String = played
        .notes
        .iter()
        .map(|note| format!("{note}\n"))
        .collect();
    print(format!("{}{notes}", played.comparison).as_bytes())?;
    differ(&played.comparison, &damages)
}
