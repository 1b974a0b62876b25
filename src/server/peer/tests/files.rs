use super::*;

#[test]
fn a_file_is_taken_or_refused_by_the_operator_and_bounded() {
    let mut peer = Peer::new(OWN, OTHER, 3);
    let told = peer.take(
        &slp_of(1, &invitation(5, FILE, 2, &offer(6, "cat.txt"))),
        None,
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
    assert_eq!(packets(drain(&mut peer)).len(), 1, "only acknowledged");
    assert!(peer.accept(5));
    assert!(!peer.accept(5), "once");
    let sent = packets(drain(&mut peer));
    assert!(sent[0][48..].starts_with(b"MSNSLP/1.0 200 OK\r\n"));
    let told = peer.take(
        &first(5, 2, (0, 6), 0x0100_0030, (1, 0, 0), b"meow!\n", 2),
        None,
    );
    assert!(
        matches!(&told[..], [Told::File { session: 5, bytes, .. }] if bytes == b"meow!\n"),
        "{told:?}"
    );

    let mut peer = Peer::new(OWN, OTHER, 3);
    peer.take(
        &slp_of(1, &invitation(5, FILE, 2, &offer(6, "cat.txt"))),
        None,
    );
    drain(&mut peer);
    assert!(peer.refuse(5));
    assert!(packets(drain(&mut peer))[0][48..].starts_with(b"MSNSLP/1.0 603 Decline\r\n"));
    let told = peer.take(
        &first(5, 2, (0, 6), 0x0100_0030, (1, 0, 0), b"meow!\n", 2),
        None,
    );
    assert_eq!(told, [Told::Fault(Fault::NoSession(5))]);

    let told = peer.take(
        &slp_of(3, &invitation(6, FILE, 2, &offer(MOST_FILE + 1, "big"))),
        None,
    );
    assert_eq!(
        told,
        [Told::Declined {
            session: 6,
            reason: Reason::TooLarge
        }]
    );

    // Fewer bytes than were offered are not the file.
    let mut peer = Peer::new(OWN, OTHER, 3);
    peer.take(
        &slp_of(1, &invitation(5, FILE, 2, &offer(6, "cat.txt"))),
        None,
    );
    assert!(peer.accept(5));
    drain(&mut peer);
    let told = peer.take(
        &first(5, 2, (0, 3), 0x0100_0030, (1, 0, 0), b"meo", 2),
        None,
    );
    assert_eq!(
        told,
        [Told::Fault(Fault::NotAsOffered {
            session: 5,
            total: 3,
            offered: 6
        })]
    );

    // More than was offered ends it.
    peer.take(
        &slp_of(4, &invitation(7, FILE, 2, &offer(6, "cat.txt"))),
        None,
    );
    peer.accept(7);
    let told = peer.take(
        &first(7, 5, (0, 7), 0x0100_0030, (1, 0, 0), b"meow!!\n", 2),
        None,
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
    drain(&mut peer);
    assert_eq!(peer.take(&slp_of(6, text.as_bytes()), None), []);
    let sent = packets(drain(&mut peer));
    let text = String::from_utf8_lossy(&sent[1][48..]).into_owned();
    assert!(
        text.contains("application/x-msnmsgr-transrespbody\r\n")
            && text.contains("Listening: false\r\n"),
        "{text}"
    );
}
