use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const BOUNDS: Bounds = Bounds {
    waiting: 8,
    connections: 20,
    kept: 6,
    memory: 100_000,
};

fn ip(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

struct Test(Arc<Shares>);

impl Test {
    /// A connection, and a counter of how often it was told to end.
    fn enter(&self, side: Side, from: u8) -> (Place, Arc<AtomicUsize>) {
        let ended = Arc::new(AtomicUsize::new(0));
        let end = ended.clone();
        let place = self.0.enter(side, ip(from), move |_| {
            end.fetch_add(1, Ordering::Relaxed);
        });
        (place, ended)
    }
}

fn is_ended((_, ended): &(Place, Arc<AtomicUsize>)) -> bool {
    ended.load(Ordering::Relaxed) == 1
}

#[test]
fn who_fills_the_bound_ends_its_own_connections_and_nobody_elses() {
    let test = Test(Shares::new(BOUNDS));
    let other = test.enter(Side::Notification, 2);
    let many: Vec<_> = (0..1_000)
        .map(|_| test.enter(Side::Notification, 1))
        .collect();
    assert!(!is_ended(&other));
    assert!(test.0.waiting(Side::Notification) <= BOUNDS.waiting);
    assert!(!is_ended(&many[999]));
}

#[test]
fn of_one_address_those_end_first_that_have_said_nothing() {
    let test = Test(Shares::new(BOUNDS));
    let speaker = test.enter(Side::Notification, 1);
    speaker.0.heard();
    let many: Vec<_> = (0..1_000)
        .map(|_| test.enter(Side::Notification, 1))
        .collect();
    assert!(!is_ended(&speaker) && is_ended(&many[0]));
    for (place, _) in &many[990..] {
        place.heard();
    }
    let more: Vec<_> = (0..20).map(|_| test.enter(Side::Notification, 1)).collect();
    for (place, _) in &more {
        place.heard();
    }
    let _one = test.enter(Side::Notification, 1);
    let _two = test.enter(Side::Notification, 1);
    assert!(test.0.waiting(Side::Notification) <= BOUNDS.waiting);
}

#[test]
fn the_longest_idle_web_connection_makes_room_and_some_places_are_for_the_notification_door() {
    let test = Test(Shares::new(BOUNDS));
    let web: Vec<_> = (0..14)
        .map(|_| {
            let held = test.enter(Side::Web, 1);
            held.0.settled();
            held
        })
        .collect();
    for (place, _) in web.iter().rev() {
        place.resting();
    }
    let next = test.enter(Side::Web, 2);
    assert!(is_ended(&web[13]) && !is_ended(&web[12]) && !is_ended(&next));
    let signed_in: Vec<_> = (0..6)
        .map(|n| {
            let held = test.enter(Side::Notification, n);
            held.0.settled();
            held
        })
        .collect();
    assert!(!is_ended(&web[12]) && !signed_in.iter().any(is_ended));
    let _more = test.enter(Side::Notification, 7);
    assert!(is_ended(&web[12]) && !signed_in.iter().any(is_ended));
}

#[test]
fn beyond_the_memory_the_one_that_holds_most_ends_and_what_is_given_back_counts_no_more() {
    let test = Test(Shares::new(BOUNDS));
    let (large, small, third) = (
        test.enter(Side::Web, 1),
        test.enter(Side::Notification, 2),
        test.enter(Side::Web, 2),
    );
    large.0.settled();
    let mut holdings: Vec<_> = [&large, &small, &third].map(|c| c.0.holding()).into();
    holdings[0].set(60_000);
    holdings[1].set(30_000);
    assert_eq!(test.0.held(), 90_000);
    holdings[2].set(20_000);
    assert!(is_ended(&large) && !is_ended(&small) && !is_ended(&third));
    assert_eq!(test.0.held(), 50_000);
    // It is not told twice, and what it gives back was never anybody else's.
    holdings[0].set(90_000);
    holdings.remove(0);
    assert_eq!(test.0.held(), 50_000);
    let mut second = small.0.holding();
    second.set(50_000);
    assert_eq!(test.0.held(), 100_000);
    drop(second);
    holdings.clear();
    assert_eq!(test.0.held(), 0);
    let all = test.enter(Side::Web, 3);
    all.0.holding().set(100_001);
    assert!(is_ended(&all));
    assert_eq!(test.0.held(), 0);
}

#[test]
fn a_network_of_ipv6_has_one_share() {
    let of = |text: &str| share_of(text.parse().expect("an address"));
    assert_eq!(of("fd00::1"), of("fd00::ffff:1"));
    assert_ne!(of("fd00::1"), of("fd00:0:0:1::1"));
    assert_eq!(of("::ffff:10.0.0.1"), ip(1));
    assert_eq!(of("::1"), IpAddr::V6(Ipv6Addr::LOCALHOST));
}

proptest::proptest! {
    #[test]
    fn counts_are_those_of_the_places_whatever_happens(steps: Vec<(bool, u8, u8, u8)>) {
        let test = Test(Shares::new(BOUNDS));
        let mut held = Vec::new();
        for (web, from, what, at) in steps {
            let side = if web { Side::Web } else { Side::Notification };
            let one = (!held.is_empty()).then(|| usize::from(at) % held.len());
            match (what % 7, one) {
                (0, Some(one)) => { let _: (Place, _) = held.swap_remove(one); }
                (1, Some(one)) => held[one].0.heard(),
                (2, Some(one)) => held[one].0.settled(),
                (3, Some(one)) => held[one].0.resting(),
                (4, Some(one)) => held[one].0.understood(),
                _ => held.push(test.enter(side, from % 4)),
            }
            let inside = test.0.inside.lock();
            let counted: usize = inside.counts.iter().flatten().sum();
            let queued: usize = inside.shares.values().flatten().map(BTreeMap::len).sum();
            proptest::prop_assert_eq!(counted, inside.places.len());
            proptest::prop_assert_eq!(queued, inside.places.len());
            proptest::prop_assert!(inside.places.len() <= BOUNDS.connections);
        }
        drop(held);
        proptest::prop_assert!(test.0.is_empty() && test.0.inside.lock().shares.is_empty());
    }
}
