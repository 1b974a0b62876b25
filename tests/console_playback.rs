//! A recording gone through: played, stepped, held, and begun once more, by keys against the real state.

#[path = "console_support/mod.rs"]
mod support;

use nudge::console::state::opened::{End, Pace};
use nudge::console::state::{Dirty, Effect};
use nudge::console::update::{Input, Recorded, Tape};
use nudge::event::EventId;
use nudge::event::{Event, EventKind, Kind, Timestamp};
use nudge::findings::{Watch, owners, watched};
use nudge::recording::Recording;
use std::path::Path;
use std::time::Duration;
use support::*;

/// The console over a recording, as the loop runs it, with a fake clock.
struct Deck {
    desk: Desk,
    events: Vec<Event>,
    damage: Option<String>,
    tape: Tape,
    wall: u64,
    /// How often it was begun once more.
    begun: usize,
}

impl Deck {
    fn new(events: Vec<Event>) -> Self {
        let mut desk = Desk::new(120, 40);
        desk.state.open("golden.nudge".into());
        let mut deck = Self {
            desk,
            events,
            damage: None,
            tape: Tape::default(),
            wall: 5,
            begun: 0,
        };
        deck.load();
        deck
    }

    fn golden() -> Self {
        Self::of("messenger-mac-8.0.1.nudge")
    }

    /// One that ships.
    fn of(name: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings");
        let path = Path::new(folder).join(name);
        let recording = Recording::open(&path).expect("the golden recording");
        Self::new(recording.map(|event| event.expect("whole")).collect())
    }

    /// The whole of it, read to its end.
    fn through() -> Self {
        let mut deck = Self::golden();
        deck.runs();
        deck
    }

    fn load(&mut self) {
        let count = self.events.len() as u64;
        let parts = (1..).map(|n| n * 100 / count);
        let events = self.events.clone().into_iter().zip(parts);
        self.tape.put(
            events
                .map(|(event, part)| Recorded::new(event, part))
                .collect(),
        );
        let damage = self.damage.clone();
        self.tape.end(damage.map_or(End::Whole, End::Damaged));
    }

    /// Does what is to be done by now.
    fn runs(&mut self) {
        loop {
            let effects = std::mem::take(&mut self.desk.effects);
            if effects.contains(&Effect::StartOver) {
                self.begun += 1;
                self.tape = Tape::default();
                self.load();
                self.desk.state.start_over();
            }
            if !self
                .tape
                .play(&mut self.desk.state, Timestamp(self.wall), 7)
            {
                break;
            }
        }
    }

    fn keys(&mut self, keys: &str) {
        self.desk.keys(keys);
        self.runs();
    }

    fn types(&mut self, line: &str) {
        // One that was refused is still there.
        if self.desk.state.prompt.is_some() {
            self.desk.keys("esc");
        }
        self.desk.keys(":");
        self.desk.text(line);
        self.desk.keys("enter");
        self.runs();
    }

    fn waits(&mut self, time: Duration) {
        self.wall += time.as_micros() as u64;
        self.runs();
    }

    /// Waits as long as the loop would, so many times.
    fn wakes(&mut self, times: usize) -> Duration {
        let mut all = Duration::ZERO;
        for _ in 0..times {
            let Some(wait) = self.tape.wait(&self.desk.state) else {
                break;
            };
            all += wait;
            self.waits(wait);
        }
        all
    }

    fn last(&self) -> Option<EventId> {
        self.desk.state.journal.last()
    }

    /// What is known at this moment, as far as it is seen.
    fn seen(&mut self) -> String {
        self.desk.screen()
    }

    fn pace(&self) -> Pace {
        self.desk.state.opened.as_ref().expect("a recording").pace
    }

    fn is_over(&self) -> bool {
        self.desk.state.opened.as_ref().expect("one").is_over()
    }
}

#[test]
fn it_is_read_through_first_and_then_played_from_its_beginning() {
    let mut deck = Deck::through();
    assert!(deck.is_over());
    let lines = deck.desk.state.journal.next();
    let whole = deck.seen();
    assert!(whole.contains("● online since"), "{whole}");
    deck.keys("P");
    assert_eq!(deck.begun, 1);
    assert!(deck.desk.state.journal.next() < lines);
    assert!(deck.seen().contains("▶ 1×"), "{}", deck.seen());
    // It takes as long as it took, and ends as it was.
    let first = deck.events.first().expect("events").time;
    let last = deck.events.last().expect("events").time;
    let took = deck.wakes(10_000);
    let silences = last.since(first);
    assert!(took <= silences, "{took:?} of {silences:?}");
    assert!(deck.is_over());
    assert_eq!(deck.desk.state.journal.next(), lines);
    assert_eq!(strip(&deck.seen()), strip(&whole));
}

