//! Any event as one line of text.

use super::{Event, EventKind};
use crate::msnp::escape;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// Bytes of the longest text that is kept for an event that is no frame. The event itself stays whole.
const MAX_TEXT: usize = 16 * 1024;

/// Any event as one line for the screen: escaped, and with secrets masked unless `show_secrets` is set. A frame is shown
/// without its payload.
pub fn line_of(event: &Event, show_secrets: bool) -> String {
    if let EventKind::Frame(told) = &event.kind {
        let wire = told.frame.wire();
        let end = told.frame.line().len();
        return escape::to_screen(&told.secrets.mask(wire, 0, end, show_secrets));
    }
    let mut text = String::new();
    event_text(event, &mut text);
    // Texts that quote bytes have escaped them already.
    escape::safe(&text)
}

/// Replaces `text` by the text that the journal keeps for an event, with secrets masked and not escaped. It is empty
/// for a frame, whose wire bytes are kept.
pub(crate) fn event_text(event: &Event, text: &mut String) {
    text.clear();
    // Writing to a text cannot fail.
    let _ = event.kind.tell(text);
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text.shrink_to(MAX_TEXT);
}

/// A duration such as `0.4 ms`, `12 ms`, `3.1 s`.
pub(super) fn write_duration(duration: Duration, out: &mut String) -> fmt::Result {
    let micros = duration.as_micros();
    // Rounded by hand: it is a part of every handshake and request.
    let tenths = |all: u128, unit: u128| (all * 10 + unit / 2) / unit;
    if micros < 9_950 {
        let tenths = tenths(micros, 1_000);
        write!(out, "{}.{} ms", tenths / 10, tenths % 10)
    } else if micros < 999_500 {
        write!(out, "{} ms", (micros + 500) / 1_000)
    } else {
        let tenths = tenths(micros, 1_000_000);
        write!(out, "{}.{} s", tenths / 10, tenths % 10)
    }
}
