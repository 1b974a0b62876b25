//! What a client saw and did, one line each, with secrets masked and nothing unsafe for a screen.

use super::mask::shown;
use super::unread::Unread;
use crate::msnp::escape::{self, to_screen};
use crate::msnp::{Direction, Frame, Status};
use std::fmt;

/// One thing that happened. Its `Display` is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saw {
    /// The notification connection is open.
    Connected {
        /// Its address.
        address: String,
    },
    /// A frame went out. The frame itself is not masked; its `Display` is.
    Sent(Frame),
    /// A frame came in.
    Received(Frame),
    /// TLS was agreed.
    Tls {
        /// With whom.
        host: String,
        /// Such as `TLSv1`.
        version: String,
        /// Such as `AES128-SHA`.
        cipher: String,
    },
    /// An HTTP exchange is over. Texts are masked already.
    Http {
        /// Such as `POST`.
        method: String,
        /// The URL that was asked for.
        url: String,
        /// The status of the answer.
        status: u16,
        /// What was said besides: the header fields that matter.
        detail: String,
        /// The length of the answer's body, in bytes.
        bytes: usize,
    },
    /// The address book was read.
    Book {
        /// How many accounts are on a list that is sent.
        accounts: usize,
    },
    /// The last step of signing in was answered.
    SignedIn {
        /// The account.
        account: String,
        /// How many contacts are seen.
        visible: usize,
    },
    /// A contact now shows this.
    Presence {
        /// The contact.
        account: String,
        /// What it shows itself as.
        status: Status,
        /// Its friendly name.
        name: String,
    },
    /// A contact's personal message.
    Personal {
        /// The contact.
        account: String,
        /// The message.
        message: String,
        /// What it is listening to.
        media: String,
    },
    /// Something came that the Mac passes over without a word, and why it does.
    Dropped {
        /// The line.
        line: String,
        /// Why.
        why: Unread,
    },
    /// The client follows a referral.
    Referred {
        /// To where.
        to: String,
    },
    /// A frame of a conversation.
    Switchboard {
        /// Which conversation, from 1.
        chat: u32,
        /// Whether the client sent it.
        is_sent: bool,
        /// The frame.
        frame: Frame,
    },
    /// Something happened in a conversation.
    Talk {
        /// Which conversation, from 1.
        chat: u32,
        /// What.
        talk: Talk,
    },
    /// What the client says of an order that was given to it.
    Remark {
        /// Its words.
        text: String,
    },
    /// The server answered a ping.
    Alive {
        /// Seconds to the next one, where the server said.
        seconds: Option<u32>,
    },
    /// It is over.
    Finished {
        /// Why.
        why: String,
    },
}

/// What happens in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Talk {
    /// Its connection is open.
    Open {
        /// The switchboard's address.
        host: String,
    },
    /// Somebody is in it.
    Joined {
        /// Who.
        account: String,
    },
    /// Somebody left it.
    Left {
        /// Who.
        account: String,
    },
    /// Somebody said something.
    Said {
        /// Who.
        account: String,
        /// What.
        text: String,
    },
    /// Somebody sent a nudge.
    Nudged {
        /// Who.
        account: String,
    },
    /// It is over.
    Over {
        /// Why.
        why: String,
    },
}

impl fmt::Display for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let safe = |text: &str| to_screen(text.as_bytes());
        match self {
            Talk::Open { host } => write!(f, "open at {}", safe(host)),
            Talk::Joined { account } => write!(f, "{} is there", safe(account)),
            Talk::Left { account } => write!(f, "{} has left", safe(account)),
            Talk::Said { account, text } => write!(f, "{}: {}", safe(account), safe(text)),
            Talk::Nudged { account } => write!(f, "{} sends a nudge", safe(account)),
            Talk::Over { why } => write!(f, "over: {}", escape::safe(why)),
        }
    }
}

