//! The way by which a client tells what it saw.

use super::report::Saw;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Where what was seen goes: to a channel, if anybody listens. What is told waits here until it is
/// flushed, so that telling needs no await and a cancelled read loses nothing.
#[derive(Default)]
pub(super) struct Reporter {
    sender: Option<mpsc::Sender<Saw>>,
    waiting: VecDeque<Saw>,
}

impl Reporter {
    pub fn to(sender: mpsc::Sender<Saw>) -> Self {
        Self {
            sender: Some(sender),
            waiting: VecDeque::new(),
        }
    }

    pub fn listened_to(&self) -> bool {
        self.sender.is_some()
    }

    pub fn tell(&mut self, saw: Saw) {
        if self.listened_to() {
            self.waiting.push_back(saw);
        }
    }

    /// Hands over what waits. Cancel safe.
    pub async fn flush(&mut self) {
        while !self.waiting.is_empty() {
            let Some(sender) = &self.sender else { break };
            let Ok(room) = sender.reserve().await else {
                // Nobody listens any longer: go on without.
                break;
            };
            if let Some(saw) = self.waiting.pop_front() {
                room.send(saw);
            }
        }
        if self.sender.as_ref().is_some_and(mpsc::Sender::is_closed) {
            self.sender = None;
        }
        self.waiting.clear();
    }
}
