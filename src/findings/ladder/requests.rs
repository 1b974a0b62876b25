//! Requests over HTTP: whose they are, and the steps that they take.

use super::digest::{Digest, shown};
use super::ladders::{Ladders, MAX_OPEN};
use super::one::{Gateway, Ladder};
use super::row::Said;
use super::steps::{self, StepId};
use super::trace::Lane;
use super::web::Web;
use crate::event::{ClientId, ConnectionId, EventId, HttpAction, HttpExchange, Timestamp};
use crate::findings::Seen;
use std::net::IpAddr;

impl Ladders {
    pub(super) fn http(&mut self, seen: &Seen<'_>, exchange: &HttpExchange) {
        let Seen { event, id, .. } = *seen;
        let Some(connection) = event.connection else {
            return;
        };
        let time = event.time;
        let (peer, held, handshake) = match self.web.get_mut(&connection) {
            Some(web) => {
                web.waiting = None;
                if web.unused.is_some() {
                    self.trusting.insert(web.peer);
                }
                (Some(web.peer), web.client, web.unused.take())
            }
            None => (None, None, None),
        };
        self.gate(exchange, peer, time);
        if let Some(client) = event.client
            && held != Some(client)
        {
            self.attribute(connection, client);
        }
        if exchange.action == HttpAction::Gateway {
            self.polled(connection, exchange, time, id);
        }
        let Some((step, digest)) = steps::of_action(&exchange.action).zip(seen.digest()) else {
            return;
        };
        let sure = event
            .client
            .or(held)
            .filter(|c| self.ladders.contains_key(c));
        let who = match sure {
            Some(client) => vec![client],
            None => self.candidates(peer, step, exchange.account.as_deref()),
        };
        if let Some(peer) = peer.filter(|_| who.is_empty() && digest.failure.is_none()) {
            self.came_early((peer, connection, time, Some(id)), step, exchange);
        }
        let lane = match step {
            StepId::Membership | StepId::AddressBook => Lane::Soap,
            _ => Lane::Passport,
        };
        for client in &who {
            if let Some(ladder) = self.ladders.get_mut(client) {
                if step == StepId::Tokens {
                    ladder.asked_for_tokens();
                }
                // What was said of its silence was said before this.
                ladder.reweigh();
                ladder.answered(
                    time,
                    id,
                    Said::Http(format!(
                        "the answer of {} ({})",
                        shown(exchange.action.name().as_bytes()),
                        exchange.status
                    )),
                );
                if let Some(handshake) = handshake {
                    ladder.trace.turns_out(handshake, lane);
                }
                ladder
                    .trace
                    .exchange(lane, exchange, &digest.detail, time, id);
            }
        }
        self.apply(connection, sure, step, digest, time, id, who);
    }

    /// A request to the HTTP gateway: its session is a client of the address and port that opened it.
    fn polled(
        &mut self,
        connection: ConnectionId,
        exchange: &HttpExchange,
        time: Timestamp,
        event: EventId,
    ) {
        let Some(&Web { peer, port, .. }) = self.web.get(&connection) else {
            return;
        };
        let opens = exchange.target.to_ascii_lowercase().contains("action=open");
        for client in self.of_address(peer) {
            let Some(ladder) = self.ladders.get_mut(&client) else {
                continue;
            };
            let begins = opens && ladder.peer.port() == port;
            match &mut ladder.gateway {
                Some(gateway) if opens => gateway.opened += 1,
                Some(gateway) => (gateway.asked, gateway.event) = (time, event),
                None if begins => {
                    ladder.gateway = Some(Gateway {
                        asked: time,
                        event,
                        opened: 0,
                    });
                }
                None => {}
            }
        }
    }

    /// The clients of whom one may have sent the last request of this web connection, where nothing says whose it is:
    /// those for whom it was the time.
    pub fn behind(&self, connection: ConnectionId) -> &[ClientId] {
        let web = self.web.get(&connection);
        web.and_then(|web| web.open.last())
            .map_or(&[], |(.., who)| who)
    }

    /// A step that was seen on a web connection goes to the ladders of those whose it is, or may be.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call, three callers, nothing to name them by"
    )]
    pub(super) fn apply(
        &mut self,
        connection: ConnectionId,
        sure: Option<ClientId>,
        step: StepId,
        digest: &Digest,
        time: Timestamp,
        id: EventId,
        who: Vec<ClientId>,
    ) {
        for client in &who {
            if let Some(ladder) = self.ladders.get_mut(client) {
                let before = ladder.is_done(step) || digest.again;
                ladder.exchange(step, digest, time, id);
                if who.len() > 1 && !before {
                    ladder.leave_open(step, &who);
                }
            }
            match digest.failure {
                Some(_) if !self.unspoken.contains(client) => self.unspoken.push(*client),
                Some(_) => {}
                None => self.speak(Some(*client), time),
            }
        }
        if sure.is_none()
            && let Some(web) = self.web.get_mut(&connection)
            && web.open.len() < MAX_OPEN
        {
            web.open.push((step, digest.clone(), time, id, who));
        }
    }

    /// It is known now whose this connection is, and so whose everything on it was.
    fn attribute(&mut self, connection: ConnectionId, client: ClientId) {
        let Some(web) = self.web.get_mut(&connection) else {
            return;
        };
        web.client = Some(client);
        for (step, digest, time, id, who) in std::mem::take(&mut web.open) {
            for other in who.iter().filter(|other| **other != client) {
                if let Some(ladder) = self.ladders.get_mut(other) {
                    ladder.take_back(step);
                }
            }
            if let Some(ladder) = self.ladders.get_mut(&client) {
                if !ladder.is_done(step) {
                    ladder.exchange(step, &digest, time, id);
                }
                ladder.leave_open(step, &[]);
            }
        }
    }

    /// Who of an address is at a step for which it goes to the web.
    pub(super) fn near(&self, peer: IpAddr) -> Vec<ClientId> {
        self.living()
            .filter(|l| l.is_at_passport() || l.is_at_address_book())
            .filter(|l| l.address() == peer)
            .map(|l| l.client)
            .take(MAX_OPEN)
            .collect()
    }

    /// Everybody who comes from an address.
    pub(super) fn of_address(&self, peer: IpAddr) -> Vec<ClientId> {
        self.living()
            .filter(|l| l.address() == peer)
            .map(|l| l.client)
            .take(MAX_OPEN)
            .collect()
    }

    /// Who may be behind a connection that nothing yet says whose it is: those for whom it is the time, from the
    /// same address if any of them is.
    pub(super) fn candidates(
        &self,
        peer: Option<IpAddr>,
        step: StepId,
        account: Option<&str>,
    ) -> Vec<ClientId> {
        let fits = |ladder: &&Ladder| match step {
            StepId::Membership | StepId::AddressBook => ladder.is_at_address_book(),
            StepId::Login | StepId::Tls => ladder.is_at_passport() || ladder.is_at_address_book(),
            _ => ladder.is_at_passport(),
        };
        let of = |named: bool, near: bool| -> Vec<ClientId> {
            self.living()
                .filter(fits)
                .filter(|l| {
                    !named
                        || account.is_some_and(|account| {
                            l.account
                                .as_deref()
                                .is_some_and(|own| own.eq_ignore_ascii_case(account))
                        })
                })
                .filter(|l| !near || peer == Some(l.address()))
                .map(|l| l.client)
                .take(MAX_OPEN)
                .collect()
        };
        if account.is_some() {
            return of(true, false);
        }
        let near = of(false, true);
        if near.is_empty() {
            of(false, false)
        } else {
            near
        }
    }
}
