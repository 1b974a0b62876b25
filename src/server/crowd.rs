//! Connections that have not asked for anything yet. Their number is bounded: when one more comes, the oldest is
//! ended, so that a client that has something to say always gets in.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The waiting connections, in the order in which they came.
#[derive(Debug)]
pub struct Crowd {
    limit: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    places: BTreeMap<u64, CancellationToken>,
}

/// A connection's place in the crowd. Dropping it leaves the crowd: a connection that has asked for something is
/// safe.
#[derive(Debug)]
pub struct Place {
    crowd: Arc<Crowd>,
    number: u64,
}

impl Crowd {
    /// A crowd of at most this many.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            waiting: Mutex::default(),
        })
    }

    /// A place for a new connection, and what is cancelled when it has to make room for another.
    pub fn enter(self: &Arc<Self>) -> (Place, CancellationToken) {
        let crowded_out = CancellationToken::new();
        let mut waiting = self.waiting.lock();
        let number = waiting.next;
        waiting.next += 1;
        waiting.places.insert(number, crowded_out.clone());
        if waiting.places.len() > self.limit {
            waiting.crowd_out();
        }
        drop(waiting);
        let crowd = self.clone();
        (Place { crowd, number }, crowded_out)
    }

    /// How many connections wait.
    pub fn len(&self) -> usize {
        self.waiting.lock().places.len()
    }

    /// Whether no connection waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends the oldest connection. Says whether there was one.
    pub fn crowd_out(&self) -> bool {
        self.waiting.lock().crowd_out()
    }
}

impl Waiting {
    fn crowd_out(&mut self) -> bool {
        let oldest = self.places.pop_first();
        oldest.is_some_and(|(_, oldest)| {
            oldest.cancel();
            true
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.waiting.lock().places.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_was_not_heard_makes_room() {
        let crowd = Crowd::new(2);
        let (heard, first) = crowd.enter();
        drop(heard);
        let (_second_place, second) = crowd.enter();
        let (_third_place, third) = crowd.enter();
        assert!(!second.is_cancelled());
        let (_fourth_place, fourth) = crowd.enter();
        assert!(second.is_cancelled() && !third.is_cancelled());
        assert!(crowd.crowd_out());
        assert!(third.is_cancelled() && !fourth.is_cancelled() && !first.is_cancelled());
    }
}
