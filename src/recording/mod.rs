//! Recordings: every event on disk, byte for byte. Here are the format, its writer and its reader, and what takes a
//! recording apart.
//!
//! A recording holds the bytes as they were, and which of them are secret. Only its owner can read the file. An export
//! ([`export`](crate::export)) masks the secrets unless they are asked for.
//!
//! | file | what it is |
//! |---|---|
//! | `format` | the layout of a file and of a record |
//! | `encode`, `decode` | an event as the bytes of a record, and back; its fields are in the table of `event` |
//! | `writer` | the thread that appends |
//! | `reader` | the iterator that reads, up to the damage |
//! | [`golden`] | the sign-in of Messenger for Mac 8.0.1, as the article shows it |
//! | [`conversation`] | one client's events out of a recording |
//! | `message` | an HTTP message in its parts |

pub mod conversation;
pub(crate) mod crc;
mod decode;
mod encode;
mod format;
pub mod golden;
pub(crate) mod message;
mod reader;
mod writer;

pub use format::{HEADER, Header, MAX_RECORD, VERSION};
pub use reader::{Damage, Followed, Lost, OpenError, Recording, Wrong};
pub use writer::{DEFAULT_FILE_BYTES, RecordError, Recorder, Sizes, Written, part_path};

/// Appends the record of one event to bytes in memory.
///
/// # Errors
/// The bytes of a record that is longer than [`MAX_RECORD`].
pub fn append_record(event: &crate::event::Event, out: &mut Vec<u8>) -> Result<(), usize> {
    encode::append(event, out)
}

/// What is told when a recording ends before its time.
pub fn ended(error: &RecordError) -> crate::event::EventKind {
    crate::event::EventKind::Notice {
        severity: crate::event::Severity::Error,
        text: format!("the recording has ended: {error}").into(),
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
