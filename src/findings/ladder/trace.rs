//! What went to and fro, and the sequence diagram of it: a lane each for the client, the notification
//! service, Passport and SOAP.

use super::digest::put_shown;
use crate::event::{EventId, FrameEvent, HttpExchange, Timestamp};
use crate::msnp::Direction;
use crate::msnp::escape::put_on_screen;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// The most messages that are kept of a client; its first ones are what a sign-in is made of.
const MAX_MESSAGES: usize = 96;
/// How many messages have room from the beginning.
const FEW: usize = 16;
/// The longest text of a message, in bytes.
const MAX_TEXT: usize = 72;
/// The longest method of a request, in bytes.
const MAX_METHOD: usize = 16;
/// The narrowest diagram, in columns.
const NARROWEST: usize = 40;

/// A lane other than the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The notification service.
    Notification,
    /// Nexus and login.
    Passport,
    /// The address book and its like.
    Soap,
}

const LANES: [&str; 4] = ["client", "notification", "Passport", "SOAP"];

/// A message between the client and a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub time: Timestamp,
    /// With whom.
    pub lane: Lane,
    /// In is from the client.
    pub direction: Direction,
    /// The event it came from.
    pub event: EventId,
    /// Where its text ends, and that of the next begins.
    end: u32,
}

/// The messages of one client, the first of them. A recording may have thousands of clients: so the texts, masked
/// and bounded each, stand in one.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    messages: Vec<Message>,
    texts: String,
    left_out: u64,
}

impl Trace {
    /// The messages that were kept.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    fn texts(&self) -> impl Iterator<Item = (&Message, &str)> {
        let mut from = 0;
        self.messages.iter().map(move |message| {
            let to = message.end as usize;
            let text = self.texts.get(from..to).unwrap_or_default();
            from = to;
            (message, text)
        })
    }

    pub(super) fn frame(
        &mut self,
        frame: &FrameEvent,
        lane: Lane,
        time: Timestamp,
        event: EventId,
    ) {
        if self.is_full() {
            return;
        }
        let wire = frame.frame.wire();
        let line = frame.secrets.mask(wire, 0, frame.frame.line().len(), false);
        put_on_screen(&line[..line.len().min(MAX_TEXT)], &mut self.texts);
        if line.len() > MAX_TEXT {
            self.texts.push('…');
        }
        if frame.injected {
            self.texts.push_str(" (injected)");
        }
        self.keep(lane, frame.direction, time, event);
    }

    pub(super) fn exchange(
        &mut self,
        lane: Lane,
        exchange: &HttpExchange,
        detail: &str,
        time: Timestamp,
        event: EventId,
    ) {
        if !self.is_full() {
            let method = exchange.method.as_bytes();
            put_shown(&method[..method.len().min(MAX_METHOD)], &mut self.texts);
            self.texts.push(' ');
            put_shown(exchange.action.name().as_bytes(), &mut self.texts);
            self.keep(lane, Direction::In, time, event);
        }
        if !self.is_full() {
            // Writing to a text cannot fail.
            let _ = write!(self.texts, "{} {detail}", exchange.status);
            self.keep(lane, Direction::Out, time, event);
        }
    }

    /// Something that is no message of its own: a handshake.
    pub(super) fn said(&mut self, lane: Lane, text: &str, time: Timestamp, event: EventId) {
        self.put(lane, Direction::In, text, time, event);
    }

    /// A handshake was for this lane: known by the request that came over it.
    pub(super) fn turns_out(&mut self, handshake: EventId, lane: Lane) {
        let mut latest = self.messages.iter_mut().rev();
        if let Some(message) = latest.find(|message| message.event == handshake) {
            message.lane = lane;
        }
    }

    /// Not many more will come.
    pub(super) fn shrink(&mut self) {
        self.messages.shrink_to_fit();
        self.texts.shrink_to_fit();
    }

    /// Whether the next message is left out. It is counted then.
    fn is_full(&mut self) -> bool {
        let full = self.messages.len() >= MAX_MESSAGES;
        self.left_out += u64::from(full);
        full
    }

    fn put(
        &mut self,
        lane: Lane,
        direction: Direction,
        text: &str,
        time: Timestamp,
        event: EventId,
    ) {
        if !self.is_full() {
            self.texts.push_str(text);
            self.keep(lane, direction, time, event);
        }
    }

    /// What was put behind the texts becomes a message.
    fn keep(&mut self, lane: Lane, direction: Direction, time: Timestamp, event: EventId) {
        if self.messages.is_empty() {
            // What a sign-in needs at least.
            self.messages.reserve(FEW);
            self.texts.reserve(FEW * MAX_TEXT / 2);
        }
        self.messages.push(Message {
            time,
            lane,
            direction,
            event,
            end: self.texts.len() as u32,
        });
    }

    /// The diagram: a line of names, then a line a message, each at most `width` columns (at least 40).
    /// Times are those since the first message.
    pub fn draw(&self, width: usize) -> Vec<String> {
        const CLOCK: usize = 10;
        let width = width.max(NARROWEST);
        // The client's lane is at the left edge of the drawing, the others at even distances from it.
        let room = width - CLOCK;
        let step = room / (LANES.len() - 1);
        let mut lines = Vec::with_capacity(self.messages.len() + 2);
        let mut names = Grid::new(room);
        for (lane, name) in LANES.iter().enumerate() {
            let at = (lane * step).min(room - 1);
            // A name ends at its lane where it would not fit behind it.
            let start = if at + name.len() > room {
                room - name.len()
            } else {
                at
            };
            names.text(start, name, room);
        }
        lines.push(format!("{:CLOCK$}{}", "", names.line()));
        let first = self.messages.first().map_or(Timestamp(0), |m| m.time);
        for (message, text) in self.texts() {
            let mut grid = Grid::new(room);
            for lane in 0..LANES.len() {
                grid.text((lane * step).min(room - 1), "│", room);
            }
            let lane = match message.lane {
                Lane::Notification => 1,
                Lane::Passport => 2,
                Lane::Soap => 3,
            };
            let end = (lane * step).min(room - 1);
            for at in 1..end {
                grid.text(at, "─", end);
            }
            match message.direction {
                Direction::In => grid.text(end.saturating_sub(1), "▶", end),
                Direction::Out => grid.text(1, "◀", end),
            }
            grid.text(3, &format!(" {text} "), end.saturating_sub(2));
            let seconds = message.time.since(first).as_secs_f64();
            lines.push(format!(
                "{:<CLOCK$}{}",
                format!("{seconds:.3}"),
                grid.line()
            ));
        }
        if self.left_out > 0 {
            lines.push(format!("{:CLOCK$}… {} more", "", self.left_out));
        }
        lines
    }
}

