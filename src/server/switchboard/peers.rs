//! Peer-to-peer of one seat: with each contact that nudge plays and that its client writes to, or that asks its client for
//! something.

use super::waiter::Waiter;
use crate::msnp::message::MessageKind;
use crate::msnp::object::Written;
use crate::server::peer::{Fault, Peer, Things, Told};

/// The most contacts, counted once for each way of writing headers, that one client does peer-to-peer with in one
/// conversation.
pub const MAX_PEERS: usize = 16;
/// The longest endpoint: an account, and a GUID in braces.
const MAX_ENDPOINT: usize = 320;

/// What a contact wants of a client.
#[derive(Debug)]
pub(super) enum Wish {
    /// An object of its own: its picture, an emoticon, a wink.
    Object(Written),
    /// The file that it offered in this session.
    Take(u32),
    /// Not the file that it offered in this session.
    Refuse(u32),
}

/// What a contact wants of a client, and who waits for what comes of it.
#[derive(Debug)]
pub struct Asked {
    pub(super) contact: String,
    pub(super) wish: Wish,
    pub(super) waiter: Option<Waiter>,
}

impl Wish {
    /// As what it is told, behind the contact's name.
    pub(super) fn told(&self) -> (MessageKind, String) {
        match self {
            Wish::Object(written) => {
                let text = format!("asks for the {}", written.object.called());
                (MessageKind::Picture, text)
            }
            Wish::Take(_) => (MessageKind::File, "takes the file".to_owned()),
            Wish::Refuse(_) => (MessageKind::File, "refuses the file".to_owned()),
        }
    }
}

/// All of one seat.
#[derive(Debug, Default)]
pub(super) struct Peers {
    with: Vec<With>,
    /// Whose turn it is to send.
    turn: usize,
}

/// With one contact.
#[derive(Debug)]
struct With {
    contact: String,
    peer: Peer,
    /// Who waits for what comes of a session.
    waiters: Vec<(u32, Waiter)>,
}

impl Peers {
    /// The client wrote to a contact: `own` is the contact's endpoint as the client names it, `other` its own. Gives back
    /// what there is to tell.
    pub(super) fn hear(
        &mut self,
        contact: &str,
        (own, other): (&str, &str),
        body: &[u8],
        things: Things<'_>,
        seed: u64,
    ) -> Vec<Told> {
        let Some(with) = self.with(contact, (own, other), seed) else {
            return vec![Told::Fault(Fault::TooManySessions(MAX_PEERS))];
        };
        let told = with.peer.take(body, things);
        for one in &told {
            with.answer(one);
        }
        told
    }

    /// A contact wants something of the client, whose account is `other`. Whoever waits for it hears it.
    ///
    /// # Errors
    /// [`Fault`], which the waiter hears too.
    pub(super) fn wish(
        &mut self,
        contact: &str,
        other: &str,
        wish: &Wish,
        waiter: Option<Waiter>,
        seed: u64,
    ) -> Result<(), Fault> {
        let mut all = self.with.iter_mut().filter(|with| with.contact == contact);
        let (with, session) = match wish {
            Wish::Object(written) => {
                let with = self.with(contact, (contact, other), seed);
                let with = with.ok_or(Fault::TooManySessions(MAX_PEERS))?;
                let session = with.peer.fetch(written)?;
                (with, session)
            }
            Wish::Take(session) => {
                let with = all.find_map(|with| with.peer.accept(*session).then_some(with));
                (with.ok_or(Fault::NoSession(*session))?, *session)
            }
            Wish::Refuse(session) => {
                all.find_map(|with| with.peer.refuse(*session).then_some(()));
                return Ok(());
            }
        };
        with.waiters.extend(waiter.map(|waiter| (session, waiter)));
        Ok(())
    }

    /// The one with this contact and these endpoints; a new one where there is none, in place of one that is idle where
    /// there are too many.
    fn with(&mut self, contact: &str, (own, other): (&str, &str), seed: u64) -> Option<&mut With> {
        let is_it = |with: &With| with.contact == contact && with.peer.is_between(own, other);
        if let Some(at) = self.with.iter().position(is_it) {
            return self.with.get_mut(at);
        }
        if own.len() > MAX_ENDPOINT || other.len() > MAX_ENDPOINT {
            return None;
        }
        if self.with.len() >= MAX_PEERS {
            let idle = self.with.iter().position(|with| with.peer.is_idle())?;
            self.with.remove(idle);
        }
        self.with.push(With {
            contact: contact.to_owned(),
            peer: Peer::new(own, other, seed),
            waiters: Vec::new(),
        });
        self.with.last_mut()
    }

    /// Whether something is to be sent.
    pub(super) fn has_more(&self) -> bool {
        self.with.iter().any(|with| with.peer.has_more())
    }

    /// The next payload, and the contact that sends it. All take turns.
    pub(super) fn next(&mut self) -> Option<(String, Vec<u8>)> {
        for _ in 0..self.with.len() {
            self.turn = (self.turn + 1) % self.with.len();
            let with = self.with.get_mut(self.turn)?;
            if let Some(payload) = with.peer.next_payload() {
                return Some((with.contact.clone(), payload));
            }
        }
        None
    }

    /// The contact is not there any more: whoever waits for something of it waits in vain.
    pub(super) fn forget(&mut self, contact: &str) {
        self.with.retain(|with| with.contact != contact);
    }

    /// How many bytes of the client's are held.
    pub(super) fn held(&self) -> usize {
        self.with.iter().map(|with| with.peer.held()).sum()
    }
}

impl With {
    /// Tells who waits for it.
    fn answer(&mut self, told: &Told) {
        let session = match told {
            Told::Fetched { session, .. }
            | Told::Refused { session, .. }
            | Told::File { session, .. }
            | Told::Ended { session, .. } => Some(*session),
            Told::Fault(fault) => fault.session(),
            Told::Serving { .. }
            | Told::Served { .. }
            | Told::Declined { .. }
            | Told::Offered { .. } => None,
        };
        let mut waiters = self.waiters.iter();
        let found = waiters.position(|(waits, _)| session == Some(*waits));
        if let Some((_, waiter)) = found.map(|at| self.waiters.swap_remove(at)) {
            waiter.tell(told.clone());
        }
    }
}
