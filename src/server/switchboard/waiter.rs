//! Who waits for what comes of a session: the command that asked for it.

use crate::server::peer::Told;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The end at which it is told. When all of its clones are gone, nothing is to come any more.
#[derive(Debug, Clone)]
pub struct Waiter(UnboundedSender<Told>);

impl Waiter {
    /// One, and the end at which it is heard.
    pub fn new() -> (Self, UnboundedReceiver<Told>) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), receiver)
    }

    /// Tells it. Nobody need be waiting any more.
    pub(super) fn tell(self, told: Told) {
        let _ = self.0.send(told);
    }
}

impl PartialEq for Waiter {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_channel(&other.0)
    }
}

impl Eq for Waiter {}
