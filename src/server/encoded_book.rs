//! The address book and the lists as SOAP writes them: encoded once a version of the roster, and shared by every answer.

use crate::roster::Roster;
use bytes::Bytes;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use time::OffsetDateTime;

/// From this many contacts on an answer is long work, which has its turns: it would keep others waiting.
pub const LONG: usize = 256;

/// What is the same in the answer to everybody.
#[derive(Debug)]
pub(crate) struct Book {
    /// The `Group` elements.
    pub groups: Bytes,
    /// The `Contact` elements of the forward list.
    pub contacts: Bytes,
    /// The `Membership` elements: the list as SOAP calls it, and its element.
    pub memberships: Vec<(&'static str, Bytes)>,
    /// When it was encoded: a client that asks for what changed since then is told that nothing did.
    pub changed: OffsetDateTime,
}

/// The book of the roster that was asked for last.
#[derive(Debug, Default)]
pub struct Books {
    held: Mutex<Option<(Arc<Roster>, Arc<Book>)>>,
    encoded: AtomicU64,
}

impl Books {
    /// The book of this roster. Of several that ask at once, one encodes it and the others wait.
    pub(crate) fn of(
        &self,
        roster: &Arc<Roster>,
        encode: impl FnOnce(&Roster) -> Book,
    ) -> Arc<Book> {
        let mut held = self.held.lock();
        if let Some((of, book)) = held.as_ref()
            && Arc::ptr_eq(of, roster)
        {
            return book.clone();
        }
        let book = Arc::new(encode(roster));
        self.encoded.fetch_add(1, Ordering::Relaxed);
        *held = Some((roster.clone(), book.clone()));
        book
    }

    /// Forgets the book, where what stands in it changed and the roster did not.
    pub(crate) fn forget(&self) {
        *self.held.lock() = None;
    }

    /// How often a book was encoded.
    pub fn encoded(&self) -> u64 {
        self.encoded.load(Ordering::Relaxed)
    }
}
