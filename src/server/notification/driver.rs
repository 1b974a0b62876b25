//! The task between one session and its socket: it reads, asks the session, writes, and tells events.
//!
//! It does not read while something waits to be written, so a client that does not read its answers is not read
//! either. An outgoing frame is told when its last byte is written. Events are told after the answer is written, in
//! the order and with the time at which they happened: a client does not wait until whoever takes the events has
//! been woken.

use super::mailbox::{Ending, Mail, Mailbox};
use super::session::{Done, Input, Output, Request, Session, Surroundings, Welcome};
use super::unfinished;
use crate::event::{self, ConnectionSink, EventKind, FrameEvent, Secrets, Service, Timestamp};
use crate::msnp::line::{MAX_LINE, QUOTED};
use crate::msnp::proof;
use crate::msnp::{Decoder, Direction, Frame, dictionary};
use crate::server::checks;
use crate::server::hub::{Admission, Author, Hub};
use crate::server::passport::ticket::Tickets;
use crate::server::shares::Place;
use crate::server::stranger::{self, Speech};
use bytes::{Buf as _, Bytes, BytesMut};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// Bytes read at a time.
const READ: usize = 2 * 1024;
/// Only while fewer bytes than this wait to be written, the task takes more of the initial list and of changes.
const AHEAD: usize = 16 * 1024;
/// At the end of a connection, at most this many times [`READ`] bytes are still read and thrown away.
const UNREAD: usize = 128;
/// The most time that the farewell may take to be written.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a driver needs besides its socket.
#[derive(Debug)]
pub struct Driver {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Who knows tickets.
    pub tickets: Arc<Tickets>,
    /// Where this client finds the service's pages: `http://127.0.0.1:8080/`.
    pub pages: String,
    /// Where this client finds the notification service: `127.0.0.1:1863`.
    pub here: String,
    /// What the connection has of its address's share.
    pub place: Place,
}

/// One frame, or what is left of it, on its way out.
struct Outgoing {
    frame: Frame,
    left: Bytes,
    injected: bool,
}

/// Drives one connection to its end, which it tells.
pub async fn drive(
    driver: Driver,
    stream: TcpStream,
    peer: SocketAddr,
    mailbox: Arc<Mailbox>,
    session: Session,
    sink: ConnectionSink,
) {
    let mut link = Link {
        stream,
        out: VecDeque::new(),
        waiting: 0,
        bytes_in: 0,
        bytes_out: 0,
        closing: None,
        happened: VecDeque::new(),
        sink,
    };
    let id = session.info().id;
    let mut task = Task {
        driver,
        mailbox,
        session,
        outputs: Vec::new(),
    };
    let reason = task.run(&mut link).await;
    link.tell_all().await;
    let account = task.driver.hub.leave(id);
    if let Some(account) = account {
        let reason = reason.clone();
        link.sink
            .tell(EventKind::SignedOut { account, reason })
            .await;
    }
    link.sink
        .tell(EventKind::Disconnected {
            service: Service::Notification,
            reason,
            bytes_in: link.bytes_in,
            bytes_out: link.bytes_out,
        })
        .await;
    tracing::debug!(%id, %peer, "notification connection ended");
}

/// The socket's side.
struct Link {
    stream: TcpStream,
    out: VecDeque<Outgoing>,
    waiting: usize,
    bytes_in: u64,
    bytes_out: u64,
    closing: Option<String>,
    /// What has happened and is not yet told.
    happened: VecDeque<(Timestamp, EventKind)>,
    sink: ConnectionSink,
}

/// The session's side.
struct Task {
    driver: Driver,
    mailbox: Arc<Mailbox>,
    session: Session,
    outputs: Vec<Output>,
}

