use super::*;
use crate::control::{Action, Target};
use crate::event::ClientId;
use crate::msnp::{Dialect, Family, Shape, Status};

const EVERY: Registry = Registry::HEADLESS;

fn action(line: &str) -> Action {
    match EVERY.parse(line) {
        Ok(Parsed::Action(action)) => action,
        other => panic!("{line}: {other:?}"),
    }
}

fn error(line: &str) -> String {
    EVERY
        .parse(line)
        .map_or_else(|e| e.to_string(), |p| panic!("{line}: {p:?}"))
}

#[test]
fn every_command_has_help_a_name_of_its_own_and_an_example_that_parses() {
    assert_eq!(EVERY.clashes(), Vec::<String>::new());
    for spec in EVERY.specs() {
        assert!(
            !spec.help.is_empty() && !spec.help.ends_with('.'),
            "{}",
            spec.name
        );
        let (name, _) = spec.example.split_once(' ').unwrap_or((spec.example, ""));
        assert_eq!(name, spec.name, "the example of {}", spec.name);
        let parsed = EVERY
            .parse(spec.example)
            .unwrap_or_else(|e| panic!("{}: {e}", spec.example));
        assert_eq!(
            matches!(parsed, Parsed::Action(_)),
            matches!(spec.scope, Scope::Server(_))
        );
        let optional = spec
            .args
            .iter()
            .position(|a| a.optional)
            .unwrap_or(spec.args.len());
        assert!(
            spec.args[optional..].iter().all(|a| a.optional),
            "{}",
            spec.name
        );
        for arg in &spec.args[..spec.args.len().saturating_sub(1)] {
            let rest = matches!(arg.kind, Kind::Text | Kind::Line | Kind::Bytes);
            assert!(!rest, "{} of {}", arg.name, spec.name);
        }
        // What is optional may be left out, and then too the table and its function agree.
        if optional < spec.args.len() {
            let short: Vec<_> = spec.example.split(' ').take(optional + 1).collect();
            assert!(EVERY.parse(&short.join(" ")).is_ok(), "{short:?}");
        }
    }
}

#[test]
fn every_default_key_stands_for_a_line_of_its_own_command() {
    for spec in EVERY.specs() {
        for key in spec.keys {
            let line = key
                .line
                .replace("{contacts}", "a@local,b@local")
                .replace("{contact}", "a@local")
                .replace("{client}", "1")
                .replace("{as}", "a@local")
                .replace("{to}", "1");
            assert!(!line.contains('{') && !key.label.is_empty(), "{line}");
            assert_eq!(line.split(' ').next(), Some(spec.name));
            if key.press != Press::Prompt {
                assert!(EVERY.parse(&line).is_ok(), "{line}");
            }
        }
    }
}

#[test]
fn short_names_are_of_commands() {
    for (short, name) in super::SHORT {
        let found = Registry::HEADLESS.find(short).map(|spec| spec.name);
        assert_eq!(found, Some(*name));
    }
}

#[test]
fn two_keys_in_one_place_clash_and_in_two_panes_do_not() {
    const fn one(name: &'static str, keys: &'static [Key]) -> Spec {
        Spec {
            name,
            args: &[],
            help: "h",
            more: "",
            example: name,
            keys,
            scope: Scope::Console,
        }
    }
    const fn key(place: Place, key: &'static str) -> Key {
        Key {
            place,
            key,
            label: "l",
            line: "l",
            press: Press::Run,
        }
    }
    const FINE: &[Spec] = &[
        one("filter", &[key(Place::In(Pane::Transcript), "f")]),
        one("other", &[key(Place::In(Pane::Contacts), "f")]),
    ];
    const WRONG: &[Spec] = &[
        one("Filter", &[key(Place::In(Pane::Transcript), "f")]),
        one("other2", &[key(Place::Everywhere, "f")]),
    ];
    assert!(Registry::new(&[SERVER, FINE]).clashes().is_empty());
    assert_eq!(Registry::new(&[FINE, WRONG]).clashes().len(), 1 + 1 + 3);
    assert_eq!(
        Registry::new(&[SERVER, FINE]).parse("filter"),
        Ok(Parsed::Console {
            name: "filter",
            args: Values::default()
        })
    );
}

