//! What could be typed next.

use super::lex::{LexError, lex};
use super::terms::{self, TERMS, Values};
use crate::event::{Kind, Severity};
use crate::msnp::Status;
use std::ops::Range;

/// Candidates that are given at most.
const MAX_CANDIDATES: usize = 64;

/// What the console knows that a value could be. The verbs and rules come from their dictionaries.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Verbs.
    pub verbs: Vec<String>,
    /// Numbers of clients.
    pub clients: Vec<u64>,
    /// Numbers of connections.
    pub connections: Vec<u64>,
    /// Accounts of contacts.
    pub contacts: Vec<String>,
    /// Ids of findings.
    pub findings: Vec<String>,
}

/// Something that could stand in the place of a part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The bytes that it replaces.
    pub at: Range<usize>,
    /// What to put there.
    pub text: String,
    /// What it means, in a few words; may be empty.
    pub help: String,
}

/// What could be typed at this byte of a filter: terms and verbs, or values of the term at hand.
/// Nothing within quotes and expressions.
pub fn complete(text: &str, cursor: usize, known: &Known) -> Vec<Candidate> {
    let before = &text[..text.floor_char_boundary(cursor)];
    if matches!(lex(before), Err(LexError::Unclosed(_))) {
        return Vec::new();
    }
    let start = before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | ')'))
        .map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
    let start = start + (before[start..].len() - before[start..].trim_start_matches('!').len());
    let word = &before[start..];
    if word.starts_with(['"', '/']) {
        return Vec::new();
    }
    let mut found = match word.split_once(':') {
        Some((name, values)) => match terms::find(name) {
            Some(term) => {
                let from = values.rfind(',').map_or(0, |at| at + 1);
                let at = start + name.len() + 1 + from..before.len();
                these(&values[from..], at, values_of(term.values, known))
            }
            None => Vec::new(),
        },
        None => {
            let at = start..before.len();
            let names = TERMS.iter().map(|term| {
                let colon = if term.values == Values::None { "" } else { ":" };
                (format!("{}{colon}", term.name), term.help.to_owned())
            });
            let mut found = these(word, at.clone(), names);
            // A verb needs no `verb:`, so verbs are offered to whoever starts one in capitals.
            if word.starts_with(|c: char| c.is_ascii_uppercase()) {
                let verbs = values_of(Values::Verbs, known);
                found.extend(
                    these(word, at, verbs)
                        .into_iter()
                        .filter(|c| c.text.starts_with(word)),
                );
            }
            found
        }
    };
    found.truncate(MAX_CANDIDATES);
    found
}

fn these(
    typed: &str,
    at: Range<usize>,
    all: impl IntoIterator<Item = (String, String)>,
) -> Vec<Candidate> {
    all.into_iter()
        .filter(|(text, _)| {
            text.get(..typed.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(typed))
        })
        .map(|(text, help)| Candidate {
            at: at.clone(),
            text,
            help,
        })
        .collect()
}

fn values_of(values: Values, known: &Known) -> Vec<(String, String)> {
    let plain = |texts: &[String]| texts.iter().map(|t| (t.clone(), String::new())).collect();
    let numbers = |all: &[u64]| all.iter().map(|n| (n.to_string(), String::new())).collect();
    match values {
        Values::None | Values::Transactions | Values::Time => Vec::new(),
        Values::Verbs => plain(&known.verbs),
        Values::Directions => vec![
            ("in".into(), "client to server".into()),
            ("out".into(), "server to client".into()),
        ],
        Values::Clients => numbers(&known.clients),
        Values::Connections => numbers(&known.connections),
        Values::Contacts => plain(&known.contacts),
        Values::Findings => plain(&known.findings),
        Values::Statuses => Status::ALL
            .iter()
            .map(|s| (s.code().to_owned(), s.name().to_owned()))
            .collect(),
        Values::Kinds => Kind::ALL
            .iter()
            .map(|k| (k.name().to_owned(), String::new()))
            .collect(),
        Values::Severities => [Severity::Info, Severity::Warning, Severity::Error]
            .iter()
            .map(|s| (s.name().to_owned(), String::new()))
            .collect(),
    }
}
