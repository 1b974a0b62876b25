//! Makes an event of the bytes of one record. The bytes may come from a hostile hand: every length is compared with what
//! is there before room is made for it, and every number with what it can mean. The table of events says what the fields
//! are, and their bounds.

use super::format::{MAX_TEXT, flag};
use crate::event::table::{Bad, Source};
use crate::event::{ClientId, ConnectionId, Event, EventKind, Timestamp};
use bytes::{Bytes, BytesMut};

/// Bytes of a block into which requests and answers are copied. A journal lets go of them in the order in which they
/// came, so a block is freed soon after its first one.
const BLOCK: usize = 1024 * 1024;

/// Room for the bytes of many requests and answers. A recording of sign-ins has hundreds of thousands of them. With one
/// allocation for each, a full journal took 30 MB more.
#[derive(Debug, Default)]
pub struct Shared(BytesMut);

impl Shared {
    fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > BLOCK / 16 {
            // A journal may cut it. The rest of its block would then be kept for nothing.
            return Bytes::copy_from_slice(bytes);
        }
        if self.0.capacity() < bytes.len() {
            self.0 = BytesMut::with_capacity(BLOCK);
        }
        self.0.extend_from_slice(bytes);
        self.0.split().freeze()
    }
}

/// The event of a body. With `shared`, a frame is a piece of the body and keeps all that the body was cut from, and a
/// request or an answer is a piece of another block. Without it, each is a copy.
///
/// # Errors
/// What is wrong with it.
pub fn event(body: &Bytes, shared: Option<&mut Shared>) -> Result<Event, Bad> {
    let mut read = Body {
        rest: body,
        shared: shared.map(|shared| (body, shared)),
    };
    let kind = read.u8()?;
    let flags = read.u8()?;
    if flags & !(flag::CONNECTION | flag::CLIENT) != 0 {
        return Err("flags that are not known");
    }
    let time = Timestamp(read.u64()?);
    let connection = match flags & flag::CONNECTION {
        0 => None,
        _ => Some(ConnectionId(read.u64()?)),
    };
    let client = match flags & flag::CLIENT {
        0 => None,
        _ => Some(ClientId(read.u64()?)),
    };
    let kind = EventKind::read(kind, &mut read)?;
    if !read.rest.is_empty() {
        return Err("bytes after the end of the event");
    }
    Ok(Event {
        time,
        connection,
        client,
        kind,
    })
}

struct Body<'a> {
    rest: &'a [u8],
    shared: Option<(&'a Bytes, &'a mut Shared)>,
}

impl<'a> Body<'a> {
    fn bytes(&mut self) -> Result<&'a [u8], Bad> {
        let length = self.u32()? as usize;
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or("it ends within a field")?;
        self.rest = rest;
        Ok(taken)
    }
}

impl Source for Body<'_> {
    fn left(&self) -> usize {
        self.rest.len()
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let (taken, rest) = self
            .rest
            .split_first_chunk()
            .ok_or("it ends within a field")?;
        self.rest = rest;
        Ok(*taken)
    }

    fn text(&mut self) -> Result<&str, Bad> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| "a text that is not UTF-8")?;
        // Recordings from before there was a bound may have longer texts: replies that name very many contacts.
        Ok(&text[..text.floor_char_boundary(MAX_TEXT)])
    }

    fn wire(&mut self) -> Result<Bytes, Bad> {
        let wire = self.bytes()?;
        Ok(match &self.shared {
            Some((body, _)) => body.slice_ref(wire),
            None => Bytes::copy_from_slice(wire),
        })
    }

    fn message(&mut self) -> Result<Bytes, Bad> {
        let bytes = self.bytes()?;
        Ok(match &mut self.shared {
            Some((_, shared)) => shared.copy(bytes),
            None => Bytes::copy_from_slice(bytes),
        })
    }
}
