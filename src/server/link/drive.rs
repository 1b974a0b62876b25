//! The task between a machine and its socket. What is called when stands in the [module](super).

use super::machine::Machine;
use super::mailbox::{Ending, Mailbox};
use super::resting::Resting;
use super::unfinished;
use super::wire::{Wire, ranges};
use crate::event::{self, ConnectionSink, EventKind, ours, say};
use crate::msnp::line::{MAX_LINE, QUOTED};
use crate::msnp::{Decoder, Direction, Frame, dictionary};
use crate::server::stranger::{self, Speech};
use bytes::{Bytes, BytesMut};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// Bytes read at a time.
const READ: usize = 2 * 1024;
/// A connection that has more to read or to write lets others have their turn after this time.
pub(super) const SLICE: Duration = Duration::from_micros(100);
/// The same while a list is sent: who signs in waits for all of it.
const LIST_SLICE: Duration = Duration::from_micros(500);
/// At the end of a connection, at most this many times [`READ`] bytes are still read and thrown away.
const UNREAD: usize = 128;
/// The most time that the farewell may take to be written.
const FAREWELL: Duration = Duration::from_secs(1);

/// Drives one connection to its end, which it tells.
pub async fn drive<M: Machine>(
    machine: M,
    stream: TcpStream,
    mailbox: Arc<Mailbox<M::Letter>>,
    sink: ConnectionSink,
) {
    let mut link = Link {
        machine,
        mailbox,
        stream: Arc::new(stream),
        bytes_in: 0,
        bytes_out: 0,
        wire: Wire::new(M::SERVICE, sink),
    };
    let reason = link.run().await;
    link.machine.left(&reason, &mut link.wire);
    link.wire.tell(EventKind::Disconnected {
        service: M::SERVICE,
        reason,
        bytes_in: link.bytes_in,
        bytes_out: link.bytes_out,
    });
    link.wire.pass_on(true);
    let turns = link.machine.place().turns().clone();
    link.wire.tell_all(&turns).await;
    tracing::debug!(connection = %link.wire.id(), service = M::SERVICE.name(), "connection ended");
}

struct Link<M: Machine> {
    machine: M,
    mailbox: Arc<Mailbox<M::Letter>>,
    stream: Arc<TcpStream>,
    bytes_in: u64,
    bytes_out: u64,
    wire: Wire,
}

impl<M: Machine> Link<M> {
    async fn run(&mut self) -> event::Ending {
        let mut decoder = Decoder::new(Direction::In);
        let mut buffer = BytesMut::new();
        // Whether it was said that what has come is no whole command.
        let mut unfinished = false;
        // Whether what the client says may still be no MSNP at all.
        let mut strange = true;
        // Until when nothing is read.
        let mut rest: Option<Instant> = None;
        // When it last waited for anything.
        let mut since = Instant::now();
        let mut holding = self.machine.place().holding();
        let turns = self.machine.place().turns().clone();
        let mut resting = self.resting();
        loop {
            let held = self.machine.held();
            holding.set(buffer.capacity() + self.wire.waiting() + self.mailbox.own() + held);
            if let Some(ending) = self.mailbox.ending() {
                return self.end(ending).await;
            }
            self.take_mail();
            if let Err(error) = self.flush() {
                return broken(&error);
            }
            self.wire.pass_on(!buffer.is_empty());
            // Waiting for room for an event is over when the connection has to end: its farewell goes first.
            tokio::select! {
                biased;
                () = self.wire.tell_all(&turns) => {}
                () = self.mailbox.ended() => continue,
            }
            if since.elapsed() >= self.slice() && self.has_more_to_say() {
                tokio::task::yield_now().await;
                since = Instant::now();
            }
            if !self.wire.is_empty() {
                // Written as far as the socket takes; the rest, or the mailbox, is waited for.
                tokio::select! {
                    ready = self.stream.writable() => if let Err(error) = ready { return broken(&error) },
                    () = self.mailbox.changed() => {}
                }
                since = Instant::now();
                continue;
            }
            if let Some(reason) = self.wire.closed() {
                self.stop();
                return reason;
            }
            if self.machine.is_busy() {
                continue;
            }
            if let Some(until) = rest {
                tokio::select! {
                    () = tokio::time::sleep_until(until) => rest = None,
                    () = self.mailbox.changed() => {}
                }
                continue;
            }
            match decoder.next(&mut buffer) {
                Ok(Some(frame)) => {
                    if strange {
                        self.machine.place().understood();
                        strange = false;
                    }
                    if since.elapsed() >= SLICE {
                        tokio::task::yield_now().await;
                        since = Instant::now();
                    }
                    self.wire.heard(frame.clone());
                    // A connection that has to end is not answered any more.
                    let turn = tokio::select! {
                        biased;
                        turn = turns.take(frame.wire().len()) => turn,
                        () = self.mailbox.ended() => continue,
                    };
                    turn.work(|| self.machine.frame(frame, &mut self.wire));
                    rest = self.machine.rests().map(|rest| Instant::now() + rest);
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    // It was said all the same, and shows what is found in it.
                    self.wire.heard(unreadable(&buffer));
                    self.machine.undecodable(error, &mut self.wire);
                    continue;
                }
            }
            // More was put in than is taken up at a time: whoever put it in does not wake us again. What the client has said is
            // read first: others may put in more than is ever taken up, and its PNG would wait as long as they do.
            let more = self.mailbox.has_mail();
            let begins = buffer.is_empty();
            buffer.reserve(READ);
            if resting.sink.client() != self.wire.share().client() {
                resting = self.resting();
            }
            self.mailbox.rests(&resting);
            let came = tokio::select! {
                biased;
                read = read(&self.stream, &mut buffer) => Came::Read(read),
                () = std::future::ready(()), if more => Came::Mail,
                () = self.mailbox.changed() => Came::Mail,
                () = tokio::time::sleep(unfinished::PATIENCE), if !unfinished && !buffer.is_empty() => Came::Nothing,
            };
            let passed = self.mailbox.rises();
            self.bytes_out += passed.bytes;
            if let Some((frame, written)) = passed.cut {
                self.wire.finish(frame, written);
            }
            let read = match came {
                Came::Read(read) => read,
                Came::Mail => continue,
                Came::Nothing => {
                    unfinished = true;
                    let finding = unfinished::finding(&buffer, self.wire.next_behind());
                    self.wire.tell(EventKind::Finding(Box::new(finding)));
                    continue;
                }
            };
            since = Instant::now();
            match read {
                Ok(0) if buffer.is_empty() => return event::Ending::Closed,
                Ok(0) => {
                    let cut = dictionary::quoted(Direction::In, &buffer, QUOTED);
                    return event::Ending::ClosedMidway(cut);
                }
                Ok(read) => {
                    unfinished = false;
                    if begins {
                        self.wire.comes_anew();
                    }
                    if self.bytes_in == 0 {
                        self.machine.place().heard();
                    }
                    self.bytes_in += read as u64;
                    if strange && self.machine.stranger(&buffer, &mut self.wire) {
                        continue;
                    }
                    if strange && let Some(why) = Speech::refused(&buffer, M::SERVICE) {
                        let line = unreadable(&buffer);
                        let query = stranger::query(line.line());
                        self.wire.heard_with(line, ranges(query));
                        self.wire.tell(EventKind::Finding(Box::new(why.finding())));
                        self.wire.close(event::Ending::other(say!("{}", ours(why))));
                    }
                }
                Err(error) => return broken(&error),
            }
        }
    }

