//! The conversations as the service has told of them, which one is shown, and what is being typed into it.
//!
//! They are built from the events `conversation` and `message` alone, so a recording shows the same.

use super::drafts::{Drafts, Spot};
pub use super::entry::{Entry, What};
use super::line::{Call, Line};
use super::objects::Objects;
use super::which::Which;
use crate::console::widget::edit::LineEdit;
use crate::event::{Chapter, ClientId, ConversationChange, Event, EventId, Spoken, Timestamp};
use crate::msnp::message::MessageKind;
use indexmap::IndexMap;
use std::collections::VecDeque;
use std::time::Duration;

/// The most conversations that are kept: beyond it the one goes that ended first, or began first.
const MOST: usize = 64;
/// The most entries of one: the oldest goes.
const MOST_ENTRIES: usize = 256;
/// The most members of one that are named.
const MOST_MEMBERS: usize = 64;
/// The most that is kept of a text, in bytes. The line of the transcript has all of it.
const LONGEST: usize = 1_024;
/// How long somebody is shown as typing: clients say it anew every five seconds or so.
const TYPES: Duration = Duration::from_secs(7);
/// The least time between two moments at which a contact is told to be typing.
const TYPING_EVERY: Duration = Duration::from_secs(4);

/// Somebody in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: String,
    /// Whether it is a contact, which nudge plays.
    pub played: bool,
    /// The number of its client, where it has one that is known.
    pub client: Option<ClientId>,
}

/// One conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Which it is.
    pub id: Which,
    /// Who is in it.
    pub members: Vec<Member>,
    /// How many more there are than are named.
    pub others: usize,
    /// Who is called and has not come yet.
    pub called: Vec<String>,
    /// The client that was called from here: what is said before it answers is for it.
    pub rung: Option<ClientId>,
    /// What happened, oldest first.
    pub entries: VecDeque<Entry>,
    /// Whether it is over.
    pub ended: bool,
    /// How many messages of clients have come that were not in view.
    pub unseen: usize,
    /// The connections of its clients, for the filter.
    pub connections: Vec<u64>,
    /// How many entries are no longer kept.
    pub forgotten: usize,
    /// Whoever was in it, in the order in which they came.
    pub everyone: Vec<String>,
    typing: Vec<(String, Timestamp)>,
}

fn is(held: &str, account: &str) -> bool {
    held.eq_ignore_ascii_case(account)
}

fn kept(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}

impl Conversation {
    fn new(id: Which) -> Self {
        Self {
            id,
            members: Vec::new(),
            others: 0,
            called: Vec::new(),
            rung: None,
            entries: VecDeque::new(),
            ended: false,
            unseen: 0,
            connections: Vec::new(),
            forgotten: 0,
            everyone: Vec::new(),
            typing: Vec::new(),
        }
    }

