//! The terminal as frames are written to it: a write waits for room for a moment only, so that it can be given up.
//!
//! A write that blocks in the system would hold the terminal until somebody reads, and nothing could be written then
//! that gives it back.

use crate::descriptor::until;
use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;
use tokio::io::{Interest, Ready};
use tokio::runtime::{Builder, Runtime};

/// How long a write waits for room before it is asked whether it is still wanted.
const ROOM: Duration = Duration::from_millis(50);

/// See the module.
#[derive(Debug)]
pub enum Output {
    /// A handle of its own, so that no other one stops blocking; and what waits for it.
    Own(File, Runtime),
    /// Standard output itself, where it cannot be opened anew: of another user's terminal, after `su`.
    Standard(io::Stdout),
}

impl Output {
    /// The terminal on standard output.
    pub fn open() -> Self {
        let own = || {
            let handle = super::opened("/dev/fd/1")?;
            let runtime = Builder::new_current_thread().enable_all().build().ok()?;
            Some(Self::Own(File::from(handle), runtime))
        };
        own().unwrap_or_else(|| Self::Standard(io::stdout()))
    }
}

impl Write for Output {
    /// Writes what there is room for. [`io::ErrorKind::WouldBlock`] where there is none for a while.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (handle, runtime) = match self {
            Self::Own(handle, runtime) => (handle, runtime),
            Self::Standard(out) => return out.write(bytes),
        };
        match handle.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let is_so = |ready: Ready| ready.is_writable() || ready.is_write_closed();
                let room = until(&*handle, Interest::WRITABLE, is_so);
                // Either way it is tried again.
                let _ = runtime.block_on(async { tokio::time::timeout(ROOM, room).await });
                Err(error)
            }
            done => done,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Own(..) => Ok(()),
            Self::Standard(out) => out.flush(),
        }
    }
}
