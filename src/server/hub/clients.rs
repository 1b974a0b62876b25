//! Who is connected: those who come, sign in and leave, the places of one account, and what clients send each other.

use super::{Admission, Client, Hub, Listed, State, is_of};
use crate::event::{ClientId, ClientInfo, Step};
use crate::msnp::dialect::{Book, Mailbox as MailRule};
use crate::msnp::personal::Place;
use crate::msnp::{Frame, Shape, Status};
use crate::roster::{Edit, PASSPORT};
use crate::server::book::Note;
use crate::server::notification::{Ending, Mail, Mailbox};
use crate::server::offline::{Full, Waiting, notification};
use crate::server::seen::Seen;
use std::net::IpAddr;
use std::sync::Arc;

/// The most places at which one account may be signed in; the oldest gives way.
const MOST_PLACES: usize = 16;
/// The most clients that are remembered of those that were sent on.
const MOST_DISPATCHED: usize = 4_096;
/// The type of a note by which one place signs another out.
const SIGN_OUT: &str = "4";

impl Client {
    /// Tells it of messages that wait, where its dialect has that.
    fn tell_waiting(&self, waiting: &[Arc<Waiting>]) {
        let mailbox = self.info.shape.map(|shape| shape.rules().mailbox);
        if !waiting.is_empty() && mailbox == Some(MailRule::Xml) {
            self.mailbox.put(Mail::Broadcast(notification(waiting)));
        }
    }
}

impl Hub {
    /// A client has connected.
    pub fn arrive(&self, info: ClientInfo, mailbox: Arc<Mailbox>) {
        let mut state = self.state.lock();
        let id = info.id;
        state.clients.insert(
            id,
            Client {
                info,
                mailbox,
                subscribed: false,
                ticket: None,
                listed: Listed::default(),
                object: String::new(),
            },
        );
    }

    /// More is known of a client. Returns whether that made a contact of the roster a client.
    pub fn update(&self, info: ClientInfo) -> bool {
        let mut state = self.state.lock();
        let Some(client) = state.clients.get_mut(&info.id) else {
            return false;
        };
        let place = |info: &ClientInfo| {
            is_place(info).then(|| {
                (
                    info.status,
                    info.endpoint.clone(),
                    info.capabilities.clone(),
                )
            })
        };
        let moved = place(&client.info) != place(&info);
        client.info = info.clone();
        let Some(account) = info.account.as_deref() else {
            return false;
        };
        if moved {
            state.tell_places(account, 2);
        }
        info.step == Step::Online && state.refresh(account, &self.events)
    }

    /// A client signs in. Others of its account give way to it: one of the same machine always, one of
    /// another machine unless both speak MSNP16 or above.
    pub fn admit(&self, admission: Admission) {
        let mut state = self.state.lock();
        let several = |shape: Option<Shape>| shape.is_some_and(|s| s.rules().endpoints);
        let mut places = Vec::new();
        for (id, client) in &state.clients {
            let same_account = client.info.step >= Step::SignedIn
                && client
                    .info
                    .account
                    .as_ref()
                    .is_some_and(|a| a.eq_ignore_ascii_case(&admission.account));
            let coexist = client.info.machine != admission.machine
                && several(client.info.shape)
                && several(Some(admission.shape));
            if *id == admission.id || !same_account {
                continue;
            }
            match coexist {
                true => places.push(&client.mailbox),
                false => client.mailbox.end(Ending::Elsewhere),
            }
        }
        for mailbox in places.iter().rev().skip(MOST_PLACES - 1) {
            mailbox.end(Ending::Elsewhere);
        }
        let account = admission.account.clone();
        if let Some(client) = state.clients.get_mut(&admission.id) {
            client.info.account = Some(admission.account);
            client.info.machine = admission.machine;
            client.info.shape = Some(admission.shape);
            client.info.step = Step::SignedIn;
            client.ticket = Some(admission.ticket);
            if is_place(&client.info) {
                state.tell_places(&account, 2);
            }
        }
    }

