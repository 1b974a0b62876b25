//! Pieces with the header of MSNC1.

use super::pieces::{Fault, Incoming, Outgoing, Piece, Sort, Unfinished};
use crate::msnp::p2p::v1::{ACK, CLOSING, DATA, ERROR, Header, Packet};
use std::collections::VecDeque;

/// The error of the transport itself, which ends a session too.
const BROKEN: u32 = 0x80;

/// The state of one direction and the other.
#[derive(Debug)]
pub(super) struct First {
    /// The identifier of the next message.
    next: u32,
}

impl First {
    /// One that begins with this identifier.
    pub(super) fn new(next: u32) -> Self {
        Self { next }
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
        unfinished: &mut Unfinished,
        out: &mut VecDeque<Vec<u8>>,
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
        let Some(bytes) = unfinished.add(&piece, most)? else {
            return Ok(Vec::new());
        };
        let acknowledgement = packet.acknowledgement(self.identifier());
        out.push_back(acknowledgement.to_bytes());
        Ok(vec![Incoming::Message {
            session: header.session,
            data: header.flags & DATA != 0,
            bytes,
        }])
    }

    /// The next piece of a message, and the message's number.
    pub(super) fn cut(&mut self, message: &mut Outgoing) -> (Vec<u8>, u32) {
        if message.sent == 0 {
            message.number = self.identifier();
        }
        let (total, offset) = (message.bytes.len() as u64, message.sent as u64);
        let data = message.piece();
        let header = Header {
            session: message.session,
            identifier: message.number,
            offset,
            total,
            length: data.len() as u32,
            flags: match message.sort {
                Sort::Slp | Sort::Preparation => 0,
                Sort::Object => DATA,
            },
            // By chance, says the wiki; what makes it differ from message to message is enough.
            ack_identifier: message.number.rotate_left(16) ^ message.session,
            ..Header::default()
        };
        let packet = Packet {
            header,
            data: &data,
            footer: message.footer,
        };
        (packet.to_bytes(), message.number)
    }
}
