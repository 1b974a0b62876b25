use super::*;
use crate::msnp::Dialect;
use crate::msnp::escape::is_unsafe_on_screen;
use crate::msnp::personal::Personal;
use crate::msnp::presence::Presence;
use crate::msnp::{Family, Status, TransactionId};
use proptest::prelude::*;

fn shape(text: &str) -> Option<Shape> {
    Some(text.parse().expect("a shape"))
}

fn wire(text: &str, of: &str) -> Vec<u8> {
    checked(text, shape(of))
        .expect("it may be sent")
        .wire
        .to_vec()
}

fn wrong(text: &str, of: &str) -> Vec<Wrong> {
    let problems = checked(text, shape(of)).expect_err("it is refused");
    problems.into_iter().map(|problem| problem.wrong).collect()
}

#[test]
fn a_line_gets_its_end_and_nothing_else() {
    let line = "NLN IDL online@local 1 Gone%20fishing 1085276192 %3Cmsnobj%2F%3E";
    assert_eq!(wire(line, "16/mac"), format!("{line}\r\n").into_bytes());
    assert_eq!(wire("QNG 60\\r\\n", "16/mac"), b"QNG 60\r\n");
    assert_eq!(wire("QNG 60\n", "16/mac"), b"QNG 60\r\n");
}

#[test]
fn the_payload_follows_the_first_line_break_and_a_star_is_its_length() {
    let expected = b"UBX a@b 1 12\r\n<Data>\\0\n</".as_slice();
    let expected = [expected, b"\xff"].concat();
    for text in [
        "UBX a@b 1 *\n<Data>\\0\\n</\\xFF",
        "UBX a@b 1 *\\r\\n<Data>\\0\n</\\xFF",
    ] {
        assert_eq!(wire(text, "16/mac"), expected, "{text}");
    }
    assert_eq!(wire("UBX a@b 1 0", "16/mac"), b"UBX a@b 1 0\r\n");
    assert_eq!(
        wire("MSG Hotmail Hotmail *\nA: b\\r\\n\\r\\n", "16"),
        b"MSG Hotmail Hotmail 8\r\nA: b\r\n\r\n"
    );
    assert_eq!(wire("NFY PUT *\nx", "18"), b"NFY PUT 1\r\nx");
}

#[test]
fn each_mistake_is_refused_and_named() {
    for (text, expected) in [
        ("", Wrong::Verb),
        ("\n", Wrong::Verb),
        ("XYZ 1", Wrong::Verb),
        ("nln BSY", Wrong::Verb),
        ("CAL 9 a@b", Wrong::Few),
        ("SYN 1 2 3 4 5 6 7", Wrong::Many),
        ("PNG", Wrong::Verb),
        ("ILN 8 BSY a@b 1 A", Wrong::Few),
        // A space cannot be sent: what stands after it is the next parameter.
        ("NLN BSY a@b 1 Busy User 7 0", Wrong::Number),
        ("NLN BSY a@b 1 Very Busy User 7 0", Wrong::Many),
        ("NLN BSY a@b 1 Busy% 7 0", Wrong::Encoding),
        ("NLN BSY a@b 1 B\u{fc}sy 7 0", Wrong::Encoding),
        ("NLN BSY a@b 1 B\\x07sy 7 0", Wrong::Encoding),
        ("NLN BSY a@b 1 Busy 7 <msnobj/>", Wrong::Encoding),
        ("NLN BSY a@b 1 Busy many 0", Wrong::Number),
        ("ILN x BSY a@b 1 Busy 7 0", Wrong::Transaction),
        ("UBX a@b 1 5\nabc", Wrong::Length),
        ("UBX a@b 1 -5\nabc", Wrong::Length),
        ("UBX a@b 1 5", Wrong::Payload),
        ("UBX a@b 1 *", Wrong::Payload),
        ("UBX a@b 1 *\n", Wrong::Payload),
        ("QNG 60\nabc", Wrong::Payload),
        ("QNG 60\nabc", Wrong::Payload),
        ("NLN BSY <account> 1 Busy 7 0", Wrong::Encoding),
    ] {
        let found = wrong(text, "16/mac");
        assert!(found.contains(&expected), "{text:?}: {found:?}");
    }
    let long = format!("NLN BSY a@b 1 {} 7 0", "a".repeat(MAX_LINE));
    assert_eq!(wrong(&long, "16/mac"), [Wrong::Line]);
    let heavy = format!("UBX a@b 1 *\n{}", "a".repeat(MAX_PAYLOAD + 1));
    assert_eq!(wrong(&heavy, "16/mac"), [Wrong::Payload]);
}

#[test]
fn what_another_dialect_has_is_sent_with_a_warning() {
    for (text, of) in [
        ("NLN BSY 1:a@b Busy 7:48 0", "16/mac"),
        ("ILN 8 BSY a@b 1 Busy 7:48 0", "16/mac"),
        ("GTC A", "16"),
        ("NLN GON a@b 1 Busy 7 0", "16/mac"),
        ("999 4", "16"),
    ] {
        let sent = checked(text, shape(of)).expect("it may be sent");
        assert_eq!(sent.warnings.len(), 1, "{text}: {:?}", sent.warnings);
        assert!(checked(text, shape(of)).is_ok_and(|s| s.wire.ends_with(b"\r\n")));
    }
}

#[test]
fn unchecked_sends_exactly_the_bytes() {
    assert_eq!(
        unchecked("NLN *\\r\\n\\x00\\0"),
        b"NLN *\r\n\x00\\0".as_slice()
    );
    assert_eq!(unchecked(""), b"".as_slice());
}

