//! The writer of a recording: a thread of its own, so that a slow disk holds nobody up.

use super::encode;
use super::format::{HEAD, HEADER, Header};
use crate::event::{Event, EventKind, Severity};
use parking_lot::{Condvar, Mutex};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The size of a file beyond which the next one begins, where none is asked for: 256 MiB.
pub const DEFAULT_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// The least that a file takes, whatever is asked for, in bytes.
const MIN_FILE_BYTES: u64 = 4 * 1024;
/// What has been recorded waits no longer than this before it is written.
const FLUSH: Duration = Duration::from_millis(100);
/// So much is written at once, without waiting.
const GATHER: usize = 128 * 1024;
/// A disk that is behind by more than this is taken for one that does not write.
const MOST_WAITING: usize = 64 * 1024 * 1024;
/// How long the end of the program waits for the last bytes.
const LAST_BYTES: Duration = Duration::from_secs(2);

/// Why a recording could not be begun, or ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A file is there already; it is never written over.
    #[error("{} is there already; a recording never writes over a file", .0.display())]
    Exists(PathBuf),
    /// A file cannot be made or written.
    #[error("{}: {error}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The disk is behind by more than the recording holds in memory.
    #[error("{}: the disk is too slow, {MOST_WAITING} bytes wait for it", .0.display())]
    Slow(PathBuf),
    /// The thread could not be started.
    #[error("a thread for the recording could not be started: {0}")]
    Thread(io::Error),
}

/// Writes events to a file, and to the next one when that is full.
///
/// A file is complete up to its last whole record whatever becomes of the program: records are handed to
/// the system whole, in order, within a second. (They are not forced to the platter, so a loss of power
/// may cost more.) Dropping it writes what is waiting.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    done: Receiver<()>,
    path: PathBuf,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    closing: bool,
    over: bool,
    /// The recording fell behind; the thread says so.
    slow: bool,
}

/// The path of a part of the recording: `a.nudge`, `a.2.nudge`, `a.3.nudge`…
pub fn part_path(first: &Path, part: u32) -> PathBuf {
    if part <= 1 {
        return first.to_owned();
    }
    let mut name = first.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".{part}"));
    if let Some(extension) = first.extension() {
        name.push(".");
        name.push(extension);
    }
    first.with_file_name(name)
}

impl Recorder {
    /// Makes the file, readable by its owner only, and starts to record. A file that grows beyond `max_bytes`
    /// is followed by the next ([`part_path`]). `on_end` is called, once, if the recording ends before its
    /// time; from then on nothing is recorded and nothing else happens.
    ///
    /// # Errors
    /// [`RecordError`] where the file is there already or cannot be written.
    pub fn create(
        path: &Path,
        max_bytes: u64,
        on_end: impl FnOnce(RecordError) + Send + 'static,
    ) -> Result<Self, RecordError> {
        let id = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_nanos() as u64);
        let second = part_path(path, 2);
        if second.exists() {
            return Err(RecordError::Exists(second));
        }
        let files = Files::create(path, id, max_bytes)?;
        let shared = Arc::new(Shared::default());
        let (ended, done) = sync_channel(1);
        let theirs = shared.clone();
        std::thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || {
                if let Err(error) = write_all(&theirs, files) {
                    let mut state = theirs.state.lock();
                    state.over = true;
                    state.waiting = Vec::new();
                    drop(state);
                    on_end(error);
                }
                let _ = ended.send(());
            })
            .map_err(RecordError::Thread)?;
        Ok(Self {
            shared,
            done,
            path: path.to_owned(),
        })
    }

    /// The first file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether events are still recorded.
    pub fn is_on(&self) -> bool {
        !self.shared.state.lock().over
    }

    /// Records an event. Never waits for the disk.
    pub fn record(&self, event: &Event) {
        let mut state = self.shared.state.lock();
        if state.over {
            return;
        }
        let before = state.waiting.len();
        if let Err(length) = encode::append(event, &mut state.waiting) {
            // What is said in its place is short.
            let _ = encode::append(&too_long(event, length), &mut state.waiting);
        }
        let now = state.waiting.len();
        if now > MOST_WAITING {
            state.over = true;
            state.slow = true;
        }
        let wake = before == 0 || (before < GATHER && now >= GATHER) || state.slow;
        drop(state);
        if wake {
            self.shared.wake.notify_one();
        }
    }
}

