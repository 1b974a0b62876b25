//! Takes a recorded HTTP message apart.

use crate::msnp::escape::to_text;
use memchr::memmem;

/// Header fields that are taken apart at most. nudge takes a head of 64 KiB at most, but a recording may hold any.
const MOST_HEADERS: usize = 4_096;

/// The parts of a request or an answer. What is not UTF-8 is escaped as [`to_text`] does it.
#[derive(Debug)]
pub struct Message<'a> {
    /// The request line or status line.
    pub start: String,
    /// The header fields, in order, as spelled.
    pub headers: Vec<(String, String)>,
    /// Lines of the head beyond those that are taken apart.
    pub more: usize,
    /// Bytes of the start and the headers, with their line ends and the blank line.
    pub head: usize,
    /// All that follows.
    pub body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Takes a message apart. Any bytes have these parts; some may be empty.
    pub fn new(bytes: &'a [u8]) -> Self {
        let head = head_of(bytes);
        let mut lines = bytes[..head]
            .split(|b| *b == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let start = lines.next().map(to_text).unwrap_or_default();
        let mut lines = lines.take_while(|line| !line.is_empty());
        let headers = lines
            .by_ref()
            .take(MOST_HEADERS)
            .map(|line| match memchr::memchr(b':', line) {
                Some(at) => (to_text(&line[..at]), to_text(line[at + 1..].trim_ascii())),
                None => (to_text(line), String::new()),
            })
            .collect();
        Self {
            start,
            headers,
            more: lines.count(),
            head,
            body: &bytes[head..],
        }
    }

    /// The value of a header, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The word at this place of the first line.
    pub fn word(&self, at: usize) -> &str {
        self.start.split(' ').nth(at).unwrap_or_default()
    }
}

fn head_of(bytes: &[u8]) -> usize {
    let crlf = memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4);
    let lf = memmem::find(bytes, b"\n\n").map(|at| at + 2);
    crlf.into_iter().chain(lf).min().unwrap_or(bytes.len())
}

/// The same message with the right `Content-Length`: masking may have changed the length of the body, and a body that
/// came in chunks is recorded without them. A message without the header gets one if `always` is set.
pub fn with_true_length(bytes: &[u8], always: bool) -> Vec<u8> {
    let head = head_of(bytes);
    let length = bytes.len() - head;
    let mut out = Vec::with_capacity(bytes.len() + 32);
    let mut written = false;
    for line in bytes[..head].split_inclusive(|b| *b == b'\n') {
        let name = &line[..memchr::memchr(b':', line).unwrap_or(0)];
        let is_length = name.eq_ignore_ascii_case(b"content-length");
        let is_chunked = name.eq_ignore_ascii_case(b"transfer-encoding");
        let is_blank = matches!(line, b"\r\n" | b"\n");
        if (is_length || is_chunked || (is_blank && always)) && !written {
            let name = if is_length { name } else { b"Content-Length" };
            out.extend_from_slice(name);
            out.extend_from_slice(format!(": {length}\r\n").as_bytes());
            written = true;
        }
        if !is_length && !is_chunked {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(&bytes[head..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_parts_and_a_wreck_has_some() {
        let message = Message::new(b"GET /a HTTP/1.1\r\nHost: b\r\nX\r\n\r\nbody\r\n\r\n");
        assert_eq!(
            (message.start.as_str(), message.word(1)),
            ("GET /a HTTP/1.1", "/a")
        );
        assert_eq!(message.header("host"), Some("b"));
        assert_eq!(message.headers[1], ("X".to_owned(), String::new()));
        assert_eq!(message.body, b"body\r\n\r\n");
        for wreck in [&b""[..], b"\n", b"\xff", b"a: b", b"\r\n\r\n"] {
            let message = Message::new(wreck);
            assert_eq!(message.head + message.body.len(), wreck.len());
        }
    }

    #[test]
    fn a_head_of_any_length_is_taken_apart_to_a_bound() {
        let head = "a: b\n".repeat(MOST_HEADERS + 10);
        let message = Message::new(head.as_bytes());
        // The first of them is the start.
        assert_eq!((message.headers.len(), message.more), (MOST_HEADERS, 9));
        assert_eq!(
            Message::new(b"GET / HTTP/1.1\r\nA: b\r\n\r\nbody\nmore").more,
            0
        );
    }

    #[test]
    fn lengths_become_true() {
        let fixed = |bytes: &[u8], always| {
            String::from_utf8(with_true_length(bytes, always)).expect("text")
        };
        assert_eq!(
            fixed(
                b"POST / HTTP/1.1\r\ncontent-length: 99\r\nA: b\r\n\r\n***",
                false
            ),
            "POST / HTTP/1.1\r\ncontent-length: 3\r\nA: b\r\n\r\n***"
        );
        assert_eq!(
            fixed(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nab",
                false
            ),
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
        );
        assert_eq!(
            fixed(b"GET / HTTP/1.1\r\n\r\n", false),
            "GET / HTTP/1.1\r\n\r\n"
        );
        assert_eq!(
            fixed(b"HTTP/1.1 200 OK\r\n\r\nab", true),
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
        );
    }
}
