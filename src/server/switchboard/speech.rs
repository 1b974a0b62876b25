//! What is said in a conversation: carried to all others, and how much of it in a second.

use super::board::Board;
use super::deed::Deed;
use super::memory::By;
use super::output::{Output, Where};
use super::people::People;
use crate::event::ConnectionId;
use crate::msnp::{Frame, TransactionId};

/// The most that is carried in one conversation in one second: a message counts once for each member, so that a
/// conversation of two may have 500,000 of them and one of a thousand a thousand. More are not carried.
pub const MAX_A_SECOND: u32 = 1_000_000;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// So many others have it.
    To(usize),
    /// Nobody else is there.
    Alone,
    /// There were more of them in this second than are carried; whether this is the first that was not.
    TooFast(bool),
}

impl Board {
    /// Who left last where this seat is, and why, in words.
    pub fn last_to_leave(&self, seat: ConnectionId) -> Option<String> {
        let id = self.conversation_of(seat)?;
        self.conversations.get(&id)?.left.clone()
    }

    /// A client says something; the others get the same bytes, and it the ACK of this transaction, where it asks for one.
    pub fn say(
        &mut self,
        seat: ConnectionId,
        receipt: Option<TransactionId>,
        payload: &[u8],
        world: &dyn People,
        out: &mut Vec<Output>,
    ) -> Carried {
        let Some(id) = self.conversation_of(seat) else {
            return Carried::Alone;
        };
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Carried::Alone;
        };
        let second = world.now().0 / 1_000_000;
        if conversation.second.0 != second {
            conversation.second = (second, 0);
        }
        let (_, carried) = &mut conversation.second;
        let full = *carried >= MAX_A_SECOND;
        let first = *carried < u32::MAX;
        if full {
            *carried = u32::MAX;
            return Carried::TooFast(first);
        }
        *carried += u32::try_from(conversation.members.len()).unwrap_or(u32::MAX / 2);
        let of = conversation.piece(payload);
        let mut members = conversation.members.iter();
        let Some(speaker) = members.find(|member| member.seat == Some(seat)) else {
            return Carried::Alone;
        };
        let heard = conversation.carry(id, speaker, (payload, of), Some(seat), out);
        if heard.others == 0 {
            return Carried::Alone;
        }
        // Before what contacts answer.
        if let Some(transaction) = receipt {
            let ack = format!("ACK {transaction}\r\n");
            out.push(Output::Send(seat, Frame::from_wire(ack.into())));
        }
        self.heard(Where::Conversation(id), &heard, world, out);
        Carried::To(heard.others)
    }

    /// A contact that nudge plays does something where it is.
    pub(super) fn does(&mut self, place: Where, contact: &str, deed: &Deed, out: &mut Vec<Output>) {
        let id = match place {
            Where::Conversation(id) => id,
            Where::Apart(client) => {
                let memory = self.memories.get(&contact.to_ascii_lowercase());
                let by = memory.and_then(|memory| memory.apart.get(&client));
                let by = by.copied().unwrap_or(By::Uum);
                return out.push(Output::Apart(client, contact.to_owned(), deed.clone(), by));
            }
        };
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        if !conversation.plays(contact) {
            return;
        }
        let with = conversation.seats().next();
        for payload in deed.payloads(contact) {
            let of = conversation.piece(&payload);
            let mut members = conversation.members.iter();
            let speaker = members.find(|member| member.seat.is_none() && member.is(contact));
            if let Some(speaker) = speaker {
                conversation.carry(id, speaker, (&payload, of), with, out);
            }
        }
        if let Deed::Gift(gift) = deed {
            self.gifts.keep(contact, gift);
        }
        self.asks(id, contact, deed, out);
    }
}
