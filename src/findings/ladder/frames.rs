//! What each frame does to a ladder.

use super::cause::CauseId;
use super::digest::{Brief, shown};
use super::one::Ladder;
use super::row::{Answer, Asked, Said, Shown, State};
use super::steps::{self, Method, StepId};
use super::trace::Lane;
use crate::event::{EventId, FrameEvent, Timestamp};
use crate::findings::{Seen, presence};
use crate::msnp::adl::Lists;
use crate::msnp::inject;
use crate::msnp::{Dialect, Direction, Family, Frame, errors, percent};
use crate::roster::Roster;
use std::collections::HashSet;
use std::sync::Arc;

/// The most dialects of an offer that are remembered.
const MAX_OFFERED: usize = 24;

impl Ladder {
    pub(super) fn frame(
        &mut self,
        frame: &FrameEvent,
        seen: &Seen<'_>,
        roster: Option<&Arc<Roster>>,
    ) {
        let (time, event) = (seen.event.time, seen.id);
        match frame.direction {
            // The pieces of a line that was too long to be read are no command.
            Direction::In if !frame.frame.is_whole() => {}
            Direction::In => self.heard(&frame.frame, seen),
            Direction::Out => {
                if frame.injected {
                    if let Some(why) = inject::breaks(frame.frame.wire())
                        && self.broken.is_none()
                    {
                        let what = Said::Frame(Brief::of(&frame.frame));
                        self.broken = Some((Answer { time, event, what }, why));
                    }
                    self.injected = Some(Answer {
                        time,
                        event,
                        what: Said::Frame(Brief::of(&frame.frame)),
                    });
                }
                // What is pushed to it unasked.
                if matches!(
                    frame.frame.verb(),
                    b"NLN" | b"FLN" | b"UBX" | b"UBN" | b"ADL" | b"RML" | b"ADC" | b"REM"
                ) {
                    self.pushed = Some((time, event));
                }
                self.answered(time, event, Said::Frame(Brief::of(&frame.frame)));
                self.sent(&frame.frame, seen, roster);
            }
        }
        let lane = Lane::Notification;
        self.trace.frame(frame, lane, time, event);
    }

    fn heard(&mut self, frame: &Frame, seen: &Seen<'_>) {
        let (time, event) = (seen.event.time, seen.id);
        // What was not whole is now, or was given up.
        self.evidence
            .retain(|evidence| !matches!(evidence.id, CauseId::Unfinished | CauseId::BodyWhole));
        self.heard = event;
        let verb = frame.verb();
        let transaction = frame.transaction();
        let step = match (verb, frame.tokens().nth(3)) {
            (b"USR", Some(b"I")) => Some(StepId::Identify),
            (b"USR", Some(b"S")) => Some(StepId::Ticket),
            (b"PNG", _) => Some(StepId::Ping),
            // Without a transaction id it is no command that is answered.
            _ => steps::of_verb(verb).filter(|_| transaction.is_some()),
        };
        if step != Some(StepId::Ping) {
            // Nothing is read of a client while its contacts are listed: that is over.
            self.listed(time, event);
        }
        if verb == b"PNG" || self.pinged.is_some() {
            self.pinged = Some(time);
            self.quiet = false;
        }
        let Some(step) = step.filter(|step| self.row(*step).is_some()) else {
            return;
        };
        match step {
            StepId::Version => {
                let offered = frame.tokens().skip(2).filter_map(Dialect::from_token);
                self.offered = offered.take(MAX_OFFERED).collect();
            }
            StepId::ClientVersion => {
                let token = |at| {
                    String::from_utf8_lossy(frame.tokens().nth(at).unwrap_or_default()).into_owned()
                };
                self.old = old_system(&token(3), &token(4));
                let shape = self.shape;
                self.family =
                    shape.map(|shape| Family::of(shape.dialect, &token(3), &token(6), &token(7)));
            }
            StepId::Lists => self.lists(seen),
            _ => {}
        }
        if step == StepId::Identify && frame.tokens().nth(2) == Some(b"SSO") {
            self.method = Method::Sso;
            self.family = Some(Family::Windows);
            self.plan();
        }
        let asked = Asked {
            transaction,
            step,
            time,
            event,
        };
        self.asked(asked, || detail(step, frame, seen));
    }

    fn sent(&mut self, frame: &Frame, seen: &Seen<'_>, roster: Option<&Arc<Roster>>) {
        let (time, event) = (seen.event.time, seen.id);
        let verb = frame.verb();
        self.profile |= verb == b"MSG" && frame.tokens().nth(1) == Some(b"Hotmail");
        if verb == b"QNG"
            && let Some(seconds) = frame.tokens().nth(1)
        {
            let seconds = String::from_utf8_lossy(seconds).parse();
            self.interval = seconds.unwrap_or(60).clamp(10, 3600);
        }
        match verb {
            b"ILN" => return self.presence(frame, seen),
            b"NLN" if self.shown.begun && self.dialect >= 18 => {
                return self.presence(frame, seen);
            }
            b"UBX" | b"NLN" | b"FLN" | b"MSG" | b"GCF" | b"SBS" => return,
            _ => {}
        }
        let transaction = frame.transaction();
        let at = self.asked.iter().position(|asked| match verb {
            b"QNG" => asked.step == StepId::Ping,
            _ => transaction.is_some() && asked.transaction == transaction,
        });
        let Some(at) = at else { return };
        let Some(asked) = self.asked.remove(at) else {
            return;
        };
        if let Some(code) = errors::find(verb) {
            let text = format!("{} {}", code.code, code.meaning);
            return self.failed(asked.step, time, asked.event, text);
        }
        let mut detail = String::new();
        match asked.step {
            StepId::Version => {
                let token = frame.tokens().nth(2).unwrap_or_default();
                let Some(dialect) = Dialect::from_token(token) else {
                    let text = "no dialect in common".to_owned();
                    return self.failed(StepId::Version, time, asked.event, text);
                };
                self.dialect = dialect.number();
                self.agreed = Some(self.dialect);
                self.plan();
                detail = dialect.to_string();
            }
            StepId::Identify | StepId::Ticket if verb == b"XFR" => {
                detail = "sent to another server".into();
            }
            _ => {}
        }
        self.done(asked.step, time, asked.event, detail);
        if asked.step == StepId::Status && !self.shown.begun {
            self.shown.begun = true;
            self.shown.transaction = transaction;
            // Counted only when it is asked for: a roster may be large.
            self.shown.expected =
                roster.map(|roster| roster.contacts().filter(|c| c.is_seen()).count());
            self.shown.roster = roster.cloned();
            if self.shown.expected == Some(0) {
                self.done(
                    StepId::Presence,
                    time,
                    event,
                    "nobody is there to be seen".into(),
                );
                self.compare(event);
            }
            self.point();
        }
    }

