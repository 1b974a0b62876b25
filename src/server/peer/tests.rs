//! A client in literal bytes, written here by hand after the wiki's tables and the watched invitation of aMSN.

use super::*;
use crate::msnp::object::MsnObject;
use crate::msnp::p2p::v2;
use crate::roster::Picture;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;
use std::sync::Arc;

const OWN: &str = "lunch@local";
const OTHER: &str = "me@local";

fn picture(bytes: &[u8]) -> Arc<Picture> {
    Arc::new(Picture {
        png: bytes.to_vec().into(),
        object: MsnObject::picture(OWN, "picture.png", bytes).to_xml(),
    })
}

/// 48 bytes little-endian, data, 4 bytes big-endian.
fn first(
    session: u32,
    identifier: u32,
    (offset, total): (u64, u64),
    flags: u32,
    ack: (u32, u32, u64),
    data: &[u8],
    footer: u32,
) -> Vec<u8> {
    [
        &session.to_le_bytes()[..],
        &identifier.to_le_bytes(),
        &offset.to_le_bytes(),
        &total.to_le_bytes(),
        &(data.len() as u32).to_le_bytes(),
        &flags.to_le_bytes(),
        &ack.0.to_le_bytes(),
        &ack.1.to_le_bytes(),
        &ack.2.to_le_bytes(),
        data,
        &footer.to_be_bytes(),
    ]
    .concat()
}

fn slp_of(identifier: u32, text: &[u8]) -> Vec<u8> {
    let length = text.len() as u64;
    first(0, identifier, (0, length), 0, (7, 0, 0), text, 0)
}

