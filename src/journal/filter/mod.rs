//! The filter language.
//!
//! ```text
//! verb:ILN,UBX dir:out client:2 trid:8 contact:busy@local "text" /regex/i !PNG (a or b)
//! ```
//!
//! Terms side by side must all hold; `or` is weaker than that, `!` and `not` are stronger, parentheses
//! group. The terms are a table ([`TERMS`]) that the parser, [`complete`] and the help overlay read.
//!
//! A filter is compiled to a tree of tests that is evaluated over blocks of lines, columns first and
//! bytes last, so that the bytes are read of those lines only that all else lets through.

mod complete;
mod edit;
mod lex;
mod node;
mod parse;
mod terms;

pub use complete::{Candidate, Known, complete};
pub use edit::{exclude, include, values_of};
pub use terms::{SYNTAX, TERMS, Term, TermId, Values};

use super::Text;
use super::mask::{BLOCK, Mask};
use super::segment::{Segment, flag, narrow};
use super::{Jump, Kind, Line};
use crate::event::Severity;
use node::Node;
use std::ops::Range;
use std::sync::Arc;

/// The longest filter that is taken, in bytes.
pub const MAX_FILTER: usize = 4096;

/// What is wrong with a filter's text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} (at {})", at.start + 1)]
pub struct FilterError {
    /// Which bytes of the text; empty at its end where something is missing.
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

    /// As [`Filter::parse`], times of day being this many seconds east of UTC.
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
        Self {
            node: Some(Arc::new(Node::text(text))),
        }
    }

    /// What is not as it should be: errors, warnings and findings.
    pub fn problems() -> Self {
        let nodes = vec![
            Node::Flag(flag::ERROR),
            Node::Severity(Severity::Warning),
            Node::Kind(1 << Kind::Finding as u16),
        ];
        Self {
            node: Some(Arc::new(Node::any(nodes))),
        }
    }

    /// Lines that have this in common with a line; `None` where it has no such thing itself.
    pub fn alike(line: &Line<'_>, what: Jump) -> Option<Self> {
        let whose = match (line.client(), line.connection()) {
            (Some(client), _) => Node::Client(vec![narrow(Some(client.0))]),
            (None, Some(connection)) => Node::Connection(vec![narrow(Some(connection.0))]),
            (None, None) => return None,
        };
        let node = match what {
            Jump::Problem => return Some(Self::problems()),
            Jump::Client => whose,
            Jump::Transaction => {
                let id = line.transaction()?;
                Node::all(vec![whose, Node::Transaction(vec![id.0])])
            }
        };
        Some(Self {
            node: Some(Arc::new(node)),
        })
    }

    /// What both let through.
    pub fn and(&self, other: &Filter) -> Filter {
        match (&self.node, &other.node) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(a), Some(b)) => Filter {
                node: Some(Arc::new(Node::all(vec![(**a).clone(), (**b).clone()]))),
            },
        }
    }

    /// The ids of findings that it names: which there are, somebody else knows.
    pub fn findings(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        if let Some(node) = &self.node {
            node.findings(&mut ids);
        }
        ids
    }

    /// Whether it lets every line through, being empty.
    pub fn is_empty(&self) -> bool {
        self.node.is_none()
    }

    /// Whether it lets this line through.
    pub fn matches(&self, line: &Line<'_>) -> bool {
        let (segment, row) = line.place();
        self.scan(segment, row, 1).has(0)
    }

    /// Those of the `n` rows from `base` on ([`BLOCK`] at most) that it lets through.
    pub(super) fn scan(&self, segment: &Segment, base: usize, n: usize) -> Mask {
        debug_assert!(n <= BLOCK && base + n <= segment.len());
        let all = Mask::first(n);
        match &self.node {
            Some(node) if n > 0 => node.scan(segment, base, n, &all),
            _ => all,
        }
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)] // secrets are given as ranges, often one
mod tests;
