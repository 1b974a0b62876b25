//! Pictures by the terminal's own graphics, in one of three ways. Kitty's protocol with Unicode placeholders: a picture is
//! sent once, under a number; then it stands wherever cells have the placeholder, in the colour of that number. Sixels and
//! iTerm2's inline images are drawn at a place of the screen, after the frame.
//!
//! Source: kitty's page "Terminal graphics protocol", sections "Querying support" and "Unicode placeholders"; iTerm2's page
//! "Inline images protocol"; for sixels and their colours xterm's "Control Sequences" (DA1, XTSMGRAPHICS, `CSI 16 t`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::Write as _;

/// Asks whether the terminal takes a picture (of one pixel, which is not kept), what it is (XTVERSION), how large a cell is,
/// and how many colours sixels have. Whether it has sixels it says in what every terminal answers (DA1).
pub const QUESTION: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[16t\x1b[?1;1S";
/// The most characters of base64 in one piece.
const PIECE: usize = 4_096;
/// How terminals name themselves that have placeholders. Others have the protocol, and show a placeholder as a letter that
/// they do not know; no question tells the two apart.
const KNOWN: [&str; 2] = ["kitty(", "ghostty"];
/// The first version of kitty that has placeholders; one before it draws them as letters too.
const KITTY: (u32, u32) = (0, 28);
/// How those name themselves that have iTerm2's inline images.
const INLINE: [&str; 2] = ["iTerm2", "WezTerm"];
/// A cell of the VT340 in pixels, and of a terminal that says nothing of its own.
const CELL: (u16, u16) = (10, 20);
/// Colours of a terminal that does not say how many it has.
const COLOURS: u16 = 256;

/// In which way a terminal shows pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Kitty's placeholders.
    Placeholders,
    /// iTerm2's inline images.
    Inline,
    /// Sixels.
    Sixel {
        /// Pixels of the width and height of a cell.
        cell: (u16, u16),
        /// How many colours there are at once.
        colours: u16,
    },
}

/// Whether pictures are drawn so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Graphics {
    /// Where the terminal answers that it has them.
    #[default]
    Auto,
    /// In any case: the operator knows that the terminal has them. In tmux kitty's are handed on, with `allow-passthrough on`.
    Kitty,
    /// The same of iTerm2's.
    Inline,
    /// The same of sixels.
    Sixel,
    /// Never.
    Off,
}

/// What may be asked for.
pub const GRAPHICS: [&str; 5] = ["auto", "kitty", "iterm2", "sixel", "off"];

impl Graphics {
    /// What this word of [`GRAPHICS`] asks for.
    pub fn named(word: &str) -> Self {
        match word {
            "kitty" => Graphics::Kitty,
            "iterm2" => Graphics::Inline,
            "sixel" => Graphics::Sixel,
            "off" => Graphics::Off,
            _ => Graphics::Auto,
        }
    }

    /// Whether the terminal is to be asked: not where it is known to have none, nor through tmux or screen. A tmux that was
    /// built with sixels says so even where the terminal around it has none.
    pub fn asks(self, variable: impl Fn(&str) -> Option<String>) -> bool {
        let term = variable("TERM").unwrap_or_default();
        let within = variable("TMUX").is_some() || variable("STY").is_some();
        let within = within || term.starts_with("tmux") || term.starts_with("screen");
        self == Graphics::Auto && !within && term != "linux"
    }

    /// The way that was asked for in any case. `cell` is what the system knows of the size of a cell.
    pub fn forced(self, cell: Option<(u16, u16)>) -> Option<How> {
        match self {
            Graphics::Auto | Graphics::Off => None,
            Graphics::Kitty => Some(How::Placeholders),
            Graphics::Inline => Some(How::Inline),
            Graphics::Sixel => Some(How::Sixel {
                cell: cell.unwrap_or(CELL),
                colours: COLOURS,
            }),
        }
    }
}

