//! Memory that a burst took goes back to the system once it is over.
//!
//! The allocator gives back what a thread has let go of when that same thread asks for more, some milliseconds later or
//! more. A thread that rests asks for nothing, so what it held last would stay: 168 of 262 MiB after seven hundred
//! bodies of 250 kB. So each worker of the runtime asks now and then.

use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};

/// How often each worker asks. Three of these are well within the minute that is promised.
const EVERY: Duration = Duration::from_secs(15);
/// How long a worker that has asked waits, so that another takes up the next task.
const ASIDE: Duration = Duration::from_micros(200);
/// More tasks than workers are sent: one may meet a worker that has asked.
const SPARE: usize = 2;
/// Almost 256 TiB, the most that mimalloc tries for: no process has so many addresses free.
const TOO_MUCH: u64 = (1 << 48) - (1 << 20);

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

/// Gives back what this thread's part of the heap has free. There is no call for it in safe Rust, but before mimalloc
/// says that there is no memory it gives back all that it can and tries once more: so it is asked for too much.
fn give_back() {
    // On systems with 32 bits bursts are too small to matter.
    let Ok(size) = usize::try_from(TOO_MUCH) else {
        return;
    };
    let mut never = Vec::<u8>::new();
    // The result is read, or the compiler may leave the call out.
    let _ = black_box(never.try_reserve_exact(size));
    black_box(&never);
}

/// Has every worker of this runtime give back what it has free, again and again. Which worker takes up a task is the
/// runtime's affair, so one may be left out of a round, and is in the next.
pub async fn keep_giving_back() {
    let workers = Handle::current().metrics().num_workers();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0.. {
        ticks.tick().await;
        for _ in 0..workers + SPARE {
            tokio::spawn(async move {
                match ASKED.replace(round) == round {
                    true => std::thread::sleep(ASIDE),
                    false => give_back(),
                }
            });
        }
    }
}