    /// From now on this client is told of changes; whom it sees up to now is given back.
    pub fn subscribe(&self, id: ClientId) -> Seen {
        let mut state = self.state.lock();
        if let Some(client) = state.clients.get_mut(&id) {
            client.subscribed = true;
            if let Some(account) = &client.info.account {
                client.tell_waiting(&self.offline.of(account));
            }
        }
        state.seen_by(id)
    }

    /// Keeps a message for somebody who is not there, and tells the clients of that account, which may be there after all.
    ///
    /// # Errors
    /// [`Full`], and it is not kept.
    pub fn leave_message(&self, message: Waiting) -> Result<Arc<Waiting>, Full> {
        let kept = self.offline.keep(message)?;
        let state = self.state.lock();
        for client in state.clients.values().filter(|client| client.subscribed) {
            let account = client.info.account.as_deref();
            if account.is_some_and(|account| account.eq_ignore_ascii_case(&kept.to)) {
                client.tell_waiting(std::slice::from_ref(&kept));
            }
        }
        Ok(kept)
    }

    /// A client's connection is closed. Gives back its account, if it was signed in.
    pub fn leave(&self, id: ClientId) -> Option<String> {
        let mut state = self.state.lock();
        let client = state.clients.remove(&id)?;
        if let Some(account) = &client.info.account {
            state.left(account);
            if client.info.step == Step::Online {
                state.refresh(account, &self.events);
            }
            if is_place(&client.info) {
                state.tell_places(account, 1);
            }
        }
        (client.info.step >= Step::SignedIn)
            .then_some(client.info.account)
            .flatten()
    }

    /// Every client, in the order of their numbers.
    pub fn clients(&self) -> Vec<ClientInfo> {
        let state = self.state.lock();
        state.clients.values().map(|c| c.info.clone()).collect()
    }

    /// The mailbox of a client, with what is known of it.
    pub fn client(&self, id: ClientId) -> Option<(ClientInfo, Arc<Mailbox>)> {
        let state = self.state.lock();
        let client = state.clients.get(&id)?;
        Some((client.info.clone(), client.mailbox.clone()))
    }

    /// Sends a challenge to every client that takes one unasked and sees its contacts.
    pub fn challenge_all(&self) {
        for client in self.state.lock().clients.values() {
            let challenged = client.info.shape.is_some_and(|s| s.rules().challenged);
            if challenged && client.info.step == Step::Online {
                client.mailbox.put(Mail::challenge());
            }
        }
    }

    /// What is known of every client that is signed in with this account.
    pub fn clients_of(&self, account: &str) -> Vec<ClientInfo> {
        let state = self.state.lock();
        let held = |info: &ClientInfo| {
            let own = info.account.as_ref();
            info.step >= Step::SignedIn && own.is_some_and(|own| own.eq_ignore_ascii_case(account))
        };
        let clients = state.clients.values();
        clients
            .filter(|client| held(&client.info))
            .map(|client| client.info.clone())
            .collect()
    }

    /// Whether somebody with this account has been here.
    pub fn is_known(&self, account: &str) -> bool {
        let key = account.to_ascii_lowercase();
        self.state.lock().me.contains_key(&key)
    }

    /// Whether the operator's last change of the contact with this account took it away.
    pub fn is_removed(&self, account: &str) -> bool {
        let state = self.state.lock();
        let undone = state.undo.iter().rev().flatten();
        let mut of_it = undone.filter_map(|edit| match edit {
            Edit::Put { contact, at } => contact
                .account
                .eq_ignore_ascii_case(account)
                .then_some(at.is_some()),
            _ => None,
        });
        of_it.next() == Some(true)
    }

    /// Ends every connection.
    pub fn end_all(&self, ending: &Ending) {
        for client in self.state.lock().clients.values() {
            client.mailbox.end(ending.clone());
        }
    }

