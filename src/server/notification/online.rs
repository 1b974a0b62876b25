//! The commands of a client that has signed in: ADL to UUN. One function a command.

use super::session::{
    MeChange, Output, Request, Session, Surroundings, arguments, finding, refuse,
};
use crate::event::{Severity, Step};
use crate::msnp::adl;
use crate::msnp::dictionary::short;
use crate::msnp::escape::to_text;
use crate::msnp::percent;
use crate::msnp::personal::{Personal, UuxPayload, read_uux};
use crate::msnp::{Frame, Status, TransactionId};

/// A longer friendly name, before decoding, was refused by the real service.
const MAX_NAME: usize = 387;

/// What every command is given.
struct Command<'a> {
    verb: &'static str,
    transaction: TransactionId,
    arguments: Vec<String>,
    payload: &'a [u8],
}

impl Session {
    pub(super) fn online(
        &mut self,
        frame: &Frame,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        type Handler = fn(&mut Session, Command<'_>, &Surroundings<'_>, &mut Vec<Output>);
        let (verb, handler): (&'static str, Handler) = match frame.verb() {
            b"ADL" => ("ADL", Session::add_lists),
            b"RML" => ("RML", Session::remove_lists),
            b"FQY" => ("FQY", Session::query),
            b"PRP" => ("PRP", Session::property),
            b"BLP" => ("BLP", Session::privacy),
            b"CHG" => ("CHG", Session::change),
            b"UUX" => ("UUX", Session::personal),
            b"URL" => ("URL", Session::url),
            b"UUN" => ("UUN", Session::notify),
            b"GCF" => ("GCF", Session::policy),
            b"SBS" => ("SBS", Session::echo),
            b"QRY" => ("QRY", Session::challenge_answer),
            b"SYN" | b"ADC" | b"ADG" | b"GTC" | b"REM" | b"REG" | b"RMG" | b"ADD" | b"LST" => {
                return self.older(frame, out);
            }
            b"XFR" => ("XFR", Session::not_served),
            b"UUM" => ("UUM", Session::not_served),
            b"SDC" => ("SDC", Session::not_served),
            b"PAG" => ("PAG", Session::not_served),
            b"PGD" => ("PGD", Session::not_served),
            b"CAL" | b"ANS" | b"MSG" | b"JOI" | b"BYE" => {
                return out.push(finding(
                    "wrong-stage",
                    Severity::Warning,
                    to_text(frame.verb()),
                    format!(
                        "{} belongs to the switchboard; no reply",
                        to_text(frame.verb())
                    ),
                ));
            }
            unknown => {
                let shown = short(unknown);
                return out.push(finding(
                    "unknown-verb",
                    Severity::Warning,
                    "verb",
                    format!(
                        "\"{shown}\" is no verb of the protocol; no reply, and its payload is assumed absent"
                    ),
                ));
            }
        };
        let Some(transaction) = frame.transaction() else {
            let got = frame.tokens().nth(1).map(to_text);
            return refuse(
                200,
                None,
                "transaction-id",
                format!("{verb} transaction id"),
                match got {
                    Some(got) => format!("{got:?} stands where {verb} has its transaction id"),
                    None => format!("{verb} has no transaction id"),
                },
                out,
            );
        };
        if self.info.step < Step::SignedIn {
            let expected = self.info.step.expects();
            refuse(
                715,
                Some(transaction),
                "out-of-order",
                verb,
                format!("{verb} came before the client had signed in; it owes {expected}"),
                out,
            );
            return out.push(Output::Close(format!("{verb} before sign-in")));
        }
        let command = Command {
            verb,
            transaction,
            arguments: arguments(frame),
            payload: frame.payload().unwrap_or_default(),
        };
        handler(self, command, around, out);
    }

    /// `ACK n VERB` to the Mac; `echo` to all others.
    fn acknowledge(&self, command: &Command<'_>, echo: String, out: &mut Vec<Output>) {
        let Command {
            verb, transaction, ..
        } = command;
        out.push(Output::Send(
            if self.info.shape.is_some_and(|s| s.rules().ack) {
                format!("ACK {transaction} {verb}\r\n")
            } else {
                echo
            }
            .into(),
        ));
    }

    fn add_lists(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        self.lists(&c, out);
    }

    fn remove_lists(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        self.lists(&c, out);
    }

