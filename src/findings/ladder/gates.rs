//! Clients that come by the HTTP gateway: what is sent to one waits there until its next request.

use super::errand::Errand;
use super::ladders::Ladders;
use super::steps::StepId;
use crate::event::{ClientId, ConnectionId, EventId, HttpAction, HttpExchange, Timestamp};
use std::net::IpAddr;

impl Ladders {
    /// A request to the gateway: what waited there has been fetched.
    pub(super) fn gate(&mut self, exchange: &HttpExchange, peer: Option<IpAddr>, time: Timestamp) {
        if exchange.action != HttpAction::Gateway {
            return;
        }
        let Some(connection) = peer.and_then(|peer| self.gates.behind(exchange, peer, time)) else {
            return;
        };
        let its = |e: &Errand| e.step == StepId::Fetch && e.is_on(connection);
        if let Some(errand) = self.errands.done(its) {
            if let Some(ladder) = self.ladders.get_mut(&errand.client) {
                ladder.unfetched = None;
            }
            self.came(&errand, time);
        }
    }

    /// Something was sent on this connection: where that is one of the gateway's, it is to be fetched.
    pub(super) fn put_behind_gate(
        &mut self,
        client: Option<ClientId>,
        connection: Option<ConnectionId>,
        time: Timestamp,
        event: EventId,
    ) {
        let Some(connection) = connection.filter(|c| self.gates.is_one(*c)) else {
            return;
        };
        let client = client.or_else(|| self.errands.seat(connection));
        let Some(ladder) = client.and_then(|client| self.ladders.get_mut(&client)) else {
            return;
        };
        let due = |e: &Errand| e.step == StepId::Fetch && e.is_on(connection);
        if self.errands.due.iter().any(due) {
            return;
        }
        ladder.unfetched.get_or_insert(event);
        let errand = Errand {
            message: Some((connection, None)),
            ..Errand::new(ladder.client, StepId::Fetch, ladder.peer.ip(), time, event)
        };
        self.errands.add(errand);
    }
}
