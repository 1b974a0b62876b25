//! Whatever a client says at the switchboard: no panic, an error or an end with a finding, and the others are unharmed.

use super::room::{Came, Room};
use crate::event::{Ending, FindingId};
use crate::msnp::Shape;
use crate::packets::{first, later, offer};
use crate::server::switchboard::MAX_A_SECOND;
use crate::server::switchboard::people::People as _;
use proptest::prelude::*;

const SHAPES: [&str; 3] = ["8", "12", "18"];

fn message(receipt: &str, payload: &[u8]) -> Vec<u8> {
    let line = format!("MSG 5 {receipt} {}\r\n", payload.len());
    [line.as_bytes(), payload].concat()
}

fn peer(packet: &[u8], ends: (&str, &str)) -> Vec<u8> {
    let (to, from) = ends;
    let head = format!(
        "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: {to}\r\nP2P-Src: {from}\r\n\r\n"
    );
    message("D", &[head.as_bytes(), packet].concat())
}

const BARE: (&str, &str) = ("busy@local", "evil@a.test");
const GUIDS: (&str, &str) = (
    "busy@local;{11111111-1111-1111-1111-111111111111}",
    "evil@a.test;{22222222-2222-2222-2222-222222222222}",
);

fn invitation(context: &str) -> Vec<u8> {
    let body = format!(
        "EUF-GUID: {{5D3E02AB-6190-11D3-BBBB-00C04F795683}}\r\nSessionID: 77\r\nAppID: 2\r\nContext: {context}\r\n\r\n\0"
    );
    format!("INVITE MSNMSGR:busy@local MSNSLP/1.0\r\nTo: <msnmsgr:busy@local>\r\nFrom: <msnmsgr:evil@a.test>\r\nVia: MSNSLP/1.0/TLP ;branch={{1}}\r\nCSeq: 0 \r\nCall-ID: {{2}}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Each verb that a client says there, as it should be.
fn verbs() -> Vec<Vec<u8>> {
    let slp = invitation(&offer(3, "a.txt"));
    let text = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Arial; EF=; CO=0\r\n\r\nhi";
    let typing = b"MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: evil@a.test\r\n\r\n\r\n";
    let nudge = b"MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n";
    let piece = b"MIME-Version: 1.0\r\nContent-Type: image/gif\r\nMessage-ID: {1}\r\nChunks: 2\r\n\r\nbase64:R0lG";
    let old = b"MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\nApplication-Name: File Transfer\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: 33267\r\nApplication-File: a.txt\r\n\r\n";
    vec![
        b"USR 1 evil@a.test 1.2.3\r\n".to_vec(),
        b"ANS 1 evil@a.test 1.2.3 1\r\n".to_vec(),
        b"CAL 2 lunch@local\r\n".to_vec(),
        message("U", typing),
        message("A", text),
        message("N", nudge),
        message("N", piece),
        message("N", old),
        peer(
            &first(0, 1, (0, slp.len() as u64), 0, (7, 0, 0), &slp, 0),
            BARE,
        ),
        peer(&later(0, true, 0, &slp), GUIDS),
        b"PNG\r\n".to_vec(),
        b"OUT\r\n".to_vec(),
    ]
}

/// What a number at the beginning of an answer refuses, and an end that the client did not ask for, has a finding.
fn is_explained(came: &Came, said: &[u8]) {
    let text = String::from_utf8_lossy(&came.written);
    let refused = text.lines().any(|line| {
        let word = line.split(' ').next().unwrap_or_default();
        word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit())
    });
    let asked = came.ended == Some(Ending::Left);
    let owed = refused || came.ended.is_some() && !asked;
    let said = String::from_utf8_lossy(said);
    assert!(!owed || !came.findings.is_empty(), "{said:?}: {came:?}");
}

/// The evil client says this in the conversation, and goes.
fn said(room: &mut Room, bytes: &[u8]) -> Came {
    let mut evil = room.evil();
    let came = evil.hears(bytes);
    is_explained(&came, bytes);
    room.goes_on(evil);
    came
}

fn runtime() -> tokio::runtime::Runtime {
    // Calls are given up by a timer.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime")
}

#[test]
fn every_verb_cut_at_every_byte_harms_nobody() {
    let runtime = runtime();
    let _inside = runtime.enter();
    for shape in SHAPES {
        let mut room = Room::new(shape);
        for verb in verbs() {
            for cut in 0..verb.len() {
                // What is cut in a payload swallows what follows; what is cut in a line is a line of its own.
                said(&mut room, &verb[..cut]);
                said(&mut room, &[&verb[..cut], b"\r\nPNG\r\n"].concat());
            }
        }
    }
}

#[test]
fn every_verb_as_it_should_be_is_taken_so_that_what_is_cut_was_whole() {
    let runtime = runtime();
    let _inside = runtime.enter();
    for shape in SHAPES {
        let mut room = Room::new(shape);
        for verb in verbs() {
            let came = said(&mut room, &verb);
            let text = String::from_utf8_lossy(&verb).into_owned();
            let again = verb.starts_with(b"USR") || verb.starts_with(b"ANS");
            // That a file waits for the operator is nothing wrong.
            let mut wrong = came.findings.iter();
            let wrong = wrong.any(|id| *id != FindingId::FileOffered);
            assert_eq!(wrong, again, "{text:?}: {came:?}");
        }
    }
}

fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..60),
        "[\r\n:;= \t%<>{}A-Za-z0-9-]{1,60}".prop_map(String::into_bytes),
        "(MSG|CAL|USR|ANS|OUT|PNG|VER|ADL) [0-9]{0,10} ?[!-~]{0,20}\r\n"
            .prop_map(String::into_bytes),
        Just(b"\r\n".repeat(30)),
        Just(b"Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: busy@local\r\n\r\n".repeat(3)),
        Just(vec![b'x'; 9_000]),
    ]
}

