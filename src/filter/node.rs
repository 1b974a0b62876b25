//! A compiled filter: a tree of tests.

use super::subject::Subject;
use super::text::Text;
use crate::event::{Event, EventKind, Kind, Severity};
use crate::msnp::line::tokens;
use crate::msnp::{Direction, Status};

/// Microseconds in a day.
pub(crate) const DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// One test, or several put together.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// Verbs, as [`verb_code`] makes numbers of them.
    Verb(Vec<u32>),
    /// The direction; `true` is out.
    Direction(bool),
    /// Numbers, as [`narrow`] makes them.
    Client(Vec<u32>),
    Connection(Vec<u32>),
    Transaction(Vec<u32>),
    /// Kinds, a bit for each.
    Kind(u16),
    Severity(Severity),
    /// The operator sent it.
    Injected,
    /// Something went wrong.
    Error,
    /// Microseconds of the day, from the first on and before the second; and the microseconds to add to a time to get into
    /// its zone.
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
pub(crate) enum StatusValue {
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

    /// Whether it asks whose a line is.
    pub fn asks_whose(&self) -> bool {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().any(Node::asks_whose),
            Node::Not(node) => node.asks_whose(),
            Node::Client(_) => true,
            _ => false,
        }
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

    /// Whether it holds for this.
    pub fn holds(&self, of: &impl Subject) -> bool {
        match self {
            Node::All(nodes) => nodes.iter().all(|node| node.holds(of)),
            Node::Any(nodes) => nodes.iter().any(|node| node.holds(of)),
            Node::Not(node) => !node.holds(of),
            Node::Verb(codes) => codes.contains(&verb_code(of.verb())),
            Node::Direction(out) => {
                of.direction() == Some(if *out { Direction::Out } else { Direction::In })
            }
            Node::Client(numbers) => numbers.contains(&narrow(of.client().map(|id| id.0))),
            Node::Connection(numbers) => numbers.contains(&narrow(of.connection().map(|id| id.0))),
            Node::Transaction(ids) => of.transaction().is_some_and(|id| ids.contains(&id.0)),
            Node::Kind(set) => set >> of.kind() as u16 & 1 == 1,
            Node::Injected => of.injected(),
            Node::Error => of.is_error(),
            Node::Severity(least) => of.severity().is_some_and(|severity| severity >= *least),
            Node::Time { from, to, offset } => {
                (*from..*to).contains(&(of.time().0.wrapping_add(*offset) % DAY))
            }
            Node::Status(values) => has_status(of.event(), of.line(), values),
            Node::Finding(ids) => has_finding(of.event(), ids),
            Node::Text(text) => of.has(text),
        }
    }
}

/// The frames that carry presence, and the place of the status in each; the verb is at 0. FLN is itself the status (the
/// article; the grammar of each is in the dictionary).
const PRESENCE: [(&[u8], usize); 4] = [(b"NLN", 1), (b"ILN", 2), (b"CHG", 2), (b"FLN", 0)];

/// The kinds of line that may have a status, as the bits of [`Node::Kind`].
pub(crate) const WITH_STATUS: u16 =
    1 << Kind::Frame as u16 | 1 << Kind::Contact as u16 | 1 << Kind::Http as u16;

/// Whether an event, or a frame with this line, has one of these statuses.
pub(crate) fn has_status(event: Option<&Event>, line: &[u8], values: &[StatusValue]) -> bool {
    let presence = |status: &[u8]| {
        values
            .iter()
            .any(|v| matches!(v, StatusValue::Presence(s) if s.code().as_bytes() == status))
    };
    match event.map(|event| &event.kind) {
        Some(EventKind::Contact(change)) => presence(change.contact.status.code().as_bytes()),
        Some(EventKind::Http(http)) => values.contains(&StatusValue::Http(http.status)),
        Some(_) => false,
        None => {
            let verb = tokens(line).next().unwrap_or_default();
            PRESENCE
                .iter()
                .filter(|(of, _)| *of == verb)
                .any(|(_, at)| tokens(line).nth(*at).is_some_and(presence))
        }
    }
}

/// Whether an event is one of these findings.
pub(crate) fn has_finding(event: Option<&Event>, ids: &[String]) -> bool {
    matches!(
        event.map(|event| &event.kind),
        Some(EventKind::Finding(f)) if ids.iter().any(|id| id.eq_ignore_ascii_case(f.id.name()))
    )
}

/// A verb as a number. The number of a verb of at most four ASCII bytes is these bytes; zero where there are none. The
/// number of any other verb is a hash with the top bit set, which ASCII bytes never have.
pub(crate) fn verb_code(verb: &[u8]) -> u32 {
    if verb.len() <= 4 && verb.is_ascii() {
        return verb
            .iter()
            .fold(0, |code, byte| code << 8 | u32::from(*byte));
    }
    let hash = verb.iter().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    hash | 1 << 31
}

/// The number of a client or a connection as the column holds it. Numbers begin at 1, so 0 stands for none.
pub(crate) fn narrow(number: Option<u64>) -> u32 {
    number.map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX))
}
