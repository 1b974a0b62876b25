//! What is promised of comparisons.

use super::*;
use crate::diff::normal::steps;
use crate::event::{Event, EventKind, Secrets, Timestamp};
use crate::msnp::{Direction, Frame, dictionary};
use crate::recording::golden::messenger_mac_8_0_1;
use bytes::Bytes;

/// The golden sign-in, with something done to every frame and every answer over HTTP.
fn changed(change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Event> {
    let mut events = messenger_mac_8_0_1();
    events.retain_mut(|event| {
        event.time = Timestamp(event.time.0 * 2);
        match &mut event.kind {
            EventKind::Frame(told) => match change(told.frame.wire()) {
                Some(wire) => told.frame = Frame::from_wire(Bytes::from(wire)),
                None => return false,
            },
            EventKind::Http(http) => match change(&http.response.bytes) {
                Some(bytes) => http.response.bytes = bytes.into(),
                None => return false,
            },
            _ => {}
        }
        true
    });
    events
}

fn against_golden(change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Comparison {
    compare(&steps(&messenger_mac_8_0_1()), &steps(&changed(change)))
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    Some(text.replace(from, to).into_bytes())
}

#[test]
fn where_a_client_is_sent_to_converse_and_by_which_cookie_is_no_difference() {
    let referred = |address: &str, cookie: &str, session: u32| -> Vec<Event> {
        let lines = [
            format!("XFR 9 SB {address} CKI {cookie}\r\n"),
            format!("RNG {session} {address} CKI {cookie} busy@local Busy%20User\r\n"),
        ];
        let event = |line: String| {
            let secrets = Secrets::of(dictionary::secrets(Direction::Out, line.as_bytes()));
            let kind = EventKind::Frame(crate::event::FrameEvent {
                service: crate::event::Service::Notification,
                direction: Direction::Out,
                frame: Frame::from_wire(line.into()),
                secrets,
                injected: false,
            });
            Event {
                time: Timestamp(0),
                connection: None,
                client: None,
                kind,
            }
        };
        lines.map(event).into()
    };
    let one = steps(&referred("127.0.0.1:1864", "1795328192.1.4711", 1));
    let other = steps(&referred(
        "[::1]:40123",
        "1795999999.7.12345678901234567890",
        12,
    ));
    assert_eq!(one.len(), 2);
    let compared = compare(&one, &other);
    assert_eq!(compared.differences, [], "{compared}");
    assert!(
        one.iter().all(|step| !step.name().contains("4711")),
        "{one:?}"
    );
}

#[test]
fn the_same_sign_in_with_other_ids_and_times_has_no_difference() {
    // Transaction ids are counted from elsewhere, and another machine asks.
    let renumbered = against_golden(|wire| {
        let text = String::from_utf8(wire.to_vec()).expect("text");
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        if let Some(number) = words
            .get(1)
            .and_then(|word| word.trim_end().parse::<u32>().ok())
            && text.len() > 9
            && !text.starts_with("QNG")
            && !text.starts_with("HTTP")
        {
            let end = if words[1].ends_with("\r\n") {
                "\r\n"
            } else {
                ""
            };
            // As long as before, since the secret ranges stay where they are.
            let other = if number < 10 {
                10 - number
            } else {
                number + 50
            };
            words[1] = format!("{other}{end}");
        }
        let text = words.join(" ").replace("235411cb", "00000000");
        Some(
            text.replace("10.0.10.126:8080", "127.0.0.1:40000")
                .into_bytes(),
        )
    });
    assert_eq!(renumbered.differences, [], "{renumbered}");
}

#[test]
fn a_missing_msnobj_is_what_the_bad_one_lacks() {
    let found = against_golden(|wire| replaced(wire, " %3Cmsnobj%2F%3E", ""));
    assert_eq!(found.differences.len(), 7);
    let text = found.to_string();
    assert!(
        text.starts_with("Alike up to    service: CHG #CHG NLN 1085276192:131088 (MSNP)\n"),
        "{text}"
    );
    assert!(text.contains(
        "  - service: ILN #CHG BSY busy@local 1 Busy%20User 1085276192 %3Cmsnobj%2F%3E\n"
    ));
    assert!(text.contains("  + service: ILN #CHG BSY busy@local 1 Busy%20User 1085276192\n"));
}

#[test]
fn whether_the_client_spoke_before_or_after_it_was_told_all_is_no_difference_and_another_order_is()
{
    let golden = messenger_mac_8_0_1();
    let verb = |event: &Event, verb: &[u8]| matches!(&event.kind, EventKind::Frame(told) if told.frame.verb() == verb);
    let mut early = golden.clone();
    let told = early.iter().position(|e| verb(e, b"ILN")).expect("one");
    let uux = early.iter().position(|e| verb(e, b"UUX")).expect("one");
    let said = early.remove(uux);
    early.insert(told + 3, said);
    for (a, b) in [(&golden, &early), (&early, &golden)] {
        let compared = compare(&steps(a), &steps(b));
        assert!(compared.is_same(), "{compared}");
        assert_eq!(compared.same, 53);
    }
    // The personal message of a contact before its presence.
    let mut other = golden.clone();
    other.swap(told, told + 1);
    assert!(!compare(&steps(&golden), &steps(&other)).is_same());
}

#[test]
fn a_missing_header_and_a_missing_element_are_named() {
    let text = against_golden(|wire| {
        let text = String::from_utf8(wire.to_vec()).expect("text");
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("PassportURLs"));
        let text =
            lines.collect::<Vec<_>>().join("\r\n") + if text.ends_with('\n') { "\r\n" } else { "" };
        Some(
            text.replace("<isMessengerUser>true</isMessengerUser>", "")
                .into_bytes(),
        )
    })
    .to_string();
    assert!(
        text.contains(
            "differs in     nexus: GET nexus.passport.com/rdr/pprdr.asp → 200\n  - < passporturls: "
        ),
        "{text}"
    );
    assert!(
        text.contains("  - < <isMessengerUser>true</isMessengerUser>\n"),
        "{text}"
    );
}

#[test]
fn a_missing_step_and_a_wrong_transaction_id_are_found() {
    let found = against_golden(|wire| {
        if wire.starts_with(b"ADL 5 OK") {
            return None;
        }
        replaced(wire, "ACK 9 UUX", "ACK 99 UUX")
    });
    let text = found.to_string();
    assert!(
        text.contains("lacks          service: ADL #ADL OK\n"),
        "{text}"
    );
    assert!(
        text.contains("has more       service: ACK #? UUX\n"),
        "{text}"
    );
    assert!(
        text.contains("lacks          service: ACK #UUX UUX\n"),
        "{text}"
    );
    assert_eq!(found.differences.len(), 3);
}

#[test]
fn what_is_the_same_what_differs_what_is_lacking_and_what_never_came_is_counted_apart() {
    // The client of the second skips PRP, and after CHG nothing of it comes but pings.
    let mut events = messenger_mac_8_0_1();
    let mut last = false;
    events.retain(|event| match &event.kind {
        EventKind::Frame(told) => {
            let verb = told.frame.verb();
            let kept = !last || verb == b"PNG" || verb == b"QNG";
            last |= verb == b"CHG" && told.direction == crate::msnp::Direction::In;
            kept && verb != b"PRP"
        }
        _ => true,
    });
    let compared = compare(&steps(&messenger_mac_8_0_1()), &steps(&events));
    let counts = compared.counts();
    let lacks = |verb: &str| {
        let is_it =
            |one: &Difference| matches!(one, Difference::Lacks(step) if step.name().contains(verb));
        compared.differences.iter().any(is_it)
    };
    assert!(lacks("client: PRP"), "{compared}");
    assert!(lacks("service: CHG"), "{compared}");
    let named = compared.never_came.iter().map(Step::name);
    let named: Vec<&str> = named.collect();
    assert!(
        named.iter().any(|name| name.starts_with("client: UUX")),
        "{compared}"
    );
    assert!(!named.iter().any(|name| name.contains("PRP")), "{compared}");
    let first = steps(&messenger_mac_8_0_1()).len();
    let counted = counts.same + counts.differ + counts.lacking + counts.never_came;
    assert_eq!(counted, first, "each step of the first once: {compared}");
    let text = compared.to_string();
    let sentence = format!("\n{}.\n", compared.sentence());
    assert!(text.ends_with(&sentence), "{text}");
    assert!(
        text.contains(&format!("never came     {} steps", counts.never_came)),
        "{text}"
    );
}

/// A sign-in that ends at the line that begins so, what stands in its place being said still.
fn ending_at(begins: &str, instead: Option<&str>) -> Comparison {
    let mut events = messenger_mac_8_0_1();
    let at = |event: &Event| matches!(&event.kind, EventKind::Frame(told) if told.frame.wire().starts_with(begins.as_bytes()));
    let end = events.iter().position(at).expect("there is one");
    events.truncate(end + 1);
    match (instead, &mut events[end].kind) {
        (Some(wire), EventKind::Frame(told)) => {
            told.frame = Frame::from_wire(Bytes::copy_from_slice(wire.as_bytes()));
            told.secrets = crate::event::Secrets::default();
        }
        _ => drop(events.pop()),
    }
    compare(&steps(&messenger_mac_8_0_1()), &steps(&events))
}

/// The golden sign-in up to this exchange, with this done to its answer.
fn with_answer(action: &str, change: impl Fn(String) -> String) -> Comparison {
    let mut events = messenger_mac_8_0_1();
    let at = |event: &Event| matches!(&event.kind, EventKind::Http(http) if http.action.name() == action);
    let end = events.iter().position(at).expect("there is one");
    events.truncate(end + 1);
    if let EventKind::Http(http) = &mut events[end].kind {
        let text = String::from_utf8(http.response.bytes.to_vec()).expect("text");
        http.response.bytes = change(text).into();
    }
    compare(&steps(&messenger_mac_8_0_1()), &steps(&events))
}

#[test]
fn of_each_broken_service_what_it_lacks_stands_first_and_what_follows_is_brief() {
    let no_urls = with_answer("nexus", |text| {
        let kept = |line: &&str| !line.starts_with("PassportURLs");
        text.split_inclusive('\n').filter(kept).collect()
    });
    let no_me = with_answer("ABFindAll", |text| {
        let me = text.find("<contactType>Me").expect("it is there");
        let from = text[..me].rfind("<Contact>").expect("its beginning");
        let to = me + text[me..].find("</Contact>").expect("its end");
        text[..from].to_owned() + &text[to + "</Contact>".len()..]
    });
    let refused = ending_at("USR 4 OK", Some("911 4\r\n"));
    let unanswered = {
        // The client pings as ever.
        let mut answered = false;
        let mut events = messenger_mac_8_0_1();
        events.retain(|event| match &event.kind {
            EventKind::Frame(told) => {
                let kept = !answered
                    || told.frame.wire().starts_with(b"PNG")
                    || told.frame.verb() == b"QNG";
                answered |= told.frame.verb() == b"CHG";
                kept
            }
            _ => true,
        });
        compare(&steps(&messenger_mac_8_0_1()), &steps(&events))
    };
    for (broken, begins, never) in [
        (
            no_urls,
            "Alike up to    service: USR #USR TWN S fake=1 (MSNP)\n\n\
             differs in     nexus: GET nexus.passport.com/rdr/pprdr.asp → 200\n  - < passporturls: ",
            "client: USR # TWN S",
        ),
        (
            refused,
            "Alike up to    client: USR # TWN S *** ‹guid› (MSNP)\n\n\
             lacks          service: USR #USR OK me@local 1 0\n\n\
             has more       service: 911 #USR (authentication failed",
            "client: ADL # 245",
        ),
        (
            no_me,
            "Alike up to    service: USR #USR OK me@local 1 0 (MSNP)\n\n\
             differs in     ABFindAll: POST",
            "client: ADL # 245",
        ),
        (
            unanswered,
            "Alike up to    client: CHG # NLN 1085276192:131088 (MSNP)\n\n\
             lacks          service: CHG #CHG NLN 1085276192:131088\n",
            "client: UUX # 53",
        ),
    ] {
        let text = broken.to_string();
        assert!(text.starts_with(begins), "{text}");
        assert!(
            text.contains(&format!("had stopped:\n  - {never}")),
            "{text}"
        );
        assert!(text.lines().count() < 100, "{text}");
    }
}
