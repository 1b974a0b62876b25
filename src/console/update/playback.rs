//! A recording is gone through: read to its end, played with its own clock, stepped, and begun once more.
//!
//! Its lines become state in the same way as those of a service that runs. To go back is to begin once more
//! and go on to an earlier line: so every pane shows what it showed then.

use super::events;
use crate::command::Values;
use crate::console::state::opened::{End, Opened, Pace, Speed};
use crate::console::state::{Dirty, Effect, State};
use crate::event::EventId;
use crate::event::{Event, Severity, Timestamp};
use crate::findings::Prepared;
use std::collections::VecDeque;
use std::time::Duration;
use std::vec::IntoIter;

/// An event as it was read of a recording.
#[derive(Debug)]
pub struct Recorded {
    event: Event,
    prepared: Prepared,
    part: u64,
}

impl Recorded {
    /// With this event `part` hundredths of the recording are taken. What is costly is worked out of it here: on the
    /// thread that reads.
    pub fn new(event: Event, part: u64) -> Self {
        Self {
            prepared: Prepared::of(&event),
            event,
            part,
        }
    }
}

/// What is read of a recording and not taken yet.
#[derive(Debug, Default)]
pub struct Tape {
    /// Events as they were read, some at a time and none of these empty.
    queue: VecDeque<IntoIter<Recorded>>,
    /// Nothing more comes, and why.
    over: Option<End>,
    /// What is added is waited for.
    caught_up: bool,
}

impl Tape {
    /// Takes what was read.
    pub fn put(&mut self, events: Vec<Recorded>) {
        if !events.is_empty() {
            self.queue.push_back(events.into_iter());
        }
    }

    fn front(&self) -> Option<&Event> {
        let next = self.queue.front()?.as_slice().first()?;
        Some(&next.event)
    }

    fn pop(&mut self) -> Option<Recorded> {
        let events = self.queue.front_mut()?;
        let next = events.next();
        if events.as_slice().is_empty() {
            self.queue.pop_front();
        }
        next
    }

    /// Nothing more can be read.
    pub fn end(&mut self, why: End) {
        self.over = Some(why);
    }

    /// Everything that is there is read; what is added will be.
    pub fn caught_up(&mut self) {
        self.caught_up = true;
    }

    /// Whether more is to be read.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.over.is_none()
    }

    /// How long until there is something to do, where only time brings that.
    pub fn wait(&self, state: &State) -> Option<Duration> {
        let opened = state.opened.as_ref().filter(|o| o.is_playing())?;
        Some(opened.wait(self.front()?.time))
    }

    /// Goes on as far as it should by now, by `most` events at a time. The true clock says `wall`. Says whether
    /// there is more to do at once.
    pub fn play(&mut self, state: &mut State, wall: Timestamp, most: usize) -> bool {
        self.pass(state, wall);
        let mut count = 0;
        while count < most
            && let Some(next) = self.next(state)
        {
            take(state, next);
            count += 1;
        }
        if count > 0 {
            // How long the next one is waited for is known only now.
            self.pass(state, wall);
        }
        let goes_on = |o: &Opened| !o.is_over() && o.pace != Pace::Held;
        if self.queue.is_empty()
            && state.opened.as_ref().is_some_and(goes_on)
            && let Some(why) = self.over.take()
        {
            end(state, why);
        }
        if self.queue.is_empty() && std::mem::take(&mut self.caught_up) {
            events::caught_up(state);
        }
        count == most
    }

    /// Time passes, where it is played.
    fn pass(&self, state: &mut State, wall: Timestamp) {
        if let Some(opened) = state.opened.as_mut().filter(|o| o.is_live())
            && self.queue.is_empty()
        {
            let head = opened.pass_live(wall);
            // A frame is drawn for what is new; each second one only while somebody owes a move.
            if events::pass(state, head) {
                state.touch(Dirty::Data);
            }
            return;
        }
        let Some(opened) = state.opened.as_mut().filter(|o| o.is_playing()) else {
            return;
        };
        let next = self.front().map(|event| event.time);
        let (head, over) = opened.pass(wall, next);
        if opened.last.is_some() {
            let before = state.journal.next();
            events::pass(state, head);
            state.touch(Dirty::Data);
            if state.journal.next() > before
                && let Some(opened) = &mut state.opened
            {
                // What was found now has lines of its own.
                opened.unit = before;
            }
        }
        if over.as_secs() > 0 {
            let text = format!("{} s of silence are passed over", over.as_secs());
            state.say(Severity::Info, text);
        }
    }

    fn next(&mut self, state: &State) -> Option<Recorded> {
        let opened = state.opened.as_ref()?;
        let event = self.front()?;
        let is_due = match opened.pace {
            Pace::Held => false,
            Pace::Through => true,
            Pace::Playing => opened.wait(event.time).is_zero(),
            Pace::Step(more) => more > 0,
            Pace::To(line) => state.journal.next() <= line,
        };
        is_due.then(|| self.pop()).flatten()
    }
}

