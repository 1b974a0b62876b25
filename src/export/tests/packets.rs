//! The packets of a capture, taken apart here and by tshark.

use super::*;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
/// One packet of a capture, taken apart and held against its checksums.
pub(super) struct Packet {
    pub(super) source: SocketAddr,
    pub(super) target: SocketAddr,
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    pub(super) data: Vec<u8>,
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

/// The sum over pairs of bytes, which is zero where a checksum is right.
fn sum(bytes: &[u8]) -> u16 {
    let sum: u64 = bytes
        .chunks(2)
        .map(|pair| u64::from(pair[0]) << 8 | pair.get(1).map_or(0, |b| u64::from(*b)))
        .sum();
    let folded = (0..4).fold(sum, |sum, _| (sum & 0xffff) + (sum >> 16));
    !(folded as u16)
}

pub(super) fn packets(capture: &[u8]) -> Vec<Packet> {
    let mut found = Vec::new();
    let little =
        |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().expect("four")) as usize;
    let mut at = 0;
    while at < capture.len() {
        let (kind, length) = (little(at), little(at + 4));
        assert_eq!(length % 4, 0);
        assert_eq!(little(at + length - 4), length, "both lengths are the same");
        match kind {
            0x0a0d_0d0a => assert_eq!((at, little(8)), (0, 0x1a2b_3c4d)),
            1 => assert_eq!(little(at + 8) & 0xffff, 101),
            6 => {
                assert_eq!(little(at + 20), little(at + 24));
                found.push(packet(&capture[at + 28..at + 28 + little(at + 20)]));
            }
            other => panic!("a block of kind {other}"),
        }
        at += length;
    }
    found
}

fn packet(bytes: &[u8]) -> Packet {
    let (source, target, tcp): (IpAddr, IpAddr, &[u8]) = if bytes[0] >> 4 == 4 {
        assert_eq!(sum(&bytes[..20]), 0, "the checksum of IP");
        assert_eq!(number(&bytes[2..4]) as usize, bytes.len());
        let address = |at: usize| <[u8; 4]>::try_from(&bytes[at..at + 4]).expect("four");
        (address(12).into(), address(16).into(), &bytes[20..])
    } else {
        assert_eq!(number(&bytes[4..6]) as usize, bytes.len() - 40);
        let address = |at: usize| <[u8; 16]>::try_from(&bytes[at..at + 16]).expect("sixteen");
        (address(8).into(), address(24).into(), &bytes[40..])
    };
    let both = match bytes[0] >> 4 {
        4 => &bytes[12..20],
        _ => &bytes[8..40],
    };
    let pseudo = [both, &[0, 6], &(tcp.len() as u16).to_be_bytes(), tcp].concat();
    assert_eq!(sum(&pseudo), 0, "the checksum of TCP");
    Packet {
        source: SocketAddr::new(source, number(&tcp[..2]) as u16),
        target: SocketAddr::new(target, number(&tcp[2..4]) as u16),
        sequence: number(&tcp[4..8]),
        acknowledged: number(&tcp[8..12]),
        flags: tcp[13],
        data: tcp[20..].to_vec(),
    }
}

/// Puts each side's bytes together again, as a TCP would: every sequence number is the one that is due, and
/// what is acknowledged is what has come.
pub(super) fn streams(packets: &[Packet]) -> BTreeMap<(SocketAddr, SocketAddr), Vec<u8>> {
    let mut due: BTreeMap<_, u32> = BTreeMap::new();
    let mut streams: BTreeMap<_, Vec<u8>> = BTreeMap::new();
    for packet in packets {
        let (way, back) = (
            (packet.source, packet.target),
            (packet.target, packet.source),
        );
        if let Some(due) = due.get(&way) {
            assert_eq!(packet.sequence, *due);
        } else {
            assert_eq!(
                packet.flags & 2,
                2,
                "the first packet asks for a connection"
            );
        }
        if packet.flags & 16 != 0 {
            assert_eq!(Some(&packet.acknowledged), due.get(&back));
        }
        let length = packet.data.len() as u32 + u32::from(packet.flags & 3 != 0);
        due.insert(way, packet.sequence.wrapping_add(length));
        streams
            .entry(way)
            .or_default()
            .extend_from_slice(&packet.data);
    }
    streams
}

pub(super) fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn packets_put_together_again_are_the_bytes_of_the_recording() {
    let shown = Options {
        show_secrets: true,
        ..Options::new(Format::Pcapng)
    };
    let golden = messenger_mac_8_0_1();
    let streams = streams(&packets(&exported(golden.clone(), &shown)));
    let (mac, msnp) = (address("10.0.10.20:49152"), address("10.0.10.126:1863"));
    let said = |wanted: Direction| -> Vec<u8> {
        let frames = golden.iter().filter_map(|event| match &event.kind {
            EventKind::Frame(told) if told.direction == wanted => Some(told.frame.wire().to_vec()),
            _ => None,
        });
        frames.collect::<Vec<_>>().concat()
    };
    assert_eq!(streams[&(mac, msnp)], said(Direction::In));
    assert_eq!(streams[&(msnp, mac)], said(Direction::Out));
    // Over TLS to port 443; in plain text on port 80.
    let (peer, nexus) = (address("10.0.10.20:49153"), address("10.0.10.126:80"));
    assert!(streams[&(peer, nexus)].starts_with(b"GET /rdr/pprdr.asp HTTP/1.1\r\n"));
    assert!(has(&streams[&(nexus, peer)], "PassportURLs"));
}

#[test]
fn tshark_reads_the_packets_where_it_is_installed() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("out.pcapng");
    // Recorded at another port than the one at which tshark looks for MSNP.
    let mut golden = messenger_mac_8_0_1();
    for event in &mut golden {
        if let EventKind::Connected {
            service: crate::event::Service::Notification,
            local,
            ..
        } = &mut event.kind
        {
            local.set_port(36_939);
        }
    }
    to_file(
        numbered(golden),
        &Options::new(Format::Pcapng),
        &path,
        false,
    )
    .expect("written");
    let tshark = |filter: &str| {
        let mut command = std::process::Command::new("tshark");
        command.args([
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
        ]);
        command.arg("-r").arg(&path).args(["-Y", filter]).output()
    };
    let Ok(output) = tshark("msnms") else {
        eprintln!("there is no tshark here: not tried");
        return;
    };
    let listed = String::from_utf8_lossy(&output.stdout);
    for line in [
        "VER 1 MSNP16 MSNP15",
        "USR 4 TWN S ***",
        "ADL 5 245",
        "QNG 60",
    ] {
        assert!(listed.contains(line), "{line}: {listed}");
    }
    let wrong = "ip.checksum.status == 0 || tcp.checksum.status == 0 || tcp.analysis.flags";
    let output = tshark(wrong).expect("it was there before");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}
