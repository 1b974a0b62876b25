//! One session: what a client and the service have said so far, and what follows from it.

use super::entry;
use super::mail::{Cookie, Passed, Ring};
use crate::event::{
    self, ClientId, ClientInfo, Detail, EventKind, Finding, Sentence, ServiceFinding, Severity,
    Step, Timestamp, say,
};
use crate::msnp::adl::Lists;
use crate::msnp::behind::Behind;
use crate::msnp::{Dialect, Dialects, Frame, FrameError, Shape, TransactionId};
use crate::roster::Roster;
use crate::server::book::{BookError, Change, Kept, Note, Numbers, Synchronised};
use crate::server::link::Ending;
use crate::server::seen::Seen;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

/// What goes into a session.
#[derive(Debug)]
pub enum Input {
    /// The client sent this.
    Frame(Frame),
    /// What the client sent cannot be cut into frames.
    Undecodable(FrameError),
    /// The answer to [`Request::SignIn`].
    Admitted(TransactionId, Box<Welcome>),
    /// The other answer to [`Request::SignIn`], with a sentence that says why.
    Refused(TransactionId, Detail, Sentence),
    /// The answer to [`Request::Subscribe`]: whom it saw when the subscription began.
    Subscribed(TransactionId, Box<Seen>),
    /// The answer to [`Request::Synchronise`].
    Synchronised(TransactionId, Vec<String>, Box<Synchronised>),
    /// The answer to [`Request::Keep`].
    Kept(Box<Done>),
    /// The answer to [`Request::Switchboard`]: a cookie, where there is room for one more conversation.
    Referred(TransactionId, Option<Cookie>),
    /// The answer to [`Request::Pass`]: the message, and whether it has come to anybody.
    Passed(Box<Passed>, bool),
    /// Somebody calls.
    Rung(Box<Ring>),
    /// The operator wants this client answered in that shape.
    Reshape(Shape),
    /// The client is to answer this challenge.
    Challenge(String),
    /// Another place of the account signs this one out, by this note.
    SignOut(Frame),
    /// The answer to [`Request::Note`]: of the UUN, and whether there is anybody to take it.
    Noted(TransactionId, String, bool),
    /// It has to end.
    End(Ending),
}

/// Of the account, for its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Its friendly name.
    pub name: String,
    /// The ticket that it showed, without `t=` and what follows: some take the cookie of SOAP from the profile.
    pub ticket: String,
    /// What was not as it was given about that, and was taken all the same.
    pub loosely: Option<&'static str>,
}

/// What a session is told about the world with each input.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Now.
    pub now: Timestamp,
    /// What the command stands behind that is handled.
    pub behind: Behind,
    /// Where the pages of the service are, as this client reaches it: `http://127.0.0.1:8080/`.
    pub pages: &'a str,
    /// Where the switchboard is, as this client reaches it: `127.0.0.1:1864`.
    pub switchboard: Option<&'a str>,
    /// The nonce for its TWN parameters.
    pub nonce: &'a dyn Fn() -> String,
    /// What it has to prove, where it signs in by SSO.
    pub question: &'a dyn Fn() -> String,
    /// The dialects that are served.
    pub served: Dialects,
    /// Whether a wrong answer to a challenge ends the connection.
    pub strict: bool,
    /// The network of the contact with this account, where there is one.
    pub network: &'a dyn Fn(&str) -> Option<u8>,
    /// How many messages wait for an account.
    pub waiting: &'a dyn Fn(&str) -> usize,
    /// Whether the client has put this account on a list by ADL.
    pub listed: &'a dyn Fn(&str) -> bool,
    /// To which server the client of this account is sent on first, where it is.
    pub dispatch: &'a dyn Fn(&str) -> Option<String>,
}

/// What comes out of a session, in order.
#[derive(Debug, Clone)]
pub enum Output {
    /// Goes to the client.
    Send(Bytes),
    /// Goes to the journal.
    Tell(EventKind),
    /// What is known of the client changed: see [`Session::info`].
    Changed,
    /// Goes to the hub.
    Ask(Request),
    /// The connection is closed, once all before it is sent.
    Close(event::Ending),
}

/// What a session asks of the hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Is this ticket good, and may the account come in? Answered by [`Input::Admitted`] or [`Input::Refused`].
    SignIn {
        /// Of the USR.
        transaction: TransactionId,
        /// As it was shown.
        ticket: String,
        /// Where it signs in by SSO: what it had to prove, and its proof.
        proof: Option<(String, String)>,
        /// Of the USR before it.
        account: String,
        /// The machine GUID, where the client gave one.
        machine: Option<String>,
        /// How it is answered.
        shape: Shape,
    },
    /// It goes to the switchboard. Answered by [`Input::Referred`].
    Switchboard(TransactionId),
    /// Tell it of changes from now on. Answered by [`Input::Subscribed`].
    Subscribe(TransactionId),
    /// This message is for somebody, by no conversation. Answered by [`Input::Passed`].
    Pass(Box<Passed>),
    /// This message by UUM has come to whom it is for, and is told of: a contact may answer.
    Written(Box<Passed>),
    /// ADL and RML: these accounts come onto lists, or go off them.
    List(Vec<(String, Lists)>, bool),
    /// It shows this MSN object, XML; empty where it shows none.
    Show(String),
    /// The account's personal message and media change.
    Personal(crate::msnp::personal::Personal),
    /// All lists and settings, for a client that has them in these versions. Answered by [`Input::Synchronised`].
    Synchronise(TransactionId, Vec<String>),
    /// This note is for others. Answered by [`Input::Noted`].
    Note(TransactionId, Note),
    /// The lists, or what the account sets, change. Answered by [`Input::Kept`].
    Keep(Box<Ask>),
}

