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
//! Numbers are little-endian. Every number that stands for a name is said here once, and none may ever
//! change its meaning: a file of today is read by every later nudge.

use crate::event::{Chapter, Hello, Service, Severity, Step};
use crate::msnp::message::MessageKind;
use crate::msnp::{Family, Status};

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

/// Kinds of records.
pub mod kind {
    pub const ROSTER: u8 = 1;
    pub const LISTENING: u8 = 2;
    pub const CONNECTED: u8 = 3;
    pub const TLS: u8 = 4;
    pub const FRAME: u8 = 5;
    pub const HTTP: u8 = 6;
    pub const CLIENT: u8 = 7;
    pub const SIGNED_IN: u8 = 8;
    pub const SIGNED_OUT: u8 = 9;
    pub const CONTACT: u8 = 10;
    pub const FINDING: u8 = 11;
    pub const DISCONNECTED: u8 = 12;
    pub const REPLY: u8 = 13;
    pub const NOTICE: u8 = 14;
    pub const CONVERSATION: u8 = 15;
    pub const MESSAGE: u8 = 16;
}

/// Bits of a body's flags, and of a frame's.
pub mod flag {
    pub const CONNECTION: u8 = 1;
    pub const CLIENT: u8 = 2;
    pub const OUT: u8 = 1;
    pub const INJECTED: u8 = 2;
    pub const PAYLOAD: u8 = 4;
    /// The frame is of the switchboard.
    pub const SWITCHBOARD: u8 = 8;
}

/// A type whose values have numbers: their places in this list.
pub trait Numbered: Copy + PartialEq + 'static {
    /// Its values. New ones go to the end.
    const VALUES: &'static [Self];
}

impl Numbered for Service {
    const VALUES: &'static [Self] = &[
        Self::Notification,
        Self::Https,
        Self::Http,
        Self::Switchboard,
    ];
}

impl Numbered for Severity {
    const VALUES: &'static [Self] = &[Self::Info, Self::Warning, Self::Error];
}

impl Numbered for Hello {
    const VALUES: &'static [Self] = &[Self::Sslv2, Self::Tls];
}

impl Numbered for Family {
    const VALUES: &'static [Self] = &[Self::Mac, Self::Windows];
}

impl Numbered for Chapter {
    const VALUES: &'static [Self] = &Self::ALL;
}

impl Numbered for MessageKind {
    const VALUES: &'static [Self] = &Self::ALL;
}

impl Numbered for Status {
    const VALUES: &'static [Self] = &Self::ALL;
}

impl Numbered for Step {
    const VALUES: &'static [Self] = &[
        Self::Connected,
        Self::Version,
        Self::ClientVersion,
        Self::Authenticating,
        Self::SignedIn,
        Self::Online,
        Self::Gone,
    ];
}

/// The number of a value; 255, which nothing has, if the list lacks it.
pub fn number_of<T: Numbered>(value: T) -> u8 {
    let at = T::VALUES.iter().position(|v| *v == value);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// The value of a number.
pub fn value_of<T: Numbered>(number: u8) -> Option<T> {
    T::VALUES.get(usize::from(number)).copied()
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
