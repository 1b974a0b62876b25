use super::*;
use crate::msnp::presence::Presence;
use crate::msnp::{Dialect, Status, TransactionId, errors};
use proptest::prelude::*;

fn dialect(number: u8) -> Option<Dialect> {
    Dialect::new(number)
}

fn mac(number: u8) -> Option<Shape> {
    let family = Family::Mac;
    dialect(number).map(|dialect| Shape { dialect, family })
}

/// The conversation of the golden login file, one line each, without payloads.
pub(crate) const LOGIN: &[(Direction, &str)] = &[
    (Direction::In, "VER 1 MSNP16 MSNP15 MSNP14 MSNP13 CVR0"),
    (Direction::Out, "VER 1 MSNP16 CVR0"),
    (
        Direction::In,
        "CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local",
    ),
    (Direction::Out, "CVR 2 1 2 3 4 5"),
    (Direction::In, "USR 3 TWN I me@local"),
    (Direction::Out, "USR 3 TWN S fake=1"),
    (
        Direction::In,
        "USR 4 TWN S a=HENLO 235411cb78234a468feb6f1bccca43fd",
    ),
    (Direction::Out, "USR 4 OK me@local 1 0"),
    (Direction::In, "ADL 5 245"),
    (Direction::Out, "ADL 5 OK"),
    (Direction::In, "PRP 6 MFN Me%20Myself"),
    (Direction::Out, "ACK 6 PRP"),
    (Direction::In, "BLP 7 AL"),
    (Direction::Out, "ACK 7 BLP"),
    (Direction::In, "CHG 8 NLN 1085276192:131088"),
    (Direction::Out, "CHG 8 NLN 1085276192:131088"),
    (
        Direction::Out,
        "ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E",
    ),
    (Direction::Out, "UBX busy@local 1 89"),
    (Direction::In, "UUX 9 53"),
    (Direction::Out, "ACK 9 UUX"),
    (Direction::In, "URL 12 MOBILE"),
    (Direction::Out, "URL 12 MOBILE http://10.0.10.126:8080/"),
    (Direction::In, "URL 13 PROFILE 0x0409"),
    (Direction::Out, "URL 13 PROFILE http://10.0.10.126:8080/"),
    (Direction::In, "UUN 15 me@local 8 9"),
    (Direction::Out, "ACK 15 UUN"),
    (Direction::In, "PNG 16"),
    (Direction::In, "PNG"),
    (Direction::Out, "QNG 60"),
];

#[test]
fn every_verb_has_a_meaning_a_source_and_forms_that_can_be_read() {
    for verb in verbs() {
        assert!(
            !verb.meaning.is_empty() && !verb.source.is_empty(),
            "{}",
            verb.name
        );
        assert!(!verb.forms.is_empty(), "{}", verb.name);
        for form in verb.forms {
            let (first, last) = form.shapes.range();
            assert!(first <= last, "{}", verb.name);
            let served = |number| Dialect::new(number).is_some();
            assert!(served(first) && served(last), "{}", verb.name);
            // Where a length stands, a payload follows: it stands last.
            let mut lengths = form.parameters.iter().rev().skip(1);
            assert!(lengths.all(|p| p.kind != Kind::Length), "{}", verb.name);
            let repeated = form
                .parameters
                .iter()
                .filter(|p| p.need == Need::Repeated)
                .count();
            assert!(
                repeated <= 1,
                "{}: two repeated parameters cannot be told apart",
                verb.name
            );
            assert_eq!(
                lookup(verb.name.as_bytes(), form.from).map(|found| found.name),
                Some(verb.name)
            );
        }
    }
}