/// A row of cells, each a character that takes one column, or two.
struct Grid(Vec<Option<char>>);

impl Grid {
    fn new(width: usize) -> Self {
        Self(vec![Some(' '); width])
    }

    /// Puts text from this column on, up to `end`; a `…` stands for what has no room.
    fn text(&mut self, start: usize, text: &str, end: usize) {
        let end = end.min(self.0.len());
        let mut at = start;
        for c in text.chars() {
            let wide = c.width().unwrap_or(0);
            if wide == 0 {
                continue;
            }
            if at + wide > end {
                if let Some(cell) = end.checked_sub(1).filter(|last| *last >= start) {
                    // Half of a wide character cannot stand alone.
                    if self.0[cell].is_none() && cell > 0 {
                        self.0[cell - 1] = Some(' ');
                    }
                    self.0[cell] = Some('…');
                }
                return;
            }
            self.0[at] = Some(c);
            if wide == 2 {
                self.0[at + 1] = None;
            }
            at += wide;
        }
    }

    fn line(self) -> String {
        let line: String = self.0.into_iter().flatten().collect();
        line.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    const SECOND: Timestamp = Timestamp(1_000_000);

    #[test]
    fn the_diagram_has_a_lane_each_and_an_arrow_each_way() {
        let mut trace = Trace::default();
        trace.put(
            Lane::Notification,
            Direction::In,
            "VER 1 MSNP16",
            SECOND,
            EventId(1),
        );
        trace.put(
            Lane::Soap,
            Direction::Out,
            "200 9 contacts",
            SECOND,
            EventId(2),
        );
        assert_eq!(
            trace.draw(70),
            [
                "          client              notification        Passport        SOAP",
                "0.000     │── VER 1 MSNP16 ──▶│                   │                  │",
                "0.000     │◀─ 200 9 contacts ────────────────────────────────────────│",
            ]
            .map(|line| line.to_owned())
        );
    }

    #[test]
    fn no_line_is_wider_than_was_asked_whatever_the_text() {
        let mut trace = Trace::default();
        for n in 0..1000 {
            let text = [
                "名前名前名前名前名前名前",
                "e\u{301}",
                "\u{1b}[2J",
                &"x".repeat(500),
            ][n % 4]
                .to_owned();
            trace.put(
                Lane::Passport,
                Direction::In,
                &text,
                SECOND,
                EventId(n as u64),
            );
        }
        for width in [0, 40, 41, 79, 200] {
            let drawn = trace.draw(width);
            assert!(drawn.len() <= MAX_MESSAGES + 2);
            assert!(
                drawn
                    .iter()
                    .all(|line| line.width() <= width.max(NARROWEST)),
                "{width}"
            );
        }
    }
}
