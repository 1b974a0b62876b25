//! Two sequences side by side: what they have in common, and what stands between.

use similar::algorithms::{DiffHook, myers};
use std::convert::Infallible;
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long to look for what two sequences have in common. Thousands of items that resemble each other take
/// milliseconds; two sequences that have nothing in common would take the square of their length.
const PATIENCE: Duration = Duration::from_secs(2);

/// A part of both sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The same in both, item by item.
    Same(Range<usize>, Range<usize>),
    /// What one has in place of what the other has; either may be empty.
    Other(Range<usize>, Range<usize>),
}

/// The parts of both, in order, with as many items the same as can be. After [`PATIENCE`], what is left is one other
/// part.
pub fn align<T: PartialEq>(a: &[T], b: &[T]) -> Vec<Part> {
    let mut parts = Parts::default();
    let (whole_a, whole_b) = (0..a.len(), 0..b.len());
    let until = Some(Instant::now() + PATIENCE);
    let Ok(()) = myers::diff_deadline(&mut parts, a, whole_a, b, whole_b, until);
    parts.other_up_to(a.len(), b.len());
    parts.found
}

/// The parts found, and how far they reach in both.
#[derive(Default)]
struct Parts {
    found: Vec<Part>,
    a: usize,
    b: usize,
}

impl Parts {
    fn other_up_to(&mut self, a: usize, b: usize) {
        if (a, b) != (self.a, self.b) {
            self.found.push(Part::Other(self.a..a, self.b..b));
        }
    }
}

impl DiffHook for Parts {
    type Error = Infallible;

    fn equal(&mut self, a: usize, b: usize, length: usize) -> Result<(), Infallible> {
        self.other_up_to(a, b);
        (self.a, self.b) = (a + length, b + length);
        match self.found.last_mut() {
            // Runs come in pieces.
            Some(Part::Same(in_a, in_b)) if (in_a.end, in_b.end) == (a, b) => {
                (in_a.end, in_b.end) = (self.a, self.b);
            }
            _ => self.found.push(Part::Same(a..self.a, b..self.b)),
        }
        Ok(())
    }
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
