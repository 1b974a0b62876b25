//! What a client is to do beside its sign-in: to come to the address that it was sent to or is called to. And what it is
//! owed there: the receipt of a message.

use super::steps::{ANSWER_PATIENCE, StepId};
use crate::event::{ClientId, ConnectionId, EventId, Service, Timestamp};
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
    /// The conversation's connection, and the message, where a receipt is due.
    pub message: Option<(ConnectionId, Option<TransactionId>)>,
    /// Where the client is to go.
    pub address: String,
    /// Where it had reached nudge, if that is another address.
    pub reached: Option<IpAddr>,
    /// Who calls.
    pub caller: Option<String>,
    pub time: Timestamp,
    pub event: EventId,
    pub said: bool,
}

impl Errand {
    /// What is expected.
    pub fn expects(&self) -> &'static str {
        match self.step {
            StepId::SentOn => "its connection to the other server",
            StepId::Message => "ACK or NAK for the message",
            _ => "its connection to the switchboard",
        }
    }

    /// By which service it comes.
    pub fn service(&self) -> Option<Service> {
        match self.step {
            StepId::SentOn => Some(Service::Notification),
            StepId::Referral | StepId::Ring => Some(Service::Switchboard),
            _ => None,
        }
    }

    pub fn patience(&self) -> Duration {
        match self.step {
            StepId::Message => ANSWER_PATIENCE,
            StepId::Ring => COMING,
            _ => GOING,
        }
    }
}

/// All that are not done.
#[derive(Debug, Default)]
pub struct Errands {
    pub due: VecDeque<Errand>,
    pub visits: VecDeque<(IpAddr, Timestamp, Option<ConnectionId>)>,
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

    /// A conversation's connection is closed.
    pub fn closed(&mut self, connection: ConnectionId) {
        self.seats.retain(|(seat, _)| *seat != connection);
        self.due
            .retain(|errand| errand.message.is_none_or(|(on, _)| on != connection));
    }
}