fn too_long(event: &Event, length: usize) -> Event {
    Event {
        kind: EventKind::Notice {
            severity: Severity::Warning,
            text: format!(
                "not recorded: an event of kind {} that takes {length} bytes",
                event.kind.name()
            ),
        },
        ..event.clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.state.lock().closing = true;
        self.shared.wake.notify_one();
        // A disk that hangs does not keep the program.
        let _ = self.done.recv_timeout(LAST_BYTES);
    }
}

fn write_all(shared: &Shared, mut files: Files) -> Result<(), RecordError> {
    let mut batch = Vec::new();
    loop {
        let mut state = shared.state.lock();
        while state.waiting.is_empty() && !state.closing {
            shared.wake.wait(&mut state);
        }
        if state.waiting.len() < GATHER && !state.closing {
            shared.wake.wait_for(&mut state, FLUSH);
        }
        let (slow, closing) = (state.slow, state.closing);
        batch.clear();
        std::mem::swap(&mut batch, &mut state.waiting);
        drop(state);
        files.write(&batch)?;
        if slow {
            return Err(RecordError::Slow(files.path));
        }
        if batch.capacity() > 4 * GATHER {
            batch = Vec::new();
        }
        if closing && batch_is_last(shared) {
            return Ok(());
        }
    }
}

fn batch_is_last(shared: &Shared) -> bool {
    shared.state.lock().waiting.is_empty()
}

/// The files of one recording, of which the last is open.
struct Files {
    first: PathBuf,
    path: PathBuf,
    file: File,
    header: Header,
    length: u64,
    max_bytes: u64,
}

impl Files {
    fn create(first: &Path, id: u64, max_bytes: u64) -> Result<Self, RecordError> {
        let header = Header { part: 1, id };
        Ok(Self {
            file: begin(first, header)?,
            first: first.to_owned(),
            path: first.to_owned(),
            header,
            length: HEADER as u64,
            max_bytes: max_bytes.max(MIN_FILE_BYTES),
        })
    }

    /// Writes whole records, as many into each file as it takes, and one at the least.
    fn write(&mut self, mut records: &[u8]) -> Result<(), RecordError> {
        while !records.is_empty() {
            let room = self.max_bytes.saturating_sub(self.length);
            let empty = self.length == HEADER as u64;
            let here = fitting(records, usize::try_from(room).unwrap_or(usize::MAX), empty);
            if here == 0 {
                self.next()?;
                continue;
            }
            self.file
                .write_all(&records[..here])
                .map_err(|error| RecordError::Write {
                    path: self.path.clone(),
                    error,
                })?;
            self.length += here as u64;
            records = &records[here..];
        }
        Ok(())
    }

    fn next(&mut self) -> Result<(), RecordError> {
        self.header.part += 1;
        self.path = part_path(&self.first, self.header.part);
        self.file = begin(&self.path, self.header)?;
        self.length = HEADER as u64;
        Ok(())
    }
}

/// How many bytes of these records fit, in whole records; the first one always, where `at_least_one`.
fn fitting(records: &[u8], room: usize, at_least_one: bool) -> usize {
    let mut end = 0;
    while let Some(size) = records[end..].first_chunk() {
        let next = end + HEAD + u32::from_le_bytes(*size) as usize;
        if next > room && !(at_least_one && end == 0) {
            break;
        }
        end = next.min(records.len());
    }
    end
}

/// Makes a file with its header. What is there already is taken only if it is no file: a pipe, a device.
fn begin(path: &Path, header: Header) -> Result<File, RecordError> {
    let failed = |error| RecordError::Write {
        path: path.to_owned(),
        error,
    };
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match std::fs::metadata(path) {
                Ok(held) if !held.is_file() && !held.is_dir() => {
                    OpenOptions::new().write(true).open(path).map_err(failed)?
                }
                _ => return Err(RecordError::Exists(path.to_owned())),
            }
        }
        made => made.map_err(failed)?,
    };
    file.write_all(&header.to_bytes()).map_err(failed)?;
    Ok(file)
}
