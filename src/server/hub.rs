//! The hub: the roster, the connected clients, and the fan-out of changes, behind one plain mutex. Nothing is
//! awaited while it is locked.
//!
//! Changes are encoded once per shape, under the lock, and the same batch of them is put into the mailbox of
//! every subscribed session of that shape. A session subscribes and takes its snapshot in one critical
//! section, so a change meanwhile is neither lost nor doubled.

mod clients;
mod faces;
mod ledger;
mod told;

pub use faces::MOST_LISTED;
pub use ledger::Author;

use crate::event::{
    Became, ClientId, ClientInfo, ContactChange, EventKind, EventSink, Severity, Step,
};
use crate::msnp::personal::Personal;
use crate::msnp::{Dialects, Frame, Shape, Status};
use crate::roster::{Applied, Changed, Contact, Edit, EditError, Me, Roster};
use crate::server::book::{self, BookError, Change, Kept, Numbers, Own, Synchronised};
use crate::server::checks::Checks;
use crate::server::notification::mail::Mailbox;
use crate::server::offline::Offline;
use crate::server::passport::ticket::Ticket;
use faces::{Face, Listed};
use indexmap::{IndexMap, IndexSet};
use ledger::{Cause, Ledger};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::watch;
use told::{Batch, frames, many, reverse, what_changed};

/// The most accounts that are remembered: anybody can make one up.
pub const MAX_ME: usize = 4096;
/// The most changes that can be undone.
const UNDO: usize = 100;

/// The roster and who is connected.
#[derive(Debug)]
pub struct Hub {
    events: EventSink,
    checks: Checks,
    offline: Offline,
    state: Mutex<State>,
}

/// How the service behaves, as the operator wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The dialects that are served.
    pub dialects: Dialects,
    /// Whether a wrong answer to a challenge gets 540 and ends the connection; else it is a finding alone.
    pub strict: bool,
    /// Whether a client is first sent on from this server to itself.
    pub dispatch: bool,
    /// How many seconds east of Greenwich the times of day of schedules are.
    pub utc_offset: i32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialects: Dialects::ALL,
            strict: true,
            dispatch: false,
            utc_offset: 0,
        }
    }
}

#[derive(Debug)]
struct State {
    settings: Settings,
    roster: Arc<Roster>,
    /// What MSNP8 and 9 call the groups.
    numbers: Arc<Numbers>,
    /// Of the lists and of what accounts set. It only grows, and begins with the seconds since 1970: what a client
    /// kept from an earlier run is older.
    version: u32,
    /// The accounts that left longest ago come first.
    me: IndexMap<String, Me>,
    clients: BTreeMap<ClientId, Client>,
    /// The accounts that are really there, in small letters.
    faces: HashMap<String, Face>,
    /// The clients that were sent on and have not come again.
    dispatched: IndexSet<(IpAddr, String)>,
    undo: Vec<Vec<Edit>>,
    ledger: Ledger,
    /// Told of every change of the roster.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Client {
    info: ClientInfo,
    mailbox: Arc<Mailbox>,
    subscribed: bool,
    /// What it signed in with.
    ticket: Option<Ticket>,
    /// What it put on lists by ADL.
    listed: Listed,
    /// Its MSN object, XML; empty where it shows none.
    object: String,
}

/// A client that asks to sign in, after its ticket was found good.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The client.
    pub id: ClientId,
    /// Its account.
    pub account: String,
    /// Its machine GUID, where it gave one.
    pub machine: Option<String>,
    /// How it is answered.
    pub shape: Shape,
    /// The ticket that it showed.
    pub ticket: Ticket,
}

