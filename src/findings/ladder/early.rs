//! What an address did before any client of it was at work at the notification port: it was given tokens or a ticket, or was
//! refused, at the doors of the web, and nobody comes; or it connects there again and again and says nothing. There is no
//! ladder yet that could say so.

use super::causes::check;
use super::digest::{shown, shown_text};
use super::ladders::Ladders;
use super::steps::StepId;
use super::web::{Early, What};
use crate::event::{ConnectionId, EventId, Finding, FindingId, HttpExchange, Severity, Timestamp};
use crate::findings::Told;
use std::net::IpAddr;
use std::time::Duration;

/// The most addresses that are remembered; the oldest make room.
const MAX_EARLY: usize = 64;
/// How long a client may take from its tokens to the notification port.
const COMING: Duration = Duration::from_secs(20);
/// Connections without a byte from which on an address is told of: fewer may be a look whether the port is open.
const SILENT: u32 = 3;

/// Where and when.
type At = (IpAddr, ConnectionId, Timestamp, Option<EventId>);

impl Ladders {
    /// A request went well, and nobody of its address is at the notification port.
    pub(super) fn came_early(&mut self, at: At, step: StepId, exchange: &HttpExchange) {
        let asked = matches!(step, StepId::Nexus | StepId::Login | StepId::Tokens);
        if !asked || !self.of_address(at.0).is_empty() {
            return;
        }
        let early = self.early_of(at, false);
        early.what = match early.what {
            What::Given(known) if known > step => What::Given(known),
            _ => What::Given(step),
        };
        let account = exchange.account.as_ref();
        if let Some(account) = account {
            early.account = Some(shown(account.as_bytes()));
        }
    }

    /// Something was found there that weighs, and nobody of its address is at the notification port.
    pub(super) fn found_early(
        &mut self,
        (peer, connection): (IpAddr, ConnectionId),
        finding: &Finding,
        time: Timestamp,
    ) {
        // Where a client of another address is at work, it would be taken for one of its.
        if finding.severity == Severity::Info || !self.here.is_empty() {
            return;
        }
        let early = self.early_of((peer, connection, time, finding.evidence), false);
        let text = shown_text(finding.text.trim_end_matches('.'));
        early.what = What::Found(text, check(finding));
    }

    /// It came to the notification port and left it without a byte.
    pub(super) fn came_silently(&mut self, at: At) {
        if let What::Silent(times) = &mut self.early_of(at, true).what {
            *times += 1;
        }
    }

    /// What is remembered of an address, at the doors of the web or as silent at the other.
    fn early_of(&mut self, (peer, connection, time, event): At, silent: bool) -> &mut Early {
        let its = |early: &Early| early.peer == peer && early.is_silent() == silent;
        let known = self.early.iter().position(its);
        if known.is_none() {
            if self.early.len() == MAX_EARLY {
                self.early.pop_front();
            }
            self.early.push_back(Early {
                peer,
                connection,
                account: None,
                what: match silent {
                    true => What::Silent(0),
                    false => What::Given(StepId::Nexus),
                },
                time,
                event,
                said: false,
            });
        }
        let at = known.unwrap_or(self.early.len() - 1);
        let early = &mut self.early[at];
        (early.connection, early.time, early.event) = (connection, time, event);
        early
    }

    /// Of whom nobody has come to the notification port in time.
    pub(in crate::findings) fn nobody_came(&mut self, now: Timestamp) -> Vec<Told> {
        let patience = COMING.mul_f64(self.factor);
        let mut told = Vec::new();
        let ladders = &self.ladders;
        self.early.retain_mut(|early| {
            let late = now.since(early.time) >= patience;
            if early.said || !late {
                return true;
            }
            if matches!(early.what, What::Found(..)) && !self.here.is_empty() {
                return false;
            }
            early.said = early.is_silent_often()
                && !ladders
                    .values()
                    .any(|l| l.address() == early.peer && !l.is_probe());
            if early.said || !early.is_silent() {
                told.push(self::told(early));
            }
            early.said
        });
        told
    }
}

impl Early {
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.what, What::Silent(_))
    }

    fn is_silent_often(&self) -> bool {
        matches!(self.what, What::Silent(times) if times >= SILENT)
    }
}

/// What to check where nobody comes to the notification port.
const COMES: &str = "the client does not reach it: its hosts file does not name messenger.hotmail.com, it keeps a server name of an earlier try, or port 1863 is \
     closed on the way. Check: the line of messenger.hotmail.com in its hosts file (`nudge hosts`), the server name \
     that it keeps, and that port 1863 of this machine leads to nudge (`--lan`, a firewall)";

fn told(early: &Early) -> Told {
    let who = early.account.as_deref().unwrap_or("somebody");
    let nobody = "and nobody came from there to the notification port";
    let at = early.peer;
    let (text, severity) = match &early.what {
        What::Given(StepId::Nexus) => (
            format!("{who} at {at} was answered by the nexus, {nobody}. Likely: {COMES}"),
            Severity::Info,
        ),
        What::Given(step) => (
            format!(
                "{who} at {at} {}, {nobody}. Likely: {COMES}",
                match step {
                    StepId::Login => "was given a ticket by the login",
                    _ => "was given tokens (RST)",
                }
            ),
            Severity::Warning,
        ),
        What::Found(text, check) => (
            format!("{who} at {at} went no further, {nobody}. Likely: {text}. Check: {check}"),
            Severity::Info,
        ),
        What::Silent(times) => (
            format!(
                "{at} connected to the notification port {times} times, said nothing and hung up. Likely: it sends nothing, not one byte: a program that looks whether the port is open, or an antivirus program or a proxy that comes before the client and does not pass it on. Check: what runs at that address, and its antivirus program, firewall and proxy settings"
            ),
            Severity::Info,
        ),
    };
    let mut finding = Finding::new(FindingId::Stalled, "notification", text).weighing(severity);
    finding.evidence = early.event;
    Told {
        finding,
        client: None,
        connection: Some(early.connection),
        stall: None,
    }
}
