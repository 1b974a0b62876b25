//! Signed-in clients as others see them. An account of which a client sees its contacts has a face: a contact like any
//! other, made of what its clients say. Whoever has the account on its forward list sees the face, unless the account
//! blocks it. A contact of the roster with that account is the face meanwhile.
//!
//! Whatever may change who sees whom is done between [`State::sight`] and [`State::settle`], under the one lock; what an
//! account says of itself is told by [`State::refresh`].

use super::told::frames;
use super::{Client, Hub, State, is_of};
use crate::event::{ClientId, EventKind, EventSink, Severity, Step, say};
use crate::msnp::adl::Lists;
use crate::msnp::dictionary::{self, Known, Stage};
use crate::msnp::{Direction, Frame, Shape, Status};
use crate::roster::{Changed, Contact, MSNOBJ, PASSPORT, Roster, cid};
use crate::server::notification::Mail;
use crate::server::notification::mail::Passed;
use crate::server::seen::Seen;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The most accounts that are remembered of those that a client put on lists by ADL.
pub const MOST_LISTED: usize = 10_000;

/// An account that is really there.
#[derive(Debug)]
pub(super) struct Face {
    contact: Arc<Contact>,
    /// Its clients that see their contacts, the newest last.
    clients: Vec<ClientId>,
}

/// What a client said of its lists by ADL and RML. Accounts are numbers ([`cid`]), since a book may be long.
#[derive(Debug, Default)]
pub(super) struct Listed(HashMap<i64, Lists>);

impl Listed {
    fn change(&mut self, key: i64, lists: Lists, put: bool) {
        if !self.0.contains_key(&key) && self.0.len() >= MOST_LISTED {
            return;
        }
        let held = self.0.entry(key).or_default();
        held.0 = match put {
            true => held.0 | lists.0,
            false => held.0 & !lists.0,
        };
    }

    fn has(&self, account: i64, list: Lists) -> bool {
        self.0
            .get(&account)
            .is_some_and(|lists| lists.contains(list))
    }
}

/// Whom an account takes.
struct Privacy<'a> {
    /// Whether those that it says nothing of are blocked.
    closed: bool,
    listed: Vec<&'a Listed>,
    roster: &'a Roster,
}

impl Privacy<'_> {
    fn blocks(&self, other: &str) -> bool {
        let (blocked, allowed) = self.says(other);
        blocked || self.closed && !allowed
    }

    /// Whether it has the other on its block list, and on its allow list.
    fn says(&self, other: &str) -> (bool, bool) {
        let key = cid(other);
        let said = |list| self.listed.iter().any(|listed| listed.has(key, list));
        // By ADL it may have said otherwise than in the address book, which is all accounts'.
        match (said(Lists::BLOCK), said(Lists::ALLOW)) {
            (false, false) => {
                let held = self.roster.get(other);
                let lists = held.map_or(Lists(0), |contact| contact.lists);
                (lists.contains(Lists::BLOCK), lists.contains(Lists::ALLOW))
            }
            said => said,
        }
    }
}

/// How a change is told to some clients: their shape, and whether the account blocks them.
type Form = (Shape, bool);

/// One client looks at one account.
pub(super) type Pair = (String, ClientId);

impl Hub {
    /// The signed-in client that this account is, where it is one that sees its contacts.
    pub fn real(&self, account: &str) -> Option<ClientId> {
        let state = self.state.lock();
        let face = state.faces.get(&account.to_ascii_lowercase())?;
        face.clients.last().copied()
    }

    /// Whether the account `who` takes nothing from `other`: by its lists, or by its privacy default where they do not
    /// say it. Who is not there, and a contact that nudge plays, blocks nobody.
    pub fn blocks(&self, who: &str, other: &str) -> bool {
        let state = self.state.lock();
        let privacy = state.privacy(&who.to_ascii_lowercase());
        privacy.is_some_and(|privacy| privacy.blocks(other))
    }

