//! The files that clients offer contacts and that the operator has not answered yet.

use crate::event::{ClientId, ConnectionId};
use crate::msnp::p2p::offer::Offer;

/// A file that a client offers a contact, until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Who offers it.
    pub client: ClientId,
    /// Where.
    pub(super) seat: ConnectionId,
    /// The contact.
    pub contact: String,
    /// The session.
    pub(super) session: u32,
    /// The file.
    pub offer: Offer,
}

/// All of them, the oldest first. A seat has no more than its peers have sessions.
#[derive(Debug, Default)]
pub(super) struct Offers(Vec<Offered>);

impl Offers {
    pub(super) fn put(&mut self, offered: Offered) {
        self.0.push(offered);
    }

    /// One is offered no more. Whether it was.
    pub(super) fn withdraw(&mut self, seat: ConnectionId, contact: &str, session: u32) -> bool {
        let is_it = |held: &Offered| {
            (held.seat, held.session) == (seat, session) && held.contact == contact
        };
        let before = self.0.len();
        self.0.retain(|held| !is_it(held));
        self.0.len() < before
    }

    /// A seat is gone.
    pub(super) fn leave(&mut self, seat: ConnectionId) {
        self.0.retain(|held| held.seat != seat);
    }

    /// The oldest of a client.
    pub(super) fn oldest(&self, client: ClientId) -> Option<&Offered> {
        self.0.iter().find(|held| held.client == client)
    }
}
