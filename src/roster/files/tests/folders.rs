//! Folders: not there, half there, somebody else's, and what other programs do to them.

use super::*;

#[test]
fn a_folder_that_is_not_there_stands_for_the_shipped_ones_and_save_makes_it() {
    let parent = folder(&[]);
    let dir = parent.path().join("deep/contacts");
    let (mut store, mut roster) = open(&dir);
    assert_eq!(roster.len(), 8);
    assert_eq!(store.read_only(), None);
    assert!(
        store.unsaved(&roster).is_empty() && !dir.exists() && !parent.path().join("deep").exists()
    );
    change(&mut roster, "busy@local", |c| c.status = Status::Idle);
    let saved = store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(
        saved.to_string(),
        format!("saved in {}", dir.join("contacts.toml").display())
    );
    assert_eq!(
        fs::read_dir(parent.path().join("deep"))
            .expect("read")
            .count(),
        1,
        "nothing beside it"
    );
    assert_eq!(
        store.save(&roster).map(|s| s.files.len()).ok(),
        Some(0),
        "nothing changed since"
    );
    drop(store);
    assert_eq!(open(&dir).1, roster);
    fs::remove_file(dir.join("contacts.toml")).expect("removed");
    assert!(
        open(&dir).1.is_empty(),
        "an empty folder is an empty roster"
    );
}

#[test]
fn what_a_crash_left_of_a_new_folder_does_not_count() {
    let parent = folder(&[]);
    let dir = parent.path().join("contacts");
    let left = disk::beside(&dir);
    fs::create_dir(&left).expect("a folder");
    fs::write(left.join("contacts.toml"), "half").expect("a file");
    let (mut store, roster) = open(&dir);
    assert_eq!(roster.len(), 8);
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    assert!(!left.exists());
    drop(store);
    assert_eq!(open(&dir).1, roster);
}

#[test]
fn a_folder_that_came_to_be_meanwhile_is_left_alone() {
    let parent = folder(&[]);
    let dir = parent.path().join("contacts");
    let (mut store, roster) = open(&dir);
    fs::create_dir(&dir).expect("a folder");
    assert!(matches!(store.save(&roster), Err(SaveError::Changed(_))));
    assert_eq!(fs::read_dir(&dir).expect("read").count(), 0);
}

#[test]
fn two_stores_on_one_folder_the_second_says_so_and_does_not_write() {
    let dir = folder(&[("a.toml", "[[contact]]\naccount = \"a@local\"\n")]);
    let (first, _) = open(dir.path());
    let (mut second, mut roster) = open(dir.path());
    assert_eq!(first.read_only(), None);
    assert!(
        second
            .read_only()
            .is_some_and(|text| text.contains("another nudge")),
        "{second:?}"
    );
    change(&mut roster, "a@local", |c| c.status = Status::Busy);
    assert!(matches!(second.save(&roster), Err(SaveError::ReadOnly(_))));
    drop((first, second));
    assert_eq!(open(dir.path()).0.read_only(), None, "free again");
    assert_eq!(
        fs::read_dir(dir.path()).expect("read").count(),
        1,
        "and the lock is no file"
    );
}

#[test]
fn without_leave_to_write_nothing_is_written() {
    let parent = folder(&[]);
    for there in [false, true] {
        let dir = parent.path().join("contacts");
        if there {
            fs::create_dir(&dir).expect("a folder");
        }
        let (mut store, mut roster, _) = Store::open(&dir, false).unwrap_or_else(|e| panic!("{e}"));
        put(&mut roster, Contact::new("new@local", None));
        assert!(matches!(store.save(&roster), Err(SaveError::ReadOnly(_))));
        assert_eq!(dir.exists(), there);
    }
    assert_eq!(
        fs::read_dir(parent.path().join("contacts"))
            .expect("read")
            .count(),
        0
    );
}

#[test]
fn a_file_that_another_program_changed_is_not_overwritten() {
    for text in [Some("# mine now\n"), None] {
        let dir = folder(&[("friends.toml", TWO)]);
        let (mut store, mut roster) = open(dir.path());
        change(&mut roster, "busy@local", |c| c.status = Status::Away);
        let path = dir.path().join("friends.toml");
        match text {
            Some(text) => fs::write(&path, text).expect("written"),
            None => fs::remove_file(&path).expect("removed"),
        }
        assert!(matches!(store.save(&roster), Err(SaveError::Changed(file)) if file == path));
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), text);
        assert_eq!(store.unsaved(&roster), ["Busy@local (status)"]);
    }
}

#[test]
fn what_a_crash_left_is_not_read_and_is_used_up_by_the_next_save() {
    let dir = folder(&[("friends.toml", TWO)]);
    let left = disk::beside(&dir.path().join("friends.toml"));
    fs::write(&left, "[[contact]]\nhalf a").expect("written");
    let (mut store, mut roster) = open(dir.path());
    assert_eq!(roster.len(), 2);
    change(&mut roster, "busy@local", |c| c.status = Status::Away);
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    assert!(!left.exists());
}

#[test]
fn a_link_stays_a_link_and_a_protected_file_stays_as_it_is() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let real = folder(&[("real.toml", TWO)]);
    let dir = folder(&[]);
    let link = dir.path().join("friends.toml");
    symlink(real.path().join("real.toml"), &link).expect("a link");
    fs::set_permissions(&link, fs::Permissions::from_mode(0o640)).expect("a mode");
    let (mut store, mut roster) = open(dir.path());
    change(&mut roster, "busy@local", |c| c.status = Status::Away);
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    let held = fs::metadata(&link).expect("there").permissions();
    assert_eq!(held.mode() & 0o777, 0o640);
    fs::set_permissions(&link, fs::Permissions::from_mode(0o440)).expect("a mode");
    change(&mut roster, "busy@local", |c| c.status = Status::Idle);
    let error = store.save(&roster).expect_err("protected").to_string();
    assert!(error.contains("write-protected"), "{error}");
    assert_eq!(store.unsaved(&roster), ["Busy@local (status)"]);
}

#[test]
fn a_path_that_is_no_folder_is_named() {
    let dir = folder(&[("a.toml", "")]);
    let error = Store::open(&dir.path().join("a.toml"), true)
        .expect_err("no folder")
        .to_string();
    assert!(error.contains("a.toml: this is not a folder"), "{error}");
}

#[test]
fn what_may_not_reach_a_terminal_is_escaped_in_the_file_and_comes_back() {
    let hostile = "a\u{202e}b\"\\\u{200b}\u{e0041}é";
    let dir = folder(&[("contacts.toml", TWO)]);
    let (mut store, mut roster) = open(dir.path());
    change(&mut roster, "busy@local", |contact| {
        contact.personal.message = hostile.to_owned();
        contact.name = "x\u{202e}y".to_owned();
    });
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    let written = fs::read_to_string(dir.path().join("contacts.toml")).expect("a file");
    let bad = written
        .chars()
        .find(|c| *c != '\n' && crate::msnp::escape::is_unsafe_on_screen(*c));
    assert_eq!(bad, None, "{written}");
    drop(store);
    let again = open(dir.path()).1;
    let busy = again.get("busy@local").expect("it is there");
    assert_eq!(busy.personal.message, hostile);
    assert_eq!(busy.name, "x\u{202e}y");
}