/// A change that a command asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Of the command.
    pub transaction: TransactionId,
    /// Of the command.
    pub verb: &'static str,
    /// Of the command, as they came.
    pub arguments: Vec<String>,
    /// What is asked for.
    pub change: Change,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What was asked for.
    pub ask: Ask,
    /// What came of it.
    pub result: Result<Kept, BookError>,
}

/// What is written as the socket drains, a contact at a time.
#[derive(Debug)]
struct Listing {
    next: usize,
    of: Of,
}

/// What of a contact is listed.
#[derive(Debug)]
enum Of {
    /// Its presence, in answer to the CHG with this transaction id.
    Presence(TransactionId, Box<Seen>),
    /// Its entry of the lists, in answer to SYN.
    Lists(Arc<Roster>, Arc<Numbers>),
}

/// One session.
#[derive(Debug)]
pub struct Session {
    pub(super) info: ClientInfo,
    /// What it has to prove, while it signs in by SSO.
    pub(super) question: Option<String>,
    /// The challenges that it has not answered yet, oldest first.
    pub(super) challenges: VecDeque<String>,
    /// Whether it said something before VER that is no verb.
    pub(super) babbles: bool,
    /// What had a payload last.
    listing: Option<Listing>,
}

impl Session {
    /// A session of a client that has just connected.
    pub fn new(id: ClientId, peer: SocketAddr, now: Timestamp) -> Self {
        Self {
            info: ClientInfo::new(id, peer, now),
            question: None,
            challenges: VecDeque::new(),
            babbles: false,
            listing: None,
        }
    }

    /// What is known of the client.
    pub fn info(&self) -> &ClientInfo {
        &self.info
    }

    /// The dialect that was agreed.
    pub fn dialect(&self) -> Option<Dialect> {
        self.info.shape.map(|shape| shape.dialect)
    }

    /// Takes one input; what follows from it is put at the end of `out`.
    pub fn handle(&mut self, input: Input, around: &Surroundings<'_>, out: &mut Vec<Output>) {
        match input {
            Input::Frame(frame) => self.frame(&frame, around, out),
            Input::Undecodable(error) => self.undecodable(&error, out),
            Input::Admitted(transaction, welcome) => {
                self.admitted(transaction, &welcome, around, out);
            }
            Input::Refused(transaction, detail, why) => self.refused(transaction, detail, why, out),
            Input::Subscribed(transaction, seen) => {
                self.step(Step::Online, around);
                out.push(Output::Changed);
                self.listing = Some(Listing {
                    next: 0,
                    of: Of::Presence(transaction, seen),
                });
            }
            Input::Synchronised(transaction, known, all) => {
                if self.synchronised(transaction, &known, &all, out) {
                    self.listing = Some(Listing {
                        next: 0,
                        of: Of::Lists(all.roster, all.numbers),
                    });
                }
            }
            Input::Kept(done) => self.kept(&done, out),
            Input::Challenge(text) => self.challenge(text, out),
            Input::SignOut(note) => {
                out.push(Output::Send(note.wire().clone()));
                out.push(Output::Send(Bytes::from_static(b"OUT OTH\r\n")));
                out.push(Output::Close(event::Ending::SignedOutByOther));
            }
            Input::Noted(transaction, to, taken) => self.noted(transaction, &to, taken, out),
            Input::Referred(transaction, cookie) => {
                self.referred(transaction, cookie.as_ref(), around, out);
            }
            Input::Passed(passed, taken) => self.passed(passed, taken, out),
            Input::Rung(ring) => self.rung(&ring, around, out),
            Input::Reshape(shape) => {
                self.info.shape = Some(shape);
                out.push(Output::Changed);
            }
            Input::End(ending) => {
                if let Some(farewell) = ending
                    .farewell()
                    .filter(|_| self.info.step >= Step::SignedIn)
                {
                    out.push(Output::Send(Bytes::from_static(farewell.as_bytes())));
                }
                out.push(Output::Close(event::Ending::from(&ending)));
            }
        }
    }

    /// Whether the initial list is still being written. Until it is done, nothing more is read from the
    /// client, and changes wait.
    pub fn is_listing(&self) -> bool {
        self.listing.is_some()
    }

