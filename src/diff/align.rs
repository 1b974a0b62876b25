//! Two sequences side by side: what they have in common, and what stands between (Myers, 1986).

use std::ops::Range;

/// How many insertions and deletions are looked for; the square of it is the memory.
const MOST_EDITS: usize = 1_500;

/// A part of both sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The same in both, item by item.
    Same(Range<usize>, Range<usize>),
    /// What one has in place of what the other has; either may be empty.
    Other(Range<usize>, Range<usize>),
}

/// The parts of both, in order. Sequences that hardly resemble each other are one other part beyond
/// what they begin and end with.
pub fn align<T: PartialEq>(a: &[T], b: &[T]) -> Vec<Part> {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let mut parts = Vec::new();
    push_same(&mut parts, 0, 0, head);
    let (mut x, mut y) = (0, 0);
    for (from_a, from_b, length) in common(a, b) {
        push_other(&mut parts, head + x..head + from_a, head + y..head + from_b);
        push_same(&mut parts, head + from_a, head + from_b, length);
        (x, y) = (from_a + length, from_b + length);
    }
    push_other(
        &mut parts,
        head + x..head + a.len(),
        head + y..head + b.len(),
    );
    push_same(&mut parts, head + a.len(), head + b.len(), tail);
    parts
}

fn push_same(parts: &mut Vec<Part>, a: usize, b: usize, length: usize) {
    if length > 0 {
        parts.push(Part::Same(a..a + length, b..b + length));
    }
}

fn push_other(parts: &mut Vec<Part>, a: Range<usize>, b: Range<usize>) {
    if !a.is_empty() || !b.is_empty() {
        parts.push(Part::Other(a, b));
    }
}

/// The common runs: where in each, and how long. None where there are too many edits.
fn common<T: PartialEq>(a: &[T], b: &[T]) -> Vec<(usize, usize, usize)> {
    let most = (a.len() + b.len()).min(MOST_EDITS);
    // For every number of edits: how far into `a` each diagonal has come.
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=most {
        let mut reach = vec![0; edits + 1];
        for (at, slot) in reach.iter_mut().enumerate() {
            // Diagonal k = x - y; of `edits` edits, `at` were deletions from `a`.
            let mut x = step(&trace, edits, at);
            let Some(mut y) = (x + edits).checked_sub(2 * at) else {
                continue;
            };
            while x < a.len() && y < b.len() && a[x] == b[y] {
                x += 1;
                y += 1;
            }
            *slot = x;
            if x >= a.len() && y >= b.len() {
                return walk(&trace, edits, at, (x, y));
            }
        }
        trace.push(reach);
    }
    Vec::new()
}

/// Where the diagonal of `at` deletions among `edits` edits is entered.
fn step(trace: &[Vec<usize>], edits: usize, at: usize) -> usize {
    let Some(before) = edits.checked_sub(1).and_then(|i| trace.get(i)) else {
        return 0;
    };
    let inserted = before.get(at).copied();
    let deleted = at
        .checked_sub(1)
        .and_then(|at| before.get(at))
        .map(|x| x + 1);
    inserted.max(deleted).unwrap_or(0)
}

fn walk(
    trace: &[Vec<usize>],
    edits: usize,
    at: usize,
    end: (usize, usize),
) -> Vec<(usize, usize, usize)> {
    let (mut edits, mut at, (mut x, mut y)) = (edits, at, end);
    let mut runs = Vec::new();
    loop {
        let entered = step(trace, edits, at);
        let length = x - entered;
        if length > 0 {
            runs.push((entered, y - length, length));
        }
        (x, y) = (entered, y - length);
        if edits == 0 {
            break;
        }
        let deleted = at.checked_sub(1).and_then(|at| trace[edits - 1].get(at));
        if deleted.is_some_and(|before| before + 1 == x)
            && trace[edits - 1]
                .get(at)
                .is_none_or(|inserted| *inserted < x)
        {
            at -= 1;
            x -= 1;
        } else {
            y -= 1;
        }
        edits -= 1;
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_left_out_is_found_where_it_is() {
        let parts = align(b"abcdef", b"abef");
        assert_eq!(
            parts,
            [
                Part::Same(0..2, 0..2),
                Part::Other(2..4, 2..2),
                Part::Same(4..6, 2..4)
            ]
        );
        assert_eq!(align(b"", b""), []);
        assert_eq!(align(b"ab", b"cd"), [Part::Other(0..2, 0..2)]);
    }

    #[test]
    fn sequences_that_have_nothing_in_common_are_one_part() {
        let (a, b): (Vec<u32>, Vec<u32>) = ((0..5_000).collect(), (9_000..14_000).collect());
        assert_eq!(align(&a, &b), [Part::Other(0..5_000, 0..5_000)]);
    }

    proptest! {
        #[test]
        fn parts_cover_both_in_order_and_what_is_the_same_is(
            a in proptest::collection::vec(0u8..4, 0..40), b in proptest::collection::vec(0u8..4, 0..40)
        ) {
            let (mut x, mut y, mut same) = (0, 0, 0);
            for part in align(&a, &b) {
                let (in_a, in_b) = match part {
                    Part::Same(in_a, in_b) => {
                        prop_assert_eq!(&a[in_a.clone()], &b[in_b.clone()]);
                        same += in_a.len();
                        (in_a, in_b)
                    }
                    Part::Other(in_a, in_b) => (in_a, in_b),
                };
                prop_assert_eq!((in_a.start, in_b.start), (x, y));
                (x, y) = (in_a.end, in_b.end);
            }
            prop_assert_eq!((x, y), (a.len(), b.len()));
            // As much is the same as can be: the longest common subsequence, the slow way.
            let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
            for i in 0..a.len() {
                for j in 0..b.len() {
                    table[i + 1][j + 1] = if a[i] == b[j] { table[i][j] + 1 } else { table[i][j + 1].max(table[i + 1][j]) };
                }
            }
            prop_assert_eq!(same, table[a.len()][b.len()]);
        }
    }
}
