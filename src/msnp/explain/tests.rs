use super::*;
use crate::msnp::dictionary::tests::LOGIN;
use crate::msnp::escape::is_unsafe_on_screen;
use crate::msnp::{Dialect, Family};
use proptest::prelude::*;

fn row<'a>(explanation: &'a Explanation, raw: &str) -> (&'a str, &'a str) {
    let found = explanation.rows.iter().find(|row| row.raw == raw);
    let row = found.unwrap_or_else(|| panic!("no row {raw}: {explanation}"));
    (&row.name, &row.meaning)
}

#[test]
fn the_articles_presence_is_explained_without_knowing_the_shape() {
    let line = b"ILN 8 BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E";
    let mac = Shape::new(Dialect::MSNP16, Family::Mac);
    for shape in [None, Some(mac)] {
        let it = explain(line, None, guess_direction(line).0, shape);
        assert_eq!(it.title, "ILN  initial presence of a contact, after CHG");
        assert_eq!(
            row(&it, "8"),
            ("transaction", "that of the client's command")
        );
        assert_eq!(row(&it, "BSY"), ("status", "Busy"));
        assert_eq!(row(&it, "1"), ("network", "Passport"));
        assert_eq!(row(&it, "Busy%20User"), ("friendly name", "\"Busy User\""));
        assert!(row(&it, "1085276192").1.contains("MSNC4"));
        assert_eq!(row(&it, "%3Cmsnobj%2F%3E"), ("msnobj", "\"<msnobj/>\""));
        assert_eq!(it.notes, Vec::<String>::new());
    }
}

#[test]
fn each_shape_has_its_own_form_of_presence() {
    for (shape, line, raw, name) in [
        ("8", "ILN 8 BSY a@b A 7", "7", "capabilities"),
        ("9", "ILN 8 BSY a@b A 7 0", "0", "msnobj"),
        ("14", "ILN 8 BSY a@b 32 A 7 0", "32", "network"),
        ("16/mac", "ILN 8 BSY a@b 32 A 7 0", "7", "capabilities"),
        ("16", "ILN 8 BSY a@b 32 A 7:48 0", "7:48", "capabilities"),
        ("18", "NLN BSY 32:a@b A 7:48 0", "32:a@b", "contact"),
    ] {
        let shape = shape.parse().expect("a shape");
        let it = explain(line.as_bytes(), None, Direction::Out, Some(shape));
        assert_eq!(row(&it, raw).0, name, "{it}");
        assert_eq!(it.notes, Vec::<String>::new(), "{it}");
        let guessed = explain(line.as_bytes(), None, Direction::Out, None);
        assert_eq!(guessed.rows, it.rows, "{line}");
    }
}

#[test]
fn a_presence_without_msnobj_is_said_to_lack_it() {
    let mac = Shape::new(Dialect::MSNP16, Family::Mac);
    let line = b"ILN 8 BSY busy@local 1 Busy%20User 1085276192";
    let it = explain(line, None, Direction::Out, Some(mac));
    assert!(it.notes[0].contains("too few"), "{it}");
    assert!(it.notes[1].contains("silently"), "{it}");
    let it = explain(line, None, Direction::Out, "8".parse().ok());
    assert!(!it.notes.concat().contains("silently"), "{it}");
}

#[test]
fn the_golden_login_is_explained_with_every_parameter_named() {
    let mac = Shape::new(Dialect::MSNP16, Family::Mac);
    for (direction, line) in LOGIN {
        for shape in [None, Some(mac)] {
            let it = explain(line.as_bytes(), None, *direction, shape);
            assert_eq!(it.rows.len(), line.split(' ').count() - 1, "{it}");
            assert!(it.rows.iter().all(|row| row.name != "one too many"), "{it}");
            assert_eq!(it.notes, Vec::<String>::new(), "{it}");
        }
    }
}

#[test]
fn lists_and_errors_are_named() {
    let payload = b"<ml l=\"1\"><d n=\"local\"><c n=\"away\" l=\"3\" t=\"1\" /></d></ml>";
    let line = format!("ADL 5 {}", payload.len());
    let it = explain(line.as_bytes(), Some(payload), Direction::In, None);
    assert_eq!(it.notes, ["away@local: forward, allow; Passport"]);
    assert_eq!(it.payload.len(), 5);
    let it = explain(b"911 4", None, Direction::Out, None);
    assert!(it.title.contains("authentication failed"), "{it}");
    let it = explain(b"XYZ 1 2", None, Direction::In, None);
    assert_eq!(it.notes, ["unknown verb XYZ"]);
}

