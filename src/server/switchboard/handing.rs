//! Peer-to-peer at a seat: what its client writes to a contact is read and answered here, and what the contact has to send
//! goes to that client alone, a piece at a time, as its socket drains.

use super::board::Board;
use super::deed::Deed;
use super::offers::Offered;
use super::output::Output;
use super::peers::{Asked, Wish};
use super::people::People;
use super::seat::{Seat, tell};
use super::shell::{Mail, Switchboard};
use super::shown::MOST_OF_CLIENT;
use super::trouble::Trouble;
use super::waiter::Waiter;
use crate::event::{
    ClientId, ConnectionId, ConversationId, EventKind, ServiceFinding, Spoken, ours, say,
};
use crate::msnp::Frame;
use crate::msnp::escape::to_text;
use crate::msnp::extras;
use crate::msnp::message::{self, Message, MessageKind};
use crate::msnp::mime::Mime;
use crate::msnp::object::Written;
use crate::msnp::p2p;
use crate::roster::Contact;
use crate::server::link::Wire;
use crate::server::peer::{Things, Told};
use std::sync::Arc;

/// How much of a payload is looked at for the name of a type before it is read as a whole.
const NEAR: usize = 512;

impl Board {
    /// The contact with this account, where nudge plays it in the conversation of this seat.
    fn played(
        &self,
        seat: ConnectionId,
        account: &str,
        world: &dyn People,
    ) -> Option<(ConversationId, Arc<Contact>)> {
        let id = self.seats.get(&seat)?.conversation;
        let is_there = self.conversations.get(&id)?.plays(account);
        let contact = world.contact(account).filter(|_| is_there)?;
        Some((id, contact))
    }

    /// The one contact that nudge plays with whom the client of this seat is alone.
    fn alone_with(&self, seat: ConnectionId) -> Option<String> {
        let id = self.seats.get(&seat)?.conversation;
        let mut others = self.conversations.get(&id)?.members.iter();
        let other = others.find(|member| member.seat != Some(seat))?;
        let alone = others.all(|member| member.seat == Some(seat));
        (alone && other.seat.is_none()).then(|| other.account.clone())
    }

    /// The contact that a client is in a conversation with, the latest; or else one that can be seen and that the client
    /// does not block.
    fn companion(
        &self,
        client: ClientId,
        account: &str,
        world: &dyn People,
    ) -> Option<Arc<Contact>> {
        let seats = self.seats.values().filter(|seat| seat.client == client);
        let mut ids: Vec<ConversationId> = seats.map(|seat| seat.conversation).collect();
        ids.sort_unstable();
        let all = ids.iter().rev().filter_map(|id| self.conversations.get(id));
        let played = all.flat_map(|conversation| &conversation.members);
        let mut played = played.filter(|member| member.seat.is_none());
        let there = played.find_map(|member| world.contact(&member.account));
        there.or_else(|| world.company(account))
    }

    /// A contact asks a client for something, where both are.
    pub(super) fn asks(
        &self,
        id: ConversationId,
        contact: &str,
        deed: &Deed,
        out: &mut Vec<Output>,
    ) {
        let Deed::Ask(client, written, waiter) = deed else {
            return;
        };
        let mut seats = self.seats.iter();
        let is_it = |seat: &super::board::Seat| (seat.client, seat.conversation) == (*client, id);
        if let Some((seat, _)) = seats.find(|(_, seat)| is_it(seat)) {
            let asked = Asked {
                contact: contact.to_owned(),
                wish: Wish::Object((**written).clone()),
                waiter: Some(waiter.clone()),
            };
            out.push(Output::Ask(*seat, Box::new(asked)));
        }
    }

    /// A contact says something to this seat alone. Whether both are still there.
    fn hand(
        &self,
        seat: ConnectionId,
        contact: &str,
        payload: &[u8],
        out: &mut Vec<Output>,
    ) -> bool {
        let Some((id, conversation)) = self.seats.get(&seat).and_then(|seat| {
            let id = seat.conversation;
            Some((id, self.conversations.get(&id)?))
        }) else {
            return false;
        };
        let mut members = conversation.members.iter();
        let Some(speaker) = members.find(|member| member.seat.is_none() && member.is(contact))
        else {
            return false;
        };
        let mut members = conversation.members.iter();
        let client = members.find(|member| member.seat == Some(seat));
        let Message { kind, text, format } = Message::read(payload);
        let spoken = Spoken {
            conversation: id,
            from: speaker.account.clone(),
            played: true,
            to: client
                .map(|member| member.account.clone())
                .into_iter()
                .collect(),
            others: 1,
            kind,
            text,
            format,
        };
        let spoken = EventKind::Message(Box::new(spoken));
        out.push(Output::Tell(Some(seat), spoken));
        let frame = message::frame(&speaker.account, &speaker.name, payload);
        out.push(Output::Send(seat, Frame::from_wire(frame)));
        true
    }
}

