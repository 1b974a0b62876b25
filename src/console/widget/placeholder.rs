//! The cells in which a terminal with kitty's protocol shows a picture: each says in its colour which picture, and in two
//! marks which row and column of it.
//!
//! Source: kitty's page "Terminal graphics protocol", section "Unicode placeholders", and its table of marks.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Style};
use ratatui::text::Span;

/// The character that stands for a part of a picture.
const PLACEHOLDER: char = '\u{10EEEE}';
/// The marks for 0, 1, 2 and so on: the first of kitty's table, as many as the largest picture has columns.
const MARKS: [char; 24] = [
    '\u{0305}', '\u{030D}', '\u{030E}', '\u{0310}', '\u{0312}', '\u{033D}', '\u{033E}', '\u{033F}',
    '\u{0346}', '\u{034A}', '\u{034B}', '\u{034C}', '\u{0350}', '\u{0351}', '\u{0352}', '\u{0357}',
    '\u{035B}', '\u{0363}', '\u{0364}', '\u{0365}', '\u{0366}', '\u{0367}', '\u{0368}', '\u{0369}',
];
/// The most columns and rows.
pub const MOST: usize = MARKS.len();

/// The cell for this row and column of the picture with this number, of which 24 bits count.
pub fn cell(id: u32, row: usize, column: usize) -> Span<'static> {
    let mark = |at: usize| MARKS[at.min(MOST - 1)];
    let [_, r, g, b] = id.to_be_bytes();
    let text: String = [PLACEHOLDER, mark(row), mark(column)].into_iter().collect();
    Span::styled(text, Style::new().fg(Color::Rgb(r, g, b)))
}

/// The number of the picture of which this cell shows a part.
pub fn picture(cell: &Cell) -> Option<u32> {
    match cell.fg {
        Color::Rgb(r, g, b) if cell.symbol().starts_with(PLACEHOLDER) => {
            Some(u32::from_be_bytes([0, r, g, b]))
        }
        _ => None,
    }
}

/// The row and column of it that this cell shows.
pub fn part(cell: &Cell) -> Option<(usize, usize)> {
    let mut marks = cell.symbol().chars().skip(1);
    let mut next = || {
        let mark = marks.next()?;
        MARKS.iter().position(|known| *known == mark)
    };
    Some((next()?, next()?))
}
