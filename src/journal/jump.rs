//! Jumps to the next line that has something in common with this one. A jump stops at the end; [`outermost`] goes on from
//! the other one.

use super::mask::BLOCK;
use super::search::in_block;
use super::{EventId, Journal, Way};
use crate::filter::Filter;
use std::ops::Range;

/// What to jump to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Jump {
    /// A frame of the same client with the same transaction id: the answer to a command, or the command of an answer.
    Transaction,
    /// A line of the same client (of the same connection, where no client is known).
    Client,
    /// Something wrong: an [error](super::Line::is_error), a warning, or a finding.
    Problem,
}

/// The line to jump to from `from`, among the lines that `view` shows. `None` if there is none, or if `from` has no
/// transaction or client to look for. It reads columns only, so it is fast enough to run in one go.
pub fn jump(
    journal: &Journal,
    view: &Filter,
    from: EventId,
    to: Jump,
    way: Way,
) -> Option<EventId> {
    let alike = match to {
        Jump::Problem => Filter::problems(),
        Jump::Client => Filter::of_client(&journal.get(from)?)?,
        Jump::Transaction => Filter::of_transaction(&journal.get(from)?)?,
    };
    let filter = alike.and(view);
    let (first, next) = (journal.first().0, journal.next().0);
    let rest = match way {
        Way::Forward => from.plus(1).0.clamp(first, next)..next,
        Way::Back => first..from.0.clamp(first, next),
    };
    walk(journal, &filter, rest, way)
}

/// The first problem among the lines that `view` shows, or on the way back the last.
pub fn outermost(journal: &Journal, view: &Filter, way: Way) -> Option<EventId> {
    let all = journal.first().0..journal.next().0;
    walk(journal, &Filter::problems().and(view), all, way)
}

fn walk(journal: &Journal, filter: &Filter, mut rest: Range<u64>, way: Way) -> Option<EventId> {
    while !rest.is_empty() {
        let piece = (rest.end - rest.start).min(BLOCK as u64);
        let block = match way {
            Way::Forward => rest.start..rest.start + piece,
            Way::Back => rest.end - piece..rest.end,
        };
        if let Some(id) = in_block(journal, filter, block.clone(), way) {
            return Some(id);
        }
        match way {
            Way::Forward => rest.start = block.end,
            Way::Back => rest.end = block.start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Secrets, Severity};
    use crate::journal::DEFAULT_BYTES;
    use crate::journal::sample::*;
    use crate::msnp::Direction;

    #[test]
    fn jumps_go_by_client_transaction_and_trouble() {
        let mut journal = Journal::new(DEFAULT_BYTES);
        let of = |client, wire: &str| frame_of(0, client, Direction::Out, wire, Secrets::default());
        for event in [
            of(1, "CHG 8 NLN\r\n"),
            of(2, "CHG 8 NLN\r\n"),
            of(1, "ILN 8 BSY busy@local\r\n"),
            of(1, "PNG\r\n"),
            finding(0, "bare-lf", Severity::Info),
            of(2, "911 9\r\n"),
            of(1, "ILN 8 IDL idle@local\r\n"),
            notice(0, Severity::Warning, "odd"),
            notice(0, Severity::Info, "fine"),
        ] {
            journal.append(event);
        }
        let all = Filter::default();
        let go = |from, to, way| jump(&journal, &all, EventId(from), to, way).map(|id| id.0);
        assert_eq!(go(0, Jump::Transaction, Way::Forward), Some(2));
        assert_eq!(go(2, Jump::Transaction, Way::Forward), Some(6));
        assert_eq!(go(6, Jump::Transaction, Way::Back), Some(2));
        assert_eq!(go(6, Jump::Transaction, Way::Forward), None);
        assert_eq!(go(3, Jump::Transaction, Way::Back), None);
        assert_eq!(go(1, Jump::Client, Way::Forward), Some(5));
        assert_eq!(go(5, Jump::Client, Way::Back), Some(1));
        assert_eq!(go(8, Jump::Client, Way::Back), None);
        assert_eq!(go(0, Jump::Problem, Way::Forward), Some(4));
        assert_eq!(go(4, Jump::Problem, Way::Forward), Some(5));
        assert_eq!(go(5, Jump::Problem, Way::Forward), Some(7));
        assert_eq!(go(7, Jump::Problem, Way::Forward), None);
        assert_eq!(go(99, Jump::Problem, Way::Back), Some(7));
        assert_eq!(go(99, Jump::Client, Way::Back), None);
        let view = Filter::parse("!ILN").expect("parses");
        let seen = jump(&journal, &view, EventId(0), Jump::Client, Way::Forward);
        assert_eq!(seen, Some(EventId(3)));
    }
}
