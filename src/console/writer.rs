//! The thread that writes to the terminal, so that a terminal that stops reading blocks nobody else.
//!
//! It holds at most one waiting frame. While that frame waits, no other is made: frames are skipped, never queued.

use parking_lot::{Condvar, Mutex};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much is written at once, in bytes, before it is asked whether it is still wanted.
const PIECE: usize = 4_096;

#[derive(Debug, Default)]
struct Slot {
    waiting: Option<Vec<u8>>,
    writing: bool,
    closed: bool,
    failed: Option<io::ErrorKind>,
}

#[derive(Debug, Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

/// The handle that the console holds.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
}

impl Writer {
    /// Starts the thread. `freed` is called whenever the slot has become free.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(
        mut out: impl Write + Send + 'static,
        freed: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        std::thread::Builder::new()
            .name("terminal-writer".into())
            .spawn(move || {
                while let Some(bytes) = theirs.next() {
                    freed();
                    let result = theirs.write(&mut out, &bytes);
                    let mut slot = theirs.slot.lock();
                    slot.writing = false;
                    slot.failed = result.err().map(|e| e.kind());
                    let failed = slot.failed.is_some();
                    theirs.changed.notify_all();
                    drop(slot);
                    if failed {
                        freed();
                        return;
                    }
                }
            })?;
        Ok(Self { shared })
    }

    /// Whether the thread can take another frame.
    pub fn is_free(&self) -> bool {
        self.shared.slot.lock().waiting.is_none()
    }

    /// Whether the terminal has gone, so that nothing more can be written.
    pub fn failed(&self) -> Option<io::ErrorKind> {
        self.shared.slot.lock().failed
    }

    /// Hands a frame's bytes to the thread. They come back when another frame is still waiting.
    ///
    /// # Errors
    /// The bytes themselves.
    pub fn put(&self, bytes: Vec<u8>) -> Result<(), Vec<u8>> {
        let mut slot = self.shared.slot.lock();
        if slot.waiting.is_some() {
            return Err(bytes);
        }
        slot.waiting = Some(bytes);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Waits until everything is written, for at most that long. Says whether it is.
    pub fn drain(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut slot = self.shared.slot.lock();
        while (slot.waiting.is_some() || slot.writing) && slot.failed.is_none() {
            if self.shared.changed.wait_until(&mut slot, until).timed_out() {
                return false;
            }
        }
        true
    }

    /// Drops the waiting frame and takes no other. Of a frame that is being written no more than a piece still is.
    pub fn close(&self) {
        let mut slot = self.shared.slot.lock();
        slot.closed = true;
        slot.waiting = None;
        self.shared.changed.notify_all();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    /// Writes a frame, piece by piece, until it is closed.
    fn write(&self, out: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
        use io::ErrorKind::{Interrupted, WouldBlock, WriteZero};
        while !bytes.is_empty() && !self.slot.lock().closed {
            match out.write(&bytes[..bytes.len().min(PIECE)]) {
                Ok(0) => return Err(WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if matches!(error.kind(), Interrupted | WouldBlock) => {}
                Err(error) => return Err(error),
            }
        }
        out.flush()
    }

    fn next(&self) -> Option<Vec<u8>> {
        let mut slot = self.slot.lock();
        loop {
            if slot.closed {
                return None;
            }
            if let Some(bytes) = slot.waiting.take() {
                slot.writing = true;
                return Some(bytes);
            }
            self.changed.wait(&mut slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// A terminal that reads only when told to.
    struct Stalled {
        go: mpsc::Receiver<()>,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.go.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            self.taken.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stalled_terminal_takes_one_frame_and_one_waits_and_no_more_are_taken() {
        let (go, waits) = mpsc::channel();
        let (freed, is_freed) = mpsc::channel();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let writer = Writer::start(
            Stalled {
                go: waits,
                taken: taken.clone(),
            },
            move || {
                let _ = freed.send(());
            },
        )
        .expect("a thread");
        assert_eq!(writer.put(b"one".to_vec()), Ok(()));
        is_freed.recv().expect("the first is being written");
        assert_eq!(writer.put(b"two".to_vec()), Ok(()));
        assert!(!writer.is_free());
        assert_eq!(writer.put(b"three".to_vec()), Err(b"three".to_vec()));
        assert!(!writer.drain(Duration::from_millis(1)));
        go.send(()).expect("it waits");
        is_freed.recv().expect("the second is being written");
        go.send(()).expect("it waits");
        assert!(writer.drain(Duration::from_secs(60)));
        assert_eq!(&*taken.lock(), b"onetwo");
        drop(go);
        assert_eq!(writer.put(b"four".to_vec()), Ok(()));
        while writer.failed().is_none() {
            std::thread::yield_now();
        }
        assert_eq!(writer.failed(), Some(io::ErrorKind::BrokenPipe));
    }
}
