//! What a client says of itself: PRP, BLP, CHG and UUX.

use super::bounds::{self, bounded};
use super::commands::{Command, echo, send};
use super::edits::ask;
use super::session::{Output, Request, Session, Surroundings, finding, refuse};
use crate::event::{Sentence, ServiceFinding, Step, say};
use crate::msnp::personal::{Personal, UuxPayload, read_uux};
use crate::msnp::{Status, percent};
use crate::server::book::{Change, Own};

/// A longer friendly name, before decoding, was refused by the real service.
const MAX_NAME: usize = 387;
/// The properties besides the friendly name that are kept, and told with the lists: phone numbers and the like.
const KEPT: [&str; 7] = ["PHH", "PHW", "PHM", "MOB", "MBE", "WWE", "HSB"];

impl Session {
    pub(super) fn property(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        let Some(key) = c.arguments.first() else {
            return refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
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
                    ServiceFinding::NotEncoded,
                    "PRP MFN",
                    "the friendly name is not percent-encoded",
                ));
            }
            if value.len() > MAX_NAME || name.is_empty() {
                return refuse(
                    209,
                    Some(c.transaction),
                    ServiceFinding::FriendlyName,
                    "PRP MFN",
                    say!(
                        "a friendly name has 1 to {MAX_NAME} bytes, and this one {}",
                        value.len()
                    ),
                    out,
                );
            }
            return ask(c, Change::Own(Own::Name(name)), out);
        }
        let kept = KEPT.iter().find(|kept| *kept == key);
        if let Some(key) = kept.filter(|_| value.len() <= MAX_NAME) {
            let change = Change::Own(Own::Property(key, value.to_owned()));
            return ask(c, change, out);
        }
        let echo = echo(&c);
        self.acknowledge(&c, echo, out);
    }

    pub(super) fn privacy(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        match c.arguments.first().map(String::as_str) {
            Some(policy @ ("AL" | "BL")) => {
                let change = Change::Own(Own::Privacy(policy.to_owned()));
                ask(c, change, out);
            }
            Some(other) => refuse(
                201,
                Some(c.transaction),
                ServiceFinding::Privacy,
                "BLP",
                say!("{other:?} is no privacy default: AL or BL"),
                out,
            ),
            None => refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
                "BLP",
                "BLP needs AL or BL, and has nothing",
                out,
            ),
        }
    }

    pub(super) fn change(
        &mut self,
        c: Command<'_>,
        around: &Surroundings<'_>,
        out: &mut Vec<Output>,
    ) {
        let Some(code) = c.arguments.first() else {
            return refuse(
                200,
                Some(c.transaction),
                ServiceFinding::ArgumentCount,
                "CHG",
                "CHG needs a status, and has none",
                out,
            );
        };
        let status = match Status::from_code(code.as_bytes()) {
            Some(status) if status != Status::Offline => status,
            other => {
                let why = match other {
                    Some(_) => "FLN cannot be chosen: OUT signs out, HDN hides".into(),
                    None => say!("{code:?} is no status"),
                };
                return refuse(
                    201,
                    Some(c.transaction),
                    ServiceFinding::Status,
                    "CHG status",
                    why,
                    out,
                );
            }
        };
        if let Some(capabilities) = c.arguments.get(1)
            && !capabilities.split(':').all(|n| n.parse::<u64>().is_ok())
        {
            return refuse(
                201,
                Some(c.transaction),
                ServiceFinding::Capabilities,
                "CHG capabilities",
                say!("{capabilities:?} is neither a number nor two with a colon between"),
                out,
            );
        }
        self.info.status = Some(status);
        if let Some(capabilities) = c.arguments.get(1) {
            // Numbers may have any number of zeros before them.
            let most = bounds::CAPABILITIES;
            let kept = bounded(capabilities.clone(), "CHG capabilities", most, out);
            self.info.capabilities = Some(kept);
        }
        let object = c
            .arguments
            .get(2)
            .map_or_else(String::new, |text| object(text));
        out.push(Output::Ask(Request::Show(object)));
        let mut line = echo(&c);
        if c.arguments.len() < 2 && self.rules().full_echo {
            line.insert_str(line.len() - 2, " 0");
        }
        send(line, out);
        if self.info.step == Step::SignedIn {
            self.mailbox_message(around, out);
            out.push(Output::Ask(Request::Subscribe(c.transaction)));
        } else {
            out.push(Output::Changed);
        }
    }

    pub(super) fn personal(&mut self, c: Command<'_>, _: &Surroundings<'_>, out: &mut Vec<Output>) {
        match read_uux(c.payload) {
            Ok(UuxPayload::Data(personal)) => self.remember(personal, out),
            Ok(UuxPayload::Empty) => self.remember(Personal::default(), out),
            Ok(UuxPayload::Endpoint { capabilities }) => {
                let most = bounds::CAPABILITIES;
                let kept = bounded(capabilities, "UUX Capabilities", most, out);
                self.info.capabilities = Some(kept);
                out.push(Output::Changed);
            }
            Ok(UuxPayload::PrivateEndpoint { name, .. }) => {
                self.info.endpoint = Some(bounded(name, "UUX EpName", bounds::NAME, out));
                out.push(Output::Changed);
            }
            Err(error) => {
                return refuse(
                    200,
                    Some(c.transaction),
                    ServiceFinding::PersonalPayload,
                    "UUX payload",
                    Sentence::quoting(error.to_string(), &error.quoted()),
                    out,
                );
            }
        }
        let echo = format!("UUX {} 0\r\n", c.transaction);
        self.acknowledge(&c, echo, out);
    }

    fn remember(&mut self, personal: Personal, out: &mut Vec<Output>) {
        let personal = Personal {
            message: bounded(personal.message, "UUX PSM", bounds::TEXT, out),
            media: bounded(personal.media, "UUX CurrentMedia", bounds::TEXT, out),
        };
        self.info.personal_message = Some(personal.message.clone());
        self.info.media = Some(personal.media.clone());
        out.push(Output::Ask(Request::Personal(personal)));
        out.push(Output::Changed);
    }
}

/// An MSN object as CHG has it, decoded: nothing where it is none, or could not be written to others.
fn object(text: &str) -> String {
    let (object, _) = percent::decode(text.as_bytes());
    let object = String::from_utf8(object).unwrap_or_default();
    let is_one = object.starts_with('<') && !object.chars().any(char::is_control);
    match is_one && object.len() <= bounds::TEXT {
        true => object,
        false => String::new(),
    }
}
