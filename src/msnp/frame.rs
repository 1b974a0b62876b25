//! Frames, and the decoder that cuts them out of a stream of bytes.
//!
//! A frame is a line, `VERB [transaction id] arguments… CR LF`. With some verbs a payload follows, which has no
//! terminator; the last token of the line is its length in bytes. The [`dictionary`] knows which verbs those are.

use super::line::{Direction, MAX_LINE, QUOTED, tokens};
use super::{TransactionId, dictionary};
use bytes::{Bytes, BytesMut};

/// One frame, as its bytes stood on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    wire: Bytes,
    line_length: u32,
    payload_at: Option<u32>,
    // These two are asked for often, so they are looked for once.
    verb: (u32, u32),
    transaction: Option<TransactionId>,
}

impl Frame {
    /// A frame of whole wire bytes that the caller wrote. The line ends at the first LF, or at the end. What follows, if
    /// anything, is its payload.
    pub fn from_wire(wire: Bytes) -> Self {
        let end = memchr::memchr(b'\n', &wire);
        let payload_at = end.map(|at| at + 1).filter(|at| *at < wire.len());
        let mut line = end.unwrap_or(wire.len());
        if line > 0 && end.is_some() && wire[line - 1] == b'\r' {
            line -= 1;
        }
        Self::cut(wire, line, payload_at)
    }

    fn cut(wire: Bytes, line_length: usize, payload_at: Option<usize>) -> Self {
        let (verb, transaction) = head(&wire[..line_length]);
        Self {
            wire,
            line_length: line_length as u32,
            payload_at: payload_at.map(|at| at as u32),
            verb,
            transaction,
        }
    }

    /// The same, but where nothing follows the line it has an empty payload (`ADL 5 0`). `None` where the line has no end.
    pub fn with_empty_payload(self) -> Option<Self> {
        let payload_at = match self.payload_at {
            Some(at) => at,
            None if self.wire.ends_with(b"\n") => self.wire.len() as u32,
            None => return None,
        };
        Some(Self {
            payload_at: Some(payload_at),
            ..self
        })
    }

    /// Every byte of it, terminator and payload included.
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// The line without its terminator.
    pub fn line(&self) -> &[u8] {
        &self.wire[..self.line_length as usize]
    }

    /// The payload; `None` where the verb has none.
    pub fn payload(&self) -> Option<&[u8]> {
        self.payload_at.map(|at| &self.wire[at as usize..])
    }

    /// Where the payload starts in [`Frame::wire`].
    pub fn payload_at(&self) -> Option<usize> {
        self.payload_at.map(|at| at as usize)
    }

    /// Whether its line has an end. A line that was too long to be read has none.
    pub fn is_whole(&self) -> bool {
        self.wire.len() > self.line_length as usize
    }

    /// Whether the line ended in LF alone.
    pub fn is_bare_lf(&self) -> bool {
        self.wire.get(self.line_length as usize) == Some(&b'\n')
    }

    /// The tokens of the line, with one space or more between them.
    pub fn tokens(&self) -> impl Iterator<Item = &[u8]> {
        tokens(self.line())
    }

    /// The first token, empty on an empty line.
    pub fn verb(&self) -> &[u8] {
        &self.wire[self.verb.0 as usize..self.verb.1 as usize]
    }

    /// The second token, if it is a transaction id.
    pub fn transaction(&self) -> Option<TransactionId> {
        self.transaction
    }
}

/// The place of the verb in a line, and the transaction id.
fn head(line: &[u8]) -> ((u32, u32), Option<TransactionId>) {
    let mut words = tokens(line);
    let Some(verb) = words.next() else {
        return ((0, 0), None);
    };
    let start = line.iter().take_while(|byte| **byte == b' ').count() as u32;
    let transaction = words.next().and_then(TransactionId::parse);
    ((start, start + verb.len() as u32), transaction)
}