fn invitation(session: u32, guid: &str, application: u32, context: &str) -> Vec<u8> {
    let body = format!(
        "EUF-GUID: {guid}\r\nSessionID: {session}\r\nSChannelState: 0\r\nCapabilities-Flags: 1\r\nAppID: {application}\r\nContext: {context}\r\n\r\n\0"
    );
    format!(
        "INVITE MSNMSGR:{OWN} MSNSLP/1.0\r\nTo: <msnmsgr:{OWN}>\r\nFrom: <msnmsgr:{OTHER}>\r\nVia: MSNSLP/1.0/TLP ;branch={{34BA2EE5-607E-C657-E277-A82CDF2C4908}}\r\nCSeq: 0\r\nCall-ID: {{EAF3A003-5047-D2F2-30F6-AEE73AA7626A}}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

const BYE: &str = "BYE MSNMSGR:lunch@local MSNSLP/1.0\r\nTo: <msnmsgr:lunch@local>\r\nFrom: <msnmsgr:me@local>\r\nVia: MSNSLP/1.0/TLP ;branch={9}\r\nCSeq: 0\r\nCall-ID: {EAF3A003-5047-D2F2-30F6-AEE73AA7626A}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionclosebody\r\nContent-Length: 3\r\n\r\n\r\n\0";

const OBJECT: &str = "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}";
const FILE: &str = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}";

/// The packets in payloads of MSG, whose headers are looked at.
fn packets(out: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let head = b"MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: me@local\r\n\r\n";
    let body = |payload: Vec<u8>| payload.strip_prefix(head).expect("the headers").to_vec();
    out.into_iter().map(body).collect()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// An acknowledgement of what was got, as a client sends it.
fn ack(got: &[u8], identifier: u32) -> Vec<u8> {
    let total = u64::from_le_bytes(got[16..24].try_into().expect("eight bytes"));
    let acked = (u32_at(got, 4), u32_at(got, 32), total);
    first(u32_at(got, 0), identifier, (0, total), 2, acked, &[], 0)
}

#[test]
fn a_picture_is_served_step_by_step_with_the_first_header() {
    let png: Vec<u8> = (0..3_000_u32).map(|n| n as u8).collect();
    let picture = picture(&png);
    let mut peer = Peer::new(OWN, OTHER, 1);
    let context = BASE64.encode(picture.object.clone() + "\0");
    let text = invitation(1_053_223_645, OBJECT, 12, &context);

    // The invitation, in two pieces as it is longer than one may be.
    let total = text.len() as u64;
    let mut out = Vec::new();
    let (head, tail) = text.split_at(500);
    let piece = first(0, 0x2cf2_90bc, (0, total), 0, (0xd0b2_f3d6, 0, 0), head, 0);
    assert_eq!(peer.take(&piece, Some(&picture), &mut out), []);
    assert!(out.is_empty());
    let piece = first(
        0,
        0x2cf2_90bc,
        (500, total),
        0,
        (0xd0b2_f3d6, 0, 0),
        tail,
        0,
    );
    let told = peer.take(&piece, Some(&picture), &mut out);
    assert_eq!(
        told,
        [Told::Serving {
            session: 1_053_223_645,
            size: 3_000
        }]
    );

    // Its acknowledgement, and 200 OK.
    let sent = packets(std::mem::take(&mut out));
    assert_eq!(sent.len(), 2);
    let acked = (0x2cf2_90bc, 0xd0b2_f3d6, total);
    assert_eq!(
        sent[0],
        first(0, u32_at(&sent[0], 4), (0, total), 2, acked, &[], 0)
    );
    let ok = String::from_utf8_lossy(&sent[1][48..]).into_owned();
    assert!(ok.starts_with("MSNSLP/1.0 200 OK\r\nTo: <msnmsgr:me@local>\r\nFrom: <msnmsgr:lunch@local>\r\nVia: MSNSLP/1.0/TLP ;branch={34BA2EE5-607E-C657-E277-A82CDF2C4908}\r\nCSeq: 1 \r\nCall-ID: {EAF3A003-5047-D2F2-30F6-AEE73AA7626A}\r\n"), "{ok}");
    assert!(
        ok.contains("\r\n\r\nSessionID: 1053223645\r\n\r\n\0"),
        "{ok}"
    );

    // Four zero bytes, in the session, with its AppID behind them.
    assert_eq!(peer.take(&ack(&sent[1], 2), Some(&picture), &mut out), []);
    let sent = packets(std::mem::take(&mut out));
    assert_eq!(sent.len(), 1);
    let (identifier, unique) = (u32_at(&sent[0], 4), u32_at(&sent[0], 32));
    assert_eq!(
        sent[0],
        first(
            1_053_223_645,
            identifier,
            (0, 4),
            0,
            (unique, 0, 0),
            &[0; 4],
            12
        )
    );

    // The data, in pieces of 1,202 bytes that share a number.
    assert_eq!(peer.take(&ack(&sent[0], 3), Some(&picture), &mut out), []);
    let sent = packets(std::mem::take(&mut out));
    assert_eq!(sent.len(), 3);
    let (identifier, unique) = (u32_at(&sent[0], 4), u32_at(&sent[0], 32));
    for (at, packet) in sent.iter().enumerate() {
        let from = at * 1_202;
        let data = &png[from..(from + 1_202).min(3_000)];
        assert_eq!(
            packet,
            &first(
                1_053_223_645,
                identifier,
                (from as u64, 3_000),
                0x20,
                (unique, 0, 0),
                data,
                12
            )
        );
    }
    let told = peer.take(&ack(&sent[2], 4), Some(&picture), &mut out);
    assert_eq!(
        told,
        [Told::Served {
            session: 1_053_223_645
        }]
    );
    assert!(out.is_empty());

    // BYE is acknowledged, and the session may come again.
    assert_eq!(
        peer.take(&slp_of(5, BYE.as_bytes()), Some(&picture), &mut out),
        []
    );
    let sent = packets(std::mem::take(&mut out));
    assert_eq!(
        sent,
        [first(
            0,
            u32_at(&sent[0], 4),
            (0, BYE.len() as u64),
            2,
            (5, 7, BYE.len() as u64),
            &[],
            0
        )]
    );
    assert_eq!(
        peer.take(&slp_of(6, &text), Some(&picture), &mut out).len(),
        1
    );
}

#[test]
fn what_the_contact_does_not_have_is_declined() {
    let picture = picture(b"a picture");
    let other = MsnObject::picture(OWN, "picture.png", b"another one").to_xml();
    for (guid, context, picture, reason, line) in [
        (
            OBJECT,
            BASE64.encode(&other),
            Some(&picture),
            Reason::NoObject,
            "603 Decline",
        ),
        (
            OBJECT,
            BASE64.encode(&picture.object),
            None,
            Reason::NoObject,
            "603 Decline",
        ),
        (
            OBJECT,
            "%".into(),
            Some(&picture),
            Reason::NoObject,
            "603 Decline",
        ),
        (
            "{1C9AA97E-9C05-4583-A3BD-908A196F1E92}",
            "e30=".into(),
            Some(&picture),
            Reason::Purpose,
            "500 Internal Error",
        ),
        (
            FILE,
            "AAAA".into(),
            Some(&picture),
            Reason::Incomplete,
            "603 Decline",
        ),
    ] {
        let mut peer = Peer::new(OWN, OTHER, 1);
        let mut out = Vec::new();
        let told = peer.take(
            &slp_of(1, &invitation(9, guid, 12, &context)),
            picture,
            &mut out,
        );
        assert_eq!(told, [Told::Declined { session: 9, reason }]);
        let sent = packets(out);
        assert_eq!(sent.len(), 2);
        assert!(
            sent[1][48..].starts_with(format!("MSNSLP/1.0 {line}\r\n").as_bytes()),
            "{}",
            sent[1].escape_ascii()
        );
    }
}

/// What an INVITE of ours says: session, Call-ID, context.
fn our_invitation(packet: &[u8]) -> (u32, String, String) {
    let text = String::from_utf8_lossy(&packet[48..]).into_owned();
    assert!(
        text.starts_with("INVITE MSNMSGR:me@local MSNSLP/1.0\r\n"),
        "{text}"
    );
    assert!(
        text.contains("EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\n"),
        "{text}"
    );
    let field = |name: &str| {
        let after = text.split_once(name).expect("the field").1;
        after.split("\r\n").next().expect("a line").to_owned()
    };
    (
        field("SessionID: ").parse().expect("a number"),
        field("Call-ID: "),
        field("Context: "),
    )
}

fn answer(call: &str, status: &str, session: u32) -> Vec<u8> {
    let body = format!("SessionID: {session}\r\n\r\n\0");
    format!("MSNSLP/1.0 {status}\r\nTo: <msnmsgr:{OWN}>\r\nFrom: <msnmsgr:{OTHER}>\r\nVia: MSNSLP/1.0/TLP ;branch={{1}}\r\nCSeq: 1 \r\nCall-ID: {call}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[test]
fn the_clients_picture_is_fetched_and_compared_with_its_object() {
    for (came, genuine) in [(&b"its picture"[..], true), (b"not that one", false)] {
        let mut object = MsnObject::picture(OTHER, "me.png", b"its picture");
        object.size = came.len() as u64;
        let mut peer = Peer::new(OWN, OTHER, 2);
        let mut out = Vec::new();
        let session = peer.fetch(&object, &mut out).expect("a session");
        let sent = packets(std::mem::take(&mut out));
        let (number, call, context) = our_invitation(&sent[0]);
        assert_eq!(number, session);
        assert_eq!(
            BASE64.decode(context).expect("base64"),
            (object.to_xml() + "\0").into_bytes()
        );

        assert_eq!(peer.take(&ack(&sent[0], 1), None, &mut out), []);
        assert_eq!(
            peer.take(
                &slp_of(2, &answer(&call, "200 OK", session)),
                None,
                &mut out
            ),
            []
        );
        assert_eq!(
            peer.take(
                &first(session, 3, (0, 4), 0, (1, 0, 0), &[0; 4], 12),
                None,
                &mut out
            ),
            []
        );
        assert_eq!(
            packets(std::mem::take(&mut out)).len(),
            2,
            "two acknowledgements"
        );
        let total = came.len() as u64;
        assert_eq!(
            peer.take(
                &first(session, 4, (0, total), 0x20, (1, 0, 0), &came[..5], 12),
                None,
                &mut out
            ),
            []
        );
        let told = peer.take(
            &first(session, 4, (5, total), 0x20, (1, 0, 0), &came[5..], 12),
            None,
            &mut out,
        );
        assert_eq!(
            told,
            [Told::Fetched {
                session,
                object,
                bytes: came.to_vec(),
                genuine
            }]
        );
        let sent = packets(out);
        assert_eq!(u32_at(&sent[0], 28), 2, "acknowledged");
        assert!(sent[1][48..].starts_with(b"BYE MSNMSGR:me@local MSNSLP/1.0\r\n"));
    }
    let mut peer = Peer::new(OWN, OTHER, 2);
    let mut out = Vec::new();
    let session = peer
        .fetch(&MsnObject::picture(OTHER, "a", b"b"), &mut out)
        .expect("a session");
    let (_, call, _) = our_invitation(&packets(std::mem::take(&mut out))[0]);
    let told = peer.take(
        &slp_of(2, &answer(&call, "603 Decline", session)),
        None,
        &mut out,
    );
    assert_eq!(
        told,
        [Told::Refused {
            session,
            status: 603
        }]
    );
}

/// The context of a file transfer: 574 bytes, with size and name.
fn offer(size: u64, name: &str) -> String {
    let mut bytes = vec![0x3e, 2, 0, 0, 2, 0, 0, 0];
    bytes.extend(size.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(574, 0);
    BASE64.encode(bytes)
}

#[test]
fn a_file_is_taken_or_refused_by_the_operator_and_bounded() {
    let mut peer = Peer::new(OWN, OTHER, 3);
    let mut out = Vec::new();
    let told = peer.take(
        &slp_of(1, &invitation(5, FILE, 2, &offer(6, "cat.txt"))),
        None,
        &mut out,
    );
    let [
        Told::Offered {
            session: 5,
            offer: offered,
        },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!((offered.name.as_str(), offered.size), ("cat.txt", 6));
    assert_eq!(
        packets(std::mem::take(&mut out)).len(),
        1,
        "only acknowledged"
    );
    assert!(peer.accept(5, &mut out));
    assert!(!peer.accept(5, &mut out), "once");
    let sent = packets(std::mem::take(&mut out));
    assert!(sent[0][48..].starts_with(b"MSNSLP/1.0 200 OK\r\n"));
    let told = peer.take(
        &first(5, 2, (0, 6), 0x0100_0030, (1, 0, 0), b"meow!\n", 2),
        None,
        &mut out,
    );
    assert!(
        matches!(&told[..], [Told::File { session: 5, bytes, .. }] if bytes == b"meow!\n"),
        "{told:?}"
    );

    let mut peer = Peer::new(OWN, OTHER, 3);
    let mut out = Vec::new();
    peer.take(
        &slp_of(1, &invitation(5, FILE, 2, &offer(6, "cat.txt"))),
        None,
        &mut out,
    );
    out.clear();
    assert!(peer.refuse(5, &mut out));
    assert!(packets(std::mem::take(&mut out))[0][48..].starts_with(b"MSNSLP/1.0 603 Decline\r\n"));
    let told = peer.take(
        &first(5, 2, (0, 6), 0x0100_0030, (1, 0, 0), b"meow!\n", 2),
        None,
        &mut out,
    );
    assert_eq!(told, [Told::Fault(Fault::NoSession(5))]);

    let told = peer.take(
        &slp_of(3, &invitation(6, FILE, 2, &offer(MOST_FILE + 1, "big"))),
        None,
        &mut out,
    );
    assert_eq!(
        told,
        [Told::Declined {
            session: 6,
            reason: Reason::TooLarge
        }]
    );

    // More than was offered ends it.
    peer.take(
        &slp_of(4, &invitation(7, FILE, 2, &offer(6, "cat.txt"))),
        None,
        &mut out,
    );
    peer.accept(7, &mut out);
    let told = peer.take(
        &first(7, 5, (0, 7), 0x0100_0030, (1, 0, 0), b"meow!!\n", 2),
        None,
        &mut out,
    );
    assert_eq!(
        told,
        [Told::Fault(Fault::TooLong {
            session: 7,
            total: 7,
            most: 6
        })]
    );

    // A direct connection is not offered back.
    let text = String::from_utf8(invitation(7, FILE, 2, ""))
        .expect("text")
        .replace("sessionreqbody", "transreqbody");
    out.clear();
    assert_eq!(peer.take(&slp_of(6, text.as_bytes()), None, &mut out), []);
    let sent = packets(out);
    let text = String::from_utf8_lossy(&sent[1][48..]).into_owned();
    assert!(
        text.contains("application/x-msnmsgr-transrespbody\r\n")
            && text.contains("Listening: false\r\n"),
        "{text}"
    );
}

const OWN_LATER: &str = "lunch@local;{11111111-1111-1111-1111-111111111111}";
const OTHER_LATER: &str = "me@local;{22222222-2222-2222-2222-222222222222}";

fn later(out: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let head = format!(
        "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: {OTHER_LATER}\r\nP2P-Src: {OWN_LATER}\r\n\r\n"
    );
    let body = |payload: Vec<u8>| {
        payload
            .strip_prefix(head.as_bytes())
            .expect("the headers")
            .to_vec()
    };
    out.into_iter().map(body).collect()
}

/// An acknowledgement with the later header: all up to the end of what was got.
fn later_ack(got: &[u8]) -> Vec<u8> {
    let base = u32::from_be_bytes(got[4..8].try_into().expect("four bytes"));
    let length = u32::from(u16::from_be_bytes(got[2..4].try_into().expect("two bytes")));
    [
        &b"\x10\0\0\0\0\0\x10\0\x02\x04"[..],
        &(base + length).to_be_bytes(),
        b"\0\0\0\0\0\0",
    ]
    .concat()
}

#[test]
fn a_picture_is_served_step_by_step_with_the_later_header() {
    let png: Vec<u8> = (0..2_500_u32).map(|n| n as u8).collect();
    let picture = picture(&png);
    let mut peer = Peer::new(OWN_LATER, OTHER_LATER, 1);
    let text = invitation(77, OBJECT, 12, &BASE64.encode(&picture.object));
    let text = String::from_utf8(text)
        .expect("text")
        .replace(&format!(":{OWN}"), &format!(":{OWN_LATER}"));
    // Header of 24 bytes: SYN and an acknowledgement wanted, its length, number 0x1000, who it is; a data header of 8.
    let length = (text.len() + 8) as u16;
    let packet = [
        &b"\x18\x03"[..],
        &length.to_be_bytes(),
        b"\0\0\x10\0\x01\x0c\0\x02\0\0\0\x0e\0\0\x0f\x01\0\0\0\0",
        b"\x08\x01\0\0\0\0\0\0",
        text.as_bytes(),
        b"\0\0\0\0",
    ]
    .concat();
    let mut out = Vec::new();
    let told = peer.take(&packet, Some(&picture), &mut out);
    assert_eq!(
        told,
        [Told::Serving {
            session: 77,
            size: 2_500
        }]
    );
    let sent = later(std::mem::take(&mut out));
    assert_eq!(sent.len(), 2);
    // It says who it is too, and has everything up to the end of the invitation.
    assert_eq!(sent[0][..2], [0x1c, 0x03]);
    assert_eq!(sent[0][8..12], [0x01, 0x0c, 0, 0x02]);
    assert_eq!(
        sent[0][22..28],
        [
            &[0x02, 0x04][..],
            &(0x1000 + u32::from(length)).to_be_bytes()
        ]
        .concat()
    );
    assert_eq!(sent[1][..2], [8, 2]);
    assert!(sent[1][16..].starts_with(b"MSNSLP/1.0 200 OK\r\n"));

    assert_eq!(
        peer.take(&later_ack(&sent[1]), Some(&picture), &mut out),
        []
    );
    let sent = later(std::mem::take(&mut out));
    assert_eq!(sent[0][..4], [8, 2, 0, 12]);
    assert_eq!(sent[0][8..], *b"\x08\x01\0\0\0\0\0\x4d\0\0\0\0\0\0\0\x0c");

    assert_eq!(
        peer.take(&later_ack(&sent[0]), Some(&picture), &mut out),
        []
    );
    let sent = later(std::mem::take(&mut out));
    assert_eq!(sent.len(), 3);
    assert_eq!(
        sent[0][8..28],
        *b"\x14\x05\0\x01\0\0\0\x4d\x01\x08\0\0\0\0\0\0\x05\x12\0\0",
        "1,298 to come"
    );
    assert_eq!(
        sent[1][8..28],
        *b"\x14\x04\0\x01\0\0\0\x4d\x01\x08\0\0\0\0\0\0\0\x60\0\0",
        "96 to come"
    );
    assert_eq!(sent[2][8..16], *b"\x08\x04\0\x01\0\0\0\x4d");
    let data = [&sent[0][28..1_230], &sent[1][28..1_230], &sent[2][16..112]].concat();
    assert_eq!(data, png);
    let told = peer.take(&later_ack(&sent[2]), Some(&picture), &mut out);
    assert_eq!(told, [Told::Served { session: 77 }]);
    assert!(out.is_empty());
}

#[test]
fn the_clients_picture_is_fetched_with_the_later_header() {
    let bytes = vec![7; 1_300];
    let object = MsnObject::picture(OTHER, "me.png", &bytes);
    let mut peer = Peer::new(OWN_LATER, OTHER_LATER, 9);
    let mut out = Vec::new();
    let session = peer.fetch(&object, &mut out).expect("a session");
    let sent = later(std::mem::take(&mut out));
    let invited = v2::Packet::read(&sent[0]).expect("a packet");
    assert_eq!(invited.operation, v2::SYN | v2::ACK_WANTED);
    let call = String::from_utf8_lossy(invited.data.expect("data").piece).into_owned();
    let call = call
        .split("Call-ID: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next())
        .expect("a call");
    let wrap = |kind, package, in_session, remaining, piece| {
        let data = v2::Data {
            kind,
            package,
            session: in_session,
            remaining,
            piece,
        };
        v2::Packet {
            data: Some(data),
            ..v2::Packet::default()
        }
        .to_bytes()
    };
    let yes = answer(call, "200 OK", session);
    for packet in [
        wrap(1, 0, 0, None, &yes[..]),
        wrap(1, 0, session, None, &[0; 4]),
        wrap(5, 3, session, Some(100), &bytes[..1_200]),
    ] {
        assert_eq!(peer.take(&packet, None, &mut out), []);
    }
    let told = peer.take(&wrap(4, 3, session, None, &bytes[1_200..]), None, &mut out);
    assert_eq!(
        told,
        [Told::Fetched {
            session,
            object,
            bytes: bytes.clone(),
            genuine: true
        }]
    );
    let sent = later(out);
    assert!(sent.last().expect("a BYE")[16..].starts_with(b"BYE "));
}

#[test]
fn sessions_and_unfinished_messages_are_bounded() {
    let mut peer = Peer::new(OWN, OTHER, 4);
    let mut out = Vec::new();
    for session in 1..=16 {
        let told = peer.take(
            &slp_of(session, &invitation(session, FILE, 2, &offer(1, "a"))),
            None,
            &mut out,
        );
        assert!(matches!(told[..], [Told::Offered { .. }]));
    }
    let told = peer.take(
        &slp_of(17, &invitation(17, FILE, 2, &offer(1, "a"))),
        None,
        &mut out,
    );
    assert_eq!(
        told,
        [Told::Declined {
            session: 17,
            reason: Reason::Busy
        }]
    );
    assert!(
        peer.fetch(&MsnObject::picture(OTHER, "a", b"b"), &mut out)
            .is_err()
    );

    let mut peer = Peer::new(OWN, OTHER, 4);
    for number in 1..=8 {
        assert_eq!(
            peer.take(
                &first(0, number, (0, 100), 0, (0, 0, 0), b"x", 0),
                None,
                &mut out
            ),
            []
        );
    }
    let told = peer.take(
        &first(0, 9, (0, 100), 0, (0, 0, 0), b"x", 0),
        None,
        &mut out,
    );
    assert_eq!(told, [Told::Fault(Fault::TooManyPieces)]);
    let told = peer.take(
        &first(0, 1, (0, 1 << 40), 0, (0, 0, 0), b"x", 0),
        None,
        &mut out,
    );
    assert!(matches!(
        told[..],
        [Told::Fault(Fault::TooLong { session: 0, .. })]
    ));
}

proptest! {
    #[test]
    fn a_client_that_cuts_lengthens_and_repeats_is_borne(
        steps in prop::collection::vec((0_usize..6, 0_usize..2_000, any::<u8>(), any::<bool>()), 1..30),
        two: bool,
    ) {
        let picture = picture(&[1; 2_000]);
        let (own, other) = if two { (OWN_LATER, OTHER_LATER) } else { (OWN, OTHER) };
        let mut peer = Peer::new(own, other, 5);
        let mut last = vec![0; 60];
        for (what, at, byte, cut) in steps {
            let mut packet = match what {
                0 => slp_of(at as u32, &invitation(at as u32 % 4, OBJECT, 12, &BASE64.encode(&picture.object))),
                1 => slp_of(at as u32, BYE.as_bytes()),
                2 if two => later_ack(&last),
                2 => ack(&last, at as u32),
                3 => first(at as u32 % 4, 1, (0, at as u64), 0x20, (0, 0, 0), &last, 12),
                4 => v2::Packet { data: Some(v2::Data { session: at as u32 % 4, piece: &last, ..Default::default() }), ..Default::default() }.to_bytes(),
                _ => vec![byte; at],
            };
            if cut {
                let at = at % packet.len().max(1);
                packet.truncate(at.max(1));
                packet.push(byte);
            }
            let mut out = Vec::new();
            peer.take(&packet, Some(&picture), &mut out);
            prop_assert!(out.len() < 100);
            if let Some(payload) = out.pop() {
                let body = payload.windows(4).position(|end| end == b"\r\n\r\n").expect("headers");
                last = payload[body + 4..].to_vec();
            }
            last.resize(last.len().max(60), 0);
            last.truncate(1_000);
        }
    }
}
