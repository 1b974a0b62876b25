//! What is told of a frame.

use super::table::{Bad, Form, Is, Kept, Sink, Source, Texts, Told};
use super::table::{read_secrets, show_bytes, write_secrets};
use super::{Secrets, Service};
use crate::msnp::{Direction, Frame};
use serde::Serializer;
use std::fmt;

/// A frame of the notification service or of the switchboard. An outgoing one has been written when this is told.
#[derive(Debug, Clone)]
pub struct FrameEvent {
    /// On which kind of connection.
    pub service: Service,
    /// Which way.
    pub direction: Direction,
    /// Its bytes.
    pub frame: Frame,
    /// Which of them are secret.
    pub secrets: Secrets,
    /// Whether the operator put it in.
    pub injected: bool,
}

fields! {
    for FrameEvent, |event| {
        /// `in`: from the client; `out`: to the client.
        shown direction: Direction = event.direction,
        /// The line, without its end.
        shown line: Part<'_> = Part { event, from: 0, to: event.frame.line().len() },
        /// The payload, where there is one.
        shown payload: Option<Part<'_>> = event.payload(),
        /// Whether the operator sent it.
        shown injected: bool = event.injected,
        /// On which kind of connection: `notification` or `switchboard`.
        shown service: Service = event.service,
    }
}

/// A part of a frame's bytes, as text.
struct Part<'a> {
    event: &'a FrameEvent,
    from: usize,
    to: usize,
}

impl<'a> Form for Part<'a> {
    type Of = Part<'a>;
    const IS: Is = Is::Text;

    fn show<S: Serializer>(part: &Part<'a>, secrets: bool, to: S) -> Result<S::Ok, S::Error> {
        let wire = part.event.frame.wire();
        let masked = &part.event.secrets;
        show_bytes(&masked.mask(wire, part.from, part.to, secrets), to)
    }
}

/// Bits of a recorded frame.
mod flag {
    pub const OUT: u8 = 1;
    pub const INJECTED: u8 = 2;
    pub const PAYLOAD: u8 = 4;
    /// The frame is of the switchboard.
    pub const SWITCHBOARD: u8 = 8;
}

impl Kept for FrameEvent {
    type Of = Self;
    const LEAST: usize = 9;

    fn write(event: &Self, to: &mut impl Sink) {
        let bit = |flag, is| if is { flag } else { 0 };
        to.u8(bit(flag::OUT, event.direction == Direction::Out)
            | bit(flag::INJECTED, event.injected)
            | bit(flag::PAYLOAD, event.frame.payload_at().is_some())
            | bit(flag::SWITCHBOARD, event.service == Service::Switchboard));
        let wire = event.frame.wire();
        to.bytes(wire);
        write_secrets(&event.secrets, wire.len(), to);
    }

    fn read(from: &mut impl Source) -> Result<Self, Bad> {
        let flags = from.u8()?;
        let has = |flag| flags & flag != 0;
        if has(!(flag::OUT | flag::INJECTED | flag::PAYLOAD | flag::SWITCHBOARD)) {
            return Err("flags of a frame that are not known");
        }
        let wire = from.wire()?;
        let secrets = read_secrets(wire.len(), from)?;
        let frame = Frame::from_wire(wire);
        let frame = match (has(flag::PAYLOAD), frame.payload_at()) {
            (true, None) => frame
                .with_empty_payload()
                .ok_or("a payload without a line")?,
            (false, Some(_)) => return Err("a payload where there is none"),
            _ => frame,
        };
        Ok(Self {
            service: if has(flag::SWITCHBOARD) {
                Service::Switchboard
            } else {
                Service::Notification
            },
            direction: if has(flag::OUT) {
                Direction::Out
            } else {
                Direction::In
            },
            frame,
            secrets,
            injected: has(flag::INJECTED),
        })
    }

    fn texts(event: &mut Self, each: &mut impl Texts) {
        each.bytes(event.frame.wire(), &mut event.secrets);
    }
}

/// A frame's line is its bytes, which are kept as they are.
impl Told for FrameEvent {
    fn tell(&self, _: &mut String) -> fmt::Result {
        Ok(())
    }
}

impl FrameEvent {
    fn payload(&self) -> Option<Part<'_>> {
        self.frame.payload_at().map(|from| Part {
            event: self,
            from,
            to: self.frame.wire().len(),
        })
    }

    /// The frame with its secret words and bytes masked; it has as many of them as before. It is for whoever judges a frame
    /// and makes sentences about it. `None` where nothing is secret.
    pub(crate) fn veiled(&self) -> Option<Self> {
        if self.secrets.0.is_empty() {
            return None;
        }
        let (line, wire) = (self.frame.line(), self.frame.wire());
        let mut veiled = self.secrets.veil(line).into_owned();
        let behind = veiled.len();
        veiled.extend_from_slice(&wire[line.len()..]);
        for range in &self.secrets.0 {
            let place = |at: u32| (at as usize).max(line.len()) - line.len() + behind;
            veiled[place(range.start)..place(range.end)].fill(b'*');
        }
        let frame = Frame::from_wire(veiled.into());
        let frame = match self.frame.payload() {
            Some([]) => frame.with_empty_payload()?,
            _ => frame,
        };
        Some(Self {
            service: self.service,
            direction: self.direction,
            frame,
            secrets: Secrets::default(),
            injected: self.injected,
        })
    }
}