/// Why the stream cannot be read any further. Each of these ends the connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No line end within [`MAX_LINE`].
    #[error(
        "a line of more than {MAX_LINE} bytes has no end: {}",
        dictionary::quoted(Direction::In, start, QUOTED)
    )]
    LineTooLong {
        /// Its first bytes, 64 at most.
        start: Bytes,
    },
    /// The length is missing, no plain decimal number, or beyond [`MAX_PAYLOAD`](super::line::MAX_PAYLOAD).
    #[error(
        "payload length {:?} {reason}",
        dictionary::shown(Direction::In, line, token)
    )]
    BadLength {
        /// The line.
        line: Bytes,
        /// The token that should have been the length.
        token: Bytes,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl FrameError {
    /// What its text quotes.
    pub fn quoted(&self) -> Vec<String> {
        match self {
            FrameError::LineTooLong { start } => {
                vec![dictionary::quoted(Direction::In, start, QUOTED)]
            }
            FrameError::BadLength { line, token, .. } => {
                let token = dictionary::shown(Direction::In, line, token);
                vec![format!("{token:?}")]
            }
        }
    }
}

/// Cuts frames out of a stream. It keeps its place in the buffer, so it looks at each byte once.
#[derive(Debug)]
pub struct Decoder {
    direction: Direction,
    scanned: usize,
    /// The frame whose line is complete.
    pending: Option<Pending>,
}

/// A frame whose line is complete.
#[derive(Debug, Clone, Copy)]
struct Pending {
    /// Bytes of the line.
    line: usize,
    /// Where a payload starts.
    body_at: usize,
    /// Bytes of the payload.
    payload: Option<usize>,
    /// Whether the verb is unknown. The last token of its line may then be no length at all.
    doubtful: bool,
}

impl Decoder {
    /// A decoder for what flows in this direction.
    pub fn new(direction: Direction) -> Self {
        Self {
            direction,
            scanned: 0,
            pending: None,
        }
    }

    /// The next whole frame of `buffer`, or `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`FrameError`]: where the next frame begins is lost for good.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        let mut pending = match self.pending {
            Some(pending) => pending,
            None => match self.line(buffer)? {
                Some(pending) => pending,
                None => return Ok(None),
            },
        };
        if pending.doubtful {
            match dictionary::begins_command(&buffer[pending.body_at..]) {
                Some(true) => pending.payload = None,
                Some(false) => {}
                // The bytes that follow are not there yet.
                None => {
                    self.pending = Some(pending);
                    return Ok(None);
                }
            }
            pending.doubtful = false;
        }
        let Pending {
            line: line_length,
            body_at,
            payload,
            ..
        } = pending;
        let whole = body_at + payload.unwrap_or(0);
        if buffer.len() < whole {
            self.pending = Some(pending);
            return Ok(None);
        }
        self.pending = None;
        self.scanned = 0;
        let wire = buffer.split_to(whole).freeze();
        Ok(Some(Frame::cut(
            wire,
            line_length,
            payload.map(|_| body_at),
        )))
    }

    fn line(&mut self, buffer: &BytesMut) -> Result<Option<Pending>, FrameError> {
        let Some(found) = memchr::memchr(b'\n', &buffer[self.scanned..]) else {
            self.scanned = buffer.len();
            // The byte after the limit may be the CR of a line of the longest length.
            if buffer.len() > MAX_LINE + 1 {
                return Err(too_long(buffer));
            }
            return Ok(None);
        };
        let end = self.scanned + found;
        let mut length = end;
        if length > 0 && buffer[length - 1] == b'\r' {
            length -= 1;
        }
        if length > MAX_LINE {
            return Err(too_long(buffer));
        }
        let line = &buffer[..length];
        let payload = dictionary::payload_length(self.direction, line).map_err(|bad| {
            FrameError::BadLength {
                line: Bytes::copy_from_slice(line),
                token: Bytes::copy_from_slice(bad.token),
                reason: bad.reason,
            }
        })?;
        let perhaps = dictionary::perhaps_length(self.direction, line);
        Ok(Some(Pending {
            line: length,
            body_at: end + 1,
            payload: payload.or(perhaps),
            doubtful: perhaps.is_some(),
        }))
    }
}

