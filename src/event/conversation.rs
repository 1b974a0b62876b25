//! What is told of conversations: who comes and goes, and what is said.

use super::table::Told;
use super::{ConversationId, Sentence};
use crate::msnp::escape;
use crate::msnp::message::MessageKind;
use std::fmt::{self, Write as _};

rows! {
    /// What became of a conversation.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Chapter {
        /// Its name in JSON.
        pub fn name;
        /// What the account does, in words.
        pub fn words;
    }
    /// Somebody began it, and is alone in it.
    Began "began" "begins";
    /// A client is rung.
    Called "called" "is called";
    /// Somebody joined.
    Joined "joined" "joins";
    /// Somebody left.
    Left "left" "leaves";
    /// A client that was rung did not come while its cookie was good.
    Unanswered "unanswered" "was called and did not come";
    /// No client is left in it, and none is called.
    Ended "ended" "was the last, and it is over";
}

numbered!(Chapter name = Chapter::ALL);

fields! {
    /// A conversation changed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ConversationChange {
        /// Its number, from 1. It is also the session that clients are rung with.
        pub conversation: ConversationId,
        /// `began`, `called` (a client is rung), `joined`, `left`, `unanswered` (a client that was rung did not come) or
        /// `ended`.
        pub change: Chapter,
        /// Who began it, is called, joined or left. Of a conversation that ended: who was the last in it.
        pub account: String,
        /// Whether that is a contact, which nudge plays.
        pub played: bool,
        /// Who is in it now.
        pub members: Vec<String>,
        /// Why the account left.
        pub reason: Option<Sentence>,
    }
}

fields! {
    /// Something was said in a conversation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Spoken {
        /// Its conversation; 0 where it has none, since it went by UUM, UBM or SDG.
        pub conversation: ConversationId,
        /// Who said it.
        pub from: String,
        /// Whether that is a contact, which nudge plays.
        pub played: bool,
        /// Who was told: the first 16.
        pub to: Vec<String>,
        /// How many were told.
        pub others: usize,
        /// The kind of message.
        pub kind: MessageKind,
        /// Its words. Of custom emoticons: the texts that they stand for. Of peer-to-peer data: session, offset and flags. Of a
        /// message of an unknown type: that type.
        pub text: String as Said,
        /// How the words look (X-MMS-IM-Format), as sent.
        pub format: Option<String> as Option<Said>,
    }
}

impl Told for ConversationChange {
    fn tell(&self, out: &mut String) -> fmt::Result {
        let account = escape::to_screen(self.account.as_bytes());
        let what = self.change.words();
        write!(out, "conversation {}: {account} {what}", self.conversation)?;
        match &self.reason {
            Some(reason) => write!(out, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl Told for Spoken {
    fn tell(&self, out: &mut String) -> fmt::Result {
        match self.conversation.0 {
            0 => write!(out, "in no conversation: {} ", self.from)?,
            id => write!(out, "conversation {id}: {} ", self.from)?,
        }
        match self.kind {
            MessageKind::Text => write!(out, "says: {}", self.text),
            MessageKind::Typing => out.write_str("is typing"),
            MessageKind::Picture | MessageKind::File => out.write_str(&self.text),
            kind if self.text.is_empty() => write!(out, "sends: {kind}"),
            kind => write!(out, "sends: {kind}, {}", self.text),
        }
    }
}
