//! The files that the console writes and reads: the recording, exports, and a recording that is looked at.
//!
//! None of them holds the loop up: each has a thread of its own, with a queue that is bounded.

use super::state::opened::End;
use super::update::Recorded;
use crate::event::EventId;
use crate::event::{Event, EventKind, FrameEvent, Severity};
use crate::export;
use crate::findings::Numbered;
use crate::journal::{Journal, Line};
use crate::msnp::Frame;
use crate::recording::{self, Followed, RecordError, Recorder, Recording, Written};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How many events wait for the thread of an export, and are handed over at once.
const EXPORT_QUEUE: usize = 1_024;
/// How many events are read at once, and how many such batches may wait.
const READ_BATCH: usize = 1_024;
/// Bytes of the file after which they are handed over though they are fewer: one record may have 16 MiB.
const READ_BYTES: u64 = 256 * 1024;
const READ_QUEUE: usize = 4;
/// How often it is looked whether a followed recording has grown.
const LOOK: Duration = Duration::from_millis(100);

/// What a thread has to say: a message for the log.
pub(super) type Note = (Severity, String);

/// See the module.
#[derive(Debug)]
pub(super) struct Files {
    recorder: Option<Recorder>,
    export: Option<Export>,
    /// The thread that writes an export, and the file.
    writing: Option<(JoinHandle<()>, PathBuf)>,
    notes: mpsc::UnboundedSender<Note>,
}

/// An export that is under way.
#[derive(Debug)]
struct Export {
    events: SyncSender<Numbered>,
    waiting: Option<Numbered>,
    next: EventId,
    end: EventId,
}

