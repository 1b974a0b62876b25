//! Pieces with the transport of MSNP16 and above.

use super::pieces::{Fault, Incoming, Outgoing, Piece, Sort, Unfinished};
use crate::msnp::p2p::CHUNK;
use crate::msnp::p2p::v2::{ACK_WANTED, Data, FILE, FIRST, OBJECT, PEER, Packet, SYN};
use std::collections::VecDeque;

/// The state of one direction and the other.
#[derive(Debug)]
pub(super) struct Later {
    /// The number of the next byte.
    base: u32,
    /// The number of the next message in several pieces.
    package: u16,
    /// Whether the peer was told who this is.
    begun: bool,
}

impl Later {
    /// One whose first byte has this number.
    pub(super) fn new(base: u32) -> Self {
        Self {
            base,
            package: 0,
            begun: false,
        }
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
        if packet.operation & ACK_WANTED != 0 {
            let mut acknowledgement = packet.acknowledgement(self.base);
            if acknowledgement.operation & SYN != 0 {
                if self.begun {
                    // It answers our own beginning.
                    acknowledgement.operation = 0;
                    acknowledgement.peer = None;
                }
                self.begun = true;
            }
            out.push_back(acknowledgement.to_bytes());
        }
        let mut incoming = Vec::new();
        incoming.extend(packet.ack.map(Incoming::Acknowledged));
        let Some(data) = packet.data.filter(|data| !data.piece.is_empty()) else {
            return Ok(incoming);
        };
        let number = u32::from(data.package);
        let length = data.piece.len() as u64;
        let remaining = data.remaining.unwrap_or_default();
        let (offset, total) = match unfinished.total(data.session, number) {
            // What comes later says where it stands.
            Some(total) if data.kind & FIRST == 0 => {
                let behind = length.saturating_add(remaining);
                (total.saturating_sub(behind), total)
            }
            // A later piece of something of which nothing is there.
            None if data.kind & FIRST == 0 && number != 0 => {
                let session = data.session;
                return Err(Fault::OutOfOrder { session });
            }
            _ => (0, length.saturating_add(remaining)),
        };
        let piece = Piece {
            session: data.session,
            number,
            offset,
            total,
            bytes: data.piece,
        };
        if let Some(bytes) = unfinished.add(&piece, most)? {
            incoming.push(Incoming::Message {
                session: data.session,
                data: data.kind & (OBJECT | FILE) != 0,
                bytes,
            });
        }
        Ok(incoming)
    }

    /// The next piece of a message, and the number of the byte behind it.
    pub(super) fn cut(&mut self, message: &mut Outgoing) -> (Vec<u8>, u32) {
        let first = message.sent == 0;
        if first && message.bytes.len() > CHUNK {
            self.package = self.package.wrapping_add(1).max(1);
            message.number = u32::from(self.package);
        }
        let piece = message.piece();
        let remaining = (message.bytes.len() - message.sent) as u64;
        let kind = match message.sort {
            Sort::Object => OBJECT,
            Sort::Slp | Sort::Preparation => 0,
        };
        let data = Data {
            kind: if first { kind | FIRST } else { kind },
            package: message.number as u16,
            session: message.session,
            remaining: (remaining > 0).then_some(remaining),
            piece: &piece,
        };
        let mut packet = Packet {
            base: self.base,
            data: Some(data),
            footer: message.footer,
            ..Packet::default()
        };
        if !self.begun {
            self.begun = true;
            packet.operation = SYN;
            packet.peer = Some(PEER);
        }
        if remaining == 0 {
            packet.operation |= ACK_WANTED;
        }
        self.base = self.base.wrapping_add(packet.length());
        (packet.to_bytes(), self.base)
    }
}