#[test]
fn a_wrong_length_is_said() {
    let it = explain(b"UUX 9 5", Some(b"abc"), Direction::In, None);
    assert!(
        it.notes
            .iter()
            .any(|n| n.contains("5 bytes, the payload has 3")),
        "{it}"
    );
}

#[test]
fn a_line_that_stands_alone_is_given_to_its_sender() {
    for (direction, line) in LOGIN {
        let (guessed, open) = guess_direction(line.as_bytes());
        // What both write alike is not to be told apart, and that is said.
        assert!(guessed == *direction || open, "{line}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_explained_safely(
        start in "(ILN|NLN|UBX|ADL|UUX|MSG|CHG|911|[A-Z]{3})?( [0-9]{1,3})?", line: Vec<u8>,
        payload: Option<Vec<u8>>, out: bool, number in 7u8..19, mac: bool
    ) {
        let line = [start.as_bytes(), b" ", &line].concat();
        let direction = if out { Direction::Out } else { Direction::In };
        let family = if mac { Family::Mac } else { Family::Windows };
        let shape = Dialect::new(number).map(|d| Shape::new(d, family));
        let it = explain(&line, payload.as_deref(), direction, shape);
        for line in it.to_string().lines() {
            prop_assert!(!line.chars().any(is_unsafe_on_screen), "{:?}", line);
        }
        let _ = guess_direction(&line);
    }
}

#[test]
fn an_enormous_line_is_explained_in_bounds() {
    let line = b"ILN 8 BSY "
        .iter()
        .copied()
        .chain(std::iter::repeat_n(b'%', 1_000_000))
        .collect::<Vec<_>>();
    assert!(
        explain(&line, Some(&line), Direction::Out, None)
            .to_string()
            .len()
            < 20_000
    );
    let line = b"MSG "
        .iter()
        .copied()
        .chain(b"a ".repeat(500_000))
        .collect::<Vec<_>>();
    assert!(
        explain(&line, Some(&line), Direction::Out, None)
            .to_string()
            .len()
            < 20_000
    );
}

#[test]
fn a_peer_to_peer_message_is_told_with_its_binary_header() {
    // The header of aMSN 0.99b, as watched, with a shorter invitation.
    let slp = b"INVITE MSNMSGR:a@b.c MSNSLP/1.0\r\nTo: <msnmsgr:a@b.c>\r\nFrom: <msnmsgr:d@e.f>\r\nVia: MSNSLP/1.0/TLP ;branch={1}\r\nCSeq: 0\r\nCall-ID: {2}\r\nContent-Length: 0\r\n\r\n\0";
    let mut payload = b"MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: a@b.c\r\n\r\n\0\0\0\0\xbc\x90\xf2,\0\0\0\0\0\0\0\0".to_vec();
    let length = slp.len() as u8;
    payload.extend([length, 0, 0, 0, 0, 0, 0, 0, length, 0, 0, 0, 2, 0, 0, 0]);
    payload.extend([0; 16]);
    payload.extend(slp);
    payload.extend([0; 4]);
    let line = format!("MSG 47 D {}", payload.len());
    let explanation = explain(line.as_bytes(), Some(&payload), Direction::In, None);
    assert_eq!(
        explanation.notes,
        [
            format!(
                "header (MSNC1): session 0, identifier 754094268, bytes 0 to {length} of {length}, acknowledgement"
            ),
            "it acknowledges 0 bytes of the message 0".to_owned(),
            "INVITE".to_owned(),
        ]
    );
}

#[test]
fn a_verb_of_the_other_side_is_said_to_be_one() {
    let of = |line: &[u8], direction| explain(line, None, direction, None).title;
    assert_eq!(
        of(b"PNG", Direction::Out),
        "PNG  sent by the client, never by the service"
    );
    assert_eq!(
        of(b"QNG 60", Direction::In),
        "QNG  sent by the service, never by a client"
    );
    assert_eq!(of(b"FOO 1", Direction::In), "FOO  not in the dictionary");
}
