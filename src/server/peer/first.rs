//! Pieces with the header of MSNC1.

use super::pieces::{Fault, Incoming, Piece, Sort, Unfinished};
use crate::msnp::p2p::CHUNK;
use crate::msnp::p2p::v1::{ACK, CLOSING, DATA, ERROR, Header, Packet};

/// The error of the transport itself, which ends a session too.
const BROKEN: u32 = 0x80;

/// The state of one direction and the other.
#[derive(Debug)]
pub struct First {
    /// The identifier of the next message.
    next: u32,
    pub(super) unfinished: Unfinished,
}

impl First {
    /// One that begins with this identifier.
    pub(super) fn new(next: u32) -> Self {
        Self {
            next,
            unfinished: Unfinished::default(),
        }
    }

    fn identifier(&mut self) -> u32 {
        let identifier = self.next;
        // 0 is no identifier.
        self.next = identifier.wrapping_add(1).max(1);
        identifier
    }

    /// See [`super::Transport`].
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        most: impl Fn(u32) -> Option<u64>,
        out: &mut Vec<Vec<u8>>,
    ) -> Result<Vec<Incoming>, Fault> {
        let packet = Packet::read(bytes)?;
        let header = &packet.header;
        if header.flags & ACK != 0 {
            return Ok(vec![Incoming::Acknowledged(header.ack_identifier)]);
        }
        if header.flags & (ERROR | CLOSING | BROKEN) != 0 {
            return Ok(vec![Incoming::Closed(header.session)]);
        }
        if packet.data.is_empty() {
            return Ok(Vec::new());
        }
        let piece = Piece {
            session: header.session,
            number: header.identifier,
            offset: header.offset,
            total: header.total,
            bytes: packet.data,
        };
        let Some(bytes) = self.unfinished.add(&piece, most)? else {
            return Ok(Vec::new());
        };
        let acknowledgement = packet.acknowledgement(self.identifier());
        out.push(acknowledgement.to_bytes());
        Ok(vec![Incoming::Message {
            session: header.session,
            data: header.flags & DATA != 0,
            bytes,
        }])
    }

    /// See [`super::Transport`].
    pub(super) fn send(
        &mut self,
        session: u32,
        footer: u32,
        sort: Sort,
        bytes: &[u8],
        out: &mut Vec<Vec<u8>>,
    ) -> u32 {
        let identifier = self.identifier();
        let flags = match sort {
            Sort::Slp | Sort::Preparation => 0,
            Sort::Object => DATA,
        };
        for (at, data) in bytes.chunks(CHUNK).enumerate() {
            let header = Header {
                session,
                identifier,
                offset: (at * CHUNK) as u64,
                total: bytes.len() as u64,
                length: data.len() as u32,
                flags,
                // By chance, says the wiki; what makes it differ from message to message is enough.
                ack_identifier: identifier.rotate_left(16) ^ session,
                ..Header::default()
            };
            let packet = Packet {
                header,
                data,
                footer,
            };
            out.push(packet.to_bytes());
        }
        identifier
    }
}
