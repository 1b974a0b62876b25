//! Watches a descriptor: whether whoever is at its other end is still there.

use std::os::fd::AsFd;
use tokio::io::unix::AsyncFd;
use tokio::io::{Interest, Ready};

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