impl Switchboard {
    /// A contact asks a client for an object of its own, in a conversation to which it rings where there is none.
    ///
    /// # Errors
    /// A sentence.
    pub fn ask_for(
        self: &Arc<Self>,
        client: ClientId,
        written: Written,
        waiter: Waiter,
    ) -> Result<(), Trouble> {
        let contact = self.act(None, |board, world, _| {
            let person = world.client(client).ok_or(Trouble::Absent(client))?;
            let companion = board.companion(client, &person.account, world);
            companion.ok_or(Trouble::Nobody(client))
        })?;
        let deed = Deed::Ask(client, Box::new(written), waiter);
        self.order(&contact, client, Some(deed)).map(drop)
    }

    /// What a client showed last by this name: the shortcut of an emoticon, or [`extras::WINK`] or [`extras::VOICE`].
    ///
    /// # Errors
    /// The names of what it has shown, the oldest first.
    pub fn shown(&self, client: ClientId, name: &str) -> Result<Written, Vec<String>> {
        let inside = self.inside.lock();
        let found = inside.shown.find(client, name).cloned();
        found.ok_or_else(|| inside.shown.names(client))
    }

    /// The oldest file that a client offers.
    pub fn oldest_offer(&self, client: ClientId) -> Option<Offered> {
        self.inside.lock().offers.oldest(client).cloned()
    }

    /// Answers an offer: takes it, where somebody waits for it, or else refuses it. Whether it was still there.
    pub fn answer_offer(&self, offered: &Offered, waiter: Option<Waiter>) -> bool {
        let Offered {
            seat,
            contact,
            session,
            ..
        } = offered;
        let mut inside = self.inside.lock();
        let is_there = inside.offers.withdraw(*seat, contact, *session);
        let Some(mailbox) = inside.boxes.get(seat).filter(|_| is_there) else {
            return false;
        };
        mailbox.put(Mail::Ask(Box::new(Asked {
            contact: contact.clone(),
            wish: match waiter {
                Some(_) => Wish::Take(*session),
                None => Wish::Refuse(*session),
            },
            waiter,
        })));
        true
    }

    /// A client offers a file no more.
    fn withdrawn(&self, seat: ConnectionId, contact: &str, session: u32) {
        let mut inside = self.inside.lock();
        inside.offers.withdraw(seat, contact, session);
    }
}

impl Seat {
    /// The others have this message: what is peer-to-peer in it, and for a contact, is answered.
    pub(super) fn hears(&mut self, payload: &[u8], wire: &mut Wire) {
        let near = &payload[..payload.len().min(NEAR)];
        let names = |kind: &str| memchr::memmem::find(near, kind.as_bytes()).is_some();
        if names(p2p::MEDIA_TYPE) {
            self.hears_peer(&Mime::read(payload), wire);
        } else if names(message::INVITATION) {
            self.hears_invitation(&Mime::read(payload), wire);
        } else if let Some((id, later)) = extras::piece_of(payload) {
            if let Some(whole) = self.long.take(payload, id, later) {
                self.shows(&whole, wire);
            }
        } else if extras::may_show(payload) {
            self.shows(payload, wire);
        }
    }

    /// The client shows emoticons or a wink: they can be fetched of it from then on.
    fn shows(&mut self, payload: &[u8], wire: &mut Wire) {
        let mut forgotten = 0;
        for (name, written) in extras::shown(payload) {
            let mut inside = self.switchboard.inside.lock();
            forgotten += inside.shown.put(self.client, name, written);
        }
        if forgotten > 0 {
            let text = format!(
                "clients have shown more emoticons and winks than are remembered, {MOST_OF_CLIENT} of each at the most; {forgotten} of those that were shown first cannot be fetched any more"
            );
            tell(wire, ServiceFinding::TooManyShown, "MSG", text);
        }
    }

    fn hears_peer(&mut self, message: &Mime<'_>, wire: &mut Wire) {
        let Some(own) = message.text("P2P-Dest") else {
            return;
        };
        let account = own.split(';').next().unwrap_or_default();
        let seat = wire.id();
        let (played, others) = self.switchboard.act(Some(wire), |board, world, _| {
            (board.played(seat, account, world), board.gifts.of(account))
        });
        let Some((id, contact)) = played else {
            return self.strays(account, wire);
        };
        let other = message.text("P2P-Src").unwrap_or(&self.account);
        let ends = (own, other);
        let things = Things {
            picture: contact.picture.as_ref(),
            others: &others,
        };
        let seed = wire.now().0;
        let told = self
            .peers
            .hear(&contact.account, ends, message.body, things, seed);
        for one in told {
            self.told(id, &contact.account, &one, wire);
        }
    }

