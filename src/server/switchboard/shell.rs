//! The board behind its mutex. What comes out of it is carried to the connections from here.

use super::board::Board;
use super::conversation::Summary;
use super::cookies::GOOD_FOR;
use super::deed::Deed;
use super::offers::Offers;
use super::operator::Ordered;
use super::output::{Output, Where};
use super::peers::Asked;
use super::people::{People as _, Person};
use super::shown::Shown;
use super::trouble::Trouble;
use super::ubm;
use super::world::World;
use crate::event::{self, ClientId, ConnectionId, ConversationId, EventKind, Sentence, Timestamp};
use crate::msnp::Frame;
use crate::roster::Contact;
use crate::server::hub::Hub;
use crate::server::link::{self, Ending, Letter, Wire};
use crate::server::notification::mail;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked, at the most, who has gone offline.
const LOOK: Duration = Duration::from_millis(250);

/// One thing for a switchboard connection.
#[derive(Debug)]
pub enum Mail {
    /// Goes to the client.
    Send(Frame),
    /// Is told in this connection's share.
    Tell(Box<EventKind>),
    /// A contact wants something of the client.
    Ask(Box<Asked>),
}

impl From<Frame> for Mail {
    fn from(frame: Frame) -> Self {
        Mail::Send(frame)
    }
}

impl Letter for Mail {
    fn size(&self) -> usize {
        match self {
            Mail::Send(frame) => frame.wire().len(),
            // The frames of it go by as well.
            Mail::Tell(_) => size_of::<EventKind>(),
            Mail::Ask(_) => size_of::<Asked>(),
        }
    }

    fn frame(&self) -> Option<&Frame> {
        match self {
            Mail::Send(frame) => Some(frame),
            _ => None,
        }
    }
}

/// The mailbox of a switchboard connection.
pub type Mailbox = link::Mailbox<Mail>;

/// The conversations of a running service.
#[derive(Debug)]
pub struct Switchboard {
    hub: Arc<Hub>,
    pub(super) inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
pub(super) struct Inside {
    board: Board,
    pub(super) boxes: HashMap<ConnectionId, Arc<Mailbox>>,
    pub(super) offers: Offers,
    pub(super) shown: Shown,
}

impl Switchboard {
    /// Nobody talks yet.
    pub fn new(hub: Arc<Hub>) -> Arc<Self> {
        Arc::new(Self {
            hub,
            inside: Mutex::default(),
        })
    }

    /// A connection has come.
    pub(crate) fn arrive(&self, seat: ConnectionId, mailbox: Arc<Mailbox>) {
        self.inside.lock().boxes.insert(seat, mailbox);
    }

