//! What contacts answer by themselves: their manners, and what they remember.

use super::board::Board;
use super::conversation::Heard;
use super::deed::Deed;
use super::memory::Thinking;
use super::output::{Output, Where};
use super::people::People;
use crate::event::{EventKind, Finding, ServiceFinding, say};
use crate::msnp::message::MessageKind;
use crate::roster::Manner;
use std::time::Duration;

/// The most answers that are on their way in one conversation, or to one client in none; to more that is said nothing is
/// answered.
pub const MAX_THINKING: usize = 16;
/// The most persons that a contact remembers having told that it is away.
const MAX_TOLD: usize = 1_024;

impl Board {
    /// Contacts have heard something, and answer it as their manners are.
    pub(super) fn heard(
        &mut self,
        place: Where,
        heard: &Heard,
        world: &dyn People,
        out: &mut Vec<Output>,
    ) {
        for contact in &heard.by {
            let Some(manner) = world.contact(contact).map(|held| held.manner.clone()) else {
                continue;
            };
            if let Some((deed, after)) = self.answer_of(contact, &manner, heard) {
                self.soon(place, contact, deed, after, out);
            }
        }
    }

    fn answer_of(
        &mut self,
        contact: &str,
        manner: &Manner,
        heard: &Heard,
    ) -> Option<(Deed, Duration)> {
        let is_text = heard.kind == MessageKind::Text;
        // What is said in several pieces is answered once.
        let is_whole = is_text && !heard.later;
        let key = contact.to_ascii_lowercase();
        if *manner == Manner::Silent && !self.memories.contains_key(&key) {
            return None;
        }
        let memory = self.memories.entry(key).or_default();
        memory.behaves(manner);
        match manner {
            Manner::Silent | Manner::Schedule(_) => None,
            Manner::Echo if heard.kind == MessageKind::Nudge => Some((Deed::Nudge, Duration::ZERO)),
            Manner::Echo if heard.ink.is_some() => {
                let again = heard.ink.clone().map(Deed::Again)?;
                Some((again, Duration::ZERO))
            }
            Manner::Echo => is_text.then(|| (Deed::Text(heard.words.clone()), Duration::ZERO)),
            Manner::Away(text) => {
                if memory.told.len() >= MAX_TOLD {
                    memory.told.clear();
                }
                let first = is_whole && memory.told.insert(heard.from.to_ascii_lowercase());
                first.then(|| (Deed::Text(text.clone()), Duration::ZERO))
            }
            Manner::Reply(rules) => {
                let answered = is_whole.then(|| rules.answer(&heard.words, &mut memory.answers));
                let (answer, after) = answered.flatten()?;
                Some((Deed::Text(answer.to_owned()), after))
            }
        }
    }

    /// Now, or seen typing until then.
    fn soon(
        &mut self,
        place: Where,
        contact: &str,
        deed: Deed,
        after: Duration,
        out: &mut Vec<Output>,
    ) {
        if after.is_zero() {
            return self.does(place, contact, &deed, out);
        }
        let Some(thinking) = self.thinking(place) else {
            return;
        };
        if thinking.answers >= MAX_THINKING {
            if !std::mem::replace(&mut thinking.told, true) {
                let text = say!(
                    "{MAX_THINKING} answers of contacts are on their way already: {contact} answers nothing, and until one of them has come nobody does"
                );
                let finding = Finding::new(ServiceFinding::TooManyAnswers, "MSG", text);
                let seat = match place {
                    Where::Conversation(id) => self.conversations.get(&id),
                    Where::Apart(_) => None,
                };
                let with = seat.and_then(|conversation| conversation.seats().next());
                out.push(Output::Tell(with, EventKind::Finding(Box::new(finding))));
            }
            return;
        }
        thinking.answers += 1;
        self.does(place, contact, &Deed::Typing, out);
        out.push(Output::Later(place, contact.to_owned(), deed, after));
    }

    /// What was to come [`Output::Later`] comes.
    pub fn due(&mut self, place: Where, contact: &str, deed: &Deed, out: &mut Vec<Output>) {
        if let Some(thinking) = self.thinking(place) {
            thinking.answers = thinking.answers.saturating_sub(1);
            thinking.told = false;
            self.does(place, contact, deed, out);
        }
        self.thinking.retain(|_, thinking| thinking.answers > 0);
    }

    /// The answers that are on their way there; `None` where it is over.
    fn thinking(&mut self, place: Where) -> Option<&mut Thinking> {
        match place {
            Where::Conversation(id) => Some(&mut self.conversations.get_mut(&id)?.thinking),
            Where::Apart(client) => Some(self.thinking.entry(client).or_default()),
        }
    }
}
