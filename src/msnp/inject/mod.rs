//! What an operator types, as the bytes that go to a client (rule 3 of the console).
//!
//! The first line is the command; what follows the first line break is its payload. `\r`, `\n`, `\xHH` and `\\`
//! stand for bytes. [`checked`] adds the CR LF, fills in the length for `*`, and refuses what is wrong by the
//! [dictionary]; [`unchecked`] sends exactly what is written.

mod complete;
mod frames;
mod framing;
mod templates;

pub use super::dictionary::{Problem, Wrong};
pub use complete::{Completion, complete};
pub use frames::frames;
pub use framing::breaks;
pub use templates::{Values, template};

use super::dictionary::{self, short};
use super::escape::{is_unsafe_on_screen, unescape};
use super::line::{MAX_LINE, MAX_PAYLOAD, tokens};
use super::{Direction, Shape, errors};
use bytes::Bytes;
use std::fmt::Write as _;

/// A command that may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The whole frame.
    pub wire: Bytes,
    /// What is odd about it. It is sent all the same: a verb or form of another dialect, a value that is in no table.
    pub warnings: Vec<Problem>,
}

/// Exactly the bytes that the text stands for.
pub fn unchecked(text: &str) -> Bytes {
    unescape(text).into()
}

/// The frame that the text stands for, in either direction and with all that is wrong with it: the CR LF after the line and the
/// length for `*` are filled in, and nothing is checked.
pub fn filled(text: &str) -> Bytes {
    let bytes = unescape(text);
    let (line, payload) = match memchr::memchr(b'\n', &bytes) {
        Some(at) => (
            bytes[..at].strip_suffix(b"\r").unwrap_or(&bytes[..at]),
            &bytes[at + 1..],
        ),
        None => (bytes.strip_suffix(b"\r").unwrap_or(&bytes[..]), &[][..]),
    };
    let (line, _) = fill_length(line, payload.len());
    [&line[..], b"\r\n", payload].concat().into()
}

/// The frame that the text stands for, as the service would send it to a client of this shape (any shape's, where
/// none is given).
///
/// # Errors
/// Everything that is wrong with it: a verb that no server sends, the count of parameters, a parameter
/// that is not percent-encoded or no number, a placeholder left, a length that is not the payload's, a
/// payload too many or missing, a line too long. [`unchecked`] is there for those.
pub fn checked(text: &str, shape: Option<Shape>) -> Result<Checked, Vec<Problem>> {
    let bytes = unescape(text);
    let (line, payload) = match memchr::memchr(b'\n', &bytes) {
        Some(at) => (
            bytes[..at].strip_suffix(b"\r").unwrap_or(&bytes[..at]),
            Some(&bytes[at + 1..]),
        ),
        None => (bytes.strip_suffix(b"\r").unwrap_or(&bytes[..]), None),
    };
    let there = payload.map_or(0, <[u8]>::len);
    let (line, filled) = fill_length(line, there);
    let mut found = Vec::new();
    if filled && there == 0 {
        let text = "the payload is missing: it follows a line break (write 0 for an empty one)";
        found.push(problem(Wrong::Payload, None, text));
    }
    if let Some(problem) = refused_whole(&line, payload) {
        return Err(vec![problem]);
    }
    placeholders(&line, &mut found);
    found.extend(dictionary::check_shape(Direction::Out, shape, &line));
    code(&line, &mut found);
    if !found.iter().any(|problem| problem.wrong == Wrong::Verb) {
        length(&line, payload, &mut found);
    }
    let (warnings, errors): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|problem| matches!(problem.wrong, Wrong::Dialect | Wrong::Value));
    if errors.is_empty() {
        let wire = [&line[..], b"\r\n", payload.unwrap_or_default()].concat();
        Ok(Checked {
            wire: wire.into(),
            warnings,
        })
    } else {
        Err(errors.into_iter().chain(warnings).collect())
    }
}

/// A line of the transcript as text to edit: both [`checked`] and [`unchecked`] give its bytes back, the CR LF
/// included. It is safe in an editor; a real line break stands before the payload and nowhere else.
pub fn load(line: &[u8], payload: Option<&[u8]>) -> String {
    let mut text = editable(line);
    match payload {
        Some(payload) if !payload.is_empty() => {
            text.push_str("\\r\n");
            text.push_str(&editable(payload));
        }
        _ => text.push_str("\\r\\n"),
    }
    text
}

