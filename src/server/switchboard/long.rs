//! A long message of a client, put together from its pieces where it may show something that is to be fetched: a wink is
//! longer than one message carries.

use crate::msnp::extras;
use crate::msnp::mime::Mime;

/// The most bytes that are put together.
const MOST: usize = 16 * 1024;

/// The one that is being put together: the last that was begun.
#[derive(Debug, Default)]
pub(super) struct Long {
    id: String,
    /// How many pieces are missing.
    missing: usize,
    payload: Vec<u8>,
}

impl Long {
    /// Takes a piece. Gives back the whole message where this was the last of it.
    pub(super) fn take(&mut self, payload: &[u8], id: String, later: bool) -> Option<Vec<u8>> {
        let mime = Mime::read(payload);
        if !later {
            *self = Self::default();
            let pieces = mime.text("Chunks")?.trim().parse::<usize>().ok()?;
            if extras::may_show(payload) && payload.len() <= MOST {
                self.missing = pieces.checked_sub(1)?;
                self.id = id;
                self.payload = payload.to_vec();
            }
        } else if self.missing == 0 || self.id != id {
            return None;
        } else if self.payload.len() + mime.body.len() > MOST {
            *self = Self::default();
            return None;
        } else {
            self.missing -= 1;
            self.payload.extend_from_slice(mime.body);
        }
        let is_whole = self.missing == 0 && !self.payload.is_empty();
        is_whole.then(|| std::mem::take(self).payload)
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.payload.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn take(long: &mut Long, payload: &[u8]) -> Option<Vec<u8>> {
        let (id, later) = extras::piece_of(payload)?;
        long.take(payload, id, later)
    }

    #[test]
    fn the_pieces_of_a_wink_are_put_together_and_of_nothing_else() {
        let first = |kind: &str, pieces: usize| {
            format!(
                "MIME-Version: 1.0\r\nContent-Type: {kind}\r\nMessage-ID: {{1}}\r\nChunks: {pieces}\r\n\r\nID: 2\r\n"
            )
        };
        let later = |id: &str, number: usize, text: &str| {
            format!("Message-ID: {id}\r\nChunk: {number}\r\n\r\n{text}")
        };
        let wink = first("text/x-msnmsgr-datacast", 3);
        let mut long = Long::default();
        assert_eq!(take(&mut long, wink.as_bytes()), None);
        assert_eq!(take(&mut long, later("{2}", 1, "no").as_bytes()), None);
        assert_eq!(take(&mut long, later("{1}", 1, "Data: ").as_bytes()), None);
        let whole = take(&mut long, later("{1}", 2, "x").as_bytes());
        assert_eq!(whole, Some((wink.clone() + "Data: x").into_bytes()));
        assert_eq!((long.held(), long.missing), (0, 0));
        assert_eq!(take(&mut long, later("{1}", 3, "x").as_bytes()), None);

        assert_eq!(take(&mut long, first("text/plain", 2).as_bytes()), None);
        assert_eq!(long.held(), 0, "of a text nothing is kept");
        // More than is kept of one.
        take(&mut long, first("text/x-msnmsgr-datacast", 90).as_bytes());
        for number in 1..90 {
            let piece = later("{1}", number, &"x".repeat(1_202));
            assert_eq!(take(&mut long, piece.as_bytes()), None);
            assert!(long.held() <= 2 * MOST);
        }
        assert_eq!(long.held(), 0);
    }

    proptest! {
        #[test]
        fn any_pieces_are_taken_without_panic(
            pieces in proptest::collection::vec((0usize..4, "[0-9]{0,20}", any::<Vec<u8>>()), 0..8),
        ) {
            let mut long = Long::default();
            for (sort, number, body) in pieces {
                let head = match sort {
                    0 => format!("Content-Type: datacast\r\nMessage-ID: 1\r\nChunks: {number}\r\n\r\n"),
                    _ => format!("Message-ID: 1\r\nChunk: {number}\r\n\r\n"),
                };
                take(&mut long, &[head.as_bytes(), &body].concat());
                prop_assert!(long.held() <= 2 * MOST);
            }
        }
    }
}
