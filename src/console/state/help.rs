//! The help overlay: where its cursor is, which of its parts are unfolded, and what is looked for in it.

use crate::console::widget::edit::LineEdit;
use std::collections::BTreeSet;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// The row with the cursor.
    pub at: usize,
    /// The parts that are not as they were at first: unfolded, or folded.
    pub toggled: BTreeSet<&'static str>,
    /// What is looked for: only rows with it are shown, of every part.
    pub find: Option<LineEdit>,
    /// Whether that is being typed.
    pub typing: bool,
}

impl Help {
    /// What is looked for, in small letters; nothing where nothing is typed.
    pub fn wanted(&self) -> Option<String> {
        let text = self.find.as_ref()?.text().trim().to_lowercase();
        (!text.is_empty()).then_some(text)
    }
}
