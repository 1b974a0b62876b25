//! The session as a value: fed with anything, it neither panics nor grows, and its answers keep their
//! order.

use super::session::{Done, Input, Output, Request, Session, Surroundings};
use crate::event::{ClientId, Detail, EventKind, Step, Timestamp};
use crate::msnp::behind::Behind;
use crate::msnp::{Decoder, Dialect, Direction, Frame, Shape, TransactionId};
use crate::roster::{Me, Roster};
use crate::server::book::{Kept, Numbers, Synchronised, plan};
use crate::server::seen::Seen;
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use std::net::SocketAddr;
use std::sync::Arc;

fn new() -> Session {
    Session::new(
        ClientId(1),
        SocketAddr::from(([127, 0, 0, 1], 4)),
        Timestamp(0),
    )
}

fn around<T>(take: impl FnOnce(&Surroundings<'_>) -> T) -> T {
    take(&Surroundings {
        now: Timestamp(1_000_000),
        behind: Behind::default(),
        pages: "http://127.0.0.1:8080/",
        switchboard: None,
        nonce: &|| "nonce".into(),
        question: &|| "question".into(),
        served: crate::msnp::Dialects::ALL,
        strict: true,
        network: &|account| (account == "busy@local").then_some(1),
        waiting: &|_| 0,
        listed: &|_| false,
        dispatch: &|_| None,
    })
}

/// Feeds an input, answers what the session asks of the hub, and gives back all that came out.
fn feed(session: &mut Session, input: Input, good_ticket: bool) -> Vec<Output> {
    let mut all = Vec::new();
    let mut next = Some(input);
    while let Some(input) = next.take() {
        let mut out = Vec::new();
        around(|a| session.handle(input, a, &mut out));
        for output in &out {
            next = match output {
                Output::Ask(Request::SignIn { transaction, .. }) if good_ticket => {
                    let (name, ticket) = ("Me".into(), "ticket".into());
                    Some(Input::Admitted(
                        *transaction,
                        Box::new(super::Welcome {
                            name,
                            ticket,
                            loosely: None,
                        }),
                    ))
                }
                Output::Ask(Request::SignIn { transaction, .. }) => {
                    Some(Input::Refused(*transaction, Detail::Ticket, "no".into()))
                }
                Output::Ask(Request::Subscribe(transaction)) => {
                    let roster = Roster::shipped().expect("the shipped roster");
                    let seen = Seen {
                        roster: Arc::new(roster),
                        ..Seen::default()
                    };
                    Some(Input::Subscribed(*transaction, Box::new(seen)))
                }
                Output::Ask(Request::Synchronise(transaction, known)) => {
                    let roster = Roster::shipped().expect("the shipped roster");
                    let all = Synchronised {
                        roster: Arc::new(roster),
                        numbers: Arc::default(),
                        me: Me::new("me@local"),
                        version: 9,
                    };
                    let known = known.clone();
                    Some(Input::Synchronised(*transaction, known, Box::new(all)))
                }
                Output::Ask(Request::Note(transaction, note)) => {
                    let taken = ["busy@local", "me@local"].contains(&note.to.as_str());
                    Some(Input::Noted(*transaction, note.to.clone(), taken))
                }
                Output::Ask(Request::Pass(passed)) => {
                    let taken = passed.to == "busy@local";
                    Some(Input::Passed(passed.clone(), taken))
                }
                Output::Ask(Request::Keep(ask)) => {
                    let roster = Roster::shipped().expect("the shipped roster");
                    let result = plan(&roster, &Numbers::default(), &ask.change);
                    let (ask, result) = ((**ask).clone(), result.map(|_| Kept::default()));
                    Some(Input::Kept(Box::new(Done { ask, result })))
                }
                _ => continue,
            };
        }
        all.extend(out);
    }
    while session.is_listing() {
        session.list_next(&mut all);
    }
    all
}

fn frame(text: &str) -> Input {
    Input::Frame(Frame::from_wire(Bytes::copy_from_slice(text.as_bytes())))
}

fn signed_in() -> Session {
    let mut session = new();
    for line in [
        "VER 1 MSNP16\r\n",
        "CVR 2 0x0409 mac 10.14.6 i386 macmsgs 8.0.1 macmsgs me@local\r\n",
        "USR 3 TWN I me@local\r\n",
        "USR 4 TWN S t=x&p= guid\r\n",
    ] {
        feed(&mut session, frame(line), true);
    }
    assert_eq!(session.info().step, Step::SignedIn);
    session
}

fn sent(outputs: &[Output]) -> Vec<String> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Send(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn shapes_other_than_the_macs_are_echoed_and_not_acknowledged() {
    let mut session = signed_in();
    let shape: Shape = "MSNP15".parse().expect("a shape");
    feed(&mut session, Input::Reshape(shape), true);
    for (line, answer) in [
        ("PRP 5 MFN A%20b\r\n", "PRP 5 MFN A%20b\r\n"),
        ("BLP 6 BL\r\n", "BLP 6 BL\r\n"),
        ("UUX 7 0\r\n", "UUX 7 0\r\n"),
        ("UUN 8 busy@local 1 2\r\nhi", "UUN 8 OK\r\n"),
    ] {
        assert_eq!(sent(&feed(&mut session, frame(line), true)), [answer]);
    }
}

#[test]
fn every_refusal_has_an_event_that_names_the_field_and_the_reason() {
    for line in [
        "CHG 5 XYZ 0\r\n",
        "BLP 6 XX\r\n",
        "ADL 7 4\r\n<ml>",
        "UUX 8 3\r\n<a>",
        "URL 9\r\n",
        "UUN 10 x@y 1 0\r\n",
        "XFR 11 SB\r\n",
        "SYN 12 0 0\r\n",
        "PRP 13 MFN\r\n",
        "USR 14 TWN I me@local\r\n",
    ] {
        let outputs = feed(&mut signed_in(), frame(line), true);
        let told = outputs.iter().any(|output| {
            matches!(output, Output::Tell(EventKind::Finding(f)) if !f.field.is_empty() && f.text.len() > 10)
        });
        let codes = sent(&outputs);
        assert!(told, "{line:?}");
        assert!(
            codes.len() == 1 && codes[0].as_bytes()[..3].iter().all(u8::is_ascii_digit),
            "{line:?}: {codes:?}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_is_fed_nothing_panics_and_nothing_grows(
        lines in proptest::collection::vec(
            "(VER|CVR|USR|ADL|RML|PRP|BLP|CHG|UUX|URL|UUN|UUM|SDG|FQY|PNG|OUT|SYN|QRY|GCF|SBS|XFR|GTC|ADD|ADC|REM|REA|SBP|ADG|REG|RMG|SDC|LKP|[A-Z]{3}) ?[0-9]{0,5}( (NLN|MFN|TWN|I|S|AL|[!-~]{0,12})){0,6} ?[0-9]{0,2}\r?\n",
            0..40,
        ),
        good in any::<bool>(),
    ) {
        let mut session = new();
        let mut decoder = Decoder::new(Direction::In);
        let mut buffer = BytesMut::from(lines.concat().as_bytes());
        loop {
            let outputs = match decoder.next(&mut buffer) {
                Ok(Some(frame)) => feed(&mut session, Input::Frame(frame), good),
                Ok(None) => break,
                Err(error) => {
                    let outputs = feed(&mut session, Input::Undecodable(error), good);
                    prop_assert!(outputs.iter().any(|o| matches!(o, Output::Close(_))));
                    break;
                }
            };
            // The longest answer is the first CHG's: itself and two frames for each contact seen.
            prop_assert!(outputs.len() <= 20, "{outputs:?}");
            let answer: usize = sent(&outputs).iter().map(String::len).sum();
            prop_assert!(answer < 4 * 1024 + 8 * 1024);
        }
    }

    #[test]
    fn an_answer_bears_its_commands_transaction_id(id in any::<u32>(), verb in "(ADL|BLP AL|CHG NLN|URL X|PRP MFN x)") {
        let (verb, rest) = verb.split_once(' ').unwrap_or((&verb, ""));
        let payload = if verb == "ADL" { "5\r\n<ml/>" } else { "\r\n" };
        let line = format!("{verb} {id} {rest}{payload}");
        let answers = sent(&feed(&mut signed_in(), frame(&line), true));
        let second = answers[0].split_whitespace().nth(1).map(str::as_bytes);
        prop_assert_eq!(second.and_then(TransactionId::parse), Some(TransactionId(id)), "{}", answers[0]);
    }
}

/// A client of Windows that has signed in at this dialect.
fn windows(number: u8) -> Session {
    let mut session = new();
    for line in [
        &format!("VER 1 MSNP{number}\r\n"),
        "CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS me@local\r\n",
        "USR 3 TWN I me@local\r\n",
        "USR 4 TWN S t=x&p=\r\n",
    ] {
        feed(&mut session, frame(line), true);
    }
    assert_eq!(session.info().step, Step::SignedIn, "MSNP{number}");
    session
}

#[test]
fn a_phone_number_is_looked_up_from_msnp12_on_and_anything_else_is_no_parameter() {
    let asked = |line: &str| sent(&feed(&mut windows(12), frame(line), true));
    let fine = "LKP 10 tel:+31123456789\r\n";
    assert_eq!(asked(fine), [fine]);
    for wrong in [
        "LKP 10 helloworld\r\n",
        "LKP 10 tel%3A%2B31123456789\r\n",
        "LKP 10 tel:+\r\n",
        "LKP 10 tel:+3112345678901234\r\n",
        "LKP 10 tel:+1 tel:+2\r\n",
        "LKP 10\r\n",
    ] {
        assert_eq!(asked(wrong), ["201 10\r\n"], "{wrong}");
    }
}

/// Commands of all dialects as they should be.
const GOOD: &[&str] = &[
    "SYN 5 0 0\r\n",
    "GTC 5 A\r\n",
    "BLP 5 BL\r\n",
    "PRP 5 PHH 01%20234\r\n",
    "ADD 5 FL busy@local Busy 1\r\n",
    "ADD 5 AL new@local New\r\n",
    "ADC 5 FL N=new@local F=New\r\n",
    "ADC 5 FL C=22222222-2222-2222-2222-222222222222 99999999-9999-9999-9999-999999999999\r\n",
    "REM 5 FL busy@local 0\r\n",
    "REM 5 FL 22222222-2222-2222-2222-222222222222\r\n",
    "REA 5 me@local Me%20Myself\r\n",
    "SBP 5 22222222-2222-2222-2222-222222222222 MFN Busy\r\n",
    "ADG 5 Friends 0\r\n",
    "REG 5 1 Work 0\r\n",
    "RMG 5 1\r\n",
    "SDC 5 a@b.c 0x0409 MSMSGS MSMSGS X X me 2\r\nhi",
    "LKP 5 somebody\r\n",
    "GCF 5 Shields.xml\r\n",
    "QRY 5 PROD0090YUAUV{2B 32\r\n85ecb0db8f32113df79ce0892b9a102c",
    "UUN 5 me@local;{a2fdea28-6985-01ac-5487-2c0d3a6a656f} 4 4\r\ngtfo",
    "ADL 5 58\r\n<ml l=\"1\"><d n=\"local\"><c n=\"phone\" l=\"3\" t=\"1\"/></d></ml>",
    "RML 5 51\r\n<ml><d n=\"local\"><c n=\"busy\" l=\"3\" t=\"1\"/></d></ml>",
    "FQY 5 41\r\n<ml><d n=\"local\"><c n=\"busy\"/></d></ml>",
    "CHG 5 NLN 1073741824 0\r\n",
    "PUT 5 2\r\nhi",
    "XYZ 5 2\r\nhi",
    "PNG\r\n",
];

/// A command that is cut, lengthened, or has two of its words change places.
fn spoilt(line: &str, how: usize, at: usize) -> String {
    let end = line.find('\r').unwrap_or(line.len());
    let (words, rest) = line.split_at(end);
    let mut words: Vec<&str> = words.split(' ').collect();
    let (first, second) = (at % words.len(), (at / 7) % words.len());
    match how {
        0 => line.to_owned(),
        1 => line[..at % (line.len() + 1)].to_owned(),
        2 => format!("{} {}{rest}", words.join(" "), "x ".repeat(at)),
        3 => {
            words.swap(first, second);
            words.join(" ") + rest
        }
        4 => {
            words.remove(first);
            words.join(" ") + rest
        }
        _ => {
            words[first] = "99999999999999999999%zz";
            words.join(" ") + rest
        }
    }
}

proptest! {
    #[test]
    fn commands_of_any_dialect_cut_lengthened_or_misordered_do_no_harm(
        number in Dialect::OLDEST.number()..=Dialect::NEWEST.number(),
        said in proptest::collection::vec((0..GOOD.len(), 0usize..6, 0usize..90), 1..24),
    ) {
        let mut session = windows(number);
        let said: String = said.iter().map(|(at, how, by)| spoilt(GOOD[*at], *how, *by)).collect();
        let mut decoder = Decoder::new(Direction::In);
        let mut buffer = BytesMut::from(said.as_bytes());
        for challenge in 0..20 {
            feed(&mut session, Input::Challenge(challenge.to_string()), true);
        }
        loop {
            let outputs = match decoder.next(&mut buffer) {
                Ok(Some(frame)) => feed(&mut session, Input::Frame(frame), true),
                Ok(None) => break,
                Err(error) => {
                    let outputs = feed(&mut session, Input::Undecodable(error), true);
                    prop_assert!(outputs.iter().any(|o| matches!(o, Output::Close(_))));
                    break;
                }
            };
            // The longest answer is that of SYN or of the first CHG: a few lines, and two for each contact.
            prop_assert!(outputs.len() <= 32, "{outputs:?}");
            let answer: usize = sent(&outputs).iter().map(String::len).sum();
            prop_assert!(answer < 16 * 1024);
            prop_assert!(session.challenges.len() <= 8);
        }
    }
}
