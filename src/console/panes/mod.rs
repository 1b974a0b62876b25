//! The panes: a folder each, with what it remembers (`state`), what keys change (`update`) and how it looks (`view`).
//!
//! The rest of the console knows a pane by its row in the table of [`Pane`] and by the trait [`Face`] alone. A new
//! pane is a folder here, a row there, and the line below that the compiler asks for. Its `view` has `titles` and `draw`.

pub mod clients;
pub mod contacts;
pub mod conversation;
pub mod detail;
pub mod injector;
pub mod log;
pub mod login;
pub mod transcript;

use super::keymap::Key;
use super::state::{Effect, State};
use super::widget::frame::Titles;
use crate::command::Pane;
use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

macro_rules! panes {
    ($($pane:ident $module:ident $what:ident;)*) => {
        /// The face of a pane.
        pub fn of(pane: Pane) -> &'static dyn Face {
            match pane {
                $(Pane::$pane => &$module::Face,)*
            }
        }

        /// What stands on the frame of a pane, of so many columns.
        pub fn titles(pane: Pane, state: &State, width: usize) -> Titles {
            match pane {
                $(Pane::$pane => $module::view::titles(state, width),)*
            }
        }

        /// Draws a pane within its frame, and says where the cursor of its editor is.
        pub fn draw(pane: Pane, state: &State, buffer: &mut Buffer, area: Rect) -> Option<Position> {
            match pane {
                $(Pane::$pane => panes!(@$what $module::view::draw(state, buffer, area)),)*
            }
        }
    };
    (@types $draw:expr) => { $draw };
    (@shows $draw:expr) => {{
        $draw;
        None
    }};
}

// Those in which one types have a cursor there.
panes! {
    Clients clients shows;
    Transcript transcript shows;
    Contacts contacts shows;
    Detail detail shows;
    Injector injector types;
    Log log shows;
    Login login shows;
    Conversation conversation types;
}

/// What keys and the mouse do in a pane. What a pane has no use for, it leaves out.
pub trait Face: Sync {
    /// What the detail is about while this pane has the keys; `None` where it is about the line of the transcript.
    fn subject(&self, _: &State) -> Option<&'static str> {
        None
    }

    /// The lines of that detail, in this many columns.
    fn detail(&self, _: &State, _: usize) -> Vec<Line<'static>> {
        Vec::new()
    }

    /// The row with the cursor.
    fn row(&self, _: &State) -> usize {
        0
    }

    /// Moves the cursor to this row, or to the last.
    fn go(&self, _: &mut State, _: usize) {}

    /// What `/` looks for in each row, where rows are found in it.
    fn rows(&self, _: &State) -> Option<Vec<String>> {
        None
    }

    /// Moves the cursor by this many rows.
    fn step(&self, state: &mut State, by: isize) {
        self.go(state, self.row(state).saturating_add_signed(by));
    }

    /// Moves what is in view by this many rows: a page.
    fn scroll(&self, state: &mut State, by: isize) {
        self.step(state, by);
    }

    /// The wheel was turned by this many rows.
    fn wheel(&self, state: &mut State, by: isize) {
        self.step(state, by.signum());
    }

    /// Moves the cursor to the first row, or to the last.
    fn end(&self, state: &mut State, last: bool) {
        self.go(state, if last { usize::MAX } else { 0 });
    }

    /// The mouse was pressed on this row of its inside.
    fn press(&self, _: &mut State, _: Rect, _: usize) {}

    /// Marks the row with the cursor, or all of them.
    fn mark(&self, state: &mut State, all: bool) {
        transcript::Face.mark(state, all);
    }

    /// What is copied of the row with the cursor.
    fn copied(&self, state: &State) -> Option<String> {
        transcript::Face.copied(state)
    }

    /// Goes back by one: out of marks, for example. Says whether there was something to go back from.
    fn back(&self, _: &mut State) -> bool {
        false
    }

    /// A key, where text is typed.
    fn key(&self, _: &mut State, _: Key) -> Typed {
        Typed::Command
    }

    /// Takes a text that was pasted. Says whether it does.
    fn paste(&self, _: &mut State, _: &str) -> bool {
        false
    }

    /// Cancels what is being typed. Says whether something was.
    fn cancel(&self, _: &mut State) -> bool {
        false
    }

    /// The words that could stand at the cursor of its editor, each with what it is, and which was taken.
    fn offered<'a>(&self, _: &'a State) -> Option<Offer<'a>> {
        None
    }
}

/// What came of a key where text is typed.
#[derive(Debug)]
pub enum Typed {
    /// It is no text: the keymap says what it does.
    Command,
    /// It was taken; this is to be done about it.
    Done(Vec<Effect>),
}

/// Whether a key is bound in this pane though text is typed in it: by its own rows, or everywhere where it is no text
/// and no key of a cursor.
fn is_command(state: &State, pane: Pane, key: Key) -> bool {
    state.keymap.get(pane, key).is_some_and(|bound| {
        let is_free = matches!(key.code, KeyCode::Char(_) | KeyCode::F(_)) && !key.is_text();
        bound.context == Some(pane) || is_free
    })
}

/// See [`Face::offered`].
pub type Offer<'a> = (Vec<(&'a str, &'a str)>, Option<usize>);

/// A list of which a row is on the screen at `at`: its number, where there is such a row.
fn pressed(cursor: usize, count: usize, area: Rect, at: usize) -> Option<usize> {
    let first = super::widget::list::first_row(cursor, count, usize::from(area.height));
    (first + at < count).then_some(first + at)
}