impl Hub {
    /// A hub with this roster and nobody connected.
    pub fn new(roster: Roster, events: EventSink) -> Self {
        let mut numbers = Numbers::default();
        numbers.follow(&roster);
        let version = (events.clock().now().0 / 1_000_000) as u32;
        Self {
            events,
            checks: Checks::default(),
            offline: Offline::default(),
            state: Mutex::new(State {
                settings: Settings::default(),
                roster: Arc::new(roster),
                numbers: Arc::new(numbers),
                version,
                me: IndexMap::new(),
                clients: BTreeMap::new(),
                faces: HashMap::new(),
                dispatched: IndexSet::new(),
                undo: Vec::new(),
                ledger: Ledger::default(),
                changed: watch::Sender::default(),
            }),
        }
    }

    /// Where events go.
    pub fn events(&self) -> &EventSink {
        &self.events
    }

    /// What browsers check.
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// The messages that wait for those who are not there.
    pub fn offline(&self) -> &Offline {
        &self.offline
    }

    /// How the service behaves.
    pub fn settings(&self) -> Settings {
        self.state.lock().settings
    }

    /// Changes how the service behaves, from the next command of a client on.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state.lock().settings);
    }

    /// The client that is at Passport with this account, where it is the only one.
    pub fn awaiting(&self, account: &str) -> Option<ClientId> {
        let state = self.state.lock();
        let mut found = state.clients.iter().filter(|(_, client)| {
            let held = client.info.account.as_deref();
            client.info.step == Step::Authenticating
                && held.is_some_and(|held| held.eq_ignore_ascii_case(account))
        });
        let only = found.next()?;
        found.next().is_none().then_some(*only.0)
    }

    /// Whether a client that is signed in has this ticket: it showed it, or the ticket was issued to it or, where the
    /// ticket names no client, to its account.
    pub fn holds(&self, ticket: &Ticket) -> bool {
        let state = self.state.lock();
        state.clients.iter().any(|(id, client)| {
            let account = client.info.account.as_deref();
            client.info.step >= Step::SignedIn
                && account.is_some_and(|account| account.eq_ignore_ascii_case(&ticket.account))
                && (ticket.client.is_none_or(|client| client == *id)
                    || client.ticket.as_ref() == Some(ticket))
        })
    }

    /// The roster as it is now.
    pub fn roster(&self) -> Arc<Roster> {
        self.state.lock().roster.clone()
    }

    /// What this account has of its own.
    pub fn me(&self, account: &str) -> Me {
        let state = self.state.lock();
        let held = state.me.get(&account.to_ascii_lowercase());
        held.cloned().unwrap_or_else(|| Me::new(account))
    }

    /// Changes what this account has of its own. It is kept while the program runs; only where very many
    /// accounts have been here, those that are not signed in are forgotten.
    pub fn change_me(&self, account: &str, change: impl FnOnce(&mut Me)) {
        self.state.lock().change_me(account, change);
    }

    /// All that is synchronised with a client of this account up to MSNP12.
    pub fn synchronised(&self, account: &str) -> Synchronised {
        let me = self.me(account);
        let state = self.state.lock();
        Synchronised {
            roster: state.roster.clone(),
            numbers: state.numbers.clone(),
            me,
            version: state.version,
        }
    }

    /// Makes a change of the lists, or of what this account sets, for a client, in one critical section.
    ///
    /// # Errors
    /// [`BookError`]; nothing has changed then.
    pub fn keep(&self, account: &str, change: &Change, by: Author) -> Result<Kept, BookError> {
        let mut state = self.state.lock();
        let plan = book::plan(&state.roster, &state.numbers, change)?;
        let number = |numbers: &Numbers| numbers.of(&plan.group.as_ref()?.id);
        // A contact that is removed has none afterwards.
        let before = number(&state.numbers);
        if let Change::Own(own) = change {
            let pairs = match own {
                // Said once more as it is, it is nothing that everybody has to be looked at for.
                Own::Privacy(policy) => {
                    let key = account.to_ascii_lowercase();
                    let held = state.me.get(&key);
                    match held.is_some_and(|me| me.privacy == *policy) {
                        true => Vec::new(),
                        false => state.viewers_of(&key),
                    }
                }
                _ => Vec::new(),
            };
            let before = state.sight(pairs);
            state.change_me(account, |me| own.set(me));
            state.settle(&before);
        }
        if !plan.edits.is_empty() {
            state.edit(plan.edits, Cause::Client(by), &self.events)?;
        }
        let contact = plan.account.and_then(|it| state.roster.get(&it).cloned());
        Ok(Kept {
            version: state.version,
            contact,
            number: before.or_else(|| state.numbers.of(&plan.group.as_ref()?.id)),
            group: plan.group,
        })
    }

    /// What is told when the roster has changed.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.state.lock().changed.subscribe()
    }

    /// Makes one change of the roster, tells every subscribed client and the journal. `by` is the client
    /// that asked for it, which has a quota; `None` is the operator, whose changes can be undone.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn edit(&self, edit: Edit, by: Option<Author>) -> Result<Applied, EditError> {
        self.edit_all(std::iter::once(edit), by)
    }

    /// Makes several changes, all or none, undone as one.
    ///
    /// # Errors
    /// [`EditError`] of the first that was refused; nothing has changed then.
    pub fn edit_all(
        &self,
        edits: impl IntoIterator<Item = Edit>,
        by: Option<Author>,
    ) -> Result<Applied, EditError> {
        self.state.lock().edit(edits, by.into(), &self.events)
    }

    /// Changes one contact, found by [`Roster::find`], in one critical section.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn change(
        &self,
        name: &str,
        by: Option<Author>,
        change: impl FnMut(&mut Contact),
    ) -> Result<Applied, EditError> {
        self.change_all(&[name], by, change)
    }

    /// Changes several contacts, all or none, in one critical section and undone as one.
    ///
    /// # Errors
    /// [`EditError`]; nothing has changed then.
    pub fn change_all<N: AsRef<str>>(
        &self,
        names: &[N],
        by: Option<Author>,
        mut change: impl FnMut(&mut Contact),
    ) -> Result<Applied, EditError> {
        let mut state = self.state.lock();
        let mut edits = Vec::with_capacity(names.len());
        for name in names {
            let mut contact = Contact::clone(state.roster.find(name.as_ref())?);
            change(&mut contact);
            edits.push(Edit::Put {
                contact: Arc::new(contact),
                at: None,
            });
        }
        state.edit(edits, by.into(), &self.events)
    }

    /// A contact shows another status by itself, unless it is no longer the one that is meant. Gives back what it is then.
    pub fn drift(&self, contact: &Arc<Contact>, status: Status) -> Option<Arc<Contact>> {
        let mut state = self.state.lock();
        let held = state.roster.get(&contact.account)?;
        if !Arc::ptr_eq(held, contact) {
            return None;
        }
        let change = |contact: &mut Contact| contact.status = status;
        state.by_itself(&contact.account, change, Cause::Demo, &self.events)
    }

    /// A contact changes by itself, where it is still there.
    pub fn by_itself(&self, account: &str, change: impl FnOnce(&mut Contact)) {
        let mut state = self.state.lock();
        state.by_itself(account, change, Cause::Itself, &self.events);
    }

    /// Takes the operator's last change back. `None` if there is none.
    ///
    /// # Errors
    /// [`EditError`] where what has been changed since stands in the way.
    pub fn undo(&self) -> Option<Result<Applied, EditError>> {
        let mut state = self.state.lock();
        let inverse = state.undo.pop()?;
        Some(state.edit(inverse, Cause::Undo, &self.events))
    }

    /// The clients of which it is kept what they made, those that have left too.
    pub fn makers(&self) -> Vec<ClientId> {
        self.state.lock().ledger.makers()
    }

    /// Takes everything back that this client made of the roster, as one change of the operator's: what it added goes,
    /// what it removed is there again, and what it changed of lists, groups and names is as it was. `None` where it made
    /// nothing.
    ///
    /// # Errors
    /// [`EditError`] where what has been changed since stands in the way.
    pub fn undo_client(&self, client: ClientId) -> Option<Result<Applied, EditError>> {
        let mut state = self.state.lock();
        let edits = state.ledger.undone(client, &state.roster)?;
        let undone = state.edit(edits, Cause::Operator, &self.events);
        if undone.is_ok() {
            state.ledger.forget(client);
        }
        Some(undone)
    }
}

