//! A picture by the terminal's own graphics, where it has them; else in half blocks: each cell is two pixels, one above the
//! other.

use super::placeholder;
use crate::console::state::pictures::Pictures;
use crate::console::theme::Theme;
use crate::roster::picture::{GIF, thumbnail};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

/// The width and height of a display picture, in pixels: as many columns, and half as many rows.
const SIDE: usize = 24;
/// Those of an emoticon.
const SMALL: usize = 12;
/// How files of other kinds begin.
const KINDS: [(&[u8], &str); 3] = [
    (GIF, "a GIF"),
    (b"\xff\xd8\xff", "a JPEG"),
    (b"MSCF", "a CAB"),
];

/// A picture as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// The length of its file, in bytes.
    pub size: usize,
    /// What it is where it is not shown, if that is known.
    kind: Option<&'static str>,
    side: usize,
    /// Red, green, blue and opacity of each pixel; `None` where the file is no PNG or GIF of a size that is shown.
    pixels: Option<Vec<u8>>,
    /// Its number among those that the terminal shows.
    id: Option<u32>,
}

impl Portrait {
    /// Of the file of a display picture.
    pub fn read(file: &[u8], pictures: &mut Pictures) -> Self {
        Self::of(file, SIDE, pictures)
    }

    /// Of the file of an emoticon.
    pub fn small(file: &[u8], pictures: &mut Pictures) -> Self {
        Self::of(file, SMALL, pictures)
    }

    fn of(file: &[u8], side: usize, pictures: &mut Pictures) -> Self {
        let kind = KINDS.iter().find(|(begins, _)| file.starts_with(begins));
        Self {
            size: file.len(),
            kind: kind.map(|(_, kind)| *kind),
            side,
            pixels: thumbnail(file, side).ok(),
            id: pictures.put(file, side),
        }
    }

    /// What it is, in words.
    pub fn words(&self) -> String {
        let size = self.size;
        match (&self.pixels, self.kind) {
            (Some(_), Some(kind)) => {
                format!("{kind} of {size} bytes, of which the first frame is shown")
            }
            (Some(_), None) => format!("a PNG of {size} bytes"),
            (None, Some(kind)) => format!("{kind} of {size} bytes, which is not shown"),
            (None, None) => format!("{size} bytes, and no picture that is shown"),
        }
    }

    /// Its rows; none where there are no colours, or too little room.
    pub fn rows(&self, theme: &Theme, pictures: &Pictures, width: usize) -> Vec<Line<'static>> {
        let (pixels, side) = (self.pixels.as_ref(), self.side);
        let has_room = width >= side && theme.colour(Color::Reset).is_some();
        let Some(pixels) = pixels.filter(|_| has_room) else {
            return Vec::new();
        };
        if let Some(id) = self.id.filter(|id| pictures.get(*id).is_some()) {
            let row = |row| Line::from_iter((0..side).map(|x| placeholder::cell(id, row, x)));
            return (0..side / 2).map(row).collect();
        }
        let cell = |x, row| {
            let (symbol, style) = half_blocks(pixels, side, (x, row), theme);
            Span::styled(symbol, style)
        };
        let row = |row| Line::from_iter((0..side).map(|x| cell(x, row)));
        (0..side / 2).map(row).collect()
    }
}

/// The cell of this column and row of a picture of `side` by `side` pixels. What is not there lets the screen through.
pub fn half_blocks(
    pixels: &[u8],
    side: usize,
    (x, row): (usize, usize),
    theme: &Theme,
) -> (&'static str, Style) {
    let colour = |y: usize| match pixels.get((y * side + x) * 4..)? {
        [r, g, b, opacity, ..] if *opacity >= 128 => theme.colour(Color::Rgb(*r, *g, *b)),
        _ => None,
    };
    match (colour(2 * row), colour(2 * row + 1)) {
        (Some(top), Some(bottom)) => ("▀", Style::new().fg(top).bg(bottom)),
        (Some(top), None) => ("▀", Style::new().fg(top)),
        (None, Some(bottom)) => ("▄", Style::new().fg(bottom)),
        (None, None) => (" ", Style::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::{Depth, SHIPPED, load};

    /// 200 by 100 pixels: the left quarter red, the middle half green, the right quarter blue.
    const WIDE: &[u8] = include_bytes!("../../roster/picture/wide.png");
    /// 96 by 96 pixels, grey with opacity.
    const GREY: &[u8] = include_bytes!("../../roster/picture/grey.png");

    #[test]
    fn a_picture_is_24_columns_of_two_pixels_each_in_the_terminals_colours() {
        let theme = load(SHIPPED[0].0, SHIPPED[0].1).expect("a theme");
        let mut none = Pictures::default();
        for (file, depth, colour) in [
            (WIDE, Depth::True, Color::Rgb(0, 255, 0)),
            (WIDE, Depth::Indexed, Color::Indexed(46)),
            (WIDE, Depth::Ansi, Color::LightGreen),
            (GREY, Depth::True, Color::Rgb(128, 128, 128)),
        ] {
            let portrait = Portrait::read(file, &mut none);
            let rows = portrait.rows(&theme.at(depth), &none, 30);
            assert_eq!(rows.len(), 12);
            for row in &rows {
                assert_eq!(row.spans.len(), 24);
                let cell = Style::new().fg(colour).bg(colour);
                let all = |span: &Span<'_>| span.content == "▀" && span.style == cell;
                assert!(row.spans.iter().all(all), "{depth:?}: {row:?}");
            }
            assert_eq!(portrait.words(), format!("a PNG of {} bytes", file.len()));
            assert!(portrait.rows(&theme.at(depth), &none, 23).is_empty());
            assert!(portrait.rows(&theme.at(Depth::None), &none, 30).is_empty());
        }
        assert_eq!(
            Portrait::small(WIDE, &mut none)
                .rows(&theme, &none, 12)
                .len(),
            6
        );
        let moving = include_bytes!("../../roster/picture/two.gif");
        let gif = Portrait::small(moving, &mut none);
        let red = Style::new()
            .fg(Color::Rgb(255, 0, 0))
            .bg(Color::Rgb(255, 0, 0));
        let rows = gif.rows(&theme, &none, 12);
        assert_eq!(rows.len(), 6);
        assert!(
            rows.iter()
                .flat_map(|row| &row.spans)
                .all(|s| s.style == red)
        );
        let other = Portrait::read(b"GIF89a", &mut none);
        assert_eq!(other.words(), "a GIF of 6 bytes, which is not shown");
        assert!(other.rows(&theme, &none, 30).is_empty());
    }

    #[test]
    fn a_terminal_with_graphics_of_its_own_is_given_the_same_cells_as_placeholders() {
        let theme = load(SHIPPED[0].0, SHIPPED[0].1).expect("a theme");
        let mut pictures = Pictures::default();
        pictures.on = true;
        let portrait = Portrait::read(WIDE, &mut pictures);
        let rows = portrait.rows(&theme, &pictures, 30);
        assert_eq!(rows.len(), 12);
        assert!(
            rows.iter()
                .all(|row| row.spans.len() == 24 && row.width() == 24)
        );
        // Row 1, column 2.
        assert_eq!(rows[1].spans[2].content, "\u{10EEEE}\u{030D}\u{030E}");
        assert!(
            portrait
                .rows(&theme.at(Depth::None), &pictures, 30)
                .is_empty()
        );
        // Kept no more, it is drawn as elsewhere.
        let rows = portrait.rows(&theme, &Pictures::default(), 30);
        assert_eq!(rows[1].spans[2].content, "▀");
    }
}