/// The way that a terminal has by its own answer. Sixels only where the size of a cell is known: by the system, or by the
/// answer.
pub fn of_answer(answer: &[u8], cell: Option<(u16, u16)>) -> Option<How> {
    let text = String::from_utf8_lossy(answer);
    let named = text.split("\x1bP>|").nth(1).unwrap_or_default();
    let is_of = |names: [&str; 2]| names.iter().any(|name| named.starts_with(name));
    let is_old = named.strip_prefix(KNOWN[0]).is_some_and(|version| {
        let mut parts = version
            .split(['.', ')'])
            .map_while(|part| part.parse().ok());
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < KITTY
    });
    if text.contains("\x1b_Gi=31;OK\x1b\\") && is_of(KNOWN) && !is_old {
        return Some(How::Placeholders);
    }
    if is_of(INLINE) {
        return Some(How::Inline);
    }
    // Each that ends in this letter, as its numbers.
    let numbers = |begins: &str, ends: char| {
        text.split(begins).skip(1).find_map(|part| {
            let (numbers, _) = part.split_once(ends)?;
            numbers
                .split(';')
                .map(|n| n.parse().ok())
                .collect::<Option<Vec<u16>>>()
        })
    };
    let kinds = numbers("\x1b[?", 'c')?;
    let told = match numbers("\x1b[6;", 't').as_deref() {
        Some([height @ (1..), width @ (1..)]) => Some((*width, *height)),
        _ => None,
    };
    let cell = cell.or(told)?;
    let colours = match numbers("\x1b[?1;0;", 'S').as_deref() {
        Some([colours @ (2..)]) => *colours,
        _ => COLOURS,
    };
    kinds
        .iter()
        .skip(1)
        .any(|kind| *kind == 4)
        .then_some(How::Sixel { cell, colours })
}

/// The bytes that draw a PNG over so many columns and rows at the cursor, as iTerm2 has it.
pub fn inline((columns, rows): (u16, u16), png: &[u8]) -> String {
    let (size, data) = (png.len(), BASE64.encode(png));
    format!(
        "\x1b]1337;File=inline=1;size={size};width={columns};height={rows};preserveAspectRatio=1;doNotMoveCursor=1:{data}\x07"
    )
}

/// The bytes that give the terminal a PNG under this number, to be shown in so many columns and rows. It answers nothing.
pub fn transmit(id: u32, (columns, rows): (u16, u16), png: &[u8]) -> String {
    let data = BASE64.encode(png);
    let mut out = String::with_capacity(data.len() + data.len() / 64 + 128);
    let mut rest = data.as_str();
    let mut first = true;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        let more = u8::from(!after.is_empty());
        let head = match std::mem::take(&mut first) {
            true => format!("a=T,U=1,q=2,f=100,t=d,i={id},c={columns},r={rows},m={more}"),
            false => format!("q=2,m={more}"),
        };
        // A String takes all.
        let _ = write!(out, "\x1b_G{head};{piece}\x1b\\");
        rest = after;
        if rest.is_empty() {
            return out;
        }
    }
}

/// The bytes that take a picture and its data away again.
pub fn delete(id: u32) -> String {
    format!("\x1b_Ga=d,d=I,q=2,i={id}\x1b\\")
}

