//! What the cursor is on, explained: of the pane with the keys what that pane says of it, else the line of the
//! transcript.

mod finding;
pub(super) mod view;

pub(crate) use view::seek;

use crate::console::state::State;

/// More lines than any detail has: it means the end.
const END: usize = 100_000;

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn go(&self, state: &mut State, row: usize) {
        state.detail.scroll = row.min(END);
    }

    fn step(&self, state: &mut State, by: isize) {
        state.detail.scroll = state.detail.scroll.saturating_add_signed(by);
    }

    fn wheel(&self, state: &mut State, by: isize) {
        self.step(state, by);
    }
}
