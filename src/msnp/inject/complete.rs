//! Completion in the injector: the verb, then the values or the name of the next parameter.

use crate::msnp::dictionary::{self, Form, Kind, Need, Parameter, Transaction, label};
use crate::msnp::{Direction, Shape, Status, networks};

/// One thing that could be typed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The text that replaces the word under the cursor; empty where only the hint is known.
    pub text: String,
    /// What it is.
    pub hint: String,
}

/// Completions that are offered at most.
const MOST: usize = 100;

/// What may follow this beginning of a command, which ends at the cursor: the verbs that a server sends (those of the shape
/// first), or the values and the name of the next parameter. Nothing within a payload.
pub fn complete(prefix: &str, shape: Option<Shape>) -> Vec<Completion> {
    if prefix.contains('\n') {
        return Vec::new();
    }
    let (before, word) = match prefix.rsplit_once(' ') {
        Some((before, word)) => (before.trim_start(), word),
        None => ("", prefix),
    };
    let mut found = if before.is_empty() {
        verbs(word, shape)
    } else {
        parameters(before, word, shape)
    };
    found.truncate(MOST);
    found
}

fn has(form: &Form, shape: Option<Shape>) -> bool {
    form.from == Direction::Out && shape.is_none_or(|shape| form.shapes.contains(shape))
}

fn verbs(word: &str, shape: Option<Shape>) -> Vec<Completion> {
    let word = word.to_ascii_uppercase();
    let mut found: Vec<_> = dictionary::verbs()
        .filter(|verb| verb.name.starts_with(&word))
        .filter(|verb| verb.forms.iter().any(|form| form.from == Direction::Out))
        .map(|verb| {
            let foreign = !verb.forms.iter().any(|form| has(form, shape));
            let hint = match shape {
                Some(shape) if foreign => format!("{} (not {shape}'s)", verb.meaning),
                _ => verb.meaning.to_owned(),
            };
            let text = verb.name.to_owned();
            (foreign, Completion { text, hint })
        })
        .collect();
    found.sort_by_key(|(foreign, _)| *foreign);
    found
        .into_iter()
        .map(|(_, completion)| completion)
        .collect()
}

fn parameters(before: &str, word: &str, shape: Option<Shape>) -> Vec<Completion> {
    let typed: Vec<&str> = before
        .split(' ')
        .filter(|token| !token.is_empty())
        .collect();
    let Some((name, typed)) = typed.split_first() else {
        return Vec::new();
    };
    let Some(verb) = dictionary::lookup(name.as_bytes(), Direction::Out) else {
        return Vec::new();
    };
    let mut found: Vec<Completion> = Vec::new();
    for form in verb.forms.iter().filter(|form| has(form, shape)) {
        for completion in next(form, typed, word) {
            if !found.contains(&completion) {
                found.push(completion);
            }
        }
    }
    found
}

/// What comes next in this form, if the text can be its beginning.
fn next(form: &Form, typed: &[&str], word: &str) -> Vec<Completion> {
    let own = matches!(form.transaction, Transaction::Always | Transaction::Zero);
    if own && typed.is_empty() {
        return match form.transaction {
            Transaction::Zero => offer(word, "0", "pushed: no transaction"),
            _ => vec![hint("transaction, that of the client's command")],
        };
    }
    if form.transaction == Transaction::Zero && typed[0] != "0" {
        return Vec::new();
    }
    let typed = &typed[usize::from(own)..];
    let place = typed.len();
    let begins = form.parameters.iter().zip(typed).all(|(parameter, token)| {
        parameter.need != Need::Once
            || !matches!(parameter.kind, Kind::Word(word) if word != *token)
    });
    if !begins {
        return Vec::new();
    }
    match form.parameters.get(place) {
        Some(parameter) => values(parameter, word),
        None => match form.parameters.last() {
            Some(last) if last.need == Need::Repeated => values(last, word),
            _ => Vec::new(),
        },
    }
}

fn values(parameter: &Parameter, word: &str) -> Vec<Completion> {
    let from = |rows: Vec<(String, &str)>| -> Vec<Completion> {
        rows.into_iter()
            .flat_map(|(text, meaning)| {
                offer(word, &text, &format!("{}: {meaning}", parameter.name))
            })
            .collect()
    };
    let owned = |table: &[(&'static str, &'static str)]| {
        from(table.iter().map(|row| (row.0.to_owned(), row.1)).collect())
    };
    match parameter.kind {
        Kind::Word(text) => offer(word, text, parameter.name),
        Kind::Length => offer(word, "*", "payload length, filled in"),
        Kind::OneOf(table) => owned(table),
        Kind::Known(table) => owned(table),
        Kind::Status => from(
            Status::ALL
                .map(|s| (s.code().to_owned(), s.name()))
                .to_vec(),
        ),
        Kind::Network => from(
            networks::TABLE
                .iter()
                .map(|(id, name)| (id.to_string(), *name))
                .collect(),
        ),
        Kind::Tagged(tag, _) if !word.starts_with(tag) => offer(word, tag, parameter.name),
        kind => {
            let optional = if parameter.need == Need::Once {
                ""
            } else {
                ", optional"
            };
            let name = label(parameter.name, &Kind::Text);
            vec![hint(&format!("{name} ({}{optional})", kind.words()))]
        }
    }
}

fn hint(text: &str) -> Completion {
    Completion {
        text: String::new(),
        hint: text.to_owned(),
    }
}

fn offer(word: &str, text: &str, hint: &str) -> Vec<Completion> {
    let fits = text
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word));
    let completion = Completion {
        text: text.to_owned(),
        hint: hint.to_owned(),
    };
    if fits { vec![completion] } else { Vec::new() }
}