#[test]
fn every_payload_verb_of_the_framing_table_is_there_in_its_direction() {
    let length = |direction, line: &str| {
        payload_length(direction, line.as_bytes())
            .unwrap_or_else(|bad| panic!("{line}: {}", bad.reason))
    };
    use Direction::{In, Out};
    for line in [
        "UUX 1 7",
        "QRY 1 PROD0090YUAUV{2B 7",
        "ADL 1 7",
        "RML 1 7",
        "FQY 1 7",
        "UUN 1 a@b 1 7",
        "UUM 1 a@b 32 1 7",
        "SDC 1 a@b 0x0409 X 7",
        "PAG 1 a@b 7",
        "PGD 1 a@b 1 7",
        "MSG 1 U 7",
    ] {
        assert_eq!(length(In, line), Some(7), "{line}");
    }
    for line in [
        "MSG a@b A 7",
        "UBX a@b 1 7",
        "UBN a@b 1 7",
        "UBM a@b 32 1 7",
        "NOT 7",
        "IPG 7",
        "GCF 0 7",
        "GCF 5 Shields.xml 7",
        "FQY 1 7",
        "ADL 0 7",
        "RML 0 7",
        "241 5 7",
        "509 5 7",
    ] {
        assert_eq!(length(Out, line), Some(7), "{line}");
    }
    for line in [
        "ADL 5 OK", "RML 5 OK", "UUN 5 OK", "UUX 5 0", "QRY 5", "241 5", "911 5", "200 5 7",
        "XYZ 5 7",
    ] {
        assert_eq!(length(Out, line), None, "{line}");
    }
    for line in ["PUT 1 7", "SDG 1 7", "DEL 1 7", "VAS 1 7"] {
        assert_eq!(length(In, line), Some(7), "{line}");
    }
    for line in ["NFY PUT 7", "SDG 0 7", "PUT 5 OK 7"] {
        assert_eq!(length(Out, line), Some(7), "{line}");
    }
    assert_eq!(payload_length(Out, b"MSG a@b A 7"), Ok(Some(7)));
    assert_eq!(payload_length(In, b"XYZ 1 99999999"), Ok(None));
    assert_eq!(payload_length(In, b"uux 1 9"), Ok(None));
}

#[test]
fn a_transaction_id_is_no_length() {
    for (direction, line) in [
        (Direction::In, "UUX 9"),
        (Direction::In, "UUX"),
        (Direction::In, "ADL 5"),
        (Direction::In, "UUN 5 a@b 8"),
        (Direction::Out, "ADL 0"),
        (Direction::Out, "UBX 9"),
    ] {
        let bad = payload_length(direction, line.as_bytes());
        assert_eq!(
            bad,
            Err(BadLength {
                token: b"",
                reason: match direction {
                    Direction::In => super::index::TOO_FEW,
                    Direction::Out => "is missing",
                }
            }),
            "{line}"
        );
    }
}

#[test]
fn the_golden_login_has_no_problem() {
    for (direction, line) in LOGIN {
        let problems = check_shape(*direction, mac(16), line.as_bytes());
        assert_eq!(problems, [], "{line}");
    }
}

#[test]
fn every_shapes_own_presence_has_no_problem() {
    let shown = Presence {
        status: Status::Busy,
        account: "busy@local",
        network: 1,
        name: "Busy User",
        capabilities: 7,
        extended: 48,
        msnobj: "<msnobj/>",
    };
    let gone = Presence {
        status: Status::Offline,
        ..shown
    };
    let shapes = Dialect::all().map(|d| Shape::new(d, Family::Windows));
    let macs = (13..=17)
        .filter_map(Dialect::new)
        .map(|d| Shape::new(d, Family::Mac));
    for shape in shapes.chain(macs) {
        let lines = [
            shown.initial(shape, TransactionId(8)).expect("it is seen"),
            shown.changed(shape),
            gone.changed(shape),
        ];
        for line in lines {
            let problems = check::check_shape(Direction::Out, Some(shape), line.trim().as_bytes());
            assert_eq!(problems, [], "{shape}: {line}");
        }
    }
}

#[test]
fn a_mistake_is_named() {
    use Direction::{In, Out};
    let wrong = |direction, number, line: &str| -> Vec<Wrong> {
        check_shape(direction, mac(number), line.as_bytes())
            .into_iter()
            .map(|problem| problem.wrong)
            .collect()
    };
    assert_eq!(wrong(In, 16, "XYZ 1"), [Wrong::Verb]);
    assert_eq!(wrong(In, 16, "ILN 1"), [Wrong::Verb]);
    assert_eq!(wrong(In, 16, ""), [Wrong::Verb]);
    assert_eq!(wrong(In, 16, "BLP 1"), [Wrong::Few]);
    assert_eq!(wrong(In, 16, "BLP 1 AL AL"), [Wrong::Many]);
    assert_eq!(wrong(In, 16, "BLP x AL"), [Wrong::Transaction]);
    assert_eq!(wrong(In, 16, "CHG 8 NLN many"), [Wrong::Number]);
    assert_eq!(wrong(In, 16, "CHG 8 GON 0:0"), [Wrong::Value]);
    assert_eq!(wrong(In, 16, "PRP 6 MFN 100%"), [Wrong::Encoding]);
    assert_eq!(wrong(In, 16, "PRP 6 MFN Caf\u{e9}"), [Wrong::Encoding]);
    assert_eq!(wrong(In, 16, "SYN 1 0"), [Wrong::Dialect]);
    assert_eq!(wrong(Out, 12, "ILN 8 BSY a@b 1 A 7 0"), [Wrong::Dialect]);
    assert_eq!(wrong(Out, 16, "ILN 8 BSY a@b 1 A"), [Wrong::Few]);
    let spaced = check_shape(Out, mac(16), b"NLN BSY a@b 1 Busy User 7 0");
    assert!(spaced[0].text.contains("written %20"), "{}", spaced[0]);
}

