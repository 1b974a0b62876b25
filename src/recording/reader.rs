//! Reads a recording, one event at a time. Whoever made the file need not have meant well.

use super::crc::crc32;
use super::decode::{self, Shared};
use super::format::{HEAD, HEADER, Header, MAGIC, MAX_RECORD, VERSION};
use super::writer::part_path;
use crate::event::Event;
use bytes::Bytes;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Bytes read at a time. Records are cut out of them. A longer record, of 16 MiB at most, is read by itself.
const BLOCK: usize = 128 * 1024;

/// Why a file cannot be read as a recording at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It does not begin like a recording.
    #[error("{}: this is no recording of nudge", .0.display())]
    NotOne(PathBuf),
    /// It has another version.
    #[error("{}: a recording of version {version}; this nudge reads version {VERSION}", path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

/// Where a recording is damaged, and how. Nothing is read beyond it.
#[derive(Debug, thiserror::Error)]
#[error("{}: damaged at byte {offset}: {what}", path.display())]
pub struct Damage {
    /// Which file.
    pub path: PathBuf,
    /// Bytes of the file before the record that is not whole.
    pub offset: u64,
    /// What is wrong.
    pub what: Wrong,
}

/// What is wrong with a record.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The file ends within the record.
    #[error("the file ends within a record")]
    Cut,
    /// It is longer than a record may be.
    #[error("a record of {0} bytes, and the most is {MAX_RECORD}")]
    TooLong(u32),
    /// Its checksum does not fit its bytes.
    #[error("the checksum does not fit")]
    Checksum,
    /// Its checksum fits, but its bytes are no event.
    #[error("{0}")]
    Malformed(&'static str),
    /// The file cannot be read any further.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
}

/// Why a recording can be followed no longer, though all that was read of it was whole.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// The file is gone, or another has taken its place.
    #[error("{} was removed or replaced while it was followed", .0.display())]
    Gone(PathBuf),
    /// It is shorter than what was read of it.
    #[error("{} was cut short while it was followed", .0.display())]
    Shorter(PathBuf),
}

/// What comes of a recording that is followed.
#[derive(Debug)]
pub enum Followed {
    /// An event.
    Event(Box<Event>),
    /// All that is there has been read. More may come: ask again in a moment.
    NotYet,
    /// It is no file, and has ended: nothing more comes.
    Over,
    /// Nothing more can be read.
    Damaged(Damage),
    /// The file is lost: nothing more can be read.
    Lost(Lost),
}