impl fmt::Display for Saw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let safe = |text: &str| to_screen(text.as_bytes());
        match self {
            Saw::Connected { address } => write!(f, "connected to {}", safe(address)),
            Saw::Sent(frame) => write!(f, "C: {}", shown(Direction::In, frame)),
            Saw::Received(frame) => write!(f, "S: {}", shown(Direction::Out, frame)),
            Saw::Tls {
                host,
                version,
                cipher,
            } => {
                let (version, cipher) = (safe(version), safe(cipher));
                write!(f, "TLS with {}: {version} {cipher}", safe(host))
            }
            Saw::Http {
                method,
                url,
                status,
                detail,
                bytes,
            } => {
                write!(f, "H: {} {} -> {status}", safe(method), safe(url))?;
                if !detail.is_empty() {
                    write!(f, " {}", safe(detail))?;
                }
                write!(f, " ({bytes} bytes)")
            }
            Saw::Book { accounts } => write!(f, "the address book has {accounts} accounts"),
            Saw::SignedIn { account, visible } => {
                write!(f, "signed in as {}: {visible} contacts seen", safe(account))
            }
            Saw::Presence {
                account,
                status,
                name,
            } => write!(f, "{} is {status}: {}", safe(account), safe(name)),
            Saw::Personal {
                account,
                message,
                media,
            } => {
                let (account, message) = (safe(account), safe(message));
                write!(f, "{account} has the personal message: {message}")?;
                if !media.is_empty() {
                    write!(f, " (listening to {})", safe(media))?;
                }
                Ok(())
            }
            Saw::Dropped { line, why } => {
                let (line, why) = (escape::safe(line), escape::safe(&why.to_string()));
                write!(f, "dropped `{line}`: {why}")
            }
            Saw::Referred { to } => write!(f, "referred to {}", safe(to)),
            Saw::Switchboard {
                chat,
                is_sent,
                frame,
            } => {
                let (who, direction) = match is_sent {
                    true => ("C", Direction::In),
                    false => ("S", Direction::Out),
                };
                write!(f, "{who} chat {chat}: {}", shown(direction, frame))
            }
            Saw::Talk { chat, talk } => write!(f, "chat {chat}: {talk}"),
            Saw::Remark { text } => write!(f, "# {}", escape::safe(text)),
            Saw::Alive { seconds: Some(n) } => write!(f, "alive; next ping in {n} s"),
            Saw::Alive { seconds: None } => write!(f, "alive"),
            Saw::Finished { why } => write!(f, "finished: {}", safe(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask::masked_fields;
    use super::*;
    use bytes::Bytes;

    fn line(wire: &'static [u8]) -> String {
        Saw::Sent(Frame::from_wire(Bytes::from_static(wire))).to_string()
    }

    #[test]
    fn tickets_and_passwords_are_masked_and_no_control_byte_is_shown() {
        assert_eq!(
            line(b"USR 4 TWN S t=secret&p= 235411cb\r\n"),
            "C: USR 4 TWN S ***"
        );
        assert_eq!(line(b"USR 4 TWN S secret\r\n"), "C: USR 4 TWN S ***");
        let asked = Frame::from_wire(Bytes::from_static(b"USR 3 TWN S fake=1\r\n"));
        assert_eq!(Saw::Received(asked).to_string(), "S: USR 3 TWN S fake=1");
        let profile =
            Bytes::from_static(b"MSG Hotmail Hotmail 30\r\nkv: 5\r\nMSPAuth: t=a&p=b\r\nKid: 0");
        assert_eq!(
            Saw::Received(Frame::from_wire(profile)).to_string(),
            "S: MSG Hotmail Hotmail 30 + kv: 5\\r\\nMSPAuth: ***\\r\\nKid: 0"
        );
        assert_eq!(line(b"NOT 3\r\n\x1b[m"), "C: NOT 3 + \\x1B[m");
        assert_eq!(
            masked_fields("Passport1.4 da-status=success,from-PP='t=a,b&p=c',ru=x"),
            "Passport1.4 da-status=success,from-PP=…,ru=x"
        );
        assert_eq!(masked_fields("a=1,sign-in=x,pwd=p"), "a=1,sign-in=x,pwd=…");
        assert_eq!(masked_fields("from-PP='open, a"), "from-PP=…");
        let hidden = Saw::Http {
            method: "GET".into(),
            url: "http://h/\n".into(),
            status: 200,
            detail: "\x1b".into(),
            bytes: 3,
        };
        assert_eq!(
            hidden.to_string(),
            "H: GET http://h/\\n -> 200 \\x1B (3 bytes)"
        );
    }
}
