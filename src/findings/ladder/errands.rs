//! What the events say of errands: which a client has, and which are done.

use super::errand::{Errand, Visit};
use super::ladders::Ladders;
use super::stall::Kind;
use super::steps::StepId;
use super::verdict::About;
use crate::event::{ClientId, ConnectionId, EventId, FrameEvent, Service, Timestamp, Turn};
use crate::msnp::escape::to_text;
use crate::msnp::{Direction, Frame};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The most visits that are remembered before the line is told that sent the client there.
const MAX_VISITS: usize = 16;
/// How long after a client has come the line may be told that sent it.
const MOMENT: Duration = Duration::from_secs(1);

impl Ladders {
    /// A line was sent to a client: it may send it on, or call it.
    pub(super) fn send_on(
        &mut self,
        client: ClientId,
        frame: &Frame,
        time: Timestamp,
        event: EventId,
    ) {
        let token = |at: usize| to_text(frame.tokens().nth(at).unwrap_or_default());
        let (step, at, caller) = match (frame.verb(), frame.tokens().nth(2)) {
            (b"XFR", Some(b"NS")) => (StepId::SentOn, 3, None),
            (b"XFR", Some(b"SB")) => (StepId::Referral, 3, None),
            (b"RNG", Some(_)) => (StepId::Ring, 2, Some(token(5))),
            _ => return,
        };
        let Some(ladder) = self.ladders.get(&client) else {
            return;
        };
        let (peer, address) = (ladder.address(), token(at));
        let host = address.parse::<SocketAddr>().ok();
        let reached = ladder
            .local
            .filter(|local| host.is_some_and(|host| host.ip().to_canonical() != *local));
        let errand = Errand {
            address,
            reached,
            caller,
            ..Errand::new(client, step, peer, time, event)
        };
        // It may be there already: this line is told once it is written.
        let visits = &mut self.errands.visits;
        let came = visits
            .iter()
            .position(|visit| visit.peer == peer && time.since(visit.time) < MOMENT);
        match came.filter(|_| step != StepId::SentOn) {
            Some(at) => {
                if let Some(visit) = visits.remove(at) {
                    match visit.showed {
                        true => self.errands.seated(visit.connection, client),
                        false => self.errands.arrived(&errand, visit.connection, time),
                    }
                }
            }
            None => self.errands.add(errand),
        }
    }

    /// A client shows what belongs to the switchboard (ANS, or USR with an account) at the notification port: it is one
    /// that was called or sent on, and did not go there.
    pub(super) fn strays(&mut self, stray: ClientId, frame: &Frame) {
        let account = frame.tokens().nth(2).unwrap_or_default();
        let step = match frame.verb() {
            b"ANS" => StepId::Ring,
            b"USR" if account.contains(&b'@') => StepId::Referral,
            _ => return,
        };
        let account = to_text(account.split(|b| *b == b';').next().unwrap_or_default());
        let ladders = &self.ladders;
        let its = |errand: &Errand| {
            let own = ladders
                .get(&errand.client)
                .and_then(|ladder| ladder.account.as_deref());
            errand.step == step && own.is_some_and(|own| own.eq_ignore_ascii_case(&account))
        };
        if let Some(errand) = self.errands.done(its).filter(|e| e.client != stray) {
            self.errands.strayed(stray, errand.client);
        }
    }

    /// Somebody has connected.
    pub(super) fn visited(
        &mut self,
        service: Service,
        peer: IpAddr,
        connection: Option<ConnectionId>,
        time: Timestamp,
    ) {
        let its = |errand: &Errand| errand.peer == peer && errand.service() == Some(service);
        match self.errands.done(its) {
            Some(errand) => {
                self.came(&errand, time);
                if service == Service::Switchboard {
                    self.errands.arrived(&errand, connection, time);
                }
            }
            None if service == Service::Switchboard => {
                let visits = &mut self.errands.visits;
                if visits.len() == MAX_VISITS {
                    visits.pop_front();
                }
                visits.push_back(Visit {
                    peer,
                    time,
                    connection,
                    showed: false,
                });
            }
            None => {}
        }
    }

