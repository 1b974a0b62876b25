//! Gives the terminal the pictures that a frame shows, and takes them away again. A terminal with placeholders is given each
//! once. For another the placeholders of a frame become empty cells, over which the picture is drawn, or half blocks where
//! something covers a part of it.

use super::screen::Screen;
use super::state::pictures::{Pictures, Shown};
use super::terminal::graphics::{self, How};
use super::terminal::sixel;
use super::theme::Theme;
use super::widget::{placeholder, portrait};
use crate::roster::picture::{SIDE, decode};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::BTreeMap;
use std::io::Write as _;

/// The most pictures drawn over one frame, and so the most bytes of it: eight times those of the longest picture.
const MOST: usize = 8;

/// What the terminal has.
#[derive(Debug, Default)]
pub struct Images {
    how: Option<How>,
    /// Whether tmux hands them on.
    through_tmux: bool,
    /// Those that a terminal with placeholders has.
    given: Vec<u32>,
    /// Those that stand on the screen, and where.
    drawn: Vec<(u32, Rect)>,
    /// What draws each; `None` where it would be too long.
    encoded: BTreeMap<u32, Option<String>>,
}

/// What is written beside a frame.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Before it.
    pub before: Vec<u8>,
    /// Behind its text.
    pub after: Vec<u8>,
}

impl Images {
    /// The terminal has none.
    pub fn new(how: Option<How>) -> Self {
        Self {
            how,
            through_tmux: std::env::var_os("TMUX").is_some(),
            ..Self::default()
        }
    }

    /// What goes beside a frame, which is changed where its pictures are drawn over it. A picture that stands there already is
    /// not drawn again.
    pub fn of(
        &mut self,
        frame: &mut Buffer,
        (pictures, theme): (&Pictures, &Theme),
        screen: &mut Screen,
    ) -> Beside {
        match self.how {
            None => Beside::default(),
            Some(How::Placeholders) => Beside {
                before: self.before(frame, pictures),
                after: Vec::new(),
            },
            Some(how) => Beside {
                before: Vec::new(),
                after: self.over(how, frame, (pictures, theme), screen),
            },
        }
    }

    /// The pictures that the frame shows and that the terminal has not yet. Those that are kept no more go.
    fn before(&mut self, frame: &Buffer, pictures: &Pictures) -> Vec<u8> {
        let mut out = String::new();
        self.given.retain(|id| {
            let is_kept = pictures.get(*id).is_some();
            if !is_kept {
                out += &graphics::delete(*id);
            }
            is_kept
        });
        for id in frame.content.iter().filter_map(placeholder::picture) {
            if let Some(shown) = pictures.get(id).filter(|_| !self.given.contains(&id)) {
                out += &graphics::transmit(id, shown.cells, &shown.png);
                self.given.push(id);
            }
        }
        self.wrapped(&out)
    }

    fn over(
        &mut self,
        how: How,
        frame: &mut Buffer,
        (pictures, theme): (&Pictures, &Theme),
        screen: &mut Screen,
    ) -> Vec<u8> {
        self.encoded.retain(|id, _| pictures.get(*id).is_some());
        if screen.is_whole(frame.area) {
            self.drawn.clear();
        }
        let found = places(frame);
        let mut wanted = Vec::new();
        for (id, place) in whole(&found, frame.area, pictures) {
            let picture = self.encoded.entry(id).or_insert_with(|| {
                let shown = pictures.get(id)?;
                drawn_by(how, shown)
            });
            if picture.is_some() && wanted.len() < MOST {
                wanted.push((id, place));
            }
        }
        for (at, id, (row, column)) in found {
            let Some(cell) = frame.cell_mut(at) else {
                continue;
            };
            cell.reset();
            let is_over = wanted.iter().any(|(_, place)| place.contains(at));
            if let Some(shown) = pictures.get(id).filter(|_| !is_over) {
                let side = usize::from(shown.cells.0);
                let (symbol, style) =
                    portrait::half_blocks(&shown.pixels, side, (column, row), theme);
                cell.set_symbol(symbol).set_style(style);
            }
        }
        for (_, place) in self.drawn.iter().filter(|drawn| !wanted.contains(drawn)) {
            screen.lose(*place);
        }
        let mut out = Vec::new();
        for (id, place) in wanted.iter().filter(|new| !self.drawn.contains(new)) {
            if let Some(Some(picture)) = self.encoded.get(id) {
                // A vector takes all.
                let _ = write!(out, "\x1b[{};{}H{picture}", place.y + 1, place.x + 1);
            }
        }
        self.drawn = wanted;
        out
    }

