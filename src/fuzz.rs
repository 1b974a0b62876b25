//! Every reader of bytes that come from outside, fed with what a fuzzer makes of a corpus.
//!
//! The corpus is in `tests/corpus/TARGET/`: one input a file. Each is read as it is, then changed: bits turned, bytes put
//! in, taken out, doubled and moved, pieces of other inputs and words of the target put in. `cargo test fuzz` gives each
//! target [`SHORT`]; `NUDGE_FUZZ=60 cargo test --lib fuzz -- --nocapture` gives each 60 seconds, and says how many
//! inputs there were. What makes a target panic is written beside the corpus, as `found-…`, to be kept there.

use crate::filter::Filter;
use crate::msnp::message::{self, Message};
use crate::msnp::mime::{self, Mime};
use crate::msnp::p2p::{offer::Offer, slp::Slp};
use crate::msnp::{Decoder, Dialects, Direction, adl, dictionary, explain, personal};
use crate::recording::Recording;
use crate::roster::Picture;
use crate::server::fuzzed::{document, masked};
use crate::server::peer::{MOST_SESSIONS, Peer, Told};
use crate::server::tls::sniff;
use bytes::BytesMut;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long each target runs where nothing is asked for.
const SHORT: Duration = Duration::from_millis(150);
/// Bytes of the longest input.
const LONGEST: usize = 64 * 1024;

/// Random numbers (xorshift64*), the same in each run of the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound.max(1)
    }
}

/// Numbers and signs on which readers stumble.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\r\n",
    b"\n",
    b" ",
    b"%",
    b"%25",
    b"&",
    b"&#0;",
    b"\xff\xff\xff\xff",
    b"\x7f\xff",
    b"-1",
    b"18446744073709551616",
    b"4294967295",
    b"99999",
    b"\"",
    b"<",
    b"</",
    b"<!--",
    b"]]>",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
];