    /// What its ADL says of its contacts.
    fn lists(&mut self, seen: &Seen<'_>) {
        let later = self.is_done(StepId::Status);
        let lists = &mut self.lists;
        for entry in seen.lists().iter().flat_map(|list| &list.entries) {
            if !later {
                if lists.entries == 0 {
                    lists.first = shown(entry.account.as_bytes());
                }
                lists.entries += 1;
                let forward = entry.lists.is_some_and(|on| on.contains(Lists::FORWARD));
                lists.forward += usize::from(forward);
            }
            if !lists.is_full() {
                let network = entry.network.unwrap_or_default();
                lists
                    .networks
                    .insert(presence::hash(&entry.account), network);
            }
        }
    }

    fn presence(&mut self, frame: &Frame, seen: &Seen<'_>) {
        let (time, event) = (seen.event.time, seen.id);
        let initial = frame.verb() == b"NLN" || frame.transaction() == self.shown.transaction;
        if !initial || !self.shown.begun || self.is_done(StepId::Presence) {
            return;
        }
        self.shown.sent += 1;
        self.shown.last = Some((time, event));
        if self.shown.roster.is_some()
            && let Some(account) = presence::account(frame.line())
        {
            self.shown.accounts.insert(presence::hash(account));
        }
        if let Some(shape) = self.shape
            && let Some(fault) = seen.faults(shape).first().copied()
        {
            self.shown.wrong += 1;
            self.shown.fault.get_or_insert((fault, event));
        }
        self.since = time;
        self.last_event = event;
        if self
            .shown
            .expected
            .is_some_and(|expected| self.shown.sent >= expected)
        {
            self.listed(time, event);
        }
    }

    /// The initial list is over.
    pub(super) fn listed(&mut self, time: Timestamp, event: EventId) {
        if !self.shown.begun
            || self
                .row(StepId::Presence)
                .is_none_or(|r| matches!(r.state, State::Done | State::Failed))
        {
            return;
        }
        let Shown {
            sent,
            wrong,
            fault,
            last,
            ..
        } = self.shown;
        // It was over with the last of them, whenever that was seen.
        let (time, event) = last.unwrap_or((time, event));
        let mut text = self.shown.text();
        if fault.is_none() {
            self.compare(event);
        }
        self.shown.roster = None;
        self.shown.accounts = HashSet::default();
        if let Some((fault, at)) = fault {
            text.push_str(&format!(", {wrong} with {}", fault.name()));
            self.failed(StepId::Presence, time, at, text);
        } else if sent == 0 {
            self.failed(StepId::Presence, time, event, text);
        } else {
            self.done(StepId::Presence, time, event, text);
        }
    }
}

/// A system that verifies no signature but SHA-1, by what CVR says of it.
fn old_system(name: &str, version: &str) -> Option<String> {
    let mut numbers = version.split('.').map(|part| part.parse::<u16>().ok());
    let (major, minor) = (numbers.next()??, numbers.next().flatten().unwrap_or(0));
    let called = match (name, major, minor) {
        ("win" | "win9x", 4, 0) => "Windows 95",
        ("win" | "win9x", 4, 10) => "Windows 98",
        ("win" | "win9x", 4, _) => "Windows Me",
        ("winnt", 4, _) => "Windows NT 4.0",
        ("winnt", 5, 0) => "Windows 2000",
        ("mac" | "macos", 10, 0..=4) => "Mac OS X before 10.5",
        _ => return None,
    };
    Some(format!("{called} ({name} {})", shown(version.as_bytes())))
}

/// A few words of what a client said with this step; no ticket is among them.
fn detail(step: StepId, frame: &Frame, seen: &Seen<'_>) -> String {
    let token = |at: usize| shown(frame.tokens().nth(at).unwrap_or_default());
    match step {
        StepId::ClientVersion => format!("{} {}", token(6), token(7)),
        StepId::Identify => format!("{} {}", token(2), token(4)),
        StepId::Ticket => format!("{} ticket", token(2)),
        StepId::Status => token(2),
        StepId::Privacy | StepId::Url => token(2),
        StepId::Name => {
            shown(percent::decode_text(frame.tokens().nth(3).unwrap_or_default()).as_bytes())
        }
        StepId::Lists => match seen.lists() {
            Some(list) => format!("{} contacts", list.entries.len()),
            None => "a payload that cannot be read".into(),
        },
        _ => String::new(),
    }
}
