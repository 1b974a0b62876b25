//! A frame as a picture: SVG, each run of one style a text of exactly its columns.

use super::theme::parts;
use crate::console::widget::text::safe;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// One cell, in units of the picture.
const WIDTH: u32 = 9;
const HEIGHT: u32 = 17;
/// From the top of a row to the base of its letters.
const BASE: u32 = 14;
/// Around the frame.
const MARGIN: u32 = 12;

/// The frame, on a terminal whose own colours are these, as `#rrggbb`.
pub fn svg(frame: &Buffer, ink: &str, paper: &str) -> String {
    let width = u32::from(frame.area.width) * WIDTH + 2 * MARGIN;
    let height = u32::from(frame.area.height) * HEIGHT + 2 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"15\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{paper}\"/>\n"
    );
    for y in 0..frame.area.height {
        let mut x = 0;
        while x < frame.area.width {
            let cell = &frame[(x, y)];
            let mut text = String::new();
            let from = x;
            while x < frame.area.width && alike(cell, &frame[(x, y)]) {
                let symbol = frame[(x, y)].symbol();
                text.push_str(symbol);
                // A wide character covers the cell after it.
                x += symbol.width().max(1) as u16;
            }
            run(&mut out, cell, &text, (from, y, x - from), ink, paper);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn alike(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn run(out: &mut String, cell: &Cell, text: &str, at: (u16, u16, u16), ink: &str, paper: &str) {
    let (column, row, columns) = at;
    let x = MARGIN + u32::from(column) * WIDTH;
    let y = MARGIN + u32::from(row) * HEIGHT;
    let width = u32::from(columns) * WIDTH;
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let mut front = hex(cell.fg).unwrap_or_else(|| ink.to_owned());
    let mut back = hex(cell.bg);
    if reversed {
        let was = std::mem::replace(&mut front, back.unwrap_or_else(|| paper.to_owned()));
        back = Some(was);
    }
    if let Some(back) = back {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{back}\"/>"
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let has = |modifier| cell.modifier.contains(modifier);
    let mut look = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.65\""),
    ] {
        if has(modifier) {
            look.push_str(attribute);
        }
    }
    let text = quick_xml::escape::escape(safe(text)).into_owned();
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{}\" fill=\"{front}\"{look} textLength=\"{width}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{text}</text>",
        y + BASE
    );
}

fn hex(colour: Color) -> Option<String> {
    parts(colour).map(|(r, g, b)| format!("#{r:02x}{g:02x}{b:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn a_frame_becomes_well_formed_svg_with_its_colours_and_columns() {
        let mut frame = Buffer::empty(Rect::new(0, 0, 12, 2));
        frame.set_string(0, 0, "a<b & 日", Style::new().fg(Color::Rgb(1, 2, 3)));
        frame.set_string(0, 1, "x", Style::new().add_modifier(Modifier::REVERSED));
        let svg = svg(&frame, "#ffffff", "#000000");
        assert!(svg.contains("fill=\"#010203\""));
        assert!(svg.contains("a&lt;b &amp; 日"));
        assert!(svg.contains("textLength=\"72\""), "{svg}");
        assert!(svg.contains("fill=\"#000000\" textLength=\"9\""), "{svg}");
        let mut reader = quick_xml::Reader::from_str(&svg);
        while !matches!(
            reader.read_event().expect("well-formed"),
            quick_xml::events::Event::Eof
        ) {}
    }
}
