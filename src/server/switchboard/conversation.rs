//! One conversation: who is in it, who is called to it, and how a message is carried to all others.

use super::deed::Deed;
use super::memory::Thinking;
use super::output::Output;
use super::people::Person;
use crate::event::{ClientId, ConnectionId, ConversationId, EventKind, Spoken, Timestamp};
use crate::msnp::dialect::Capabilities;
use crate::msnp::extras;
use crate::msnp::message::{self, Message, MessageKind};
use crate::msnp::{Frame, Shape, percent};
use crate::roster::Contact;
use std::collections::VecDeque;
use std::fmt;

/// The most members of one conversation.
pub const MAX_MEMBERS: usize = 1_024;
/// The most conversations that one client is in or is called to.
pub const MAX_CONVERSATIONS: usize = 256;
/// The most messages of contacts that wait for a client that is being called.
pub const MAX_WAITING: usize = 64;
/// The most accounts that the event of a message names.
const NAMED: usize = 16;

/// Somebody in a conversation.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) account: String,
    pub(super) name: String,
    /// The first and the second number of its capabilities.
    pub(super) capabilities: (String, String),
    /// Where it sits; `None` is a contact that nudge plays.
    pub(super) seat: Option<ConnectionId>,
}

impl Member {
    pub(super) fn person(person: &Person, seat: ConnectionId) -> Self {
        let mut numbers = person.capabilities.splitn(2, ':');
        let mut number = || match numbers.next() {
            Some(number) if !number.is_empty() => number.to_owned(),
            _ => "0".to_owned(),
        };
        Self {
            account: person.account.clone(),
            name: person.name.clone(),
            capabilities: (number(), number()),
            seat: Some(seat),
        }
    }

    pub(super) fn contact(contact: &Contact) -> Self {
        Self {
            account: contact.account.clone(),
            name: contact.name.clone(),
            capabilities: (
                contact.capabilities.to_string(),
                contact.extended.to_string(),
            ),
            seat: None,
        }
    }

    pub(super) fn is(&self, account: &str) -> bool {
        self.account.eq_ignore_ascii_case(account)
    }

    /// As IRO and JOI name it to a client of this shape: capabilities from MSNP12 on.
    pub(super) fn named(&self, shape: Shape) -> String {
        let mut text = format!("{} {}", self.account, percent::encode(&self.name));
        let rules = shape.rules();
        if rules.member_capabilities {
            let (first, second) = &self.capabilities;
            text.push(' ');
            text.push_str(first);
            if rules.capabilities == Capabilities::Two {
                text.push(':');
                text.push_str(second);
            }
        }
        text
    }
}

/// What was heard of a message.
pub(super) struct Heard {
    /// How many others there are.
    pub(super) others: usize,
    /// The contacts among them.
    pub(super) by: Vec<String>,
    /// Who said it.
    pub(super) from: String,
    pub(super) kind: MessageKind,
    /// The words, where it is a text that contacts hear: as they were said.
    pub(super) words: String,
    /// Whether it is a later piece of something longer.
    pub(super) later: bool,
    /// All of it, where it is ink.
    pub(super) ink: Option<Vec<u8>>,
}

/// A client that is being called.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) client: ClientId,
    pub(super) account: String,
    pub(super) since: Timestamp,
}

#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) members: Vec<Member>,
    pub(super) called: Vec<Called>,
    /// What contacts say as soon as somebody answers.
    pub(super) waiting: VecDeque<(String, Deed)>,
    /// The current second, and how much was carried in it.
    pub(super) second: (u64, u32),
    /// The answers of contacts that are on their way.
    pub(super) thinking: Thinking,
    /// The long messages that were begun last, and what they are: their later pieces do not say it.
    pub(super) long: VecDeque<(String, MessageKind)>,
    /// Who left last, and why, in words.
    pub(super) left: Option<String>,
}

/// The most long messages of a conversation that are remembered.
const MAX_LONG: usize = 8;

impl Conversation {
    pub(super) fn member(&self, account: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.is(account))
    }

    pub(super) fn plays(&self, contact: &str) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.seat.is_none() && member.is(contact))
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.members.iter().filter_map(|member| member.seat)
    }

    pub(super) fn accounts(&self) -> Vec<String> {
        let members = self.members.iter();
        members.map(|member| member.account.clone()).collect()
    }
}

impl Conversation {
    /// What a later piece of a long message is a piece of.
    pub(super) fn piece(&mut self, payload: &[u8]) -> Option<MessageKind> {
        let (id, later) = extras::piece_of(payload)?;
        if later {
            let found = self.long.iter().find(|(held, _)| *held == id);
            return Some(found.map_or(MessageKind::Text, |(_, kind)| *kind));
        }
        if self.long.len() >= MAX_LONG {
            self.long.pop_front();
        }
        self.long.push_back((id, Message::read(payload).kind));
        None
    }

    /// Carries a message to all others; where it is a later piece, `of` is what of. Gives back how many they are.
    pub(super) fn carry(
        &self,
        id: ConversationId,
        speaker: &Member,
        (payload, of): (&[u8], Option<MessageKind>),
        with: Option<ConnectionId>,
        out: &mut Vec<Output>,
    ) -> Heard {
        let others = || {
            self.members
                .iter()
                .filter(|member| !member.is(&speaker.account) || member.seat != speaker.seat)
        };
        let Message { kind, text, format } = Message::read(payload);
        let (kind, text) = match of {
            Some(of) if of != MessageKind::Text => (of, String::new()),
            _ => (kind, text),
        };
        let count = others().count();
        let contacts = others().filter(|other| other.seat.is_none());
        let by: Vec<String> = contacts.map(|other| other.account.clone()).collect();
        let heard = Heard {
            others: count,
            from: speaker.account.clone(),
            kind,
            words: match kind {
                MessageKind::Text if !by.is_empty() => message::words(payload),
                _ => String::new(),
            },
            by,
            later: of.is_some(),
            ink: (kind == MessageKind::Ink).then(|| payload.to_vec()),
        };
        let spoken = Spoken {
            conversation: id,
            from: speaker.account.clone(),
            played: speaker.seat.is_none(),
            to: others()
                .take(NAMED)
                .map(|other| other.account.clone())
                .collect(),
            others: count,
            kind,
            text,
            format,
        };
        out.push(Output::Tell(with, EventKind::Message(Box::new(spoken))));
        let frame = Frame::from_wire(message::frame(&speaker.account, &speaker.name, payload));
        for seat in others().filter_map(|other| other.seat) {
            out.push(Output::Send(seat, frame.clone()));
        }
        heard
    }
}

/// What the operator is told of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its number.
    pub conversation: ConversationId,
    /// Who is in it.
    pub members: Vec<String>,
    /// Who is being called.
    pub called: Vec<String>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "conversation {}: {}",
            self.conversation,
            self.members.join(", ")
        )?;
        if !self.called.is_empty() {
            write!(f, "; called: {}", self.called.join(", "))?;
        }
        Ok(())
    }
}
