//! Messages out of pieces, and pieces of messages, whichever header they have.
//!
//! What is to be sent waits as it is, and is cut into pieces one at a time, as whoever writes them has room.

use super::first::First;
use super::later::Later;
use super::pieces::{Fault, Incoming, Outgoing, Unfinished};
use std::collections::VecDeque;

/// How pieces travel.
#[derive(Debug)]
pub struct Transport {
    head: Head,
    acknowledgements: VecDeque<Vec<u8>>,
    queue: VecDeque<Outgoing>,
    unfinished: Unfinished,
}

#[derive(Debug)]
enum Head {
    /// With the header of MSNC1.
    First(First),
    /// With the header of MSNP16 and above.
    Later(Later),
}

/// A message of which all pieces are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// The session that it is about.
    pub owner: u32,
    /// The number that comes back as [`Incoming::Acknowledged`].
    pub number: u32,
}

impl Transport {
    /// One whose numbers begin with this one.
    pub(super) fn new(later: bool, number: u32) -> Self {
        Self {
            head: match later {
                true => Head::Later(Later::new(number)),
                false => Head::First(First::new(number)),
            },
            acknowledgements: VecDeque::new(),
            queue: VecDeque::new(),
            unfinished: Unfinished::default(),
        }
    }

    /// Takes the bytes of one message of the switchboard. `most` says how many bytes a session may have, and that it is
    /// there.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        most: impl Fn(u32) -> Option<u64>,
    ) -> Result<Vec<Incoming>, Fault> {
        let (out, unfinished) = (&mut self.acknowledgements, &mut self.unfinished);
        match &mut self.head {
            Head::First(first) => first.take(bytes, most, unfinished, out),
            Head::Later(later) => later.take(bytes, most, unfinished, out),
        }
    }

    /// Something is to be sent.
    pub(super) fn put(&mut self, message: Outgoing) {
        self.queue.push_back(message);
    }

    /// The next packet, and the message that it is the last piece of.
    pub(super) fn next(&mut self) -> Option<(Vec<u8>, Option<Sent>)> {
        if let Some(packet) = self.acknowledgements.pop_front() {
            return Some((packet, None));
        }
        let message = self.queue.front_mut()?;
        let (packet, number) = match &mut self.head {
            Head::First(first) => first.cut(message),
            Head::Later(later) => later.cut(message),
        };
        if !message.is_whole() {
            return Some((packet, None));
        }
        let owner = message.owner;
        self.queue.pop_front();
        Some((packet, Some(Sent { owner, number })))
    }

    /// Whether something waits to be sent.
    pub(super) fn has_more(&self) -> bool {
        !self.acknowledgements.is_empty() || !self.queue.is_empty()
    }

    /// Whether an acknowledgement with the number `got` is one of the message sent as `sent`.
    pub(super) fn covers(&self, got: u32, sent: u32) -> bool {
        match self.head {
            Head::First(_) => got == sent,
            // Of a stream: all up to there, with numbers that wrap.
            Head::Later(_) => got.wrapping_sub(sent) < u32::MAX / 2,
        }
    }

    /// Forgets what is unfinished of a session, and its data that is not sent yet.
    pub(super) fn forget(&mut self, session: u32) {
        self.unfinished.forget(session);
        self.queue.retain(|message| message.session != session);
    }

    /// How many bytes of unfinished messages there are.
    pub(super) fn held(&self) -> usize {
        self.unfinished.held()
    }
}
