//! Text in columns of the screen. A wide character takes two, a combining one none. Nothing is drawn beyond its area.

use super::placeholder;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

pub use crate::msnp::escape::safe;

/// Draws a line within `width` columns; a line that is cut ends in `…`.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, line: &Line<'_>, width: u16) {
    let within = buffer.area;
    if width == 0 || y >= within.bottom() || x >= within.right() {
        return;
    }
    let width = width.min(within.right() - x);
    buffer.set_line(x, y, line, width);
    if line.width() > usize::from(width) {
        let last = x + width - 1;
        // A wide character may begin in the column before and reach into the last.
        if last > x && buffer[(last - 1, y)].symbol().width() > 1 {
            buffer[(last - 1, y)].set_symbol(" ");
        }
        buffer[(last, y)].set_symbol("…");
    }
}

/// Draws a line at the right end of a row of the area, and returns how many columns it took.
pub fn put_right(buffer: &mut Buffer, area: Rect, y: u16, line: &Line<'_>) -> u16 {
    let width = (line.width() as u16).min(area.width);
    put(buffer, area.right() - width, y, line, width);
    width
}

/// The text in exactly `columns` columns: cut, with `…` at its end, or filled with spaces.
pub fn fit(text: &str, columns: usize) -> String {
    let width = text.width();
    if width <= columns {
        return format!("{text}{}", " ".repeat(columns - width));
    }
    let mut out = clip(text, columns.saturating_sub(1)).to_owned();
    let short = columns.saturating_sub(1) - out.width();
    if columns > 0 {
        out.push('…');
    }
    out.push_str(&" ".repeat(short));
    out
}

/// The longest beginning of the text that fits into `columns`.
pub fn clip(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        let width = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if taken + width > columns {
            return shorter(&text[..at], columns);
        }
        taken += width;
    }
    shorter(text, columns)
}

/// Without its last characters, as long as it does not fit: a character may make the one before it wider (U+FE0F).
fn shorter(mut text: &str, columns: usize) -> &str {
    while text.width() > columns {
        let mut characters = text.chars();
        characters.next_back();
        text = characters.as_str();
    }
    text
}

/// Fills a row with a style, such as that of a selection. Cells that show a part of a picture stay as they are: their colour
/// says of which.
pub fn paint(buffer: &mut Buffer, area: Rect, y: u16, style: Style) {
    let row = Rect::new(area.x, y, area.width, 1).intersection(buffer.area);
    for position in row.positions() {
        let cell = &mut buffer[position];
        if placeholder::picture(cell).is_none() {
            cell.set_style(style);
        }
    }
}

/// Breaks a text into lines of at most `columns`.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.width() > columns {
        let mut piece = clip(rest, columns);
        if piece.is_empty() {
            break;
        }
        // At a space, where there is one in the last half.
        if let Some(at) = piece.rfind(' ')
            && at > piece.len() / 2
        {
            piece = &piece[..=at];
        }
        lines.push(piece.trim_end().to_owned());
        rest = &rest[piece.len()..];
    }
    lines.push(rest.to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_are_not_cut_in_half() {
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日… ");
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(fit("ab", 0), "");
        // The second character makes the first wider.
        assert_eq!(fit("0\u{fe0f}a A🌀", 2).width(), 2);
    }

    proptest! {
        #[test]
        fn a_fitted_text_takes_exactly_its_columns(text: String, columns in 0usize..40) {
            prop_assert_eq!(fit(&safe(&text), columns).width(), columns);
        }

        #[test]
        fn wrapping_loses_no_word(words in proptest::collection::vec("[a-zé日]{1,12}", 0..20), columns in 2usize..30) {
            let text = words.join(" ");
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|l| l.width() <= columns.max(2)));
            let strip = |s: &str| s.replace(' ', "");
            prop_assert_eq!(strip(&lines.concat()), strip(&text));
        }
    }
}
