//! Peer-to-peer: what two clients send each other in MSG beside words (display pictures, emoticons, files).
//!
//! A message is a binary header, data and a footer. [`v1`] is the header of MSNC1 and its followers, [`v2`] the one of
//! MSNP16 and above, used where both endpoints give a GUID; [`slp`] is the text by which sessions are begun and ended;
//! [`offer`] is what a file transfer offers. Source: the NINA wiki's MSNC pages, and watched invitations.

pub mod offer;
pub mod slp;
pub mod v1;
pub mod v2;

use super::mime;

/// The content type of the messages that carry it.
pub const MEDIA_TYPE: &str = "application/x-msnmsgrp2p";
/// The most bytes of data in one message over a switchboard.
pub const CHUNK: usize = 1_202;

/// What a session is for: the footer of its data, and `AppID` of its invitation.
pub const APPLICATIONS: &[(u32, &str)] = &[
    (0, "session"),
    (1, "object"),
    (2, "file"),
    (3, "ink"),
    (4, "webcam"),
    (11, "custom emoticon"),
    (12, "display picture"),
];

/// What a footer or `AppID` stands for.
pub fn application(id: u32) -> Option<&'static str> {
    let found = APPLICATIONS.iter().find(|row| row.0 == id);
    found.map(|row| row.1)
}

/// A packet as a payload of MSG, from one endpoint (`mail` or `mail;{guid}`) to another. `P2P-Src` is for those with a
/// GUID.
pub fn payload(from: &str, to: &str, packet: &[u8]) -> Vec<u8> {
    let mut headers = vec![
        ("MIME-Version", "1.0"),
        ("Content-Type", MEDIA_TYPE),
        ("P2P-Dest", to),
    ];
    if from.contains(';') {
        headers.push(("P2P-Src", from));
    }
    mime::write(&headers, packet)
}

/// Why bytes are no peer-to-peer message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum P2pError {
    /// Shorter than a header and a footer.
    #[error("it has {0} bytes, fewer than a header")]
    Short(usize),
    /// The header's lengths do not add up to what is there.
    #[error("its header says {says} bytes, and it has {has}")]
    Length {
        /// What the header says, header and footer included.
        says: u64,
        /// What is there.
        has: usize,
    },
    /// The piece lies outside of the whole.
    #[error("its piece from {offset} to {end} lies outside of the {total} bytes of the whole")]
    Range {
        /// Where the piece begins.
        offset: u64,
        /// Where it ends.
        end: u64,
        /// The size of the whole.
        total: u64,
    },
    /// A header of the later kind whose own length is impossible, or whose fields do not fit into it.
    #[error("the length of its header, {0}, is impossible")]
    Header(u8),
}

/// Reads little- or big-endian numbers off the front of bytes whose length was checked before.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self.0.split_first_chunk::<N>().unwrap_or((&[0; N], &[]));
        self.0 = rest;
        *head
    }
}
