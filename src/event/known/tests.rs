use super::readings::{READINGS, View};
use super::*;
use crate::event::{Sentence, say};
use crate::msnp::percent;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use proptest::prelude::*;

const MARKER: &str = "Q7fK2mZpX9wL";
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn known(password: &str) -> Known {
    let known = Known::default();
    known.tickets_begin_with(MARKER);
    known.password(HERE, password);
    known
}

fn shown(known: &Known, text: &str) -> String {
    known.hidden_in(text.to_owned())
}

fn finder(known: &Known) -> Arc<Finder> {
    known.finder.read().clone().expect("something is known")
}

#[test]
fn a_ticket_is_hidden_to_its_end_cut_folded_or_in_base64() {
    let known = Known::default();
    known.tickets_begin_with(MARKER);
    let ticket = format!("t={MARKER}abc-DEF_123&p=");
    assert_eq!(
        shown(&known, &format!("PRP 6 MFN {ticket} x")),
        "PRP 6 MFN t=***&p= x"
    );
    assert_eq!(shown(&known, &format!("a {}", &ticket[..16])), "a t=***");
    assert_eq!(
        shown(&known, &format!("t={MARKER}ab\r\n\tcd&p=\r\nx: y")),
        "t=***&p=\r\nx: y"
    );
    for before in ["", "x", "xy", "t="] {
        let hidden = shown(
            &known,
            &STANDARD_NO_PAD.encode(format!("{before}{MARKER}secret")),
        );
        assert!(hidden.ends_with("***") && hidden.len() < 8, "{hidden}");
    }
}

#[test]
fn a_secret_is_hidden_in_the_clients_that_a_command_lists() {
    let mut info = crate::event::ClientInfo::new(
        crate::event::ClientId(1),
        ([127, 0, 0, 1], 1).into(),
        crate::event::Timestamp(0),
    );
    info.name = Some(format!("t={MARKER}abc x"));
    let mut kind = EventKind::Reply(Box::new(crate::event::Reply {
        command: crate::event::CommandId(1),
        ok: true,
        text: Sentence::default(),
        data: crate::event::ReplyData::Clients(vec![info]),
    }));
    known("secret12").hide(&mut kind);
    let EventKind::Reply(reply) = kind else {
        unreachable!()
    };
    let crate::event::ReplyData::Clients(clients) = reply.data else {
        unreachable!()
    };
    assert_eq!(clients[0].name.as_deref(), Some("t=*** x"));
}

#[test]
fn the_oldest_of_many_passwords_goes() {
    let known = known("the first one");
    // One that goes is found until the next time that all are built.
    for n in 0..=PASSWORDS + FRESH {
        known.password(HERE, &format!("password number {n}"));
    }
    assert_eq!(
        shown(&known, "the first one, password number 99."),
        "the first one, ***."
    );
    assert_eq!(known.words.lock().passwords.len(), PASSWORDS);
}

#[test]
fn a_password_of_four_letters_is_hidden_as_a_whole_word_and_not_within_others() {
    for (text, wanted) in [
        ("PRP 5 MFN text", "PRP 5 MFN ***"),
        (
            "<a>text</a> x=\"text\"&y=text;",
            "<a>***</a> x=\"***\"&y=***;",
        ),
        ("text text", "*** ***"),
        ("Content-Type: text/plain", "Content-Type: text/plain"),
        (
            "text@local http://text:1/text",
            "text@local http://text:1/text",
        ),
        ("context texts", "context texts"),
        ("%74ext", "***"),
    ] {
        assert_eq!(shown(&known("text"), text), wanted);
    }
    assert_eq!(shown(&known("abc"), "abc"), "abc");
}

#[test]
fn a_password_over_the_beginning_of_another_secret_uncovers_nothing_of_it() {
    let known = known("hunter22");
    // Somebody who knows how tickets of this run begin.
    known.password(HERE, &format!("t={}", &MARKER[..6]));
    known.password(HERE, "xhunte");
    known.password(HERE, "longlonghunter22long");
    assert_eq!(shown(&known, &format!("a t={MARKER}abc d")), "a *** d");
    assert_eq!(shown(&known, "a xhunter22 b"), "a *** b");
    assert_eq!(shown(&known, "longlonghunter22 b"), "longlong*** b");
    // The beginning of a password at the end of a text is hidden too.
    assert_eq!(shown(&known, "longlonghunter22"), "***");
    assert_eq!(shown(&known, "longlonghunter22long"), "***");
}

