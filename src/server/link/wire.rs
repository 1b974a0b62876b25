//! What waits to be written on one connection, and what has happened on it and is not yet told.

use super::passing::{Passes, Passing};
use crate::event::{
    ClientId, ConnectionId, ConnectionSink, Ending, EventKind, FrameEvent, Secrets, Service,
    Timestamp,
};
use crate::msnp::behind::Behind;
use crate::msnp::{Direction, Frame, dictionary};
use crate::server::turns::{LONG, Turns};
use bytes::{Buf as _, Bytes};
use std::collections::VecDeque;
use std::io::IoSlice;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// More is taken out of machine and mailbox only while fewer bytes than this wait to be written.
const AHEAD: usize = 16 * 1024;
/// The most frames that are taken out and written at once.
const AT_ONCE: usize = 64;

/// What a client sends in one piece comes within this time.
const AT_ONE_TIME: Duration = Duration::from_millis(200);

/// One frame, or what is left of it, on its way out.
struct Outgoing {
    frame: Frame,
    left: Bytes,
    injected: bool,
    listed: bool,
}

/// What has happened and is not yet told.
pub(super) struct Happened {
    time: Timestamp,
    pub(super) kind: EventKind,
    /// A line of a list, of which more may wait to be taken up.
    listed: bool,
}

/// The machine's side of its connection: what it puts in is written and told in that order.
pub struct Wire {
    service: Service,
    out: VecDeque<Outgoing>,
    waiting: usize,
    closing: Option<Ending>,
    /// What the last frame from the client stands behind.
    before: Behind,
    /// What the next one will stand behind.
    after: Behind,
    /// When the client's last frame had come.
    heard_at: Timestamp,
    /// Whether what is put in now is of a list.
    lists: bool,
    pub(super) happened: VecDeque<Happened>,
    sink: ConnectionSink,
    passing: Passing,
}

impl Wire {
    pub(super) fn new(service: Service, sink: ConnectionSink) -> Self {
        Self {
            service,
            out: VecDeque::new(),
            waiting: 0,
            closing: None,
            before: Behind::default(),
            after: Behind::default(),
            heard_at: Timestamp::default(),
            lists: false,
            happened: VecDeque::new(),
            sink,
            passing: Passing::default(),
        }
    }

    /// Something was put quietly into this mailbox: it is passed on, or its connection woken, when what has happened is told.
    pub fn passes_to(&mut self, mailbox: Arc<dyn Passes>) {
        self.passing.add(mailbox);
    }

    /// Passes on what was put into others' mailboxes, behind what has happened here. Where that cannot be told at once the
    /// others are woken instead: nobody waits for whoever takes the events. So they are where more has come (`more`): then
    /// each of them writes several frames at once.
    pub(super) fn pass_on(&mut self, more: bool) {
        if self.passing.is_empty() {
            return;
        }
        if more {
            return self.passing.wake();
        }
        while let Some(first) = self.happened.front() {
            let length = first.kind.length();
            let room = self.sink.room_at_once(length).filter(|_| length < LONG);
            let Some((room, first)) = room.zip(self.happened.pop_front()) else {
                return self.passing.wake();
            };
            self.sink.tell_in(room, first.time, first.kind);
        }
        self.passing.pass_on();
    }

    /// The share of the events, for whoever writes while the connection rests.
    pub(super) fn share(&self) -> &ConnectionSink {
        &self.sink
    }

    /// A frame of which somebody else has written so many bytes is finished here.
    pub(super) fn finish(&mut self, frame: Frame, written: usize) {
        let left = frame.wire().slice(written..);
        self.waiting += left.len();
        self.out.push_front(Outgoing {
            left,
            frame,
            injected: false,
            listed: false,
        });
    }

    /// Sends a frame, or several in one.
    pub fn send(&mut self, frame: Frame) {
        self.put(frame, false);
    }

    /// Sends what the operator wrote.
    pub fn inject(&mut self, bytes: Bytes) {
        self.put(Frame::from_wire(bytes), true);
    }

    /// Tells of something, behind all that has happened before.
    pub fn tell(&mut self, kind: EventKind) {
        self.happens(kind, false);
    }

    fn happens(&mut self, kind: EventKind, listed: bool) {
        let time = self.now();
        self.happened.push_back(Happened { time, kind, listed });
    }

    /// Whether what is put in from here on is of a list that is sent as the socket drains.
    pub(super) fn lists(&mut self, lists: bool) {
        self.lists = lists;
    }

    /// Closes the connection once all that waits is written. The first ending stays.
    pub fn close(&mut self, ending: Ending) {
        self.closing.get_or_insert(ending);
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.sink.clock().now()
    }

