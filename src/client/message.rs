//! Messages of a conversation: a few header lines, an empty one, and a text.

use crate::msnp::escape;

/// The most bytes of a payload that clients take (the real service ended a connection beyond).
const MOST: usize = 1_664;
const HEAD: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\
                    X-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0\r\n\r\n";

/// What a message is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// `text/plain`.
    Text(String),
    /// The nudge: a datacast with the number 1.
    Nudge,
    /// That somebody types, invitations, pictures.
    Other,
}

impl Message {
    /// Reads the payload of MSG. What is no text of UTF-8 is shown as far as it is.
    pub fn read(payload: &[u8]) -> Self {
        let text = String::from_utf8_lossy(payload);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let field = |name: &str| {
            head.split("\r\n").find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        let kind = field("Content-Type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("text/plain") {
            return Message::Text(body.trim_end_matches(['\r', '\n']).to_owned());
        }
        let is_nudge = kind.eq_ignore_ascii_case("text/x-msnmsgr-datacast")
            && body.split("\r\n").any(|line| line.trim() == "ID: 1");
        match is_nudge {
            true => Message::Nudge,
            false => Message::Other,
        }
    }
}

/// The payload that says a text, cut where no client would take more. `\r`, `\n`, `\xHH` and `\\` stand for bytes.
pub(super) fn written(text: &str) -> String {
    let text = String::from_utf8_lossy(&escape::unescape(text)).into_owned();
    let room = MOST - HEAD.len();
    let end = (0..=room.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default();
    format!("{HEAD}{}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watched_messages_are_read() {
        let text = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0\r\n\r\nhello from the fake server";
        assert_eq!(
            Message::read(text),
            Message::Text("hello from the fake server".into())
        );
        let typing = b"MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: online@local.test\r\n\r\n";
        assert_eq!(Message::read(typing), Message::Other);
        let nudge =
            b"MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n";
        assert_eq!(Message::read(nudge), Message::Nudge);
        for odd in [&b""[..], b"\xff\xfe", b"Content-Type", b"\r\n\r\n\r\n"] {
            assert_eq!(Message::read(odd), Message::Other);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        let payload = written(&"\u{20ac}".repeat(2_000));
        assert!(payload.len() <= MOST && payload.len() > MOST - 3);
        assert!(payload.ends_with('\u{20ac}'));
        assert!(written(r"a\r\nb").ends_with("\r\n\r\na\r\nb"));
    }
}
