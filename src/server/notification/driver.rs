//! The notification session in its connection: frames go into the session, and what comes out goes to the wire, the journal
//! and the hub.

use super::mail::{Exchange, Mail};
use super::session::{Done, Input, Output, Request, Session, Surroundings, Welcome};
use crate::event::{self, Detail, EventKind, Service, ours, say};
use crate::msnp::proof::{self, ProofError};
use crate::msnp::{Frame, FrameError};
use crate::server::checks;
use crate::server::hub::{Admission, Author, Hub};
use crate::server::link::{Ending, Machine, Wire};
use crate::server::passport::ticket::{TicketError, Tickets};
use crate::server::shares::Place;
use std::cell::OnceCell;
use std::sync::Arc;

/// What a session needs besides its connection.
#[derive(Debug)]
pub struct Driver {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Who knows tickets.
    pub tickets: Arc<Tickets>,
    /// Where this client finds the service's pages: `http://127.0.0.1:8080/`.
    pub pages: String,
    /// Where this client finds the notification service: `127.0.0.1:1863`.
    pub here: String,
    /// Where it finds the switchboard, and who gives it cookies: `127.0.0.1:1864`.
    pub switchboard: Option<(String, Arc<dyn Exchange>)>,
    /// What the connection has of its address's share.
    pub place: Place,
}

/// The machine of a notification connection.
#[derive(Debug)]
pub struct Notification {
    driver: Driver,
    session: Session,
    outputs: Vec<Output>,
}

impl Machine for Notification {
    type Letter = Mail;

    const SERVICE: Service = Service::Notification;

    fn place(&self) -> &Place {
        &self.driver.place
    }

    fn is_busy(&self) -> bool {
        self.session.is_listing()
    }

    fn proceed(&mut self, wire: &mut Wire) {
        self.session.list_next(&mut self.outputs);
        self.carry_out(wire);
    }

    fn frame(&mut self, frame: Frame, wire: &mut Wire) {
        self.handle(wire, Input::Frame(frame));
    }

    fn undecodable(&mut self, error: FrameError, wire: &mut Wire) {
        self.handle(wire, Input::Undecodable(error));
    }

    fn mail(&mut self, letter: Mail, wire: &mut Wire) {
        match letter {
            Mail::Broadcast(frame) => wire.send(frame),
            Mail::Say(frame, said) => {
                wire.tell(EventKind::Message(said));
                wire.send(frame);
            }
            Mail::Inject(bytes) => wire.inject(bytes),
            Mail::Reshape(shape) => self.handle(wire, Input::Reshape(shape)),
            Mail::Ring(ring) => self.handle(wire, Input::Rung(ring)),
            Mail::Challenge(text) => self.handle(wire, Input::Challenge(text)),
            Mail::SignOut(note) => self.handle(wire, Input::SignOut(note)),
        }
    }

    /// The check page asks here whether this port is reached.
    fn stranger(&mut self, begins: &[u8], wire: &mut Wire) -> bool {
        let Some(query) = checks::asked(begins) else {
            return false;
        };
        self.driver.hub.checks().reached(query);
        wire.send(Frame::from_wire(checks::answer().into()));
        wire.close(event::Ending::Checked);
        true
    }

    fn end(&mut self, ending: Ending, wire: &mut Wire) {
        self.handle(wire, Input::End(ending));
    }

    fn left(&mut self, ending: &event::Ending, wire: &mut Wire) {
        let id = self.session.info().id;
        if let Some((_, exchange)) = &self.driver.switchboard {
            exchange.left(id);
        }
        if let Some(account) = self.driver.hub.leave(id) {
            let reason = ending.clone();
            wire.tell(EventKind::SignedOut { account, reason });
        }
    }
}

impl Notification {
    /// The machine of a session that has just begun.
    pub fn new(driver: Driver, session: Session) -> Self {
        Self {
            driver,
            session,
            outputs: Vec::new(),
        }
    }

