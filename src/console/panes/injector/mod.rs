//! What is to be sent.

mod draft;
pub mod state;
pub mod update;
pub(super) mod view;

use super::Typed;
use crate::console::keymap::Key;
use crate::console::state::State;
use crate::event::Severity;
use ratatui::text::Line;

/// See the module.
pub struct Face;

impl super::Face for Face {
    fn subject(&self, state: &State) -> Option<&'static str> {
        (!state.injector.is_empty()).then_some("what is being written")
    }

    fn detail(&self, state: &State, width: usize) -> Vec<Line<'static>> {
        draft::lines(state, width)
    }

    fn key(&self, state: &mut State, key: Key) -> Typed {
        update::key(state, key)
    }

    fn paste(&self, state: &mut State, text: &str) -> bool {
        // Line breaks as editors have them; other control bytes are typed as \xHH.
        let clean: String = text
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .collect();
        state.injector.area.insert_str(clean);
        state.injector.offered = None;
        true
    }

    fn cancel(&self, state: &mut State) -> bool {
        if state.injector.is_empty() {
            return false;
        }
        state.injector.sent();
        let key = state.key_name("older");
        state.say(
            Severity::Info,
            format!("nothing was sent: {key} brings back what was typed"),
        );
        true
    }

    fn offered<'a>(&self, state: &'a State) -> Option<super::Offer<'a>> {
        let offered = state.injector.offered.as_ref()?;
        let words = offered.words.iter();
        let words = words.map(|(word, help)| (word.as_str(), help.as_str()));
        Some((words.collect(), offered.at))
    }
}
