//! Pictures and files over conversations: real sockets, and peer-to-peer messages in literal bytes, made here by hand after
//! the pages of the protocol and not by nudge's own encoder.

#[path = "peer_to_peer/bounds.rs"]
mod bounds;
#[path = "peer_to_peer/cancelled.rs"]
mod cancelled;
mod common;
#[path = "peer_to_peer/gifts.rs"]
mod gifts;
#[path = "common/packets.rs"]
mod packets;
#[path = "peer_to_peer/shown.rs"]
mod shown;
#[path = "peer_to_peer/wire.rs"]
mod wire;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use common::{Raw, TestService, start};
use nudge::event::{EventKind, ReplyData};
use nudge::msnp::message::MessageKind;
use nudge::roster::{Picture, Roster};
use nudge::server::given;
use packets::{first, later, offer};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::sync::Arc;
use wire::{agrees, field, own_object, plain, refuses, request};

const OBJECT: &str = "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}";
const FILE: &str = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}";
const ME: &str = "me@local.test";

/// A PNG of 96 by 96 pixels that packs badly: more than one piece.
fn png() -> Vec<u8> {
    let mut state = 7_u32;
    let pixels: Vec<u8> = (0..96 * 96)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 96, 96);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("pixels");
    writer.finish().expect("an end");
    out
}

/// A service in which busy@local has a picture.
fn service() -> (TestService, Vec<u8>) {
    let service = start(Roster::shipped().expect("the shipped roster"));
    let png = png();
    let picture = Picture::new("busy@local", png.clone().into());
    let changed = service.hub.change("busy", None, |c| {
        c.msnobj.clone_from(&picture.object);
        c.picture = Some(Arc::new(picture.clone()));
    });
    changed.expect("changes");
    (service, png)
}

/// A client in a conversation with busy@local, and the object that it was shown.
struct Client {
    notification: Raw,
    board: Raw,
    object: String,
    /// How many messages it has sent.
    sent: u32,
    /// How the messages of the contact begin.
    named: String,
    /// Its endpoint, and that of the contact.
    ends: (String, String),
}

impl Client {
    async fn new(service: &TestService, dialect: &str) -> Self {
        let mut raw = service.windows(dialect).await;
        raw.send(format!("CHG 5 NLN 0{}\r\nPNG\r\n", own_object(&png())))
            .await;
        let mut object = String::new();
        loop {
            let line = raw.line().await;
            if let Some(length) = line.strip_prefix("MSG Hotmail Hotmail ") {
                raw.skip(length.parse().expect("a length")).await;
            }
            if line.contains(" BSY ") && line.contains("busy@local ") {
                let encoded = line.split(' ').find(|word| word.starts_with("%3C"));
                object = plain(encoded.unwrap_or_else(|| panic!("{dialect}: {line}")));
            }
            if line.starts_with("QNG") {
                break;
            }
        }
        raw.send("XFR 9 SB\r\n").await;
        let line = raw.line().await;
        let words: Vec<&str> = line.split(' ').collect();
        let mut board = Raw::connect(words[3].parse().expect("an address")).await;
        board
            .send(format!("USR 1 {ME} {}\r\nCAL 2 busy@local\r\n", words[5]))
            .await;
        while !board.line().await.starts_with("JOI busy@local ") {}
        Self {
            notification: raw,
            board,
            object,
            named: "MSG busy@local Busy%20User ".to_owned(),
            sent: 0,
            ends: (ME.to_owned(), "busy@local".to_owned()),
        }
    }

    /// With the later header: both have a GUID.
    fn later(mut self) -> Self {
        self.ends.0 += ";{11111111-2222-3333-4444-555555555555}";
        self.ends.1 += ";{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}";
        self
    }

    fn is_later(&self) -> bool {
        self.ends.1.contains(';')
    }

    async fn send(&mut self, packet: &[u8]) {
        self.sent += 1;
        let mut payload = format!(
            "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: {}\r\n",
            self.ends.1
        );
        if self.is_later() {
            payload += &format!("P2P-Src: {}\r\n", self.ends.0);
        }
        payload += "\r\n";
        let length = payload.len() + packet.len();
        let line = format!("MSG {} D {length}\r\n{payload}", self.sent);
        self.board.send([line.as_bytes(), packet].concat()).await;
    }