    /// Gives a note of one client to the others that it is for: an account, or one place of it (`me@local;{guid}`).
    /// Gives back whether it is for anybody: for one that has signed in, for a contact that can be seen, or for
    /// the client's own account.
    pub fn relay(&self, from: ClientId, note: &Note) -> bool {
        let state = self.state.lock();
        let Some(sender) = state.clients.get(&from).map(|client| &client.info) else {
            return false;
        };
        let (account, place) = match note.to.split_once(';') {
            Some((account, place)) => (account, Some(bare(place))),
            None => (note.to.as_str(), None),
        };
        let own = is_of(sender, account);
        let is_there = |machine: &Option<String>| {
            place.is_none_or(|place| {
                let machine = machine.as_deref().map(bare);
                machine.is_some_and(|machine| machine.eq_ignore_ascii_case(place))
            })
        };
        let mut reached = false;
        for (id, client) in &state.clients {
            let takes = client
                .info
                .shape
                .is_some_and(|s| s.rules().book == Book::Soap)
                && client.info.step >= Step::SignedIn;
            if *id == from || !takes || !is_of(&client.info, account) {
                continue;
            }
            if !is_there(&client.info.machine) {
                continue;
            }
            reached = true;
            let frame = ubn(sender, client.info.shape, note);
            client.mailbox.put(match own && note.kind == SIGN_OUT {
                true => Mail::SignOut(frame),
                false => Mail::Broadcast(frame),
            });
        }
        let contact = || {
            state
                .roster
                .get(account)
                .is_some_and(|contact| contact.is_seen())
        };
        reached || place.is_none() && (own || contact())
    }

    /// Whether a client from there, of this account, is to be sent on to another server first: once, and again
    /// after it has come from there.
    pub fn dispatch(&self, peer: IpAddr, account: &str) -> bool {
        let mut state = self.state.lock();
        let key = (peer.to_canonical(), account.to_ascii_lowercase());
        if !state.settings.dispatch || state.dispatched.shift_remove(&key) {
            return false;
        }
        if state.dispatched.len() >= MOST_DISPATCHED {
            state.dispatched.shift_remove_index(0);
        }
        state.dispatched.insert(key)
    }
}

impl State {
    /// Tells every place of an account where else it is signed in, if there are so many.
    fn tell_places(&self, account: &str, least: usize) {
        let of_account = |client: &&Client| is_of(&client.info, account) && is_place(&client.info);
        let places: Vec<&Client> = self.clients.values().filter(of_account).collect();
        if places.len() < least {
            return;
        }
        let me = self.me.get(&account.to_ascii_lowercase());
        let personal = me.map(|me| me.personal.clone()).unwrap_or_default();
        let payload = personal.with_places(places.iter().take(MOST_PLACES).map(|client| {
            let info = &client.info;
            Place {
                id: info.machine.as_deref().unwrap_or_default(),
                name: info.endpoint.as_deref().unwrap_or_default(),
                capabilities: info.capabilities.as_deref().unwrap_or("0:0"),
                status: info.status.unwrap_or(Status::Online),
            }
        }));
        for client in places {
            let Some(shape) = client.info.shape.filter(|shape| shape.rules().places) else {
                continue;
            };
            let contact = shape.contact(account, PASSPORT);
            let length = payload.len();
            let wire = format!("UBX {contact} {length}\r\n{payload}");
            let frame = Frame::from_wire(wire.into());
            client.mailbox.put(Mail::Broadcast(frame));
        }
    }
}

/// Whether a client has signed in at a place that others of its account may know of.
fn is_place(info: &ClientInfo) -> bool {
    info.step >= Step::SignedIn
        && info.machine.is_some()
        && info.shape.is_some_and(|shape| shape.rules().endpoints)
}

/// A machine GUID without its braces: not every client writes them.
fn bare(guid: &str) -> &str {
    guid.trim_start_matches('{').trim_end_matches('}')
}

/// A note, as a client of this shape is given it.
fn ubn(sender: &ClientInfo, shape: Option<Shape>, note: &Note) -> Frame {
    let mut from = sender.account.clone().unwrap_or_default();
    if let Some(machine) = &sender.machine
        && shape.is_some_and(|shape| shape.rules().endpoints)
        && is_place(sender)
    {
        from = format!("{from};{{{}}}", bare(machine));
    }
    let Note { kind, payload, .. } = note;
    let mut wire = format!("UBN {from} {kind} {}\r\n", payload.len()).into_bytes();
    wire.extend_from_slice(payload);
    Frame::from_wire(wire.into())
}
