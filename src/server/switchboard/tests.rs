//! The board as a value: its bounds. Below it, seats with what hostile clients say.

mod hostile;
mod room;

use super::board::Board;
use super::conversation::{MAX_CONVERSATIONS, MAX_MEMBERS};
use super::gift::{Gift, Gifts, MOST_GIFTS};
use super::output::Output;
use super::people::{People, Person};
use super::refusal::Refusal;
use super::speech::{Carried, MAX_A_SECOND};
use crate::event::{ClientId, ConnectionId, Timestamp};
use crate::msnp::TransactionId;
use crate::msnp::object::MsnObject;
use crate::roster::Contact;
use crate::server::notification::mail::MAX_COOKIES;
use crate::server::peer::Thing;
use std::cell::Cell;
use std::sync::Arc;

/// Every account of the form `N@a.test` is a client with this number.
#[derive(Default)]
struct Everybody {
    now: Cell<u64>,
    drawn: Cell<u64>,
}

impl People for Everybody {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.get())
    }

    fn random(&self) -> u64 {
        self.drawn.set(self.drawn.get() + 1);
        self.drawn.get()
    }

    fn contact(&self, _: &str) -> Option<Arc<Contact>> {
        None
    }

    fn is_out(&self, _: &str) -> Option<&'static str> {
        None
    }

    fn company(&self, _: &str) -> Option<Arc<Contact>> {
        None
    }

    fn client(&self, client: ClientId) -> Option<Person> {
        Some(Person {
            client,
            account: account(client.0),
            name: "N".into(),
            shape: "15".parse().expect("a shape"),
            capabilities: "0".into(),
            visible: true,
        })
    }

    fn clients_of(&self, account: &str) -> Vec<Person> {
        let number = account.split('@').next().and_then(|n| n.parse().ok());
        number
            .and_then(|number| self.client(ClientId(number)))
            .into_iter()
            .collect()
    }

    fn is_known(&self, _: &str) -> bool {
        true
    }

    fn is_removed(&self, _: &str) -> bool {
        false
    }

    fn blocks(&self, _: &str, _: &str) -> bool {
        false
    }

    fn is_closed(&self, _: &str, _: &str) -> bool {
        false
    }

    fn named(&self, _: &str) -> Option<String> {
        None
    }
}

fn account(number: u64) -> String {
    format!("{number}@a.test")
}

/// A client begins a conversation at this seat.
fn begins(board: &mut Board, world: &Everybody, client: u64, seat: u64) -> Result<(), Refusal> {
    let cookie = board.invite(ClientId(client), &account(client), world)?;
    let seat = ConnectionId(seat);
    board
        .enter(seat, &account(client), &cookie.text, world, &mut Vec::new())
        .map(drop)
}

/// The client at this seat calls another, who comes to a seat of its own number.
fn calls(board: &mut Board, world: &Everybody, seat: u64, other: u64) -> Result<(), Refusal> {
    let mut out = Vec::new();
    board.call(
        ConnectionId(seat),
        TransactionId(1),
        &account(other),
        world,
        &mut out,
    )?;
    let rung = out.into_iter().find_map(|output| match output {
        Output::Ring(_, ring) => Some(ring),
        _ => None,
    });
    let ring = rung.expect("is rung");
    let session = ring.conversation.to_string();
    let shown = (account(other), ring.cookie.text);
    board
        .answer(
            ConnectionId(other),
            TransactionId(1),
            (&shown.0, &shown.1, &session),
            world,
            &mut Vec::new(),
        )
        .map(drop)
}

#[test]
fn a_conversation_has_so_many_members_and_no_more() {
    let (mut board, world) = (Board::default(), Everybody::default());
    begins(&mut board, &world, 1, 1).expect("begins");
    for other in 2..=MAX_MEMBERS as u64 {
        calls(&mut board, &world, 1, other).expect("comes");
    }
    assert_eq!(calls(&mut board, &world, 1, 5_000), Err(Refusal::Full));
    let mut out = Vec::new();
    board.leave(ConnectionId(2), &"".into(), &mut out);
    assert_eq!(calls(&mut board, &world, 1, 5_000), Ok(()));
    // All of them hear the same bytes, encoded once.
    let mut out = Vec::new();
    board.say(ConnectionId(1), None, b"hi", &world, &mut out);
    let frames = out.iter().filter_map(|output| match output {
        Output::Send(_, frame) => Some(frame.wire().as_ptr()),
        _ => None,
    });
    let frames: Vec<_> = frames.collect();
    assert_eq!(frames.len(), MAX_MEMBERS - 1);
    assert!(frames.iter().all(|frame| *frame == frames[0]));
}

