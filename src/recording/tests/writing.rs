//! What is promised while a recording is written.

use super::*;
use std::os::unix::fs::PermissionsExt as _;

fn never(error: RecordError) {
    panic!("the recording ended: {error}");
}

fn all_of(path: &Path) -> Vec<Event> {
    let recording = Recording::open(path).expect("opens");
    recording.map(|item| item.expect("no damage")).collect()
}

#[test]
fn what_is_recorded_is_there_without_being_ended_and_only_for_its_owner() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    let recorder = Recorder::create(&path, Sizes::default(), never).expect("starts");
    for n in 0..10 {
        recorder.record(&notice("flushed"));
        // The recorder is neither dropped nor asked to write. The test hangs if it never does.
        while all_of(&path).len() <= n {
            std::thread::yield_now();
        }
    }
    let mode = std::fs::metadata(&path)
        .expect("is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_next_file_begins_at_a_size_and_all_are_read_as_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.b.nudge");
    let recorder = Recorder::create(&path, SMALL, never).expect("starts");
    for n in 0..100 {
        recorder.record(&notice(&format!("{n} {}", "x".repeat(900))));
    }
    // Larger than a file may be: it has one for itself.
    recorder.record(&notice(&"y".repeat(10_000)));
    drop(recorder);
    let parts: Vec<_> = (1..)
        .map(|part| part_path(&path, part))
        .take_while(|path| path.exists())
        .collect();
    assert!(parts.len() > 20, "{parts:?}");
    assert_eq!(parts[1], dir.path().join("a.b.2.nudge"));
    assert_eq!(all_of(&path).len(), 101);
    for part in &parts[..parts.len() - 1] {
        assert!(std::fs::metadata(part).expect("is there").len() <= 4096);
    }
    // From the middle on, too; and a file of another recording is not taken for the next one.
    assert_eq!(all_of(&parts[parts.len() - 2]).len(), 5);
    std::fs::write(&parts[1], file_of(&[notice("other")])).expect("written");
    assert_eq!(all_of(&path).len(), 4);
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    for taken in [path.clone(), part_path(&path, 2)] {
        std::fs::write(&taken, "mine").expect("written");
        let refused = Recorder::create(&path, SMALL, never).expect_err("refused");
        assert!(matches!(refused, RecordError::Exists(at) if at == taken));
        assert_eq!(std::fs::read(&taken).expect("is there"), b"mine");
        std::fs::remove_file(&taken).expect("removed");
    }
}

/// As small files as there are.
const SMALL: Sizes = Sizes {
    file: 1,
    keep: None,
};

/// A recorder of small files, and what it says at its end.
fn recorded(path: &Path, sizes: Sizes) -> (Recorder, std::sync::mpsc::Receiver<RecordError>) {
    let (told, errors) = std::sync::mpsc::channel();
    let recorder = Recorder::create(path, sizes, move |error| {
        let _ = told.send(error);
    });
    (recorder.expect("starts"), errors)
}

#[test]
fn what_ends_a_recording_is_told_once_and_nothing_else_happens() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    let (recorder, errors) = recorded(&path, SMALL);
    // The second file is a disk that is full.
    std::fs::create_dir(part_path(&path, 2)).expect("made");
    for _ in 0..10 {
        recorder.record(&notice(&"x".repeat(1_000)));
    }
    let error = errors.recv().expect("one error").to_string();
    assert!(error.contains("a.2.nudge is no file"), "{error}");
    assert!(!recorder.is_on());
    recorder.record(&notice("nothing happens"));
    drop(recorder);
    assert!(errors.recv().is_err(), "no second error");
    let held: Vec<_> = Recording::open(&path).expect("opens").collect();
    assert!(!held.is_empty() && held.iter().all(Result::is_ok));
}

#[test]
fn a_file_that_is_removed_replaced_or_cut_while_it_is_written_is_noticed_with_nothing_to_write() {
    let dir = tempfile::tempdir().expect("a folder");
    type Does = fn(&Path);
    let cases: [(Does, &str); 3] = [
        (
            |path| std::fs::remove_file(path).expect("removed"),
            "was removed",
        ),
        (
            |path| {
                std::fs::remove_file(path).expect("removed");
                std::fs::write(path, vec![b'x'; 10_000]).expect("written");
            },
            "was removed or replaced",
        ),
        (
            |path| {
                let file = std::fs::OpenOptions::new().write(true).open(path);
                file.expect("opens").set_len(30).expect("cut");
            },
            "was cut short",
        ),
    ];
    for (n, (does, wanted)) in cases.into_iter().enumerate() {
        let path = dir.path().join(format!("{n}.nudge"));
        let (recorder, errors) = recorded(&path, Sizes::default());
        recorder.record(&notice("there"));
        while all_of(&path).is_empty() {
            std::thread::yield_now();
        }
        does(&path);
        let error = errors.recv().expect("an error").to_string();
        assert!(error.contains(wanted), "{error}");
        assert!(!recorder.is_on());
    }
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("runs").success());
    for (path, kind) in [
        (pipe.as_path(), "pipe"),
        (dir.path(), "folder"),
        (Path::new("/dev/null"), "device"),
    ] {
        let refused = Recorder::create(path, SMALL, never).expect_err("refused");
        assert!(matches!(refused, RecordError::NoFile { kind: of, .. } if of == kind));
    }
}

#[test]
fn of_a_recording_so_much_is_kept_and_the_oldest_goes() {
    const KEEP: u64 = 64 * 1024;
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    let sizes = Sizes {
        file: 16 * 1024,
        keep: Some(KEEP),
    };
    let (recorder, errors) = recorded(&path, sizes);
    for n in 0..400 {
        recorder.record(&notice(&format!("{n} {}", "x".repeat(1_000))));
    }
    drop(recorder);
    assert!(errors.recv().is_err(), "no error");
    let all: u64 = std::fs::read_dir(dir.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").metadata().expect("is there").len())
        .sum();
    assert!((KEEP / 2..=KEEP).contains(&all), "{all}");
    assert!(!path.exists());
    let oldest = (2..).map(|part| part_path(&path, part));
    let oldest = oldest.take(100).find(|path| path.exists()).expect("a part");
    let texts = all_of(&oldest);
    let last = crate::event::json::to_json(None, texts.last().expect("one"), false);
    assert!(last.contains("\"399 x"), "{last:.80}");
    assert!(texts.len() > 30);
}

#[test]
fn an_event_too_long_for_a_record_is_named_in_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.nudge");
    let recorder = Recorder::create(&path, Sizes::default(), never).expect("starts");
    let wire = Frame::from_wire(vec![b'x'; MAX_RECORD + 1].into());
    recorder.record(&frame(Direction::In, wire, Secrets::default()));
    recorder.record(&notice("after"));
    drop(recorder);
    let texts: Vec<String> = all_of(&path)
        .iter()
        .map(|e| crate::event::json::to_json(None, e, false))
        .collect();
    assert!(texts[0].contains("not recorded: an event of kind frame"));
    assert!(texts[1].contains("after"));
}
