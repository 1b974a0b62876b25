//! What a terminal is asked before it is taken: all at once, so that one that answers nothing is waited for once.

use rustix::termios::{OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
use std::io::{self, Write as _};

/// What every terminal answers (DA1): when that has come, no more will.
const FENCE: &[u8] = b"\x1b[c";
/// Tenths of a second that an answer is waited for.
const PATIENCE: u8 = 3;
/// The most bytes of an answer.
const MOST: usize = 512;

/// Asks the terminal on standard input and output, which must not be in use yet. Gives back what it answered in time, and
/// whether that is all.
///
/// # Errors
/// Those of the terminal.
pub fn ask(question: &[u8]) -> io::Result<(Vec<u8>, bool)> {
    let input = rustix::stdio::stdin();
    let before = tcgetattr(input)?;
    let mut raw = before.clone();
    raw.make_raw();
    raw.special_codes[SpecialCodeIndex::VMIN] = 0;
    raw.special_codes[SpecialCodeIndex::VTIME] = PATIENCE;
    tcsetattr(input, OptionalActions::Now, &raw)?;
    let answer = exchange(question);
    tcsetattr(input, OptionalActions::Now, &before)?;
    answer
}

fn exchange(question: &[u8]) -> io::Result<(Vec<u8>, bool)> {
    let mut out = io::stdout();
    out.write_all(&[question, FENCE].concat())?;
    out.flush()?;
    let (mut answer, mut byte) = (Vec::new(), [0; 1]);
    // A byte at a time: a key that is pressed after the answer is left for those who wait for keys.
    while answer.len() < MOST && rustix::io::read(rustix::stdio::stdin(), &mut byte)? > 0 {
        answer.push(byte[0]);
        if is_whole(&answer) {
            return Ok((answer, true));
        }
    }
    Ok((answer, false))
}

/// Whether the last of the answer has come: `ESC [ ? … c`.
fn is_whole(answer: &[u8]) -> bool {
    let start = answer.windows(3).rposition(|three| three == b"\x1b[?");
    let last = start.and_then(|at| answer[at + 3..].strip_suffix(b"c"));
    last.is_some_and(|last| last.iter().all(|byte| matches!(byte, b'0'..=b'9' | b';')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_the_last_question_is_answered() {
        assert!(is_whole(b"\x1b]11;rgb:ff/ff/ff\x07\x1b[?62;22c"));
        assert!(is_whole(
            b"\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;c"
        ));
        assert!(!is_whole(b"\x1b[?1;0;256S\x1b]11;rgb:cc"));
        assert!(!is_whole(b"\x1b]11;rgb:cc/cc/cc"));
        assert!(!is_whole(b"\x1bP>|kitty(0.42.1)\x1b\\"));
    }
}
