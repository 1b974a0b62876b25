//! Saving beside another program that has written into the files.

use super::*;
use crate::roster::Side;

/// Saves, and makes the edits of a merge on the roster.
fn save(store: &mut Store, roster: &mut Roster, side: Option<Side>) -> Result<Saved, SaveError> {
    let before = roster.clone();
    store.save_beside(&before, side, |edits| {
        for edit in edits {
            roster.apply(edit)?;
        }
        Ok(Arc::new(roster.clone()))
    })
}

/// A folder whose operator has made busy@local away, and in whose file an editor has written these instead.
fn edited(replacements: &[(&str, &str)]) -> (tempfile::TempDir, Store, Roster) {
    let dir = folder(&[("friends.toml", TWO)]);
    let (store, mut roster) = open(dir.path());
    change(&mut roster, "busy@local", |c| c.status = Status::Away);
    let mut text = TWO.to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    fs::write(dir.path().join("friends.toml"), text).expect("written");
    (dir, store, roster)
}

const NEW: &str = "\n[[contact]]\naccount = \"new@local\"\n";

#[test]
fn what_an_editor_changed_elsewhere_is_taken_in_and_mine_is_written() {
    let (dir, mut store, mut roster) = edited(&[]);
    let path = dir.path().join("friends.toml");
    let mut text = fs::read_to_string(&path).expect("read");
    text.push_str(NEW);
    text.push_str("# a remark\n");
    fs::write(&path, text).expect("written");
    let saved = save(&mut store, &mut roster, None).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(saved.taken, ["new@local (added)"]);
    assert!(saved.to_string().contains("another program"), "{saved}");
    assert!(store.unsaved(&roster).is_empty());
    let text = fs::read_to_string(&path).expect("read");
    assert!(
        text.contains("# a remark") && text.contains("new@local"),
        "{text}"
    );
    drop(store);
    let again = open(dir.path()).1;
    assert_eq!(
        again.get("busy@local").map(|c| c.status),
        Some(Status::Away)
    );
    assert!(again.get("new@local").is_some());
}

#[test]
fn another_field_of_the_same_contact_is_no_clash() {
    let (dir, mut store, mut roster) = edited(&[("= \"a\"", "= \"very busy\"")]);
    save(&mut store, &mut roster, None).unwrap_or_else(|e| panic!("{e}"));
    drop(store);
    let again = open(dir.path()).1;
    let busy = again.get("busy@local").expect("there");
    assert_eq!(
        (busy.personal.message.as_str(), busy.status),
        ("very busy", Status::Away)
    );
}

#[test]
fn the_same_field_is_a_clash_that_the_operator_decides() {
    let clash = [("status=\"busy\"", "status=\"phone\"")];
    let (dir, mut store, mut roster) = edited(&clash);
    let refused = save(&mut store, &mut roster, None).map_err(|error| error.to_string());
    let refused = refused.expect_err("a clash");
    assert!(
        refused.contains("(status)") && refused.contains("save mine"),
        "{refused}"
    );
    let path = dir.path().join("friends.toml");
    let theirs = fs::read_to_string(&path).expect("read");
    assert!(theirs.contains("phone"), "nothing was written");

    let saved = save(&mut store, &mut roster, Some(Side::Mine)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(saved.kept, [dir.path().join("friends.toml.orig")]);
    assert_eq!(fs::read_to_string(&saved.kept[0]).expect("read"), theirs);
    drop(store);
    assert_eq!(
        open(dir.path()).1.get("busy@local").map(|c| c.status),
        Some(Status::Away)
    );

    let (_dir, mut store, mut roster) = edited(&clash);
    save(&mut store, &mut roster, Some(Side::Theirs)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(
        roster.get("busy@local").map(|c| c.status),
        Some(Status::OnThePhone)
    );
    assert!(store.unsaved(&roster).is_empty());
}

#[test]
fn files_with_mistakes_and_removed_files_are_said_and_mine_writes_them_again() {
    for broken in [Some("[[contact]\n"), None] {
        let (dir, mut store, mut roster) = edited(&[]);
        let path = dir.path().join("friends.toml");
        match broken {
            Some(text) => fs::write(&path, text).expect("written"),
            None => fs::remove_file(&path).expect("removed"),
        }
        let refused = save(&mut store, &mut roster, None).map_err(|error| error.to_string());
        assert!(refused.is_err_and(|text| text.contains("save mine")));
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), broken);
        assert_eq!(roster.len(), 2);
        let saved =
            save(&mut store, &mut roster, Some(Side::Mine)).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(saved.kept.len(), usize::from(broken.is_some()));
        drop(store);
        let again = open(dir.path()).1;
        assert_eq!(
            again.get("busy@local").map(|c| c.status),
            Some(Status::Away)
        );
    }
}

