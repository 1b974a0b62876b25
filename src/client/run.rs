//! A whole run: sign in, ping for as long as it is asked, sign out; and the channel of what was seen.

use super::config::Config;
use super::error::ClientError;
use super::notification::Client;
use super::own::Own;
use super::part::{Cue, Part, Playing, Then};
use super::report::Saw;
use super::window::Shown;
use crate::msnp::Frame;
use std::io::{self, Write};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Time to the next ping where the server asked for none.
const PING_EVERY: Duration = Duration::from_secs(45);
/// The least and the most seconds to the next ping, whatever the server asks for.
const WISH: (u32, u32) = (1, 3600);

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The account.
    pub account: String,
    /// Pings that were answered.
    pub pings: u64,
    /// What the window showed at the end.
    pub contacts: Vec<Shown>,
    /// Lines that the Mac would have dropped without a word.
    pub dropped: u64,
    /// Why it ended.
    pub ended: String,
    /// Whether it ended because the account signed in elsewhere.
    pub elsewhere: bool,
}

/// Signs in, plays its part, pings until `stop` (or until [`Config::pings`] were answered), and signs out, telling
/// `saw` each step. It goes on when nobody listens any longer.
///
/// # Errors
/// [`ClientError`], which names the step. That the server ends the session with OUT once it is signed
/// in is no error: [`Summary::ended`] has the reason.
pub async fn play(
    config: Config,
    part: Part,
    saw: mpsc::Sender<Saw>,
    stop: CancellationToken,
) -> Result<Summary, ClientError> {
    let (ping_every, limit, patience) = (config.ping_every, config.pings, config.patience);
    let account = config.account.clone();
    let signed_in = async {
        let mut client = Client::connect_watched(config, saw.clone()).await?;
        client.sign_in().await?;
        Ok::<_, ClientError>(client)
    };
    let mut client = tokio::select! {
        biased;
        () = stop.cancelled() => {
            let ended = "stopped before it was signed in".to_owned();
            let _ = saw.send(Saw::Finished { why: ended.clone() }).await;
            return Ok(Summary { account, ended, ..Summary::default() });
        }
        client = signed_in => client?,
    };
    let mut pings = 0;
    let mut next = Instant::now();
    let mut due: Option<Instant> = None;
    let mut gave_way = false;
    let mut playing = Playing::new(part);
    let ended = loop {
        if limit.is_some_and(|limit| pings >= limit) {
            client.leave().await;
            break match pings {
                1 => "one ping was answered".to_owned(),
                pings => format!("{pings} pings were answered"),
            };
        }
        // At once, not by a timer: what a script waits for may come in the same moment.
        if playing.due().is_some_and(|due| due <= Instant::now())
            && let Some(order) = playing.next()
        {
            if matches!(playing.obey(&mut client, order).await?, Then::Leaves) {
                client.leave().await;
                break "the script signed out".to_owned();
            }
            continue;
        }
        let wake = due.unwrap_or(next);
        tokio::select! {
            biased;
            () = stop.cancelled() => {
                client.leave().await;
                break "stopped".to_owned();
            }
            event = client.next_frame() => match event {
                Ok((frame, meaning)) => {
                    playing.heard(&mut client, &frame);
                    if is_sent_away(&frame) {
                        gave_way = true;
                        client.leave().await;
                        break "another place of the account signed this one out".to_owned();
                    }
                    // A pong that was not asked for moves nothing.
                    if let Some(Saw::Alive { seconds }) = meaning
                        && due.take().is_some()
                    {
                        pings += 1;
                        let wish = seconds
                            .map(|n| Duration::from_secs(n.clamp(WISH.0, WISH.1).into()));
                        next = Instant::now() + ping_every.or(wish).unwrap_or(PING_EVERY);
                    }
                }
                Err(ClientError::SignedOut { reason, elsewhere }) => {
                    gave_way = elsewhere;
                    break format!("the server signed this client out: {reason}");
                }
                Err(error) => {
                    client.flush().await;
                    return Err(error);
                }
            },
            () = sleep_until(playing.due().unwrap_or(wake)), if playing.due().is_some() => {}
            cue = playing.cue() => {
                match cue {
                    Cue::Told(told) => playing.told(&mut client, told),
                    Cue::Typed(line) => {
                        if matches!(playing.obey_line(&mut client, &line).await?, Then::Leaves) {
                            client.leave().await;
                            break "signed out".to_owned();
                        }
                    }
                }
                client.flush().await;
            }
            () = sleep_until(wake) => {
                if due.is_some() {
                    client.flush().await;
                    return Err(ClientError::Timeout {
                        step: client.last_command().to_owned(),
                        expected: "QNG".to_owned(),
                        seconds: patience.as_secs_f32(),
                    });
                }
                client.send_ping().await?;
                due = Some(Instant::now() + patience);
            }
        }
    };
    playing.end().await;
    client.tell(Saw::Finished { why: ended.clone() });
    client.flush().await;
    Ok(Summary {
        account,
        pings,
        dropped: client.dropped(),
        contacts: client.contacts().cloned().collect(),
        ended,
        elsewhere: gave_way,
    })
}

/// Whether another place of the account signs this one out: `UBN account 4`, with one of the words that the real
/// service sent.
fn is_sent_away(frame: &Frame) -> bool {
    let words: Vec<&[u8]> = frame.tokens().collect();
    matches!(words.as_slice(), [b"UBN", _, b"4", ..])
        && matches!(
            frame.payload().map(<[u8]>::trim_ascii),
            Some(b"goawyplzthxbye" | b"gtfo")
        )
}

/// [`play`], each thing seen printed as a line. When `out` is closed it signs out, which is no error.
///
/// # Errors
/// [`ClientError`], [`ClientError::Output`] if `out` fails for another reason.
pub async fn print_run(
    config: Config,
    part: Part,
    mut out: impl Write,
    stop: CancellationToken,
) -> Result<Summary, ClientError> {
    let (sender, mut seen) = mpsc::channel(256);
    let stop = stop.child_token();
    let own = Own::of(&config.password);
    let printing = async {
        let mut failed: Option<io::Error> = None;
        while let Some(saw) = seen.recv().await {
            let line = own.line(&saw);
            if failed.is_none()
                && let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush())
            {
                stop.cancel();
                failed = Some(error);
            }
        }
        failed
    };
    let (result, failed) = tokio::join!(play(config, part, sender, stop.clone()), printing);
    match failed {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(ClientError::Output(error)),
        _ => result,
    }
}
