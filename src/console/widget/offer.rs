//! The words that could stand at the cursor, each with what it is: a list above what is being typed.

use crate::console::state::State;
use crate::console::theme::Role;
use crate::console::widget::text::{self, fit, safe};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};
use unicode_width::UnicodeWidthStr;

/// How many words are listed at once.
const MOST: usize = 8;

/// Draws the words above the row of this place, as far left as its column where there is room. `at` is the one that was
/// taken.
pub fn draw(
    state: &State,
    buffer: &mut Buffer,
    words: &[(&str, &str)],
    at: Option<usize>,
    place: (u16, u16),
) {
    let screen = buffer.area;
    let most = MOST
        .min(usize::from(place.1).saturating_sub(2))
        .min(words.len());
    if most == 0 {
        return;
    }
    let theme = state.theme();
    let first = at.unwrap_or(0).saturating_sub(most.saturating_sub(1));
    let shown = &words[first..(first + most).min(words.len())];
    let longest = |of: fn(&(&str, &str)) -> usize| shown.iter().map(of).max().unwrap_or(0);
    let name = longest(|(word, _)| word.width()).min(40);
    let help = longest(|(_, help)| help.width());
    let width = (name + help + 7).max(16).min(usize::from(screen.width)) as u16;
    let height = shown.len() as u16 + 2;
    let x = place.0.min(screen.right() - width);
    let area = Rect::new(x, place.1.saturating_sub(height), width, height);
    Clear.render(area, buffer);
    buffer.set_style(area, theme.style(Role::Text));
    let count = match at {
        Some(at) => format!(" {} of {} ", at + 1, words.len()),
        None => format!(" {} words · tab ", words.len()),
    };
    Block::bordered()
        .border_style(theme.style(Role::Focus))
        .title_bottom(Line::styled(count, theme.style(Role::Dim)))
        .render(area, buffer);
    for (row, (word, help)) in shown.iter().enumerate() {
        let y = area.y + 1 + row as u16;
        let line = Line::from(vec![
            Span::styled(
                format!(" {} ", fit(&safe(word), name)),
                theme.style(Role::Key),
            ),
            Span::styled(format!(" {} ", safe(help)), theme.style(Role::Dim)),
        ]);
        text::put(buffer, x + 1, y, &line, width - 2);
        if at == Some(first + row) {
            let row = Rect::new(x + 1, y, width - 2, 1);
            buffer.set_style(row, theme.style(Role::Selection));
        }
    }
}