fn changed(random: &mut Random, from: &[u8], other: &[u8], words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = from.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(16).min(bytes.len() - at);
        match random.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.next() as u8,
            2 => drop(bytes.drain(at..at + length)),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            5 => {
                let begin = random.below(other.len() + 1);
                let end = begin + random.below(other.len() + 1 - begin);
                bytes.splice(at..at, other[begin..end].iter().copied());
            }
            n => {
                let list = if n == 6 { WORDS } else { words };
                if let Some(word) = list.get(random.below(list.len())) {
                    bytes.splice(at..at, word.iter().copied());
                }
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn corpus(target: &str) -> (PathBuf, Vec<Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(target);
    let entries = std::fs::read_dir(&folder).expect("a corpus");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| std::fs::read(path).expect("an input");
    let inputs = paths.iter().map(read).collect();
    (folder, inputs)
}

/// Feeds the target for its time.
fn fuzz(target: &str, words: &[&[u8]], reads: impl Fn(&[u8])) {
    let (folder, corpus) = corpus(target);
    assert!(!corpus.is_empty(), "{target} has inputs");
    let seconds = std::env::var("NUDGE_FUZZ").ok();
    let asked = seconds.as_deref().and_then(|seconds| seconds.parse().ok());
    let time = asked.map_or(SHORT, Duration::from_secs);
    // A short run is the same each time; a long one goes another way each time.
    let seed = asked.map_or(1, |_| {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(1, |since| since.as_nanos() as u64 | 1)
    });
    let mut random = Random(seed);
    let begin = Instant::now();
    let mut done = 0u64;
    let mut one = |input: &[u8]| {
        done += 1;
        if catch_unwind(AssertUnwindSafe(|| reads(input))).is_err() {
            let path = folder.join(format!("found-{done}"));
            let _ = std::fs::write(&path, input);
            panic!("{target}: {} panics", path.display());
        }
    };
    corpus.iter().for_each(|input| one(input));
    while begin.elapsed() < time {
        for _ in 0..64 {
            let from = &corpus[random.below(corpus.len())];
            let other = &corpus[random.below(corpus.len())];
            let mut input = changed(&mut random, from, other, words);
            for _ in 0..random.below(3) {
                input = changed(&mut random, &input, other, words);
            }
            one(&input);
        }
    }
    eprintln!(
        "{target}: {done} inputs in {:.1} s",
        begin.elapsed().as_secs_f64()
    );
}

/// The ranges are in order, within, and not empty.
fn in_order(ranges: &[std::ops::Range<u32>], length: usize) {
    let mut at = 0;
    for range in ranges {
        assert!(range.start >= at && range.start < range.end && range.end as usize <= length);
        at = range.end;
    }
}

#[test]
fn fuzz_frames() {
    let words: &[&[u8]] = &[
        b"VER 1 MSNP16\r\n",
        b"ADL 5 ",
        b"UUX 6 ",
        b"USR 4 TWN S t=",
        b"MSG 1 N 100\r\n",
        b"QRY 1 x 32\r\n",
    ];
    fuzz("frames", words, |input| {
        for direction in [Direction::In, Direction::Out] {
            // However it is cut, the same frames come out.
            let frames = |step: usize| {
                let (mut decoder, mut buffer) = (Decoder::new(direction), BytesMut::new());
                let mut frames = Vec::new();
                for piece in input.chunks(step.max(1)) {
                    buffer.extend_from_slice(piece);
                    loop {
                        match decoder.next(&mut buffer) {
                            Ok(Some(frame)) => frames.push(frame.wire().clone()),
                            Ok(None) => break,
                            Err(_) => return (frames, true),
                        }
                    }
                }
                (frames, false)
            };
            let (whole, failed) = frames(input.len());
            let (cut, failed_cut) = frames(7);
            assert!(whole == cut && failed == failed_cut);
            for frame in whole {
                let line = frame.strip_suffix(b"\r\n").unwrap_or(&frame);
                let found = dictionary::secrets(direction, line);
                let narrow: Vec<_> = found.iter().map(|r| r.start as u32..r.end as u32).collect();
                in_order(&narrow, line.len());
            }
        }
    });
}

#[test]
fn fuzz_lists() {
    let words: &[&[u8]] = &[
        b"<ml>",
        b"<d n=\"a\">",
        b"<c n=\"b\" l=\"3\" t=\"1\"/>",
        b"</d>",
        b"</ml>",
        b"<t>",
    ];
    fuzz("adl", words, |input| {
        if let Ok(list) = adl::read(input) {
            assert!(list.entries.len() <= input.len());
        }
        let _ = personal::read_uux(input);
    });
}

#[test]
fn fuzz_documents() {
    let words: &[&[u8]] = &[
        b"<soap:Envelope>",
        b"<![CDATA[",
        b"]]>",
        b"<?xml ?>",
        b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
        b"&b;",
        b" a='b'",
    ];
    fuzz("soap", words, |input| {
        document(input);
    });
}

#[test]
fn fuzz_hellos() {
    let words: &[&[u8]] = &[
        b"\x16\x03\x01",
        b"\x80\x2e\x01\x03\x01",
        b"GET / HTTP/1.1\r\n",
    ];
    fuzz("hello", words, |input| {
        let _ = sniff::decide(input);
    });
}

#[test]
fn fuzz_recordings() {
    fuzz("recording", &[b"\x89NUDGE\r\n"], |input| {
        let Ok(recording) = Recording::read(std::io::Cursor::new(input.to_vec()), Path::new("x"))
        else {
            return;
        };
        // One damage ends it.
        let mut items = recording.skip_while(Result::is_ok);
        if items.next().is_some() {
            assert!(items.next().is_none());
        }
    });
}

#[test]
fn fuzz_filters() {
    let words: &[&[u8]] = &[
        b"verb:",
        b"not ",
        b"and ",
        b"or ",
        b"(",
        b")",
        b"client:1",
        b"/[a-z]+/",
        b"\\\"",
        b"size:>10",
    ];
    fuzz("filter", words, |input| {
        let text = String::from_utf8_lossy(input);
        let _ = Filter::parse(&text);
    });
}

#[test]
fn fuzz_masker() {
    let words: &[&[u8]] = &[
        b"pwd=",
        b"Authorization: Passport1.4 ",
        b"<TicketToken>",
        b"name=\"passwd\"",
        b"\r\n\r\n",
        b"\r\n ",
        b"Cookie: a=b;",
    ];
    fuzz("masker", words, |input| {
        in_order(&masked(input).0, input.len());
    });
}

#[test]
fn dialects_of_any_text_are_read_without_panic() {
    fuzz("filter", &[b"8-18", b",", b"-"], |input| {
        let _ = String::from_utf8_lossy(input).parse::<Dialects>();
    });
}

#[test]
fn fuzz_messages() {
    let words: &[&[u8]] = &[
        b"Content-Type: application/x-msnmsgrp2p\r\n",
        b"P2P-Dest: a@b;{1}\r\n",
        b"P2P-Src: a@b;{2}\r\n",
        b"\r\n\r\n",
        b"\r\n ",
        b"INVITE MSNMSGR:a@b MSNSLP/1.0\r\n",
        b"Content-Length: 9\r\n",
        b"Invitation-Cookie: 1\r\n",
    ];
    fuzz("message", words, |input| {
        let mime = Mime::read(input);
        assert!(mime.headers.len() <= mime::MOST_HEADERS);
        let said = Message::read(input);
        assert!(said.text.len() <= 4 * input.len() + 100);
        let line = format!("MSG a@b A {}", input.len());
        let _ = explain::explain(line.as_bytes(), Some(input), Direction::Out, None);
        let _ = message::declined(mime.body);
        if let Ok(slp) = Slp::read(mime.body) {
            let _ = Slp::read(&slp.to_bytes());
            for (_, value) in &slp.fields {
                let _ = Offer::read(value);
            }
        }
    });
}

/// What a client sends to a contact: which header, then each message behind its length in two bytes.
#[test]
fn fuzz_peers() {
    let picture = Arc::new(Picture::new("busy@local", vec![7; 3_000].into()));
    let words: &[&[u8]] = &[
        b"\x02\0\0\0",
        b"\x20\0\0\0",
        b"\x08\x02\0",
        b"\x14\x03\0",
        b"BYE MSNMSGR:",
        b"SessionID: 5\r\n",
        b"SessionID: 6\r\n",
    ];
    fuzz("peer", words, |input| {
        let (ends, mut rest) = match input.split_first() {
            Some((b'2', rest)) => (("busy@local;{1}", "me@local;{2}"), rest),
            _ => (
                ("busy@local", "me@local"),
                input.get(1..).unwrap_or_default(),
            ),
        };
        let mut peer = Peer::new(ends.0, ends.1, 1);
        let mut accepted = 0;
        while let Some((length, behind)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_le_bytes(*length)).min(behind.len());
            let (packet, behind) = behind.split_at(length);
            rest = behind;
            for told in peer.take(packet, Some(&picture)) {
                match told {
                    Told::Offered { session, .. } => accepted += usize::from(peer.accept(session)),
                    Told::File { offer, bytes, .. } => assert_eq!(offer.size, bytes.len() as u64),
                    _ => {}
                }
            }
            // Whatever comes, little is to be sent, and no more is held than has come.
            let sent = std::iter::from_fn(|| peer.next_payload()).count();
            assert!(sent <= 8 * MOST_SESSIONS, "{sent}");
            assert!(peer.held() <= 2 * input.len() + 64, "{}", peer.held());
        }
        assert!(accepted <= input.len());
    });
}
