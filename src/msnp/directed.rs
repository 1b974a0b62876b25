//! SDG: a message that its headers address. They are in three blocks, each with a blank line behind it: to whom it goes
//! (routing), how surely (reliability), and what it is (messaging). Its words stand behind the last block.
//!
//! Source: NINA wiki. Nothing is copied. A header that is missing names nobody, and says nothing.

use super::message::{self, Message, MessageKind};

/// What such a message says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directed<'a> {
    /// The account that it is for, without its network and its place.
    pub to: &'a str,
    /// What it is, and its words.
    pub message: Message,
    /// Its words as they were said.
    pub words: String,
}

impl<'a> Directed<'a> {
    /// Reads a payload; `None` where it is for nobody.
    pub fn read(payload: &'a [u8]) -> Option<Self> {
        let (routing, rest) = block(payload);
        let to = header(routing, "To")?;
        // `1:busy@local;epid={…}`
        let to = to.split(';').next().unwrap_or_default();
        let to = to.split_once(':').map_or(to, |(_, account)| account);
        let (_, messaging) = block(rest);
        let mut message = Message::read(messaging);
        let words = message::words(messaging);
        message.kind = match header(block(messaging).0, "Message-Type")? {
            "Text" => MessageKind::Text,
            "Control/Typing" => MessageKind::Typing,
            "Nudge" => MessageKind::Nudge,
            "Wink" => MessageKind::Wink,
            _ => message.kind,
        };
        if matches!(message.kind, MessageKind::Typing | MessageKind::Nudge) {
            message.text.clear();
        }
        (!to.is_empty()).then_some(Self { to, message, words })
    }
}

/// One that says something, from an account to an account. `kind` is the type of UUM: 1 words, 2 typing, 3 a nudge.
pub fn write(from: &str, to: &str, kind: u8, words: &str) -> String {
    let kind = match kind {
        1 => "Text",
        2 => "Control/Typing",
        _ => "Nudge",
    };
    format!(
        "Routing: 1.0\r\nTo: 1:{to}\r\nFrom: 1:{from}\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: {kind}\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: {}\r\n\r\n{words}",
        words.len()
    )
}

/// A block of headers, and what stands behind its blank line.
fn block(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(bytes, b"\r\n\r\n") {
        Some(end) => (&bytes[..end], &bytes[end + 4..]),
        None => (bytes, &[]),
    }
}

fn header<'a>(block: &'a [u8], name: &str) -> Option<&'a str> {
    let lines = std::str::from_utf8(block).ok()?.lines();
    let found = lines.filter_map(|line| line.split_once(':'));
    found
        .map(|(held, value)| (held.trim(), value.trim()))
        .find(|(held, _)| held.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HELLO: &[u8] = b"Routing: 1.0\r\nTo: 1:busy@local;epid={0}\r\nFrom: 1:me@local\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: Text\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 5\r\n\r\nhello";

    #[test]
    fn whom_it_is_for_and_what_it_says() {
        let read = Directed::read(HELLO).expect("one");
        assert_eq!(
            (read.to, read.message.kind, &*read.message.text),
            ("busy@local", MessageKind::Text, "hello")
        );
        let typing = String::from_utf8_lossy(HELLO).replace("Type: Text", "Type: Control/Typing");
        let read = Directed::read(typing.as_bytes()).expect("one");
        assert_eq!(
            (read.message.kind, &*read.message.text),
            (MessageKind::Typing, "")
        );
        let written = write("me@local", "busy@local", 1, "C:\\\\x");
        let read = Directed::read(written.as_bytes()).expect("one");
        assert_eq!((read.to, &*read.words), ("busy@local", "C:\\\\x"));
        assert_eq!(Directed::read(b""), None);
        assert_eq!(
            Directed::read(b"To: 1:\r\n\r\n\r\n\r\nMessage-Type: Text\r\n\r\n"),
            None
        );
    }

    proptest! {
        #[test]
        fn it_never_fails(cut in 0..HELLO.len(), more in prop::collection::vec(any::<u8>(), 0..80)) {
            let payload = [&HELLO[..cut], &more].concat();
            if let Some(read) = Directed::read(&payload) {
                prop_assert!(payload.windows(read.to.len()).any(|window| window == read.to.as_bytes()));
            }
        }
    }
}
