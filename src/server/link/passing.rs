//! Mailboxes into which something was put that is to be passed on once the speaker's own events are told.

use std::fmt;
use std::sync::Arc;

/// The most connections for which one message is written by whoever says it; the others are woken.
const MOST: usize = 128;

/// A mailbox, whatever comes through it.
pub trait Passes: Send + Sync + fmt::Debug {
    /// Writes the frames that wait, here and now, where the connection waits for its client and its socket takes them. What is
    /// left wakes the connection. [`Passes::tell_passed`] has to follow.
    fn pass_on(&self);
    /// Tells of what was passed on.
    fn tell_passed(&self);
    /// The connection looks at what was put in.
    fn wake(&self);
}

/// Those of one speaker. None is ever forgotten: what is dropped is woken.
#[derive(Debug, Default)]
pub(super) struct Passing(Vec<Arc<dyn Passes>>);

impl Passing {
    pub(super) fn add(&mut self, mailbox: Arc<dyn Passes>) {
        self.0.push(mailbox);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Passes on what was put in. It is told of behind the last: an event wakes whoever takes it.
    pub(super) fn pass_on(&mut self) {
        let mailboxes = std::mem::take(&mut self.0);
        let (now, later) = mailboxes.split_at(mailboxes.len().min(MOST));
        later.iter().for_each(|mailbox| mailbox.wake());
        now.iter().for_each(|mailbox| mailbox.pass_on());
        now.iter().for_each(|mailbox| mailbox.tell_passed());
    }

    /// Leaves it to the connections.
    pub(super) fn wake(&mut self) {
        self.0.drain(..).for_each(|mailbox| mailbox.wake());
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.wake();
    }
}