/// The screen without its last lines, which say what was said last.
fn strip(screen: &str) -> String {
    let lines: Vec<&str> = screen.lines().collect();
    lines[..lines.len() - 2].join("\n")
}

#[test]
fn every_step_forward_and_every_step_back_shows_every_pane_as_it_was() {
    let mut deck = Deck::through();
    deck.types("rewind");
    let mut screens = vec![strip(&deck.seen())];
    assert!(screens[0].contains("VER") || deck.last() == Some(EventId(0)));
    while deck
        .desk
        .state
        .opened
        .as_ref()
        .is_some_and(|o| !o.is_over())
    {
        let before = deck.last();
        deck.keys(".");
        assert!(deck.is_over() || deck.last() > before);
        screens.push(strip(&deck.seen()));
        assert!(screens.len() < 1_000);
    }
    // The last was the end, which has no line of its own.
    screens.pop();
    assert!(screens.len() > 40, "{}", screens.len());
    // From the end one step back is to the last line but one, and so on to the first.
    let mut at = screens.len() - 1;
    while at > 0 {
        deck.keys(",");
        at -= 1;
        assert_eq!(deck.pace(), Pace::Held);
        assert_eq!(strip(&deck.seen()), screens[at], "line {at}");
    }
    let first = deck.last();
    deck.keys(",");
    assert_eq!(deck.last(), first);
    assert_eq!(deck.desk.message(), "no line is before this one");
}

#[test]
fn a_step_is_a_line_that_the_filter_shows() {
    let mut deck = Deck::through();
    deck.keys("2 f");
    deck.desk.text("verb:USR");
    deck.keys("enter");
    deck.types("rewind");
    assert_eq!(deck.last(), Some(EventId(0)), "whatever the filter hides");
    deck.keys(".");
    let line = |deck: &Deck| {
        let last = deck.desk.state.transcript.matched.last().expect("a line");
        let line = deck.desk.state.journal.get(last).expect("held");
        nudge::journal::summary(&line, false)
    };
    deck.desk.draw();
    assert!(line(&deck).starts_with("USR 3 TWN I"), "{}", line(&deck));
    deck.types("step 2");
    deck.desk.draw();
    assert!(line(&deck).starts_with("USR 4 TWN S"), "{}", line(&deck));
    deck.types("step-back 2");
    deck.desk.draw();
    assert!(line(&deck).starts_with("USR 3 TWN I"), "{}", line(&deck));
    for wrong in ["step 0", "step far", "step-back -1"] {
        deck.types(wrong);
        assert!(deck.desk.message().starts_with("by how many lines?"));
    }
}

#[test]
fn what_is_still_to_come_is_not_said_not_to_be_there() {
    let mut deck = Deck::through();
    deck.types("rewind");
    deck.keys("/");
    deck.desk.text("QNG");
    deck.keys("enter");
    let screen = deck.seen();
    assert!(
        screen.contains("not found in what has been played"),
        "{screen}"
    );
    deck.keys("esc");
    deck.types("play max");
    deck.keys("/");
    deck.desk.text("no such thing");
    deck.keys("enter");
    let screen = deck.seen();
    assert!(
        screen.contains("not found") && !screen.contains("has been played"),
        "{screen}"
    );
}

#[test]
fn the_moment_of_a_line_is_gone_to_and_marks_and_filter_stay() {
    let mut deck = Deck::through();
    deck.keys("2 g / C H G enter n m");
    deck.desk.draw();
    let marked = deck.desk.state.transcript.cursor.expect("a line");
    assert!(deck.seen().contains("● online since"));
    deck.keys("H");
    assert_eq!(deck.pace(), Pace::Held);
    assert_eq!(deck.desk.state.transcript.marks.first(), Some(&marked));
    deck.desk.draw();
    assert!(deck.last() >= Some(marked));
    assert!(deck.seen().contains("‖ stopped at"), "{}", deck.seen());
    assert!(!deck.seen().contains("● online since"), "{}", deck.seen());
    // And on from there.
    deck.types("play max");
    assert!(deck.is_over());
    assert!(deck.seen().contains("● online since"));
}

#[test]
fn it_is_held_and_played_on_and_its_speed_is_chosen() {
    let mut deck = Deck::through();
    deck.types("play 0.01");
    deck.wakes(3);
    deck.keys("P");
    let held = deck.last();
    deck.waits(Duration::from_secs(3_600));
    assert_eq!(deck.last(), held, "it is held");
    assert!(deck.seen().contains("‖ stopped at"));
    deck.keys(") )");
    assert_eq!(deck.desk.message(), "speed 0.04×");
    deck.keys("( P");
    assert_eq!(deck.pace(), Pace::Playing);
    assert_eq!(
        deck.last(),
        held,
        "time that passed while it was held counts for nothing"
    );
    for wrong in ["play 0", "play fast"] {
        deck.types(wrong);
        assert!(deck.desk.message().contains("is no speed"));
    }
    deck.types("play max");
    assert!(deck.is_over());
    deck.keys(".");
    assert_eq!(deck.desk.message(), "this is the end of the recording");
}

