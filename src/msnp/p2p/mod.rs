//! Peer-to-peer: what two clients send each other in MSG beside words (display pictures, emoticons, files).
//!
//! A message is a binary header, data and a footer. [`v1`] is the header of MSNC1 and its followers, [`v2`] the one of
//! MSNP16 and above, used where both endpoints give a GUID; [`slp`] is the text by which sessions are begun and ended;
//! [`offer`] is what a file transfer offers. Source: the NINA wiki's MSNC pages, and watched invitations.

pub mod offer;
pub mod slp;
pub mod v1;
pub mod v2;

use super::mime::{self, Mime};

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

/// Whether a message has the later header: where both endpoints have a GUID.
pub fn is_later(message: &Mime<'_>) -> bool {
    let has_guid = |name| message.text(name).is_some_and(|of| of.contains(';'));
    has_guid("P2P-Dest") && has_guid("P2P-Src")
}

/// What the header of a piece says, for people.
pub fn said(message: &Mime<'_>) -> String {
    let said = match is_later(message) {
        false => v1::Packet::read(message.body).map(|packet| {
            let v1::Header {
                session,
                offset,
                total,
                length,
                flags,
                ..
            } = packet.header;
            format!(
                "session {session}, offset {offset} of {total}, {length} bytes, flags {flags:#x}"
            )
        }),
        true => v2::Packet::read(message.body).map(|packet| {
            let data = packet.data.unwrap_or_default();
            format!(
                "session {}, from byte {}, {} bytes, {} to come, flags {:#x} {:#x}",
                data.session,
                packet.base,
                data.piece.len(),
                data.remaining.unwrap_or_default(),
                packet.operation,
                data.kind
            )
        }),
    };
    said.unwrap_or_else(|error| error.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece of 4 bytes at 1,202 of 2,000, of session 0x2a, with flag 0x20.
    const PIECE: &[u8] =
        b"\x2a\0\0\0\x07\0\0\0\xb2\x04\0\0\0\0\0\0\xd0\x07\0\0\0\0\0\0\x04\0\0\0\x20\0\0\0\
\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0abcd\0\0\0\x01";

    #[test]
    fn a_piece_says_where_it_belongs_whichever_header_it_has() {
        let mut message = Mime::read(b"P2P-Dest: you@local\r\n\r\n");
        message.body = PIECE;
        assert_eq!(
            said(&message),
            "session 42, offset 1202 of 2000, 4 bytes, flags 0x20"
        );
        message.body = &PIECE[..51];
        assert_eq!(said(&message), "its header says 56 bytes, and it has 51");
        let mut later = Mime::read(b"P2P-Dest: you@local;{1}\r\nP2P-Src: me@local;{2}\r\n\r\n");
        later.body =
            b"\x08\x02\x00\x0c\x00\x00\x00\x05\x08\x01\x00\x00\x00\x00\x00\x2aabcd\0\0\0\0";
        assert_eq!(
            said(&later),
            "session 42, from byte 5, 4 bytes, 0 to come, flags 0x2 0x1"
        );
        later.body = &later.body[..10];
        assert_eq!(said(&later), "its header says 24 bytes, and it has 10");
    }
}