#[test]
fn a_contact_that_one_side_removed_goes_unless_the_other_changed_it() {
    let dir = folder(&[("friends.toml", TWO)]);
    let (mut store, mut roster) = open(dir.path());
    let [first, last]: [String; 2] = (roster.contacts().map(|c| c.account.clone()))
        .collect::<Vec<_>>()
        .try_into()
        .expect("two");
    let path = dir.path().join("friends.toml");
    let second = TWO.rfind("[[contact]]").expect("two");
    fs::write(&path, &TWO[..second]).expect("written");
    change(&mut roster, &first, |c| c.status = Status::Away);
    let mut other = roster.clone();
    save(&mut store, &mut roster, None).unwrap_or_else(|e| panic!("{e}"));
    assert!(roster.get(&last).is_none());

    fs::write(&path, TWO).expect("written");
    drop(store);
    let (mut store, _) = open(dir.path());
    change(&mut other, &last, |c| c.status = Status::Away);
    fs::write(&path, &TWO[..second]).expect("written");
    let refused = save(&mut store, &mut other, None);
    assert!(matches!(refused, Err(SaveError::Clash(of)) if of.len() == 1));
}

#[test]
fn a_group_that_one_side_renamed_and_the_other_removed_is_a_clash() {
    const GROUPED: &str = "[[group]]\nname = \"Work\"\nid = \"11111111-1111-1111-1111-111111111111\"\n\n[[contact]]\naccount = \"a@local\"\n";
    let dir = folder(&[("friends.toml", GROUPED)]);
    let (mut store, mut roster) = open(dir.path());
    let mut group = roster.groups()[0].clone();
    group.name = "Office".into();
    roster.apply(Edit::PutGroup(group)).expect("applies");
    let contact = GROUPED.find("[[contact]]").expect("one");
    fs::write(dir.path().join("friends.toml"), &GROUPED[contact..]).expect("written");
    let refused = save(&mut store, &mut roster, None);
    assert!(matches!(refused, Err(SaveError::Clash(of)) if of == ["group Work"]));
    save(&mut store, &mut roster, Some(Side::Mine)).unwrap_or_else(|e| panic!("{e}"));
    drop(store);
    assert_eq!(open(dir.path()).1.groups()[0].name, "Office");
}

#[test]
fn the_copy_of_their_file_can_be_read_by_whom_the_file_could() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, mut store, mut roster) = edited(&[("status=\"busy\"", "status=\"phone\"")]);
    let path = dir.path().join("friends.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
    let saved = save(&mut store, &mut roster, Some(Side::Mine)).unwrap_or_else(|e| panic!("{e}"));
    let kept = fs::metadata(&saved.kept[0]).expect("there");
    assert_eq!(kept.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_named_pipe_in_place_of_a_file_is_said_and_not_waited_for() {
    let (dir, mut store, mut roster) = edited(&[]);
    let path = dir.path().join("friends.toml");
    fs::remove_file(&path).expect("removed");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|status| status.success()));
    for side in [None, Some(Side::Mine), Some(Side::Theirs)] {
        let refused = save(&mut store, &mut roster, side).map_err(|error| error.to_string());
        assert!(
            refused.is_err_and(|text| text.contains("not a file")),
            "{side:?}"
        );
    }
}