impl Files {
    /// Nothing is recorded yet; what the threads say comes out of the other end.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Note>) {
        let (notes, heard) = mpsc::unbounded_channel();
        let files = Self {
            recorder: None,
            export: None,
            writing: None,
            notes,
        };
        (files, heard)
    }

    /// Begins to record.
    ///
    /// # Errors
    /// Where the file is there already, or cannot be made; what was recorded before goes on then.
    pub fn record_to(&mut self, path: &Path, sizes: recording::Sizes) -> Result<(), RecordError> {
        let notes = self.notes.clone();
        let recorder = Recorder::create(path, sizes, move |error| {
            if let EventKind::Notice { severity, text } = recording::ended(&error) {
                // Without a console there is nobody to tell.
                let _ = notes.send((severity, text.into()));
            }
        })?;
        self.recorder = Some(recorder);
        Ok(())
    }

    /// Takes a recording away, with all its parts: it is written over.
    ///
    /// # Errors
    /// What the system says. What is no file stays.
    pub fn take_away(path: &Path) -> std::io::Result<()> {
        for part in 1.. {
            let path = recording::part_path(path, part);
            match std::fs::symlink_metadata(&path) {
                Ok(data) if data.is_file() => std::fs::remove_file(&path)?,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Records an event, if anything is recorded.
    pub fn record(&self, event: &Event) {
        if let Some(recorder) = &self.recorder {
            recorder.record(event);
        }
    }

    /// Ends the recording, if there is one; its last bytes are written. Says what is in it.
    pub fn stop(&mut self) -> Option<(PathBuf, Written)> {
        let recorder = self.recorder.take()?;
        Some((recorder.path().to_owned(), recorder.end()))
    }

    /// Whether something is being recorded.
    pub fn is_recording(&self) -> bool {
        self.recorder.as_ref().is_some_and(Recorder::is_on)
    }

    /// Begins to export what the journal holds now.
    ///
    /// # Errors
    /// A sentence: another export is under way, or there is no thread for this one.
    pub fn export(
        &mut self,
        journal: &Journal,
        options: export::Options,
        path: PathBuf,
        over: bool,
    ) -> Result<(), String> {
        if self.export.is_some() {
            return Err("another export is under way".into());
        }
        let (events, received) = sync_channel(EXPORT_QUEUE);
        let notes = self.notes.clone();
        let file = path.clone();
        let thread = std::thread::Builder::new()
            .name("export".into())
            .spawn(move || {
                let done = export::to_file(received.into_iter(), &options, &path, over);
                let note = match done {
                    Ok(count) => {
                        let unit = options.format.unit();
                        let text = format!("{count} {unit} exported to {}", path.display());
                        (Severity::Info, text)
                    }
                    Err(error @ export::ExportError::Exists(_)) => {
                        let text = format!("nothing was exported: {error}; take another name");
                        (Severity::Error, text)
                    }
                    Err(error) => (Severity::Error, format!("nothing was exported: {error}")),
                };
                let _ = notes.send(note);
            })
            .map_err(|error| format!("a thread for the export could not be started: {error}"))?;
        self.writing = Some((thread, file));
        self.export = Some(Export {
            events,
            waiting: None,
            next: journal.first(),
            end: journal.next(),
        });
        Ok(())
    }

    /// The program ends: an export that is under way is finished, if that takes no longer than `patience`. Else there
    /// is none, and its file's name is given back.
    pub fn finish(&mut self, journal: &Journal, patience: Duration) -> Option<PathBuf> {
        let (thread, path) = self.writing.take()?;
        let until = Instant::now() + patience;
        while self.export.is_some() || !thread.is_finished() {
            if Instant::now() >= until {
                // The thread must not take a part for the whole export.
                std::mem::forget(self.export.take());
                if let Some(beside) = export::beside(&path) {
                    let _ = std::fs::remove_file(beside);
                }
                return Some(path);
            }
            self.work(journal);
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }

    /// Whether an export still takes events.
    pub fn is_exporting(&self) -> bool {
        self.export.is_some()
    }

    /// Hands events to the export, as many as it has room for.
    pub fn work(&mut self, journal: &Journal) {
        let Some(export) = &mut self.export else {
            return;
        };
        for _ in 0..EXPORT_QUEUE {
            let event = export.waiting.take().or_else(|| {
                // What is gone from the journal meanwhile is gone.
                export.next = export.next.max(journal.first());
                let line = journal
                    .get(export.next)
                    .filter(|_| export.next < export.end)?;
                export.next = export.next.plus(1);
                // What was found is among the lines, and has its line's number already.
                Some(Numbered {
                    number: Some(line.id()),
                    event: event_of(&line),
                    stall: None,
                })
            });
            let Some(event) = event else {
                self.export = None;
                return;
            };
            match export.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    export.waiting = Some(event);
                    return;
                }
                // It has failed, and said so.
                Err(TrySendError::Disconnected(_)) => {
                    self.export = None;
                    return;
                }
            }
        }
    }
}

/// The event that became this line.
fn event_of(line: &Line<'_>) -> Event {
    if let Some(event) = line.event() {
        return Event {
            // It may have become known later whose it is.
            client: line.client(),
            ..event.clone()
        };
    }
    Event {
        time: line.time(),
        connection: line.connection(),
        client: line.client(),
        kind: EventKind::Frame(FrameEvent {
            service: line.service(),
            // A line without an event is a frame, and each of those has a direction.
            direction: line.direction().unwrap_or(crate::msnp::Direction::Out),
            frame: Frame::from_wire(Bytes::copy_from_slice(line.wire())),
            secrets: crate::event::Secrets(line.secrets().to_vec()),
            injected: line.injected(),
        }),
    }
}

/// What the reader of a recording hands over.
#[derive(Debug)]
pub(super) enum Read {
    /// Some events.
    Events(Vec<Recorded>),
    /// All that is there is read, and what is added is waited for.
    CaughtUp,
    /// It is read, as far as it can be.
    Over(End),
}

/// The next event, or why there is none now: `None` where one is waited for.
fn next(recording: &mut Recording, follow: bool) -> Result<Event, Option<End>> {
    if !follow {
        return match recording.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(damage)) => Err(Some(End::Damaged(damage.to_string()))),
            None => Err(Some(End::Whole)),
        };
    }
    match recording.follow() {
        Followed::Event(event) => Ok(*event),
        Followed::NotYet => Err(None),
        Followed::Over => Err(Some(End::Whole)),
        Followed::Damaged(damage) => Err(Some(End::Damaged(damage.to_string()))),
        Followed::Lost(lost) => Err(Some(End::Lost(lost.to_string()))),
    }
}