    /// It may be another terminal now: all are given anew.
    pub fn forget(&mut self) {
        self.given.clear();
        self.drawn.clear();
    }

    /// The bytes that take them all away.
    pub fn farewell(&mut self) -> Vec<u8> {
        if !std::mem::take(&mut self.drawn).is_empty() {
            return b"\x1b[0m\x1b[2J".to_vec();
        }
        let given = std::mem::take(&mut self.given).into_iter();
        let all: String = given.map(graphics::delete).collect();
        self.wrapped(&all)
    }

    fn wrapped(&self, strings: &str) -> Vec<u8> {
        match self.through_tmux {
            true => graphics::through_tmux(strings).into_bytes(),
            false => strings.as_bytes().to_vec(),
        }
    }
}

/// Where a part of a picture stands, of which, and which row and column of it.
type Part = (Position, u32, (usize, usize));

fn places(frame: &Buffer) -> Vec<Part> {
    let cells = frame.content.iter().enumerate();
    let part = |(at, cell)| {
        let id = placeholder::picture(cell)?;
        let (x, y) = frame.pos_of(at);
        Some((Position::new(x, y), id, placeholder::part(cell)?))
    };
    cells.filter_map(part).collect()
}

/// The pictures of which every part is there, and where. None touches the last row: behind it a terminal might scroll.
fn whole(found: &[Part], area: Rect, pictures: &Pictures) -> Vec<(u32, Rect)> {
    let mut parts: BTreeMap<(u32, u16, u16), usize> = BTreeMap::new();
    for (at, id, (row, column)) in found {
        let (x, y) = (
            at.x.checked_sub(*column as u16),
            at.y.checked_sub(*row as u16),
        );
        if let (Some(x), Some(y)) = (x, y) {
            *parts.entry((*id, x, y)).or_default() += 1;
        }
    }
    let all = parts.into_iter().filter_map(|((id, x, y), count)| {
        let (columns, rows) = pictures.get(id)?.cells;
        let place = Rect::new(x, y, columns, rows);
        let is_whole = count == usize::from(columns) * usize::from(rows);
        (is_whole && place.bottom() < area.bottom()).then_some((id, place))
    });
    all.collect()
}

