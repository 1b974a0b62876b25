//! Frames as bytes: what differs from the frame before, or all of it.

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::io::Write;

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

    /// The bytes that turn what is shown into this frame. Every frame so encoded must be written, in order.
    pub fn encode(&mut self, frame: Buffer, cursor: Option<Position>) -> Vec<u8> {
        let same_size = self.shown.as_ref().is_some_and(|b| b.area == frame.area);
        let mut bytes = Vec::with_capacity(4096);
        let mut backend = CrosstermBackend::new(&mut bytes);
        // Writing to a vector cannot fail; between the two marks the terminal shows nothing half drawn.
        let _ = backend.write_all(b"\x1b[?2026h\x1b[?25l");
        let blank;
        let before = match &self.shown {
            Some(shown) if same_size => shown,
            _ => {
                let _ = backend.write_all(b"\x1b[0m\x1b[2J");
                blank = Buffer::empty(frame.area);
                &blank
            }
        };
        let _ = backend.draw(before.diff(&frame).into_iter());
        if let Some(at) = cursor {
            let _ = backend.set_cursor_position(at);
            let _ = backend.write_all(b"\x1b[?25h");
        }
        let _ = backend.write_all(b"\x1b[?2026l");
        self.shown = Some(frame);
        bytes
    }
}

/// An empty frame of that size.
pub fn blank(width: u16, height: u16) -> Buffer {
    Buffer::empty(Rect::new(0, 0, width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let first = screen.encode(frame("hello world 日本"), None);
        terminal.process(&first);
        assert_eq!(shown(&terminal), "hello world 日本");
        let second = screen.encode(frame("hello World 日x"), None);
        terminal.process(&second);
        assert_eq!(shown(&terminal), "hello World 日x");
        assert!(!String::from_utf8_lossy(&second).contains("hello"));
    }

    #[test]
    fn after_forgetting_all_is_written_again() {
        let mut screen = Screen::default();
        screen.encode(frame("one"), None);
        screen.forget();
        let bytes = screen.encode(frame("one"), Some(Position::new(1, 1)));
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.contains("one") && text.contains("\x1b[2J") && text.contains("\x1b[2;2H\x1b[?25h")
        );
    }
}