#[test]
fn templates_are_filled_as_the_service_writes() {
    let personal = Personal {
        message: "back soon".into(),
        media: r"\0Music\01\0{0}\0T\0".into(),
    };
    let values = Values {
        presence: Presence {
            status: Status::Hidden,
            account: "busy@local",
            network: 1,
            name: "Busy User",
            capabilities: 1_085_276_192,
            extended: 48,
            msnobj: "<msnobj/>",
        },
        personal: &personal,
        transaction: TransactionId(8),
    };
    let filled = |verb, of| template(verb, shape(of), Some(&values));
    assert_eq!(
        filled("ILN", "16/mac").as_deref(),
        Some("ILN 8 NLN busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E")
    );
    assert_eq!(filled("FLN", "12").as_deref(), Some("FLN busy@local"));
    assert_eq!(
        filled("MSG", "16/mac").as_deref(),
        Some("MSG busy@local Busy%20User *\n")
    );
    assert_eq!(filled("UBX", "10"), None);
    for dialect in Dialect::all() {
        for family in [Family::Windows, Family::Mac] {
            let of = Shape::new(dialect, family);
            if family == Family::Mac && !(13..=17).contains(&dialect.number()) {
                continue;
            }
            for verb in ["ILN", "NLN", "FLN", "UBX"] {
                if let Some(template) = template(verb, Some(of), Some(&values)) {
                    let sent = checked(&template, Some(of));
                    let sent = sent.unwrap_or_else(|e| panic!("{of} {template}: {e:?}"));
                    assert_eq!(sent.warnings, [], "{of} {template}");
                }
            }
            let ubx = values.presence.personal(of, &personal);
            let text = template("UBX", Some(of), Some(&values));
            let sent = text.and_then(|text| checked(&text, Some(of)).ok());
            assert_eq!(sent.map(|s| s.wire), ubx.map(Bytes::from), "{of}");
        }
    }
}

#[test]
fn every_verb_that_a_server_sends_has_a_template_and_a_completion() {
    let all: Vec<(&str, String)> = dictionary::verbs()
        .filter_map(|verb| Some((verb.name, template(verb.name, shape("16/mac"), None)?)))
        .collect();
    for verb in [
        "ILN", "NLN", "FLN", "UBX", "RNG", "MSG", "CHL", "OUT", "ADL", "NOT", "UBN",
    ] {
        assert!(all.iter().any(|(name, _)| *name == verb), "{verb}");
        assert!(
            complete(&verb[..1], None).iter().any(|c| c.text == verb),
            "{verb}"
        );
    }
    for (_, text) in &all {
        if text.contains('<') {
            assert!(checked(text, shape("16/mac")).is_err(), "{}", text);
        }
    }
    assert!(all.iter().any(|(_, text)| text
        == "RNG <session> <address> CKI <switchboard-token> <account> <friendly-name>"));
}

#[test]
fn completion_knows_the_next_parameter() {
    let texts = |prefix: &str| -> Vec<String> {
        complete(prefix, shape("16/mac"))
            .into_iter()
            .map(|c| c.text)
            .collect()
    };
    assert_eq!(texts("NLN b"), ["BSY", "BRB"]);
    assert_eq!(texts("UBX a@b 1 "), ["*"]);
    assert_eq!(texts("ADL 5 "), ["OK"]);
    assert_eq!(texts("ADL 0 "), ["OK", "*"]);
    let next = complete("NLN BSY a@b 1 ", shape("16/mac"));
    assert_eq!(next[0].hint, "friendly-name (percent-encoded text)");
    let next = complete("NLN BSY a@b ", shape("16/mac"));
    assert!(
        next.iter()
            .any(|c| c.text == "1" && c.hint == "network: Passport"),
        "{next:?}"
    );
    assert!(complete("XYZ ", None).is_empty());
    assert!(complete("UBX a@b 1 *\n<", None).is_empty());
}

proptest! {
    #[test]
    fn a_loaded_line_gives_the_same_bytes(line: Vec<u8>, payload: Option<Vec<u8>>) {
        let line: Vec<u8> = line.into_iter().filter(|b| *b != b'\n').collect();
        let whole = [&line[..], b"\r\n", payload.as_deref().unwrap_or_default()].concat();
        let text = load(&line, payload.as_deref());
        prop_assert_eq!(&unchecked(&text)[..], &whole[..]);
        prop_assert!(!text.chars().any(|c| c != '\n' && is_unsafe_on_screen(c)));
        if let Ok(sent) = checked(&text, None) {
            prop_assert_eq!(&sent.wire[..], &whole[..]);
        }
        prop_assert_eq!(&unchecked(&load_wire(&whole))[..], &whole[..]);
    }

    #[test]
    fn a_loaded_ubx_is_sent_again_as_it_was(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        let line = format!("UBX a@b 1 {}", payload.len());
        let sent = checked(&load(line.as_bytes(), Some(&payload)), shape("16/mac"));
        let whole = [line.as_bytes(), b"\r\n", &payload].concat();
        prop_assert_eq!(sent.map(|s| s.wire.to_vec()), Ok(whole));
    }

    #[test]
    fn any_text_is_checked_and_completed_without_harm(
        text in "((ILN|NLN|UBX|ADL|GCF|MSG|911|LST) )?[ -~\u{e9}\u{202e}\r\n*\\\\]{0,60}", any: String, number in 7u8..19
    ) {
        let shape = Dialect::new(number).map(|d| Shape::new(d, Family::Windows));
        for text in [text, any] {
            let problems = match checked(&text, shape) {
                Ok(sent) => sent.warnings,
                Err(problems) => { prop_assert!(!problems.is_empty()); problems }
            };
            for problem in problems {
                prop_assert!(!problem.text.chars().any(is_unsafe_on_screen), "{}", problem);
            }
            let _ = complete(&text, shape);
        }
    }
}
