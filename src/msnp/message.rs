//! The payload of a message: MIME headers, a blank line, a body. This file says what a message is and what it says, and
//! writes those of the service and of its contacts.
//!
//! Sources: the NINA wiki, and conversations that were watched. An unknown message is [`MessageKind::Other`], and is
//! carried all the same.

use super::mime::Mime;
use super::object::MsnObject;
use super::{escape, p2p, percent};
use std::fmt;

/// Bytes of the longest payload that the real service carried.
pub const MAX_MESSAGE: usize = 1_664;
/// The content type of invitations of the old kind.
pub const INVITATION: &str = "text/x-msmsgsinvite";
/// The font that contacts write with.
const FORMAT: &str = "FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0";

rows! {
    /// What a message is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum MessageKind {
        /// Its name in JSON and filters.
        pub fn name;
    }
    /// `text/plain`: words.
    Text "text";
    /// `text/x-msmsgscontrol`: somebody is typing.
    Typing "typing";
    /// Datacast 1.
    Nudge "nudge";
    /// Datacast 2: a wink, by its name.
    Wink "wink";
    /// Datacast 3: a voice clip.
    Voice "voice";
    /// Datacast 4: an action.
    Action "action";
    /// Pictures that stand for words in the messages that follow.
    Emoticon "emoticon";
    /// Handwriting.
    Ink "ink";
    /// What the client is and can do.
    ClientCaps "clientcaps";
    /// A piece of a peer-to-peer session.
    P2p "p2p";
    /// An invitation to a file transfer or an application.
    Invitation "invitation";
    /// Nothing: it keeps the conversation open.
    KeepAlive "keep-alive";
    /// Something else.
    Other "other";
    /// What became of a display picture that one side asked for. It is told beside the pieces, and is never on the wire.
    Picture "picture";
    /// What became of a file that one side offered. It is told beside the pieces, and is never on the wire.
    File "file";
}

