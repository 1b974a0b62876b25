//! VER, CVR and USR: from the first line to the address book.

use super::session::{Output, Request, Session, Surroundings, arguments, finding, refuse};
use crate::event::{EventKind, Severity, Software, Step};
use crate::msnp::escape::to_text;
use crate::msnp::{Dialect, Family, Frame, Shape, TransactionId};
use crate::roster::check_account;

/// The dialects that are served, highest first: those of Messenger for Mac.
const SERVED: [u8; 4] = [16, 15, 14, 13];

impl Session {
    pub(super) fn login(
        &mut self,
        frame: &Frame,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let verb = to_text(frame.verb());
        let Some(transaction) = frame.transaction() else {
            refuse(
                200,
                None,
                "transaction-id",
                format!("{verb} transaction id"),
                format!("{verb} has no transaction id where one belongs"),
                out,
            );
            if self.info.step < Step::SignedIn {
                out.push(Output::Close(format!("{verb} without a transaction id")));
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
                refuse(
                    731,
                    Some(transaction),
                    "out-of-order",
                    "USR",
                    "USR came before any CVR",
                    out,
                );
                out.push(Output::Close("USR before CVR".into()));
            }
            ("USR", Step::SignedIn | Step::Online) => refuse(
                207,
                Some(transaction),
                "out-of-order",
                "USR",
                "USR came again after the client had signed in",
                out,
            ),
            _ => {
                let expected = self.info.step.expects();
                refuse(
                    715,
                    Some(transaction),
                    "out-of-order",
                    verb.clone(),
                    format!("{verb} is not expected here; the client owes {expected}"),
                    out,
                );
                if step < Step::SignedIn {
                    out.push(Output::Close(format!("{verb} out of order")));
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
        let agreed = SERVED
            .into_iter()
            .filter_map(Dialect::new)
            .find(|dialect| offered.contains(dialect));
        let Some(dialect) = agreed else {
            out.push(finding(
                "no-common-dialect",
                Severity::Error,
                "VER",
                format!(
                    "the client offers {:?}, and nudge serves MSNP13 to MSNP16; VER {transaction} 0 was answered",
                    arguments(frame).join(" ")
                ),
            ));
            out.push(Output::Send(format!("VER {transaction} 0\r\n").into()));
            out.push(Output::Close("no dialect in common".into()));
            return;
        };
        // The article: echoing CVR0 is enough to make the Mac happy.
        let cvr0 = if frame.tokens().any(|token| token == b"CVR0") {
            " CVR0"
        } else {
            ""
        };
        // A guess until USR says how it signs in; nothing is shaped before that.
        self.info.shape = Some(Shape::new(dialect, Family::Mac));
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
                "argument-count",
                "CVR",
                format!(
                    "CVR has {} arguments; 8 are due: locale, system, its version, architecture, client, its version, brand, account",
                    arguments.len()
                ),
                out,
            );
            if self.info.step < Step::SignedIn {
                out.push(Output::Close("CVR with too few arguments".into()));
            }
            return;
        }
        let own = arguments[5].clone();
        self.info.software = Some(Software {
            name: arguments[4].clone(),
            version: own.clone(),
            system: arguments[1..4].join(" "),
        });
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
        let mut wrong = |code, id, field: &str, why: String| {
            refuse(code, Some(transaction), id, field, why, out);
            out.push(Output::Close(format!("{field} was refused")));
        };
        match given.as_slice() {
            ["TWN", "I", account] => {
                if let Err(error) = check_account(account) {
                    return wrong(208, "bad-account", "USR account", error.to_string());
                }
                self.info.account = Some((*account).to_owned());
                self.step(Step::Authenticating, around);
                let (time, nonce) = (around.now.0 / 1_000_000, (around.nonce)());
                // Clients look for `lc=` and `ct=` (clients watched); `tpf` comes back in their
                // Authorization header, and tells whose Passport request it is.
                out.push(Output::Send(
                    format!("USR {transaction} TWN S lc=1033,id=507,tw=40,fs=1,ru=http%3A%2F%2Fmessenger%2Emsn%2Ecom,ct={time},kpp=1,kv=5,ver=2.1.0173.1,tpf={nonce}\r\n").into(),
                ));
                out.push(Output::Changed);
            }
            ["TWN", "S", ..] => wrong(715, "out-of-order", "USR TWN S", "a ticket was shown before USR TWN I asked for a challenge".into()),
            ["SSO", ..] => wrong(911, "sign-in-method", "USR method", "sign-in by SSO is not served yet: TWN is, at MSNP13 to MSNP16, as Messenger for Mac does it".into()),
            [] | ["TWN"] | ["TWN", "I"] => wrong(200, "argument-count", "USR", "USR needs a method, I, and the account".into()),
            ["TWN", "I", ..] => wrong(200, "argument-count", "USR", format!("USR TWN I takes one account, and has {} arguments after I", given.len() - 2)),
            [method, ..] => {
                let why = format!("{method:?} is no sign-in method that is served: TWN is");
                wrong(201, "sign-in-method", "USR method", why);
            }
        }
    }

    fn ticket(&mut self, frame: &Frame, transaction: TransactionId, out: &mut Vec<Output>) {
        let arguments = arguments(frame);
        let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (Some(account), Some(shape)) = (self.info.account.clone(), self.info.shape) else {
            return;
        };
        match given.as_slice() {
            ["TWN", "S", ticket, rest @ ..] => {
                self.info.machine = rest.first().map(|guid| (*guid).to_owned());
                if rest.len() > 1 {
                    out.push(finding(
                        "argument-count",
                        Severity::Warning,
                        "USR TWN S",
                        "more than a ticket and a machine GUID; the rest was ignored",
                    ));
                }
                out.push(Output::Ask(Request::SignIn {
                    transaction,
                    ticket: (*ticket).to_owned(),
                    account,
                    machine: self.info.machine.clone(),
                    shape,
                }));
            }
            _ => {
                refuse(
                    if given.len() < 3 { 200 } else { 715 },
                    Some(transaction),
                    "out-of-order",
                    "USR",
                    "USR TWN S with a ticket is due",
                    out,
                );
                out.push(Output::Close("USR TWN S was due".into()));
            }
        }
    }

    pub(super) fn admitted(
        &mut self,
        transaction: TransactionId,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let (Some(account), Some(shape)) = (self.info.account.clone(), self.info.shape) else {
            return;
        };
        self.step(Step::SignedIn, around);
        out.push(Output::Send(
            format!("USR {transaction} OK {account} 1 0\r\n").into(),
        ));
        out.push(Output::Tell(EventKind::SignedIn { account, shape }));
        out.push(Output::Changed);
    }

    pub(super) fn refused(&mut self, transaction: TransactionId, why: &str, out: &mut Vec<Output>) {
        refuse(911, Some(transaction), "ticket", "USR ticket", why, out);
        out.push(Output::Close("the ticket was refused (911)".into()));
    }
}
