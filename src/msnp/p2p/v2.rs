//! The transport of MSNP16 and above (TLP, version 2): big-endian, a header of 8 to 252 bytes with fields of type,
//! length and value, then, where there is data, a header of the data of the same build, then the data, then a footer of
//! 4 bytes.
//!
//! The number of a message is the number of its first byte in the stream; the next message has that number plus the length.
//! An acknowledgement names the number after the last byte that its sender has.

use super::{P2pError, Reader};

/// Bits of [`Packet::operation`], with their meanings.
pub const OPERATIONS: &[(u8, &str)] = &[(SYN, "begins"), (ACK_WANTED, "wants an acknowledgement")];

/// The sender says who it is.
pub const SYN: u8 = 0x1;
/// An acknowledgement is wanted.
pub const ACK_WANTED: u8 = 0x2;

/// Of [`Data::kind`]: the first piece of a message.
pub const FIRST: u8 = 0x1;
/// Of [`Data::kind`]: data of an object (a picture, an emoticon).
pub const OBJECT: u8 = 0x4;
/// Of [`Data::kind`]: data of a file.
pub const FILE: u8 = 0x6;

/// What a peer says of itself: versions and abilities, as a later Messenger for Windows has them. Little-endian:
/// protocol 2.0, implementation 0, version 3584, reserved 0, abilities 271.
pub const PEER: [u8; 12] = [0x00, 0x02, 0, 0, 0x00, 0x0e, 0, 0, 0x0f, 0x01, 0, 0];

const PEER_FIELD: u8 = 1;
const ACK_FIELD: u8 = 2;
const NAK_FIELD: u8 = 3;
const REMAINING_FIELD: u8 = 1;
const FIXED: usize = 8;
const FOOTER: usize = 4;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packet<'a> {
    /// See [`OPERATIONS`].
    pub operation: u8,
    /// The number of its first byte.
    pub base: u32,
    /// What the sender says of itself.
    pub peer: Option<[u8; 12]>,
    /// The number up to which the sender has everything.
    pub ack: Option<u32>,
    /// The number from which something is missing.
    pub nak: Option<u32>,
    /// What is carried; none in an acknowledgement.
    pub data: Option<Data<'a>>,
    /// What the session is for; 0 while sessions are begun and ended.
    pub footer: u32,
}

/// What a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Data<'a> {
    /// [`FIRST`], [`OBJECT`], [`FILE`], together.
    pub kind: u8,
    /// The number shared by all pieces of one message; 0 where it is one piece.
    pub package: u16,
    /// The session; 0 while sessions are begun and ended.
    pub session: u32,
    /// Bytes that come after this piece; 0 in the last piece.
    pub remaining: Option<u64>,
    /// The piece.
    pub piece: &'a [u8],
}

/// Hands each field of a header to `each`. Zeros at its end are padding.
fn fields(mut bytes: &[u8], header: u8, mut each: impl FnMut(u8, &[u8])) -> Result<(), P2pError> {
    while let [kind, rest @ ..] = bytes {
        if *kind == 0 {
            return Ok(());
        }
        let value = rest
            .split_first()
            .and_then(|(length, rest)| rest.split_at_checked(usize::from(*length)));
        let Some((value, rest)) = value else {
            return Err(P2pError::Header(header));
        };
        each(*kind, value);
        bytes = rest;
    }
    Ok(())
}

/// Splits off the header at the front. Its first byte is its length.
fn header(bytes: &[u8]) -> Result<(&[u8], &[u8]), P2pError> {
    let length = *bytes.first().ok_or(P2pError::Short(0))?;
    if usize::from(length) < FIXED {
        return Err(P2pError::Header(length));
    }
    bytes
        .split_at_checked(usize::from(length))
        .ok_or(P2pError::Header(length))
}

