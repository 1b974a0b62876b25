//! Takes the terminal, and gives it back exactly as it was.
//!
//! Functions write to any writer, so tests can compare the bytes. Giving back uses a handle of its own that never
//! blocks: a terminal that has stopped reading cannot keep the program from ending.

pub mod background;
pub mod graphics;
mod late;
mod output;
pub mod query;
pub mod sixel;

pub use late::Late;
pub use output::Output;

use crate::descriptor::until;
use parking_lot::Mutex;
use rustix::termios::{QueueSelector, tcflush};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};
use tokio::io::{Interest, Ready};

/// Bytes that take the terminal: alternate screen, hidden cursor, bracketed paste.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Bytes that turn the mouse on: presses, drags and the wheel, in SGR form. Mere movement (1003) would only wake us
/// up.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// Bytes that turn the mouse off, in the opposite order.
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Bytes that undo [`ENTER`], in the opposite order. They first end a string or synchronised update that was cut off.
const LEAVE: &[u8] =
    b"\x1b\\\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";
/// How long to try to give the terminal back.
const PATIENCE: Duration = Duration::from_millis(500);

/// Writes the bytes that take the terminal.
///
/// # Errors
/// Those of the writer.
pub fn enter(out: &mut impl Write, mouse: bool) -> io::Result<()> {
    out.write_all(ENTER)?;
    if mouse {
        out.write_all(MOUSE_ON)?;
    }
    out.flush()
}

/// The bytes that give the mouse to the program, or back to the terminal's own selection.
pub fn mouse(on: bool) -> &'static [u8] {
    if on { MOUSE_ON } else { MOUSE_OFF }
}

/// Writes the bytes that give the terminal back, trying for at most `patience` while it blocks. Says whether all
/// were written.
pub fn leave(out: &mut impl Write, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    let mut rest = LEAVE;
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(0) => return false,
            Ok(n) => rest = &rest[n..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(_) => return false,
        }
    }
    out.flush().is_ok()
}

/// Whether the program holds the terminal. It is global: a process has one terminal, and a panic hook can ask
/// nothing else. Locked while it is given back, so that whoever ends the program meanwhile waits for that.
static TAKEN: Mutex<bool> = Mutex::new(false);

/// The terminal while the program holds it. Dropping this gives it back; so does a panic, before it prints its
/// message.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal on standard output.
    ///
    /// # Errors
    /// When there is none, or it cannot be set to raw mode.
    pub fn take(mouse: bool) -> io::Result<Self> {
        static HOOK: std::sync::Once = std::sync::Once::new();
        HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                previous(panic);
            }));
        });
        crossterm::terminal::enable_raw_mode()?;
        *TAKEN.lock() = true;
        let guard = Self(());
        enter(&mut io::stdout(), mouse)?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, if the program holds it. For code that ends the program at once.
pub fn give_back() {
    let Some(mut taken) = TAKEN.try_lock_for(2 * PATIENCE) else {
        return;
    };
    if !std::mem::take(&mut *taken) {
        return;
    }
    if let Some(handle) = own_handle() {
        let mut terminal = std::fs::File::from(handle);
        if !leave(&mut terminal, PATIENCE / 2) {
            // It does not read: behind what it was sent and has not taken there is no room. That is thrown away, so that
            // it is given back if it reads again.
            let _ = tcflush(&terminal, QueueSelector::OFlush);
            leave(&mut terminal, PATIENCE / 2);
        }
    }
    // Nothing is left to be told, and nobody to tell it to.
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Waits until the terminal is gone: its window was closed, or its line dropped. It notices even if nobody reads or
/// writes.
///
/// Needs a tokio runtime with IO.
pub async fn gone(terminal: impl AsFd) {
    // A key that is pressed is not read here.
    let gone = |ready: Ready| ready.is_read_closed() || ready.is_error();
    until(terminal, Interest::READABLE | Interest::ERROR, gone).await;
}

/// The terminal, opened anew, so that making it non-blocking changes no other handle.
fn own_handle() -> Option<OwnedFd> {
    ["/dev/tty", "/dev/fd/1"].into_iter().find_map(opened)
}

fn opened(path: &str) -> Option<OwnedFd> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back_in_full() {
        let mut taken = Vec::new();
        enter(&mut taken, true).expect("a vector takes all");
        assert_eq!(
            taken,
            b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1000h\x1b[?1002h\x1b[?1006h"
        );
        let mut given = Vec::new();
        assert!(leave(&mut given, PATIENCE));
        let given = String::from_utf8(given).expect("ASCII");
        // Each mode that was set is reset, and the cursor, which was reset, is set.
        for mode in ["1049", "2004", "1000", "1002", "1006"] {
            assert!(given.contains(&format!("\x1b[?{mode}l")), "{mode}");
        }
        assert!(given.contains("\x1b[?25h"));
        assert!(
            given.ends_with("\x1b[?1049l"),
            "the alternate screen is left last"
        );
    }

    #[test]
    fn without_the_mouse_no_mouse_is_asked_for() {
        let mut taken = Vec::new();
        enter(&mut taken, false).expect("a vector takes all");
        assert_eq!(taken, ENTER);
    }

    /// Takes a few bytes now and then, as a slow terminal does; `None` never takes any.
    struct Slow {
        taken: Vec<u8>,
        step: Option<usize>,
        turn: bool,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.turn = !self.turn;
            match self.step {
                Some(step) if self.turn => {
                    let n = step.min(bytes.len());
                    self.taken.extend_from_slice(&bytes[..n]);
                    Ok(n)
                }
                _ => Err(io::ErrorKind::WouldBlock.into()),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_terminal_is_given_back_and_a_stopped_one_given_up() {
        let mut slow = Slow {
            taken: Vec::new(),
            step: Some(7),
            turn: false,
        };
        assert!(leave(&mut slow, Duration::from_secs(60)));
        assert_eq!(slow.taken, LEAVE);
        let mut stopped = Slow {
            taken: Vec::new(),
            step: None,
            turn: false,
        };
        assert!(!leave(&mut stopped, Duration::ZERO));
    }
}
