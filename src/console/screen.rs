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
        sixteen(&bytes)
    }
}

/// The first sixteen colours in their own form: crossterm writes `38;5;4`, which a terminal of sixteen colours
/// may take for blinking and underlining. Text holds no escape, so only what crossterm wrote is changed.
fn sixteen(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, b"\x1b[") {
        let (text, sequence) = rest.split_at(at);
        out.extend_from_slice(text);
        let parameters = sequence[2..]
            .iter()
            .take_while(|b| b.is_ascii_digit() || **b == b';')
            .count();
        let (sequence, after) = sequence.split_at(2 + parameters);
        rest = after;
        out.extend_from_slice(b"\x1b[");
        if after.first() == Some(&b'm') {
            out.extend_from_slice(colours(&sequence[2..]).as_bytes());
        } else {
            out.extend_from_slice(&sequence[2..]);
        }
    }
    out.extend_from_slice(rest);
    out
}

fn colours(parameters: &[u8]) -> String {
    let text = String::from_utf8_lossy(parameters);
    let mut words: Vec<String> = Vec::new();
    let mut given = text.split(';');
    while let Some(word) = given.next() {
        if !matches!(word, "38" | "48") {
            words.push(word.to_owned());
            continue;
        }
        let kind = given.next().unwrap_or_default();
        let first = given.next().unwrap_or_default();
        let back = if word == "48" { 10 } else { 0 };
        match (kind, first.parse::<u8>()) {
            ("5", Ok(n @ 0..8)) => words.push((30 + back + n).to_string()),
            ("5", Ok(n @ 8..16)) => words.push((82 + back + n).to_string()),
            _ => {
                words.extend([word, kind, first].map(str::to_owned));
                // The two other parts of 24 bits, which may be any number.
                if kind == "2" {
                    words.extend(given.by_ref().take(2).map(str::to_owned));
                }
            }
        }
    }
    words.join(";")
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
    fn sixteen_colours_are_written_in_the_form_that_every_terminal_knows() {
        for (given, wanted) in [
            ("\x1b[38;5;4;49mx", "\x1b[34;49mx"),
            ("\x1b[38;5;12;48;5;9m", "\x1b[94;101m"),
            ("\x1b[38;5;208;48;5;0m", "\x1b[38;5;208;40m"),
            (
                "\x1b[38;2;38;5;4;48;2;1;2;3m",
                "\x1b[38;2;38;5;4;48;2;1;2;3m",
            ),
            (
                "\x1b[1;38Hx\x1b[?2026h\x1b[0m",
                "\x1b[1;38Hx\x1b[?2026h\x1b[0m",
            ),
            ("38;5;4m \x1b", "38;5;4m \x1b"),
        ] {
            assert_eq!(String::from_utf8_lossy(&sixteen(given.as_bytes())), wanted);
        }
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
