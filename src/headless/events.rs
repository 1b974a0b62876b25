//! The stream of events, written as lines.

use super::Patience;
use crate::descriptor::until;
use crate::event::json::write_json;
use crate::event::{Envelope, Event, EventKind, EventStream, Timestamp};
use crate::findings::{Numbered, Numbers, Watch};
use crate::recording::Recorder;
use std::collections::VecDeque;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};
use tokio::io::{Interest, Ready};
use tokio::sync::mpsc::error::TryRecvError;

/// Bytes that are gathered before they are written.
const GATHER: usize = 64 * 1024;

/// How long it waits for more events after it was woken. To be woken for each event would cost the service a good part
/// of a round trip, and nobody reads lines faster than this.
const LINGER: Duration = Duration::from_micros(500);

/// How often it looks for what has not come in time, while nothing else happens.
const TICK: Duration = Duration::from_secs(1);

/// Why no more is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Whoever tells events is gone: everything has been written.
    NoMoreEvents,
    /// Nobody reads any more. The program ends, and that is no error.
    OutputClosed,
}

/// Writes every event as one line, until there are no more or nobody reads. Blocks: it is for a
/// thread of its own, outside the runtime. `replied` is called for each reply that has been handed over.
///
/// An event keeps its place in its connection's share until it is handed to the output, so a reader that
/// is slow slows the clients down, and nothing is lost or piled up. Whenever no event is waiting, all that
/// has been gathered is flushed. With a `recorder` each event is recorded first. What the rules and the ladders
/// find follows as an event of its own, right behind the one that shows it; `patience` is that of the ladders.
///
/// # Errors
/// What the output says, other than that it is closed.
pub fn write_events(
    mut events: EventStream,
    out: impl Write,
    show_secrets: bool,
    recorder: Option<&Recorder>,
    patience: &Patience,
    replied: impl FnMut(),
) -> io::Result<Ended> {
    let mut out = BufWriter::with_capacity(GATHER, out);
    let ended = match write_all(
        &mut events,
        &mut out,
        show_secrets,
        recorder,
        patience,
        replied,
    ) {
        Ok(()) => Ok(Ended::NoMoreEvents),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Ended::OutputClosed),
        Err(error) => Err(error),
    };
    // What could not be written is not tried again when the buffer is dropped.
    let _ = out.into_parts();
    ended
}

/// Waits until nobody reads this output any more, even while there is nothing to write, and so nothing
/// that could fail. Waits for ever on a file, which has no reader.
///
/// Needs a tokio runtime with IO.
pub async fn output_closed(out: impl AsFd) {
    // Linux reports it as an error; other systems report it as writable.
    #[cfg(target_os = "linux")]
    let interest = Interest::ERROR;
    #[cfg(not(target_os = "linux"))]
    let interest = Interest::WRITABLE;
    #[cfg(target_os = "linux")]
    return until(out, interest, Ready::is_error).await;
    #[cfg(not(target_os = "linux"))]
    return until(out, interest, Ready::is_write_closed).await;
}

fn write_all(
    events: &mut EventStream,
    out: &mut impl Write,
    show_secrets: bool,
    recorder: Option<&Recorder>,
    patience: &Patience,
    mut replied: impl FnMut(),
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut seen = VecDeque::new();
    let mut clocked = Clocked::new(patience.clone())?;
    let write = |seen: &mut VecDeque<Numbered>, out: &mut dyn Write, line: &mut Vec<u8>| {
        for one in seen.drain(..) {
            line.clear();
            write_json(one.number, &one.event, show_secrets, line)?;
            out.write_all(line)?;
        }
        io::Result::Ok(())
    };
    loop {
        let envelope = match events.try_recv() {
            Ok(envelope) => envelope,
            Err(TryRecvError::Disconnected) => return out.flush(),
            Err(TryRecvError::Empty) => {
                out.flush()?;
                let Some(next) = clocked.next(events) else {
                    return Ok(());
                };
                let Some(envelope) = next else {
                    clocked.tick(&mut seen);
                    write(&mut seen, out, &mut line)?;
                    continue;
                };
                std::thread::sleep(LINGER);
                envelope
            }
        };
        if let Some(recorder) = recorder {
            recorder.record(&envelope.event);
        }
        let is_reply = matches!(envelope.event.kind, EventKind::Reply(_));
        clocked.take(envelope.event, &mut seen);
        write(&mut seen, out, &mut line)?;
        if is_reply {
            replied();
        }
        // Only here is what is left of the envelope dropped, and its room given back.
    }
}

/// What is found in the events, and the time that passes between them.
struct Clocked {
    watch: Watch,
    patience: Patience,
    /// The newest moment, and when it was heard of.
    last: (Timestamp, Instant),
    runtime: tokio::runtime::Runtime,
}

impl Clocked {
    fn new(patience: Patience) -> io::Result<Self> {
        Ok(Self {
            patience,
            watch: Watch::new(Numbers::Events),
            last: (Timestamp::default(), Instant::now()),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()?,
        })
    }

    /// By the clock of the events.
    fn now(&self) -> Timestamp {
        let (time, heard) = self.last;
        Timestamp(time.0 + heard.elapsed().as_micros() as u64)
    }

    /// Waits for an event, or as long as is waited for one; `None` where there are no more.
    fn next(&mut self, events: &mut EventStream) -> Option<Option<Envelope>> {
        // Without a client nothing can be late.
        let ladders = &self.watch.findings.ladders;
        if ladders.iter().all(|ladder| ladder.gone.is_some()) {
            return events.blocking_recv().map(Some);
        }
        let received = self
            .runtime
            .block_on(async { tokio::time::timeout(TICK, events.recv()).await });
        match received {
            Ok(envelope) => envelope.map(Some),
            Err(_) => Some(None),
        }
    }

