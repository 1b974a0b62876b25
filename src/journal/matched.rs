//! The lines that a view shows.
//!
//! Each line is matched against the filter once. New lines are matched as they arrive; older ones a slice at a time,
//! newest first, since the operator looks at the end. With an empty filter no identities are held: every line is
//! shown.

use super::mask::BLOCK;
use super::scan::scan;
use super::{EventId, Journal};
use crate::filter::Filter;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Lines that [`Matched::advance_for`] matches before it looks at the clock again.
const SLICE: usize = 4 * BLOCK;

/// The identities of the lines that a filter lets through, in order, as of the last [`advance`](Matched::advance).
/// Lookups use binary search.
#[derive(Debug, Clone, Default)]
pub struct Matched {
    filter: Filter,
    /// Matches among older lines, newest first, since that is the order in which they are found.
    old: Vec<u64>,
    /// Matches among lines that arrived later, oldest first.
    new: VecDeque<u64>,
    /// Lines from here up to `high` have been matched.
    low: u64,
    high: u64,
    /// The range of lines that the journal held.
    first: u64,
    next: u64,
}

impl Matched {
    /// Nothing is matched yet. The lines that the journal holds now count as older lines.
    pub fn new(filter: Filter, journal: &Journal) -> Self {
        let next = journal.next().0;
        let mut matched = Self {
            filter,
            old: Vec::new(),
            new: VecDeque::new(),
            low: next,
            high: next,
            first: journal.first().0,
            next,
        };
        matched.advance(journal, 0);
        matched
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Forgets evicted lines and matches at most `rows` lines: first those that arrived, then older ones. Returns
    /// whether every line that is held has been matched.
    pub fn advance(&mut self, journal: &Journal, rows: usize) -> bool {
        (self.first, self.next) = (journal.first().0, journal.next().0);
        if self.filter.is_empty() {
            (self.low, self.high) = (self.first, self.next);
            return true;
        }
        let left = self.old.partition_point(|id| *id >= self.first);
        self.old.truncate(left);
        let gone = self.new.partition_point(|id| *id < self.first);
        self.new.drain(..gone);
        self.low = self.low.max(self.first);
        self.high = self.high.max(self.low);
        let mut rows = rows as u64;

        let to = self.next.min(self.high.saturating_add(rows));
        rows -= to - self.high;
        for (segment, run) in journal.runs(EventId(self.high), EventId(to)) {
            for base in run.clone().step_by(BLOCK) {
                let n = BLOCK.min(run.end - base);
                let found = scan(&self.filter, segment, base, n);
                let first = segment.first() + base as u64;
                found.each(|at| self.new.push_back(first + at as u64));
            }
        }
        self.high = to;

        let from = self.first.max(self.low.saturating_sub(rows));
        for (segment, run) in journal.runs(EventId(from), EventId(self.low)).rev() {
            let mut end = run.end;
            while end > run.start {
                let base = run.start.max(end.saturating_sub(BLOCK));
                let found = scan(&self.filter, segment, base, end - base);
                let first = segment.first() + base as u64;
                found.each_back(|at| self.old.push(first + at as u64));
                end = base;
            }
        }
        self.low = from;
        self.is_done()
    }

    /// As [`Matched::advance`], for about this long. It matches at least one slice of lines.
    pub fn advance_for(&mut self, journal: &Journal, time: Duration) -> bool {
        let start = Instant::now();
        loop {
            if self.advance(journal, SLICE) {
                return true;
            }
            if start.elapsed() >= time {
                return false;
            }
        }
    }

    /// Judges this line again: something is known of it that was not known when it was matched.
    pub fn again(&mut self, journal: &Journal, id: EventId) {
        let Some(line) = journal.get(id) else { return };
        if self.filter.is_empty() || !(self.low..self.high).contains(&id.0) {
            return;
        }
        let (is_in, is_to_be) = (self.contains(id), self.filter.matches(&line));
        if is_in == is_to_be {
            return;
        }
        // It goes between its neighbours, whichever they are.
        let is_old = self.old.first().is_some_and(|newest| id.0 <= *newest);
        if is_old {
            let at = self.old.partition_point(|held| *held > id.0);
            if is_to_be {
                self.old.insert(at, id.0);
            } else {
                self.old.remove(at);
            }
        } else {
            let at = self.new.partition_point(|held| *held < id.0);
            if is_to_be {
                self.new.insert(at, id.0);
            } else {
                self.new.remove(at);
            }
        }
    }

    /// Whether all lines that were held have been matched.
    pub fn is_done(&self) -> bool {
        self.low <= self.first && self.high == self.next
    }

    /// How many lines are still to be matched.
    pub fn remaining(&self) -> u64 {
        (self.low - self.first) + (self.next - self.high)
    }

    /// How many lines match, among those looked at so far.
    pub fn count(&self) -> usize {
        if self.filter.is_empty() {
            (self.next - self.first) as usize
        } else {
            self.old.len() + self.new.len()
        }
    }

    /// Whether no line matches, among those looked at so far.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The match that has `index` matches before it.
    pub fn nth(&self, index: usize) -> Option<EventId> {
        if self.filter.is_empty() {
            (index < self.count()).then(|| EventId(self.first + index as u64))
        } else {
            let found = match self.old.len().checked_sub(index + 1) {
                Some(back) => self.old.get(back),
                None => self.new.get(index - self.old.len()),
            };
            found.copied().map(EventId)
        }
    }

    /// How many matches are older than this identity. The identity need not be a match, or still be held.
    pub fn count_before(&self, id: EventId) -> usize {
        if self.filter.is_empty() {
            (id.0.clamp(self.first, self.next) - self.first) as usize
        } else {
            let newer = self.old.partition_point(|i| *i >= id.0);
            self.old.len() - newer + self.new.partition_point(|i| *i < id.0)
        }
    }

    /// How many matches are newer: a view that does not follow shows this number.
    pub fn count_after(&self, id: EventId) -> usize {
        self.count() - self.count_before(id.plus(1))
    }

    /// Whether this line is a match.
    pub fn contains(&self, id: EventId) -> bool {
        self.at_or_after(id) == Some(id)
    }

    /// The oldest match.
    pub fn first(&self) -> Option<EventId> {
        self.nth(0)
    }

    /// The newest match.
    pub fn last(&self) -> Option<EventId> {
        self.nth(self.count().checked_sub(1)?)
    }

    /// This line if it is a match, else the next newer one.
    pub fn at_or_after(&self, id: EventId) -> Option<EventId> {
        self.nth(self.count_before(id))
    }

    /// Where a cursor goes when its line is gone: to this line if it is a match, else to the next newer match, else to the
    /// newest match.
    pub fn nearest(&self, id: EventId) -> Option<EventId> {
        self.at_or_after(id).or_else(|| self.last())
    }

    /// The next newer match.
    pub fn next_from(&self, id: EventId) -> Option<EventId> {
        self.at_or_after(id.plus(1)).filter(|found| *found > id)
    }

    /// The next older match.
    pub fn prev_from(&self, id: EventId) -> Option<EventId> {
        self.nth(self.count_before(id).checked_sub(1)?)
    }

    /// The matches from this identity on, oldest first.
    pub fn from(&self, id: EventId) -> impl Iterator<Item = EventId> {
        (self.count_before(id)..self.count()).filter_map(|index| self.nth(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Secrets, Severity};
    use crate::journal::sample::*;
    use crate::msnp::Direction;
    use proptest::prelude::*;

    const FILTERS: [&str; 9] = [
        "",
        "PNG",
        "!PNG",
        "client:1 dir:out or severity:warning",
        "trid:3,4",
        "\"a 7\"",
        "/a.*[57]/ !client:2",
        "contact:user7@local",
        "kind:notice",
    ];

    fn event(seed: u32, n: u64) -> crate::event::Event {
        let pad = "x".repeat((seed % 90) as usize);
        let direction = if seed.is_multiple_of(2) {
            Direction::In
        } else {
            Direction::Out
        };
        let wire = match seed % 5 {
            0 => return notice(n, Severity::Warning, &format!("a {seed} {pad}")),
            1 => format!("PNG\r\n{pad}"),
            2 => format!(
                "NLN {} user{}@local a%20{}\r\n",
                seed % 7,
                seed % 11,
                seed % 9
            ),
            _ => format!("UUX {} {}\r\n{pad}", seed % 7, pad.len()),
        };
        frame_of(
            n,
            u64::from(seed % 3) + 1,
            direction,
            wire,
            Secrets::default(),
        )
    }

    fn truth(journal: &Journal, filter: &Filter) -> Vec<u64> {
        journal
            .lines()
            .filter(|line| filter.matches(line))
            .map(|line| line.id().0)
            .collect()
    }

    fn held(matched: &Matched) -> Vec<u64> {
        matched.from(EventId(0)).map(|id| id.0).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// Bursts of events, some large enough to evict, with slices of matching between them.
        #[test]
        fn matched_in_slices_is_as_matched_at_once(
            bursts in proptest::collection::vec((0u32..200, 0usize..300, any::<u32>()), 1..10),
            filter in proptest::sample::select(FILTERS.to_vec()),
            start in 0usize..4,
        ) {
            let filter = Filter::parse(filter).expect("parses");
            let mut journal = Journal::new(0);
            let mut matched = Matched::default();
            let mut n = 0;
            for (at, (events, rows, seed)) in bursts.into_iter().enumerate() {
                for i in 0..events {
                    journal.append(event(seed.wrapping_add(i.wrapping_mul(2_654_435_761)), n));
                    n += 1;
                }
                // Now and then enough bytes to push everything else out.
                if seed.is_multiple_of(4) {
                    for _ in 0..12 {
                        journal.append(frame(n, Direction::Out, vec![b'a'; 100_000]));
                        n += 1;
                    }
                }
                if at == start {
                    matched = Matched::new(filter.clone(), &journal);
                }
                if at >= start {
                    let done = matched.advance(&journal, rows);
                    prop_assert_eq!(done, matched.remaining() == 0);
                    let all = truth(&journal, &filter);
                    let some = held(&matched);
                    prop_assert!(some.iter().all(|id| all.binary_search(id).is_ok()));
                    prop_assert!(some.is_sorted());
                }
            }
            if matched.filter().is_empty() != filter.is_empty() {
                matched = Matched::new(filter.clone(), &journal);
            }
            while !matched.advance(&journal, 177) {}
            prop_assert_eq!(held(&matched), truth(&journal, &filter));
        }

        #[test]
        fn positions_are_those_of_a_plain_list(
            seeds in proptest::collection::vec(any::<u32>(), 0..60),
            filter in proptest::sample::select(FILTERS.to_vec()),
            id in 0u64..70,
        ) {
            let filter = Filter::parse(filter).expect("parses");
            let mut journal = Journal::new(0);
            let mut taken = Vec::new();
            for (n, seed) in seeds.iter().enumerate() {
                let event = event(*seed, n as u64);
                if filter.takes(&event) {
                    taken.push(n as u64);
                }
                journal.append(event);
            }
            let mut matched = Matched::new(filter.clone(), &journal);
            prop_assert!(matched.advance(&journal, usize::MAX));
            let list = truth(&journal, &filter);
            prop_assert_eq!(&list, &taken, "a line is judged as its event is");
            let newer: Vec<u64> = list.iter().copied().filter(|i| *i > id).collect();
            let older: Vec<u64> = list.iter().copied().filter(|i| *i < id).collect();
            let at = EventId(id);
            prop_assert_eq!(matched.count(), list.len());
            prop_assert_eq!(matched.is_empty(), list.is_empty());
            prop_assert_eq!(matched.contains(at), list.contains(&id));
            prop_assert_eq!(matched.count_after(at), newer.len());
            prop_assert_eq!(matched.count_before(at), older.len());
            prop_assert_eq!(matched.next_from(at).map(|i| i.0), newer.first().copied());
            prop_assert_eq!(matched.prev_from(at).map(|i| i.0), older.last().copied());
            prop_assert_eq!(matched.first().map(|i| i.0), list.first().copied());
            prop_assert_eq!(matched.last().map(|i| i.0), list.last().copied());
        }
    }

    #[test]
    fn new_lines_are_matched_before_old_ones() {
        let mut journal = Journal::new(0);
        for n in 0..1000 {
            journal.append(frame(n, Direction::In, "PNG\r\n"));
        }
        let mut matched = Matched::new(Filter::parse("PNG").expect("parses"), &journal);
        assert_eq!((matched.count(), matched.remaining()), (0, 1000));
        journal.append(frame(1000, Direction::In, "PNG\r\n"));
        assert!(!matched.advance(&journal, 11));
        assert_eq!(matched.first(), Some(EventId(990)));
        assert_eq!(matched.last(), Some(EventId(1000)));
        assert!(matched.advance_for(&journal, Duration::from_secs(60)));
        assert_eq!(matched.count(), 1001);
    }

    #[test]
    fn an_empty_filter_holds_no_identities() {
        let mut journal = Journal::new(0);
        for n in 0..1000 {
            journal.append(frame(n, Direction::In, "PNG\r\n"));
        }
        let mut matched = Matched::new(Filter::default(), &journal);
        assert!(matched.advance(&journal, 0));
        assert_eq!((matched.count(), matched.old.capacity()), (1000, 0));
    }
}