impl State {
    fn by_itself(
        &mut self,
        account: &str,
        change: impl FnOnce(&mut Contact),
        cause: Cause,
        events: &EventSink,
    ) -> Option<Arc<Contact>> {
        let mut contact = Contact::clone(self.roster.get(account)?);
        change(&mut contact);
        let contact = Arc::new(contact);
        let put = Edit::Put {
            contact: contact.clone(),
            at: None,
        };
        self.edit([put], cause, events).ok().map(|_| contact)
    }

    fn change_me(&mut self, account: &str, change: impl FnOnce(&mut Me)) {
        let key = account.to_ascii_lowercase();
        if !self.me.contains_key(&key) {
            self.forget();
        }
        let me = self.me.entry(key).or_insert_with(|| Me::new(account));
        let before = me.clone();
        change(me);
        // What it shows is not a setting.
        let after = Me {
            personal: before.personal.clone(),
            ..me.clone()
        };
        self.version += u32::from(before != after);
    }

    /// Whether a client of this account, in small letters, is connected.
    fn is_here(&self, account: &str) -> bool {
        let mut clients = self.clients.values();
        clients.any(|client| {
            let held = client.info.account.as_deref();
            held.is_some_and(|held| held.eq_ignore_ascii_case(account))
        })
    }

    /// Forgets the account that left longest ago, where there are too many.
    fn forget(&mut self) {
        if self.me.len() < MAX_ME {
            return;
        }
        let clients = self.clients.values();
        let here: HashSet<String> = clients
            .filter_map(|client| Some(client.info.account.as_ref()?.to_ascii_lowercase()))
            .collect();
        let oldest = self.me.keys().position(|account| !here.contains(account));
        self.me.shift_remove_index(oldest.unwrap_or(0));
    }

