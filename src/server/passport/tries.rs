//! Wrong passwords: from the third on each answer is held back, so that nobody tries thousands.
//!
//! The waits of one account, and those of one address, stand in a queue: trying on many connections at once is no faster. A
//! right password never waits, and does not make the wrong ones of others forgotten.

use crate::server::shares::share_of;
use indexmap::IndexMap;
use parking_lot::Mutex;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// So many are answered at once.
const FREE: u64 = 2;
/// How long each further wrong password waits, behind the others.
const WAIT: Duration = Duration::from_millis(250);
/// The longest wait, however many stand in the queue: whoever asks has given up by then.
const LONGEST: Duration = Duration::from_secs(30);
/// Wrong passwords are forgotten this long after the last one.
const FORGOTTEN: Duration = Duration::from_secs(10 * 60);
/// The most accounts and addresses that are remembered; those that tried least recently go.
const KEPT: usize = 4096;

/// The wrong passwords of late.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<IndexMap<Whose, Tried>>);

/// Of whom they were.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Account(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Tried {
    count: u64,
    last: Instant,
    /// When the last of them has waited.
    until: Instant,
}

/// What follows from a wrong password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong {
    /// How long its answer waits.
    pub(super) wait: Duration,
    /// How many there were for this account, or from this address: the larger of the two.
    pub(super) count: u64,
}

impl Wrong {
    /// Whether it is told of by itself.
    pub(super) fn is_told(self) -> bool {
        self.count <= FREE
    }

    /// Whether it is the time to say how many there were: at the third, and then ten times as late each time.
    pub(super) fn is_summed_up(self) -> bool {
        self.count == FREE + 1 || self.count > FREE && 10u64.pow(self.count.ilog10()) == self.count
    }
}

impl Tries {
    /// A wrong password for this account came from there.
    pub(super) fn wrong(&self, account: &str, peer: IpAddr) -> Wrong {
        self.wrong_at(account, peer, Instant::now())
    }

    fn wrong_at(&self, account: &str, peer: IpAddr, now: Instant) -> Wrong {
        let mut tries = self.0.lock();
        let mut wrong = Wrong {
            wait: Duration::ZERO,
            count: 0,
        };
        for whose in [
            Whose::Account(account.to_ascii_lowercase()),
            Whose::Address(share_of(peer)),
        ] {
            let held = tries.shift_remove(&whose);
            let held = held.filter(|tried| now.duration_since(tried.last) < FORGOTTEN);
            let mut tried = held.unwrap_or(Tried {
                count: 0,
                last: now,
                until: now,
            });
            tried.count += 1;
            tried.last = now;
            if tried.count > FREE {
                tried.until = (tried.until.max(now) + WAIT).min(now + LONGEST);
                wrong.wait = wrong.wait.max(tried.until.duration_since(now));
            }
            wrong.count = wrong.count.max(tried.count);
            if tries.len() >= KEPT {
                tries.shift_remove_index(0);
            }
            tries.insert(whose, tried);
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn from_the_third_each_waits_behind_the_others_of_its_account_and_of_its_address() {
        let (tries, now) = (Tries::default(), Instant::now());
        let wait = |account: &str, peer, at: Duration| {
            tries.wrong_at(account, peer, now + at).wait.as_millis()
        };
        let zero = Duration::ZERO;
        assert_eq!(wait("a@x", HERE, zero), 0);
        assert_eq!(wait("A@x", HERE, zero), 0);
        assert_eq!(wait("a@x", HERE, zero), 250);
        assert_eq!(wait("b@x", HERE, zero), 500, "of the address");
        assert_eq!(wait("a@x", THERE, zero), 500, "of the account");
        assert_eq!(wait("b@x", THERE, zero), 0);
        assert_eq!(wait("a@x", HERE, Duration::from_secs(60)), 250);
        assert_eq!(
            wait("a@x", HERE, Duration::from_secs(60 + 600)),
            0,
            "forgotten"
        );
        for _ in 0..1_000 {
            assert!(wait("c@x", THERE, zero) <= 30_000);
        }
    }

    #[test]
    fn they_are_told_of_one_by_one_then_summed_up_and_few_are_remembered() {
        let (tries, now) = (Tries::default(), Instant::now());
        let all: Vec<_> = (0..1_000)
            .map(|_| tries.wrong_at("a@x", HERE, now))
            .collect();
        let of = |is: fn(Wrong) -> bool| -> Vec<u64> {
            let told = all.iter().filter(|wrong| is(**wrong));
            told.map(|wrong| wrong.count).collect()
        };
        assert_eq!(of(Wrong::is_told), [1, 2]);
        assert_eq!(of(Wrong::is_summed_up), [3, 10, 100, 1_000]);
        for n in 0..2 * KEPT {
            tries.wrong_at(&format!("{n}@x"), HERE, now);
        }
        assert!(tries.0.lock().len() <= KEPT + 1);
    }
}
