//! What could be typed next.

use super::{Kind, Registry};
use crate::event::ClientId;
use crate::msnp::{Dialect, Family, Shape, Status};
use std::ops::Range;

/// What completion knows of the service.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompletionContext<'a> {
    /// Accounts of contacts, each with its friendly name.
    pub contacts: &'a [(String, String)],
    /// Clients, each with its account or address.
    pub clients: &'a [(ClientId, String)],
    /// Verbs that can be sent to a client, each with its meaning.
    pub verbs: &'a [(String, String)],
}

/// One thing that could stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The bytes of the line that it replaces. They end at the cursor.
    pub range: Range<usize>,
    /// The text that is put there.
    pub text: String,
    /// A few words about it; may be empty.
    pub help: String,
}

impl Registry {
    /// What could stand at the cursor, which is a byte offset. Those that begin with what is typed; if
    /// none does, those that contain it.
    pub fn complete(
        &self,
        line: &str,
        cursor: usize,
        context: &CompletionContext<'_>,
    ) -> Vec<Candidate> {
        let mut cursor = cursor.min(line.len());
        while !line.is_char_boundary(cursor) {
            cursor -= 1;
        }
        let before = &line[..cursor];
        let words: Vec<&str> = before
            .split([' ', '\t'])
            .filter(|w| !w.is_empty())
            .collect();
        let fresh = before.is_empty() || before.ends_with([' ', '\t']);
        // How many words are complete, and what has been typed of the next.
        let (complete, typed) = match words.split_last() {
            Some((last, rest)) if !fresh => (rest, *last),
            _ => (words.as_slice(), ""),
        };
        let (typed, known) = match complete {
            [] => (typed, self.names()),
            [name, args @ ..] => {
                let Some(spec) = self.find(name) else {
                    return Vec::new();
                };
                let Some(arg) = spec.args.get(args.len()) else {
                    return Vec::new();
                };
                let typed = match arg.kind {
                    Kind::Contacts | Kind::Clients | Kind::Dialects => {
                        typed.rsplit(',').next().unwrap_or_default()
                    }
                    _ => typed,
                };
                (typed, self.known(arg.kind, context))
            }
        };
        let wanted = typed.to_lowercase();
        let matching = |found: fn(&str, &str) -> bool| -> Vec<Candidate> {
            known
                .iter()
                .filter(|(text, _)| found(&text.to_lowercase(), &wanted))
                .map(|(text, help)| Candidate {
                    range: cursor - typed.len()..cursor,
                    text: text.clone(),
                    help: help.clone(),
                })
                .collect()
        };
        let begun = matching(|text, wanted| text.starts_with(wanted));
        if begun.is_empty() {
            matching(|text, wanted| text.contains(wanted))
        } else {
            begun
        }
    }

    fn names(&self) -> Vec<(String, String)> {
        self.specs()
            .map(|s| (s.name.to_owned(), s.help.to_owned()))
            .collect()
    }

    fn known(&self, kind: Kind, context: &CompletionContext<'_>) -> Vec<(String, String)> {
        let clients = || {
            context
                .clients
                .iter()
                .map(|(id, label)| (id.to_string(), label.clone()))
        };
        match kind {
            Kind::Contact => context.contacts.to_vec(),
            Kind::Contacts => {
                let all = ("all".to_owned(), "every contact".to_owned());
                context.contacts.iter().cloned().chain([all]).collect()
            }
            Kind::Status => Status::ALL
                .map(|s| (s.word().to_owned(), s.name().to_owned()))
                .into(),
            Kind::Clients => clients()
                .chain([("all".to_owned(), "every client".to_owned())])
                .collect(),
            Kind::Shape => Dialect::all()
                .flat_map(|dialect| {
                    let mac = dialect.rules().mac;
                    [(Family::Windows, true), (Family::Mac, mac)]
                        .into_iter()
                        .filter(|(_, there)| *there)
                        .map(move |(family, _)| {
                            (Shape::new(dialect, family).to_string(), String::new())
                        })
                })
                .collect(),
            Kind::Dialects => Dialect::all()
                .map(|dialect| (dialect.number().to_string(), dialect.to_string()))
                .collect(),
            Kind::Topic => self.names(),
            Kind::Choice(words) => words
                .iter()
                .map(|word| ((*word).to_owned(), String::new()))
                .collect(),
            Kind::Line | Kind::Bytes => context.verbs.to_vec(),
            Kind::Account | Kind::Word | Kind::File | Kind::Text | Kind::Factor => Vec::new(),
        }
    }
}
