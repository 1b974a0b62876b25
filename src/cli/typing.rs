//! A line that is typed on a terminal while others are printed on it: what is printed goes above what is being typed.
//!
//! The terminal would edit the line by itself, and what is printed meanwhile would stand in the middle of it. So it is
//! edited here, and drawn anew below each line that comes. Signals are still the terminal's: ctrl-c ends, ctrl-z stops.

use crate::console::keymap::Key;
use crate::console::widget::edit::LineEdit;
use crate::console::widget::text;
use crate::descriptor::is_ours;
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use parking_lot::Mutex;
use rustix::process::Signal;
use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Before what is typed.
const SIGN: &str = "> ";
/// What stands there until something is typed.
const HINT: &str = "help: what can be typed here";
/// How many lines that were typed are remembered.
const REMEMBERED: usize = 100;
/// What ends an empty line with ctrl-d, as it ends a shell: the order that signs out.
const LEAVE: &str = "out";

/// Standard input and output, where they are one terminal that is ours and can go to the beginning of a line.
pub(super) fn is_possible() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    !dumb && io::stdin().is_terminal() && io::stdout().is_terminal() && is_ours()
}

/// How the terminal was. It is global: a process has one terminal, and a second signal ends it anywhere.
static WAS: Mutex<Option<Termios>> = Mutex::new(None);

/// Takes the editing of lines from the terminal.
fn take() -> io::Result<()> {
    let was = termios::tcgetattr(io::stdin())?;
    let mut modes = was.clone();
    modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    modes.special_codes[SpecialCodeIndex::VMIN] = 1;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    WAS.lock().get_or_insert(was);
    termios::tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
    Ok(())
}

/// Gives it back as it was.
pub(super) fn give_back() {
    if let Some(was) = WAS.lock().take() {
        // There is nothing more that could be done.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &was);
    }
}

/// A terminal on which a line is typed. Dropping it gives it back.
pub(super) struct Typing(Arc<Mutex<Screen<io::Stdout>>>);

/// What is printed goes above the line.
pub(super) struct Above(Arc<Mutex<Screen<io::Stdout>>>);

impl Typing {
    /// Takes the terminal. The lines that are typed come out of the other end.
    ///
    /// # Errors
    /// Those of the terminal.
    pub fn start() -> io::Result<(Self, mpsc::Receiver<String>)> {
        take()?;
        let mut screen = Screen::new(io::stdout(), columns);
        screen.hint = HINT;
        let typing = Self(Arc::new(Mutex::new(screen)));
        let (sender, typed) = mpsc::channel(16);
        let screen = typing.0.clone();
        // A thread of its own: nobody waits for it when the program ends.
        std::thread::spawn(move || {
            while let Ok(event) = crossterm::event::read() {
                let line = screen.lock().event(&event);
                if let Some(line) = line
                    && sender.blocking_send(line).is_err()
                {
                    return;
                }
            }
        });
        Ok((typing, typed))
    }

    /// Where to print.
    pub fn above(&self) -> Above {
        Above(self.0.clone())
    }

    /// Gives the terminal back while the program is stopped, and takes it again when it goes on. Never ends.
    ///
    /// # Errors
    /// Where signals cannot be heard.
    pub async fn stops(screen: Above) -> io::Result<()> {
        let kind = |signal: Signal| SignalKind::from_raw(signal.as_raw());
        let mut stops = signal(kind(Signal::TSTP))?;
        let mut goes_on = signal(kind(Signal::CONT))?;
        loop {
            tokio::select! {
                _ = stops.recv() => {
                    give_back();
                    // By SIGSTOP: SIGTSTP is what asks for it.
                    let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::STOP);
                }
                _ = goes_on.recv() => {}
            }
            if is_ours() && take().is_ok() {
                let _ = screen.0.lock().draw();
            }
        }
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        // What was being typed stays where it is.
        let _ = self.0.lock().leave();
        give_back();
    }
}

impl Write for Above {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().print(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn columns() -> usize {
    crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns))
}

/// What is on the terminal from the line that is typed on.
struct Screen<W> {
    out: W,
    columns: fn() -> usize,
    /// Empty once something has been typed.
    hint: &'static str,
    edit: LineEdit,
    /// The beginning of a line that is printed.
    begun: Vec<u8>,
    /// What was typed before, and which of it is shown.
    history: Vec<String>,
    at: usize,
}

impl<W: Write> Screen<W> {
    fn new(out: W, columns: fn() -> usize) -> Self {
        Self {
            out,
            columns,
            hint: "",
            edit: LineEdit::default(),
            begun: Vec::new(),
            history: Vec::new(),
            at: 0,
        }
    }

    /// Draws the line: as much of it as one row takes, with the cursor in it.
    fn draw(&mut self) -> io::Result<()> {
        self.out.write_all(b"\r\x1b[K")?;
        if !self.edit.text().is_empty() {
            let room = (self.columns)().saturating_sub(SIGN.len() + 1).max(1);
            let shift = (self.edit.column() + 1).saturating_sub(room);
            let shown = text::safe(self.edit.text());
            let shown = &shown[text::clip(&shown, shift).len()..];
            let column = SIGN.len() + self.edit.column() - shift.min(self.edit.column());
            let shown = text::clip(shown, room);
            write!(self.out, "{SIGN}{shown}\r\x1b[{column}C")?;
        } else if !self.hint.is_empty() {
            let hint = text::clip(self.hint, (self.columns)().saturating_sub(SIGN.len() + 1));
            let column = SIGN.len();
            write!(self.out, "{SIGN}\x1b[2m{hint}\x1b[0m\r\x1b[{column}C")?;
        }
        self.out.flush()
    }

