//! Turns for long pieces of work: a frame of 64 KiB, a body of 256 KiB, the search of either for secrets. Fifty clients
//! may ask for such at once, and whoever sends a short line must not wait behind them.
//!
//! Half as many pieces as there are cores are worked on at once, one at least, in the order in which they asked. The
//! runtime has one worker for each core, and two at least, so that there is always one for short lines.
//!
//! The work stays on its worker. A thread of its own for each piece would have a part of the heap of its own, and keep
//! what the piece let go of: thirty of them kept 120 MiB.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The fewest bytes for which work takes a turn.
pub const LONG: usize = 4 * 1024;

/// Who may work.
#[derive(Debug)]
pub struct Turns {
    room: Semaphore,
    /// How many turns were taken.
    taken: AtomicU64,
}

impl Default for Turns {
    /// Half of the cores.
    fn default() -> Self {
        Self::new(workers() / 2)
    }
}

/// How many threads the runtime is to have.
pub fn workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.max(2)
}

impl Turns {
    /// This many at once, and one at least.
    pub fn new(at_once: usize) -> Self {
        Self {
            room: Semaphore::new(at_once.max(1)),
            taken: AtomicU64::new(0),
        }
    }

    /// Waits for a turn to work upon so many bytes: not at all where they are few. Nothing is to be awaited before the
    /// work is done, or others wait for what this one waits for.
    pub async fn take(&self, bytes: usize) -> Turn<'_> {
        if bytes < LONG {
            return Turn { _permit: None };
        }
        self.taken.fetch_add(1, Ordering::Relaxed);
        // It is never closed.
        let permit = self.room.acquire().await;
        Turn {
            _permit: permit.ok(),
        }
    }

    /// How many turns were taken.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

/// A turn. Dropping it gives it to the next.
#[derive(Debug)]
pub struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

impl Turn<'_> {
    /// Does the work, and gives the turn on.
    pub fn work<R>(self, work: impl FnOnce() -> R) -> R {
        if self._permit.is_some() {
            wake_another();
        }
        work()
    }
}

/// Wakes a worker that sleeps: it takes over what is ready behind the task at hand, and looks at the sockets. Tokio wakes none
/// where a worker has found one task alone, even if that worker is the one that looked at the sockets: nobody would do so
/// until the long work is done.
fn wake_another() {
    let Ok(runtime) = Handle::try_current() else {
        return;
    };
    if runtime.runtime_flavor() == RuntimeFlavor::MultiThread {
        // What was spawned last stays with this worker, and what was ready before it may be taken from it: that wakes others.
        runtime.spawn(async {});
        runtime.spawn(async {});
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc;
    use std::time::Duration;

    /// Is there only so that a failure does not hang.
    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_has_little_to_do_does_not_wait_for_long_work() {
        let turns = Arc::new(Turns::new(1));
        let (done, waits) = mpsc::channel();
        let long = turns.clone();
        let long = tokio::spawn(async move {
            let turn = long.take(LONG).await;
            turn.work(|| waits.recv_timeout(LIMIT))
        });
        while turns.taken() == 0 {
            tokio::task::yield_now().await;
        }
        // These wait, and so take no worker.
        for _ in 0..10 {
            let turns = turns.clone();
            tokio::spawn(async move { turns.take(LONG).await.work(|| ()) });
        }
        let short = tokio::spawn(async move { turns.take(LONG - 1).await.work(|| done.send(())) });
        assert_eq!(short.await.expect("no panic"), Ok(()));
        assert_eq!(long.await.expect("no panic"), Ok(()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_more_long_pieces_are_at_work_at_once_than_there_are_turns() {
        let turns = Arc::new(Turns::new(2));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (turns, now, most) = (turns.clone(), now.clone(), most.clone());
                tokio::spawn(async move {
                    turns.take(LONG).await.work(|| {
                        let at_work = now.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(at_work, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(1));
                        now.fetch_sub(1, Ordering::SeqCst);
                    });
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(turns.taken(), 50);
        assert!(most.load(Ordering::SeqCst) <= 2, "{most:?}");
    }

    #[tokio::test]
    async fn a_turn_that_nobody_waits_for_any_more_goes_to_the_next() {
        let turns = Turns::new(0);
        let first = turns.take(LONG).await;
        let mut second = Box::pin(turns.take(LONG));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(second);
        let mut third = Box::pin(turns.take(LONG));
        assert!(futures_util::poll!(&mut third).is_pending());
        drop(first);
        assert_eq!(third.await.work(|| 3), 3);
    }
}
