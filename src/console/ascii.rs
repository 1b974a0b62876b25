//! Screens for terminals that show ASCII alone: each sign has its own letter, so that nothing is lost. An arrow, which is
//! no mark but stands between two words, takes the blank behind it too.

use super::widget::marks;
use ratatui::buffer::Buffer;

/// The signs of the console beside its marks, and what stands for them. What is in no pair becomes a question mark.
const SIGNS: &[(&str, &str)] = &[
    ("─═", "-"),
    ("│║", "|"),
    // The frame of the pane with the keys is thick: without colour and bold letters it is told by this.
    ("━", "="),
    ("┃┏┓┗┛┣┫┳┻╋", "#"),
    (
        "┌┐└┘├┤┬┴┼┍┎┑┒┕┖┙┚┝┞┟┠┡┢┥┦┧┨┩┪┭┮┯┰┱┲┵┶┷┸┹┺┽┾┿╀╁╂╃╄╅╆╇╈╉╊",
        "+",
    ),
    ("▼↓", "v"),
    ("▲▴↑", "^"),
    ("•", ":"),
    ("—", "-"),
    ("‖", "="),
    ("▌▐", "|"),
];

/// The arrows in texts, as they are where a blank follows: a mark of the same look would be read as one.
const ARROWS: [(&str, [&str; 2]); 2] = [("→", ["-", ">"]), ("←", ["<", "-"])];

/// What stands for this on an ASCII screen.
fn ascii(symbol: &str) -> &'static str {
    let sign = SIGNS.iter().find(|(signs, _)| signs.contains(symbol));
    marks::letter(symbol).unwrap_or(sign.map_or("?", |(_, letter)| letter))
}

/// Leaves nothing but ASCII in a frame.
pub fn only(frame: &mut Buffer) {
    let mut cells = frame.content.iter_mut().peekable();
    while let Some(cell) = cells.next() {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        let arrow = ARROWS.iter().find(|(arrow, _)| *arrow == symbol);
        match (arrow, cells.peek_mut()) {
            (Some((_, [first, second])), Some(next)) if next.symbol() == " " => {
                cell.set_symbol(first);
                next.set_symbol(second);
            }
            (Some((_, [first, _])), _) => {
                cell.set_symbol(first);
            }
            (None, _) => {
                let letter = ascii(symbol);
                cell.set_symbol(letter);
            }
        }
    }
}

/// Whether the terminal shows ASCII alone, by the environment: its locale has another encoding than UTF-8, or it is a
/// console of Linux, which has 256 or 512 signs. Where nothing is said of the encoding it is UTF-8, as nearly everywhere.
pub fn is_needed(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let locale = set("LC_ALL")
        .or_else(|| set("LC_CTYPE"))
        .or_else(|| set("LANG"));
    let other = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    });
    other || set("TERM").as_deref() == Some("linux")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msnp::Status;
    use std::collections::BTreeSet;

    #[test]
    fn each_status_has_a_letter_of_its_own() {
        let letters: BTreeSet<_> = Status::ALL
            .map(|status| ascii(marks::of_status(status)))
            .into();
        assert_eq!(letters.len(), Status::ALL.len());
        assert!(!letters.contains("?"));
    }

    #[test]
    fn each_mark_has_a_letter_of_its_own() {
        let mut letters: BTreeSet<_> = marks::legend().map(|(mark, _)| ascii(mark)).collect();
        assert_eq!(letters.len(), marks::legend().count(), "{letters:?}");
        assert!(!letters.contains("?"));
        // Nor is one taken for the sign of what is marked.
        assert!(letters.insert("*"), "{letters:?}");
    }

    #[test]
    fn a_thick_frame_is_told_from_a_thin_one() {
        for (thick, thin) in [
            ("━", "─"),
            ("┃", "│"),
            ("┏", "┌"),
            ("┓", "┐"),
            ("┗", "└"),
            ("┛", "┘"),
        ] {
            assert_ne!(ascii(thick), ascii(thin));
        }
    }

    #[test]
    fn an_arrow_in_a_title_is_no_mark() {
        let drawn = |text: &str| {
            let mut frame = crate::console::screen::blank(16, 1);
            frame.set_string(0, 0, text, ratatui::style::Style::new());
            only(&mut frame);
            let cells = frame.content.iter().map(|cell| cell.symbol());
            cells.collect::<String>().trim_end().to_owned()
        };
        assert_eq!(drawn("Inject → all ▶ ◀"), "Inject ->all > <");
        assert_eq!(drawn("→x ← ↑"), "-x <-^");
    }

    #[test]
    fn the_locale_and_the_terminal_say_whether_it_is_needed() {
        let of = |set: &'static [(&str, &str)]| {
            is_needed(|name| {
                let held = set.iter().find(|(n, _)| *n == name);
                held.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(!of(&[]));
        assert!(!of(&[("LANG", "de_DE.UTF-8")]));
        assert!(!of(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(of(&[("LANG", "C")]));
        assert!(of(&[("LC_ALL", "POSIX"), ("LANG", "de_DE.UTF-8")]));
        assert!(of(&[("LANG", "en_US.ISO-8859-1")]));
        assert!(of(&[("TERM", "linux"), ("LANG", "C.UTF-8")]));
    }
}