    /// An account that is here no more keeps its name and its settings; what it showed went with it.
    fn left(&mut self, account: &str) {
        let key = account.to_ascii_lowercase();
        if !self.is_here(&key)
            && let Some(mut me) = self.me.shift_remove(&key)
        {
            me.personal = Personal::default();
            self.me.insert(key, me);
        }
    }

    fn edit(
        &mut self,
        edits: impl IntoIterator<Item = Edit>,
        cause: Cause,
        events: &EventSink,
    ) -> Result<Applied, EditError> {
        // On a copy: contacts are shared, and what is refused leaves no trace.
        let mut roster = Roster::clone(&self.roster);
        let mut all = Applied {
            contacts: Vec::new(),
            inverse: Vec::new(),
            result: None,
        };
        let mut changes = false;
        let mut regroups = false;
        for edit in edits {
            regroups |= matches!(edit, Edit::PutGroup(_) | Edit::RemoveGroup(_));
            // A contact may be put as it is already. Then there must be nothing to undo, or the key press would do
            // nothing.
            changes |= !matches!(edit, Edit::Put { at: None, .. });
            let applied = roster.apply(edit)?;
            all.contacts.extend(applied.contacts);
            all.inverse.splice(0..0, applied.inverse);
        }
        if let Cause::Client(author) = cause {
            self.ledger.keep(author, &all, &roster)?;
        }
        let listed = |contact: &Option<Arc<Contact>>| {
            contact.as_ref().map(|contact| {
                let Contact {
                    name,
                    lists,
                    groups,
                    network,
                    ..
                } = &**contact;
                (name.clone(), *lists, groups.clone(), *network)
            })
        };
        let relists = |(was, is): &Changed| listed(was) != listed(is);
        if regroups || all.contacts.iter().any(relists) {
            self.version += 1;
        }
        if regroups {
            Arc::make_mut(&mut self.numbers).follow(&roster);
        }
        let before = self.sight(self.pairs(&all.contacts));
        self.roster = Arc::new(roster);
        all.result = self.fan_out(&all.contacts, cause, events);
        self.settle(&before);
        changes |= all.contacts.iter().any(|changed| changed.0 != changed.1);
        if changes && matches!(cause, Cause::Operator) {
            if self.undo.len() == UNDO {
                self.undo.remove(0);
            }
            self.undo.push(all.inverse.clone());
        }
        self.changed.send_replace(());
        Ok(all)
    }