    /// The connection.
    pub fn id(&self) -> ConnectionId {
        self.sink.id()
    }

    /// Whose connection it is, from here on: what is not yet told is told as this client's too.
    pub fn belongs_to(&mut self, client: ClientId) {
        self.sink = self.sink.of(Some(client));
    }

    fn put(&mut self, frame: Frame, injected: bool) {
        self.waiting += frame.wire().len();
        self.out.push_back(Outgoing {
            left: frame.wire().clone(),
            frame,
            injected,
            listed: self.lists,
        });
    }

    /// How many bytes wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether more may be put in that is not yet needed.
    pub(super) fn has_room(&self) -> bool {
        self.waiting < AHEAD && self.out.len() < AT_ONCE
    }

    pub(super) fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    pub(super) fn closed(&mut self) -> Option<Ending> {
        self.closing.take()
    }

    /// Drops what waits. A frame that is written in part stays, unless `whole` is set: it must be finished before a
    /// farewell can be read.
    pub(super) fn give_way(&mut self, whole: bool) {
        if whole {
            self.out.clear();
        } else {
            self.out.retain(|o| o.left.len() < o.frame.wire().len());
        }
    }

    /// What can be written now.
    pub(super) fn slices(&self) -> Vec<IoSlice<'_>> {
        let first = self.out.iter().take(AT_ONCE);
        first.map(|o| IoSlice::new(&o.left)).collect()
    }

    /// This many bytes were written. A frame has happened when its last byte is written.
    pub(super) fn wrote(&mut self, mut written: usize) {
        self.waiting = self.waiting.saturating_sub(written);
        while let Some(first) = self.out.front_mut() {
            let part = written.min(first.left.len());
            first.left.advance(part);
            written -= part;
            if !first.left.is_empty() {
                return;
            }
            if let Some(done) = self.out.pop_front() {
                let frame = EventKind::Frame(FrameEvent {
                    service: self.service,
                    direction: Direction::Out,
                    secrets: secrets(Direction::Out, &done.frame),
                    frame: done.frame,
                    injected: done.injected,
                });
                self.happens(frame, done.listed);
            }
            if written == 0 && self.out.front().is_none_or(|next| !next.left.is_empty()) {
                return;
            }
        }
    }

    /// The client sent this. What is found in it is told behind it, before anything else that it sends.
    pub(super) fn heard(&mut self, frame: Frame) {
        // An empty line may be the rest of a payload.
        if !frame.line().is_empty() {
            self.before = std::mem::replace(&mut self.after, Behind::of(&frame));
            self.heard_at = self.now();
        }
        let secrets = secrets(Direction::In, &frame);
        self.heard_with(frame, secrets);
    }

    /// The same, where it is known what is secret.
    pub(super) fn heard_with(&mut self, frame: Frame, secrets: Secrets) {
        self.tell(EventKind::Frame(FrameEvent {
            service: self.service,
            direction: Direction::In,
            secrets,
            frame,
            injected: false,
        }));
    }

    /// The client sends something, and nothing of it was there before. After a while it is no rest of the payload before it.
    pub(super) fn comes_anew(&mut self) {
        if self.now().since(self.heard_at) > AT_ONE_TIME {
            self.after = Behind::default();
        }
    }

    /// What the client's last command stands behind.
    pub fn behind(&self) -> Behind {
        self.before
    }

    /// What the next command will stand behind.
    pub(super) fn next_behind(&self) -> Behind {
        self.after
    }

    /// Tells what has happened, when there is room for it; a long event, which is searched for secrets, in its turn.
    /// Given up half way, nothing is lost: the rest is told next time.
    pub(super) async fn tell_all(&mut self, turns: &Turns) {
        while let Some(first) = self.happened.front() {
            let length = first.kind.length();
            let room = if first.listed {
                self.sink.room_of_list(length).await
            } else {
                self.sink.room_of(length).await
            };
            let turn = turns.take(length).await;
            if let Some(first) = self.happened.pop_front() {
                turn.work(|| self.sink.tell_in(room, first.time, first.kind));
            }
        }
    }
}

/// Where tickets and tokens stand in a frame.
pub(super) fn secrets(direction: Direction, frame: &Frame) -> Secrets {
    ranges(dictionary::secrets(direction, frame.line()))
}

/// Ranges of bytes as an event has them.
pub(super) fn ranges(of: impl IntoIterator<Item = Range<usize>>) -> Secrets {
    let narrow = |range: Range<usize>| range.start as u32..range.end as u32;
    Secrets(of.into_iter().map(narrow).collect())
}