/// The events of a recording, in order. At the end of a file it goes on in the next file of the same recording. After
/// [`Damage`] nothing follows. It takes no more memory than the longest record, whatever is in the file.
pub struct Recording {
    input: Box<dyn Read + Send>,
    path: PathBuf,
    /// The path of the first part, and so of the next one.
    first: Option<PathBuf>,
    header: Header,
    offset: u64,
    /// Bytes of the parts before this one.
    before: u64,
    /// Bytes that were read and are in no record yet.
    block: Bytes,
    /// Why nothing more could be read.
    failed: Option<io::Error>,
    /// Which file it is: its device and number. `None` where it is no file.
    file: Option<(u64, u64)>,
    /// How long the file was when it was looked at last, in bytes.
    looked: u64,
    shared: Option<Shared>,
    over: bool,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("path", &self.path)
            .field("header", &self.header)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Recording {
    /// Opens a recording.
    ///
    /// # Errors
    /// [`OpenError`] where it is none.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = File::open(path).map_err(|error| OpenError::Read {
            path: path.to_owned(),
            error,
        })?;
        let data = file.metadata().ok().filter(std::fs::Metadata::is_file);
        let mut opened = Self::read(file, path)?;
        opened.file = data.map(|data| (data.dev(), data.ino()));
        opened.first = Some(first_of(path, opened.header.part));
        Ok(opened)
    }

    /// Reads a recording from anywhere; `path` is its name in errors.
    ///
    /// # Errors
    /// As [`Recording::open`].
    pub fn read(mut input: impl Read + Send + 'static, path: &Path) -> Result<Self, OpenError> {
        let header = header(&mut input, path)?;
        Ok(Self {
            input: Box::new(input),
            path: path.to_owned(),
            first: None,
            header,
            offset: HEADER as u64,
            before: 0,
            block: Bytes::new(),
            failed: None,
            file: None,
            looked: 0,
            shared: None,
            over: false,
        })
    }

    /// The same, with frames that are no copies but pieces of blocks of 128 KiB. It is for a thread that hands events to
    /// another, which lets go of them soon: whoever keeps one frame keeps its block. Requests and answers have blocks of
    /// their own, since a journal keeps them.
    pub fn sharing(self) -> Self {
        Self {
            shared: Some(Shared::default()),
            ..self
        }
    }

    /// The file that is being read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the whole recording that have been read, from the first part that was opened on.
    pub fn passed(&self) -> u64 {
        self.before.saturating_add(self.offset)
    }

    /// Bytes that this part and those after it have now; 0 where that is not known.
    pub fn size(&self) -> u64 {
        let length = |path: &Path| std::fs::metadata(path).map(|data| data.len()).ok();
        let own = length(&self.path).unwrap_or(0);
        let later = self.first.as_deref().into_iter().flat_map(|first| {
            let parts = self.header.part.saturating_add(1)..;
            parts.map_while(move |part| length(&part_path(first, part)))
        });
        self.before.saturating_add(own + later.sum::<u64>())
    }

    /// Whether the next record has been read already, so that nobody waits for it.
    pub fn is_at_hand(&self) -> bool {
        let length = self.block.first_chunk().copied().map(u32::from_le_bytes);
        length.is_some_and(|length| self.block.len() as u64 >= HEAD as u64 + u64::from(length))
    }

    fn record(&mut self) -> Result<Option<Event>, Wrong> {
        if !self.has(HEAD) && self.block.is_empty() && self.failed.is_none() {
            return Ok(None);
        }
        self.must_have(HEAD)?;
        let [size, sum] = [0, 4].map(|at| [0, 1, 2, 3].map(|i| self.block[at + i]));
        let length = u32::from_le_bytes(size);
        if length as usize > MAX_RECORD {
            return Err(Wrong::TooLong(length));
        }
        // Taken as a whole or not at all: the rest may still be written.
        let whole = HEAD + length as usize;
        self.must_have(whole)?;
        let body = self.block.split_to(whole).slice(HEAD..);
        if crc32(&[&size, &body]) != u32::from_le_bytes(sum) {
            return Err(Wrong::Checksum);
        }
        let event = decode::event(&body, self.shared.as_mut()).map_err(Wrong::Malformed)?;
        self.offset += (HEAD + body.len()) as u64;
        Ok(Some(event))
    }

    fn must_have(&mut self, length: usize) -> Result<(), Wrong> {
        if self.has(length) {
            return Ok(());
        }
        Err(self.failed.take().map_or(Wrong::Cut, Wrong::Unreadable))
    }

    /// Whether there are this many more bytes. Reads them if they have not been read yet.
    fn has(&mut self, length: usize) -> bool {
        if self.block.len() >= length {
            return true;
        }
        let mut block = vec![0; length.max(BLOCK)];
        let mut filled = self.block.len();
        block[..filled].copy_from_slice(&self.block);
        // It takes what is there and does not wait for more: a pipe may bring it from a service that runs.
        while filled < length && self.failed.is_none() {
            match self.input.read(&mut block[filled..]) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What came before the error still counts.
                Err(error) => self.failed = Some(error),
            }
        }
        block.truncate(filled);
        if filled < block.capacity() / 2 {
            block.shrink_to_fit();
        }
        self.block = block.into();
        self.block.len() >= length
    }

    /// The next file, if there is one and it belongs to the same recording.
    fn next_part(&self) -> Option<Self> {
        let (first, part) = self.first.clone().zip(self.header.part.checked_add(1))?;
        let mut next = Recording::open(&part_path(&first, part)).ok()?;
        let follows = next.header.part == part && next.header.id == self.header.id;
        next.first = Some(first);
        next.before = self.passed();
        follows.then_some(next)
    }

    /// The next event of a recording that may still be written. A record that is not whole yet is waited for, unless the
    /// next file has begun. After [`Followed::NotYet`] it costs one look at the file to ask again.
    pub fn follow(&mut self) -> Followed {
        loop {
            if self.over {
                match (self.grown(), self.block.is_empty()) {
                    (Ok(true), _) => self.over = false,
                    (Err(lost), _) => return Followed::Lost(lost),
                    (Ok(false), true) if self.file.is_none() => return Followed::Over,
                    (Ok(false), false) if self.file.is_none() || self.next_part().is_some() => {
                        return Followed::Damaged(self.damage(Wrong::Cut));
                    }
                    (Ok(false), _) => return Followed::NotYet,
                }
            }
            match self.next() {
                Some(Ok(event)) => return Followed::Event(Box::new(event)),
                Some(Err(damage)) if !matches!(damage.what, Wrong::Cut) => {
                    return Followed::Damaged(damage);
                }
                // The file says whether that is the end.
                _ => {}
            }
        }
    }

    fn damage(&self, what: Wrong) -> Damage {
        Damage {
            path: self.path.clone(),
            offset: self.offset,
            what,
        }
    }

    /// Whether the file has more than was read.
    fn grown(&mut self) -> Result<bool, Lost> {
        let Some(file) = self.file else {
            return Ok(false);
        };
        let read = self.offset + self.block.len() as u64;
        match std::fs::metadata(&self.path) {
            Ok(data) if (data.dev(), data.ino()) == file => {
                let length = data.len();
                if length < read {
                    return Err(Lost::Shorter(self.path.clone()));
                }
                // What cannot be read though it is there is not tried again and again.
                if length > read && length != self.looked {
                    self.looked = length;
                    return Ok(true);
                }
                Ok(self.block.is_empty() && self.next_part().is_some())
            }
            // The oldest files go where a recording has a bound.
            _ if self.block.is_empty() && self.next_part().is_some() => Ok(true),
            _ => Err(Lost::Gone(self.path.clone())),
        }
    }
}

