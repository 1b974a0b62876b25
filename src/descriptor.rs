//! Watches a descriptor: whether whoever is at its other end is still there.

use std::os::fd::AsFd;
use tokio::io::unix::AsyncFd;
use tokio::io::{Interest, Ready};

/// Waits until this is so of a descriptor, of which nothing is read or written here; for ever where it cannot be
/// watched. Needs a tokio runtime with IO.
pub(crate) async fn until(of: impl AsFd, interest: Interest, is_so: impl Fn(Ready) -> bool) {
    let Ok(own) = of.as_fd().try_clone_to_owned() else {
        return std::future::pending().await;
    };
    // What is deprecated is that a type could lie about its descriptor; this one owns it. What takes its
    // place is an unsafe function, and here is none.
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
