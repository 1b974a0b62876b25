//! VER, CVR and USR: from the first line to the address book.

use super::bounds::{self, bounded};
use super::commands::send;
use super::session::Welcome;
use super::session::{Output, Request, Session, Surroundings, arguments, finding, refuse, told};
use crate::event::{
    Detail, Ending, EventKind, Finding, Sentence, ServiceFinding, Severity, Software, Step, ours,
    say,
};
use crate::msnp::dialect::Transfer;
use crate::msnp::escape::{shortened, to_text};
use crate::msnp::{Dialect, Family, Frame, Shape, TransactionId, line, written};
use crate::roster::check_account;

/// Why MD5 is refused.
const MD5: &str = "USR MD5 is the sign-in of MSNP2 to MSNP7, by a digest of the password: it is not served, and clients of MSNP8 and above sign in by TWN or SSO";

/// Whether a word is meant as a number. Another may be a secret that came a word too early, and is not quoted.
fn is_like_a_number(word: &[u8]) -> bool {
    word.iter()
        .all(|b| b.is_ascii_digit() || b"+-.,#".contains(b))
}

impl Session {
    pub(super) fn login(
        &mut self,
        frame: &Frame,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let verb = to_text(frame.verb());
        let Some(transaction) = frame.transaction() else {
            let number = frame.tokens().nth(1).filter(|word| is_like_a_number(word));
            refuse(
                200,
                None,
                ServiceFinding::TransactionId,
                say!("{verb} transaction id"),
                match (written::miswritten(frame.line()), number) {
                    (Some(how), _) => say!(
                        "{verb} has no transaction id where one belongs: {}",
                        ours(how)
                    ),
                    (None, Some(number)) => say!(
                        "{verb} has {} where its transaction id belongs, a whole number from 0 to 4294967295",
                        shortened(&to_text(number), line::QUOTED)
                    ),
                    (None, None) => say!("{verb} has no transaction id where one belongs"),
                },
                out,
            );
            if self.info.step < Step::SignedIn {
                out.push(Output::Close(Ending::other(say!(
                    "{verb} without a transaction id"
                ))));
            }
            return;
        };
        let step = self.info.step;
        match (verb.as_str(), step) {
            ("VER", Step::Connected) => self.version(frame, transaction, around, out),
            ("CVR", s) if s != Step::Connected => {
                self.client_version(frame, transaction, around, out);
            }
            ("USR", Step::ClientVersion) => self.identify(frame, transaction, around, out),
            ("USR", Step::Authenticating) => self.ticket(frame, transaction, out),
            ("USR", Step::Version) => {
                let (id, why) = match frame.tokens().nth(2) {
                    Some(b"MD5") => (ServiceFinding::SignInMethod, MD5),
                    _ => (ServiceFinding::OutOfOrder, "USR came before any CVR"),
                };
                refuse(731, Some(transaction), id, "USR", why, out);
                out.push(Output::Close(Ending::other("USR before CVR")));
            }
            ("USR", Step::SignedIn | Step::Online) if is_of_the_switchboard(frame) => refuse(
                207,
                Some(transaction),
                ServiceFinding::WrongStage,
                "USR",
                "USR with an account and a cookie begins a conversation, and this is the connection of the notification service: the switchboard has a port of its own, which XFR names, and over the HTTP gateway a session of its own (Server=SB)",
                out,
            ),
            ("USR", Step::SignedIn | Step::Online) => refuse(
                207,
                Some(transaction),
                ServiceFinding::OutOfOrder,
                "USR",
                "USR came again after the client had signed in",
                out,
            ),
            ("USR", Step::Connected) if is_of_the_switchboard(frame) => {
                let why = "USR with an account and a cookie begins a conversation, and this is the notification port: the switchboard has a port of its own, which XFR names";
                refuse(
                    715,
                    Some(transaction),
                    ServiceFinding::WrongStage,
                    "USR",
                    why,
                    out,
                );
                out.push(Output::Close(Ending::other("USR of the switchboard")));
            }
            _ => {
                let expected = self.info.step.expects();
                refuse(
                    715,
                    Some(transaction),
                    ServiceFinding::OutOfOrder,
                    verb.clone(),
                    say!(
                        "{verb} is not expected here; the client owes {}",
                        ours(expected)
                    ),
                    out,
                );
                if step < Step::SignedIn {
                    out.push(Output::Close(Ending::other(say!("{verb} out of order"))));
                }
            }
        }
    }

