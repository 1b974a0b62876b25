//! The board: every conversation, who is in it, who is being called, and which cookies are good. It is a value without
//! socket, clock or hub: what happens goes in with what the world is like ([`People`]), and what follows comes out, in order.

use super::conversation::{Called, Conversation, MAX_CONVERSATIONS, MAX_MEMBERS, Member};
use super::cookies::{Cookies, GOOD_FOR};
use super::gift::Gifts;
use super::memory::{Memory, Thinking};
use super::output::{Output, Where};
use super::people::{People, Person};
use super::refusal::{Absent, Refusal};
use crate::event::{
    Chapter, ClientId, ConnectionId, ConversationChange, ConversationId, EventKind, Sentence,
};
use crate::msnp::{Frame, Shape, Status, TransactionId};
use crate::roster::Manner;
use crate::server::notification::mail::{Cookie as Baked, Ring};
use std::collections::{BTreeMap, HashMap, VecDeque};

#[derive(Debug)]
pub(super) struct Seat {
    pub(super) client: ClientId,
    shape: Shape,
    pub(super) conversation: ConversationId,
}

/// Every conversation.
#[derive(Debug, Default)]
pub struct Board {
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) seats: HashMap<ConnectionId, Seat>,
    cookies: Cookies,
    last: u64,
    pub(super) memories: HashMap<String, Memory>,
    /// How many answers to a client are on their way outside a conversation.
    pub(super) thinking: HashMap<ClientId, Thinking>,
    /// What contacts have to give beside their pictures.
    pub(super) gifts: Gifts,
}

impl Board {
    /// A cookie with which this client begins a conversation.
    ///
    /// # Errors
    /// [`Refusal::TooMany`].
    pub fn invite(
        &mut self,
        client: ClientId,
        account: &str,
        world: &dyn People,
    ) -> Result<Baked, Refusal> {
        self.has_room(client)?;
        Ok(self.bake(client, account, None, world))
    }

    pub(super) fn has_room(&self, client: ClientId) -> Result<(), Refusal> {
        let seats = self.seats.values().filter(|seat| seat.client == client);
        match seats.count() {
            full if full >= MAX_CONVERSATIONS => Err(Refusal::TooMany),
            _ => Ok(()),
        }
    }

    fn bake(
        &mut self,
        client: ClientId,
        account: &str,
        to: Option<ConversationId>,
        world: &dyn People,
    ) -> Baked {
        let fresh = (world.now(), world.random());
        self.cookies.bake(client, account, to, fresh)
    }

    /// Takes a cookie: it is good once, for its account, for a minute.
    fn eat(
        &mut self,
        account: &str,
        cookie: &str,
        to: Option<ConversationId>,
        world: &dyn People,
    ) -> Result<Person, Refusal> {
        let client = self.cookies.check(account, cookie, to, world.now())?;
        self.has_room(client)?;
        self.cookies.eat(cookie);
        // It has gone meanwhile.
        world.client(client).ok_or(Refusal::Old)
    }

    /// The client of whoever shows these words in vain.
    pub fn whose(&self, account: &str, words: &[String], world: &dyn People) -> Option<ClientId> {
        let only = || match world.clients_of(account).as_slice() {
            [person] => Some(person.client),
            _ => None,
        };
        self.cookies.whose(account, words).or_else(only)
    }

    /// A client comes to begin a conversation. Gives back who it is.
    ///
    /// # Errors
    /// A [`Refusal`] of the cookie and [`Refusal::TooMany`].
    pub fn enter(
        &mut self,
        seat: ConnectionId,
        account: &str,
        cookie: &str,
        world: &dyn People,
        out: &mut Vec<Output>,
    ) -> Result<Person, Refusal> {
        let person = self.eat(account, cookie, None, world)?;
        let member = Member::person(&person, seat);
        let conversation = self.begin(Some(seat), member, out);
        self.seats.insert(
            seat,
            Seat {
                client: person.client,
                shape: person.shape,
                conversation,
            },
        );
        Ok(person)
    }

    pub(super) fn begin(
        &mut self,
        seat: Option<ConnectionId>,
        member: Member,
        out: &mut Vec<Output>,
    ) -> ConversationId {
        self.last += 1;
        let id = ConversationId(self.last);
        let change = ConversationChange {
            conversation: id,
            change: Chapter::Began,
            account: member.account.clone(),
            played: member.seat.is_none(),
            members: vec![member.account.clone()],
            reason: None,
        };
        out.push(Output::Tell(
            seat,
            EventKind::Conversation(Box::new(change)),
        ));
        let conversation = Conversation {
            members: vec![member],
            called: Vec::new(),
            waiting: VecDeque::new(),
            second: (0, 0),
            thinking: Thinking::default(),
            long: VecDeque::new(),
            left: None,
        };
        self.conversations.insert(id, conversation);
        id
    }

