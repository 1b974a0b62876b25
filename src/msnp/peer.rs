//! The binary header of peer-to-peer messages (`application/x-msnmsgrp2p`): which session a piece belongs to and where it
//! stands in its whole. What is in the pieces is not read here.
//!
//! The older header is 48 bytes, little-endian, with a footer of 4 bytes behind the piece (the NINA wiki, MSNC1 to MSNC6).
//! The later one (MSNC7 and up, `P2P-Dest` with a GUID) begins with its own length, and its numbers are big-endian.

use super::p2p::v1::{self, HEADER};
use std::fmt;

/// What the header of one piece says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// 0 for the talk about sessions (MSNSLP), else the session that the piece is of.
    pub session: u32,
    /// The number of the message that the piece is of.
    pub id: u32,
    /// Where the piece stands in it, in bytes.
    pub offset: u64,
    /// How long the whole is, in bytes; 0 in the later header, which does not say it.
    pub total: u64,
    /// How long the piece is, in bytes.
    pub length: u32,
    /// What it is: 0x02 acknowledges, 0x20 is data of an object, 0x40 ends a session, 0x01000030 is a file. Of the later
    /// header its flags.
    pub flags: u32,
    /// Whether it is written in the later way.
    pub later: bool,
}

impl Header {
    /// The header at the beginning of a body, in either way of writing. `None` where there is none: it is cut, or says of
    /// its piece what cannot be.
    pub fn read(body: &[u8]) -> Option<Self> {
        Self::older(body).or_else(|| Self::later(body))
    }

    /// 48 bytes: session, id, offset, total, length, flags, and what is acknowledged.
    pub fn older(body: &[u8]) -> Option<Self> {
        let head = v1::Header::read(body.first_chunk()?);
        let header = Self {
            session: head.session,
            id: head.identifier,
            offset: head.offset,
            total: head.total,
            length: head.length,
            flags: head.flags,
            later: false,
        };
        let piece = u64::from(header.length);
        let end = header.offset.checked_add(piece)?;
        let fits = piece <= (body.len() - HEADER) as u64;
        (fits && end <= header.total.max(piece)).then_some(header)
    }

    /// Length, operation code, length of the piece, sequence number, its options; then the header of the data: length,
    /// flags, package number, session.
    pub fn later(body: &[u8]) -> Option<Self> {
        let (&[length, operation], rest) = body.split_first_chunk::<2>()?;
        let piece = u16::from_be_bytes(*rest.first_chunk()?);
        let id = u32::from_be_bytes(*rest.get(2..)?.first_chunk()?);
        let data = body.get(usize::from(length).max(8)..)?;
        if usize::from(length) < 8 || usize::from(piece) > data.len() {
            return None;
        }
        let mut header = Self {
            session: 0,
            id,
            offset: 0,
            total: 0,
            length: u32::from(piece),
            flags: u32::from(operation),
            later: true,
        };
        if piece > 0 {
            let inner = usize::from(*data.first()?);
            if inner < 8 || inner > usize::from(piece) {
                return None;
            }
            header.session = u32::from_be_bytes(*data.get(4..)?.first_chunk()?);
            header.length = u32::from(piece) - inner as u32;
            header.flags = header.flags << 8 | u32::from(*data.get(1)?);
        }
        Some(header)
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            session,
            offset,
            total,
            length,
            flags,
            ..
        } = self;
        write!(f, "session {session}, offset {offset}")?;
        if !self.later {
            write!(f, " of {total}")?;
        }
        write!(f, ", {length} bytes, flags {flags:#x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A piece of 4 bytes at 1,202 of 2,000, of session 0x2a, with flag 0x20.
    const PIECE: &[u8] =
        b"\x2a\0\0\0\x07\0\0\0\xb2\x04\0\0\0\0\0\0\xd0\x07\0\0\0\0\0\0\x04\0\0\0\x20\0\0\0\
\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0abcd\0\0\0\x01";

    #[test]
    fn a_piece_says_where_it_belongs() {
        let header = Header::read(PIECE).expect("a header");
        assert_eq!(
            header.to_string(),
            "session 42, offset 1202 of 2000, 4 bytes, flags 0x20"
        );
        for end in 0..HEADER + 4 {
            assert_eq!(Header::older(&PIECE[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn the_later_header_is_read_too() {
        let body = b"\x08\x02\x00\x0c\x00\x00\x00\x05\x08\x01\x00\x00\x00\x00\x00\x2aabcd\0\0\0\0";
        let header = Header::read(body).expect("a header");
        assert!(header.later);
        assert_eq!(
            header.to_string(),
            "session 42, offset 0, 4 bytes, flags 0x201"
        );
    }

    #[test]
    fn one_that_says_what_cannot_be_is_none() {
        let mut long = PIECE.to_vec();
        long[24] = 0xff;
        assert_eq!(Header::older(&long), None);
        let mut far = PIECE.to_vec();
        far[8..16].fill(0xff);
        assert_eq!(Header::older(&far), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(header) = Header::read(&bytes) {
                prop_assert!(header.length as usize <= bytes.len());
            }
        }

        #[test]
        fn a_header_that_is_cut_lengthened_or_changed_never_reaches_beyond_its_bytes(
            at in 0..HEADER, byte: u8, end in 0..PIECE.len(), more in 0usize..64,
        ) {
            let mut bytes = PIECE[..end].to_vec();
            bytes.extend(std::iter::repeat_n(0xff, more));
            if let Some(old) = bytes.get_mut(at) {
                *old = byte;
            }
            if let Some(header) = Header::older(&bytes) {
                prop_assert!(header.length as usize + HEADER <= bytes.len());
                prop_assert!(header.offset.checked_add(u64::from(header.length)).is_some());
            }
        }
    }
}
