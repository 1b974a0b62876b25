//! Frames as bytes: what differs from the frame before, or all of it.

use crate::msnp::escape::MAX_MARKS;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use std::io::Write;
use unicode_width::UnicodeWidthStr;

/// What the terminal shows once everything handed to the writer is written.
#[derive(Debug, Default)]
pub struct Screen {
    shown: Option<Buffer>,
}

impl Screen {
    /// The next frame is drawn in full: after a resize, or when something else wrote to the terminal.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// Whether a frame of this size is drawn in full.
    pub fn is_whole(&self, area: Rect) -> bool {
        self.shown.as_ref().is_none_or(|shown| shown.area != area)
    }

    /// What the terminal shows there is not what was drawn as text: it is written again.
    pub fn lose(&mut self, place: Rect) {
        let Some(shown) = &mut self.shown else { return };
        for at in place.intersection(shown.area).positions() {
            // A cell of a frame never has this text.
            shown[at].set_symbol("\u{0}");
        }
    }

    /// The bytes that turn what is shown into this frame; `over` goes behind its text. Every frame so encoded must be
    /// written, in order.
    pub fn encode(&mut self, frame: Buffer, over: &[u8], cursor: Option<Position>) -> Vec<u8> {
        let same_size = self.shown.as_ref().is_some_and(|b| b.area == frame.area);
        let mut bytes = Vec::with_capacity(16_384);
        // Between the two marks the terminal shows nothing half drawn.
        bytes.extend_from_slice(b"\x1b[?2026h\x1b[?25l");
        let blank;
        let before = match &self.shown {
            Some(shown) if same_size => shown,
            _ => {
                bytes.extend_from_slice(b"\x1b[0m\x1b[2J");
                blank = Buffer::empty(frame.area);
                &blank
            }
        };
        changes(&mut bytes, before, &frame);
        bytes.extend_from_slice(over);
        if let Some(at) = cursor {
            // Writing to a vector cannot fail.
            let _ = write!(bytes, "\x1b[{};{}H\x1b[?25h", at.y + 1, at.x + 1);
        }
        bytes.extend_from_slice(b"\x1b[?2026l");
        self.shown = Some(frame);
        bytes
    }
}

/// What turns one frame into another of its size. Written by hand, since it is most of what a frame costs.
fn changes(out: &mut Vec<u8>, before: &Buffer, frame: &Buffer) {
    let width = usize::from(frame.area.width).max(1);
    let mut style = None;
    let rows = before
        .content
        .chunks(width)
        .zip(frame.content.chunks(width));
    for (y, (before, row)) in rows.enumerate() {
        // Where the terminal's cursor is, if that is known.
        let mut at = None;
        // Up to which column the terminal has lost what it showed: half of a wide character that is no more.
        let mut lost = 0;
        let mut x = 0;
        while let Some(cell) = row.get(x) {
            let columns = columns(cell.symbol());
            if *cell == before[x] && x >= lost {
                x += columns;
                continue;
            }
            for (x, before) in before.iter().enumerate().skip(x).take(columns) {
                lost = lost.max(x + self::columns(before.symbol()));
            }
            let symbol = cell.symbol();
            if symbol.contains(EMOJI) && x + 1 < width {
                // Some terminals make it one column wide; the next one is to be blank then.
                let _ = write!(out, "\x1b[{};{}H ", y + 1, x + 2);
                at = None;
            }
            if at != Some(x) {
                let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
            }
            if style != Some((cell.fg, cell.bg, cell.modifier)) {
                style = Some((cell.fg, cell.bg, cell.modifier));
                sgr(out, cell);
            }
            let end = symbol.char_indices().nth(1 + MAX_MARKS);
            out.extend_from_slice(&symbol.as_bytes()[..end.map_or(symbol.len(), |(at, _)| at)]);
            // Only the terminal knows how wide it draws what is more than one character.
            at = (columns == 1 && symbol.len() <= 4).then_some(x + 1);
            x += columns;
        }
    }
    out.extend_from_slice(b"\x1b[0m");
}

/// Makes emoji of characters before it.
const EMOJI: char = '\u{fe0f}';

/// How many columns a cell's text takes.
fn columns(symbol: &str) -> usize {
    if symbol.len() == 1 {
        return 1;
    }
    symbol.width().max(1)
}

const MODIFIERS: [(Modifier, &[u8]); 8] = [
    (Modifier::BOLD, b";1"),
    (Modifier::DIM, b";2"),
    (Modifier::ITALIC, b";3"),
    (Modifier::UNDERLINED, b";4"),
    (Modifier::SLOW_BLINK, b";5"),
    (Modifier::REVERSED, b";7"),
    (Modifier::HIDDEN, b";8"),
    (Modifier::CROSSED_OUT, b";9"),
];

fn sgr(out: &mut Vec<u8>, cell: &Cell) {
    out.extend_from_slice(b"\x1b[0");
    for (modifier, code) in MODIFIERS {
        if cell.modifier.contains(modifier) {
            out.extend_from_slice(code);
        }
    }
    colour(out, cell.fg, 0);
    colour(out, cell.bg, 10);
    out.push(b'm');
}