#[test]
fn whoever_shows_many_passwords_pushes_out_their_own() {
    let known = known("the victim's");
    for n in 0..10 * PASSWORDS {
        known.password(
            IpAddr::from([192, 0, 2, 1]),
            &format!("password number {n}"),
        );
    }
    assert_eq!(shown(&known, "it is the victim's"), "it is ***");
    assert_eq!(known.words.lock().passwords.len(), PASSWORDS);
}

#[test]
fn of_a_sentence_what_it_quotes_is_hidden_and_our_words_stay() {
    let known = known("refused");
    known.password(HERE, "two words");
    let (first, two, words) = ("refused", "two", "words");
    for (sentence, wanted) in [
        (say!("{first} was refused"), "*** was refused"),
        ("it was refused".into(), "it was refused"),
        ("it was refused".to_owned().into(), "it was ***"),
        // With a blank of ours between.
        (say!("{two} {words}"), "*** ***"),
    ] {
        let mut sentence = sentence;
        known.hiding(&finder(&known)).sentence(&mut sentence);
        assert_eq!(sentence, wanted);
    }
}

#[test]
fn a_password_is_hidden_however_a_client_of_the_time_could_write_it() {
    let password = "hu&nt\"er=2\u{e4}";
    let known = known(password);
    let each = |write: &dyn Fn(char) -> String| password.chars().map(write).collect::<String>();
    let utf16: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let base64 = STANDARD_NO_PAD.encode(password);
    let mut percent = password.to_owned();
    for _ in 0..4 {
        percent = percent.bytes().map(|b| format!("%{b:02X}")).collect();
    }
    for form in [
        each(&|c| format!("&#{}", u32::from(c))),
        each(&|c| format!("&#x{:x}", u32::from(c))).replace("&#x75", "u"),
        each(&|c| format!("&#{:020};", u32::from(c))),
        each(&|c| format!("%u{:04x}", u32::from(c))),
        password.bytes().map(|b| format!("\\{b:03o}")).collect(),
        password.bytes().map(|b| format!("{b:02x}")).collect(),
        password.bytes().map(|b| format!("{b:02X}")).collect(),
        STANDARD_NO_PAD.encode(&utf16),
        STANDARD_NO_PAD.encode(&big),
        format!("{}\r\n {}", &base64[..8], &base64[8..]),
        format!("=?utf-8?B?{base64}?="),
        percent,
        // One way within another, of three kinds.
        each(&|c| format!("%26%2523{};", u32::from(c))),
        format!(
            "<a><![CDATA[{}]]><!-- x -->{}</a>",
            &password[..4],
            &password[4..]
        ),
        format!(
            "<b>{}</b>{}",
            &password[..4].replace('&', "&amp;"),
            &password[4..].replace('"', "&quot;")
        ),
    ] {
        let text = shown(&known, &format!("x {form} y"));
        assert!(text.contains("***"), "{form}: {text}");
        assert!(!text.contains(&form), "{form}: {text}");
    }
    let latin: Vec<u8> = password.chars().map(|c| u32::from(c) as u8).collect();
    for bytes in [utf16, big, latin] {
        assert!(
            finder(&known)
                .read(&bytes)
                .iter()
                .any(|range| range.len() >= bytes.len() - 1),
            "{bytes:?}"
        );
    }
}

