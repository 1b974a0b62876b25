//! Pieces with the transport of MSNP16 and above.

use super::pieces::{Fault, Incoming, Piece, Sort, Unfinished};
use crate::msnp::p2p::CHUNK;
use crate::msnp::p2p::v2::{ACK_WANTED, Data, FILE, FIRST, OBJECT, PEER, Packet, SYN};

/// The state of one direction and the other.
#[derive(Debug)]
pub struct Later {
    /// The number of the next byte.
    base: u32,
    /// The number of the next message in several pieces.
    package: u16,
    /// Whether the peer was told who this is.
    begun: bool,
    pub(super) unfinished: Unfinished,
}

impl Later {
    /// One whose first byte has this number.
    pub(super) fn new(base: u32) -> Self {
        Self {
            base,
            package: 0,
            begun: false,
            unfinished: Unfinished::default(),
        }
    }

    /// See [`super::Transport`].
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        most: impl Fn(u32) -> Option<u64>,
        out: &mut Vec<Vec<u8>>,
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
            out.push(acknowledgement.to_bytes());
        }
        let mut incoming = Vec::new();
        incoming.extend(packet.ack.map(Incoming::Acknowledged));
        let Some(data) = packet.data.filter(|data| !data.piece.is_empty()) else {
            return Ok(incoming);
        };
        let number = u32::from(data.package);
        let length = data.piece.len() as u64;
        let remaining = data.remaining.unwrap_or_default();
        let (offset, total) = match self.unfinished.have(data.session, number) {
            Some((have, total)) if data.kind & FIRST == 0 => (have, total),
            _ => (0, length.saturating_add(remaining)),
        };
        let piece = Piece {
            session: data.session,
            number,
            offset,
            total,
            bytes: data.piece,
        };
        if let Some(bytes) = self.unfinished.add(&piece, most)? {
            incoming.push(Incoming::Message {
                session: data.session,
                data: data.kind & (OBJECT | FILE) != 0,
                bytes,
            });
        }
        Ok(incoming)
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
        let package = match bytes.len() > CHUNK {
            true => {
                self.package = self.package.wrapping_add(1).max(1);
                self.package
            }
            false => 0,
        };
        let mut remaining = bytes.len() as u64;
        for (at, piece) in bytes.chunks(CHUNK).enumerate() {
            remaining -= piece.len() as u64;
            let kind = match sort {
                Sort::Object => OBJECT,
                Sort::Slp | Sort::Preparation => 0,
            };
            let data = Data {
                kind: if at == 0 { kind | FIRST } else { kind },
                package,
                session,
                remaining: (remaining > 0).then_some(remaining),
                piece,
            };
            let mut packet = Packet {
                base: self.base,
                data: Some(data),
                footer,
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
            out.push(packet.to_bytes());
        }
        self.base
    }
}
