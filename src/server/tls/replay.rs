//! A stream whose first bytes have been looked at already, and are then read again.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The bytes that were looked at, then the rest of the stream. Writing goes straight through.
#[derive(Debug)]
pub struct Replay<S> {
    head: Vec<u8>,
    at: usize,
    inner: S,
    read: u64,
}

impl<S> Replay<S> {
    /// Puts `head` before what `inner` has yet to give.
    pub fn new(head: Vec<u8>, inner: S) -> Self {
        Self {
            read: head.len() as u64,
            head,
            at: 0,
            inner,
        }
    }

    /// The bytes that were looked at and are not read yet.
    pub fn head(&self) -> &[u8] {
        &self.head[self.at..]
    }

    /// How many bytes the peer has sent, as far as they were read from it.
    pub fn read(&self) -> u64 {
        self.read
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replay<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.at < self.head.len() {
            let length = buf.remaining().min(self.head.len() - self.at);
            buf.put_slice(&self.head[self.at..self.at + length]);
            self.at += length;
            if self.at == self.head.len() {
                // A connection may live for hours: its first bytes need not.
                self.head = Vec::new();
                self.at = 0;
            }
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.read += (buf.filled().len() - before) as u64;
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replay<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn the_head_comes_first_and_then_the_stream() {
        let mut replay = Replay::new(b"abc".to_vec(), &b"defg"[..]);
        let mut two = [0; 2];
        replay.read_exact(&mut two).await.expect("two bytes");
        assert_eq!(&two, b"ab");
        assert_eq!(replay.read(), 3);
        let mut rest = Vec::new();
        replay.read_to_end(&mut rest).await.expect("the rest");
        assert_eq!(rest, b"cdefg");
        assert_eq!(replay.read(), 7);
    }
}