    /// ADL and RML. The lists themselves are the address book's; what is told here is only checked.
    fn lists(&self, c: &Command<'_>, out: &mut Vec<Output>) {
        match adl::read(c.payload) {
            Ok(list) => {
                for entry in &list.entries {
                    if entry.lists.is_none_or(|l| l.0 == 0 || l.0 > 31) {
                        out.push(finding(
                            "list-bits",
                            Severity::Warning,
                            format!("{} l", c.verb),
                            format!("{} is put on no list that exists", entry.account),
                        ));
                    }
                }
                out.push(Output::Send(
                    format!("{} {} OK\r\n", c.verb, c.transaction).into(),
                ));
            }
            Err(error) => refuse(
                error.code(),
                Some(c.transaction),
                "list-payload",
                format!("{} payload", c.verb),
                error.to_string(),
                out,
            ),
        }
    }

    /// FQY: which network is this account on? Every one is on Passport here. MSNP14 and above.
    fn query(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        if self.dialect().is_some_and(|d| d.number() < 14) {
            return out.push(finding(
                "other-dialect",
                Severity::Warning,
                "FQY",
                "FQY belongs to MSNP14 and above; no reply",
            ));
        }
        match adl::read(c.payload) {
            Ok(list) => {
                let mut xml = String::from("<ml>");
                for entry in &list.entries {
                    let (user, domain) = entry
                        .account
                        .rsplit_once('@')
                        .unwrap_or((&entry.account, ""));
                    let (user, domain) = (
                        quick_xml::escape::escape(user),
                        quick_xml::escape::escape(domain),
                    );
                    xml.push_str(&format!("<d n=\"{domain}\"><c n=\"{user}\" t=\"1\" /></d>"));
                }
                xml.push_str("</ml>");
                out.push(Output::Send(
                    format!("FQY {} {}\r\n{xml}", c.transaction, xml.len()).into(),
                ));
            }
            Err(error) => refuse(
                error.code(),
                Some(c.transaction),
                "list-payload",
                "FQY payload",
                error.to_string(),
                out,
            ),
        }
    }

    fn property(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        let Some(key) = c.arguments.first() else {
            return refuse(
                200,
                Some(c.transaction),
                "argument-count",
                "PRP",
                "PRP needs the name of a property, and has none",
                out,
            );
        };
        let value = c.arguments.get(1).map(String::as_str).unwrap_or_default();
        if key == "MFN" {
            let (name, clean) = percent::decode(value.as_bytes());
            let name = String::from_utf8_lossy(&name).into_owned();
            if !clean || c.arguments.len() > 2 {
                out.push(finding(
                    "not-encoded",
                    Severity::Warning,
                    "PRP MFN",
                    "the friendly name is not percent-encoded",
                ));
            }
            if value.len() > MAX_NAME || name.is_empty() {
                return refuse(
                    209,
                    Some(c.transaction),
                    "friendly-name",
                    "PRP MFN",
                    format!(
                        "a friendly name has 1 to {MAX_NAME} bytes, and this one {}",
                        value.len()
                    ),
                    out,
                );
            }
            self.info.name = Some(name.clone());
            out.push(Output::Ask(Request::Me(MeChange::Name(name))));
            out.push(Output::Changed);
        }
        let echo = echo(&c);
        self.acknowledge(&c, echo, out);
    }

    fn privacy(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        match c.arguments.first().map(String::as_str) {
            Some(policy @ ("AL" | "BL")) => {
                out.push(Output::Ask(Request::Me(MeChange::Privacy(
                    policy.to_owned(),
                ))));
                let echo = echo(&c);
                self.acknowledge(&c, echo, out);
            }
            Some(other) => refuse(
                201,
                Some(c.transaction),
                "privacy",
                "BLP",
                format!("{other:?} is no privacy default: AL or BL"),
                out,
            ),
            None => refuse(
                200,
                Some(c.transaction),
                "argument-count",
                "BLP",
                "BLP needs AL or BL, and has nothing",
                out,
            ),
        }
    }

    fn change(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        let Some(code) = c.arguments.first() else {
            return refuse(
                200,
                Some(c.transaction),
                "argument-count",
                "CHG",
                "CHG needs a status, and has none",
                out,
            );
        };
        let status = match Status::from_code(code.as_bytes()) {
            Some(status) if status != Status::Offline => status,
            other => {
                let why = match other {
                    Some(_) => "FLN cannot be chosen: OUT signs out, HDN hides".to_owned(),
                    None => format!("{code:?} is no status"),
                };
                return refuse(201, Some(c.transaction), "status", "CHG status", why, out);
            }
        };
        if let Some(capabilities) = c.arguments.get(1)
            && !capabilities.split(':').all(|n| n.parse::<u64>().is_ok())
        {
            return refuse(
                201,
                Some(c.transaction),
                "capabilities",
                "CHG capabilities",
                format!("{capabilities:?} is neither a number nor two with a colon between"),
                out,
            );
        }
        self.info.status = Some(status);
        if let Some(capabilities) = c.arguments.get(1) {
            self.info.capabilities = Some(capabilities.clone());
        }
        out.push(Output::Send(echo(&c).into()));
        if self.info.step == Step::SignedIn {
            out.push(Output::Ask(Request::Subscribe(c.transaction)));
        } else {
            out.push(Output::Changed);
        }
    }

