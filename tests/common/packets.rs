//! Peer-to-peer packets of a client, written by hand after the wiki's tables. Tests within the crate and over sockets have
//! them from here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// 48 bytes little-endian, data, 4 bytes big-endian.
pub fn first(
    session: u32,
    number: u32,
    (offset, total): (u64, u64),
    flags: u32,
    (acked, unique, acked_total): (u32, u32, u64),
    data: &[u8],
    footer: u32,
) -> Vec<u8> {
    [
        &session.to_le_bytes()[..],
        &number.to_le_bytes(),
        &offset.to_le_bytes(),
        &total.to_le_bytes(),
        &(data.len() as u32).to_le_bytes(),
        &flags.to_le_bytes(),
        &acked.to_le_bytes(),
        &unique.to_le_bytes(),
        &acked_total.to_le_bytes(),
        data,
        &footer.to_be_bytes(),
    ]
    .concat()
}

/// A header of 8 bytes, big-endian, one of the data with what is to come, data, 4 bytes.
pub fn later(session: u32, begins: bool, to_come: usize, data: &[u8]) -> Vec<u8> {
    let mut inner = vec![8, u8::from(begins), 0, u8::from(to_come > 0 || !begins)];
    inner.extend(session.to_be_bytes());
    if to_come > 0 {
        inner[0] = 20;
        inner.extend([1, 8]);
        inner.extend((to_come as u64).to_be_bytes());
        inner.extend([0, 0]);
    }
    inner.extend_from_slice(data);
    let length = (inner.len() as u16).to_be_bytes();
    let wants = if to_come == 0 { 2 } else { 0 };
    [&[8, wants][..], &length, &[0, 0, 0x10, 0], &inner, &[0; 4]].concat()
}

/// The context of a file transfer: 574 bytes, with size and name.
pub fn offer(size: u64, name: &str) -> String {
    let mut bytes = vec![0x3e, 2, 0, 0, 2, 0, 0, 0];
    bytes.extend(size.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(574, 0);
    BASE64.encode(bytes)
}