/// The bytes that draw a picture at the cursor.
fn drawn_by(how: How, shown: &Shown) -> Option<String> {
    let How::Sixel { cell, colours } = how else {
        return Some(graphics::inline(shown.cells, &shown.png));
    };
    let (_, _, pixels) = decode(&shown.png).ok()?;
    let side = |cells: u16, pixels: u16| usize::from(cells) * usize::from(pixels);
    let side = side(shown.cells.0, cell.0).min(side(shown.cells.1, cell.1));
    sixel::encode(&pixels, SIDE, side, usize::from(colours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::screen::blank;
    use crate::console::theme::{SHIPPED, load};
    use ratatui::style::Style;
    use ratatui::text::Line;

    const GREY: &[u8] = include_bytes!("../roster/picture/grey.png");

    fn held() -> (Pictures, u32) {
        let mut pictures = Pictures::default();
        pictures.on = true;
        let id = pictures.put(GREY, 12).expect("a number");
        (pictures, id)
    }

    /// A frame of 20 by 10 with the picture at this place, and what is put over it.
    fn frame(id: u32, (x, y): (u16, u16), over: &str) -> Buffer {
        let mut frame = blank(20, 10);
        for row in 0..6.min(10 - usize::from(y)) {
            let line = Line::from_iter((0..12).map(|column| placeholder::cell(id, row, column)));
            frame.set_line(x, y + row as u16, &line, 12);
        }
        frame.set_string(0, 4, over, Style::new());
        frame
    }

    #[test]
    fn a_picture_is_given_once_when_a_frame_shows_it_and_taken_away_in_the_end() {
        let (mut images, (mut pictures, id)) = (Images::default(), held());
        assert_eq!(
            images.before(&blank(24, 1), &pictures),
            b"",
            "not shown yet"
        );
        let shown = frame(id, (0, 0), "");
        let given = String::from_utf8(images.before(&shown, &pictures)).expect("text");
        assert!(given.starts_with(&format!("\x1b_Ga=T,U=1,q=2,f=100,t=d,i={id},c=12,r=6,")));
        assert_eq!(images.before(&shown, &pictures), b"", "it has it");
        for _ in 0..64 {
            pictures.put(GREY, 24);
        }
        let taken = graphics::delete(id).into_bytes();
        assert_eq!(images.before(&shown, &pictures), taken);
        let id = pictures.put(GREY, 12).expect("a number");
        images.before(&frame(id, (0, 0), ""), &pictures);
        assert_eq!(images.farewell(), graphics::delete(id).into_bytes());
        assert_eq!(images.farewell(), b"");
    }

    #[test]
    fn a_picture_is_drawn_over_a_frame_again_only_when_it_or_its_place_or_what_covers_it_changes() {
        let theme = load(SHIPPED[0].0, SHIPPED[0].1).expect("a theme");
        let sixel = How::Sixel {
            cell: (10, 20),
            colours: 16,
        };
        for (how, begins) in [
            (sixel, "\x1bP0;1q"),
            (How::Inline, "\x1b]1337;File=inline=1;"),
        ] {
            let (pictures, id) = held();
            let mut images = Images {
                how: Some(how),
                ..Images::default()
            };
            let mut screen = Screen::default();
            // What is drawn, as text, and how many pictures are drawn over it.
            let mut draws = |mut frame: Buffer| {
                let beside = images.of(&mut frame, (&pictures, &theme), &mut screen);
                assert_eq!(beside.before, b"");
                assert!(beside.after.len() < 64 * 1024);
                let after = String::from_utf8(beside.after.clone()).expect("text");
                let text = String::from_utf8(screen.encode(frame, &beside.after, None));
                let text = text.expect("text");
                assert!(!text.contains('\u{10EEEE}'));
                (text.replace(&after, ""), after)
            };
            let (text, after) = draws(frame(id, (3, 1), ""));
            assert!(after.starts_with(&format!("\x1b[2;4H{begins}")), "{after}");
            assert!(!text.contains('▀'));
            let unchanged = draws(frame(id, (3, 1), ""));
            assert_eq!(unchanged.1, "");
            // Beside it something changes.
            assert_eq!(draws(frame(id, (3, 1), "ab")).1, "");
            let (text, after) = draws(frame(id, (3, 1), "a popup"));
            assert_eq!(after, "", "it is covered");
            assert_eq!(text.matches('▀').count(), 6 * 12 - 4);
            let (text, after) = draws(frame(id, (3, 1), ""));
            assert!(after.contains(begins) && !text.contains('▀'));
            // It moves: what it leaves is written over, and it is drawn behind that.
            let (text, after) = draws(frame(id, (4, 1), ""));
            assert!(after.starts_with("\x1b[2;5H") && text.matches(' ').count() >= 72);
            // The half of it: it is scrolled, or the screen ends.
            for place in [(4, 5), (12, 1)] {
                let (text, after) = draws(frame(id, place, ""));
                assert!(after.is_empty() && text.contains('▀'), "{place:?}");
            }
            assert!(draws(frame(id, (4, 1), "")).1.contains(begins));
            let (text, after) = draws(blank(20, 10));
            assert!(
                after.is_empty() && text.matches(' ').count() >= 72,
                "cleared"
            );
            assert_eq!(images.farewell(), b"");
        }
    }
}