impl<'a> Packet<'a> {
    /// Reads one. A missing footer counts as 0; fields that are not known are passed over.
    ///
    /// # Errors
    /// [`P2pError`] where lengths do not add up.
    pub fn read(bytes: &'a [u8]) -> Result<Self, P2pError> {
        if bytes.len() < FIXED {
            return Err(P2pError::Short(bytes.len()));
        }
        let (head, rest) = header(bytes)?;
        let mut fixed = Reader(&head[1..FIXED]);
        let [operation] = fixed.take();
        let length = usize::from(u16::from_be_bytes(fixed.take()));
        let mut packet = Self {
            operation,
            base: u32::from_be_bytes(fixed.take()),
            ..Self::default()
        };
        let number = |value: &[u8]| value.try_into().map(u32::from_be_bytes).ok();
        fields(&head[FIXED..], head[0], |kind, value| match kind {
            PEER_FIELD => packet.peer = value.try_into().ok(),
            ACK_FIELD => packet.ack = number(value),
            NAK_FIELD => packet.nak = number(value),
            _ => {}
        })?;
        let wrong = P2pError::Length {
            says: (head.len() + length + FOOTER) as u64,
            has: bytes.len(),
        };
        let (body, foot) = rest.split_at_checked(length).ok_or(wrong.clone())?;
        packet.footer = match foot.len() {
            0 => 0,
            FOOTER => u32::from_be_bytes(Reader(foot).take()),
            _ => return Err(wrong),
        };
        if !body.is_empty() {
            packet.data = Some(Data::read(body)?);
        }
        Ok(packet)
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = vec![0, self.operation, 0, 0];
        head.extend(self.base.to_be_bytes());
        if let Some(peer) = self.peer {
            field(&mut head, PEER_FIELD, &peer);
        }
        if let Some(ack) = self.ack {
            field(&mut head, ACK_FIELD, &ack.to_be_bytes());
        }
        if let Some(nak) = self.nak {
            field(&mut head, NAK_FIELD, &nak.to_be_bytes());
        }
        pad(&mut head);
        let body = self.data.map(|data| data.to_bytes()).unwrap_or_default();
        head[2..4].copy_from_slice(&(body.len() as u16).to_be_bytes());
        head.extend(body);
        head.extend(self.footer.to_be_bytes());
        head
    }

    /// Numbers that it takes: the length of what it carries, with the header of the data.
    pub fn length(&self) -> u32 {
        self.data.map_or(0, |data| data.to_bytes().len() as u32)
    }

    /// The acknowledgement of this message, with the number of the answerer's next byte.
    pub fn acknowledgement(&self, base: u32) -> Packet<'static> {
        Packet {
            base,
            ack: Some(self.base.wrapping_add(self.length())),
            // Whoever begins gets a beginning in answer, and answers that.
            operation: if self.operation & SYN == 0 {
                0
            } else {
                SYN | ACK_WANTED
            },
            peer: (self.operation & SYN != 0).then_some(PEER),
            ..Packet::default()
        }
    }
}

impl<'a> Data<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, P2pError> {
        let (head, piece) = header(bytes)?;
        let mut fixed = Reader(&head[1..FIXED]);
        let [kind] = fixed.take();
        let mut data = Self {
            kind,
            package: u16::from_be_bytes(fixed.take()),
            session: u32::from_be_bytes(fixed.take()),
            remaining: None,
            piece,
        };
        fields(&head[FIXED..], head[0], |kind, value| {
            if kind == REMAINING_FIELD {
                data.remaining = value.try_into().map(u64::from_be_bytes).ok();
            }
        })?;
        Ok(data)
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut out = vec![0, self.kind];
        out.extend(self.package.to_be_bytes());
        out.extend(self.session.to_be_bytes());
        if let Some(remaining) = self.remaining {
            field(&mut out, REMAINING_FIELD, &remaining.to_be_bytes());
        }
        pad(&mut out);
        out.extend_from_slice(self.piece);
        out
    }
}

fn field(out: &mut Vec<u8>, kind: u8, value: &[u8]) {
    out.push(kind);
    out.push(value.len() as u8);
    out.extend_from_slice(value);
}

