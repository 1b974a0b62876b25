//! What is written in no conversation: a client writes to a contact by UUM, and the contact answers by UBM; or both by SDG.

use super::board::Board;
use super::conversation::Heard;
use super::deed::Deed;
use super::memory::By;
use super::output::{Output, Where};
use super::people::{People, Person};
use super::shell::Switchboard;
use super::trouble::Trouble;
use super::ubm;
use crate::event::ClientId;
use crate::msnp::directed::Directed;
use crate::msnp::message::{self, Message};
use crate::roster::Contact;
use crate::server::notification::mail::Passed;

/// The most clients that a contact remembers having been written to by; beyond it those that have left are forgotten.
const MAX_APART: usize = 1_024;

impl Board {
    /// A client has written to somebody in no conversation. A contact that nudge plays answers as its manners are.
    pub fn written(
        &mut self,
        client: ClientId,
        passed: &Passed,
        world: &dyn People,
        out: &mut Vec<Output>,
    ) {
        let Some((person, contact)) = world.client(client).zip(world.contact(&passed.to)) else {
            return;
        };
        let payload = &passed.payload;
        let directed = Directed::read(payload).filter(|_| passed.verb == By::Sdg.verb());
        let by = if directed.is_some() { By::Sdg } else { By::Uum };
        let (message, words) = match directed {
            Some(directed) => (directed.message, directed.words),
            None => (Message::read(payload), message::words(payload)),
        };
        let key = contact.account.to_ascii_lowercase();
        let memory = self.memories.entry(key).or_default();
        if memory.apart.len() >= MAX_APART {
            memory.apart.retain(|held, _| world.client(*held).is_some());
        }
        memory.apart.insert(client, by);
        let heard = Heard {
            others: 1,
            by: vec![contact.account.clone()],
            from: person.account,
            kind: message.kind,
            words,
            later: false,
            ink: None,
        };
        self.heard(Where::Apart(client), &heard, world, out);
    }

    /// By what a contact does this to a client where the two are in no conversation; `None` where it does it in one.
    pub(super) fn is_apart(&self, contact: &str, client: &Person, deed: &Deed) -> Option<By> {
        let memory = self.memories.get(&contact.to_ascii_lowercase())?;
        let by = memory.apart.get(&client.client).copied()?;
        (ubm::is_taken(client.shape, by) && deed.apart().is_some()).then_some(by)
    }
}

impl Switchboard {
    /// A contact does something to a client by UBM, in no conversation.
    ///
    /// # Errors
    /// A sentence.
    pub fn write(&self, contact: &Contact, client: ClientId, deed: &Deed) -> Result<(), Trouble> {
        self.can_act(contact)?;
        ubm::write(self.hub(), contact, client, deed, By::Uum)
    }
}
