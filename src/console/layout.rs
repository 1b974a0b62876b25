//! Where each pane is, at every size of the terminal.
//!
//! Panes share the line between them: a neighbour begins on the last line or column of the one before.

use crate::command::Pane;
use ratatui::layout::Rect;

/// The largest screen that is drawn, in columns and lines: what a terminal claims beyond that stays blank.
pub const LARGEST: (u16, u16) = (1_000, 400);

/// A size that a terminal claims, within [`LARGEST`].
pub fn bounded((width, height): (u16, u16)) -> (u16, u16) {
    (width.min(LARGEST.0), height.min(LARGEST.1))
}

/// How much is shown at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything, from 120x30.
    Full,
    /// Clients over login beside contacts, and the transcript; or less of them and one of the rest; from 80x20.
    Stacked,
    /// One pane at a time.
    Single,
    /// One sentence: below 40x10.
    Tiny,
}

impl Mode {
    /// What a terminal of that size shows.
    pub fn of(width: u16, height: u16) -> Self {
        match (width, height) {
            (120.., 30..) => Mode::Full,
            (80.., 20..) => Mode::Stacked,
            (40.., 10..) => Mode::Single,
            _ => Mode::Tiny,
        }
    }
}

/// Whether a pane has no place of its own, but the lower one, which it shares with others.
pub fn shares(mode: Mode, pane: Pane) -> bool {
    match pane {
        Pane::Clients | Pane::Login | Pane::Contacts | Pane::Transcript => false,
        Pane::Injector => mode != Mode::Full,
        _ => true,
    }
}

/// What the operator moved: how far the lines between panes are from where they would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// Columns by which the left column is wider.
    pub left: i16,
    /// Lines by which the transcript is higher.
    pub transcript: i16,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Areas {
    /// How much is shown.
    pub mode: Mode,
    /// The panes that are shown.
    pub panes: Vec<(Pane, Rect)>,
    /// The names of the panes, where one is shown at a time.
    pub tabs: Option<Rect>,
    /// The line with the newest message and the state of the service.
    pub status: Option<Rect>,
    /// The keys.
    pub footer: Option<Rect>,
}

impl Areas {
    /// Where that pane is, if it is shown.
    pub fn of(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(p, _)| *p == pane).map(|(_, r)| *r)
    }

    /// The inside of that pane; empty where it is not shown.
    pub fn inner(&self, pane: Pane) -> Rect {
        self.of(pane).map_or(Rect::default(), inner)
    }

    /// The panes that are not shown, where several are.
    pub fn hidden(&self) -> Vec<Pane> {
        let is_shown = |pane: &Pane| self.of(*pane).is_some();
        if self.panes.len() < 2 {
            return Vec::new();
        }
        Pane::all().filter(|p| !is_shown(p)).collect()
    }

    /// Which pane is there; of two that share the line, the later one.
    pub fn at(&self, column: u16, row: u16) -> Option<(Pane, Rect)> {
        self.panes
            .iter()
            .rev()
            .find(|(_, r)| r.contains((column, row).into()))
            .copied()
    }
}

/// Within the frame.
pub fn inner(area: Rect) -> Rect {
    Rect::new(
        area.x.saturating_add(1),
        area.y.saturating_add(1),
        area.width.saturating_sub(2),
        area.height.saturating_sub(2),
    )
}

/// Where everything is on a terminal of that size. `lower` is the pane that has the place which several share.
pub fn areas(size: (u16, u16), split: Split, focus: Pane, lower: Pane, zoom: bool) -> Areas {
    let (width, height) = size;
    let mode = Mode::of(width, height);
    let mut areas = Areas {
        mode,
        panes: Vec::new(),
        tabs: None,
        status: None,
        footer: None,
    };
    if mode == Mode::Tiny {
        return areas;
    }
    areas.footer = Some(Rect::new(0, height - 1, width, 1));
    areas.status = Some(Rect::new(0, height - 2, width, 1));
    let main = Rect::new(0, 0, width, height - 2);
    if mode == Mode::Single || zoom {
        areas.tabs = Some(Rect::new(0, 0, width, 1));
        let below = Rect::new(0, 1, width, main.height - 1);
        areas.panes.push((focus, below));
        return areas;
    }
    if mode == Mode::Full {
        full(&mut areas, main, split, lower);
    } else {
        stacked(&mut areas, main, split, focus, lower);
    }
    areas
}

fn moved(base: u16, by: i16, least: u16, most: u16) -> u16 {
    base.saturating_add_signed(by).clamp(least, most.max(least))
}

/// Whether the lower pane is higher than the transcript above it. A conversation is, since it is read there.
fn is_tall(pane: Pane) -> bool {
    pane == Pane::Conversation
}

/// The pane that has the lower place.
fn sharing(mode: Mode, lower: Pane) -> Pane {
    if shares(mode, lower) {
        lower
    } else {
        Pane::Detail
    }
}