    /// Nothing has come for a while.
    fn tick(&mut self, seen: &mut VecDeque<Numbered>) {
        let ladders = &mut self.watch.findings.ladders;
        ladders.set_patience(self.patience.get());
        self.watch.tick(self.now(), seen);
    }

    fn take(&mut self, event: Event, seen: &mut VecDeque<Numbered>) {
        let ladders = &mut self.watch.findings.ladders;
        ladders.set_patience(self.patience.get());
        if event.time > self.last.0 {
            self.last = (event.time, Instant::now());
        }
        self.watch.take(event, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CONNECTION_EVENTS, Clock, ConnectionId, EventSink, Severity};
    use std::sync::mpsc;

    fn notice(length: usize) -> EventKind {
        EventKind::Notice {
            severity: Severity::Info,
            text: "x".repeat(length).into(),
        }
    }

    /// Gives each write to the test, and waits until the test has taken it.
    struct Gate(mpsc::SyncSender<Vec<u8>>);

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.0.send(bytes.to_vec()) {
                Ok(()) => Ok(bytes.len()),
                Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_event_is_a_line_and_is_there_when_nothing_more_is_waiting() {
        let (sink, stream) = EventSink::new(Clock::start());
        let (gate, written) = mpsc::sync_channel(0);
        let writer = std::thread::spawn(move || {
            write_events(stream, Gate(gate), false, None, &Patience::default(), || ())
        });
        for length in [1, 2] {
            sink.tell(notice(length));
            let line = String::from_utf8(written.recv().expect("a write")).expect("text");
            assert!(
                line.starts_with(&format!(r#"{{"n":{length},"event":"notice","time":"#))
                    && line.ends_with("\"}\n")
            );
            assert_eq!(line.matches('\n').count(), 1);
        }
        drop(sink);
        let ended = writer.join().expect("no panic");
        assert_eq!(ended.ok(), Some(Ended::NoMoreEvents));
    }

    #[test]
    fn a_finding_follows_the_line_that_shows_it_and_names_its_number() {
        let mut story = crate::findings::rules::testing::story();
        story.c("BLP 9 AL BL\r\n").c("PNG\r\n");
        let mut clocked = Clocked::new(Patience::default()).expect("a runtime");
        let mut seen = VecDeque::new();
        for event in story.events {
            clocked.take(event, &mut seen);
        }
        let lines: Vec<serde_json::Value> = seen
            .iter()
            .map(|one| {
                let mut line = Vec::new();
                write_json(one.number, &one.event, false, &mut line).expect("memory");
                serde_json::from_slice(&line).expect("JSON")
            })
            .collect();
        for (at, line) in (1..).zip(&lines) {
            assert_eq!(line["n"], at);
        }
        let found = lines.iter().position(|line| line["id"] == "wrong-count");
        let found = found.expect("it is found");
        assert_eq!(lines[found]["evidence"], found);
        assert_eq!(lines[found - 1]["line"], "BLP 9 AL BL");
    }

    #[test]
    fn output_that_nobody_reads_ends_it_without_an_error() {
        let (sink, stream) = EventSink::new(Clock::start());
        let (gate, written) = mpsc::sync_channel(0);
        drop(written);
        sink.tell(notice(1));
        let ended = write_events(stream, Gate(gate), false, None, &Patience::default(), || ());
        assert_eq!(ended.ok(), Some(Ended::OutputClosed));
    }

    #[tokio::test]
    async fn an_idle_output_is_watched_until_its_reader_goes() {
        let (reader, writer) = io::pipe().expect("a pipe");
        let mut watching = Box::pin(output_closed(writer));
        assert!(futures_util::poll!(&mut watching).is_pending());
        tokio::task::yield_now().await;
        assert!(futures_util::poll!(&mut watching).is_pending());
        drop(reader);
        // The time is there only so that a failure does not hang.
        let limit = std::time::Duration::from_secs(30);
        assert!(tokio::time::timeout(limit, watching).await.is_ok());
        let file = tempfile::tempfile().expect("a file");
        assert!(futures_util::poll!(Box::pin(output_closed(file))).is_pending());
    }

    #[test]
    fn a_slow_reader_holds_the_connection_back_and_loses_nothing() {
        let (sink, stream) = EventSink::new(Clock::start());
        let connection = sink.connection(ConnectionId(1), None);
        let (gate, written) = mpsc::sync_channel(0);
        let writer = std::thread::spawn(move || {
            write_events(stream, Gate(gate), false, None, &Patience::default(), || ())
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        // Until the connection has to wait: its share, and what fits the buffer.
        let mut told = 0;
        let most = CONNECTION_EVENTS + GATHER / 1024 + 2;
        loop {
            let mut telling = Box::pin(connection.tell(notice(1024)));
            let ready = runtime.block_on(async { futures_util::poll!(&mut telling) });
            told += 1;
            assert!(told <= most, "nothing holds it back");
            if ready.is_pending() {
                // The reader reads again, and it goes on.
                let mut text = written.recv().expect("a write");
                let reader = std::thread::spawn(move || {
                    text.extend(written.into_iter().flatten());
                    text
                });
                runtime.block_on(telling);
                drop((connection, sink));
                let text = reader.join().expect("no panic");
                assert_eq!(text.split(|b| *b == b'\n').count() - 1, told);
                break;
            }
        }
        assert!(told > CONNECTION_EVENTS);
        assert!(writer.join().expect("no panic").is_ok());
    }
}