    /// What was said of an errand is withdrawn.
    pub(super) fn came(&mut self, errand: &Errand, time: Timestamp) {
        if !errand.said {
            return;
        }
        if let Some(ladder) = self.ladders.get_mut(&errand.client) {
            ladder.said.retain(|(said, _)| *said != errand.step);
        }
        let (client, step) = (errand.client, errand.step);
        self.say_of(
            client,
            step,
            Turn::Nobody,
            Kind::Resumed,
            time,
            About::Errand(errand),
        );
    }

    /// A line of a conversation.
    pub(super) fn conversed(
        &mut self,
        client: ClientId,
        connection: ConnectionId,
        frame: &FrameEvent,
        time: Timestamp,
        event: EventId,
    ) {
        let (direction, frame) = (frame.direction, &frame.frame);
        match (direction, frame.verb(), frame.tokens().nth(2)) {
            (Direction::In, b"MSG", Some(b"A" | b"D")) => {
                let Some(ladder) = self.ladders.get(&client) else {
                    return;
                };
                let peer = ladder.peer.ip();
                let errand = Errand {
                    message: Some((connection, frame.transaction())),
                    ..Errand::new(client, StepId::Message, peer, time, event)
                };
                self.errands.add(errand);
            }
            (Direction::Out, b"ACK" | b"NAK", _) => {
                let message = Some((connection, frame.transaction()));
                let its = |e: &Errand| e.step == StepId::Message && e.message == message;
                let Some(errand) = self.errands.done(its) else {
                    return;
                };
                if frame.verb() == b"ACK" {
                    return self.came(&errand, time);
                }
                let (step, owes) = (StepId::Message, Turn::Client);
                self.say_of(
                    client,
                    step,
                    owes,
                    Kind::Failed,
                    time,
                    About::Errand(&errand),
                );
            }
            // It came from another address than it signed in from.
            (Direction::Out, b"USR" | b"ANS", _) => {
                let its = |errand: &Errand| {
                    errand.client == client && errand.service() == Some(Service::Switchboard)
                };
                if let Some(errand) = self.errands.done(its) {
                    self.came(&errand, time);
                }
            }
            _ => {}
        }
    }

    /// Says which errands are not done in time.
    pub(super) fn miss(&mut self, now: Timestamp) {
        let factor = self.factor;
        let late = |errand: &Errand| {
            !errand.said && now.since(errand.time) >= errand.patience().mul_f64(factor)
        };
        let mut missed = Vec::new();
        for errand in self.errands.due.iter_mut().filter(|errand| late(errand)) {
            errand.said = true;
            missed.push(errand.clone());
        }
        for errand in &mut missed {
            if let (Some(id), Some(contact)) = (errand.conversation, &errand.caller) {
                errand.why = self.says_nothing(id, contact).unwrap_or_default();
            }
        }
        // Whose words were lost is not answered for that reason, which is told.
        missed.retain(|errand| {
            let ladder = self.ladders.get(&errand.client);
            let harmed = ladder.and_then(|ladder| ladder.harmed);
            let lost = harmed.is_some_and(|harmed| harmed.time >= errand.time);
            errand.step != StepId::Words || !errand.why.is_empty() && !lost
        });
        for errand in &missed {
            let owes = match errand.step {
                StepId::Message => Turn::Server,
                StepId::Words | StepId::Offer => Turn::Nobody,
                _ => Turn::Client,
            };
            self.say_of(
                errand.client,
                errand.step,
                owes,
                Kind::Silent,
                now,
                About::Errand(errand),
            );
        }
        // Nobody withdraws what is said of one that has gone.
        let here = &self.here;
        self.errands
            .due
            .retain(|errand| !errand.said || here.contains(&errand.client));
    }
}