/// Whole wire bytes as text to edit, on one line, from which [`unchecked`] gives exactly them back.
pub fn load_wire(wire: &[u8]) -> String {
    editable(wire)
}

/// Bytes as text that [`unescape`] gives back, with nothing in it that is unsafe on a screen.
fn editable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let hex = |out: &mut String, bytes: &[u8]| {
        for byte in bytes {
            let _ = write!(out, "\\x{byte:02X}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\r' => out.push_str("\\r"),
                '\n' => out.push_str("\\n"),
                c if is_unsafe_on_screen(c) => hex(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()),
                c => out.push(c),
            }
        }
        hex(&mut out, chunk.invalid());
    }
    out
}

/// The line with its payload's length in place of a `*` at its end, and whether there was one.
fn fill_length(line: &[u8], length: usize) -> (Vec<u8>, bool) {
    let trimmed = line.trim_ascii_end();
    match trimmed.strip_suffix(b" *") {
        Some(rest) => ([rest, b" ", length.to_string().as_bytes()].concat(), true),
        None => (line.to_vec(), false),
    }
}

fn problem(wrong: Wrong, token: Option<usize>, text: impl Into<String>) -> Problem {
    Problem {
        wrong,
        token,
        text: text.into(),
    }
}

/// A mistake after which looking further is useless.
fn refused_whole(line: &[u8], payload: Option<&[u8]>) -> Option<Problem> {
    if tokens(line).next().is_none() {
        return Some(problem(Wrong::Verb, None, "there is no command"));
    }
    if line.len() > MAX_LINE {
        let text = format!(
            "the line has {} bytes, at most {MAX_LINE} are taken",
            line.len()
        );
        return Some(problem(Wrong::Line, None, text));
    }
    let length = payload.map_or(0, <[u8]>::len);
    if length > MAX_PAYLOAD {
        let text = format!("the payload has {length} bytes, at most {MAX_PAYLOAD} are taken");
        return Some(problem(Wrong::Payload, None, text));
    }
    None
}

/// A template's placeholders, such as `<account>`, are not sent.
fn placeholders(line: &[u8], found: &mut Vec<Problem>) {
    for (at, token) in tokens(line).enumerate().skip(1) {
        let inner = token.strip_prefix(b"<").and_then(|t| t.strip_suffix(b">"));
        if inner.is_some_and(|inner| !inner.ends_with(b"/")) {
            let text = format!("{} is still to be filled in", short(token));
            found.push(problem(Wrong::Encoding, Some(at), text));
        }
    }
}

fn code(line: &[u8], found: &mut Vec<Problem>) {
    let verb = tokens(line).next().unwrap_or_default();
    if verb.len() == 3 && verb.iter().all(u8::is_ascii_digit) && errors::find(verb).is_none() {
        let text = format!("{} is not an error code of the tables", short(verb));
        found.push(problem(Wrong::Value, Some(0), text));
    }
}

fn length(line: &[u8], payload: Option<&[u8]>, found: &mut Vec<Problem>) {
    let there = payload.map_or(0, <[u8]>::len);
    let last = tokens(line).count().saturating_sub(1);
    match dictionary::payload_length(Direction::Out, line) {
        Ok(None) if there > 0 => {
            let verb = tokens(line).next().unwrap_or_default();
            let text = format!(
                "{} has no payload here, and {there} bytes follow",
                short(verb)
            );
            found.push(problem(Wrong::Payload, None, text));
        }
        Ok(Some(length)) if payload.is_none() && length > 0 => {
            let text = format!("a payload of {length} bytes is missing: it follows a line break");
            found.push(problem(Wrong::Payload, Some(last), text));
        }
        Ok(Some(length)) if length != there => {
            let text = format!(
                "the length says {length}, the payload has {there} bytes (write * to have it filled in)"
            );
            found.push(problem(Wrong::Length, Some(last), text));
        }
        Err(bad) => {
            let known = |p: &Problem| matches!(p.wrong, Wrong::Length | Wrong::Few | Wrong::Many);
            if !found.iter().any(known) {
                let text = format!("payload length {:?} {}", short(bad.token), bad.reason);
                found.push(problem(Wrong::Length, Some(last), text));
            }
        }
        Ok(_) => {}
    }
}

#[cfg(test)]
mod tests;
