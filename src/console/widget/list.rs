//! A list of which a part is in view.

/// The first row of a list that is shown: the cursor stays in the middle, where there is more than room for.
pub fn first_row(cursor: usize, count: usize, height: usize) -> usize {
    cursor
        .saturating_sub(height / 2)
        .min(count.saturating_sub(height))
}
