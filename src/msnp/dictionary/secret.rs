//! Finds the secrets of a line: tickets, tokens, and the answers to the question of a sign-in.
//!
//! It errs on the side of hiding. A line that is cut, in small letters or with extra words is as secret as a right one.

use super::fit::{fit, slots};
use super::{Form, Kind, lookup};
use crate::msnp::Direction;
use crate::msnp::escape::to_screen;
use crate::msnp::line::tokens;
use std::ops::Range;

/// The sign that replaces a secret in a sentence.
const MASK: &str = "***";

/// The secrets of a line, as ranges of its bytes, in order and without overlap. Every exit masks them.
pub fn secrets(direction: Direction, line: &[u8]) -> Vec<Range<usize>> {
    if let Some(range) = proof(direction, line) {
        return if range.is_empty() {
            Vec::new()
        } else {
            vec![range]
        };
    }
    let words = |name: &[u8]| lookup(name, direction);
    let name = tokens(line).next().unwrap_or_default();
    let verb = words(name).or_else(|| words(&name.to_ascii_uppercase()));
    let has_secret = |form: &Form| form.parameters.iter().any(|p| p.kind == Kind::Secret);
    let placed = verb
        .filter(|verb| verb.forms.iter().any(has_secret))
        .and_then(|verb| fit(verb, direction, None, line))
        .map(|fit| slots(fit.form, line));
    let is_secret = |at: usize| {
        let mut placed = placed.iter().flatten();
        placed.any(|(parameter, place, _)| *place == at && parameter.kind == Kind::Secret)
    };
    // A ticket in a line that is wrong is as secret as in one that is right.
    tokens(line)
        .enumerate()
        .filter(|(at, token)| is_secret(*at) || is_ticket(token) || is_cookie(token))
        .map(|(_, token)| place(line, token))
        .collect()
}

/// What a client shows to prove who it is: everything behind the `S` of its `USR`, whatever the method. Empty where the
/// line is cut before that. The client's GUID at the end is no secret.
fn proof(direction: Direction, line: &[u8]) -> Option<Range<usize>> {
    let mut words = tokens(line);
    let is_usr = words.next()?.eq_ignore_ascii_case(b"USR");
    if !is_usr || direction == Direction::Out {
        return None;
    }
    // `USR 4 TWN S …`, and the same without its transaction id.
    let behind = words.take(3).find(|word| word.eq_ignore_ascii_case(b"S"))?;
    let from = place(line, behind).end;
    let rest = &line[from..];
    let last = tokens(rest).last();
    let end = match last.filter(|last| is_guid(last) && last.len() < rest.trim_ascii().len()) {
        Some(guid) => place(line, guid).start,
        None => line.len(),
    };
    Some(place(line, line[from..end].trim_ascii()))
}

/// Where a part of the line stands in it.
fn place(line: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr() as usize - line.as_ptr() as usize;
    start..start + part.len()
}

fn is_ticket(token: &[u8]) -> bool {
    token.len() > 2 && token[..2].eq_ignore_ascii_case(b"t=")
}

/// Whether this is a cookie of a conversation, in whatever place: three numbers with points between them, of which the
/// last is long.
fn is_cookie(token: &[u8]) -> bool {
    const LONG: usize = 10;
    let mut parts = token.split(|byte| *byte == b'.');
    let mut number = |least: usize| {
        parts
            .next()
            .is_some_and(|part| part.len() >= least && part.iter().all(u8::is_ascii_digit))
    };
    number(LONG) && number(1) && number(6) && parts.next().is_none()
}

fn is_guid(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    digits == 32
        && word
            .iter()
            .all(|b| b.is_ascii_hexdigit() || b"{}-".contains(b))
}

/// The first `most` bytes of a line, for a sentence that quotes it. They are safe on a screen. Secrets are masked before
/// the line is cut.
pub(crate) fn quoted(direction: Direction, line: &[u8], most: usize) -> String {
    let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
    let (mut text, mut at) = (String::new(), 0);
    let cut = line.len().min(most);
    for secret in secrets(direction, line[..end].trim_ascii_end()) {
        if secret.start >= cut {
            break;
        }
        text.push_str(&to_screen(&line[at..secret.start]));
        text.push_str(MASK);
        at = secret.end;
    }
    text.push_str(&to_screen(line.get(at..cut).unwrap_or_default()));
    if cut < line.len() {
        text.push('…');
    }
    text
}

