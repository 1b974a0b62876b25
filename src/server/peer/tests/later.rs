use super::*;

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
    let told = peer.take(&packet, Some(&picture));
    assert_eq!(
        told,
        [Told::Serving {
            session: 77,
            what: "picture",
            size: 2_500
        }]
    );
    let sent = later(drain(&mut peer));
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

    assert_eq!(peer.take(&later_ack(&sent[1]), Some(&picture)), []);
    let sent = later(drain(&mut peer));
    assert_eq!(sent[0][..4], [8, 2, 0, 12]);
    assert_eq!(sent[0][8..], *b"\x08\x01\0\0\0\0\0\x4d\0\0\0\0\0\0\0\x0c");

    assert_eq!(peer.take(&later_ack(&sent[0]), Some(&picture)), []);
    let sent = later(drain(&mut peer));
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
    let told = peer.take(&later_ack(&sent[2]), Some(&picture));
    assert_eq!(
        told,
        [Told::Served {
            session: 77,
            what: "picture"
        }]
    );
    assert!(!peer.has_more());
}

#[test]
fn the_clients_picture_is_fetched_with_the_later_header() {
    let bytes = vec![7; 1_300];
    let object = MsnObject::picture(OTHER, "me.png", &bytes);
    let mut peer = Peer::new(OWN_LATER, OTHER_LATER, 9);
    let session = peer.fetch(&object.clone().into()).expect("a session");
    let sent = later(drain(&mut peer));
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
        assert_eq!(peer.take(&packet, None), []);
    }
    let told = peer.take(&wrap(4, 3, session, None, &bytes[1_200..]), None);
    assert_eq!(
        told,
        [Told::Fetched {
            session,
            object,
            bytes: bytes.clone(),
            genuine: true
        }]
    );
    let sent = later(drain(&mut peer));
    assert!(sent.last().expect("a BYE")[16..].starts_with(b"BYE "));
}
