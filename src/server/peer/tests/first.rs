use super::*;

#[test]
fn a_picture_is_served_step_by_step_with_the_first_header() {
    let png: Vec<u8> = (0..3_000_u32).map(|n| n as u8).collect();
    let picture = picture(&png);
    let mut peer = Peer::new(OWN, OTHER, 1);
    let context = BASE64.encode(picture.object.clone() + "\0");
    let text = invitation(1_053_223_645, OBJECT, 12, &context);

    // The invitation, in two pieces as it is longer than one may be.
    let total = text.len() as u64;
    let (head, tail) = text.split_at(500);
    let piece = first(0, 0x2cf2_90bc, (0, total), 0, (0xd0b2_f3d6, 0, 0), head, 0);
    assert_eq!(peer.take(&piece, Some(&picture)), []);
    assert!(!peer.has_more());
    let piece = first(
        0,
        0x2cf2_90bc,
        (500, total),
        0,
        (0xd0b2_f3d6, 0, 0),
        tail,
        0,
    );
    let told = peer.take(&piece, Some(&picture));
    assert_eq!(
        told,
        [Told::Serving {
            session: 1_053_223_645,
            what: "picture",
            size: 3_000
        }]
    );

    // Its acknowledgement, and 200 OK.
    let sent = packets(drain(&mut peer));
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
    assert_eq!(peer.take(&ack(&sent[1], 2), Some(&picture)), []);
    let sent = packets(drain(&mut peer));
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
    assert_eq!(peer.take(&ack(&sent[0], 3), Some(&picture)), []);
    let sent = packets(drain(&mut peer));
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
    let told = peer.take(&ack(&sent[2], 4), Some(&picture));
    assert_eq!(
        told,
        [Told::Served {
            session: 1_053_223_645,
            what: "picture"
        }]
    );
    assert!(!peer.has_more());

    // BYE is acknowledged, and the session may come again.
    assert_eq!(peer.take(&slp_of(5, BYE.as_bytes()), Some(&picture)), []);
    let sent = packets(drain(&mut peer));
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
    assert_eq!(peer.take(&slp_of(6, &text), Some(&picture)).len(), 1);
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
        let told = peer.take(&slp_of(1, &invitation(9, guid, 12, &context)), picture);
        assert_eq!(told, [Told::Declined { session: 9, reason }]);
        let sent = packets(drain(&mut peer));
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

#[test]
fn the_clients_picture_is_fetched_and_compared_with_its_object() {
    for (came, genuine) in [(&b"its picture"[..], true), (b"not that one", false)] {
        let mut object = MsnObject::picture(OTHER, "me.png", b"its picture");
        object.size = came.len() as u64;
        let mut peer = Peer::new(OWN, OTHER, 2);
        let session = peer.fetch(&object.clone().into()).expect("a session");
        let sent = packets(drain(&mut peer));
        let (number, call, context) = our_invitation(&sent[0]);
        assert_eq!(number, session);
        assert_eq!(
            BASE64.decode(context).expect("base64"),
            (object.to_xml() + "\0").into_bytes()
        );

        assert_eq!(peer.take(&ack(&sent[0], 1), None), []);
        assert_eq!(
            peer.take(&slp_of(2, &answer(&call, "200 OK", session)), None),
            []
        );
        assert_eq!(
            peer.take(&first(session, 3, (0, 4), 0, (1, 0, 0), &[0; 4], 12), None),
            []
        );
        assert_eq!(packets(drain(&mut peer)).len(), 2, "two acknowledgements");
        let total = came.len() as u64;
        assert_eq!(
            peer.take(
                &first(session, 4, (0, total), 0x20, (1, 0, 0), &came[..5], 12),
                None
            ),
            []
        );
        let told = peer.take(
            &first(session, 4, (5, total), 0x20, (1, 0, 0), &came[5..], 12),
            None,
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
        let sent = packets(drain(&mut peer));
        assert_eq!(u32_at(&sent[0], 28), 2, "acknowledged");
        assert!(sent[1][48..].starts_with(b"BYE MSNMSGR:me@local MSNSLP/1.0\r\n"));
    }
    let mut peer = Peer::new(OWN, OTHER, 2);
    let session = peer
        .fetch(&MsnObject::picture(OTHER, "a", b"b").into())
        .expect("a session");
    let (_, call, _) = our_invitation(&packets(drain(&mut peer))[0]);
    let told = peer.take(&slp_of(2, &answer(&call, "603 Decline", session)), None);
    assert_eq!(
        told,
        [Told::Refused {
            session,
            what: "picture",
            status: 603
        }]
    );
}
