//! One client's connection to one conversation: its frames become questions to the board.

use super::long::Long;
use super::peers::Peers;
use super::people::People as _;
use super::refusal::Refusal;
use super::shell::{Mail, Switchboard};
use super::speech::{Carried, MAX_A_SECOND};
use crate::event::{
    self, ClientId, ConnectionId, Detail, EventKind, Finding, FindingId, Sentence, Service,
    ServiceFinding, Severity, ours, say,
};
use crate::msnp::dictionary::{self, Known, Stage};
use crate::msnp::escape::to_text;
use crate::msnp::{Direction, Frame, FrameError, Shape, TransactionId, message_form, percent};
use crate::server::link::{Ending, MAX_QUEUED, Machine, Wire};
use crate::server::shares::Place;
use std::sync::Arc;
use std::time::Duration;

/// When this many bytes wait for one of the others, whoever speaks is read more slowly. At four times as many the
/// other one is dropped, and a fast speaker should not bring that about.
const CROWDED: usize = MAX_QUEUED / 4;
/// The longest rest after a message.
const LONGEST: Duration = Duration::from_millis(100);

/// The most messages of a connection of which a finding says that they are of another form than clients read.
const MOST_JUDGED: u8 = 8;

/// The machine of a switchboard connection.
#[derive(Debug)]
pub struct Seat {
    pub(super) switchboard: Arc<Switchboard>,
    id: ConnectionId,
    place: Place,
    /// How its client is answered, once it has shown its cookie.
    shape: Option<Shape>,
    /// Its client, once it has.
    pub(super) client: ClientId,
    /// The account of its client, once it has.
    pub(super) account: String,
    pub(super) peers: Peers,
    pub(super) long: Long,
    /// How long nothing more is read.
    rest: Option<Duration>,
    /// How many of its messages were told to be of another form.
    judged: u8,
}

/// What every command is given.
struct Command<'a> {
    verb: &'static str,
    transaction: TransactionId,
    arguments: Vec<String>,
    payload: &'a [u8],
}

impl Machine for Seat {
    type Letter = Mail;

    const SERVICE: Service = Service::Switchboard;

    fn place(&self) -> &Place {
        &self.place
    }

    fn is_busy(&self) -> bool {
        self.peers.has_more()
    }

    fn proceed(&mut self, wire: &mut Wire) {
        self.hands(wire);
    }

    fn held(&self) -> usize {
        self.peers.held() + self.long.held()
    }

    fn rests(&mut self) -> Option<Duration> {
        self.rest.take()
    }

    fn frame(&mut self, frame: Frame, wire: &mut Wire) {
        match frame.verb() {
            b"" => {}
            b"OUT" => wire.close(event::Ending::Left),
            b"PNG" => send(wire, "QNG 60\r\n".into()),
            _ => self.command(&frame, wire),
        }
    }

    fn undecodable(&mut self, error: FrameError, wire: &mut Wire) {
        let field = match &error {
            FrameError::BadLength { line, .. } => {
                let verb = crate::msnp::line::tokens(line).next().unwrap_or_default();
                say!("{} length", crate::msnp::escape::to_screen(verb))
            }
            FrameError::LineTooLong { .. } => Sentence::from("length"),
        };
        let error = Sentence::quoting(error.to_string(), &error.quoted());
        let text = say!(
            "{error:#}; where the next command begins is unknown, so the connection was closed"
        );
        tell(wire, ServiceFinding::BadLength, field, text);
        wire.close(event::Ending::other(error));
    }

    fn mail(&mut self, letter: Mail, wire: &mut Wire) {
        match letter {
            Mail::Send(frame) => wire.send(frame),
            Mail::Tell(kind) => wire.tell(*kind),
            Mail::Ask(asked) => self.asked(*asked, wire),
        }
    }

    fn end(&mut self, ending: Ending, wire: &mut Wire) {
        if self.shape.is_some() && ending == Ending::Shutdown {
            send(wire, "OUT\r\n".into());
        }
        wire.close(event::Ending::from(&ending));
    }

    fn left(&mut self, ending: &event::Ending, wire: &mut Wire) {
        self.switchboard.leave(wire, self.client, ending);
    }
}

impl Seat {
    /// A connection that has not shown its cookie yet.
    pub fn new(switchboard: Arc<Switchboard>, id: ConnectionId, place: Place) -> Self {
        Self {
            switchboard,
            id,
            place,
            shape: None,
            client: ClientId(0),
            account: String::new(),
            peers: Peers::default(),
            long: Long::default(),
            rest: None,
            judged: 0,
        }
    }