fn full(areas: &mut Areas, main: Rect, split: Split, lower: Pane) {
    let left = moved(
        (main.width * 3 / 10).clamp(36, 52),
        split.left,
        24,
        main.width - 60,
    );
    let clients = (main.height / 5).clamp(6, 9);
    let login = (main.height * 2 / 5).clamp(9, 16);
    let contacts = main.height + 2 - clients - login;
    let column = |y, h| Rect::new(main.x, y, left, h);
    let mut y = main.y;
    areas.panes.push((Pane::Clients, column(y, clients)));
    y += clients - 1;
    areas.panes.push((Pane::Login, column(y, login)));
    y += login - 1;
    areas.panes.push((Pane::Contacts, column(y, contacts)));

    let x = left - 1;
    let right = |y, h| Rect::new(x, y, main.width - x, h);
    let injector = if main.height >= 36 { 6 } else { 5 };
    let rest = main.height + 2 - injector;
    let shared = sharing(Mode::Full, lower);
    let usual = rest * if is_tall(shared) { 1 } else { 2 } / 3;
    let transcript = moved(usual, split.transcript, 6, rest - 5);
    let detail = rest - transcript;
    areas
        .panes
        .push((Pane::Transcript, right(main.y, transcript)));
    areas
        .panes
        .push((shared, right(main.y + transcript - 1, detail)));
    areas.panes.push((
        Pane::Injector,
        right(main.y + transcript + detail - 2, injector),
    ));
}

/// The fewest lines in which everything that is stacked has room.
const ROOMY: u16 = 36;

/// Whoever signs in is seen in each of them: the ladder is never hidden.
fn stacked(areas: &mut Areas, main: Rect, split: Split, focus: Pane, lower: Pane) {
    let left = moved(main.width / 2, split.left, 24, main.width - 24);
    let shared = sharing(Mode::Stacked, lower);
    let watching = matches!(focus, Pane::Clients | Pane::Login | Pane::Contacts);
    let (roomy, extra) = (main.height >= ROOMY, main.height.saturating_sub(22));
    // The heights of the clients and of the column of which they are a part, with their frames.
    let (clients, column) = match (roomy, watching) {
        (true, _) => (5, 15),
        (false, true) => (4 + extra / 6, 12 + extra / 2),
        (false, false) => (0, 6 + extra / 3),
    };
    let shares = roomy || !watching;
    let column = moved(
        column,
        if shares { 0 } else { -split.transcript },
        clients + 4,
        main.height.saturating_sub(5),
    );
    if clients > 0 {
        let area = Rect::new(0, main.y, left, clients);
        areas.panes.push((Pane::Clients, area));
    }
    let above = clients.saturating_sub(1);
    let area = Rect::new(0, main.y + above, left, column - above);
    areas.panes.push((Pane::Login, area));
    let area = Rect::new(left - 1, main.y, main.width + 1 - left, column);
    areas.panes.push((Pane::Contacts, area));
    let y = main.y + column - 1;
    let rest = main.height + 1 - column;
    if !shares {
        areas
            .panes
            .push((Pane::Transcript, Rect::new(0, y, main.width, rest)));
        return;
    }
    let mut below = |y, height, pane| {
        areas
            .panes
            .push((pane, Rect::new(0, y, main.width, height)));
    };
    let rest = rest + 1;
    if shared == Pane::Injector {
        // The line at hand stays in view while the next one is written.
        let injector = 6 + extra / 8;
        let rest = rest + 1 - injector;
        let transcript = moved(rest * 3 / 5, split.transcript, 5, rest - 5);
        let detail = rest - transcript;
        below(y, transcript, Pane::Transcript);
        below(y + transcript - 1, detail, Pane::Detail);
        below(y + transcript + detail - 2, injector, shared);
        return;
    }
    let usual = rest * if is_tall(shared) { 3 } else { 5 } / 8;
    let transcript = moved(usual, split.transcript, 5, rest - 5);
    below(y, transcript, Pane::Transcript);
    below(y + transcript - 1, rest - transcript, shared);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_sizes_of_the_specification() {
        assert_eq!(Mode::of(120, 30), Mode::Full);
        assert_eq!(Mode::of(119, 30), Mode::Stacked);
        assert_eq!(Mode::of(80, 24), Mode::Stacked);
        assert_eq!(Mode::of(80, 20), Mode::Stacked);
        assert_eq!(Mode::of(80, 19), Mode::Single);
        assert_eq!(Mode::of(79, 24), Mode::Single);
        assert_eq!(Mode::of(40, 10), Mode::Single);
        assert_eq!(Mode::of(40, 9), Mode::Tiny);
        assert_eq!(Mode::of(1, 1), Mode::Tiny);
    }

    proptest! {
        #[test]
        fn at_any_size_every_pane_is_on_the_screen_and_the_focused_one_is_shown(
            width in 0u16..400, height in prop_oneof![0u16..200, 18u16..26], left in -300i16..300, lines in -300i16..300,
            focus in 0..Pane::TABLE.len(), zoom: bool,
        ) {
            let focus = Pane::TABLE[focus].pane;
            let split = Split { left, transcript: lines };
            let areas = areas((width, height), split, focus, focus, zoom);
            let screen = Rect::new(0, 0, width, height);
            for (pane, area) in &areas.panes {
                prop_assert!(screen.union(*area) == screen, "{pane:?} {area:?}");
                prop_assert!(area.width >= 3 && area.height >= 3, "{pane:?} {area:?}");
            }
            if areas.mode != Mode::Tiny {
                prop_assert!(areas.of(focus).is_some());
            }
            if matches!(areas.mode, Mode::Full | Mode::Stacked) && !zoom {
                for pane in [Pane::Login, Pane::Contacts, Pane::Transcript] {
                    prop_assert!(areas.of(pane).is_some(), "{pane:?}");
                }
                let last = areas.panes.iter().map(|(_, area)| area.bottom()).max();
                prop_assert_eq!(last, Some(height - 2));
            }
        }
    }
}
