//! The verb dictionary (provisional).

use super::frame::{MAX_PAYLOAD, tokens};
use super::{Dialect, Direction};

/// A length token that cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLength<'a> {
    /// The token, empty if it is missing.
    pub token: &'a [u8],
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The length of the payload that follows `line`, or `None` if it has none.
///
/// # Errors
/// [`BadLength`] when the verb has a payload and its length cannot be read.
pub fn payload_length<'a>(
    direction: Direction,
    _dialect: Option<Dialect>,
    line: &'a [u8],
) -> Result<Option<usize>, BadLength<'a>> {
    let mut tokens = tokens(line);
    let verb = tokens.next().unwrap_or_default();
    let least = match (direction, verb) {
        (
            Direction::In,
            b"UUX" | b"ADL" | b"RML" | b"FQY" | b"QRY" | b"UUN" | b"UUM" | b"SDC" | b"PAG" | b"PGD"
            | b"MSG",
        ) => 2,
        (Direction::Out, b"MSG" | b"UBX" | b"UBN" | b"UBM" | b"NOT" | b"IPG" | b"GCF" | b"FQY") => {
            1
        }
        (Direction::Out, b"ADL" | b"RML") if line.get(4..6) == Some(b"0 ") => 2,
        _ => return Ok(None),
    };
    let rest: Vec<&[u8]> = tokens.collect();
    let token = if rest.len() < least {
        &[][..]
    } else {
        rest[rest.len() - 1]
    };
    parse_length(token).map(Some)
}

/// Reads a length: plain decimal digits, at most [`MAX_PAYLOAD`].
///
/// # Errors
/// [`BadLength`] otherwise.
pub fn parse_length(token: &[u8]) -> Result<usize, BadLength<'_>> {
    let bad = |reason| Err(BadLength { token, reason });
    if token.is_empty() {
        return bad("is missing");
    }
    if !token.iter().all(u8::is_ascii_digit) {
        return bad("is not a plain decimal number");
    }
    match std::str::from_utf8(token)
        .ok()
        .and_then(|t| t.parse::<usize>().ok())
    {
        Some(length) if length <= MAX_PAYLOAD => Ok(length),
        _ => bad("is more than 65536 bytes"),
    }
}