    fn handle(&mut self, wire: &mut Wire, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            {
                let Driver {
                    hub,
                    tickets,
                    pages,
                    here,
                    switchboard,
                    ..
                } = &self.driver;
                let (id, peer) = (self.session.info().id, self.session.info().peer.ip());
                let settings = hub.settings();
                // A list asks for thousands of contacts.
                let roster = OnceCell::new();
                let roster = || roster.get_or_init(|| hub.roster());
                let around = Surroundings {
                    now: wire.now(),
                    behind: wire.behind(),
                    pages,
                    switchboard: switchboard.as_ref().map(|(address, _)| address.as_str()),
                    nonce: &|| tickets.nonce(id),
                    question: &|| tickets.question(),
                    served: settings.dialects,
                    strict: settings.strict,
                    dispatch: &|account| hub.dispatch(peer, account).then(|| here.clone()),
                    network: &|account| Some(roster().get(account)?.network),
                    waiting: &|account| hub.offline().of(account).len(),
                    listed: &|account| hub.has_listed(id, account),
                };
                self.session.handle(input, &around, &mut self.outputs);
            }
            next = self.carry_out(wire);
        }
    }

    /// Does what came out of the session. Gives back the hub's answer, where it was asked for one: the
    /// session asks for at most one at a time, and last.
    fn carry_out(&mut self, wire: &mut Wire) -> Option<Input> {
        let mut answer = None;
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Send(bytes) => wire.send(Frame::from_wire(bytes)),
                Output::Tell(kind) => wire.tell(kind),
                Output::Changed => {
                    let info = self.session.info().clone();
                    let exchange = self.driver.switchboard.as_ref();
                    if self.driver.hub.update(info.clone())
                        && let Some((account, (_, exchange))) = info.account.as_ref().zip(exchange)
                    {
                        exchange.clone().came(account);
                    }
                    wire.tell(EventKind::Client(Box::new(info)));
                }
                Output::Ask(request) => answer = self.ask(request).or(answer),
                Output::Close(reason) => wire.close(reason),
            }
        }
        self.outputs = outputs;
        answer
    }

    fn ask(&self, request: Request) -> Option<Input> {
        let Driver {
            hub,
            tickets,
            place,
            ..
        } = &self.driver;
        let info = self.session.info();
        match request {
            Request::SignIn {
                transaction,
                ticket,
                proof,
                account,
                machine,
                shape,
            } => {
                let refused = |what, why| Some(Input::Refused(transaction, what, why));
                match tickets.check(&ticket, |known| hub.holds(known)) {
                    Err(TicketError::Foreign)
                        if proof
                            .as_ref()
                            .is_some_and(|(_, proof)| tickets.verify(proof).is_some()) =>
                    {
                        let why = "the ticket and the proof stand in each other's place: USR SSO S has the ticket first, and the proof behind it";
                        refused(Detail::ProofForm, why.into())
                    }
                    Err(TicketError::Foreign) => {
                        let unlike = tickets.unlike(&ticket, Some(info.id), &account);
                        let what = match unlike.is_ours {
                            true => Detail::TicketForm,
                            false => Detail::Ticket,
                        };
                        refused(what, unlike.text)
                    }
                    Err(error) => refused(Detail::TicketLife, say!("{}", ours(error))),
                    Ok(known) if !known.account.eq_ignore_ascii_case(&account) => refused(
                        Detail::TicketForm,
                        say!(
                            "the ticket is good and of another account, {}: USR I named {account}",
                            known.account
                        ),
                    ),
                    Ok(known) => {
                        let secret = tickets.secret(&ticket).unwrap_or_default();
                        if let Some((question, proof)) = proof
                            && let Err(error) = proof::verify(&secret, &question, &proof)
                        {
                            let what = match error {
                                ProofError::Hash | ProofError::Cipher => Detail::Proof,
                                _ => Detail::ProofForm,
                            };
                            return refused(what, say!("{}", ours(error)));
                        }
                        place.settled();
                        let me = hub.me(&account);
                        hub.admit(Admission {
                            id: info.id,
                            account,
                            machine,
                            shape,
                            ticket: known,
                        });
                        let bare = ticket.trim_start_matches("t=").split('&').next();
                        let welcome = Welcome {
                            name: me.name,
                            ticket: bare.unwrap_or_default().to_owned(),
                            loosely: tickets.taken_loosely(&ticket),
                        };
                        Some(Input::Admitted(transaction, Box::new(welcome)))
                    }
                }
            }
            Request::Switchboard(transaction) => {
                let (_, exchange) = self.driver.switchboard.as_ref()?;
                let cookie = exchange.cookie(info.id, info.account.as_ref()?);
                Some(Input::Referred(transaction, cookie))
            }
            Request::Subscribe(transaction) => {
                let seen = Box::new(hub.subscribe(info.id));
                Some(Input::Subscribed(transaction, seen))
            }
            Request::Pass(passed) => {
                let taken = hub.pass(info.id, &passed);
                Some(Input::Passed(passed, taken))
            }
            Request::Written(passed) => {
                if let Some((_, exchange)) = &self.driver.switchboard {
                    exchange.clone().written(info.id, &passed);
                }
                None
            }
            Request::List(entries, put) => {
                hub.listed(info.id, &entries, put);
                None
            }
            Request::Show(object) => {
                hub.shows(info.id, object);
                None
            }
            Request::Personal(personal) => {
                let account = info.account.as_ref()?;
                hub.change_me(account, |me| me.personal = personal);
                None
            }
            Request::Note(transaction, note) => {
                let taken = hub.relay(info.id, &note);
                Some(Input::Noted(transaction, note.to, taken))
            }
            Request::Synchronise(transaction, known) => {
                let all = Box::new(hub.synchronised(info.account.as_ref()?));
                Some(Input::Synchronised(transaction, known, all))
            }
            Request::Keep(ask) => {
                let author = Author {
                    client: Some(info.id),
                    address: info.peer.ip(),
                };
                let result = hub.keep(info.account.as_ref()?, &ask.change, author);
                Some(Input::Kept(Box::new(Done { ask: *ask, result })))
            }
        }
    }
}