#[test]
fn a_password_is_hidden_in_other_capitals_with_what_nobody_sees_in_it_and_packed_twice() {
    let known = known("Hunter22x");
    let percent: String = "Hunter22x".bytes().map(|b| format!("%{b:02X}")).collect();
    let digits = |bytes: &[u8], between: &str| {
        let digits: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
        digits.join(between)
    };
    let utf16: Vec<u8> = "Hunter22x"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let base64 = |bytes: &str| STANDARD_NO_PAD.encode(bytes);
    for form in [
        "hunter22x".to_owned(),
        "HUNTER22X".to_owned(),
        "hUNTER22X".to_owned(),
        "Hun\u{200b}ter\u{ad}22\u{feff}x".to_owned(),
        "Hun%E2%80%8Bter22x".to_owned(),
        "Hun\u{1}ter22x".to_owned(),
        digits(&utf16, ""),
        digits(b"Hunter22x", ":"),
        digits(b"Hunter22x", " "),
        digits(percent.as_bytes(), ""),
        digits(base64("Hunter22x").as_bytes(), ""),
        base64(&percent),
        base64(&base64("Hunter22x")),
        base64(&base64(&percent)),
        base64(&digits(b"Hunter22x", "")),
        percent::encode(&base64(&percent)),
    ] {
        // The last zero of UTF-16 is no part of it.
        let text = shown(&known, &format!("x {form} y")).replace("***00", "***");
        assert_eq!(text, "x *** y", "{form}");
    }
    // A word of others is hidden as a whole word alone.
    let word = self::known("ticket");
    let text = shown(&word, "Ticket <TicketToken> ticketToken TICKET");
    assert_eq!(text, "*** <TicketToken> ***Token ***");
    for open in ["x hunter y", "AAAAAAAAAAAAAAAA", "00:11:22:33:44:55:66"] {
        assert_eq!(shown(&known, open), open);
    }
}

#[test]
fn what_is_written_at_a_passwords_place_is_read_as_its_reader_would() {
    let known = Known::default();
    known.written(HERE, &[]);
    assert_eq!(shown(&known, "one&two22"), "one&two22");
    known.written(
        HERE,
        &[
            b"one%26two22".to_vec(),
            b"a&amp;b&lt;c".to_vec(),
            b"abc".to_vec(),
        ],
    );
    assert_eq!(shown(&known, "one&two22 a&b<c abc"), "*** *** abc");
}

#[test]
fn a_password_in_a_code_page_is_hidden_in_that_code_page() {
    let known = Known::default();
    known.written(HERE, &[b"%EF%E0%F0%EE%EB%FC77".to_vec()]);
    let hidden = finder(&known).read(b"x \xef\xe0\xf0\xee\xeb\xfc77 y");
    assert_eq!(hidden, std::iter::once(2..10).collect::<Vec<_>>());
    let text = r"x \xEF\xE0\xF0\xEE\xEB\xFC77 %EF%E0%F0%EE%EB%FC77 y";
    assert_eq!(shown(&known, text), "x *** *** y");
}

#[test]
fn what_a_recording_shows_late_is_hidden_from_its_beginning_and_our_words_stay() {
    let written = [b"hunter%322".to_vec(), b"refused".to_vec()];
    let known = Known::recorded(written.into_iter());
    assert_eq!(shown(&known, "a hunter22 refused b"), "a *** *** b");
    let mut sentence: Sentence = "hunter22 was refused".to_owned().into();
    known.hiding(&finder(&known)).sentence(&mut sentence);
    assert_eq!(sentence, "*** was refused");
}

#[test]
fn a_ticket_without_its_first_letters_and_a_cookie_are_hidden_wherever_they_stand() {
    let known = known("secret12");
    assert_eq!(
        shown(&known, &format!("x {}abc-d y", &MARKER[3..])),
        "x *** y"
    );
    let cookie = "1795965771.12.5532974215775929854";
    assert_eq!(shown(&known, &format!("x{{{cookie}}} y")), "x{***} y");
    assert_eq!(shown(&known, "1795965771%2E1%2e553297421"), "***");
    for open in [
        "8.5.1302 127.0.0.1",
        "1795965771.12.55",
        "1795965771..553297421",
        "11795965771.1.553297421",
        ".",
    ] {
        assert_eq!(shown(&known, open), open);
    }
}

