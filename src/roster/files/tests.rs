mod beside;
mod folders;

use super::*;
use crate::msnp::Status;
use crate::msnp::adl::Lists;
use crate::roster::{Edit, Phones};
use proptest::prelude::*;
use std::fs;
use std::sync::Arc;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(dir.path().join(name), text).expect("a file");
    }
    dir
}

fn open(dir: &Path) -> (Store, Roster) {
    let (store, roster, _) = Store::open(dir, true).unwrap_or_else(|e| panic!("{e}"));
    (store, roster)
}

fn mistakes(files: &[(&str, &str)]) -> Vec<String> {
    let dir = folder(files);
    let errors = Store::open(dir.path(), true).expect_err("mistakes");
    let prefix = format!("{}/", dir.path().display());
    errors
        .0
        .iter()
        .map(|m| m.to_string().replace(&prefix, ""))
        .collect()
}

fn change(roster: &mut Roster, account: &str, change: impl FnOnce(&mut Contact)) {
    let mut contact = Contact::clone(roster.get(account).expect("the contact"));
    change(&mut contact);
    put(roster, contact);
}

fn put(roster: &mut Roster, contact: Contact) {
    let contact = Arc::new(contact);
    roster
        .apply(Edit::Put { contact, at: None })
        .expect("applies");
}

fn remove(roster: &mut Roster, account: &str) {
    roster.apply(Edit::Remove(account.into())).expect("applies");
}

const TWO: &str = "\
# friends of mine

# the busy one
[[contact]]
  account = 'Busy@local'   # as she writes it
  status=\"busy\"# really
personal-message = \"a\"

[[contact]]
account = \"away@local\"
lists = [ \"FL\",
  \"allow\", # and no more
]
# the end
";

