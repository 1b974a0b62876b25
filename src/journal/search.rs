//! Finds the next line that has a text, forward or back, a slice at a time. It wraps around the end once.

use super::mask::BLOCK;
use super::scan::scan;
use super::{EventId, Journal, Way};
use crate::filter::{Filter, Text};
use std::ops::Range;

/// The result of one slice of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Found. This search is over; the next one starts from here.
    Found {
        /// The line.
        id: EventId,
        /// Whether the search wrapped around the end or the beginning.
        wrapped: bool,
    },
    /// No line has it.
    Nothing,
    /// Not everything has been searched yet: take another step.
    More,
}

/// A search under way. It looks once at each line that was held when it began, and skips lines that have been
/// evicted since.
#[derive(Debug, Clone)]
pub struct Search {
    filter: Filter,
    way: Way,
    /// The ranges that are still to be searched: first up to the end, then the part after wrapping around.
    rest: [Range<u64>; 2],
    wrapped: bool,
}

impl Search {
    /// A search for `text` in the lines that `view` shows. With `inclusive` it starts at `from` itself (while the
    /// operator types), else at the line after it (to find the next one). It looks at `from` last.
    pub fn new(
        text: &Text,
        view: &Filter,
        journal: &Journal,
        from: EventId,
        way: Way,
        inclusive: bool,
    ) -> Self {
        let (first, next) = (journal.first().0, journal.next().0);
        let beyond = match (way, inclusive) {
            (Way::Forward, true) | (Way::Back, false) => from,
            (Way::Forward, false) | (Way::Back, true) => from.plus(1),
        };
        let turn = beyond.0.clamp(first, next);
        let (older, newer) = (first..turn, turn..next);
        Self {
            filter: Filter::of_text(text.clone()).and(view),
            way,
            rest: match way {
                Way::Forward => [newer, older],
                Way::Back => [older, newer],
            },
            wrapped: false,
        }
    }

    /// Lines that are still to be searched.
    pub fn remaining(&self) -> u64 {
        self.rest.iter().map(|r| r.end - r.start).sum()
    }

    /// Searches at most `rows` lines, and at least one block, so that every step gets further.
    pub fn step(&mut self, journal: &Journal, rows: usize) -> Step {
        let mut budget = rows.max(1);
        let first = journal.first().0;
        loop {
            let part = &mut self.rest[usize::from(self.wrapped)];
            part.start = part.start.clamp(first.min(part.end), part.end);
            if part.is_empty() {
                if self.wrapped {
                    return Step::Nothing;
                }
                self.wrapped = true;
                continue;
            }
            if budget == 0 {
                return Step::More;
            }
            let piece = (part.end - part.start).min(BLOCK as u64);
            let ends = match self.way {
                Way::Forward => part.start..part.start + piece,
                Way::Back => part.end - piece..part.end,
            };
            let found = in_block(journal, &self.filter, ends.clone(), self.way);
            match self.way {
                Way::Forward => part.start = ends.end,
                Way::Back => part.end = ends.start,
            }
            if let Some(id) = found {
                let wrapped = self.wrapped;
                self.rest = [0..0, 0..0];
                return Step::Found { id, wrapped };
            }
            budget = budget.saturating_sub(piece as usize);
        }
    }
}

