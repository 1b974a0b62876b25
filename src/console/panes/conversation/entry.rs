//! One entry of a conversation: something that was said, or somebody who came or went.

use crate::event::{Chapter, EventId, Timestamp};
use crate::msnp::extras;
use crate::msnp::message::MessageKind;

/// The most shortcuts of one message that are looked at.
const MOST_SHORTCUTS: usize = 8;

/// What there is to show of a conversation, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something was said.
    Said {
        /// What it is.
        kind: MessageKind,
        /// Its words.
        text: String,
        /// How many of them came one after the other: pieces of a picture, for example.
        count: usize,
    },
    /// Somebody came or went.
    Changed {
        /// Which of them.
        change: Chapter,
        /// Why somebody left.
        reason: Option<String>,
    },
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub time: Timestamp,
    /// Who said it, came or went.
    pub account: String,
    /// Whether that is a contact.
    pub played: bool,
    /// What.
    pub what: What,
    /// Its line of the transcript.
    pub line: EventId,
}

impl Entry {
    /// By what names it shows objects of a client, which can be fetched.
    pub fn shows(&self) -> Vec<String> {
        let What::Said { kind, text, .. } = &self.what else {
            return Vec::new();
        };
        match kind {
            _ if self.played => Vec::new(),
            MessageKind::Wink => vec![extras::WINK.to_owned()],
            MessageKind::Voice => vec![extras::VOICE.to_owned()],
            MessageKind::Emoticon => {
                let words = text.split(' ').filter(|word| !word.is_empty());
                words.take(MOST_SHORTCUTS).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}
