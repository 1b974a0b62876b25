//! Colour for what subcommands print, where it goes to a terminal: the text is the same.

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

/// The text in colour: titles, which begin at the left, are bold; a line with a sign of success, doubt or failure has its
/// colour; of a line in columns the first stands out.
pub(super) fn paint(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let trimmed = line.trim_start();
        let signed = |signs: &[char]| trimmed.starts_with(signs);
        let style = if signed(&['✓', '●']) {
            GOOD
        } else if signed(&['✗']) || trimmed.starts_with("error") {
            ERROR
        } else if signed(&['⚠', '▸', '…']) || trimmed.starts_with("warning") {
            WARNING
        } else if trimmed.len() == line.len() && !line.is_empty() {
            BOLD
        } else {
            return columns(line);
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
        let text = "ILN  initial presence\n  8     transaction\n✓ done\n✗ went wrong\n\n  plain\n";
        let mut painted = paint(text);
        assert!(painted.contains("\x1b[36m8\x1b[0m"));
        assert!(painted.contains("\x1b[31m✗ went wrong\x1b[0m"));
        for code in [RESET, BOLD, GOOD, WARNING, ERROR, NAME] {
            painted = painted.replace(code, "");
        }
        assert_eq!(painted, text);
    }
}
