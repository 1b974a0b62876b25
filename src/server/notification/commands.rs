//! The commands of a client that has signed in. The dictionary says which are known at its dialect; a function in the file
//! of its family carries each out.

use super::session::{Output, Session, Surroundings, arguments, finding, refuse, told};
use crate::event::{Detail, Ending, Finding, Sentence, ServiceFinding, Severity, Step, ours, say};
use crate::msnp::dialect::Rules;
use crate::msnp::dictionary::{self, Known, Stage, short};
use crate::msnp::escape::to_text;
use crate::msnp::{Dialect, Direction, Frame, TransactionId, written};

/// What every command is given.
pub(super) struct Command<'a> {
    pub(super) verb: &'static str,
    pub(super) transaction: TransactionId,
    pub(super) arguments: Vec<String>,
    pub(super) payload: &'a [u8],
}

type Handler = fn(&mut Session, Command<'_>, &Surroundings<'_>, &mut Vec<Output>);

/// Who does what. A verb that is known and not here gets 502.
const HANDLERS: &[(&str, Handler)] = &[
    ("ADL", Session::lists),
    ("RML", Session::lists),
    ("FQY", Session::query),
    ("PRP", Session::property),
    ("BLP", Session::privacy),
    ("CHG", Session::change),
    ("UUX", Session::personal),
    ("URL", Session::url),
    ("UUN", Session::notify),
    ("UUM", Session::pass),
    ("SDG", Session::pass),
    ("GCF", Session::policy),
    ("SBS", Session::echo),
    ("QRY", Session::challenge_answer),
    ("XFR", Session::referral),
    ("SYN", Session::synchronise),
    ("GTC", Session::notice),
    ("ADD", Session::edit),
    ("ADC", Session::edit),
    ("REM", Session::edit),
    ("REA", Session::edit),
    ("SBP", Session::edit),
    ("ADG", Session::edit),
    ("REG", Session::edit),
    ("RMG", Session::edit),
    ("SDC", Session::invite),
    ("LKP", Session::look_up),
];

impl Session {
    /// What the client's shape changes.
    pub(super) fn rules(&self) -> Rules {
        self.info
            .shape
            .map_or(*Dialect::NEWEST.rules(), |shape| shape.rules())
    }

    pub(super) fn online(
        &mut self,
        frame: &Frame,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let token = frame.verb();
        let (direction, dialect) = (Direction::In, self.dialect());
        let known = dictionary::known_in(token, direction, dialect, Stage::SignedIn);
        let verb = match (known, dictionary::lookup(token, direction)) {
            (Known::Yes, Some(verb)) => verb.name,
            (Known::OtherDialect(first, last), _) => return self.other(frame, (first, last), out),
            (Known::OtherStage, _) => {
                let verb = to_text(token);
                let text = say!("{verb} belongs to the switchboard; no reply");
                return out.push(finding(ServiceFinding::WrongStage, verb, text));
            }
            _ => {
                let payload = match skipped(frame) {
                    text if text.is_empty() => {
                        Sentence::from(", and its payload is assumed absent")
                    }
                    text => text,
                };
                let verb = short(token);
                if let Some(behind) = around.behind.text() {
                    let text = say!("\"{verb}\" is no command: {}", ours(behind));
                    return out.push(finding(ServiceFinding::PayloadShort, "length", text));
                }
                // This is said once of a client that never says VER: what follows is no command either.
                let begins = self.info.step == Step::Connected;
                if begins && std::mem::replace(&mut self.babbles, true) {
                    return;
                }
                let (field, text) = match written::miswritten(frame.line()) {
                    Some(how) => (
                        Detail::LineForm.into(),
                        say!("\"{verb}\" is no command: {}; no reply", ours(how)),
                    ),
                    None if OLDER.contains(&token) => (
                        Sentence::from("verb"),
                        say!(
                            "{verb} is a verb of MSNP2 to MSNP7, in which clients sign in by MD5: nudge serves MSNP8 and above, by TWN and SSO; no reply"
                        ),
                    ),
                    None if begins => (
                        "verb".into(),
                        say!(
                            "\"{verb}\" is no verb of the protocol, and VER is due: this is no Messenger, but somebody who types by hand (telnet, nc) or another program. No reply, and what else it says before VER is not told of"
                        ),
                    ),
                    None => (
                        "verb".into(),
                        say!("\"{verb}\" is no verb of the protocol; no reply{payload:#}"),
                    ),
                };
                return out.push(finding(ServiceFinding::UnknownVerb, field, text));
            }
        };
        let Some(transaction) = frame.transaction() else {
            let got = frame.tokens().nth(1).map(to_text);
            return refuse(
                200,
                None,
                ServiceFinding::TransactionId,
                say!("{verb} transaction id"),
                match got {
                    Some(got) => say!("{got:?} stands where {verb} has its transaction id"),
                    None => say!("{verb} has no transaction id"),
                },
                out,
            );
        };
        if self.info.step < Step::SignedIn {
            let expected = self.info.step.expects();
            refuse(
                715,
                Some(transaction),
                ServiceFinding::OutOfOrder,
                verb,
                say!(
                    "{verb} came before the client had signed in; it owes {}",
                    ours(expected)
                ),
                out,
            );
            return out.push(Output::Close(Ending::other(say!("{verb} before sign-in"))));
        }
        let command = Command {
            verb,
            transaction,
            arguments: arguments(frame),
            payload: frame.payload().unwrap_or_default(),
        };
        match HANDLERS.iter().find(|(name, _)| *name == verb) {
            Some((_, handler)) => handler(self, command, around, out),
            None => {
                let text = say!("{verb} is known, and not served yet");
                refuse(
                    502,
                    Some(transaction),
                    ServiceFinding::NotServed,
                    verb,
                    text,
                    out,
                );
            }
        }
    }

