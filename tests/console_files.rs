//! The commands that have to do with files, and the console over a recording: keys against the real state.

#[path = "console_support/mod.rs"]
mod support;

use nudge::console::state::Effect;
use nudge::console::state::opened::End;
use nudge::console::update::{Recorded, Tape};
use nudge::event::{ClientId, EventKind, Severity, Step, Timestamp};
use nudge::export::Format;
use std::path::PathBuf;
use support::*;

fn types(desk: &mut Desk, line: &str) -> Vec<Effect> {
    // One that was refused is still there.
    if desk.state.prompt.is_some() {
        desk.keys("esc");
    }
    desk.keys(":");
    desk.text(line);
    desk.keys("enter");
    files_of(desk)
}

fn files_of(desk: &mut Desk) -> Vec<Effect> {
    std::mem::take(&mut desk.effects)
        .into_iter()
        .filter(|e| matches!(e, Effect::Record(_) | Effect::Export { .. }))
        .collect()
}

#[test]
fn a_recording_is_begun_by_name_and_ended_by_the_same_command_or_its_key() {
    let mut desk = desk();
    let begun = types(&mut desk, "record my sign-in.nudge");
    assert_eq!(begun, [Effect::Record(Some("my sign-in.nudge".into()))]);
    // The loop says that it is so.
    desk.state.recording = Some("my sign-in.nudge".into());
    assert!(desk.screen().contains("● recording"));
    assert_eq!(types(&mut desk, "record other.nudge"), []);
    assert!(
        desk.message()
            .contains("my sign-in.nudge is being recorded")
    );
    assert_eq!(types(&mut desk, "record"), [Effect::Record(None)]);
    desk.keys("R");
    assert_eq!(files_of(&mut desk), [Effect::Record(None)]);
    desk.state.recording = None;
    assert!(!desk.screen().contains("● recording"));
    for name in [
        "nudge-2023-11-14T1204.nudge",
        "nudge-2023-11-14T1204-2.nudge",
    ] {
        desk.keys("R");
        assert_eq!(files_of(&mut desk), [Effect::Record(Some(name.into()))]);
    }
}

#[test]
fn before_a_file_is_written_over_it_is_asked() {
    use nudge::console::state::{Overlay, Question};
    let mut desk = desk();
    let record = Effect::Record(Some("a.nudge".into()));
    // The loop has found that the file is there.
    desk.state.overlay = Some(Overlay::Ask(Question::Over(Box::new(record.clone()))));
    assert!(desk.screen().contains("a.nudge is there already"));
    desk.keys("n");
    assert!(desk.effects.is_empty());
    desk.state.overlay = Some(Overlay::Ask(Question::Over(Box::new(record.clone()))));
    desk.keys("y");
    assert_eq!(desk.effects, [Effect::Over(Box::new(record))]);
}

#[test]
fn what_the_filter_shows_is_exported_in_the_format_that_is_named_or_the_ending_says() {
    let mut desk = desk();
    desk.keys("2 f");
    desk.text("client:1");
    desk.keys("enter");
    for (line, file, format) in [
        ("export a.har", "a.har", Format::Har),
        ("export a.PCAPNG", "a.PCAPNG", Format::Pcapng),
        ("export a.md", "a.md", Format::Markdown),
        ("export a.har jsonl", "a.har", Format::Jsonl),
        ("export a", "a", Format::Text),
        ("export \"my sign-in.har\"", "my sign-in.har", Format::Har),
        ("export \"a b\" har", "a b", Format::Har),
    ] {
        let wanted = Effect::Export {
            path: PathBuf::from(file),
            format,
            filter: "client:1".into(),
        };
        assert_eq!(types(&mut desk, line), [wanted]);
    }
    for (wrong, why) in [
        ("export a.har pdf", "pdf"),
        ("export a.zip", "a.zip does not say its format"),
        ("export \"a b.har", "a quotation mark at each end"),
    ] {
        assert_eq!(types(&mut desk, wrong), []);
        assert!(desk.message().contains(why), "{}", desk.message());
    }
}

#[test]
fn the_demonstration_records_and_exports_when_it_is_asked_to() {
    let mut desk = desk();
    desk.state.demo = true;
    let recorded = [Effect::Record(Some(PathBuf::from("a")))];
    assert_eq!(types(&mut desk, "record a"), recorded);
    let exported = types(&mut desk, "export a");
    assert!(matches!(&exported[..], [Effect::Export { path, .. }] if path == "a"));
}

