//! A stream of events with what is found in it, each finding right behind the event that shows it, and
//! the numbers by which a finding names that event. Headless mode, exports and `nudge explain` all read
//! this, so they agree; the console, which has a journal to number by, does the same where it appends.

use super::{Findings, Stall, Told};
use crate::event::{Event, EventId, EventKind, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Every event, from 1: the lines of a file.
    Events,
    /// What is a line in the console, from 0: the identities that its journal gives.
    Lines,
}

/// An event in its stream.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Its number, where it has one.
    pub number: Option<EventId>,
    /// The event.
    pub event: Event,
    /// The stall that it tells of, with all its causes, where it was found here and is one.
    pub stall: Option<Box<Stall>>,
}

/// Finds, and numbers as it goes.
#[derive(Debug)]
pub struct Watch {
    /// What is found.
    pub findings: Findings,
    numbers: Numbers,
    /// Set by whoever feeds it, where the events stop before their end: what follows is not known then.
    pub cut: Arc<AtomicBool>,
    next: EventId,
    last: Timestamp,
    /// Seconds east of UTC, for whoever writes times of day.
    pub utc_offset: i32,
}

impl Watch {
    /// At the beginning of a stream.
    pub fn new(numbers: Numbers) -> Self {
        Self {
            findings: Findings::new(),
            numbers,
            cut: Arc::default(),
            next: EventId(match numbers {
                Numbers::Events => 1,
                Numbers::Lines => 0,
            }),
            last: Timestamp(0),
            utc_offset: 0,
        }
    }

    /// Takes the next event. Out come what had not come by then, the event, and what it shows. What rules or
    /// ladders found when this was recorded is left out: it is found anew.
    pub fn take(&mut self, mut event: Event, out: &mut VecDeque<Numbered>) {
        if let EventKind::Finding(finding) = &event.kind
            && !finding.id.is_services()
        {
            return;
        }
        let time = event.time;
        // Events are told in the order of their connections, which may be a little out of that of their times.
        self.last = self.last.max(time);
        for (when, told) in self.findings.pass(self.last) {
            self.tell(vec![told], when, out);
        }
        self.findings.point(&mut event);
        let told = self.findings.take(&event, self.next);
        self.put(event, None, out);
        self.tell(told, time, out);
    }

    /// It is this late by the clock of the events, and nothing else has come.
    pub fn tick(&mut self, now: Timestamp, out: &mut VecDeque<Numbered>) {
        let told = self.findings.tick(now);
        self.tell(told, now, out);
    }

    /// Over a recording, in which no client is there any longer; `patience` is as many times the usual.
    pub fn of_recording(patience: f64) -> Self {
        let mut watch = Self::new(Numbers::Lines);
        watch.findings.ladders.set_patience(patience);
        watch.findings.ladders.keep_all();
        watch
    }

    /// There are no more events: see [`Findings::end`].
    pub fn end(&mut self, out: &mut VecDeque<Numbered>) {
        if self.cut.load(Ordering::Relaxed) {
            return;
        }
        let told = self.findings.end(self.last);
        self.tell(told, self.last, out);
    }

    fn tell(&mut self, told: Vec<Told>, time: Timestamp, out: &mut VecDeque<Numbered>) {
        for told in told {
            self.put(told.event(time), told.stall, out);
        }
    }

    fn put(&mut self, event: Event, stall: Option<Box<Stall>>, out: &mut VecDeque<Numbered>) {
        let has = self.numbers == Numbers::Events || event.kind.is_line();
        let number = has.then_some(self.next);
        self.next = self.next.plus(has.into());
        out.push_back(Numbered {
            number,
            event,
            stall,
        });
    }
}