#[test]
fn the_shipped_contacts_are_the_articles() {
    let roster = Roster::shipped().unwrap_or_else(|e| panic!("{e}"));
    let seen: Vec<_> = roster
        .contacts()
        .map(|c| {
            assert_eq!(c.lists, Lists(1 | 2 | 8));
            // People read it, in the console and in their client.
            let message = &c.personal.message;
            assert_eq!(
                message.contains(' '),
                c.account != "hidden@local",
                "{message}"
            );
            assert_eq!(c.msnobj, "<msnobj/>");
            assert_eq!(c.capabilities, 1_085_276_192);
            (
                c.account.as_str(),
                &c.id[..4],
                c.name.as_str(),
                c.status.code(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("online@local", "1111", "Online User", "NLN"),
            ("busy@local", "2222", "Busy User", "BSY"),
            ("idle@local", "3333", "Idle User", "IDL"),
            ("away@local", "4444", "Away User", "AWY"),
            ("brb@local", "5555", "Brb User", "BRB"),
            ("lunch@local", "6666", "Lunch User", "LUN"),
            ("phone@local", "7777", "Phone User", "PHN"),
            ("hidden@local", "8888", "Hidden User", "HDN"),
        ]
    );
}

#[test]
fn only_the_value_that_changed_changes() {
    let dir = folder(&[("friends.toml", TWO)]);
    let (mut store, mut roster) = open(dir.path());
    change(&mut roster, "busy@local", |c| c.status = Status::Away);
    change(&mut roster, "away@local", |c| {
        c.personal.message = "two\nlines".into()
    });
    assert_eq!(
        store.unsaved(&roster),
        ["Busy@local (status)", "away@local (personal-message)"]
    );
    let saved = store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(saved.files, [dir.path().join("friends.toml")]);
    let text = fs::read_to_string(dir.path().join("friends.toml")).expect("the file");
    let expected = TWO
        .replace("status=\"busy\"# really", "status=\"away\"# really")
        .replace(
            "]\n# the end",
            "]\npersonal-message = \"two\\nlines\"\n# the end",
        );
    assert_eq!(text, expected);
    assert_eq!(store.unsaved(&roster), Vec::<String>::new());
    drop(store);
    assert_eq!(open(dir.path()).1, roster);
}

#[test]
fn what_is_removed_goes_with_its_own_comment_alone() {
    let dir = folder(&[("friends.toml", TWO)]);
    let (mut store, mut roster) = open(dir.path());
    remove(&mut roster, "busy@local");
    assert_eq!(store.unsaved(&roster), ["Busy@local (removed)"]);
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    let text = fs::read_to_string(dir.path().join("friends.toml")).expect("the file");
    let rest = &TWO[TWO.rfind("[[contact]]").expect("the second")..];
    assert_eq!(text, format!("# friends of mine\n\n{rest}"));
    remove(&mut roster, "away@local");
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    let text = fs::read_to_string(dir.path().join("friends.toml")).expect("the file");
    assert_eq!(text, "# friends of mine\n\n# the end\n");
    put(&mut roster, Contact::new("new@local", None));
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    drop(store);
    assert_eq!(open(dir.path()).1, roster);
}

#[test]
fn each_contact_goes_back_to_its_own_file_and_a_new_one_to_the_last() {
    let dir = folder(&[
        ("a.toml", "[[contact]]\naccount = \"a@local\"\n"),
        (
            "b.toml",
            "\u{feff}[[contact]]\r\naccount = \"b@local\" # bee\r\n",
        ),
        ("c.toml.txt", "not read"),
        (".c.toml", "nor this"),
    ]);
    let (mut store, mut roster) = open(dir.path());
    let before = fs::metadata(dir.path().join("a.toml"))
        .and_then(|m| m.modified())
        .expect("a time");
    put(
        &mut roster,
        Contact {
            id: "12345678-1234-1234-1234-123456789abc".into(),
            ..Contact::new("new@local", Some("New".into()))
        },
    );
    change(&mut roster, "b@local", |c| {
        c.personal.media = r"\0Music\01\0".into()
    });
    assert_eq!(
        store.unsaved(&roster),
        ["b@local (media)", "new@local (added)"]
    );
    let saved = store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(saved.files, [dir.path().join("b.toml")]);
    assert_eq!(
        before,
        fs::metadata(dir.path().join("a.toml"))
            .and_then(|m| m.modified())
            .expect("a time")
    );
    assert_eq!(
        fs::read_to_string(dir.path().join("b.toml")).expect("the file"),
        "\u{feff}[[contact]]\r\naccount = \"b@local\" # bee\r\nmedia = '\\0Music\\01\\0'\r\n\r\n\
         [[contact]]\r\naccount = \"new@local\"\r\nid = \"12345678-1234-1234-1234-123456789abc\"\r\n\
         name = \"New\"\r\nstatus = \"offline\"\r\n"
    );
    drop(store);
    let (_, again) = open(dir.path());
    assert_eq!(again, roster);
    assert!(again.contacts().eq(roster.contacts()), "in the same order");
}

#[test]
fn groups_are_named_saved_renamed_and_removed() {
    let dir = folder(&[
        (
            "a.toml",
            "[[contact]]\naccount = \"a@local\"\ngroups = [\"Work\"] # all day\n",
        ),
        (
            "b.toml",
            "[[group]]\nname = \"Work\" # hard\n\n[[contact]]\naccount = \"b@local\"\n",
        ),
    ]);
    let (mut store, mut roster) = open(dir.path());
    let work = roster.groups()[0].clone();
    assert_eq!(
        roster.get("a@local").map(|c| c.groups.clone()),
        Some(vec![work.id.clone()])
    );
    let play = Group {
        id: uuid::Uuid::new_v4().to_string(),
        name: "Play".into(),
    };
    roster.apply(Edit::PutGroup(play.clone())).expect("applies");
    roster
        .apply(Edit::PutGroup(Group {
            name: "Job".into(),
            ..work.clone()
        }))
        .expect("applies");
    change(&mut roster, "b@local", |c| {
        c.groups = vec![play.id.clone(), work.id.clone()]
    });
    assert_eq!(
        store.unsaved(&roster),
        ["b@local (groups)", "group Job (name)", "group Play (added)"]
    );
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    drop(store);
    let a = fs::read_to_string(dir.path().join("a.toml")).expect("the file");
    let id = &work.id;
    assert_eq!(
        a,
        format!("[[contact]]\naccount = \"a@local\"\ngroups = [\"{id}\"] # all day\n"),
        "by its id, which is right whichever of the two files is replaced first"
    );
    let (mut store, mut again) = open(dir.path());
    assert_eq!(again, roster);
    again.apply(Edit::RemoveGroup(work.id)).expect("applies");
    store.save(&again).unwrap_or_else(|e| panic!("{e}"));
    drop(store);
    assert_eq!(open(dir.path()).1, again);
}

#[test]
fn a_crash_between_two_files_leaves_a_folder_that_can_be_read() {
    let files = [
        (
            "a.toml",
            "[[group]]\nname = \"Work\"\n[[group]]\nname = \"Gone\"\n[[contact]]\naccount = \"a@local\"\ngroups = [\"Work\"]\n",
        ),
        (
            "b.toml",
            "[[contact]]\naccount = \"b@local\"\ngroups = [\"Gone\", \"Work\"]\n",
        ),
        (
            "c.toml",
            "[[contact]]\naccount = \"c@local\"\ngroups = [\"Gone\"]\n",
        ),
    ];
    let dir = folder(&files);
    let (store, mut roster) = open(dir.path());
    let (work, gone) = (roster.groups()[0].clone(), roster.groups()[1].clone());
    let job = Group {
        name: "Job".into(),
        ..work
    };
    for edit in [Edit::PutGroup(job), Edit::RemoveGroup(gone.id)] {
        roster.apply(edit).expect("applies");
    }
    let mut sources = store.sources.clone();
    let planned = store.plan(&roster).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(planned.len(), 3);
    for (index, source) in planned {
        sources[index] = source;
        load::contacts(&sources, &Pictures::default()).unwrap_or_else(|e| panic!("{e}"));
    }
}

#[test]
fn every_mistake_is_named_with_its_place_and_what_to_do() {
    let seen = mistakes(&[
        (
            "a.toml",
            "[[contact]]\naccount = \"a@local\"\nstatus = \"bsuy\"\nstaus = 1\nnetwork = 300\n",
        ),
        (
            "b.toml",
            "stray = 1\n[[group]]\nname = \"W\"\nid = \"x\"\n[[contact]]\nname = \"é\"\n[[contact]]\naccount = \"b@local\"\n\
             lists = [\"forward\", \"é\", \"besties\"]\ngroups = [\"Gone\"]\ncapabilities = \"many\"\n\
             [[contact]]\naccount = \"A@LOCAL\"\n[[contact]]\naccount = \"c@local\"\nname = \"two\\nlines\"\n\
             [[contact]]\naccount = \"nobody\"\n",
        ),
        ("c.toml", "[contact]\naccount = \"d@local\"\n"),
        (
            "accounts.toml",
            "[[account]]\naccount = \"me@local\"\npassword = 5\n",
        ),
    ]);
    assert_eq!(
        seen,
        [
            "accounts.toml:3:12: password has to be a text in quotes, and this is of the type integer",
            "a.toml:4:1: unknown key \"staus\": a contact has account, id, name, status, personal-message, media, lists, \
             groups, network, capabilities, extended, msnobj, messenger-user, phone-home, phone-work, phone-mobile, behaviour",
            "a.toml:3:10: unknown status \"bsuy\": one of online, busy, idle, away, brb, lunch, phone, hidden, offline",
            "a.toml:5:11: network has to be from 0 to 255, and this is 300",
            "b.toml:1:1: unknown key \"stray\": at the top of this file there is only [[group]] and [[contact]]",
            "b.toml:4:6: \"x\" is not a GUID: write 32 hexadecimal digits as 8-4-4-4-12, or leave the id out",
            "b.toml:5:1: this contact has no account: write account = \"…\" below it",
            "b.toml:11:16: capabilities has to be a whole number from 0 to 4294967295, and this is of the type string",
            "b.toml:9:21: unknown list \"é\": one of forward, allow, block, reverse, pending",
            "b.toml:9:26: unknown list \"besties\": one of forward, allow, block, reverse, pending",
            "b.toml:16:8: name: '\\n' cannot stand in it; change it",
            "b.toml:18:11: account: \"nobody\" is not of the form user@domain; change it",
            "c.toml:1:1: write [[contact]], in double brackets, above each contact",
            "b.toml:10:11: unknown group \"Gone\": add a [[group]] of that name, or take it out",
            "b.toml:13:11: there already is a contact \"A@LOCAL\" in a.toml line 2: take one of them out",
        ]
    );
}

#[test]
fn a_mistake_in_a_behaviour_has_the_place_of_its_rule_or_step() {
    let rule = |second: &str| {
        format!(
            "[[contact]]\naccount = \"a@local\"\nbehaviour = {{ reply = [\n  {{ answers = [\"x\"] }},\n  {{ {second} }},\n] }}\n"
        )
    };
    let tables = "[[contact]]\naccount = \"b@local\"\n[[contact.behaviour.reply]]\nanswers = [\"x\"]\n\n[[contact.behaviour.reply]]\nanswers = []\n";
    let steps = "[[contact]]\naccount = \"c@local\"\nbehaviour = { schedule = [\n  \"12:00 lunch\",\n  \"12:60 online\",\n] }\n";
    let late = steps.replace("c@local", "d@local");
    let late = late.replace("12:60 online", "+604801 online");
    for (file, place) in [
        (
            rule("regex = \"(\", answers = [\"x\"]"),
            "a.toml:5:3: reply: ",
        ),
        (rule("answers = [\" \"]"), "a.toml:5:3: what is said "),
        (
            rule("answers = [\"x\"], delay = 601"),
            "a.toml:5:3: a delay ",
        ),
        (
            tables.to_owned(),
            "a.toml:6:1: there have to be 1 to 100 answers ",
        ),
        (
            steps.to_owned(),
            "a.toml:5:3: \"12:60 online\" begins with no time",
        ),
        (late, "a.toml:5:3: "),
    ] {
        let seen = mistakes(&[("a.toml", &file)]);
        assert!(
            seen.len() == 1 && seen[0].starts_with(place),
            "{file}{seen:?}"
        );
    }
}

#[test]
fn a_file_that_is_no_toml_or_no_text_is_named_with_its_place() {
    let seen = mistakes(&[
        ("a.toml", "[[contact]]\naccount = \"é\" x\n"),
        ("b.toml", "[[contact]\n"),
    ]);
    assert_eq!(seen.len(), 2);
    assert!(
        seen[0].starts_with("a.toml:2:15: this is not TOML: "),
        "{seen:?}"
    );
    assert!(seen[1].starts_with("b.toml:1:"), "{seen:?}");
    let dir = folder(&[]);
    fs::write(dir.path().join("a.toml"), b"# fine\n# \xff\n").expect("a file");
    fs::create_dir(dir.path().join("b.toml")).expect("a folder");
    let errors = Store::open(dir.path(), true)
        .expect_err("mistakes")
        .to_string();
    assert!(
        errors.contains("a.toml:2:3: this byte is not UTF-8"),
        "{errors}"
    );
    assert!(errors.contains("b.toml: this is not a file"), "{errors}");
}

#[test]
fn ids_must_differ() {
    let id = "id = \"11111111-1111-1111-1111-111111111111\"\n";
    let seen = mistakes(&[(
        "a.toml",
        &format!(
            "[[contact]]\naccount = \"a@local\"\n{id}[[contact]]\naccount = \"b@local\"\n{id}"
        ),
    )]);
    assert_eq!(
        seen,
        [
            "a.toml:6:6: \"a@local\" already has the id 11111111-1111-1111-1111-111111111111: each contact needs its own"
        ]
    );
}

#[test]
fn accounts_are_read_and_are_no_contacts() {
    let file = "[[account]]\naccount = \"Me@local\"\npassword = \"asdf\"\n";
    let dir = folder(&[("accounts.toml", file)]);
    let (_, roster, accounts) = Store::open(dir.path(), true).unwrap_or_else(|e| panic!("{e}"));
    assert!(roster.is_empty());
    assert!(accounts.accepts("me@local", "asdf") && !accounts.accepts("me@local", "x"));
    fs::write(dir.path().join("accounts.toml"), "# nobody yet\n").expect("written");
    let (.., accounts) = Store::open(dir.path(), false).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(accounts, Accounts::anybody());
}

#[test]
fn five_thousand_contacts_are_read_changed_and_saved() {
    let mut text = String::from("[[group]]\nname = \"All\"\n");
    for n in 0..5_000 {
        text += &format!(
            "[[contact]]\naccount = \"c{n}@local\"\nstatus = \"busy\"\ngroups = [\"All\"]\n"
        );
    }
    let dir = folder(&[("many.toml", &text)]);
    let (mut store, mut roster) = open(dir.path());
    assert_eq!(roster.len(), 5_000);
    change(&mut roster, "c4321@local", |c| c.status = Status::Away);
    store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
    let after = fs::read_to_string(dir.path().join("many.toml")).expect("the file");
    assert_eq!(
        after,
        text.replace(
            "c4321@local\"\nstatus = \"busy\"",
            "c4321@local\"\nstatus = \"away\""
        )
    );
}

fn text() -> impl Strategy<Value = String> {
    // What a contact may hold: the texts of every script, quotes and backslashes, but no controls.
    proptest::string::string_regex("[^\\p{Cc}\u{fffe}\u{ffff}]{0,12}|[\"'\\\\#=\\[\\]]{0,6}")
        .expect("a pattern")
}

prop_compose! {
    fn contact()(
        user in "[a-z]{1,3}", name in text(), message in text(), media in text(), status in 0..9usize,
        lists in 0..32u8, network: u8, capabilities: u32, extended: u32, msnobj in text(),
        messenger_user: bool, lines in 0..3usize, home in text(), work in text(), mobile in text(),
    ) -> Contact {
        let mut contact = Contact::new(format!("{user}@local"), Some(name));
        contact.personal.message = message + &"\r\n\t".repeat(lines);
        contact.personal.media = media;
        contact.status = Status::ALL[status];
        contact.lists = Lists(lists);
        let phones = Phones { home, work, mobile };
        Contact { network, capabilities, extended, msnobj, messenger_user, phones, ..contact }
    }
}

#[test]
fn a_file_that_could_not_be_read_again_is_not_written() {
    let dir = folder(&[("friends.toml", TWO)]);
    let (mut store, mut roster) = open(dir.path());
    let before = fs::read(dir.path().join("friends.toml")).expect("is there");
    let text = "x".repeat(crate::roster::MAX_TEXT);
    for n in 0..disk::MAX_FILE as usize / (2 * text.len()) {
        let mut contact = Contact::new(format!("large{n}@local"), None);
        contact.personal.message.clone_from(&text);
        contact.personal.media.clone_from(&text);
        put(&mut roster, contact);
    }
    let refused = store.save(&roster).expect_err("is too large");
    assert!(matches!(refused, SaveError::TooLarge(_)), "{refused}");
    let after = fs::read(dir.path().join("friends.toml")).expect("is there");
    assert!(before == after);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_roster_comes_back_as_it_was_saved(contacts in prop::collection::vec(contact(), 0..6), gone in 0..3usize) {
        let dir = folder(&[("friends.toml", TWO), ("more.toml", "# to be filled\n")]);
        let (mut store, mut roster) = open(dir.path());
        for contact in contacts {
            put(&mut roster, contact);
        }
        store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
        for _ in 0..gone {
            if let Some(account) = roster.at(0).map(|c| c.account.clone()) {
                remove(&mut roster, &account);
            }
        }
        store.save(&roster).unwrap_or_else(|e| panic!("{e}"));
        prop_assert!(store.unsaved(&roster).is_empty());
        drop(store);
        prop_assert_eq!(open(dir.path()).1, roster);
    }

    #[test]
    fn no_text_in_a_file_makes_it_panic_and_what_is_taken_can_be_saved(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "[[contact]]", "[[group]]", "[contact]", "account = ", "name = ", "\"a@local\"", "'Wörk'", "groups = [",
                "]", "\n", "\r\n", "# é", "status = ", "\"busy\"", "1", "true", "id", "\u{feff}", "\"\"\"", "=", "\\", ".x",
            ]),
            0..24,
        ),
    ) {
        let dir = folder(&[("a.toml", &parts.concat()), ("b.toml", TWO)]);
        match Store::open(dir.path(), true) {
            Err(errors) => prop_assert!(!errors.0.is_empty()),
            Ok((mut store, mut roster, _)) => {
                put(&mut roster, Contact::new("new@local", None));
                prop_assert!(store.save(&roster).is_ok());
                drop(store);
                prop_assert_eq!(open(dir.path()).1, roster);
            }
        }
    }
}

