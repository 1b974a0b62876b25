//! A stream that counts the bytes that go through it, and says when the first one was read.

use super::shares::Place;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes read and written so far.
#[derive(Debug, Default)]
pub struct Count {
    /// Read.
    pub read: AtomicU64,
    /// Written.
    pub written: AtomicU64,
}

/// A stream and the count of its bytes.
#[derive(Debug)]
pub struct Counted<S> {
    inner: S,
    count: Arc<Count>,
    /// Until something was read.
    silent: Option<Arc<Place>>,
}

impl<S> Counted<S> {
    /// The stream, and where its count can be read while it is in use. The place is told of the first byte.
    pub fn new(inner: S, place: Option<Arc<Place>>) -> (Self, Arc<Count>) {
        let count = Arc::new(Count::default());
        let counted = Self {
            inner,
            count: count.clone(),
            silent: place,
        };
        (counted, count)
    }

    fn wrote(&self, poll: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(written)) = poll {
            self.count
                .written
                .fetch_add(*written as u64, Ordering::Relaxed);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.inner).poll_read(context, buffer);
        let read = buffer.filled().len() - before;
        self.count.read.fetch_add(read as u64, Ordering::Relaxed);
        if read > 0
            && let Some(place) = self.silent.take()
        {
            place.heard();
        }
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.wrote(&poll);
        poll
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.wrote(&poll);
        poll
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn both_ways_are_counted() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let (mut ours, count) = Counted::new(ours, None);
        theirs.write_all(b"hello").await.expect("written");
        let mut got = [0; 5];
        ours.read_exact(&mut got).await.expect("read");
        ours.write_all(b"hi").await.expect("written");
        let numbers = (
            count.read.load(Ordering::Relaxed),
            count.written.load(Ordering::Relaxed),
        );
        assert_eq!(numbers, (5, 2));
    }
}