impl Iterator for Recording {
    type Item = Result<Event, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            match self.record() {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => match self.next_part() {
                    // Its last records may have come between the two looks.
                    Some(_) if self.has(1) => {}
                    Some(mut next) => {
                        next.shared = self.shared.take();
                        *self = next;
                    }
                    None => self.over = true,
                },
                Err(what) => {
                    self.over = true;
                    return Some(Err(self.damage(what)));
                }
            }
        }
        None
    }
}

fn header(input: &mut impl Read, path: &Path) -> Result<Header, OpenError> {
    let mut bytes = Vec::new();
    let got = input.take(HEADER as u64).read_to_end(&mut bytes);
    got.map_err(|error| OpenError::Read {
        path: path.to_owned(),
        error,
    })?;
    if bytes.len() < HEADER || bytes[..8] != MAGIC {
        return Err(OpenError::NotOne(path.to_owned()));
    }
    let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| bytes[at + i]));
    let version = number(8);
    if version != VERSION {
        return Err(OpenError::Version {
            path: path.to_owned(),
            version,
        });
    }
    Ok(Header {
        part: number(12),
        id: u64::from(number(16)) | u64::from(number(20)) << 32,
    })
}

/// The path of the first part, given that of any: `a.3.nudge` is part 3 of `a.nudge`.
fn first_of(path: &Path, part: u32) -> PathBuf {
    let first = || {
        let stem = Path::new(path.file_stem()?);
        let named = stem.extension()?.to_str()?.parse() == Ok(part);
        let mut name = stem.file_stem().filter(|_| named)?.to_owned();
        if let Some(extension) = path.extension() {
            name.push(".");
            name.push(extension);
        }
        Some(path.with_file_name(name))
    };
    match part {
        0 | 1 => path.to_owned(),
        _ => first().unwrap_or_else(|| path.to_owned()),
    }
}
