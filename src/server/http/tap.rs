//! A stream that remembers each request's head as it was written: hyper keeps neither the order nor the case of
//! headers, and the operator wants to see what the client really sent. It also replays the bytes that were read to
//! find out what the stream is, gives up a write that nobody reads, and writes HTTP/1.1 where hyper writes HTTP/1.0.

use super::MAX_HEAD;
use crate::server::shares::{Holding, Place};
use bytes::{Buf as _, Bytes};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How long the peer may leave written bytes unread.
pub(crate) const WRITE_STALL: Duration = Duration::from_secs(120);
/// The most heads that wait to be asked for; hyper's own buffer ends pipelining long before.
const MAX_HEADS: usize = 4_096;
/// How hyper begins an answer to a request of HTTP/1.0.
const OLD: &[u8; 8] = b"HTTP/1.0";
/// The most bytes of an answer that are copied to write it with another version.
const COPIED: usize = 16 * 1024;
/// How many bytes are kept of something that turns out not to be a head.
pub(super) const BEGINNING: usize = 256;

/// Heads of requests, in order.
#[derive(Debug)]
pub(crate) struct Heads {
    done: VecDeque<Bytes>,
    reading: Reading,
    /// Whether the peer has ended its side.
    pub eof: bool,
    /// How much is written of a version that is to leave as HTTP/1.1.
    newer: Option<usize>,
}

#[derive(Debug)]
enum Reading {
    Head(Vec<u8>),
    Body(u64),
    /// Where one request ends is not known here, so heads can no longer be told apart.
    Lost(Vec<u8>),
}

impl Heads {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            done: VecDeque::new(),
            reading: Reading::Head(Vec::new()),
            eof: false,
            newer: None,
        }
    }

    /// The next answer is to leave as HTTP/1.1, though its request was of HTTP/1.0: hyper would answer in kind, and
    /// one client takes nothing but 1.1, which every other takes too (clients watched).
    pub(crate) fn answer_as_newer(&mut self) {
        self.newer = Some(0);
    }

    /// The bytes to write instead of these, where they hold a version that is to leave as HTTP/1.1.
    fn newer(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let left = &OLD[self.newer?..];
        let here = left.len().min(bytes.len());
        (here > 0 && bytes[..here] == left[..here]).then(|| {
            let mut copy = bytes[..bytes.len().min(COPIED)].to_vec();
            if here == left.len() {
                copy[here - 1] = b'1';
            }
            copy
        })
    }

    /// So many bytes of a version were written.
    fn written(&mut self, count: usize) {
        self.newer = self
            .newer
            .map(|done| done + count)
            .filter(|done| *done < OLD.len());
    }

    /// The head of the next request, if it is known: its lines, each with its end, and the blank one.
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        self.done.pop_front()
    }

    /// How many bytes they take.
    fn bytes(&self) -> usize {
        let reading = match &self.reading {
            Reading::Head(head) | Reading::Lost(head) => head.capacity(),
            Reading::Body(_) => 0,
        };
        self.done.iter().map(Bytes::len).sum::<usize>() + reading
    }

    /// What was read last and not understood.
    pub(crate) fn unread(&self) -> &[u8] {
        match (self.done.front(), &self.reading) {
            (Some(head), _) => head,
            (None, Reading::Head(head) | Reading::Lost(head)) => head,
            (None, Reading::Body(_)) => &[],
        }
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match &mut self.reading {
                Reading::Lost(_) => return,
                Reading::Body(left) => {
                    let step = usize::try_from(*left).map_or(bytes.len(), |l| l.min(bytes.len()));
                    bytes = &bytes[step..];
                    *left -= step as u64;
                    if *left == 0 {
                        self.reading = Reading::Head(Vec::new());
                    }
                }
                Reading::Head(head) => {
                    // Blank lines before a request are passed over, as hyper does.
                    let skipped = if head.is_empty() {
                        bytes
                            .iter()
                            .take_while(|b| matches!(b, b'\r' | b'\n'))
                            .count()
                    } else {
                        0
                    };
                    bytes = &bytes[skipped..];
                    let from = head.len().saturating_sub(3);
                    let before = head.len();
                    head.extend_from_slice(bytes);
                    match end_of_head(head, from) {
                        Some(end) => {
                            bytes = &bytes[end - before..];
                            head.truncate(end);
                            let next = after(head);
                            let head = std::mem::replace(&mut self.reading, next);
                            if let Reading::Head(head) = head {
                                self.done.push_back(head.into());
                            }
                            if self.done.len() > MAX_HEADS {
                                self.done.clear();
                                self.reading = Reading::Lost(Vec::new());
                            }
                        }
                        None if head.len() > MAX_HEAD => {
                            head.truncate(BEGINNING);
                            head.shrink_to_fit();
                            let head = std::mem::take(head);
                            self.reading = Reading::Lost(head);
                        }
                        None => return,
                    }
                }
            }
        }
    }
}

/// The place after the blank line, looking from here on.
pub(super) fn end_of_head(head: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(b'\n', &head[from..]).find_map(|at| match &head[from + at + 1..] {
        [b'\n', ..] => Some(from + at + 2),
        [b'\r', b'\n', ..] => Some(from + at + 3),
        _ => None,
    })
}

