//! Colour for what subcommands print, where it goes to a terminal: the text is the same.

use crate::findings::{Page, Tone};
use crate::msnp::escape::safe;
use std::io::IsTerminal as _;

const RESET: &str = "\x1b[0m";
const BOLD: &str = "\x1b[1m";
const GOOD: &str = "\x1b[32m";
const WARNING: &str = "\x1b[33m";
const ERROR: &str = "\x1b[31m";
const NAME: &str = "\x1b[36m";

/// Whether standard output takes colour: it is a terminal that has some, and `NO_COLOR` does not forbid it.
pub(super) fn is_wanted() -> bool {
    let forbidden = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !forbidden && !dumb
}

/// The lines of a page, safe on a screen; in colour where that is wanted: the text is the same.
pub(super) fn paint(page: &Page, in_colour: bool) -> String {
    let lines = page.lines().map(|(tone, line)| {
        let line = safe(line);
        let style = match tone {
            _ if !in_colour || line.is_empty() => return line,
            Tone::Title => BOLD,
            Tone::Good => GOOD,
            Tone::Doubt => WARNING,
            Tone::Wrong => ERROR,
            Tone::Plain => return columns(&line),
        };
        format!("{style}{line}{RESET}")
    });
    lines.map(|line| line + "\n").collect()
}

/// A line that is set in, with its first column in colour where two spaces end one.
fn columns(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    match line[indent..].find("  ") {
        Some(end) => {
            let (name, rest) = line[indent..].split_at(end);
            format!("{}{NAME}{name}{RESET}{rest}", &line[..indent])
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_colours_the_text_is_the_same() {
        let mut page = Page::default();
        for (tone, line) in [
            (Tone::Title, "ILN  initial presence"),
            (Tone::Plain, "  8     transaction"),
            (Tone::Good, "✓ done"),
            (Tone::Wrong, "went wrong"),
            (Tone::Plain, ""),
            (Tone::Plain, "  error, says a client"),
        ] {
            page.put(tone, line);
        }
        let mut painted = paint(&page, true);
        assert!(painted.contains("\x1b[36m8\x1b[0m"));
        assert!(painted.contains("\x1b[31mwent wrong\x1b[0m"));
        // What a line says decides nothing.
        assert!(painted.contains("\n  error, says a client\n"));
        for code in [RESET, BOLD, GOOD, WARNING, ERROR, NAME] {
            painted = painted.replace(code, "");
        }
        assert_eq!(painted, page.to_string());
        assert_eq!(painted, paint(&page, false));
    }
}
