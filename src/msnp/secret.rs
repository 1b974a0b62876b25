//! Which parts of a line are secret: tickets and the tokens that let a client in.

use super::Direction;
use std::ops::Range;

/// The ranges of `line` that hold a ticket, a sign-in blob or a switchboard token.
///
/// In `USR t TWN S ticket` and `USR t SSO S ticket blob` the ticket lets whoever has it sign in; `XFR t SB
/// address CKI token`, `RNG`, `ANS` and the switchboard's own USR carry a token that does the same there.
pub fn ranges(direction: Direction, line: &[u8]) -> Vec<Range<u32>> {
    // Most lines have none, and this is asked of every line: look no further than the verb.
    let wanted = match (direction, line.get(..4)) {
        (Direction::In, Some(b"USR ")) => in_usr as fn(&[Token<'_>]) -> Range<usize>,
        (Direction::In, Some(b"ANS ")) => in_ans,
        (Direction::Out, Some(b"XFR " | b"RNG ")) => after_cki,
        _ => return Vec::new(),
    };
    let tokens: Vec<Token<'_>> = tokens(line).collect();
    let range = wanted(&tokens);
    tokens
        .get(range.start..range.end.min(tokens.len()))
        .unwrap_or_default()
        .iter()
        .map(|(at, token)| *at as u32..(*at + token.len()) as u32)
        .collect()
}

type Token<'a> = (usize, &'a [u8]);

fn tokens(line: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    line.split(|b| *b == b' ').filter_map(move |token| {
        let start = at;
        at += token.len() + 1;
        (!token.is_empty()).then_some((start, token))
    })
}

fn in_usr(tokens: &[Token<'_>]) -> Range<usize> {
    match (tokens.get(2), tokens.get(3)) {
        (Some((_, b"TWN")), Some((_, b"S"))) => 4..5,
        (Some((_, b"SSO")), Some((_, b"S"))) => 4..6,
        // What asks for a challenge names an account, and nothing else.
        (_, Some((_, b"I"))) => 0..0,
        // The switchboard's: `USR t account token`.
        _ => 3..4,
    }
}

fn in_ans(_: &[Token<'_>]) -> Range<usize> {
    3..4
}

fn after_cki(tokens: &[Token<'_>]) -> Range<usize> {
    tokens
        .iter()
        .position(|(_, token)| *token == b"CKI")
        .map_or(0..0, |at| at + 1..at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(direction: Direction, line: &str) -> Vec<&str> {
        ranges(direction, line.as_bytes())
            .into_iter()
            .map(|r| &line[r.start as usize..r.end as usize])
            .collect()
    }

    #[test]
    fn tickets_and_tokens_are_and_nothing_else_is() {
        use Direction::{In, Out};
        assert_eq!(secret(In, "USR 4 TWN S t=a&p= 2354"), ["t=a&p="]);
        assert_eq!(secret(In, "USR  4 SSO S t=a blob {guid}"), ["t=a", "blob"]);
        assert_eq!(secret(In, "USR 3 TWN I me@local"), [""; 0]);
        assert_eq!(secret(In, "USR 3 me@local 17.5"), ["17.5"]);
        assert_eq!(secret(Out, "XFR 9 SB h:1 CKI 17.5"), ["17.5"]);
        assert_eq!(secret(Out, "RNG 1 h:1 CKI 17.5 a@b A"), ["17.5"]);
        assert_eq!(secret(In, "ANS 1 me@local 17.5 11"), ["17.5"]);
        assert_eq!(secret(Out, "USR 3 TWN S lc=1033"), [""; 0]);
        assert_eq!(secret(In, "CHG 8 NLN 0"), [""; 0]);
        assert_eq!(secret(In, "USR"), [""; 0]);
        assert_eq!(secret(In, "USR 4 TWN S"), [""; 0]);
    }
}