    fn command(&mut self, frame: &Frame, wire: &mut Wire) {
        let token = frame.verb();
        let dialect = self.shape.map(|shape| shape.dialect);
        let known = dictionary::known_in(token, Direction::In, dialect, Stage::Switchboard);
        let verb = match (known, dictionary::lookup(token, Direction::In)) {
            (Known::Yes, Some(verb)) => verb.name,
            (Known::OtherStage | Known::OtherDialect(..), Some(verb)) => {
                let text = say!(
                    "{0} belongs to the notification connection, and this is the switchboard; no reply",
                    verb.name
                );
                tell(wire, ServiceFinding::WrongStage, verb.name, text);
                if self.shape.is_none() {
                    wire.close(event::Ending::other(say!(
                        "{} came to the switchboard",
                        verb.name
                    )));
                }
                return;
            }
            _ => {
                let token = dictionary::short(token);
                if let Some(behind) = wire.behind().text() {
                    let text = say!("\"{token}\" is no command: {}", ours(behind));
                    return tell(wire, ServiceFinding::PayloadShort, "length", text);
                }
                let text = say!(
                    "\"{token}\" is no verb of the protocol; no reply, and its payload is assumed absent"
                );
                return tell(wire, ServiceFinding::UnknownVerb, "verb", text);
            }
        };
        let Some(transaction) = frame.transaction() else {
            let text = say!("{verb} has no transaction id");
            return refuse(
                wire,
                200,
                TransactionId(0),
                ServiceFinding::TransactionId,
                verb,
                text,
            );
        };
        let arguments = frame.tokens().skip(2).map(to_text).collect();
        let command = Command {
            verb,
            transaction,
            arguments,
            payload: frame.payload().unwrap_or_default(),
        };
        match (verb, self.shape) {
            ("USR" | "ANS", None) => self.enter(&command, wire),
            ("CAL", Some(_)) => self.call(&command, wire),
            ("MSG", Some(_)) => self.say(&command, wire),
            (_, shape) => {
                let why = match shape {
                    None => {
                        "came before the client had shown its cookie: USR with the account and the cookie comes first, or ANS to a call"
                    }
                    Some(_) => "came again",
                };
                let text = say!("{verb} {}", ours(why));
                refuse(
                    wire,
                    715,
                    transaction,
                    ServiceFinding::OutOfOrder,
                    verb,
                    text,
                );
                wire.close(event::Ending::other(say!("{verb} out of order")));
            }
        }
    }

    /// USR begins a conversation, ANS answers a call.
    fn enter(&mut self, c: &Command<'_>, wire: &mut Wire) {
        let named = c.arguments.first().map(String::as_str).unwrap_or_default();
        let account = named.split(';').next().unwrap_or_default();
        let cookie = c.arguments.get(1).map(String::as_str).unwrap_or_default();
        let id = self.id;
        let entered = if c.verb == "USR" {
            let entered = self.switchboard.act(Some(wire), |board, world, out| {
                board.enter(id, account, cookie, world, out)
            });
            if let Ok(person) = &entered {
                let name = percent::encode(&person.name);
                send(wire, format!("USR {} OK {named} {name}\r\n", c.transaction));
            }
            entered
        } else {
            let session = c.arguments.get(2).map(String::as_str).unwrap_or_default();
            self.switchboard.act(Some(wire), |board, world, out| {
                board.answer(id, c.transaction, (account, cookie, session), world, out)
            })
        };
        match entered {
            Ok(person) => {
                self.place.settled();
                self.shape = Some(person.shape);
                self.client = person.client;
                self.account = person.account;
                wire.belongs_to(person.client);
            }
            Err(refusal) => {
                let words = c.arguments.get(1..).unwrap_or_default();
                let whose = self.switchboard.act(Some(&mut *wire), |board, world, _| {
                    board.whose(account, words, world)
                });
                // It is told of the client that was sent here, though it has not shown that it is that one.
                if let Some(client) = whose {
                    wire.belongs_to(client);
                }
                refused(wire, c, refusal);
                wire.close(event::Ending::other(say!("{}", ours(refusal))));
            }
        }
    }

    fn call(&mut self, c: &Command<'_>, wire: &mut Wire) {
        let named = c.arguments.first().map(String::as_str).unwrap_or_default();
        let account = named.split(';').next().unwrap_or_default();
        if account.is_empty() {
            let text = say!("CAL needs an account");
            let id = ServiceFinding::ArgumentCount;
            return refuse(wire, 200, c.transaction, id, c.verb, text);
        }
        let id = self.id;
        let called = self.switchboard.act(Some(wire), |board, world, out| {
            board.call(id, c.transaction, account, world, out)
        });
        let Err(refusal) = called else {
            return;
        };
        let mut text = say!("{named}: {}", ours(refusal));
        if refusal == Refusal::Nobody && self.may_judge() {
            let name = percent::decode_text(account.as_bytes());
            let meant = self
                .switchboard
                .act(Some(&mut *wire), |_, world, _| world.named(&name));
            if let Some(meant) = meant {
                text = say!(
                    "{named}: {}. It is the friendly name of {meant}: CAL wants the account in its place",
                    ours(refusal)
                );
            } else if !account.contains('@') {
                text = say!("{named}: {}. It has no @, as an account has", ours(refusal));
            }
        }
        refused_so(wire, c, refusal, text);
    }

