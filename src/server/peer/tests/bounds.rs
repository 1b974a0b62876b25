use super::*;

#[test]
fn sessions_and_unfinished_messages_are_bounded() {
    let mut peer = Peer::new(OWN, OTHER, 4);
    for session in 1..=16 {
        let told = peer.take(
            &slp_of(session, &invitation(session, FILE, 2, &offer(1, "a"))),
            None,
        );
        assert!(matches!(told[..], [Told::Offered { .. }]));
    }
    let told = peer.take(&slp_of(17, &invitation(17, FILE, 2, &offer(1, "a"))), None);
    assert_eq!(
        told,
        [Told::Declined {
            session: 17,
            reason: Reason::Busy
        }]
    );
    assert!(
        peer.fetch(&MsnObject::picture(OTHER, "a", b"b").into())
            .is_err()
    );

    let mut peer = Peer::new(OWN, OTHER, 4);
    for number in 1..=8 {
        assert_eq!(
            peer.take(&first(0, number, (0, 100), 0, (0, 0, 0), b"x", 0), None),
            []
        );
    }
    let told = peer.take(&first(0, 9, (0, 100), 0, (0, 0, 0), b"x", 0), None);
    assert_eq!(told, [Told::Fault(Fault::TooManyPieces)]);
    let told = peer.take(&first(0, 1, (0, 1 << 40), 0, (0, 0, 0), b"x", 0), None);
    assert!(matches!(
        told[..],
        [Told::Fault(Fault::TooLong { session: 0, .. })]
    ));
}

proptest! {
    /// Whatever becomes of its pieces on their way, a file that is told is the one that was sent.
    #[test]
    fn pieces_that_are_reordered_doubled_or_cut_never_make_another_file(
        order in prop::collection::vec((0_usize..6, any::<bool>()), 1..20),
        two: bool,
    ) {
        let file: Vec<u8> = (0..6_000_u32).map(|n| (n % 251) as u8).collect();
        let (own, other) = if two { (OWN_LATER, OTHER_LATER) } else { (OWN, OTHER) };
        let mut peer = Peer::new(own, other, 6);
        let invitation = invitation(5, FILE, 2, &offer(6_000, "cat.txt"));
        let packet = match two {
            false => slp_of(1, &invitation),
            true => {
                let piece = &invitation[..];
                let data = v2::Data { kind: v2::FIRST, piece, ..Default::default() };
                v2::Packet { data: Some(data), ..Default::default() }.to_bytes()
            }
        };
        peer.take(&packet, None);
        prop_assert!(peer.accept(5));
        let piece = |at: usize| {
            let (from, piece) = (at * 1_000, &file[at * 1_000..at * 1_000 + 1_000]);
            match two {
                false => first(5, 2, (from as u64, 6_000), 0x0100_0030, (1, 0, 0), piece, 2),
                true => {
                    let data = v2::Data {
                        kind: v2::FILE | u8::from(at == 0),
                        package: 3,
                        session: 5,
                        remaining: (at < 5).then_some(5_000 - from as u64),
                        piece,
                    };
                    v2::Packet { data: Some(data), ..Default::default() }.to_bytes()
                }
            }
        };
        let in_order = order.iter().map(|step| step.0).eq(0..6) && order.iter().all(|step| !step.1);
        let mut came = false;
        for (at, cut) in order {
            let mut packet = piece(at);
            if cut {
                packet.truncate(packet.len() / 2);
            }
            for told in peer.take(&packet, None) {
                if let Told::File { bytes, .. } = told {
                    came = true;
                    prop_assert!(bytes == file);
                }
            }
            prop_assert!(peer.held() <= 8_192);
        }
        prop_assert!(came || !in_order);
    }

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
            peer.take(&packet, Some(&picture));
            let mut out = drain(&mut peer);
            prop_assert!(out.len() < 100);
            prop_assert!(!peer.has_more());
            if let Some(payload) = out.pop() {
                let body = payload.windows(4).position(|end| end == b"\r\n\r\n").expect("headers");
                last = payload[body + 4..].to_vec();
            }
            last.resize(last.len().max(60), 0);
            last.truncate(1_000);
        }
    }
}