fn too_long(buffer: &BytesMut) -> FrameError {
    FrameError::LineTooLong {
        start: Bytes::copy_from_slice(&buffer[..QUOTED.min(buffer.len())]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::MAX_PAYLOAD;
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8], step: usize) -> (Vec<Frame>, Option<FrameError>) {
        let mut decoder = Decoder::new(Direction::In);
        let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
        for piece in bytes.chunks(step.max(1)) {
            buffer.extend_from_slice(piece);
            loop {
                match decoder.next(&mut buffer) {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(error) => return (frames, Some(error)),
                }
            }
        }
        (frames, None)
    }

    const CONVERSATION: &[u8] =
        b"VER 1 MSNP16 CVR0\r\nPNG\nUUX 9 4\r\nab\r\n\r\nADL 5 0\r\nOUT\r\n";

    #[test]
    fn cut_at_any_byte_it_is_the_same_frames() {
        let whole = all(CONVERSATION, CONVERSATION.len());
        assert_eq!(whole.1, None);
        assert_eq!(whole.0.len(), 6);
        assert_eq!(whole.0[2].payload(), Some(&b"ab\r\n"[..]));
        assert_eq!(whole.0[4].payload(), Some(&b""[..]));
        assert!(whole.0[1].is_bare_lf() && !whole.0[0].is_bare_lf());
        assert_eq!(whole.0[3].line(), b"");
        for step in 1..CONVERSATION.len() {
            assert_eq!(all(CONVERSATION, step), whole);
        }
    }

    #[test]
    fn the_payload_of_another_dialects_verb_and_of_an_unknown_one_is_no_command() {
        let stream = b"PUT 6 20\r\nPNG\r\nVER 1 MSNP1\r\n\r\nPNG\r\nXYZ 7 12\r\nto: somebodyPNG\r\nXYZ 8 12\r\nPNG\r\nXYZ 9\r\n";
        for step in 1..stream.len() {
            let (frames, error) = all(stream, step);
            assert_eq!(error, None);
            let seen: Vec<_> = frames
                .iter()
                .map(|f| (f.line(), f.payload().map(<[u8]>::len)))
                .collect();
            assert_eq!(
                seen,
                [
                    (&b"PUT 6 20"[..], Some(20)),
                    (b"PNG", None),
                    (b"XYZ 7 12", Some(12)),
                    (b"PNG", None),
                    // What follows is a command, so the number was no length.
                    (b"XYZ 8 12", None),
                    (b"PNG", None),
                    (b"XYZ 9", None),
                ]
            );
        }
    }

    #[test]
    fn a_length_is_digits_and_within_bounds() {
        for bad in [
            "99999999999",
            "-1",
            "-11",
            "+5",
            "1e9",
            "",
            "65537",
            "0x10",
            "18446744073709551616",
        ] {
            let line = format!("UUX 9 {bad}\r\n");
            let (frames, error) = all(line.as_bytes(), 3);
            assert!(frames.is_empty());
            assert!(
                matches!(error, Some(FrameError::BadLength { .. })),
                "{bad:?}: {error:?}"
            );
        }
        let line = format!("UUX 9 {MAX_PAYLOAD}\r\n");
        assert_eq!(all(line.as_bytes(), 100), (vec![], None));
    }

    #[test]
    fn a_line_without_an_end_is_given_up_at_the_limit() {
        let (_, error) = all(&vec![b'a'; 10_000_000], 4096);
        assert!(matches!(error, Some(FrameError::LineTooLong { .. })));
        let mut longest = vec![b'a'; MAX_LINE];
        longest.extend_from_slice(b"\r\n");
        for step in [1, 7, longest.len()] {
            assert_eq!(all(&longest, step).0.len(), 1);
        }
        longest.insert(0, b'a');
        for step in [1, 7, longest.len()] {
            assert!(all(&longest, step).1.is_some());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_give_the_same(bytes: Vec<u8>, step in 1usize..64) {
            prop_assert_eq!(all(&bytes, step).0, all(&bytes, bytes.len()).0);
        }

        #[test]
        fn frames_put_together_again_are_the_stream(
            lines in proptest::collection::vec("(PNG|UUX 1 3|VER 1|[A-Z]{3} [ -~]{0,20})\r\n", 0..20)
        ) {
            let stream: Vec<u8> = lines.concat().into_bytes();
            let (frames, error) = all(&stream, 5);
            if error.is_none() {
                let mut joined: Vec<u8> = frames.iter().flat_map(|f| f.wire().to_vec()).collect();
                prop_assert!(stream.starts_with(&joined));
                joined.truncate(stream.len());
            }
        }
    }
}
