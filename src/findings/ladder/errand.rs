//! What a client is to do beside its sign-in: to come to the address that it was sent to or is called to. And what it is
//! owed there: the receipt of a message.

use super::steps::{ANSWER_PATIENCE, StepId};
use crate::event::{ClientId, ConnectionId, ConversationId, EventId, Service, Timestamp};
use crate::msnp::TransactionId;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

/// The most errands that are remembered; the oldest make room.
const MAX_ERRANDS: usize = 256;
/// The most clients that strayed and are remembered.
const MAX_STRAYS: usize = 16;
/// How long a client may take to go where it was sent.
const GOING: Duration = Duration::from_secs(10);
/// How long it may take to come where it is called.
const COMING: Duration = Duration::from_secs(15);

/// One of them.
#[derive(Debug, Clone)]
pub struct Errand {
    pub client: ClientId,
    /// Which: [`StepId::SentOn`] and those behind it.
    pub step: StepId,
    pub peer: IpAddr,
    /// The connection by which it is due; and the message, where a receipt is.
    pub message: Option<(ConnectionId, Option<TransactionId>)>,
    /// Where the client is to go.
    pub address: String,
    /// Where it had reached nudge, if that is another address.
    pub reached: Option<IpAddr>,
    /// Who calls, or is spoken to.
    pub caller: Option<String>,
    /// Its conversation, where it is to be spoken to.
    pub conversation: Option<ConversationId>,
    /// Why nothing will come, where that is known.
    pub why: String,
    pub time: Timestamp,
    pub event: EventId,
    pub said: bool,
}

impl Errand {
    pub fn new(
        client: ClientId,
        step: StepId,
        peer: IpAddr,
        time: Timestamp,
        event: EventId,
    ) -> Self {
        Self {
            client,
            step,
            peer,
            message: None,
            address: String::new(),
            reached: None,
            caller: None,
            conversation: None,
            why: String::new(),
            time,
            event,
            said: false,
        }
    }

    /// Whether it is due by this connection.
    pub fn is_on(&self, connection: ConnectionId) -> bool {
        self.message.is_some_and(|(on, _)| on == connection)
    }

    /// Whether the client has come, and is to show its cookie.
    pub fn has_come(&self) -> bool {
        self.message.is_some() && matches!(self.step, StepId::Referral | StepId::Ring)
    }

    /// What is expected.
    pub fn expects(&self) -> &'static str {
        match self.step {
            StepId::SentOn => "its connection to the other server",
            StepId::Message => "ACK or NAK for the message",
            StepId::Words => "words of the contact",
            StepId::Picture => "its picture, or a no to that",
            StepId::Fetch => "its next request to the HTTP gateway",
            StepId::Challenge => "QRY with the answer",
            StepId::Lock => "the message once more, with the answer in lockkey",
            StepId::Adding => "ADL with the new contact",
            StepId::Offer => "the operator's answer to its file",
            StepId::Onward => "its next",
            _ if self.has_come() => "its cookie at the switchboard (USR, or ANS to a call)",
            _ => "its connection to the switchboard",
        }
    }

    /// By which service it comes.
    pub fn service(&self) -> Option<Service> {
        match self.step {
            StepId::SentOn => Some(Service::Notification),
            StepId::Referral | StepId::Ring if !self.has_come() => Some(Service::Switchboard),
            _ => None,
        }
    }

    pub fn patience(&self) -> Duration {
        match self.step {
            StepId::Message => ANSWER_PATIENCE,
            StepId::SentOn | StepId::Referral => GOING,
            _ => COMING,
        }
    }
}

/// Somebody came to the switchboard before the line upon which it was to come was told.
#[derive(Debug)]
pub struct Visit {
    pub peer: IpAddr,
    pub time: Timestamp,
    pub connection: Option<ConnectionId>,
    /// Whether it has shown a cookie.
    pub showed: bool,
}

/// All that are not done.
#[derive(Debug, Default)]
pub struct Errands {
    pub due: VecDeque<Errand>,
    pub visits: VecDeque<Visit>,
    /// Whose connections at the switchboard are, by where they were sent.
    seats: VecDeque<(ConnectionId, ClientId)>,
    /// Who came to the notification port instead, and of which client it is.
    strays: VecDeque<(ClientId, ClientId)>,
}

impl Errands {
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    pub fn add(&mut self, errand: Errand) {
        if self.due.len() == MAX_ERRANDS {
            self.due.pop_front();
        }
        self.due.push_back(errand);
    }

    /// Takes out the oldest for which this holds.
    pub fn done(&mut self, is: impl Fn(&Errand) -> bool) -> Option<Errand> {
        let at = self.due.iter().position(is)?;
        self.due.remove(at)
    }

    /// The client of an errand came to the switchboard by this connection: it is to show its cookie there.
    pub fn arrived(&mut self, errand: &Errand, connection: Option<ConnectionId>, time: Timestamp) {
        self.seated(connection, errand.client);
        if let Some(connection) = connection {
            self.add(Errand {
                message: Some((connection, None)),
                time,
                said: false,
                ..errand.clone()
            });
        }
    }

    /// A client came to the switchboard by this connection.
    pub fn seated(&mut self, connection: Option<ConnectionId>, client: ClientId) {
        let Some(connection) = connection else {
            return;
        };
        if self.seats.len() == MAX_ERRANDS {
            self.seats.pop_front();
        }
        self.seats.push_back((connection, client));
    }

    /// This client came to the notification port, and is the other, which was sent to the switchboard.
    pub fn strayed(&mut self, stray: ClientId, client: ClientId) {
        if self.strays.len() == MAX_STRAYS {
            self.strays.pop_front();
        }
        self.strays.push_back((stray, client));
    }

    /// The client to which a strayed one belongs.
    pub fn stray(&self, stray: ClientId) -> Option<ClientId> {
        let found = self.strays.iter().find(|(who, _)| *who == stray);
        found.map(|(_, client)| *client)
    }

    /// Whose a connection at the switchboard seems to be.
    pub fn seat(&self, connection: ConnectionId) -> Option<ClientId> {
        let mut seats = self.seats.iter();
        seats
            .find(|(seat, _)| *seat == connection)
            .map(|(_, client)| *client)
    }

    /// A client has gone: only where it was sent on it may come yet.
    pub fn gone(&mut self, client: ClientId) {
        self.due
            .retain(|errand| errand.client != client || errand.step == StepId::SentOn);
    }

    /// The program stood still for this many microseconds.
    pub fn paused(&mut self, gap: u64) {
        for errand in &mut self.due {
            errand.time = Timestamp(errand.time.0.saturating_add(gap));
        }
    }

    /// The events end: what was to come while time passes is waited for no longer.
    pub fn end(&mut self) {
        self.due.retain(|errand| match errand.step {
            StepId::SentOn | StepId::Referral | StepId::Ring => !errand.has_come(),
            step => step == StepId::Message,
        });
    }

    /// A conversation's connection is closed.
    pub fn closed(&mut self, connection: ConnectionId) {
        self.seats.retain(|(seat, _)| *seat != connection);
        self.due.retain(|errand| !errand.is_on(connection));
    }
}
