//! A client in literal bytes, written here by hand after the wiki's tables and the watched invitation of aMSN.

mod bounds;
mod files;
mod first;
mod later;

use super::*;
use crate::msnp::object::MsnObject;
use crate::msnp::p2p::v2;
use crate::packets::{first, offer};
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

/// All that it has to send.
fn drain(peer: &mut Peer) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| peer.next_payload()).collect()
}

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

fn answer(call: &str, status: &str, session: u32) -> Vec<u8> {
    let body = format!("SessionID: {session}\r\n\r\n\0");
    format!("MSNSLP/1.0 {status}\r\nTo: <msnmsgr:{OWN}>\r\nFrom: <msnmsgr:{OTHER}>\r\nVia: MSNSLP/1.0/TLP ;branch={{1}}\r\nCSeq: 1 \r\nCall-ID: {call}\r\nMax-Forwards: 0\r\nContent-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
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