#[test]
fn pictures_beside_the_contacts_are_given_out_and_never_written_into_their_files() {
    let dot: &[u8] = include_bytes!("../picture/dot.png");
    let dir = folder(&[(
        "a.toml",
        "[[contact]]\naccount = \"busy@local\"\n[[contact]]\naccount = \"away@local\"\n",
    )]);
    fs::write(dir.path().join("Busy@Local.PNG"), dot).expect("a picture");
    fs::write(dir.path().join("nobody.png"), dot).expect("a picture");
    let (mut store, mut roster) = open(dir.path());
    assert_eq!(store.unused_pictures(), ["nobody"]);
    let busy = roster.get("busy@local").expect("busy").clone();
    let picture = busy.picture.clone().expect("its picture");
    assert_eq!(busy.msnobj, picture.object);
    assert_eq!(roster.get("away@local").expect("away").picture, None);
    assert!(store.unsaved(&roster).is_empty());

    change(&mut roster, "busy@local", |c| c.status = Status::Busy);
    store.save(&roster).expect("saved");
    let text = fs::read_to_string(dir.path().join("a.toml")).expect("the file");
    assert!(text.contains("busy") && !text.contains("msnobj"), "{text}");
    assert_eq!(
        fs::read(dir.path().join("Busy@Local.PNG")).expect("the picture"),
        dot
    );

    put(&mut roster, Contact::new("nobody@local", None));
    change(&mut roster, "away@local", |c| {
        c.msnobj = "<msnobj />".into()
    });
    change(&mut roster, "busy@local", |c| {
        c.msnobj = "<msnobj Size=\"1\"/>".into()
    });
    store.save(&roster).expect("saved");
    drop(store);
    let (store, again) = open(dir.path());
    assert!(store.unused_pictures().is_empty());
    let busy = again.get("busy@local").expect("busy");
    assert_eq!(busy.msnobj, "<msnobj Size=\"1\"/>");
    assert!(again.get("nobody@local").expect("nobody").picture.is_some());
}

#[test]
fn a_picture_that_cannot_be_read_is_named() {
    let found = mistakes(&[("broken.png", "GIF89a")]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("broken.png: this is not a PNG that can be read: "),
        "{found:?}"
    );
}