    /// The next packet of the contact.
    async fn packet(&mut self) -> Vec<u8> {
        let mut head = format!(
            "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: {}\r\n",
            self.ends.0
        );
        if self.is_later() {
            head += &format!("P2P-Src: {}\r\n", self.ends.1);
        }
        head += "\r\n";
        let line = loop {
            let line = self.board.line().await;
            if !line.starts_with("ACK ") {
                break line;
            }
        };
        let length = line.strip_prefix(&self.named);
        let length = length.unwrap_or_else(|| panic!("a message and not {line}"));
        let payload = self
            .board
            .take_bytes(length.parse().expect("a length"))
            .await;
        let packet = payload.strip_prefix(head.as_bytes());
        packet.expect("the headers").to_vec()
    }

    /// A whole message of the contact that is no acknowledgement: its session, and its data. It is acknowledged.
    async fn message(&mut self) -> (u32, Vec<u8>) {
        let mut data = Vec::new();
        loop {
            let packet = self.packet().await;
            match self.is_later() {
                false => {
                    let number = |at: usize| {
                        u32::from_le_bytes(packet[at..at + 4].try_into().expect("four bytes"))
                    };
                    if number(28) & 2 != 0 {
                        continue;
                    }
                    let (total, length) = (number(16), number(24) as usize);
                    assert_eq!(number(8) as usize, data.len(), "in order");
                    assert!(length <= 1_202);
                    data.extend_from_slice(&packet[48..48 + length]);
                    if data.len() == total as usize {
                        let acked = (number(4), number(32), u64::from(total));
                        self.sent += 1;
                        let ack = first(0, self.sent, (0, u64::from(total)), 2, acked, &[], 0);
                        self.send(&ack).await;
                        return (number(0), data);
                    }
                }
                true => {
                    let head = usize::from(packet[0]);
                    let length = u16::from_be_bytes([packet[2], packet[3]]);
                    if length == 0 {
                        continue;
                    }
                    let body = &packet[head..head + usize::from(length)];
                    let inner = usize::from(body[0]);
                    assert!(body.len() - inner <= 1_202);
                    data.extend_from_slice(&body[inner..]);
                    // The field "remaining" is there in all but the last.
                    if inner > 8 && body[8] == 1 {
                        continue;
                    }
                    let base = u32::from_be_bytes(packet[4..8].try_into().expect("four bytes"));
                    let up_to = (base + u32::from(length)).to_be_bytes();
                    let ack = [
                        &b"\x10\0\0\0\0\0\x10\0\x02\x04"[..],
                        &up_to,
                        b"\0\0\0\0\0\0",
                    ]
                    .concat();
                    self.send(&ack).await;
                    let session = u32::from_be_bytes(body[4..8].try_into().expect("four bytes"));
                    return (session, data);
                }
            }
        }
    }

    /// Says something in MSNSLP.
    async fn says(&mut self, text: &str) {
        let text = text.replace("{me}", &self.ends.0);
        let text = text.replace("{busy}", &self.ends.1);
        self.gives(0, 0, text.as_bytes(), 0).await;
    }

    /// Sends data of a session, in pieces.
    async fn gives(&mut self, session: u32, flags: u32, data: &[u8], footer: u32) {
        self.sent += 1;
        let (number, total) = (self.sent, data.len());
        let mut at = 0;
        for piece in data.chunks(1_202) {
            let packet = match self.is_later() {
                false => {
                    let place = (at as u64, total as u64);
                    first(session, number, place, flags, (77, 0, 0), piece, footer)
                }
                true => later(session, at == 0, total - at - piece.len(), piece),
            };
            at += piece.len();
            self.send(&packet).await;
        }
    }

    async fn invites(&mut self, session: u32, guid: &str, application: u32, context: &str) {
        let body = format!(
            "EUF-GUID: {guid}\r\nSessionID: {session}\r\nSChannelState: 0\r\nCapabilities-Flags: 1\r\nAppID: {application}\r\nContext: {context}\r\n\r\n\0"
        );
        let request = request("INVITE", session, "sessionreqbody", &body);
        self.says(&request).await;
    }
}

/// Waits for an event of a picture or a file that says this of somebody.
async fn told(service: &mut TestService, of: MessageKind, from: &str, text: &str) {
    service
        .event(|kind| match kind {
            EventKind::Message(said) if said.kind == of => {
                (said.from == from && said.text == text).then_some(())
            }
            _ => None,
        })
        .await;
}

