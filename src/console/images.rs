//! Gives the terminal the pictures that a frame shows, each once, and takes them away again.

use super::state::pictures::Pictures;
use super::terminal::graphics;
use super::widget::placeholder;
use ratatui::buffer::Buffer;

/// What the terminal has.
#[derive(Debug, Default)]
pub struct Images {
    /// Whether tmux hands them on.
    through_tmux: bool,
    given: Vec<u32>,
}

impl Images {
    /// The terminal has none.
    pub fn new() -> Self {
        Self {
            through_tmux: std::env::var_os("TMUX").is_some(),
            given: Vec::new(),
        }
    }

    /// The bytes that go before a frame: the pictures that it shows and that the terminal has not yet. Those that are kept no
    /// more go.
    pub fn before(&mut self, frame: &Buffer, pictures: &Pictures) -> Vec<u8> {
        let mut out = String::new();
        if !pictures.on {
            return out.into_bytes();
        }
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

    /// It may be another terminal now: all are given anew.
    pub fn forget(&mut self) {
        self.given.clear();
    }

    /// The bytes that take them all away.
    pub fn farewell(&mut self) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::screen::blank;
    use ratatui::text::Line;

    const GREY: &[u8] = include_bytes!("../roster/picture/grey.png");

    #[test]
    fn a_picture_is_given_once_when_a_frame_shows_it_and_taken_away_in_the_end() {
        let (mut images, mut pictures) = (Images::default(), Pictures::default());
        pictures.on = true;
        let id = pictures.put(GREY, 24).expect("a number");
        let mut frame = blank(24, 1);
        assert_eq!(images.before(&frame, &pictures), b"", "it is not shown yet");
        let row = Line::from_iter((0..24).map(|column| placeholder::cell(id, 0, column)));
        frame.set_line(0, 0, &row, 24);
        let given = String::from_utf8(images.before(&frame, &pictures)).expect("text");
        assert!(given.starts_with(&format!("\x1b_Ga=T,U=1,q=2,f=100,t=d,i={id},c=24,r=12,")));
        assert_eq!(images.before(&frame, &pictures), b"", "it has it");
        for _ in 0..64 {
            pictures.put(GREY, 24);
        }
        let taken = graphics::delete(id).into_bytes();
        assert_eq!(images.before(&frame, &pictures), taken);
        let id = pictures.put(GREY, 24).expect("a number");
        let row = Line::from_iter((0..24).map(|column| placeholder::cell(id, 0, column)));
        frame.set_line(0, 0, &row, 24);
        images.before(&frame, &pictures);
        assert_eq!(images.farewell(), graphics::delete(id).into_bytes());
        assert_eq!(images.farewell(), b"");
    }
}
