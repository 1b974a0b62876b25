//! A compiled filter: a tree of tests over blocks of lines.

use crate::event::{EventKind, Severity};
use crate::journal::Kind;
use crate::journal::Text;
use crate::journal::mask::Mask;
use crate::journal::segment::{Segment, flag, severity_bits};
use crate::msnp::Status;
use crate::msnp::line::tokens;

/// Microseconds in a day.
pub(super) const DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// One test, or several put together.
#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// Codes as in the column.
    Verb(Vec<u32>),
    /// `true` is out.
    Direction(bool),
    Client(Vec<u32>),
    Connection(Vec<u32>),
    Transaction(Vec<u32>),
    /// A bit for each kind.
    Kind(u16),
    Severity(Severity),
    /// Any of these flags.
    Flag(u16),
    /// Micros of the day, from the first on and before the second; what is added to a time to get
    /// into its zone.
    Time {
        from: u64,
        to: u64,
        offset: u64,
    },
    Status(Vec<StatusValue>),
    Finding(Vec<String>),
    Text(Box<Text>),
}

/// A value of `status:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusValue {
    Presence(Status),
    Http(u16),
}

impl Node {
    /// This text.
    pub fn text(text: Text) -> Node {
        Node::Text(Box::new(text))
    }

    /// All of these, the cheapest first.
    pub fn all(mut nodes: Vec<Node>) -> Node {
        if nodes.len() == 1 {
            return nodes.remove(0);
        }
        nodes.sort_by_key(Node::cost);
        Node::All(nodes)
    }

    /// Any of these, the cheapest first.
    pub fn any(mut nodes: Vec<Node>) -> Node {
        if nodes.len() == 1 {
            return nodes.remove(0);
        }
        nodes.sort_by_key(Node::cost);
        Node::Any(nodes)
    }

    /// The ids of findings that are named in it.
    pub fn findings<'a>(&'a self, ids: &mut Vec<&'a str>) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| node.findings(ids)),
            Node::Not(node) => node.findings(ids),
            Node::Finding(named) => ids.extend(named.iter().map(String::as_str)),
            _ => {}
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes
                .iter()
                .fold(1, |sum, node| sum.saturating_add(node.cost())),
            Node::Not(node) => node.cost(),
            Node::Status(_) | Node::Finding(_) => 3,
            Node::Text(_) => 1000,
            _ => 1,
        }
    }

    /// Those of `want`, rows of the block of `n` rows that starts at row `base`, for which it holds.
    pub fn scan(&self, segment: &Segment, base: usize, n: usize, want: &Mask) -> Mask {
        let rows = base..base + n;
        let any_of = |column: &[u32], values: &[u32]| match values {
            // Few values are by far the most usual, and are compared with many rows at once.
            [one] => Mask::of(&column[rows.clone()], |v| v == *one),
            [a, more @ ..] if more.len() < 4 => {
                let of = |at: usize| *more.get(at).unwrap_or(a);
                let (a, b, c, d) = (*a, of(0), of(1), of(2));
                let test = |v| (v == a) | (v == b) | (v == c) | (v == d);
                Mask::of(&column[rows.clone()], test)
            }
            many => Mask::of(&column[rows.clone()], |v| many.contains(&v)),
        };
        let flags = |bits: u16, is: u16| Mask::of(&segment.flags[rows.clone()], |f| f & bits == is);
        let kinds = |set: u16| Mask::of(&segment.kinds[rows.clone()], |k| set >> k & 1 == 1);
        let found = match self {
            Node::All(nodes) => {
                let mut left = *want;
                for node in nodes {
                    if left.is_empty() {
                        break;
                    }
                    left = node.scan(segment, base, n, &left);
                }
                left
            }
            Node::Any(nodes) => {
                let (mut found, mut left) = (Mask::NONE, *want);
                for node in nodes {
                    if left.is_empty() {
                        break;
                    }
                    let more = node.scan(segment, base, n, &left);
                    found = found.or(&more);
                    left = left.without(&more);
                }
                found
            }
            Node::Not(node) => want.without(&node.scan(segment, base, n, want)),
            Node::Verb(codes) => any_of(&segment.verbs, codes),
            Node::Client(numbers) => any_of(&segment.clients, numbers),
            Node::Connection(numbers) => any_of(&segment.connections, numbers),
            Node::Transaction(ids) => {
                any_of(&segment.transactions, ids).and(&flags(flag::TRANSACTION, flag::TRANSACTION))
            }
            Node::Direction(out) => {
                let is = if *out { flag::OUT } else { 0 };
                flags(flag::OUT, is).and(&kinds(1 << Kind::Frame as u16))
            }
            Node::Kind(set) => kinds(*set),
            Node::Flag(bits) => Mask::of(&segment.flags[rows], |f| f & bits != 0),
            Node::Severity(least) => {
                let least = severity_bits(*least);
                Mask::of(&segment.flags[rows], |f| {
                    (f & flag::SEVERITY) >> flag::SEVERITY_SHIFT >= least
                })
            }
            Node::Time { from, to, offset } => Mask::of(&segment.times[rows], |time| {
                let of_day = time.wrapping_add(*offset) % DAY;
                (*from..*to).contains(&of_day)
            }),
            Node::Status(values) => {
                let set =
                    1 << Kind::Frame as u16 | 1 << Kind::Contact as u16 | 1 << Kind::Http as u16;
                keep(&kinds(set).and(want), |at| {
                    has_status(segment, base + at, values)
                })
            }
            Node::Finding(ids) => keep(&kinds(1 << Kind::Finding as u16).and(want), |at| {
                matches!(
                    segment.event_of(base + at).map(|e| &e.kind),
                    Some(EventKind::Finding(f)) if ids.iter().any(|id| id.eq_ignore_ascii_case(f.id))
                )
            }),
            Node::Text(text) => text.scan(segment, base, n, want),
        };
        found.and(want)
    }
}

fn keep(of: &Mask, test: impl Fn(usize) -> bool) -> Mask {
    let mut found = Mask::NONE;
    for at in of.iter().filter(|at| test(*at)) {
        found.set(at);
    }
    found
}

/// The frames that carry presence and the place of the status in each, the verb being 0. FLN is itself the
/// status (the article; the grammar of each is in the dictionary).
const PRESENCE: [(&[u8], usize); 4] = [(b"NLN", 1), (b"ILN", 2), (b"CHG", 2), (b"FLN", 0)];

fn has_status(segment: &Segment, row: usize, values: &[StatusValue]) -> bool {
    let presence = |status: &[u8]| {
        values
            .iter()
            .any(|v| matches!(v, StatusValue::Presence(s) if s.code().as_bytes() == status))
    };
    match segment.event_of(row).map(|event| &event.kind) {
        Some(EventKind::Contact(change)) => presence(change.contact.status.code().as_bytes()),
        Some(EventKind::Http(http)) => values.contains(&StatusValue::Http(http.status)),
        Some(_) => false,
        None => {
            let line = &segment.bytes_of(row)[..segment.line_lengths[row] as usize];
            let verb = tokens(line).next().unwrap_or_default();
            PRESENCE
                .iter()
                .filter(|(of, _)| *of == verb)
                .any(|(_, at)| tokens(line).nth(*at).is_some_and(presence))
        }
    }
}
