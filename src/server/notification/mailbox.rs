//! What the hub sends to a session. It is counted in bytes, and the hub never waits for room.

use crate::event;
use crate::msnp::{Frame, Shape};
use crate::server::shares::Want;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Notify;

/// The most bytes that may wait for a client that does not read. Beyond it the client is dropped.
pub const MAX_QUEUED: usize = 1024 * 1024;

/// One thing for a session.
#[derive(Debug, Clone, PartialEq)]
pub enum Mail {
    /// A change of the roster, encoded once for all of this shape.
    Broadcast(Frame),
    /// What the operator wrote, as it is to go out.
    Inject(Bytes),
    /// Be answered in this shape from now on.
    Reshape(Shape),
    /// The client is to answer this challenge.
    Challenge(String),
    /// Another place of the account signs this one out, by this note.
    SignOut(Frame),
}

impl Mail {
    /// A new challenge: twenty digits, as the real service's.
    pub fn challenge() -> Self {
        let number = uuid::Uuid::new_v4().as_u128() % 10u128.pow(20);
        Mail::Challenge(format!("{number:020}"))
    }
}

/// Why a session has to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The account signed in elsewhere: `OUT OTH`.
    Elsewhere,
    /// The service ends: `OUT SSD`.
    Shutdown,
    /// The operator closes the connection.
    Kicked,
    /// It does not read what is sent to it.
    Stuffed,
    /// Another connection needs its room.
    Crowded(Want),
}

impl Ending {
    /// The frame that says so to the client, where the protocol has one.
    pub fn farewell(&self) -> Option<&'static str> {
        match self {
            Ending::Elsewhere => Some("OUT OTH\r\n"),
            Ending::Shutdown => Some("OUT SSD\r\n"),
            _ => None,
        }
    }

    /// A sentence for the event.
    pub fn reason(&self) -> String {
        match self {
            Ending::Elsewhere => event::Ending::Elsewhere.to_string(),
            Ending::Shutdown => event::Ending::Stopping.to_string(),
            Ending::Kicked => event::Ending::Kicked.to_string(),
            Ending::Stuffed => {
                "the client does not read: more than 1 MiB was waiting for it".into()
            }
            Ending::Crowded(want) => want.reason().into(),
        }
    }
}

/// The mailbox of one session. The hub puts things in under its own lock; the session's task takes them out.
#[derive(Debug, Default)]
pub struct Mailbox {
    inside: Mutex<Inside>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    mail: VecDeque<Waiting>,
    bytes: usize,
    ending: Option<Ending>,
}

/// What waits.
#[derive(Debug)]
enum Waiting {
    One(Mail),
    /// Changes that were made at once, of which so many were taken. Others share them.
    Batch(Arc<[Frame]>, usize),
}

impl Mailbox {
    /// Puts something in. A session with too much waiting gets an ending instead.
    pub fn put(&self, mail: Mail) {
        let size = size(&mail);
        self.queue(Waiting::One(mail), size);
    }

    /// Puts changes in that were made at once. They may pass the bound if nothing else waits: who reads what it is sent
    /// is told of every change, however many were made.
    pub fn put_all(&self, frames: Arc<[Frame]>) {
        let size = frames.iter().map(|frame| frame.wire().len()).sum();
        self.queue(Waiting::Batch(frames, 0), size);
    }

    fn queue(&self, waiting: Waiting, size: usize) {
        let mut inside = self.inside.lock();
        if inside.ending.is_some() {
            return;
        }
        let is_alone = inside.bytes == 0 && matches!(waiting, Waiting::Batch(..));
        inside.bytes += size;
        if inside.bytes > MAX_QUEUED && !is_alone {
            inside.mail = VecDeque::new();
            inside.ending = Some(Ending::Stuffed);
        } else {
            inside.mail.push_back(waiting);
        }
        drop(inside);
        self.notify.notify_one();
    }

