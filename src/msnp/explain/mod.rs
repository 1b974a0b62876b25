//! Explains a line: each parameter with its name and meaning, without percent-encoding, with its bits named. The
//! [dictionary] knows what a line says. Whatever the line, all that is returned is safe on a screen and bounded.

mod peer_to_peer;

use super::dictionary::{self, Form, Kind, Need, Parameter, Transaction, Verb, slots};
use super::escape::to_screen;
use super::line::tokens;
use super::object::MsnObject;
use super::personal::{UuxPayload, read_uux};
use super::pretty::{self, bounded};
use super::{
    Direction, Family, Shape, Status, TransactionId, adl, capability, errors, networks, percent,
};
use std::fmt;

/// A line explained. Every text is safe on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The verb and what it is for.
    pub title: String,
    /// Who sends it, in words.
    pub sender: &'static str,
    /// One row a parameter.
    pub rows: Vec<Row>,
    /// What is wrong with it, and other remarks.
    pub notes: Vec<String>,
    /// The payload, indented if it is XML.
    pub payload: Vec<String>,
}

/// One parameter explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As it stands on the wire, escaped.
    pub raw: String,
    /// The parameter's name.
    pub name: String,
    /// What this value says; may be empty.
    pub meaning: String,
}

/// Parameters and entries that are explained at most.
const MOST: usize = 64;

/// Its parts as lines of a page.
impl Explanation {
    /// What it is, and who sends it.
    pub fn head(&self) -> String {
        format!("{}   ({})", self.title, self.sender)
    }

    /// Each parameter as it stands, and what it is and says.
    pub fn table(&self) -> impl Iterator<Item = String> {
        let width = self.rows.iter().map(|row| row.raw.chars().count());
        let width = width.max().unwrap_or(0).min(32);
        self.rows.iter().map(move |row| {
            let line = format!("  {:<width$}  {}", row.raw, row.name);
            match row.meaning.as_str() {
                "" => line,
                meaning => format!("{line}: {meaning}"),
            }
        })
    }

    /// What is wrong with it, and other remarks.
    pub fn remarks(&self) -> impl Iterator<Item = String> {
        self.notes.iter().map(|note| format!("  ! {note}"))
    }

