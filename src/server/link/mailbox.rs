//! What others send to a connection. It is counted in bytes, and who puts it in never waits for room.

use super::passing::Passes;
use super::resting::{Passed, Resting};
use crate::event;
use crate::msnp::Frame;
use crate::server::shares::Want;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Notify;

/// The most bytes that may wait for a client that does not read. Beyond it the client is dropped.
pub const MAX_QUEUED: usize = 1024 * 1024;

/// One thing for a machine: a frame that is to go out, or what else its service tells it.
pub trait Letter: From<Frame> {
    /// How many bytes it holds.
    fn size(&self) -> usize;

    /// How many of these bytes no other connection shares.
    fn own(&self) -> usize {
        0
    }

    /// The frame, where it is nothing but one that goes out as it is.
    fn frame(&self) -> Option<&Frame> {
        None
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
}

impl From<&Ending> for event::Ending {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Elsewhere => event::Ending::Elsewhere,
            Ending::Shutdown => event::Ending::Stopping,
            Ending::Kicked => event::Ending::Kicked,
            Ending::Stuffed => {
                event::Ending::other("the client does not read: more than 1 MiB was waiting for it")
            }
            Ending::Crowded(want) => event::Ending::other(want.reason()),
        }
    }
}

/// The mailbox of one connection. Whoever has something for it puts it in under a lock of its own; the connection's
/// task takes it out.
#[derive(Debug)]
pub struct Mailbox<L> {
    inside: Mutex<Inside<L>>,
    notify: Notify,
}

#[derive(Debug)]
struct Inside<L> {
    mail: VecDeque<Waiting<L>>,
    bytes: usize,
    /// Those of these bytes that no other session shares.
    own: usize,
    ending: Option<Ending>,
    /// What the connection lends while it waits for its client.
    resting: Option<Arc<Resting>>,
    passed: Passed,
}

impl<L> Default for Mailbox<L> {
    fn default() -> Self {
        Self {
            inside: Mutex::new(Inside {
                mail: VecDeque::new(),
                bytes: 0,
                own: 0,
                ending: None,
                resting: None,
                passed: Passed::default(),
            }),
            notify: Notify::new(),
        }
    }
}

/// What waits.
#[derive(Debug)]
enum Waiting<L> {
    One(L),
    /// Changes that were made at once, and how many of them were taken. Other mailboxes share them.
    Batch(Arc<[Frame]>, usize),
}

impl<L: Letter> Waiting<L> {
    fn own(&self) -> usize {
        match self {
            Waiting::One(mail) => mail.own(),
            Waiting::Batch(..) => 0,
        }
    }
}

impl<L: Letter> Mailbox<L> {
    /// Puts something in, and gives back how many bytes wait now. A connection with too much waiting gets an ending instead.
    pub fn put(&self, mail: L) -> usize {
        let bytes = self.put_quietly(mail);
        self.notify.notify_one();
        bytes
    }

    /// The same, without waking the connection: [`Passes::pass_on`] or [`Passes::wake`] has to follow.
    pub fn put_quietly(&self, mail: L) -> usize {
        let size = mail.size();
        self.queue(Waiting::One(mail), size)
    }

    /// The connection waits for its client: until [`Mailbox::rises`] others may write for it.
    pub(super) fn rests(&self, resting: &Arc<Resting>) {
        let mut inside = self.inside.lock();
        inside.resting = Some(resting.clone());
    }

    /// It waits no more, and tells of what was written meanwhile. Gives back the rest.
    pub(super) fn rises(&self) -> Passed {
        let inside = &mut *self.inside.lock();
        if let Some(resting) = inside.resting.take() {
            resting.tell(&mut inside.passed);
        }
        std::mem::take(&mut inside.passed)
    }

    /// Puts changes in that were made at once. They may pass the bound if nothing else waits: who reads what it is sent
    /// is told of every change, however many were made.
    pub fn put_all(&self, frames: Arc<[Frame]>) {
        let size = frames.iter().map(|frame| frame.wire().len()).sum();
        self.queue(Waiting::Batch(frames, 0), size);
        self.notify.notify_one();
    }

    fn queue(&self, waiting: Waiting<L>, size: usize) -> usize {
        let mut inside = self.inside.lock();
        if inside.ending.is_some() {
            return 0;
        }
        let is_alone = inside.bytes == 0 && matches!(waiting, Waiting::Batch(..));
        inside.bytes += size;
        inside.own += waiting.own();
        if inside.bytes > MAX_QUEUED && !is_alone {
            inside.mail = VecDeque::new();
            inside.own = 0;
            inside.ending = Some(Ending::Stuffed);
        } else {
            inside.mail.push_back(waiting);
        }
        inside.bytes
    }