    /// Tells of these changes: first the journal, so that no frame stands above its cause, then every subscribed
    /// client in one batch, which all of its shape share. Gives back the result of a change of many, in one line.
    fn fan_out(&self, all: &[Changed], cause: Cause, events: &EventSink) -> Option<String> {
        let by = cause.client();
        let mut batches: Vec<Batch> = Vec::new();
        let subscribed = || self.clients.values().filter(|client| client.subscribed);
        // Whoever asked for a change is told by its outcome.
        let of = |client: &Client| Some((client.info.shape?, Some(client.info.id) == by));
        for (shape, asked) in subscribed().filter_map(of) {
            let same = |batch: &&mut Batch| (batch.shape, batch.asked) == (shape, asked);
            match batches.iter_mut().find(same) {
                Some(batch) => batch.clients += 1,
                None => batches.push(Batch {
                    shape,
                    asked,
                    clients: 1,
                    frames: Vec::new(),
                }),
            }
        }
        let mut told = Vec::new();
        for (before, after) in all {
            let (was, is) = (before.as_deref(), after.as_deref());
            let Some((change, contact)) =
                what_changed(was, is).zip(after.clone().or(before.clone()))
            else {
                continue;
            };
            let mut clients = 0;
            // One that is a client shows what that one says.
            let is_real = self
                .faces
                .contains_key(&contact.account.to_ascii_lowercase());
            for batch in &mut batches {
                let mut frames = match is_real {
                    true => Vec::new(),
                    false => frames(was, is, batch.shape),
                };
                let reverse = reverse(was, is, batch.shape, self.version);
                frames.splice(0..0, reverse.filter(|_| !batch.asked));
                clients += if frames.is_empty() { 0 } else { batch.clients };
                batch.frames.extend(frames);
            }
            told.push(EventKind::Contact(Box::new(ContactChange {
                change: match cause {
                    Cause::Demo => Became::Drift,
                    _ => change,
                },
                contact,
                by,
                told: clients,
            })));
        }
        let clients = batches.iter().filter(|batch| !batch.frames.is_empty());
        let clients = clients.map(|batch| batch.clients).sum();
        let changed = || all.iter().filter(|(was, is)| was != is);
        let result = (told.len() > 1).then(|| many(changed(), told.len(), clients));
        if let Some(text) = result.clone() {
            let severity = Severity::Info;
            events.tell(EventKind::Notice {
                severity,
                text: text.into(),
            });
        }
        for kind in told {
            events.tell(kind);
        }
        let batches: Vec<_> = batches
            .into_iter()
            .filter(|batch| !batch.frames.is_empty())
            .map(|batch| {
                (
                    (batch.shape, batch.asked),
                    Arc::<[Frame]>::from(batch.frames),
                )
            })
            .collect();
        for client in subscribed() {
            let batch = batches.iter().find(|(whose, _)| Some(*whose) == of(client));
            if let Some((_, frames)) = batch {
                client.mailbox.put_all(frames.clone());
            }
        }
        result
    }
}

fn is_of(info: &ClientInfo, account: &str) -> bool {
    let held = info.account.as_deref();
    held.is_some_and(|held| held.eq_ignore_ascii_case(account))
}
