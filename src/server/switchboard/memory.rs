//! What a contact remembers of those who talk to it. It stands below the board, which keeps it, and below the manners, which
//! use it.

use std::collections::HashSet;

/// What a contact remembers.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Whom it has told that it is away.
    pub(super) told: HashSet<String>,
    /// How often it has answered.
    pub(super) answers: u64,
}