    /// A client answers a call. Gives back who it is; `IRO` and `ANS OK` are among what comes out.
    ///
    /// # Errors
    /// A [`Refusal`] of the cookie, [`Refusal::TooMany`] and [`Refusal::Over`].
    pub fn answer(
        &mut self,
        seat: ConnectionId,
        transaction: TransactionId,
        (account, cookie, session): (&str, &str, &str),
        world: &dyn People,
        out: &mut Vec<Output>,
    ) -> Result<Person, Refusal> {
        let id = self.cookies.session(session, cookie)?;
        let person = self.eat(account, cookie, Some(id), world)?;
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return Err(Refusal::Over);
        };
        conversation
            .called
            .retain(|called| called.client != person.client);
        let count = conversation.members.len();
        for (at, member) in conversation.members.iter().enumerate() {
            let named = member.named(person.shape);
            let line = format!("IRO {transaction} {} {count} {named}\r\n", at + 1);
            out.push(Output::Send(seat, Frame::from_wire(line.into())));
        }
        let ok = format!("ANS {transaction} OK\r\n");
        out.push(Output::Send(seat, Frame::from_wire(ok.into())));
        self.seats.insert(
            seat,
            Seat {
                client: person.client,
                shape: person.shape,
                conversation: id,
            },
        );
        self.join(id, Member::person(&person, seat), out);
        let waiting = self.conversations.get_mut(&id);
        let waiting = waiting.map(|conversation| std::mem::take(&mut conversation.waiting));
        for (contact, deed) in waiting.unwrap_or_default() {
            self.does(Where::Conversation(id), &contact, &deed, out);
        }
        Ok(person)
    }

    /// Somebody joins: the others get JOI.
    fn join(&mut self, id: ConversationId, member: Member, out: &mut Vec<Output>) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        for other in conversation.seats() {
            if let Some(seat) = self.seats.get(&other) {
                let line = format!("JOI {}\r\n", member.named(seat.shape));
                out.push(Output::Send(other, Frame::from_wire(line.into())));
            }
        }
        let (account, played) = (member.account.clone(), member.seat.is_none());
        let with = member.seat.or_else(|| conversation.seats().next());
        conversation.members.push(member);
        let change = ConversationChange {
            conversation: id,
            change: Chapter::Joined,
            account,
            played,
            members: conversation.accounts(),
            reason: None,
        };
        out.push(Output::Tell(
            with,
            EventKind::Conversation(Box::new(change)),
        ));
    }

    /// A client calls somebody into its conversation. `CAL RINGING` is among what comes out, and the JOI of a contact,
    /// who comes at once.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub fn call(
        &mut self,
        seat: ConnectionId,
        transaction: TransactionId,
        account: &str,
        world: &dyn People,
        out: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let id = self.conversation_of(seat).ok_or(Refusal::Over)?;
        let conversation = self.conversations.get(&id).ok_or(Refusal::Over)?;
        let caller = conversation
            .members
            .iter()
            .find(|member| member.seat == Some(seat));
        let caller = caller.cloned().ok_or(Refusal::Over)?;
        let ringing = format!("CAL {transaction} RINGING {id}\r\n");
        let ringing = Output::Send(seat, Frame::from_wire(ringing.into()));
        // MSNP16 and above call themselves first, for the other places at which they may be signed in.
        if caller.is(account) {
            out.push(ringing);
            if let Some(own) = self.seats.get(&seat) {
                let line = format!("JOI {}\r\n", caller.named(own.shape));
                out.push(Output::Send(seat, Frame::from_wire(line.into())));
            }
            return Ok(());
        }
        if conversation.member(account).is_some() {
            return Err(Refusal::Present);
        }
        if conversation.members.len() + conversation.called.len() >= MAX_MEMBERS {
            return Err(Refusal::Full);
        }
        let found = self.summon(id, &caller, account, world)?;
        out.push(ringing);
        self.settle(id, found, Some(seat), world, out);
        Ok(())
    }

    /// Whoever is called: its clients, which are rung, or the contact that nudge plays.
    pub(super) fn summon(
        &mut self,
        id: ConversationId,
        caller: &Member,
        account: &str,
        world: &dyn People,
    ) -> Result<Vec<Summoned>, Refusal> {
        if world.blocks(account, &caller.account) {
            let closed = world.is_closed(account, &caller.account);
            let why = if closed {
                Absent::Closed
            } else {
                Absent::Blocks
            };
            return Err(Refusal::Offline(why));
        }
        let persons: Vec<Person> = world.clients_of(account);
        if !persons.is_empty() {
            let visible: Vec<Person> = persons
                .into_iter()
                .filter(|person| person.visible)
                .collect();
            if visible.is_empty() {
                return Err(Refusal::Offline(Absent::Concealed));
            }
            return Ok(visible
                .into_iter()
                .map(|person| self.ring_up(id, caller, person, world))
                .collect());
        }
        match world.contact(account) {
            Some(contact) if contact.status.is_visible() => {
                Ok(vec![Summoned::Contact(Member::contact(&contact))])
            }
            Some(contact) => Err(Refusal::Offline(match (contact.status, &contact.manner) {
                (Status::Hidden, _) => Absent::Hidden,
                (_, Manner::Schedule(_)) => Absent::Scheduled,
                _ => Absent::Offline,
            })),
            None if world.is_known(account) => Err(Refusal::Offline(Absent::Gone)),
            None if world.is_removed(account) => Err(Refusal::Removed),
            None => Err(Refusal::Nobody),
        }
    }

    pub(super) fn ring_up(
        &mut self,
        id: ConversationId,
        caller: &Member,
        person: Person,
        world: &dyn People,
    ) -> Summoned {
        let cookie = self.bake(person.client, &person.account, Some(id), world);
        let ring = Ring {
            conversation: id,
            cookie,
            account: caller.account.clone(),
            name: caller.name.clone(),
        };
        Summoned::Client(person, ring)
    }

    pub(super) fn settle(
        &mut self,
        id: ConversationId,
        found: Vec<Summoned>,
        by: Option<ConnectionId>,
        world: &dyn People,
        out: &mut Vec<Output>,
    ) {
        for one in found {
            match one {
                Summoned::Contact(member) => self.join(id, member, out),
                Summoned::Client(person, ring) => {
                    let Some(conversation) = self.conversations.get_mut(&id) else {
                        return;
                    };
                    conversation
                        .called
                        .retain(|called| called.client != person.client);
                    conversation.called.push(Called {
                        client: person.client,
                        account: person.account.clone(),
                        since: world.now(),
                    });
                    let change = ConversationChange {
                        conversation: id,
                        change: Chapter::Called,
                        account: person.account,
                        played: false,
                        members: conversation.accounts(),
                        reason: None,
                    };
                    out.push(Output::Tell(by, EventKind::Conversation(Box::new(change))));
                    out.push(Output::Ring(person.client, ring));
                }
            }
        }
    }

    pub(super) fn conversation_of(&self, seat: ConnectionId) -> Option<ConversationId> {
        self.seats.get(&seat).map(|seat| seat.conversation)
    }

    /// A client's switchboard connection has ended.
    pub fn leave(&mut self, seat: ConnectionId, reason: &Sentence, out: &mut Vec<Output>) {
        let Some(Seat { conversation, .. }) = self.seats.remove(&seat) else {
            return;
        };
        self.part(
            conversation,
            |member| member.seat == Some(seat),
            Some(seat),
            reason,
            out,
        );
    }

    /// Somebody goes: the others get BYE. A conversation without a client, and without one that is called, is over.
    pub(super) fn part(
        &mut self,
        id: ConversationId,
        who: impl Fn(&Member) -> bool,
        by: Option<ConnectionId>,
        reason: &Sentence,
        out: &mut Vec<Output>,
    ) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let Some(at) = conversation.members.iter().position(who) else {
            return;
        };
        let gone = conversation.members.remove(at);
        // A contact that rang and leaves takes back its call.
        if gone.seat.is_none() && conversation.members.is_empty() {
            conversation.called.clear();
        }
        conversation.left = Some(format!("{} left ({reason})", gone.account));
        let bye = Frame::from_wire(format!("BYE {}\r\n", gone.account).into());
        for other in conversation.seats() {
            out.push(Output::Send(other, bye.clone()));
        }
        let with = by.or_else(|| conversation.seats().next());
        let change = ConversationChange {
            conversation: id,
            change: Chapter::Left,
            account: gone.account.clone(),
            played: gone.seat.is_none(),
            members: conversation.accounts(),
            reason: Some(reason.clone()),
        };
        out.push(Output::Tell(
            with,
            EventKind::Conversation(Box::new(change)),
        ));
        self.end_if_empty(id, with, &gone.account, out);
    }

    fn end_if_empty(
        &mut self,
        id: ConversationId,
        with: Option<ConnectionId>,
        account: &str,
        out: &mut Vec<Output>,
    ) {
        let over = |c: &Conversation| c.seats().next().is_none() && c.called.is_empty();
        if !self.conversations.get(&id).is_some_and(over) {
            return;
        }
        self.conversations.remove(&id);
        self.cookies.over(id);
        let change = ConversationChange {
            conversation: id,
            change: Chapter::Ended,
            account: account.to_owned(),
            played: false,
            members: Vec::new(),
            reason: None,
        };
        out.push(Output::Tell(
            with,
            EventKind::Conversation(Box::new(change)),
        ));
    }

    /// A client that was rung this long ago has not answered: its cookie is good no more.
    pub fn give_up(&mut self, id: ConversationId, world: &dyn People, out: &mut Vec<Output>) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let now = world.now().0;
        let (late, called): (Vec<Called>, Vec<Called>) = std::mem::take(&mut conversation.called)
            .into_iter()
            .partition(|called| now.saturating_sub(called.since.0) >= GOOD_FOR);
        conversation.called = called;
        let with = conversation.seats().next();
        for called in late {
            let change = ConversationChange {
                conversation: id,
                change: Chapter::Unanswered,
                account: called.account.clone(),
                played: false,
                members: self
                    .conversations
                    .get(&id)
                    .map(Conversation::accounts)
                    .unwrap_or_default(),
                reason: None,
            };
            out.push(Output::Tell(
                with,
                EventKind::Conversation(Box::new(change)),
            ));
            self.end_if_empty(id, with, &called.account, out);
        }
    }
}

/// Who comes when called.
pub(super) enum Summoned {
    Client(Person, Ring),
    Contact(Member),
}