    /// Peer-to-peer for an account that no contact here has: a client may, and else nobody takes it.
    fn strays(&mut self, account: &str, wire: &mut Wire) {
        let seat = wire.id();
        let others = self.switchboard.act(Some(&mut *wire), |board, _, _| {
            let id = board.conversation_of(seat)?;
            let conversation = board.conversations.get(&id)?;
            let absent = conversation.member(account).is_none();
            absent.then(|| conversation.accounts())
        });
        let Some(mut others) = others.filter(|_| self.may_judge()) else {
            return;
        };
        others.retain(|other| !other.eq_ignore_ascii_case(&self.account));
        let text = say!(
            "P2P-Dest names {}, who is not in this conversation, where {} is: nobody takes it",
            to_text(account.as_bytes()),
            others.first().map_or("nobody else", String::as_str)
        );
        tell(wire, ServiceFinding::PeerToPeer, "MSG P2P-Dest", text);
    }

    /// Tells of what came of peer-to-peer.
    fn told(&mut self, id: ConversationId, contact: &str, told: &Told, wire: &mut Wire) {
        match told {
            Told::Fault(fault) => {
                if let Some(session) = fault.session() {
                    self.switchboard.withdrawn(wire.id(), contact, session);
                }
                let text = say!("{}; what can go on goes on", ours(fault));
                return tell(wire, ServiceFinding::PeerToPeer, "MSG", text);
            }
            Told::Offered { session, offer } => {
                let offered = Offered {
                    client: self.client,
                    seat: wire.id(),
                    contact: contact.to_owned(),
                    session: *session,
                    offer: offer.clone(),
                };
                self.switchboard.inside.lock().offers.put(offered);
                let text = say!(
                    "{} {told} to {contact}, and waits: `accept {}` takes it, `refuse {}` does not",
                    self.account,
                    self.client,
                    self.client
                );
                tell(wire, ServiceFinding::FileOffered, "MSG", text);
            }
            Told::Declined { reason, .. } if self.may_judge() => {
                let text = say!(
                    "{} asked {contact} for something by peer-to-peer, and is told no: {}",
                    self.account,
                    ours(reason)
                );
                tell(wire, ServiceFinding::PeerDeclined, "MSG", text);
            }
            Told::Ended {
                session,
                what: MessageKind::File,
            } => self.switchboard.withdrawn(wire.id(), contact, *session),
            _ => {}
        }
        let (from, to) = (&self.account, contact);
        say(id, (from, to, false), told.kind(), told.to_string(), wire);
    }

    /// An invitation of the old kind, to a file or a game, is declined by a contact that is alone with the client.
    fn hears_invitation(&mut self, message: &Mime<'_>, wire: &mut Wire) {
        let Some(answer) = message::declined(message.body) else {
            return;
        };
        let seat = wire.id();
        let by = self.switchboard.act(Some(&mut *wire), |board, _, out| {
            let contact = board.alone_with(seat)?;
            board.hand(seat, &contact, answer.as_bytes(), out);
            Some(contact)
        });
        if let Some(by) = by.filter(|_| self.may_judge()) {
            let text = say!(
                "{} invites {by} to a file or a game in the old way ({}), and {by} answers that it has no such program: contacts take files by MSNSLP alone, as clients from MSNP9 on offer them",
                self.account,
                message::INVITATION
            );
            tell(wire, ServiceFinding::PeerDeclined, "MSG invitation", text);
        }
    }

    /// A contact wants something of the client.
    pub(super) fn asked(&mut self, asked: Asked, wire: &mut Wire) {
        let Asked {
            contact,
            wish,
            waiter,
        } = asked;
        let (kind, text) = wish.told();
        let wished = self
            .peers
            .wish(&contact, &self.account, &wish, waiter.clone(), wire.now().0);
        match (wished, waiter) {
            (Ok(()), _) => {
                let seat = wire.id();
                let played = self.switchboard.act(Some(wire), |board, world, _| {
                    board.played(seat, &contact, world)
                });
                if let Some((id, _)) = played {
                    let ends = (contact.as_str(), self.account.as_str(), true);
                    say(id, ends, kind, text, wire);
                }
            }
            (Err(fault), Some(waiter)) => waiter.tell(Told::Fault(fault)),
            (Err(_), None) => {}
        }
    }

    /// Sends the next piece.
    pub(super) fn hands(&mut self, wire: &mut Wire) {
        let Some((contact, payload)) = self.peers.next() else {
            return;
        };
        let seat = wire.id();
        let is_there = self.switchboard.act(Some(wire), |board, _, out| {
            board.hand(seat, &contact, &payload, out)
        });
        if !is_there {
            self.peers.forget(&contact);
        }
    }
}

/// Tells what one does with the other, whom it names first: whether that is a contact.
fn say(
    conversation: ConversationId,
    (from, to, played): (&str, &str, bool),
    kind: MessageKind,
    text: String,
    wire: &mut Wire,
) {
    wire.tell(EventKind::Message(Box::new(Spoken {
        conversation,
        from: from.to_owned(),
        played,
        to: vec![to.to_owned()],
        others: 1,
        kind,
        text,
        format: None,
    })));
}