    /// Ends every connection.
    pub fn end_all(&self, ending: &Ending) {
        for mailbox in self.inside.lock().boxes.values() {
            mailbox.end(ending.clone());
        }
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    fn now(&self) -> Timestamp {
        self.hub.events().clock().now()
    }

    /// A contact can act only as long as no client is it, and it can be seen.
    pub(super) fn can_act(&self, contact: &Contact) -> Result<(), Trouble> {
        let account = contact.account.clone();
        match self.hub.real(&account) {
            Some(client) => Err(Trouble::Real(account, client)),
            None if contact.status.is_visible() => Ok(()),
            None => Err(Trouble::Unseen(account)),
        }
    }

    /// Asks the board, and carries out what comes out before anybody else can ask. `own` is the connection that acts.
    pub(super) fn act<R>(
        self: &Arc<Self>,
        own: Option<&mut Wire>,
        ask: impl FnOnce(&mut Board, &World<'_>, &mut Vec<Output>) -> R,
    ) -> R {
        self.act_upon(own, ask).0
    }

    /// The same, with how many bytes wait now for the one of the others for whom most do.
    pub(super) fn act_upon<R>(
        self: &Arc<Self>,
        mut own: Option<&mut Wire>,
        ask: impl FnOnce(&mut Board, &World<'_>, &mut Vec<Output>) -> R,
    ) -> (R, usize) {
        let world = World {
            hub: &self.hub,
            now: self.now(),
        };
        let mut inside = self.inside.lock();
        let mut out = Vec::new();
        let mut fullest = 0;
        let result = ask(&mut inside.board, &world, &mut out);
        for output in out {
            match output {
                Output::Send(seat, frame) => match &mut own {
                    Some(wire) if wire.id() == seat => wire.send(frame),
                    own => {
                        let Some(mailbox) = inside.boxes.get(&seat) else {
                            continue;
                        };
                        let waiting = match own {
                            Some(wire) => {
                                wire.passes_to(mailbox.clone());
                                mailbox.put_quietly(Mail::Send(frame))
                            }
                            None => mailbox.put(Mail::Send(frame)),
                        };
                        fullest = fullest.max(waiting);
                    }
                },
                Output::Tell(seat, kind) => match (&mut own, seat) {
                    (Some(wire), Some(seat)) if wire.id() == seat => wire.tell(kind),
                    (_, seat) => match seat.and_then(|seat| inside.boxes.get(&seat)) {
                        Some(mailbox) => drop(mailbox.put(Mail::Tell(Box::new(kind)))),
                        None => self.hub.events().tell(kind),
                    },
                },
                Output::Ring(client, ring) => self.ring(client, ring),
                Output::Ask(seat, asked) => {
                    if let Some(mailbox) = inside.boxes.get(&seat) {
                        mailbox.put(Mail::Ask(asked));
                    }
                }
                Output::Later(place, contact, deed, after) => {
                    self.later(place, contact, deed, after);
                }
                Output::Apart(client, contact, deed, by) => {
                    // One that has left meanwhile hears nothing more.
                    if let Some(contact) = world.contact(&contact) {
                        let _ = ubm::write(&self.hub, &contact, client, &deed, by);
                    }
                }
            }
        }
        (result, fullest)
    }

    /// A contact does something so long from now.
    fn later(self: &Arc<Self>, place: Where, contact: String, deed: Deed, after: Duration) {
        let switchboard = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            if let Some(switchboard) = switchboard.upgrade() {
                switchboard.act(None, |board, _, out| board.due(place, &contact, &deed, out));
            }
        });
    }

    /// Rings a client, and gives up when it has not answered while its cookie was good.
    fn ring(self: &Arc<Self>, client: ClientId, ring: mail::Ring) {
        let conversation = ring.conversation;
        if let Some((_, mailbox)) = self.hub.client(client) {
            mailbox.put(mail::Mail::Ring(Box::new(ring)));
        }
        let switchboard = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_micros(GOOD_FOR + 1_000)).await;
            if let Some(switchboard) = switchboard.upgrade() {
                switchboard.act(None, |board, world, out| {
                    board.give_up(conversation, world, out)
                });
            }
        });
    }

    /// The connection of this client has ended.
    pub(super) fn leave(
        self: &Arc<Self>,
        wire: &mut Wire,
        client: ClientId,
        ending: &event::Ending,
    ) {
        let seat = wire.id();
        {
            // What it wrote after it had signed out.
            let is_gone = self.hub.client(client).is_none();
            let mut inside = self.inside.lock();
            inside.boxes.remove(&seat);
            inside.offers.leave(seat);
            if is_gone {
                inside.shown.forget(client);
            }
        }
        let reason = Sentence::from(ending);
        self.act(Some(wire), |board, _, out| board.leave(seat, &reason, out));
    }

    /// A contact does something towards a client.
    ///
    /// # Errors
    /// A sentence.
    pub fn order(
        self: &Arc<Self>,
        contact: &Contact,
        client: ClientId,
        deed: Option<Deed>,
    ) -> Result<Ordered, Trouble> {
        let unseen = match self.can_act(contact) {
            Err(Trouble::Unseen(account)) => Some(account),
            other => other.map(|()| None)?,
        };
        self.act(None, |board, world, out| {
            let person = signed_in(world, client)?;
            // One that is hidden calls nobody, and speaks where it is.
            match unseen.filter(|_| board.shared(&contact.account, client).is_none()) {
                Some(account) => Err(Trouble::Unseen(account)),
                None => Ok(board.order(contact, &person, deed, world, out)?),
            }
        })
    }

    /// A contact calls somebody else into its conversation with a client.
    ///
    /// # Errors
    /// A sentence.
    pub fn bring(
        self: &Arc<Self>,
        contact: &Contact,
        client: ClientId,
        other: &str,
    ) -> Result<ConversationId, Trouble> {
        self.act(None, |board, world, out| {
            Ok(board.bring(contact, client, other, world, out)?)
        })
    }

    /// A contact leaves its conversation with a client.
    ///
    /// # Errors
    /// A sentence.
    pub fn dismiss(
        self: &Arc<Self>,
        contact: &Contact,
        client: ClientId,
    ) -> Result<ConversationId, Trouble> {
        self.act(None, |board, _, out| {
            Ok(board.dismiss(contact, client, out)?)
        })
    }

    /// A contact does something in each of its conversations.
    pub fn everywhere(self: &Arc<Self>, account: &str, deed: &Deed) {
        self.act(None, |board, _, out| board.everywhere(account, deed, out));
    }

    /// Contacts leave their conversations as they go offline or are removed, for as long as it is polled.
    pub(in crate::server) async fn follow(self: Arc<Self>) {
        let mut changed = self.hub.changed();
        while changed.changed().await.is_ok() {
            self.act(None, |board, world, out| board.depart(world, out));
            // What changes without a pause is looked at now and then.
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Every conversation.
    pub fn conversations(&self) -> Vec<Summary> {
        self.inside.lock().board.conversations()
    }
}

impl mail::Exchange for Switchboard {
    fn cookie(&self, client: ClientId, account: &str) -> Option<mail::Cookie> {
        let world = World {
            hub: &self.hub,
            now: self.now(),
        };
        let mut inside = self.inside.lock();
        inside.board.invite(client, account, &world).ok()
    }

    fn written(self: Arc<Self>, client: ClientId, passed: &mail::Passed) {
        self.act(None, |board, world, out| {
            board.written(client, passed, world, out);
        });
    }

    fn left(&self, client: ClientId) {
        self.inside.lock().shown.forget(client);
    }

    fn came(self: Arc<Self>, account: &str) {
        self.act(None, |board, _, out| board.take_over(account, out));
    }
}

fn signed_in(world: &World<'_>, client: ClientId) -> Result<Person, Trouble> {
    world.client(client).ok_or(Trouble::Absent(client))
}