/// A token of the line, for a sentence: safe on a screen, bounded, and masked where it is a secret or a part of one.
pub(crate) fn shown(direction: Direction, line: &[u8], token: &[u8]) -> String {
    let is_in = |secret: Range<usize>| memchr::memmem::find(&line[secret], token).is_some();
    if !token.is_empty() && secrets(direction, line).into_iter().any(is_in) {
        MASK.to_owned()
    } else {
        short(token)
    }
}

/// A token, safe on a screen and bounded.
pub(crate) fn short(token: &[u8]) -> String {
    const MOST: usize = 60;
    if token.len() <= MOST {
        to_screen(token)
    } else {
        format!("{}…", to_screen(&token[..MOST]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{In, Out};

    fn shown(direction: Direction, line: &str) -> String {
        quoted(direction, line.as_bytes(), usize::MAX)
    }

    #[test]
    fn a_cookie_is_hidden_in_whatever_place_it_stands() {
        let line = "ANS 1 me@local 1 1795965771.1.5532974215775929854";
        assert_eq!(shown(In, line), "ANS 1 me@local *** ***");
        assert_eq!(
            shown(In, "CVR 1 8.5.1302 127.0.0.1"),
            "CVR 1 8.5.1302 127.0.0.1"
        );
    }

    #[test]
    fn everything_that_proves_who_signs_in_is_hidden() {
        for (line, wanted) in [
            ("USR 4 TWN S t=hush&p=", "USR 4 TWN S ***"),
            ("USR 4 TWN S t=hush&p= hush hush", "USR 4 TWN S ***"),
            ("USR 4 TWN S  t=hush  hush ", "USR 4 TWN S  *** "),
            ("usr 4 twn s t=hush", "usr 4 twn s ***"),
            (
                "USR 4 SSO S t=hush&p= aHVzaA== {235411CB-7823-4A46-8FEB-6F1BCCCA43FD}",
                "USR 4 SSO S *** {235411CB-7823-4A46-8FEB-6F1BCCCA43FD}",
            ),
            (
                "USR 4 TWN S 235411cb78234a468feb6f1bccca43fd",
                "USR 4 TWN S ***",
            ),
            ("USR 3 MD5 S hush", "USR 3 MD5 S ***"),
            ("USR TWN S t=hush", "USR TWN S ***"),
            ("USR 1 me@local 17262740.hush", "USR 1 me@local ***"),
            ("ans 1 me@local hush 1", "ans 1 me@local *** 1"),
            ("XYZ 1 t=hush", "XYZ 1 ***"),
            ("PNG t=hush", "PNG ***"),
        ] {
            assert_eq!(shown(In, line), wanted);
            assert!(!shown(In, line).contains("hush"));
        }
        for open in ["USR 3 TWN I me@local", "USR 3 TWN S", "VER 1 MSNP16 CVR0"] {
            assert_eq!(shown(In, open), open);
        }
        assert_eq!(
            shown(Out, "USR 3 TWN S lc=1033,id=507"),
            "USR 3 TWN S lc=1033,id=507"
        );
    }

    #[test]
    fn a_line_is_masked_before_it_is_cut() {
        let line = b"USR 4 TWN S t=hushhushhushhush&p=";
        for most in 0..line.len() {
            let text = quoted(In, line, most);
            assert!(!text.contains("hush") && !text.contains("t="), "{text}");
        }
        assert_eq!(quoted(In, b"USR 4 TWN S \xff\xfe", 64), "USR 4 TWN S ***");
    }

    proptest::proptest! {
        #[test]
        fn ranges_are_in_order_and_within(line: Vec<u8>, usr: bool) {
            let line = if usr { [b"USR 4 TWN S ", &line[..]].concat() } else { line };
            for direction in [In, Out] {
                let mut at = 0;
                for range in secrets(direction, &line) {
                    proptest::prop_assert!(range.start >= at && range.start < range.end && range.end <= line.len());
                    at = range.end;
                }
                quoted(direction, &line, 64);
            }
        }
    }
}