/// Pads a header to a multiple of 4 bytes, and writes its length to its front.
fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
    out[0] = out.len() as u8;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By hand after the wiki's tables: begins, wants an acknowledgement, one piece `INVI` of a session that begins.
    const BEGINS: &[u8] = b"\x18\x03\0\x0c\x01\x02\x03\x04\x01\x0c\0\x02\0\0\0\x0e\0\0\x0f\x01\0\0\0\0\x08\x01\0\0\0\0\0\0INVI\0\0\0\0";
    /// A piece of a picture, with 5 bytes to come: footer 12.
    const PIECE: &[u8] =
        b"\x08\0\0\x15\0\0\x01\0\x14\x05\0\x07\0\0\0\x2a\x01\x08\0\0\0\0\0\0\0\x05\0\0!\0\0\0\x0c";

    #[test]
    fn literal_messages_are_read_written_and_acknowledged() {
        let packet = Packet::read(BEGINS).expect("a packet");
        assert_eq!(
            (packet.operation, packet.base),
            (SYN | ACK_WANTED, 0x0102_0304)
        );
        assert_eq!(packet.peer, Some(PEER));
        let data = packet.data.expect("data");
        assert_eq!(
            (data.kind, data.session, data.piece),
            (FIRST, 0, &b"INVI"[..])
        );
        assert_eq!(packet.to_bytes(), BEGINS);
        let ack = packet.acknowledgement(0x0a0b_0c0d);
        assert_eq!(
            ack.to_bytes(),
            b"\x1c\x03\0\0\x0a\x0b\x0c\x0d\x01\x0c\0\x02\0\0\0\x0e\0\0\x0f\x01\0\0\x02\x04\x01\x02\x03\x10\0\0\0\0"
        );
        let packet = Packet::read(PIECE).expect("a packet");
        let data = packet.data.expect("data");
        assert_eq!(
            (data.kind, data.package, data.session),
            (FIRST | OBJECT, 7, 42)
        );
        assert_eq!(
            (data.remaining, data.piece, packet.footer),
            (Some(5), &b"!"[..], 12)
        );
        assert_eq!(packet.to_bytes(), PIECE);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let wrong = |change: fn(&mut Vec<u8>)| {
            let mut bytes = BEGINS.to_vec();
            change(&mut bytes);
            Packet::read(&bytes).expect_err("refused")
        };
        assert_eq!(wrong(|b| b.truncate(7)), P2pError::Short(7));
        assert_eq!(wrong(|b| b[0] = 7), P2pError::Header(7));
        assert_eq!(wrong(|b| b[0] = 255), P2pError::Header(255));
        assert_eq!(wrong(|b| b[9] = 200), P2pError::Header(0x18));
        assert_eq!(wrong(|b| b[24] = 3), P2pError::Header(3));
        assert!(matches!(wrong(|b| b[2] = 9), P2pError::Length { .. }));
        assert!(matches!(wrong(|b| b.truncate(38)), P2pError::Length { .. }));
        assert!(matches!(wrong(|b| b.push(0)), P2pError::Length { .. }));
    }

    proptest! {
        #[test]
        fn any_bytes_cut_or_lengthened_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..120), head in 0_u8..40, length in 0_u8..100, cut in 0_usize..120) {
            if bytes.len() >= FIXED {
                bytes[0] = head;
                bytes[2..4].copy_from_slice(&[0, length]);
            }
            for input in [&bytes[..], &bytes[..cut.min(bytes.len())]] {
                if let Ok(packet) = Packet::read(input) {
                    let written = packet.to_bytes();
                    prop_assert_eq!(Packet::read(&written), Ok(packet));
                }
            }
        }

        #[test]
        fn a_packet_in_a_packet_comes_back(data in prop::collection::vec(any::<u8>(), 1..100), base: u32, session: u32, remaining: Option<u64>) {
            let wrap = |piece: &[u8]| Packet {
                base,
                data: Some(Data { session, remaining, piece, ..Data::default() }),
                ..Packet::default()
            }.to_bytes();
            let outer = wrap(&wrap(&data));
            let packet = Packet::read(&outer).expect("the outer one");
            let piece = packet.data.expect("data").piece;
            prop_assert_eq!(Packet::read(piece).expect("the inner one").data.expect("data").piece, &data[..]);
        }
    }
}
