//! Sign-ins that begin at the doors of the web: somebody was given tokens or a ticket, and nobody comes to the
//! notification port. There is no client yet whose ladder could say so.

use super::digest::shown;
use super::ladders::Ladders;
use super::one::Ladder;
use super::steps::StepId;
use super::web::Early;
use crate::event::{ConnectionId, EventId, Finding, FindingId, HttpExchange, Severity, Timestamp};
use crate::findings::Told;
use std::net::IpAddr;
use std::time::Duration;

/// The most addresses that are remembered; the oldest make room.
const MAX_EARLY: usize = 64;
/// How long a client may take from its tokens to the notification port.
const COMING: Duration = Duration::from_secs(20);

impl Ladders {
    /// A request went well, and nobody of its address is at the notification port.
    pub(super) fn came_early(
        &mut self,
        (peer, connection): (IpAddr, ConnectionId),
        step: StepId,
        exchange: &HttpExchange,
        (time, event): (Timestamp, EventId),
    ) {
        let asked = matches!(step, StepId::Nexus | StepId::Login | StepId::Tokens);
        let is_here = |ladder: &Ladder| ladder.peer.ip().to_canonical() == peer;
        if !asked || self.living().any(is_here) {
            return;
        }
        let account = exchange
            .account
            .as_ref()
            .map(|account| shown(account.as_bytes()));
        if let Some(known) = self.early.iter_mut().find(|early| early.peer == peer) {
            if known.step < step {
                known.step = step;
            }
            (known.connection, known.time, known.event) = (connection, time, event);
            known.account = account.or(known.account.take());
            return;
        }
        if self.early.len() == MAX_EARLY {
            self.early.pop_front();
        }
        self.early.push_back(Early {
            peer,
            connection,
            account,
            step,
            time,
            event,
        });
    }

    /// Of whom nobody has come to the notification port in time.
    pub(in crate::findings) fn nobody_came(&mut self, now: Timestamp) -> Vec<Told> {
        let patience = COMING.mul_f64(self.factor);
        let mut told = Vec::new();
        self.early.retain(|early| {
            let late = now.since(early.time) >= patience;
            if late {
                told.push(self::told(early));
            }
            !late
        });
        told
    }
}

fn told(early: &Early) -> Told {
    let who = early.account.as_deref().unwrap_or("somebody");
    let (given, severity) = match early.step {
        StepId::Nexus => ("was answered by the nexus", Severity::Info),
        StepId::Login => ("was given a ticket by the login", Severity::Warning),
        _ => ("was given tokens (RST)", Severity::Warning),
    };
    let text = format!(
        "{who} at {} {given}, and nobody came from there to the notification port. Likely: the client does not reach it: \
             its hosts file does not name messenger.hotmail.com, it keeps a server name of an earlier try, or port 1863 is \
             closed on the way. Check: the line of messenger.hotmail.com in its hosts file (`nudge hosts`), the server name \
             that it keeps, and that port 1863 of this machine leads to nudge (`--lan`, a firewall)",
        early.peer
    );
    let mut finding = Finding::new(FindingId::Stalled, "notification", text).weighing(severity);
    finding.evidence = Some(early.event);
    Told {
        finding,
        client: None,
        connection: Some(early.connection),
        stall: None,
    }
}
