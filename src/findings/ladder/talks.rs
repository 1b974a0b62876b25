//! What is waited for in conversations beside receipts: the cookie of who has come, words of a contact that says none by
//! itself, and a picture that a contact asked for.

use super::errand::Errand;
use super::ladders::Ladders;
use super::steps::StepId;
use crate::event::{
    Chapter, ClientId, ConnectionId, ConversationChange, ConversationId, EventId, Spoken, Timestamp,
};
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
            (true, MessageKind::P2p | MessageKind::File) => return,
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
                if !self.cast.has(spoken.conversation, contact) {
                    return;
                }
                (StepId::Words, contact, Some(spoken.conversation))
            }
            _ => return,
        };
        let client = client.or_else(|| self.errands.seat(connection));
        let Some(ladder) = client.and_then(|client| self.ladders.get(&client)) else {
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
        self.cast
            .has(id, contact)
            .then(|| format!("{contact} {why}"))
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