    fn version(
        &mut self,
        frame: &Frame,
        transaction: TransactionId,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let offered: Vec<Dialect> = frame
            .tokens()
            .skip(2)
            .filter_map(Dialect::from_token)
            .collect();
        let Some(dialect) = around.served.newest_of(&offered) else {
            let offer = arguments(frame).join(" ");
            out.push(match Dialect::misspelt(frame.tokens().skip(2)) {
                Some(form) => finding(
                    ServiceFinding::NoCommonDialect,
                    Detail::OfferForm,
                    say!("{}; the client offers {offer:?}, and VER {transaction} 0 was answered", ours(form)),
                ),
                None => finding(
                    ServiceFinding::NoCommonDialect,
                    "VER",
                    say!(
                        "the client offers {offer:?}, and nudge serves {}{}; VER {transaction} 0 was answered",
                        around.served,
                        ours(match offered.is_empty() {
                            true => "",
                            false => ": what it speaks was left out by `--dialects` or `dialects`",
                        })
                    ),
                ),
            });
            out.push(Output::Send(format!("VER {transaction} 0\r\n").into()));
            out.push(Output::Close(Ending::other("no dialect in common")));
            return;
        };
        // The article: echoing CVR0 is enough to make the Mac happy.
        let cvr0 = if frame.tokens().any(|token| token == b"CVR0") {
            " CVR0"
        } else {
            ""
        };
        // A guess until CVR and USR say who it is; nothing is shaped before that.
        let guess = match dialect.rules().mac {
            true => Family::Mac,
            false => Family::Windows,
        };
        self.info.shape = Some(Shape::new(dialect, guess));
        self.step(Step::Version, around);
        out.push(Output::Send(
            format!("VER {transaction} {dialect}{cvr0}\r\n").into(),
        ));
        out.push(Output::Changed);
    }

    fn client_version(
        &mut self,
        frame: &Frame,
        transaction: TransactionId,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        // locale, system, its version, architecture, name, version, brand, account
        let arguments = arguments(frame);
        if arguments.len() < 7 {
            refuse(
                200,
                Some(transaction),
                ServiceFinding::ArgumentCount,
                "CVR",
                say!(
                    "CVR has {} arguments; 8 are due: locale, system, its version, architecture, client, its version, brand, account",
                    arguments.len()
                ),
                out,
            );
            if self.info.step < Step::SignedIn {
                out.push(Output::Close(Ending::other("CVR with too few arguments")));
            }
            return;
        }
        if arguments.len() == 7 {
            let text = "CVR has 7 arguments and lacks the eighth, the account: clients of MSNP8 and above say it there; the sign-in goes on";
            let short = Finding::new(ServiceFinding::ArgumentCount, "CVR", text);
            out.push(told(short.weighing(Severity::Warning)));
        }
        let own = arguments[5].clone();
        let mut kept = |text: String, field| bounded(text, field, bounds::SOFTWARE, out);
        self.info.software = Some(Software {
            name: kept(arguments[4].clone(), "CVR client"),
            version: kept(own.clone(), "CVR version"),
            system: kept(arguments[1..4].join(" "), "CVR system"),
        });
        if let Some(shape) = &mut self.info.shape
            && self.info.step < Step::Authenticating
        {
            shape.family = Family::of(shape.dialect, &arguments[1], &arguments[4], &own);
        }
        if self.info.step == Step::Version {
            self.step(Step::ClientVersion, around);
        }
        // Recommending the client's own version, it has no reason to look for another.
        let pages = around.pages;
        out.push(Output::Send(
            format!("CVR {transaction} {own} {own} {own} {pages} {pages}\r\n").into(),
        ));
        out.push(Output::Changed);
    }

