//! Reads the time of day of a client's machine from its hello: up to TLS 1.1 the first four bytes of the random are its
//! clock. Later libraries put random bytes there too, and then two hellos of one machine disagree.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

/// The most addresses that are remembered.
const MOST: usize = 4096;
/// Two clocks of one address that differ by more seconds than this are two machines behind it.
const NEAR: u64 = 86_400;

/// The last clock of each address.
#[derive(Debug, Default)]
pub(super) struct Clocks(Mutex<HashMap<IpAddr, (u32, Instant)>>);

/// What a clock is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belief {
    /// No hello of its address came before.
    First,
    /// The one before says the same: no chance does that.
    Again,
    /// The one before says another time: both are random.
    Chance,
}

impl Clocks {
    /// Whether what a hello of this address says can be a clock.
    pub fn believe(&self, peer: IpAddr, clock: u32) -> Belief {
        let now = Instant::now();
        let mut last = self.0.lock();
        if last.len() >= MOST && !last.contains_key(&peer) {
            // If an address is forgotten, one more hello of it is believed.
            last.clear();
        }
        let before = last.insert(peer, (clock, now));
        let Some((held, when)) = before else {
            return Belief::First;
        };
        let due = u64::from(held) + now.duration_since(when).as_secs();
        match due.abs_diff(clock.into()) <= NEAR {
            true => Belief::Again,
            false => Belief::Chance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_believed_until_another_hello_disagrees() {
        let clocks = Clocks::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 7]), IpAddr::from([10, 0, 0, 8]));
        assert_eq!(clocks.believe(one, 3_600), Belief::First);
        assert_eq!(clocks.believe(one, 3_700), Belief::Again);
        assert_eq!(clocks.believe(other, 4_000_000_000), Belief::First);
        assert_eq!(clocks.believe(other, 12_345), Belief::Chance);
        for n in 0..10_000u32 {
            clocks.believe(IpAddr::from(n.to_be_bytes()), n);
        }
        assert!(clocks.0.lock().len() <= MOST);
    }
}