#[test]
fn a_silence_is_passed_over_and_a_stall_in_it_is_said_at_its_time() {
    let mut deck = Deck::through();
    // The client says nothing for an hour after its CVR.
    let of_cvr =
        |event: &Event| matches!(&event.kind, EventKind::Frame(f) if f.frame.verb() == b"CVR");
    let at = 1 + deck.events.iter().rposition(of_cvr).expect("a CVR");
    for event in &mut deck.events[at..] {
        event.time.0 += 3_600_000_000;
    }
    deck.keys("P");
    deck.wakes(at);
    let took = deck.wakes(1);
    assert!(took <= Duration::from_secs(3), "{took:?}");
    let log: Vec<_> = deck.desk.state.messages.newest_first().cloned().collect();
    assert!(
        log.iter()
            .any(|m| m.text.contains("s of silence are passed over"))
    );
    let stall = log
        .iter()
        .find(|m| m.text.contains("USR"))
        .expect("a stall");
    let quiet = stall.time.since(deck.events[at - 1].time);
    assert!(quiet < Duration::from_secs(20), "{quiet:?}");
    // Played or read through, the lines are the same.
    deck.wakes(10_000);
    let lines = |deck: &Deck| -> Vec<String> {
        let lines = deck.desk.state.journal.lines();
        lines
            .map(|line| nudge::journal::summary(&line, false))
            .collect()
    };
    let played = lines(&deck);
    deck.types("play max");
    assert!(deck.is_over());
    assert_eq!(lines(&deck), played);
}

#[test]
fn what_the_operator_chose_stays_and_what_events_told_is_told_once() {
    let mut deck = Deck::through();
    deck.keys("3 down down space 2 T");
    let theme = deck.desk.state.theme;
    let contact = deck
        .desk
        .state
        .contacts
        .selected()
        .map(|c| c.account.clone());
    let told = |deck: &Deck| {
        let all = deck.desk.state.messages.newest_first();
        all.filter(|m| m.text.contains("has signed in")).count()
    };
    let before = told(&deck);
    for _ in 0..3 {
        deck.keys(",");
    }
    deck.types("play max");
    assert_eq!(told(&deck), before);
    assert_eq!(deck.desk.state.theme, theme);
    assert_eq!(deck.desk.state.contacts.marked(), 1);
    assert_eq!(
        deck.desk
            .state
            .contacts
            .selected()
            .map(|c| c.account.clone()),
        contact
    );
    assert!(!deck.desk.state.unsaved, "a recording is not saved");
}

#[test]
fn without_a_recording_the_keys_say_what_they_are_for() {
    let mut desk = Desk::new(120, 40);
    signed_in(&mut desk);
    for keys in ["P", ".", ",", ")", "(", "2 H"] {
        desk.keys("T");
        desk.keys(keys);
        assert!(desk.message().contains("nudge open FILE"), "{keys}");
    }
    assert!(!desk.effects.contains(&Effect::StartOver));
}

#[test]
fn what_is_typed_over_a_recording_is_checked_and_stays_where_it_is() {
    let mut deck = Deck::through();
    deck.keys("P");
    deck.keys("T");
    // In the middle of it a client is connected, and still nothing can be sent to it.
    for _ in 0..30 {
        deck.keys(".");
    }
    assert!(deck.desk.state.clients.connected().count() > 0);
    deck.keys("5");
    deck.desk.text("NLN BSY busy@local 1");
    let screen = deck.seen();
    assert!(screen.contains("nobody: this is a recording"), "{screen}");
    assert!(
        screen.contains("argument") || screen.contains("parameter"),
        "{screen}"
    );
    deck.keys("enter");
    let said = deck.desk.message();
    assert!(said.contains("not sent: this is a recording"), "{said}");
    assert!(
        deck.seen().contains("NLN BSY busy@local 1"),
        "nothing typed is lost"
    );
    assert!(deck.desk.effects.is_empty());
}

#[test]
fn a_damaged_recording_is_played_up_to_the_damage() {
    let mut deck = Deck::golden();
    deck.events.truncate(20);
    deck.tape = Tape::default();
    deck.damage = Some("golden.nudge: damaged at byte 77".into());
    deck.load();
    deck.keys("P");
    assert_eq!(deck.pace(), Pace::Held);
    deck.keys("P");
    deck.wakes(10_000);
    assert!(deck.is_over());
    assert!(deck.desk.message().contains("damaged at byte 77"));
}

