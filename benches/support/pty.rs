//! A program in a pseudo-terminal. The benchmarks, the pictures and the tests of the terminal share it.
#![allow(dead_code, reason = "each program uses a part of it")]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};

/// A running program, its terminal, and the writer that types into it.
pub struct Pty {
    pub master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub keys: Box<dyn Write + Send>,
}

/// Starts the program in a terminal of that size.
pub fn spawn(command: CommandBuilder, rows: u16, cols: u16) -> Pty {
    let pair = native_pty_system()
        .openpty(size(rows, cols))
        .expect("a terminal");
    let child = pair.slave.spawn_command(command).expect("starts");
    drop(pair.slave);
    let keys = pair.master.take_writer().expect("its input");
    Pty {
        master: pair.master,
        child,
        keys,
    }
}

/// Reads what the program writes, on a thread, until it ends or nobody takes what was read.
pub fn reader(master: &dyn MasterPty) -> Receiver<Vec<u8>> {
    let mut reader = master.try_clone_reader().expect("its output");
    let (sender, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(read @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    bytes
}

/// The size of a terminal with that many rows and columns.
pub fn size(rows: u16, cols: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// An empty screen of that size, for what the program draws.
pub fn screen(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(cols), 0)
}

/// A number of rows or columns as the screen counts them.
pub fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("not zero")
}
