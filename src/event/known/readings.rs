//! How a reader would decode what a client wrote: percent, entities, escapes, and what else a secret may be written in.

use crate::msnp::escape::is_unsafe_on_screen;
use crate::msnp::percent::hex;
use std::ops::Range;

/// An encoding in which a client may write the letters of a secret: the sign that it begins with, and a function that
/// decodes what follows and says how many bytes that takes.
pub(super) struct Reading {
    pub(super) sign: u8,
    read: fn(&[u8]) -> Option<(Read, usize)>,
}

/// What is read.
enum Read {
    Nothing,
    Byte(u8),
    Character(char),
}

pub(super) const READINGS: [Reading; 7] = [
    Reading {
        sign: b'%',
        read: percent,
    },
    Reading {
        sign: b'&',
        read: entity,
    },
    Reading {
        sign: b'\\',
        read: escape,
    },
    Reading {
        sign: b'=',
        read: quoted_printable,
    },
    Reading {
        sign: b'+',
        read: |_| Some((Read::Byte(b' '), 1)),
    },
    Reading {
        sign: b'\n',
        read: fold,
    },
    // UTF-16, in which the letters of most secrets are a byte and a zero.
    Reading {
        sign: 0,
        read: |_| Some((Read::Nothing, 1)),
    },
];

/// Times that base64 and hexadecimal digits are unpacked, one within another.
pub(super) const PACKED: usize = 2;
/// Letters of the shortest base64 that is unpacked: those of the shortest secret in a further encoding.
const LEAST_BASE64: usize = 11;
/// Pairs of digits, likewise: with signs between them a secret may stand there as it is.
const LEAST_PAIRS: usize = 6;
/// Stands between what was unpacked of two places: no secret has it.
const BETWEEN: u8 = 0xff;

/// Encodings that are decoded within one another.
pub(super) const DEPTH: usize = 2;
/// Bytes of the longest text that is decoded. Longer ones are texts that the service itself made of the roster.
pub(super) const LONGEST_READ: usize = 512 * 1024;

/// What a reader of XML takes no notice of.
const MARKUP: Reading = Reading {
    sign: b'<',
    read: |bytes| match bytes.first()? {
        b'<' => markup(bytes),
        _ => bytes.starts_with(b"]]>").then_some((Read::Nothing, 3)),
    },
};

/// A character that does not show.
const UNSEEN: Reading = Reading {
    sign: 0x80,
    read: |bytes| {
        let (c, length) = character(bytes)?;
        is_unsafe_on_screen(c).then_some((Read::Nothing, length))
    },
};

/// Times that everything is decoded at once, one within another.
pub(super) const CHAIN: usize = 4;

/// All of them at once, but those that take a letter away which is a password's own as often.
const ALL: Reading = Reading {
    sign: b'%',
    read: |bytes| match bytes.first()? {
        b'%' => percent(bytes),
        b'&' => entity(bytes),
        b'=' => quoted_printable(bytes),
        _ => escape(bytes),
    },
};

/// A piece of decoded bytes.
struct Piece {
    /// Where it begins in them.
    start: u32,
    /// Where it stands in what was written, byte by byte from there on.
    at: u32,
    /// Where it ends there: what was taken away stands behind it.
    end: u32,
}

/// Decoded bytes, and where each of them, and their end, stands in what was written.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    pieces: Vec<Piece>,
    written: usize,
}

impl View {
    /// `None` where nothing is encoded in this way. Bytes that are not encoded are taken over in whole runs: a long text has
    /// few signs, or many that mean nothing.
    pub(super) fn of(written: &[u8], reading: &Reading) -> Option<Self> {
        let next = |from: &[u8]| memchr::memchr(reading.sign, from);
        Self::with(written, reading, next)
    }

    /// The same of all encodings at once.
    pub(super) fn of_all(written: &[u8]) -> Option<Self> {
        let is = |byte: &u8| matches!(byte, b'%' | b'&' | b'\\' | b'=');
        Self::with(written, &ALL, |from| from.iter().position(is))
    }

    /// The text between the tags of XML.
    pub(super) fn of_text(written: &[u8]) -> Option<Self> {
        let next = |from: &[u8]| memchr::memchr2(b'<', b']', from);
        Self::with(written, &MARKUP, next)
    }

    /// What is left when that is taken away which nobody sees.
    pub(super) fn of_seen(written: &[u8]) -> Option<Self> {
        let may_be = |b: &u8| !matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n');
        Self::with(written, &UNSEEN, |from| from.iter().position(may_be))
    }

