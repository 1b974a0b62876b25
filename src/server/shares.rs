//! What each address holds of the doors. At a bound a connection of the address that has most of them ends, so that
//! one peer cannot keep another out.
//!
//! A connection is at one of five stages. It ends in their order: first one that has said nothing, then one that has
//! said nothing whole, then one that has not got what it came for. A quarter of the bound is left at each of these
//! stages, since everybody comes through them all. Where descriptors are wanted, an HTTP connection that rests between
//! two requests ends. One that is signed in, or is being answered, ends only where there is no descriptor left and its
//! address has more than half of them all.

use super::turns::Turns;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// The most connections that wait at the notification door, not signed in; and the most that wait at the doors of the
/// web, without a request.
pub const MAX_WAITING: usize = 1024;
/// Descriptors for the program's own files: the journal's, recordings, contacts, the runtime's.
const OWN: usize = 64;

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most that wait, at the notification door and at the doors of the web each: see [`MAX_WAITING`].
    pub waiting: usize,
    /// The most connections of all doors together.
    pub connections: usize,
    /// How many of them are kept for the notification door.
    pub kept: usize,
    /// The most bytes that all connections together hold of what was said and is not done with, and of what is to be
    /// said and not taken.
    pub memory: usize,
}

/// [`Bounds::memory`] where nothing else is asked for.
pub const MEMORY: usize = 256 * 1024 * 1024;

impl Bounds {
    /// The bounds for a process that may have this many descriptors open.
    pub fn of(descriptors: Option<u64>) -> Self {
        let all = usize::try_from(descriptors.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let connections = all.saturating_sub(OWN).max(OWN);
        Self {
            waiting: MAX_WAITING,
            connections,
            kept: connections / 8,
            memory: MEMORY,
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::of(None)
    }
}

/// Which doors: those of HTTP and HTTPS share their bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// MSNP.
    Notification,
    /// Passport, SOAP and the page.
    Web,
}

/// What there was too little of, so that a connection had to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Places for connections that wait.
    Places,
    /// Descriptors.
    Descriptors,
    /// Memory.
    Memory,
}

impl Want {
    /// A sentence for the event.
    pub fn reason(self) -> &'static str {
        match self {
            Want::Places => {
                "too many connections wait and have asked for nothing; this one's address had most of them"
            }
            Want::Descriptors => {
                "no descriptor was left for a new connection; this one's address had most of them"
            }
            Want::Memory => {
                "all connections together held more bytes than --memory allows, and this one most of them"
            }
        }
    }
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Silent,
    Heard,
    Understood,
    Resting,
    Settled,
}

const STAGES: usize = 5;
const ALL: [Stage; STAGES] = [
    Stage::Silent,
    Stage::Heard,
    Stage::Understood,
    Stage::Resting,
    Stage::Settled,
];
const WAITING: [Stage; 3] = [Stage::Silent, Stage::Heard, Stage::Understood];
/// In the order in which they end where a descriptor is wanted.
const ENDABLE: [Stage; 4] = [
    Stage::Resting,
    Stage::Silent,
    Stage::Heard,
    Stage::Understood,
];

type End = Box<dyn Fn(Want) + Send + Sync>;

/// Every connection, by address and stage.
pub struct Shares {
    bounds: Bounds,
    turns: Arc<Turns>,
    random: RandomState,
    inside: Mutex<Inside>,
}

impl std::fmt::Debug for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shares")
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Inside {
    next: u64,
    places: HashMap<u64, Held>,
    /// The connections of one address: of each stage those that are longest there first.
    shares: HashMap<(Side, IpAddr), [BTreeMap<u64, u64>; STAGES]>,
    /// How many are at each stage, of each side.
    counts: [[usize; STAGES]; 2],
    /// What connections hold in bytes: the most comes last.
    holding: BTreeSet<(usize, u64)>,
    /// The sum of that.
    held: usize,
}

struct Held {
    side: Side,
    address: IpAddr,
    stage: Stage,
    since: u64,
    bytes: usize,
    end: End,
}

/// A connection's place. Dropping it gives the place back.
#[derive(Debug)]
pub struct Place {
    shares: Arc<Shares>,
    number: u64,
}

