//! The filter language.
//!
//! ```text
//! verb:ILN,UBX dir:out client:2 trid:8 contact:busy@local "text" /regex/i !PNG (a or b)
//! ```
//!
//! Terms side by side must all hold. `or` binds weaker than that, `!` and `not` bind stronger, and parentheses group. The
//! terms are a table ([`TERMS`]) that the parser, [`complete`] and the help overlay read.
//!
//! A filter is compiled to a tree of tests (`node`), the cheapest first. It judges any [`Subject`]: an event, a
//! live frame, a line of the journal. The journal asks the same tree of a whole block of lines at once (its `scan`).

mod complete;
mod edit;
pub(crate) mod encoded;
mod lex;
pub(crate) mod node;
mod parse;
mod subject;
mod terms;
pub(crate) mod text;

pub use complete::{Candidate, Known, complete};
pub use edit::{exclude, include, values_of, with_text};
pub use subject::{Seen, Subject};
pub use terms::{SYNTAX, TERMS, Term, TermId, Values};
pub use text::{Look, MAX_PATTERN, Text, TextError};

use crate::event::{Event, Kind, Severity};
use node::{Node, narrow};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of the longest filter.
pub const MAX_FILTER: usize = 4096;

/// What is wrong with a filter's text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} (at {})", at.start + 1)]
pub struct FilterError {
    /// The bytes of the text that are wrong. Empty, and at the end of the text, where something is missing.
    pub at: Range<usize>,
    /// What was expected.
    pub text: String,
}

/// A filter, compiled. Cheap to clone. The default lets every line through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    node: Option<Arc<Node>>,
}

impl Filter {
    /// Reads a filter; times of day are in UTC. An empty text lets every line through.
    ///
    /// # Errors
    /// [`FilterError`] with the place of the first mistake.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Self::parse_at(text, 0)
    }

    /// As [`Filter::parse`], with times of day this many seconds east of UTC.
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn parse_at(text: &str, utc_offset: i32) -> Result<Self, FilterError> {
        let node = parse::parse(text, utc_offset)?;
        Ok(Self {
            node: node.map(Arc::new),
        })
    }

    /// Lines that have this text.
    pub fn of_text(text: Text) -> Self {
        Self::of(Node::text(text))
    }

    /// Lines about problems: errors, warnings and findings.
    pub fn problems() -> Self {
        let nodes = vec![
            Node::Error,
            Node::Severity(Severity::Warning),
            Node::Kind(1 << Kind::Finding as u16),
        ];
        // A command that was refused is no problem of a client's.
        let refused = Node::Not(Box::new(Node::Kind(1 << Kind::Reply as u16)));
        Self::of(Node::all(vec![Node::any(nodes), refused]))
    }

    /// Lines of the same client as this one, or of the same connection where no client is known. `None` where it has neither.
    pub fn of_client(subject: &impl Subject) -> Option<Self> {
        whose(subject).map(Self::of)
    }

    /// Frames of the same client with the same transaction id; `None` where it has none.
    pub fn of_transaction(subject: &impl Subject) -> Option<Self> {
        let id = subject.transaction()?;
        let nodes = vec![whose(subject)?, Node::Transaction(vec![id.0])];
        Some(Self::of(Node::all(nodes)))
    }

    fn of(node: Node) -> Self {
        Self {
            node: Some(Arc::new(node)),
        }
    }

    /// A filter that lets through what both let through.
    pub fn and(&self, other: &Filter) -> Filter {
        match (&self.node, &other.node) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(a), Some(b)) => Filter {
                node: Some(Arc::new(Node::all(vec![(**a).clone(), (**b).clone()]))),
            },
        }
    }

    /// The ids of findings that it names. Whether there are such findings is not checked here.
    pub fn findings(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        if let Some(node) = &self.node {
            node.findings(&mut ids);
        }
        ids
    }

    /// Whether it asks whose a line is: `client:`.
    pub fn asks_whose(&self) -> bool {
        self.node.as_deref().is_some_and(Node::asks_whose)
    }

    /// Whether it lets every line through, being empty.
    pub fn is_empty(&self) -> bool {
        self.node.is_none()
    }

    /// The tree; `None` where the filter is empty.
    pub(crate) fn node(&self) -> Option<&Node> {
        self.node.as_deref()
    }

    /// Whether it lets this through.
    pub fn matches(&self, subject: &impl Subject) -> bool {
        self.node.as_deref().is_none_or(|node| node.holds(subject))
    }

    /// Whether it lets this event through. An event that is state, and no line, passes only the empty filter.
    pub fn takes(&self, event: &Event) -> bool {
        self.is_empty() || Seen::new(event).is_some_and(|seen| self.matches(&seen))
    }
}

fn whose(subject: &impl Subject) -> Option<Node> {
    match (subject.client(), subject.connection()) {
        (Some(client), _) => Some(Node::Client(vec![narrow(Some(client.0))])),
        (None, Some(connection)) => Some(Node::Connection(vec![narrow(Some(connection.0))])),
        (None, None) => None,
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)] // secrets are given as ranges, often one
mod tests;