    /// What is packed in base64, each place from its first letter on. A `/` ends a place: in a path it is no letter, and
    /// nothing that is encoded a second time has one.
    pub(super) fn of_base64(written: &[u8]) -> Option<Self> {
        let mut view = Self::empty(written.len());
        let mut at = LEAST_BASE64 - 1;
        // A long enough place has a letter at one of these.
        while let Some(byte) = written.get(at) {
            if sextet(*byte).is_none() {
                at += LEAST_BASE64;
                continue;
            }
            let before = written[..at].iter().rev();
            let start = at - before.take_while(|b| sextet(**b).is_some()).count();
            let run = written[start..].iter().map_while(|b| sextet(*b));
            let (mut bits, mut held) = (0_u32, 0);
            let mark = (view.bytes.len(), view.pieces.len());
            let mut end = start;
            for letter in run {
                (bits, held, end) = (bits << 6 | letter, held + 6, end + 1);
                if held >= 8 {
                    held -= 8;
                    view.put(&[(bits >> held) as u8], end - 2, end);
                }
            }
            if end - start < LEAST_BASE64 {
                view.bytes.truncate(mark.0);
                view.pieces.truncate(mark.1);
            } else {
                view.put(&[BETWEEN], end, end);
            }
            at = end + LEAST_BASE64;
        }
        (!view.bytes.is_empty()).then_some(view)
    }

    /// What is written in hexadecimal digits, with one sign between two pairs or none.
    pub(super) fn of_digits(written: &[u8]) -> Option<Self> {
        let mut view = Self::empty(written.len());
        let pair = |at: usize| match written.get(at..at + 2)? {
            [high, low] => Some(hex(*high)? << 4 | hex(*low)?),
            _ => None,
        };
        let mut at = 0;
        while at + 2 * LEAST_PAIRS <= written.len() {
            let mark = (view.bytes.len(), view.pieces.len());
            let mut end = at;
            while let Some(read) = pair(end) {
                view.put(&[read], end, end + 2);
                end += 2;
                let between = written.get(end).is_some_and(|b| b" :-,".contains(b));
                end += usize::from(between && pair(end + 1).is_some());
            }
            if view.bytes.len() - mark.0 < LEAST_PAIRS {
                view.bytes.truncate(mark.0);
                view.pieces.truncate(mark.1);
                // A digit more before the first pair.
                at = end.max(at + 1);
            } else {
                view.put(&[BETWEEN], end, end);
                at = end;
            }
        }
        (!view.bytes.is_empty()).then_some(view)
    }

    fn empty(written: usize) -> Self {
        Self {
            bytes: Vec::new(),
            pieces: Vec::new(),
            written,
        }
    }

    fn with(
        written: &[u8],
        reading: &Reading,
        next: impl Fn(&[u8]) -> Option<usize>,
    ) -> Option<Self> {
        let mut view: Option<Self> = None;
        // Up to where it is in the view.
        let mut at = 0;
        let mut from = 0;
        while let Some(sign) = next(&written[from..]) {
            let sign = from + sign;
            let Some((read, length)) = (reading.read)(&written[sign..]) else {
                from = sign + 1;
                continue;
            };
            let view = view.get_or_insert_with(|| Self {
                bytes: Vec::with_capacity(written.len()),
                pieces: Vec::new(),
                written: written.len(),
            });
            view.put(&written[at..sign], at, sign);
            match read {
                Read::Nothing => {
                    // A folded line includes the carriage return before it.
                    if reading.sign == b'\n' && view.bytes.last() == Some(&b'\r') {
                        view.bytes.pop();
                    }
                }
                Read::Byte(byte) => view.put(&[byte], sign, sign + length),
                Read::Character(c) => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        view.put(&[byte], sign, sign + length);
                    }
                }
            }
            at = sign + length;
            from = at;
        }
        let mut view = view?;
        view.put(&written[at..], at, written.len());
        Some(view)
    }

    fn put(&mut self, bytes: &[u8], at: usize, end: usize) {
        if !bytes.is_empty() {
            let start = self.bytes.len() as u32;
            // One that was taken back begins no piece.
            while self.pieces.last().is_some_and(|piece| piece.start >= start) {
                self.pieces.pop();
            }
            self.pieces.push(Piece {
                start,
                at: at as u32,
                end: end as u32,
            });
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Where this byte of the view stands in what was written.
    pub(super) fn at(&self, place: usize) -> usize {
        match self.piece(place) {
            Some(piece) if place < self.bytes.len() => {
                piece.at as usize + place - piece.start as usize
            }
            _ => self.written,
        }
    }

    /// Where these bytes of the view stand in what was written.
    pub(super) fn range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.at(range.start);
        let last = range.end.checked_sub(1).and_then(|last| self.piece(last));
        let next = self.piece(range.end).map(|next| next.start as usize);
        let end = match last {
            Some(piece) if next == Some(range.end) || range.end >= self.bytes.len() => {
                piece.end as usize
            }
            _ => self.at(range.end),
        };
        start..end.max(start)
    }

    /// The piece in which this byte is.
    fn piece(&self, place: usize) -> Option<&Piece> {
        let next = self
            .pieces
            .partition_point(|piece| piece.start as usize <= place);
        self.pieces.get(next.checked_sub(1)?)
    }
}

