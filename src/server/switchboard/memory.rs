//! What a contact remembers of those who talk to it. It stands below the board, which keeps it, and below the manners, which
//! use it.

use crate::event::ClientId;
use std::collections::HashSet;

/// The answers of contacts that are on their way, in one conversation or to one client.
#[derive(Debug, Default)]
pub(super) struct Thinking {
    /// How many.
    pub(super) answers: usize,
    /// Whether it was told that there are as many as may be.
    pub(super) told: bool,
}

/// What a contact remembers.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Which clients have written to it in no conversation: it writes to them likewise.
    pub(super) apart: HashSet<ClientId>,
    /// The people whom it has told that it is away.
    pub(super) told: HashSet<String>,
    /// How often it has answered.
    pub(super) answers: u64,
}