fn take(state: &mut State, next: Recorded) {
    let Recorded {
        event,
        prepared,
        part,
    } = next;
    let before = state.journal.next();
    let Some(opened) = &mut state.opened else {
        return;
    };
    opened.read = Some(part);
    opened.last = opened.last.max(Some(event.time));
    events::event(state, event, prepared);
    let Some(opened) = &mut state.opened else {
        return;
    };
    opened.unit = before;
    let after = state.journal.next();
    match &mut opened.pace {
        Pace::Step(more) => {
            let filter = state.transcript.matched.filter();
            let count = after.0 - before.0;
            let lines = state.journal.window(before, count as usize);
            if lines.into_iter().any(|line| filter.matches(&line)) {
                *more -= 1;
            }
            if *more == 0 {
                arrive(state);
            }
        }
        Pace::To(line) if after > *line => arrive(state),
        _ => {}
    }
}

/// It is where it was to be.
fn arrive(state: &mut State) {
    let Some(opened) = &mut state.opened else {
        return;
    };
    opened.pace = Pace::Held;
    if let Some(who) = opened.selected.take() {
        state.clients.select(who);
    }
    state.touch(Dirty::Key);
}

/// The recording is at its end, or at the damage.
fn end(state: &mut State, why: End) {
    events::read(state, why);
    arrive(state);
}

/// Does what the command of that name says, if it is one of these.
pub(super) fn run(state: &mut State, name: &str, args: &mut Values) -> Option<Vec<Effect>> {
    let run: fn(&mut State, Option<String>) -> Vec<Effect> = match name {
        "play" => play,
        "step" => |state, by| step(state, by, false),
        "step-back" => |state, by| step(state, by, true),
        "here" => here,
        "rewind" => rewind,
        "faster" => |state, _| speed(state, 2.0),
        "slower" => |state, _| speed(state, 0.5),
        _ => return None,
    };
    if state.opened.is_none() {
        let text = "only a recording is played: `nudge open FILE` looks at one";
        state.say(Severity::Warning, text);
        return Some(Vec::new());
    }
    Some(run(state, args.text()))
}

fn play(state: &mut State, asked: Option<String>) -> Vec<Effect> {
    let speed = asked.as_deref().map(str::parse::<Speed>).transpose();
    let Some(opened) = &mut state.opened else {
        return Vec::new();
    };
    match speed {
        Err(error) => {
            state.say(Severity::Error, error.to_string());
            return Vec::new();
        }
        Ok(Some(speed)) => opened.speed = speed,
        Ok(None) if opened.pace != Pace::Held && !opened.is_over() => {
            opened.pace = Pace::Held;
            return Vec::new();
        }
        Ok(None) => {}
    }
    opened.play();
    if opened.is_over() {
        return vec![Effect::StartOver];
    }
    Vec::new()
}

fn speed(state: &mut State, factor: f64) -> Vec<Effect> {
    if let Some(opened) = &mut state.opened {
        opened.speed = opened.speed.times(factor);
        if opened.pace == Pace::Through {
            opened.play();
        }
        let text = format!("speed {}", opened.speed);
        state.say(Severity::Info, text);
    }
    Vec::new()
}

fn step(state: &mut State, by: Option<String>, back: bool) -> Vec<Effect> {
    let by = match by.as_deref().map(str::parse::<u64>) {
        None => 1,
        Some(Ok(by)) if by > 0 => by,
        _ => {
            let text = "by how many lines? a number such as 5 is wanted";
            state.say(Severity::Error, text);
            return Vec::new();
        }
    };
    let Some(opened) = &mut state.opened else {
        return Vec::new();
    };
    if !back {
        if opened.is_over() {
            let text = "this is the end of the recording";
            state.say(Severity::Info, text);
        } else {
            opened.pace = Pace::Step(by);
        }
        return Vec::new();
    }
    let matched = &state.transcript.matched;
    let mut to = Some(opened.unit);
    for _ in 0..by {
        match to.and_then(|line| matched.prev_from(line)) {
            Some(line) => to = Some(line),
            // Going back beyond the first line goes to the first.
            None => break,
        }
    }
    match to.filter(|line| *line < opened.unit) {
        Some(line) => go_to(state, line),
        None => {
            let text = match state.journal.older() {
                0 => "no line is before this one",
                _ => {
                    "the lines before this one are no longer in the journal: `rewind` begins once more"
                }
            };
            state.say(Severity::Info, text);
            Vec::new()
        }
    }
}

fn here(state: &mut State, _: Option<String>) -> Vec<Effect> {
    match state.transcript.cursor {
        Some(line) => go_to(state, line),
        None => {
            state.say(Severity::Info, "there is no line");
            Vec::new()
        }
    }
}

/// To the moment of a line that has been.
fn go_to(state: &mut State, line: EventId) -> Vec<Effect> {
    let selected = state.clients.selected().map(|(who, _)| who);
    if let Some(opened) = &mut state.opened {
        opened.pace = Pace::To(line);
        opened.selected = selected;
    }
    vec![Effect::StartOver]
}

fn rewind(state: &mut State, _: Option<String>) -> Vec<Effect> {
    if let Some(opened) = &mut state.opened {
        // To the first of all, whatever the filter hides.
        opened.pace = Pace::To(EventId(0));
    }
    vec![Effect::StartOver]
}