/// The same bytes through tmux: each string by itself, every escape doubled.
pub fn through_tmux(strings: &str) -> String {
    let mut out = String::with_capacity(strings.len() * 2);
    for string in strings.split_inclusive("\x1b\\") {
        let doubled = string.replace('\x1b', "\x1b\x1b");
        let _ = write!(out, "\x1bPtmux;{doubled}\x1b\\");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_with_placeholders_are_known_by_both_answers() {
        let yes = "\x1b_Gi=31;OK\x1b\\";
        for (answer, has) in [
            // Placeholders came with 0.28.
            (format!("{yes}\x1bP>|kitty(0.26.5)\x1b\\\x1b[?62;c"), false),
            (format!("{yes}\x1bP>|kitty(0.27.1)\x1b\\\x1b[?62;c"), false),
            (format!("{yes}\x1bP>|kitty(0.28.0)\x1b\\\x1b[?62;c"), true),
            (format!("{yes}\x1bP>|kitty(1.0.0)\x1b\\\x1b[?62;c"), true),
            (format!("{yes}\x1bP>|kitty\x1b\\\x1b[?62;c"), false),
            (format!("{yes}\x1bP>|kittycat 9.0\x1b\\\x1b[?62;c"), false),
            (format!("{yes}\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;c"), true),
            (
                format!("\x1b]11;rgb:0/0/0\x07{yes}\x1bP>|ghostty 1.2.0\x1b\\\x1b[?62;22c"),
                true,
            ),
            (
                format!("{yes}\x1bP>|WezTerm 20240203\x1b\\\x1b[?65;c"),
                false,
            ),
            (format!("{yes}\x1b[?62;c"), false),
            (
                "\x1b_Gi=31;EINVAL:no\x1b\\\x1bP>|kitty(0.20)\x1b\\\x1b[?62;c".into(),
                false,
            ),
            ("\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;c".into(), false),
            (String::new(), false),
        ] {
            assert_eq!(
                of_answer(answer.as_bytes(), None) == Some(How::Placeholders),
                has,
                "{answer:?}"
            );
        }
    }

    #[test]
    fn sixels_and_inline_images_are_taken_where_the_answer_is_sure() {
        let sixel = |cell, colours| Some(How::Sixel { cell, colours });
        let xterm = "\x1bP>|XTerm(379)\x1b\\\x1b[?1;0;16S\x1b[?63;1;2;4;6;9;15;22c";
        for (answer, cell, how) in [
            (xterm, Some((8, 17)), sixel((8, 17), 16)),
            (xterm, None, None),
            ("\x1b[6;20;10t\x1b[?61;4;6;7c", None, sixel((10, 20), 256)),
            ("\x1b[6;0;0t\x1b[?61;4;6;7c", None, None),
            (
                "\x1b[?1;3;0S\x1b[?62;4c",
                Some((9, 18)),
                sixel((9, 18), 256),
            ),
            // 4 is the first of another family, 14 and 40 are other things.
            ("\x1b[?4c", Some((9, 18)), None),
            ("\x1b[?62;14;40c", Some((9, 18)), None),
            ("\x1b[?62;4", Some((9, 18)), None),
            (
                "\x1bP>|WezTerm 20240203\x1b\\\x1b[?65;4;6c",
                Some((9, 18)),
                Some(How::Inline),
            ),
            (
                "\x1bP>|iTerm2 3.5.0\x1b\\\x1b[?62;4c",
                None,
                Some(How::Inline),
            ),
            ("\x1bP>|VTE(7600)\x1b\\\x1b[?65;1;9c", Some((9, 18)), None),
            ("", Some((9, 18)), None),
        ] {
            assert_eq!(of_answer(answer.as_bytes(), cell), how, "{answer:?}");
        }
        assert_eq!(Graphics::named("sixel").forced(None), sixel((10, 20), 256));
        assert_eq!(Graphics::named("iterm2").forced(None), Some(How::Inline));
        assert_eq!(Graphics::Auto.forced(Some((8, 16))), None);
        assert!(
            inline((24, 12), b"PNG")
                .ends_with(";width=24;height=12;preserveAspectRatio=1;doNotMoveCursor=1:UE5H\x07")
        );
    }

    #[test]
    fn it_is_asked_only_where_an_answer_can_come() {
        let of = |named: &'static str, value: &'static str| {
            move |name: &str| (name == named).then(|| value.to_owned())
        };
        assert!(Graphics::Auto.asks(of("TERM", "xterm-kitty")));
        for (name, value) in [
            ("TERM", "linux"),
            ("TERM", "tmux-256color"),
            ("TERM", "screen"),
            ("TMUX", "/tmp/tmux"),
            ("STY", "1.pts"),
        ] {
            assert!(!Graphics::Auto.asks(of(name, value)), "{name}={value}");
        }
        assert!(!Graphics::Off.asks(of("TERM", "xterm-kitty")));
        assert!(!Graphics::Kitty.asks(of("TERM", "xterm-kitty")));
    }

    #[test]
    fn a_picture_goes_in_pieces_and_through_tmux_each_by_itself() {
        let png = vec![0; 4_000];
        let sent = transmit(7, (24, 12), &png);
        let pieces: Vec<&str> = sent.split_inclusive("\x1b\\").collect();
        assert_eq!(pieces.len(), 2);
        assert!(pieces[0].starts_with("\x1b_Ga=T,U=1,q=2,f=100,t=d,i=7,c=24,r=12,m=1;AAAA"));
        assert!(pieces[1].starts_with("\x1b_Gq=2,m=0;AAAA"));
        let data: String = pieces
            .iter()
            .filter_map(|piece| piece.strip_suffix("\x1b\\")?.split_once(';'))
            .map(|(_, data)| data)
            .collect();
        assert_eq!(BASE64.decode(data).expect("base64"), png);
        assert_eq!(
            through_tmux(&(delete(7) + &delete(8))),
            "\x1bPtmux;\x1b\x1b_Ga=d,d=I,q=2,i=7\x1b\x1b\\\x1b\\\x1bPtmux;\x1b\x1b_Ga=d,d=I,q=2,i=8\x1b\x1b\\\x1b\\"
        );
    }
}
