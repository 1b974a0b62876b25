//! The engine run without a screen, from its start to the last line written.

use super::{Patience, output_closed, read_commands, write_events};
use crate::command::Registry;
use crate::descriptor::Ours;
use crate::engine::Engine;
use crate::event::EventStream;
use crate::recording::Recorder;
use std::io::{self, BufReader};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// How long the last lines may take once all else has ended: a reader that has stopped reading does not
/// keep the program.
const LAST_LINES: Duration = Duration::from_secs(2);
/// The most commands without a written reply. Before more are read, whoever gives commands has to read replies.
const AHEAD: usize = 64;
/// How long tasks have to be dropped.
const TASKS: Duration = Duration::from_millis(200);

/// Why a run did not end well.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// Standard output cannot be written, for another reason than that it is closed.
    #[error("standard output cannot be written: {0}")]
    Output(io::Error),
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(io::Error),
}

/// Writes events to standard output and takes commands from standard input until the command to quit,
/// until `stop` is cancelled, or until nobody reads the output. With a `recorder` every event is recorded.
/// `patience` is how long a sign-in may stand still.
///
/// # Errors
/// [`HeadlessError`].
pub fn run(
    runtime: Runtime,
    engine: Engine,
    stream: EventStream,
    show_secrets: bool,
    recorder: Option<Recorder>,
    patience: Patience,
    stop: CancellationToken,
) -> Result<(), HeadlessError> {
    let (done, outcome) = sync_channel(1);
    let (ask, answered) = sync_channel(AHEAD);
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let written = stop.clone();
    let watching = patience.clone();
    thread("events")
        .spawn(move || {
            let out = io::stdout().lock();
            let result = write_events(
                stream,
                out,
                show_secrets,
                recorder.as_ref(),
                &watching,
                || {
                    let _ = answered.try_recv();
                },
            );
            // Whoever waits for the end waits for the last bytes of the recording too.
            drop(recorder);
            written.cancel();
            // Nobody waits any more where the last lines took too long.
            let _ = done.send(result);
        })
        .map_err(HeadlessError::Thread)?;

    // Reading from standard input cannot be ended, so this thread must keep nothing open.
    let commands = engine.commands().downgrade();
    thread("commands")
        .spawn(move || {
            let result = read_commands(
                BufReader::new(Ours),
                Registry::HEADLESS,
                &patience,
                || ask.send(()).is_ok(),
                |command| {
                    let commands = commands.upgrade();
                    commands.is_some_and(|commands| commands.send(command).is_ok())
                },
            );
            if let Err(error) = result {
                tracing::warn!(%error, "standard input cannot be read; going on without it");
            }
        })
        .map_err(HeadlessError::Thread)?;

    runtime.block_on(async {
        let closed = stop.clone();
        tokio::spawn(async move {
            output_closed(io::stdout()).await;
            closed.cancel();
        });
        engine.run(stop).await;
    });
    // With its tasks the last sinks go, and the stream of events is at its end.
    runtime.shutdown_timeout(TASKS);
    match outcome.recv_timeout(LAST_LINES) {
        Ok(Ok(_)) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(()),
        Ok(Err(error)) => Err(HeadlessError::Output(error)),
    }
}
