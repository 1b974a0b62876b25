//! What the hub sends to a session. It is counted in bytes, and the hub never waits for room.

use crate::msnp::{Frame, Shape};
use crate::server::shares::Want;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::VecDeque;
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
    pub fn reason(&self) -> &'static str {
        match self {
            Ending::Elsewhere => "the account signed in at another place",
            Ending::Shutdown => "the service is ending",
            Ending::Kicked => "the operator closed it",
            Ending::Stuffed => "the client does not read: more than 1 MiB was waiting for it",
            Ending::Crowded(want) => want.reason(),
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
    mail: VecDeque<Mail>,
    bytes: usize,
    ending: Option<Ending>,
}

impl Mailbox {
    /// Puts something in. A session with too much waiting gets an ending instead.
    pub fn put(&self, mail: Mail) {
        let mut inside = self.inside.lock();
        if inside.ending.is_some() {
            return;
        }
        inside.bytes += size(&mail);
        if inside.bytes > MAX_QUEUED {
            inside.mail.clear();
            inside.mail.shrink_to_fit();
            inside.ending = Some(Ending::Stuffed);
        } else {
            inside.mail.push_back(mail);
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
        let mail = inside.mail.pop_front();
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
        !self.inside.lock().mail.is_empty()
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

fn size(mail: &Mail) -> usize {
    match mail {
        Mail::Broadcast(frame) => frame.wire().len(),
        Mail::Inject(bytes) => bytes.len(),
        Mail::Reshape(_) => 0,
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