impl Shares {
    /// Nobody is connected yet.
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Self::with(bounds, Arc::default())
    }

    /// The same, where these turns are taken.
    pub fn with(bounds: Bounds, turns: Arc<Turns>) -> Arc<Self> {
        Arc::new(Self {
            bounds,
            turns,
            random: RandomState::new(),
            inside: Mutex::default(),
        })
    }

    /// A place for a new connection. `end` is called, at most once, when it has to make room for another.
    pub fn enter(
        self: &Arc<Self>,
        side: Side,
        peer: IpAddr,
        end: impl Fn(Want) + Send + Sync + 'static,
    ) -> Place {
        let mut inside = self.inside.lock();
        let number = inside.tick();
        let Bounds {
            waiting,
            connections,
            kept,
            ..
        } = self.bounds;
        // The connection that comes is not the one that makes room.
        if inside.count(side, &WAITING) >= waiting {
            inside.end(&[side], &WAITING, waiting / 4, Want::Places);
        } else if self.early(number, inside.count(side, &[Stage::Silent])) {
            inside.end(&[side], &[Stage::Silent], 0, Want::Places);
        }
        let web = inside.count(Side::Web, &ALL);
        if side == Side::Web && web >= connections.saturating_sub(kept)
            || inside.places.len() >= connections
        {
            inside.make_room(side);
        }
        let held = Held {
            side,
            address: share_of(peer),
            stage: Stage::Silent,
            since: number,
            bytes: 0,
            end: Box::new(end),
        };
        inside.put(number, held);
        drop(inside);
        Place {
            shares: self.clone(),
            number,
        }
    }

    /// Ends a connection, for one that waits at this side and has no descriptor. Whether there was one to end.
    pub fn make_room(&self, side: Side) -> bool {
        self.inside.lock().make_room(side)
    }

    /// How many connections wait at this side.
    pub fn waiting(&self, side: Side) -> usize {
        self.inside.lock().count(side, &WAITING)
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.inside.lock().places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What all connections hold, in bytes.
    pub fn held(&self) -> usize {
        self.inside.lock().held
    }

    /// Adds or takes off bytes that a connection holds. Where the sum becomes too large, the connections that hold most end.
    fn hold(&self, number: u64, before: usize, now: usize) {
        let mut inside = self.inside.lock();
        let Some(mut held) = inside.take(number) else {
            return;
        };
        held.bytes = (held.bytes + now).saturating_sub(before);
        inside.put(number, held);
        while inside.held > self.bounds.memory {
            let most = inside.holding.last().map(|(_, number)| *number);
            let Some(most) = most.and_then(|number| inside.take(number)) else {
                return;
            };
            (most.end)(Want::Memory);
        }
    }

    /// Whether one is to end before the bound is reached: from half of it on, more and more often. So an address
    /// that fills the bound does not have it full when another comes.
    fn early(&self, number: u64, silent: usize) -> bool {
        let half = self.bounds.waiting / 2;
        let over = silent.saturating_sub(half);
        over > 0 && (self.random.hash_one(number) % half.max(1) as u64) < over as u64
    }

    fn reach(&self, number: u64, stage: Stage) {
        self.inside.lock().reach(number, stage);
    }
}

