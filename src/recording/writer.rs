//! Writes a recording, on a thread of its own, so that a slow disk holds nobody up.

use super::encode;
use super::format::{HEAD, HEADER, Header};
use crate::event::{Event, EventKind, Severity};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Bytes of a file after which the next one begins, where nothing else is asked for: 256 MiB.
pub const DEFAULT_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes that a file may take at least, whatever is asked for.
const MIN_FILE_BYTES: u64 = 4 * 1024;
/// The longest time from an event to its writing.
const FLUSH: Duration = Duration::from_millis(100);
/// Bytes that are written at once, without waiting for more.
const GATHER: usize = 128 * 1024;
/// Bytes that may wait for the disk. If there are more, the disk counts as one that does not write.
const MOST_WAITING: usize = 64 * 1024 * 1024;
/// The time between two looks at whether the file is still there and the disk has room.
const LOOK: Duration = Duration::from_secs(1);
/// The part of a disk that stays free: one in this many.
const FREE: u64 = 20;
/// Bytes that stay free at most: 5 % of a large disk is room for years.
const MOST_FREE: u64 = 1024 * 1024 * 1024;
/// The time that the end of the program waits for the last bytes.
const LAST_BYTES: Duration = Duration::from_secs(2);

/// Why a recording could not be begun, or ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A file is there already; it is never written over.
    #[error("{} is there already; a recording never writes over a file", .0.display())]
    Exists(PathBuf),
    /// The path leads to no file, but to a pipe, a device or a folder.
    #[error("{} is no file: a recording is read again, and a {kind} cannot be", path.display())]
    NoFile {
        /// Which.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// The file is gone, or another has taken its place.
    #[error("{} was removed or replaced while it was written", .0.display())]
    Gone(PathBuf),
    /// The file is shorter than what was written.
    #[error("{} was cut short by another program", .0.display())]
    Cut(PathBuf),
    /// The disk is nearly full.
    #[error("{}: less than 5 % of the disk, or than 1 GiB, is free", .0.display())]
    DiskNearlyFull(PathBuf),
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
/// Whatever becomes of the program, a file is complete up to its last whole record: the system is handed whole records, in
/// order, within a second. (They are not synced to the disk, so a loss of power may cost more.) Dropping it writes what
/// is waiting.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    done: Receiver<()>,
    path: PathBuf,
}

/// What is in the files of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// How many events, in those files that are kept.
    pub events: u64,
    /// How long these files are together, in bytes.
    pub bytes: u64,
    /// How many they are.
    pub files: usize,
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
    /// Whether the recording fell behind. The thread says so.
    slow: bool,
    /// What is in the files by now.
    written: Written,
}

/// How large a recording may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of a file after which the next one begins.
    pub file: u64,
    /// Bytes that all files together may take. The oldest file is deleted where there would be more.
    pub keep: Option<u64>,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            file: DEFAULT_FILE_BYTES,
            keep: None,
        }
    }
}

impl Sizes {
    /// Bytes of a file. At least two files fit into what is kept: else nothing would be left when the oldest is deleted.
    fn of_file(self) -> u64 {
        let half = self.keep.map_or(u64::MAX, |keep| keep / 2);
        self.file.min(half).max(MIN_FILE_BYTES)
    }
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
    /// Makes the file, readable by its owner only, and starts to record. When a file is full, the next one follows
    /// ([`part_path`]). The oldest file is deleted where all together would be larger than what is kept. If the recording
    /// ends before its time, `on_end` is called once. From then on nothing is recorded, and nothing else happens.
    ///
    /// # Errors
    /// [`RecordError`] where the file is there already, is no file, or cannot be written, and where the disk is nearly full.
    pub fn create(
        path: &Path,
        sizes: Sizes,
        on_end: impl FnOnce(RecordError) + Send + 'static,
    ) -> Result<Self, RecordError> {
        let id = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_nanos() as u64);
        let second = part_path(path, 2);
        if second.exists() {
            return Err(RecordError::Exists(second));
        }
        let files = Files::create(path, id, sizes)?;
        let shared = Arc::new(Shared::default());
        shared.state.lock().written = files.written();
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

    /// Ends the recording: writes what waits, and says what is in its files then.
    pub fn end(self) -> Written {
        let shared = self.shared.clone();
        drop(self);
        shared.state.lock().written
    }

    /// Records an event. It never waits for the disk.
    pub fn record(&self, event: &Event) {
        let mut state = self.shared.state.lock();
        if state.over {
            return;
        }
        let before = state.waiting.len();
        if let Err(length) = encode::append(event, &mut state.waiting) {
            // The notice in its place is short.
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
            )
            .into(),
        },
        ..event.clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.state.lock().closing = true;
        self.shared.wake.notify_one();
        // A disk that hangs does not hold up the end of the program.
        let _ = self.done.recv_timeout(LAST_BYTES);
    }
}