    /// Ends the connection. The first reason stays.
    pub fn end(&self, ending: Ending) {
        self.inside.lock().ending.get_or_insert(ending);
        self.notify.notify_one();
    }

    /// The next thing, if there is one.
    pub fn take(&self) -> Option<L> {
        let mut inside = self.inside.lock();
        let mail = inside.next();
        match &mail {
            Some(mail) => inside.bytes -= mail.size(),
            // An idle connection keeps no room.
            None if inside.mail.capacity() > 16 => inside.mail = VecDeque::new(),
            None => {}
        }
        mail
    }

    /// How many bytes wait that no other connection shares.
    pub fn own(&self) -> usize {
        self.inside.lock().own
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

impl<L: Letter + Send + fmt::Debug> Passes for Mailbox<L> {
    fn pass_on(&self) {
        let mut inside = self.inside.lock();
        let is_left = !inside.pass_on();
        drop(inside);
        if is_left {
            self.wake();
        }
    }

    fn tell_passed(&self) {
        let inside = &mut *self.inside.lock();
        if let Some(resting) = &inside.resting {
            resting.tell(&mut inside.passed);
        }
    }

    fn wake(&self) {
        self.notify.notify_one();
    }
}

impl<L: Letter> Inside<L> {
    /// Passes on what waits, up to what cannot be. Whether nothing is left for the connection.
    fn pass_on(&mut self) -> bool {
        let resting = self.resting.clone().filter(|_| self.ending.is_none());
        let Some(resting) = resting else {
            return false;
        };
        while let Some(Waiting::One(letter)) = self.mail.front() {
            let frame = letter.frame().filter(|_| self.passed.cut.is_none());
            let Some(frame) = frame else {
                break;
            };
            let written = resting.write(frame, &mut self.passed);
            if written == 0 {
                break;
            }
            if written < frame.wire().len() {
                self.passed.cut = Some((frame.clone(), written));
            }
            if let Some(letter) = self.next() {
                self.bytes -= letter.size();
            }
        }
        self.mail.is_empty() && self.passed.cut.is_none()
    }

    fn next(&mut self) -> Option<L> {
        while let Some(Waiting::Batch(frames, taken)) = self.mail.front_mut() {
            if let Some(frame) = frames.get(*taken) {
                *taken += 1;
                return Some(L::from(frame.clone()));
            }
            self.mail.pop_front();
        }
        let first = self.mail.pop_front()?;
        self.own -= first.own();
        match first {
            Waiting::One(mail) => Some(mail),
            Waiting::Batch(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    impl Letter for Frame {
        fn size(&self) -> usize {
            self.wire().len()
        }
    }

    #[test]
    fn a_session_that_takes_nothing_is_ended_at_the_bound_and_keeps_no_bytes() {
        let mailbox = Mailbox::<Frame>::default();
        let frame = Frame::from_wire(Bytes::from(vec![b'x'; 1000]));
        for _ in 0..2_000 {
            mailbox.put(frame.clone());
        }
        assert_eq!(mailbox.ending(), Some(Ending::Stuffed));
        assert_eq!(mailbox.take(), None);
        mailbox.end(Ending::Kicked);
        assert_eq!(mailbox.ending(), Some(Ending::Stuffed));
    }

    #[test]
    fn a_batch_is_taken_one_by_one_and_may_be_longer_than_the_bound_if_it_is_alone() {
        let mailbox = Mailbox::<Frame>::default();
        let frame = |n: u8| Frame::from_wire(Bytes::from(vec![n; MAX_QUEUED]));
        mailbox.put_all([frame(1), frame(2)].into());
        assert_eq!(mailbox.ending(), None);
        assert_eq!(mailbox.take(), Some(frame(1)));
        assert!(mailbox.has_mail());
        assert_eq!(mailbox.take(), Some(frame(2)));
        assert!(!mailbox.has_mail());
        assert_eq!(mailbox.take(), None);
        mailbox.put(Frame::from_wire(Bytes::from_static(b"x")));
        mailbox.put_all([frame(3)].into());
        assert_eq!(mailbox.ending(), Some(Ending::Stuffed));
    }

    #[test]
    fn what_is_taken_makes_room() {
        let mailbox = Mailbox::<Frame>::default();
        let frame = Frame::from_wire(Bytes::from(vec![b'x'; MAX_QUEUED]));
        for _ in 0..3 {
            mailbox.put(frame.clone());
            assert!(mailbox.take().is_some());
        }
        assert_eq!(mailbox.ending(), None);
    }
}