#[test]
fn a_recorded_conversation_opens_and_goes_to_its_end() {
    let mut deck = Deck::of("conversation.nudge");
    deck.runs();
    assert!(deck.is_over());
    let said = |event: &&Event| matches!(event.kind, EventKind::Message(_));
    assert_eq!(deck.events.iter().filter(said).count(), 12);
    let screen = deck.seen();
    assert!(screen.contains("ann@local"), "{screen}");
}

#[test]
fn a_line_is_the_same_clients_in_the_console_and_in_an_export() {
    for name in ["messenger-mac-8.0.1.nudge", "conversation.nudge"] {
        let mut deck = Deck::of(name);
        deck.runs();
        let journal = &deck.desk.state.journal;
        let owners = owners(deck.events.iter().cloned());
        let mut watch = Watch::of_recording(1.0);
        let is_line = |event: &Event| match &event.kind {
            // That a command was carried out is no line of the console's.
            EventKind::Reply(reply) => !reply.ok,
            kind => Kind::of(kind).is_some(),
        };
        let lines = watched(deck.events.iter().cloned(), &mut watch);
        let lines = lines.filter(|one| is_line(&one.event));
        let mut of_clients = 0;
        for (number, one) in (0..).zip(lines) {
            let line = journal.get(EventId(number)).expect("the same lines");
            assert_eq!(line.time(), one.event.time);
            assert_eq!(line.client(), owners.of(&one.event), "{name} {number}");
            of_clients += usize::from(line.client().is_some() && one.event.client.is_none());
        }
        // The connection and its handshake say nothing of whose they are.
        assert!(of_clients > 10, "{name}: {of_clients}");
    }
}

#[test]
fn of_a_recording_that_is_followed_time_passes_though_nothing_comes() {
    let whole = Deck::golden().events;
    let is_ver =
        |event: &Event| matches!(&event.kind, EventKind::Frame(f) if f.frame.verb() == b"VER");
    // The answer to VER is there; CVR is the client's move.
    let some = whole.iter().rposition(is_ver).expect("an answer") + 1;
    let mut desk = Desk::new(120, 40);
    desk.state.open("golden.nudge".into());
    desk.state.opened.as_mut().expect("one").follows = true;
    let mut tape = Tape::default();
    let read = |events: &[Event]| -> Vec<Recorded> {
        let events = events.iter().cloned();
        events.map(|event| Recorded::new(event, 100)).collect()
    };
    let mut wall = 5;
    let mut pass = |desk: &mut Desk, tape: &mut Tape, seconds: u64| {
        wall += seconds * 1_000_000;
        while tape.play(&mut desk.state, Timestamp(wall), 7) {}
    };
    tape.put(read(&whole[..some]));
    tape.caught_up();
    pass(&mut desk, &mut tape, 0);
    assert!(
        desk.message()
            .contains("lines of golden.nudge, which is followed"),
        "{}",
        desk.message()
    );
    let screen = desk.screen();
    assert!(screen.contains("golden.nudge followed"), "{screen}");
    assert!(screen.contains("the client's move"), "{screen}");
    assert!(desk.state.ticks(), "it says since when");
    let stalled = |desk: &Desk| {
        let journal = &desk.state.journal;
        let mut lines = journal.window(EventId(0), journal.len());
        lines.any(|line| nudge::journal::summary(&line, false).contains("stall"))
    };
    pass(&mut desk, &mut tape, 1);
    assert!(!stalled(&desk));
    pass(&mut desk, &mut tape, 60);
    assert!(stalled(&desk), "{}", desk.screen());
    // And what comes then goes on.
    tape.put(read(&whole[some..]));
    tape.caught_up();
    pass(&mut desk, &mut tape, 1);
    // Then nobody owes anything, and what time alone changes is nothing.
    desk.state.dirty = Dirty::Clean;
    pass(&mut desk, &mut tape, 1);
    desk.input(Input::Tick);
    assert_eq!(desk.state.dirty, Dirty::Clean);
    assert!(
        desk.screen().contains("● online since"),
        "{}",
        desk.screen()
    );
    assert!(desk.screen().contains("golden.nudge followed"));
    tape.end(End::Lost(
        "golden.nudge was cut short while it was followed".into(),
    ));
    pass(&mut desk, &mut tape, 1);
    assert!(
        desk.message().starts_with("golden.nudge was cut short"),
        "{}",
        desk.message()
    );
    assert!(!desk.screen().contains("golden.nudge followed"));
}
