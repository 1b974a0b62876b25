//! Changes a filter by a key: lets the value under the cursor in, or out.

use super::lex::{Token, lex};
use super::terms::{self, Term, TermId};
use super::{Filter, Subject, TermId as Id};
use crate::event::EventKind;
use crate::msnp::Direction;
use std::ops::Range;

/// The values by which a line can be let in or out, the most telling first: name of the term, value.
pub fn values_of(line: &impl Subject) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut add = |id: TermId, value: String| {
        if let Some(term) = terms::TERMS.iter().find(|t| t.id == id) {
            found.push((term.name, value));
        }
    };
    let verb = line.verb();
    if !verb.is_empty() && verb.len() <= 4 && verb.iter().all(u8::is_ascii_graphic) {
        add(Id::Verb, String::from_utf8_lossy(verb).into_owned());
    }
    match line.event().map(|event| &event.kind) {
        Some(EventKind::Finding(finding)) => add(Id::Finding, finding.id.to_string()),
        Some(EventKind::Contact(change)) => add(Id::Contact, change.contact.account.clone()),
        Some(EventKind::Http(http)) => add(Id::Status, http.status.to_string()),
        _ => {}
    }
    if let Some(client) = line.client() {
        add(Id::Client, client.to_string());
    }
    if let Some(id) = line.transaction() {
        add(Id::Transaction, id.to_string());
    }
    if let Some(direction) = line.direction() {
        let way = match direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        add(Id::Direction, way.into());
    }
    add(Id::Kind, line.kind().name().into());
    if let Some(connection) = line.connection() {
        add(Id::Connection, connection.to_string());
    }
    found
}

/// The filter's text, changed so that it lets in lines with this value, unless the rest of the filter keeps them out.
/// `name` is the name of a term that takes values. A text that is no filter is replaced.
pub fn include(text: &str, name: &str, value: &str) -> String {
    change(text, name, value, true)
}

/// The filter's text, changed so that it keeps out lines with this value.
pub fn exclude(text: &str, name: &str, value: &str) -> String {
    change(text, name, value, false)
}

/// The filter's text, changed so that it lets in lines with this text in them, or keeps them out with `!`. Each replaces
/// the other.
pub fn with_text(text: &str, value: &str, let_in: bool) -> String {
    let sign = if let_in { "" } else { "!" };
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    let new = format!("{sign}\"{escaped}\"");
    if text.trim().is_empty() || Filter::parse(text).is_err() {
        return new;
    }
    let Ok(tokens) = lex(text) else { return new };
    let (mut depth, mut found) = (0_usize, Vec::new());
    for (at, (token, span)) in tokens.iter().enumerate() {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Or if depth == 0 => return format!("({}) {new}", text.trim()),
            Token::Word(held) | Token::Quoted(held, _) if depth == 0 && held == value => {
                let before = at.checked_sub(1).map(|before| &tokens[before]);
                let not = before.filter(|(token, _)| *token == Token::Not);
                found.push(not.map_or(span.start, |(_, not)| not.start)..span.end);
            }
            _ => {}
        }
    }
    let mut out = text.to_owned();
    for place in found.into_iter().rev() {
        out.replace_range(place, "");
    }
    let out = tidy(&out);
    let joined = format!("{out} {new}").trim().to_owned();
    match Filter::parse(&joined) {
        Ok(_) => joined,
        Err(_) => format!("({}) {new}", text.trim()),
    }
}

/// A term at the top of a filter: its place, with its `!`, and what it says.
struct Found {
    positive: bool,
    whole: Range<usize>,
    values: Vec<(String, Range<usize>)>,
}

fn change(text: &str, name: &str, value: &str, positive: bool) -> String {
    let new = written(name, value, positive);
    let Some(term) = terms::find(name) else {
        return text.to_owned();
    };
    if text.trim().is_empty() || Filter::parse(text).is_err() {
        return new;
    }
    let Some(found) = top(text, term) else {
        return format!("({}) {new}", text.trim());
    };
    let holds = |f: &Found| f.values.iter().any(|(v, _)| v.eq_ignore_ascii_case(value));
    let mut out = text.to_owned();
    // From the end to the beginning, so that the places of the others stay right.
    for f in found
        .iter()
        .rev()
        .filter(|f| f.positive != positive && holds(f))
    {
        let left: Vec<&str> = f
            .values
            .iter()
            .filter(|(v, _)| !v.eq_ignore_ascii_case(value))
            .map(|(_, at)| &text[at.clone()])
            .collect();
        let kept = match left.as_slice() {
            [] => String::new(),
            left => format!(
                "{}{}:{}",
                if f.positive { "" } else { "!" },
                term.name,
                left.join(",")
            ),
        };
        out.replace_range(f.whole.clone(), &kept);
    }
    let out = tidy(&out);
    if out.is_empty() {
        return new;
    }
    if Filter::parse(&out).is_err() {
        return format!("({}) {new}", text.trim());
    }
    let again = top(&out, term).unwrap_or_default();
    let same = again.iter().find(|f| f.positive == positive);
    match same {
        Some(f) if holds(f) => out,
        Some(f) if term.values.is_list() => {
            let mut longer = out.clone();
            longer.insert_str(f.whole.end, &format!(",{}", quoted(value)));
            longer
        }
        Some(f) => {
            let mut other = out.clone();
            other.replace_range(f.whole.clone(), &new);
            other
        }
        None => format!("{out} {new}"),
    }
}

/// The terms of this name at the top of a filter. `None` where there is an `or` at the top: then no term holds for the
/// whole filter.
fn top(text: &str, term: &Term) -> Option<Vec<Found>> {
    let tokens = lex(text).ok()?;
    let (mut depth, mut found) = (0_usize, Vec::new());
    let is_not = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .is_some_and(|(t, _)| *t == Token::Not)
    };
    for (at, (token, span)) in tokens.iter().enumerate() {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Or if depth == 0 => return None,
            // A double `!` stays as it is.
            Token::Term(t, values)
                if depth == 0 && t.id == term.id && !is_not(at.checked_sub(2)) =>
            {
                let before = at.checked_sub(1);
                let positive = !is_not(before);
                let start = match before {
                    Some(before) if !positive => tokens[before].1.start,
                    _ => span.start,
                };
                found.push(Found {
                    positive,
                    whole: start..span.end,
                    values: values.clone(),
                });
            }
            _ => {}
        }
    }
    Some(found)
}

fn written(name: &str, value: &str, positive: bool) -> String {
    let not = if positive { "" } else { "!" };
    format!("{not}{name}:{}", quoted(value))
}

fn quoted(value: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '"');
    if value.is_empty() || value.contains(special) {
        let inner = value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{inner}\"")
    } else {
        value.to_owned()
    }
}

/// Takes away the space that a removed term leaves: at either end, or beside another space.
fn tidy(text: &str) -> String {
    // Within quotes spaces are the operator's own.
    if text.contains(['"', '/']) {
        return text.trim().to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