#[test]
fn what_a_client_writes_of_a_contact_is_hidden_and_the_roster_is_left_as_it_is() {
    use crate::event::{Became, ContactChange, Reply};
    let known = known("secret12");
    let mut contact = Contact::new("a@b", Some("my secret12".to_owned()));
    contact.personal.message = "secret12".to_owned();
    let contact = Arc::new(contact);
    let change = ContactChange {
        change: Became::Added,
        contact: contact.clone(),
        by: None,
        told: 0,
    };
    let reply = Reply {
        command: crate::event::CommandId(1),
        ok: true,
        text: "".into(),
        data: ReplyData::Contacts(vec![contact.clone()]),
    };
    for mut kind in [
        EventKind::Contact(Box::new(change)),
        EventKind::Reply(Box::new(reply)),
    ] {
        known.hide(&mut kind);
        let json = format!("{kind:?}");
        assert!(
            !json.contains("secret12") && json.contains("my ***"),
            "{json}"
        );
    }
    assert_eq!(contact.name, "my secret12");
}

#[test]
fn the_passwords_that_are_listed_are_hidden_though_nobody_has_shown_them() {
    let known = known("secret12");
    known.listed(["another one", "abc"].into_iter());
    assert_eq!(shown(&known, "another one, secret12, abc"), "***, ***, abc");
}

#[test]
fn many_beginnings_of_tickets_in_one_run_of_letters_are_one_secret_and_the_run_is_read_once() {
    let known = known("secret12");
    // Read to its end from each beginning, it would take hours.
    let run = MARKER.repeat(100_000);
    assert_eq!(
        shown(&known, &format!("a {run}!b {MARKER}.c")),
        "a ***!b ***.c"
    );
    assert_eq!(shown(&known, &format!("{MARKER}secret12!")), "***!");
}

#[test]
fn a_frame_that_many_are_sent_is_searched_once_and_anew_when_more_is_known() {
    use crate::event::{FrameEvent, Service};
    use crate::msnp::Frame;
    let known = known("secret12");
    let frame = Frame::from_wire(Bytes::from(format!("MSG {MARKER}x secret99 secret12\r\n")));
    let hidden = |frame: &Frame| {
        let mut kind = EventKind::Frame(FrameEvent {
            service: Service::Switchboard,
            direction: Direction::Out,
            frame: frame.clone(),
            secrets: Secrets::default(),
            injected: false,
        });
        known.hide(&mut kind);
        let EventKind::Frame(frame) = kind else {
            unreachable!()
        };
        frame.secrets.0
    };
    let held = || known.last.lock().as_ref().map(|last| last.wire.as_ptr());
    assert_eq!(held(), None);
    let first = hidden(&frame);
    assert_eq!(first, [4..17, 27..35]);
    assert_eq!(held(), Some(frame.wire().as_ptr()));
    // What was found is what is taken, and is not looked for.
    if let Some(last) = known.last.lock().as_mut() {
        last.found.pop();
    }
    assert_eq!(hidden(&frame), Secrets::one(4, 17).0);
    known.password(HERE, "secret99");
    assert_eq!(hidden(&frame), [4..17, 18..26, 27..35]);
    let other = Frame::from_wire(Bytes::from_static(b"MSG secret12\r\n"));
    assert_eq!(hidden(&other), Secrets::one(4, 12).0);
}

#[test]
fn what_is_read_stands_where_it_was_written() {
    for (sign, written, read) in [
        (b'%', "a%41b%zz%4", "aAb%zz%4"),
        (b'&', "&amp;&lt;x&nope;&#228;", "&<x&nope;ä"),
        (b'\n', "ab\r\n\tc\n", "abc\n"),
        (b'\n', "\r\n \r\nx", "x"),
        (b'=', "=41=\r\n=4x", "A=4x"),
    ] {
        let reading = READINGS.iter().find(|reading| reading.sign == sign);
        let view = View::of(written.as_bytes(), reading.expect("a reading")).expect("a view");
        assert_eq!(String::from_utf8_lossy(&view.bytes), read);
        let mut before = 0;
        for place in 0..=view.bytes.len() {
            let at = view.at(place);
            assert!(at >= before && at <= written.len());
            before = at;
        }
        assert_eq!(view.at(view.bytes.len()), written.len());
        let last = view.bytes.len() - 1;
        let byte = view.bytes[last];
        assert!(!byte.is_ascii_lowercase() || written.as_bytes()[view.at(last)] == byte);
    }
    assert!(View::of(b"100% =zz", &READINGS[0]).is_none());
}

