//! What a client prints of frames and headers: secrets masked, nothing unsafe for a screen.

use crate::msnp::escape::to_screen;
use crate::msnp::{Direction, Frame, dictionary};
use std::borrow::Cow;

/// A frame as one line: `LINE` or `LINE + PAYLOAD`, ticket masked.
pub(super) fn shown(direction: Direction, frame: &Frame) -> String {
    let mut text = masked(direction, frame.line());
    if let Some(payload) = frame.payload() {
        text.push_str(" + ");
        text.push_str(&to_screen(&without_ticket(payload)));
    }
    text
}

/// A payload with the ticket masked that the profile message holds.
fn without_ticket(payload: &[u8]) -> Cow<'_, [u8]> {
    const FIELD: &[u8] = b"MSPAuth:";
    let Some(at) = payload
        .windows(FIELD.len())
        .position(|window| window.eq_ignore_ascii_case(FIELD))
    else {
        return Cow::Borrowed(payload);
    };
    let (before, secret) = payload.split_at(at + FIELD.len());
    let end = memchr::memchr(b'\n', secret).map_or(secret.len(), |end| end - usize::from(end > 0));
    Cow::Owned([before, b" ***", &secret[end..]].concat())
}

/// A line with its secrets masked, safe on a screen. [`Direction::In`] is what the client says.
pub(super) fn masked(direction: Direction, line: &[u8]) -> String {
    dictionary::quoted(direction, line, usize::MAX)
}

/// A Passport field list (`Authorization`, `Authentication-Info`) with password and ticket masked. A quoted value may
/// hold commas and ends at the last such mark; an open one is secret to the end.
pub(super) fn masked_fields(value: &str) -> String {
    let small = value.to_ascii_lowercase();
    let mut out = String::with_capacity(value.len());
    let mut at = 0;
    while let Some(from) = ["from-pp=", "pwd="]
        .iter()
        .filter_map(|name| small[at..].find(name).map(|found| at + found + name.len()))
        .min()
    {
        out.push_str(&value[at..from]);
        out.push('…');
        let secret = &value[from..];
        let end = match secret.strip_prefix('\'') {
            Some(quoted) => quoted.rfind('\'').map(|end| end + 2),
            None => secret.find(','),
        };
        at = end.map_or(value.len(), |end| from + end);
    }
    out.push_str(&value[at..]);
    out
}
