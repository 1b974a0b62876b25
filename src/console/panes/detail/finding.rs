//! The detail of a finding: the line that shows it, what it means, and what the real service did.

use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::field::field;
use crate::event::Finding;
use crate::journal::{Line as Entry, summary};
use ratatui::text::Line;

/// Below the sentence of a finding.
pub(super) fn lines(
    state: &State,
    finding: &Finding,
    line: &Entry<'_>,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut add = |name: &str, value: &str, role| {
        lines.extend(field(state, name, value, role, width));
    };
    if let Some(id) = line.evidence() {
        let shown = match state.journal.get(id) {
            Some(shown) => summary(&shown, state.show_secrets),
            None => "a line that is no longer in the journal".into(),
        };
        add("shown by", &shown, Role::Account);
    }
    if let Some(about) = finding.id.about() {
        add("what it means", about.explanation, Role::Text);
        let did = format!("it {}", about.real_service);
        add("the real service", &did, Role::Text);
    }
    lines
}