/// What follows this head.
fn after(head: &[u8]) -> Reading {
    let mut length = 0;
    for line in head.split(|b| *b == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else {
            continue;
        };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Reading::Lost(Vec::new());
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            match std::str::from_utf8(value).map(|v| v.trim().parse()) {
                Ok(Ok(number)) => length = number,
                _ => return Reading::Lost(Vec::new()),
            }
        }
    }
    match length {
        0 => Reading::Head(Vec::new()),
        length => Reading::Body(length),
    }
}

/// The stream.
#[derive(Debug)]
pub(crate) struct Tap<S> {
    stream: S,
    given_back: Bytes,
    heads: Arc<Mutex<Heads>>,
    stalled: Option<Pin<Box<Sleep>>>,
    /// What heads take of the memory.
    holding: Option<Holding>,
}

impl<S> Tap<S> {
    /// Over this stream, of which these bytes have been read already.
    pub(crate) fn new(
        stream: S,
        given_back: Bytes,
        place: Option<&Place>,
    ) -> (Self, Arc<Mutex<Heads>>) {
        let heads = Arc::new(Mutex::new(Heads::new()));
        let tap = Self {
            stream,
            given_back,
            heads: heads.clone(),
            stalled: None,
            holding: place.map(Place::holding),
        };
        (tap, heads)
    }

    /// Turns a write that has waited too long into an error.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.stalled = None;
            return poll;
        }
        let sleep = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_STALL)));
        match sleep.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client does not read its answer",
            ))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        if this.given_back.is_empty() {
            match Pin::new(&mut this.stream).poll_read(context, buffer) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        } else {
            let step = this.given_back.len().min(buffer.remaining());
            buffer.put_slice(&this.given_back[..step]);
            this.given_back.advance(step);
        }
        let mut heads = this.heads.lock();
        match &buffer.filled()[before..] {
            [] => heads.eof |= buffer.remaining() > 0,
            bytes => heads.take(bytes),
        }
        // hyper has the same bytes in its own buffer.
        let bytes = 2 * heads.bytes();
        drop(heads);
        if let Some(holding) = &mut this.holding {
            holding.set(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let newer = this.heads.lock().newer(bytes);
        let poll =
            Pin::new(&mut this.stream).poll_write(context, newer.as_deref().unwrap_or(bytes));
        if let (Some(_), Poll::Ready(Ok(count))) = (&newer, &poll) {
            this.heads.lock().written(*count);
        }
        this.watch(context, poll)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_flush(context);
        this.watch(context, poll)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_shutdown(context);
        this.watch(context, poll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] =
        b"\r\nPOST /a HTTP/1.1\r\ncontent-LENGTH: 5\r\n\r\n\r\n\r\nxGET /b HTTP/1.0\nHost: h\n\n";

    proptest::proptest! {
        #[test]
        fn heads_are_told_apart_wherever_reads_are_cut(cuts in proptest::collection::vec(1usize..9, 0..40)) {
            let mut heads = Heads::new();
            let mut rest = TWO;
            for cut in cuts {
                let step = cut.min(rest.len());
                heads.take(&rest[..step]);
                rest = &rest[step..];
            }
            heads.take(rest);
            proptest::prop_assert_eq!(heads.next(), Some(Bytes::from_static(b"POST /a HTTP/1.1\r\ncontent-LENGTH: 5\r\n\r\n")));
            proptest::prop_assert_eq!(heads.next(), Some(Bytes::from_static(b"GET /b HTTP/1.0\nHost: h\n\n")));
            proptest::prop_assert_eq!(heads.next(), None);
        }

        #[test]
        fn any_bytes_are_taken_without_growth(bytes: Vec<Vec<u8>>) {
            let mut heads = Heads::new();
            for piece in &bytes {
                heads.take(piece);
            }
            let taken = bytes.iter().map(Vec::len).sum();
            proptest::prop_assert!(heads.unread().len() <= taken);
        }
    }

    #[tokio::test]
    async fn an_answer_leaves_as_the_newer_version_however_little_is_written_at_a_time() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        for room in [1, 3, 7, 8, 64] {
            let (near, mut far) = tokio::io::duplex(room);
            let (mut tap, heads) = Tap::new(near, Bytes::new(), None);
            let writing = tokio::spawn(async move {
                for newer in [false, true, true] {
                    if newer {
                        heads.lock().answer_as_newer();
                    }
                    tap.write_all(b"HTTP/1.0 200 OK\r\n\r\nHTTP/1.0")
                        .await
                        .expect("written");
                }
            });
            let mut all = String::new();
            far.read_to_string(&mut all).await.expect("read");
            writing.await.expect("done");
            let (old, new) = (
                "HTTP/1.0 200 OK\r\n\r\nHTTP/1.0",
                "HTTP/1.1 200 OK\r\n\r\nHTTP/1.0",
            );
            assert_eq!(all, [old, new, new].concat());
        }
    }

    #[test]
    fn what_is_no_head_is_kept_short() {
        let mut heads = Heads::new();
        for _ in 0..100 {
            heads.take(&[b'a'; 8192]);
        }
        assert!(matches!(&heads.reading, Reading::Lost(kept) if kept.len() == BEGINNING));
    }
}
