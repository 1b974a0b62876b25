//! The format of a recording, version 1.
//!
//! ```text
//! file    = header record*
//! header  = magic (8 bytes) version (u32) part (u32, from 1) id (u64, the same in all parts of one recording)
//! record  = length (u32, of the body) checksum (u32, CRC-32 of length and body) body
//! body    = kind (u8) flags (u8) time (u64, µs since the Unix epoch) [connection (u64)] [client (u64)] payload
//! text    = length (u32) bytes in UTF-8          maybe X = 0 (u8), or 1 (u8) and X          list of X = count (u32) X…
//! ```
//!
//! Numbers are little-endian. Which kinds there are, and what the payload of each holds, is said in the table of events
//! (`event/table/mod.rs`). No number there may ever change its meaning: a file of today is read by every later nudge.

/// The first bytes of every recording. As in PNG, the line end shows a file that was changed on its way.
pub const MAGIC: [u8; 8] = *b"\x89NUDGE\r\n";
/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;
/// Length of a file's header, in bytes.
pub const HEADER: usize = 24;
/// Length of what stands before a record's body, in bytes.
pub const HEAD: usize = 8;
/// The longest body, in bytes. An event beyond it is not recorded, and the recording says so.
pub const MAX_RECORD: usize = 16 * 1024 * 1024;

/// The longest text, in bytes: as long as a payload. Of one beyond it the beginning is written, and read; what came
/// over the wire is bytes, and of those all are.
pub const MAX_TEXT: usize = 64 * 1024;

/// Bits of a body's flags.
pub mod flag {
    pub const CONNECTION: u8 = 1;
    pub const CLIENT: u8 = 2;
}

/// The header of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Which file of the recording, from 1.
    pub part: u32,
    /// The same in every file of one recording.
    pub id: u64,
}

impl Header {
    /// As bytes.
    pub fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.part.to_le_bytes());
        bytes[16..].copy_from_slice(&self.id.to_le_bytes());
        bytes
    }
}