/// The ways of writing a text, by which the tests go.
fn written(text: &str, way: usize) -> String {
    let each = |write: &dyn Fn(char) -> String| text.chars().map(write).collect::<String>();
    let bytes = |write: fn(u8) -> String| text.bytes().map(write).collect::<String>();
    match way {
        0 => text.to_owned(),
        1 => bytes(|b| format!("%{b:02X}")),
        2 => bytes(|b| match b {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(b).to_string(),
            b' ' => "+".into(),
            b => format!("%{b:02x}"),
        }),
        3 => each(&|c| format!("&#{};", u32::from(c))),
        4 => each(&|c| match c {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            c => c.to_string(),
        }),
        5 => each(&|c| format!("\\u{:04x}", u32::from(c))),
        6 => each(&|c| match c {
            '\\' | '"' => format!("\\{c}"),
            c => c.to_string(),
        }),
        7 => bytes(|b| format!("={b:02X}")),
        8 => {
            let (half, rest) = text.split_at(text.floor_char_boundary(text.len() / 2));
            format!("{half}\r\n\t{rest}")
        }
        9 => {
            let (half, rest) = text.split_at(text.floor_char_boundary(text.len() / 2));
            format!("{half}=\r\n{rest}")
                .replace('=', "=3D")
                .replace("=3D\r\n", "=\r\n")
        }
        _ => STANDARD_NO_PAD.encode(text),
    }
}

const WAYS: usize = 11;

proptest! {
    #[test]
    fn a_password_is_hidden_in_every_form_and_in_one_within_another(
        password in "[a-zä]{3}[!-~ä€]{3,20}[a-z]", before in "[a-z ]{0,9}", after in "[ .]{1,3}",
        inner in 0..WAYS, outer in 0..WAYS
    ) {
        let known = known(&password);
        // What is in base64 already is found by its letters, which need the whole of it to be read.
        prop_assume!(outer < WAYS - 1 || inner == 0);
        // A line is not folded twice at one place.
        prop_assume!(![8, 9].contains(&outer) || ![8, 9].contains(&inner));
        let form = written(&written(&password, inner), outer);
        let text = shown(&known, &format!("{before}{form}{after}"));
        prop_assert!(text.contains("***"), "{form}: {text}");
        prop_assert!(!text.contains(&form), "{form}: {text}");
        let whole = STANDARD_NO_PAD.encode(format!("{before}{password}{after}"));
        prop_assert!(shown(&known, &whole).contains("***"));
        if !before.contains(&password) {
            prop_assert_eq!(shown(&known, &before), before);
        }
    }

    #[test]
    fn any_bytes_are_searched_and_ranges_are_within(bytes: Vec<u8>, signs in "[%&\\\\=+\n;#xu0-9a-f]{0,60}") {
        let known = known("hunter2");
        for bytes in [&bytes[..], signs.as_bytes(), &[signs.as_bytes(), b"%68unter2", &bytes].concat()] {
            for range in finder(&known).read(bytes) {
                prop_assert!(range.start < range.end && range.end <= bytes.len());
            }
        }
    }

    #[test]
    fn every_event_that_quotes_a_secret_is_hidden(password in "[a-zA-Z0-9]{8,16}", at in 0usize..6) {
        let known = known(&password);
        let secret = if at % 2 == 0 { password.clone() } else { format!("{MARKER}xyz") };
        let quoted = format!("he said {secret} and left");
        let mut kind = match at {
            0 => EventKind::Notice { severity: super::super::Severity::Info, text: quoted.into() },
            1 => EventKind::SignedOut { account: "a@b".into(), reason: super::super::Ending::other(quoted) },
            2 => EventKind::Disconnected {
                service: super::super::Service::Notification, reason: super::super::Ending::other(quoted), bytes_in: 0, bytes_out: 0,
            },
            _ => EventKind::Finding(Box::new(super::super::Finding {
                id: super::super::FindingId::BareLf, severity: super::super::Severity::Info, field: quoted.clone().into(), text: quoted.into(), evidence: None,
            })),
        };
        known.hide(&mut kind);
        let all = format!("{:?}", kind);
        prop_assert!(!all.contains(&secret));
    }
}