fn write_all(shared: &Shared, mut files: Files) -> Result<(), RecordError> {
    let mut batch = Vec::new();
    loop {
        let mut state = shared.state.lock();
        while state.waiting.is_empty() && !state.closing {
            // A file that is gone is told of, even if there is nothing to write.
            if shared.wake.wait_for(&mut state, LOOK).timed_out() && state.waiting.is_empty() {
                drop(state);
                files.look()?;
                state = shared.state.lock();
            }
        }
        if state.waiting.len() < GATHER && !state.closing {
            shared.wake.wait_for(&mut state, FLUSH);
        }
        let (slow, closing) = (state.slow, state.closing);
        batch.clear();
        std::mem::swap(&mut batch, &mut state.waiting);
        drop(state);
        let written = files.write(&batch);
        shared.state.lock().written = files.written();
        written?;
        files.look_now_and_then()?;
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

/// The files of one recording. The last one is open.
struct Files {
    first: PathBuf,
    path: PathBuf,
    file: File,
    header: Header,
    length: u64,
    /// How many events are in it.
    events: u64,
    sizes: Sizes,
    /// The size of each part before this one that is still there, and the number of events in it.
    earlier: VecDeque<(u64, u64)>,
    oldest: u32,
    looked: Instant,
}

impl Files {
    fn create(first: &Path, id: u64, sizes: Sizes) -> Result<Self, RecordError> {
        let header = Header { part: 1, id };
        let files = Self {
            file: begin(first, header)?,
            first: first.to_owned(),
            path: first.to_owned(),
            header,
            length: HEADER as u64,
            events: 0,
            sizes,
            earlier: VecDeque::new(),
            oldest: 1,
            looked: Instant::now(),
        };
        files.room().inspect_err(|_| {
            // It was made a moment ago and is empty.
            let _ = std::fs::remove_file(first);
        })?;
        Ok(files)
    }

    /// Writes whole records: as many into each file as fit, and at least one.
    fn write(&mut self, mut records: &[u8]) -> Result<(), RecordError> {
        while !records.is_empty() {
            let room = self.sizes.of_file().saturating_sub(self.length);
            let empty = self.length == HEADER as u64;
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let (here, events) = fitting(records, room, empty);
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
            self.events += events;
            records = &records[here..];
        }
        Ok(())
    }

    fn written(&self) -> Written {
        let earlier = self.earlier.iter();
        let (bytes, events) = earlier.fold((self.length, self.events), |all, one| {
            (all.0 + one.0, all.1 + one.1)
        });
        Written {
            events,
            bytes,
            files: self.earlier.len() + 1,
        }
    }

    fn next(&mut self) -> Result<(), RecordError> {
        self.look()?;
        self.earlier.push_back((self.length, self.events));
        self.header.part += 1;
        self.path = part_path(&self.first, self.header.part);
        self.file = begin(&self.path, self.header)?;
        self.length = HEADER as u64;
        self.events = 0;
        self.make_room();
        Ok(())
    }

    /// Deletes the oldest files, until this file has room to grow to its full size.
    fn make_room(&mut self) {
        let Some(keep) = self.sizes.keep else {
            return;
        };
        let held = |earlier: &VecDeque<(u64, u64)>| earlier.iter().map(|one| one.0).sum::<u64>();
        while held(&self.earlier) + self.sizes.of_file() > keep {
            if self.earlier.pop_front().is_none() {
                return;
            }
            // A file that somebody deleted is gone too.
            let _ = std::fs::remove_file(part_path(&self.first, self.oldest));
            self.oldest += 1;
        }
    }

    fn look_now_and_then(&mut self) -> Result<(), RecordError> {
        if self.looked.elapsed() < LOOK {
            return Ok(());
        }
        self.look()
    }

    /// Whether the file is there as it was written, and the disk has room.
    fn look(&mut self) -> Result<(), RecordError> {
        self.looked = Instant::now();
        let there = std::fs::metadata(&self.path);
        let own = self.file.metadata();
        let is_same =
            |there: &Metadata, own: &Metadata| (there.dev(), there.ino()) == (own.dev(), own.ino());
        match (there, own) {
            (Ok(there), Ok(own)) if is_same(&there, &own) => {
                if own.len() < self.length {
                    return Err(RecordError::Cut(self.path.clone()));
                }
            }
            _ => return Err(RecordError::Gone(self.path.clone())),
        }
        self.room()
    }

    fn room(&self) -> Result<(), RecordError> {
        // A file system that does not say how much is free counts as one with room.
        let full = rustix::fs::fstatvfs(&self.file).is_ok_and(|disk| {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let all = disk.f_blocks.saturating_mul(disk.f_frsize);
            free < (all / FREE).min(MOST_FREE)
        });
        match full {
            true => Err(RecordError::DiskNearlyFull(self.path.clone())),
            false => Ok(()),
        }
    }
}

/// The bytes of those of these records that fit whole, and their number. With `at_least_one` the first record always fits.
fn fitting(records: &[u8], room: usize, at_least_one: bool) -> (usize, u64) {
    let (mut end, mut count) = (0, 0);
    while let Some(size) = records[end..].first_chunk() {
        let next = end + HEAD + u32::from_le_bytes(*size) as usize;
        if next > room && !(at_least_one && end == 0) {
            break;
        }
        end = next.min(records.len());
        count += 1;
    }
    (end, count)
}

/// Makes a file with its header. It never opens a file that is there already.
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
    let mut file = made.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => match kind(path) {
            Some(kind) => RecordError::NoFile {
                path: path.to_owned(),
                kind,
            },
            None => RecordError::Exists(path.to_owned()),
        },
        _ => failed(error),
    })?;
    file.write_all(&header.to_bytes()).map_err(failed)?;
    Ok(file)
}

/// What the path leads to, if that is no file.
fn kind(path: &Path) -> Option<&'static str> {
    let kind = std::fs::metadata(path).ok()?.file_type();
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("folder")
    } else if kind.is_fifo() {
        Some("pipe")
    } else {
        Some("device")
    }
}
