//! What a secret looks like: the forms of a password for which the finder has a pattern each, where a ticket ends, a
//! cookie, a whole word.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::ops::Range;

/// Every form of a password that is no decoding of what is written: the bytes of it in the character sets of the time, in
/// base64, in other capitals. One that is no UTF-8 is taken as it is.
pub(super) fn forms(password: &[u8], patterns: &mut Vec<Vec<u8>>) {
    let Ok(text) = std::str::from_utf8(password) else {
        in_base64(password, patterns);
        return patterns.push(password.to_vec());
    };
    let utf16 = text.encode_utf16();
    let little: Vec<u8> = utf16.clone().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = utf16.flat_map(u16::to_be_bytes).collect();
    for bytes in [password, &little, &big] {
        in_base64(bytes, patterns);
    }
    patterns.push(password.to_vec());
    if !text.chars().all(char::is_alphabetic) {
        patterns.extend(capitals(text));
    }
    if !text.is_ascii() {
        patterns.extend([little, big]);
        // ISO 8859-1, as far as it reaches.
        let latin = text.chars().map(|c| u8::try_from(u32::from(c)));
        patterns.extend(latin.collect::<Result<Vec<u8>, _>>());
    }
}

/// The same in other capitals where it has letters alone: it may be a word of others, so it is hidden as a whole word only.
pub(super) fn words(password: &[u8]) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(password).unwrap_or_default();
    let is_word = text.chars().all(char::is_alphabetic);
    if is_word {
        capitals(text)
    } else {
        Default::default()
    }
}

/// A password in small letters, in capitals, with the capitals of Caps Lock, and as a word begins a sentence.
fn capitals(password: &str) -> Vec<Vec<u8>> {
    let turned = |c: char| match c.is_lowercase() {
        true => c.to_uppercase().to_string(),
        false => c.to_lowercase().to_string(),
    };
    let small = password.to_lowercase();
    let mut letters = small.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut all = vec![
        first.chain(letters).collect(),
        password.chars().map(turned).collect(),
        password.to_uppercase(),
        small,
    ];
    all.sort_unstable();
    all.dedup();
    all.retain(|form| form != password);
    all.into_iter().map(String::into_bytes).collect()
}

/// A password in hexadecimal digits, of which the beginning may stand where a text is cut.
pub(super) fn digits(password: &[u8]) -> [Vec<u8>; 2] {
    let digits: String = password.iter().map(|b| format!("{b:02x}")).collect();
    [digits.to_ascii_uppercase(), digits].map(String::into_bytes)
}

/// The letters of a secret in base64 that do not depend on what stands before and behind it, for each of the three
/// offsets at which it can begin.
pub(super) fn in_base64(text: &[u8], patterns: &mut Vec<Vec<u8>>) {
    for before in 0..3 {
        let bytes = [&vec![0; before], text].concat();
        let letters = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            let form = encoded.as_bytes()[letters.clone()].to_vec();
            if !patterns.contains(&form) {
                patterns.push(form);
            }
        }
    }
}

/// Where cookies of conversations stand: three numbers with points between them, the seconds since 1970 first.
pub(super) fn cookies(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    const SECONDS: usize = 10;
    const RANDOM: usize = 6;
    memchr::memchr_iter(b'.', bytes).filter_map(|point| {
        let digits = |from: usize| {
            let digits = bytes.get(from..)?.iter().take_while(|b| b.is_ascii_digit());
            Some(digits.count())
        };
        let before = bytes[..point].iter().rev().take(SECONDS + 1);
        let seconds = before.take_while(|b| b.is_ascii_digit()).count();
        let number = (seconds == SECONDS).then(|| digits(point + 1)).flatten()?;
        let second = point + 1 + number;
        let is_point = number > 0 && bytes.get(second) == Some(&b'.');
        let random = is_point.then(|| digits(second + 1)).flatten()?;
        (random >= RANDOM).then_some(point - seconds..second + 1 + random)
    })
}

/// Whether no letter stands beside it, and nothing that makes it a part of an account, a path or a type.
pub(super) fn is_word(bytes: &[u8], range: &Range<usize>) -> bool {
    let ends = |byte: Option<&u8>| {
        byte.is_none_or(|byte| {
            byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"@./-_:#".contains(byte)
        })
    };
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    ends(before) && ends(bytes.get(range.end))
}

/// Where a ticket ends whose beginning was found: behind its last letter, even where its lines are folded.
pub(super) fn end_of_ticket(bytes: &[u8], from: usize) -> usize {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"-_+/".contains(b);
    let mut end = from;
    loop {
        end += bytes[end..].iter().take_while(|b| is_letter(b)).count();
        let rest = &bytes[end..];
        let Some(folded) = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.strip_prefix(b"\n"))
        else {
            return end;
        };
        let blanks = folded
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        if blanks == 0 || !folded.get(blanks).is_some_and(is_letter) {
            return end;
        }
        end = bytes.len() - folded.len() + blanks;
    }
}