/// These events, as they are in a recording, with what is found in them; at their end what never came.
pub fn watched(
    events: impl Iterator<Item = Event>,
    watch: &mut Watch,
) -> impl Iterator<Item = Numbered> {
    let mut events = events.fuse();
    let mut ready = VecDeque::new();
    let mut over = false;
    std::iter::from_fn(move || {
        while ready.is_empty() && !over {
            match events.next() {
                Some(event) => watch.take(event, &mut ready),
                None => {
                    over = true;
                    watch.end(&mut ready);
                }
            }
        }
        ready.pop_front()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::story::Story;

    fn seen(story: &Story, numbers: Numbers) -> Vec<Numbered> {
        let mut watch = Watch::new(numbers);
        watched(story.events.clone().into_iter(), &mut watch).collect()
    }

    fn finding(numbered: &Numbered) -> Option<(&str, EventId)> {
        match &numbered.event.kind {
            EventKind::Finding(finding) => Some((finding.id.name(), finding.evidence?)),
            _ => None,
        }
    }

    #[test]
    fn every_finding_stands_behind_what_shows_it_and_names_its_number() {
        let mut story = Story::new();
        story.online("").c("BLP 9 AL BL\r\n").s("ACK 9 BLP\r\n");
        for numbers in [Numbers::Events, Numbers::Lines] {
            let seen = seen(&story, numbers);
            let of = |number: EventId| {
                let at = seen.iter().position(|one| one.number == Some(number));
                match &seen[at.expect("it is there")].event.kind {
                    EventKind::Frame(frame) => {
                        String::from_utf8_lossy(frame.frame.verb()).into_owned()
                    }
                    other => other.name().to_owned(),
                }
            };
            let found: Vec<_> = seen
                .iter()
                .enumerate()
                .filter_map(|(at, one)| finding(one).map(|found| (at, found)))
                .collect();
            let ids: Vec<_> = found.iter().map(|(_, (id, n))| (*id, of(*n))).collect();
            let expected = [
                ("no-msnobj", "ILN"),
                ("stalled", "ILN"),
                ("wrong-count", "BLP"),
            ];
            assert_eq!(ids, expected.map(|(id, verb)| (id, verb.to_owned())));
            // Right behind it, where a rule found it at once.
            let (at, (_, number)) = found[2];
            assert_eq!(seen[at - 1].number, Some(number));
        }
    }

    #[test]
    fn the_numbers_have_no_gap_and_those_of_lines_are_the_journals() {
        let mut story = Story::new();
        story.online("");
        let numbers = |of| -> Vec<_> {
            let seen = seen(&story, of);
            seen.iter().filter_map(|one| one.number).collect()
        };
        let all = numbers(Numbers::Events);
        assert_eq!(all, (1..=all.len() as u64).map(EventId).collect::<Vec<_>>());
        let lines = numbers(Numbers::Lines);
        assert_eq!(
            lines,
            (0..lines.len() as u64).map(EventId).collect::<Vec<_>>()
        );
        let mut journal = crate::journal::Journal::new(0);
        for one in seen(&story, Numbers::Lines) {
            let id = journal.append(one.event);
            assert_eq!(one.number, id);
        }
    }

    #[test]
    fn that_a_command_was_done_has_no_number_and_that_it_was_refused_has_one() {
        let reply = |ok| {
            EventKind::Reply(Box::new(crate::event::Reply {
                command: crate::event::CommandId(1),
                ok,
                text: "so".into(),
                data: crate::event::ReplyData::None,
            }))
        };
        let mut story = Story::new();
        story.greeted();
        let last = story.events.last().expect("one").clone();
        for ok in [true, false, true] {
            story.events.push(Event {
                kind: reply(ok),
                ..last.clone()
            });
        }
        let seen = seen(&story, Numbers::Lines);
        let replies = seen
            .iter()
            .filter(|one| matches!(one.event.kind, EventKind::Reply(_)));
        let numbered: Vec<bool> = replies.map(|one| one.number.is_some()).collect();
        assert_eq!(numbered, [false, true, false]);
    }

    #[test]
    fn what_was_found_when_it_was_recorded_is_not_there_twice() {
        let mut story = Story::new();
        story.online("");
        let once = seen(&story, Numbers::Lines);
        story.events = once.iter().map(|one| one.event.clone()).collect();
        let twice = seen(&story, Numbers::Lines);
        let text =
            |all: &[Numbered]| format!("{:?}", all.iter().map(|n| &n.event).collect::<Vec<_>>());
        assert_eq!(text(&once), text(&twice));
    }

    #[test]
    fn what_never_came_is_told_at_the_end_and_with_the_time_that_passes() {
        let mut story = Story::new();
        story.greeted();
        let at_end = seen(&story, Numbers::Events);
        let last = at_end.last().expect("a stall");
        assert!(
            last.stall
                .as_ref()
                .is_some_and(|stall| stall.kind == crate::findings::ladder::Kind::Ended)
        );
        assert_eq!(finding(last).map(|(id, _)| id), Some("stalled"));
        story.wait(60);
        story.c("PNG\r\n");
        let late = seen(&story, Numbers::Events);
        let at = late.iter().position(|one| one.stall.is_some());
        // At its second, not when the next event came.
        let stall = late.iter().find_map(|one| one.stall.as_ref());
        assert_eq!(stall.map(|stall| stall.waited.as_secs()), Some(10));
        let ping = late
            .iter()
            .rposition(|one| matches!(one.event.kind, EventKind::Frame(_)));
        assert!(at.is_some() && at < ping);
    }
}