    /// For how long it may go on before others have their turn.
    fn slice(&self) -> Duration {
        if self.machine.is_busy() {
            LIST_SLICE
        } else {
            SLICE
        }
    }

    fn has_more_to_say(&self) -> bool {
        !self.wire.is_empty() || self.machine.is_busy() || self.mailbox.has_mail()
    }

    /// What is lent to others while nothing is to be done here.
    fn resting(&self) -> Arc<Resting> {
        Arc::new(Resting {
            stream: self.stream.clone(),
            service: M::SERVICE,
            sink: self.wire.share().clone(),
        })
    }

    /// Takes up what the machine has to say, and what was put in, as long as little waits to be written.
    fn take_mail(&mut self) {
        while self.wire.has_room() && !self.wire.is_closing() {
            if self.machine.is_busy() {
                self.wire.lists(true);
                self.machine.proceed(&mut self.wire);
                self.wire.lists(false);
                continue;
            }
            match self.mailbox.take() {
                Some(letter) => self.machine.mail(letter, &mut self.wire),
                None => return,
            }
        }
    }

    /// Writes as much as the socket takes now.
    fn flush(&mut self) -> io::Result<()> {
        while !self.wire.is_empty() {
            let written = match self.stream.try_write_vectored(&self.wire.slices()) {
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            self.bytes_out += written as u64;
            self.wire.wrote(written);
        }
        Ok(())
    }

    /// Ends the connection from our side: the farewell, and what is half written before it, has a second.
    async fn end(&mut self, ending: Ending) -> event::Ending {
        // Whole frames that wait give way to the farewell; one that is half written must be finished.
        let whole = matches!(
            ending,
            Ending::Stuffed | Ending::Kicked | Ending::Crowded(_)
        );
        self.wire.give_way(whole);
        self.wire.pass_on(true);
        let reason = event::Ending::from(&ending);
        self.machine.end(ending, &mut self.wire);
        let reason = self.wire.closed().unwrap_or(reason);
        let flushed = tokio::time::timeout(FAREWELL, async {
            while !self.wire.is_empty() {
                self.flush()?;
                if !self.wire.is_empty() {
                    self.stream.writable().await?;
                }
            }
            Ok::<(), io::Error>(())
        });
        // Whether or not the farewell was taken, the connection ends; what was not written is not told.
        let _ = flushed.await;
        self.stop();
        reason
    }

    /// Closes our direction, so that what was written is read before the end is seen.
    fn stop(&self) {
        // If something is left unread, the system ends the connection by a reset, and the client may lose our last
        // answer.
        let mut unread = [0; READ];
        for _ in 0..UNREAD {
            if !matches!(self.stream.try_read(&mut unread), Ok(1..)) {
                break;
            }
        }
        let _ = socket2::SockRef::from(&*self.stream).shutdown(std::net::Shutdown::Write);
    }
}

/// What ended a wait.
enum Came {
    /// The client said something, or its end was seen.
    Read(io::Result<usize>),
    /// Something is in the mailbox.
    Mail,
    /// For a while nothing.
    Nothing,
}

/// Reads what has come; waits for it where there is none. Given up half way, nothing is lost.
async fn read(stream: &TcpStream, buffer: &mut BytesMut) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read_buf(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

fn broken(error: &io::Error) -> event::Ending {
    // The number of the system's error says nothing more to whoever reads the sentence.
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    event::Ending::Broke(text.to_owned())
}

/// The line that lost the stream its place: up to its end, or as far as a line may go.
fn unreadable(buffer: &[u8]) -> Frame {
    let end = memchr::memchr(b'\n', buffer).map_or(buffer.len(), |at| at + 1);
    Frame::from_wire(Bytes::copy_from_slice(&buffer[..end.min(MAX_LINE + 2)]))
}
