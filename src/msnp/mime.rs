//! The payload of MSG: headers, a blank line, a body. Reading never fails: a faulty message is carried all the same, and
//! its faults are named.
//!
//! Headers come from clients and are hostile. Their number and length are bounded. Folded lines are joined. If a header
//! stands twice, the first counts. Source: RFC 2045 as far as clients use it; watched messages.

use std::borrow::Cow;

/// Headers that are read; further ones are passed over.
pub const MOST_HEADERS: usize = 64;
/// Bytes of the longest value of a header, with folded lines joined. The rest is cut off.
pub const MOST_VALUE: usize = 8 * 1024;
/// Bytes of the longest name of a header.
pub const MOST_NAME: usize = 128;

/// One header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name, as it was written.
    pub name: &'a str,
    /// Its value, without white space around it.
    pub value: Cow<'a, [u8]>,
}

/// A fault of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// No blank line: the headers go on to the end of the payload.
    #[error("no blank line ends its headers")]
    NoBlankLine,
    /// A line among the headers that is no header.
    #[error("a line of its headers is no header")]
    NotAHeader,
    /// More than [`MOST_HEADERS`].
    #[error("it has more than {MOST_HEADERS} headers")]
    TooMany,
    /// A value longer than [`MOST_VALUE`].
    #[error("a header is longer than {MOST_VALUE} bytes")]
    TooLong,
    /// The same header twice.
    #[error("a header stands twice: the first counts")]
    Twice,
}

/// A payload: headers and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mime<'a> {
    /// Its headers in their order, each name once.
    pub headers: Vec<Header<'a>>,
    /// What stands after the blank line; empty where there is none.
    pub body: &'a [u8],
    /// Its faults, each once, in order.
    pub faults: Vec<Fault>,
}

impl<'a> Mime<'a> {
    /// Reads a payload. Lines may end in a line feed alone.
    pub fn read(payload: &'a [u8]) -> Self {
        let mut message = Self {
            headers: Vec::new(),
            body: &[],
            faults: Vec::new(),
        };
        let mut rest = payload;
        // Whether the next folded line belongs to a header that was taken.
        let mut open = false;
        loop {
            let Some((line, after)) = line(rest) else {
                message.fault(Fault::NoBlankLine);
                return message.sorted();
            };
            rest = after;
            if line.is_empty() {
                message.body = rest;
                return message.sorted();
            }
            open = match line[0] {
                b' ' | b'\t' => message.fold(line, open),
                _ => message.header(line),
            };
        }
    }

    /// The value of a header, by its name in any case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let named = |header: &&Header<'_>| header.name.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|h| h.value.as_ref())
    }

    /// The same as text; `None` where it is not UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok()
    }

    /// The media type of its Content-Type without parameters, such as `text/plain`, as it was written.
    pub fn media_type(&self) -> Option<&str> {
        let value = self.text("Content-Type")?;
        Some(value.split(';').next().unwrap_or_default().trim())
    }

    fn fault(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn sorted(mut self) -> Self {
        self.faults.sort_unstable();
        self
    }

    /// Takes a line with a header. Gives back whether it was taken.
    fn header(&mut self, line: &'a [u8]) -> bool {
        let split = line.iter().position(|byte| *byte == b':');
        let name = split
            .map(|at| line[..at].trim_ascii())
            .filter(|name| {
                !name.is_empty() && name.len() <= MOST_NAME && name.iter().all(u8::is_ascii_graphic)
            })
            .and_then(|name| std::str::from_utf8(name).ok());
        let (Some(at), Some(name)) = (split, name) else {
            self.fault(Fault::NotAHeader);
            return false;
        };
        if self.get(name).is_some() {
            self.fault(Fault::Twice);
            return false;
        }
        if self.headers.len() == MOST_HEADERS {
            self.fault(Fault::TooMany);
            return false;
        }
        let mut value = line[at + 1..].trim_ascii();
        if value.len() > MOST_VALUE {
            self.fault(Fault::TooLong);
            value = &value[..MOST_VALUE];
        }
        self.headers.push(Header {
            name,
            value: Cow::Borrowed(value),
        });
        true
    }

    /// Adds a folded line to the last header.
    fn fold(&mut self, line: &[u8], open: bool) -> bool {
        let more = line.trim_ascii();
        match self.headers.last_mut() {
            Some(last) if open => {
                let room = MOST_VALUE.saturating_sub(last.value.len() + 1);
                let taken = more.get(..room).unwrap_or(more);
                if !taken.is_empty() {
                    let value = last.value.to_mut();
                    value.push(b' ');
                    value.extend_from_slice(taken);
                }
                if taken.len() < more.len() {
                    self.fault(Fault::TooLong);
                }
            }
            Some(_) => {}
            None => self.fault(Fault::NotAHeader),
        }
        open
    }
}

