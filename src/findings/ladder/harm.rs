//! What is said beside the steps of a sign-in: what a client that is online wanted and did not get, a request that was
//! refused, and tries that were given up.

use super::ladders::Ladders;
use super::one::Ladder;
use super::row::{Harmed, is_harm};
use super::stall::Kind;
use super::steps::StepId;
use super::verdict::About;
use crate::event::{ClientId, ConnectionId, Ending, Finding, HttpAction, Timestamp, Turn};
use crate::msnp::Direction;
use crate::msnp::dictionary;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

/// What is found so soon after another is a consequence of it, or the same once more.
const BURST: Duration = Duration::from_secs(5);

/// The most sign-outs by a later sign-in that are remembered, and for how long.
const MAX_TURNS: usize = 64;
const OF_LATE: Duration = Duration::from_secs(600);

impl Ladders {
    /// How often the account of a client was signed out by a later sign-in of late, where it is that which ends it.
    pub(super) fn takes_turns(
        &mut self,
        client: ClientId,
        ending: &Ending,
        time: Timestamp,
    ) -> usize {
        if *ending != Ending::Elsewhere {
            return 0;
        }
        let ladder = self.ladders.get(&client);
        let Some(account) = ladder.and_then(|ladder| ladder.account.clone()) else {
            return 0;
        };
        if self.turns.len() == MAX_TURNS {
            self.turns.pop_front();
        }
        self.turns.push_back((account.clone(), time));
        let late = |(of, when): &&(String, Timestamp)| {
            time.since(*when) < OF_LATE && of.eq_ignore_ascii_case(&account)
        };
        self.turns.iter().filter(late).count()
    }

    /// A finding about a client that is online: what it wanted was not done, or it was, and perhaps not as the client
    /// thinks.
    pub(super) fn weighs(
        &mut self,
        client: ClientId,
        connection: Option<ConnectionId>,
        finding: &Finding,
        time: Timestamp,
    ) {
        if is_harm(finding) {
            return self.harm(client, finding, time);
        }
        let harmed = self.ladder(client).and_then(|ladder| ladder.harmed);
        let follows = harmed.is_some_and(|harmed| time.since(harmed.time) < BURST);
        if let Some(event) = finding.evidence.filter(|_| !follows) {
            self.owe((client, connection), StepId::Onward, None, (time, event));
        }
    }

    /// What it wanted was not done.
    pub(super) fn harm(&mut self, client: ClientId, finding: &Finding, time: Timestamp) {
        let Some(ladder) = self.ladders.get_mut(&client) else {
            return;
        };
        if !ladder.is_done(StepId::Status) || !is_harm(finding) {
            return;
        }
        let graver = |harmed: Harmed| finding.severity > harmed.severity;
        if let Some(harmed) = ladder.harmed
            && time.since(harmed.time) < BURST
            && !graver(harmed)
        {
            return;
        }
        ladder.harmed = Some(Harmed {
            time,
            event: finding.evidence.unwrap_or(ladder.last_event()),
            severity: finding.severity,
        });
        let word = finding.field.split(' ').next().unwrap_or_default();
        let known = dictionary::lookup(word.as_bytes(), Direction::In);
        let action = || HttpAction::KNOWN.iter().find(|one| one.name() == word);
        let name = known
            .map(|verb| verb.name)
            .or_else(|| Some(action()?.name()));
        let name = name.unwrap_or("what it asked for");
        let step = match name {
            "MSG" => StepId::Message,
            "XFR" => StepId::Referral,
            _ => StepId::Command,
        };
        let about = About::Verb(name);
        self.say_of(client, step, Turn::Client, Kind::Harmed, time, about);
    }

    /// Says what was not yet said of requests that were refused.
    pub(super) fn speak_up(&mut self, time: Timestamp) {
        for client in std::mem::take(&mut self.unspoken) {
            self.speak(Some(client), time);
        }
    }

    /// A client has said who it is: tries of its address that were given up before that were no stalls. Or it shows a
    /// ticket: so were those that were given up later than that.
    pub(super) fn got_further(&mut self, client: ClientId, time: Timestamp) {
        let Some(ladder) = self.ladder(client) else {
            return;
        };
        let peer = ladder.address();
        let (account, signed_in) = (ladder.account.clone(), ladder.has_shown_ticket());
        let another = |tried: &ClientId| {
            let named = self
                .ladder(*tried)
                .and_then(|ladder| ladder.account.as_ref());
            named.zip(account.as_ref()).is_some_and(|(a, b)| a != b)
        };
        let mut before = Vec::new();
        let mut tries = self.tries.clone();
        tries.retain(|(from, tried, far)| {
            let its = *from == peer && *tried < client && (!far || signed_in) && !another(tried);
            if its {
                before.push(*tried);
            }
            !its
        });
        self.tries = tries;
        for tried in before {
            let said = self
                .ladders
                .get_mut(&tried)
                .map(|ladder| std::mem::take(&mut ladder.said));
            for (step, _) in said.unwrap_or_default() {
                self.say(tried, step, Turn::Nobody, Kind::Resumed, time);
            }
        }
    }
}

impl Ladder {
    /// How often its address gave up right before.
    pub(super) fn tried_before(&self, tries: &VecDeque<(IpAddr, ClientId, bool)>) -> u32 {
        let peer = self.address();
        let before = tries.iter().filter(|(from, _, far)| *from == peer && !far);
        u32::try_from(before.count()).unwrap_or(u32::MAX)
    }

    /// Whether its client gave up before it had said who it is.
    pub(super) fn gave_up(&self, ending: &Ending) -> bool {
        let left = ending.is_by_client() || *ending == Ending::SignedOut;
        left && self.is_done(StepId::Version)
            && !self.is_done(StepId::Ticket)
            && self.noted.is_empty()
            && self.refused.is_none()
    }
}