/// The first line of a block that a filter lets through, looking in the direction `way`.
pub(super) fn in_block(
    journal: &Journal,
    filter: &Filter,
    ids: Range<u64>,
    way: Way,
) -> Option<EventId> {
    let mut runs = journal.runs(EventId(ids.start), EventId(ids.end));
    loop {
        let (segment, run) = match way {
            Way::Forward => runs.next(),
            Way::Back => runs.next_back(),
        }?;
        let found = scan(filter, segment, run.start, run.len());
        let at = match way {
            Way::Forward => found.iter().next(),
            Way::Back => found.iter_back().next(),
        };
        if let Some(at) = at {
            return Some(EventId(segment.first() + (run.start + at) as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Look;
    use crate::journal::DEFAULT_BYTES;
    use crate::journal::sample::*;
    use crate::msnp::Direction;
    use proptest::prelude::*;

    fn journal(has: impl Fn(u64) -> bool, count: u64) -> Journal {
        let mut journal = Journal::new(DEFAULT_BYTES);
        for n in 0..count {
            let word = if has(n) { "Busy%20User" } else { "x" };
            journal.append(frame(n, Direction::In, format!("NLN {n} {word}\r\n")));
        }
        journal
    }

    fn run(search: &mut Search, journal: &Journal, rows: usize) -> Step {
        loop {
            match search.step(journal, rows) {
                Step::More => {}
                end => return end,
            }
        }
    }

    fn text() -> Text {
        Text::literal("Busy User", Look::default()).expect("builds")
    }

    #[test]
    fn a_search_goes_on_and_round_both_ways() {
        let journal = journal(|n| n == 10 || n == 9_000, 20_000);
        let find = |from, way, inclusive| {
            let all = Filter::default();
            let mut search = Search::new(&text(), &all, &journal, EventId(from), way, inclusive);
            run(&mut search, &journal, 100)
        };
        let found = |id, wrapped| Step::Found {
            id: EventId(id),
            wrapped,
        };
        assert_eq!(find(0, Way::Forward, true), found(10, false));
        assert_eq!(find(10, Way::Forward, true), found(10, false));
        assert_eq!(find(10, Way::Forward, false), found(9_000, false));
        assert_eq!(find(9_000, Way::Forward, false), found(10, true));
        assert_eq!(find(9_000, Way::Back, false), found(10, false));
        assert_eq!(find(9_000, Way::Back, true), found(9_000, false));
        assert_eq!(find(10, Way::Back, false), found(9_000, true));
        assert_eq!(find(u64::MAX, Way::Back, true), found(9_000, false));
        assert_eq!(find(u64::MAX, Way::Forward, false), found(10, true));
    }

    #[test]
    fn the_only_line_is_found_again_and_none_is_nothing() {
        let journal = journal(|n| n == 7, 20);
        let all = Filter::default();
        let mut search = Search::new(&text(), &all, &journal, EventId(7), Way::Forward, false);
        let again = Step::Found {
            id: EventId(7),
            wrapped: true,
        };
        assert_eq!(run(&mut search, &journal, 1), again);
        assert_eq!(search.step(&journal, 1), Step::Nothing);
        let view = Filter::parse("dir:out").expect("parses");
        let mut search = Search::new(&text(), &view, &journal, EventId(0), Way::Back, true);
        assert_eq!(run(&mut search, &journal, 1), Step::Nothing);
        let empty = Journal::new(0);
        let mut search = Search::new(&text(), &all, &empty, EventId(0), Way::Forward, true);
        assert_eq!(search.step(&empty, 1), Step::Nothing);
    }

    #[test]
    fn a_step_is_bounded_and_eviction_under_a_search_does_no_harm() {
        let mut journal = Journal::new(0);
        for n in 0..12_000 {
            journal.append(frame(n, Direction::In, "PNG\r\n"));
        }
        let all = Filter::default();
        let mut forward = Search::new(&text(), &all, &journal, EventId(0), Way::Forward, true);
        let mut back = Search::new(&text(), &all, &journal, EventId(11_999), Way::Back, true);
        let before = forward.remaining();
        assert_eq!(forward.step(&journal, 1), Step::More);
        assert!(before - forward.remaining() <= BLOCK as u64);
        assert_eq!(back.step(&journal, 1), Step::More);
        for n in 0..60_000 {
            journal.append(frame(n, Direction::In, "NLN 1 Busy%20User\r\n"));
        }
        assert!(journal.first().0 > 12_000);
        assert_eq!(run(&mut forward, &journal, 1), Step::Nothing);
        assert_eq!(run(&mut back, &journal, 1), Step::Nothing);
    }

    proptest! {
        #[test]
        fn it_finds_what_a_look_at_every_line_would(
            hits in proptest::collection::btree_set(0u64..50, 0..6),
            from in 0u64..55,
            forward: bool,
            inclusive: bool,
        ) {
            let journal = journal(|n| hits.contains(&n), 50);
            let way = if forward { Way::Forward } else { Way::Back };
            let all = Filter::default();
            let mut search = Search::new(&text(), &all, &journal, EventId(from), way, inclusive);
            let step = run(&mut search, &journal, 1);
            let here = |n: &&u64| inclusive && **n == from;
            let expected = if forward {
                hits.iter().find(|n| **n > from || here(n)).map(|n| (*n, false))
                    .or(hits.first().map(|n| (*n, true)))
            } else {
                hits.iter().rev().find(|n| **n < from || here(n)).map(|n| (*n, false))
                    .or(hits.last().map(|n| (*n, true)))
            };
            let expected = expected.map_or(Step::Nothing, |(id, wrapped)| Step::Found {
                id: EventId(id),
                wrapped,
            });
            prop_assert_eq!(step, expected);
        }
    }
}