/// The character that begins these bytes, and its length.
fn character(bytes: &[u8]) -> Option<(char, usize)> {
    let chunk = bytes[..bytes.len().min(4)].utf8_chunks().next()?;
    let c = chunk.valid().chars().next()?;
    Some((c, c.len_utf8()))
}

/// The six bits of a letter of base64, in either alphabet.
fn sextet(letter: u8) -> Option<u32> {
    let place = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(place.into())
}

/// A line end within a text, with the blanks behind it.
fn fold(bytes: &[u8]) -> Option<(Read, usize)> {
    let blanks = bytes[1..].iter().take_while(|b| matches!(b, b' ' | b'\t'));
    let length = 1 + blanks.count();
    (length < bytes.len()).then_some((Read::Nothing, length))
}

/// `%HH`, and `%uHHHH` as scripts of the time write it.
fn percent(bytes: &[u8]) -> Option<(Read, usize)> {
    if let Some(b'u' | b'U') = bytes.get(1) {
        let c = char::from_u32(number(bytes.get(2..6)?, 16)?)?;
        return Some((Read::Character(c), 6));
    }
    Some((Read::Byte(byte(bytes.get(1..3)?)?), 3))
}

/// A comment, the mark of CDATA, or a tag.
fn markup(bytes: &[u8]) -> Option<(Read, usize)> {
    /// Bytes of the longest one that is passed over.
    const LONGEST: usize = 256;
    const CDATA: &[u8] = b"<![CDATA[";
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let length = if bytes.starts_with(CDATA) {
        CDATA.len()
    } else if bytes.starts_with(b"<!--") {
        memchr::memmem::find(bytes, b"-->")? + 3
    } else {
        memchr::memchr(b'>', bytes)? + 1
    };
    Some((Read::Nothing, length))
}

fn quoted_printable(bytes: &[u8]) -> Option<(Read, usize)> {
    match bytes.get(1..3)? {
        b"\r\n" => Some((Read::Nothing, 3)),
        [b'\n', _] => Some((Read::Nothing, 2)),
        digits => Some((Read::Byte(byte(digits)?), 3)),
    }
}

/// Two digits of base 16.
fn byte(digits: &[u8]) -> Option<u8> {
    u8::try_from(number(digits, 16)?).ok()
}

/// A number of this base.
fn number(digits: &[u8], base: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, base).ok()
}

fn entity(bytes: &[u8]) -> Option<(Read, usize)> {
    /// Bytes of the longest entity that is decoded: a number may have zeros before it.
    const LONGEST: usize = 40;
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    // Browsers take a number without its semicolon too.
    let digits = |from: usize, base: u32| {
        let is = |b: &&u8| char::from(**b).is_digit(base);
        from + bytes[from..].iter().take_while(is).count()
    };
    let end = match bytes {
        [_, b'#', b'x' | b'X', ..] => digits(3, 16),
        [_, b'#', ..] => digits(2, 10),
        _ => memchr::memchr(b';', bytes)?,
    };
    let c = match &bytes[1..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => return None,
    };
    let semicolon = usize::from(bytes.get(end) == Some(&b';'));
    Some((Read::Character(c), end + semicolon))
}

fn escape(bytes: &[u8]) -> Option<(Read, usize)> {
    match bytes.get(1)? {
        b'u' => {
            let c = char::from_u32(number(bytes.get(2..6)?, 16)?)?;
            Some((Read::Character(c), 6))
        }
        b'x' => Some((Read::Byte(byte(bytes.get(2..4)?)?), 4)),
        b'0'..=b'3'
            if bytes
                .get(1..4)
                .is_some_and(|digits| number(digits, 8).is_some()) =>
        {
            let byte = u8::try_from(number(bytes.get(1..4)?, 8)?).ok()?;
            Some((Read::Byte(byte), 4))
        }
        byte => Some((Read::Byte(*byte), 2)),
    }
}
