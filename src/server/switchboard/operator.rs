//! What the operator has contacts do: the other half of the board.

use super::board::Board;
use super::conversation::{Conversation, MAX_MEMBERS, MAX_WAITING, Member, Summary};
use super::deed::Deed;
use super::memory::By;
use super::output::{Output, Where};
use super::people::{People, Person};
use super::refusal::Refusal;
use crate::event::{ClientId, ConversationId};
use crate::roster::Contact;

/// What came of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordered {
    /// It is done, in this conversation.
    Done(ConversationId),
    /// It is done when the client that is being called answers.
    Waits(ConversationId),
    /// The client is called now; then it is done.
    Rings(ConversationId),
    /// It is done in no conversation, as the client has written to the contact.
    Apart(By),
}

impl Board {
    /// The operator has a contact do something towards a client: in the conversation in which both are, or that the client
    /// is being called to; in none where the client has written to it so; or in a new one, to which it is called.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn order(
        &mut self,
        contact: &Contact,
        client: &Person,
        deed: Option<Deed>,
        world: &dyn People,
        out: &mut Vec<Output>,
    ) -> Result<Ordered, Refusal> {
        if let Some(id) = self.shared(&contact.account, client.client) {
            if let Some(deed) = deed {
                self.does(Where::Conversation(id), &contact.account, &deed, out);
            }
            return Ok(Ordered::Done(id));
        }
        if let Some(id) = self.ringing(&contact.account, client.client) {
            return match (self.wait(id, contact, deed), id) {
                (true, id) => Ok(Ordered::Waits(id)),
                (false, _) => Err(Refusal::Waits),
            };
        }
        if let Some(deed) = &deed
            && let Some(by) = self.is_apart(&contact.account, client, deed)
        {
            self.does(Where::Apart(client.client), &contact.account, deed, out);
            return Ok(Ordered::Apart(by));
        }
        self.has_room(client.client)?;
        let member = Member::contact(contact);
        let id = self.begin(None, member.clone(), out);
        let found = vec![self.ring_up(id, &member, client.clone(), world)];
        self.settle(id, found, None, world, out);
        self.wait(id, contact, deed);
        Ok(Ordered::Rings(id))
    }

    /// What a contact does as soon as the client has answered. Whether there was room for it.
    fn wait(&mut self, id: ConversationId, contact: &Contact, deed: Option<Deed>) -> bool {
        let Some((conversation, deed)) = self.conversations.get_mut(&id).zip(deed) else {
            return true;
        };
        let fits = conversation.waiting.len() < MAX_WAITING;
        if fits {
            conversation
                .waiting
                .push_back((contact.account.clone(), deed));
        }
        fits
    }

    /// The latest conversation of the contact to which the client is being called.
    fn ringing(&self, contact: &str, client: ClientId) -> Option<ConversationId> {
        let called = |c: &Conversation| {
            c.plays(contact) && c.called.iter().any(|called| called.client == client)
        };
        let mut all = self.conversations.iter().rev();
        all.find(|(_, c)| called(c)).map(|(id, _)| *id)
    }

    /// The latest conversation in which both the contact and the client are.
    pub(super) fn shared(&self, contact: &str, client: ClientId) -> Option<ConversationId> {
        let own = self.seats.values().filter(|seat| seat.client == client);
        own.map(|seat| seat.conversation)
            .filter(|id| self.conversations.get(id).is_some_and(|c| c.plays(contact)))
            .max()
    }

    /// The operator has a contact call somebody else into its conversation with a client.
    ///
    /// # Errors
    /// A [`Refusal`]; [`Refusal::Over`] where the two are in none.
    pub fn bring(
        &mut self,
        contact: &Contact,
        client: ClientId,
        other: &str,
        world: &dyn People,
        out: &mut Vec<Output>,
    ) -> Result<ConversationId, Refusal> {
        let id = self.shared(&contact.account, client).ok_or(Refusal::Over)?;
        let conversation = self.conversations.get(&id).ok_or(Refusal::Over)?;
        if conversation.member(other).is_some() {
            return Err(Refusal::Present);
        }
        if conversation.members.len() + conversation.called.len() >= MAX_MEMBERS {
            return Err(Refusal::Full);
        }
        let with = conversation.seats().next();
        let found = self.summon(id, &Member::contact(contact), other, world)?;
        self.settle(id, found, with, world, out);
        Ok(id)
    }

    /// A contact leaves its conversation with a client, or the one to which the client is being called.
    ///
    /// # Errors
    /// [`Refusal::Over`] where the two are in none.
    pub fn dismiss(
        &mut self,
        contact: &Contact,
        client: ClientId,
        out: &mut Vec<Output>,
    ) -> Result<ConversationId, Refusal> {
        let id = self
            .shared(&contact.account, client)
            .or_else(|| self.ringing(&contact.account, client))
            .ok_or(Refusal::Over)?;
        let is_it = |member: &Member| member.seat.is_none() && member.is(&contact.account);
        self.part(id, is_it, None, &"the operator had it leave".into(), out);
        Ok(id)
    }

    /// A contact does something in each conversation where nudge plays it, and to whoever has written to it in none.
    pub fn everywhere(&mut self, account: &str, deed: &Deed, out: &mut Vec<Output>) {
        let played = self.conversations.iter().filter(|(_, c)| c.plays(account));
        let played: Vec<ConversationId> = played.map(|(id, _)| *id).collect();
        let memory = self.memories.get(&account.to_ascii_lowercase());
        let apart = memory.into_iter().flat_map(|memory| memory.apart.keys());
        let apart = apart.filter(|client| self.shared(account, **client).is_none());
        let apart: Vec<Where> = apart.copied().map(Where::Apart).collect();
        let places = played.into_iter().map(Where::Conversation);
        for place in places.chain(apart) {
            self.does(place, account, deed, out);
        }
    }

    /// A contact has signed in for real: nudge plays it no more.
    pub fn take_over(&mut self, account: &str, out: &mut Vec<Output>) {
        let played = self.conversations.iter().filter(|(_, c)| c.plays(account));
        let played: Vec<ConversationId> = played.map(|(id, _)| *id).collect();
        let is_it = |member: &Member| member.seat.is_none() && member.is(account);
        for id in played {
            self.part(
                id,
                is_it,
                None,
                &"it signed in, and speaks for itself".into(),
                out,
            );
        }
    }

    /// Contacts that went offline, or are none any more, leave where they are.
    pub fn depart(&mut self, world: &dyn People, out: &mut Vec<Output>) {
        let mut gone = Vec::new();
        for (id, conversation) in &self.conversations {
            for member in conversation.members.iter().filter(|m| m.seat.is_none()) {
                if let Some(why) = world.is_out(&member.account) {
                    gone.push((*id, member.account.clone(), why));
                }
            }
        }
        for (id, account, why) in gone {
            let is_it = |member: &Member| member.seat.is_none() && member.is(&account);
            self.part(id, is_it, None, &why.into(), out);
        }
    }

    /// Every conversation.
    pub fn conversations(&self) -> Vec<Summary> {
        let all = self.conversations.iter();
        all.map(|(id, conversation)| Summary {
            conversation: *id,
            members: conversation.accounts(),
            called: conversation
                .called
                .iter()
                .map(|called| called.account.clone())
                .collect(),
        })
        .collect()
    }
}