/// A line without its end, and what follows; `None` at the end of the bytes.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = match memchr::memchr(b'\n', bytes) {
        Some(end) => end,
        None if bytes.is_empty() => return None,
        None => return Some((bytes, &[])),
    };
    let line = &bytes[..end];
    Some((line.strip_suffix(b"\r").unwrap_or(line), &bytes[end + 1..]))
}

/// Writes headers, a blank line and a body. A value is one line: control characters in it become spaces.
pub fn write(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 256);
    for (name, value) in headers {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        let value = value.bytes();
        out.extend(value.map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WATCHED: &[u8] = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Helvetica; EF=; CO=000000; CS=0; PF=22\r\n\r\nhi from amsn-18";

    #[test]
    fn a_watched_message_is_read_and_written_back() {
        let message = Mime::read(WATCHED);
        assert_eq!(message.faults, []);
        assert_eq!(message.media_type(), Some("text/plain"));
        assert_eq!(
            message.text("x-mms-im-format"),
            Some("FN=Helvetica; EF=; CO=000000; CS=0; PF=22")
        );
        assert_eq!(message.body, b"hi from amsn-18");
        let headers: Vec<_> = message
            .headers
            .iter()
            .map(|h| (h.name, std::str::from_utf8(&h.value).expect("text")))
            .collect();
        assert_eq!(write(&headers, message.body), WATCHED);
    }

    #[test]
    fn headers_may_be_folded_doubled_and_in_any_case() {
        let message =
            Mime::read(b"A: one\r\n\ttwo\r\n  three\r\na: four\r\n five\r\nB:six\nC :  \n\nbody");
        assert_eq!(message.text("A"), Some("one two three"));
        assert_eq!(message.text("b"), Some("six"));
        assert_eq!(message.text("C"), Some(""));
        assert_eq!(message.body, b"body");
        assert_eq!(message.faults, [Fault::Twice]);
    }

    #[test]
    fn what_is_wrong_is_named_and_the_rest_is_read() {
        for (payload, faults) in [
            (&b""[..], &[Fault::NoBlankLine][..]),
            (b"A: b", &[Fault::NoBlankLine]),
            (b"nothing\r\nA: b\r\n\r\n", &[Fault::NotAHeader]),
            (b" folded\r\nA: b\r\n\r\n", &[Fault::NotAHeader]),
            (b": empty\r\nA: b\r\n\r\n", &[Fault::NotAHeader]),
            (b"A B: c\r\nA: b\r\n\r\n", &[Fault::NotAHeader]),
        ] {
            let message = Mime::read(payload);
            assert_eq!(message.faults, faults, "{payload:?}");
            assert_eq!(
                message.get("A").is_some(),
                !payload.is_empty(),
                "{payload:?}"
            );
        }
    }

    #[test]
    fn number_and_length_of_headers_are_bounded() {
        let many: String = (0..1_000).map(|n| format!("H{n}: v\r\n")).collect();
        let message = Mime::read(many.as_bytes());
        assert_eq!(message.headers.len(), MOST_HEADERS);
        assert_eq!(message.faults, [Fault::NoBlankLine, Fault::TooMany]);
        let long = format!("A: {0}\r\n {0}\r\n {0}\r\n\r\n", "x".repeat(5_000));
        let message = Mime::read(long.as_bytes());
        assert_eq!(message.get("A").map(<[u8]>::len), Some(MOST_VALUE));
        assert_eq!(message.faults, [Fault::TooLong]);
    }

    #[test]
    fn a_value_cannot_write_another_header() {
        let written = write(&[("A", "b\r\nC: d\0")], b"");
        assert_eq!(written, b"A: b  C: d \r\n\r\n");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_within_the_bounds(bytes in "[A-C:; \t\r\n\u{e9}\0]{0,200}", cut in 0_usize..200, raw: Vec<u8>) {
            let bytes = bytes.as_bytes();
            for input in [bytes, &bytes[..cut.min(bytes.len())], &raw] {
                let message = Mime::read(input);
                prop_assert!(message.headers.len() <= MOST_HEADERS);
                prop_assert!(message.headers.iter().all(|h| h.value.len() <= MOST_VALUE));
                prop_assert!(input.ends_with(message.body));
            }
        }

        #[test]
        fn what_is_written_is_read_back(value in "[ -~]{0,60}", body: Vec<u8>, outer in "[A-Z]{1,8}") {
            let inner = write(&[("Inner", &value)], &body);
            let written = write(&[(&outer, value.trim()), ("Content-Type", "message/rfc822")], &inner);
            let message = Mime::read(&written);
            prop_assert_eq!(message.text(&outer), Some(value.trim()));
            let nested = Mime::read(message.body);
            prop_assert_eq!(nested.text("Inner"), Some(value.trim()));
            prop_assert_eq!(nested.body, &body[..]);
        }
    }
}