impl Task {
    async fn run(&mut self, link: &mut Link) -> String {
        let mut decoder = Decoder::new(Direction::In);
        let mut buffer = BytesMut::new();
        // Whether it was said that what has come is no whole command.
        let mut unfinished = false;
        // Whether what the client says may still be no MSNP at all.
        let mut strange = true;
        loop {
            if let Some(ending) = self.mailbox.ending() {
                return self.end(link, ending).await;
            }
            self.take_mail(link);
            if let Err(error) = link.flush() {
                return link.broken(&error);
            }
            // Waiting for room for an event is over when the session has to end: its farewell goes first.
            tokio::select! {
                biased;
                () = link.tell_all() => {}
                () = self.mailbox.ended() => continue,
            }
            if !link.out.is_empty() {
                // Written as far as the socket takes; the rest, or the mailbox, is waited for.
                tokio::select! {
                    ready = link.stream.writable() => if let Err(error) = ready { return link.broken(&error) },
                    () = self.mailbox.changed() => {}
                }
                continue;
            }
            if let Some(reason) = link.closing.take() {
                link.stop();
                return reason;
            }
            if self.session.is_listing() {
                continue;
            }
            match decoder.next(&mut buffer) {
                Ok(Some(frame)) => {
                    if strange {
                        self.driver.place.understood();
                        strange = false;
                    }
                    self.heard(link, frame);
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    // It was said all the same, and shows what is found in it.
                    link.heard(unreadable(&buffer));
                    self.handle(link, Input::Undecodable(error));
                    continue;
                }
            }
            // More was put in than is taken up at a time: whoever put it in does not wake us again.
            if self.mailbox.has_mail() {
                continue;
            }
            buffer.reserve(READ);
            let read = tokio::select! {
                biased;
                read = link.stream.read_buf(&mut buffer) => read,
                () = self.mailbox.changed() => continue,
                () = tokio::time::sleep(unfinished::PATIENCE), if !unfinished && !buffer.is_empty() => {
                    unfinished = true;
                    let finding = unfinished::finding(&buffer);
                    link.happened(EventKind::Finding(Box::new(finding)));
                    continue;
                }
            };
            match read {
                Ok(0) if buffer.is_empty() => return event::Ending::Closed.to_string(),
                Ok(0) => {
                    let cut = dictionary::quoted(Direction::In, &buffer, QUOTED);
                    return event::Ending::ClosedMidway(cut).to_string();
                }
                Ok(read) => {
                    unfinished = false;
                    if link.bytes_in == 0 {
                        self.driver.place.heard();
                    }
                    link.bytes_in += read as u64;
                    // The check page asks here whether this port is reached.
                    if strange && let Some(query) = checks::asked(&buffer) {
                        self.driver.hub.checks().reached(query);
                        link.put(Frame::from_wire(checks::answer().into()), false);
                        let done = "closed by nudge after the picture of the check page";
                        link.closing.get_or_insert_with(|| done.to_owned());
                    } else if strange
                        && let Some(why) = Speech::refused(&buffer, Service::Notification)
                    {
                        let line = unreadable(&buffer);
                        let query = stranger::query(line.line());
                        link.heard_with(line, ranges(query));
                        link.happened(EventKind::Finding(Box::new(why.finding())));
                        link.closing.get_or_insert_with(|| why.to_string());
                    }
                }
                Err(error) => return link.broken(&error),
            }
        }
    }

    /// Takes up the initial list and what the hub put in, as long as little waits to be written.
    fn take_mail(&mut self, link: &mut Link) {
        while link.waiting < AHEAD && link.closing.is_none() {
            if self.session.is_listing() {
                self.session.list_next(&mut self.outputs);
                self.carry_out(link);
                continue;
            }
            match self.mailbox.take() {
                Some(Mail::Broadcast(frame)) => link.put(frame, false),
                Some(Mail::Inject(bytes)) => link.put(Frame::from_wire(bytes), true),
                Some(Mail::Reshape(shape)) => self.handle(link, Input::Reshape(shape)),
                Some(Mail::Challenge(text)) => self.handle(link, Input::Challenge(text)),
                Some(Mail::SignOut(note)) => self.handle(link, Input::SignOut(note)),
                None => return,
            }
        }
    }

    fn heard(&mut self, link: &mut Link, frame: Frame) {
        link.heard(frame.clone());
        self.handle(link, Input::Frame(frame));
    }

