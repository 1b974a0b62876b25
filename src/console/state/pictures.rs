//! The pictures that the terminal may show by its own graphics, each under a number. Which of them it is given, and when, is
//! not decided here: whatever stands in a frame is.

use crate::roster::picture;
use std::collections::VecDeque;

/// The most that are kept; the oldest goes, and is shown in half blocks again.
const MOST: usize = 64;
/// The numbers begin here. A terminal may hold pictures of other programs, which count from 1.
const FIRST: u32 = 0x6e_0000;
/// How many numbers there are: they have 24 bits, since a colour says them.
const NUMBERS: u32 = 0x1_0000;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// A PNG of ours, 96 by 96 pixels: what a client sent is never handed on.
    pub png: bytes::Bytes,
    /// Red, green, blue and opacity of each pixel of its half blocks: as wide as its columns, and as high.
    pub pixels: Vec<u8>,
    /// In how many columns and rows it is shown.
    pub cells: (u16, u16),
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    /// Whether the terminal shows any.
    pub on: bool,
    last: u32,
    held: VecDeque<(u32, Shown)>,
}

impl Pictures {
    /// Keeps a picture that is shown in so many columns and half as many rows. `None` where the terminal shows none, or the
    /// file is no PNG or GIF of a size that is shown.
    pub fn put(&mut self, file: &[u8], columns: usize) -> Option<u32> {
        if !self.on {
            return None;
        }
        let png = picture::redrawn(file).ok()?;
        let pixels = picture::thumbnail(file, columns).ok()?;
        if self.held.len() >= MOST {
            self.held.pop_front();
        }
        self.last = (self.last + 1) % NUMBERS;
        let id = FIRST + self.last;
        let cells = (columns as u16, (columns / 2) as u16);
        self.held.push_back((id, Shown { png, pixels, cells }));
        Some(id)
    }

    /// The picture of this number, where it is still kept.
    pub fn get(&self, id: u32) -> Option<&Shown> {
        let found = self.held.iter().find(|(held, _)| *held == id);
        found.map(|(_, shown)| shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: &[u8] = include_bytes!("../../roster/picture/grey.png");

    #[test]
    fn pictures_are_numbered_kept_up_to_a_bound_and_not_at_all_where_none_is_shown() {
        let mut pictures = Pictures::default();
        assert_eq!(pictures.put(GREY, 24), None);
        pictures.on = true;
        assert_eq!(pictures.put(b"GIF89a", 24), None);
        let first = pictures.put(GREY, 24).expect("a number");
        assert_eq!(pictures.get(first).expect("kept").cells, (24, 12));
        for _ in 0..MOST {
            let id = pictures.put(GREY, 12).expect("a number");
            assert!(pictures.get(id).is_some() && id < 1 << 24);
        }
        assert_eq!(pictures.get(first), None);
        assert_eq!(pictures.held.len(), MOST);
    }
}