#[test]
fn a_client_is_in_so_many_conversations_and_no_more_however_it_comes() {
    let (mut board, world) = (Board::default(), Everybody::default());
    let early = board
        .invite(ClientId(1), &account(1), &world)
        .expect("a cookie");
    for seat in 1..=MAX_CONVERSATIONS as u64 {
        begins(&mut board, &world, 1, 10_000 + seat).expect("begins");
    }
    let refused = Err(Refusal::TooMany);
    assert_eq!(begins(&mut board, &world, 1, 9), refused);
    let entered = board.enter(
        ConnectionId(9),
        &account(1),
        &early.text,
        &world,
        &mut Vec::new(),
    );
    assert_eq!(entered.map(drop), refused);
    begins(&mut board, &world, 2, 2).expect("another begins");
    assert_eq!(calls(&mut board, &world, 2, 1), refused);
    board.leave(ConnectionId(10_001), &"".into(), &mut Vec::new());
    assert_eq!(begins(&mut board, &world, 1, 9), Ok(()));
}

#[test]
fn of_the_cookies_of_a_client_the_oldest_gives_way() {
    let (mut board, world) = (Board::default(), Everybody::default());
    let cookies: Vec<String> = (0..=MAX_COOKIES as u64)
        .map(|n| {
            world.now.set(n);
            board
                .invite(ClientId(1), &account(1), &world)
                .map(|cookie| {
                    assert_eq!(cookie.crowded, n == MAX_COOKIES as u64);
                    cookie.text
                })
                .expect("a cookie")
        })
        .collect();
    let mut enter = |seat, cookie: &str| {
        let entered = board.enter(
            ConnectionId(seat),
            &account(1),
            cookie,
            &world,
            &mut Vec::new(),
        );
        entered.map(drop)
    };
    assert_eq!(enter(1, &cookies[0]), Err(Refusal::Old));
    assert_eq!(enter(2, &cookies[1]), Ok(()));
    assert_eq!(enter(3, &cookies[MAX_COOKIES]), Ok(()));
}

#[test]
fn a_second_has_so_many_messages_counted_once_for_each_member() {
    let (mut board, world) = (Board::default(), Everybody::default());
    begins(&mut board, &world, 1, 1).expect("begins");
    for other in 2..=1_000 {
        calls(&mut board, &world, 1, other).expect("comes");
    }
    let mut say = || board.say(ConnectionId(1), None, b"x", &world, &mut Vec::new());
    for _ in 0..MAX_A_SECOND / 1_000 {
        assert_eq!(say(), Carried::To(999));
    }
    assert_eq!(say(), Carried::TooFast(true));
    assert_eq!(say(), Carried::TooFast(false));
    world.now.set(1_000_000);
    assert_eq!(say(), Carried::To(999));
}

#[test]
fn of_what_contacts_have_to_give_the_oldest_gives_way() {
    let thing = |number: usize| {
        let bytes = number.to_string().into_bytes();
        Thing {
            object: MsnObject::of(2, "a@b", ("x.png", ""), &bytes),
            bytes: bytes.into(),
        }
    };
    let mut gifts = Gifts::default();
    for number in 0..=MOST_GIFTS {
        let gift = Arc::new(Gift {
            payloads: Vec::new(),
            thing: Some(Arc::new(thing(number))),
        });
        gifts.keep("a@b", &gift);
        // Sent once more it is still one.
        gifts.keep("a@b", &gift);
    }
    let held = gifts.of("A@b");
    assert_eq!(held.len(), MOST_GIFTS);
    assert_eq!(*held[0], thing(1));
    assert!(gifts.of("c@d").is_empty());
}