#[test]
fn tickets_and_tokens_are_secret_and_nothing_else() {
    use Direction::{In, Out};
    for (direction, line, secret) in [
        (
            In,
            "USR 4 TWN S t=abc&p= 235411cb78234a468feb6f1bccca43fd",
            vec!["t=abc&p="],
        ),
        (In, "USR 4 TWN S t=abc&p= x y z", vec!["t=abc&p= x y z"]),
        (In, "USR 4 SSO S t=abc Zm9v", vec!["t=abc Zm9v"]),
        (In, "USR TWN S t=abc&p=", vec!["t=abc&p="]),
        (In, "USR 3 TWN I me@local", vec![]),
        (In, "USR 1 me@local 17.2", vec!["17.2"]),
        (In, "ANS 1 me@local 17.2 11", vec!["17.2"]),
        (Out, "XFR 9 SB 1.2.3.4:1863 CKI 17.2", vec!["17.2"]),
        (Out, "RNG 11 1.2.3.4:1863 CKI 17.2 a@b A", vec!["17.2"]),
        (Out, "USR 4 OK me@local 1 0", vec![]),
        (Out, "NLN BSY a@b 1 A 7 0", vec![]),
    ] {
        let found = secrets(direction, line.as_bytes());
        let found: Vec<_> = found.into_iter().map(|range| &line[range]).collect();
        assert_eq!(found, secret, "{line}");
    }
}

#[test]
fn a_verb_is_known_by_dialect_and_stage() {
    let known = |verb: &str, number, stage| {
        known_in(verb.as_bytes(), Direction::In, dialect(number), stage)
    };
    assert_eq!(known("VER", 16, Stage::SignIn), Known::Yes);
    assert_eq!(known("VER", 16, Stage::SignedIn), Known::OtherStage);
    assert_eq!(known("CHG", 16, Stage::SignIn), Known::OtherStage);
    assert_eq!(known("CAL", 16, Stage::SignedIn), Known::OtherStage);
    assert_eq!(known("USR", 16, Stage::Switchboard), Known::Yes);
    assert_eq!(
        known("SYN", 16, Stage::SignedIn),
        Known::OtherDialect(8, 12)
    );
    assert_eq!(
        known("ADL", 12, Stage::SignedIn),
        Known::OtherDialect(13, Dialect::NEWEST.number())
    );
    assert_eq!(known("ILN", 16, Stage::SignedIn), Known::Unknown);
    assert_eq!(known("\u{1b}[2J", 16, Stage::SignedIn), Known::Unknown);
}

#[test]
fn the_reference_page_names_everything() {
    let page = reference_markdown();
    for verb in verbs() {
        assert!(
            page.contains(&format!("### {}\n", verb.name)),
            "{}",
            verb.name
        );
        assert!(explain_verb(&verb.name.to_lowercase()).is_some());
    }
    for error in errors::TABLE {
        assert!(page.contains(error.meaning));
        assert!(explain_verb(&error.code.to_string()).is_some());
    }
    assert!(explain_verb("XYZ").is_none() && explain_verb("999").is_none());
}

proptest! {
    #[test]
    fn any_line_is_judged_without_harm(line: Vec<u8>, out: bool, number in 7u8..19) {
        let direction = if out { Direction::Out } else { Direction::In };
        for problem in check_shape(direction, mac(number), &line) {
            prop_assert!(!problem.text.chars().any(crate::msnp::escape::is_unsafe_on_screen));
            prop_assert!(problem.text.len() < 1_000);
        }
        let _ = payload_length(direction, &line);
        let usr = [b"USR ", &line[..]].concat();
        for range in secrets(direction, &usr) {
            prop_assert!(usr.get(range).is_some());
        }
    }

    #[test]
    fn lines_of_known_verbs_are_judged_without_harm(
        at in 0usize..60, rest in "[ -~]{0,40}", out: bool, number in 7u8..19
    ) {
        let Some(verb) = verbs().nth(at) else { return Ok(()) };
        let line = format!("{} {rest}", verb.name);
        let direction = if out { Direction::Out } else { Direction::In };
        let problems = check_shape(direction, mac(number), line.as_bytes());
        // A length that the codec takes is one that the checks take.
        if let Err(bad) = payload_length(direction, line.as_bytes()) {
            prop_assert!(!problems.is_empty(), "{}: {}", line, bad.reason);
        }
    }
}
