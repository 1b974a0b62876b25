//! What happened.

pub mod state;
pub mod update;
pub(super) mod view;

use crate::console::state::State;
use ratatui::layout::Rect;

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn step(&self, state: &mut State, by: isize) {
        state.detail.scroll = 0;
        let secrets = state.show_secrets;
        state.transcript.step(&state.journal, by, false, secrets);
    }

    fn scroll(&self, state: &mut State, by: isize) {
        state.detail.scroll = 0;
        let secrets = state.show_secrets;
        state.transcript.step(&state.journal, by, true, secrets);
    }

    fn wheel(&self, state: &mut State, by: isize) {
        self.scroll(state, by);
    }

    fn end(&self, state: &mut State, last: bool) {
        state.detail.scroll = 0;
        let to = if last {
            state.transcript.matched.last()
        } else {
            state.transcript.matched.first()
        };
        if let Some(id) = to {
            state.transcript.row = if last { usize::from(u16::MAX) } else { 0 };
            state.transcript.put(&state.journal, id);
        }
    }

    fn press(&self, state: &mut State, area: Rect, at: usize) {
        let height = usize::from(area.height);
        let secrets = state.show_secrets;
        let rows = state.transcript.visible(&state.journal, height, secrets);
        let Some(hit) = rows.get(at).copied() else {
            return;
        };
        let again = state.transcript.cursor == Some(hit.id);
        state.detail.scroll = 0;
        state.transcript.row = at.saturating_sub(hit.part);
        state.transcript.put(&state.journal, hit.id);
        if again && hit.part == 0 {
            state.transcript.toggle(hit.id);
        }
    }

    fn mark(&self, state: &mut State, _: bool) {
        if let Some(id) = state.transcript.cursor
            && !state.transcript.marks.remove(&id)
        {
            state.transcript.marks.insert(id);
        }
    }

    fn copied(&self, state: &State) -> Option<String> {
        let line = state.transcript.cursor.and_then(|id| state.journal.get(id));
        line.map(|line| {
            let all = 0..line.wire().len();
            crate::msnp::escape::to_text(&line.shown(all, state.show_secrets))
        })
    }
}
