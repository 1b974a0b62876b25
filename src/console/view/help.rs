//! The help overlay: every key, command and filter term, read from the tables that the program runs on.

use crate::console::keymap::{CONTEXTS, Context, ELSEWHERE, REGISTRY};
use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::text::{self, fit};
use crate::filter::{SYNTAX, TERMS};
use ratatui::text::{Line, Span};

/// The widest that it is.
const WIDEST: u16 = 132;

/// How wide it is on this screen.
pub(super) fn width(state: &State) -> u16 {
    state.size.0.saturating_sub(4).min(WIDEST)
}

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
    let inside = usize::from(width(state)).saturating_sub(2);
    // A text that does not fit goes on below itself; a column that is empty takes no room.
    let row = |left: &str, width: usize, middle: &str, right: &str| -> Vec<Line<'static>> {
        let middle = if middle.is_empty() {
            String::new()
        } else {
            format!("{} ", fit(middle, 24))
        };
        let lead = 2 + width + 1 + middle.len();
        text::wrap(right, inside.saturating_sub(lead).max(16))
            .into_iter()
            .enumerate()
            .map(|(at, piece)| {
                if at > 0 {
                    return Line::styled(format!("{}{piece}", " ".repeat(lead)), style(Role::Text));
                }
                Line::from(vec![
                    Span::styled(format!("  {} ", fit(left, width)), style(Role::Key)),
                    Span::styled(middle.clone(), style(Role::Verb)),
                    Span::styled(piece, style(Role::Text)),
                ])
            })
            .collect()
    };
    let mut lines = Vec::new();
    // What a newcomer looks for and would not guess, with the keys that there are.
    let key = |line: &str| {
        let here = state.keymap.key(state.context(), line);
        let key = here.or_else(|| state.keymap.key(Context::Transcript, line));
        key.map_or_else(|| format!(":{line}"), |key| key.to_string())
    };
    if state.demo {
        lines.push(heading("The demonstration".into()));
        let writes = "writes nothing to disk but what you ask for: `record` and `export` work here";
        lines.extend(row("--demo", 14, "", writes));
        lines.push(Line::default());
    }
    lines.push(heading("To copy".into()));
    lines.extend(row(
        &key("copy"),
        14,
        "",
        "copies the line under the cursor into the clipboard, over ssh and in tmux too (OSC 52)",
    ));
    lines.extend(row(
        &key("mouse"),
        14,
        "",
        "gives the mouse to the terminal, to select with it as anywhere; the same key takes it again",
    ));
    lines.push(Line::default());
    // The pane that has the keys first, then what works everywhere.
    let mut contexts = CONTEXTS;
    contexts.sort_by_key(|c| (*c != state.context(), *c != Context::Everywhere));
    for context in contexts {
        lines.push(heading(format!("Keys: {}", context_title(context))));
        for binding in state.keymap.of_context(context) {
            let keys: Vec<_> = binding.keys.iter().map(ToString::to_string).collect();
            // One command with a key for each of its values says which.
            let mut siblings = state
                .keymap
                .of_context(context)
                .filter(|b| b.spec.name == binding.spec.name);
            let help = match siblings.nth(1) {
                Some(_) => format!("{}: {}", binding.spec.help, binding.label),
                None => binding.spec.help.to_owned(),
            };
            lines.extend(row(&keys.join(" "), 14, &binding.name, &help));
        }
        lines.push(Line::default());
    }
    lines.push(heading(
        "Keys that mean something else in another pane".into(),
    ));
    for (key, why) in ELSEWHERE {
        lines.extend(row(key, 14, "", why));
    }
    lines.push(Line::default());
    lines.push(heading(
        "Commands, at the prompt and on standard input".into(),
    ));
    for spec in REGISTRY.specs() {
        lines.extend(row(&spec.usage(), 26, "", spec.help));
    }
    lines.push(Line::default());
    lines.push(heading("Filters".into()));
    for term in TERMS {
        lines.extend(row(term.example, 26, "", term.help));
    }
    for (example, meaning) in SYNTAX {
        lines.extend(row(example, 26, "", meaning));
    }
    lines
}
