//! What is written in no conversation: a client writes to a contact by UUM, and the contact answers by UBM.

use super::board::Board;
use super::conversation::Heard;
use super::deed::Deed;
use super::output::{Output, Where};
use super::people::{People, Person};
use super::shell::Switchboard;
use super::trouble::Trouble;
use super::ubm;
use crate::event::ClientId;
use crate::msnp::message::Message;
use crate::roster::Contact;

/// The most clients that a contact remembers having been written to by; beyond it those that have left are forgotten.
const MAX_APART: usize = 1_024;

impl Board {
    /// A client has written to somebody by UUM. A contact that nudge plays answers as its manners are.
    pub fn written(
        &mut self,
        client: ClientId,
        to: &str,
        payload: &[u8],
        world: &dyn People,
        out: &mut Vec<Output>,
    ) {
        let Some((person, contact)) = world.client(client).zip(world.contact(to)) else {
            return;
        };
        let key = contact.account.to_ascii_lowercase();
        let memory = self.memories.entry(key).or_default();
        if memory.apart.len() >= MAX_APART {
            memory.apart.retain(|held| world.client(*held).is_some());
        }
        memory.apart.insert(client);
        let Message { kind, text, .. } = Message::read(payload);
        let heard = Heard {
            others: 1,
            by: vec![contact.account.clone()],
            from: person.account,
            kind,
            text,
            later: false,
            ink: None,
        };
        self.heard(Where::Apart(client), &heard, world, out);
    }

    /// Whether a contact does this to a client by UBM, where the two are in no conversation.
    pub(super) fn is_apart(&self, contact: &str, client: &Person, deed: &Deed) -> bool {
        let memory = self.memories.get(&contact.to_ascii_lowercase());
        let written = memory.is_some_and(|memory| memory.apart.contains(&client.client));
        written && ubm::is_taken(client.shape) && deed.apart().is_some()
    }
}

impl Switchboard {
    /// A contact does something to a client by UBM, in no conversation.
    ///
    /// # Errors
    /// A sentence.
    pub fn write(&self, contact: &Contact, client: ClientId, deed: &Deed) -> Result<(), Trouble> {
        self.can_act(contact)?;
        ubm::write(self.hub(), contact, client, deed)
    }
}
