//! The header of MSNC1 and its followers: 48 bytes, little-endian, and a footer of 4 bytes, big-endian.

use super::{P2pError, Reader};

/// Bytes of the header.
pub const HEADER: usize = 48;
/// Bytes of the footer.
pub const FOOTER: usize = 4;

/// Bits of [`Header::flags`], with their meanings.
pub const FLAGS: &[(u32, &str)] = &[
    (NAK, "out of order"),
    (ACK, "acknowledgement"),
    (WAITING, "waiting for a reply"),
    (ERROR, "error"),
    (FILE, "file"),
    (DATA, "data"),
    (CLOSING, "session closed"),
    (0x80, "error of the transport"),
    (0x100, "key of a direct connection"),
    (0x0100_0000, "later client"),
];

/// A piece came out of order.
pub const NAK: u32 = 0x1;
/// An acknowledgement of a whole message.
pub const ACK: u32 = 0x2;
/// A reply was expected and did not come.
pub const WAITING: u32 = 0x4;
/// An error: the session is over.
pub const ERROR: u32 = 0x8;
/// Beside [`DATA`] and the bit of later clients: data of a file.
pub const FILE: u32 = 0x10;
/// Data of a picture or an emoticon.
pub const DATA: u32 = 0x20;
/// The receiver has closed the session.
pub const CLOSING: u32 = 0x40;

/// The header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Header {
    /// The session; 0 while sessions are begun and ended.
    pub session: u32,
    /// The number of this message; the pieces of one share it.
    pub identifier: u32,
    /// Where this piece begins in the whole.
    pub offset: u64,
    /// The size of the whole.
    pub total: u64,
    /// The size of this piece.
    pub length: u32,
    /// See [`FLAGS`].
    pub flags: u32,
    /// Of an acknowledgement: the identifier of what is acknowledged. Else a number by chance.
    pub ack_identifier: u32,
    /// Of an acknowledgement: what `ack_identifier` was in what is acknowledged.
    pub ack_unique: u32,
    /// Of an acknowledgement: the size of what is acknowledged.
    pub ack_total: u64,
}

impl Header {
    /// The header in these bytes, whatever it says. It is not compared with what stands behind it.
    pub fn read(bytes: &[u8; HEADER]) -> Self {
        let mut head = Reader(bytes);
        Self {
            session: u32::from_le_bytes(head.take()),
            identifier: u32::from_le_bytes(head.take()),
            offset: u64::from_le_bytes(head.take()),
            total: u64::from_le_bytes(head.take()),
            length: u32::from_le_bytes(head.take()),
            flags: u32::from_le_bytes(head.take()),
            ack_identifier: u32::from_le_bytes(head.take()),
            ack_unique: u32::from_le_bytes(head.take()),
            ack_total: u64::from_le_bytes(head.take()),
        }
    }
}

/// A header, its piece of data and its footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The header.
    pub header: Header,
    /// The piece.
    pub data: &'a [u8],
    /// What the session is for; 0 while sessions are begun and ended.
    pub footer: u32,
}

impl<'a> Packet<'a> {
    /// Reads one. A missing footer counts as 0.
    ///
    /// # Errors
    /// [`P2pError`] where lengths do not add up.
    pub fn read(bytes: &'a [u8]) -> Result<Self, P2pError> {
        let (head, rest) = bytes
            .split_first_chunk()
            .ok_or(P2pError::Short(bytes.len()))?;
        let header = Header::read(head);
        let wrong = || P2pError::Length {
            says: u64::from(header.length) + (HEADER + FOOTER) as u64,
            has: bytes.len(),
        };
        let length = usize::try_from(header.length).map_err(|_| wrong())?;
        if rest.len() < length {
            return Err(wrong());
        }
        let (data, foot) = rest.split_at(length);
        let footer = match foot.len() {
            0 => 0,
            FOOTER => u32::from_be_bytes(Reader(foot).take()),
            _ => return Err(wrong()),
        };
        let end = header.offset.checked_add(u64::from(header.length));
        match end {
            Some(end) if length == 0 || end <= header.total => {}
            end => {
                return Err(P2pError::Range {
                    offset: header.offset,
                    end: end.unwrap_or(u64::MAX),
                    total: header.total,
                });
            }
        }
        Ok(Self {
            header,
            data,
            footer,
        })
    }