async fn is_served(client: &mut Client, png: &[u8]) {
    assert!(client.object.contains("Type=\"3\""), "{}", client.object);
    let context = BASE64.encode(client.object.clone() + "\0");
    client.invites(1_053_223_645, OBJECT, 12, &context).await;
    let (session, ok) = client.message().await;
    let ok = String::from_utf8_lossy(&ok).into_owned();
    assert_eq!(session, 0);
    assert!(ok.starts_with("MSNSLP/1.0 200 OK\r\n"), "{ok}");
    assert!(ok.contains("SessionID: 1053223645\r\n"), "{ok}");
    assert_eq!(client.message().await, (1_053_223_645, vec![0; 4]));
    let (session, data) = client.message().await;
    assert_eq!(session, 1_053_223_645);
    assert!(data.len() > 5_000, "several pieces");
    let hash = BASE64.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &data));
    assert!(
        client.object.contains(&format!("SHA1D=\"{hash}\"")),
        "{hash} in {}",
        client.object
    );
    assert_eq!(data, png);
    let bye = request("BYE", 1_053_223_645, "sessionclosebody", "\r\n\0");
    client.says(&bye).await;
    // Acknowledged.
    client.packet().await;
}

#[tokio::test]
async fn a_picture_is_served_in_every_dialect_that_has_pictures() {
    let (mut service, png) = service();
    for number in 9..=18 {
        let mut client = Client::new(&service, &format!("MSNP{number}")).await;
        is_served(&mut client, &png).await;
        let size = png.len();
        let asks = format!("asks for the picture, and gets {size} bytes");
        told(&mut service, MessageKind::Picture, ME, &asks).await;
        told(&mut service, MessageKind::Picture, ME, "has the picture").await;
        client.board.send("OUT\r\n").await;
        client.board.rest().await;
    }
    for number in [16, 18] {
        let client = Client::new(&service, &format!("MSNP{number}")).await;
        is_served(&mut client.later(), &png).await;
    }
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_as_msnslp_does() {
    let (mut service, _) = service();
    service.ignore_events();
    let other = BASE64.encode("<msnobj Creator=\"busy@local\" Size=\"3\" Type=\"3\" Location=\"a\" Friendly=\"AAA=\" SHA1D=\"qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\"/>\0");
    let mut client = Client::new(&service, "MSNP15").await;
    for (session, guid, answer) in [
        (1, OBJECT, "603 Decline"),
        (
            2,
            "{1C9AA97E-9C05-4583-A3BD-908A196F1E92}",
            "500 Internal Error",
        ),
        (3, FILE, "603 Decline"),
        (0, OBJECT, "603 Decline"),
    ] {
        client.invites(session, guid, 12, &other).await;
        let (_, said) = client.message().await;
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(
            said.starts_with(&format!("MSNSLP/1.0 {answer}\r\n")),
            "{said}"
        );
    }
    let elsewhere = request("INVITE", 4, "sessionreqbody", "SessionID: 4\r\n\r\n\0");
    let elsewhere = elsewhere.replace("To: <msnmsgr:{busy}>", "To: <msnmsgr:away@local>");
    client.says(&elsewhere).await;
    let (_, said) = client.message().await;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.starts_with("MSNSLP/1.0 404 Not Found\r\n"), "{said}");
}

#[tokio::test]
async fn a_client_that_acknowledges_nothing_ends_early_or_sends_garbage_is_borne() {
    let (mut service, png) = service();
    let mut client = Client::new(&service, "MSNP15").await;
    let context = BASE64.encode(client.object.clone() + "\0");
    // Sixteen sessions at once, none of which goes on.
    for session in 1..=17 {
        client.invites(session, OBJECT, 12, &context).await;
        client.packet().await;
        let answer = client.packet().await;
        let expected: &[u8] = match session {
            17 => b"MSNSLP/1.0 603 Decline\r\n",
            _ => b"MSNSLP/1.0 200 OK\r\n",
        };
        assert!(answer[48..].starts_with(expected), "{session}");
    }
    // All end early.
    for session in 1..=16 {
        let bye = request("BYE", session, "sessionclosebody", "\r\n\0");
        client.says(&bye).await;
        client.packet().await;
    }
    let ended = "ends a picture before it is done";
    for _ in 1..=16 {
        told(&mut service, MessageKind::Picture, ME, ended).await;
    }
    // Headers that lie, pieces of no session, a text that is none.
    for garbage in [
        &b"x"[..],
        &[0xff; 60],
        &first(99, 1, (0, 10), 0x20, (1, 0, 0), b"0123456789", 12),
        &first(0, 2, (5, 10), 0, (1, 0, 0), b"01234", 0),
        &first(0, 3, (0, 5), 0, (1, 0, 0), b"01234", 0),
        &first(0, 4, (0, 1 << 40), 0, (1, 0, 0), b"01234", 0),
    ] {
        client.send(garbage).await;
        service.finding("peer-to-peer").await;
    }
    // The fifth was a whole message, and was acknowledged as one. What is good goes on.
    client.packet().await;
    is_served(&mut client, &png).await;
}