    /// The next frames of a list: one visible contact's presence and personal message, or one's entry of the lists.
    /// Nothing more comes once [`Session::is_listing`] is false.
    pub fn list_next(&mut self, out: &mut Vec<Output>) {
        let (Some(listing), Some(shape)) = (&mut self.listing, self.info.shape) else {
            self.listing = None;
            return;
        };
        loop {
            let place = listing.next;
            listing.next += 1;
            match &listing.of {
                Of::Lists(roster, numbers) => {
                    let Some(contact) = roster.at(place) else {
                        break;
                    };
                    if let Some(lines) = entry::contact(shape.rules().book, contact, numbers) {
                        out.extend(lines.map(|line| Output::Send(line.into())));
                        return;
                    }
                }
                Of::Presence(transaction, seen) => {
                    let Some(contact) = seen.at(place) else {
                        break;
                    };
                    let Some(contact) = contact.filter(|contact| contact.is_seen()) else {
                        continue;
                    };
                    let presence = contact.presence();
                    let Some(line) = presence.initial(shape, *transaction) else {
                        continue;
                    };
                    out.push(Output::Send(line.into()));
                    if let Some(personal) = presence.personal(shape, &contact.personal) {
                        out.push(Output::Send(personal.into()));
                    }
                    return;
                }
            }
        }
        self.listing = None;
    }

    fn frame(&mut self, frame: &Frame, around: &Surroundings<'_>, out: &mut Vec<Output>) {
        if frame.line().is_empty() {
            out.push(finding(
                ServiceFinding::EmptyLine,
                "line",
                "an empty line was ignored",
            ));
            return;
        }
        if frame.is_bare_lf() {
            out.push(finding(
                ServiceFinding::BareLf,
                "line end",
                "the line ends in LF without CR; it was taken all the same",
            ));
        }
        match frame.verb() {
            b"PNG" => self.ping(frame, out),
            b"OUT" => out.push(Output::Close(event::Ending::SignedOut)),
            b"VER" | b"CVR" | b"USR" => self.login(frame, around, out),
            _ => self.online(frame, around, out),
        }
    }

    fn ping(&self, frame: &Frame, out: &mut Vec<Output>) {
        if self.info.step < Step::SignedIn {
            let text = "PNG before sign-in: answered all the same";
            let early = Finding::new(ServiceFinding::OutOfOrder, "PNG", text);
            out.push(told(early.weighing(Severity::Info)));
        }
        if frame.tokens().count() > 2 {
            let text = "PNG takes at most a transaction id; what follows it was ignored";
            let more = Finding::new(ServiceFinding::ArgumentCount, "PNG", text);
            out.push(told(more.weighing(Severity::Info)));
        }
        let numbered = self.rules().ping_interval;
        out.push(Output::Send(Bytes::from_static(if numbered {
            b"QNG 60\r\n"
        } else {
            b"QNG\r\n"
        })));
    }

    fn undecodable(&self, error: &FrameError, out: &mut Vec<Output>) {
        let (id, field, transaction) = match error {
            FrameError::LineTooLong { .. } => {
                (ServiceFinding::LineTooLong, Sentence::from("line"), 0)
            }
            FrameError::BadLength { line, .. } => {
                let mut tokens = crate::msnp::line::tokens(line);
                let verb = tokens.next().unwrap_or_default();
                let transaction = tokens.next().and_then(TransactionId::parse);
                (
                    ServiceFinding::BadLength,
                    say!("{} length", crate::msnp::escape::to_screen(verb)),
                    transaction.map_or(0, |t| t.0),
                )
            }
        };
        let error = Sentence::quoting(error.to_string(), &error.quoted());
        let text = say!(
            "{error:#}; where the next command begins is unknown, so 200 was answered and the connection closed"
        );
        out.push(finding(id, field, text));
        out.push(Output::Send(format!("200 {transaction}\r\n").into()));
        out.push(Output::Close(event::Ending::other(error)));
    }

    pub(super) fn step(&mut self, step: Step, around: &Surroundings<'_>) {
        self.info.step = step;
        self.info.since = around.now;
    }
}

/// A finding as an output.
pub(super) fn finding(
    id: ServiceFinding,
    field: impl Into<Sentence>,
    text: impl Into<Sentence>,
) -> Output {
    told(Finding::new(id, field, text))
}

/// The same, where it does not weigh as much as it usually does.
pub(super) fn told(finding: Finding) -> Output {
    Output::Tell(EventKind::Finding(Box::new(finding)))
}

/// Answers a command with an error code, and says why in an event.
pub(super) fn refuse(
    code: u16,
    transaction: Option<TransactionId>,
    id: ServiceFinding,
    field: impl Into<Sentence>,
    why: impl Into<Sentence>,
    out: &mut Vec<Output>,
) {
    let why = why.into();
    let text = say!("{why:#}; {code} was answered");
    out.push(finding(id, field, text));
    out.push(Output::Send(
        format!("{code} {}\r\n", transaction.map_or(0, |t| t.0)).into(),
    ));
}

/// The arguments of a line after verb and transaction id, as text; what is not UTF-8 is escaped.
pub(super) fn arguments(frame: &Frame) -> Vec<String> {
    frame
        .tokens()
        .skip(2)
        .map(crate::msnp::escape::to_text)
        .collect()
}
