//! Ready commands: one for every verb that a server sends, filled from a contact where it is about one.

use super::editable;
use crate::msnp::dictionary::{self, Form, Kind, Need, Transaction, Verb, label};
use crate::msnp::personal::Personal;
use crate::msnp::presence::Presence;
use crate::msnp::{Dialect, Direction, Family, Shape, Status, TransactionId, percent};
use std::fmt::Write as _;

/// What a template is filled from: the selected contact.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// The contact.
    pub presence: Presence<'a>,
    /// Its personal message and media.
    pub personal: &'a Personal,
    /// The transaction id of ILN: that of the client's last CHG.
    pub transaction: TransactionId,
}

/// The shape of the client that nudge is for, where no client is addressed.
const DEFAULT: Shape = Shape {
    dialect: Dialect::MSNP16,
    family: Family::Mac,
};

/// A command of this verb to begin with, for the editor, filled from a contact if one is given. What is still to be written stands
/// as `<name>`; checked sending refuses it. `None` where no server sends the verb in
/// this shape. ILN and NLN of a contact that cannot be seen are written as if it were online, FLN as if it were offline.
pub fn template(verb: &str, shape: Option<Shape>, values: Option<&Values<'_>>) -> Option<String> {
    let verb = dictionary::lookup(verb.as_bytes(), Direction::Out)?;
    let shape = shape.unwrap_or(DEFAULT);
    let form = verb
        .forms
        .iter()
        .find(|form| form.from == Direction::Out && form.shapes.contains(shape))?;
    let text = values
        .and_then(|values| presence(verb.name, shape, values))
        .unwrap_or_else(|| placeholders(verb, form, values));
    Some(text)
}

/// ILN, NLN, FLN and UBX, exactly as the service writes them.
fn presence(verb: &str, shape: Shape, values: &Values<'_>) -> Option<String> {
    let mut shown = values.presence;
    if !shown.status.is_visible() {
        shown.status = Status::Online;
    }
    let line = match verb {
        "ILN" if shape.rules().initial_as_nln => return None,
        "ILN" => shown.initial(shape, values.transaction)?,
        "NLN" => shown.changed(shape),
        "FLN" => Presence {
            status: Status::Offline,
            ..shown
        }
        .changed(shape),
        "UBX" => {
            let frame = shown.personal(shape, values.personal)?;
            let (line, payload) = frame.split_once("\r\n")?;
            let (start, _) = line.rsplit_once(' ')?;
            let (start, payload) = (start.as_bytes(), payload.as_bytes());
            return Some(format!("{} *\n{}", editable(start), editable(payload)));
        }
        _ => return None,
    };
    Some(editable(line.trim_end().as_bytes()))
}

fn placeholders(verb: &Verb, form: &Form, values: Option<&Values<'_>>) -> String {
    let mut text = verb.name.to_owned();
    match (form.transaction, values) {
        (Transaction::Always, Some(values)) => {
            let _ = write!(text, " {}", values.transaction);
        }
        (Transaction::Always, None) => text.push_str(" <transaction>"),
        (Transaction::Zero, _) => text.push_str(" 0"),
        (Transaction::Never | Transaction::Either, _) => {}
    }
    for parameter in form.parameters.iter().filter(|p| p.need == Need::Once) {
        text.push(' ');
        // Who sends may be the service too, so it is no account in the dictionary.
        let contact = values.filter(|_| parameter.name == "sender");
        let sender = contact.map(|contact| contact.presence.account.to_owned());
        match value(&parameter.kind, values).or(sender) {
            Some(value) => text.push_str(&editable(value.as_bytes())),
            None => {
                let _ = write!(text, "<{}>", label(parameter.name, &Kind::Text));
            }
        }
    }
    if form.has_payload() {
        text.push('\n');
    }
    text
}

fn value(kind: &Kind, values: Option<&Values<'_>>) -> Option<String> {
    match kind {
        Kind::Word(word) => return Some((*word).to_owned()),
        Kind::Length => return Some("*".into()),
        _ => {}
    }
    let contact = values?.presence;
    match kind {
        Kind::Account => Some(contact.account.to_owned()),
        Kind::NetworkAccount => Some(format!("{}:{}", contact.network, contact.account)),
        Kind::Network => Some(contact.network.to_string()),
        Kind::Status => Some(contact.status.code().to_owned()),
        Kind::FriendlyName => Some(percent::encode(contact.name)),
        Kind::Capabilities => Some(contact.capabilities.to_string()),
        Kind::CapabilityPair | Kind::AnyCapabilities => {
            Some(format!("{}:{}", contact.capabilities, contact.extended))
        }
        Kind::Msnobj if contact.msnobj.is_empty() => Some("0".into()),
        Kind::Msnobj => Some(percent::encode(contact.msnobj)),
        Kind::Tagged(tag, kind) => value(kind, values).map(|value| format!("{tag}{value}")),
        _ => None,
    }
}
