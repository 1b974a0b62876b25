//! What is said of a sign-in that stands, with its causes: each stall once.

use super::cause::Cause;
use super::causes::{self, At, Scene};
use super::errand::Errand;
use super::ladders::{Ladders, MAX_SAID, MAX_STALLS};
use super::stall::{Kind, Stall};
use super::steps::StepId;
use crate::event::{ClientId, Timestamp, Turn};

/// What a stall is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About<'a> {
    /// A step of the sign-in.
    Step,
    /// An errand.
    Errand(&'a Errand),
    /// A command of this verb.
    Verb(&'static str),
}

impl Ladders {
    /// Says what a ladder has to say.
    pub(super) fn speak(&mut self, client: Option<ClientId>, time: Timestamp) {
        let Some(ladder) = client.and_then(|c| self.ladders.get_mut(&c)) else {
            return;
        };
        if let Some(step) = ladder.resumed.take() {
            let client = ladder.client;
            ladder.said.retain(|(said, _)| *said != step);
            self.say(client, step, Turn::Nobody, Kind::Resumed, time);
            if let Some(ladder) = self.ladders.get_mut(&client) {
                // It stands nowhere now.
                ladder.stall = None;
            }
        }
        let Some(ladder) = client.and_then(|c| self.ladders.get_mut(&c)) else {
            return;
        };
        if let Some((step, kind)) = ladder.pending.take() {
            let client = ladder.client;
            self.say(client, step, Turn::Client, kind, time);
        }
    }

    /// A stall, unless it was said already.
    pub(super) fn say(
        &mut self,
        client: ClientId,
        step: StepId,
        owes: Turn,
        kind: Kind,
        now: Timestamp,
    ) {
        self.say_of(client, step, owes, kind, now, About::Step);
    }

    /// The same of an errand.
    pub(super) fn say_of(
        &mut self,
        client: ClientId,
        step: StepId,
        owes: Turn,
        kind: Kind,
        now: Timestamp,
        about: About<'_>,
    ) {
        let (errand, named) = match about {
            About::Step => (None, None),
            About::Errand(errand) => (Some(errand), None),
            About::Verb(name) => (None, Some(name)),
        };
        let Some(ladder) = self.ladders.get_mut(&client) else {
            return;
        };
        let peer = ladder.address();
        let mut at = At {
            came: self.came.contains(&peer),
            trusts: self.trusting.contains(&peer),
            ..At::default()
        };
        for web in self.web.values().filter(|web| web.peer == peer) {
            at.waiting = web.waiting.or(at.waiting);
            at.unused = web.unused.or(at.unused);
        }
        let causes = causes::rank(&Scene {
            ladder,
            step,
            owes,
            kind: &kind,
            https: &self.https,
            web: at,
            errand,
            now,
        });
        let first = causes.first();
        let said = (step, first.map(Cause::named));
        let stall = Stall {
            client,
            step,
            name: named.unwrap_or_else(|| ladder.row(step).map_or(step.errand(), |row| row.name)),
            online: errand.is_some() || ladder.is_done(StepId::Status) && kind != Kind::Nobody,
            tried: ladder.tried,
            waited: match (&kind, ladder.pinged, errand) {
                (.., Some(errand)) => now.since(errand.time),
                (Kind::Quiet, Some(heard), None) => now.since(heard),
                _ => now.since(ladder.since),
            },
            kind,
            time: now,
            owes,
            expects: match errand {
                Some(errand) => errand.expects(),
                None => ladder.expects(step, owes),
            },
            event: first.and_then(|c| c.event).or(Some(
                errand.map_or(ladder.last_event(), |errand| errand.event),
            )),
            causes,
        };
        if errand.is_none() && stall.kind != Kind::Harmed {
            ladder.stall = Some(stall.clone());
        }
        // What was found on the line is told already.
        let harm = (StepId::Command, said.1.clone());
        let told = stall.kind == Kind::Failed && said.1.is_some() && ladder.said.contains(&harm);
        if ladder.said.contains(&said)
            || told
            || ladder.said.len() >= MAX_SAID
            || self.stalls.len() >= MAX_STALLS
        {
            return;
        }
        ladder.said.push(said);
        self.stalls.push(stall);
    }
}
