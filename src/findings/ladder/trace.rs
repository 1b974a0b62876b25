//! What went to and fro, and the sequence diagram of it: a lane each for the client, the notification
//! service, Passport and SOAP.

use super::digest::shown;
use crate::event::{FrameEvent, HttpExchange, Timestamp};
use crate::msnp::Direction;
use std::collections::VecDeque;
use unicode_width::UnicodeWidthChar as _;

/// The most messages that are kept of a client; its first ones are what a sign-in is made of.
const MAX_MESSAGES: usize = 96;
/// The longest text of a message, in bytes.
const MAX_TEXT: usize = 72;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub time: Timestamp,
    /// With whom.
    pub lane: Lane,
    /// In is from the client.
    pub direction: Direction,
    /// What, masked and bounded.
    pub text: String,
    /// The event it came from.
    pub event: u64,
}

/// The messages of one client, the first of them.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    messages: VecDeque<Message>,
    left_out: u64,
}

impl Trace {
    /// The messages that were kept.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = &Message> {
        self.messages.iter()
    }

    pub(super) fn frame(&mut self, frame: &FrameEvent, lane: Lane, time: Timestamp, event: u64) {
        if self.messages.len() >= MAX_MESSAGES {
            self.left_out += 1;
            return;
        }
        let wire = frame.frame.wire();
        let line = frame.secrets.mask(wire, 0, frame.frame.line().len(), false);
        let mut text = shown(&line[..line.len().min(MAX_TEXT)]);
        if line.len() > MAX_TEXT {
            text.push('…');
        }
        if frame.injected {
            text.push_str(" (injected)");
        }
        self.put(Message {
            time,
            lane,
            direction: frame.direction,
            text,
            event,
        });
    }

    pub(super) fn exchange(
        &mut self,
        lane: Lane,
        exchange: &HttpExchange,
        detail: &str,
        time: Timestamp,
        event: u64,
    ) {
        let message = |direction, text| Message {
            time,
            lane,
            direction,
            text,
            event,
        };
        let method = shown(&exchange.method.as_bytes()[..exchange.method.len().min(16)]);
        self.put(message(
            Direction::In,
            format!("{method} {}", shown(exchange.action.as_bytes())),
        ));
        self.put(message(
            Direction::Out,
            format!("{} {detail}", exchange.status),
        ));
    }

    /// Something that is no message of its own: a handshake.
    pub(super) fn said(&mut self, lane: Lane, text: String, time: Timestamp, event: u64) {
        self.put(Message {
            time,
            lane,
            direction: Direction::In,
            text,
            event,
        });
    }

    fn put(&mut self, message: Message) {
        if self.messages.len() < MAX_MESSAGES {
            self.messages.push_back(message);
        } else {
            self.left_out += 1;
        }
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
        let first = self.messages.front().map_or(Timestamp(0), |m| m.time);
        for message in &self.messages {
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
            grid.text(3, &format!(" {} ", message.text), end.saturating_sub(2));
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

    fn message(lane: Lane, direction: Direction, text: &str) -> Message {
        Message {
            time: Timestamp(1_000_000),
            lane,
            direction,
            text: text.into(),
            event: 1,
        }
    }

    #[test]
    fn the_diagram_has_a_lane_each_and_an_arrow_each_way() {
        let mut trace = Trace::default();
        trace.put(message(Lane::Notification, Direction::In, "VER 1 MSNP16"));
        trace.put(message(Lane::Soap, Direction::Out, "200 9 contacts"));
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
            trace.put(message(Lane::Passport, Direction::In, &text));
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