/// Reads a recording on a thread of its own, to its end, or also what is added to it then.
///
/// # Errors
/// A sentence: there is no thread for it.
pub(super) fn read(recording: Recording, follow: bool) -> Result<mpsc::Receiver<Read>, String> {
    let (sender, receiver) = mpsc::channel(READ_QUEUE);
    let size = recording.size();
    std::thread::Builder::new()
        .name("recording".into())
        .spawn(move || {
            let mut recording = recording.sharing();
            let (mut end, mut waits) = (None, false);
            while end.is_none() {
                let mut events = Vec::with_capacity(if waits { 1 } else { READ_BATCH });
                let (mut bytes, mut at_hand) = (0, true);
                // What is there is handed on before more is waited for: a pipe may bring it from a service that runs.
                while end.is_none()
                    && at_hand
                    && events.len() < READ_BATCH
                    && bytes < READ_BYTES
                    && (events.is_empty() || recording.is_at_hand())
                {
                    let before = recording.passed();
                    match next(&mut recording, follow) {
                        Ok(event) => {
                            let part = recording.passed().saturating_mul(100).checked_div(size);
                            events.push(Recorded::new(event, part.unwrap_or(100).min(100)));
                        }
                        Err(None) => at_hand = false,
                        Err(why) => end = why,
                    }
                    bytes += recording.passed() - before;
                }
                let mut gone =
                    !events.is_empty() && { sender.blocking_send(Read::Events(events)).is_err() };
                if !at_hand {
                    if !waits {
                        gone |= sender.blocking_send(Read::CaughtUp).is_err();
                    }
                    std::thread::sleep(LOOK);
                }
                waits = !at_hand;
                // With nobody there the program is ending, or it is read once more.
                if gone || sender.is_closed() {
                    return;
                }
            }
            let _ = sender.blocking_send(Read::Over(end.unwrap_or(End::Whole)));
        })
        .map_err(|error| format!("a thread for the recording could not be started: {error}"))?;
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::golden::messenger_mac_8_0_1;

    fn journal() -> Journal {
        let mut journal = Journal::new(0);
        for event in messenger_mac_8_0_1() {
            journal.append(event);
        }
        journal
    }

    fn options() -> export::Options {
        export::Options::new(export::Format::Text)
    }

    #[test]
    fn an_export_is_finished_when_the_program_ends_or_there_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = journal();
        let path = folder.path().join("whole.txt");
        let (mut files, _notes) = Files::new();
        let begun = files.export(&journal, options(), path.clone(), false);
        assert_eq!(begun, Ok(()));
        assert_eq!(files.finish(&journal, Duration::from_secs(60)), None);
        let text = std::fs::read_to_string(&path).expect("the export");
        assert!(text.contains("VER 1 MSNP16") && text.trim_end().ends_with("QNG 60"));
        // With no time for it there is neither the file nor a part of it.
        let path = folder.path().join("none.txt");
        let begun = files.export(&journal, options(), path.clone(), false);
        assert_eq!(begun, Ok(()));
        let held = || std::fs::read_dir(folder.path()).expect("read").count();
        while held() < 2 {
            std::thread::yield_now();
        }
        let unfinished = files.finish(&journal, Duration::ZERO);
        assert_eq!(unfinished, Some(path));
        assert_eq!(held(), 1);
        // And with nothing under way nothing is waited for.
        assert_eq!(files.finish(&journal, Duration::from_secs(60)), None);
    }
}