    /// Whether the account `who` takes nothing from `other` by its privacy default alone.
    pub fn is_closed(&self, who: &str, other: &str) -> bool {
        let state = self.state.lock();
        let privacy = state.privacy(&who.to_ascii_lowercase());
        privacy.is_some_and(|privacy| privacy.closed && privacy.says(other) == (false, false))
    }

    /// A client puts accounts on its lists, or takes them off, by ADL and RML.
    pub fn listed(&self, id: ClientId, entries: &[(String, Lists)], put: bool) {
        // There may be thousands: whatever can be done before the lock is, and each account is looked for once.
        let accounts: HashSet<String> = entries
            .iter()
            .map(|(account, _)| account.to_ascii_lowercase())
            .collect();
        let keys: Vec<(i64, Lists)> = entries
            .iter()
            .map(|(account, lists)| (cid(account), *lists))
            .collect();
        let mut state = self.state.lock();
        let Some(client) = state.clients.get(&id) else {
            return;
        };
        let own = client.info.account.as_deref().unwrap_or_default();
        let own = own.to_ascii_lowercase();
        let mut pairs: Vec<Pair> = Vec::new();
        for account in accounts {
            let Some(face) = state.faces.get(&account) else {
                continue;
            };
            let others = face.clients.iter();
            pairs.extend(others.map(|other| (own.clone(), *other)));
            pairs.push((account, id));
        }
        let before = state.sight(pairs);
        if let Some(client) = state.clients.get_mut(&id) {
            for (key, lists) in keys {
                client.listed.change(key, lists, put);
            }
        }
        state.settle(&before);
    }

    /// Whether a client has put this account on a list by ADL.
    pub fn has_listed(&self, id: ClientId, account: &str) -> bool {
        let state = self.state.lock();
        let client = state.clients.get(&id);
        client.is_some_and(|client| client.listed.0.contains_key(&cid(account)))
    }

    /// The MSN object that a client shows, XML: empty where it shows none. `None` where there is no such client.
    pub fn shown_by(&self, id: ClientId) -> Option<String> {
        let state = self.state.lock();
        state.clients.get(&id).map(|client| client.object.clone())
    }

    /// Carries a message that goes by no conversation. Gives back whether it has come to anybody: to clients of the account
    /// whose dialects have the verb, or to a contact that can be seen.
    pub fn pass(&self, from: ClientId, passed: &Passed) -> bool {
        let state = self.state.lock();
        let sender = state
            .clients
            .get(&from)
            .and_then(|client| client.info.account.as_deref());
        let Some(sender) = sender else {
            return false;
        };
        let key = passed.to.to_ascii_lowercase();
        let Some(face) = state.faces.get(&key) else {
            return state
                .roster
                .get(&key)
                .is_some_and(|contact| contact.status.is_visible());
        };
        let blocked = || {
            state
                .privacy(&key)
                .is_some_and(|privacy| privacy.blocks(sender))
        };
        if !face.contact.status.is_visible() || blocked() {
            return false;
        }
        let frame = passed.frame(sender, PASSPORT);
        let clients = face.clients.iter().filter_map(|id| state.clients.get(id));
        let takes = |client: &&Client| {
            client
                .info
                .shape
                .is_some_and(|shape| takes(shape, passed.arrives_as()))
        };
        let takers: Vec<&Client> = clients.filter(takes).collect();
        for client in &takers {
            client.mailbox.put(Mail::Broadcast(frame.clone()));
        }
        !takers.is_empty()
    }

    /// The MSN object that a client shows, XML; the next [`Hub::update`] of it tells the others.
    pub fn shows(&self, id: ClientId, object: String) {
        if let Some(client) = self.state.lock().clients.get_mut(&id) {
            client.object = object;
        }
    }
}