    fn personal(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        match read_uux(c.payload) {
            Ok(UuxPayload::Data(personal)) => self.remember(personal, out),
            Ok(UuxPayload::Empty) => self.remember(Personal::default(), out),
            Ok(UuxPayload::Endpoint { capabilities }) => {
                self.info.capabilities = Some(capabilities);
                out.push(Output::Changed);
            }
            Ok(UuxPayload::PrivateEndpoint { name, .. }) => {
                self.info.endpoint = Some(name);
                out.push(Output::Changed);
            }
            Err(error) => {
                return refuse(
                    200,
                    Some(c.transaction),
                    "personal-payload",
                    "UUX payload",
                    error.to_string(),
                    out,
                );
            }
        }
        let echo = format!("UUX {} 0\r\n", c.transaction);
        self.acknowledge(&c, echo, out);
    }

    fn remember(&mut self, personal: Personal, out: &mut Vec<Output>) {
        self.info.personal_message = Some(personal.message.clone());
        self.info.media = Some(personal.media.clone());
        out.push(Output::Ask(Request::Me(MeChange::Personal(personal))));
        out.push(Output::Changed);
    }

    fn url(&mut self, c: Command<'_>, around: &Surroundings<'_>, out: &mut Vec<Output>) {
        match c.arguments.first() {
            Some(service) => out.push(Output::Send(
                format!("URL {} {service} {}\r\n", c.transaction, around.pages).into(),
            )),
            None => refuse(
                200,
                Some(c.transaction),
                "argument-count",
                "URL",
                "URL needs the name of a service, and has none",
                out,
            ),
        }
    }

    /// UUN: to one's own endpoints it is always taken; to a contact only where that can be seen.
    fn notify(&mut self, c: Command<'_>, around: &Surroundings<'_>, out: &mut Vec<Output>) {
        // Account, type and length; the length has been read by the codec.
        if c.arguments.len() < 3 {
            return refuse(
                200,
                Some(c.transaction),
                "argument-count",
                "UUN",
                "UUN needs an account, a type and a length",
                out,
            );
        }
        let account = c.arguments[0].split(';').next().unwrap_or_default();
        let own = self
            .info
            .account
            .as_deref()
            .is_some_and(|own| own.eq_ignore_ascii_case(account));
        if !own && !(around.is_visible)(account) {
            return refuse(
                217,
                Some(c.transaction),
                "offline",
                "UUN account",
                format!("{account} is not online"),
                out,
            );
        }
        let echo = format!("UUN {} OK\r\n", c.transaction);
        self.acknowledge(&c, echo, out);
    }

    /// GCF: the policies of the service. MSNP11 and above; there are none here.
    fn policy(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        const POLICIES: &str = "<Policies></Policies>";
        let file = c.arguments.first().map_or("Shields.xml", String::as_str);
        out.push(Output::Send(
            format!(
                "GCF {} {file} {}\r\n{POLICIES}",
                c.transaction,
                POLICIES.len()
            )
            .into(),
        ));
    }

    fn echo(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        out.push(Output::Send(echo(&c).into()));
    }

    /// QRY answers a challenge. None is sent, so none is wrong.
    fn challenge_answer(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        out.push(finding(
            "unasked-challenge",
            Severity::Info,
            "QRY",
            "QRY answers a challenge that the service did not send; it was acknowledged",
        ));
        out.push(Output::Send(format!("QRY {}\r\n", c.transaction).into()));
    }

    fn not_served(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        refuse(
            502,
            Some(c.transaction),
            "not-served",
            c.verb,
            format!("{} is known, and not served yet", c.verb),
            out,
        );
    }

    /// From MSNP13 on the lists are the address book's, and the real service closed on these.
    fn older(&mut self, frame: &Frame, out: &mut Vec<Output>) {
        let verb = to_text(frame.verb());
        refuse(
            715,
            frame.transaction(),
            "other-dialect",
            verb.clone(),
            format!("{verb} belongs to MSNP12 and below"),
            out,
        );
        out.push(Output::Close(format!(
            "{verb} belongs to MSNP12 and below; from MSNP13 on the service closes on it"
        )));
    }
}

/// The command's own line, again.
fn echo(c: &Command<'_>) -> String {
    let mut line = format!("{} {}", c.verb, c.transaction);
    for argument in &c.arguments {
        line.push(' ');
        line.push_str(argument);
    }
    line.push_str("\r\n");
    line
}