#[test]
fn lines_become_actions() {
    assert_eq!(
        action(
            "  STATUS busy,away@local   be-right-back"
                .replace("be-right-back", "brb")
                .as_str()
        ),
        Action::Status {
            contacts: vec!["busy".into(), "away@local".into()],
            status: Status::BeRightBack
        }
    );
    assert_eq!(
        action("psm busy  Gone \"fishing\", all day  "),
        Action::PersonalMessage {
            contacts: vec!["busy".into()],
            text: "Gone \"fishing\", all day".into()
        }
    );
    assert_eq!(
        action("psm busy"),
        Action::PersonalMessage {
            contacts: vec!["busy".into()],
            text: String::new()
        }
    );
    assert_eq!(
        action("name busy Really Busy"),
        Action::Name {
            contact: "busy".into(),
            name: "Really Busy".into()
        }
    );
    assert_eq!(
        action("add new@local"),
        Action::Add {
            account: "new@local".into(),
            name: None
        }
    );
    assert_eq!(
        action("shape 2 16/mac"),
        Action::Shape {
            clients: Target::Clients(vec![ClientId(2)]),
            shape: Shape::new(Dialect::MSNP16, Family::Mac)
        }
    );
    assert_eq!(
        action("send 2,1,2   MSG a * \\r\\nhello "),
        Action::Send {
            to: Target::Clients(vec![ClientId(1), ClientId(2)]),
            text: "MSG a * \\r\\nhello ".into(),
            checked: true
        }
    );
    assert_eq!(
        action("send! All  QNG 60\\r\\n "),
        Action::Send {
            to: Target::All,
            text: " QNG 60\\r\\n ".into(),
            checked: false
        }
    );
    assert_eq!(EVERY.parse("help"), Ok(Parsed::Help(None)));
    assert_eq!(
        EVERY.parse("help SEND!"),
        Ok(Parsed::Help(Some("send!".into())))
    );
}

#[test]
fn a_mistake_gets_a_sentence_that_says_what_was_expected() {
    assert_eq!(
        error("stauts busy away"),
        "unknown command \"stauts\": did you mean \"status\"?"
    );
    assert_eq!(
        error("wibble"),
        "unknown command \"wibble\": `help` lists the commands"
    );
    assert_eq!(error("  "), "nothing was typed: `help` lists the commands");
    assert_eq!(
        error("status busy"),
        "status CONTACT STATUS needs STATUS: for example `status busy,away@local lunch`"
    );
    assert_eq!(
        error("status busy awya"),
        "STATUS: \"awya\" is not one of online, busy, idle, away, brb, lunch, phone, hidden, offline; did you mean \"away\"?"
    );
    assert_eq!(
        error("status busy,,x away"),
        "CONTACT: \"busy,,x\" is not an account, or what stands before its @; several with commas, or all"
    );
    assert_eq!(
        error("kick 1 now"),
        "kick CLIENT takes no more than that: \"now\" is left over"
    );
    for wrong in ["0", "+1", "-1", "99999999999999999999", "1,", "1,me"] {
        assert_eq!(
            error(&format!("kick {wrong}")),
            format!(
                "CLIENT: {wrong:?} is not a client's number, several with commas, its account, what stands before the @ of that, or all"
            )
        );
    }
    assert_eq!(
        error("send 1"),
        "send CLIENT LINE needs LINE: for example `send 1 NLN IDL online@local 1 Gone%20fishing 1085276192 %3Cmsnobj%2F%3E`"
    );
    assert!(error("help sent").ends_with("did you mean \"send\"?"));
    assert!(error(&"x".repeat(100_000)).len() < 300);
}

#[test]
fn words_in_another_order_get_the_right_one_offered() {
    for (typed, meant) in [
        ("busy status away", "status busy away"),
        ("busy away", "status busy away"),
        ("all busy", "status all busy"),
        ("busy all", "status all busy"),
        ("all status busy", "status all busy"),
        ("busy status all", "status all busy"),
        ("status busy all", "status all busy"),
        ("busy,away lunch", "status busy,away lunch"),
        ("1 kick", "kick 1"),
        ("online say 1 Hello there", "say online 1 Hello there"),
        ("online ring 1", "ring online 1"),
        ("1 send PNG", "send 1 PNG"),
        ("2 patience", "patience 2"),
    ] {
        assert_eq!(error(typed), format!("did you mean `{meant}`?"), "{typed}");
    }
    // What is no command in any order is none, and a word that is nearly right is said first.
    for typed in ["the busy one", "please help me", "frob save"] {
        assert!(error(typed).starts_with("unknown command"), "{typed}");
    }
    assert!(error("status busy awya").ends_with("did you mean \"away\"?"));
    assert!(error(&format!("x status {}", "y ".repeat(50_000))).len() < 300);
}