    fn identify(
        &mut self,
        frame: &Frame,
        transaction: TransactionId,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let arguments = arguments(frame);
        let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut wrong = |code, id, field: &'static str, why: Sentence| {
            refuse(code, Some(transaction), id, field, why, out);
            out.push(Output::Close(Ending::other(say!(
                "{} was refused",
                ours(field)
            ))));
        };
        match given.as_slice() {
            [method @ ("TWN" | "SSO"), "I", account] => {
                let sso = *method == "SSO";
                let served = self
                    .info
                    .shape
                    .is_some_and(|shape| shape.dialect.rules().sso);
                if sso && !served {
                    let why =
                        "sign-in by SSO is of newer dialects than the one agreed on: TWN is served"
                            .into();
                    return wrong(911, ServiceFinding::SignInMethod, "USR method", why);
                }
                if let Err(error) = check_account(account) {
                    return wrong(
                        208,
                        ServiceFinding::BadAccount,
                        "USR account",
                        Sentence::quoting(error.to_string(), &error.quoted()),
                    );
                }
                if let Some(host) = (around.dispatch)(account) {
                    let rest = match self.rules().transfer {
                        Transfer::Current => format!("0 {host}"),
                        Transfer::Letters => "U D".to_owned(),
                    };
                    send(format!("XFR {transaction} NS {host} {rest}\r\n"), out);
                    return out.push(Output::Close(Ending::SentOn));
                }
                if let Some(shape) = &mut self.info.shape
                    && sso
                {
                    // No Mac signs in so.
                    shape.family = Family::Windows;
                }
                self.info.account = Some((*account).to_owned());
                self.step(Step::Authenticating, around);
                self.push_policies(out);
                let parameters = if sso {
                    let question = (around.question)();
                    self.question = Some(question.clone());
                    format!("SSO S MBI_KEY_OLD {question}")
                } else {
                    let (time, nonce) = (around.now.0 / 1_000_000, (around.nonce)());
                    // Clients look for `lc=` and `ct=` (clients watched); `tpf` comes back in their
                    // Authorization header, and tells whose Passport request it is.
                    format!(
                        "TWN S lc=1033,id=507,tw=40,fs=1,ru=http%3A%2F%2Fmessenger%2Emsn%2Ecom,ct={time},kpp=1,kv=5,ver=2.1.0173.1,tpf={nonce}"
                    )
                };
                send(format!("USR {transaction} {parameters}\r\n"), out);
                out.push(Output::Changed);
            }
            ["TWN" | "SSO", "S", ..] => wrong(
                715,
                ServiceFinding::OutOfOrder,
                "USR S",
                "a ticket was shown before USR … I asked for a challenge".into(),
            ),
            [] | ["TWN" | "SSO"] | ["TWN" | "SSO", "I"] => wrong(
                200,
                ServiceFinding::ArgumentCount,
                "USR",
                "USR needs a method, I, and the account".into(),
            ),
            [method @ ("TWN" | "SSO"), "I", ..] => wrong(
                200,
                ServiceFinding::ArgumentCount,
                "USR",
                say!(
                    "USR {method} I takes one account, and has {} arguments after I",
                    given.len() - 2
                ),
            ),
            ["MD5", ..] => wrong(201, ServiceFinding::SignInMethod, "USR method", MD5.into()),
            [method, ..] => {
                let why = say!("{method:?} is no sign-in method that is served: TWN and SSO are");
                wrong(201, ServiceFinding::SignInMethod, "USR method", why);
            }
        }
    }

    /// `USR … S`: the ticket, by SSO with the proof, and the machine GUID.
    fn ticket(&mut self, frame: &Frame, transaction: TransactionId, out: &mut Vec<Output>) {
        let arguments = arguments(frame);
        let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (Some(account), Some(shape)) = (self.info.account.clone(), self.info.shape) else {
            return;
        };
        let question = self.question.take();
        let (ticket, proof, rest) = match (given.as_slice(), question) {
            (["TWN", "S", ticket, rest @ ..], None) => (*ticket, None, rest),
            (["SSO", "S", ticket, proof, rest @ ..], Some(question)) => {
                (*ticket, Some((question, (*proof).to_owned())), rest)
            }
            (given, question) => {
                let method = if question.is_some() { "SSO" } else { "TWN" };
                let why = match (given, question.is_some()) {
                    (["SSO", "S", _], true) => "USR SSO S has a ticket and no proof behind it: the answer to the nonce, made with the BinarySecret of RST, is due".into(),
                    ([begun @ ("TWN" | "SSO" | "MD5"), ..], _) if *begun != method => say!(
                        "USR {begun} came, and the sign-in was begun by {method}: USR {method} S with a ticket is due"
                    ),
                    ([_, step, ..], _) if *step != "S" => say!(
                        "USR {method} S with a ticket is due, and {step:?} stands where S belongs"
                    ),
                    _ => say!("USR {method} S with a ticket is due"),
                };
                let code = if given.len() < 3 { 200 } else { 715 };
                refuse(
                    code,
                    Some(transaction),
                    ServiceFinding::OutOfOrder,
                    "USR",
                    why,
                    out,
                );
                return out.push(Output::Close(Ending::other(say!("USR {method} S was due"))));
            }
        };
        if ticket.contains("(null)") || ticket == "t=&p=" || ticket == "t=" {
            let why = "the client has no ticket and says so: it shows \"(null)\", or nothing behind t=. Its request for one, the Passport login or RST, failed before, or was never made";
            return self.refused(transaction, Detail::TicketForm, why, out);
        }
        let most = bounds::MACHINE;
        let machine = rest.first().map(|guid| (*guid).to_owned());
        self.info.machine = machine.map(|guid| bounded(guid, "USR machine GUID", most, out));
        if rest.len() > 1 {
            let text = "more than a ticket and a machine GUID; the rest was ignored";
            let more = Finding::new(ServiceFinding::ArgumentCount, "USR S", text);
            out.push(told(more.weighing(Severity::Warning)));
        }
        out.push(Output::Ask(Request::SignIn {
            transaction,
            ticket: ticket.to_owned(),
            proof,
            account,
            machine: self.info.machine.clone(),
            shape,
        }));
    }

    pub(super) fn admitted(
        &mut self,
        transaction: TransactionId,
        welcome: &Welcome,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let (Some(account), Some(shape)) = (self.info.account.clone(), self.info.shape) else {
            return;
        };
        if let Some(loosely) = welcome.loosely {
            let text = say!(
                "{}; the ticket was taken, and the real service takes it only as it was given",
                ours(loosely)
            );
            let taken = Finding::new(ServiceFinding::Ticket, Detail::TicketForm, text);
            out.push(told(taken.weighing(Severity::Info)));
        }
        self.step(Step::SignedIn, around);
        self.welcome(transaction, &account, welcome, around, out);
        out.push(Output::Tell(EventKind::SignedIn { account, shape }));
        out.push(Output::Changed);
    }

    pub(super) fn refused(
        &mut self,
        transaction: TransactionId,
        detail: Detail,
        why: impl Into<Sentence>,
        out: &mut Vec<Output>,
    ) {
        refuse(
            911,
            Some(transaction),
            ServiceFinding::Ticket,
            detail,
            why,
            out,
        );
        out.push(Output::Close(Ending::other("the ticket was refused (911)")));
    }
}

/// Whether a USR is that of a conversation: an account and a cookie, where a sign-in has its method.
fn is_of_the_switchboard(frame: &Frame) -> bool {
    let account = frame.tokens().nth(2).unwrap_or_default();
    account.contains(&b'@') && frame.tokens().count() == 4
}