#[test]
fn over_a_recording_every_command_to_the_service_is_refused_and_quitting_asks_nothing() {
    let mut desk = Desk::new(120, 40);
    desk.state.open("golden.nudge".into());
    signed_in(&mut desk);
    if let Some(opened) = &mut desk.state.opened {
        opened.read = Some(45);
    }
    assert!(desk.screen().contains("golden.nudge 45 %"));
    let mut tape = Tape::default();
    tape.end(End::Whole);
    tape.play(&mut desk.state, Timestamp(1), 1);
    assert!(desk.message().ends_with(" lines of golden.nudge"));
    assert!(!desk.screen().contains("45 %"));
    for keys in ["3 b", "3 D y", "3 U", ": s a v e enter"] {
        desk.keys(keys);
        assert!(
            desk.message().starts_with("this is a recording"),
            "{keys}: {}",
            desk.message()
        );
        desk.keys("T");
    }
    assert_eq!(desk.actions(), []);
    assert!(desk.state.pending.is_empty());
    assert_eq!(types(&mut desk, "record a.nudge"), []);
    desk.keys("q");
    assert!(desk.effects.contains(&Effect::Quit { now: false }));
    assert_eq!(desk.actions(), []);
}

#[test]
fn a_sign_in_that_ends_with_the_recording_is_said_to_end_there() {
    let mut desk = Desk::new(120, 40);
    desk.state.open("cut.nudge".into());
    connecting(&mut desk);
    let last = Timestamp(desk.now);
    let mut tape = Tape::default();
    tape.end(End::Whole);
    tape.play(&mut desk.state, Timestamp(1), 1);
    let ended = desk.state.messages.newest_first().nth(1).expect("a stall");
    assert!(ended.text.contains("it ends at nexus"), "{}", ended.text);
    assert_eq!(ended.time, last);
    desk.keys("7 Z");
    assert!(
        desk.screen().contains("▸ it ends at nexus"),
        "{}",
        desk.screen()
    );
}

#[test]
fn at_a_damage_nobody_is_said_to_have_stopped() {
    let mut desk = Desk::new(120, 40);
    desk.state.open("cut.nudge".into());
    connecting(&mut desk);
    let mut tape = Tape::default();
    tape.end(End::Damaged("cut.nudge: damaged at byte 77".into()));
    tape.play(&mut desk.state, Timestamp(1), 1);
    assert!(
        desk.message()
            .contains("lines up to the damage: cut.nudge: damaged at byte 77")
    );
    let mut said = desk.state.messages.newest_first();
    assert!(!said.any(|message| message.text.contains("it ends at")));
}

#[test]
fn a_recording_that_begins_in_the_middle_opens_with_how_everything_stands() {
    let mut desk = desk();
    // Its sign-in took longer than any step of it may: of that the recording has nothing.
    desk.pass(std::time::Duration::from_secs(40));
    let online = info(Step::Online, desk.now);
    desk.event(1, 1, EventKind::Client(Box::new(online)));
    let told = nudge::console::update::standing(&desk.state);
    let kinds: Vec<_> = told.iter().map(|event| event.kind.name()).collect();
    let doors = vec!["listening"; desk.state.listening.len()];
    let client = ["connected", "client", "signed-in"];
    assert_eq!(kinds, [&["roster"], &doors[..], &client].concat());
    // Looked at, it has the same contacts and the same client, and nobody owes anything.
    let mut other = Desk::new(120, 40);
    other.state.open("middle.nudge".into());
    let mut tape = Tape::default();
    tape.put(
        told.into_iter()
            .map(|event| Recorded::new(event, 50))
            .collect(),
    );
    tape.end(End::Whole);
    tape.play(&mut other.state, Timestamp(1), 100);
    let accounts = |desk: &Desk| -> Vec<_> {
        desk.state
            .contacts
            .iter()
            .map(|c| c.account.clone())
            .collect()
    };
    assert_eq!(accounts(&other), accounts(&desk));
    let client = |desk: &Desk| {
        desk.state
            .clients
            .get(ClientId(1))
            .map(|c| (c.name(), c.step(), c.connection))
    };
    assert_eq!(client(&other), client(&desk));
    let bad = |m: &&nudge::console::panes::log::state::Message| m.severity != Severity::Info;
    assert_eq!(other.state.messages.newest_first().find(bad), None);
}