/// The first sixteen colours have a form of their own: a terminal that has no more may take `38;5;4` for blinking
/// and underlining.
fn colour(out: &mut Vec<u8>, colour: Color, back: u8) {
    let _ = match colour {
        Color::Reset => Ok(()),
        Color::Rgb(r, g, b) => write!(out, ";{};2;{r};{g};{b}", 38 + back),
        Color::Indexed(n @ 16..) => write!(out, ";{};5;{n}", 38 + back),
        Color::Indexed(n @ 0..8) => write!(out, ";{}", 30 + back + n),
        Color::Indexed(n) => write!(out, ";{}", 82 + back + n),
        Color::Black => write!(out, ";{}", 30 + back),
        Color::Red => write!(out, ";{}", 31 + back),
        Color::Green => write!(out, ";{}", 32 + back),
        Color::Yellow => write!(out, ";{}", 33 + back),
        Color::Blue => write!(out, ";{}", 34 + back),
        Color::Magenta => write!(out, ";{}", 35 + back),
        Color::Cyan => write!(out, ";{}", 36 + back),
        Color::Gray => write!(out, ";{}", 37 + back),
        Color::DarkGray => write!(out, ";{}", 90 + back),
        Color::LightRed => write!(out, ";{}", 91 + back),
        Color::LightGreen => write!(out, ";{}", 92 + back),
        Color::LightYellow => write!(out, ";{}", 93 + back),
        Color::LightBlue => write!(out, ";{}", 94 + back),
        Color::LightMagenta => write!(out, ";{}", 95 + back),
        Color::LightCyan => write!(out, ";{}", 96 + back),
        Color::White => write!(out, ";{}", 97 + back),
    };
}

/// An empty frame of that size.
pub fn blank(width: u16, height: u16) -> Buffer {
    Buffer::empty(Rect::new(0, 0, width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use ratatui::style::Style;

    fn frame(text: &str) -> Buffer {
        let mut buffer = blank(20, 2);
        buffer.set_string(0, 0, text, Style::new());
        buffer
    }

    fn shown(parser: &vt100::Parser) -> String {
        parser.screen().contents().trim_end().to_owned()
    }

    #[test]
    fn only_what_changed_is_written_and_the_terminal_shows_it() {
        let size = |n: u16| std::num::NonZeroU16::new(n).expect("not zero");
        let mut terminal = vt100::Parser::new(size(2), size(20), 0);
        let mut screen = Screen::default();
        let first = screen.encode(frame("hello world 日本"), b"", None);
        terminal.process(&first);
        assert_eq!(shown(&terminal), "hello world 日本");
        let second = screen.encode(frame("hello World 日x"), b"", None);
        terminal.process(&second);
        assert_eq!(shown(&terminal), "hello World 日x");
        assert!(!String::from_utf8_lossy(&second).contains("hello"));
    }

    #[test]
    fn sixteen_colours_are_written_in_the_form_that_every_terminal_knows() {
        for (front, back, wanted) in [
            (Color::Indexed(4), Color::Reset, "\x1b[0;34m"),
            (Color::Indexed(12), Color::Indexed(9), "\x1b[0;94;101m"),
            (Color::Blue, Color::LightRed, "\x1b[0;34;101m"),
            (
                Color::Indexed(208),
                Color::Indexed(0),
                "\x1b[0;38;5;208;40m",
            ),
            (
                Color::Rgb(38, 5, 4),
                Color::Rgb(1, 2, 3),
                "\x1b[0;38;2;38;5;4;48;2;1;2;3m",
            ),
        ] {
            let mut out = Vec::new();
            let mut cell = Cell::default();
            cell.set_fg(front).set_bg(back);
            sgr(&mut out, &cell);
            assert_eq!(String::from_utf8_lossy(&out), wanted);
        }
    }

    proptest! {
        #[test]
        fn whatever_was_shown_before_the_terminal_shows_the_frame(
            frames in vec(vec((0u16..20, 0u16..3, "[ a-c日本é]{0,9}", 0u8..20, 0u16..512), 0..8), 1..6)
        ) {
            let size = |n: u16| std::num::NonZeroU16::new(n).expect("not zero");
            let mut terminal = vt100::Parser::new(size(3), size(20), 0);
            let mut screen = Screen::default();
            for texts in frames {
                let mut frame = blank(20, 3);
                for (x, y, text, colour, modifiers) in texts {
                    let style = Style::new()
                        .fg(Color::Indexed(colour))
                        .add_modifier(Modifier::from_bits_truncate(modifiers) - Modifier::DIM);
                    frame.set_string(x, y, text, style);
                }
                // Half of a wide character may have been written over: its other half is no character then.
                terminal.process(&screen.encode(frame.clone(), b"", None));
                for y in 0..3 {
                    let mut x = 0;
                    while x < 20 {
                        let cell = &frame[(x, y)];
                        let there = terminal.screen().cell(y, x).expect("a cell");
                        let contents = if there.has_contents() { there.contents() } else { " " };
                        prop_assert_eq!(contents, cell.symbol(), "at {},{}", x, y);
                        prop_assert_eq!(there.bold(), cell.modifier.contains(Modifier::BOLD));
                        prop_assert_eq!(there.inverse(), cell.modifier.contains(Modifier::REVERSED));
                        let wanted = match cell.fg {
                            Color::Indexed(n) => vt100::Color::Idx(n),
                            _ => vt100::Color::Default,
                        };
                        prop_assert_eq!(there.fgcolor(), wanted);
                        x += columns(cell.symbol()) as u16;
                    }
                }
            }
        }
    }

    #[test]
    fn after_forgetting_all_is_written_again() {
        let mut screen = Screen::default();
        screen.encode(frame("one"), b"", None);
        screen.forget();
        let bytes = screen.encode(frame("one"), b"", Some(Position::new(1, 1)));
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.contains("one") && text.contains("\x1b[2J") && text.contains("\x1b[2;2H\x1b[?25h")
        );
    }
}