#[test]
fn what_is_a_command_elsewhere_says_where() {
    assert_eq!(
        error("open a.nudge"),
        "unknown command \"open\": `nudge open` in a shell does that"
    );
    assert_eq!(
        error("wq"),
        "unknown command \"wq\": `save` writes the roster, and `quit` ends"
    );
    assert_eq!(EVERY.parse("?"), Ok(Parsed::Help(None)));
    for name in SCREEN {
        assert!(
            error(name).ends_with("the console alone has it, and this runs without one"),
            "{name}"
        );
    }
}

#[test]
fn completion_offers_what_may_stand_there() {
    let contacts = [
        ("busy@local".to_owned(), "Busy User".to_owned()),
        ("brb@local".to_owned(), "Brb User".to_owned()),
    ];
    let clients = [(ClientId(7), "me@local".to_owned())];
    let verbs = [("NLN".to_owned(), "presence".to_owned())];
    let context = CompletionContext {
        contacts: &contacts,
        clients: &clients,
        verbs: &verbs,
    };
    let texts = |line: &str| -> Vec<String> {
        let found = EVERY.complete(line, line.len(), &context);
        found
            .into_iter()
            .map(|c| format!("{}{}", &line[..c.range.start], c.text))
            .collect()
    };
    assert_eq!(texts("se"), ["send", "send!"]);
    assert_eq!(texts("").len(), SERVER.len());
    assert_eq!(texts("status b"), ["status busy@local", "status brb@local"]);
    assert_eq!(texts("status x@y,BU"), ["status x@y,busy@local"]);
    assert_eq!(
        texts("status busy o"),
        ["status busy online", "status busy offline"]
    );
    assert_eq!(texts("kick "), ["kick 7", "kick all"]);
    assert_eq!(texts("send 7,a"), ["send 7,all"]);
    assert_eq!(
        texts("shape 7 msnp16"),
        ["shape 7 MSNP16", "shape 7 MSNP16/mac"]
    );
    assert_eq!(
        texts("shape 7 15"),
        ["shape 7 MSNP15", "shape 7 MSNP15/mac"]
    );
    assert_eq!(texts("send 7 n"), ["send 7 NLN"]);
    assert_eq!(texts("send 7 NLN n"), Vec::<String>::new());
    assert_eq!(texts("psm busy te"), Vec::<String>::new());
    assert_eq!(texts("wibble "), Vec::<String>::new());
    // A cursor within the line, even within a character, is no trouble.
    assert_eq!(EVERY.complete("st é", 2, &context)[0].range, 0..2);
    assert_eq!(EVERY.complete("status é", 8, &context).len(), 3);
}

#[test]
fn help_and_the_reference_name_every_command_and_key() {
    let all = EVERY.help_lines(None);
    let table = EVERY.reference_markdown(|_| true);
    assert_eq!(all.len(), SERVER.len());
    for (line, spec) in all.iter().zip(SERVER) {
        assert!(line.starts_with(spec.name) && line.ends_with(spec.help));
        assert!(table.contains(&format!("| `{}` | {}.", spec.usage(), spec.help)));
        let one = EVERY.help_lines(Some(spec.name)).join("\n");
        assert!(spec.keys.iter().all(|k| one.contains(k.key)) && one.contains(spec.example));
    }
    assert!(EVERY.help_lines(Some("wibble")).is_empty());
}

proptest::proptest! {
    #[test]
    fn no_line_makes_it_panic(line: String, cursor in 0..40usize, name in 0..SERVER.len()) {
        let _ = EVERY.parse(&line);
        let line = format!("{} {line}", SERVER[name].name);
        let _ = EVERY.parse(&line).map_err(|e| e.to_string());
        EVERY.complete(&line, cursor, &CompletionContext::default());
    }
}
