//! Every reader of bytes that come from outside, as a target of a fuzzer.
//!
//! Two fuzzers feed them. `cargo test --lib fuzz` changes the inputs of `tests/corpus/` at random and needs nothing
//! else. The crate in `fuzz/` is guided by coverage, is started by hand, and needs clang.

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
use std::path::Path;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// One reader, and what it is fed with.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which the folder of its inputs in `tests/corpus/` has too.
    pub name: &'static str,
    /// What stands in such inputs: put in here and there.
    pub words: &'static [&'static [u8]],
    /// Reads one input, and panics where an answer cannot be right.
    pub reads: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "frames",
        words: &[
            b"VER 1 MSNP16\r\n",
            b"ADL 5 ",
            b"UUX 6 ",
            b"USR 4 TWN S t=",
            b"MSG 1 N 100\r\n",
            b"QRY 1 x 32\r\n",
        ],
        reads: frames,
    },
    Target {
        name: "lists",
        words: &[
            b"<ml>",
            b"<d n=\"a\">",
            b"<c n=\"b\" l=\"3\" t=\"1\"/>",
            b"</d>",
            b"</ml>",
            b"<t>",
        ],
        reads: lists,
    },
    Target {
        name: "documents",
        words: &[
            b"<soap:Envelope>",
            b"<![CDATA[",
            b"]]>",
            b"<?xml ?>",
            b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
            b"&b;",
            b" a='b'",
        ],
        reads: documents,
    },
    Target {
        name: "hellos",
        words: &[
            b"\x16\x03\x01",
            b"\x80\x2e\x01\x03\x01",
            b"GET / HTTP/1.1\r\n",
        ],
        reads: hellos,
    },
    Target {
        name: "recordings",
        words: &[b"\x89NUDGE\r\n"],
        reads: recordings,
    },
    Target {
        name: "filters",
        words: &[
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
        ],
        reads: filters,
    },
    Target {
        name: "masker",
        words: &[
            b"pwd=",
            b"Authorization: Passport1.4 ",
            b"<TicketToken>",
            b"name=\"passwd\"",
            b"\r\n\r\n",
            b"\r\n ",
            b"Cookie: a=b;",
        ],
        reads: masker,
    },
    Target {
        name: "dialects",
        words: &[b"8-18", b",", b"-"],
        reads: dialects,
    },
    Target {
        name: "messages",
        words: &[
            b"Content-Type: application/x-msnmsgrp2p\r\n",
            b"P2P-Dest: a@b;{1}\r\n",
            b"P2P-Src: a@b;{2}\r\n",
            b"\r\n\r\n",
            b"\r\n ",
            b"INVITE MSNMSGR:a@b MSNSLP/1.0\r\n",
            b"Content-Length: 9\r\n",
            b"Invitation-Cookie: 1\r\n",
        ],
        reads: messages,
    },
    Target {
        name: "peers",
        words: &[
            b"\x02\0\0\0",
            b"\x20\0\0\0",
            b"\x08\x02\0",
            b"\x14\x03\0",
            b"BYE MSNMSGR:",
            b"SessionID: 5\r\n",
            b"SessionID: 6\r\n",
        ],
        reads: peers,
    },
];

/// The ranges are in order, within, and not empty.
fn in_order(ranges: &[std::ops::Range<u32>], length: usize) {
    let mut at = 0;
    for range in ranges {
        assert!(range.start >= at && range.start < range.end && range.end as usize <= length);
        at = range.end;
    }
}

fn frames(input: &[u8]) {
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
}

fn lists(input: &[u8]) {
    if let Ok(list) = adl::read(input) {
        assert!(list.entries.len() <= input.len());
    }
    let _ = personal::read_uux(input);
}

fn documents(input: &[u8]) {
    document(input);
}

fn hellos(input: &[u8]) {
    let _ = sniff::decide(input);
}

fn recordings(input: &[u8]) {
    let Ok(recording) = Recording::read(std::io::Cursor::new(input.to_vec()), Path::new("x"))
    else {
        return;
    };
    // One damage ends it.
    let mut items = recording.skip_while(Result::is_ok);
    if items.next().is_some() {
        assert!(items.next().is_none());
    }
}

fn filters(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _ = Filter::parse(&text);
}

fn masker(input: &[u8]) {
    in_order(&masked(input).0, input.len());
}

fn dialects(input: &[u8]) {
    let _ = String::from_utf8_lossy(input).parse::<Dialects>();
}

fn messages(input: &[u8]) {
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
}

/// What a client sends to a contact: which header, then each message behind its length in two bytes.
fn peers(input: &[u8]) {
    let picture = Arc::new(Picture::new("busy@local", vec![7; 3_000].into()));
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
}