    /// Prints whole lines above the line; what is no whole line yet waits.
    fn print(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.begun.extend_from_slice(bytes);
        let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(());
        };
        let rest = self.begun.split_off(end + 1);
        let lines = std::mem::replace(&mut self.begun, rest);
        self.out.write_all(b"\r\x1b[K")?;
        self.out.write_all(&lines)?;
        self.draw()
    }

    /// The line stays as it is, and the cursor goes below it.
    fn leave(&mut self) -> io::Result<()> {
        let begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            self.print(&[&begun[..], b"\n"].concat())?;
        }
        match self.edit.text().is_empty() {
            // Nothing was typed.
            true => self.out.write_all(b"\r\x1b[K")?,
            false => self.out.write_all(b"\n")?,
        }
        self.out.flush()
    }

    /// What the terminal reports; a line where that ends one.
    fn event(&mut self, event: &Event) -> Option<String> {
        let mut line = None;
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => line = self.key(Key::of(*key)),
            Event::Resize(..) => {}
            _ => return None,
        }
        // A terminal that takes nothing any more ends what is printed on it, which says so.
        let _ = self.draw();
        line
    }

    fn key(&mut self, key: Key) -> Option<String> {
        self.hint = "";
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => Some(self.enter()),
            // A line feed, as it comes of a paste.
            KeyCode::Char('j' | 'm') if control => Some(self.enter()),
            KeyCode::Char('d') if control && self.edit.text().is_empty() => Some(LEAVE.to_owned()),
            KeyCode::Up => self.recall(self.at.saturating_sub(1)),
            KeyCode::Down => self.recall(self.at + 1),
            _ => {
                self.edit.key(key);
                None
            }
        }
    }

    fn enter(&mut self) -> String {
        let line = std::mem::take(&mut self.edit).text().to_owned();
        // It stands above what comes of it, whole.
        let _ = write!(self.out, "\r\x1b[K{SIGN}{}\n", text::safe(&line));
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
            let over = self.history.len().saturating_sub(REMEMBERED);
            self.history.drain(..over);
        }
        self.at = self.history.len();
        line
    }

    fn recall(&mut self, at: usize) -> Option<String> {
        self.at = at.min(self.history.len());
        let line = self.history.get(self.at).cloned().unwrap_or_default();
        self.edit.set(line);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a terminal of 20 columns shows.
    fn shown(screen: &Screen<Vec<u8>>) -> Vec<String> {
        let size = |n: u16| std::num::NonZeroU16::new(n).expect("not zero");
        let mut terminal = vt100::Parser::new(size(8), size(20), 0);
        // The terminal makes a line feed of the program the beginning of the next line.
        let bytes = String::from_utf8_lossy(&screen.out).replace('\n', "\r\n");
        terminal.process(bytes.as_bytes());
        let rows = terminal.screen().contents();
        rows.trim_end().lines().map(str::to_owned).collect()
    }

    fn press(screen: &mut Screen<Vec<u8>>, keys: &str) -> Option<String> {
        let mut line = None;
        for key in keys.split(' ') {
            line = screen.key(key.parse().expect("a key"));
            screen.draw().expect("drawn");
        }
        line
    }

    #[test]
    fn a_line_that_comes_goes_above_what_is_being_typed() {
        let mut screen = Screen::new(Vec::new(), || 20);
        screen.print(b"one\n").expect("printed");
        press(&mut screen, "s a y");
        screen.print(b"tw").expect("printed");
        assert_eq!(shown(&screen), ["one", "> say"]);
        screen.print(b"o\nthree\nfo").expect("printed");
        assert_eq!(shown(&screen), ["one", "two", "three", "> say"]);
        let line = press(&mut screen, "space h i enter");
        assert_eq!(line.as_deref(), Some("say hi"));
        screen.print(b"ur\n").expect("printed");
        assert_eq!(shown(&screen), ["one", "two", "three", "> say hi", "four"]);
        press(&mut screen, "up");
        assert_eq!(shown(&screen).last().expect("a line"), "> say hi");
        press(&mut screen, "down x");
        screen.leave().expect("left");
        let rows = shown(&screen);
        assert_eq!(&rows[4..], ["four", "> x"]);
    }

    #[test]
    fn until_something_is_typed_it_says_what_can_be() {
        let mut screen = Screen::new(Vec::new(), || 20);
        screen.hint = HINT;
        screen.print(b"one\n").expect("printed");
        screen.print(b"two\n").expect("printed");
        assert_eq!(shown(&screen), ["one", "two", "> help: what can be"]);
        press(&mut screen, "s");
        assert_eq!(shown(&screen), ["one", "two", "> s"]);
        let mut screen = Screen::new(Vec::new(), || 20);
        screen.hint = HINT;
        screen.print(b"one\n").expect("printed");
        screen.leave().expect("left");
        assert_eq!(shown(&screen), ["one"]);
    }

    #[test]
    fn a_line_longer_than_the_terminal_takes_one_row() {
        let mut screen = Screen::new(Vec::new(), || 20);
        for c in "日本 abcdefghijklmnopqrstuvwxyz".chars() {
            screen.edit.insert(&c.to_string());
            screen.draw().expect("drawn");
        }
        screen.print(b"one\n").expect("printed");
        let rows = shown(&screen);
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows[1].ends_with("xyz"), "{rows:?}");
        press(&mut screen, "home");
        assert!(
            shown(&screen)[1].starts_with("> 日本 abc"),
            "{:?}",
            shown(&screen)
        );
    }

    #[test]
    fn ctrl_d_signs_out_on_an_empty_line_alone() {
        let mut screen = Screen::new(Vec::new(), || 20);
        press(&mut screen, "x home");
        assert_eq!(press(&mut screen, "ctrl-d"), None);
        assert_eq!(press(&mut screen, "ctrl-d").as_deref(), Some(LEAVE));
    }
}