impl State {
    /// Makes an account's face anew, and tells whoever sees it what is other than it was. Gives back whether a contact of
    /// the roster has become a client by that.
    pub(super) fn refresh(&mut self, account: &str, events: &EventSink) -> bool {
        let key = account.to_ascii_lowercase();
        let before = self.faces.get(&key).map(|face| face.contact.clone());
        let face = self.face(account);
        let after = face.as_ref().map(|face| face.contact.clone());
        let kept = self.roster.get(account).cloned();
        match face {
            Some(face) => self.faces.insert(key.clone(), face),
            None => self.faces.remove(&key),
        };
        if before == after {
            return false;
        }
        if let Some(contact) = &kept
            && before.is_some() != after.is_some()
        {
            let text = match self.faces.get(&key).and_then(|face| face.clients.last()) {
                Some(id) => say!(
                    "{} is client {id} now, and shows what that one says",
                    contact.account
                ),
                None => say!(
                    "{} is no client any more: it is as the roster has it",
                    contact.account
                ),
            };
            let severity = Severity::Info;
            events.tell(EventKind::Notice { severity, text });
        }
        let listed = kept
            .as_ref()
            .is_some_and(|contact| contact.lists.contains(Lists::FORWARD));
        let privacy = self.privacy(&key);
        let account = cid(account);
        let mut encoded: Vec<(Form, Arc<[Frame]>)> = Vec::new();
        for viewer in self.clients.values().filter(|client| client.subscribed) {
            let Some(shape) = viewer.info.shape else {
                continue;
            };
            if !listed && !viewer.listed.has(account, Lists::FORWARD) {
                continue;
            }
            let other = viewer.info.account.as_deref().unwrap_or_default();
            let blocked = privacy
                .as_ref()
                .is_some_and(|privacy| privacy.blocks(other));
            let form = (shape, blocked);
            let frames = match encoded.iter().find(|(of, _)| *of == form) {
                Some((_, frames)) => frames.clone(),
                None => {
                    let shown = |face: &Option<Arc<Contact>>| match face {
                        Some(_) if blocked => None,
                        Some(face) => Some(face.clone()),
                        None => kept.clone(),
                    };
                    let (was, is) = (shown(&before), shown(&after));
                    let frames: Arc<[Frame]> = frames(was.as_deref(), is.as_deref(), shape).into();
                    encoded.push((form, frames.clone()));
                    frames
                }
            };
            if !frames.is_empty() {
                viewer.mailbox.put_all(frames);
            }
        }
        before.is_none() && kept.is_some()
    }

    fn face(&self, account: &str) -> Option<Face> {
        let here =
            |client: &&Client| client.info.step == Step::Online && is_of(&client.info, account);
        let clients: Vec<&Client> = self.clients.values().filter(here).collect();
        let visible = |client: &&&Client| client.info.status.is_some_and(Status::is_visible);
        // Of several places the newest that can be seen shows how the account is.
        let shown = clients.iter().rev().find(visible).or(clients.last())?;
        let account = shown.info.account.clone()?;
        let mut contact = Contact::new(account.clone(), None);
        if let Some(me) = self.me.get(&account.to_ascii_lowercase()) {
            contact.name.clone_from(&me.name);
            contact.personal.clone_from(&me.personal);
        }
        let mut numbers = shown
            .info
            .capabilities
            .as_deref()
            .unwrap_or_default()
            .split(':');
        let mut number = || {
            numbers
                .next()
                .and_then(|number| number.parse().ok())
                .unwrap_or(0)
        };
        (contact.capabilities, contact.extended) = (number(), number());
        contact.id = String::new();
        contact.status = shown.info.status.unwrap_or(Status::Offline);
        contact.msnobj = match shown.object.as_str() {
            "" => MSNOBJ.to_owned(),
            object => object.to_owned(),
        };
        Some(Face {
            contact: Arc::new(contact),
            clients: clients.iter().map(|client| client.info.id).collect(),
        })
    }