    fn handle(&mut self, link: &mut Link, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            {
                let Driver {
                    hub,
                    tickets,
                    pages,
                    here,
                    ..
                } = &self.driver;
                let (id, peer) = (self.session.info().id, self.session.info().peer.ip());
                let settings = hub.settings();
                let around = Surroundings {
                    now: link.sink.clock().now(),
                    pages,
                    nonce: &|| tickets.nonce(id),
                    question: &|| tickets.question(),
                    served: settings.dialects,
                    strict: settings.strict,
                    dispatch: &|account| hub.dispatch(peer, account).then(|| here.clone()),
                    network: &|account| Some(hub.roster().get(account)?.network),
                };
                self.session.handle(input, &around, &mut self.outputs);
            }
            next = self.carry_out(link);
        }
    }

    /// Does what came out of the session. Gives back the hub's answer, where it was asked for one: the
    /// session asks for at most one at a time, and last.
    fn carry_out(&mut self, link: &mut Link) -> Option<Input> {
        let mut answer = None;
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Send(bytes) => link.put(Frame::from_wire(bytes), false),
                Output::Tell(kind) => link.happened(kind),
                Output::Changed => {
                    let info = self.session.info().clone();
                    self.driver.hub.update(info.clone());
                    link.happened(EventKind::Client(Box::new(info)));
                }
                Output::Ask(request) => answer = self.ask(request).or(answer),
                Output::Close(reason) => {
                    link.closing.get_or_insert(reason);
                }
            }
        }
        self.outputs = outputs;
        answer
    }

    fn ask(&self, request: Request) -> Option<Input> {
        let Driver {
            hub,
            tickets,
            place,
            ..
        } = &self.driver;
        let info = self.session.info();
        match request {
            Request::SignIn {
                transaction,
                ticket,
                proof,
                account,
                machine,
                shape,
            } => {
                let refused = |why: String| Some(Input::Refused(transaction, why));
                match tickets.check(&ticket, |known| hub.holds(known)) {
                    Err(error) => refused(error.to_string()),
                    Ok(known) if !known.account.eq_ignore_ascii_case(&account) => refused(format!(
                        "the ticket is of another account: {}",
                        known.account
                    )),
                    Ok(known) => {
                        let secret = tickets.secret(&ticket).unwrap_or_default();
                        if let Some((question, proof)) = proof
                            && let Err(error) = proof::verify(&secret, &question, &proof)
                        {
                            return refused(error.to_string());
                        }
                        place.settled();
                        let me = hub.me(&account);
                        hub.admit(Admission {
                            id: info.id,
                            account,
                            machine,
                            shape,
                            ticket: known,
                        });
                        let bare = ticket.trim_start_matches("t=").split('&').next();
                        let welcome = Welcome {
                            name: me.name,
                            ticket: bare.unwrap_or_default().to_owned(),
                        };
                        Some(Input::Admitted(transaction, Box::new(welcome)))
                    }
                }
            }
            Request::Subscribe(transaction) => {
                Some(Input::Subscribed(transaction, hub.subscribe(info.id)))
            }
            Request::Personal(personal) => {
                let account = info.account.as_ref()?;
                hub.change_me(account, |me| me.personal = personal);
                None
            }
            Request::Note(transaction, note) => {
                let taken = hub.relay(info.id, &note);
                Some(Input::Noted(transaction, note.to, taken))
            }
            Request::Synchronise(transaction, known) => {
                let all = Box::new(hub.synchronised(info.account.as_ref()?));
                Some(Input::Synchronised(transaction, known, all))
            }
            Request::Keep(ask) => {
                let author = Author {
                    client: Some(info.id),
                    address: info.peer.ip(),
                };
                let result = hub.keep(info.account.as_ref()?, &ask.change, author);
                Some(Input::Kept(Box::new(Done { ask: *ask, result })))
            }
        }
    }

    /// Ends the connection from our side: the farewell, and what is half written before it, has a second.
    async fn end(&mut self, link: &mut Link, ending: Ending) -> String {
        // Whole frames that wait give way to the farewell; one that is half written must be finished.
        if matches!(
            ending,
            Ending::Stuffed | Ending::Kicked | Ending::Crowded(_)
        ) {
            link.out.clear();
        } else {
            link.out.retain(|o| o.left.len() < o.frame.wire().len());
        }
        self.handle(link, Input::End(ending));
        let reason = link.closing.take().unwrap_or_default();
        let flushed = tokio::time::timeout(FAREWELL, async {
            while !link.out.is_empty() {
                link.flush()?;
                if !link.out.is_empty() {
                    link.stream.writable().await?;
                }
            }
            Ok::<(), io::Error>(())
        });
        // Whether or not the farewell was taken, the connection ends; what was not written is not told.
        let _ = flushed.await;
        link.stop();
        reason
    }
}