/// A header of peer-to-peer with any numbers in it.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let number = || prop_oneof![Just(0_u32), Just(1), Just(77), Just(u32::MAX), any::<u32>()];
    let long = || {
        prop_oneof![
            Just(0_u64),
            Just(3),
            Just(u64::MAX),
            Just(1 << 40),
            any::<u64>()
        ]
    };
    let data = proptest::collection::vec(any::<u8>(), 0..40);
    let numbers = (number(), number(), number(), number(), number());
    (
        numbers,
        long(),
        long(),
        long(),
        data,
        any::<bool>(),
        any::<u16>(),
    )
        .prop_map(
            |(
                (session, identifier, flags, acked, footer),
                offset,
                total,
                acked_total,
                data,
                early,
                to_come,
            )| match early {
                true => first(
                    session,
                    identifier,
                    (offset, total),
                    flags,
                    (acked, footer, acked_total),
                    &data,
                    footer,
                ),
                false => {
                    let mut packet = later(session, flags % 2 == 0, usize::from(to_come), &data);
                    let at = identifier as usize % packet.len();
                    packet[at] = acked as u8;
                    packet
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn verbs_lengthened_anywhere_harm_nobody(
        which in 0usize..12, at: prop::sample::Index, noise in noise(), shape in 0usize..3,
    ) {
        let runtime = runtime();
        let _inside = runtime.enter();
        let mut room = Room::new(SHAPES[shape]);
        let mut verb = verbs().swap_remove(which);
        let at = at.index(verb.len());
        verb.splice(at..at, noise);
        said(&mut room, &verb);
    }

    #[test]
    fn verbs_in_any_order_harm_nobody_whether_or_not_a_cookie_was_shown(
        order in proptest::collection::vec(0usize..13, 1..16), shape in 0usize..3,
    ) {
        let runtime = runtime();
        let _inside = runtime.enter();
        let mut room = Room::new(SHAPES[shape]);
        let (mut evil, answer) = room.stranger();
        let mut verbs = verbs();
        verbs.push(answer.into_bytes());
        let bytes: Vec<u8> = order.iter().flat_map(|which| verbs[*which].clone()).collect();
        let came = evil.hears(&bytes);
        is_explained(&came, &bytes);
        // One that never came is no member whose going is told.
        room.goes_on(evil);
    }

    #[test]
    fn payloads_of_any_headers_and_packets_of_any_numbers_harm_nobody(
        packets in proptest::collection::vec(packet(), 1..6),
        head in noise(), ends in 0usize..2, shape in 0usize..3,
    ) {
        let runtime = runtime();
        let _inside = runtime.enter();
        let mut room = Room::new(SHAPES[shape]);
        let slp = invitation(&offer(3, "a.txt"));
        let begins = first(0, 1, (0, slp.len() as u64), 0, (7, 0, 0), &slp, 0);
        let ends = [BARE, GUIDS][ends];
        let mut bytes = peer(&begins, BARE);
        for packet in &packets {
            bytes.extend(peer(packet, ends));
            bytes.extend(message("A", &[&head[..], packet].concat()));
        }
        said(&mut room, &bytes);
    }
}

#[test]
fn shapes_are_of_dialects_with_each_way_of_naming_members() {
    let rules = SHAPES.map(|shape| shape.parse::<Shape>().expect("a shape").rules());
    assert!(!rules[0].member_capabilities && rules[1].member_capabilities);
    assert_ne!(rules[1].capabilities, rules[2].capabilities);
}

#[test]
fn more_than_a_second_may_carry_gets_nak_and_one_finding() {
    let runtime = runtime();
    let _inside = runtime.enter();
    let mut room = Room::new("12");
    // The second may end between the two; a next one is tried then.
    let came = (0..1_000).find_map(|_| {
        room.switchboard.act(None, |board, world, _| {
            let second = (world.now().0 / 1_000_000, MAX_A_SECOND);
            board
                .conversations
                .values_mut()
                .for_each(|held| held.second = second);
        });
        let came = room
            .host
            .hears(b"MSG 5 U 1\r\nxMSG 6 N 1\r\nxMSG 7 A 1\r\nx");
        (came.written == b"NAK 6\r\nNAK 7\r\n").then_some(came)
    });
    assert_eq!(
        came.expect("is refused").findings,
        [FindingId::TooManyMessages]
    );
}
