//! Watches a descriptor: whether whoever is at its other end is still there.

use rustix::{process, termios};
use std::io::{self, IsTerminal as _, Read};
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::io::{Interest, Ready};

/// Whether this program is in the foreground of the terminal on standard input. One in the background that reads it is
/// stopped by the system (SIGTTIN).
pub(crate) fn is_ours() -> bool {
    let owner = termios::tcgetpgrp(io::stdin());
    owner.is_ok_and(|owner| owner == process::getpgrp())
}

/// Standard input. Where it is a terminal and this program is in the background, a read waits until it is in the
/// foreground, so that the program goes on.
#[derive(Debug)]
pub(crate) struct Ours;

impl Read for Ours {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        /// The time between two looks.
        const AGAIN: Duration = Duration::from_secs(1);
        let mut input = io::stdin();
        while input.is_terminal() && !is_ours() {
            std::thread::sleep(AGAIN);
        }
        input.read(buffer)
    }
}

/// Waits until a descriptor is in this state. Nothing is read from it or written to it. Where it cannot be watched,
/// this waits for ever. Needs a tokio runtime with IO.
pub(crate) async fn until(of: impl AsFd, interest: Interest, is_so: impl Fn(Ready) -> bool) {
    let Ok(own) = of.as_fd().try_clone_to_owned() else {
        return std::future::pending().await;
    };
    // It is deprecated because a type could lie about its descriptor; this one owns it. The replacement is an unsafe
    // function, and this crate has no unsafe code.
    #[allow(deprecated)]
    let Ok(watched) = AsyncFd::with_interest(own, interest) else {
        return std::future::pending().await;
    };
    while let Ok(mut guard) = watched.ready(interest).await {
        if is_so(guard.ready()) {
            return;
        }
        guard.clear_ready();
    }
    std::future::pending().await
}
