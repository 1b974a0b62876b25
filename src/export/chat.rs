//! The conversations of a recording as chat logs: who said what, and who came and went.

use super::moment;
use crate::event::{Chapter, ConversationId, Event, EventKind, Timestamp};
use crate::msnp::message::MessageKind;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The most conversations that are kept.
const MOST: usize = 1_000;
/// The most lines of all of them.
const MOST_LINES: usize = 20_000;
/// The most accounts of one that are named.
const MOST_NAMED: usize = 16;

/// Every conversation, as its messages and changes say it.
#[derive(Debug, Default)]
pub(super) struct Chats {
    /// By number; those in no conversation by the two who write as well.
    all: BTreeMap<(ConversationId, String), Chat>,
    lines: usize,
    left_out: u64,
}

#[derive(Debug, Default)]
struct Chat {
    accounts: Vec<String>,
    lines: Vec<Line>,
    /// Whether it stands in a report already, with another who was in it.
    written: bool,
}

#[derive(Debug)]
struct Line {
    time: Timestamp,
    who: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Said(String),
    Did(String),
}

impl Chats {
    /// Looks at one event.
    pub(super) fn take(&mut self, event: &Event) {
        let (id, who, to, what) = match &event.kind {
            EventKind::Message(said) => {
                let what = match said.kind {
                    MessageKind::Text => What::Said(said.text.clone()),
                    MessageKind::Nudge => What::Did("nudges".into()),
                    // Nobody logs who is typing, nor the pieces of a picture.
                    MessageKind::Typing
                    | MessageKind::P2p
                    | MessageKind::KeepAlive
                    | MessageKind::ClientCaps => return,
                    kind => What::Did(format!("sends: {kind} {}", said.text)),
                };
                (said.conversation, &said.from, &said.to[..], what)
            }
            EventKind::Conversation(change) => {
                let what = match change.change {
                    Chapter::Ended => return,
                    Chapter::Began => "begins it",
                    Chapter::Called => "is rung",
                    Chapter::Joined => "joins",
                    Chapter::Left => "leaves",
                    Chapter::Unanswered => "did not answer",
                };
                (
                    change.conversation,
                    &change.account,
                    &[][..],
                    What::Did(what.into()),
                )
            }
            _ => return,
        };
        let mut two = String::new();
        if id.0 == 0 {
            let mut both: Vec<_> = std::iter::once(who).chain(to).take(2).collect();
            both.sort_unstable();
            two = both
                .into_iter()
                .fold(two, |two, account| two + account + " ");
        }
        let id = (id, two.to_ascii_lowercase());
        if self.lines >= MOST_LINES || self.all.len() >= MOST && !self.all.contains_key(&id) {
            self.left_out += 1;
            return;
        }
        self.lines += 1;
        let chat = self.all.entry(id).or_default();
        for account in std::iter::once(who).chain(to) {
            if chat.accounts.len() < MOST_NAMED && !chat.accounts.contains(account) {
                chat.accounts.push(account.clone());
            }
        }
        chat.lines.push(Line {
            time: event.time,
            who: who.clone(),
            what,
        });
    }

    /// Writes the conversations in which this account was; `cell` makes text of a client harmless,
    /// and `said` words of several lines.
    pub(super) fn write(
        &mut self,
        account: &str,
        (cell, said): (impl Fn(&str) -> String, impl Fn(&str) -> String),
        out: &mut dyn Write,
    ) -> io::Result<u64> {
        let mut rows = 0;
        for ((id, _), chat) in &mut self.all {
            if !chat
                .accounts
                .iter()
                .any(|held| held.eq_ignore_ascii_case(account))
            {
                continue;
            }
            let accounts: Vec<String> = chat.accounts.iter().map(|account| cell(account)).collect();
            let title = match id.0 {
                0 => "Messages in no conversation".to_owned(),
                id => format!("Conversation {id}"),
            };
            writeln!(out, "\n## {title}: {}\n", accounts.join(", "))?;
            if std::mem::replace(&mut chat.written, true) {
                writeln!(out, "It stands above.")?;
                continue;
            }
            for Line { time, who, what } in &chat.lines {
                let time = moment(*time);
                let time = time.get(11..19).unwrap_or_default();
                match what {
                    What::Said(text) => {
                        writeln!(out, "- {time} **{}**: {}", cell(who), said(text))?
                    }
                    What::Did(what) => writeln!(out, "- {time} *{} {}*", cell(who), cell(what))?,
                }
                rows += 1;
            }
        }
        if self.left_out > 0 {
            writeln!(
                out,
                "\n{} more lines of conversations are left out.",
                std::mem::take(&mut self.left_out)
            )?;
        }
        Ok(rows)
    }
}
