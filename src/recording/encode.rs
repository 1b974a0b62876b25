//! Makes the bytes of one record of an event. The table of events says which fields it has, and in which order; a golden
//! file holds it to that. The other half is `decode`.

use super::crc::crc32;
use super::format::{HEAD, MAX_RECORD, MAX_TEXT, flag};
use crate::event::Event;
use crate::event::table::Sink;

/// Appends the record of this event: length, checksum, body.
///
/// # Errors
/// The bytes of a body that is longer than [`MAX_RECORD`]. Nothing is appended then.
pub fn append(event: &Event, out: &mut Vec<u8>) -> Result<(), usize> {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    let mut body = Body(out);
    body.u8(event.kind.number());
    body.u8(
        event.connection.map_or(0, |_| flag::CONNECTION) | event.client.map_or(0, |_| flag::CLIENT)
    );
    body.u64(event.time.0);
    if let Some(connection) = event.connection {
        body.u64(connection.0);
    }
    if let Some(client) = event.client {
        body.u64(client.0);
    }
    event.kind.write(&mut body);
    let length = out.len() - start - HEAD;
    if length > MAX_RECORD {
        out.truncate(start);
        return Err(length);
    }
    let size = (length as u32).to_le_bytes();
    let sum = crc32(&[&size, &out[start + HEAD..]]);
    out[start..start + 4].copy_from_slice(&size);
    out[start + 4..start + HEAD].copy_from_slice(&sum.to_le_bytes());
    Ok(())
}

struct Body<'a>(&'a mut Vec<u8>);

impl Sink for Body<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(&text.as_bytes()[..text.floor_char_boundary(MAX_TEXT)]);
    }
}
