//! Peers that want all of the service for themselves: they connect in a loop, hold what they get, and let nobody in.
//! Everything is over loopback, where attacker and victim share an address.

mod common;

use common::{Raw, whole_within};
use nudge::client::Client;
use nudge::event::Service;
use nudge::server::shares::{Bounds, Side};
use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const DOORS: [Service; 3] = [Service::Notification, Service::Https, Service::Http];

/// A peer that connects in a loop until it is dropped, and holds the last of its connections.
struct Loop {
    stop: Arc<AtomicBool>,
    made: Arc<AtomicUsize>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Loop {
    fn start(doors: Vec<SocketAddr>, says: &'static [u8], holds: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let made = Arc::new(AtomicUsize::new(0));
        let (end, count) = (stop.clone(), made.clone());
        let thread = std::thread::spawn(move || {
            let mut held = VecDeque::new();
            while !end.load(Ordering::Relaxed) {
                for door in &doors {
                    let Ok(mut stream) = TcpStream::connect(door) else {
                        continue;
                    };
                    let _ = stream.write_all(says);
                    held.push_back(stream);
                    count.fetch_add(1, Ordering::Relaxed);
                }
                while held.len() > holds {
                    held.pop_front();
                }
            }
        });
        Self {
            stop,
            made,
            thread: Some(thread),
        }
    }

    /// How many connections it has made.
    fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the peer ends");
        }
    }
}

async fn twelve_sign_in_beside(says: &'static [u8]) {
    let bounds = Bounds {
        waiting: 512,
        ..Bounds::default()
    };
    let mut whole = whole_within(Some(bounds)).await;
    whole.ignore_events();
    let doors = DOORS.map(|door| whole.door(door)).to_vec();
    let peer = Loop::start(doors, says, 3 * 600);
    // It has filled every bound before the first client comes.
    while peer.made() < 3 * 2 * bounds.waiting {
        tokio::task::yield_now().await;
    }
    let mut signed_in = 0;
    for n in 0..12 {
        let account = format!("me{n}@local");
        let client = async {
            let mut client = Client::connect(whole.client(&account)).await?;
            client.sign_in().await
        };
        match client.await {
            Ok(()) => signed_in += 1,
            Err(error) => eprintln!("{account}: {error}"),
        }
    }
    assert_eq!(signed_in, 12, "beside {} connections", peer.made());
    let shares = whole.engine().service().shares();
    for side in [Side::Notification, Side::Web] {
        assert!(shares.waiting(side) <= bounds.waiting);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_clients_sign_in_beside_a_peer_that_connects_in_a_loop_and_says_nothing() {
    twelve_sign_in_beside(b"").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_clients_sign_in_beside_a_peer_that_connects_in_a_loop_and_says_half_a_line() {
    twelve_sign_in_beside(b"GET / HT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_web_connections_make_room_and_the_notification_door_stays_open() {
    let bounds = Bounds {
        waiting: 1024,
        connections: 64,
        kept: 8,
        ..Bounds::default()
    };
    let mut whole = whole_within(Some(bounds)).await;
    whole.ignore_events();
    let mut idle: VecDeque<TcpStream> = VecDeque::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(whole.door(Service::Http)).expect("connects");
        let page = b"GET /hosts.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(page).expect("is read");
        let mut first = [0; 12];
        stream.read_exact(&mut first).expect("an answer");
        assert_eq!(&first, b"HTTP/1.1 200");
        idle.push_back(stream);
    }
    assert!(whole.engine().service().shares().len() <= bounds.connections);
    // The one that is longest idle has ended.
    let mut rest = Vec::new();
    idle[0].read_to_end(&mut rest).expect("its end");
    let mut raw = Raw::connect(whole.door(Service::Notification)).await;
    raw.send("VER 1 MSNP16 CVR0\r\n").await;
    raw.expect("VER 1 MSNP16").await;
}