    /// A verb of other dialects. The real service ended the connection on those by which older ones edit the lists.
    fn other(&self, frame: &Frame, (first, last): (u8, u8), out: &mut Vec<Output>) {
        let verb = to_text(frame.verb());
        let gone = self
            .dialect()
            .is_some_and(|dialect| dictionary::is_of_the_past(frame.verb(), dialect));
        if gone {
            let text = say!("{verb} belongs to MSNP{last} and below");
            let transaction = frame.transaction();
            refuse(
                715,
                transaction,
                ServiceFinding::OtherDialect,
                verb.clone(),
                text.clone(),
                out,
            );
            let why = say!("{text:#}; from there on the service closes on it");
            return out.push(Output::Close(Ending::other(why)));
        }
        let skipped = skipped(frame);
        let text = say!("{verb} belongs to MSNP{first} to MSNP{last}; no reply{skipped:#}");
        let other = Finding::new(ServiceFinding::OtherDialect, verb, text);
        out.push(told(other.weighing(Severity::Warning)));
    }

    /// `ACK n VERB` to the Mac; `echo` to all others.
    pub(super) fn acknowledge(&self, command: &Command<'_>, echo: String, out: &mut Vec<Output>) {
        let Command {
            verb, transaction, ..
        } = command;
        out.push(Output::Send(match self.rules().ack {
            true => format!("ACK {transaction} {verb}\r\n").into(),
            false => echo.into(),
        }));
    }
}

/// What is said of the payload of a command that is not known here.
/// Verbs that only dialects before MSNP8 have.
const OLDER: [&[u8]; 3] = [b"INF", b"FND", b"SND"];

fn skipped(frame: &Frame) -> Sentence {
    match frame.payload() {
        Some(payload) => say!(", and its payload of {} bytes was skipped", payload.len()),
        None => Sentence::default(),
    }
}

/// Sends a line or a frame.
pub(super) fn send(text: String, out: &mut Vec<Output>) {
    out.push(Output::Send(text.into()));
}

/// The command's own line, again.
pub(super) fn echo(c: &Command<'_>) -> String {
    let mut line = format!("{} {}", c.verb, c.transaction);
    for argument in &c.arguments {
        line.push(' ');
        line.push_str(argument);
    }
    line.push_str("\r\n");
    line
}