    fn privacy(&self, key: &str) -> Option<Privacy<'_>> {
        let face = self.faces.get(key)?;
        let clients = face.clients.iter().filter_map(|id| self.clients.get(id));
        Some(Privacy {
            closed: self.me.get(key).is_some_and(|me| me.privacy == "BL"),
            listed: clients.map(|client| &client.listed).collect(),
            roster: &self.roster,
        })
    }

    /// Who of these sees the other's face now.
    pub(super) fn sight(&self, pairs: Vec<Pair>) -> Vec<(Pair, bool)> {
        let seen = |(account, viewer): &Pair| self.sees(account, *viewer).is_some();
        pairs
            .into_iter()
            .map(|pair| (pair.clone(), seen(&pair)))
            .collect()
    }

    /// Tells those of them that did not see a face before and do now, and those that do no more.
    pub(super) fn settle(&self, before: &[(Pair, bool)]) {
        let mut encoded: HashMap<(&str, Shape, bool), Arc<[Frame]>> = HashMap::new();
        for ((account, viewer), saw) in before {
            let (Some(face), Some(client)) = (self.faces.get(account), self.clients.get(viewer))
            else {
                continue;
            };
            let sees = self.sees(account, *viewer).is_some();
            let Some(shape) = client
                .info
                .shape
                .filter(|_| client.subscribed && sees != *saw)
            else {
                continue;
            };
            let frames = encoded.entry((account, shape, sees)).or_insert_with(|| {
                let contact = Some(&*face.contact);
                match sees {
                    true => frames(None, contact, shape).into(),
                    false => frames(contact, None, shape).into(),
                }
            });
            if !frames.is_empty() {
                client.mailbox.put_all(frames.clone());
            }
        }
    }

    /// The pairs for which a change of these contacts may matter.
    pub(super) fn pairs(&self, changes: &[Changed]) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (was, is) in changes {
            let lists = |contact: &Option<Arc<Contact>>| {
                contact.as_ref().map_or(Lists(0), |contact| contact.lists)
            };
            let other = lists(was).0 ^ lists(is).0;
            let contact = is.as_ref().or(was.as_ref());
            let Some(key) = contact.map(|contact| contact.account.to_ascii_lowercase()) else {
                continue;
            };
            let Some(face) = self.faces.get(&key).filter(|_| other != 0) else {
                continue;
            };
            if other & Lists::FORWARD.0 != 0 {
                pairs.extend(self.viewers_of(&key));
            }
            if other & (Lists::ALLOW.0 | Lists::BLOCK.0) != 0 {
                for account in self.faces.keys() {
                    pairs.extend(face.clients.iter().map(|id| (account.clone(), *id)));
                }
            }
        }
        // What several of the changes concern is told once.
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Every client that looks at others, with this account.
    pub(super) fn viewers_of(&self, key: &str) -> Vec<Pair> {
        let viewers = self.clients.iter().filter(|(_, client)| client.subscribed);
        viewers.map(|(id, _)| (key.to_owned(), *id)).collect()
    }

    /// The face of an account, where this client sees it.
    fn sees(&self, account: &str, viewer: ClientId) -> Option<&Arc<Contact>> {
        let (face, client) = (self.faces.get(account)?, self.clients.get(&viewer)?);
        let kept = self.roster.get(account);
        let watches = kept.is_some_and(|contact| contact.lists.contains(Lists::FORWARD))
            || client.listed.has(cid(account), Lists::FORWARD);
        let other = client.info.account.as_deref().unwrap_or_default();
        let blocked = || {
            self.privacy(account)
                .is_some_and(|privacy| privacy.blocks(other))
        };
        (watches && !blocked()).then_some(&face.contact)
    }

    /// Everybody that a client sees when it begins to look.
    pub(super) fn seen_by(&self, viewer: ClientId) -> Seen {
        let mut seen = Seen {
            roster: self.roster.clone(),
            ..Seen::default()
        };
        for key in self.faces.keys() {
            let face = self.sees(key, viewer).cloned();
            match self.roster.get(key).is_some() {
                true => drop(seen.real.insert(key.clone(), face)),
                false => seen.more.extend(face),
            }
        }
        seen
    }
}

/// Whether a client of this shape is sent a verb.
fn takes(shape: Shape, verb: &str) -> bool {
    let known = dictionary::known_in(
        verb.as_bytes(),
        Direction::Out,
        Some(shape.dialect),
        Stage::SignedIn,
    );
    known == Known::Yes
}
