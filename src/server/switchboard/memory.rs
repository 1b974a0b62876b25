//! What a contact remembers of those who talk to it. It stands below the board, which keeps it, and below the manners, which
//! use it.

use crate::event::ClientId;
use crate::roster::Manner;
use std::collections::{HashMap, HashSet};

/// The answers of contacts that are on their way, in one conversation or to one client.
#[derive(Debug, Default)]
pub(super) struct Thinking {
    /// How many.
    pub(super) answers: usize,
    /// Whether it was told that there are as many as may be.
    pub(super) told: bool,
}

/// By what a client has written to a contact in no conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// UUM, which is answered by UBM.
    Uum,
    /// SDG, which is answered by the same.
    Sdg,
}

impl By {
    /// The verb by which a contact writes so.
    pub fn verb(self) -> &'static str {
        match self {
            By::Uum => "UBM",
            By::Sdg => "SDG",
        }
    }
}

/// What a contact remembers.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Which clients have written to it in no conversation, and by what the last time: it writes to them likewise.
    pub(super) apart: HashMap<ClientId, By>,
    /// The people whom it has told that it is away.
    pub(super) told: HashSet<String>,
    /// How often it has answered by each of its rules.
    pub(super) answers: Vec<u64>,
    /// How it behaved when it did so. Who behaves anew begins anew.
    manner: Manner,
}

impl Memory {
    /// Forgets whom it has told what, unless it behaves as it did then.
    pub(super) fn behaves(&mut self, manner: &Manner) {
        if self.manner != *manner {
            self.manner.clone_from(manner);
            self.told.clear();
            self.answers.clear();
        }
    }
}
