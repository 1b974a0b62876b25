//! What is waited for in conversations beside receipts: the cookie of who has come, words of a contact that says none by
//! itself, and a picture that a contact asked for.

use super::errand::Errand;
use super::ladders::Ladders;
use super::nobody::ADL;
use super::steps::StepId;
use crate::event::{
    Became, Chapter, ClientId, ConnectionId, ContactChange, ConversationChange, ConversationId,
    EventId, HttpAction, HttpExchange, Spoken, Timestamp,
};
use crate::findings::Seen;
use crate::findings::presence::hash;
use crate::msnp::Frame;
use crate::msnp::message::MessageKind;
use crate::roster::Manner;

impl Ladders {
    /// Somebody came to a conversation, or went.
    pub(super) fn chapter(&mut self, told: &ConversationChange, connection: Option<ConnectionId>) {
        self.cast.change(told);
        if let (Chapter::Left, Some(connection)) = (told.change, connection) {
            // Nobody waits for somebody who has gone.
            let its = |e: &Errand| {
                e.is_on(connection) && e.caller.as_deref() == Some(told.account.as_str())
            };
            while self.errands.done(its).is_some() {}
        }
    }

    /// A cookie was shown by this connection, whether it is good or not.
    pub(super) fn showed(&mut self, connection: ConnectionId, time: Timestamp) {
        let mut visits = self.errands.visits.iter_mut();
        if let Some(visit) = visits.find(|visit| visit.connection == Some(connection)) {
            visit.showed = true;
        }
        let its = |errand: &Errand| errand.has_come() && errand.is_on(connection);
        if let Some(errand) = self.errands.done(its) {
            self.came(&errand, time);
        }
    }

    /// Something was said in a conversation.
    pub(super) fn spoken(
        &mut self,
        spoken: &Spoken,
        (client, connection): (Option<ClientId>, Option<ConnectionId>),
        (time, event): (Timestamp, EventId),
    ) {
        let Some(connection) = connection else {
            return;
        };
        let due = |step: StepId| move |e: &Errand| e.step == step && e.is_on(connection);
        let (step, contact, conversation) = match (spoken.played, spoken.kind) {
            (true, MessageKind::Picture) => (StepId::Picture, &spoken.from, None),
            (true, MessageKind::P2p) => return,
            (true, MessageKind::File) => {
                if let Some(errand) = self.errands.done(due(StepId::Offer)) {
                    self.came(&errand, time);
                }
                return;
            }
            (true, _) => {
                if let Some(errand) = self.errands.done(due(StepId::Words)) {
                    self.came(&errand, time);
                }
                return;
            }
            (false, MessageKind::Text) => {
                let [contact] = spoken.to.as_slice() else {
                    return;
                };
                if !self.plays(spoken.conversation, contact) {
                    return;
                }
                (StepId::Words, contact, Some(spoken.conversation))
            }
            _ => return,
        };
        let client = client.or_else(|| self.errands.seat(connection));
        let here = client.filter(|client| self.here.contains(client));
        let Some(ladder) = here.and_then(|client| self.ladders.get(&client)) else {
            return;
        };
        let said = ladder.said.iter().any(|(of, _)| *of == step);
        if said || self.errands.due.iter().any(due(step)) {
            return;
        }
        let errand = Errand {
            message: Some((connection, None)),
            caller: Some(contact.clone()),
            conversation,
            ..Errand::new(ladder.client, step, ladder.peer.ip(), time, event)
        };
        self.errands.add(errand);
    }

    /// Whether this contact is played in this conversation, or in none by UUM.
    fn plays(&self, id: ConversationId, contact: &str) -> bool {
        let known = || {
            self.roster
                .as_ref()
                .is_some_and(|r| r.get(contact).is_some())
        };
        self.cast.has(id, contact) || id == ConversationId(0) && known()
    }

    /// Why a contact that nudge plays in a conversation has answered nothing. A recording does not keep how it behaves.
    pub(super) fn says_nothing(&self, id: ConversationId, contact: &str) -> Option<String> {
        let roster = self.roster.as_ref()?;
        let why = match roster.get(contact).map(|contact| &contact.manner) {
            None => "was removed from the roster meanwhile: nobody speaks as it but `say`",
            Some(Manner::Schedule(_)) => {
                "behaves by a schedule: it speaks at the times of that, and answers nothing that is said to it"
            }
            Some(_) => {
                "says nothing by itself (its behaviour is `silent`, a schedule, or has no answer to this), and nobody spoke as it"
            }
        };
        self.plays(id, contact).then(|| format!("{contact} {why}"))
    }