#[tokio::test]
async fn a_file_is_told_of_and_saved_only_when_the_operator_accepts_it() {
    let (mut service, _) = service();
    let folder = tempfile::tempdir().expect("a folder");
    let contents: Vec<u8> = (0..5_000_u32).map(|n| (n % 251) as u8).collect();
    for dialect in ["MSNP11", "MSNP15", "MSNP18"] {
        let mut client = Client::new(&service, dialect).await;
        if dialect == "MSNP18" {
            client = client.later();
        }
        let id = service.hub.clients().last().expect("a client").id;
        let switchboard = service.service.switchboard().clone();
        let named = |name: &str| Some(folder.path().join(name).display().to_string());
        let refused = given::accept(&switchboard, id, None).err();
        assert_eq!(refused, Some(format!("client {id} offers no file")));

        client
            .invites(5, FILE, 2, &offer(5_000, "../../cat.png"))
            .await;
        let offers = "offers the file ../../cat.png, 5000 bytes";
        told(&mut service, MessageKind::File, ME, offers).await;
        client.packet().await;

        // Not over a file that is there; the offer waits on.
        let there = named("there");
        std::fs::write(there.as_deref().expect("a name"), "mine").expect("written");
        let refused = given::accept(&switchboard, id, there.clone()).err();
        assert!(refused.expect("a refusal").contains("is there already"));

        let later = given::accept(&switchboard, id, named("")).expect("is accepted");
        let takes = "takes the file";
        told(&mut service, MessageKind::File, "busy@local", takes).await;
        let (_, ok) = client.message().await;
        assert!(ok.starts_with(b"MSNSLP/1.0 200 OK\r\n"));
        let saved = folder.path().join("cat.png");
        assert!(!saved.exists());
        client.gives(5, 0x0100_0030, &contents, 2).await;
        let (text, _) = later.await.expect("is saved");
        assert_eq!(text, format!("saved {}, 5000 bytes", saved.display()));
        assert_eq!(std::fs::read(&saved).expect("a file"), contents);
        assert_eq!(
            std::fs::read(there.expect("a name")).expect("a file"),
            b"mine"
        );
        std::fs::remove_file(saved).expect("is removed");
        client.packet().await;

        client.invites(6, FILE, 2, &offer(3, "a.txt")).await;
        client.packet().await;
        let offers = "offers the file a.txt, 3 bytes";
        told(&mut service, MessageKind::File, ME, offers).await;
        let (text, _) = given::refuse(&switchboard, id).expect("is refused");
        assert_eq!(text, format!("busy@local refuses a.txt of client {id}"));
        let (_, said) = client.message().await;
        assert!(said.starts_with(b"MSNSLP/1.0 603 Decline\r\n"));

        // Accepted, and the client goes.
        client.invites(7, FILE, 2, &offer(3, "b.txt")).await;
        client.packet().await;
        let offers = "offers the file b.txt, 3 bytes";
        told(&mut service, MessageKind::File, ME, offers).await;
        let later = given::accept(&switchboard, id, named("")).expect("is accepted");
        client.message().await;
        client.board.send("OUT\r\n").await;
        client.board.rest().await;
        let text = later.await.expect_err("nothing comes");
        assert!(text.contains("nothing was saved"), "{text}");
        assert_eq!(switchboard.oldest_offer(id), None);
        assert!(!folder.path().join("b.txt").exists());
    }
}

#[tokio::test]
async fn an_invitation_of_the_old_kind_is_declined() {
    let (mut service, _) = service();
    service.ignore_events();
    let mut client = Client::new(&service, "MSNP9").await;
    let invitation = "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\nApplication-Name: File Transfer\r\nApplication-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: 33267\r\nApplication-File: a.txt\r\nApplication-FileSize: 6\r\nConnectivity: N\r\n\r\n";
    let length = invitation.len();
    client
        .board
        .send(format!("MSG 3 N {length}\r\n{invitation}"))
        .await;
    let answer = "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\nInvitation-Command: CANCEL\r\nInvitation-Cookie: 33267\r\nCancel-Code: REJECT_NOT_INSTALLED\r\n\r\n";
    let length = answer.len();
    client
        .board
        .expect(&format!("MSG busy@local Busy%20User {length}\r\n{answer}"))
        .await;
}