    fn say(&mut self, c: &Command<'_>, wire: &mut Wire) {
        let receipt = c.arguments.first().map(String::as_str).unwrap_or_default();
        let acknowledged = matches!(receipt, "A" | "D").then_some(c.transaction);
        let id = self.id;
        let (carried, waiting) = self.switchboard.act_upon(Some(wire), |board, world, out| {
            board.say(id, acknowledged, c.payload, world, out)
        });
        self.rest = rest(waiting);
        match carried {
            Carried::To(_) => {
                self.judge(c, receipt, wire);
                return self.hears(c.payload, wire);
            }
            Carried::Alone => {
                let left = self
                    .switchboard
                    .act(Some(&mut *wire), |board, _, _| board.last_to_leave(id));
                let (field, text) = match left {
                    Some(left) => {
                        let text =
                            "nobody else is in the conversation any more: MSG reached nobody";
                        (Detail::AllLeft.name(), say!("{left}, and {}", ours(text)))
                    }
                    None => {
                        let text =
                            "nobody else is in the conversation, so the message reached nobody";
                        ("MSG", say!("{}", ours(text)))
                    }
                };
                tell(wire, ServiceFinding::NobodyThere, field, text);
            }
            Carried::TooFast(true) => {
                let text = say!(
                    "there were more than {MAX_A_SECOND} messages in a second in this conversation, each counted once for each member; the rest of them is not carried"
                );
                tell(wire, ServiceFinding::TooManyMessages, "MSG", text);
            }
            Carried::TooFast(false) => {}
        }
        if matches!(receipt, "N" | "A" | "D") {
            send(wire, format!("NAK {}\r\n", c.transaction));
        }
    }

    /// Whether something more may be said of what its client sent: once in so many times.
    pub(super) fn may_judge(&mut self) -> bool {
        let may = self.judged < MOST_JUDGED;
        self.judged += u8::from(may);
        may
    }

    /// What is not as it should be about a message that others have.
    fn judge(&mut self, c: &Command<'_>, receipt: &str, wire: &mut Wire) {
        if self.judged >= MOST_JUDGED {
            return;
        }
        let mut told = |field, text| {
            self.judged += 1;
            tell(wire, ServiceFinding::MessageForm, field, text);
        };
        if let Some(fault) = message_form::fault(c.payload) {
            told(
                "MSG payload",
                say!("{}; it was carried all the same", ours(fault)),
            );
        }
        if !matches!(receipt, "N" | "A" | "D" | "U") {
            let text = say!(
                "\"{}\" stands where MSG says which receipt is wanted: N (where it fails), A or D (always) or U (none); none was sent",
                dictionary::short(receipt.as_bytes())
            );
            told("MSG receipt", text);
        }
    }
}

/// The rest after a message, by how much waits for somebody: none, or up to [`LONGEST`].
fn rest(waiting: usize) -> Option<Duration> {
    let over = waiting.checked_sub(CROWDED)?;
    let part = over as f64 / (MAX_QUEUED - CROWDED) as f64;
    Some(LONGEST.mul_f64(part.min(1.0)))
}

fn send(wire: &mut Wire, line: String) {
    wire.send(Frame::from_wire(line.into()));
}

pub(super) fn tell(
    wire: &mut Wire,
    id: ServiceFinding,
    field: impl Into<Sentence>,
    text: impl Into<Sentence>,
) {
    wire.tell(EventKind::Finding(Box::new(Finding::new(id, field, text))));
}

fn refused(wire: &mut Wire, c: &Command<'_>, refusal: Refusal) {
    let who = c.arguments.first().map(String::as_str).unwrap_or_default();
    let text = match refusal {
        cookie if cookie.detail().is_some() => say!("{}: {}", c.verb, ours(cookie)),
        cookie if cookie.is_of_the_cookie() => say!("{}", ours(cookie)),
        _ => say!("{who}: {}", ours(refusal)),
    };
    refused_so(wire, c, refusal, text);
}

fn refused_so(wire: &mut Wire, c: &Command<'_>, refusal: Refusal, text: Sentence) {
    refuse(
        wire,
        refusal.code(),
        c.transaction,
        refusal.id(),
        match refusal.detail() {
            Some(detail) => say!("{} {}", c.verb, ours(detail.name())),
            None => c.verb.into(),
        },
        text,
    );
}

fn refuse(
    wire: &mut Wire,
    code: u16,
    transaction: TransactionId,
    id: ServiceFinding,
    field: impl Into<Sentence>,
    why: impl Into<Sentence>,
) {
    let why = why.into();
    let text = say!("{why:#}; {code} was answered");
    let told = Finding::new(id, field, text);
    // It is an everyday answer to a call that somebody is not there.
    let told = match told.id {
        FindingId::Offline => told.weighing(Severity::Info),
        _ => told,
    };
    wire.tell(EventKind::Finding(Box::new(told)));
    send(wire, format!("{code} {transaction}\r\n"));
}