    /// Its payload.
    pub fn body(&self) -> impl Iterator<Item = String> {
        self.payload.iter().map(|line| format!("    {line}"))
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head())?;
        let mut rest = self.table().chain(self.remarks()).chain(self.body());
        rest.try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Who most likely sent a line that stands alone, as on the command line of `nudge explain`, and whether the other could
/// have sent it as it is. It is the one as whose it has less wrong with it, then the one whose form says more about its
/// words; what both write alike is the client's, which the service repeats.
pub fn guess_direction(line: &[u8]) -> (Direction, bool) {
    let name = tokens(line).next().unwrap_or_default();
    let rank = |direction| {
        let verb = dictionary::lookup(name, direction)?;
        let fit = dictionary::fit(verb, direction, None, line)?;
        let placed = slots(fit.form, line);
        let says = placed.iter().filter(|(p, ..)| p.kind.is_telling()).count();
        let numbered = fit.form.transaction == Transaction::Always;
        Some((fit.faults, usize::MAX - says - usize::from(numbered)))
    };
    match (rank(Direction::In), rank(Direction::Out)) {
        (Some(inward), Some(out)) => {
            let from = match inward <= out {
                true => Direction::In,
                false => Direction::Out,
            };
            (from, inward.0 == out.0)
        }
        (Some(_), None) => (Direction::In, false),
        _ => (Direction::Out, false),
    }
}

/// Explains a line and its payload. Without a shape it takes the form that fits best.
pub fn explain(
    line: &[u8],
    payload: Option<&[u8]>,
    direction: Direction,
    shape: Option<Shape>,
) -> Explanation {
    let name = tokens(line).next().unwrap_or_default();
    let mut explanation = Explanation {
        title: bounded(name),
        sender: dictionary::sender(direction),
        rows: Vec::new(),
        notes: Vec::new(),
        payload: payload.map(pretty::payload).unwrap_or_default(),
    };
    let mut object_note = None;
    let verb = dictionary::lookup(name, direction);
    let fit = verb.and_then(|verb| dictionary::fit(verb, direction, shape, line));
    match (verb, fit) {
        (Some(verb), Some(fit)) => {
            explanation.title.push_str("  ");
            explanation.title.push_str(&title(verb, fit.form, name));
            rows(fit.form, line, &mut explanation.rows);
            if lacks_object(fit.form, line) && shape.is_none_or(|s| s.family == Family::Mac) {
                object_note = Some("without an msnobj Messenger for Mac silently shows nobody");
            }
        }
        _ => {
            let (other, others) = match direction {
                Direction::In => (Direction::Out, "  sent by the service, never by a client"),
                Direction::Out => (Direction::In, "  sent by the client, never by the service"),
            };
            explanation.title.push_str(match name {
                b"" => "an empty line",
                name if dictionary::lookup(name, other).is_some() => others,
                _ => "  not in the dictionary",
            });
            for (at, token) in tokens(line).skip(1).take(MOST).enumerate() {
                explanation.rows.push(Row {
                    raw: bounded(token),
                    name: format!("parameter {}", at + 1),
                    meaning: String::new(),
                });
            }
        }
    }
    if !name.is_empty() {
        let problems = dictionary::check_shape(direction, shape, line);
        let texts = problems.into_iter().map(|problem| problem.text);
        explanation.notes.extend(texts);
    }
    explanation.notes.extend(object_note.map(str::to_owned));
    if let Some(payload) = payload {
        length_note(line, payload, direction, shape, &mut explanation.notes);
        payload_notes(name, payload, &mut explanation.notes);
    }
    explanation
}

fn title(verb: &Verb, form: &Form, name: &[u8]) -> String {
    if let Some(error) = errors::find(name) {
        return format!("error: {}", error.meaning);
    }
    if name.iter().all(u8::is_ascii_digit) {
        return "error: a code that is not in the tables".into();
    }
    if form.meaning.is_empty() {
        verb.meaning.to_owned()
    } else {
        format!("{}: {}", verb.meaning, form.meaning)
    }
}

fn rows(form: &Form, line: &[u8], rows: &mut Vec<Row>) {
    let placed = slots(form, line);
    for (at, token) in tokens(line).enumerate().skip(1).take(MOST) {
        let placed = placed.iter().find(|(_, place, _)| *place == at);
        let (name, meaning) = match placed {
            Some((parameter, ..)) => (parameter.name.to_owned(), meaning(&parameter.kind, token)),
            None if at == 1 && form.transaction != Transaction::Never => {
                ("transaction".to_owned(), transaction(form, token))
            }
            None => ("one too many".to_owned(), String::new()),
        };
        rows.push(Row {
            raw: bounded(token),
            name,
            meaning,
        });
    }
}

fn transaction(form: &Form, token: &[u8]) -> String {
    match (TransactionId::parse(token), form.transaction) {
        (None, _) => "not a number".into(),
        (Some(TransactionId(0)), Transaction::Zero) => "none: the service pushes it".into(),
        (Some(_), _) if form.from == Direction::Out => "that of the client's command".into(),
        (Some(_), _) => "the client's own".into(),
    }
}

/// Whether the form needs an msnobj and the line has none.
fn lacks_object(form: &Form, line: &[u8]) -> bool {
    let is_object =
        |parameter: &Parameter| parameter.kind == Kind::Msnobj && parameter.need == Need::Once;
    form.parameters.iter().any(is_object)
        && !slots(form, line)
            .iter()
            .any(|(parameter, ..)| is_object(parameter))
}

/// What a value of this kind says.
fn meaning(kind: &Kind, token: &[u8]) -> String {
    match kind {
        Kind::OneOf(table) | Kind::Known(table) => {
            dictionary::find(table, token).map_or_else(String::new, |row| row.1.to_owned())
        }
        Kind::Tagged(tag, kind) => match token.strip_prefix(tag.as_bytes()) {
            Some(rest) => match meaning(kind, rest) {
                text if text.is_empty() => bounded(rest),
                text => text,
            },
            None => String::new(),
        },
        Kind::Account => endpoint(token),
        Kind::NetworkAccount => {
            let mut halves = token.splitn(2, |b| *b == b':');
            let network = network(halves.next().unwrap_or_default());
            let account = bounded(halves.next().unwrap_or_default());
            format!("{account} of {network}")
        }
        Kind::Status => Status::from_code(token).map_or_else(String::new, |s| s.name().to_owned()),
        Kind::FriendlyName | Kind::Encoded => {
            format!("\"{}\"", bounded(&percent::decode(token).0))
        }
        Kind::Capabilities | Kind::CapabilityPair | Kind::AnyCapabilities => capabilities(token),
        Kind::Msnobj => object(token),
        Kind::Network => network(token),
        Kind::Lists => match std::str::from_utf8(token).map(str::parse) {
            Ok(Ok(bits)) => lists(adl::Lists(bits)),
            _ => String::new(),
        },
        Kind::Language => language(token),
        Kind::Length => "bytes that follow".into(),
        Kind::Secret if token == b"***" => "masked".into(),
        Kind::Text | Kind::Url if token.contains(&b'%') => bounded(&percent::decode(token).0),
        _ => String::new(),
    }
}

fn endpoint(account: &[u8]) -> String {
    match account.iter().position(|b| *b == b';') {
        Some(at) => format!(
            "{}, at the endpoint {}",
            bounded(&account[..at]),
            bounded(&account[at + 1..])
        ),
        None => String::new(),
    }
}

fn network(token: &[u8]) -> String {
    let id = std::str::from_utf8(token).ok().and_then(|t| t.parse().ok());
    match id.and_then(networks::name) {
        Some(name) => name.to_owned(),
        None => format!("unknown network {}", bounded(token)),
    }
}

fn lists(lists: adl::Lists) -> String {
    let words: Vec<_> = lists.words().collect();
    if words.is_empty() {
        "on no list".into()
    } else {
        words.join(", ")
    }
}

fn language(token: &[u8]) -> String {
    let id = token
        .strip_prefix(b"0x")
        .and_then(|hex| std::str::from_utf8(hex).ok())
        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match id {
        Some(0x0409) => "English (United States)".into(),
        Some(id) => format!("Windows language {id}"),
        None => String::new(),
    }
}

fn capabilities(token: &[u8]) -> String {
    let (bits, extended) = match TransactionId::parse(token) {
        Some(bits) => (bits.0, None),
        None => match dictionary::pair(token) {
            Some((bits, extended)) => (bits, Some(extended)),
            None => return String::new(),
        },
    };
    let join = |names: Vec<String>| {
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    let mut text = join(capability::names(bits));
    if let Some(extended) = extended {
        text.push_str("; extended: ");
        text.push_str(&join(capability::extended_names(extended)));
    }
    text
}

fn object(token: &[u8]) -> String {
    if token == b"0" {
        return "none".into();
    }
    let text = percent::decode_text(token);
    match MsnObject::read(&text) {
        Ok(object) if object == MsnObject::default() => format!("\"{}\"", bounded(text.as_bytes())),
        Ok(object) => {
            let kind = object.kind_name().unwrap_or("object of an unknown type");
            let hash = if object.sha1c.is_empty() || object.sha1c == object.field_hash() {
                ""
            } else {
                "; its SHA1C is not that of its fields"
            };
            format!(
                "{kind} of {}, {} bytes, {}{hash}",
                bounded(object.creator.as_bytes()),
                object.size,
                bounded(object.location.as_bytes())
            )
        }
        Err(error) => format!(
            "\"{}\": {}",
            bounded(text.as_bytes()),
            bounded(error.to_string().as_bytes())
        ),
    }
}

fn length_note(
    line: &[u8],
    payload: &[u8],
    direction: Direction,
    shape: Option<Shape>,
    notes: &mut Vec<String>,
) {
    match dictionary::payload_length(direction, line) {
        Ok(Some(length)) if length != payload.len() => notes.push(format!(
            "the length says {length} bytes, the payload has {}",
            payload.len()
        )),
        Ok(None) if !payload.is_empty() && shape.is_some() => {
            notes.push("this line has no payload".into());
        }
        _ => {}
    }
}

/// What the payloads of lists and endpoints say.
fn payload_notes(name: &[u8], payload: &[u8], notes: &mut Vec<String>) {
    match name {
        b"ADL" | b"RML" | b"FQY" => match adl::read(payload) {
            Ok(list) => {
                for entry in list.entries.iter().take(MOST) {
                    let mut note = bounded(entry.account.as_bytes());
                    if let Some(bits) = entry.lists {
                        note.push_str(": ");
                        note.push_str(&lists(bits));
                    }
                    if let Some(id) = entry.network {
                        note.push_str("; ");
                        note.push_str(&network(id.to_string().as_bytes()));
                    }
                    notes.push(note);
                }
                if list.entries.len() > MOST {
                    notes.push(format!("and {} more", list.entries.len() - MOST));
                }
            }
            Err(error) => notes.push(format!(
                "error {}: {}",
                error.code(),
                bounded(error.to_string().as_bytes())
            )),
        },
        b"UUX" => match read_uux(payload) {
            Ok(UuxPayload::Endpoint { capabilities: bits }) => notes.push(format!(
                "capabilities of this endpoint: {}",
                capabilities(bits.as_bytes())
            )),
            Ok(UuxPayload::Empty) => notes.push("the personal message is taken away".into()),
            Ok(_) => {}
            Err(error) => notes.push(to_screen(bounded_text(&error.to_string()).as_bytes())),
        },
        b"MSG" => peer_to_peer::notes(payload, notes),
        _ => {}
    }
}

fn bounded_text(text: &str) -> String {
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests;
