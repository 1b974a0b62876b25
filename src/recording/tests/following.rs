//! What is promised of a recording that is followed while it is written.

use super::*;

/// Everything that is there now, as the texts of its notices; and what comes of it then.
fn texts(recording: &mut Recording) -> (Vec<String>, Followed) {
    let mut texts = Vec::new();
    loop {
        match recording.follow() {
            Followed::Event(event) => match event.kind {
                EventKind::Notice { text, .. } => texts.push(text.into()),
                other => panic!("{other:?}"),
            },
            then => return (texts, then),
        }
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(path)
        .expect("it is there");
    file.write_all(bytes).expect("written");
}

#[test]
fn what_is_added_comes_when_its_record_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.nudge");
    let whole = file_of(&["one", "two", "three"].map(notice));
    std::fs::write(&path, &whole[..HEADER]).expect("written");
    let mut recording = Recording::open(&path).expect("a recording");
    assert!(matches!(texts(&mut recording), (none, Followed::NotYet) if none.is_empty()));
    let mut seen = Vec::new();
    // Byte by byte: neither a head nor a body that is cut is taken for a damage.
    for byte in &whole[HEADER..] {
        append(&path, &[*byte]);
        let (texts, then) = texts(&mut recording);
        assert!(matches!(then, Followed::NotYet), "{then:?}");
        seen.extend(texts);
    }
    assert_eq!(seen, ["one", "two", "three"]);
    let mut wrong = file_of(&[notice("four")]).split_off(HEADER);
    wrong[HEAD] ^= 1;
    append(&path, &wrong);
    let (_, then) = texts(&mut recording);
    assert!(
        matches!(&then, Followed::Damaged(damage) if damage.offset == whole.len() as u64),
        "{then:?}"
    );
}

#[test]
fn a_file_that_is_removed_replaced_or_cut_short_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.nudge");
    let other = folder.path().join("b.nudge");
    let whole = file_of(&["one", "two"].map(notice));
    let all = |path: &Path| std::fs::write(path, &whole).expect("written");
    type Change<'a> = &'a dyn Fn();
    let removed: Change = &|| std::fs::remove_file(&path).expect("removed");
    let replaced: Change = &|| {
        all(&other);
        std::fs::rename(&other, &path).expect("renamed");
    };
    let cut: Change = &|| std::fs::write(&path, &whole[..HEADER + 3]).expect("written");
    for (change, said) in [
        (
            removed,
            "a.nudge was removed or replaced while it was followed",
        ),
        (
            replaced,
            "a.nudge was removed or replaced while it was followed",
        ),
        (cut, "a.nudge was cut short while it was followed"),
    ] {
        all(&path);
        let mut recording = Recording::open(&path).expect("a recording");
        assert!(matches!(texts(&mut recording), (two, Followed::NotYet) if two.len() == 2));
        change();
        let then = recording.follow();
        assert!(
            matches!(&then, Followed::Lost(lost) if lost.to_string().ends_with(said)),
            "{then:?}"
        );
    }
}

#[test]
fn a_recording_that_goes_on_in_the_next_file_is_followed_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.nudge");
    let sizes = Sizes {
        file: 0,
        keep: None,
    };
    let recorder = Recorder::create(&path, sizes, |error| panic!("{error}")).expect("made");
    let mut recording = Recording::open(&path).expect("a recording");
    let wanted: Vec<String> = (0..400)
        .map(|n| format!("{n} {}", "x".repeat(200)))
        .collect();
    let mut seen = Vec::new();
    for some in wanted.chunks(50) {
        for text in some {
            recorder.record(&notice(text));
        }
        let (texts, then) = texts(&mut recording);
        assert!(matches!(then, Followed::NotYet), "{then:?}");
        seen.extend(texts);
    }
    let written = recorder.end();
    let (texts, then) = texts(&mut recording);
    assert!(matches!(then, Followed::NotYet), "{then:?}");
    seen.extend(texts);
    assert_eq!(seen, wanted);
    assert!(written.files > 10, "{written:?}");
    assert_eq!(written.events, 400);
    assert_eq!(written.bytes, Recording::open(&path).expect("one").size());
}

#[test]
fn what_is_no_file_is_at_its_end_when_nothing_more_comes() {
    let whole = file_of(&[notice("one")]);
    for (length, is_whole) in [(whole.len(), true), (whole.len() - 1, false)] {
        let input = Cursor::new(whole[..length].to_vec());
        let mut recording = Recording::read(input, Path::new("pipe")).expect("a recording");
        let (_, then) = texts(&mut recording);
        match is_whole {
            true => assert!(matches!(then, Followed::Over), "{then:?}"),
            false => assert!(matches!(then, Followed::Damaged(_)), "{then:?}"),
        }
    }
}