    /// Something is due of a client by what happened here, unless it is already.
    pub(super) fn owe(
        &mut self,
        (client, connection): (ClientId, Option<ConnectionId>),
        step: StepId,
        caller: Option<&str>,
        (time, event): (Timestamp, EventId),
    ) {
        let here = self.here.contains(&client);
        let Some(ladder) = self.ladders.get(&client).filter(|_| here) else {
            return;
        };
        let is_it =
            |e: &&Errand| (e.client, e.step) == (client, step) && e.caller.as_deref() == caller;
        if !ladder.is_done(StepId::Status) || self.errands.due.iter().any(|e| is_it(&e)) {
            return;
        }
        let errand = Errand {
            message: connection.map(|connection| (connection, None)),
            caller: caller.map(ToOwned::to_owned),
            ..Errand::new(client, step, ladder.peer.ip(), time, event)
        };
        self.errands.add(errand);
    }

    /// What was due of a client is done, where this holds of it.
    pub(super) fn did(&mut self, time: Timestamp, is: impl Fn(&Errand) -> bool) {
        while let Some(errand) = self.errands.done(&is) {
            self.came(&errand, time);
        }
    }

    /// A client sent something: what that does of what is due.
    pub(super) fn went_on(&mut self, client: ClientId, frame: &Frame, seen: &Seen<'_>) {
        let verb = frame.verb();
        if self.errands.is_empty() || verb == b"PNG" {
            return;
        }
        let listed = |account: Option<&str>| {
            let entries = seen.lists().into_iter().flat_map(|list| &list.entries);
            entries
                .zip(account)
                .any(|(entry, account)| entry.account.eq_ignore_ascii_case(account))
        };
        self.did(seen.event.time, |e| {
            e.client == client
                && match e.step {
                    StepId::Challenge => verb == b"QRY",
                    StepId::Adding => verb == b"ADL" && listed(e.caller.as_deref()),
                    StepId::Onward => e.event != seen.id,
                    _ => false,
                }
        });
    }

    /// A contact was added or removed, perhaps by a client, which is to list it then.
    pub(super) fn edited(&mut self, change: &ContactChange, time: Timestamp, event: EventId) {
        let account = change.contact.account.as_str();
        match (&change.change, change.by) {
            (Became::Added, Some(client)) => {
                let ladder = self.ladders.get(&client);
                let owes = ladder.is_some_and(|ladder| {
                    ladder.dialect >= ADL && !ladder.lists.networks.contains_key(&hash(account))
                });
                if owes {
                    self.owe((client, None), StepId::Adding, Some(account), (time, event));
                }
            }
            (Became::Removed, _) => {
                self.did(time, |e| {
                    e.step == StepId::Adding && e.caller.as_deref() == Some(account)
                });
            }
            _ => {}
        }
    }

    /// A request of a client: it goes on. Where it leaves an offline message, the first answer asks for its lock.
    pub(super) fn requested(&mut self, seen: &Seen<'_>, exchange: &HttpExchange) {
        let time = seen.event.time;
        let Some(client) = seen.event.client else {
            return;
        };
        self.did(time, |e| e.client == client && e.step == StepId::Onward);
        if exchange.action != HttpAction::Store {
            return;
        }
        let asked = memchr::memmem::find(&exchange.response.shown(false), b"LockKeyChallenge");
        if asked.is_some() {
            return self.owe((client, None), StepId::Lock, None, (time, seen.id));
        }
        self.did(time, |e| e.client == client && e.step == StepId::Lock);
    }

    /// The client sent something in a conversation: where it was asked for its picture, it is there.
    pub(super) fn stirred(&mut self, connection: ConnectionId, time: Timestamp) {
        if self.errands.is_empty() {
            return;
        }
        let its = |e: &Errand| e.step == StepId::Picture && e.is_on(connection);
        if let Some(errand) = self.errands.done(its) {
            self.came(&errand, time);
        }
    }
}
