//! Any line of the journal as one line of text.

use super::Line;
use crate::msnp::escape;

/// The line for the screen: escaped, and with secrets masked unless `show_secrets` is set. For a frame it is the
/// line without payload; for a request it is like `POST /abservice/abservice.asmx ABFindAll → 200  4.1 ms`.
pub fn summary(line: &Line<'_>, show_secrets: bool) -> String {
    summary_within(line, show_secrets, usize::MAX)
}

/// As [`summary`], made of the first `most` bytes only: a row of the screen need not pay for a line of 8 KiB.
/// (Escaping may make the text longer than `most`.)
pub fn summary_within(line: &Line<'_>, show_secrets: bool, most: usize) -> String {
    let shown = line.shown_line(show_secrets);
    let end = if shown.len() <= most {
        shown.len()
    } else {
        // Never within a character, if the bytes are text.
        (most.saturating_sub(3)..=most)
            .rev()
            .find(|at| shown[*at] & 0xc0 != 0x80)
            .unwrap_or(most)
    };
    let shown = &shown[..end];
    match std::str::from_utf8(shown) {
        // A text of our own has been escaped already where it quotes bytes.
        Ok(text) if !line.is_frame() => escape::safe(text),
        _ => escape::to_screen(shown),
    }
}