    /// The header as bytes; `length` is the length of the data.
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = &self.header;
        let mut out = Vec::with_capacity(HEADER + self.data.len() + FOOTER);
        out.extend(header.session.to_le_bytes());
        out.extend(header.identifier.to_le_bytes());
        out.extend(header.offset.to_le_bytes());
        out.extend(header.total.to_le_bytes());
        out.extend((self.data.len() as u32).to_le_bytes());
        out.extend(header.flags.to_le_bytes());
        out.extend(header.ack_identifier.to_le_bytes());
        out.extend(header.ack_unique.to_le_bytes());
        out.extend(header.ack_total.to_le_bytes());
        out.extend_from_slice(self.data);
        out.extend(self.footer.to_be_bytes());
        out
    }

    /// The acknowledgement of the whole message to which this piece belongs.
    pub fn acknowledgement(&self, identifier: u32) -> Packet<'static> {
        Packet {
            header: Header {
                session: self.header.session,
                identifier,
                total: self.header.total,
                flags: ACK,
                ack_identifier: self.header.identifier,
                ack_unique: self.header.ack_identifier,
                ack_total: self.header.total,
                ..Header::default()
            },
            data: &[],
            footer: self.footer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The header of an invitation of aMSN 0.99b, as watched, with a shorter text.
    const WATCHED: &[u8] = b"\0\0\0\0\xbc\x90\xf2,\0\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\xd6\xf3\xb2\xd0\0\0\0\0\0\0\0\0\0\0\0\0INVI\0\0\0\0";

    #[test]
    fn a_watched_header_is_read_written_and_acknowledged() {
        let packet = Packet::read(WATCHED).expect("a packet");
        assert_eq!(packet.header.session, 0);
        assert_eq!(packet.header.identifier, 0x2cf2_90bc);
        assert_eq!((packet.header.total, packet.header.length), (4, 4));
        assert_eq!(packet.header.ack_identifier, 0xd0b2_f3d6);
        assert_eq!((packet.data, packet.footer), (&b"INVI"[..], 0));
        assert_eq!(packet.to_bytes(), WATCHED);
        assert_eq!(
            packet.acknowledgement(0x0403_0201).to_bytes(),
            b"\0\0\0\0\x01\x02\x03\x04\0\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\xbc\x90\xf2,\xd6\xf3\xb2\xd0\x04\0\0\0\0\0\0\0\0\0\0\0"
        );
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        assert_eq!(Packet::read(&[0; 47]), Err(P2pError::Short(47)));
        let wrong = |change: fn(&mut Vec<u8>)| {
            let mut bytes = WATCHED.to_vec();
            change(&mut bytes);
            Packet::read(&bytes).expect_err("refused")
        };
        assert!(matches!(
            wrong(|b| b.truncate(50)),
            P2pError::Length { has: 50, .. }
        ));
        assert!(matches!(wrong(|b| b.truncate(54)), P2pError::Length { .. }));
        assert!(matches!(wrong(|b| b.push(0)), P2pError::Length { .. }));
        assert!(matches!(
            wrong(|b| b[24..28].fill(0xff)),
            P2pError::Length { .. }
        ));
        assert!(matches!(
            wrong(|b| b[8..16].fill(0xff)),
            P2pError::Range { end: u64::MAX, .. }
        ));
        assert!(matches!(
            wrong(|b| b[8] = 1),
            P2pError::Range {
                offset: 1,
                end: 5,
                total: 4
            }
        ));
        assert_eq!(Packet::read(&WATCHED[..52]).map(|p| p.footer), Ok(0));
    }

    proptest! {
        #[test]
        fn any_bytes_cut_or_lengthened_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200), length in 0_u32..120, cut in 0_usize..200) {
            if bytes.len() >= HEADER {
                bytes[24..28].copy_from_slice(&length.to_le_bytes());
                bytes[12..16].fill(0);
            }
            for input in [&bytes[..], &bytes[..cut.min(bytes.len())]] {
                if let Ok(packet) = Packet::read(input) {
                    prop_assert_eq!(packet.data.len(), packet.header.length as usize);
                    let written = packet.to_bytes();
                    prop_assert_eq!(Packet::read(&written), Ok(packet));
                }
            }
        }

        #[test]
        fn a_packet_in_a_packet_comes_back(data: Vec<u8>, session: u32, footer: u32) {
            let wrap = |data: &[u8]| Packet {
                header: Header { session, total: data.len() as u64, length: data.len() as u32, ..Header::default() },
                data,
                footer,
            }.to_bytes();
            let outer = wrap(&wrap(&data));
            let packet = Packet::read(&outer).expect("the outer one");
            prop_assert_eq!(Packet::read(packet.data).expect("the inner one").data, &data[..]);
        }
    }
}