    /// Whether this contact is in it.
    pub fn plays(&self, account: &str) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.played && is(&member.account, account))
    }

    /// The first of its clients.
    fn client(&self) -> Option<ClientId> {
        self.members.iter().find_map(|member| member.client)
    }

    /// Whether this client is in it, or called.
    fn has_client(&self, account: &str) -> bool {
        let is_it = |member: &Member| !member.played && is(&member.account, account);
        self.members.iter().any(is_it) || self.called.iter().any(|held| is(held, account))
    }

    /// Who is typing now: nobody, where it is over.
    pub fn typing(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let recent = move |when: &Timestamp| !self.ended && now.since(*when) < TYPES;
        let typing = self.typing.iter().filter(move |(_, when)| recent(when));
        typing.map(|(account, _)| account.as_str())
    }

    /// Who was called or is in it is named by this event, and perhaps the number of its client.
    fn meet(&mut self, account: &str, played: bool, event: &Event) {
        if let Some(connection) = event.connection
            && !self.connections.contains(&connection.0)
            && self.connections.len() < MOST_MEMBERS
        {
            self.connections.push(connection.0);
        }
        self.name(account);
        let members = &mut self.members;
        let place = members.iter().position(|m| is(&m.account, account));
        let client = event.client.filter(|_| !played);
        match place {
            Some(at) => {
                members[at].played = played;
                members[at].client = client.or(members[at].client);
            }
            None if members.len() < MOST_MEMBERS => members.push(Member {
                account: kept(account),
                played,
                client,
            }),
            None => {}
        }
    }

    fn name(&mut self, account: &str) {
        let is_named = self.everyone.iter().any(|held| is(held, account));
        if !is_named && self.everyone.len() < MOST_MEMBERS {
            self.everyone.push(kept(account));
        }
    }

    /// Only these are in it.
    fn settle(&mut self, members: &[String]) {
        members.iter().for_each(|account| self.name(account));
        self.members
            .retain(|held| members.iter().any(|account| is(account, &held.account)));
        for account in members.iter().take(MOST_MEMBERS) {
            if !self.members.iter().any(|held| is(&held.account, account)) {
                // It came before the first event that is known, so nobody said whose it is.
                self.members.push(Member {
                    account: kept(account),
                    played: false,
                    client: None,
                });
            }
        }
        self.members.truncate(MOST_MEMBERS);
        self.others = members.len() - self.members.len().min(members.len());
    }

    fn add(&mut self, entry: Entry) {
        if let (
            Some(Entry {
                account,
                what: What::Said { kind, text, count },
                ..
            }),
            What::Said {
                kind: new,
                text: words,
                ..
            },
        ) = (self.entries.back_mut(), &entry.what)
            && kind == new
            && !matches!(new, MessageKind::Text | MessageKind::Nudge)
            && (!new.has_object() || text == words)
            && is(account, &entry.account)
        {
            *count += 1;
            return;
        }
        self.entries.push_back(entry);
        if self.entries.len() > MOST_ENTRIES {
            self.entries.pop_front();
            self.forgotten += 1;
        }
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Conversations {
    held: IndexMap<Which, Conversation>,
    shown: Option<Which>,
    /// What was called and is not told of yet.
    pub call: Option<Call>,
    drafts: Drafts,
    /// What clients have given of the emoticons and winks that they showed.
    pub objects: Objects,
    /// As whom, where the operator chose; else as the contact that spoke last.
    speaker: Option<String>,
    /// Which entry has the cursor; the newest where none was chosen. Counted over all that there were.
    at: Option<usize>,
    told_typing: Option<(Timestamp, Line)>,
}

impl Conversations {
    /// All, in the order in which they began.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Conversation> {
        self.held.values()
    }

    /// The one that is shown.
    pub fn shown(&self) -> Option<&Conversation> {
        match self.call {
            Some(_) => None,
            None => self.held.get(self.shown.as_ref()?),
        }
    }

    /// Whether there is no conversation, nor anybody rung: nothing can be typed.
    pub fn is_nowhere(&self) -> bool {
        self.call.is_none() && self.shown().is_none()
    }

    /// Takes a change into account.
    pub fn change(&mut self, change: &ConversationChange, event: &Event, line: EventId) {
        let id = Which::Numbered(change.conversation);
        let held = self.entry(id.clone());
        let account = kept(&change.account);
        held.called.retain(|called| !is(called, &account));
        match change.change {
            Chapter::Called if held.called.len() < MOST_MEMBERS => {
                held.called.push(account.clone());
            }
            Chapter::Began | Chapter::Joined => held.meet(&account, change.played, event),
            _ => {}
        }
        held.ended = change.change == Chapter::Ended;
        if !held.ended {
            held.settle(&change.members);
        }
        held.typing.retain(|(typing, _)| !is(typing, &account));
        held.add(Entry {
            time: event.time,
            account: account.clone(),
            played: change.played,
            what: What::Changed {
                change: change.change,
                reason: change.reason.as_deref().map(kept),
            },
            line,
        });
        // What was called with `c` is shown as soon as it is told of.
        let held = self.held.get_mut(&id);
        if let Some((held, call)) = held.zip(self.call.as_ref())
            && held.plays(&call.contact)
            && held.has_client(&call.account)
        {
            held.rung = Some(call.client);
            // What was typed while it rang is meant for it.
            let typed = self.drafts.remove(&self.spot());
            self.call = None;
            self.show(id);
            if let Some(typed) = typed.filter(|_| self.draft().text().is_empty()) {
                *self.draft_mut() = typed;
            }
        }
    }

    fn spot(&self) -> Spot {
        match (&self.call, &self.shown) {
            (Some(call), _) => Spot::Ringing(call.contact.clone(), call.account.clone()),
            (None, Some(id)) => Spot::In(id.clone()),
            (None, None) => Spot::Nowhere,
        }
    }

    /// What is being typed in the shown one.
    pub fn draft(&self) -> &LineEdit {
        self.drafts.of(&self.spot())
    }

    /// The same, to type in it.
    pub fn draft_mut(&mut self) -> &mut LineEdit {
        self.drafts.of_mut(self.spot())
    }

    /// Takes a message into account; `played` says whether nudge plays whom it is for. Says whether it came from a client,
    /// and has something to read.
    pub fn spoke(&mut self, said: &Spoken, played: bool, event: &Event, line: EventId) -> bool {
        let held = self.entry(Which::of(said));
        let account = kept(&said.from);
        held.meet(&account, said.played, event);
        // Of messages outside a conversation no event says who is there.
        if let Some(to) = said.to.first().filter(|_| held.id.is_apart()) {
            let event = match said.played {
                true => event.clone(),
                false => Event {
                    client: None,
                    ..event.clone()
                },
            };
            held.meet(to, played, &event);
            held.ended = false;
        }
        held.typing.retain(|(typing, _)| !is(typing, &account));
        if said.kind == MessageKind::Typing {
            if held.typing.len() < MOST_MEMBERS {
                held.typing.push((account, event.time));
            }
            return false;
        }
        held.add(Entry {
            time: event.time,
            account,
            played: said.played,
            what: What::Said {
                kind: said.kind,
                text: kept(&said.text),
                count: 1,
            },
            line,
        });
        let quiet = matches!(
            said.kind,
            MessageKind::KeepAlive | MessageKind::ClientCaps | MessageKind::P2p
        );
        // What clients say to each other is said to no contact.
        let heard = played || held.members.iter().any(|member| member.played);
        let news = !said.played && !quiet && heard;
        held.unseen += usize::from(news);
        news
    }

    /// A client has left: nothing more is written to it outside a conversation.
    pub fn left(&mut self, client: ClientId) {
        let has = |held: &&mut Conversation| {
            held.members
                .iter()
                .any(|member| member.client == Some(client))
        };
        let apart = self.held.values_mut().filter(|held| held.id.is_apart());
        apart.filter(has).for_each(|held| held.ended = true);
    }

    fn entry(&mut self, id: Which) -> &mut Conversation {
        if !self.held.contains_key(&id) && self.held.len() >= MOST {
            let shown = self.shown.as_ref();
            let goes = |held: &&Conversation| Some(&held.id) != shown;
            let ended = self.held.values().filter(goes).find(|held| held.ended);
            let first = ended.or_else(|| self.held.values().find(goes));
            if let Some(id) = first.map(|held| held.id.clone()) {
                self.held.shift_remove(&id);
                self.drafts.remove(&Spot::In(id));
            }
        }
        self.shown.get_or_insert_with(|| id.clone());
        let new = Conversation::new(id.clone());
        self.held.entry(id).or_insert(new)
    }

    /// Forgets what events told: they are about to be told once more. Which one is shown stays.
    pub fn forget(&mut self) {
        self.held.clear();
        self.objects = Objects::default();
        self.call = None;
        self.at = None;
    }

    /// Shows this one.
    pub fn show(&mut self, id: Which) {
        if self.shown.as_ref() != Some(&id) {
            self.at = None;
            self.speaker = None;
        }
        self.shown = Some(id);
    }

    /// The latest conversation of a contact: with this client, or with anybody. Messages outside a conversation come
    /// last.
    pub fn of_contact(&self, contact: &str, account: Option<&str>) -> Option<&Conversation> {
        let with = |held: &&Conversation| account.is_none_or(|account| held.has_client(account));
        let own = self.held.values().filter(|held| held.plays(contact));
        own.filter(|held| with(held) && !held.ended)
            .max_by_key(|held| !held.id.is_apart())
    }

    /// The latest conversation that this contact was in, over or not.
    pub fn past_of(&self, contact: &str) -> Option<&Conversation> {
        let spoke = |entry: &Entry| entry.played && is(&entry.account, contact);
        let mut all = self.held.values().rev();
        all.find(|held| held.plays(contact) || held.entries.iter().any(spoke))
    }

    /// Goes to the next conversation, or the one before, round and round.
    pub fn turn(&mut self, back: bool) {
        self.call = None;
        let count = self.held.len();
        let shown = self.shown.as_ref();
        let at = shown.and_then(|id| self.held.get_index_of(id));
        let next = match (at, back) {
            (_, _) if count == 0 => return,
            (None, _) => count - 1,
            (Some(at), false) => (at + 1) % count,
            (Some(at), true) => (at + count - 1) % count,
        };
        if let Some((id, _)) = self.held.get_index(next) {
            self.show(id.clone());
        }
    }

    /// Which of how many the shown one is, from 1.
    pub fn place(&self) -> Option<(usize, usize)> {
        let at = self.held.get_index_of(self.shown.as_ref()?)?;
        Some((at + 1, self.held.len()))
    }

    /// The service refused what was called.
    pub fn refused(&mut self) {
        if let Some(call) = &mut self.call {
            call.is_refused = true;
        }
    }

    /// The pane is being opened: where another one has something new, that one is shown.
    pub fn opened(&mut self) {
        let has_news = |held: &&Conversation| held.unseen > 0;
        self.call = self.call.take().filter(|call| !call.is_refused);
        if self.call.is_some() || self.shown().as_ref().is_some_and(has_news) {
            return;
        }
        let news = self.held.values().rev().find(has_news);
        if let Some(id) = news.map(|held| held.id.clone()) {
            self.show(id);
        }
    }

    /// What is shown is in view.
    pub fn seen(&mut self) {
        if let Some(shown) = &self.shown
            && self.call.is_none()
            && let Some(held) = self.held.get_mut(shown)
        {
            held.unseen = 0;
        }
    }

    /// How many messages of clients were not in view yet.
    pub fn unseen(&self) -> usize {
        self.held.values().map(|held| held.unseen).sum()
    }

    /// Whether a contact has such messages.
    pub fn is_awaited(&self, contact: &str) -> bool {
        let mut news = self.held.values().filter(|held| held.unseen > 0);
        news.any(|held| held.plays(contact))
    }

    /// Whether somebody is typing, or was a moment ago: then the screen changes with time alone.
    pub fn ticks(&self, now: Timestamp) -> bool {
        let soon = Timestamp(now.0.saturating_sub(2_000_000));
        self.shown()
            .is_some_and(|held| held.typing(soon).next().is_some())
    }

    /// The contact that is typed as: the one that was chosen, else the one that spoke last, else the first.
    pub fn speaker(&self) -> Option<&str> {
        if let Some(call) = &self.call {
            return Some(&call.contact);
        }
        let held = self.shown()?;
        let chosen = self.speaker.as_deref();
        let said = |entry: &&Entry| entry.played && matches!(entry.what, What::Said { .. });
        let spoke = held.entries.iter().rev().filter(said);
        let first = held.members.iter().filter(|member| member.played);
        chosen
            .into_iter()
            .chain(spoke.map(|entry| entry.account.as_str()))
            .chain(first.map(|member| member.account.as_str()))
            .find(|account| held.plays(account))
    }

    /// The next of the contacts in it speaks. Says which, where there is one.
    pub fn next_speaker(&mut self) -> Option<String> {
        let held = self.shown()?;
        let played = held.members.iter().filter(|member| member.played);
        let all: Vec<&str> = played.map(|member| member.account.as_str()).collect();
        let now = self.speaker();
        let at = all.iter().position(|account| Some(*account) == now);
        let next = all.get((at? + 1) % all.len())?.to_string();
        self.speaker = Some(next.clone());
        Some(next)
    }

    /// Who speaks to whom.
    pub fn line(&self) -> Option<Line> {
        if let Some(call) = &self.call {
            return (!call.is_refused).then(|| Line {
                contact: call.contact.clone(),
                client: call.client,
            });
        }
        let contact = self.speaker()?.to_owned();
        let held = self.shown()?;
        let client = held
            .client()
            .or(held.rung.filter(|_| !held.called.is_empty()))?;
        Some(Line { contact, client })
    }

    /// Something is being typed: whom to show as typing, at most every few seconds, and not while it rings.
    pub fn types(&mut self, now: Timestamp) -> Option<Line> {
        let is_there = self.shown().is_some_and(|held| held.client().is_some());
        let line = self.line().filter(|_| self.call.is_none() && is_there)?;
        if self.draft().text().trim().is_empty() {
            return None;
        }
        let recently = |(when, told): &(Timestamp, Line)| {
            *told == line && now.since(*when) < TYPING_EVERY && now >= *when
        };
        if self.told_typing.as_ref().is_some_and(recently) {
            return None;
        }
        self.told_typing = Some((now, line.clone()));
        Some(line)
    }

    /// What was typed, and nothing is typed any longer.
    pub fn take(&mut self) -> String {
        self.told_typing = None;
        self.at = None;
        std::mem::take(self.draft_mut()).text().to_owned()
    }

    /// The place of the cursor among the entries of the shown one; `None` where it follows the newest.
    pub fn cursor(&self) -> Option<usize> {
        let held = self.shown()?;
        let at = self.at?.checked_sub(held.forgotten)?;
        (at < held.entries.len()).then_some(at)
    }

    /// The entry with the cursor, or the newest.
    pub fn selected(&self) -> Option<&Entry> {
        let held = self.shown()?;
        match self.cursor() {
            Some(at) => held.entries.get(at),
            None => held.entries.back(),
        }
    }

    /// Moves the cursor by so many entries; from the newest on it follows.
    pub fn step(&mut self, by: isize) {
        let Some(held) = self.shown() else { return };
        let last = held.entries.len().saturating_sub(1);
        let at = self.cursor().unwrap_or(last).saturating_add_signed(by);
        self.at = (at < last).then_some(at + held.forgotten);
    }

    /// Moves the cursor to this entry, or the last.
    pub fn go(&mut self, at: usize) {
        let Some(held) = self.shown() else { return };
        let last = held.entries.len().saturating_sub(1);
        self.at = (at < last).then_some(at + held.forgotten);
    }
}
