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
//! Numbers are little-endian. The table of events (`event/table/mod.rs`) says which kinds there are, and what the payload
//! of each holds. No number in it may ever change its meaning: every later nudge reads a file of today.

/// The first bytes of every recording. As in PNG, its line end shows whether a file was changed on its way.
pub const MAGIC: [u8; 8] = *b"\x89NUDGE\r\n";
/// The version that is written. No other is read.
pub const VERSION: u32 = 1;
/// Bytes of a file's header.
pub const HEADER: usize = 24;
/// Bytes that stand before a record's body.
pub const HEAD: usize = 8;
/// Bytes of the longest body. An event that needs more is not recorded, and the recording says so.
pub const MAX_RECORD: usize = 16 * 1024 * 1024;

/// Bytes of the longest text: as many as a payload may have. Of a longer text the beginning is written and read. What came
/// over the wire is no text but bytes, and is kept whole.
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
    /// The header as bytes.
    pub fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.part.to_le_bytes());
        bytes[16..].copy_from_slice(&self.id.to_le_bytes());
        bytes
    }
}