impl MessageKind {
    /// Whether it names objects that are to be fetched of who sent it.
    pub fn has_object(self) -> bool {
        matches!(
            self,
            MessageKind::Emoticon | MessageKind::Wink | MessageKind::Voice
        )
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was read of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// What it says: words, names of emoticons, or what a piece says of itself. Bytes that are not UTF-8 are escaped.
    pub text: String,
    /// How its words look (`X-MMS-IM-Format`), as sent.
    pub format: Option<String>,
}

impl Message {
    /// Reads a payload.
    pub fn read(payload: &[u8]) -> Self {
        let mime = Mime::read(payload);
        let of = |name| mime.get(name).map(escape::to_text);
        let content = mime.media_type().unwrap_or_default().to_ascii_lowercase();
        let body = || escape::to_text(trimmed(mime.body));
        let inner = Mime::read(mime.body);
        let (kind, text) = match content.as_str() {
            "text/plain" => (MessageKind::Text, body()),
            "text/x-msmsgscontrol" => match mime.get("TypingUser") {
                Some(_) => (MessageKind::Typing, String::new()),
                None => (MessageKind::Other, content.clone()),
            },
            "text/x-msnmsgr-datacast" => {
                let id = inner.get("ID").map(escape::to_text).unwrap_or_default();
                match id.as_str() {
                    "1" => (MessageKind::Nudge, String::new()),
                    "2" => (MessageKind::Wink, friendly(&inner)),
                    "3" => (MessageKind::Voice, friendly(&inner)),
                    "4" => {
                        let data = inner.get("Data").map(escape::to_text);
                        (MessageKind::Action, data.unwrap_or_default())
                    }
                    _ => (MessageKind::Other, format!("{content} {id}")),
                }
            }
            "text/x-mms-emoticon" | "text/x-mms-animemoticon" => {
                (MessageKind::Emoticon, shortcuts(mime.body))
            }
            "application/x-ms-ink" | "image/gif" => (MessageKind::Ink, content.clone()),
            "text/x-clientcaps" | "text/x-clientinfo" => {
                let name = mime.get("Client-Name").or(inner.get("Client-Name"));
                (
                    MessageKind::ClientCaps,
                    name.map(escape::to_text).unwrap_or_default(),
                )
            }
            p2p::MEDIA_TYPE => (MessageKind::P2p, p2p::said(&mime)),
            INVITATION => {
                let of = |name| inner.get(name).map(escape::to_text).unwrap_or_default();
                let words = [
                    of("Invitation-Command"),
                    of("Application-Name"),
                    of("Application-File"),
                    of("Cancel-Code"),
                ];
                let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
                (MessageKind::Invitation, words.join(" "))
            }
            "text/x-keepalive" => (MessageKind::KeepAlive, String::new()),
            // Only the first piece of a long message has a type.
            "" if mime.get("Message-ID").is_some() && mime.get("Chunk").is_some() => {
                (MessageKind::Text, body())
            }
            other => (MessageKind::Other, other.to_owned()),
        };
        Self {
            kind,
            text,
            format: of("X-MMS-IM-Format"),
        }
    }
}

/// The words of a text as they were said: nothing of them is escaped.
pub fn words(payload: &[u8]) -> String {
    String::from_utf8_lossy(trimmed(Mime::read(payload).body)).into_owned()
}

/// A text without the zero bytes and the line end that some clients put behind it.
fn trimmed(body: &[u8]) -> &[u8] {
    let end = body.iter().rposition(|b| !matches!(b, 0 | b'\r' | b'\n'));
    &body[..end.map_or(0, |end| end + 1)]
}

/// The texts that custom emoticons stand for. Fields have tabs between them, and every other field is such a text.
fn shortcuts(body: &[u8]) -> String {
    let fields: Vec<&[u8]> = trimmed(body).split(|b| *b == b'\t').collect();
    let words: Vec<String> = fields
        .chunks(2)
        .map(|pair| escape::to_text(pair[0].trim_ascii()))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// The name that the object of a datacast has for people; empty where it has none.
fn friendly(inner: &Mime<'_>) -> String {
    let object = inner.text("Data").and_then(|xml| MsnObject::read(xml).ok());
    let name = object.and_then(|object| object.friendly_name());
    name.unwrap_or_default()
}

/// A message with words of a contact.
pub fn text(words: &str) -> String {
    format!(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: {FORMAT}\r\n\r\n{words}"
    )
}

/// A message that this account is typing.
pub fn typing(account: &str) -> String {
    format!(
        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: {account}\r\n\r\n\r\n"
    )
}

/// A nudge.
pub fn nudge() -> String {
    "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n".to_owned()
}

/// The answer to an invitation of the old kind, to a file or a game; `body` is the body of the invitation. The answer
/// cancels it, like a client without such a program. `None` where the body invites to nothing.
pub fn declined(invitation: &[u8]) -> Option<String> {
    let invitation = Mime::read(invitation);
    let cookie = invitation.text("Invitation-Cookie")?;
    let invites = invitation
        .text("Invitation-Command")?
        .eq_ignore_ascii_case("INVITE");
    let is_number = (1..=10).contains(&cookie.len()) && cookie.bytes().all(|b| b.is_ascii_digit());
    (invites && is_number).then(|| {
        format!(
            "MIME-Version: 1.0\r\nContent-Type: {INVITATION}; charset=UTF-8\r\n\r\nInvitation-Command: CANCEL\r\nInvitation-Cookie: {cookie}\r\nCancel-Code: REJECT_NOT_INSTALLED\r\n\r\n"
        )
    })
}

/// The frame in which the others get a message. It is the same bytes for all of them.
pub fn frame(account: &str, name: &str, payload: &[u8]) -> bytes::Bytes {
    let line = format!(
        "MSG {account} {} {}\r\n",
        percent::encode(name),
        payload.len()
    );
    let mut wire = bytes::BytesMut::with_capacity(line.len() + payload.len());
    wire.extend_from_slice(line.as_bytes());
    wire.extend_from_slice(payload);
    wire.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::mime::MOST_HEADERS;
    use proptest::prelude::*;

    fn read(payload: &str) -> (MessageKind, String) {
        let message = Message::read(payload.as_bytes());
        (message.kind, message.text)
    }

    #[test]
    fn every_kind_of_message_is_known() {
        let of = |kind: &str, body: &str| {
            read(&format!(
                "MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n{body}"
            ))
        };
        for (content, body, kind, text) in [
            (
                "text/plain; charset=UTF-8",
                "hé\r\nyou",
                MessageKind::Text,
                "hé\r\nyou",
            ),
            ("TEXT/PLAIN", "x\0", MessageKind::Text, "x"),
            (
                "text/x-msnmsgr-datacast",
                "ID: 1\r\n\r\n",
                MessageKind::Nudge,
                "",
            ),
            (
                "text/x-msnmsgr-datacast",
                "ID: 2\r\nData: x\r\n",
                MessageKind::Wink,
                "",
            ),
            (
                "text/x-msnmsgr-datacast",
                "ID: 2\r\nData: <msnobj Type=\"8\" Friendly=\"ZABhAG4AYwBlAHIAAAA=\"/>\r\n\r\n",
                MessageKind::Wink,
                "dancer",
            ),
            (
                "text/x-msnmsgr-datacast",
                "ID: 3\r\n",
                MessageKind::Voice,
                "",
            ),
            (
                "text/x-msnmsgr-datacast",
                "ID: 4\r\nData: waves\r\n\r\n",
                MessageKind::Action,
                "waves",
            ),
            (
                "text/x-msnmsgr-datacast",
                "ID: 9\r\n",
                MessageKind::Other,
                "text/x-msnmsgr-datacast 9",
            ),
            (
                "text/x-mms-emoticon",
                "(a)\t<msnobj/>\t:b:\t<msnobj/>\t",
                MessageKind::Emoticon,
                "(a) :b:",
            ),
            (
                "application/x-ms-ink",
                "base64:AAAA",
                MessageKind::Ink,
                "application/x-ms-ink",
            ),
            ("image/gif", "base64:AAAA", MessageKind::Ink, "image/gif"),
            (
                "text/x-clientcaps",
                "Client-Name: aMSN 0.99b\r\nChat-Logging: Y\r\n",
                MessageKind::ClientCaps,
                "aMSN 0.99b",
            ),
            (
                "text/x-msmsgsinvite; charset=UTF-8",
                "Application-Name: File Transfer\r\nInvitation-Command: INVITE\r\nApplication-File: a.txt\r\n",
                MessageKind::Invitation,
                "INVITE File Transfer a.txt",
            ),
            ("text/x-keepalive", "", MessageKind::KeepAlive, ""),
            (
                "application/x-unheard-of",
                "x",
                MessageKind::Other,
                "application/x-unheard-of",
            ),
            (
                "application/x-msnmsgrp2p",
                "cut",
                MessageKind::P2p,
                "it has 3 bytes, fewer than a header",
            ),
        ] {
            assert_eq!(
                of(content, body),
                (kind, text.to_owned()),
                "{content} {body:?}"
            );
        }
        let typing = "MIME-Version: 1.0\nContent-Type: text/x-msmsgscontrol\nTypingUser: a@b\n\n\n";
        assert_eq!(read(typing), (MessageKind::Typing, String::new()));
        let chunk = "Message-ID: {0}\r\nChunk: 1\r\n\r\nthe rest";
        assert_eq!(read(chunk), (MessageKind::Text, "the rest".into()));
        assert_eq!(read(""), (MessageKind::Other, String::new()));
        for kind in MessageKind::ALL {
            assert!(!kind.name().contains(' '));
        }
    }

    #[test]
    fn the_format_of_a_text_is_kept() {
        let said = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nUser-Agent: BitlBee 1.0\r\nX-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0\r\n\r\nhi from bb-1.0";
        let message = Message::read(said);
        assert_eq!(message.text, "hi from bb-1.0");
        let format = message.format.expect("a format");
        assert_eq!(format, "FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0");
    }

    #[test]
    fn what_is_written_is_what_was_watched() {
        assert_eq!(typing("online@local.test").len(), 90);
        assert_eq!(text("hello from the fake server").len(), 143);
        assert_eq!(read(&nudge()).0, MessageKind::Nudge);
        assert_eq!(
            frame("busy@local", "Busy User", b"x"),
            "MSG busy@local Busy%20User 1\r\nx"
        );
    }

    proptest! {
        #[test]
        fn any_payload_is_read_without_panic_and_its_words_are_no_longer_than_escaping_makes_them(
            bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
        ) {
            let message = Message::read(&bytes);
            prop_assert!(message.text.len() <= 4 * bytes.len() + 100);
        }

        #[test]
        fn messages_cut_lengthened_and_nested_are_read_without_panic(
            content in "(text/plain|text/x-msnmsgr-datacast|application/x-msnmsgrp2p|text/x-msmsgsinvite|text/x-mms-emoticon|text/x-clientcaps)",
            body in proptest::collection::vec(any::<u8>(), 0..200),
            cut in 0usize..400,
            nest in 0usize..4,
        ) {
            let mut payload = body;
            for _ in 0..=nest {
                let mut outer = format!("MIME-Version: 1.0\r\nContent-Type: {content}\r\n\r\n").into_bytes();
                outer.extend_from_slice(&payload);
                payload = outer;
            }
            payload.truncate(cut.max(1));
            Message::read(&payload);
            let mime = Mime::read(&payload);
            prop_assert!(mime.headers.len() <= MOST_HEADERS);
            prop_assert!(mime.body.len() <= payload.len());
        }

        #[test]
        fn words_written_are_read_again(words in "[^\\\\\r\n\0]{1,80}") {
            let message = Message::read(text(&words).as_bytes());
            prop_assert_eq!(message.kind, MessageKind::Text);
            prop_assert_eq!(message.text, words);
        }
    }
}
