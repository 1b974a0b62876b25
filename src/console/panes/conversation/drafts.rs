//! What is being typed in each conversation. A draft belongs to its conversation, and to the contact that would say
//! it.

use super::which::Which;
use crate::console::widget::edit::LineEdit;
use indexmap::IndexMap;

/// The most drafts that are kept.
const MOST: usize = 64;

/// Where something is typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Spot {
    /// In no conversation.
    Nowhere,
    /// While this contact rings that account.
    Ringing(String, String),
    /// In this conversation.
    In(Which),
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Drafts(IndexMap<Spot, LineEdit>);

impl Drafts {
    /// The draft of this spot.
    pub(super) fn of(&self, spot: &Spot) -> &LineEdit {
        static EMPTY: LineEdit = LineEdit::empty();
        self.0.get(spot).unwrap_or(&EMPTY)
    }

    /// The same, to type in it.
    pub(super) fn of_mut(&mut self, spot: Spot) -> &mut LineEdit {
        if self.0.len() >= MOST && !self.0.contains_key(&spot) {
            // A draft that is empty again makes room, else the oldest.
            let is_empty = |draft: &LineEdit| draft.text().is_empty();
            let goes = self.0.values().position(is_empty).unwrap_or(0);
            self.0.shift_remove_index(goes);
        }
        self.0.entry(spot).or_default()
    }

    /// Takes the draft of this spot away.
    pub(super) fn remove(&mut self, spot: &Spot) -> Option<LineEdit> {
        self.0.shift_remove(spot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_kept_than_some_and_what_is_typed_is_kept_longest() {
        let mut drafts = Drafts::default();
        let spot = |n: usize| Spot::Ringing(n.to_string(), String::new());
        drafts.of_mut(spot(0)).insert("hi");
        for n in 1..3 * MOST {
            drafts.of_mut(spot(n));
        }
        assert_eq!(drafts.0.len(), MOST);
        assert_eq!(drafts.of(&spot(0)).text(), "hi");
    }
}
