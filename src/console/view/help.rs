//! The help overlay: every key, command and filter term, read from the tables that the program runs on.

use crate::console::keymap::{CONTEXTS, Context, ELSEWHERE, REGISTRY};
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::text::fit;
use crate::journal::filter::{SYNTAX, TERMS};
use ratatui::text::{Line, Span};

/// How many lines it has.
pub fn height(state: &State) -> usize {
    lines(state).len()
}

fn context_title(context: Context) -> String {
    let name = context.name();
    let mut title = name.to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

/// All of it.
pub(super) fn lines(state: &State) -> Vec<Line<'static>> {
    let theme = state.theme();
    let style = |role| theme.style(role);
    let heading = |text: String| Line::styled(text, style(Role::Focus));
    let row = |left: &str, width: usize, middle: &str, right: &str| {
        Line::from(vec![
            Span::styled(format!("  {} ", fit(left, width)), style(Role::Key)),
            Span::styled(format!("{} ", fit(middle, 24)), style(Role::Verb)),
            Span::styled(right.to_owned(), style(Role::Text)),
        ])
    };
    let mut lines = Vec::new();
    for context in CONTEXTS {
        lines.push(heading(format!("Keys: {}", context_title(context))));
        for binding in state.keymap.of_context(context) {
            let keys: Vec<_> = binding.keys.iter().map(ToString::to_string).collect();
            lines.push(row(&keys.join(" "), 14, &binding.name, binding.spec.help));
        }
        lines.push(Line::default());
    }
    lines.push(heading("Keys that mean something else in another pane".into()));
    for (key, why) in ELSEWHERE {
        lines.push(row(key, 14, "", why));
    }
    lines.push(Line::default());
    lines.push(heading("Commands, at the prompt and on standard input".into()));
    for spec in REGISTRY.specs() {
        lines.push(row(&spec.usage(), 26, "", spec.help));
    }
    lines.push(Line::default());
    lines.push(heading("Filters".into()));
    for term in TERMS {
        lines.push(row(term.example, 26, "", term.help));
    }
    for (example, meaning) in SYNTAX {
        lines.push(row(example, 26, "", meaning));
    }
    for line in &mut lines {
        // A column that is empty takes no room.
        if line.spans.get(1).is_some_and(|s| s.content.trim().is_empty()) {
            line.spans.remove(1);
        }
    }
    lines
}