impl Link {
    fn put(&mut self, frame: Frame, injected: bool) {
        self.waiting += frame.wire().len();
        self.out.push_back(Outgoing {
            left: frame.wire().clone(),
            frame,
            injected,
        });
    }

    fn happened(&mut self, kind: EventKind) {
        self.happened.push_back((self.sink.clock().now(), kind));
    }

    /// The client sent this. What is found in it is told behind it, before anything else that it sends.
    fn heard(&mut self, frame: Frame) {
        let secrets = secrets(Direction::In, &frame);
        self.heard_with(frame, secrets);
    }

    fn heard_with(&mut self, frame: Frame, secrets: Secrets) {
        self.happened(EventKind::Frame(FrameEvent {
            direction: Direction::In,
            secrets,
            frame,
            injected: false,
        }));
    }

    /// Tells what has happened, when there is room for it. Given up half way, nothing is lost: the rest is
    /// told next time.
    async fn tell_all(&mut self) {
        while let Some((_, kind)) = self.happened.front() {
            let room = self.sink.room(kind).await;
            if let Some((time, kind)) = self.happened.pop_front() {
                self.sink.tell_in(room, time, kind);
            }
        }
    }

    /// Writes as much as the socket takes now. A frame whose last byte went has happened.
    fn flush(&mut self) -> io::Result<()> {
        while !self.out.is_empty() {
            let slices: Vec<IoSlice<'_>> = self
                .out
                .iter()
                .take(64)
                .map(|o| IoSlice::new(&o.left))
                .collect();
            let written = match self.stream.try_write_vectored(&slices) {
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            self.bytes_out += written as u64;
            self.waiting -= written;
            self.wrote(written);
        }
        Ok(())
    }

    fn wrote(&mut self, mut written: usize) {
        while let Some(first) = self.out.front_mut() {
            let part = written.min(first.left.len());
            first.left.advance(part);
            written -= part;
            if !first.left.is_empty() {
                return;
            }
            if let Some(done) = self.out.pop_front() {
                let secrets = secrets(Direction::Out, &done.frame);
                self.happened(EventKind::Frame(FrameEvent {
                    direction: Direction::Out,
                    frame: done.frame,
                    secrets,
                    injected: done.injected,
                }));
            }
            if written == 0 && self.out.front().is_none_or(|next| !next.left.is_empty()) {
                return;
            }
        }
    }

    /// Closes our direction, so that what was written is read before the end is seen.
    fn stop(&self) {
        // What has come and was not read would make the end a reset, which takes our last answer along.
        let mut unread = [0; READ];
        for _ in 0..UNREAD {
            if !matches!(self.stream.try_read(&mut unread), Ok(1..)) {
                break;
            }
        }
        let _ = socket2::SockRef::from(&self.stream).shutdown(std::net::Shutdown::Write);
    }

    fn broken(&self, error: &io::Error) -> String {
        event::Ending::Broke(error.to_string()).to_string()
    }
}

/// The line that lost the stream its place: up to its end, or as far as a line may go.
fn unreadable(buffer: &[u8]) -> Frame {
    let end = memchr::memchr(b'\n', buffer).map_or(buffer.len(), |at| at + 1);
    Frame::from_wire(Bytes::copy_from_slice(&buffer[..end.min(MAX_LINE + 2)]))
}

/// Where tickets and tokens stand in a frame.
fn secrets(direction: Direction, frame: &Frame) -> Secrets {
    ranges(dictionary::secrets(direction, frame.line()))
}

fn ranges(of: impl IntoIterator<Item = Range<usize>>) -> Secrets {
    let narrow = |range: Range<usize>| range.start as u32..range.end as u32;
    Secrets(of.into_iter().map(narrow).collect())
}
