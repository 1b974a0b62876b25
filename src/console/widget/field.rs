//! A name and its value, as the detail shows them.

use super::text::{self, fit, safe};
use crate::console::state::State;
use crate::console::theme::Role;
use ratatui::text::{Line, Span};

/// The columns of a name.
const NAME: usize = 17;

/// A name and its value, which goes on below itself where there is not room for it.
pub fn field(
    state: &State,
    name: &str,
    value: &str,
    role: Role,
    width: usize,
) -> Vec<Line<'static>> {
    text::wrap(&safe(value), width.saturating_sub(NAME).max(12))
        .into_iter()
        .enumerate()
        .map(|(at, piece)| {
            let name = if at == 0 { name } else { "" };
            Line::from(vec![
                Span::styled(fit(name, NAME), state.theme().style(Role::Dim)),
                Span::styled(piece, state.theme().style(role)),
            ])
        })
        .collect()
}