    /// Ends the session. The first reason stays.
    pub fn end(&self, ending: Ending) {
        self.inside.lock().ending.get_or_insert(ending);
        self.notify.notify_one();
    }

    /// The next thing, if there is one.
    pub fn take(&self) -> Option<Mail> {
        let mut inside = self.inside.lock();
        let mail = inside.next();
        match &mail {
            Some(mail) => inside.bytes -= size(mail),
            // An idle session keeps no room.
            None if inside.mail.capacity() > 16 => inside.mail = VecDeque::new(),
            None => {}
        }
        mail
    }

    /// Whether something is left to take.
    pub fn has_mail(&self) -> bool {
        let inside = self.inside.lock();
        inside.mail.iter().any(|waiting| match waiting {
            Waiting::One(_) => true,
            Waiting::Batch(frames, taken) => *taken < frames.len(),
        })
    }

    /// Whether it has to end, and why.
    pub fn ending(&self) -> Option<Ending> {
        self.inside.lock().ending.clone()
    }

    /// Waits until it has to end. What is put in meanwhile wakes no other wait: look for it afterwards.
    pub async fn ended(&self) {
        while self.ending().is_none() {
            self.changed().await;
        }
    }

    /// Waits until something was put in since the last wait.
    pub async fn changed(&self) {
        self.notify.notified().await;
    }
}

impl Inside {
    fn next(&mut self) -> Option<Mail> {
        while let Some(Waiting::Batch(frames, taken)) = self.mail.front_mut() {
            if let Some(frame) = frames.get(*taken) {
                *taken += 1;
                return Some(Mail::Broadcast(frame.clone()));
            }
            self.mail.pop_front();
        }
        match self.mail.pop_front()? {
            Waiting::One(mail) => Some(mail),
            Waiting::Batch(..) => None,
        }
    }
}

fn size(mail: &Mail) -> usize {
    match mail {
        Mail::Broadcast(frame) | Mail::SignOut(frame) => frame.wire().len(),
        Mail::Inject(bytes) => bytes.len(),
        Mail::Reshape(_) => 0,
        Mail::Challenge(text) => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_takes_nothing_is_ended_at_the_bound_and_keeps_no_bytes() {
        let mailbox = Mailbox::default();
        let frame = Frame::from_wire(Bytes::from(vec![b'x'; 1000]));
        for _ in 0..2_000 {
            mailbox.put(Mail::Broadcast(frame.clone()));
        }
        assert_eq!(mailbox.ending(), Some(Ending::Stuffed));
        assert_eq!(mailbox.take(), None);
        mailbox.end(Ending::Kicked);
        assert_eq!(mailbox.ending(), Some(Ending::Stuffed));
    }

    #[test]
    fn a_batch_is_taken_one_by_one_and_may_be_longer_than_the_bound_if_it_is_alone() {
        let mailbox = Mailbox::default();
        let frame = |n: u8| Frame::from_wire(Bytes::from(vec![n; MAX_QUEUED]));
        mailbox.put_all([frame(1), frame(2)].into());
        assert_eq!(mailbox.ending(), None);
        assert_eq!(mailbox.take(), Some(Mail::Broadcast(frame(1))));
        assert!(mailbox.has_mail());
        assert_eq!(mailbox.take(), Some(Mail::Broadcast(frame(2))));
        assert!(!mailbox.has_mail());
        assert_eq!(mailbox.take(), None);
        mailbox.put(Mail::Inject(Bytes::from_static(b"x")));
        mailbox.put_all([frame(3)].into());
        assert_eq!(mailbox.ending(), Some(Ending::Stuffed));
    }

    #[test]
    fn what_is_taken_makes_room() {
        let mailbox = Mailbox::default();
        let frame = Frame::from_wire(Bytes::from(vec![b'x'; MAX_QUEUED]));
        for _ in 0..3 {
            mailbox.put(Mail::Broadcast(frame.clone()));
            assert!(mailbox.take().is_some());
        }
        assert_eq!(mailbox.ending(), None);
    }
}