/// The client gives what it is asked for: 200 OK, four zero bytes, the data. Gives back how it is named in the invitation.
async fn gives_picture(client: &mut Client, picture: &[u8]) {
    let (session, invitation) = client.message().await;
    assert_eq!(session, 0);
    let invitation = String::from_utf8_lossy(&invitation).into_owned();
    assert!(
        invitation.starts_with("INVITE MSNMSGR:me@local.test MSNSLP/1.0\r\n"),
        "{invitation}"
    );
    assert!(
        invitation.contains(&format!("EUF-GUID: {OBJECT}\r\n")),
        "{invitation}"
    );
    let field = |name: &str| field(&invitation, name);
    let context = BASE64.decode(field("Context: ")).expect("base64");
    let context = String::from_utf8(context).expect("text");
    assert!(
        context.ends_with("/>\0") && context.contains("Location=\"me.png\""),
        "{context}"
    );
    let (session, call) = (field("SessionID: "), field("Call-ID: "));
    agrees(client, &session, &call).await;
    let session = session.parse().expect("a number");
    client.gives(session, 0, &[0; 4], 12).await;
    client.gives(session, 0x20, picture, 12).await;
    let (_, bye) = client.message().await;
    assert!(bye.starts_with(b"BYE MSNMSGR:me@local.test MSNSLP/1.0\r\n"));
}

#[tokio::test]
async fn a_clients_own_picture_is_fetched_and_saved_where_a_file_is_named() {
    let (mut service, _) = service();
    let folder = tempfile::tempdir().expect("a folder");
    let picture = png();
    for dialect in ["MSNP9", "MSNP12", "MSNP15", "MSNP18"] {
        let mut client = Client::new(&service, dialect).await;
        let id = service.hub.clients().last().expect("a client").id;
        let switchboard = service.service.switchboard().clone();
        let asks = "asks for the picture";

        // In the conversation that there is.
        let later = given::picture(&service.hub, &switchboard, id, None).expect("is asked");
        gives_picture(&mut client, &picture).await;
        let (text, _) = later.await.expect("a picture");
        let size = picture.len();
        assert_eq!(text, format!("client {id} gives its picture, {size} bytes"));
        told(&mut service, MessageKind::Picture, "busy@local", asks).await;
        let gives = format!("gives its picture, {size} bytes");
        told(&mut service, MessageKind::Picture, ME, &gives).await;
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            0
        );

        // Something else than its object tells of is not taken for it.
        let mut other = picture.clone();
        other[100] ^= 1;
        let saved = folder.path().join("me.png");
        let file = || Some(saved.display().to_string());
        let later = given::picture(&service.hub, &switchboard, id, file()).expect("is asked");
        gives_picture(&mut client, &other).await;
        let text = later.await.expect_err("another picture");
        assert!(
            text.ends_with("which are not those that its object tells of"),
            "{text}"
        );
        assert!(!saved.exists());

        // In a new one, to which it is rung.
        client.board.send("OUT\r\n").await;
        client.board.rest().await;
        let later = given::picture(&service.hub, &switchboard, id, file()).expect("is asked");
        let line = loop {
            let line = client.notification.line().await;
            if line.starts_with("RNG ") {
                break line;
            }
        };
        let words: Vec<&str> = line.split(' ').collect();
        // Who asks is whoever can be seen first.
        client.ends.1 = words[5].to_owned();
        client.named = format!("MSG {} {} ", words[5], words[6]);
        client.board = Raw::connect(words[2].parse().expect("an address")).await;
        client
            .board
            .send(format!("ANS 1 {ME} {} {}\r\n", words[4], words[1]))
            .await;
        while client.board.line().await != "ANS 1 OK" {}
        gives_picture(&mut client, &picture).await;
        let (text, _) = later.await.expect("a picture");
        assert!(
            text.ends_with(&format!("; saved {}", saved.display())),
            "{text}"
        );
        assert_eq!(std::fs::read(&saved).expect("a file"), picture);

        // Not over a file that is there.
        let refused = given::picture(&service.hub, &switchboard, id, file()).err();
        assert!(refused.expect("a refusal").contains("is there already"));
        std::fs::remove_file(&saved).expect("is removed");

        // It goes before it has given it.
        let later = given::picture(&service.hub, &switchboard, id, None).expect("is asked");
        client.message().await;
        client.board.send("OUT\r\n").await;
        client.board.rest().await;
        let text = later.await.expect_err("no picture");
        assert!(text.contains("before its picture was there"), "{text}");
        client.notification.send("CHG 7 NLN 0\r\n").await;
        while !client.notification.line().await.starts_with("CHG 7") {}
        let refused = given::picture(&service.hub, &switchboard, id, None).err();
        assert!(refused.expect("a refusal").contains("shows no picture"));
        client.notification.send("OUT\r\n").await;
        client.notification.rest().await;
    }
}