impl Inside {
    fn tick(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn put(&mut self, number: u64, held: Held) {
        let share = self.shares.entry((held.side, held.address)).or_default();
        share[held.stage as usize].insert(held.since, number);
        self.counts[held.side as usize][held.stage as usize] += 1;
        if held.bytes > 0 {
            self.holding.insert((held.bytes, number));
            self.held += held.bytes;
        }
        self.places.insert(number, held);
    }

    fn take(&mut self, number: u64) -> Option<Held> {
        let held = self.places.remove(&number)?;
        let key = (held.side, held.address);
        if let Some(share) = self.shares.get_mut(&key) {
            share[held.stage as usize].remove(&held.since);
            if share.iter().all(BTreeMap::is_empty) {
                self.shares.remove(&key);
            }
        }
        self.counts[held.side as usize][held.stage as usize] -= 1;
        if self.holding.remove(&(held.bytes, number)) {
            self.held -= held.bytes;
        }
        Some(held)
    }

    fn reach(&mut self, number: u64, stage: Stage) {
        // A connection that was told to end is not counted any more.
        if self
            .places
            .get(&number)
            .is_none_or(|held| held.stage == stage)
        {
            return;
        }
        // Its rest counts from now, its wait from its arrival.
        let since = if stage <= Stage::Understood {
            number
        } else {
            self.tick()
        };
        if let Some(held) = self.take(number) {
            self.put(
                number,
                Held {
                    stage,
                    since,
                    ..held
                },
            );
        }
    }

    fn count(&self, side: Side, stages: &[Stage]) -> usize {
        stages
            .iter()
            .map(|s| self.counts[side as usize][*s as usize])
            .sum()
    }

    /// Ends one of the address with most at these stages: the one that is longest at the first stage where that
    /// address has more than `left`. Whether there was one.
    fn end(&mut self, sides: &[Side], stages: &[Stage], left: usize, want: Want) -> bool {
        let size = |share: &[BTreeMap<u64, u64>; STAGES]| -> usize {
            let sizes = stages.iter().map(|stage| share[*stage as usize].len());
            sizes.sum()
        };
        let busiest = self
            .shares
            .iter()
            .filter(|((side, _), share)| sides.contains(side) && size(share) > 0)
            .max_by_key(|(_, share)| size(share));
        let oldest = busiest.and_then(|(_, share)| {
            let queues = || stages.iter().map(|stage| &share[*stage as usize]);
            let queue = queues().find(|queue| queue.len() > left);
            let (_, number) = queue
                .or_else(|| queues().find(|queue| !queue.is_empty()))?
                .first_key_value()?;
            Some(*number)
        });
        let Some(held) = oldest.and_then(|number| self.take(number)) else {
            return false;
        };
        (held.end)(want);
        true
    }

    fn make_room(&mut self, side: Side) -> bool {
        let want = Want::Descriptors;
        self.end(&[Side::Web], &ENDABLE, 0, want)
            || self.end(&[Side::Notification], &WAITING, 0, want)
            || side == Side::Notification && self.end(&[Side::Web], &[Stage::Settled], 0, want)
            || self.end_settled(want)
    }

    /// Ends the one that is signed in longest, of an address that has more than half of all connections.
    fn end_settled(&mut self, want: Want) -> bool {
        let settled = |share: &[BTreeMap<u64, u64>; STAGES]| share[Stage::Settled as usize].len();
        let most = self.shares.values().map(settled).max().unwrap_or(0);
        self.shares.len() > 1
            && 2 * most > self.places.len()
            && self.end(&[Side::Notification], &[Stage::Settled], 0, want)
    }
}

impl Place {
    /// The turns of all connections.
    pub fn turns(&self) -> &Arc<Turns> {
        &self.shares.turns
    }

    /// The connection has said something.
    pub fn heard(&self) {
        self.shares.reach(self.number, Stage::Heard);
    }

    /// It has said a whole command, or has finished its TLS handshake.
    pub fn understood(&self) {
        self.shares.reach(self.number, Stage::Understood);
    }

    /// It has signed in, or has asked for something.
    pub fn settled(&self) {
        self.shares.reach(self.number, Stage::Settled);
    }

    /// It has got its answer, and may ask again.
    pub fn resting(&self) {
        self.shares.reach(self.number, Stage::Resting);
    }
}

/// A change of fewer bytes than this is not passed on.
const GRAIN: usize = 4 * 1024;

/// What a part of a connection holds, in bytes. Dropping it gives them back.
#[derive(Debug)]
pub struct Holding {
    shares: Arc<Shares>,
    number: u64,
    told: usize,
}

impl Place {
    /// A part of this connection that holds nothing yet.
    pub fn holding(&self) -> Holding {
        Holding {
            shares: self.shares.clone(),
            number: self.number,
            told: 0,
        }
    }
}

impl Holding {
    /// Says how many bytes the connection holds now. It may be told to end for that.
    pub fn set(&mut self, bytes: usize) {
        if bytes.abs_diff(self.told) >= GRAIN {
            self.shares.hold(self.number, self.told, bytes);
            self.told = bytes;
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        if self.told > 0 {
            self.shares.hold(self.number, self.told, 0);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shares.inside.lock().take(self.number);
    }
}

/// The address whose share it is: a network of IPv6 has more addresses than anybody can count, and one owner.
pub(super) fn share_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64))
        }
        ip => ip,
    }
}

#[cfg(test)]
mod tests;
